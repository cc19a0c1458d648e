/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Functions plugged in between our setup and the hand-over: QEMU shows them in the tree it answers
 * client-architecture-support with. A function gets our bus number. A bridge gets a number of its own
 * where one is free, all buses being numbered anew if need be, and windows from what is free in those of
 * its parent, so that the operating system can place what sits behind it. Addresses given already stay.
 */
#define LOG_TAG "pci"
#include "pci-priv.h"

#include <stdlib.h>

#include "base/arith.h"
#include "base/heap.h"
#include "base/log.h"
#include "dt/prop.h"

/* ---- numbers ---- */

/* A number the parent has, but nobody behind it uses. 0: none. */
static unsigned spare_number(const struct pci_host *host, const struct pci_fn *fn)
{
	unsigned last = fn->parent->secondary;

	if (fn->parent == &host->root)
		return 0;
	for (const struct pci_fn *s = fn->parent->child; s; s = s->next)
		if (s->subordinate > last)
			last = s->subordinate;
	return last < fn->parent->subordinate ? last + 1 : 0;
}

/*
 * The number after the highest: it can be had where a chain of last bridges ends, since only their
 * ranges grow. 0: not there.
 */
static unsigned number_at_the_end(const struct pci_host *host, const struct pci_fn *fn)
{
	for (const struct pci_fn *up = fn->parent; up != &host->root; up = up->parent)
		if (up->subordinate != host->used_bus || !up->secondary)
			return 0;
	return host->used_bus < host->last_bus ? host->used_bus + 1u : 0;
}

static bool number_late_bridge(struct pci_host *host, struct pci_fn *fn)
{
	unsigned n = spare_number(host, fn);

	if (fn->depth > PCI_DEPTH_MAX)
		return false;
	if (!n) {
		n = number_at_the_end(host, fn);
		if (!n)
			return pci_number_anew(host, fn);
		host->used_bus = (uint8_t)n;
		for (struct pci_fn *up = fn->parent; up != &host->root; up = up->parent)
			up->subordinate = (uint8_t)n;
	}
	fn->secondary = fn->subordinate = (uint8_t)n;
	return true;
}

/* ---- windows ---- */

struct extent {
	uint64_t start, end;
};

static int by_start(const void *pa, const void *pb)
{
	const struct extent *a = pa, *b = pb;

	return a->start < b->start ? -1 : a->start > b->start;
}

/* What is taken on a bus, and its window's end. */
static unsigned taken_on(const struct pci_host *host, const struct pci_fn *bus, enum pci_pool pool,
			 struct extent *out)
{
	const struct pci_win *win = &bus->win[pool];
	unsigned n = 0;

	for (const struct pci_fn *fn = bus->child; fn; fn = fn->next) {
		for (unsigned i = 0; i < fn->nres; i++) {
			const struct pci_res *res = &fn->res[i];

			if (pci_res_is(res, PCI_RES_PLACED) && res->pool == pool)
				out[n++] =
					(struct extent){res->addr, align_up(res->addr + res->size,
									    host->min_align)};
		}
		if (fn->win[pool].size)
			out[n++] = (struct extent){fn->win[pool].base,
						   fn->win[pool].base + fn->win[pool].size};
	}
	qsort(out, n, sizeof(out[0]), by_start);
	out[n++] = (struct extent){win->base + win->size, win->base + win->size};
	return n;
}

/* The largest free piece of a bus's window, made of whole grains. */
static struct extent largest_gap(const struct pci_host *host, const struct pci_fn *bus,
				 enum pci_pool pool, uint64_t grain)
{
	struct extent best = {0, 0}, *e;
	uint64_t at = bus->win[pool].base;
	size_t room = 1;
	unsigned n;

	for (const struct pci_fn *fn = bus->child; fn; fn = fn->next)
		room += fn->nres + 1;
	e = try_alloc(room * sizeof(e[0]));
	n = e ? taken_on(host, bus, pool, e) : 0;
	for (unsigned i = 0; i < n; i++) {
		uint64_t start = align_up(at, grain), end = e[i].start & ~(grain - 1);

		if (end > start && end - start > best.end - best.start)
			best = (struct extent){start, end};
		if (e[i].end > at)
			at = e[i].end;
	}
	heap_free(e);
	return best;
}

/* Open a window of the most generous size that leaves as much free again, or of one grain. */
static void allot(struct pci_host *host, struct pci_fn *fn, enum pci_pool pool)
{
	uint64_t grain = pool == PCI_POOL_IO ? PCI_IO_GRAIN : PCI_MEM_GRAIN;
	struct pci_win *win = &fn->win[pool];
	struct extent gap;

	win->base = win->size = 0;
	win->usable = win->can && fn->parent->win[pool].usable;
	if (!win->usable || !fn->parent->win[pool].size)
		return;
	gap = largest_gap(host, fn->parent, pool, grain);
	for (unsigned level = 0; !win->size && level < PCI_LEVELS; level++) {
		uint64_t size = pci_headroom(pool, level);

		if (size && size <= (gap.end - gap.start) / 2)
			win->size = size;
	}
	if (!win->size && gap.end - gap.start >= grain)
		win->size = grain;
	win->base = win->size ? gap.start : 0;
	win->align = grain;
}

static void open_late_bridge(struct pci_host *host, struct pci_fn *fn)
{
	if (!fn->secondary || pci_cfg_read32(&host->bus, fn->bdf, 0) == UINT32_MAX)
		return;
	pci_close_bridge(host, fn);
	pci_size_windows(host, fn);
	allot(host, fn, PCI_POOL_LOW);
	allot(host, fn, PCI_POOL_IO);
	if (fn->win[PCI_POOL_LOW].size)
		allot(host, fn, PCI_POOL_HIGH);
	else
		log_warn(PCI_BDF_FMT ": bridge plugged in: no memory is free for it",
			 PCI_BDF_ARGS(fn));
	pci_program_bridge(host, fn);
	pci_publish_bridge(fn);
}

void pci_host_renumber(struct pci_host *host)
{
	pci_write_buses(host);
	for (struct pci_fn *fn = &host->root; (fn = pci_fn_next(host, fn));)
		if (fn->fresh && pci_is_bridge(fn)) {
			fn->fresh = false;
			open_late_bridge(host, fn);
		}
	pci_correct_merged(host);
}

/* ---- coming ---- */

void pci_host_node_added(struct pci_host *host, struct dt_node *node)
{
	struct pci_fn *parent = pci_fn_of_node(host, node->parent), *fn;
	uint8_t devfn;

	if (!parent || pci_fn_of_node(host, node) || !pci_unit_devfn(dt_unit(node), &devfn) ||
	    (parent != &host->root && (!pci_is_bridge(parent) || !parent->secondary)))
		return;
	fn = pci_fn_new(host, parent, devfn);
	pci_fn_sort_in(fn);
	fn->node = node;
	fn->fresh = true;
	fn->class_rev = dt_prop_u32_or(node, "class-code", 0) << 8;
	if (fn->class_rev >> 16 == 0x0604) {
		fn->kind = PCI_KIND_BRIDGE;
		if (number_late_bridge(host, fn))
			host->nbuses++;
		else
			log_warn(PCI_BDF_FMT ": bridge plugged in: no bus number is free, "
					     "nothing behind it is used",
				 PCI_BDF_ARGS(fn));
	}
	pci_publish_added(host, fn);
	log_info(PCI_BDF_FMT ": %s plugged in", PCI_BDF_ARGS(fn), node->name);
}
