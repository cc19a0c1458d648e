/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The package of a disk: IEEE 1275's methods of a block device, of its deblocker and of its disk label
 * in one table. An instance without arguments is the device, bytes and blocks alike; with arguments its
 * bytes are those of a partition or a file (disk-label.c). The block methods see the whole device
 * whatever the arguments are.
 */
#define LOG_TAG "disk"
#include "block-priv.h"

#include "base/arith.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "dt/path.h"
#include "of/drives.h"
#include "of/machine.h"
#include "of/memory.h"

#include <string.h>

#include "of-priv.h"

#define FAILED ((cell_t)-1)

static int block_open(struct instance *in)
{
	struct disk *disk = in->data;
	struct label *label = in->state;
	int err = disk_open(disk);

	if (err)
		return err;
	err = label_open(label, disk, in->args);
	if (!err && label->fs && label->file.kind != FS_FILE) {
		tell_warn(disk->name, in->args, "not a file");
		label_close(label);
		err = E_INVAL;
	}
	if (err)
		disk_close(disk);
	return err;
}

static void block_close(struct instance *in)
{
	label_close(in->state);
	disk_close(in->data);
}

/* The device, while it runs. */
static struct disk *disk_of(struct instance *in)
{
	struct disk *disk = in ? in->data : NULL;

	return disk && disk->bd ? disk : NULL;
}

/* ---- bytes ------------------------------------------------------------------------------ */

/* What failed has been told; -1 is the result then, as clients expect it. */
static int m_read(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	uint64_t len = arg_pop(st), addr = arg_pop(st), done = 0;
	void *buf = mem_pointer(addr, len);

	if (!in)
		return E_INVAL;
	if (!buf)
		return E_RANGE;
	arg_push(st, label_read(in->state, buf, len, &done) ? FAILED : done);
	return 0;
}

static int m_write(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	uint64_t len = arg_pop(st), addr = arg_pop(st), done = 0;
	const void *buf = mem_pointer(addr, len);

	if (!in)
		return E_INVAL;
	if (!buf)
		return E_RANGE;
	arg_push(st, label_write(in->state, buf, len, &done) ? FAILED : done);
	return 0;
}

/* Two 32-bit halves; who has 64-bit cells may put everything in the lower one. */
static uint64_t double_of(cell_t lo, cell_t hi)
{
	return hi << 32 | lo;
}

static int m_seek(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	cell_t hi = arg_pop(st), lo = arg_pop(st);
	struct label *label = in ? in->state : NULL;

	if (!label)
		return E_INVAL;
	if (double_of(lo, hi) > label_size(label)) {
		arg_push(st, FAILED);
		return 0;
	}
	label->at = double_of(lo, hi);
	arg_push(st, 0);
	return 0;
}

static void push_double(struct stack *st, uint64_t v)
{
	arg_push(st, (uint32_t)v);
	arg_push(st, v >> 32);
}

static int m_size(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	if (!in)
		return E_INVAL;
	push_double(st, label_size(in->state));
	return 0;
}

/* Where a position in the partition is on the device. */
static int m_offset(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	cell_t hi = arg_pop(st), lo = arg_pop(st);
	const struct label *label = in ? in->state : NULL;

	if (!label)
		return E_INVAL;
	push_double(st, label->view.start + double_of(lo, hi));
	return 0;
}

/* ---- blocks ----------------------------------------------------------------------------- */

enum direction { FROM_DEVICE, TO_DEVICE };

/* ( addr block# #blocks -- #done ) */
static int transfer(struct instance *in, struct stack *st, enum direction way)
{
	uint64_t n = arg_pop(st), block = arg_pop(st), addr = arg_pop(st);
	struct disk *disk = disk_of(in);
	uint64_t offset, len;
	void *buf;
	int err;

	if (!disk)
		return E_STALE;
	if (!mul_ok(n, disk->bd->block_size, &len) || !mul_ok(block, disk->bd->block_size, &offset))
		return E_RANGE;
	buf = mem_pointer(addr, len);
	if (!buf)
		return E_RANGE;
	err = way == TO_DEVICE ? disk_write(disk, offset, buf, len)
			       : disk_read(disk, offset, buf, len);
	arg_push(st, err ? 0 : n);
	return 0;
}

static int m_read_blocks(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	return transfer(in, st, FROM_DEVICE);
}

static int m_write_blocks(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	return transfer(in, st, TO_DEVICE);
}

static int m_block_size(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	struct disk *disk = disk_of(in);

	if (!disk)
		return E_STALE;
	arg_push(st, disk->bd->block_size);
	return 0;
}

static int m_blocks(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	struct disk *disk = disk_of(in);

	if (!disk)
		return E_STALE;
	arg_push(st, disk->bd->blocks);
	return 0;
}

static int m_max_transfer(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	struct disk *disk = disk_of(in);

	if (!disk)
		return E_STALE;
	arg_push(st, (uint64_t)disk->bd->max_blocks * disk->bd->block_size);
	return 0;
}

static int m_load(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	uint64_t addr = arg_pop(st), size = 0;
	int err = in ? disk_load(in->state, in->args, addr, &size) : E_INVAL;

	if (!err)
		arg_push(st, size);
	return err;
}

/* Its first and its last block can be read; 1: not the first, 2: not the last. */
static int m_selftest(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	const struct disk *disk = in ? in->data : NULL;
	struct blkdev *bd = disk ? disk->bd : NULL;
	void *buf = bd ? try_alloc(bd->block_size) : NULL;
	cell_t code = 0;

	if (!buf)
		return bd ? E_NOMEM : E_INVAL;
	if (blkdev_read(bd, 0, 1, buf))
		code = 1;
	else if (blkdev_read(bd, bd->blocks - 1, 1, buf))
		code = 2;
	if (code)
		tell_warn(disk->name, NULL, "selftest: the %s block cannot be read",
			  code == 1 ? "first" : "last");
	heap_free(buf);
	arg_push(st, code);
	return 0;
}

const struct method label_methods[] = {
	{"read", "( addr len -- actual )", m_read},
	{"write", "( addr len -- actual )", m_write},
	{"seek", "( pos.lo pos.hi -- status )", m_seek},
	{"size", "( -- size.lo size.hi )", m_size},
	{"offset", "( rel.lo rel.hi -- abs.lo abs.hi )", m_offset},
	{"load", "( addr -- size )", m_load},
	{NULL, NULL, NULL},
};

static const struct method block_methods[] = {
	{"read", "( addr len -- actual )", m_read},
	{"write", "( addr len -- actual )", m_write},
	{"seek", "( pos.lo pos.hi -- status )", m_seek},
	{"size", "( -- size.lo size.hi )", m_size},
	{"offset", "( rel.lo rel.hi -- abs.lo abs.hi )", m_offset},
	{"load", "( addr -- size )", m_load},
	{"read-blocks", "( addr block# #blocks -- #read )", m_read_blocks},
	{"write-blocks", "( addr block# #blocks -- #written )", m_write_blocks},
	{"block-size", "( -- bytes )", m_block_size},
	{"#blocks", "( -- #blocks )", m_blocks},
	{"max-transfer", "( -- bytes )", m_max_transfer},
	{"selftest", "( -- 0|code )", m_selftest},
	{NULL, NULL, NULL},
};

/* A disk whose controller has more of them (NVMe). */
static bool block_populate(struct dt_node *node)
{
	struct disk *disk = of_data(node);
	const struct drive_source *drives = disk->source.drives;

	disk->source.drives = NULL;
	return drives && !of_is_quiesced() && of_add_drives(node, drives);
}

static const struct pkg_class class_block = {
	.device_type = "block",
	.state_size = sizeof(struct label),
	.open = block_open,
	.close = block_close,
	.methods = block_methods,
	.populate = block_populate,
};

static struct disk *disks;

void of_bind_block(struct dt_node *node, const struct block_source *source)
{
	struct disk *disk = xalloc(sizeof(*disk));
	size_t len = dt_path_of(node, NULL, 0);

	disk->source = *source;
	disk->name = xalloc(len + 1);
	dt_path_of(node, disk->name, len + 1);
	disk->next = disks;
	disks = disk;
	of_bind(node, &class_block, disk);
}

struct blkdev *of_block_started(struct dt_node *node)
{
	const struct disk *disk = of_class(node) == &class_block ? of_data(node) : NULL;

	return disk ? disk->bd : NULL;
}

/* ---- directories ------------------------------------------------------------------------ */

struct listing {
	bool (*each)(void *ctx, const struct of_dir_entry *e);
	void *ctx;
};

static bool hand_on(void *ctx, const struct fs_entry *e)
{
	const struct listing *l = ctx;
	const struct of_dir_entry entry = {e->name, e->node.size, e->node.kind == FS_DIR,
					   e->node.kind == FS_LINK};

	return l->each(l->ctx, &entry);
}

/* Without a path the root is meant. */
static char *with_path(const char *args)
{
	size_t len = strlen(args) + sizeof(",\\");
	char *text = xalloc(len);
	struct strbuf sb = strbuf_on(text, len);

	strbuf_str(&sb, args);
	if (!strpbrk(args, "\\/,"))
		strbuf_str(&sb, ",\\");
	return text;
}

static int list(struct disk *disk, const char *args, struct listing *l)
{
	char *full = with_path(args);
	struct label label;
	int err = label_open(&label, disk, full);

	heap_free(full);
	if (err)
		return err;
	err = label.fs ? fs_list(label.fs, &label.file, hand_on, l) : E_INVAL;
	if (err == E_INVAL)
		tell_warn(disk->name, args, "no directory");
	else if (err)
		tell_warn(disk->name, args, "%s",
			  fs_why(label.fs) ? fs_why(label.fs) : err_text(err));
	label_close(&label);
	return err;
}

static int list_path(const char *path, struct listing *l)
{
	struct dt_node *node;
	struct disk *disk;
	char *args = NULL;
	int err = dt_path_resolve(of_tree(), path, &node, &args);

	if (!err && of_class(node) != &class_block)
		err = E_UNSUPP;
	if (err) {
		tell_warn(path, NULL, "%s", err == E_UNSUPP ? "it is no disk" : err_text(err));
		heap_free(args);
		return err;
	}
	disk = of_data(node);
	err = disk_open(disk);
	if (!err) {
		err = list(disk, args ? args : "", l);
		disk_close(disk);
	}
	heap_free(args);
	return err;
}

int of_block_dir(const char *path, bool (*each)(void *, const struct of_dir_entry *), void *ctx,
		 const char **why)
{
	struct listing l = {each, ctx};
	bool mine = !reason_is_wanted();
	char *full;
	int err;

	(void)of_find_node(path); /* disks behind a host appear when somebody looks */
	full = dt_path_expand(of_tree(), path);
	if (mine)
		reason_start(full ? full : path);
	err = list_path(full ? full : path, &l);
	if (mine)
		reason_end(!err);
	*why = mine && *reason_text() ? reason_text() : err_text(err);
	heap_free(full);
	return err;
}

void of_block_gone(struct dt_node *node)
{
	for (struct dt_node *n = node; n; n = dt_next(node, n))
		if (of_class(n) == &class_block)
			disk_gone(of_data(n));
}

void block_reset(void)
{
	while (disks) {
		struct disk *disk = disks;

		disks = disk->next;
		deblock_free(disk->cache);
		heap_free(disk->name);
		heap_free(disk);
	}
}
