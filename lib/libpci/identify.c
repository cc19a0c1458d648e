/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Is there a function, and what is it: ids, header, class, capabilities, the node QEMU made for it. Whoever reads
 * as nobody, or asks for ever to be tried later, is absent. What is noted here no later pass reads again.
 */
#define LOG_TAG "pci"
#include "pci-priv.h"

#include "base/clock.h"
#include "base/log.h"
#include "pci/regs.h"

#define RETRY_LATER  0xffff0001u /* what a function reads as while it wants to be asked again */
#define RETRY_MAX_MS 1000u

/* ---- unit addresses and nodes ---- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool pci_unit_devfn(const char *unit, uint8_t *devfn)
{
	unsigned dev = 0, fn = 0;

	if (hex_digit(*unit) < 0)
		return false;
	for (; hex_digit(*unit) >= 0; unit++) {
		dev = dev << 4 | (unsigned)hex_digit(*unit);
		if (dev > 31)
			return false;
	}
	if (unit[0] == ',' && unit[1] >= '0' && unit[1] <= '7') {
		fn = (unsigned)(unit[1] - '0');
		unit += 2;
	}
	*devfn = (uint8_t)(dev << 3 | fn);
	return *unit == '\0';
}

static struct dt_node *node_at(const struct dt_node *bus, uint8_t devfn)
{
	uint8_t at;

	for (struct dt_node *n = bus->child; n; n = n->next)
		if (pci_unit_devfn(dt_unit(n), &at) && at == devfn)
			return n;
	return NULL;
}

/* ---- ids and capabilities ---- */

/* Vendor and device of what is there, or all ones. Some bridges read 0 or half of it for nothing. */
static uint32_t read_id(struct pci_host *host, pci_bdf bdf)
{
	uint32_t id = pci_cfg_read32(&host->bus, bdf, PCI_ID), wait_ms = 1, waited_ms = 0;

	while (id == RETRY_LATER && waited_ms < RETRY_MAX_MS && host->retry_ms >= wait_ms) {
		clock_delay_us(wait_ms * 1000ull);
		host->retry_ms -= wait_ms;
		waited_ms += wait_ms;
		wait_ms *= 2;
		id = pci_cfg_read32(&host->bus, bdf, PCI_ID);
	}
	if (id == RETRY_LATER)
		log_warn(PCI_BDF_FMT ": asked to be tried later for %u ms: left out", PCI_BUS(bdf),
			 PCI_DEV(bdf), PCI_FN(bdf), waited_ms);
	if (id == 0 || (id & 0xffff) == 0xffff || id >> 16 == 0xffff)
		return UINT32_MAX;
	return id;
}

static void note_reserve(struct pci_host *host, struct pci_fn *fn, uint16_t cap)
{
	const struct bus *bus = &host->bus;
	uint32_t buses, io, io_hi, mem, pref, pref_hi;

	if (pci_cfg_read16(bus, fn->bdf, (uint16_t)(cap + 2)) != (1 << 8 | PCI_RESERVE_LEN) ||
	    cap > 0x100 - PCI_RESERVE_LEN)
		return;
	buses = pci_cfg_read32(bus, fn->bdf, (uint16_t)(cap + PCI_RESERVE_BUS));
	io = pci_cfg_read32(bus, fn->bdf, (uint16_t)(cap + PCI_RESERVE_IO));
	io_hi = pci_cfg_read32(bus, fn->bdf, (uint16_t)(cap + PCI_RESERVE_IO + 4));
	mem = pci_cfg_read32(bus, fn->bdf, (uint16_t)(cap + PCI_RESERVE_MEM));
	pref = pci_cfg_read32(bus, fn->bdf, (uint16_t)(cap + PCI_RESERVE_PREF64));
	pref_hi = pci_cfg_read32(bus, fn->bdf, (uint16_t)(cap + PCI_RESERVE_PREF64 + 4));
	if (buses < 256)
		fn->reserve_buses = (uint8_t)buses;
	fn->win[PCI_POOL_IO].reserve = (uint64_t)io_hi << 32 | io;
	if (mem != UINT32_MAX)
		fn->win[PCI_POOL_LOW].reserve = mem;
	fn->win[PCI_POOL_HIGH].reserve = (uint64_t)pref_hi << 32 | pref;
}

static void note_express(struct pci_host *host, struct pci_fn *fn, uint16_t cap)
{
	uint16_t flags = pci_cfg_read16(&host->bus, fn->bdf, (uint16_t)(cap + PCI_EXP_FLAGS));

	fn->express = true;
	fn->express_cap = cap;
	fn->port = PCI_EXP_FLAGS_TYPE(flags);
}

static void note_subsystem(struct pci_host *host, struct pci_fn *fn, uint16_t reg)
{
	uint32_t ids = pci_cfg_read32(&host->bus, fn->bdf, reg);

	if (ids == UINT32_MAX)
		return;
	fn->subvendor = (uint16_t)ids;
	fn->subsystem = (uint16_t)(ids >> 16);
}

static void note_caps(struct pci_host *host, struct pci_fn *fn)
{
	struct pci_cap_walk w = pci_caps(&host->bus, fn->bdf);

	while (pci_cap_next(&w)) {
		if (w.id == PCI_CAP_EXPRESS && !fn->express)
			note_express(host, fn, w.at);
		else if (w.id == PCI_CAP_SUBSYSTEM && pci_is_bridge(fn))
			note_subsystem(host, fn, (uint16_t)(w.at + 4));
		else if (w.id == PCI_CAP_VENDOR && pci_is_bridge(fn))
			note_reserve(host, fn, w.at);
	}
}

/*
 * Virtual functions may spill over to the buses behind the one of their physical function: the
 * bridge above then wants numbers kept free.
 */
static void note_sriov_buses(struct pci_host *host, struct pci_fn *fn)
{
	uint16_t total = pci_cfg_read16(&host->bus, fn->bdf,
					(uint16_t)(fn->sriov_cap + PCI_SRIOV_TOTAL_VFS));
	uint32_t place =
		pci_cfg_read32(&host->bus, fn->bdf, (uint16_t)(fn->sriov_cap + PCI_SRIOV_PLACE));
	uint64_t last, stride = place >> 16;

	if (fn->parent == &host->root || total == 0 || place == UINT32_MAX)
		return;
	last = PCI_DEVFN(fn->bdf) + (place & 0xffff) + stride * (total - 1u);
	if (last >> 8 > fn->parent->reserve_buses && last >> 8 < 256)
		fn->parent->reserve_buses = (uint8_t)(last >> 8);
}

/* The first of each kind counts, if it lies inside the space as a whole. */
static void note_ext_caps(struct pci_host *host, struct pci_fn *fn)
{
	struct pci_cap_walk w = pci_ext_caps(&host->bus, fn->bdf);

	while (pci_cap_next(&w)) {
		if (w.at > 0x1000 - 0x40)
			continue;
		if (w.id == PCI_EXT_CAP_SRIOV && !fn->sriov_cap)
			fn->sriov_cap = w.at;
		else if (w.id == PCI_EXT_CAP_REBAR && !fn->rebar_cap)
			fn->rebar_cap = w.at;
	}
}

/*
 * Is the space from 0x100 on within reach? Behind a conventional bridge it reads as all ones; where
 * the upper address bits are lost it shows the first 256 bytes again.
 */
static void note_extended(struct pci_host *host, struct pci_fn *fn)
{
	uint32_t id = (uint32_t)fn->device << 16 | fn->vendor;
	uint32_t head = pci_cfg_read32(&host->bus, fn->bdf, PCI_EXT_CAPS);

	fn->extended = head != UINT32_MAX && head != id;
	if (!fn->extended || fn->kind != PCI_KIND_DEVICE)
		return;
	note_ext_caps(host, fn);
	if (fn->sriov_cap)
		note_sriov_buses(host, fn);
}

static enum pci_kind kind_of(const struct pci_fn *fn, uint8_t header)
{
	bool bridge_class = fn->class_rev >> 16 == 0x0604;

	switch (header & PCI_HEADER_TYPE) {
	case PCI_HEADER_DEVICE:
		if (bridge_class)
			log_warn(PCI_BDF_FMT ": a bridge by class, a device by header: a device",
				 PCI_BDF_ARGS(fn));
		return PCI_KIND_DEVICE;
	case PCI_HEADER_BRIDGE:
		if (!bridge_class)
			log_warn(PCI_BDF_FMT ": class %06x with a bridge's header: a bridge",
				 PCI_BDF_ARGS(fn), fn->class_rev >> 8);
		return PCI_KIND_BRIDGE;
	case PCI_HEADER_CARDBUS:
		return PCI_KIND_CARDBUS;
	}
	log_warn(PCI_BDF_FMT ": unknown header type %02x: left alone", PCI_BDF_ARGS(fn), header);
	return PCI_KIND_UNKNOWN;
}

static struct pci_fn *identify(struct pci_host *host, struct pci_fn *parent, uint8_t devfn,
			       uint32_t id)
{
	struct pci_fn *fn = pci_fn_new(host, parent, devfn);

	fn->vendor = (uint16_t)id;
	fn->device = (uint16_t)(id >> 16);
	fn->class_rev = pci_cfg_read32(&host->bus, fn->bdf, PCI_CLASS_REV);
	fn->header = pci_cfg_read8(&host->bus, fn->bdf, PCI_HEADER);
	fn->kind = kind_of(fn, fn->header);
	if (parent->node)
		fn->node = node_at(parent->node, devfn);
	if (fn->kind == PCI_KIND_UNKNOWN)
		return fn;
	if (fn->kind == PCI_KIND_DEVICE)
		note_subsystem(host, fn, PCI_SUBSYSTEM);
	note_caps(host, fn);
	if (fn->express)
		note_extended(host, fn);
	if (pci_is_bridge(fn))
		pci_bus_close(host, fn);
	return fn;
}

struct pci_fn *pci_probe(struct pci_host *host, struct pci_fn *parent, uint8_t devfn)
{
	uint32_t id = read_id(host, (pci_bdf)(parent->secondary << 8 | devfn));

	return id == UINT32_MAX ? NULL : identify(host, parent, devfn, id);
}
