/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rings (xHCI 4.9): what the controller is to do, and the events that tell it was done. A ring is a page;
 * its last block links back to the first. One thing is under way on a ring at a time, and an event
 * counts only if it names a block of that; all others are late news and dropped.
 */
#define LOG_TAG "xhci"
#include "xhci-priv.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"

#define COMMAND_MS 5000u

/* ---- filling ----------------------------------------------------------------------------- */

void ring_init(struct ring *r, uint8_t *mem, uint64_t dev)
{
	*r = (struct ring){.mem = mem, .dev = dev, .cycle = 1};
}

void ring_begin(struct ring *r)
{
	r->first = r->next;
	r->count = 0;
	r->over = false;
}

static void write_trb(uint8_t *trb, uint64_t parameter, uint32_t status, uint32_t control)
{
	put_le64(trb, parameter);
	put_le32(trb + 8, status);
	put_le32(trb + 12, control);
}

void ring_add(struct ring *r, uint64_t parameter, uint32_t status, uint32_t control)
{
	uint32_t cycle = r->count == 0 ? !r->cycle : r->cycle;

	write_trb(r->mem + TRB * r->next, parameter, status, control | cycle);
	r->count++;
	if (++r->next < RING_TRBS)
		return;
	write_trb(r->mem + TRB * RING_TRBS, r->dev, 0,
		  TRB_TYPE(T_LINK) | TRB_TOGGLE | (control & TRB_CHAIN) | r->cycle);
	r->next = 0;
	r->cycle ^= 1;
}

/* The first block was left with the wrong cycle. */
void ring_commit(struct ring *r)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	r->mem[TRB * r->first + 12] ^= TRB_CYCLE;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

uint64_t ring_dequeue(const struct ring *r)
{
	return (r->dev + TRB * r->next) | r->cycle;
}

/* ---- events ------------------------------------------------------------------------------ */

/* Which of the blocks under way an address names, from 0; or none. */
static bool find_block(const struct ring *r, uint64_t at, unsigned *i)
{
	uint64_t n = (at - r->dev) / TRB;

	if (at < r->dev || n >= RING_TRBS || r->over)
		return false;
	*i = (unsigned)(n + RING_TRBS - r->first) % RING_TRBS;
	return *i < r->count;
}

/* Bytes that the blocks before the i-th of a bulk transfer move, and it itself. */
static uint32_t moved_before(const struct usb_transfer *t, unsigned i)
{
	uint64_t first = CHUNK - (t->at & (CHUNK - 1)), n = i ? first + (i - 1ull) * CHUNK : 0;

	return n < t->len ? (uint32_t)n : t->len;
}

/* left: what the block that the event names did not move. */
static void count_bulk(struct ring *r, unsigned i, uint32_t left)
{
	uint32_t to = moved_before(r->t, i + 1), from = moved_before(r->t, i);

	r->t->done = left <= to - from ? to - left : from;
}

/* Setup, data if any, status; a short data block is told, but the end is that of the last. */
static bool count_control(struct ring *r, unsigned i, uint8_t code, uint32_t left)
{
	if (code == CODE_SHORT && i == 1 && r->count == 3) {
		r->t->done = left <= r->t->len ? r->t->len - left : 0;
		return false;
	}
	return code != CODE_SUCCESS || i + 1u == r->count;
}

static void transfer_event(struct ring *r, unsigned i, uint8_t code, uint32_t left)
{
	if (!r->t)
		return;
	if (!r->t->pipe) {
		r->over = count_control(r, i, code, left);
	} else if (code != CODE_SUCCESS || i + 1u == r->count) {
		count_bulk(r, i, left);
		r->over = true;
	}
	r->code = code;
}

static struct ring *ring_of(struct xhci *x, uint32_t control)
{
	struct xdev *d = x->device[control >> 24];

	for (unsigned i = 0; d && i < ARRAY_SIZE(d->ring); i++)
		if (d->ring[i].mem && d->ring[i].id == (control >> 16 & 31))
			return &d->ring[i];
	return NULL;
}

static void handle(struct xhci *x, const uint8_t *event)
{
	uint64_t at = get_le64(event);
	uint32_t status = get_le32(event + 8), control = get_le32(event + 12);
	struct ring *r = NULL;
	unsigned i;

	if (TYPE_OF(control) == E_COMMAND)
		r = &x->commands;
	else if (TYPE_OF(control) == E_TRANSFER)
		r = ring_of(x, control);
	if (!r || !find_block(r, at, &i))
		return;
	if (r != &x->commands) {
		transfer_event(r, i, (uint8_t)(status >> 24), status & 0xffffff);
		return;
	}
	r->code = (uint8_t)(status >> 24);
	r->id = (uint8_t)(control >> 24);
	r->over = true;
}

static void write_long(const struct xhci *x, uint32_t reg, uint64_t v)
{
	pci_write32(&x->usb.bar, reg, (uint32_t)v);
	pci_write32(&x->usb.bar, reg + 4, (uint32_t)(v >> 32));
}

void xhci_events(struct xhci *x)
{
	unsigned n = 0;

	for (; n < RING_TRBS; n++) {
		const uint8_t *event = x->mem + AT_EVENTS + TRB * x->event;
		uint8_t copy[TRB];

		if ((event[12] & TRB_CYCLE) != x->event_cycle)
			break;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		for (unsigned i = 0; i < TRB; i++)
			copy[i] = event[i];
		handle(x, copy);
		if (++x->event > RING_TRBS) {
			x->event = 0;
			x->event_cycle ^= 1;
		}
	}
	if (n > 0)
		write_long(x, x->rt + RT_ERDP,
			   (x->mem_dev + AT_EVENTS + TRB * x->event) | ERDP_BUSY);
}

void xhci_doorbell(struct xhci *x, unsigned slot, uint32_t target)
{
	pci_write32(&x->usb.bar, x->db + 4 * slot, target);
}

/* ---- commands ---------------------------------------------------------------------------- */

void xhci_kill(struct xhci *x, const char *why)
{
	usb_hcd_kill(&x->usb, why, pci_read32(&x->usb.bar, x->op + OP_STATUS));
}

int xhci_command(struct xhci *x, uint64_t parameter, uint32_t status, uint32_t control,
		 uint8_t *slot)
{
	struct wait w = wait_ms(COMMAND_MS);
	struct ring *r = &x->commands;

	if (x->usb.dead)
		return E_IO;
	ring_begin(r);
	ring_add(r, parameter, status, control);
	ring_commit(r);
	xhci_doorbell(x, 0, 0);
	for (xhci_events(x); !r->over; xhci_events(x))
		if (!wait_more(&w)) {
			xhci_kill(x, "a command is not answered");
			return E_TIMEOUT;
		}
	if (slot)
		*slot = r->id;
	if (r->code == CODE_SUCCESS)
		return 0;
	log_debug("%s: command %u: code %u", x->usb.name, TYPE_OF(control), r->code);
	return E_IO;
}
