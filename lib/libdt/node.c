/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Nodes: making, linking, deleting, walking, and the table of phandles. The table is an open hash
 * that doubles when half full, so that finding a phandle takes a step or two whatever the tree's
 * size; an entry is removed by closing the gap, so that no tombstones pile up. Own numbers come
 * from a counter that only goes up (and round after 2^32): a number that was freed does not come
 * back soon, and a client that kept it gets "no such node" rather than another node.
 */
#include "dt/node.h"

#include "base/err.h"
#include "base/heap.h"
#include "base/panic.h"
#include "dt-priv.h"
#include "dt/prop.h"

#include <string.h>

#define FIRST_SLOTS  64u
#define PHANDLE_NONE 0xffffffffu

/* ---- the phandle table ---- */

static uint32_t hash(uint32_t phandle)
{
	uint32_t h = phandle * 0x9e3779b1u;

	return h ^ h >> 16;
}

/* The slot that holds a phandle, or the empty one where it belongs. */
static struct dt_node **place(const struct dt_tree *tree, uint32_t phandle)
{
	uint32_t mask = tree->slots - 1;
	uint32_t i = hash(phandle) & mask;

	while (tree->slot[i] && tree->slot[i]->phandle != phandle)
		i = (i + 1) & mask;
	return &tree->slot[i];
}

static void table_grow(struct dt_tree *tree)
{
	struct dt_node **old = tree->slot;
	uint32_t old_slots = tree->slots;

	tree->slots = old_slots ? old_slots * 2 : FIRST_SLOTS;
	tree->slot = xalloc(tree->slots * sizeof(struct dt_node *));
	for (uint32_t i = 0; i < old_slots; i++) {
		if (old[i])
			*place(tree, old[i]->phandle) = old[i];
	}
	heap_free(old);
}

/* Take a node out and move up what stands behind it in the same run of full slots. */
static void table_remove(struct dt_tree *tree, const struct dt_node *node)
{
	uint32_t mask = tree->slots - 1;
	uint32_t hole = (uint32_t)(place(tree, node->phandle) - tree->slot);

	assert(tree->slot[hole] == node);
	for (uint32_t i = (hole + 1) & mask; tree->slot[i]; i = (i + 1) & mask) {
		uint32_t home = hash(tree->slot[i]->phandle) & mask;

		if (((i - home) & mask) >= ((i - hole) & mask)) {
			tree->slot[hole] = tree->slot[i];
			hole = i;
		}
	}
	tree->slot[hole] = NULL;
}

struct dt_node *dt_find_phandle(const struct dt_tree *tree, uint32_t phandle)
{
	return tree->slots ? *place(tree, phandle) : NULL;
}

bool dt_node_claim(struct dt_tree *tree, struct dt_node *node, uint32_t phandle)
{
	assert(node->phandle == 0);
	if (phandle == 0 || phandle == PHANDLE_NONE || dt_find_phandle(tree, phandle))
		return false;
	if (tree->nodes >= tree->slots / 2)
		table_grow(tree);
	node->phandle = phandle;
	*place(tree, phandle) = node;
	return true;
}

void dt_node_number(struct dt_tree *tree, struct dt_node *node)
{
	while (!dt_node_claim(tree, node, tree->next_phandle++))
		;
}

/* The properties that repeat the phandle must not contradict it. */
static void refresh_phandle_props(struct dt_node *node)
{
	static const char *const names[] = {"phandle", "linux,phandle"};

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		const struct dt_prop *prop = dt_prop_find(node, names[i]);
		enum dt_origin origin = prop ? prop->origin : DT_FROM_FIRMWARE;

		if (prop) {
			dt_prop_set_u32(node, names[i], node->phandle);
			dt_prop_find(node, names[i])->origin = origin;
		}
	}
}

int dt_node_set_phandle(struct dt_tree *tree, struct dt_node *node, uint32_t phandle)
{
	const struct dt_node *holder = dt_find_phandle(tree, phandle);

	if (phandle == 0 || phandle == PHANDLE_NONE)
		return E_INVAL;
	if (holder && holder != node)
		return E_EXIST;
	if (!holder) {
		table_remove(tree, node);
		node->phandle = phandle;
		*place(tree, phandle) = node;
	}
	refresh_phandle_props(node);
	return 0;
}

/* ---- making and linking ---- */

void dt_node_link(struct dt_node *parent, struct dt_node *node)
{
	node->parent = parent;
	node->next = NULL;
	if (parent->last_child)
		parent->last_child->next = node;
	else
		parent->child = node;
	parent->last_child = node;
}

struct dt_node *dt_node_make(struct dt_tree *tree, struct dt_node *parent, const char *name,
			     size_t len, enum dt_origin origin)
{
	struct dt_node *node = xalloc(sizeof(*node) + len + 1);
	size_t base;
	char *text;

	memcpy(node->name, name, len);
	node->origin = origin;
	if (parent)
		dt_node_link(parent, node);
	else
		tree->root = node;
	tree->nodes++;

	base = dt_base_len(node);
	text = parent ? xstrndup(node->name, base) : xstrdup("/");
	if (!dt_prop_append(node, "name", text, strlen(text) + 1, origin))
		panic("dt: no memory for a name");
	return node;
}

void dt_tree_clear(struct dt_tree *tree)
{
	*tree = (struct dt_tree){.next_phandle = 1};
}

void dt_tree_init(struct dt_tree *tree)
{
	dt_tree_clear(tree);
	dt_node_number(tree, dt_node_make(tree, NULL, "", 0, DT_FROM_FIRMWARE));
}

struct dt_node *dt_node_new_n(struct dt_tree *tree, struct dt_node *parent, const char *name,
			      size_t len, enum dt_origin origin)
{
	struct dt_node *node;

	assert(parent);
	node = dt_node_make(tree, parent, name, len, origin);
	dt_node_number(tree, node);
	return node;
}

struct dt_node *dt_node_new(struct dt_tree *tree, struct dt_node *parent, const char *name,
			    enum dt_origin origin)
{
	return dt_node_new_n(tree, parent, name, strlen(name), origin);
}

/* ---- deleting ---- */

static void free_node(struct dt_tree *tree, struct dt_node *node)
{
	for (struct dt_prop *prop = node->props, *next; prop; prop = next) {
		next = prop->next;
		dt_prop_free(prop);
	}
	if (node->phandle && tree->slots)
		table_remove(tree, node);
	tree->nodes--;
	heap_free(node);
}

void dt_node_destroy(struct dt_tree *tree, struct dt_node *top)
{
	struct dt_node *node = top;

	/* leaves first; a node goes when its last child has gone */
	for (;;) {
		struct dt_node *parent = node->parent;

		if (node->child) {
			node = node->child;
			continue;
		}
		if (node != top)
			parent->child = node->next;
		free_node(tree, node);
		if (node == top)
			return;
		node = parent;
	}
}

void dt_node_delete(struct dt_tree *tree, struct dt_node *node)
{
	struct dt_node *parent = node->parent, *before = NULL;

	assert(parent);
	for (struct dt_node *n = parent->child; n != node; n = n->next)
		before = n;
	if (before)
		before->next = node->next;
	else
		parent->child = node->next;
	if (parent->last_child == node)
		parent->last_child = before;
	dt_node_destroy(tree, node);
}

void dt_tree_free(struct dt_tree *tree)
{
	/* without the table first: nobody will ask it again */
	heap_free(tree->slot);
	tree->slot = NULL;
	tree->slots = 0;
	if (tree->root)
		dt_node_destroy(tree, tree->root);
	*tree = (struct dt_tree){0};
}

/* ---- finding and walking ---- */

struct dt_node *dt_child_find_n(const struct dt_node *parent, const char *name, size_t len)
{
	struct dt_node *n = parent->child;

	while (n && (strncmp(n->name, name, len) != 0 || n->name[len]))
		n = n->next;
	return n;
}

struct dt_node *dt_child_find(const struct dt_node *parent, const char *name)
{
	return dt_child_find_n(parent, name, strlen(name));
}

struct dt_node *dt_child_get(struct dt_tree *tree, struct dt_node *parent, const char *name)
{
	struct dt_node *node = dt_child_find(parent, name);

	return node ? node : dt_node_new(tree, parent, name, DT_FROM_FIRMWARE);
}

struct dt_node *dt_next(const struct dt_node *top, const struct dt_node *node)
{
	if (node->child)
		return node->child;
	while (node != top && !node->next)
		node = node->parent;
	return node == top ? NULL : node->next;
}

size_t dt_base_len(const struct dt_node *node)
{
	return strcspn(node->name, "@");
}

const char *dt_unit(const struct dt_node *node)
{
	const char *at = node->name + dt_base_len(node);

	return *at ? at + 1 : at;
}
