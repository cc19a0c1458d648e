/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtual Ethernet (LoPAPR 16.4): two pages the hypervisor keeps its books in, a queue it writes an entry
 * of 16 bytes to for each frame, and buffers we give it one by one. A buffer begins with eight bytes that
 * come back in the queue's entry and say which one it is; the frame lies behind them. Everything it needs is
 * one piece of memory, reached by RAM addresses where bypass is to be had, else through its DMA window.
 *
 * Sending is over when the call returns. What an entry says is believed only as far as it names a buffer
 * that is out, and bytes in it.
 */
#define LOG_TAG "llan"
#include "board.h"

#include <string.h>

#include "hv.h"
#include "mmio.h"
#include "rtas.h"
#include "tce.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "dev/netdev.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/machine.h"
#include "of/net.h"

#define PAGE    4096u
#define ENTRIES (PAGE / 16)
#define BUFFERS 128u /* fewer than entries: the queue never overtakes us */
#define BUFFER  2048u
#define SKIP    8u

/* The memory, by offsets. */
#define LIST_AT    0u
#define FILTER_AT  PAGE
#define QUEUE_AT   (2 * PAGE)
#define SEND_AT    (3 * PAGE)
#define BUFFERS_AT (4 * PAGE)
#define BYTES      (BUFFERS_AT + BUFFERS * BUFFER)

#define VALID      (1ull << 63)
#define TOGGLE     0x80u
#define FRAME_HERE 0x40u

struct llan {
	struct netdev nd;
	struct dt_node *node; /* valid while it starts */
	uint32_t unit;
	struct dma dma;
	struct tce_window *window; /* NULL: bypassed */
	uint8_t *mem;
	uint64_t dev;
	bool registered;
	unsigned at;       /* the entry to come */
	uint8_t toggle;    /* what it will have */
	bool out[BUFFERS]; /* at the hypervisor */
};

static struct llan *llan_of(struct netdev *nd)
{
	return container_of(nd, struct llan, nd);
}

static uint64_t descriptor(const struct llan *l, uint32_t at, uint32_t len)
{
	return VALID | (uint64_t)len << 32 | (l->dev + at);
}

/* ---- receiving ------------------------------------------------------------------------------ */

static void give_buffer(struct llan *l, unsigned i)
{
	uint32_t at = BUFFERS_AT + i * BUFFER;
	int64_t rc;

	put_be64(l->mem + at, i);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	rc = hv_add_lan_buffer(l->unit, descriptor(l, at, BUFFER));
	l->out[i] = rc == H_SUCCESS;
	if (rc != H_SUCCESS)
		log_warn("%x: buffer %u not taken: hypervisor says %lld", l->unit, i,
			 (long long)rc);
}

/* The frame an entry tells of, 0 if it makes no sense or is too long; its buffer is given back. */
static size_t take(struct llan *l, const uint8_t entry[16], void *frame, size_t room)
{
	uint32_t offset = get_be16(entry + 2), len = get_be32(entry + 4);
	uint64_t i = get_be64(entry + 8);

	if (i >= BUFFERS || !l->out[i]) {
		log_debug("%x: frame in buffer %llx, which is not out", l->unit,
			  (unsigned long long)i);
		return 0;
	}
	if (!(entry[0] & FRAME_HERE) || offset > BUFFER || len > BUFFER - offset || len > room)
		len = 0;
	if (len)
		memcpy(frame, l->mem + BUFFERS_AT + i * BUFFER + offset, len);
	give_buffer(l, (unsigned)i);
	return len;
}

static bool next_entry(struct llan *l, uint8_t entry[16])
{
	const volatile uint8_t *control = l->mem + QUEUE_AT + 16u * l->at;

	if ((*control & TOGGLE) != l->toggle)
		return false;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	memcpy(entry, l->mem + QUEUE_AT + 16u * l->at, 16);
	if (++l->at == ENTRIES) {
		l->at = 0;
		l->toggle ^= TOGGLE;
	}
	return true;
}

static size_t llan_receive(struct netdev *nd, void *frame, size_t room)
{
	struct llan *l = llan_of(nd);
	uint8_t entry[16];

	for (unsigned n = 0; n < ENTRIES && next_entry(l, entry); n++) {
		size_t len = take(l, entry, frame, room);

		if (len)
			return len;
	}
	return 0;
}

/* ---- sending -------------------------------------------------------------------------------- */

static int llan_send(struct netdev *nd, const void *frame, size_t len)
{
	struct llan *l = llan_of(nd);
	int64_t rc;

	if (len < 14 || len > nd->max_frame)
		return E_INVAL;
	memcpy(l->mem + SEND_AT, frame, len);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	rc = hv_send_lan(l->unit, descriptor(l, SEND_AT, (uint32_t)len));
	if (rc == H_SUCCESS)
		return 0;
	return rc == H_BUSY || (rc >= H_LONG_BUSY_FIRST && rc <= H_LONG_BUSY_LAST) ? E_BUSY : E_IO;
}

static bool llan_link_up(struct netdev *nd UNUSED)
{
	return true;
}

/* ---- life ----------------------------------------------------------------------------------- */

/* Bypass, or a window of our own. */
static int open_memory(struct llan *l)
{
	if (!rtas_set_tce_bypass(l->unit, true)) {
		l->dma = dma_direct;
	} else {
		l->window = tce_window_new(l->node);
		if (!l->window)
			return E_UNSUPP;
		l->dma = (struct dma){&tce_dma_ops, l->window};
	}
	l->mem = l->dma.ops->alloc(l->dma.ctx, BYTES, &l->dev);
	return l->mem ? 0 : E_NOMEM;
}

static void close_memory(struct llan *l)
{
	if (l->dma.ops && l->mem)
		l->dma.ops->free(l->dma.ctx, l->mem, BYTES, l->dev);
	l->mem = NULL;
	if (l->window)
		tce_window_free(l->window);
	else if (l->dma.ops && rtas_set_tce_bypass(l->unit, false))
		log_warn("%x: the bypass of its DMA window stays on", l->unit);
}

static int64_t try_register(const struct llan *l)
{
	return hv_register_lan(l->unit, l->dev + LIST_AT, descriptor(l, QUEUE_AT, PAGE),
			       l->dev + FILTER_AT);
}

/* What somebody before us left open is closed. */
static int enroll(struct llan *l)
{
	int64_t rc = try_register(l);

	if (rc == H_RESOURCE) {
		hv_free_lan(l->unit);
		rc = try_register(l);
	}
	if (rc != H_SUCCESS) {
		log_warn("%x: not registered: hypervisor says %lld", l->unit, (long long)rc);
		return E_IO;
	}
	l->registered = true;
	l->toggle = TOGGLE;
	for (unsigned i = 0; i < BUFFERS; i++) {
		give_buffer(l, i);
		if (!l->out[i])
			return i ? 0 : E_IO;
	}
	return 0;
}

static void llan_stop(struct netdev *nd)
{
	struct llan *l = llan_of(nd);

	if (l->registered && hv_free_lan(l->unit) != H_SUCCESS) {
		log_warn("%x: not closed: its memory stays taken", l->unit);
		l->mem = NULL;
	}
	close_memory(l);
	heap_free(l);
}

static const struct netdev_ops llan_ops = {llan_send, llan_receive, llan_link_up, llan_stop};

/* Six bytes, or eight with the address behind two zeros. */
static int read_mac(const struct dt_node *node, uint8_t mac[6])
{
	const struct dt_prop *p = dt_prop_find(node, "local-mac-address");

	if (!p || (p->len != 6 && p->len != 8))
		return E_FORMAT;
	memcpy(mac, p->data + (p->len - 6), 6);
	return 0;
}

static int llan_start(void *ctx, struct netdev **nd)
{
	struct llan *l = try_alloc(sizeof(*l));
	int err;

	if (!l)
		return E_NOMEM;
	l->node = ctx;
	l->nd = (struct netdev){.ops = &llan_ops, .max_frame = NETDEV_MTU + 14, .about = "l-lan"};
	err = dt_prop_get_u32(l->node, "reg", &l->unit);
	err = err ? err : read_mac(l->node, l->nd.mac);
	err = err ? err : open_memory(l);
	err = err ? err : enroll(l);
	if (err) {
		llan_stop(&l->nd);
		return err;
	}
	*nd = &l->nd;
	return 0;
}

void llan_bind_all(void)
{
	const struct dt_node *vdevice = dt_path_find(of_tree(), "/vdevice");

	for (struct dt_node *n = vdevice ? vdevice->child : NULL; n; n = n->next) {
		const struct net_source source = {llan_start, n, "l-lan"};

		if (dt_prop_lists(n, "compatible", "IBM,l-lan"))
			of_bind_net(n, &source);
	}
}
