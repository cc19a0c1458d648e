/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two rings of legacy descriptors (8254x manual, chapters 3.2 and 3.3; 82574 manual, 7.1 and 7.2), a
 * buffer of its own for each descriptor, everything polled. Frames are copied: what the device wrote is
 * looked at only once, and its lengths are compared with the buffer first.
 */
#define LOG_TAG "e1000"
#include "e1000/e1000.h"

#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"

#define REG_CTRL     0x0000
#define CTRL_ASDE    0x20u
#define CTRL_LINK_UP 0x40u
#define CTRL_RESET   0x04000000u
#define REG_STATUS   0x0008
#define STATUS_LINK  0x2u
#define REG_MASK_OFF 0x00d8
#define REG_RCTL     0x0100
#define RCTL_ON      (0x2u | 0x10u | 0x8000u | 0x04000000u) /* all multicast, broadcast, no checksum */
#define REG_TCTL     0x0400
#define TCTL_ON      (0x2u | 0x8u | 0x10u << 4 | 0x40u << 12) /* pad short frames */
#define REG_TIPG     0x0410
#define TIPG_COPPER  (8u | 8u << 10 | 6u << 20)
#define REG_RX       0x2800 /* base, then at +8 length, +16 head, +24 tail */
#define REG_TX       0x3800
#define RING_LEN     0x08
#define RING_HEAD    0x10
#define RING_TAIL    0x18
#define REG_MTA      0x5200 /* 128 words of multicast filter */
#define REG_RAL      0x5400 /* the station's address, filled from the EEPROM at reset */
#define REG_RAH      0x5404
#define RAH_VALID    0x80000000u

#define DESC     16u /* bytes: address 8, length 2, ... */
#define RX_STATE 12u /* 1 done, 2 end of frame; behind it the errors */
#define TX_CMD   11u
#define TX_LAST  0xbu /* end of frame, insert checksum, report */
#define TX_STATE 12u
#define IS_DONE  0x1u
#define IS_END   0x2u

#define RX_COUNT   128u
#define TX_COUNT   32u
#define RX_AT_ONCE 8u /* a small part of RX_COUNT, and divides it */
#define BUFFER     2048u
#define RESET_MS   1000u

struct ring {
	uint8_t *desc, *buf;
	uint64_t desc_dev, buf_dev;
	unsigned count, next;
};

struct e1000 {
	struct netdev nd;
	const struct pci_dev *dev;
	struct pci_bar bar;
	struct ring rx, tx;
};

static struct e1000 *e1000_of(struct netdev *nd)
{
	return (struct e1000 *)((char *)nd - offsetof(struct e1000, nd));
}

/* ---- rings -------------------------------------------------------------------------------- */

static uint8_t *desc_at(const struct ring *r, unsigned i)
{
	return r->desc + i * DESC;
}

static int ring_alloc(const struct dma *dma, struct ring *r, unsigned count)
{
	r->count = count;
	r->next = 0;
	r->desc = dma->ops->alloc(dma->ctx, count * DESC, &r->desc_dev);
	r->buf = dma->ops->alloc(dma->ctx, count * BUFFER, &r->buf_dev);
	if (!r->desc || !r->buf)
		return E_NOMEM;
	for (unsigned i = 0; i < count; i++)
		put_le64(desc_at(r, i), r->buf_dev + i * BUFFER);
	return 0;
}

static void ring_free(const struct dma *dma, struct ring *r)
{
	dma->ops->free(dma->ctx, r->desc, r->count * DESC, r->desc_dev);
	dma->ops->free(dma->ctx, r->buf, r->count * BUFFER, r->buf_dev);
}

static void ring_tell(const struct e1000 *e, const struct ring *r, uint32_t reg)
{
	pci_write32(&e->bar, reg, (uint32_t)r->desc_dev);
	pci_write32(&e->bar, reg + 4, (uint32_t)(r->desc_dev >> 32));
	pci_write32(&e->bar, reg + RING_LEN, r->count * DESC);
	pci_write32(&e->bar, reg + RING_HEAD, 0);
	pci_write32(&e->bar, reg + RING_TAIL, 0);
}

/* The device's own byte about a descriptor; what it wrote before is seen afterwards. */
static uint8_t state_of(const uint8_t *desc, unsigned at)
{
	uint8_t state = *(const volatile uint8_t *)(desc + at);

	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return state;
}

/* ---- frames ------------------------------------------------------------------------------- */

static int send(struct netdev *nd, const void *frame, size_t len)
{
	struct e1000 *e = e1000_of(nd);
	struct ring *r = &e->tx;
	uint8_t *desc = desc_at(r, r->next);
	/* a tail that has caught up with the head means empty: one descriptor stays free */
	const uint8_t *ahead = desc_at(r, (r->next + 1) % r->count);

	if (len > nd->max_frame)
		return E_RANGE;
	if (ahead[TX_CMD] && !(state_of(ahead, TX_STATE) & IS_DONE))
		return E_BUSY;
	memcpy(r->buf + r->next * BUFFER, frame, len);
	memset(desc + 8, 0, DESC - 8);
	put_le16(desc + 8, (uint16_t)len);
	desc[TX_CMD] = TX_LAST;
	r->next = (r->next + 1) % r->count;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	pci_write32(&e->bar, REG_TX + RING_TAIL, r->next);
	return 0;
}

/*
 * Give the descriptor back, after the one the device was given last. The device is told of several at once: each
 * write of its register stops the machine's processor.
 */
static void recycle(struct e1000 *e)
{
	struct ring *r = &e->rx;

	memset(desc_at(r, r->next) + 8, 0, DESC - 8);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (r->next % RX_AT_ONCE == RX_AT_ONCE - 1)
		pci_write32(&e->bar, REG_RX + RING_TAIL, r->next);
	r->next = (r->next + 1) % r->count;
}

/* Frames of more than one buffer, or with errors, are dropped. */
static size_t receive(struct netdev *nd, void *frame, size_t room)
{
	struct e1000 *e = e1000_of(nd);
	struct ring *r = &e->rx;

	for (unsigned tries = 0; tries < r->count; tries++) {
		const uint8_t *desc = desc_at(r, r->next);
		uint8_t state = state_of(desc, RX_STATE);
		size_t len = get_le16(desc + 8);
		bool good = state & IS_END && desc[RX_STATE + 1] == 0 && len >= 14 && len <= BUFFER;

		if (!(state & IS_DONE))
			return 0;
		if (good && len <= room) {
			memcpy(frame, r->buf + r->next * BUFFER, len);
			recycle(e);
			return len;
		}
		recycle(e);
	}
	return 0;
}

static bool link_up(struct netdev *nd)
{
	uint32_t status = pci_read32(&e1000_of(nd)->bar, REG_STATUS);

	return status != 0xffffffff && status & STATUS_LINK;
}

/* ---- life --------------------------------------------------------------------------------- */

static int reset(const struct e1000 *e)
{
	struct wait w = wait_ms(RESET_MS);

	pci_write32(&e->bar, REG_MASK_OFF, 0xffffffff);
	pci_write32(&e->bar, REG_RCTL, 0);
	pci_write32(&e->bar, REG_TCTL, 0);
	pci_write32(&e->bar, REG_CTRL, pci_read32(&e->bar, REG_CTRL) | CTRL_RESET);
	clock_delay_us(10); /* no access for a microsecond, the manual says */
	while (pci_read32(&e->bar, REG_CTRL) & CTRL_RESET)
		if (!wait_more(&w))
			return E_TIMEOUT;
	pci_write32(&e->bar, REG_MASK_OFF, 0xffffffff);
	return 0;
}

static int read_mac(struct e1000 *e)
{
	uint32_t low = pci_read32(&e->bar, REG_RAL), high = pci_read32(&e->bar, REG_RAH);

	put_le32(e->nd.mac, low);
	put_le16(e->nd.mac + 4, (uint16_t)high);
	if (!(high & RAH_VALID) || e->nd.mac[0] & 1 || (low == 0 && (high & 0xffff) == 0)) {
		log_warn("%s: no MAC address: %08x %08x", e->dev->node->name, low, high);
		return E_IO;
	}
	return 0;
}

static void go(const struct e1000 *e)
{
	pci_write32(&e->bar, REG_CTRL, pci_read32(&e->bar, REG_CTRL) | CTRL_ASDE | CTRL_LINK_UP);
	for (unsigned i = 0; i < 128; i++)
		pci_write32(&e->bar, REG_MTA + 4 * i, 0);
	ring_tell(e, &e->rx, REG_RX);
	ring_tell(e, &e->tx, REG_TX);
	pci_write32(&e->bar, REG_TIPG, TIPG_COPPER);
	pci_write32(&e->bar, REG_TCTL, TCTL_ON);
	pci_write32(&e->bar, REG_RCTL, RCTL_ON);
	pci_write32(&e->bar, REG_RX + RING_TAIL, e->rx.count - 1);
}

static void stop(struct netdev *nd)
{
	struct e1000 *e = e1000_of(nd);

	if (reset(e))
		log_warn("%s: does not reset", e->dev->node->name);
	pci_dev_disable(e->dev);
	ring_free(e->dev->dma, &e->rx);
	ring_free(e->dev->dma, &e->tx);
	heap_free(e);
}

static const struct netdev_ops ops = {send, receive, link_up, stop};

static int bring_up(struct e1000 *e)
{
	int err = pci_dev_bar(e->dev, 0, &e->bar);

	if (err)
		return err;
	pci_dev_enable(e->dev);
	err = reset(e);
	err = err ? err : read_mac(e);
	err = err ? err : ring_alloc(e->dev->dma, &e->rx, RX_COUNT);
	err = err ? err : ring_alloc(e->dev->dma, &e->tx, TX_COUNT);
	return err;
}

int e1000_start(const struct pci_dev *dev, struct netdev **nd)
{
	struct e1000 *e;
	int err;

	if (!dev->dma)
		return E_UNSUPP;
	e = try_alloc(sizeof(*e));
	if (!e)
		return E_NOMEM;
	e->dev = dev;
	e->nd = (struct netdev){.ops = &ops, .max_frame = 14 + NETDEV_MTU, .about = "Intel e1000"};
	err = bring_up(e);
	if (err) {
		pci_dev_disable(dev);
		ring_free(dev->dma, &e->rx);
		ring_free(dev->dma, &e->tx);
		heap_free(e);
		return err;
	}
	go(e);
	*nd = &e->nd;
	return 0;
}
