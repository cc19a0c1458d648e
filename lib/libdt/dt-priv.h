/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of libdt share with one another and with nobody else. */
#ifndef DT_PRIV_H
#define DT_PRIV_H

#include "dt/node.h"

#define DT_DEPTH_MAX 64u /* nesting accepted from outside */

/* ---- node.c ---- */

/* A tree with nothing in it, not even a root. */
void dt_tree_clear(struct dt_tree *tree);
/* A node with its "name" property, linked below parent (NULL: the root), without a phandle yet. */
struct dt_node *dt_node_make(struct dt_tree *tree, struct dt_node *parent, const char *name,
			     size_t len, enum dt_origin origin);
/* Put a node that has no phandle into the table; false if the number is taken or not allowed. */
bool dt_node_claim(struct dt_tree *tree, struct dt_node *node, uint32_t phandle) MUST_CHECK;
/* The same with the next free number. */
void dt_node_number(struct dt_tree *tree, struct dt_node *node);
/* Make a node, already unlinked from where it was, the last child of parent. */
void dt_node_link(struct dt_node *parent, struct dt_node *node);
/* Free an unlinked node and all below it, and forget their phandles. */
void dt_node_destroy(struct dt_tree *tree, struct dt_node *top);

/* ---- prop.c ---- */

/* A new last property, known not to be there yet; data becomes its own. NULL: no memory. */
struct dt_prop *dt_prop_append(struct dt_node *node, const char *name, void *data, size_t len,
			       enum dt_origin origin) MUST_CHECK;
/* Link a property, already unlinked from where it was, as the last one. */
void dt_prop_link(struct dt_node *node, struct dt_prop *prop);
void dt_prop_free(struct dt_prop *prop);

/* ---- index.c: names found in constant time, for work on whole trees ---- */

struct dt_index_entry {
	const void *owner; /* whose name it is: the address of a node's child or props field */
	const char *name;  /* not copied */
	void *value;
};

struct dt_index {
	struct dt_index_entry *slot;
	uint32_t slots, used;
};

/* Add a name. 0, E_EXIST (nothing changed) or E_NOMEM. An index of zeros is an empty one. */
int dt_index_add(struct dt_index *ix, const void *owner, const char *name, void *value) MUST_CHECK;
/* The value of a name, or NULL. */
void *dt_index_find(const struct dt_index *ix, const void *owner, const char *name);
void dt_index_free(struct dt_index *ix);

#endif
