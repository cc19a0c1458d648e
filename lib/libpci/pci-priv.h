/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the passes share: the table of functions. It is a tree like the hardware's; the host bridge
 * itself is the root, a pci_fn whose windows are the PHB's. Each pass fills in its part and reads those
 * of earlier ones:
 *     scan    kind, ids, capabilities, bus numbers, links, node
 *     bars    res[] (what is asked), win[].can
 *     assign  res[].pool/state/addr, win[].base/size
 *     program res[].state when a register refuses
 */
#ifndef PCI_PRIV_H
#define PCI_PRIV_H

#include "pci/pci.h"

#define PCI_DEPTH_MAX 32u        /* bridges between a function and the host */
#define PCI_BARS_MAX  13u        /* six BARs, ROM, six of virtual functions */
#define PCI_MEM_GRAIN 0x100000u  /* of memory windows */
#define PCI_IO_GRAIN  0x1000u    /* of I/O windows */
#define PCI_NOT_ASKED UINT64_MAX /* no reserve asked for */
#define PCI_4G        (1ull << 32)

/*
 * Three kinds of address space. At the host: I/O, memory below 4 GiB, memory above. Behind a bridge:
 * the I/O window, the non-prefetchable and the prefetchable (64-bit) window.
 */
enum pci_pool { PCI_POOL_IO, PCI_POOL_LOW, PCI_POOL_HIGH, PCI_POOLS, PCI_POOL_NONE = PCI_POOLS };

enum pci_kind {
	PCI_KIND_DEVICE,
	PCI_KIND_BRIDGE,
	PCI_KIND_CARDBUS,
	PCI_KIND_UNKNOWN,
	PCI_KIND_HOST
};
enum pci_res_kind { PCI_RES_BAR, PCI_RES_ROM, PCI_RES_VF };
enum pci_res_type { PCI_TYPE_IO, PCI_TYPE_MEM32, PCI_TYPE_MEM64 };

enum pci_res_state {
	PCI_RES_WANTED,  /* no address yet */
	PCI_RES_PLACED,  /* addr is right */
	PCI_RES_DROPPED, /* no room for it */
	PCI_RES_NOWHERE, /* no space exists that could hold it */
	PCI_RES_REFUSED, /* the register did not take the address */
};

struct pci_res {
	uint64_t size;  /* bytes one needs; VF: of all virtual functions together */
	uint64_t align; /* a power of two */
	uint64_t limit; /* the last address the register can express */
	uint64_t addr;  /* result; while assigning, the offset in its bus's window */
	uint32_t sizes; /* resizable: bit n says it can be 1 MiB << n; 0: it is not */
	uint16_t reg;   /* offset in configuration space */
	uint8_t kind, type, pool, state;
	bool pref;
	bool moved; /* a 64-bit BAR that was sent below 4 GiB for want of room above */
};

/* What a function may have to do without. */
#define PCI_DROP_VF  1u /* space of its virtual functions */
#define PCI_DROP_ROM 2u
#define PCI_DROP_IO  4u /* I/O BARs, where memory BARs do the same */
#define PCI_DROP_ALL 8u /* everything */
#define PCI_DROPS    4u

struct pci_win {
	bool can;         /* bridge: implemented; host: there */
	bool usable;      /* can, and so can every bridge above */
	bool is64;        /* pref: the upper halves are there */
	uint64_t reserve; /* bytes the user wants this window to have, or PCI_NOT_ASKED */
	uint64_t base;    /* result */
	uint64_t size;    /* result; 0: closed */
	uint64_t align;
	uint64_t need; /* bytes of size that are for what is there now */
};

struct pci_fn {
	struct pci_fn *parent;             /* the bridge above, or the host */
	struct pci_fn *child, *last_child; /* behind it, ascending devfn */
	struct pci_fn *next;
	struct dt_node *node;
	pci_bdf bdf;
	uint8_t kind;
	bool express, extended; /* has the capability; registers from 0x100 on are within reach */
	bool gone;              /* stopped answering */
	bool preferred;
	bool pref_window; /* bridge: has a prefetchable window, of whatever width */
	bool fresh;       /* appeared after setup: registers not touched yet */
	bool bad_window;  /* a window does not hold what was written */
	bool stuck;       /* its bus number registers do not hold what is written */
	bool hotplug;     /* functions can be plugged in behind it later */
	bool pads;        /* gets headroom: hotplug, and no such bridge behind it */
	uint8_t dropped;  /* PCI_DROP_*: what it does without */
	uint8_t depth;    /* the host is 0 */
	uint8_t header;   /* header type register */
	uint8_t port;     /* PCI_EXP_* when express */
	uint16_t express_cap;
	uint16_t sriov_cap, rebar_cap;
	uint16_t vendor, device, subvendor, subsystem;
	uint32_t class_rev;
	uint32_t
		order; /* place in a depth-first walk: for decisions that must not depend on chance */
	uint8_t secondary, subordinate; /* bridges; 0 when no number was left */
	uint8_t reserve_buses;          /* numbers the user wants kept free behind this bridge */
	uint8_t latency; /* of the secondary side, kept when the numbers beside it change */
	struct pci_res *res;
	unsigned nres;
	struct pci_win win[PCI_POOLS];
};

/* One entry of the PHB's ranges. */
struct pci_range {
	uint64_t pci, cpu, size;
};

struct pci_host {
	struct dt_tree *tree;
	const struct bus *raw; /* as given */
	struct bus bus;        /* the same, counting */
	uint64_t accesses;
	struct pci_fn root;
	struct pci_range range[PCI_POOLS]; /* size 0: absent */
	uint64_t min_align;                /* of memory BARs */
	uint8_t last_bus;                  /* the highest number we may give */
	uint8_t used_bus;                  /* the highest given */
	uint32_t taken[8];                 /* numbers that bridges hold which cannot be changed */
	uint64_t retry_ms;                 /* left for functions that ask to be tried later */
	unsigned nfns, nbuses, left_out, faults;
	unsigned level[PCI_POOLS]; /* which headroom was given: 0 the most */
	bool (*wanted)(void *ctx, const struct dt_node *node);
	void *wanted_ctx;
};

/* "00:02.0" of a function; text has room for 8 bytes. */
#define PCI_BDF_FMT      "%02x:%02x.%x"
#define PCI_BDF_ARGS(fn) PCI_BUS((fn)->bdf), PCI_DEV((fn)->bdf), PCI_FN((fn)->bdf)

/* host.c: the table */
struct pci_fn *pci_fn_new(struct pci_host *host, struct pci_fn *parent, uint8_t devfn);
/* Put a function that came late in its place by devfn. */
void pci_fn_sort_in(struct pci_fn *fn);
void pci_fn_delete(struct pci_host *host, struct pci_fn *fn);
/* A walk over all functions, parents first. Start with &host->root, which is not itself returned. */
struct pci_fn *pci_fn_next(const struct pci_host *host, const struct pci_fn *fn);
struct pci_fn *pci_fn_of_node(struct pci_host *host, const struct dt_node *node);
static inline bool pci_is_bridge(const struct pci_fn *fn)
{
	return fn->kind == PCI_KIND_BRIDGE;
}
/* Does anything answer there? Marks it gone if not. */
bool pci_fn_alive(struct pci_host *host, struct pci_fn *fn);
/* Does this function decode memory or I/O addresses, as far as placement goes? */
bool pci_res_is(const struct pci_res *res, enum pci_res_state state);

/* scan.c: find all functions and give every bridge its bus numbers. */
void pci_scan(struct pci_host *host);

/* identify.c: the function at this place, put into the table and, if a bridge, closed; NULL: nobody there. */
struct pci_fn *pci_probe(struct pci_host *host, struct pci_fn *parent, uint8_t devfn);
/* Unit text to devfn: "1f,7". False if it is not that. */
bool pci_unit_devfn(const char *unit, uint8_t *devfn);

/* buses.c: make a bridge claim no bus, the next number and all behind it, what was found behind it. */
void pci_bus_close(struct pci_host *host, struct pci_fn *fn);
bool pci_bus_open(struct pci_host *host, struct pci_fn *fn); /* false: told, and it stays closed */
void pci_bus_narrow(struct pci_host *host, struct pci_fn *fn);
/* Give the buses users asked for, if all fit; pure. True when numbers changed. */
bool pci_spread_buses(struct pci_host *host);
/* Write the table's bus numbers, bus by bus from the top, closing each level before opening it. */
void pci_write_buses(struct pci_host *host);
/* Do all bridges hold the table's numbers? */
bool pci_buses_hold(struct pci_host *host);
/*
 * Number all buses anew, with one for fn. False, and nothing changed, if the numbers do not suffice or
 * some cannot be moved. Publishes the new numbers; registers are pci_write_buses()' job.
 */
bool pci_number_anew(struct pci_host *host, struct pci_fn *fn);

/* bars.c: ask every function for what it wants. Registers are left as found, decoding off. */
void pci_size_bars(struct pci_host *host);
/* Which windows a bridge has. They are left in disorder: to be written afterwards. */
void pci_size_windows(struct pci_host *host, struct pci_fn *fn);

/* assign.c: no configuration access. 0 or E_NOMEM. */
int pci_assign(struct pci_host *host) MUST_CHECK;
/* headroom.c: bytes of headroom at a level, 0 the most generous. */
#define PCI_LEVELS 5u
uint64_t pci_headroom(enum pci_pool pool, unsigned level);
struct strbuf;
/* "64M", "none, reserves not kept": what a level of headroom gives; level 0 is the full one. */
void pci_headroom_text(struct strbuf *sb, enum pci_pool pool, unsigned level);

/* program.c */
void pci_program(struct pci_host *host);
/* Stop a bridge from forwarding. */
void pci_close_bridge(struct pci_host *host, struct pci_fn *fn);
/* Write its windows and let it forward. */
void pci_program_bridge(struct pci_host *host, struct pci_fn *fn);

/* tree.c */
void pci_publish(struct pci_host *host);
/* reg, assigned-addresses and bus-range again, after all buses got other numbers. */
void pci_publish_numbers(struct pci_host *host);
/* bus-range, ranges and interrupt-map of a bridge again. */
void pci_publish_bridge(struct pci_fn *fn);
void pci_publish_added(struct pci_host *host, struct pci_fn *fn);
/*
 * tree.c: undo what a merged tree of QEMU's brings anew. QEMU reads subsystem ids at the same place of
 * every header; a bridge has the upper half of its prefetchable window there.
 */
void pci_correct_merged(struct pci_host *host);

/* check.c: how many invariants are broken; each is logged. */
unsigned pci_check(const struct pci_host *host);
/* The same of what holds only until drivers begin: endpoints decode nothing, bridges forward. */
unsigned pci_check_decoding(struct pci_host *host);

/* dump.c */
const char *pci_pool_name(enum pci_pool pool);
/* "00:02.0 1af4:1000 020000 ethernet@2 [bus 01-01]"; "bar0 mem32 4K at 80000000" or why not. */
void pci_fn_text(struct strbuf *sb, const struct pci_fn *fn);
void pci_res_text(struct strbuf *sb, const struct pci_fn *fn, const struct pci_res *res);
/* What a resource is called: "bar0", "rom", "vf-bar2"; its kind: "io", "mem32", "pref64". */
void pci_res_name(struct strbuf *sb, const struct pci_fn *fn, const struct pci_res *res);
const char *pci_res_kind(const struct pci_res *res);
/* "64K": exact for powers of two, else rounded down to two or more digits. */
void pci_size_text(struct strbuf *sb, uint64_t size);
void pci_log_functions(struct pci_host *host); /* counts left_out */

/* names.c */
struct dt_cells;
/* What QEMU calls a device in -device, "" if it is not in the table. */
const char *pci_qemu_name(const struct pci_fn *fn);
/* A capability's name, NULL if it is not in the table. */
const char *pci_cap_name(uint16_t id, bool extended);
void pci_compatible(const struct pci_fn *fn, struct dt_cells *out);

#endif
