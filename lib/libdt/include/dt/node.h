/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The live device tree. A node is data; it does not know what a package is. Children and properties
 * keep the order they were made in. Phandles are table numbers, never addresses: QEMU's where it
 * gave one, else the next free number; looking one up costs the same however large the tree is, and
 * garbage from a client is a failed lookup.
 *
 * Every node and property knows who made it. What came from the flattened tree (DT_FROM_FDT) follows
 * later flattened trees (merge.h); what the firmware or a client wrote stays.
 */
#ifndef DT_NODE_H
#define DT_NODE_H

#include "base/compiler.h"

enum dt_origin { DT_FROM_FDT, DT_FROM_FIRMWARE };

struct dt_prop {
	struct dt_prop *next;
	const char *name; /* owned by the property */
	uint8_t *data;    /* owned; never NULL, 8-byte aligned */
	uint32_t len;     /* bytes */
	enum dt_origin origin;
};

struct dt_node {
	struct dt_node *parent, *child, *last_child, *next; /* creation order */
	struct dt_prop *props, *last_prop;                  /* creation order */
	uint32_t phandle;                                   /* never 0 */
	uint32_t changes;                                   /* to its properties: grows with each */
	enum dt_origin origin;
	void *package; /* slof/of's, opaque here */
	char name[];   /* "virtio@1,0"; the root's is "" */
};

struct dt_tree {
	struct dt_node *root;
	struct dt_node **slot; /* phandle hash table, owned */
	uint32_t slots;        /* its size, a power of two */
	uint32_t nodes;        /* nodes in the tree */
	uint32_t next_phandle;
};

/* A tree with an empty root node, whose phandle is 1. */
void dt_tree_init(struct dt_tree *tree);
/* Free every node; the tree then has no root. */
void dt_tree_free(struct dt_tree *tree);

/* A new last child of parent with the next free phandle. name is copied: "base" or "base@unit". */
struct dt_node *dt_node_new(struct dt_tree *tree, struct dt_node *parent, const char *name,
			    enum dt_origin origin);
/* The same with len bytes of name, not terminated. */
struct dt_node *dt_node_new_n(struct dt_tree *tree, struct dt_node *parent, const char *name,
			      size_t len, enum dt_origin origin);
/*
 * Give a node another phandle, and its phandle and linux,phandle properties, if it has them, the new
 * number. E_EXIST if it is taken by another node, E_INVAL for 0 and ~0.
 */
int dt_node_set_phandle(struct dt_tree *tree, struct dt_node *node, uint32_t phandle) MUST_CHECK;
/* Unlink and free a node and all below it. The root cannot be deleted. */
void dt_node_delete(struct dt_tree *tree, struct dt_node *node);

struct dt_node *dt_find_phandle(const struct dt_tree *tree, uint32_t phandle);
/* The child with exactly this name ("pci@1,2"), or NULL. */
struct dt_node *dt_child_find(const struct dt_node *parent, const char *name);
struct dt_node *dt_child_find_n(const struct dt_node *parent, const char *name, size_t len);
/* The child with this name, made if it is not there (origin firmware). */
struct dt_node *dt_child_get(struct dt_tree *tree, struct dt_node *parent, const char *name);
/* The next node of a walk over everything below top, parents first; NULL at the end. Start with top. */
struct dt_node *dt_next(const struct dt_node *top, const struct dt_node *node);

/* The part of the name before '@' (its length) and after it ("" if there is none). */
size_t dt_base_len(const struct dt_node *node);
const char *dt_unit(const struct dt_node *node);

#endif
