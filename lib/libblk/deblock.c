/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes out of blocks. A request is cut into pieces: a piece that starts at a block boundary, is at
 * least a line long and goes to aligned memory is read from the device straight to where it belongs;
 * every other piece lies within one line and is copied out of it. A line is 4 KiB or one block,
 * whichever is more; the one used least recently makes room. Writing changes lines that are held and
 * the device together, so that a line never differs from the device.
 */
#include "blk/deblock.h"

#include "base/arith.h"
#include "base/err.h"
#include "base/heap.h"

#include <string.h>

#define LINES        16u
#define LINE_BYTES   4096u
#define BUFFER_ALIGN 4u /* what blkdev asks of buffers */
#define NOTHING      UINT64_MAX

struct line {
	uint64_t number; /* offset / line_bytes; NOTHING: empty */
	uint64_t used;   /* when, counted in uses */
	uint8_t *bytes;
};

struct deblock {
	struct blkdev *bd;
	uint64_t size; /* of the device in bytes */
	uint64_t uses;
	uint32_t line_bytes;
	struct line line[LINES];
	uint8_t memory[];
};

struct deblock *deblock_new(struct blkdev *bd)
{
	uint32_t bytes = bd->block_size > LINE_BYTES ? bd->block_size : LINE_BYTES;
	struct deblock *d = try_alloc(sizeof(*d) + (size_t)LINES * bytes);

	if (!d)
		return NULL;
	d->bd = bd;
	d->size = bd->blocks * bd->block_size;
	d->line_bytes = bytes;
	for (unsigned i = 0; i < LINES; i++)
		d->line[i].bytes = d->memory + (size_t)i * bytes;
	deblock_forget(d);
	return d;
}

void deblock_free(struct deblock *d)
{
	heap_free(d);
}

uint64_t deblock_size(const struct deblock *d)
{
	return d->size;
}

void deblock_forget(struct deblock *d)
{
	for (unsigned i = 0; i < LINES; i++) {
		d->line[i].number = NOTHING;
		d->line[i].used = 0;
	}
}

/* ---- lines ------------------------------------------------------------------------------ */

static struct line *held(struct deblock *d, uint64_t number)
{
	for (unsigned i = 0; i < LINES; i++)
		if (d->line[i].number == number)
			return &d->line[i];
	return NULL;
}

static struct line *oldest(struct deblock *d)
{
	struct line *old = &d->line[0];

	for (unsigned i = 1; i < LINES; i++)
		if (d->line[i].used < old->used)
			old = &d->line[i];
	return old;
}

/* The line, read if need be; the device's last may be shorter than the others. */
static int get_line(struct deblock *d, uint64_t number, struct line **out)
{
	struct line *l = held(d, number);
	uint64_t start = number * d->line_bytes, len = d->size - start;
	uint32_t bs = d->bd->block_size;
	int err;

	if (!l) {
		l = oldest(d);
		l->number = NOTHING;
		if (len > d->line_bytes)
			len = d->line_bytes;
		err = blkdev_read(d->bd, start / bs, len / bs, l->bytes);
		if (err)
			return err;
		l->number = number;
	}
	l->used = ++d->uses;
	*out = l;
	return 0;
}

/*
 * A line with at least the blocks of [offset, offset+len) in it, which lies in one line. A bad block
 * spoils its line, but not reading the others: then only what is needed is read, and not kept.
 */
static int get_blocks(struct deblock *d, uint64_t offset, uint32_t len, struct line **out)
{
	uint32_t bs = d->bd->block_size;
	uint64_t start = align_down(offset, bs), end = align_up(offset + len, bs);
	int err = get_line(d, offset / d->line_bytes, out);
	struct line *l;

	if (!err || end - start == d->line_bytes)
		return err;
	l = oldest(d);
	l->number = NOTHING;
	err = blkdev_read(d->bd, start / bs, (end - start) / bs,
			  l->bytes + (start & (d->line_bytes - 1)));
	if (!err)
		*out = l;
	return err;
}

/* ---- requests --------------------------------------------------------------------------- */

static bool is_aligned(const void *p)
{
	return ((uintptr_t)p & (BUFFER_ALIGN - 1)) == 0;
}

/* How many bytes at offset can go directly between the device and memory; 0: better by lines. */
static uint64_t direct_bytes(const struct deblock *d, uint64_t offset, const void *buf,
			     uint64_t len)
{
	uint32_t bs = d->bd->block_size;

	if (offset & (bs - 1) || len < d->line_bytes || !is_aligned(buf))
		return 0;
	return align_down(len, bs);
}

/* How many of len bytes at offset lie in its line. */
static uint32_t line_piece(const struct deblock *d, uint64_t offset, uint64_t len)
{
	uint32_t left = d->line_bytes - (uint32_t)(offset & (d->line_bytes - 1));

	return len < left ? (uint32_t)len : left;
}

static bool is_inside(const struct deblock *d, uint64_t offset, uint64_t len)
{
	return offset <= d->size && len <= d->size - offset;
}

static int read_line_piece(struct deblock *d, uint64_t offset, void *to, uint32_t len)
{
	struct line *l;
	int err = get_blocks(d, offset, len, &l);

	if (!err)
		memcpy(to, l->bytes + (offset & (d->line_bytes - 1)), len);
	return err;
}

int deblock_read(struct deblock *d, uint64_t offset, void *buf, uint64_t len)
{
	uint32_t bs = d->bd->block_size;
	uint8_t *to = buf;
	int err = 0;

	if (!is_inside(d, offset, len))
		return E_RANGE;
	while (len > 0 && !err) {
		uint64_t some = direct_bytes(d, offset, to, len);

		if (some > 0) {
			err = blkdev_read(d->bd, offset / bs, some / bs, to);
		} else {
			some = line_piece(d, offset, len);
			err = read_line_piece(d, offset, to, (uint32_t)some);
		}
		offset += some;
		to += some;
		len -= some;
	}
	return err;
}

/* Drop the lines that a write to [offset, offset+len) makes stale. */
static void drop_lines(struct deblock *d, uint64_t offset, uint64_t len)
{
	for (unsigned i = 0; i < LINES; i++) {
		struct line *l = &d->line[i];

		if (l->number != NOTHING &&
		    ranges_overlap(l->number * d->line_bytes, d->line_bytes, offset, len))
			l->number = NOTHING;
	}
}

/* Change a line and write its changed blocks. */
static int write_line_piece(struct deblock *d, uint64_t offset, const void *from, uint32_t len)
{
	uint32_t bs = d->bd->block_size;
	uint64_t start = align_down(offset, bs), end = align_up(offset + len, bs);
	struct line *l;
	int err = get_blocks(d, offset, len, &l);

	if (err)
		return err;
	memcpy(l->bytes + (offset & (d->line_bytes - 1)), from, len);
	err = blkdev_write(d->bd, start / bs, (end - start) / bs,
			   l->bytes + (start & (d->line_bytes - 1)));
	if (err)
		l->number = NOTHING;
	return err;
}

int deblock_write(struct deblock *d, uint64_t offset, const void *buf, uint64_t len)
{
	uint32_t bs = d->bd->block_size;
	const uint8_t *from = buf;
	int err = 0;

	if (!d->bd->ops->write)
		return E_PERM;
	if (!is_inside(d, offset, len))
		return E_RANGE;
	while (len > 0 && !err) {
		uint64_t some = direct_bytes(d, offset, from, len);

		if (some > 0) {
			drop_lines(d, offset, some);
			err = blkdev_write(d->bd, offset / bs, some / bs, from);
		} else {
			some = line_piece(d, offset, len);
			err = write_line_piece(d, offset, from, (uint32_t)some);
		}
		offset += some;
		from += some;
		len -= some;
	}
	return err;
}
