/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tree's two ends: intake of a flattened tree and its making. libfdt validates; the tree is
 * built in one pass, in time proportional to the blob.
 */
#ifndef DT_FDT_H
#define DT_FDT_H

#include "dt/node.h"

/*
 * Check a blob of at most max bytes at a multiple of 8: header complete (40 bytes), version 16 or 17,
 * everything inside totalsize <= max, depth at most 64, names of nodes and properties 1 to 255 bytes
 * without '/' in a node's, one root, then libfdt's full check. Linear in the blob. 0 or E_FORMAT; *why (may be NULL) then
 * names what is wrong, in a string that lives for ever. *size gets its totalsize on success.
 */
int dt_fdt_check(const void *blob, size_t max, size_t *size, const char **why) MUST_CHECK;

/*
 * Build tree (initialised here) from a checked blob. Every node gets a "name" property; phandle and
 * linux,phandle properties become the node's phandle and stay readable. Two nodes with one phandle:
 * the first keeps it, the second loses those properties and is numbered like the nodes that came
 * without: from 1 up in tree order, skipping what the blob states. All origins are DT_FROM_FDT. Two
 * children of one node with the same name, two properties of one node: the second is dropped, with
 * all below it. "name" properties of the blob are dropped for our own. 0, E_FORMAT or E_NOMEM, the
 * tree then being empty.
 */
int dt_from_fdt(struct dt_tree *tree, const void *blob) MUST_CHECK;

/* The n-th entry of the memory reserve map; E_NOENT behind the last. */
int dt_fdt_reserved(const void *blob, unsigned n, uint64_t *addr, uint64_t *size) MUST_CHECK;

/*
 * Flatten: version 17, compatible back to 16, one empty reserve entry. Every node gets a phandle
 * property with its number, and linux,phandle where it had one; "name" properties are left out. The
 * result is a heap block of *size bytes the caller frees; NULL when memory is short.
 */
void *dt_to_fdt(const struct dt_tree *tree, uint32_t boot_cpuid, size_t *size) MUST_CHECK;

#endif
