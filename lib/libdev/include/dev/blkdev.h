/* SPDX-License-Identifier: BSD-2-Clause */
/* A started block device: an array of blocks. Made by a driver's start function, ended by stop. */
#ifndef DEV_BLKDEV_H
#define DEV_BLKDEV_H

#include "base/compiler.h"

struct blkdev;
struct blkdev_ops {
	/*
	 * Read n blocks, 1..max_blocks, all inside the device (callers below blkdev_read() need not check).
	 * buf needs no alignment beyond 4 bytes. 0; E_IO, E_TIMEOUT (nothing is certain about buf), E_NOENT
	 * (no medium). A deadline bounds every wait.
	 */
	int (*read)(struct blkdev *bd, uint64_t block, uint32_t n, void *buf);
	/* NULL: the device is read-only. */
	int (*write)(struct blkdev *bd, uint64_t block, uint32_t n, const void *buf);
	/* What was written is on stable storage when it returns 0. NULL: nothing to flush. */
	int (*flush)(struct blkdev *bd);
	/* No DMA afterwards; frees bd and all that belongs to it. Cannot fail. */
	void (*stop)(struct blkdev *bd);
};

struct blkdev {
	const struct blkdev_ops *ops;
	uint32_t block_size; /* bytes, a power of two, 512..65536 */
	uint64_t blocks;     /* 0: no medium */
	uint32_t max_blocks; /* of one request, at least 1 */
	bool is_cdrom;
	char about[48]; /* for people: "QEMU HARDDISK 2.5+", "virtio-blk"; printable ASCII */
};

/*
 * What a driver found out about its device, checked: block size a power of two from 512 to 65536, a
 * request of at least one block, a size below 2^63 bytes. E_FORMAT if not so.
 */
int blkdev_check(const struct blkdev *bd) MUST_CHECK;
/* Any number of blocks, in as many requests as needed. E_RANGE when not all lie inside. */
int blkdev_read(struct blkdev *bd, uint64_t block, uint64_t n, void *buf) MUST_CHECK;
/* The same; E_PERM for a read-only device. */
int blkdev_write(struct blkdev *bd, uint64_t block, uint64_t n, const void *buf) MUST_CHECK;
/* 0 where there is nothing to flush. */
int blkdev_flush(struct blkdev *bd) MUST_CHECK;
/* NULL is allowed. */
void blkdev_stop(struct blkdev *bd);

#endif
