/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * map-in of a PCI bus: from an address as the binding writes it to the one the CPU uses. A relative
 * address is an offset from what a base address register holds now; an absolute one is on this bus. Both are
 * then translated through the ranges of every bridge on the way, which says whether they get through.
 */
#include "class-pci-priv.h"

#include "base/err.h"
#include "dt/cells.h"
#include "dt/prop.h"
#include "dt/translate.h"
#include "pciaddr/unit.h"

#define ROM       0x30u
#define ROM_TYPE1 0x38u /* of a bridge */

#define BAR_IO        1u
#define BAR_TYPE      6u
#define BAR_TYPE_64   4u
#define BAR_IO_FLAGS  3u
#define BAR_MEM_FLAGS 0xfu
#define BAR_ROM_FLAGS 0x7ffu

/* The node of a function below a bus, or NULL. */
static const struct dt_node *function_below(const struct dt_node *bus, uint32_t hi)
{
	const struct dt_node *node = bus;

	while ((node = dt_next(bus, node)))
		if (dt_prop_find(node, "reg") && of_on_pci_bus(node) &&
		    of_pci_function(node) == (hi & PCI_PHYS_FUNCTION))
			return node;
	return NULL;
}

/* Bytes behind a base address register as a property has them; 0: it has no such one. */
static uint64_t bar_size(const struct dt_node *node, const char *name, uint32_t hi)
{
	struct dt_reader r = dt_read(node, name);

	while (r.left > 0) {
		uint32_t entry = dt_read_u32(&r);
		uint64_t size;

		(void)dt_read_u64(&r);
		size = dt_read_u64(&r);
		if (!r.short_of && PCI_PHYS_SPACE(entry) && PCI_PHYS_REG(entry) == PCI_PHYS_REG(hi))
			return size;
	}
	return 0;
}

/* The address a base address register holds now. E_NOENT: none; E_INVAL: not of the space asked for. */
static int bar_base(const struct bus *bus, uint32_t hi, uint64_t *base)
{
	bool io = PCI_PHYS_SPACE(hi) == PCI_SPACE_IO;
	uint16_t reg = PCI_PHYS_REG(hi);
	pci_bdf bdf = (pci_bdf)(hi >> 8);
	uint32_t value, upper = 0;
	uint64_t flags = io ? BAR_IO_FLAGS : BAR_MEM_FLAGS;
	int err = bus->ops->cfg_read(bus->ctx, bdf, reg, 4, &value);

	if (err)
		return err;
	if (reg == ROM || reg == ROM_TYPE1) {
		flags = BAR_ROM_FLAGS;
		value &= ~BAR_IO; /* there, the enable bit */
	}
	if ((value & BAR_IO) != io)
		return E_INVAL;
	if (flags == BAR_MEM_FLAGS && (value & BAR_TYPE) == BAR_TYPE_64)
		err = bus->ops->cfg_read(bus->ctx, bdf, (uint16_t)(reg + 4), 4, &upper);
	if (err)
		return err;
	*base = ((uint64_t)upper << 32 | value) & ~flags;
	return *base ? 0 : E_NOENT;
}

/* Where an address relative to a base address register is, and on which bus. */
static int resolve_relative(const struct instance *in, uint32_t hi, uint64_t size,
			    const struct dt_node **bus, uint64_t *addr)
{
	const struct of_pci *pci = in->data;
	const struct dt_node *node = function_below(in->node, hi);
	uint64_t offset = *addr, there, base;
	int err;

	if (!node)
		return E_NOENT;
	there = bar_size(node, "reg", hi);
	if (there == 0)
		there = bar_size(node, "assigned-addresses", hi);
	if (there == 0)
		return E_NOENT;
	if (offset >= there || size > there - offset)
		return E_RANGE;
	err = bar_base(pci->bus, hi, &base);
	if (err)
		return err;
	*bus = node->parent;
	*addr = base + offset;
	return 0;
}

/*
 * ( phys.lo phys.mid phys.hi size -- virt ) Relative addresses are offsets from what the register
 * holds and must stay inside; absolute ones must be inside the windows of every bridge on the way.
 * size 0 counts as 1. Nothing is mapped, as real and virtual addresses are one here.
 */
int of_pci_map_in(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	uint64_t size = arg_pop(st), addr, cpu;
	struct pci_phys phys = of_pci_pop_phys(st);
	const struct dt_node *bus;
	int err = 0;

	if (!of_pci_of(in))
		return E_STALE;
	bus = in->node;
	addr = (uint64_t)phys.mid << 32 | phys.lo;
	if (PCI_PHYS_SPACE(phys.hi) == PCI_SPACE_CONFIG)
		return E_INVAL;
	if (size == 0)
		size = 1;
	if (!(phys.hi & PCI_PHYS_ABSOLUTE))
		err = resolve_relative(in, phys.hi, size, &bus, &addr);
	else if (PCI_PHYS_SPACE(phys.hi) != PCI_SPACE_MEM64 && phys.mid)
		err = E_RANGE;
	if (!err)
		err = dt_translate(bus, phys.hi, addr, size, &cpu) ? E_RANGE : 0;
	return err ? err : of_pci_push(st, cpu, size);
}

int of_pci_map_out(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	st->depth -= 2;
	return of_pci_of(in) ? 0 : E_STALE;
}
