/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes of a device of blocks. A few lines of a few blocks each are kept, for partial blocks and for
 * what file systems read again and again; whole runs go straight between the device and the caller's
 * memory. Writing goes through to the device at once.
 */
#ifndef BLK_DEBLOCK_H
#define BLK_DEBLOCK_H

#include "dev/blkdev.h"

struct deblock;

/* For a device that passed blkdev_check(). NULL: no memory. bd must outlive it. */
struct deblock *deblock_new(struct blkdev *bd) MUST_CHECK;
/* NULL is allowed. */
void deblock_free(struct deblock *d);

/* The device's size in bytes. */
uint64_t deblock_size(const struct deblock *d);
/* Exactly len bytes: E_RANGE when not all lie inside, or the device's error. */
int deblock_read(struct deblock *d, uint64_t offset, void *buf, uint64_t len) MUST_CHECK;
/* The same; partial blocks are read first. E_PERM for a read-only device. */
int deblock_write(struct deblock *d, uint64_t offset, const void *buf, uint64_t len) MUST_CHECK;
/* Keep nothing: the medium may be another one. */
void deblock_forget(struct deblock *d);

#endif
