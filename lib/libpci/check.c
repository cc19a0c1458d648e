/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The firmware checks its own work: what must hold for any topology, read off the finished table and
 * tree by code that shares nothing with what made them. A broken invariant is our bug; it is logged
 * and counted, and the boot goes on, because most of the machine will work.
 */
#define LOG_TAG "pci"
#include "pci-priv.h"

#include <stdlib.h>

#include "base/heap.h"
#include "base/log.h"
#include "dt/cells.h"
#include "dt/prop.h"
#include "pci/regs.h"

struct checker {
	const struct pci_host *host;
	unsigned faults;
};

/* A piece of address space in use. */
struct extent {
	uint64_t start, last;
	const struct pci_fn *fn;
};

static bool check(struct checker *c, bool ok, const struct pci_fn *fn, const char *what)
{
	if (!ok) {
		c->faults++;
		log_err(PCI_BDF_FMT ": self-check: %s", PCI_BDF_ARGS(fn), what);
	}
	return ok;
}

static bool within(const struct pci_win *win, uint64_t addr, uint64_t size)
{
	return win->size && size && addr >= win->base && size <= win->size &&
	       addr - win->base <= win->size - size;
}

/* ---- one function ---- */

static void check_res(struct checker *c, const struct pci_fn *fn, const struct pci_res *res)
{
	bool memory = res->type != PCI_TYPE_IO;

	if (res->state != PCI_RES_PLACED) {
		check(c, res->state != PCI_RES_WANTED, fn, "a BAR neither placed nor left out");
		return;
	}
	if (!check(c, res->pool < PCI_POOLS, fn, "a BAR in no space"))
		return;
	check(c, memory == (res->pool != PCI_POOL_IO), fn, "a BAR in the wrong kind of space");
	check(c, res->addr % res->align == 0, fn, "a BAR not aligned");
	check(c, !memory || res->addr % c->host->min_align == 0, fn, "a memory BAR inside a page");
	check(c, within(&fn->parent->win[res->pool], res->addr, res->size), fn,
	      "a BAR outside its bus's window");
	check(c, res->addr + (res->size - 1) <= res->limit, fn, "a BAR beyond its register");
	check(c, res->pool != PCI_POOL_HIGH || res->pref || fn->parent == &c->host->root, fn,
	      "a non-prefetchable BAR in a prefetchable window");
	check(c, res->pool != PCI_POOL_LOW || res->addr + res->size < PCI_4G, fn,
	      "a 32-bit BAR at or beyond 4 GiB - 1");
	check(c,
	      res->pool != PCI_POOL_IO || (res->addr >= 0x1000 && res->addr + res->size <= 0x10000),
	      fn, "an I/O BAR outside 1000..ffff");
}

static void check_window(struct checker *c, const struct pci_fn *fn, enum pci_pool pool)
{
	const struct pci_win *win = &fn->win[pool];
	uint64_t grain = pool == PCI_POOL_IO ? PCI_IO_GRAIN : PCI_MEM_GRAIN;

	if (!win->size)
		return;
	check(c, win->can, fn, "a window its bridge does not have");
	check(c, win->base % grain == 0 && win->size % grain == 0, fn, "a window not aligned");
	check(c, within(&fn->parent->win[pool], win->base, win->size), fn,
	      "a window outside the one above");
}

static void check_buses(struct checker *c, const struct pci_fn *fn)
{
	const struct pci_fn *up = fn->parent;

	if (!fn->secondary) {
		check(c, !fn->child, fn, "functions behind a bridge without number");
		return;
	}
	check(c,
	      fn->secondary <= fn->subordinate && fn->secondary > up->secondary &&
		      fn->subordinate <= up->subordinate,
	      fn, "bus numbers not nested");
	for (const struct pci_fn *s = up->child; s; s = s->next)
		if (s != fn && s->secondary)
			check(c, s->subordinate < fn->secondary || fn->subordinate < s->secondary,
			      fn, "bus numbers overlap a sibling's");
}

/* ---- registers hold what the table says ---- */

static bool holds_bar(const struct checker *c, const struct pci_fn *fn, const struct pci_res *res)
{
	const struct bus *bus = &c->host->bus;
	uint32_t low = pci_cfg_read32(bus, fn->bdf, res->reg), high = 0;
	uint32_t mask = res->kind == PCI_RES_ROM   ? PCI_ROM_MASK
			: res->type == PCI_TYPE_IO ? PCI_BAR_IO_MASK
						   : PCI_BAR_MEM_MASK;

	if (res->type == PCI_TYPE_MEM64)
		high = pci_cfg_read32(bus, fn->bdf, (uint16_t)(res->reg + 4));
	return (low & mask) == (uint32_t)res->addr && high == (uint32_t)(res->addr >> 32);
}

static bool holds_numbers(const struct checker *c, const struct pci_fn *fn)
{
	uint32_t numbers = pci_cfg_read32(&c->host->bus, fn->bdf, PCI_BUSES);

	return (numbers >> 8 & 0xffff) == ((uint32_t)fn->subordinate << 8 | fn->secondary);
}

/* First and last address of a window, as the bridge decodes its registers. */
static void decode_window(const struct checker *c, const struct pci_fn *fn, enum pci_pool pool,
			  uint64_t *first, uint64_t *last)
{
	const struct bus *bus = &c->host->bus;
	uint16_t reg = pool == PCI_POOL_HIGH ? PCI_PREF_WINDOW : PCI_MEM_WINDOW;
	uint32_t bits = pci_cfg_read32(bus, fn->bdf, pool == PCI_POOL_IO ? PCI_IO_WINDOW : reg);

	*first = pool == PCI_POOL_IO ? (bits & 0xf0) << 8 : (bits & 0xfff0) << 16;
	*last = pool == PCI_POOL_IO ? (bits & 0xf000) | 0xfff : bits | 0xfffff;
	if (pool == PCI_POOL_HIGH) {
		*first |= (uint64_t)pci_cfg_read32(bus, fn->bdf, PCI_PREF_BASE_HI) << 32;
		*last |= (uint64_t)pci_cfg_read32(bus, fn->bdf, PCI_PREF_LIMIT_HI) << 32;
	} else if (pool == PCI_POOL_IO && fn->win[pool].is64) {
		bits = pci_cfg_read32(bus, fn->bdf, PCI_IO_WINDOW_HI);
		*first |= (uint64_t)(bits & 0xffff) << 16;
		*last |= (uint64_t)(bits >> 16) << 16;
	}
}

static bool holds_window(const struct checker *c, const struct pci_fn *fn, enum pci_pool pool)
{
	const struct pci_win *win = &fn->win[pool];
	uint64_t first, last;

	if (!win->can || fn->bad_window)
		return true;
	decode_window(c, fn, pool, &first, &last);
	if (win->size)
		return first == win->base && last == win->base + (win->size - 1);
	return first > last;
}

/* Somebody who has left meanwhile holds nothing, and that is no fault. */
static bool has_left(const struct checker *c, const struct pci_fn *fn)
{
	return pci_cfg_read32(&c->host->bus, fn->bdf, PCI_ID) == UINT32_MAX;
}

static void check_registers(struct checker *c, const struct pci_fn *fn)
{
	bool ok = true;

	for (unsigned i = 0; i < fn->nres; i++)
		if (pci_res_is(&fn->res[i], PCI_RES_PLACED))
			ok &= holds_bar(c, fn, &fn->res[i]);
	check(c, ok || has_left(c, fn), fn, "a BAR does not hold what was written");
	if (!pci_is_bridge(fn) || fn->stuck)
		return;
	check(c, holds_numbers(c, fn) || has_left(c, fn), fn,
	      "bus numbers do not hold what was written");
	for (unsigned pool = 0; pool < PCI_POOLS; pool++)
		check(c, holds_window(c, fn, pool) || has_left(c, fn), fn,
		      "a window does not hold what was written");
}

/* ---- one bus: nothing overlaps ---- */

static int by_start(const void *pa, const void *pb)
{
	const struct extent *a = pa, *b = pb;

	return a->start < b->start ? -1 : a->start > b->start;
}

static unsigned collect(const struct pci_fn *bus, enum pci_pool pool, struct extent *out)
{
	unsigned n = 0;

	for (const struct pci_fn *fn = bus->child; fn; fn = fn->next) {
		const struct pci_win *win = &fn->win[pool];

		for (unsigned i = 0; i < fn->nres; i++) {
			const struct pci_res *res = &fn->res[i];

			if (!pci_res_is(res, PCI_RES_PLACED) || res->pool != pool)
				continue;
			out[n++] = (struct extent){res->addr, res->addr + (res->size - 1), fn};
		}
		if (win->size)
			out[n++] = (struct extent){win->base, win->base + (win->size - 1), fn};
	}
	return n;
}

static void check_bus(struct checker *c, const struct pci_fn *bus)
{
	struct extent *e;
	size_t room = 1;

	for (const struct pci_fn *fn = bus->child; fn; fn = fn->next)
		room += fn->nres + 1;
	e = try_alloc(room * sizeof(e[0]));
	for (unsigned pool = 0; e && pool < PCI_POOLS; pool++) {
		unsigned n = collect(bus, pool, e);

		qsort(e, n, sizeof(e[0]), by_start);
		for (unsigned i = 1; i < n; i++)
			check(c, e[i - 1].last < e[i].start, e[i].fn, "addresses overlap");
	}
	heap_free(e);
}

/* ---- the tree says the same ---- */

static const struct pci_res *find_res(const struct pci_fn *fn, uint32_t reg)
{
	for (unsigned i = 0; i < fn->nres; i++)
		if (fn->res[i].reg == reg)
			return &fn->res[i];
	return NULL;
}

static void check_assigned(struct checker *c, const struct pci_fn *fn)
{
	struct dt_reader r = dt_read(fn->node, "assigned-addresses");
	unsigned listed = 0, placed = 0;

	while (r.left) {
		uint32_t hi = dt_read_u32(&r);
		uint64_t addr = dt_read_u64(&r), size = dt_read_u64(&r);
		const struct pci_res *res = find_res(fn, hi & 0xff);

		listed++;
		check(c,
		      !r.short_of && res && pci_res_is(res, PCI_RES_PLACED) && res->addr == addr &&
			      res->size == size && (hi >> 8 & 0xffff) == fn->bdf,
		      fn, "assigned-addresses differs from the registers");
	}
	for (unsigned i = 0; i < fn->nres; i++)
		placed += pci_res_is(&fn->res[i], PCI_RES_PLACED) && fn->res[i].kind != PCI_RES_VF;
	check(c, listed == placed, fn, "assigned-addresses is not complete");
}

/* Four pins of each of 32 slots: where they come out, as the formula has it. */
static bool maps_interrupts(const struct pci_fn *fn)
{
	struct dt_reader r = dt_read(fn->node, "interrupt-map");
	bool ok = r.left == 128 * 9 * 4;

	for (uint32_t i = 0; ok && i < 128; i++) {
		uint32_t dev = i / 4, pin = i % 4; /* from 0 */

		ok = dt_read_u32(&r) == dev << 11 && dt_read_u64(&r) == 0 &&
		     dt_read_u32(&r) == pin + 1 && dt_read_u32(&r) == fn->parent->node->phandle &&
		     dt_read_u32(&r) == (fn->bdf & 0xffu) << 8 && dt_read_u64(&r) == 0 &&
		     dt_read_u32(&r) == (pin + dev) % 4 + 1;
	}
	return ok;
}

static void check_node(struct checker *c, const struct pci_fn *fn)
{
	struct dt_reader reg = dt_read(fn->node, "reg");
	struct dt_reader range = dt_read(fn->node, "bus-range");

	check(c, (dt_read_u32(&reg) >> 8 & 0xffff) == fn->bdf, fn, "reg names another function");
	check_assigned(c, fn);
	if (!fn->secondary)
		return;
	check(c,
	      dt_read_u32(&range) == fn->secondary && dt_read_u32(&range) == fn->subordinate &&
		      !range.short_of && !range.left,
	      fn, "bus-range differs from the registers");
	check(c, dt_prop_find(fn->node, "ranges") != NULL, fn, "a bridge without ranges");
	check(c, maps_interrupts(fn), fn, "interrupt-map differs from the formula");
	check(c, !fn->win[PCI_POOL_HIGH].size || fn->win[PCI_POOL_LOW].size, fn,
	      "a prefetchable range without a non-prefetchable one");
}

/* Where a bridge has fixed bus numbers, one function may answer in two places. */
static bool has_fixed_numbers(const struct pci_host *host)
{
	uint32_t fixed = 0;

	for (unsigned i = 0; i < 8; i++)
		fixed |= host->taken[i];
	return fixed != 0;
}

/* Is a command register wrong that could be right? Then it is our fault, else its own. */
static bool is_fault(struct pci_host *host, const struct pci_fn *fn, uint16_t got, uint16_t want)
{
	const uint16_t on = PCI_COMMAND_IO | PCI_COMMAND_MEM | PCI_COMMAND_MASTER;
	uint16_t wrong = (got ^ want) & on;

	if (!wrong || got == UINT16_MAX)
		return false;
	pci_cfg_write16(&host->bus, fn->bdf, PCI_COMMAND, got ^ wrong);
	return (pci_cfg_read16(&host->bus, fn->bdf, PCI_COMMAND) ^ got) & wrong;
}

unsigned pci_check_decoding(struct pci_host *host)
{
	const uint16_t on = PCI_COMMAND_IO | PCI_COMMAND_MEM | PCI_COMMAND_MASTER;
	struct checker c = {host, 0};

	if (has_fixed_numbers(host))
		return 0;
	for (struct pci_fn *fn = &host->root; (fn = pci_fn_next(host, fn));) {
		uint16_t command;

		if (fn->gone || fn->parent->gone || fn->kind == PCI_KIND_UNKNOWN)
			continue;
		command = pci_cfg_read16(&host->bus, fn->bdf, PCI_COMMAND);
		check(&c,
		      !is_fault(host, fn, command, pci_is_bridge(fn) ? on : 0) || has_left(&c, fn),
		      fn, "decoding is not as it should be");
	}
	return c.faults;
}

unsigned pci_check(const struct pci_host *host)
{
	struct checker c = {host, 0};
	bool fixed = has_fixed_numbers(host);

	check_bus(&c, &host->root);
	for (const struct pci_fn *fn = &host->root; (fn = pci_fn_next(host, fn));) {
		if (fn->gone)
			continue;
		for (unsigned i = 0; i < fn->nres; i++)
			check_res(&c, fn, &fn->res[i]);
		if (fn->node)
			check_node(&c, fn);
		if (!fixed && !fn->parent->gone)
			check_registers(&c, fn);
		if (!pci_is_bridge(fn))
			continue;
		for (unsigned pool = 0; pool < PCI_POOLS; pool++)
			check_window(&c, fn, pool);
		check_buses(&c, fn);
		check_bus(&c, fn);
	}
	return c.faults;
}
