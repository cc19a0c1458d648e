/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packing a window. Items are sorted by alignment, so that falling alignments leave gaps only behind
 * those of odd size, and each goes to the first hole that takes it: later, smaller ones fill the gaps.
 * Keys are sizes and places in the tree, never pointers: the same items get the same places.
 */
#include "assign-priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/arith.h"

static int by_alignment(const void *pa, const void *pb)
{
	const struct pci_item *a = pa, *b = pb;

	if (a->align != b->align)
		return a->align > b->align ? -1 : 1;
	if (a->size != b->size)
		return a->size > b->size ? -1 : 1;
	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	return a->reg < b->reg ? -1 : a->reg > b->reg;
}

/* Replace hole i by what is left of it around [at, at + size). */
static void carve(struct pci_plan *p, unsigned i, uint64_t at, uint64_t size)
{
	struct pci_hole before = {p->holes[i].start, at}, after = {at + size, p->holes[i].end};
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
static bool place(struct pci_plan *p, const struct pci_item *item, unsigned *from)
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

static bool same_shape(const struct pci_item *a, const struct pci_item *b)
{
	return a->size == b->size && a->align == b->align;
}

/*
 * Pack n items into [base, end); *top gets the end of the last. Equal items, most of many, go on where
 * the last one was placed, so that all of them together look at each hole once.
 */
bool pci_pack(struct pci_plan *p, unsigned n, uint64_t base, uint64_t end, uint64_t *top)
{
	qsort(p->items, n, sizeof(p->items[0]), by_alignment);
	p->holes[0] = (struct pci_hole){base, end};
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
