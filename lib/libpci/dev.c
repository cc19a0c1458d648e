/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A function for its driver. Where its registers lie is read from the node each time somebody asks,
 * because buses get other numbers and addresses while the machine runs. Register accesses are checked
 * against the BAR here, once for all drivers; what goes wrong reads as all ones, which is what a device
 * that is gone reads as.
 */
#include "pci/dev.h"

#include "base/err.h"
#include "dt/cells.h"
#include "dt/translate.h"
#include "pci/regs.h"

#define SPACE_IO 1u

/* One entry of reg or assigned-addresses. */
struct entry {
	uint32_t hi;
	uint64_t addr, size;
};

static bool next_entry(struct dt_reader *r, struct entry *e)
{
	if (!r->left)
		return false;
	e->hi = dt_read_u32(r);
	e->addr = dt_read_u64(r);
	e->size = dt_read_u64(r);
	return !r->short_of;
}

int pci_dev_init(struct pci_dev *dev, struct dt_node *node, const struct bus *bus,
		 const struct dma *dma, const struct dma *direct)
{
	struct dt_reader r = dt_read(node, "reg");
	struct entry e;

	if (!next_entry(&r, &e))
		return E_FORMAT;
	*dev = (struct pci_dev){node, bus, dma, direct, (pci_bdf)(e.hi >> 8)};
	return 0;
}

int pci_dev_bar(const struct pci_dev *dev, unsigned bar, struct pci_bar *out)
{
	struct dt_reader r = dt_read(dev->node, "assigned-addresses");
	struct entry e;
	uint64_t cpu;

	if (bar > 5)
		return E_NOENT;
	do {
		if (!next_entry(&r, &e))
			return E_NOENT;
	} while ((e.hi & 0xff) != PCI_BAR0 + 4 * bar || e.size == 0);
	if (!dev->node->parent || dt_translate(dev->node->parent, e.hi, e.addr, e.size, &cpu) != 0)
		return E_RANGE;
	*out = (struct pci_bar){dev->bus, cpu, e.size, (e.hi >> 24 & 3) == SPACE_IO};
	return 0;
}

static void set_command(const struct pci_dev *dev, uint16_t clear, uint16_t set)
{
	uint16_t command = pci_cfg_read16(dev->bus, dev->bdf, PCI_COMMAND);

	if (command == UINT16_MAX)
		return; /* nobody there */
	(void)pci_cfg_write16(dev->bus, dev->bdf, PCI_COMMAND,
			      (uint16_t)((command & ~clear) | set));
}

#define ALL (PCI_COMMAND_IO | PCI_COMMAND_MEM | PCI_COMMAND_MASTER)

void pci_dev_enable(const struct pci_dev *dev)
{
	set_command(dev, 0, ALL);
}

void pci_dev_disable(const struct pci_dev *dev)
{
	set_command(dev, ALL, 0);
}

/* ---- registers ---- */

static uint64_t read(const struct pci_bar *bar, uint64_t offset, uint8_t size)
{
	uint64_t v = UINT64_MAX;

	if (offset > bar->size || bar->size - offset < size ||
	    bar->bus->ops->mmio_read(bar->bus->ctx, bar->cpu + offset, size, &v) != 0)
		return UINT64_MAX;
	return v;
}

static void write(const struct pci_bar *bar, uint64_t offset, uint8_t size, uint64_t v)
{
	if (offset <= bar->size && bar->size - offset >= size)
		(void)bar->bus->ops->mmio_write(bar->bus->ctx, bar->cpu + offset, size, v);
}

uint8_t pci_read8(const struct pci_bar *bar, uint64_t offset)
{
	return (uint8_t)read(bar, offset, 1);
}

uint16_t pci_read16(const struct pci_bar *bar, uint64_t offset)
{
	return (uint16_t)read(bar, offset, 2);
}

uint32_t pci_read32(const struct pci_bar *bar, uint64_t offset)
{
	return (uint32_t)read(bar, offset, 4);
}

uint64_t pci_read64(const struct pci_bar *bar, uint64_t offset)
{
	return read(bar, offset, 8);
}

void pci_write8(const struct pci_bar *bar, uint64_t offset, uint8_t v)
{
	write(bar, offset, 1, v);
}

void pci_write16(const struct pci_bar *bar, uint64_t offset, uint16_t v)
{
	write(bar, offset, 2, v);
}

void pci_write32(const struct pci_bar *bar, uint64_t offset, uint32_t v)
{
	write(bar, offset, 4, v);
}

void pci_write64(const struct pci_bar *bar, uint64_t offset, uint64_t v)
{
	write(bar, offset, 8, v);
}
