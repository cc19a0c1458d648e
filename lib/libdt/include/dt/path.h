/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Device paths (IEEE 1275 4.3): "/pci@800000020000000/scsi@2/disk@8000:1,\file". Lookup accepts
 * aliases for the first component, a node name without unit, a unit without name ("/@2"), arguments
 * behind ':' of every component, unit addresses in either case, and leading zeros. Where a bus
 * has its own way to write units (PCI's text forms) a comparer may be given.
 */
#ifndef DT_PATH_H
#define DT_PATH_H

#include "dt/node.h"

/* One component, pointing into the path text. */
struct dt_component {
	const char *name;
	size_t name_len; /* 0: any name */
	const char *unit;
	size_t unit_len; /* 0 and unit == NULL: no '@' was written */
	const char *args;
	size_t args_len;
};

/*
 * Take the next component off *path (which points at the text behind a '/', or at '/'); advances
 * *path. False at the end. Arguments run to the next '/' that follows no ':' ... see path.c for the
 * exact rule: in the last component they run to the end of the text.
 */
bool dt_path_next(const char **path, struct dt_component *c);
/* The child a component means, or NULL. The first in tree order when several match. */
struct dt_node *dt_path_step(const struct dt_node *parent, const struct dt_component *c);

/*
 * Resolve a path or alias. start may be NULL for the root (relative paths are then alias or absolute
 * only). On success *node is the node and *args (may be NULL) the last component's arguments inside
 * an expanded copy that the caller frees with heap_free(), NULL if it has none.
 * 0, E_NOENT, or E_DEPTH for an alias loop.
 */
int dt_path_resolve(const struct dt_tree *tree, const char *path, struct dt_node **node,
		    char **args) MUST_CHECK;
/* The same without arguments: the node or NULL. */
struct dt_node *dt_path_find(const struct dt_tree *tree, const char *path);
/*
 * The alias-expanded form of a path: a heap string the caller frees, or NULL if there is no such
 * alias and the path is not absolute.
 */
char *dt_path_expand(const struct dt_tree *tree, const char *path);

/*
 * Write a node's path. Returns its true length without the NUL; at most room bytes, NUL included,
 * are written (always terminated if room > 0).
 */
size_t dt_path_of(const struct dt_node *node, char *buf, size_t room);

/* Do two unit addresses mean the same: case and leading zeros apart, "2" equal to "2,0"? */
bool dt_unit_equal(const char *a, size_t a_len, const char *b, size_t b_len);

#endif
