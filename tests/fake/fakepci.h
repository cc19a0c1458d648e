/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A PCI hierarchy that behaves: accesses are routed by the bus numbers found in the bridges'
 * registers, registers have masks of writable bits, missing functions fail as they do through RTAS
 * (value untouched). It counts, records what should not happen, and breaks on demand. Its judgement of
 * the finished state reads registers and the tree only, never the table of the code under test.
 */
#ifndef FAKEPCI_H
#define FAKEPCI_H

#include "dev/bus.h"
#include "dt/node.h"
#include "pci/pci.h"

struct fake_fn {
	struct fake_fn *parent, *child, *next; /* children by ascending devfn */
	uint8_t devfn;
	bool express;        /* 4096 bytes of configuration space */
	bool absent;         /* does not answer */
	unsigned retries;    /* reads of the ids answered with "later" first */
	uint16_t size;       /* of cfg and mask */
	uint8_t *cfg;        /* contents */
	uint8_t *mask;       /* writable bits */
	uint8_t *w1c;        /* bits that a one clears; NULL: none */
	uint8_t express_cap; /* offset of the Express capability, 0: none */
	uint8_t last_cap;    /* offset of the last capability added, 0: none */
	uint16_t last_ext;
	uint8_t next_cap; /* where the next one goes */
	uint16_t next_ext;
};

struct fake_pci {
	struct fake_fn *root; /* functions of bus 0 */
	struct bus bus;       /* what the code under test gets */
	uint64_t accesses, writes;
	uint64_t stray_writes;    /* to functions that were never there */
	uint64_t odd_writes;      /* to registers no enumerator should touch */
	uint64_t ambiguous;       /* accesses that two bridges claimed */
	bool no_extended;         /* the host does not reach registers from 0x100 on */
	uint64_t break_at;        /* the access at which break_fn stops answering; 0: never */
	struct fake_fn *break_fn; /* NULL: everything stops answering */
	bool dead;
};

struct fake_pci *fake_pci_new(void);
void fake_pci_free(struct fake_pci *pci);

/* A function; parent NULL for the root bus. Vendor 1af4, device 1000, class as given (24 bits). */
struct fake_fn *fake_add(struct fake_pci *pci, struct fake_fn *parent, uint8_t devfn,
			 uint32_t class_code);
/* The same with an Express capability of a port type, and 4096 bytes. */
struct fake_fn *fake_add_express(struct fake_pci *pci, struct fake_fn *parent, uint8_t devfn,
				 uint32_t class_code, uint8_t port);
/* Bridges, with all windows, closed. */
struct fake_fn *fake_add_bridge(struct fake_pci *pci, struct fake_fn *parent, uint8_t devfn);
struct fake_fn *fake_add_port(struct fake_pci *pci, struct fake_fn *parent, uint8_t devfn,
			      uint8_t port);
void fake_remove(struct fake_pci *pci, struct fake_fn *fn);

/* BARs: index 0..5; size a power of two, low bits the type bits of the register (0, 4, 8, c, 1). */
void fake_bar(struct fake_fn *fn, unsigned index, uint64_t size, uint32_t type);
void fake_rom(struct fake_fn *fn, uint32_t size);
void fake_set(struct fake_fn *fn, uint16_t reg, uint32_t value, uint32_t mask);
uint32_t fake_get(const struct fake_fn *fn, uint16_t reg);
/* Add a capability of len bytes; returns its offset. The contents are zero and fixed. */
uint8_t fake_cap(struct fake_fn *fn, uint8_t id, uint8_t len);
uint16_t fake_ext_cap(struct fake_fn *fn, uint16_t id, uint16_t len);
/* The offset of an extended capability, or 0. */
uint16_t fake_ext_cap_find(const struct fake_fn *fn, uint16_t id);
/* An SR-IOV capability for total functions, VF BAR 0 with 64 bits, size a power of two; type c or 4. */
void fake_sriov(struct fake_fn *fn, uint16_t total, uint64_t size, uint32_t type);
/* QEMU's hint on a bridge, nothing asked for yet: all ones. Returns its offset. */
uint8_t fake_reserve(struct fake_fn *fn);
bool fake_is_bridge(const struct fake_fn *fn);
/* Can registers from 0x100 on be reached below the host: is nothing conventional on the way? */
bool fake_extended_way(const struct fake_fn *fn);
/*
 * Take a window from a bridge: 0 I/O, 1 memory, 2 prefetchable; 3: the prefetchable one is 32 bits wide;
 * 4: it says 64, but its upper halves do not move.
 */
void fake_no_window(struct fake_fn *fn, unsigned which);

/* The function that answers at bdf now, or NULL. */
struct fake_fn *fake_find(struct fake_pci *pci, pci_bdf bdf);
/* A walk over all, parents first; start with NULL. */
struct fake_fn *fake_next(const struct fake_pci *pci, const struct fake_fn *fn);

/* QEMU's numbering, its blindness for multifunction bridges (header 0x81) included. */
void fake_enumerate(struct fake_pci *pci);

/* Window of a PHB for fake_phb(). size 0: no such entry. */
struct fake_phb {
	uint64_t io_size, low_size, high_base, high_size;
	uint32_t first_bus, last_bus;
	uint32_t min_align; /* qemu,mem-bar-min-align; 0: not there */
};
extern const struct fake_phb fake_phb_default;
/* A tree with a PHB node as QEMU makes it and a node for every function, as QEMU makes those. */
struct dt_node *fake_tree(struct fake_pci *pci, struct dt_tree *tree, const struct fake_phb *phb);
struct dt_node *fake_node(struct fake_fn *fn, struct dt_tree *tree, struct dt_node *parent);

/* A register with an address: slots 0..5 are the BARs, 6 the ROM, 7..12 the BARs of virtual functions. */
#define FAKE_SLOTS 13u
struct fake_reg {
	uint64_t addr, size; /* size of one */
	uint64_t span;       /* of all: virtual functions */
	uint16_t reg;
	bool io, pref, wide, vf;
};
/* False: nothing implemented there. The slot behind a wide one is its upper half. */
bool fake_reg_at(const struct fake_fn *fn, unsigned slot, struct fake_reg *out);
/* By a worst case of padding, everything fits into these windows. */
bool fake_surely_fits(const struct fake_pci *pci, const struct dt_node *phb);

/* What the judge counted. */
struct fake_count {
	unsigned placed;       /* BARs, ROMs and VF BARs with an address */
	unsigned missing;      /* and without */
	uint64_t bytes;        /* of those with */
	uint64_t missing_hash; /* sum of fake_hash("00:01.0 bar0") over those without */
	bool surely_fits; /* by a worst case of padding everything fits: nothing may be missing */
};
uint64_t fake_hash(const char *text, size_t len);
/*
 * Does the finished state hold together? NULL, or what is wrong first (static text). Reads registers
 * and tree, nothing else. count may be NULL.
 */
const char *fake_verify(struct fake_pci *pci, const struct dt_node *phb_node,
			struct fake_count *count);

/* A machine under test: hierarchy, tree, host. */
struct fake_rig {
	struct fake_pci *pci;
	struct dt_tree tree;
	struct dt_node *phb;
	struct pci_host *host;
};
struct fake_rig fake_rig_new(void);
/* QEMU's part only: numbers and tree, and the host made from them. */
void fake_rig_prepare(struct fake_rig *r, const struct fake_phb *phb);
/* Prepare, set up, verify, self-check. NULL or the first fault. */
const char *fake_rig_boot(struct fake_rig *r, const struct fake_phb *phb);
void fake_rig_free(struct fake_rig *r);

#endif
