/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes as a disk for the fuzz targets of libblk: a view over the input. It can be padded with zeros, and
 * counts what is read, so that a target can tell work without end from work.
 */
#ifndef FUZZ_DISK_H
#define FUZZ_DISK_H

#include <string.h>

#include "base/panic.h"
#include "blk/fs.h"

struct fuzz_disk {
	const uint8_t *data;
	size_t size;
	uint64_t skip; /* zeros before the data */
	uint64_t reads;
};

static int fuzz_read(void *ctx, uint64_t offset, void *buf, uint64_t len)
{
	struct fuzz_disk *d = ctx;
	uint8_t *to = buf;

	d->reads++;
	for (uint64_t i = 0; i < len; i++, offset++)
		to[i] = offset >= d->skip && offset - d->skip < d->size ? d->data[offset - d->skip]
									: 0;
	return 0;
}

static inline struct blk_view fuzz_view(struct fuzz_disk *d, uint64_t size, uint32_t block_size)
{
	return (struct blk_view){
		.read = fuzz_read, .ctx = d, .size = size, .block_size = block_size};
}

#define FUZZ_READS_MAX 20000000u
#define FUZZ_FILE_MAX  (1u << 20) /* how much of a file is read */

struct fuzz_tour {
	struct fs *fs;
	struct fs_node dir[8]; /* the first directories found */
	unsigned dirs, files;
	uint8_t *buf;
};

static bool fuzz_entry(void *ctx, const struct fs_entry *e)
{
	struct fuzz_tour *t = ctx;

	assert(e->len <= FS_NAME_MAX && e->name[e->len] == '\0');
	if (e->node.kind == FS_DIR && t->dirs < 8)
		t->dir[t->dirs++] = e->node;
	return ++t->files < 1000;
}

static void fuzz_read_file(struct fs *fs, const struct fs_node *n, uint8_t *buf)
{
	uint64_t len = n->size < FUZZ_FILE_MAX ? n->size : FUZZ_FILE_MAX;

	if (n->kind != FS_FILE)
		return;
	if (fs_read(fs, n, 0, buf, len))
		return;
	if (n->size > 0 && fs_read(fs, n, n->size - 1, buf, 1) == 0)
		assert(fs_read(fs, n, n->size, buf, 1) != 0);
	if (n->size > 1000 && fs_read(fs, n, n->size / 2, buf, 500))
		return;
}

/* Mount, look up names, list directories, read files. */
static inline void fuzz_fs(struct fuzz_disk *d, const struct blk_view *v, uint8_t *buf)
{
	static const char *const paths[] = {"\\ppc\\bootinfo.txt",
					    "/boot/grub/core.elf",
					    "/a/b/../c/./d",
					    "link",
					    "BIG.BIN",
					    "x"};
	struct fuzz_tour t = {.buf = buf};
	const char *why;

	if (fs_mount(v, &t.fs, &why))
		return;
	for (unsigned i = 0; i < ARRAY_SIZE(paths); i++) {
		struct fs_node n;

		if (!fs_find(t.fs, paths[i], &n))
			fuzz_read_file(t.fs, &n, buf);
	}
	if (!fs_find(t.fs, "/", &t.dir[0]))
		t.dirs = 1;
	for (unsigned i = 0; i < t.dirs; i++)
		if (fs_list(t.fs, &t.dir[i], fuzz_entry, &t))
			break;
	fs_unmount(t.fs);
	assert(d->reads < FUZZ_READS_MAX);
}

#endif
