/* SPDX-License-Identifier: BSD-2-Clause */
/* The controller's side of xHCI 1.2: rings, contexts, commands, registers. */
#include "fakexhci-priv.h"

#include <string.h>

#include "base/bytes.h"
#include "fakedma.h"

#define OP 0x40u
#define DB 0x800u
#define RT 0x600u

#define PORTSC_CONNECTED 1u
#define PORTSC_ENABLED   2u
#define PORTSC_POWER     0x200u

/* ---- rings ------------------------------------------------------------------------------- */

bool fakexhci_fetch(uint64_t *dequeue, uint8_t *cycle, struct trb *trb)
{
	for (unsigned links = 0; links < 2; links++) {
		const uint8_t *p = fakedma_at(*dequeue, 16);

		MUST(*dequeue % 16 == 0);
		*trb = (struct trb){*dequeue, get_le64(p), get_le32(p + 8), get_le32(p + 12)};
		if ((trb->control & 1) != *cycle)
			return false;
		*dequeue += 16;
		if ((trb->control >> 10 & 63) != 6)
			return true;
		*dequeue = trb->parameter;
		*cycle ^= trb->control >> 1 & 1;
	}
	MUST(!"a link to a link");
	return false;
}

void fakexhci_event(struct fakexhci *x, uint64_t at, uint32_t status, uint32_t control)
{
	uint8_t *p;

	if (x->mute_events)
		return;
	MUST(x->event);
	p = fakedma_at(x->event + 16 * x->event_at, 16);
	put_le64(p, at);
	put_le32(p + 8, status);
	put_le32(p + 12, control | x->event_cycle);
	x->events++;
	if (++x->event_at == 256) {
		x->event_at = 0;
		x->event_cycle ^= 1;
	}
	MUST((x->erdp & ~15ull) != x->event + 16 * x->event_at); /* never full */
}

/* ---- contexts ---------------------------------------------------------------------------- */

static unsigned context_size(const struct fakexhci *x)
{
	return x->big_contexts ? 64 : 32;
}

void fakexhci_set_state(struct fakexhci *x, unsigned slot, unsigned ep, uint8_t state)
{
	uint8_t *c = fakedma_at(x->slot[slot].context + ep * context_size(x), 4);

	x->slot[slot].ep[ep].state = state;
	x->slot[slot].ep[ep].waits = false;
	put_le32(c, (get_le32(c) & ~7u) | state);
}

static struct fakeusb *find_device(struct fakexhci *x, uint32_t port, uint32_t route)
{
	struct fakeusb *d;

	MUST(port >= 1 && port <= FAKEXHCI_PORTS);
	MUST(x->portsc[port - 1] & PORTSC_ENABLED);
	d = x->port[port - 1];
	for (; d && route; route >>= 4) {
		unsigned at = (route & 15) - 1;

		MUST(d->kind == FAKEUSB_HUB && at < FAKEUSB_PORTS && d->enabled[at]);
		d = d->port[at];
	}
	return d;
}

static void take_endpoint(struct fakexhci *x, unsigned slot, unsigned ep, const uint8_t *in)
{
	const uint8_t *c = in + (1 + ep) * context_size(x);
	struct fakexhci_ep *e = &x->slot[slot].ep[ep];
	uint32_t type = get_le32(c + 4) >> 3 & 7;

	MUST(ep == 1 ? type == 4 : ep & 1 ? type == 6 || type == 7 : type == 2 || type == 3);
	MUST((get_le32(c + 4) >> 1 & 3) == 3 && get_le32(c + 16) & 0xffff);
	*e = (struct fakexhci_ep){.cycle = get_le64(c + 8) & 1,
				  .dequeue = get_le64(c + 8) & ~15ull,
				  .packet = (uint16_t)(get_le32(c + 4) >> 16)};
	fakexhci_set_state(x, slot, ep, 1);
}

static uint8_t address_device(struct fakexhci *x, unsigned slot, const uint8_t *in)
{
	const uint8_t *c = in + context_size(x);
	uint64_t out = get_le64(fakedma_at(x->dcbaa + 8 * slot, 8));
	struct fakeusb *d = find_device(x, get_le32(c + 4) >> 16 & 255, get_le32(c) & 0xfffff);
	uint16_t first[] = {0, 8, 8, 64, 512};

	MUST(get_le32(in + 4) == 3 && get_le32(in) == 0 && get_le32(c) >> 27 == 1);
	MUST(out % 64 == 0 && fakedma_open(out, 32 * context_size(x)));
	if (!d)
		return 4;
	MUST((get_le32(c) >> 20 & 15) == d->speed);
	x->slot[slot].dev = d;
	x->slot[slot].context = out;
	take_endpoint(x, slot, 1, in);
	MUST(x->slot[slot].ep[1].packet == first[d->speed]);
	return d->silent && d->speed == 2 ? 4 : 1;
}

static uint8_t configure(struct fakexhci *x, unsigned slot, const uint8_t *in)
{
	uint32_t add = get_le32(in + 4), drop = get_le32(in), last = get_le32(in + context_size(x));
	const struct fakeusb *d = x->slot[slot].dev;

	MUST(d && (add & 3) == 1 && (drop & 3) == 0);
	MUST((drop & ~add) == 0);
	for (unsigned ep = 2; ep < 32; ep++) {
		if (drop >> ep & 1)
			MUST(x->slot[slot].ep[ep].state > 1); /* not running */
		if (!(add >> ep & 1))
			continue;
		MUST(ep <= last >> 27);
		MUST(x->slot[slot].ep[ep].state == 0 || drop >> ep & 1);
		take_endpoint(x, slot, ep, in);
	}
	if (d->kind == FAKEUSB_HUB)
		MUST(last & 1u << 26 && get_le32(in + context_size(x) + 4) >> 24 == FAKEUSB_PORTS);
	return 1;
}

static uint8_t evaluate(struct fakexhci *x, unsigned slot, const uint8_t *in)
{
	MUST(get_le32(in + 4) == 2 && x->slot[slot].dev);
	x->slot[slot].ep[1].packet = (uint16_t)(get_le32(in + 2 * context_size(x) + 4) >> 16);
	return 1;
}

/* ---- commands ---------------------------------------------------------------------------- */

static uint8_t enable_slot(struct fakexhci *x, uint8_t *slot)
{
	for (unsigned i = 1; i <= (x->config & 255) && !x->no_slots; i++)
		if (!x->slot[i].used) {
			memset(&x->slot[i], 0, sizeof(x->slot[i]));
			x->slot[i].used = true;
			*slot = (uint8_t)(x->wrong_slot ? 200 : i);
			return 1;
		}
	return 9; /* no slots */
}

static uint8_t stop_endpoint(struct fakexhci *x, unsigned slot, unsigned ep)
{
	struct fakexhci_ep *e = &x->slot[slot].ep[ep];

	if (e->state != 1 || x->cannot_stop)
		return 19; /* context state */
	if (e->waits)
		fakexhci_event(x, e->dequeue, 26u << 24,
			       32u << 10 | (uint32_t)slot << 24 | ep << 16);
	fakexhci_set_state(x, slot, ep, 3);
	return 1;
}

static uint8_t set_dequeue(struct fakexhci *x, unsigned slot, unsigned ep, uint64_t to)
{
	struct fakexhci_ep *e = &x->slot[slot].ep[ep];

	if (e->state != 3)
		return 19;
	e->dequeue = to & ~15ull;
	e->cycle = to & 1;
	return 1;
}

static uint8_t on_endpoint(struct fakexhci *x, const struct trb *t, unsigned type, unsigned slot)
{
	unsigned ep = t->control >> 16 & 31;

	MUST(ep > 0 && x->slot[slot].ep[ep].state);
	if (type == 15)
		return stop_endpoint(x, slot, ep);
	if (type == 16)
		return set_dequeue(x, slot, ep, t->parameter);
	if (x->slot[slot].ep[ep].state != 2)
		return 19;
	fakexhci_set_state(x, slot, ep, 3);
	return 1;
}

static uint8_t carry_out(struct fakexhci *x, const struct trb *t, uint8_t *slot)
{
	unsigned type = t->control >> 10 & 63;
	const uint8_t *in;

	if (type == 9)
		return enable_slot(x, slot);
	*slot = (uint8_t)(t->control >> 24);
	MUST(*slot > 0 && *slot <= FAKEXHCI_SLOTS && x->slot[*slot].used);
	if (type == 10) {
		if (x->cannot_disable)
			return 19;
		x->slot[*slot].used = false;
		return 1;
	}
	if (type >= 14)
		return on_endpoint(x, t, type, *slot);
	MUST(t->parameter % 16 == 0);
	in = fakedma_at(t->parameter, 33 * context_size(x));
	return type == 11   ? address_device(x, *slot, in)
	       : type == 12 ? configure(x, *slot, in)
			    : evaluate(x, *slot, in);
}

static void commands(struct fakexhci *x)
{
	struct trb t;

	while (fakexhci_fetch(&x->command_ring, &x->command_cycle, &t)) {
		uint8_t slot = 0, code;

		x->commands++;
		if (x->silent_at && x->commands >= x->silent_at)
			continue;
		code = carry_out(x, &t, &slot);
		fakexhci_event(x, t.at, (uint32_t)code << 24, 33u << 10 | (uint32_t)slot << 24);
	}
}

static void doorbell(struct fakexhci *x, unsigned slot, uint32_t v)
{
	MUST(x->running && slot <= FAKEXHCI_SLOTS);
	if (slot == 0) {
		MUST(v == 0);
		commands(x);
		return;
	}
	MUST(x->slot[slot].used && v > 0 && v < 32);
	fakexhci_run(x, slot, v);
}

/* ---- registers --------------------------------------------------------------------------- */

static void reset(struct fakexhci *x)
{
	MUST(!x->running);
	x->resets++;
	memset(x->slot, 0, sizeof(x->slot));
	x->dcbaa = x->command_ring = x->erst = x->erdp = x->event = 0;
	x->event_at = 0;
	x->event_cycle = 1;
	for (unsigned i = 0; i < FAKEXHCI_PORTS; i++) {
		const struct fakeusb *d = x->port[i];

		x->portsc[i] = PORTSC_POWER;
		if (d)
			x->portsc[i] |= PORTSC_CONNECTED | (uint32_t)d->speed << 10 | 1u << 17;
	}
}

void fakexhci_unplug(struct fakexhci *x, unsigned port)
{
	x->port[port] = NULL;
	x->portsc[port] = PORTSC_POWER | 1u << 17;
}

static void write_port(struct fakexhci *x, unsigned i, uint32_t v)
{
	MUST(!(v & PORTSC_ENABLED)); /* would disable it */
	MUST(v & PORTSC_POWER);
	if (v & 0x10 && x->port[i]) {
		fakeusb_reset(x->port[i]);
		x->portsc[i] |= PORTSC_ENABLED | 1u << 21;
	}
	x->portsc[i] &= ~(v & 0xfe0000);
}

static uint32_t read_capability(const struct fakexhci *x, uint64_t offset)
{
	unsigned two = x->super_first ? 5 : 1, three = x->super_first ? 1 : 5;

	switch (offset) {
	case 0x00:
		return 0x01000000 | OP;
	case 0x04:
		return FAKEXHCI_PORTS << 24 | 1 << 8 | FAKEXHCI_SLOTS;
	case 0x08:
		return (x->scratchpads & 31u) << 27 | (x->scratchpads >> 5 & 31u) << 21;
	case 0x10:
		return 1 | (x->big_contexts ? 4u : 0) | 0x20 / 4 << 16;
	case 0x14:
		return DB;
	case 0x18:
		return RT;
	case 0x20:
		return 0x02000402; /* a protocol, 16 bytes on the next */
	case 0x28:
		return two | 4 << 8;
	case 0x30:
		return 0x03000002;
	case 0x38:
		return three | 4 << 8;
	}
	return 0;
}

static uint64_t regs_read(void *ctx, unsigned bar, uint64_t offset, uint8_t size)
{
	struct fakexhci *x = ctx;

	MUST(bar == 0 && size == 4);
	if (offset < OP)
		return read_capability(x, offset);
	switch (offset - OP) {
	case 0x00:
		return x->running | (x->never_resets ? 2u : 0);
	case 0x04:
		return !x->running;
	case 0x08:
		return 1;
	}
	if (offset >= OP + 0x400 && offset < OP + 0x400 + 16 * FAKEXHCI_PORTS && offset % 16 == 0)
		return x->portsc[(offset - OP - 0x400) / 16];
	return 0;
}

static void set_half(uint64_t *reg, uint64_t offset, uint64_t v)
{
	unsigned shift = offset & 4 ? 32 : 0;

	*reg = (*reg & ~(0xffffffffull << shift)) | v << shift;
}

static void start(struct fakexhci *x)
{
	const uint8_t *segment = fakedma_at(x->erst, 16);
	uint64_t array = get_le64(fakedma_at(x->dcbaa, 8 * (1 + (x->config & 255))));

	MUST(x->dcbaa % 64 == 0 && x->erst % 64 == 0 && (x->config & 255) <= FAKEXHCI_SLOTS);
	x->event = get_le64(segment);
	MUST(get_le32(segment + 8) == 256 && fakedma_open(x->event, 4096));
	x->command_cycle = x->command_ring & 1;
	x->command_ring &= ~63ull;
	for (unsigned i = 0; i < x->scratchpads; i++)
		MUST(fakedma_open(get_le64(fakedma_at(array + 8 * i, 8)), 4096));
	x->running = true;
}

static void regs_write(void *ctx, unsigned bar, uint64_t offset, uint8_t size, uint64_t value)
{
	struct fakexhci *x = ctx;
	uint64_t at = offset - OP;

	MUST(bar == 0 && size == 4 && offset >= OP);
	if (at == 0) {
		MUST(!(value & 4)); /* no interrupts */
		if (value & 1)
			start(x);
		else
			x->running = false;
		if (value & 2)
			reset(x);
	} else if (at == 0x18 || at == 0x1c) {
		set_half(&x->command_ring, at, value);
	} else if (at == 0x30 || at == 0x34) {
		set_half(&x->dcbaa, at, value);
	} else if (at == 0x38) {
		x->config = (uint32_t)value;
	} else if (offset == RT + 0x30 || offset == RT + 0x34) {
		set_half(&x->erst, offset, value);
	} else if (offset == RT + 0x38 || offset == RT + 0x3c) {
		set_half(&x->erdp, offset, value);
	} else if (offset >= DB) {
		doorbell(x, (unsigned)(offset - DB) / 4, (uint32_t)value);
	} else if (at >= 0x400 && at < 0x400 + 16 * FAKEXHCI_PORTS && at % 16 == 0) {
		write_port(x, (unsigned)(at - 0x400) / 16, (uint32_t)value);
	}
}

struct fake_fn *fakexhci_add(struct fakexhci *x, struct fake_pci *pci)
{
	struct fake_fn *fn = fake_add(pci, NULL, 1 << 3, 0x0c0330);
	struct fakemmio_regs regs = {regs_read, regs_write, x};

	fake_bar(fn, 0, 0x4000, 4);
	fakemmio_attach(fn, &regs);
	return fn;
}
