/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random machines. A mood is drawn first: how many functions, how deep, how large, how broken; what
 * follows keeps to it, so that small faultless machines come up as well as monsters.
 */
#include "fakepci-random.h"

#include "base/bytes.h"
#include "pci/regs.h"

#define FNS_MAX 260

/* What a random machine may contain. */
struct mood {
	unsigned fns, depth;
	unsigned size_bits; /* the largest BAR is 2^this */
	unsigned broken;    /* percent of bridges that lack something */
	unsigned odd;       /* percent of functions with strange headers, or that want to wait */
	unsigned special;   /* percent with virtual functions or reserves */
	bool stale;         /* registers are full of what was there before */
};

static uint64_t state;
static unsigned made;

uint32_t fake_rnd(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)((state >> 16) % below);
}

bool fake_chance(unsigned percent)
{
	return fake_rnd(100) < percent;
}

/* ---- one function ---- */

static void random_bar(struct fake_fn *fn, unsigned *i, const struct mood *m, bool bridge)
{
	static const uint32_t types[] = {0x0, 0x8, 0x4, 0xc};
	uint32_t type = types[fake_rnd(4)];
	unsigned bits = 4 + fake_rnd(fake_chance(70) ? 12 : m->size_bits - 4);

	if (fake_chance(20) && !bridge) {
		fake_bar(fn, *i, 4u << fake_rnd(7), 1);
		return;
	}
	if (!(type & 4) || *i + 1 == (bridge ? 2u : 6u)) {
		type &= 8;
		bits = bits > 30 ? 30 : bits;
	}
	fake_bar(fn, *i, 1ull << bits, type);
	*i += (type & 4) != 0;
}

static void random_bars(struct fake_fn *fn, const struct mood *m, bool bridge)
{
	for (unsigned i = 0; i < (bridge ? 2u : 6u); i++)
		if (fake_chance(bridge ? 20 : 50))
			random_bar(fn, &i, m, bridge);
	if (fake_chance(25))
		fake_rom(fn, 2048u << fake_rnd(m->size_bits > 20 ? 12 : 8));
	if (fn->express && !bridge && fake_chance(m->special))
		fake_sriov(fn, (uint16_t)(1 + fake_rnd(fake_chance(80) ? 8 : 300)),
			   1ull << (12 + fake_rnd(m->size_bits - 12)), fake_chance(70) ? 0xc : 4);
}

static void random_reserve(struct fake_fn *fn)
{
	uint8_t cap = fake_reserve(fn);

	if (fake_chance(50))
		put_le32(fn->cfg + cap + PCI_RESERVE_BUS, fake_rnd(5));
	if (fake_chance(50))
		put_le64(fn->cfg + cap + PCI_RESERVE_IO, 0x1000u * fake_rnd(4));
	if (fake_chance(50))
		put_le32(fn->cfg + cap + PCI_RESERVE_MEM, 0x100000u << fake_rnd(10));
	if (fake_chance(50))
		put_le64(fn->cfg + cap + PCI_RESERVE_PREF64, 0x100000ull << fake_rnd(20));
}

/* Leave behind what another firmware might have: numbers, windows, addresses, decoding. */
static void random_stale(struct fake_fn *fn)
{
	for (uint16_t reg = 4; reg < 0x40; reg = (uint16_t)(reg + 4)) {
		uint32_t bits =
			get_le32(fn->mask + reg) & (fake_rnd(1u << 16) << 16 | fake_rnd(1u << 16));

		if (!(fake_is_bridge(fn) && reg == 0x3c))
			put_le32(fn->cfg + reg, fake_get(fn, reg) | bits);
	}
	/* Registers of its own, to which nothing must happen. */
	for (unsigned reg = fn->next_cap; reg + 4 <= 0x100; reg += 4)
		fake_set(fn, (uint16_t)reg, fake_rnd(UINT32_MAX), UINT32_MAX);
}

static void random_oddness(struct fake_fn *fn)
{
	static const uint8_t headers[] = {2, 3, 0x7f};

	if (fake_chance(50))
		fn->cfg[PCI_HEADER] = headers[fake_rnd(3)];
	else
		fn->retries = 1 + fake_rnd(4);
}

/* ---- a hierarchy ---- */

static void random_bus(struct fake_pci *pci, struct fake_fn *parent, const struct mood *m,
		       unsigned depth, bool link);

static void random_bridge(struct fake_pci *pci, struct fake_fn *parent, uint8_t devfn,
			  const struct mood *m, unsigned depth)
{
	static const uint8_t ports[] = {PCI_EXP_ROOT_PORT, PCI_EXP_UPSTREAM, PCI_EXP_DOWNSTREAM,
					PCI_EXP_TO_PCI};
	uint8_t port = ports[fake_rnd(4)];
	bool express = fake_chance(60);
	struct fake_fn *fn = express ? fake_add_port(pci, parent, devfn, port)
				     : fake_add_bridge(pci, parent, devfn);

	if (fake_chance(15))
		fn->cfg[PCI_HEADER] |= PCI_HEADER_MULTI;
	if (fake_chance(m->broken))
		fake_no_window(fn, fake_rnd(5));
	if (fake_chance(m->special))
		random_reserve(fn);
	random_bars(fn, m, true);
	if (m->stale)
		random_stale(fn);
	random_bus(pci, fn, m, depth + 1,
		   express && (port == PCI_EXP_ROOT_PORT || port == PCI_EXP_DOWNSTREAM));
}

static void random_fn(struct fake_pci *pci, struct fake_fn *parent, uint8_t devfn,
		      const struct mood *m, unsigned depth)
{
	static const uint32_t classes[] = {0x020000, 0x010802, 0x030000, 0x0c0330,
					   0x040300, 0x00ff00, 0xff0000, 0x078000};
	struct fake_fn *fn;

	made++;
	if (depth < m->depth && fake_chance(30)) {
		random_bridge(pci, parent, devfn, m, depth);
		return;
	}
	fn = fake_chance(50) ? fake_add(pci, parent, devfn, classes[fake_rnd(8)])
			     : fake_add_express(pci, parent, devfn, classes[fake_rnd(8)], 0);
	random_bars(fn, m, false);
	if (m->stale)
		random_stale(fn);
	if (fake_chance(m->odd))
		random_oddness(fn);
}

static struct fake_fn *function_0(struct fake_pci *pci, struct fake_fn *parent, unsigned dev)
{
	struct fake_fn *fn = parent ? parent->child : pci->root;

	while (fn->devfn != dev << 3)
		fn = fn->next;
	return fn;
}

static void random_bus(struct fake_pci *pci, struct fake_fn *parent, const struct mood *m,
		       unsigned depth, bool link)
{
	unsigned slots = link ? fake_rnd(2) : fake_rnd(depth ? 6 : 33);
	unsigned dev = link ? 0 : fake_rnd(4);

	for (unsigned i = 0; i < slots && dev < 32 && made < m->fns; i++, dev += 1 + fake_rnd(3)) {
		unsigned fns = fake_chance(15) ? 1 + fake_rnd(8) : 1;

		random_fn(pci, parent, (uint8_t)(dev << 3), m, depth);
		for (unsigned f = 1; f < fns; f++) {
			function_0(pci, parent, dev)->cfg[PCI_HEADER] |= PCI_HEADER_MULTI;
			random_fn(pci, parent, (uint8_t)(dev << 3 | f), m, depth);
		}
	}
}

static struct mood random_mood(void)
{
	static const unsigned bits[] = {16, 20, 24, 28, 32, 36, 39};
	struct mood m = {.depth = fake_rnd(9),
			 .size_bits = bits[fake_rnd(7)],
			 .broken = fake_chance(20) ? 50 : 0,
			 .odd = fake_chance(20) ? 10 : 0,
			 .special = fake_chance(30) ? 20 : 0,
			 .stale = fake_chance(40)};

	m.fns = 1 + fake_rnd(fake_chance(70) ? 12 : fake_chance(90) ? 60 : FNS_MAX - 1);
	return m;
}

static struct fake_phb random_phb(void)
{
	struct fake_phb phb = fake_phb_default;

	if (fake_chance(40))
		return phb;
	if (fake_chance(20))
		phb.high_size = 0;
	else if (fake_chance(30))
		phb.high_size = 1ull << (20 + fake_rnd(20));
	if (fake_chance(30))
		phb.low_size = fake_chance(20) ? 0 : 1u << (16 + fake_rnd(15));
	if (fake_chance(10))
		phb.io_size = 0x1000u * fake_rnd(16);
	if (fake_chance(15))
		phb.last_bus = fake_rnd(20);
	if (fake_chance(15))
		phb.min_align = 16u << fake_rnd(15);
	return phb;
}

unsigned fake_random_machine(struct fake_rig *r, struct fake_phb *phb, uint64_t seed, uint64_t n)
{
	struct mood m;

	state = (seed << 20) + n * 0x9e3779b97f4a7c15ull + 1;
	fake_rnd(2);
	fake_rnd(2);
	m = random_mood();
	*phb = random_phb();
	made = 0;
	*r = fake_rig_new();
	random_bus(r->pci, NULL, &m, 0, false);
	return made;
}

/* ---- the order of nodes ---- */

void fake_shuffle(struct dt_node *top)
{
	struct dt_node *list[FNS_MAX], *n;
	unsigned count = 0;

	for (n = top->child; n && count < FNS_MAX; n = n->next)
		list[count++] = n;
	if (n || !count)
		return;
	for (unsigned i = count - 1; i; i--) {
		unsigned with = fake_rnd(i + 1);

		n = list[i];
		list[i] = list[with];
		list[with] = n;
	}
	top->child = list[0];
	for (unsigned i = 0; i < count; i++) {
		list[i]->next = i + 1 < count ? list[i + 1] : NULL;
		fake_shuffle(list[i]);
	}
	top->last_child = list[count - 1];
}
