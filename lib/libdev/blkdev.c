/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls through a block device: the bounds are checked here, once for all drivers, and what is more
 * than one request can carry is cut into as few as possible. A driver sees valid requests only.
 */
#include "dev/blkdev.h"

#include "base/arith.h"
#include "base/err.h"

#define BLOCK_SIZE_MIN 512u
#define BLOCK_SIZE_MAX 65536u

int blkdev_check(const struct blkdev *bd)
{
	if (!is_pow2(bd->block_size) || bd->block_size < BLOCK_SIZE_MIN ||
	    bd->block_size > BLOCK_SIZE_MAX)
		return E_FORMAT;
	if (bd->max_blocks == 0 || bd->blocks > (uint64_t)INT64_MAX / bd->block_size)
		return E_FORMAT;
	return 0;
}

static bool is_inside(const struct blkdev *bd, uint64_t block, uint64_t n)
{
	return block <= bd->blocks && n <= bd->blocks - block;
}

static uint32_t one_request(const struct blkdev *bd, uint64_t n)
{
	return n < bd->max_blocks ? (uint32_t)n : bd->max_blocks;
}

int blkdev_read(struct blkdev *bd, uint64_t block, uint64_t n, void *buf)
{
	uint8_t *to = buf;
	int err = 0;

	if (!is_inside(bd, block, n))
		return E_RANGE;
	while (n > 0 && !err) {
		uint32_t some = one_request(bd, n);

		err = bd->ops->read(bd, block, some, to);
		block += some;
		to += (size_t)some * bd->block_size;
		n -= some;
	}
	return err;
}

int blkdev_write(struct blkdev *bd, uint64_t block, uint64_t n, const void *buf)
{
	const uint8_t *from = buf;
	int err = 0;

	if (!bd->ops->write)
		return E_PERM;
	if (!is_inside(bd, block, n))
		return E_RANGE;
	while (n > 0 && !err) {
		uint32_t some = one_request(bd, n);

		err = bd->ops->write(bd, block, some, from);
		block += some;
		from += (size_t)some * bd->block_size;
		n -= some;
	}
	return err;
}

int blkdev_flush(struct blkdev *bd)
{
	return bd->ops->flush ? bd->ops->flush(bd) : 0;
}

void blkdev_stop(struct blkdev *bd)
{
	if (bd)
		bd->ops->stop(bd);
}
