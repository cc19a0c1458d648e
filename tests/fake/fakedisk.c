/* SPDX-License-Identifier: BSD-2-Clause */
/* A block device in memory. */
#include "fakedisk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/panic.h"

static struct fakedisk *disk_of(struct blkdev *bd)
{
	return container_of(bd, struct fakedisk, dev);
}

static void check_request(struct fakedisk *d, uint64_t block, uint32_t n, const void *buf)
{
	if (!d->running)
		panic("fakedisk: used while stopped");
	if (n == 0 || n > d->dev.max_blocks)
		panic("fakedisk: request of %u blocks", n);
	if (block > d->dev.blocks || n > d->dev.blocks - block)
		panic("fakedisk: request outside");
	if ((uintptr_t)buf & 3)
		panic("fakedisk: buffer at %p", buf);
}

/* How many of len bytes at offset are backed. */
static uint64_t backed(const struct fakedisk *d, uint64_t offset, uint64_t len)
{
	if (offset >= d->len)
		return 0;
	return len < d->len - offset ? len : d->len - offset;
}

static int disk_read(struct blkdev *bd, uint64_t block, uint32_t n, void *buf)
{
	struct fakedisk *d = disk_of(bd);
	uint64_t offset = block * bd->block_size, len = (uint64_t)n * bd->block_size;
	uint64_t there = backed(d, offset, len);

	check_request(d, block, n, buf);
	d->reads++;
	d->blocks_read += n;
	if (d->result)
		return d->result;
	if (d->bad_block >= block && d->bad_block - block < n)
		return E_IO;
	if (there)
		memcpy(buf, d->bytes + offset, there);
	memset((uint8_t *)buf + there, 0, len - there);
	return 0;
}

static int disk_write(struct blkdev *bd, uint64_t block, uint32_t n, const void *buf)
{
	struct fakedisk *d = disk_of(bd);
	uint64_t offset = block * bd->block_size, len = (uint64_t)n * bd->block_size;
	uint64_t there = backed(d, offset, len);

	check_request(d, block, n, buf);
	d->writes++;
	if (d->result)
		return d->result;
	if (there)
		memcpy(d->bytes + offset, buf, there);
	return 0;
}

static int disk_flush(struct blkdev *bd)
{
	disk_of(bd)->flushes++;
	return 0;
}

static void disk_stop(struct blkdev *bd)
{
	disk_of(bd)->stops++;
	disk_of(bd)->running = false;
}

static const struct blkdev_ops disk_ops = {disk_read, disk_write, disk_flush, disk_stop};

void fakedisk_init(struct fakedisk *d, uint32_t block_size, uint64_t blocks, void *bytes,
		   uint64_t len)
{
	*d = (struct fakedisk){
		.dev = {.ops = &disk_ops,
			.block_size = block_size,
			.blocks = blocks,
			.max_blocks = 64,
			.about = "fake disk"},
		.bytes = bytes,
		.len = len,
		.bad_block = UINT64_MAX,
	};
}

int fakedisk_start(void *ctx, struct blkdev **bd)
{
	struct fakedisk *d = ctx;

	d->starts++;
	if (d->start_result)
		return d->start_result;
	d->running = true;
	*bd = &d->dev;
	return 0;
}

uint8_t *fakedisk_file(const char *path, uint64_t *len)
{
	FILE *f = fopen(path, "rb");
	uint8_t *bytes = NULL;
	long end;

	if (!f)
		return NULL;
	if (fseek(f, 0, SEEK_END) == 0 && (end = ftell(f)) >= 0 && fseek(f, 0, SEEK_SET) == 0) {
		bytes = malloc((size_t)end + 1);
		*len = (uint64_t)end;
		if (bytes && fread(bytes, 1, (size_t)end, f) != (size_t)end) {
			free(bytes);
			bytes = NULL;
		}
	}
	fclose(f);
	return bytes;
}
