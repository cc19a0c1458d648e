/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Device paths (IEEE 1275 4.3): "/pci@800000020000000/scsi@2/disk@8000:1,\file". Lookup accepts
 * aliases for the first component, a node name without unit, a unit without name ("/@2"), arguments
 * behind ':' of every component, unit addresses in either case, and leading zeros. Node names are
 * compared exactly.
 */
#ifndef DT_PATH_H
#define DT_PATH_H

#include "dt/node.h"

/* One component, pointing into the path text. */
struct dt_component {
	const char *name;
	size_t name_len; /* 0: any name */
	const char *unit;
	size_t unit_len;  /* 0 and unit == NULL: no '@' was written */
	const char *args; /* behind the ':'; NULL: none was written */
	size_t args_len;
};

/*
 * Take the next component off *path (leading '/' are skipped) and advance it. False at the end, *path
 * then points at the NUL. Knows text only: arguments end at the next '/', even in the last component.
 */
bool dt_path_next(const char **path, struct dt_component *c);
/*
 * The child a component means, or NULL. The first in tree order when several match: "disk" means
 * any disk, "@2" anything at 2.
 */
struct dt_node *dt_path_step(const struct dt_node *parent, const struct dt_component *c);
/*
 * One step down an expanded path: take the next component off *path, go from *node to the child it
 * means. Here arguments may contain '/': they end at a '/' only if a child of the node found comes
 * behind it, else they run to the end of the text, slashes at the end included. False at the end of
 * the path (*path then points at the NUL) and when there is no such child (*path then points at the
 * component that has none, *node is the deepest node found). Walks a path when every node of it is
 * to be seen: while (dt_path_down(&node, &path, &c)) ...; if (*path) not found.
 */
bool dt_path_down(struct dt_node **node, const char **path, struct dt_component *c);

/*
 * Follow an expanded path as QEMU writes it into its boot list, as far as the tree goes: the deepest node, the
 * root if there is none; *rest points at the component that has no node (a disk nobody has looked
 * for yet), or at the NUL. Unlike above, "pci@6" with more behind it also means bridges at 6,1 to 6,7, of which
 * QEMU does not write the function: of several ways the deepest counts, then the first in tree order.
 */
struct dt_node *dt_path_follow(const struct dt_tree *tree, const char *path, const char **rest);

/*
 * Resolve an absolute path or one that starts with an alias; "" and "/" are the root. Arguments
 * behind an alias ("disk:2") replace those in the alias's last component. On success *node is the
 * node and *args (args may be NULL) a copy of the last component's arguments that the caller frees
 * with heap_free(), NULL if no ':' was written. 0, E_NOENT, E_DEPTH for an alias loop, E_NOMEM.
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

/*
 * Do two unit addresses mean the same? Fields between commas are compared as hex numbers of any
 * length if both are, else as text without regard to case; missing ones count as 0: "2" is "2,0" and
 * "02". No unit at all is equal only to none.
 */
bool dt_unit_equal(const char *a, size_t a_len, const char *b, size_t b_len);

#endif
