/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtio-net with one pair of queues and no offloads: a frame is a header of zeros, in a descriptor of its
 * own because old devices want it so, and the bytes as they are on the wire. All buffers lie in one piece of
 * shared memory; frames are copied, so that nobody else's memory is ever open to the device.
 */
#define LOG_TAG "virtio-net"
#include "virtio/net.h"

#include "base/arith.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "virtio/dev.h"

#include <string.h>

#define F_MTU    3u
#define F_MAC    5u
#define F_STATUS 16u
#define BIT(n)   (1ull << (n))

#define CONFIG_MAC     0u
#define CONFIG_STATUS  6u
#define CONFIG_MTU     10u
#define STATUS_LINK_UP 1u

#define RX            0u
#define TX            1u
#define HEADER_ROOM   16u /* of which it uses 10 or 12 bytes */
#define HEADER_LEGACY 10u
#define HEADER_MODERN 12u
#define ETH_HEADER    14u
#define VLAN_TAG      4u
#define MTU_MIN       68u /* RFC 791 */
#define MTU_MAX       9000u
#define RX_BUFFERS    64u
#define TX_BUFFERS    32u
#define KICK_AFTER    16u /* buffers given back to the device before it is told */
#define RESTARTS_MAX  8u

struct buffer {
	struct buffer *next; /* free ones, for sending */
	uint8_t *mem;        /* header, then the frame */
	uint64_t dev;
};

struct net {
	struct netdev nd;
	struct virtio_dev *v;
	struct virtio_ring *ring[2];
	uint8_t *mem;
	uint64_t mem_dev;
	size_t mem_bytes, stride;
	uint32_t header_len;
	struct buffer rx[RX_BUFFERS], tx[TX_BUFFERS], *tx_free;
	unsigned unkicked; /* receive buffers the device has not been told of */
	unsigned restarts;
	bool dead;
};

static struct net *net_of(struct netdev *nd)
{
	return container_of(nd, struct net, nd);
}

/* ---- buffers ---- */

/* 0, or E_BUSY when the ring has no room for it: it is small, and the buffer lies idle. */
static int offer_rx(struct net *n, struct buffer *b)
{
	struct virtio_seg seg[2] = {
		{b->dev, n->header_len, true},
		{b->dev + HEADER_ROOM, (uint32_t)(n->stride - HEADER_ROOM), true},
	};
	int err = virtio_ring_add(n->ring[RX], seg, 2, b);

	n->unkicked += !err;
	return err;
}

static void kick_rx(struct net *n)
{
	if (n->unkicked)
		virtio_notify(n->v, RX);
	n->unkicked = 0;
}

static void fill(struct net *n)
{
	n->tx_free = NULL;
	n->unkicked = 0;
	for (unsigned i = 0; i < TX_BUFFERS; i++) {
		n->tx[i].next = n->tx_free;
		n->tx_free = &n->tx[i];
	}
	for (unsigned i = 0; i < RX_BUFFERS && !offer_rx(n, &n->rx[i]); i++)
		;
}

static int make_buffers(struct net *n)
{
	const struct dma *dma = virtio_dma(n->v);

	n->stride = align_up(HEADER_ROOM + n->nd.max_frame + VLAN_TAG, 64);
	n->mem_bytes = n->stride * (RX_BUFFERS + TX_BUFFERS);
	n->mem = dma->ops->alloc(dma->ctx, n->mem_bytes, &n->mem_dev);
	if (!n->mem)
		return E_NOMEM;
	for (unsigned i = 0; i < RX_BUFFERS + TX_BUFFERS; i++) {
		struct buffer *b = i < RX_BUFFERS ? &n->rx[i] : &n->tx[i - RX_BUFFERS];

		b->mem = n->mem + i * n->stride;
		b->dev = n->mem_dev + i * n->stride;
	}
	return 0;
}

/* The device broke the rules of a ring: again from reset, a few times. */
static void recover(struct net *n)
{
	log_warn("%s: reset: it broke down", virtio_name(n->v));
	if (n->restarts++ >= RESTARTS_MAX || virtio_restart(n->v)) {
		n->dead = true;
		return;
	}
	fill(n);
	kick_rx(n);
}

/* ---- frames ---- */

/* Take back what has been sent. E_IO: the ring is broken. */
static int reclaim(struct net *n)
{
	void *cookie;
	uint32_t len;
	int err;

	while ((err = virtio_ring_take(n->ring[TX], &cookie, &len)) == 0) {
		struct buffer *b = cookie;

		b->next = n->tx_free;
		n->tx_free = b;
	}
	return err == E_NOENT ? 0 : err;
}

static int net_send(struct netdev *nd, const void *frame, size_t len)
{
	struct net *n = net_of(nd);
	struct buffer *b;
	int err;

	if (len < ETH_HEADER || len > (size_t)nd->max_frame + VLAN_TAG)
		return E_INVAL;
	if (!n->dead && reclaim(n))
		recover(n);
	if (n->dead)
		return E_IO;
	b = n->tx_free;
	if (!b)
		return E_BUSY;
	memset(b->mem, 0, HEADER_ROOM);
	memcpy(b->mem + HEADER_ROOM, frame, len);
	err = virtio_ring_add(n->ring[TX],
			      (struct virtio_seg[2]){{b->dev, n->header_len, false},
						     {b->dev + HEADER_ROOM, (uint32_t)len, false}},
			      2, b);
	if (err)
		return err;
	n->tx_free = b->next;
	virtio_notify(n->v, TX);
	return 0;
}

/* The next frame of any length; its length in the buffer, 0 if it is not one. E_NOENT, E_IO. */
static int take_rx(struct net *n, struct buffer **b, size_t *frame_len)
{
	void *cookie;
	uint32_t len;
	int err = virtio_ring_take(n->ring[RX], &cookie, &len);

	if (err)
		return err;
	*b = cookie;
	*frame_len = len > n->header_len ? len - n->header_len : 0;
	return 0;
}

static size_t net_receive(struct netdev *nd, void *frame, size_t room)
{
	struct net *n = net_of(nd);
	struct buffer *b;
	size_t len, got = 0;
	int err = 0;

	for (unsigned i = 0; !n->dead && !got && !err && i < RX_BUFFERS; i++) {
		err = take_rx(n, &b, &len);
		if (err)
			break;
		if (len >= ETH_HEADER && len <= room) {
			memcpy(frame, b->mem + HEADER_ROOM, len);
			got = len;
		}
		err = offer_rx(n, b);
	}
	if (err == E_IO)
		recover(n);
	else if (!n->dead && (n->unkicked >= KICK_AFTER || err == E_NOENT))
		kick_rx(n);
	return got;
}

static bool net_link_up(struct netdev *nd)
{
	struct net *n = net_of(nd);

	return !virtio_has(n->v, F_STATUS) || virtio_config16(n->v, CONFIG_STATUS) & STATUS_LINK_UP;
}

/* ---- start and stop ---- */

static void net_stop(struct netdev *nd)
{
	struct net *n = net_of(nd);
	const struct dma *dma = virtio_dma(n->v);

	if (virtio_stop(n->v))
		dma->ops->free(dma->ctx, n->mem, n->mem_bytes, n->mem_dev);
	virtio_close(n->v);
	heap_free(n);
}

static const struct netdev_ops net_ops = {net_send, net_receive, net_link_up, net_stop};

static int read_config(struct net *n)
{
	uint16_t mtu = NETDEV_MTU;
	struct strbuf about = strbuf_on(n->nd.about, sizeof(n->nd.about));
	uint8_t all = 0;

	for (unsigned i = 0; i < sizeof(n->nd.mac); i++)
		all |= n->nd.mac[i] = virtio_config8(n->v, CONFIG_MAC + i);
	if (!virtio_has(n->v, F_MAC) || !all || n->nd.mac[0] & 1) {
		log_warn("%s: no MAC address of its own", virtio_name(n->v));
		return E_FORMAT;
	}
	if (virtio_has(n->v, F_MTU))
		mtu = virtio_config16(n->v, CONFIG_MTU);
	if (mtu < MTU_MIN || mtu > MTU_MAX)
		mtu = mtu < MTU_MIN ? NETDEV_MTU : MTU_MAX;
	n->nd.max_frame = (uint16_t)(ETH_HEADER + mtu);
	n->header_len = virtio_is_legacy(n->v) ? HEADER_LEGACY : HEADER_MODERN;
	strbuf_str(&about, "virtio-net");
	n->nd.ops = &net_ops;
	return 0;
}

static int set_up(struct net *n)
{
	int err = read_config(n);

	if (!err)
		err = virtio_queue(n->v, RX, 2 * RX_BUFFERS, &n->ring[RX]);
	if (!err)
		err = virtio_queue(n->v, TX, 2 * TX_BUFFERS, &n->ring[TX]);
	if (!err && (virtio_ring_size(n->ring[RX]) < 2 || virtio_ring_size(n->ring[TX]) < 2))
		err = E_FORMAT;
	if (!err)
		err = make_buffers(n);
	if (err)
		return err;
	fill(n);
	virtio_start(n->v);
	kick_rx(n);
	return 0;
}

int virtio_net_start(const struct pci_dev *pci, struct netdev **nd)
{
	struct net *n = try_alloc(sizeof(*n));
	int err;

	if (!n)
		return E_NOMEM;
	err = virtio_open(pci, VIRTIO_NET, BIT(F_MTU) | BIT(F_MAC) | BIT(F_STATUS), &n->v);
	if (!err)
		err = set_up(n);
	if (err) {
		virtio_close(n->v);
		heap_free(n);
		return err;
	}
	log_info("%s: %02x:%02x:%02x:%02x:%02x:%02x, frames of %u bytes, link %s",
		 virtio_name(n->v), n->nd.mac[0], n->nd.mac[1], n->nd.mac[2], n->nd.mac[3],
		 n->nd.mac[4], n->nd.mac[5], n->nd.max_frame, net_link_up(&n->nd) ? "up" : "down");
	*nd = &n->nd;
	return 0;
}
