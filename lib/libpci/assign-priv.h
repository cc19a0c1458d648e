/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the allocator's files share: a plan, tried with one generosity after another until everything
 * fits. pack.c puts items into a window, assign.c makes windows of them, headroom.c makes those larger,
 * degrade.c decides who has to go.
 */
#ifndef ASSIGN_PRIV_H
#define ASSIGN_PRIV_H

#include "pci-priv.h"

/* Something to be placed in a window: a BAR or the window of a bridge. */
struct pci_item {
	uint64_t size, align;
	uint64_t *at; /* gets the offset */
	uint32_t order;
	uint16_t reg;
};

/* Free space [start, end). */
struct pci_hole {
	uint64_t start, end;
};

/* One thing a function may have to do without. */
struct pci_victim {
	struct pci_fn *fn;
	uint64_t demand;
	uint8_t bit;      /* PCI_DROP_* */
	uint8_t stage;    /* later stages hurt more */
	uint8_t rank;     /* so do higher ranks */
	bool kept, spare; /* spare: of the other try, while two are compared */
};

struct pci_plan {
	struct pci_host *host;
	enum pci_pool pool;
	const struct pci_level *level;
	uint64_t grain;   /* of windows */
	uint64_t granted; /* headroom handed out so far */
	struct pci_item *items;
	struct pci_hole *holes;
	unsigned nholes;
	struct pci_victim *victims;
	unsigned nvictims;
};

#define PCI_SPACE_END (1ull << 62) /* no window is larger */

/* Pools as a set. */
#define PCI_SET(pool)  (1u << (pool))
#define PCI_SET_IO     PCI_SET(PCI_POOL_IO)
#define PCI_SET_MEMORY (PCI_SET(PCI_POOL_LOW) | PCI_SET(PCI_POOL_HIGH))

/*
 * pack.c: pack the plan's first n items into [base, end), each at the first place that takes it, larger
 * alignments first; *top gets the end of the last. False if one found no place. What fits fits into
 * any longer window with the same base, at the same places.
 */
bool pci_pack(struct pci_plan *p, unsigned n, uint64_t base, uint64_t end, uint64_t *top);

/* headroom.c: mark the bridges that get some: those nearest to the slots; others above just hold them. */
void pci_choose_pads(struct pci_host *host);
/* A level of generosity, 0 the most, below PCI_LEVELS. */
const struct pci_level *pci_level(enum pci_pool pool, unsigned level);
/* The size of a window of which need bytes are used. False if it goes beyond all bounds. */
bool pci_with_headroom(struct pci_plan *p, const struct pci_fn *fn, uint64_t need, uint64_t *size);
/* A line for each step taken down from the full headroom. */
void pci_log_levels(const struct pci_host *host, enum pci_pool pool);

/* assign.c: does this function still ask for it? */
bool pci_wanted(const struct pci_fn *fn, const struct pci_res *res);
/* What a function loses along with this resource: PCI_DROP_*. */
uint8_t pci_drop_bit(const struct pci_fn *fn, const struct pci_res *res);
/* Does everything wanted fit, at the present levels, in each of these pools? */
bool pci_fits(struct pci_plan *p, unsigned pools);
/* Can a bus's pool, as large as it may be, hold addresses its register can express? */
bool pci_reaches(const struct pci_host *host, const struct pci_fn *bus, enum pci_pool pool,
		 const struct pci_res *res);

/*
 * degrade.c: there is no fit even without headroom: leave out as little of importance as will do, in
 * these pools. Afterwards everything wanted fits at the last level.
 */
void pci_degrade(struct pci_plan *p, unsigned pools);

#endif
