/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finding functions. A bus is scanned in two steps: first every function on it is
 * identified and every bridge closed (so that no stale range can claim what is asked next), then
 * bridge by bridge gets the next number, is opened for everything, scanned, and narrowed to what was
 * found. That is the order QEMU numbers in, so our numbers are QEMU's wherever QEMU numbers at all.
 *
 * What ends it: numbers only grow and end at 255; 32 levels; 256 functions a bus; bounded retries.
 */
#include "pci-priv.h"

#include "pci/regs.h"

#define DEVFN(dev, fn) ((uint8_t)((dev) << 3 | (fn)))

/* The functions the tree lists on a bus, a bit per devfn. */
struct listed {
	uint32_t bit[8];
};

static bool is_listed(const struct listed *l, uint8_t devfn)
{
	return l->bit[devfn / 32] >> devfn % 32 & 1;
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

/* ---- one bus ---- */

static void scan_slot(struct pci_host *host, struct pci_fn *parent, unsigned dev,
		      const struct listed *listed)
{
	struct pci_fn *first = pci_probe(host, parent, DEVFN(dev, 0));
	bool multi = first && (first->header & PCI_HEADER_MULTI) && first->kind != PCI_KIND_UNKNOWN;

	for (unsigned fn = 1; fn < 8; fn++)
		if (multi || is_listed(listed, DEVFN(dev, fn)))
			pci_probe(host, parent, DEVFN(dev, fn));
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
		fn = at > PCI_DEVFN(port->last_child->bdf) ? pci_probe(host, port, (uint8_t)at)
							   : NULL;
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

/* ---- all buses ---- */

/* Recursion: pci_bus_open() refuses at PCI_DEPTH_MAX. */
static void scan_bus(struct pci_host *host, struct pci_fn *parent)
{
	find_functions(host, parent);
	for (struct pci_fn *fn = parent->child; fn; fn = fn->next) {
		if (!pci_is_bridge(fn) || !pci_bus_open(host, fn))
			continue;
		scan_bus(host, fn);
		fn->subordinate = host->used_bus;
		pci_bus_narrow(host, fn);
	}
}

void pci_scan(struct pci_host *host)
{
	host->used_bus = host->root.secondary;
	scan_bus(host, &host->root);
}
