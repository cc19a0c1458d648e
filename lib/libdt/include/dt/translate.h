/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses of a bus seen from the CPU: up through every ranges property to the root. */
#ifndef DT_TRANSLATE_H
#define DT_TRANSLATE_H

#include "dt/node.h"

/*
 * Translate a physical address of bus's children into a CPU address. space_cell is the first cell of
 * a three-cell PCI address (its ss bits tell I/O, memory of either width, configuration space, which
 * is never mapped); ignored for other buses. size 0 counts as 1. 0, E_NOENT when no range covers
 * [addr, addr+size) or a bus has no ranges, E_FORMAT for a malformed ranges.
 */
int dt_translate(const struct dt_node *bus, uint32_t space_cell, uint64_t addr, uint64_t size,
		 uint64_t *cpu) MUST_CHECK;

#endif
