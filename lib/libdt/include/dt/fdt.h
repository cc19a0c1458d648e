/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tree's two ends: intake of a flattened tree and its making. libfdt validates; the tree is
 * built in one pass, in time proportional to the blob.
 */
#ifndef DT_FDT_H
#define DT_FDT_H

#include "dt/node.h"

/*
 * Check a blob of at most max bytes: header complete (40 bytes), version 16 or 17, everything inside
 * totalsize <= max, libfdt's full check, depth at most 64. 0 or E_FORMAT; *why (may be NULL) then
 * names what is wrong, in a string that lives for ever. *size gets its totalsize.
 */
int dt_fdt_check(const void *blob, size_t max, size_t *size, const char **why) MUST_CHECK;

/*
 * Build tree (initialised here) from a checked blob. Every node gets a "name" property; phandle and
 * linux,phandle properties become the node's phandle and stay readable. Two nodes with one phandle:
 * the first keeps it. All origins are DT_FROM_FDT. Two children of one node with the same name:
 * the second is dropped. 0 or E_FORMAT.
 */
int dt_from_fdt(struct dt_tree *tree, const void *blob) MUST_CHECK;

/* The n-th entry of the memory reserve map; E_NOENT behind the last. */
int dt_fdt_reserved(const void *blob, unsigned n, uint64_t *addr, uint64_t *size) MUST_CHECK;

/*
 * Flatten. Every node gets a phandle property; "name" properties are left out (version 17). The
 * result is a heap block of *size bytes the caller frees; NULL when memory is short.
 */
void *dt_to_fdt(const struct dt_tree *tree, uint32_t boot_cpuid, size_t *size) MUST_CHECK;

#endif
