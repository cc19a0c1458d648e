/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stretch of bytes to read: a whole disk, or a partition of it. What stands on a view (partition
 * tables, file systems) knows no device and no blocks, except that the formats themselves count in
 * the device's blocks.
 */
#ifndef BLK_VIEW_H
#define BLK_VIEW_H

#include "base/compiler.h"

struct blk_view {
	/* Exactly len bytes at offset, all inside the source. 0 or an E_ error. */
	int (*read)(void *ctx, uint64_t offset, void *buf, uint64_t len);
	void *ctx;
	uint64_t start, size; /* in the source, bytes; their sum does not overflow */
	uint32_t block_size;  /* of the device: 512, 2048, 4096, ... */
};

/* Exactly len bytes at offset of the view. E_RANGE when not all lie inside, or the source's error. */
int blk_view_read(const struct blk_view *v, uint64_t offset, void *buf, uint64_t len) MUST_CHECK;
/* A part of a view. What lies outside is cut off; a start outside gives size 0. */
struct blk_view blk_view_part(const struct blk_view *v, uint64_t start, uint64_t size);

#endif
