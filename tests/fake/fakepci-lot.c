/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who got what, the most important first: what a larger window must not make worse. The order is that of
 * docs/pci.md, written down a second time; what somebody got is read from the registers.
 */
#include "fakepci-random.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "pci/regs.h"

/* Memory before I/O; of each, functions, then I/O that is a second way, ROMs, virtual functions. */
enum pieces { VF, ROM, IO, WHOLE, PIECES };

static unsigned rank_of(const struct fake_fn *fn)
{
	switch (fn->cfg[PCI_CLASS_REV + 3]) {
	case 0x03:
	case 0x06:
		return 5;
	case 0x01:
	case 0x02:
	case 0x0c:
		return 4;
	case 0x07:
	case 0x08:
	case 0x09:
	case 0x0d:
		return 3;
	case 0x00:
		return 1;
	}
	return fn->cfg[PCI_CLASS_REV + 3] <= 0x11 ? 2 : 0;
}

static void note(struct fake_lots *l, const struct fake_fn *fn, bool io, unsigned piece,
		 const struct fake_reg *b)
{
	struct fake_lot *lot = l->n ? &l->lot[l->n - 1] : NULL;

	if (!lot || lot->fn != fn || lot->io != io || lot->piece != piece) {
		if (l->n == l->room) {
			l->room = l->room ? l->room * 2 : 64;
			l->lot = realloc(l->lot, l->room * sizeof(l->lot[0]));
		}
		lot = &l->lot[l->n++];
		*lot = (struct fake_lot){
			.fn = fn, .io = io, .piece = piece, .rank = rank_of(fn), .kept = true};
	}
	lot->demand += b->span;
	lot->kept &= b->addr != 0;
	if (b->wide && b->span > lot->widest)
		lot->widest = b->span;
}

static bool is_kind(const struct fake_reg *b, unsigned slot, unsigned piece, bool io)
{
	return b->io == io && piece == (slot == 6 ? ROM : slot > 6 ? VF : WHOLE);
}

/* All registers of one kind of one function, in one entry. */
static unsigned note_kind(struct fake_lots *l, const struct fake_fn *fn, unsigned kind, bool io,
			  unsigned as)
{
	struct fake_reg b;
	unsigned n = 0;

	for (unsigned slot = 0; slot < FAKE_SLOTS; slot++) {
		if (!fake_reg_at(fn, slot, &b))
			continue;
		if (is_kind(&b, slot, kind, io)) {
			note(l, fn, io, as, &b);
			n++;
		}
		slot += b.wide;
	}
	return n;
}

static int by_importance(const void *pa, const void *pb)
{
	const struct fake_lot *a = pa, *b = pb;

	if (a->io != b->io)
		return a->io ? 1 : -1;
	if (a->piece != b->piece)
		return a->piece > b->piece ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank > b->rank ? -1 : 1;
	if (a->demand != b->demand)
		return a->demand < b->demand ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

struct fake_lots fake_lots(const struct fake_pci *pci)
{
	struct fake_lots l = {0};
	unsigned order = 0, memory;

	for (struct fake_fn *fn = NULL; (fn = fake_next(pci, fn)); order++) {
		unsigned from = l.n;

		if ((fn->cfg[PCI_HEADER] & PCI_HEADER_TYPE) > PCI_HEADER_CARDBUS)
			continue;
		memory = note_kind(&l, fn, WHOLE, false, WHOLE);
		note_kind(&l, fn, ROM, false, ROM);
		note_kind(&l, fn, VF, false, VF);
		note_kind(&l, fn, WHOLE, true, memory ? IO : WHOLE);
		for (; from < l.n; from++)
			l.lot[from].order = order;
	}
	if (l.n)
		qsort(l.lot, l.n, sizeof(l.lot[0]), by_importance);
	return l;
}

int fake_lots_compare(const struct fake_lots *a, const struct fake_lots *b)
{
	for (unsigned i = 0; i < a->n && i < b->n; i++)
		if (a->lot[i].kept != b->lot[i].kept)
			return a->lot[i].kept ? 1 : -1;
	return 0;
}
