/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the arguments of a disk name: "" and "0" the whole disk, "N" partition N.
 */
#define LOG_TAG "disk"
#include "block-priv.h"

#include "base/err.h"
#include "base/log.h"

#include <string.h>

static int read_disk(void *ctx, uint64_t offset, void *buf, uint64_t len)
{
	return disk_read(ctx, offset, buf, len);
}

int label_open(struct label *label, struct disk *disk, const char *args)
{
	label->disk = disk;
	label->view = (struct blk_view){
		.read = read_disk,
		.ctx = disk,
		.size = deblock_size(disk->cache),
		.block_size = disk->bd->block_size,
	};
	if (!*args || !strcmp(args, "0"))
		return 0;
	log_warn("%s:%s: not supported", disk->name, args);
	return E_UNSUPP;
}

void label_close(struct label *label UNUSED)
{
}

uint64_t label_size(const struct label *label)
{
	return label->view.size;
}

/* How many of len bytes there are from the position on. */
static uint64_t available(const struct label *label, uint64_t len)
{
	uint64_t size = label_size(label);

	if (label->at >= size)
		return 0;
	return len < size - label->at ? len : size - label->at;
}

int label_read(struct label *label, void *buf, uint64_t len, uint64_t *done)
{
	uint64_t n = available(label, len);
	int err = blk_view_read(&label->view, label->at, buf, n);

	if (err)
		return err;
	label->at += n;
	*done = n;
	return 0;
}

int label_write(struct label *label, const void *buf, uint64_t len, uint64_t *done)
{
	uint64_t n = available(label, len);
	int err = disk_write(label->disk, label->view.start + label->at, buf, n);

	if (err)
		return err;
	label->at += n;
	*done = n;
	return 0;
}
