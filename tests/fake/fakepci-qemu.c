/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What QEMU does before the firmware runs: it numbers buses, blind for bridges with the multifunction
 * bit, and makes a node for every function, with reg as it writes it: bus numbers as it numbered, no
 * prefetchable bits.
 */
#include "fakepci.h"

#include <stdio.h>

#include "base/bytes.h"
#include "dt/cells.h"
#include "dt/prop.h"
#include "pci/regs.h"

static unsigned enumerate(struct fake_fn *list, unsigned here, unsigned last)
{
	for (struct fake_fn *fn = list; fn; fn = fn->next) {
		if (fn->cfg[PCI_HEADER] != PCI_HEADER_BRIDGE || last >= 255)
			continue;
		fn->cfg[PCI_BUSES] = (uint8_t)here;
		fn->cfg[PCI_BUSES + 1] = (uint8_t)++last;
		last = enumerate(fn->child, last, last);
		fn->cfg[PCI_BUSES + 2] = (uint8_t)last;
	}
	return last;
}

void fake_enumerate(struct fake_pci *pci)
{
	enumerate(pci->root, 0, 0);
}

const struct fake_phb fake_phb_default = {0x10000, 0x80000000, 0x210000000000, 1ull << 40, 0,
					  255,     0};

static void add_range(struct dt_cells *c, uint32_t space, uint64_t pci, uint64_t cpu, uint64_t size)
{
	if (!size)
		return;
	dt_cells_u32(c, space);
	dt_cells_u64(c, pci);
	dt_cells_u64(c, cpu);
	dt_cells_u64(c, size);
}

static struct dt_node *phb_node(struct dt_tree *tree, const struct fake_phb *phb)
{
	struct dt_node *node = dt_node_new(tree, tree->root, "pci@800000020000000", DT_FROM_FDT);
	struct dt_cells c = dt_cells_new(21), b = dt_cells_new(2);

	dt_prop_set_u32(tree->root, "#address-cells", 2);
	dt_prop_set_u32(tree->root, "#size-cells", 2);
	dt_prop_set_u32(node, "#address-cells", 3);
	dt_prop_set_u32(node, "#size-cells", 2);
	dt_prop_set_str(node, "device_type", "pci");
	add_range(&c, 0x01000000, 0, 0x200000000000, phb->io_size);
	add_range(&c, 0x02000000, 0x80000000, 0x200080000000, phb->low_size);
	add_range(&c, 0x03000000, phb->high_base, phb->high_base, phb->high_size);
	dt_cells_set(&c, node, "ranges");
	dt_cells_u32(&b, phb->first_bus);
	dt_cells_u32(&b, phb->last_bus);
	dt_cells_set(&b, node, "bus-range");
	if (phb->min_align)
		dt_prop_set_u32(node, "qemu,mem-bar-min-align", phb->min_align);
	return node;
}

static void reg_entry(struct dt_cells *c, uint32_t hi, uint64_t size)
{
	dt_cells_u32(c, hi);
	dt_cells_u64(c, 0);
	dt_cells_u64(c, size);
}

static void fake_reg(struct fake_fn *fn, struct dt_node *node)
{
	uint32_t bus = fn->parent ? fn->parent->cfg[PCI_BUSES + 1] : 0;
	uint32_t id = bus << 16 | (uint32_t)fn->devfn << 8;
	unsigned bars = fake_is_bridge(fn) ? 2 : 6;
	struct dt_cells c = dt_cells_new(40);

	reg_entry(&c, id, 0);
	for (unsigned i = 0; i < bars; i++) {
		uint16_t reg = (uint16_t)(PCI_BAR0 + 4 * i);
		uint64_t mask = get_le32(fn->mask + reg), type = fn->cfg[reg] & 0xf;
		bool wide = !(type & 1) && (type & 6) == 4 && i + 1 < bars;

		mask |= wide ? (uint64_t)get_le32(fn->mask + reg + 4) << 32 : ~0ull << 32;
		if (mask & UINT32_MAX || (wide && mask))
			reg_entry(&c,
				  id | reg |
					  (type & 1 ? 1u
					   : wide   ? 3u
						    : 2u)
						  << 24,
				  mask & -mask);
		i += wide;
	}
	dt_cells_set(&c, node, "reg");
}

struct dt_node *fake_node(struct fake_fn *fn, struct dt_tree *tree, struct dt_node *parent)
{
	struct dt_node *node;
	char name[64];

	snprintf(name, sizeof(name), fn->devfn & 7 ? "%s@%x,%x" : "%s@%x",
		 pci_class_name(fake_get(fn, PCI_CLASS_REV) >> 8), fn->devfn >> 3, fn->devfn & 7);
	node = dt_node_new(tree, parent, name, DT_FROM_FDT);
	dt_prop_set_u32(node, "vendor-id", get_le16(fn->cfg));
	dt_prop_set_u32(node, "class-code", fake_get(fn, PCI_CLASS_REV) >> 8);
	if (fn->express)
		dt_prop_set_u32(node, "ibm,pci-config-space-type", 1);
	fake_reg(fn, node);
	if (fake_is_bridge(fn)) {
		dt_prop_set_u32(node, "#address-cells", 3);
		dt_prop_set_u32(node, "#size-cells", 2);
		dt_prop_set_u32(node, "ibm,drc-indexes", 1);
	}
	for (struct fake_fn *c = fn->child; c; c = c->next)
		fake_node(c, tree, node);
	return node;
}

struct dt_node *fake_tree(struct fake_pci *pci, struct dt_tree *tree, const struct fake_phb *phb)
{
	struct dt_node *node;

	dt_tree_init(tree);
	node = phb_node(tree, phb);
	for (struct fake_fn *fn = pci->root; fn; fn = fn->next)
		fake_node(fn, tree, node);
	return node;
}
