/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * /packages/disk-label and /packages/deblocker, for drivers written in Forth: a driver opens one of them with
 * itself as parent and hands its own read, write, seek and load on to it. Either is a disk like any
 * other, whose device is the parent's read-blocks and write-blocks; the deblocker takes no arguments.
 */
#define LOG_TAG "disk"
#include "block-priv.h"

#include "base/err.h"
#include "base/heap.h"
#include "of/machine.h"
#include "of/memory.h"

#include <string.h>

#include "of-priv.h"

struct support {
	struct label label; /* first: the methods find it as the state of the instance */
	struct disk disk;
	struct blkdev bd;
	struct instance *parent;
	uint8_t *bounce; /* memory that has an address for whoever implements the parent */
};

#define BOUNCE_BYTES 65536u /* the largest block, too */

/* A method of the parent's without arguments that leaves one number; other if it has none. */
static uint64_t ask(struct instance *parent, const char *method, uint64_t other)
{
	cell_t cells[4];
	struct stack st = {cells, 0, ARRAY_SIZE(cells)};

	if (instance_call(parent, method, &st) || st.depth == 0)
		return other;
	return cells[st.depth - 1];
}

/* n blocks between the parent and the bounce buffer. */
static int parent_transfer(struct support *s, const char *method, uint64_t block, uint32_t n)
{
	cell_t cells[4] = {ram_address(s->bounce), block, n};
	struct stack st = {cells, 3, ARRAY_SIZE(cells)};
	bool before = mem_distrust(false); /* the buffer is ours */
	int err = instance_call(s->parent, method, &st);

	mem_distrust(before);
	if (err)
		return err;
	return st.depth > 0 && cells[st.depth - 1] == n ? 0 : E_IO;
}

static int parent_read(struct blkdev *bd, uint64_t block, uint32_t n, void *buf)
{
	struct support *s = container_of(bd, struct support, bd);
	int err = parent_transfer(s, "read-blocks", block, n);

	if (!err)
		memcpy(buf, s->bounce, (size_t)n * bd->block_size);
	return err;
}

static int parent_write(struct blkdev *bd, uint64_t block, uint32_t n, const void *buf)
{
	struct support *s = container_of(bd, struct support, bd);

	memcpy(s->bounce, buf, (size_t)n * bd->block_size);
	return parent_transfer(s, "write-blocks", block, n);
}

static void parent_stop(struct blkdev *bd UNUSED)
{
}

static const struct blkdev_ops parent_ops = {
	.read = parent_read, .write = parent_write, .stop = parent_stop};

#define BLOCKS_UNKNOWN (1ull << 40)

static int parent_start(void *ctx, struct blkdev **bd)
{
	struct support *s = ctx;
	uint64_t size = ask(s->parent, "block-size", 512), most;

	if (size == 0 || size > BOUNCE_BYTES)
		return E_FORMAT;
	most = ask(s->parent, "max-transfer", BOUNCE_BYTES);
	most = (most < BOUNCE_BYTES ? most : BOUNCE_BYTES) / size;
	s->bd = (struct blkdev){
		.ops = &parent_ops,
		.block_size = (uint32_t)size,
		.blocks = ask(s->parent, "#blocks", BLOCKS_UNKNOWN),
		.max_blocks = most == 0 ? 1 : (uint32_t)most,
		.about = "its parent",
	};
	*bd = &s->bd;
	return 0;
}

static void drop(struct support *s)
{
	disk_drop(&s->disk);
	dma_free_pages(s->bounce, BOUNCE_BYTES);
}

static int support_open(struct instance *in, const char *args)
{
	struct support *s = in->state;
	int err;

	if (!in->parent)
		return E_INVAL;
	s->bounce = dma_alloc_pages(BOUNCE_BYTES, 4096);
	if (!s->bounce)
		return E_NOMEM;
	s->parent = in->parent;
	s->disk.source = (struct block_source){.start = parent_start, .ctx = s, .driver = "parent"};
	s->disk.name = xstrdup(in->parent->node ? in->parent->node->name : "");
	s->disk.on_quiesce = true; /* the parent's own matter */
	err = disk_open(&s->disk);
	if (!err) {
		err = label_open(&s->label, &s->disk, args);
		if (err)
			disk_close(&s->disk);
	}
	if (err)
		drop(s);
	return err;
}

static int disk_label_open(struct instance *in)
{
	return support_open(in, in->args);
}

static int deblocker_open(struct instance *in)
{
	return support_open(in, "");
}

static void support_close(struct instance *in)
{
	struct support *s = in->state;

	label_close(&s->label);
	disk_close(&s->disk);
	drop(s);
}

static const struct pkg_class class_disk_label = {
	.state_size = sizeof(struct support),
	.open = disk_label_open,
	.close = support_close,
	.methods = label_methods,
};

static const struct pkg_class class_deblocker = {
	.state_size = sizeof(struct support),
	.open = deblocker_open,
	.close = support_close,
	.methods = label_methods,
};

void block_packages(void)
{
	struct dt_node *packages = dt_child_get(of_tree(), of_tree()->root, "packages");

	of_bind(dt_child_get(of_tree(), packages, "disk-label"), &class_disk_label, NULL);
	of_bind(dt_child_get(of_tree(), packages, "deblocker"), &class_deblocker, NULL);
}
