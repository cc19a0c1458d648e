/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fake hierarchy. A configuration access walks down from bus 0 through the bridges whose secondary
 * and subordinate registers claim the bus, exactly as the wires would; everything a register can do is
 * two masks: which bits can be written, which are cleared by ones. Writes to registers no enumerator
 * has any business with are counted. QEMU's own behaviour is here too: how it numbers buses, blind for
 * multifunction bridges, and the nodes it makes, without prefetchable bits and with its bus numbers.
 */
#include "fakepci.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "dt/cells.h"
#include "dt/prop.h"
#include "pci/pci.h"
#include "pci/regs.h"

/* ---- registers ---- */

uint32_t fake_get(const struct fake_fn *fn, uint16_t reg)
{
	return get_le32(fn->cfg + reg);
}

void fake_set(struct fake_fn *fn, uint16_t reg, uint32_t value, uint32_t mask)
{
	put_le32(fn->cfg + reg, value);
	put_le32(fn->mask + reg, mask);
}

bool fake_is_bridge(const struct fake_fn *fn)
{
	return (fn->cfg[PCI_HEADER] & PCI_HEADER_TYPE) == PCI_HEADER_BRIDGE;
}

uint16_t fake_ext_cap_find(const struct fake_fn *fn, uint16_t id)
{
	uint16_t at = fn->size > PCI_EXT_CAPS ? PCI_EXT_CAPS : 0;

	for (unsigned step = 0; at >= PCI_EXT_CAPS && step < 32; step++) {
		uint32_t head = fake_get(fn, at);

		if ((uint16_t)head == id)
			return at;
		at = (uint16_t)(head >> 20 & 0xffc);
	}
	return 0;
}

static struct fake_fn *find(struct fake_pci *pci, struct fake_fn *list, unsigned here, pci_bdf bdf)
{
	struct fake_fn *claims = NULL;

	if (here == PCI_BUS(bdf)) {
		while (list && (list->devfn != PCI_DEVFN(bdf) || list->absent))
			list = list->next;
		return list;
	}
	for (struct fake_fn *fn = list; fn; fn = fn->next) {
		unsigned sec = fn->cfg[PCI_BUSES + 1], sub = fn->cfg[PCI_BUSES + 2];

		if (fn->absent || !fake_is_bridge(fn) || sec == 0 || sec > PCI_BUS(bdf) ||
		    sub < PCI_BUS(bdf) || fn->cfg[PCI_BRIDGE_CONTROL] & PCI_BRIDGE_RESET)
			continue;
		pci->ambiguous += claims != NULL;
		claims = claims ? claims : fn;
	}
	return claims ? find(pci, claims->child, claims->cfg[PCI_BUSES + 1], bdf) : NULL;
}

struct fake_fn *fake_find(struct fake_pci *pci, pci_bdf bdf)
{
	return find(pci, pci->root, 0, bdf);
}

struct fake_fn *fake_next(const struct fake_pci *pci, const struct fake_fn *fn)
{
	if (!fn)
		return pci->root;
	if (fn->child)
		return fn->child;
	while (fn && !fn->next)
		fn = fn->parent;
	return fn ? fn->next : NULL;
}

bool fake_extended_way(const struct fake_fn *fn)
{
	for (const struct fake_fn *up = fn->parent; up; up = up->parent)
		if (!up->express || PCI_EXP_FLAGS_TYPE(get_le16(up->cfg + up->express_cap +
								PCI_EXP_FLAGS)) == PCI_EXP_TO_PCI)
			return false;
	return true;
}

static bool reaches_extended(const struct fake_pci *pci, const struct fake_fn *fn)
{
	return !pci->no_extended && fake_extended_way(fn);
}

/* Count an access; is the moment of the break there? */
static struct fake_fn *access_fn(struct fake_pci *pci, pci_bdf bdf)
{
	if (++pci->accesses == pci->break_at) {
		pci->dead = pci->break_fn == NULL;
		if (pci->break_fn)
			pci->break_fn->absent = true;
	}
	return pci->dead ? NULL : fake_find(pci, bdf);
}

static int fake_read(void *ctx, pci_bdf bdf, uint16_t reg, uint8_t size, uint32_t *value)
{
	struct fake_pci *pci = ctx;
	struct fake_fn *fn = access_fn(pci, bdf);

	if (!fn || (size != 1 && size != 2 && size != 4) || reg % size || reg + size > fn->size)
		return E_IO;
	if (reg < 4 && fn->retries) {
		fn->retries -= fn->retries != UINT32_MAX;
		*value = 0xffff0001;
	} else if (reg >= 0x100 && !reaches_extended(pci, fn)) {
		*value = UINT32_MAX >> (32 - size * 8);
	} else {
		*value = size == 1   ? fn->cfg[reg]
			 : size == 2 ? get_le16(fn->cfg + reg)
				     : get_le32(fn->cfg + reg);
	}
	return 0;
}

/* Registers an enumerator may write: command, BARs, ROM, a bridge's own, a port's ARI bit, VF BARs. */
static bool may_write(const struct fake_fn *fn, uint16_t reg, uint8_t size)
{
	uint16_t vf = fake_ext_cap_find(fn, PCI_EXT_CAP_SRIOV);

	if (reg == PCI_COMMAND && size == 2)
		return true;
	if (vf && reg >= vf + PCI_SRIOV_BAR0 && reg < vf + PCI_SRIOV_BAR0 + 24)
		return true;
	switch (fn->cfg[PCI_HEADER] & PCI_HEADER_TYPE) {
	case PCI_HEADER_DEVICE:
		return (reg >= PCI_BAR0 && reg < PCI_BAR0 + 24) || reg == PCI_ROM;
	case PCI_HEADER_BRIDGE:
		return (reg >= PCI_BAR0 && reg <= PCI_IO_WINDOW_HI) || reg == PCI_BRIDGE_ROM ||
		       reg == PCI_BRIDGE_CONTROL ||
		       (fn->express && reg == fn->express_cap + PCI_EXP_CONTROL2);
	case PCI_HEADER_CARDBUS:
		return reg == PCI_BAR0;
	}
	return false;
}

static int fake_write(void *ctx, pci_bdf bdf, uint16_t reg, uint8_t size, uint32_t value)
{
	struct fake_pci *pci = ctx;
	struct fake_fn *fn = access_fn(pci, bdf);

	pci->writes++;
	if (!fn && !pci->break_at)
		pci->stray_writes++;
	if (!fn || (size != 1 && size != 2 && size != 4) || reg % size || reg + size > fn->size)
		return E_IO;
	pci->odd_writes += !may_write(fn, reg, size);
	if (reg >= 0x100 && !reaches_extended(pci, fn))
		return 0;
	for (unsigned i = 0; i < size; i++) {
		uint8_t *at = fn->cfg + reg + i, v = (uint8_t)(value >> 8 * i);
		uint8_t mask = fn->mask[reg + i];

		*at = (uint8_t)((*at & ~mask) | (v & mask));
		if (fn->w1c)
			*at &= (uint8_t) ~(v & fn->w1c[reg + i]);
	}
	return 0;
}

static const struct bus_ops fake_ops = {.cfg_read = fake_read, .cfg_write = fake_write};

/* ---- building ---- */

struct fake_pci *fake_pci_new(void)
{
	struct fake_pci *pci = calloc(1, sizeof(*pci));

	pci->bus = (struct bus){&fake_ops, pci};
	return pci;
}

void fake_remove(struct fake_pci *pci, struct fake_fn *fn)
{
	struct fake_fn **at = fn->parent ? &fn->parent->child : &pci->root;

	while (fn->child)
		fake_remove(pci, fn->child);
	while (*at != fn)
		at = &(*at)->next;
	*at = fn->next;
	free(fn->cfg);
	free(fn->mask);
	free(fn->w1c);
	free(fn);
}

void fake_pci_free(struct fake_pci *pci)
{
	while (pci->root)
		fake_remove(pci, pci->root);
	free(pci);
}

static struct fake_fn *add(struct fake_pci *pci, struct fake_fn *parent, uint8_t devfn,
			   uint32_t class_code, uint16_t size)
{
	struct fake_fn *fn = calloc(1, sizeof(*fn)), **at = parent ? &parent->child : &pci->root;

	fn->parent = parent;
	fn->devfn = devfn;
	fn->size = size;
	fn->cfg = calloc(1, size);
	fn->mask = calloc(1, size);
	fn->next_cap = 0x40;
	fn->next_ext = PCI_EXT_CAPS;
	while (*at && (*at)->devfn < devfn)
		at = &(*at)->next;
	fn->next = *at;
	*at = fn;
	fake_set(fn, PCI_ID, 0x10001af4, 0);
	fake_set(fn, PCI_COMMAND, 0, 0x7);
	fake_set(fn, PCI_CLASS_REV, class_code << 8, 0);
	return fn;
}

struct fake_fn *fake_add(struct fake_pci *pci, struct fake_fn *parent, uint8_t devfn,
			 uint32_t class_code)
{
	return add(pci, parent, devfn, class_code, 256);
}

uint8_t fake_cap(struct fake_fn *fn, uint8_t id, uint8_t len)
{
	uint8_t at = fn->next_cap;

	fn->cfg[fn->last_cap ? fn->last_cap + 1 : PCI_CAPS] = at;
	fn->cfg[PCI_STATUS] |= PCI_STATUS_CAPS;
	fn->cfg[at] = id;
	fn->last_cap = at;
	fn->next_cap = (uint8_t)(at + ((len + 3) & ~3));
	return at;
}

uint16_t fake_ext_cap(struct fake_fn *fn, uint16_t id, uint16_t len)
{
	uint16_t at = fn->next_ext;

	if (fn->last_ext)
		put_le32(fn->cfg + fn->last_ext, fake_get(fn, fn->last_ext) | (uint32_t)at << 20);
	put_le32(fn->cfg + at, 0x10000u | id);
	fn->last_ext = at;
	fn->next_ext = (uint16_t)(at + len);
	return at;
}

struct fake_fn *fake_add_express(struct fake_pci *pci, struct fake_fn *parent, uint8_t devfn,
				 uint32_t class_code, uint8_t port)
{
	struct fake_fn *fn = add(pci, parent, devfn, class_code, 4096);
	uint8_t cap;

	fn->express = true;
	cap = fn->express_cap = fake_cap(fn, PCI_CAP_EXPRESS, 0x3c);
	put_le16(fn->cfg + cap + PCI_EXP_FLAGS, (uint16_t)(port << 4 | 2));
	return fn;
}

static struct fake_fn *make_bridge(struct fake_fn *fn)
{
	fn->cfg[PCI_HEADER] = PCI_HEADER_BRIDGE;
	fake_set(fn, PCI_BUSES, 0, 0x00ffffff);
	fake_set(fn, PCI_IO_WINDOW, 0, 0x0000f0f0);
	fake_set(fn, PCI_MEM_WINDOW, 0, 0xfff0fff0);
	fake_set(fn, PCI_PREF_WINDOW, 0x00010001, 0xfff0fff0);
	fake_set(fn, PCI_PREF_BASE_HI, 0, UINT32_MAX);
	fake_set(fn, PCI_PREF_LIMIT_HI, 0, UINT32_MAX);
	fake_set(fn, PCI_IO_WINDOW_HI, 0, 0);
	fn->mask[PCI_BRIDGE_CONTROL] = 0xff;
	fn->w1c = calloc(1, fn->size);
	put_le16(fn->w1c + PCI_SEC_STATUS, 0xf900);
	put_le16(fn->cfg + PCI_SEC_STATUS, 0x2000);
	return fn;
}

struct fake_fn *fake_add_bridge(struct fake_pci *pci, struct fake_fn *parent, uint8_t devfn)
{
	return make_bridge(fake_add(pci, parent, devfn, 0x060400));
}

struct fake_fn *fake_add_port(struct fake_pci *pci, struct fake_fn *parent, uint8_t devfn,
			      uint8_t port)
{
	return make_bridge(fake_add_express(pci, parent, devfn, 0x060400, port));
}

void fake_bar(struct fake_fn *fn, unsigned index, uint64_t size, uint32_t type)
{
	uint16_t reg = (uint16_t)(PCI_BAR0 + 4 * index);
	uint64_t mask = ~(size - 1) & (type & 1 ? PCI_BAR_IO_MASK : ~0xfull);

	fake_set(fn, reg, type, (uint32_t)mask);
	if (!(type & 1) && (type & PCI_BAR_MEM_TYPE) == PCI_BAR_MEM_64 && index < 5)
		fake_set(fn, (uint16_t)(reg + 4), 0, (uint32_t)(mask >> 32));
}

void fake_rom(struct fake_fn *fn, uint32_t size)
{
	fake_set(fn, fake_is_bridge(fn) ? PCI_BRIDGE_ROM : PCI_ROM, 0,
		 (~(size - 1) & PCI_ROM_MASK) | 1);
}

void fake_no_window(struct fake_fn *fn, unsigned which)
{
	if (which == 0) {
		put_le16(fn->cfg + PCI_IO_WINDOW, 0x00f0);
		put_le16(fn->mask + PCI_IO_WINDOW, 0);
		return;
	}
	if (which == 1) {
		fake_set(fn, PCI_MEM_WINDOW, 0, 0);
		return;
	}
	if (which < 4)
		fake_set(fn, PCI_PREF_WINDOW, 0, which == 3 ? 0xfff0fff0 : 0);
	fake_set(fn, PCI_PREF_BASE_HI, 0, 0);
	fake_set(fn, PCI_PREF_LIMIT_HI, 0, 0);
}

void fake_sriov(struct fake_fn *fn, uint16_t total, uint64_t size, uint32_t type)
{
	uint16_t cap = fake_ext_cap(fn, PCI_EXT_CAP_SRIOV, 0x40);
	uint64_t mask = ~(size - 1);

	put_le16(fn->cfg + cap + PCI_SRIOV_TOTAL_VFS, total);
	put_le32(fn->cfg + cap + PCI_SRIOV_PLACE, 0x00010001);
	fake_set(fn, (uint16_t)(cap + PCI_SRIOV_BAR0), type, (uint32_t)mask & ~0xfu);
	fake_set(fn, (uint16_t)(cap + PCI_SRIOV_BAR0 + 4), 0, (uint32_t)(mask >> 32));
}

uint8_t fake_reserve(struct fake_fn *fn)
{
	uint8_t cap = fake_cap(fn, PCI_CAP_VENDOR, PCI_RESERVE_LEN);

	memset(fn->cfg + cap + PCI_RESERVE_BUS, 0xff, PCI_RESERVE_LEN - PCI_RESERVE_BUS);
	put_le16(fn->cfg + cap + 2, 1 << 8 | PCI_RESERVE_LEN);
	return cap;
}

/* ---- QEMU's part ---- */

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
