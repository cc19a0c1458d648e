/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fake hierarchy. A configuration access walks down from bus 0 through the bridges whose secondary
 * and subordinate registers claim the bus, exactly as the wires would; everything a register can do is
 * two masks: which bits can be written, which are cleared by ones. QEMU's own behaviour (numbering,
 * the nodes it makes) is here too, faults included.
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

static bool is_bridge(const struct fake_fn *fn)
{
	return (fn->cfg[PCI_HEADER] & PCI_HEADER_TYPE) == PCI_HEADER_BRIDGE;
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

		if (fn->absent || !is_bridge(fn) || sec == 0 || sec > PCI_BUS(bdf) ||
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

/* Are registers from 0x100 on within reach? Only if nothing conventional is on the way. */
static bool reaches_extended(const struct fake_pci *pci, const struct fake_fn *fn)
{
	for (const struct fake_fn *up = fn->parent; up; up = up->parent)
		if (!up->express ||
		    PCI_EXP_FLAGS_TYPE(get_le16(up->cfg + 0x40 + PCI_EXP_FLAGS)) == PCI_EXP_TO_PCI)
			return false;
	return !pci->no_extended;
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

static int fake_write(void *ctx, pci_bdf bdf, uint16_t reg, uint8_t size, uint32_t value)
{
	struct fake_pci *pci = ctx;
	struct fake_fn *fn = access_fn(pci, bdf);

	pci->writes++;
	if (!fn && !pci->break_at)
		pci->stray_writes++;
	if (!fn || (size != 1 && size != 2 && size != 4) || reg % size || reg + size > fn->size)
		return E_IO;
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

static const struct bus_ops fake_ops = {fake_read, fake_write};

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
	cap = fake_cap(fn, PCI_CAP_EXPRESS, 0x3c);
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
	fake_set(fn, is_bridge(fn) ? PCI_BRIDGE_ROM : PCI_ROM, 0, (~(size - 1) & PCI_ROM_MASK) | 1);
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

const struct fake_phb fake_phb_default = {0x10000, 0x80000000, 0x210000000000, 1ull << 40, 0, 255};

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
	unsigned bars = is_bridge(fn) ? 2 : 6;
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
	if (is_bridge(fn)) {
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

/* ---- judging the finished state ---- */

enum { IO, LOW, PREF, SPACES };

/* An address space behind a bridge, as its registers say; last < base: closed. */
struct space {
	uint64_t base, last;
};

struct judge {
	struct fake_pci *pci;
	const char *fault;
	unsigned placed, missing;
	struct space at_host[SPACES];
};

static bool judge(struct judge *j, bool ok, const char *fault)
{
	if (!ok && !j->fault)
		j->fault = fault;
	return ok;
}

static void windows_of(const struct fake_fn *fn, struct space out[SPACES])
{
	uint32_t mem = fake_get(fn, PCI_MEM_WINDOW), pref = fake_get(fn, PCI_PREF_WINDOW);
	uint64_t base_hi = 0, limit_hi = 0;

	if ((pref & 0xf) == 1) {
		base_hi = (uint64_t)fake_get(fn, PCI_PREF_BASE_HI) << 32;
		limit_hi = (uint64_t)fake_get(fn, PCI_PREF_LIMIT_HI) << 32;
	}
	out[IO].base = (uint64_t)(fn->cfg[PCI_IO_WINDOW] & 0xf0) << 8;
	out[IO].last = (uint64_t)(fn->cfg[PCI_IO_WINDOW + 1] & 0xf0) << 8 | 0xfff;
	out[LOW].base = (uint64_t)(mem & 0xfff0) << 16;
	out[LOW].last = (mem & 0xfff00000) | 0xfffff;
	out[PREF].base = base_hi | (uint64_t)(pref & 0xfff0) << 16;
	out[PREF].last = limit_hi | (pref & 0xfff00000) | 0xfffff;
	/* An unimplemented window reads 0: that is no window, not one at 0. */
	if (!get_le32(fn->mask + PCI_PREF_WINDOW))
		out[PREF] = (struct space){1, 0};
	if (!get_le32(fn->mask + PCI_MEM_WINDOW))
		out[LOW] = (struct space){1, 0};
}

static bool open_at(const struct space *s)
{
	return s->base <= s->last;
}

static bool inside(const struct space *s, uint64_t base, uint64_t last)
{
	return open_at(s) && base >= s->base && last <= s->last && base <= last;
}

static void spaces_above(struct judge *j, const struct fake_fn *fn, struct space out[SPACES])
{
	if (fn->parent)
		windows_of(fn->parent, out);
	else
		memcpy(out, j->at_host, sizeof(j->at_host));
}

/* A list of extents on one bus, to find overlaps. */
struct extent {
	uint64_t base, last;
	bool io;
};

static void add_extent(struct judge *j, struct extent **list, unsigned *n, struct extent e)
{
	*list = realloc(*list, (*n + 1) * sizeof(e));
	for (unsigned i = 0; i < *n; i++)
		if ((*list)[i].io == e.io)
			judge(j, (*list)[i].last < e.base || e.last < (*list)[i].base,
			      "addresses on one bus overlap");
	(*list)[(*n)++] = e;
}

static bool listed(const struct dt_node *node, uint32_t reg, uint64_t addr, uint64_t size)
{
	struct dt_reader r = dt_read(node, "assigned-addresses");

	while (r.left) {
		uint32_t hi = dt_read_u32(&r);
		uint64_t a = dt_read_u64(&r), s = dt_read_u64(&r);

		if ((hi & 0xff) == reg && a == addr && s == size)
			return true;
	}
	return false;
}

static unsigned entries(const struct dt_node *node, const char *name, unsigned bytes)
{
	const struct dt_prop *p = dt_prop_find(node, name);

	return p ? p->len / bytes : 0;
}

/* Where a BAR that has this address must lie; pref: it may lie in the prefetchable window. */
static bool has_home(const struct space s[SPACES], bool io, bool pref, bool root, struct extent e)
{
	if (io)
		return inside(&s[IO], e.base, e.last);
	return inside(&s[LOW], e.base, e.last) ||
	       ((pref || root) && inside(&s[PREF], e.base, e.last));
}

struct bar {
	uint64_t addr, size;
	bool io, pref, wide;
};

/* Decode register i of a function. False: nothing implemented there. */
static bool read_bar(const struct fake_fn *fn, unsigned i, unsigned bars, struct bar *b)
{
	bool rom = i == bars;
	uint16_t reg = (uint16_t)(!rom            ? PCI_BAR0 + 4 * i
				  : is_bridge(fn) ? PCI_BRIDGE_ROM
						  : PCI_ROM);
	uint32_t value = fake_get(fn, reg), mask = get_le32(fn->mask + reg);
	uint64_t bits;

	if (rom)
		mask &= PCI_ROM_MASK;
	b->io = !rom && value & 1;
	b->pref = !rom && value & 8;
	b->wide = !rom && !b->io && (value & 6) == 4 && i + 1 < bars;
	bits = mask | (b->wide ? (uint64_t)get_le32(fn->mask + reg + 4) << 32 : 0);
	b->addr = value & (b->io ? PCI_BAR_IO_MASK : rom ? PCI_ROM_MASK : PCI_BAR_MEM_MASK);
	if (b->wide)
		b->addr |= (uint64_t)fake_get(fn, (uint16_t)(reg + 4)) << 32;
	b->size = bits & -bits;
	return bits != 0;
}

static unsigned judge_bars(struct judge *j, struct fake_fn *fn, const struct dt_node *node,
			   struct extent **list, unsigned *n)
{
	unsigned bars = is_bridge(fn) ? 2 : 6, placed = 0;
	struct space above[SPACES];
	struct bar b;

	spaces_above(j, fn, above);
	for (unsigned i = 0; i <= bars; i++) {
		struct extent e;
		uint32_t reg = i < bars ? PCI_BAR0 + 4 * i : is_bridge(fn) ? 0x38 : 0x30;

		if (!read_bar(fn, i, bars, &b))
			continue;
		i += b.wide;
		if (!b.addr) {
			j->missing++;
			continue;
		}
		e = (struct extent){b.addr, b.addr + b.size - 1, b.io};
		placed++;
		judge(j, b.addr % b.size == 0, "a BAR is not aligned");
		judge(j, b.io || b.addr % 0x10000 == 0, "a memory BAR shares a page");
		judge(j, has_home(above, b.io, b.pref, !fn->parent, e), "a BAR in no window");
		judge(j, b.io || e.last != UINT32_MAX, "a BAR ends at 4 GiB - 1");
		judge(j, b.wide || e.last <= UINT32_MAX, "a 32-bit BAR above 4 GiB");
		judge(j, !b.io || e.base >= 0x1000, "an I/O BAR over legacy ports");
		judge(j, listed(node, reg, b.addr, b.size), "a BAR not in assigned-addresses");
		add_extent(j, list, n, e);
	}
	judge(j, entries(node, "assigned-addresses", 20) == placed,
	      "assigned-addresses lists what is not there");
	judge(j, !dt_prop_find(node, "assigned-addresses") || placed,
	      "assigned-addresses is empty");
	j->placed += placed;
	return placed;
}

static void judge_bridge(struct judge *j, struct fake_fn *fn, const struct dt_node *node,
			 struct extent **list, unsigned *n)
{
	static const uint32_t code[SPACES] = {0x01000000, 0x02000000, 0x43000000};
	struct dt_reader r = dt_read(node, "ranges"), b = dt_read(node, "bus-range");
	struct space mine[SPACES], above[SPACES];

	windows_of(fn, mine);
	spaces_above(j, fn, above);
	for (unsigned s = 0; s < SPACES; s++) {
		uint32_t hi = 0;

		if (!open_at(&mine[s]) || (s == IO && !get_le16(fn->mask + PCI_IO_WINDOW)))
			continue;
		judge(j, inside(&above[s], mine[s].base, mine[s].last),
		      "a window outside its parent's");
		hi = dt_read_u32(&r);
		judge(j,
		      hi == code[s] && dt_read_u64(&r) == mine[s].base && dt_read_u32(&r) == hi &&
			      dt_read_u64(&r) == mine[s].base &&
			      dt_read_u64(&r) == mine[s].last - mine[s].base + 1,
		      "ranges differs from a window");
		add_extent(j, list, n, (struct extent){mine[s].base, mine[s].last, s == IO});
	}
	judge(j, !r.left && !r.short_of, "ranges lists a closed window");
	judge(j, !open_at(&mine[PREF]) || open_at(&mine[LOW]), "a prefetchable window alone");
	if (!fn->cfg[PCI_BUSES + 1])
		return;
	judge(j, dt_prop_find(node, "ranges") != NULL, "no ranges");
	judge(j, entries(node, "interrupt-map", 36) == 128, "interrupt-map is not complete");
	judge(j,
	      dt_read_u32(&b) == fn->cfg[PCI_BUSES + 1] &&
		      dt_read_u32(&b) == fn->cfg[PCI_BUSES + 2] && !b.left && !b.short_of,
	      "bus-range differs from the registers");
	judge(j, (fn->cfg[PCI_COMMAND] & 7) == 7, "a bridge does not forward");
	judge(j, !(get_le16(fn->cfg + PCI_SEC_STATUS) & 0xf900), "old faults behind a bridge");
}

static const struct dt_node *node_of(const struct dt_node *bus, const struct fake_fn *fn)
{
	char unit[8];

	snprintf(unit, sizeof(unit), fn->devfn & 7 ? "%x,%x" : "%x", fn->devfn >> 3, fn->devfn & 7);
	for (const struct dt_node *c = bus->child; c; c = c->next)
		if (!strcmp(dt_unit(c), unit))
			return c;
	return NULL;
}

static void judge_numbers(struct judge *j, const struct fake_fn *list, unsigned sec, unsigned sub)
{
	unsigned last = sec;

	for (const struct fake_fn *fn = list; fn; fn = fn->next) {
		unsigned s = fn->cfg[PCI_BUSES + 1], e = fn->cfg[PCI_BUSES + 2];

		if (!is_bridge(fn) || !s)
			continue;
		judge(j, fn->cfg[PCI_BUSES] == sec, "primary is not the bus above");
		judge(j, s > last && s <= e && e <= sub, "bus numbers not nested or not ascending");
		last = e;
		judge_numbers(j, fn->child, s, e);
	}
}

static void judge_bus(struct judge *j, struct fake_fn *list, const struct dt_node *bus,
		      unsigned number)
{
	struct extent *e = NULL;
	unsigned n = 0;

	for (struct fake_fn *fn = list; fn && !j->fault; fn = fn->next) {
		const struct dt_node *node = node_of(bus, fn);
		struct dt_reader r;
		uint8_t type = fn->cfg[PCI_HEADER] & PCI_HEADER_TYPE;

		if (fn->absent || fn->retries || !judge(j, node != NULL, "a function without node"))
			continue;
		r = dt_read(node, "reg");
		judge(j, (dt_read_u32(&r) >> 8 & 0xffff) == (number << 8 | fn->devfn),
		      "reg does not name its function");
		if (type > PCI_HEADER_BRIDGE)
			continue;
		judge_bars(j, fn, node, &e, &n);
		if (type == PCI_HEADER_DEVICE) {
			judge(j, !(fn->cfg[PCI_COMMAND] & 7), "an endpoint decodes");
			continue;
		}
		judge_bridge(j, fn, node, &e, &n);
		if (fn->cfg[PCI_BUSES + 1])
			judge_bus(j, fn->child, node, fn->cfg[PCI_BUSES + 1]);
	}
	free(e);
}

static void read_host(struct judge *j, const struct dt_node *phb)
{
	struct dt_reader r = dt_read(phb, "ranges");

	for (unsigned s = 0; s < SPACES; s++)
		j->at_host[s] = (struct space){1, 0};
	while (r.left) {
		unsigned s = dt_read_u32(&r) >> 24 & 3;
		uint64_t pci = dt_read_u64(&r), cpu = dt_read_u64(&r), size = dt_read_u64(&r);

		(void)cpu;
		j->at_host[s - 1] = (struct space){pci, pci + size - 1};
	}
}

const char *fake_verify(struct fake_pci *pci, const struct dt_node *phb, unsigned *placed,
			unsigned *missing)
{
	struct judge j = {.pci = pci};
	struct dt_reader b = dt_read(phb, "bus-range");
	unsigned first = dt_read_u32(&b), last = dt_read_u32(&b);

	read_host(&j, phb);
	judge_numbers(&j, pci->root, first, last);
	judge_bus(&j, pci->root, phb, first);
	judge(&j, !pci->stray_writes, "a write went to a function that is not there");
	judge(&j, !pci->ambiguous, "two bridges claimed one access");
	if (placed)
		*placed = j.placed;
	if (missing)
		*missing = j.missing;
	return j.fault;
}

/* ---- a machine ---- */

struct fake_rig fake_rig_new(void)
{
	return (struct fake_rig){.pci = fake_pci_new()};
}

void fake_rig_prepare(struct fake_rig *r, const struct fake_phb *phb)
{
	fake_enumerate(r->pci);
	r->phb = fake_tree(r->pci, &r->tree, phb);
	r->host = pci_host_new(&r->tree, r->phb, &r->pci->bus);
}

const char *fake_rig_boot(struct fake_rig *r, const struct fake_phb *phb)
{
	const char *fault;

	fake_rig_prepare(r, phb);
	if (!r->host)
		return "no host";
	if (pci_host_setup(r->host))
		return "setup failed";
	fault = fake_verify(r->pci, r->phb, NULL, NULL);
	return fault ? fault : pci_host_summary(r->host).faults ? "self-check" : NULL;
}

void fake_rig_free(struct fake_rig *r)
{
	pci_host_free(r->host);
	dt_tree_free(&r->tree);
	fake_pci_free(r->pci);
}
