/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Namespaces as block devices. A request is cut into commands of what the controller takes, several of
 * which are under way at once; each finds its pages through a list of its own (PRP, NVM Express 4.3).
 * Data goes straight to and from the caller's buffer.
 */
#define LOG_TAG "nvme"
#include "nvme-priv.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"

struct nvme_disk {
	struct blkdev blk;
	struct nvme *c;
	uint32_t nsid;
	uint32_t step; /* blocks of one command */
};

static struct nvme_disk *disk_of(struct blkdev *bd)
{
	return (struct nvme_disk *)((char *)bd - offsetof(struct nvme_disk, blk));
}

/* ---- transfers ---------------------------------------------------------------------------- */

/* Point a command at len bytes from dev on, through the list of its slot if more than two pages. */
static void set_pages(struct nvme *c, struct nvme_cmd *cmd, unsigned slot, uint64_t dev,
		      uint64_t len)
{
	uint64_t next = (dev | (NVME_PAGE - 1)) + 1, end = dev + len;
	uint8_t *list = c->lists + slot * NVME_PAGE;

	cmd->prp1 = dev;
	if (end <= next)
		return;
	if (end <= next + NVME_PAGE) {
		cmd->prp2 = next;
		return;
	}
	cmd->prp2 = c->lists_dev + slot * NVME_PAGE;
	for (unsigned i = 0; next < end; i++, next += NVME_PAGE)
		put_le64(list + 8 * i, next);
}

static int issue(struct nvme_disk *d, uint8_t opcode, uint64_t block, uint32_t n, uint64_t dev)
{
	struct nvme_cmd cmd = {.opcode = opcode,
			       .nsid = d->nsid,
			       .cdw10 = (uint32_t)block,
			       .cdw11 = (uint32_t)(block >> 32),
			       .cdw12 = n - 1};
	unsigned slot;
	int err = queue_slot(d->c, &d->c->io, &slot);

	if (err)
		return err;
	set_pages(d->c, &cmd, slot, dev, (uint64_t)n * d->blk.block_size);
	queue_submit(d->c, &d->c->io, slot, &cmd);
	return 0;
}

/* All commands of a request; whatever fails, none is under way when it returns. */
static int run(struct nvme_disk *d, uint8_t opcode, uint64_t block, uint32_t n, uint64_t dev)
{
	int err = 0, end;

	while (n > 0 && !err) {
		uint32_t some = n < d->step ? n : d->step;

		err = issue(d, opcode, block, some, dev);
		block += some;
		dev += (uint64_t)some * d->blk.block_size;
		n -= some;
	}
	if (d->c->dead)
		return E_IO;
	end = queue_drain(d->c, &d->c->io);
	return err ? err : end;
}

static int transfer(struct nvme_disk *d, uint8_t opcode, uint64_t block, uint32_t n, void *buf)
{
	const struct dma *dma = d->c->dma;
	uint64_t len = (uint64_t)n * d->blk.block_size, dev;
	int err = d->c->dead ? E_IO : dma->ops->map(dma->ctx, buf, len, &dev);

	if (err)
		return err;
	err = run(d, opcode, block, n, dev);
	return dma->ops->unmap(dma->ctx, dev, len) ? E_IO : err;
}

static int disk_read(struct blkdev *bd, uint64_t block, uint32_t n, void *buf)
{
	return transfer(disk_of(bd), CMD_READ, block, n, buf);
}

static int disk_write(struct blkdev *bd, uint64_t block, uint32_t n, const void *buf)
{
	return transfer(disk_of(bd), CMD_WRITE, block, n, (void *)(uintptr_t)buf);
}

static int disk_flush(struct blkdev *bd)
{
	struct nvme_disk *d = disk_of(bd);
	struct nvme_cmd cmd = {.opcode = CMD_FLUSH, .nsid = d->nsid};

	return d->c->has_cache ? queue_run(d->c, &d->c->io, &cmd) : 0;
}

static void disk_stop(struct blkdev *bd)
{
	struct nvme_disk *d = disk_of(bd);

	controller_put(d->c);
	heap_free(d);
}

static const struct blkdev_ops disk_ops = {disk_read, disk_write, disk_flush, disk_stop};

/* ---- namespaces --------------------------------------------------------------------------- */

/* The list holds 1024 ascending ids above the given one, zeros at its end (5.15.2.3). */
static int next_active(struct nvme *c, uint32_t nsid, uint32_t *next)
{
	int err = controller_identify(c, IDENTIFY_ACTIVE, nsid);
	uint32_t found = err ? 0 : get_le32(c->page);

	if (err)
		return err;
	if (found <= nsid)
		return E_NOENT;
	*next = found;
	return 0;
}

int nvme_next_namespace(struct nvme *c, uint32_t nsid, uint32_t *next)
{
	int err = controller_get(c);

	if (err)
		return err;
	err = next_active(c, nsid, next);
	controller_put(c);
	return err;
}

/* Size and format of a namespace, from the page identify filled (5.15.2.1). */
static int read_format(struct nvme_disk *d)
{
	const uint8_t *id = d->c->page, *format = id + 128 + 4 * (id[26] & 15);
	unsigned shift = format[2], metadata = get_le16(format);

	d->blk.blocks = get_le64(id);
	if (d->blk.blocks == 0)
		return E_NOENT;
	if (shift < 9 || shift > 16 || metadata) {
		log_warn("%s: namespace %u has blocks of 2^%u bytes with %u of metadata",
			 d->c->dev->node->name, d->nsid, shift, metadata);
		return E_UNSUPP;
	}
	d->blk.block_size = 1u << shift;
	d->step = d->c->max_bytes / d->blk.block_size;
	if (d->step > 0x10000)
		d->step = 0x10000;
	d->blk.max_blocks = d->step * NVME_INFLIGHT;
	return d->step ? 0 : E_UNSUPP;
}

static int open_namespace(struct nvme *c, uint32_t nsid, struct nvme_disk *d)
{
	int err = nsid ? 0 : next_active(c, 0, &nsid);

	err = err ? err : controller_identify(c, IDENTIFY_NAMESPACE, nsid);
	if (err)
		return err;
	d->c = c;
	d->nsid = nsid;
	d->blk.ops = &disk_ops;
	memcpy(d->blk.about, c->model, sizeof(c->model));
	return read_format(d);
}

int nvme_open(struct nvme *c, uint32_t nsid, struct blkdev **bd)
{
	struct nvme_disk *d = try_alloc(sizeof(*d));
	int err = d ? controller_get(c) : E_NOMEM;

	if (err) {
		heap_free(d);
		return err;
	}
	err = open_namespace(c, nsid, d);
	if (err) {
		controller_put(c);
		heap_free(d);
		return err;
	}
	*bd = &d->blk;
	return 0;
}
