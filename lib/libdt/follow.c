/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Paths as QEMU writes them into its boot list. It leaves out the function of a bridge: what is behind
 * "pci@6,3" it calls "pci@6/...". So a bridge's component may mean any bridge in that slot, and the way
 * that leads deepest is the right one.
 */
#include "dt/path.h"

#include <string.h>

#define DEPTH_MAX 64u

struct way {
	struct dt_node *node;
	const char *rest;
	unsigned depth;
	bool found; /* anything yet */
};

/* Is this another function of the bridge a component names? */
static bool is_in_slot(const struct dt_node *node, const struct dt_component *c)
{
	const char *unit = dt_unit(node);

	return c->name_len == 3 && !memcmp(c->name, "pci", 3) && dt_base_len(node) == 3 &&
	       !memcmp(node->name, "pci", 3) && c->unit && !memchr(c->unit, ',', c->unit_len) &&
	       dt_unit_equal(c->unit, c->unit_len, unit, strcspn(unit, ","));
}

/* Recursion: DEPTH_MAX. No node is looked at twice, as each has one parent. */
static void follow(struct dt_node *node, const char *path, unsigned depth, struct way *best)
{
	struct dt_node *exact = node;
	const char *rest = path;
	struct dt_component c;

	if (!best->found || depth > best->depth)
		*best = (struct way){node, path, depth, true};
	if (depth == DEPTH_MAX)
		return;
	if (dt_path_down(&exact, &rest, &c))
		follow(exact, rest, depth + 1, best);
	rest = path;
	if (!dt_path_next(&rest, &c) || !*rest)
		return;
	for (struct dt_node *n = node->child; n && *best->rest; n = n->next)
		if (n != exact && is_in_slot(n, &c))
			follow(n, rest, depth + 1, best);
}

struct dt_node *dt_path_follow(const struct dt_tree *tree, const char *path, const char **rest)
{
	struct way best = {.found = false};

	follow(tree->root, path, 0, &best);
	*rest = best.rest + strspn(best.rest, "/");
	return best.node;
}
