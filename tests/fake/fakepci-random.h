/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random machines: hierarchies from one function to some hundred, flat or deep, modest or asking for
 * more than there is, some with bridges that lack windows, odd functions, reserves, virtual functions,
 * and registers full of what somebody left there. The same seed and number give the same machine on
 * any computer.
 */
#ifndef FAKEPCI_RANDOM_H
#define FAKEPCI_RANDOM_H

#include "fakepci.h"

/* Numbers below a bound; one sequence for all, set by fake_random_machine(). */
uint32_t fake_rnd(uint32_t below);
bool fake_chance(unsigned percent);

/* Make machine n of a seed: r->pci and the windows of its host. Returns how many functions it has. */
unsigned fake_random_machine(struct fake_rig *r, struct fake_phb *phb, uint64_t seed, uint64_t n);

/* Change the order of nodes below top, and of theirs. */
void fake_shuffle(struct dt_node *top);

/* What one function got of one kind. */
struct fake_lot {
	const struct fake_fn *fn;
	uint64_t demand;
	uint64_t widest; /* bytes of the largest 64-bit register among them */
	unsigned piece, rank, order;
	bool io, kept;
};
/* What all got, the most important first; lot is the caller's to free(). */
struct fake_lots {
	struct fake_lot *lot;
	unsigned n, room;
};
struct fake_lots fake_lots(const struct fake_pci *pci);
/* Above 0: with the first that differs, a has what b has not. The same machine twice. */
int fake_lots_compare(const struct fake_lots *a, const struct fake_lots *b);

#endif
