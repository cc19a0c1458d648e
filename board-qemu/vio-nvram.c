/* SPDX-License-Identifier: BSD-2-Clause */
/* The NVRAM device below /vdevice, read and written through RTAS; its size is "#bytes". */
#include "board.h"

#include "rtas.h"

#include "dt/path.h"
#include "dt/prop.h"
#include "of/env.h"
#include "of/machine.h"

static struct dt_node *nvram_node(void)
{
	const struct dt_node *vdevice = dt_path_find(of_tree(), "/vdevice");

	for (struct dt_node *n = vdevice ? vdevice->child : NULL; n; n = n->next)
		if (dt_prop_lists(n, "compatible", "qemu,spapr-nvram"))
			return n;
	return NULL;
}

static int read_nvram(struct nvdev *nv, uint32_t offset, void *buf, uint32_t len)
{
	(void)nv;
	return rtas_nvram_fetch(offset, buf, len);
}

static int write_nvram(struct nvdev *nv, uint32_t offset, const void *buf, uint32_t len)
{
	(void)nv;
	return rtas_nvram_store(offset, buf, len);
}

struct nvdev *nvram_device(void)
{
	static const struct nvdev_ops ops = {read_nvram, write_nvram};
	static struct nvdev device = {&ops, 0};
	struct dt_node *node = nvram_node();

	device.size = node ? dt_prop_u32_or(node, "#bytes", 0) : 0;
	if (node)
		of_bind_nvram(node, &device);
	return node ? &device : NULL;
}
