/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ibm,client-architecture-support, the root's method by which an OS says what it can do. QEMU answers
 * with a complete new tree, which is merged into ours: what QEMU made follows it, what we made stays
 * (dt/merge.h). While building that tree QEMU renumbered the PCI buses its own way, so our numbers
 * are written again. QEMU ends the machine when the reply buffer is too small: it gets 2 MiB.
 */
#define LOG_TAG "cas"
#include "board.h"

#include <string.h>

#include "hv.h"
#include "memmap.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "dt/fdt.h"
#include "dt/prop.h"
#include "of/instance.h"
#include "of/machine.h"
#include "of/memory.h"
#include "of/method.h"

#define REPLY_BYTES 0x200000u
#define REPLY_SHIFT 4 /* the tree behind the 4-byte header must be aligned to 8 */

/* /chosen comes back without the boot's properties: ours keeps them. */
static bool keeps_properties(const struct dt_node *node)
{
	return node->parent && !node->parent->parent && !strcmp(node->name, "chosen");
}

static void added(struct dt_node *node, void *ctx)
{
	(void)ctx;
	log_info("%s appeared below %s", node->name, node->parent->name);
	phb_node_added(node);
	if (dt_prop_lists(node, "device_type", "memory"))
		of_bind_memory(node);
}

static void removed(struct dt_node *node, void *ctx)
{
	(void)ctx;
	log_info("%s below %s is gone", node->name, node->parent->name);
	phb_node_removed(node);
	instance_forget_node(node);
}

static const struct dt_merge_policy policy = {keeps_properties, added, removed, NULL};

static int merge_reply(const uint8_t *fdt)
{
	struct dt_merge_report rep;
	struct dt_tree fresh;
	const char *why;
	size_t size;
	int err = dt_fdt_check(fdt, REPLY_BYTES - 4, &size, &why);

	if (err) {
		log_err("the reply's tree is unusable: %s", why);
		return err;
	}
	err = dt_from_fdt(&fresh, fdt);
	if (err)
		return err;
	rep = dt_merge(of_tree(), &fresh, &policy);
	log_info("merged %zu bytes: %u nodes new, %u gone, %u properties changed, %u gone", size,
		 rep.nodes_added, rep.nodes_removed, rep.props_changed, rep.props_removed);
	board_memory_add_nodes();
	phb_renumber_all();
	return 0;
}

/* ( vec -- ) The catch result is what the client looks at. */
static int cas_call(struct instance *in, struct stack *st, const struct method *self)
{
	uint64_t vec = st->cell[st->depth - 1], from;
	uint8_t *pages;
	int err = 0;
	int64_t rc;

	(void)in;
	(void)self;
	if (!mem_client_may(vec, 1))
		return E_RANGE;
	pages = dma_alloc_pages(REPLY_BYTES + 4096, 4096);
	if (!pages) {
		log_err("no memory for the hypervisor's reply");
		return E_NOMEM;
	}
	from = clock_us();
	rc = hv_cas(vec, (uintptr_t)pages + REPLY_SHIFT, REPLY_BYTES);
	/* With many bridges that takes QEMU minutes; people should not look for them here. */
	log_info("the hypervisor took %u ms", (unsigned)((clock_us() - from) / 1000));
	if (rc != H_SUCCESS) {
		log_warn("the hypervisor refused: %lld", (long long)rc);
		err = E_IO;
	} else if (get_be32(pages + REPLY_SHIFT) != 0) {
		err = merge_reply(pages + REPLY_SHIFT + 4);
	}
	dma_free_pages(pages, REPLY_BYTES + 4096);
	/* Linux asks for one result behind the catch result: 0, it worked. */
	st->cell[st->depth - 1] = err ? 1 : 0;
	return err;
}

static const struct method root_methods[] = {
	{"ibm,client-architecture-support", "( vec -- failed? )", cas_call},
	{0},
};
static const struct pkg_class root_class = {.methods = root_methods};

void cas_init(void)
{
	of_bind(of_tree()->root, &root_class, NULL);
}
