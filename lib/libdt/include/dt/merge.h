/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Merging a second tree from the same giver (the reply of client-architecture-support) into the live
 * one. Rules: nodes are matched by path, name by name; a property that came from a flattened tree
 * takes the new value, one of the firmware's keeps ours; a property or node that came from a
 * flattened tree and is missing from the new one goes; a new node is moved over whole. The policy
 * names the exceptions.
 */
#ifndef DT_MERGE_H
#define DT_MERGE_H

#include "dt/node.h"

struct dt_merge_policy {
	/* Must this node keep what the new tree leaves out? (/chosen.) May be NULL: never. */
	bool (*keep)(const struct dt_node *node);
	/* Called for each node that has appeared, after it was moved, parents first. May be NULL. */
	void (*added)(struct dt_node *node, void *ctx);
	/* Called for each node about to vanish, with everything below still there. May be NULL. */
	void (*removed)(struct dt_node *node, void *ctx);
	void *ctx;
};

struct dt_merge_report {
	unsigned nodes_added, nodes_removed, props_changed, props_removed;
};

/*
 * Merge from into tree; from is emptied and freed. A vanishing node's phandle may be taken over by
 * an appearing one (the interrupt controller renamed by XIVE keeps phandle 0x1111, so that
 * interrupt-maps stay true). Appearing nodes without phandle get the next free number.
 */
struct dt_merge_report dt_merge(struct dt_tree *tree, struct dt_tree *from,
				const struct dt_merge_policy *policy);

#endif
