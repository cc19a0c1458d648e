/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a checked flattened tree to a live one: one walk over libfdt's tags, with an index of names
 * that drops a second child or property of the same name, then the numbering. A phandle the giver
 * states beats any number of ours, so our own are given out when all stated ones are known. "name"
 * is what the node is called; a property of that name in the blob is not looked at.
 */
#include "dt/fdt.h"

#include "base/err.h"
#include "base/heap.h"
#include "base/panic.h"
#include "dt-priv.h"
#include "dt/prop.h"

#include <libfdt.h>
#include <string.h>

struct intake {
	struct dt_tree *tree;
	const void *blob;
	struct dt_index seen;
	struct dt_node *node;  /* the open node */
	unsigned depth;        /* open nodes, dropped ones included */
	unsigned dropped_from; /* depth of the open node that is dropped; 0: none */
};

/* Is it the first of that name? 0 or E_EXIST, E_NOMEM. The blob's text outlives the index. */
static int note_name(struct intake *in, const void *owner, const char *name)
{
	return dt_index_add(&in->seen, owner, name, NULL);
}

static int take_node(struct intake *in, int at)
{
	int len, err;
	const char *name = fdt_get_name(in->blob, at, &len);
	struct dt_node *parent = in->node;

	if (!name || ++in->depth > DT_DEPTH_MAX || (!parent && in->tree->root))
		return E_FORMAT;
	if (in->dropped_from)
		return 0;
	err = parent ? note_name(in, &parent->child, name) : 0;
	if (err == E_EXIST) {
		in->dropped_from = in->depth;
		return 0;
	}
	if (!err)
		in->node =
			dt_node_make(in->tree, parent, name, parent ? (size_t)len : 0, DT_FROM_FDT);
	return err;
}

static int end_node(struct intake *in)
{
	if (in->depth == 0)
		return E_FORMAT;
	if (!in->dropped_from)
		in->node = in->node->parent;
	if (in->dropped_from == in->depth)
		in->dropped_from = 0;
	in->depth--;
	return 0;
}

static int take_prop(struct intake *in, int at)
{
	const char *name;
	int len, err;
	const void *value = fdt_getprop_by_offset(in->blob, at, &name, &len);
	void *copy;

	if (!value || !in->node)
		return E_FORMAT;
	if (in->dropped_from || strcmp(name, "name") == 0)
		return 0;
	err = note_name(in, &in->node->props, name);
	if (err)
		return err == E_EXIST ? 0 : err;
	copy = xalloc((size_t)len);
	memcpy(copy, value, (size_t)len);
	if (!dt_prop_append(in->node, name, copy, (size_t)len, DT_FROM_FDT))
		panic("dt: no memory for %s", name);
	return 0;
}

static int take_all(struct intake *in)
{
	for (int at = 0, next, err = 0;; at = next) {
		uint32_t tag = fdt_next_tag(in->blob, at, &next);

		if (tag == FDT_BEGIN_NODE)
			err = take_node(in, at);
		else if (tag == FDT_PROP)
			err = take_prop(in, at);
		else if (tag == FDT_END_NODE)
			err = end_node(in);
		else if (tag == FDT_END)
			return next >= 0 && in->depth == 0 && in->tree->root ? 0 : E_FORMAT;
		if (err)
			return err;
	}
}

/* The number a node's properties ask for, 0 if none. */
static uint32_t stated_phandle(const struct dt_node *node)
{
	return dt_prop_u32_or(node, "phandle", dt_prop_u32_or(node, "linux,phandle", 0));
}

static void number_nodes(struct dt_tree *tree)
{
	for (struct dt_node *n = tree->root; n; n = dt_next(tree->root, n)) {
		uint32_t stated = stated_phandle(n);

		if (stated && dt_node_claim(tree, n, stated)) {
			int err = dt_node_set_phandle(tree, n, stated);

			assert(err == 0);
			continue;
		}
		/* not a number, or somebody else's: not to be believed by who reads the property */
		dt_prop_delete(n, "phandle");
		dt_prop_delete(n, "linux,phandle");
	}
	for (struct dt_node *n = tree->root; n; n = dt_next(tree->root, n)) {
		if (n->phandle == 0)
			dt_node_number(tree, n);
	}
}

int dt_from_fdt(struct dt_tree *tree, const void *blob)
{
	struct intake in = {.tree = tree, .blob = blob};
	int err;

	dt_tree_clear(tree);
	err = take_all(&in);
	dt_index_free(&in.seen);
	if (err)
		dt_tree_free(tree);
	else
		number_nodes(tree);
	return err;
}
