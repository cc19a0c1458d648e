/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Split rings. Free descriptors are a chain in private memory; a request takes a stretch of it and gives
 * it back when the device says so. The device can only name the head of a request in flight, once:
 * everything else breaks the ring, because a device that is wrong about one request may write to the
 * memory of another.
 *
 * All three parts lie in one piece of memory in legacy layout (virtio 1.1, 2.6.2), which modern devices
 * take as well.
 */
#define LOG_TAG "virtio"
#include "virtio/ring.h"

#include "base/arith.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/panic.h"

#include <string.h>

#include "order.h"

#define PAGE          4096u
#define DESC_NEXT     1u
#define DESC_WRITE    2u
#define DESC_INDIRECT 4u
#define NO_INTERRUPT  1u
#define TABLES_MAX    16u
#define NONE          UINT16_MAX
#define TABLE_BYTES   (VIRTIO_INDIRECT_MAX * sizeof(struct desc))

/* ---- as the device sees it ---- */

struct desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags, next;
};
struct avail {
	uint16_t flags, idx;
	uint16_t entry[];
};
struct used_entry {
	uint32_t id, len;
};
struct used {
	uint16_t flags, idx;
	struct used_entry entry[];
};

/* ---- our own ---- */

struct request {           /* by its head descriptor */
	void *cookie;      /* NULL: not in flight */
	uint32_t writable; /* bytes */
	uint16_t last;     /* descriptor of its chain */
	uint16_t count;    /* of descriptors */
	uint16_t table;    /* NONE: a chain */
};

struct virtio_ring {
	const struct dma *dma;
	struct virtio_ring_format format;
	void *mem;
	uint64_t dev;
	size_t bytes, avail_at, used_at, tables_at;
	volatile struct desc *desc;
	volatile struct avail *avail;
	volatile struct used *used;
	struct request *request;
	uint16_t *next; /* of free descriptors */
	uint16_t free_head, nfree, in_flight;
	uint16_t next_avail, next_used;
	uint16_t ntables, tables_busy; /* busy: a bit each */
	bool broken;
};

static void lay_out(struct virtio_ring *r)
{
	size_t n = r->format.size;

	r->ntables = r->format.indirect ? (uint16_t)(n < TABLES_MAX ? n : TABLES_MAX) : 0;
	r->avail_at = n * sizeof(struct desc);
	r->used_at = align_up(r->avail_at + sizeof(struct avail) + 2 * n + 2, PAGE);
	r->tables_at =
		align_up(r->used_at + sizeof(struct used) + n * sizeof(struct used_entry) + 2, 16);
	r->bytes = r->tables_at + r->ntables * TABLE_BYTES;
}

struct virtio_ring *virtio_ring_new(const struct dma *dma, const struct virtio_ring_format *format)
{
	struct virtio_ring *r = try_alloc(sizeof(*r));

	assert(is_pow2(format->size) && format->size <= VIRTIO_RING_MAX);
	if (!r)
		return NULL;
	r->dma = dma;
	r->format = *format;
	lay_out(r);
	r->mem = dma->ops->alloc(dma->ctx, r->bytes, &r->dev);
	r->request = try_alloc(format->size * sizeof(*r->request));
	r->next = try_alloc(format->size * sizeof(*r->next));
	if (!r->mem || !r->request || !r->next) {
		virtio_ring_free(r, VIRTIO_RING_GIVE_BACK);
		return NULL;
	}
	r->desc = r->mem;
	r->avail = (void *)((char *)r->mem + r->avail_at);
	r->used = (void *)((char *)r->mem + r->used_at);
	virtio_ring_clear(r);
	return r;
}

void virtio_ring_free(struct virtio_ring *r, enum virtio_ring_end how)
{
	if (!r)
		return;
	if (how == VIRTIO_RING_GIVE_BACK && r->mem)
		r->dma->ops->free(r->dma->ctx, r->mem, r->bytes, r->dev);
	heap_free(r->request);
	heap_free(r->next);
	heap_free(r);
}

void virtio_ring_clear(struct virtio_ring *r)
{
	memset(r->mem, 0, r->bytes);
	memset(r->request, 0, r->format.size * sizeof(*r->request));
	for (unsigned i = 0; i < r->format.size; i++)
		r->next[i] = (uint16_t)(i + 1);
	r->free_head = 0;
	r->nfree = r->format.size;
	r->in_flight = r->next_avail = r->next_used = r->tables_busy = 0;
	r->broken = false;
	r->avail->flags = order16(r->format.big, NO_INTERRUPT); /* we look, we are not told */
}

struct virtio_ring_place virtio_ring_place(const struct virtio_ring *r)
{
	return (struct virtio_ring_place){r->dev, r->dev + r->avail_at, r->dev + r->used_at};
}

uint16_t virtio_ring_size(const struct virtio_ring *r)
{
	return r->format.size;
}

unsigned virtio_ring_in_flight(const struct virtio_ring *r)
{
	return r->in_flight;
}

/* ---- offering ---- */

static void put_desc(const struct virtio_ring *r, volatile struct desc *d,
		     const struct virtio_seg *seg, uint16_t flags, uint16_t next)
{
	d->addr = order64(r->format.big, seg->addr);
	d->len = order32(r->format.big, seg->len);
	d->flags = order16(r->format.big, (uint16_t)(flags | (seg->in ? DESC_WRITE : 0)));
	d->next = order16(r->format.big, next);
}

/* Fill n free descriptors, the head being the first free one. */
static void put_chain(struct virtio_ring *r, const struct virtio_seg *seg, unsigned n)
{
	struct request *q = &r->request[r->free_head];
	uint16_t at = r->free_head;

	for (unsigned i = 0; i < n; i++) {
		bool more = i + 1 < n;

		put_desc(r, &r->desc[at], &seg[i], more ? DESC_NEXT : 0, more ? r->next[at] : 0);
		q->last = at;
		at = r->next[at];
	}
	q->count = (uint16_t)n;
	q->table = NONE;
	r->free_head = at;
	r->nfree = (uint16_t)(r->nfree - n);
}

static uint16_t free_table(const struct virtio_ring *r)
{
	for (uint16_t i = 0; i < r->ntables; i++)
		if (!(r->tables_busy & 1u << i))
			return i;
	return NONE;
}

/* One descriptor, which points to a table. */
static void put_table(struct virtio_ring *r, const struct virtio_seg *seg, unsigned n,
		      uint16_t table)
{
	struct request *q = &r->request[r->free_head];
	size_t at = r->tables_at + table * TABLE_BYTES;
	volatile struct desc *t = (void *)((char *)r->mem + at);
	struct virtio_seg whole = {r->dev + at, (uint32_t)(n * sizeof(struct desc)), false};

	for (unsigned i = 0; i < n; i++)
		put_desc(r, &t[i], &seg[i], i + 1 < n ? DESC_NEXT : 0,
			 (uint16_t)(i + 1 < n ? i + 1 : 0));
	put_desc(r, &r->desc[r->free_head], &whole, DESC_INDIRECT, 0);
	q->last = r->free_head;
	q->count = 1;
	q->table = table;
	r->tables_busy = (uint16_t)(r->tables_busy | 1u << table);
	r->free_head = r->next[r->free_head];
	r->nfree--;
}

/* A chain where there is room for one, else a table. */
static int place(struct virtio_ring *r, const struct virtio_seg *seg, unsigned n)
{
	bool may_table = r->ntables > 0 && n <= VIRTIO_INDIRECT_MAX;
	uint16_t table;

	if (n == 0 || (n > r->format.size && !may_table))
		return E_RANGE;
	if (n <= r->nfree) {
		put_chain(r, seg, n);
		return 0;
	}
	table = may_table && r->nfree > 0 ? free_table(r) : NONE;
	if (table == NONE)
		return E_BUSY;
	put_table(r, seg, n, table);
	return 0;
}

int virtio_ring_add(struct virtio_ring *r, const struct virtio_seg *seg, unsigned n, void *cookie)
{
	uint16_t head = r->free_head;
	uint64_t writable = 0;
	int err;

	if (r->broken)
		return E_IO;
	err = place(r, seg, n);
	if (err)
		return err;
	for (unsigned i = 0; i < n; i++)
		writable += seg[i].in ? seg[i].len : 0;
	r->request[head].cookie = cookie;
	r->request[head].writable = writable < UINT32_MAX ? (uint32_t)writable : UINT32_MAX;
	r->in_flight++;
	r->avail->entry[r->next_avail++ & (r->format.size - 1)] = order16(r->format.big, head);
	memory_barrier(); /* the device must see the descriptors before the index */
	r->avail->idx = order16(r->format.big, r->next_avail);
	memory_barrier(); /* and the index before it is notified */
	return 0;
}

/* ---- taking back ---- */

static int broken(struct virtio_ring *r, const char *what, uint32_t value)
{
	r->broken = true;
	log_warn("device broke the rules of its ring: %s %u, of %u entries %u in flight", what,
		 value, r->format.size, r->in_flight);
	return E_IO;
}

static void release(struct virtio_ring *r, uint16_t head)
{
	struct request *q = &r->request[head];

	r->next[q->last] = r->free_head;
	r->free_head = head;
	r->nfree = (uint16_t)(r->nfree + q->count);
	if (q->table != NONE)
		r->tables_busy = (uint16_t)(r->tables_busy & ~(1u << q->table));
	q->cookie = NULL;
	r->in_flight--;
}

int virtio_ring_take(struct virtio_ring *r, void **cookie, uint32_t *len)
{
	uint16_t idx, news;
	uint32_t id, written;

	if (r->broken)
		return E_IO;
	idx = order16(r->format.big, r->used->idx);
	news = (uint16_t)(idx - r->next_used);
	if (news == 0)
		return E_NOENT;
	if (news > r->in_flight)
		return broken(r, "used index", idx);
	memory_barrier(); /* the entry was written before the index */
	id = order32(r->format.big, r->used->entry[r->next_used & (r->format.size - 1)].id);
	written = order32(r->format.big, r->used->entry[r->next_used & (r->format.size - 1)].len);
	if (id >= r->format.size || !r->request[id].cookie)
		return broken(r, "used id", id);
	*cookie = r->request[id].cookie;
	*len = written < r->request[id].writable ? written : r->request[id].writable;
	r->next_used++;
	release(r, (uint16_t)id);
	return 0;
}
