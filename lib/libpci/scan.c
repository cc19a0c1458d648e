/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finding functions and numbering buses. A bus is scanned in two steps: first every function on it is
 * identified and every bridge closed (so that no stale range can claim what is asked next), then
 * bridge by bridge gets the next number, is opened for everything, scanned, and narrowed to what was
 * found. That is the order QEMU numbers in, so our numbers are QEMU's wherever QEMU numbers at all.
 *
 * What ends it: numbers only grow and end at 255; 32 levels; 256 functions a bus; bounded retries.
 */
#define LOG_TAG "pci"
#include "pci-priv.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "pci/regs.h"

#define RETRY_LATER    0xffff0001u /* what a function reads as while it wants to be asked again */
#define RETRY_MAX_MS   1000u
#define DEVFN(dev, fn) ((uint8_t)((dev) << 3 | (fn)))

/* The functions the tree lists on a bus, a bit per devfn. */
struct listed {
	uint32_t bit[8];
};

static bool is_listed(const struct listed *l, uint8_t devfn)
{
	return l->bit[devfn / 32] >> devfn % 32 & 1;
}

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
	*devfn = DEVFN(dev, fn);
	return *unit == '\0';
}

static struct listed list_nodes(const struct dt_node *bus)
{
	struct listed l = {{0}};
	uint8_t devfn;

	for (const struct dt_node *n = bus ? bus->child : NULL; n; n = n->next)
		if (pci_unit_devfn(dt_unit(n), &devfn))
			l.bit[devfn / 32] |= 1u << devfn % 32;
	return l;
}

static struct dt_node *node_at(const struct dt_node *bus, uint8_t devfn)
{
	uint8_t at;

	for (struct dt_node *n = bus->child; n; n = n->next)
		if (pci_unit_devfn(dt_unit(n), &at) && at == devfn)
			return n;
	return NULL;
}

/* ---- is there a function, and what is it ---- */

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

static void mark_taken(struct pci_host *host, uint32_t buses)
{
	for (unsigned n = buses >> 8 & 0xff; n <= (buses >> 16 & 0xff); n++)
		host->taken[n / 32] |= 1u << n % 32;
}

static uint32_t bus_numbers(const struct pci_fn *fn, uint8_t secondary, uint8_t subordinate)
{
	return (uint32_t)fn->latency << 24 | (uint32_t)subordinate << 16 |
	       (uint32_t)secondary << 8 | PCI_BUS(fn->bdf);
}

/* Does the bridge hold these numbers? The primary one routes nothing and may be fixed. */
static bool holds(struct pci_host *host, const struct pci_fn *fn, uint8_t sec, uint8_t sub)
{
	uint32_t got = pci_cfg_read32(&host->bus, fn->bdf, PCI_BUSES);

	return (got >> 8 & 0xffff) == (uint32_t)(sub << 8 | sec);
}

/* Make a bridge claim no bus; release the bus behind it from reset, or nobody there could answer. */
static void close_bridge(struct pci_host *host, struct pci_fn *fn)
{
	uint32_t buses = pci_cfg_read32(&host->bus, fn->bdf, PCI_BUSES);
	uint16_t control = pci_cfg_read16(&host->bus, fn->bdf, PCI_BRIDGE_CONTROL);

	fn->latency = (uint8_t)(buses >> 24);
	pci_cfg_write32(&host->bus, fn->bdf, PCI_BUSES, bus_numbers(fn, 0, 0));
	if (control & PCI_BRIDGE_RESET)
		pci_cfg_write16(&host->bus, fn->bdf, PCI_BRIDGE_CONTROL,
				control & (uint16_t)~PCI_BRIDGE_RESET);
	if (holds(host, fn, 0, 0))
		return;
	fn->stuck = true;
	mark_taken(host, pci_cfg_read32(&host->bus, fn->bdf, PCI_BUSES));
	log_warn(PCI_BDF_FMT ": its bus numbers cannot be set: nothing behind it is used",
		 PCI_BDF_ARGS(fn));
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
		close_bridge(host, fn);
	return fn;
}

/* ---- one bus ---- */

static struct pci_fn *probe(struct pci_host *host, struct pci_fn *parent, uint8_t devfn)
{
	uint32_t id = read_id(host, (pci_bdf)(parent->secondary << 8 | devfn));

	return id == UINT32_MAX ? NULL : identify(host, parent, devfn, id);
}

static void scan_slot(struct pci_host *host, struct pci_fn *parent, unsigned dev,
		      const struct listed *listed)
{
	struct pci_fn *first = probe(host, parent, DEVFN(dev, 0));
	bool multi = first && (first->header & PCI_HEADER_MULTI) && first->kind != PCI_KIND_UNKNOWN;

	for (unsigned fn = 1; fn < 8; fn++)
		if (multi || is_listed(listed, DEVFN(dev, fn)))
			probe(host, parent, DEVFN(dev, fn));
}

/* A link has one device at its far end, number 0. */
static bool is_link(const struct pci_fn *bus)
{
	return bus->kind == PCI_KIND_BRIDGE && bus->express &&
	       (bus->port == PCI_EXP_ROOT_PORT || bus->port == PCI_EXP_DOWNSTREAM);
}

/*
 * Does the port forward alternative routing IDs to a device that has them? Where it could, it is told
 * to: without, functions from 8 on are out of reach.
 */
static bool forwards_ari(struct pci_host *host, const struct pci_fn *port)
{
	uint16_t reg = (uint16_t)(port->express_cap + PCI_EXP_CONTROL2);
	uint32_t can =
		pci_cfg_read32(&host->bus, port->bdf, (uint16_t)(port->express_cap + PCI_EXP_CAP2));
	uint16_t control = pci_cfg_read16(&host->bus, port->bdf, reg);

	if (control == UINT16_MAX)
		return false;
	if (control & PCI_EXP_CONTROL2_ARI || !(can & PCI_EXP_CAP2_ARI))
		return control & PCI_EXP_CONTROL2_ARI;
	pci_cfg_write16(&host->bus, port->bdf, reg, control | PCI_EXP_CONTROL2_ARI);
	control = pci_cfg_read16(&host->bus, port->bdf, reg);
	return control != UINT16_MAX && control & PCI_EXP_CONTROL2_ARI;
}

/*
 * Behind a port that forwards alternative routing IDs, the device's functions are a chain with ever
 * higher numbers. first is function 0. Functions the slot scan found already are passed over.
 */
static void follow_ari(struct pci_host *host, struct pci_fn *port, struct pci_fn *first)
{
	uint16_t cap =
		first->extended ? pci_find_ext_cap(&host->bus, first->bdf, PCI_EXT_CAP_ARI) : 0;
	unsigned at = PCI_DEVFN(first->bdf);

	if (!cap || !forwards_ari(host, port))
		return;
	while (cap) {
		pci_bdf bdf = (pci_bdf)(port->secondary << 8 | at);
		uint16_t v = pci_cfg_read16(&host->bus, bdf, (uint16_t)(cap + PCI_ARI_CAP));
		struct pci_fn *fn;

		if (v == UINT16_MAX || v >> 8 <= at)
			return;
		at = v >> 8;
		fn = at > PCI_DEVFN(port->last_child->bdf) ? probe(host, port, (uint8_t)at) : NULL;
		cap = pci_find_ext_cap(&host->bus, (pci_bdf)(port->secondary << 8 | at),
				       PCI_EXT_CAP_ARI);
		if (!fn && at > PCI_DEVFN(port->last_child->bdf))
			return;
	}
}

static void find_functions(struct pci_host *host, struct pci_fn *parent)
{
	struct listed listed = list_nodes(parent->node);

	scan_slot(host, parent, 0, &listed);
	if (is_link(parent) && parent->child && PCI_DEVFN(parent->child->bdf) == 0)
		follow_ari(host, parent, parent->child);
	for (unsigned dev = 1; dev < 32; dev++) {
		uint32_t in_slot = listed.bit[dev / 4] >> dev % 4 * 8 & 0xff;
		bool passed = parent->last_child &&
			      PCI_DEV(parent->last_child->bdf) >= dev; /* by the chain above */

		if (!passed && (!is_link(parent) || in_slot))
			scan_slot(host, parent, dev, &listed);
	}
}

/* ---- numbers ---- */

/* The next number nobody has, or 0. */
static uint8_t next_bus(const struct pci_host *host)
{
	for (unsigned n = host->used_bus + 1u; n <= host->last_bus; n++)
		if (!(host->taken[n / 32] >> n % 32 & 1))
			return (uint8_t)n;
	return 0;
}

static bool open_bridge(struct pci_host *host, struct pci_fn *fn)
{
	uint8_t n = next_bus(host);

	if (fn->stuck)
		return false;
	if (n == 0 || fn->depth > PCI_DEPTH_MAX) {
		log_warn(PCI_BDF_FMT ": %s: nothing behind this bridge is used", PCI_BDF_ARGS(fn),
			 n == 0 ? "bus numbers are used up" : "nested too deep");
		return false;
	}
	pci_cfg_write32(&host->bus, fn->bdf, PCI_BUSES, bus_numbers(fn, n, host->last_bus));
	if (!holds(host, fn, n, host->last_bus)) {
		log_warn(PCI_BDF_FMT ": does not take bus %02x: nothing behind it is used",
			 PCI_BDF_ARGS(fn), n);
		pci_cfg_write32(&host->bus, fn->bdf, PCI_BUSES, bus_numbers(fn, 0, 0));
		fn->stuck = true;
		return false;
	}
	fn->secondary = host->used_bus = n;
	host->nbuses++;
	return true;
}

/* Its register lost some of the numbers given out behind it: nobody there can be reached. */
static void give_up_bridge(struct pci_host *host, struct pci_fn *fn)
{
	pci_cfg_write32(&host->bus, fn->bdf, PCI_BUSES, bus_numbers(fn, 0, 0));
	while (fn->child)
		pci_fn_delete(host, fn->child);
	host->used_bus = (uint8_t)(fn->secondary - 1);
	fn->secondary = fn->subordinate = 0;
	fn->stuck = true;
	host->nbuses = 0;
	for (const struct pci_fn *b = &host->root; (b = pci_fn_next(host, b));)
		host->nbuses += b->secondary != 0;
}

/*
 * Let a bridge claim what was found behind it and no more. One that goes on claiming more keeps those
 * numbers: nobody else gets them. One that claims less is of no use.
 */
static void narrow_bridge(struct pci_host *host, struct pci_fn *fn)
{
	uint32_t got;

	pci_cfg_write32(&host->bus, fn->bdf, PCI_BUSES,
			bus_numbers(fn, fn->secondary, fn->subordinate));
	if (holds(host, fn, fn->secondary, fn->subordinate))
		return;
	got = pci_cfg_read32(&host->bus, fn->bdf, PCI_BUSES);
	if (got == UINT32_MAX)
		return;
	log_warn(PCI_BDF_FMT ": claims buses %02x to %02x, not %02x to %02x", PCI_BDF_ARGS(fn),
		 got >> 8 & 0xff, got >> 16 & 0xff, fn->secondary, fn->subordinate);
	if ((got >> 8 & 0xff) == fn->secondary && (got >> 16 & 0xff) > fn->subordinate)
		mark_taken(host, got);
	else
		give_up_bridge(host, fn);
}

/* Recursion: open_bridge() refuses at PCI_DEPTH_MAX. */
static void scan_bus(struct pci_host *host, struct pci_fn *parent)
{
	find_functions(host, parent);
	for (struct pci_fn *fn = parent->child; fn; fn = fn->next) {
		if (!pci_is_bridge(fn) || !open_bridge(host, fn))
			continue;
		scan_bus(host, fn);
		fn->subordinate = host->used_bus;
		narrow_bridge(host, fn);
	}
}

void pci_scan(struct pci_host *host)
{
	host->used_bus = host->root.secondary;
	scan_bus(host, &host->root);
}

/* ---- numbering anew, with room ---- */

/* Number everything behind parent; returns the last number. Nothing is stored when only counting. */
static unsigned number_behind(struct pci_fn *parent, unsigned last, bool store)
{
	for (struct pci_fn *fn = parent->child; fn; fn = fn->next) {
		unsigned secondary;

		if (store)
			fn->bdf = (pci_bdf)(parent->secondary << 8 | PCI_DEVFN(fn->bdf));
		if (!fn->secondary)
			continue;
		secondary = ++last;
		if (store)
			fn->secondary = (uint8_t)secondary;
		last = number_behind(fn, last, store);
		if (last < secondary + fn->reserve_buses)
			last = secondary + fn->reserve_buses;
		if (store)
			fn->subordinate = (uint8_t)last;
	}
	return last;
}

/* Did anybody ask, and can numbers be moved at all? */
static bool may_spread(const struct pci_host *host)
{
	bool asked = false;

	for (const struct pci_fn *fn = &host->root; (fn = pci_fn_next(host, fn));)
		asked |= fn->secondary && fn->reserve_buses;
	for (unsigned i = 0; i < 8; i++)
		asked &= host->taken[i] == 0;
	return asked;
}

bool pci_spread_buses(struct pci_host *host)
{
	unsigned last;

	if (!may_spread(host))
		return false;
	last = number_behind(&host->root, host->root.secondary, false);
	if (last > host->last_bus) {
		log_warn("%s: bus numbers up to %x are asked for, %x is the last: none kept free",
			 host->root.node->name, last, host->last_bus);
		return false;
	}
	number_behind(&host->root, host->root.secondary, true);
	host->used_bus = (uint8_t)last;
	return true;
}

bool pci_number_anew(struct pci_host *host, struct pci_fn *fn)
{
	bool fixed = false;
	unsigned last;

	for (unsigned i = 0; i < 8; i++)
		fixed |= host->taken[i] != 0;
	fn->secondary = 1; /* counted as one that has a number */
	last = fixed ? UINT32_MAX : number_behind(&host->root, host->root.secondary, false);
	if (last > host->last_bus) {
		fn->secondary = 0;
		return false;
	}
	number_behind(&host->root, host->root.secondary, true);
	host->used_bus = (uint8_t)last;
	log_info("%s: buses are numbered anew, up to %02x", host->root.node->name, last);
	pci_publish_numbers(host);
	return true;
}

static void write_level(struct pci_host *host, struct pci_fn *parent)
{
	for (struct pci_fn *fn = parent->child; fn; fn = fn->next)
		if (pci_is_bridge(fn) && !fn->stuck && !fn->gone)
			pci_cfg_write32(&host->bus, fn->bdf, PCI_BUSES, bus_numbers(fn, 0, 0));
	for (struct pci_fn *fn = parent->child; fn; fn = fn->next) {
		if (!pci_is_bridge(fn) || !fn->secondary || fn->gone)
			continue;
		pci_cfg_write32(&host->bus, fn->bdf, PCI_BUSES,
				bus_numbers(fn, fn->secondary, fn->subordinate));
		write_level(host, fn);
	}
}

void pci_write_buses(struct pci_host *host)
{
	write_level(host, &host->root);
}

bool pci_buses_hold(struct pci_host *host)
{
	for (struct pci_fn *fn = &host->root; (fn = pci_fn_next(host, fn));)
		if (fn->secondary && !holds(host, fn, fn->secondary, fn->subordinate))
			return false;
	return true;
}
