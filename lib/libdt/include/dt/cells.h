/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Building and reading properties made of 32-bit big-endian cells. A builder grows as needed and
 * ends as a property without another copy; a reader never leaves the property.
 */
#ifndef DT_CELLS_H
#define DT_CELLS_H

#include "dt/node.h"

struct dt_cells {
	uint8_t *data;
	size_t len, room; /* bytes */
};

/* An empty builder expecting about that many cells (0: no idea). Panics when memory runs out. */
struct dt_cells dt_cells_new(size_t expect);
void dt_cells_u32(struct dt_cells *c, uint32_t v);
void dt_cells_u64(struct dt_cells *c, uint64_t v); /* two cells, high first */
void dt_cells_bytes(struct dt_cells *c, const void *data, size_t len);
void dt_cells_str(struct dt_cells *c, const char *text); /* NUL included */
/* Set the property and leave the builder empty. */
struct dt_prop *dt_cells_set(struct dt_cells *c, struct dt_node *node, const char *name);

struct dt_reader {
	const uint8_t *at;
	size_t left;   /* bytes */
	bool short_of; /* a read went past the end; it returned 0 */
};
/* A reader over a property; an absent one reads as empty. */
struct dt_reader dt_read(const struct dt_node *node, const char *name);
uint32_t dt_read_u32(struct dt_reader *r);
uint64_t dt_read_u64(struct dt_reader *r);
/* An address or size of 0..2 cells; more cells: the upper ones must be zero, else short_of. */
uint64_t dt_read_cells(struct dt_reader *r, unsigned cells);

/* #address-cells / #size-cells a node states for its children; the standard's 2 and 1 if absent. */
unsigned dt_address_cells(const struct dt_node *node);
unsigned dt_size_cells(const struct dt_node *node);

#endif
