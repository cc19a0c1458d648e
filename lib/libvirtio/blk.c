/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtio-blk. A transfer is cut into pieces as large as the device takes, all of which are given to it at
 * once as far as its queue goes; data goes straight between the device and the caller's buffer. The
 * device counts in units of 512 bytes, whatever its blocks are.
 *
 * A device that breaks the rules, asks for a reset or lets a request lie is reset, so that it no longer
 * knows the buffer when the caller gets it back. What it broke is tried once more; what took too long is not.
 */
#define LOG_TAG "virtio-blk"
#include "virtio/blk.h"

#include "base/arith.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "virtio/dev.h"

#include <string.h>

#include "order.h"

#define F_SIZE_MAX 1u
#define F_SEG_MAX  2u
#define F_RO       5u
#define F_BLK_SIZE 6u
#define F_FLUSH    9u
#define BIT(n)     (1ull << (n))

#define CONFIG_CAPACITY 0u
#define CONFIG_SIZE_MAX 8u
#define CONFIG_SEG_MAX  12u
#define CONFIG_BLK_SIZE 20u

#define TYPE_IN    0u
#define TYPE_OUT   1u
#define TYPE_FLUSH 4u

#define STATUS_OK    0u
#define STATUS_UNSUP 2u
#define STATUS_NONE  0xffu /* nothing the device writes */

#define SECTOR       512u
#define QUEUE_MAX    128u
#define SLOTS        16u         /* pieces in flight */
#define SEGS_MAX     32u         /* of a piece's data */
#define PIECE_MAX    (4u << 20)  /* bytes */
#define TRANSFER_MAX (16u << 20) /* bytes, of a request of ours */
#define DEADLINE_MS  30000u      /* without any progress */
#define LOOK_EVERY   256u        /* polls: at the device's status */

struct header {
	uint32_t type, reserved;
	uint64_t sector;
};
struct shared { /* with the device, for each slot */
	struct header header;
	uint8_t status;
	uint8_t pad[15];
};

struct slot {
	struct slot *next; /* free ones */
	volatile struct shared *shared;
	uint64_t dev; /* of shared */
};

struct blk {
	struct blkdev bd;
	struct blkdev_ops ops;
	struct virtio_dev *v;
	struct virtio_ring *ring;
	struct shared *shared;
	uint64_t shared_dev;
	struct slot slot[SLOTS], *free;
	uint32_t seg_bytes, piece_bytes;
	bool dead; /* could not be restarted */
};

/* A transfer under way. */
struct job {
	uint32_t type;
	uint64_t sector;
	uint64_t addr, left; /* bytes not yet given to the device, where it finds them */
	bool want_flush;     /* no data: one request without */
	unsigned in_flight;
	int err; /* the first the device told */
};

static struct blk *blk_of(struct blkdev *bd)
{
	return container_of(bd, struct blk, bd);
}

static void free_all_slots(struct blk *b)
{
	b->free = NULL;
	for (unsigned i = 0; i < SLOTS; i++) {
		b->slot[i].shared = &b->shared[i];
		b->slot[i].dev = b->shared_dev + i * sizeof(struct shared);
		b->slot[i].next = b->free;
		b->free = &b->slot[i];
	}
}

/* ---- a piece ---- */

static unsigned data_segs(const struct blk *b, const struct job *j, uint32_t bytes,
			  struct virtio_seg *seg)
{
	unsigned n = 0;

	for (uint32_t at = 0; at < bytes; n++) {
		uint32_t len = bytes - at < b->seg_bytes ? bytes - at : b->seg_bytes;

		seg[n] = (struct virtio_seg){j->addr + at, len, j->type == TYPE_IN};
		at += len;
	}
	return n;
}

/* Give the device the next piece. E_BUSY: later. */
static int submit(struct blk *b, struct job *j)
{
	struct virtio_seg seg[SEGS_MAX + 2];
	uint32_t bytes = j->left < b->piece_bytes ? (uint32_t)j->left : b->piece_bytes;
	struct slot *s = b->free;
	bool big = virtio_is_big(b->v);
	unsigned n;
	int err;

	if (!s)
		return E_BUSY;
	s->shared->header.type = order32(big, j->type);
	s->shared->header.reserved = 0;
	s->shared->header.sector = order64(big, j->sector);
	s->shared->status = STATUS_NONE;
	seg[0] = (struct virtio_seg){s->dev, sizeof(struct header), false};
	n = 1 + data_segs(b, j, bytes, seg + 1);
	seg[n++] = (struct virtio_seg){s->dev + offsetof(struct shared, status), 1, true};
	err = virtio_ring_add(b->ring, seg, n, s);
	if (err)
		return err;
	b->free = s->next;
	j->in_flight++;
	j->want_flush = false;
	j->sector += bytes / SECTOR;
	j->addr += bytes;
	j->left -= bytes;
	return 0;
}

/* As many as go; E_BUSY is no failure while others are under way. */
static int submit_all(struct blk *b, struct job *j)
{
	unsigned before = j->in_flight;
	int err = 0;

	while (!err && (j->left || j->want_flush) && !j->err)
		err = submit(b, j);
	if (j->in_flight > before)
		virtio_notify(b->v, 0);
	return err == E_BUSY && j->in_flight ? 0 : err;
}

static int status_error(const struct blk *b, uint8_t status)
{
	if (status == STATUS_OK)
		return 0;
	log_debug("%s: request ended with status %u", virtio_name(b->v), status);
	return status == STATUS_UNSUP ? E_UNSUPP : E_IO;
}

/* Take back what is done. 0 if anything was, E_NOENT, or E_IO for a broken ring. */
static int collect(struct blk *b, struct job *j)
{
	bool any = false;
	void *cookie;
	uint32_t len;
	int err;

	while ((err = virtio_ring_take(b->ring, &cookie, &len)) == 0) {
		struct slot *s = cookie;
		int one = status_error(b, s->shared->status);

		j->err = j->err ? j->err : one;
		s->next = b->free;
		b->free = s;
		j->in_flight--;
		any = true;
	}
	return err == E_NOENT && any ? 0 : err;
}

/* ---- a transfer ---- */

/* Wait until something is done. */
static int wait_for_some(struct blk *b, struct job *j)
{
	struct wait w = wait_ms(DEADLINE_MS);
	unsigned polls = 0;
	int err;

	while ((err = collect(b, j)) == E_NOENT) {
		if (++polls % LOOK_EVERY == 0 && virtio_is_broken(b->v))
			return E_IO;
		if (!wait_more(&w))
			return E_TIMEOUT;
	}
	return err;
}

/* 0: the device has answered all of it, see j->err. Else the device is not to be trusted. */
static int run(struct blk *b, struct job *j)
{
	int err = 0;

	do {
		err = submit_all(b, j);
		if (!err && j->in_flight)
			err = wait_for_some(b, j);
	} while (!err && (j->in_flight || ((j->left || j->want_flush) && !j->err)));
	return err;
}

/* After this the device knows nothing of any request. */
static void recover(struct blk *b, int why)
{
	log_warn("%s: reset: %s", virtio_name(b->v),
		 why == E_TIMEOUT ? "a request was not answered" : "it broke down");
	if (virtio_restart(b->v))
		b->dead = true;
	free_all_slots(b);
}

static int run_or_recover(struct blk *b, const struct job *job)
{
	for (unsigned try = 0; !b->dead; try++) {
		struct job j = *job;
		int err = run(b, &j);

		if (!err)
			return j.err;
		recover(b, err);
		if (err == E_TIMEOUT || try > 0)
			return err;
	}
	return E_IO;
}

static int transfer(struct blk *b, uint32_t type, uint64_t block, uint32_t n, void *buf)
{
	const struct dma *dma = virtio_dma(b->v);
	struct job j = {.type = type,
			.sector = block * (b->bd.block_size / SECTOR),
			.left = (uint64_t)n * b->bd.block_size};
	uint64_t bytes = j.left;
	int err = dma->ops->map(dma->ctx, buf, bytes, &j.addr);

	if (err)
		return err;
	err = run_or_recover(b, &j);
	if (dma->ops->unmap(dma->ctx, j.addr, bytes))
		log_warn("%s: %llx bytes at %llx stay open to devices", virtio_name(b->v),
			 (unsigned long long)bytes, (unsigned long long)j.addr);
	return err;
}

/* In smaller bites if the DMA window is too small for large ones. */
static int transfer_all(struct blk *b, uint32_t type, uint64_t block, uint32_t n, uint8_t *buf)
{
	uint32_t bite = n;

	while (n > 0) {
		int err = transfer(b, type, block, bite, buf);

		if (err == E_NOSPC && bite > 1) {
			bite /= 2;
			continue;
		}
		if (err)
			return err;
		buf += (size_t)bite * b->bd.block_size;
		block += bite;
		n -= bite;
		bite = bite < n ? bite : n;
	}
	return 0;
}

static int blk_read(struct blkdev *bd, uint64_t block, uint32_t n, void *buf)
{
	return transfer_all(blk_of(bd), TYPE_IN, block, n, buf);
}

static int blk_write(struct blkdev *bd, uint64_t block, uint32_t n, const void *buf)
{
	return transfer_all(blk_of(bd), TYPE_OUT, block, n, (uint8_t *)(uintptr_t)buf);
}

static int blk_flush(struct blkdev *bd)
{
	struct job j = {.type = TYPE_FLUSH, .want_flush = true};

	return run_or_recover(blk_of(bd), &j);
}

/* ---- start and stop ---- */

static void blk_stop(struct blkdev *bd)
{
	struct blk *b = blk_of(bd);
	const struct dma *dma = virtio_dma(b->v);
	struct shared *shared = b->shared;

	if (virtio_stop(b->v))
		dma->ops->free(dma->ctx, shared, SLOTS * sizeof(*shared), b->shared_dev);
	virtio_close(b->v);
	heap_free(b);
}

/* Block size and number of blocks. */
static int read_geometry(struct blk *b)
{
	uint64_t capacity = virtio_config64(b->v, CONFIG_CAPACITY);
	uint32_t size = SECTOR;

	if (virtio_has(b->v, F_BLK_SIZE))
		size = virtio_config32(b->v, CONFIG_BLK_SIZE);
	if (!is_pow2(size) || size < SECTOR || size > 65536) {
		log_warn("%s: blocks of %u bytes", virtio_name(b->v), size);
		return E_FORMAT;
	}
	if (capacity > UINT64_MAX / SECTOR) {
		log_warn("%s: %llx sectors", virtio_name(b->v), (unsigned long long)capacity);
		return E_FORMAT;
	}
	b->bd.block_size = size;
	b->bd.blocks = capacity / (size / SECTOR);
	return 0;
}

/* How a piece may look: the device's limits and the ring's. A device that tells no limits has none
 * for the length of a segment, and takes one. */
static int read_limits(struct blk *b)
{
	uint32_t ring = virtio_ring_size(b->ring), segs = 1;
	uint64_t piece;

	if (virtio_has(b->v, VIRTIO_F_INDIRECT) && ring < VIRTIO_INDIRECT_MAX)
		ring = VIRTIO_INDIRECT_MAX;
	if (virtio_has(b->v, F_SEG_MAX))
		segs = virtio_config32(b->v, CONFIG_SEG_MAX);
	b->seg_bytes = PIECE_MAX;
	if (virtio_has(b->v, F_SIZE_MAX))
		b->seg_bytes = virtio_config32(b->v, CONFIG_SIZE_MAX);
	if (segs == 0)
		segs = 1;
	if (segs > SEGS_MAX)
		segs = SEGS_MAX;
	if (ring < 3)
		goto useless;
	if (segs > ring - 2)
		segs = ring - 2;
	piece = (uint64_t)segs * b->seg_bytes;
	piece = align_down(piece < PIECE_MAX ? piece : PIECE_MAX, b->bd.block_size);
	if (piece == 0)
		goto useless;
	b->piece_bytes = (uint32_t)piece;
	b->bd.max_blocks = TRANSFER_MAX / b->bd.block_size;
	return 0;
useless:
	log_warn("%s: ring of %u entries, %u segments of %u bytes: no block fits",
		 virtio_name(b->v), virtio_ring_size(b->ring), segs, b->seg_bytes);
	return E_FORMAT;
}

static void set_ops(struct blk *b)
{
	struct strbuf sb = strbuf_on(b->bd.about, sizeof(b->bd.about));
	bool read_only = virtio_has(b->v, F_RO);

	b->ops = (struct blkdev_ops){
		.read = blk_read,
		.write = read_only ? NULL : blk_write,
		.flush = virtio_has(b->v, F_FLUSH) && !read_only ? blk_flush : NULL,
		.stop = blk_stop,
	};
	b->bd.ops = &b->ops;
	strbuf_str(&sb, "virtio-blk");
}

static int set_up(struct blk *b)
{
	const struct dma *dma = virtio_dma(b->v);
	int err = virtio_queue(b->v, 0, QUEUE_MAX, &b->ring);

	if (!err)
		err = read_geometry(b);
	if (!err)
		err = read_limits(b);
	if (err)
		return err;
	b->shared = dma->ops->alloc(dma->ctx, SLOTS * sizeof(struct shared), &b->shared_dev);
	if (!b->shared)
		return E_NOMEM;
	free_all_slots(b);
	set_ops(b);
	virtio_start(b->v);
	return 0;
}

int virtio_blk_start(const struct pci_dev *pci, struct blkdev **bd)
{
	uint64_t wanted =
		BIT(F_SIZE_MAX) | BIT(F_SEG_MAX) | BIT(F_RO) | BIT(F_BLK_SIZE) | BIT(F_FLUSH);
	struct blk *b = try_alloc(sizeof(*b));
	int err;

	if (!b)
		return E_NOMEM;
	err = virtio_open(pci, VIRTIO_BLOCK, wanted, &b->v);
	if (!err)
		err = set_up(b);
	if (err) {
		virtio_close(b->v);
		heap_free(b);
		return err;
	}
	log_info("%s: %llu blocks of %u bytes%s", virtio_name(b->v),
		 (unsigned long long)b->bd.blocks, b->bd.block_size,
		 b->ops.write ? "" : ", read-only");
	*bd = &b->bd;
	return 0;
}
