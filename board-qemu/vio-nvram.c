/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Variables straight from NVRAM, for what must be known before PCI is walked: the environment proper
 * comes later. The device is read once, through RTAS, when the first variable is asked for.
 */
#define LOG_TAG "nvram"
#include "board.h"

#include <string.h>

#include "rtas.h"

#include "base/heap.h"
#include "base/log.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "nvram/nvram.h"
#include "of/machine.h"

#define NVRAM_LEAST (8u * 1024)
#define NVRAM_MOST  (1024u * 1024)

static uint8_t *image;
static uint32_t image_size;

static const struct dt_node *nvram_node(void)
{
	const struct dt_node *vdevice = dt_path_find(of_tree(), "/vdevice");

	for (struct dt_node *n = vdevice ? vdevice->child : NULL; n; n = n->next)
		if (dt_prop_lists(n, "compatible", "qemu,spapr-nvram"))
			return n;
	return NULL;
}

static void nvram_load(void)
{
	const struct dt_node *node = nvram_node();
	uint32_t bytes = node ? dt_prop_u32_or(node, "#bytes", 0) : 0;

	if (!node)
		return;
	if (bytes < NVRAM_LEAST || bytes > NVRAM_MOST) {
		log_warn("%s: #bytes %u is not 8 KiB to 1 MiB, not used", node->name, bytes);
		return;
	}
	image = try_alloc(bytes);
	if (!image || rtas_nvram_fetch(0, image, bytes)) {
		log_warn("%s: %u bytes cannot be read", node->name, bytes);
		return;
	}
	image_size = bytes;
}

bool nvram_flag(const char *name)
{
	const char *value;
	size_t len;

	if (!image)
		nvram_load();
	if (nvram_var(image, image_size, name, &value, &len))
		return false;
	return len == 4 && !memcmp(value, "true", 4);
}
