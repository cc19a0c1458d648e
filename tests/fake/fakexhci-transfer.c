/* SPDX-License-Identifier: BSD-2-Clause */
/* Transfers of the fake xHCI controller: the blocks of one, what its device makes of them, what is told. */
#include "fakexhci-priv.h"

#include <string.h>

#include "base/bytes.h"
#include "fakedma.h"

#define MOST 64u

static bool is_below(const struct fakeusb *hub, const struct fakeusb *d)
{
	bool found = hub == d;

	for (unsigned i = 0; hub && i < FAKEUSB_PORTS && !found; i++)
		found = hub->port[i] && is_below(hub->port[i], d);
	return found;
}

static bool is_plugged(const struct fakexhci *x, const struct fakeusb *d)
{
	for (unsigned i = 0; i < FAKEXHCI_PORTS; i++)
		if (is_below(x->port[i], d))
			return true;
	return false;
}

static uint32_t length(const struct trb *t)
{
	return (t->control >> 10 & 63) == 1 || (t->control >> 10 & 63) == 3 ? t->status & 0x1ffff
									    : 0;
}

/* Bytes between the device's one piece and the blocks. */
static void scatter(const struct trb *t, unsigned n, uint8_t *flat, bool to_memory)
{
	for (unsigned i = 0; i < n; i++) {
		uint32_t len = length(&t[i]);

		if (!len)
			continue;
		MUST((t[i].parameter & 0xffff) + len <= 0x10000);
		if (to_memory)
			memcpy(fakedma_at(t[i].parameter, len), flat, len);
		else
			memcpy(flat, fakedma_at(t[i].parameter, len), len);
		flat += len;
	}
}

/* Tell what became of it: at the block where it ended, or the last. done < 0: how it failed. */
static void report(struct fakexhci *x, unsigned slot, unsigned ep, const struct trb *t, unsigned n,
		   int done)
{
	uint32_t what = 32u << 10 | (uint32_t)slot << 24 | ep << 16,
		 left = done < 0 ? 0 : (uint32_t)done;
	bool is_short = false;

	if (done < 0) {
		fakexhci_set_state(x, slot, ep, 2);
		fakexhci_event(x, t[ep == 1 && n == 3].at,
			       (done == FAKEUSB_STALL ? 6u : 4u) << 24 | length(&t[0]), what);
		return;
	}
	for (unsigned i = 0; i < n; i++) {
		uint32_t len = length(&t[i]), some = left < len ? left : len;

		left -= some;
		if (some < len && !is_short && t[i].control & 4) {
			is_short = true;
			fakexhci_event(x, t[i].at, 13u << 24 | (len - some), what);
			if (ep != 1)
				return;
		} else if (t[i].control & 0x20) {
			fakexhci_event(x, t[i].at,
				       (ep != 1 && is_short ? 13u : 1u) << 24 | (len - some), what);
		}
	}
}

static int ask_device(struct fakexhci *x, unsigned slot, unsigned ep, const struct trb *t,
		      unsigned n)
{
	struct fakeusb *d = x->slot[slot].dev;
	uint32_t len = 0;
	bool in = ep == 1 ? t[0].parameter & 0x80 : ep & 1;
	uint8_t *flat, setup[8];
	int done;

	for (unsigned i = 0; i < n; i++)
		len += length(&t[i]);
	flat = calloc(1, len + 1);
	if (!in)
		scatter(t, n, flat, false);
	if (ep == 1) {
		put_le64(setup, t[0].parameter);
		MUST(x->slot[slot].ep[1].packet == (d->speed == 4 ? 512 : fakeusb_packet0(d)) ||
		     len <= 8);
		done = fakeusb_control(d, setup, flat, len);
	} else {
		done = fakeusb_data(d, (uint8_t)(ep / 2 | (ep & 1) << 7), flat, len);
	}
	if (in && done > 0)
		scatter(t, n, flat, true);
	free(flat);
	return done;
}

/* The blocks of one transfer; false: there are none. */
static bool fetch_transfer(struct fakexhci_ep *e, unsigned ep, struct trb *t, unsigned *n)
{
	uint64_t dequeue = e->dequeue;
	uint8_t cycle = e->cycle;
	bool more;

	*n = 0;
	do {
		MUST(*n < MOST);
		if (!fakexhci_fetch(&dequeue, &cycle, &t[*n])) {
			MUST(*n == 0); /* given out before it was complete */
			return false;
		}
		more = ep == 1 ? (t[*n].control >> 10 & 63) != 4 : t[*n].control >> 4 & 1;
		++*n;
	} while (more);
	MUST(ep != 1 ||
	     ((t[0].control & 0x40) && (t[0].control >> 10 & 63) == 2 && t[0].status == 8));
	e->dequeue = dequeue;
	e->cycle = cycle;
	return true;
}

void fakexhci_run(struct fakexhci *x, unsigned slot, unsigned ep)
{
	struct fakexhci_ep *e = &x->slot[slot].ep[ep];
	struct trb t[MOST];
	unsigned n;

	MUST(e->state == 1 || e->state == 3);
	if (e->state == 3)
		fakexhci_set_state(x, slot, ep, 1);
	while (e->state == 1 && !e->waits) {
		struct fakexhci_ep before = *e;
		int done;

		if (!fetch_transfer(e, ep, t, &n))
			return;
		x->transfers++;
		done = is_plugged(x, x->slot[slot].dev) ? ask_device(x, slot, ep, t, n)
							: FAKEUSB_SILENT;
		if (done == FAKEUSB_SILENT || done == FAKEUSB_NAK) {
			*e = before;
			e->waits = true;
		} else {
			report(x, slot, ep, t, n, done);
		}
	}
}

void fakexhci_kick(struct fakexhci *x)
{
	for (unsigned slot = 1; slot <= FAKEXHCI_SLOTS; slot++)
		for (unsigned ep = 1; ep < 32 && x->slot[slot].used; ep++)
			if (x->slot[slot].ep[ep].waits) {
				x->slot[slot].ep[ep].waits = false;
				fakexhci_run(x, slot, ep);
			}
}
