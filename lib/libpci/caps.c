/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Capability lists. The pointers come from outside and may form loops, point at the header or out of
 * the space; a bit per dword marks where the walk has been, so that each step either sees something
 * new or ends it: at most 48 steps in the first 256 bytes, 960 in the rest.
 */
#include "pci/pci.h"
#include "pci/regs.h"

struct pci_cap_walk pci_caps(const struct bus *bus, pci_bdf bdf)
{
	struct pci_cap_walk w = {.bus = bus, .bdf = bdf};
	uint16_t status = pci_cfg_read16(bus, bdf, PCI_STATUS);
	uint8_t type = pci_cfg_read8(bus, bdf, PCI_HEADER) & PCI_HEADER_TYPE;

	if (status == UINT16_MAX || !(status & PCI_STATUS_CAPS) || type > PCI_HEADER_CARDBUS)
		return w;
	w.next = pci_cfg_read8(bus, bdf, type == PCI_HEADER_CARDBUS ? PCI_CARDBUS_CAPS : PCI_CAPS);
	return w;
}

struct pci_cap_walk pci_ext_caps(const struct bus *bus, pci_bdf bdf)
{
	return (struct pci_cap_walk){
		.bus = bus, .bdf = bdf, .extended = true, .next = PCI_EXT_CAPS};
}

/* Take the place to look at next, if it is a lawful one and new. */
static bool step(struct pci_cap_walk *w)
{
	uint16_t at = w->next & 0xffc;
	unsigned dword = at / 4u;

	if (at < (w->extended ? PCI_EXT_CAPS : 0x40) || (w->seen[dword / 32] >> dword % 32 & 1))
		return false;
	w->seen[dword / 32] |= 1u << dword % 32;
	w->at = at;
	return true;
}

bool pci_cap_next(struct pci_cap_walk *w)
{
	uint32_t head;

	if (!step(w))
		return false;
	head = pci_cfg_read32(w->bus, w->bdf, w->at);
	if (w->extended) {
		w->id = (uint16_t)head;
		w->next = (uint16_t)(head >> 20);
		return head != 0 && head != UINT32_MAX;
	}
	w->id = head & 0xff;
	w->next = head >> 8 & 0xff;
	return w->id != 0xff;
}

static uint16_t find(struct pci_cap_walk w, uint16_t id)
{
	while (pci_cap_next(&w))
		if (w.id == id)
			return w.at;
	return 0;
}

uint16_t pci_find_cap(const struct bus *bus, pci_bdf bdf, uint8_t id)
{
	return find(pci_caps(bus, bdf), id);
}

uint16_t pci_find_ext_cap(const struct bus *bus, pci_bdf bdf, uint16_t id)
{
	return find(pci_ext_caps(bus, bdf), id);
}
