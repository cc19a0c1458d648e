/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a hierarchy needs at worst. Items sorted by falling alignment and put one behind the other waste
 * at most one alignment behind each window of odd size, whatever the order of equals; so sizes plus
 * that is a bound any decent allocator must keep. Where anything is unusual the answer is "not sure".
 */
#include "fakepci.h"

#include "base/bytes.h"
#include "dt/cells.h"
#include "dt/prop.h"
#include "pci/regs.h"

enum { IO, LOW, HIGH, SPACES };

#define MIB  0x100000ull
#define HUGE (1ull << 45) /* more is not sure to fit anywhere */

struct need {
	uint64_t size[SPACES], align[SPACES];
	bool sure;
};

struct way {
	bool high; /* prefetchable 64-bit BARs go above 4 GiB */
	bool root;
	uint64_t page;
};

static void add(struct need *n, unsigned space, uint64_t size, uint64_t align)
{
	n->size[space] += size;
	if (align > n->align[space])
		n->align[space] = align;
	n->sure &= n->size[space] < HUGE;
}

static void add_reg(struct need *n, const struct fake_reg *b, const struct way *w)
{
	bool high = w->high && b->wide && (b->pref || w->root);
	uint64_t align = !b->io && b->size < w->page ? w->page : b->size;

	n->sure &= b->span < HUGE && b->size < HUGE && (high || b->span < UINT32_MAX);
	if (!n->sure)
		return;
	if (b->io)
		add(n, IO, b->span, align);
	else
		add(n, high ? HIGH : LOW, (b->span + w->page - 1) / w->page * w->page, align);
}

static struct need need_of(const struct fake_fn *list, struct way w);

/* All windows implemented, 64 bits wide? */
static bool is_complete(const struct fake_fn *fn)
{
	return get_le16(fn->mask + PCI_IO_WINDOW) == 0xf0f0 &&
	       get_le32(fn->mask + PCI_MEM_WINDOW) == 0xfff0fff0 &&
	       get_le32(fn->mask + PCI_PREF_WINDOW) == 0xfff0fff0 &&
	       get_le32(fn->mask + PCI_PREF_BASE_HI) == UINT32_MAX &&
	       get_le32(fn->mask + PCI_PREF_LIMIT_HI) == UINT32_MAX;
}

static void add_bridge(struct need *n, const struct fake_fn *fn, struct way w)
{
	struct need c;

	w.root = false;
	c = need_of(fn->child, w);
	n->sure &= c.sure && is_complete(fn);
	for (unsigned s = 0; s < SPACES; s++) {
		uint64_t grain = s == IO ? 0x1000 : MIB;
		uint64_t size = (c.size[s] + grain - 1) / grain * grain;

		if (s == LOW && size == 0 && c.size[HIGH])
			size = grain;
		if (c.align[s] < grain)
			c.align[s] = grain;
		if (size)
			add(n, s, size + c.align[s], c.align[s]);
	}
}

static struct need need_of(const struct fake_fn *list, struct way w)
{
	struct need n = {.sure = true};
	struct fake_reg b;

	for (const struct fake_fn *fn = list; fn && n.sure; fn = fn->next) {
		if (fn->absent || fn->retries ||
		    (fn->cfg[PCI_HEADER] & PCI_HEADER_TYPE) > PCI_HEADER_CARDBUS)
			continue;
		for (unsigned slot = 0; slot < FAKE_SLOTS; slot++)
			if (fake_reg_at(fn, slot, &b)) {
				add_reg(&n, &b, &w);
				slot += b.wide;
			}
		if (fake_is_bridge(fn))
			add_bridge(&n, fn, w);
	}
	return n;
}

bool fake_surely_fits(const struct fake_pci *pci, const struct dt_node *phb)
{
	uint64_t room[SPACES] = {0}, base[SPACES] = {0};
	struct dt_reader r = dt_read(phb, "ranges");
	struct need n;

	while (r.left) {
		unsigned s = (dt_read_u32(&r) >> 24 & 3) - 1;

		base[s] = dt_read_u64(&r);
		dt_read_u64(&r);
		room[s] = dt_read_u64(&r);
	}
	room[IO] = room[IO] > 0x10000 ? 0x10000 : room[IO];
	n = need_of(pci->root,
		    (struct way){room[HIGH] != 0, true,
				 dt_prop_u32_or(phb, "qemu,mem-bar-min-align", 0x10000)});
	/* The first 4 KiB of I/O and the last pages of memory are not given out. */
	n.size[IO] += n.size[IO] ? 0x1000 : 0;
	n.size[LOW] += n.size[LOW] ? 0x20000 : 0;
	for (unsigned s = 0; s < SPACES; s++)
		if (n.align[s] && base[s] % n.align[s])
			n.size[s] += n.align[s];
	for (unsigned s = 0; s < SPACES; s++)
		n.sure &= n.size[s] <= room[s];
	return n.sure;
}
