/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses. Pure: works on the table alone and touches no register.
 *
 * One pool at a time, in two passes. Sizing goes up: what a bridge's window holds is packed from 0
 * (pack.c); the window is as long as that, plus headroom for what is plugged in later. Placing goes
 * down: the host's window is packed the same way, and every address is the window's base plus an
 * offset known already, so nothing can fail below the root.
 *
 * When it does not fit: less headroom, level by level; then the users' reserves go; then what hurts
 * least (degrade.c). What stays gets headroom again where there is room for it. Keys are places in the
 * tree, never pointers: the same machine gets the same addresses.
 */
#include "assign-priv.h"

#include <string.h>

#include "base/arith.h"
#include "base/err.h"
#include "base/heap.h"

bool pci_wanted(const struct pci_fn *fn, const struct pci_res *res)
{
	if (fn->gone || res->pool == PCI_POOL_NONE || fn->dropped & PCI_DROP_ALL)
		return false;
	if (res->type == PCI_TYPE_IO)
		return !(fn->dropped & PCI_DROP_IO);
	if (res->kind == PCI_RES_ROM)
		return !(fn->dropped & PCI_DROP_ROM);
	return res->kind != PCI_RES_VF || !(fn->dropped & PCI_DROP_VF);
}

/* ---- which pool ---- */

bool pci_reaches(const struct pci_host *host, const struct pci_fn *bus, enum pci_pool pool,
		 const struct pci_res *res)
{
	const struct pci_win *top = &host->root.win[pool];

	return bus->win[pool].usable && res->limit >= top->base + (top->size - 1);
}

static bool holds_res(const struct pci_host *host, const struct pci_fn *bus, enum pci_pool pool,
		      const struct pci_res *res)
{
	return pci_reaches(host, bus, pool, res) && res->size <= host->root.win[pool].size;
}

/*
 * Behind a bridge the space above 4 GiB is the prefetchable window; on the root bus there is no such
 * difference. 32-bit prefetchable BARs stay out of it, so that it may lie above 4 GiB.
 */
static enum pci_pool pick_pool(const struct pci_host *host, const struct pci_fn *bus,
			       const struct pci_res *res)
{
	bool high = res->type == PCI_TYPE_MEM64 && (res->pref || bus == &host->root);

	if (res->type == PCI_TYPE_IO)
		return holds_res(host, bus, PCI_POOL_IO, res) ? PCI_POOL_IO : PCI_POOL_NONE;
	if (high && holds_res(host, bus, PCI_POOL_HIGH, res))
		return PCI_POOL_HIGH;
	return holds_res(host, bus, PCI_POOL_LOW, res) ? PCI_POOL_LOW : PCI_POOL_NONE;
}

static bool has_memory_bar(const struct pci_fn *fn)
{
	for (unsigned i = 0; i < fn->nres; i++)
		if (fn->res[i].kind == PCI_RES_BAR && fn->res[i].type != PCI_TYPE_IO)
			return true;
	return false;
}

/* All memory BARs or none. */
uint8_t pci_drop_bit(const struct pci_fn *fn, const struct pci_res *res)
{
	if (res->kind == PCI_RES_VF)
		return PCI_DROP_VF;
	if (res->kind == PCI_RES_ROM)
		return PCI_DROP_ROM;
	return res->type == PCI_TYPE_IO && has_memory_bar(fn) ? PCI_DROP_IO : PCI_DROP_ALL;
}

static void classify_fn(struct pci_host *host, struct pci_fn *fn)
{
	fn->dropped = 0;
	for (unsigned i = 0; i < fn->nres; i++) {
		struct pci_res *res = &fn->res[i];

		res->pool = pick_pool(host, fn->parent, res);
		if (res->pool != PCI_POOL_NONE)
			continue;
		res->state = PCI_RES_NOWHERE;
		fn->dropped |= pci_drop_bit(fn, res);
	}
	for (unsigned p = 0; p < PCI_POOLS; p++) {
		struct pci_win *win = &fn->win[p];

		win->base = win->size = win->need = 0;
		win->usable = fn->secondary && !fn->gone && win->can && fn->parent->win[p].usable;
	}
	/* Linux takes the first memory range for the non-prefetchable one: there must be one. */
	fn->win[PCI_POOL_HIGH].usable &= fn->win[PCI_POOL_LOW].usable;
}

/* Memory BARs have whole pages to themselves. */
static uint64_t footprint(const struct pci_host *host, const struct pci_res *res)
{
	return res->type == PCI_TYPE_IO ? res->size : align_up(res->size, host->min_align);
}

static unsigned gather(struct pci_plan *p, struct pci_fn *bus)
{
	unsigned n = 0;

	for (struct pci_fn *fn = bus->child; fn; fn = fn->next) {
		struct pci_win *win = &fn->win[p->pool];

		for (unsigned i = 0; i < fn->nres; i++) {
			struct pci_res *res = &fn->res[i];

			if (res->pool == p->pool && pci_wanted(fn, res))
				p->items[n++] =
					(struct pci_item){footprint(p->host, res), res->align,
							  &res->addr, fn->order, res->reg};
		}
		if (win->size)
			p->items[n++] = (struct pci_item){win->size, win->align, &win->base,
							  fn->order, 0xffff};
	}
	return n;
}

/* ---- sizing ---- */

static bool size_bridge(struct pci_plan *p, struct pci_fn *fn)
{
	struct pci_win *win = &fn->win[p->pool];
	uint64_t top;
	unsigned n;

	win->base = win->size = win->need = 0;
	for (struct pci_fn *c = fn->child; c; c = c->next)
		if (!size_bridge(p, c))
			return false;
	if (!win->usable)
		return true;
	n = gather(p, fn);
	if (!pci_pack(p, n, 0, PCI_SPACE_END, &top))
		return false;
	win->need = align_up(top, p->grain);
	win->align = n && p->items[0].align > p->grain ? p->items[0].align : p->grain;
	return pci_with_headroom(p, fn, win->need, &win->size);
}

static void choose_pool(struct pci_plan *p, enum pci_pool pool)
{
	p->pool = pool;
	p->grain = pool == PCI_POOL_IO ? PCI_IO_GRAIN : PCI_MEM_GRAIN;
	p->level = pci_level(pool, p->host->level[pool]);
}

/* Does everything wanted fit at this level? Leaves offsets and sizes behind, good or bad. */
static bool fits(struct pci_plan *p, enum pci_pool pool)
{
	const struct pci_win *top = &p->host->root.win[pool];
	uint64_t end;

	choose_pool(p, pool);
	p->granted = 0;
	for (struct pci_fn *fn = p->host->root.child; fn; fn = fn->next)
		if (!size_bridge(p, fn))
			return false;
	if (!top->usable)
		return true;
	/* The root bus keeps room of its own: half of memory, a quarter of I/O. */
	if (p->granted > top->size / 4 * (p->pool == PCI_POOL_IO ? 3 : 2))
		return false;
	return pci_pack(p, gather(p, &p->host->root), top->base, top->base + top->size, &end);
}

/* Above before below: each window above costs one below. */
bool pci_fits(struct pci_plan *p, unsigned pools)
{
	bool ok = true;

	for (unsigned pool = PCI_POOLS; pool-- && ok;)
		ok = !(pools & PCI_SET(pool)) || fits(p, pool);
	return ok;
}

/* ---- less and less headroom ---- */

/* The first level at which everything fits; the last if there is none. */
static bool fits_at_some_level(struct pci_plan *p, enum pci_pool pool)
{
	unsigned *level = &p->host->level[pool];

	for (*level = 0; !fits(p, pool); ++*level)
		if (*level == PCI_LEVELS - 1)
			return false;
	return true;
}

/* Room kept above 4 GiB costs windows of 1 MiB below: that is given up before functions. */
static bool memory_fits(struct pci_plan *p)
{
	unsigned *high = &p->host->level[PCI_POOL_HIGH];

	if (!fits_at_some_level(p, PCI_POOL_HIGH))
		return false;
	if (fits_at_some_level(p, PCI_POOL_LOW))
		return true;
	*high = PCI_LEVELS - 1;
	return fits(p, PCI_POOL_HIGH) && fits_at_some_level(p, PCI_POOL_LOW);
}

static void plan_memory(struct pci_plan *p)
{
	if (memory_fits(p))
		return;
	p->host->level[PCI_POOL_HIGH] = p->host->level[PCI_POOL_LOW] = PCI_LEVELS - 1;
	pci_degrade(p, PCI_SET_MEMORY);
	memory_fits(p);
}

static void plan_io(struct pci_plan *p)
{
	if (fits_at_some_level(p, PCI_POOL_IO))
		return;
	pci_degrade(p, PCI_SET_IO);
	fits_at_some_level(p, PCI_POOL_IO);
}

/* ---- */

/* Turn offsets into addresses, parents first. */
static void settle(struct pci_plan *p, enum pci_pool pool)
{
	pci_log_levels(p->host, pool);
	for (struct pci_fn *fn = &p->host->root; (fn = pci_fn_next(p->host, fn));) {
		uint64_t base = fn->parent == &p->host->root ? 0 : fn->parent->win[pool].base;

		if (fn->win[pool].size)
			fn->win[pool].base += base;
		for (unsigned i = 0; i < fn->nres; i++)
			if (fn->res[i].pool == pool && pci_wanted(fn, &fn->res[i]))
				fn->res[i].addr += base;
	}
}

static void conclude(struct pci_host *host)
{
	for (struct pci_fn *fn = &host->root; (fn = pci_fn_next(host, fn));)
		for (unsigned i = 0; i < fn->nres; i++) {
			struct pci_res *res = &fn->res[i];

			if (pci_wanted(fn, res))
				res->state = PCI_RES_PLACED;
			else if (res->state != PCI_RES_NOWHERE)
				res->state = PCI_RES_DROPPED;
			if (res->state != PCI_RES_PLACED)
				res->addr = 0;
		}
}

/* How many things there are to pack and to drop at most. */
static void count(const struct pci_host *host, size_t *items, size_t *victims)
{
	*items = *victims = 2;
	for (const struct pci_fn *fn = &host->root; (fn = pci_fn_next(host, fn));) {
		*items += fn->nres + 1;
		*victims += fn->nres < PCI_DROPS ? fn->nres : PCI_DROPS;
	}
}

int pci_assign(struct pci_host *host)
{
	struct pci_plan p = {.host = host};
	size_t items, victims;
	int err = E_NOMEM;

	count(host, &items, &victims);
	p.items = try_alloc(items * sizeof(p.items[0]));
	p.holes = try_alloc(items * sizeof(p.holes[0]));
	p.victims = try_alloc(victims * sizeof(p.victims[0]));
	if (!p.items || !p.holes || !p.victims)
		goto out;
	memset(host->level, 0, sizeof(host->level));
	for (struct pci_fn *fn = &host->root; (fn = pci_fn_next(host, fn));)
		classify_fn(host, fn);
	pci_choose_pads(host);
	/* Leaving out less can be harder to pack: what one pool drops is checked in the others. */
	do {
		plan_memory(&p);
		plan_io(&p);
	} while (!pci_fits(&p, PCI_SET_MEMORY | PCI_SET_IO));
	for (unsigned pool = PCI_POOLS; pool--;)
		settle(&p, pool);
	conclude(host);
	err = 0;
out:
	heap_free(p.victims);
	heap_free(p.holes);
	heap_free(p.items);
	return err;
}
