/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PCI: from a host bridge's node and its configuration space to buses with numbers, functions with
 * addresses and a device tree that says so (IEEE 1275 PCI bus binding 2.1; PAPR's use of it).
 *
 * The work is a chain of passes, each with one job: scan (bus numbers), bars (sizes), assign
 * (addresses; pure), program (registers), tree (nodes and properties), check (our own invariants).
 * Whatever a function's registers hold, every pass ends; what cannot be had is left out and named in
 * a warning, never half done.
 */
#ifndef PCI_PCI_H
#define PCI_PCI_H

#include "base/compiler.h"
#include "dev/bus.h"
#include "dt/node.h"

struct pci_host; /* one PHB and all functions below it */

/*
 * Read a PHB's node: ranges, bus-range and qemu,mem-bar-min-align (default 64 KiB). node belongs to
 * tree; both, and bus with what stands behind it, must outlive the host. No configuration access.
 * NULL (logged) if ranges or bus-range is malformed. Freed with pci_host_free().
 */
struct pci_host *pci_host_new(struct dt_tree *tree, struct dt_node *node, const struct bus *bus);

/*
 * A function for which this is true is the last to lose its addresses when space is short: boot
 * devices, the console. To be set before pci_host_setup(); asked once per function that has a node
 * in the given tree. Default: none.
 */
void pci_host_prefer(struct pci_host *host, bool (*wanted)(void *ctx, const struct dt_node *node),
		     void *ctx);

/*
 * Scan, size, assign, program, publish, check. Logs a line per function and a summary. Ends whatever
 * the registers say. Afterwards endpoints have IO, MEM and MASTER clear and bridges have them set. May
 * be called again; the result is the same. 0, or E_NOMEM when nothing could be set up.
 */
int pci_host_setup(struct pci_host *host) MUST_CHECK;

/*
 * Let every function with addresses answer at them: the part of COMMAND for the kinds of address it has. For a look by QEMU's
 * monitor, which shows none that is not decoded; an operating system expects functions that decode nothing.
 */
void pci_host_decode_on(const struct pci_host *host);

/*
 * Write the bus numbers of all bridges from our table, parents first (QEMU's client-architecture
 * call rewrites them), and close the windows of bridges that appeared since. To be called after
 * every such call, when the tree is merged; harmless when nothing changed.
 */
void pci_host_renumber(struct pci_host *host);

/*
 * A node below this PHB appeared in the tree (hot-plugged; parents are reported before children): its
 * reg gets our bus number; a bridge gets a number if one is free where it sits, no windows, and the
 * properties of an empty bus. Touches no register: pci_host_renumber() does.
 */
void pci_host_node_added(struct pci_host *host, struct dt_node *node);
/* A node is about to vanish: forget it and all below. Unknown nodes are ignored. */
void pci_host_node_removed(struct pci_host *host, struct dt_node *node);

/* Is this node the PHB's own or below it? */
bool pci_host_owns(const struct pci_host *host, const struct dt_node *node);

/*
 * The resource map: windows as a tree, base address registers, free room, what was left out. Lines
 * without newline, each valid during the call only.
 */
void pci_host_dump(const struct pci_host *host, void (*emit)(void *ctx, const char *line),
		   void *ctx);

/*
 * The functions, a line each: host bridge, place, class, ids, node name, and what QEMU calls the device where
 * that is known. detail: below each its registers, windows and capabilities, extended ones included. only:
 * NULL or "", or the text "01:02.0" a function's place must begin with.
 */
void pci_host_list(const struct pci_host *host, bool detail, const char *only,
		   void (*emit)(void *ctx, const char *line), void *ctx);

/*
 * Explain the host to a person: a paragraph for each thing that is not as it could be, with the reason and what
 * to change on QEMU's command line; "All is well" if there is none. Lines of at most 80 characters. The
 * invariants are checked again; a broken one is also logged. Returns how many paragraphs are about something
 * that does not work; what is merely worth knowing does not count.
 */
unsigned pci_host_doctor(const struct pci_host *host, void (*emit)(void *ctx, const char *line),
			 void *ctx);

struct pci_summary {
	unsigned functions, buses;
	unsigned left_out;  /* functions that lost something they asked for */
	unsigned faults;    /* broken invariants the self-check found: ours to fix */
	uint64_t placed[3]; /* bytes of I/O, 32-bit memory, 64-bit memory given to BARs */
	uint64_t accesses;  /* configuration accesses so far */
};
struct pci_summary pci_host_summary(const struct pci_host *host);

void pci_host_free(struct pci_host *host);

/*
 * Typed configuration access. reg 0..4095, aligned to its size. A failed read gives all ones, never
 * stale data. A failed write is reported by a non-zero result that may be ignored.
 */
uint8_t pci_cfg_read8(const struct bus *bus, pci_bdf bdf, uint16_t reg);
uint16_t pci_cfg_read16(const struct bus *bus, pci_bdf bdf, uint16_t reg);
uint32_t pci_cfg_read32(const struct bus *bus, pci_bdf bdf, uint16_t reg);
int pci_cfg_write8(const struct bus *bus, pci_bdf bdf, uint16_t reg, uint8_t value);
int pci_cfg_write16(const struct bus *bus, pci_bdf bdf, uint16_t reg, uint16_t value);
int pci_cfg_write32(const struct bus *bus, pci_bdf bdf, uint16_t reg, uint32_t value);

/*
 * Walks over capabilities, bounded for any content: no offset is seen twice. Usage:
 *     struct pci_cap_walk w = pci_caps(bus, bdf);
 *     while (pci_cap_next(&w)) ... w.id, w.at ...
 */
struct pci_cap_walk {
	const struct bus *bus;
	pci_bdf bdf;
	bool extended;
	uint16_t id;       /* of the capability found */
	uint16_t at;       /* its offset */
	uint16_t next;     /* where to look next; 0: nowhere */
	uint32_t seen[32]; /* one bit per dword of configuration space */
};
struct pci_cap_walk pci_caps(const struct bus *bus, pci_bdf bdf);
struct pci_cap_walk pci_ext_caps(const struct bus *bus, pci_bdf bdf);
bool pci_cap_next(struct pci_cap_walk *w);

/* The offset of the first capability with this id, or 0. */
uint16_t pci_find_cap(const struct bus *bus, pci_bdf bdf, uint8_t id);
uint16_t pci_find_ext_cap(const struct bus *bus, pci_bdf bdf, uint16_t id);

/*
 * The generic name of a 24-bit class code, as QEMU makes them (it uses the same in its boot list).
 * Never NULL.
 */
const char *pci_class_name(uint32_t class_code);

#endif
