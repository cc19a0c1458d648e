/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bus addresses to CPU addresses. At each bus on the way up, ranges maps the bus's own addresses to
 * its parent's: an empty one says that they are the same, a missing one that there is no way. PCI
 * addresses have three cells of which the first tells the space: I/O ranges serve I/O addresses,
 * and memory ranges, be they declared 32 or 64 bits wide, memory addresses; nothing maps
 * configuration space.
 */
#include "dt/translate.h"

#include "base/arith.h"
#include "base/err.h"
#include "dt/cells.h"
#include "dt/prop.h"

#define PCI_CELLS 3u
#define CELLS_MAX 4u

enum space { SPACE_CONFIG, SPACE_IO, SPACE_MEM };

struct place {
	enum space space; /* meaningful below a PCI bus */
	uint64_t addr;
};

struct shape {
	unsigned child, parent, size; /* cells of the parts of an entry */
};

static enum space space_of(uint32_t phys_hi)
{
	switch (phys_hi >> 24 & 3) {
	case 0:
		return SPACE_CONFIG;
	case 1:
		return SPACE_IO;
	default:
		return SPACE_MEM;
	}
}

static struct place read_place(struct dt_reader *r, unsigned cells, enum space otherwise)
{
	struct place p = {otherwise, 0};

	if (cells == PCI_CELLS)
		p.space = space_of(dt_read_u32(r));
	p.addr = dt_read_cells(r, cells == PCI_CELLS ? 2 : cells);
	return p;
}

/* Move *p from bus to its parent by the entries in r. */
static int by_ranges(struct dt_reader *r, struct shape cells, uint64_t size, struct place *p)
{
	while (r->left > 0) {
		struct place from = read_place(r, cells.child, p->space);
		struct place to = read_place(r, cells.parent, p->space);
		uint64_t len = dt_read_cells(r, cells.size);
		uint64_t offset = p->addr - from.addr;

		if (r->short_of)
			return E_FORMAT;
		if (from.space != p->space || p->addr < from.addr || offset >= len ||
		    size > len - offset)
			continue;
		if (!add_ok(to.addr, offset, &to.addr))
			return E_FORMAT;
		*p = to;
		return 0;
	}
	return E_NOENT;
}

static int one_bus_up(const struct dt_node *bus, uint64_t size, struct place *p)
{
	struct shape cells = {dt_address_cells(bus), dt_address_cells(bus->parent),
			      dt_size_cells(bus)};
	const struct dt_prop *ranges = dt_prop_find(bus, "ranges");
	struct dt_reader r = dt_read(bus, "ranges");

	if (!ranges || (cells.child == PCI_CELLS && p->space == SPACE_CONFIG))
		return E_NOENT;
	if (ranges->len == 0)
		return 0;
	if (cells.child == 0 || cells.child > CELLS_MAX || cells.parent == 0 ||
	    cells.parent > CELLS_MAX || cells.size > CELLS_MAX)
		return E_FORMAT;
	if (ranges->len % (4 * (cells.child + cells.parent + cells.size)) != 0)
		return E_FORMAT;
	return by_ranges(&r, cells, size, p);
}

int dt_translate(const struct dt_node *bus, uint32_t space_cell, uint64_t addr, uint64_t size,
		 uint64_t *cpu)
{
	struct place p = {space_of(space_cell), addr};

	if (size == 0)
		size = 1;
	for (; bus->parent; bus = bus->parent) {
		int err = one_bus_up(bus, size, &p);

		if (err)
			return err;
	}
	*cpu = p.addr;
	return 0;
}
