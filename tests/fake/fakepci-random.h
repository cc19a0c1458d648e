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

#endif
