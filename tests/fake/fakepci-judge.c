/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The judge: does the finished state hold together? It reads registers and the tree only, shares no
 * code with what it judges, and knows the invariants of docs/pci.md: addresses aligned, in whole
 * pages, inside their windows, nowhere twice; windows inside those above; bus numbers nested; the tree
 * says what the registers say, interrupt routing included.
 */
#include "fakepci.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "dt/cells.h"
#include "dt/prop.h"
#include "pci/regs.h"

#define ABSOLUTE 0x80000000u
#define PREF_BIT 0x40000000u

enum { IO, LOW, PREF, SPACES };

/* An address space behind a bridge, as its registers say; last < base: closed. */
struct space {
	uint64_t base, last;
};

/* What lies on one bus. */
struct extent {
	uint64_t base, last;
	bool io;
};
struct extents {
	struct extent *e;
	unsigned n, room;
};

struct judge {
	struct fake_pci *pci;
	const char *fault;
	struct fake_count count;
	struct space at_host[SPACES];
	uint32_t min_align;
};

static bool judge(struct judge *j, bool ok, const char *fault)
{
	if (!ok && !j->fault)
		j->fault = fault;
	return ok;
}

uint64_t fake_hash(const char *text, size_t len)
{
	uint64_t h = 0xcbf29ce484222325ull;

	while (len--)
		h = (h ^ (uint8_t)*text++) * 0x100000001b3ull;
	return h;
}

/* ---- registers with addresses ---- */

static uint16_t reg_of(const struct fake_fn *fn, unsigned slot)
{
	uint16_t vf = fake_extended_way(fn) ? fake_ext_cap_find(fn, PCI_EXT_CAP_SRIOV) : 0;
	uint8_t type = fn->cfg[PCI_HEADER] & PCI_HEADER_TYPE;
	unsigned bars = type == PCI_HEADER_DEVICE ? 6 : type == PCI_HEADER_BRIDGE ? 2 : 1;

	if (slot < 6)
		return slot < bars ? (uint16_t)(PCI_BAR0 + 4 * slot) : 0;
	if (type > PCI_HEADER_BRIDGE)
		return 0;
	if (slot == 6)
		return type == PCI_HEADER_BRIDGE ? PCI_BRIDGE_ROM : PCI_ROM;
	return vf ? (uint16_t)(vf + PCI_SRIOV_BAR0 + 4 * (slot - 7)) : 0;
}

bool fake_reg_at(const struct fake_fn *fn, unsigned slot, struct fake_reg *out)
{
	uint16_t reg = reg_of(fn, slot);
	bool rom = slot == 6, last = slot == 5 || slot == 12 || !reg_of(fn, slot + 1);
	uint32_t value = reg ? fake_get(fn, reg) : 0, mask = reg ? get_le32(fn->mask + reg) : 0;
	uint64_t bits;

	*out = (struct fake_reg){.reg = reg, .vf = slot > 6, .io = !rom && value & PCI_BAR_IO};
	mask &= out->io ? PCI_BAR_IO_MASK : rom ? PCI_ROM_MASK : PCI_BAR_MEM_MASK;
	out->pref = !rom && !out->io && value & PCI_BAR_PREF;
	out->wide = !rom && !out->io && (value & PCI_BAR_MEM_TYPE) == PCI_BAR_MEM_64 && !last;
	bits = mask | (out->wide ? (uint64_t)get_le32(fn->mask + reg + 4) << 32 : 0);
	out->addr = value & (out->io ? PCI_BAR_IO_MASK : rom ? PCI_ROM_MASK : PCI_BAR_MEM_MASK);
	if (out->wide)
		out->addr |= (uint64_t)fake_get(fn, (uint16_t)(reg + 4)) << 32;
	out->size = out->span = bits & -bits;
	if (out->vf && bits)
		out->span *= get_le16(fn->cfg + reg - 4 * (slot - 7) - PCI_SRIOV_BAR0 +
				      PCI_SRIOV_TOTAL_VFS);
	return bits != 0 && out->span != 0;
}

static void slot_name(unsigned bdf, unsigned slot, char name[static 32])
{
	int at = snprintf(name, 32, "%02x:%02x.%x ", bdf >> 8, bdf >> 3 & 31, bdf & 7);

	if (slot == 6)
		snprintf(name + at, 32 - (size_t)at, "rom");
	else
		snprintf(name + at, 32 - (size_t)at, "%sbar%u", slot > 6 ? "vf-" : "",
			 slot > 6 ? slot - 7 : slot);
}

/* ---- windows ---- */

static const struct space closed = {1, 0};

static void windows_of(const struct fake_fn *fn, struct space out[SPACES])
{
	uint32_t mem = fake_get(fn, PCI_MEM_WINDOW), pref = fake_get(fn, PCI_PREF_WINDOW);
	uint64_t base_hi = 0, limit_hi = 0;

	if ((pref & PCI_PREF_TYPE) == PCI_PREF_64) {
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
		out[PREF] = closed;
	if (!get_le32(fn->mask + PCI_MEM_WINDOW))
		out[LOW] = closed;
	if (!get_le16(fn->mask + PCI_IO_WINDOW))
		out[IO] = closed;
}

static bool open_at(const struct space *s)
{
	return s->base <= s->last;
}

static bool inside(const struct space *s, uint64_t base, uint64_t last)
{
	return open_at(s) && base >= s->base && last <= s->last && base <= last;
}

static void spaces_above(const struct judge *j, const struct fake_fn *fn, struct space out[SPACES])
{
	if (fn->parent)
		windows_of(fn->parent, out);
	else
		memcpy(out, j->at_host, sizeof(j->at_host));
}

/* ---- extents on one bus ---- */

static void add_extent(struct extents *x, uint64_t base, uint64_t last, bool io)
{
	if (x->n == x->room) {
		x->room = x->room ? x->room * 2 : 16;
		x->e = realloc(x->e, x->room * sizeof(x->e[0]));
	}
	x->e[x->n++] = (struct extent){base, last, io};
}

static int by_place(const void *pa, const void *pb)
{
	const struct extent *a = pa, *b = pb;

	if (a->io != b->io)
		return a->io ? 1 : -1;
	return a->base < b->base ? -1 : a->base > b->base;
}

static void judge_extents(struct judge *j, struct extents *x)
{
	if (x->n)
		qsort(x->e, x->n, sizeof(x->e[0]), by_place);
	for (unsigned i = 1; i < x->n; i++)
		judge(j, x->e[i].io != x->e[i - 1].io || x->e[i - 1].last < x->e[i].base,
		      "addresses on one bus overlap");
	free(x->e);
}

/* ---- one function ---- */

/* Where a BAR that has this address must lie. On the root bus there is no prefetchable space. */
static bool has_home(const struct space s[SPACES], const struct fake_reg *b, bool root)
{
	uint64_t last = b->addr + b->span - 1;

	if (b->io)
		return inside(&s[IO], b->addr, last);
	return inside(&s[LOW], b->addr, last) ||
	       ((b->pref || root) && inside(&s[PREF], b->addr, last));
}

static void judge_placed(struct judge *j, const struct fake_fn *fn, const struct fake_reg *b)
{
	uint64_t last = b->addr + b->span - 1;
	struct space above[SPACES];

	spaces_above(j, fn, above);
	judge(j, last >= b->addr, "a BAR wraps around");
	judge(j, b->addr % b->size == 0, "a BAR is not aligned");
	judge(j, b->io || b->addr % j->min_align == 0, "a memory BAR shares a page");
	judge(j, has_home(above, b, !fn->parent), "a BAR in no window");
	judge(j, b->io || last != UINT32_MAX, "a BAR ends at 4 GiB - 1");
	judge(j, b->wide || last <= UINT32_MAX, "a 32-bit BAR above 4 GiB");
	judge(j, !b->io || (b->addr >= 0x1000 && last <= 0xffff), "an I/O BAR over legacy ports");
}

/* The entry of assigned-addresses that a BAR must have. */
static void judge_entry(struct judge *j, struct dt_reader *r, const struct fake_reg *b,
			uint32_t bdf)
{
	uint32_t space = b->io ? 1 : b->addr >> 32 ? 3 : 2;
	uint32_t hi = ABSOLUTE | (b->pref ? PREF_BIT : 0) | space << 24 | bdf << 8 | b->reg;

	judge(j, dt_read_u32(r) == hi && dt_read_u64(r) == b->addr && dt_read_u64(r) == b->span,
	      "assigned-addresses differs from a BAR");
}

static void judge_bars(struct judge *j, const struct fake_fn *fn, const struct dt_node *node,
		       uint32_t bdf, struct extents *x)
{
	struct dt_reader r = dt_read(node, "assigned-addresses");
	struct fake_reg b;

	judge(j, !dt_prop_find(node, "assigned-addresses") || r.left,
	      "assigned-addresses is empty");
	for (unsigned slot = 0; slot < FAKE_SLOTS; slot++) {
		char name[32];

		if (!fake_reg_at(fn, slot, &b))
			continue;
		if (!b.addr) {
			slot_name(bdf, slot, name);
			j->count.missing++;
			j->count.missing_hash += fake_hash(name, strlen(name));
		} else {
			uint64_t page = b.io ? 1 : j->min_align;

			judge_placed(j, fn, &b);
			if (!b.vf)
				judge_entry(j, &r, &b, bdf);
			add_extent(x, b.addr, (b.addr + b.span + page - 1) / page * page - 1, b.io);
			j->count.placed++;
			j->count.bytes += b.span;
		}
		slot += b.wide;
	}
	judge(j, !r.left && !r.short_of, "assigned-addresses lists what is not there");
}

/* reg: the function itself, then its registers, each with the right bus and prefetchable bit. */
static void judge_reg(struct judge *j, const struct fake_fn *fn, const struct dt_node *node,
		      uint32_t bdf)
{
	struct dt_reader r = dt_read(node, "reg");
	struct fake_reg b;

	judge(j, dt_read_u32(&r) == bdf << 8, "reg does not name its function");
	dt_read_u64(&r);
	dt_read_u64(&r);
	while (r.left) {
		uint32_t hi = dt_read_u32(&r);

		dt_read_u64(&r);
		judge(j, (hi >> 8 & 0xffff) == bdf, "reg names two functions");
		for (unsigned slot = 0; slot < 7; slot++) {
			if ((fn->cfg[PCI_HEADER] & 0x7f) > 2 || !fake_reg_at(fn, slot, &b))
				continue;
			slot += b.wide;
			judge(j, b.reg != (hi & 0xff) || b.pref == !!(hi & PREF_BIT),
			      "reg: prefetchable or not");
		}
		judge(j, dt_read_u64(&r) != 0, "reg: a BAR without size");
	}
	judge(j, !r.short_of, "reg ends in the middle");
}

/* ---- one bridge ---- */

static void judge_windows(struct judge *j, const struct fake_fn *fn, const struct dt_node *node,
			  struct extents *x)
{
	static const uint32_t code[SPACES] = {0x01000000, 0x02000000, 0x43000000};
	struct dt_reader r = dt_read(node, "ranges");
	struct space mine[SPACES], above[SPACES];

	windows_of(fn, mine);
	spaces_above(j, fn, above);
	for (unsigned s = 0; s < SPACES; s++) {
		if (!open_at(&mine[s]))
			continue;
		judge(j, inside(&above[s], mine[s].base, mine[s].last),
		      "a window outside its parent's");
		judge(j,
		      dt_read_u32(&r) == code[s] && dt_read_u64(&r) == mine[s].base &&
			      dt_read_u32(&r) == code[s] && dt_read_u64(&r) == mine[s].base &&
			      dt_read_u64(&r) == mine[s].last - mine[s].base + 1,
		      "ranges differs from a window");
		add_extent(x, mine[s].base, mine[s].last, s == IO);
	}
	judge(j, !r.left && !r.short_of, "ranges lists a closed window");
	judge(j, !open_at(&mine[PREF]) || open_at(&mine[LOW]), "a prefetchable window alone");
	judge(j, !open_at(&mine[LOW]) || mine[LOW].last < 0xffff0000u,
	      "a window reaches the end of 4 GiB");
}

/* Pin p of slot s comes out as the bridge's own ((p - 1 + s) mod 4) + 1 (binding, and PCI 2.2.6). */
static void judge_interrupts(struct judge *j, const struct fake_fn *fn, const struct dt_node *node)
{
	struct dt_reader r = dt_read(node, "interrupt-map"),
			 m = dt_read(node, "interrupt-map-mask");
	uint32_t parent = node->parent->phandle;

	judge(j,
	      dt_read_u32(&m) == 0xf800 && dt_read_u64(&m) == 0 && dt_read_u32(&m) == 7 && !m.left,
	      "interrupt-map-mask");
	for (uint32_t i = 0; i < 128; i++) {
		uint32_t slot = i / 4, pin = i % 4 + 1;
		bool ok = dt_read_u32(&r) == slot << 11 && dt_read_u64(&r) == 0 &&
			  dt_read_u32(&r) == pin && dt_read_u32(&r) == parent &&
			  dt_read_u32(&r) == (uint32_t)fn->devfn << 8 && dt_read_u64(&r) == 0 &&
			  dt_read_u32(&r) == (pin + slot + 3) % 4 + 1;

		judge(j, ok, "interrupt-map does not turn the pins");
	}
	judge(j, !r.left && !r.short_of, "interrupt-map is not complete");
}

static void judge_bridge(struct judge *j, const struct fake_fn *fn, const struct dt_node *node,
			 struct extents *x)
{
	struct dt_reader b = dt_read(node, "bus-range");

	judge_windows(j, fn, node, x);
	judge(j, !(get_le16(fn->cfg + PCI_SEC_STATUS) & 0xf900), "old faults behind a bridge");
	judge(j, (fn->cfg[PCI_COMMAND] & 7) == (fn->mask[PCI_COMMAND] & 7),
	      "a bridge does not forward");
	judge(j, !(fn->cfg[PCI_BRIDGE_CONTROL] & 0x5c), "a PC's special case is on");
	judge(j, dt_prop_lists(node, "device_type", "pci"), "a bridge without device_type");
	if (!fn->cfg[PCI_BUSES + 1])
		return;
	judge(j, dt_prop_find(node, "ranges") != NULL, "no ranges");
	judge_interrupts(j, fn, node);
	judge(j,
	      dt_read_u32(&b) == fn->cfg[PCI_BUSES + 1] &&
		      dt_read_u32(&b) == fn->cfg[PCI_BUSES + 2] && !b.left && !b.short_of,
	      "bus-range differs from the registers");
}

/* ---- all ---- */

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

		if (!fake_is_bridge(fn) || fn->absent || !s)
			continue;
		judge(j, fn->cfg[PCI_BUSES] == sec, "primary is not the bus above");
		judge(j, s > last && s <= e && e <= sub, "bus numbers not nested or not ascending");
		last = e;
		judge_numbers(j, fn->child, s, e);
	}
}

static void judge_bus(struct judge *j, const struct fake_fn *list, const struct dt_node *bus,
		      unsigned number)
{
	struct extents x = {0};

	for (const struct fake_fn *fn = list; fn && !j->fault; fn = fn->next) {
		const struct dt_node *node = node_of(bus, fn);
		uint8_t type = fn->cfg[PCI_HEADER] & PCI_HEADER_TYPE;
		uint32_t bdf = number << 8 | fn->devfn;

		if (fn->absent || fn->retries || !judge(j, node != NULL, "a function without node"))
			continue;
		judge_reg(j, fn, node, bdf);
		if (type > PCI_HEADER_CARDBUS)
			continue;
		judge_bars(j, fn, node, bdf, &x);
		if (type != PCI_HEADER_BRIDGE) {
			judge(j, !(fn->cfg[PCI_COMMAND] & 7), "an endpoint decodes");
			continue;
		}
		judge_bridge(j, fn, node, &x);
		if (fn->cfg[PCI_BUSES + 1])
			judge_bus(j, fn->child, node, fn->cfg[PCI_BUSES + 1]);
	}
	judge_extents(j, &x);
}

static void read_host(struct judge *j, const struct dt_node *phb)
{
	struct dt_reader r = dt_read(phb, "ranges");

	j->min_align = dt_prop_u32_or(phb, "qemu,mem-bar-min-align", 0x10000);
	for (unsigned s = 0; s < SPACES; s++)
		j->at_host[s] = closed;
	while (r.left) {
		unsigned s = dt_read_u32(&r) >> 24 & 3;
		uint64_t pci = dt_read_u64(&r), cpu = dt_read_u64(&r), size = dt_read_u64(&r);

		(void)cpu;
		j->at_host[s - 1] = (struct space){pci, pci + size - 1};
	}
}

const char *fake_verify(struct fake_pci *pci, const struct dt_node *phb, struct fake_count *count)
{
	struct judge j = {.pci = pci};
	struct dt_reader b = dt_read(phb, "bus-range");
	unsigned first = dt_read_u32(&b), last = dt_read_u32(&b);

	read_host(&j, phb);
	judge_numbers(&j, pci->root, first, last);
	judge_bus(&j, pci->root, phb, first);
	judge(&j, !pci->stray_writes, "a write went to a function that is not there");
	judge(&j, !pci->odd_writes, "a register was written that is none of ours");
	judge(&j, !pci->ambiguous, "two bridges claimed one access");
	j.count.surely_fits = fake_surely_fits(pci, phb);
	judge(&j, !j.count.missing || !j.count.surely_fits, "something that fits was left out");
	if (count)
		*count = j.count;
	return j.fault;
}
