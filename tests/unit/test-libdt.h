/* SPDX-License-Identifier: BSD-2-Clause */
/* Helpers of the device tree's tests and fuzz target: comparing trees, checking one, reading blobs. */
#ifndef TEST_LIBDT_H
#define TEST_LIBDT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/heap.h"
#include "dt/fdt.h"
#include "dt/path.h"
#include "dt/prop.h"

static inline bool is_phandle_prop(const char *name)
{
	return !strcmp(name, "phandle") || !strcmp(name, "linux,phandle");
}

/* Has b every property of a, with the same bytes? Phandles aside: flattening adds them. */
static inline bool props_within(const struct dt_node *a, const struct dt_node *b)
{
	for (const struct dt_prop *p = a->props; p; p = p->next) {
		const struct dt_prop *q = dt_prop_find(b, p->name);

		if (is_phandle_prop(p->name))
			continue;
		if (!q || p->len != q->len || memcmp(p->data, q->data, p->len))
			return false;
	}
	return true;
}

static inline bool nodes_equal(const struct dt_node *a, const struct dt_node *b)
{
	return !strcmp(a->name, b->name) && props_within(a, b) && props_within(b, a);
}

/* The same nodes in the same order with the same phandles and properties? */
static inline bool trees_equal(const struct dt_tree *a, const struct dt_tree *b)
{
	const struct dt_node *m = a->root, *n = b->root;

	while (m && n) {
		if (!nodes_equal(m, n) || m->phandle != n->phandle ||
		    (m->parent ? m->parent->phandle : 0) != (n->parent ? n->parent->phandle : 0))
			return false;
		m = dt_next(a->root, m);
		n = dt_next(b->root, n);
	}
	return !m && !n && a->nodes == b->nodes;
}

/* The same nodes and properties in whatever order and with whatever phandles? */
static inline bool trees_alike(const struct dt_tree *a, const struct dt_tree *b)
{
	const struct dt_node *m = a->root, *n = b->root;

	if (a->nodes != b->nodes)
		return false;
	while (m) { /* in step: n is m's counterpart */
		const struct dt_node *up = m;

		if (!n || !nodes_equal(m, n))
			return false;
		m = dt_next(a->root, m);
		if (!m)
			return true;
		for (; up != m->parent; up = up->parent)
			n = n->parent;
		n = dt_child_find(n, m->name);
	}
	return false;
}

/* What must hold for every tree: links, phandles, counts, names. NULL or what is wrong. */
static inline const char *tree_fault(const struct dt_tree *t)
{
	uint32_t nodes = 0;

	for (struct dt_node *n = t->root; n; n = dt_next(t->root, n), nodes++) {
		const struct dt_node *last = NULL;
		const struct dt_prop *last_prop = NULL;
		const char *name = dt_prop_get_str(n, "name");

		for (const struct dt_node *c = n->child; c; last = c, c = c->next) {
			if (c->parent != n)
				return "a child has another parent";
		}
		for (const struct dt_prop *p = n->props; p; p = p->next)
			last_prop = p;
		if (last != n->last_child || last_prop != n->last_prop)
			return "last child or property is not the last";
		if (!n->phandle || dt_find_phandle(t, n->phandle) != n)
			return "a phandle does not lead to its node";
		if (dt_prop_u32_or(n, "phandle", n->phandle) != n->phandle ||
		    dt_prop_u32_or(n, "linux,phandle", n->phandle) != n->phandle)
			return "a phandle property contradicts its node";
		if (!name || (n->parent ? strlen(name) != dt_base_len(n) ||
						  strncmp(name, n->name, strlen(name))
					: strcmp(name, "/")))
			return "a name property is not the node's name";
	}
	return nodes == t->nodes ? NULL : "the count of nodes is wrong";
}

/* A file's bytes in a heap block, NULL if it cannot be read. */
static inline void *read_blob(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = f ? xalloc(1 << 20) : NULL;

	if (f) {
		*size = fread(data, 1, 1 << 20, f);
		fclose(f);
	}
	return data;
}

/* The tree of a file, which must be good. */
static inline bool read_tree(const char *path, struct dt_tree *tree)
{
	size_t size, total;
	void *blob = read_blob(path, &size);
	bool ok =
		blob && dt_fdt_check(blob, size, &total, NULL) == 0 && dt_from_fdt(tree, blob) == 0;

	heap_free(blob);
	return ok;
}

#define RECORDED "tests/corpus/fuzz-fdt/"

#endif
