/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses. Pure: works on the table alone and touches no register.
 *
 * One pool at a time, in two passes. Sizing goes up: what a bridge's window holds is sorted by
 * alignment and packed from 0, falling alignments leave gaps only behind windows of odd size, and
 * later items fill them; the window is as long as that, plus headroom for what is plugged in later.
 * Placing goes down: the host's window is packed the same way, and every address is the window's base
 * plus an offset known already, so nothing can fail below the root.
 *
 * When it does not fit: less headroom, level by level; then the users' reserves go; then victims, in
 * the order of what hurts least (virtual functions, ROMs, I/O that memory BARs make superfluous,
 * whole functions by class and size), as few from the head of that list as will do, and afterwards
 * those taken back, smallest first, that fit after all. Keys are places in the tree, never pointers:
 * the same machine gets the same addresses.
 */
#define LOG_TAG "pci"
#include "pci-priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/arith.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/strbuf.h"

#define SPACE_END (1ull << 62) /* no window is larger */
#define MIB       0x100000ull
#define GIB       (1024 * MIB)
#define MOVE_MAX \
	(256 * MIB)       /* 64-bit BARs up to this may go below 4 GiB when space above is short */
#define TAKE_BACK_MAX 64u /* attempts to take victims back */

/* Something to be placed in a window: a BAR or the window of a bridge. */
struct item {
	uint64_t size, align;
	uint64_t *at; /* gets the offset */
	uint32_t order;
	uint16_t reg;
};

/* Free space [start, end). */
struct hole {
	uint64_t start, end;
};

/* How generous a plan is to bridges behind which something may be plugged in. */
struct level {
	uint64_t headroom;
	bool conventional; /* only to those that are not PCI Express */
	bool reserves;     /* honour what users asked for */
};

#define LEVELS PCI_LEVELS
static const struct level levels[PCI_POOLS][LEVELS] = {
	[PCI_POOL_IO] = {{PCI_IO_GRAIN, false, true},
			 {PCI_IO_GRAIN, true, true},
			 {0, false, true},
			 {0, false, true},
			 {0, false, false}},
	[PCI_POOL_LOW] = {{64 * MIB, false, true},
			  {8 * MIB, false, true},
			  {1 * MIB, false, true},
			  {0, false, true},
			  {0, false, false}},
	[PCI_POOL_HIGH] = {{32 * GIB, false, true},
			   {2 * GIB, false, true},
			   {0, false, true},
			   {0, false, true},
			   {0, false, false}},
};

/* The order in which functions lose. */
enum stage { STAGE_VF, STAGE_ROM, STAGE_IO, STAGE_ALL, STAGES };
static const uint8_t stage_bit[STAGES] = {PCI_DROP_VF, PCI_DROP_ROM, PCI_DROP_IO, PCI_DROP_ALL};

struct victim {
	struct pci_fn *fn;
	uint64_t demand;
	uint8_t stage, rank;
	bool kept; /* taken back */
};

struct plan {
	struct pci_host *host;
	enum pci_pool pool;
	const struct level *level;
	uint64_t grain;   /* of windows */
	uint64_t granted; /* headroom handed out so far */
	struct item *items;
	struct hole *holes;
	unsigned nholes;
	struct victim *victims;
	unsigned nvictims;
	bool both; /* both memory pools are at stake: windows above cost windows below */
};

static bool wanted(const struct pci_fn *fn, const struct pci_res *res)
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

static bool holds_res(const struct pci_host *host, const struct pci_fn *bus, enum pci_pool pool,
		      const struct pci_res *res)
{
	const struct pci_win *top = &host->root.win[pool];

	return bus->win[pool].usable && res->size <= top->size &&
	       res->limit >= top->base + (top->size - 1);
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

/* What a function loses along with this resource: all memory BARs or none. */
static uint8_t drop_bit(const struct pci_fn *fn, const struct pci_res *res)
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
		fn->dropped |= drop_bit(fn, res);
	}
	for (unsigned p = 0; p < PCI_POOLS; p++) {
		struct pci_win *win = &fn->win[p];

		win->base = win->size = win->need = 0;
		win->usable = fn->secondary && !fn->gone && win->can && fn->parent->win[p].usable;
	}
	/* Linux takes the first memory range for the non-prefetchable one: there must be one. */
	fn->win[PCI_POOL_HIGH].usable &= fn->win[PCI_POOL_LOW].usable;
}

/* Headroom goes to the bridges nearest to the slots; those above just hold them. */
static void choose_pads(struct pci_host *host)
{
	for (struct pci_fn *fn = &host->root; (fn = pci_fn_next(host, fn));)
		fn->pads = fn->hotplug;
	for (struct pci_fn *fn = &host->root; (fn = pci_fn_next(host, fn));)
		for (struct pci_fn *up = fn->hotplug ? fn->parent : NULL; up; up = up->parent)
			up->pads = false;
}

/* ---- packing ---- */

static int by_alignment(const void *pa, const void *pb)
{
	const struct item *a = pa, *b = pb;

	if (a->align != b->align)
		return a->align > b->align ? -1 : 1;
	if (a->size != b->size)
		return a->size > b->size ? -1 : 1;
	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	return a->reg < b->reg ? -1 : a->reg > b->reg;
}

/* Replace hole i by what is left of it around [at, at + size). */
static void carve(struct plan *p, unsigned i, uint64_t at, uint64_t size)
{
	struct hole before = {p->holes[i].start, at}, after = {at + size, p->holes[i].end};
	unsigned left = (before.start < before.end) + (after.start < after.end);

	memmove(&p->holes[i + left], &p->holes[i + 1], (p->nholes - i - 1) * sizeof(p->holes[0]));
	p->nholes = p->nholes - 1 + left;
	if (before.start < before.end)
		p->holes[i++] = before;
	if (after.start < after.end)
		p->holes[i] = after;
}

/*
 * Place an item in the first hole that takes it. Holes before *from are known not to take one of this
 * size and alignment; *from is moved on.
 */
static bool place(struct plan *p, const struct item *item, unsigned *from)
{
	for (unsigned i = *from; i < p->nholes; i++) {
		uint64_t at, end;

		if (!align_up_ok(p->holes[i].start, item->align, &at) ||
		    !add_ok(at, item->size, &end) || end > p->holes[i].end)
			continue;
		*item->at = at;
		carve(p, i, at, item->size);
		*from = i;
		return true;
	}
	return false;
}

static bool same_shape(const struct item *a, const struct item *b)
{
	return a->size == b->size && a->align == b->align;
}

/*
 * Pack n items into [base, end); *top gets the end of the last. Equal items, most of many, go on where
 * the last one was placed, so that all of them together look at each hole once.
 */
static bool pack(struct plan *p, unsigned n, uint64_t base, uint64_t end, uint64_t *top)
{
	qsort(p->items, n, sizeof(p->items[0]), by_alignment);
	p->holes[0] = (struct hole){base, end};
	p->nholes = 1;
	*top = base;
	for (unsigned i = 0, from = 0; i < n; i++) {
		if (i && !same_shape(&p->items[i], &p->items[i - 1]))
			from = 0;
		if (!place(p, &p->items[i], &from))
			return false;
		if (*p->items[i].at + p->items[i].size > *top)
			*top = *p->items[i].at + p->items[i].size;
	}
	return true;
}

/* Memory BARs have whole pages to themselves. */
static uint64_t footprint(const struct pci_host *host, const struct pci_res *res)
{
	return res->type == PCI_TYPE_IO ? res->size : align_up(res->size, host->min_align);
}

static unsigned gather(struct plan *p, struct pci_fn *bus)
{
	unsigned n = 0;

	for (struct pci_fn *fn = bus->child; fn; fn = fn->next) {
		struct pci_win *win = &fn->win[p->pool];

		for (unsigned i = 0; i < fn->nres; i++) {
			struct pci_res *res = &fn->res[i];

			if (res->pool == p->pool && wanted(fn, res))
				p->items[n++] = (struct item){footprint(p->host, res), res->align,
							      &res->addr, fn->order, res->reg};
		}
		if (win->size)
			p->items[n++] =
				(struct item){win->size, win->align, &win->base, fn->order, 0xffff};
	}
	return n;
}

/* ---- sizing ---- */

/* The size of a window of which need bytes are used. False if it goes beyond all bounds. */
static bool with_headroom(struct plan *p, const struct pci_fn *fn, uint64_t need, uint64_t *size)
{
	const struct pci_win *win = &fn->win[p->pool];
	uint64_t pad = fn->pads && win->reserve == PCI_NOT_ASKED ? p->level->headroom : 0;

	if ((p->level->conventional && fn->express) || (p->pool == PCI_POOL_IO && need))
		pad = 0;
	*size = need + pad;
	if (p->level->reserves && win->reserve != PCI_NOT_ASKED && win->reserve > *size &&
	    (!align_up_ok(win->reserve, p->grain, size) || *size > SPACE_END))
		return false;
	p->granted += pad;
	if (p->pool == PCI_POOL_LOW && fn->win[PCI_POOL_HIGH].size && *size < p->grain)
		*size = p->grain;
	return true;
}

static bool size_bridge(struct plan *p, struct pci_fn *fn)
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
	if (!pack(p, n, 0, SPACE_END, &top))
		return false;
	win->need = align_up(top, p->grain);
	win->align = n && p->items[0].align > p->grain ? p->items[0].align : p->grain;
	return with_headroom(p, fn, win->need, &win->size);
}

/* Does everything wanted fit at this level? Leaves offsets and sizes behind, good or bad. */
static bool fits(struct plan *p)
{
	const struct pci_win *top = &p->host->root.win[p->pool];
	uint64_t end;

	p->granted = 0;
	for (struct pci_fn *fn = p->host->root.child; fn; fn = fn->next)
		if (!size_bridge(p, fn))
			return false;
	if (!top->usable)
		return true;
	/* The root bus keeps room of its own: half of memory, a quarter of I/O. */
	if (p->granted > top->size / 4 * (p->pool == PCI_POOL_IO ? 3 : 2))
		return false;
	return pack(p, gather(p, &p->host->root), top->base, top->base + top->size, &end);
}

uint64_t pci_headroom(enum pci_pool pool, unsigned level)
{
	return levels[pool][level].headroom;
}

void pci_headroom_text(struct strbuf *sb, enum pci_pool pool, unsigned level)
{
	const struct level *l = &levels[pool][level];

	if (l->headroom)
		pci_size_text(sb, l->headroom);
	else
		strbuf_str(sb, "none");
	if (l->conventional)
		strbuf_str(sb, " (conventional bridges)");
	if (!l->reserves)
		strbuf_str(sb, ", reserves not kept");
}

static void log_level(const struct plan *p, unsigned from, unsigned to)
{
	char text[100];
	struct strbuf sb = strbuf_on(text, sizeof(text));

	pci_headroom_text(&sb, p->pool, from);
	strbuf_str(&sb, " -> ");
	pci_headroom_text(&sb, p->pool, to);
	log_info("%s: %s: headroom %s", p->host->root.node->name, pci_pool_name(p->pool), text);
}

/* Does level l differ from the one before it? */
static bool is_a_step(const struct plan *p, unsigned l)
{
	const struct level *a = &levels[p->pool][l], *b = l ? a - 1 : a;

	return a->headroom != b->headroom || a->conventional != b->conventional ||
	       a->reserves != b->reserves;
}

/*
 * From the present level on, the first at which everything fits. Steps are told: with the last, that
 * it was not enough either.
 */
static bool fits_at_some_level(struct plan *p)
{
	unsigned *level = &p->host->level[p->pool], from = *level;

	for (;; ++*level) {
		p->level = &levels[p->pool][*level];
		if (*level > from && is_a_step(p, *level))
			log_level(p, *level - 1, *level);
		if (fits(p))
			return true;
		if (*level == LEVELS - 1)
			return false;
	}
}

static void choose_pool(struct plan *p, enum pci_pool pool)
{
	p->pool = pool;
	p->grain = pool == PCI_POOL_IO ? PCI_IO_GRAIN : PCI_MEM_GRAIN;
	p->level = &levels[pool][p->host->level[pool]];
}

/* ---- victims ---- */

/* Lower ranks go first. Unknown classes, then comfort, then what might be needed to boot. */
static uint8_t rank_of(const struct pci_fn *fn)
{
	/* base classes 00 to 11 */
	static const uint8_t rank[] = {1, 4, 4, 5, 2, 2, 5, 3, 3, 3, 2, 2, 4, 3, 2, 2, 2, 2};
	unsigned base = fn->class_rev >> 24;

	if (fn->preferred)
		return 6;
	return base < ARRAY_SIZE(rank) ? rank[base] : 0;
}

static enum stage stage_of(const struct pci_fn *fn, const struct pci_res *res)
{
	uint8_t bit = drop_bit(fn, res);
	unsigned s = 0;

	while (stage_bit[s] != bit)
		s++;
	return s;
}

static bool at_stake(const struct plan *p, const struct pci_res *res)
{
	return res->pool == p->pool || (p->both && res->pool == PCI_POOL_HIGH);
}

static void add_victims(struct plan *p, struct pci_fn *fn, enum stage last)
{
	uint64_t demand[STAGES] = {0};

	for (unsigned i = 0; i < fn->nres; i++)
		if (at_stake(p, &fn->res[i]) && wanted(fn, &fn->res[i]))
			demand[stage_of(fn, &fn->res[i])] += fn->res[i].size;
	for (unsigned s = 0; s <= last; s++)
		if (demand[s])
			p->victims[p->nvictims++] =
				(struct victim){fn, demand[s], (uint8_t)s, rank_of(fn), false};
}

static int by_pain(const void *pa, const void *pb)
{
	const struct victim *a = pa, *b = pb;

	if (a->stage != b->stage)
		return a->stage < b->stage ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if (a->demand != b->demand)
		return a->demand > b->demand ? -1 : 1;
	return a->fn->order < b->fn->order ? -1 : a->fn->order > b->fn->order;
}

/* Who comes back first: who must, then who costs least. */
static int by_cost(const void *pa, const void *pb)
{
	const struct victim *a = pa, *b = pb;

	if ((a->rank == 6) != (b->rank == 6))
		return a->rank == 6 ? -1 : 1;
	if (a->demand != b->demand)
		return a->demand < b->demand ? -1 : 1;
	if (a->stage != b->stage)
		return a->stage > b->stage ? -1 : 1;
	return a->fn->order < b->fn->order ? -1 : a->fn->order > b->fn->order;
}

/* Drop the first k victims and no other. */
static void drop_first(struct plan *p, unsigned k)
{
	for (unsigned i = 0; i < p->nvictims; i++) {
		struct victim *v = &p->victims[i];

		if (i < k)
			v->fn->dropped |= stage_bit[v->stage];
		else
			v->fn->dropped &= (uint8_t)~stage_bit[v->stage];
	}
}

/* Does everything that is not dropped fit? */
static bool all_fits(struct plan *p)
{
	bool above = true;

	if (p->both) {
		choose_pool(p, PCI_POOL_HIGH);
		above = fits(p);
		choose_pool(p, PCI_POOL_LOW);
	}
	return above && fits(p);
}

/* The fewest victims that must go; nvictims + 1 when dropping all is not enough. */
static unsigned count_to_drop(struct plan *p)
{
	unsigned lo = 0, hi = p->nvictims;

	while (lo < hi) {
		unsigned mid = lo + (hi - lo) / 2;

		drop_first(p, mid);
		if (all_fits(p))
			hi = mid;
		else
			lo = mid + 1;
	}
	drop_first(p, lo);
	/* More victims are not always less trouble: packing has its moods. */
	for (unsigned step = 1; !all_fits(p) && lo <= p->nvictims; step *= 2) {
		lo = lo < p->nvictims && step < p->nvictims - lo ? lo + step : lo + 1;
		drop_first(p, lo);
	}
	return lo;
}

static void set_dropped(struct plan *p, unsigned from, unsigned to, bool dropped)
{
	for (unsigned i = from; i < to; i++) {
		struct victim *v = &p->victims[i];

		if (dropped)
			v->fn->dropped |= stage_bit[v->stage];
		else
			v->fn->dropped &= (uint8_t)~stage_bit[v->stage];
	}
}

/*
 * Take back those that fit after all, cheapest first: the longest run that fits is looked for, the one
 * behind it stays dropped, and so on.
 */
static void take_back(struct plan *p, unsigned dropped)
{
	unsigned tries = TAKE_BACK_MAX;

	qsort(p->victims, dropped, sizeof(p->victims[0]), by_cost);
	for (unsigned at = 0; at < dropped && tries; at++) {
		unsigned run = 1;

		/* Runs double while they fit, and halve when they do not. */
		for (unsigned step = 1; step && at < dropped && tries; tries--) {
			unsigned n = step < dropped - at ? step : dropped - at;

			set_dropped(p, at, at + n, false);
			if (all_fits(p)) {
				at += n;
				step = run ? step * 2 : step / 2;
				continue;
			}
			set_dropped(p, at, at + n, true);
			run = 0;
			step = n / 2;
		}
	}
}

/* Make it fit by dropping victims up to a stage. False: nothing is dropped, it does not fit. */
static bool shed(struct plan *p, enum stage last)
{
	unsigned k;

	p->nvictims = 0;
	for (struct pci_fn *fn = &p->host->root; (fn = pci_fn_next(p->host, fn));)
		add_victims(p, fn, last);
	qsort(p->victims, p->nvictims, sizeof(p->victims[0]), by_pain);
	k = count_to_drop(p);
	if (k > p->nvictims) {
		drop_first(p, 0);
		return false;
	}
	take_back(p, k);
	log_info("%s: %s: full: up to %u of %u requests go", p->host->root.node->name,
		 pci_pool_name(p->pool), k, p->nvictims);
	return all_fits(p);
}

/* ---- the pools ---- */

static void move_small(struct plan *p, enum pci_pool from, enum pci_pool to)
{
	for (struct pci_fn *fn = &p->host->root; (fn = pci_fn_next(p->host, fn));)
		for (unsigned i = 0; i < fn->nres; i++) {
			struct pci_res *res = &fn->res[i];

			if (res->pool == from && res->type == PCI_TYPE_MEM64 &&
			    (to == PCI_POOL_HIGH
				     ? res->moved
				     : res->size <= MOVE_MAX &&
					       holds_res(p->host, fn->parent, to, res))) {
				res->pool = to;
				res->moved = to == PCI_POOL_LOW;
			}
		}
}

/* Space above 4 GiB is short: do small BARs fit below? */
static bool move_down(struct plan *p)
{
	bool ok;

	move_small(p, PCI_POOL_HIGH, PCI_POOL_LOW);
	ok = fits(p) || shed(p, STAGE_VF);
	if (ok) {
		choose_pool(p, PCI_POOL_LOW);
		p->level = &levels[PCI_POOL_LOW][LEVELS - 1];
		ok = fits(p);
		choose_pool(p, PCI_POOL_HIGH);
	}
	if (!ok)
		move_small(p, PCI_POOL_LOW, PCI_POOL_HIGH);
	return ok;
}

static void plan_high(struct plan *p)
{
	choose_pool(p, PCI_POOL_HIGH);
	if (!fits_at_some_level(p) && !shed(p, STAGE_VF) && !move_down(p))
		shed(p, STAGE_ALL);
}

static void plan_low(struct plan *p)
{
	choose_pool(p, PCI_POOL_LOW);
	if (fits_at_some_level(p))
		return;
	/* Room kept above 4 GiB costs a window of 1 MiB below: give that up before functions. */
	p->host->level[PCI_POOL_HIGH] = LEVELS - 1;
	plan_high(p);
	choose_pool(p, PCI_POOL_LOW);
	p->host->level[PCI_POOL_LOW] = 0;
	if (fits_at_some_level(p) || shed(p, STAGE_ALL))
		return;
	/* Not even those windows fit: what needs them is at stake as well. */
	p->both = true;
	shed(p, STAGE_ALL);
	p->both = false;
}

static void plan_io(struct plan *p)
{
	choose_pool(p, PCI_POOL_IO);
	if (!fits_at_some_level(p))
		shed(p, STAGE_ALL);
}

/* Turn offsets into addresses, parents first. */
static void settle(struct plan *p, enum pci_pool pool)
{
	choose_pool(p, pool);
	if (!fits(p))
		shed(p, STAGE_ALL);
	for (struct pci_fn *fn = &p->host->root; (fn = pci_fn_next(p->host, fn));) {
		uint64_t base = fn->parent == &p->host->root ? 0 : fn->parent->win[pool].base;

		if (fn->win[pool].size)
			fn->win[pool].base += base;
		for (unsigned i = 0; i < fn->nres; i++)
			if (fn->res[i].pool == pool && wanted(fn, &fn->res[i]))
				fn->res[i].addr += base;
	}
}

static void conclude(struct pci_host *host)
{
	for (struct pci_fn *fn = &host->root; (fn = pci_fn_next(host, fn));)
		for (unsigned i = 0; i < fn->nres; i++) {
			struct pci_res *res = &fn->res[i];

			if (wanted(fn, res))
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
		*victims += fn->nres < STAGES ? fn->nres : STAGES;
	}
}

int pci_assign(struct pci_host *host)
{
	struct plan p = {.host = host};
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
	choose_pads(host);
	plan_high(&p);
	plan_low(&p);
	plan_io(&p);
	settle(&p, PCI_POOL_HIGH);
	settle(&p, PCI_POOL_LOW);
	settle(&p, PCI_POOL_IO);
	conclude(host);
	err = 0;
out:
	heap_free(p.victims);
	heap_free(p.holes);
	heap_free(p.items);
	return err;
}
