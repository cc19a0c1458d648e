/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bus numbers in bridges: closing, opening for everything, narrowing to what was found; numbering all
 * buses anew where users asked for spare numbers or something came late; writing the table's numbers after somebody
 * else wrote his. A number is read back: bridges that do not hold it are not used.
 */
#define LOG_TAG "pci"
#include "pci-priv.h"

#include "base/log.h"
#include "pci/regs.h"

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
void pci_bus_close(struct pci_host *host, struct pci_fn *fn)
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

/* The next number nobody has, or 0. */
static uint8_t next_bus(const struct pci_host *host)
{
	for (unsigned n = host->used_bus + 1u; n <= host->last_bus; n++)
		if (!(host->taken[n / 32] >> n % 32 & 1))
			return (uint8_t)n;
	return 0;
}

bool pci_bus_open(struct pci_host *host, struct pci_fn *fn)
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
void pci_bus_narrow(struct pci_host *host, struct pci_fn *fn)
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
