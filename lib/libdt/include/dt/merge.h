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
	/* Must this node keep what the new tree leaves out: properties, children, itself? (/chosen.)
	 * Not asked for nodes below one that goes. May be NULL: never. */
	bool (*keep)(const struct dt_node *node);
	/* Called for each node that has appeared, when the merge is otherwise done, parents first. May
	 * add nodes and change properties, not delete nodes. May be NULL. */
	void (*added)(struct dt_node *node, void *ctx);
	/* Called for each node about to vanish, parents first, all of its branch still there. May
	 * change properties of nodes that stay, not make or delete nodes. May be NULL. */
	void (*removed)(struct dt_node *node, void *ctx);
	void *ctx;
};

struct dt_merge_report {
	unsigned nodes_added, nodes_removed; /* with those below */
	unsigned props_changed,
		props_removed; /* of nodes in both trees; new ones count as changed */
};

/*
 * Merge from (as dt_from_fdt() made it) into tree; from is emptied and freed. policy may be NULL. A vanishing node's phandle may be taken over by
 * an appearing one (the interrupt controller renamed by XIVE keeps phandle 0x1111, so that
 * interrupt-maps stay true). Appearing nodes without phandle get the next free number. A node in both
 * trees keeps its phandle unless the new tree states another that is free. Nodes that stay keep their
 * order, new ones come behind them in the new tree's. "name" is never removed.
 */
struct dt_merge_report dt_merge(struct dt_tree *tree, struct dt_tree *from,
				const struct dt_merge_policy *policy);

#endif
