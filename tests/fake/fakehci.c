/* SPDX-License-Identifier: BSD-2-Clause */
/* What fake OHCI and EHCI controllers share: registers, ports, finding devices by address. */
#include "fakeohci.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "fakedma.h"

#define MUST(cond)                                                         \
	do {                                                               \
		if (!(cond)) {                                             \
			fprintf(stderr, "fakehci: not true: %s\n", #cond); \
			abort();                                           \
		}                                                          \
	} while (0)

#define EHCI_OP 0x20u

/* ---- devices ----------------------------------------------------------------------------- */

static struct fakeusb *find_below(struct fakeusb *d, uint32_t address)
{
	struct fakeusb *found = d->address == address ? d : NULL;

	for (unsigned i = 0; i < FAKEUSB_PORTS && !found; i++)
		if (d->port[i] && d->enabled[i])
			found = find_below(d->port[i], address);
	return found;
}

static bool is_enabled(const struct fakehci *h, unsigned port)
{
	return h->port[port] && h->portsc[port] & (h->is_ehci ? 4 : 2);
}

int fakehci_transfer(struct fakehci *h, const struct fakehci_transfer *t)
{
	struct fakeusb *d = NULL;

	for (unsigned i = 0; i < FAKEHCI_PORTS && !d; i++)
		if (is_enabled(h, i))
			d = find_below(h->port[i], t->address);
	if (!d)
		return FAKEUSB_BROKEN;
	h->transfers++;
	if (t->endpoint & 15)
		return fakeusb_data(d, (uint8_t)t->endpoint, t->data, t->len);
	MUST(t->packet == fakeusb_packet0(d) || t->len <= 8);
	return fakeusb_control(d, t->setup, t->data, t->len);
}

void fakehci_unplug(struct fakehci *h, unsigned port)
{
	h->port[port] = NULL;
	h->portsc[port] = h->is_ehci ? 0x1000 : 0x100;
}

void fakehci_kick(struct fakehci *h)
{
	if (h->busy || !h->running)
		return;
	h->busy = true;
	if (h->is_ehci)
		fakeehci_run(h);
	else
		fakeohci_run(h);
	h->busy = false;
}

/* ---- registers --------------------------------------------------------------------------- */

static void reset(struct fakehci *h)
{
	h->resets++;
	h->running = false;
	memset(h->reg, 0, sizeof(h->reg));
	for (unsigned i = 0; i < FAKEHCI_PORTS; i++) {
		h->portsc[i] = h->port[i] ? 1 : 0;
		if (h->port[i] && !h->is_ehci)
			h->portsc[i] |= h->port[i]->speed == 2 ? 0x200 : 0;
	}
}

static void ohci_port(struct fakehci *h, unsigned i, uint32_t v)
{
	if (v & 1)
		h->portsc[i] &= ~2u;
	if (v & 0x100)
		h->portsc[i] |= 0x100;
	if (v & 0x10 && h->port[i]) {
		MUST(h->portsc[i] & 0x100);
		fakeusb_reset(h->port[i]);
		h->portsc[i] |= 2;
	}
}

static void ehci_port(struct fakehci *h, unsigned i, uint32_t v)
{
	uint32_t enabled = h->portsc[i] & v & 4;

	if (h->portsc[i] & 0x100 && !(v & 0x100) && h->port[i]) {
		fakeusb_reset(h->port[i]);
		enabled = h->port[i]->speed == 3 ? 4 : 0;
	}
	h->portsc[i] = (h->portsc[i] & 1) | enabled | (v & 0x3100);
}

static uint32_t ohci_read(struct fakehci *h, uint32_t at)
{
	if (at == 0x08)
		return h->never_resets;
	if (at == 0x48)
		return 10u << 24 | FAKEHCI_PORTS;
	if (at >= 0x54 && at < 0x54 + 4 * FAKEHCI_PORTS)
		return h->portsc[(at - 0x54) / 4];
	return at < 4 * ARRAY_SIZE(h->reg) ? h->reg[at / 4] : 0;
}

static void ohci_write(struct fakehci *h, uint32_t at, uint32_t v)
{
	if (at == 0x08 && v & 1)
		reset(h);
	else if (at >= 0x54 && at < 0x54 + 4 * FAKEHCI_PORTS)
		ohci_port(h, (at - 0x54) / 4, v);
	else if (at < 4 * ARRAY_SIZE(h->reg))
		h->reg[at / 4] = v;
	MUST(at != 0x10); /* no interrupts */
	if (at == 0x04) {
		h->running = (v & 0xc0) == 0x80;
		MUST(!h->running || fakedma_open(h->reg[0x18 / 4], 256));
	}
}

static uint32_t ehci_read(struct fakehci *h, uint32_t at)
{
	uint32_t command = h->reg[0];

	switch (at) {
	case 0x00:
		return 0x01000000 | EHCI_OP;
	case 0x04:
		return FAKEHCI_PORTS;
	case EHCI_OP:
		return command | (h->never_resets ? 2 : 0);
	case EHCI_OP + 4:
		if (h->never_stops && h->resets == 1)
			command |= 0x30;
		return (command & 1 ? 0 : 0x1000) | (command & 0x30) << 10;
	}
	if (at >= EHCI_OP + 0x44 && at < EHCI_OP + 0x44 + 4 * FAKEHCI_PORTS)
		return h->portsc[(at - EHCI_OP - 0x44) / 4];
	return 0;
}

static void ehci_write(struct fakehci *h, uint32_t at, uint32_t v)
{
	MUST(at >= EHCI_OP);
	at -= EHCI_OP;
	if (at == 0 && v & 2)
		reset(h);
	else if (at >= 0x44 && at < 0x44 + 4 * FAKEHCI_PORTS)
		ehci_port(h, (at - 0x44) / 4, v);
	else if (at < 4 * ARRAY_SIZE(h->reg))
		h->reg[at / 4] = v;
	MUST(at != 8 || v == 0); /* no interrupts */
	h->running = h->reg[0] & 0x20;
}

static uint64_t regs_read(void *ctx, unsigned bar, uint64_t offset, uint8_t size)
{
	struct fakehci *h = ctx;

	MUST(bar == 0 && size == 4);
	fakehci_kick(h);
	return h->is_ehci ? ehci_read(h, (uint32_t)offset) : ohci_read(h, (uint32_t)offset);
}

static void regs_write(void *ctx, unsigned bar, uint64_t offset, uint8_t size, uint64_t value)
{
	struct fakehci *h = ctx;

	MUST(bar == 0 && size == 4);
	if (h->is_ehci)
		ehci_write(h, (uint32_t)offset, (uint32_t)value);
	else
		ohci_write(h, (uint32_t)offset, (uint32_t)value);
	fakehci_kick(h);
}

struct fake_fn *fakehci_add(struct fakehci *h, struct fake_pci *pci)
{
	struct fake_fn *fn = fake_add(pci, NULL, 1 << 3, h->is_ehci ? 0x0c0320 : 0x0c0310);
	struct fakemmio_regs regs = {regs_read, regs_write, h};

	fake_bar(fn, 0, 0x1000, 0);
	fakemmio_attach(fn, &regs);
	return fn;
}
