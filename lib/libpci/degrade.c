/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who has to do without, when space is short. What can be left out is put in order of importance:
 * functions by class (what boots before what sounds), within a class the small before the large, then
 * I/O where memory does the same, ROMs, space of virtual functions. From none at all, one after the
 * other is kept that still fits beside those kept before it.
 *
 * So more space is never worse: with the first decision that differs, the larger window keeps what the
 * smaller could not. It does not follow that it holds more bytes; what it keeps is more important. (Runs of
 * ever more are tried at once. That changes nothing of this: up to the first try that turns out
 * differently both go the same way, and what is tried then is kept by the larger, not all by the smaller.)
 *
 * There are two ways to do it for memory: as it is, and with small 64-bit BARs sent below 4 GiB. The better
 * one by the same order wins.
 */
#define LOG_TAG "pci"
#include "assign-priv.h"

#include <stdlib.h>

#include "base/log.h"

/* 64-bit BARs up to this may go below 4 GiB when space above is short. */
#define MOVE_MAX    (256u << 20)
/* What is left after so many tries is left out, so that the cost stays n log n. */
#define TRIES_MAX   96u
#define RANK_NEEDED 6u

/* Lower ranks go first. Unknown classes, then comfort, then what might be needed to boot. */
static uint8_t rank_of(const struct pci_fn *fn)
{
	/* base classes 00 to 11 */
	static const uint8_t rank[] = {1, 4, 4, 5, 2, 2, 5, 3, 3, 3, 2, 2, 4, 3, 2, 2, 2, 2};
	unsigned base = fn->class_rev >> 24;

	if (fn->preferred)
		return RANK_NEEDED;
	return base < ARRAY_SIZE(rank) ? rank[base] : 0;
}

/* ---- the list ---- */

static void add_victims(struct pci_plan *p, struct pci_fn *fn, unsigned pools)
{
	/* by stage */
	static const uint8_t bits[PCI_DROPS] = {PCI_DROP_VF, PCI_DROP_ROM, PCI_DROP_IO,
						PCI_DROP_ALL};

	for (unsigned s = 0; s < PCI_DROPS; s++) {
		uint64_t demand = 0;

		for (unsigned i = 0; i < fn->nres; i++) {
			const struct pci_res *res = &fn->res[i];

			if (pci_wanted(fn, res) && pools & PCI_SET(res->pool) &&
			    pci_drop_bit(fn, res) == bits[s])
				demand += res->size;
		}
		if (demand)
			p->victims[p->nvictims++] = (struct pci_victim){
				fn, demand, bits[s], (uint8_t)s, rank_of(fn), false, false};
	}
}

/* The most important first. */
static int by_importance(const void *pa, const void *pb)
{
	const struct pci_victim *a = pa, *b = pb;

	if (a->stage != b->stage)
		return a->stage > b->stage ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank > b->rank ? -1 : 1;
	if (a->demand != b->demand)
		return a->demand < b->demand ? -1 : 1;
	return a->fn->order < b->fn->order ? -1 : a->fn->order > b->fn->order;
}

static void list_victims(struct pci_plan *p, unsigned pools)
{
	p->nvictims = 0;
	for (struct pci_fn *fn = &p->host->root; (fn = pci_fn_next(p->host, fn));)
		add_victims(p, fn, pools);
	qsort(p->victims, p->nvictims, sizeof(p->victims[0]), by_importance);
}

/* ---- keeping ---- */

static void set_kept(struct pci_plan *p, unsigned from, unsigned to, bool kept)
{
	for (unsigned i = from; i < to; i++) {
		struct pci_victim *v = &p->victims[i];

		v->kept = kept;
		v->fn->dropped &= (uint8_t)~v->bit;
		v->fn->dropped |= kept ? 0 : v->bit;
	}
}

/*
 * From none on, keep what fits. Runs double while they fit; of one that does not, half is tried, until
 * the first that has no place is known. It is passed over, and runs begin with one again.
 */
static void keep_what_fits(struct pci_plan *p, unsigned pools)
{
	unsigned step = 1, at = 0;
	bool growing = true;

	set_kept(p, 0, p->nvictims, false);
	for (unsigned tries = 0; at < p->nvictims && tries < TRIES_MAX; tries++) {
		while (step > p->nvictims - at)
			step /= 2;
		set_kept(p, at, at + step, true);
		if (pci_fits(p, pools)) {
			at += step;
			step = growing ? step * 2 : step / 2;
		} else {
			set_kept(p, at, at + step, false);
			growing = false;
			step /= 2;
		}
		if (step == 0) {
			at++;
			step = 1;
			growing = true;
		}
	}
}

static unsigned lost(const struct pci_plan *p)
{
	unsigned n = 0;

	for (unsigned i = 0; i < p->nvictims; i++)
		n += !p->victims[i].kept;
	return n;
}

/* ---- the other way ---- */

/* Send small 64-bit BARs down, or back up again. False if there are none. */
static bool move_small(struct pci_plan *p, enum pci_pool to)
{
	bool any = false;

	for (struct pci_fn *fn = &p->host->root; (fn = pci_fn_next(p->host, fn));)
		for (unsigned i = 0; i < fn->nres; i++) {
			struct pci_res *res = &fn->res[i];
			bool may = res->pool == PCI_POOL_HIGH && res->size <= MOVE_MAX &&
				   pci_reaches(p->host, fn->parent, PCI_POOL_LOW, res);

			if (to == PCI_POOL_LOW ? may : res->moved) {
				res->pool = to;
				res->moved = to == PCI_POOL_LOW;
				any = true;
			}
		}
	return any;
}

static void swap_tries(struct pci_plan *p)
{
	for (unsigned i = 0; i < p->nvictims; i++) {
		struct pci_victim *v = &p->victims[i];
		bool kept = v->kept;

		v->kept = v->spare;
		v->spare = kept;
	}
}

/* Does what is kept now beat what was kept first? */
static bool is_better(const struct pci_plan *p)
{
	for (unsigned i = 0; i < p->nvictims; i++)
		if (p->victims[i].kept != p->victims[i].spare)
			return p->victims[i].kept;
	return false;
}

static void try_moving(struct pci_plan *p, unsigned pools)
{
	if (!lost(p) || !move_small(p, PCI_POOL_LOW))
		return;
	swap_tries(p);
	keep_what_fits(p, pools);
	if (is_better(p))
		return;
	move_small(p, PCI_POOL_HIGH);
	swap_tries(p);
	for (unsigned i = 0; i < p->nvictims; i++)
		set_kept(p, i, i + 1, p->victims[i].kept);
}

void pci_degrade(struct pci_plan *p, unsigned pools)
{
	list_victims(p, pools);
	keep_what_fits(p, pools);
	if (pools == PCI_SET_MEMORY)
		try_moving(p, pools);
	if (lost(p))
		log_info("%s: %s: full: %u of %u requests go", p->host->root.node->name,
			 pools == PCI_SET_IO ? "io" : "memory", lost(p), p->nvictims);
}
