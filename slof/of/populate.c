/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Nodes that are not there until somebody looks. Asking a SCSI host for its disks takes hardware and
 * time, so it is done only for the hosts that a path leads through, or for all when somebody wants to see
 * everything. To who looks, the tree seems to have been complete all the time.
 */
#include "base/heap.h"
#include "dt/path.h"
#include "of/instance.h"
#include "of/machine.h"
#include "of/scsi.h"

#include <string.h>

static bool populate(struct dt_node *node)
{
	const struct pkg_class *cls = of_class(node);

	return cls && cls->populate && cls->populate(node);
}

/*
 * Go down a path and populate what it leads through. True if nodes were made: the path may mean something
 * else now ("/scsi@1:args/disk@0" is a disk, or a host with arguments). Else *out is where it leads, or NULL.
 */
static bool went_down(const char *path, struct dt_node **out)
{
	struct dt_node *node = of_tree()->root;
	struct dt_component c;

	while (dt_path_down(&node, &path, &c)) {
		bool goes_on = *path || (c.args && memchr(c.args, '/', c.args_len));

		if (goes_on && populate(node))
			return true;
	}
	*out = *path ? NULL : node;
	return false;
}

/* Every round populates at least one more node for good. */
static struct dt_node *find_full(const char *path)
{
	struct dt_node *node = NULL;

	while (went_down(path, &node))
		;
	if (node && node->parent == of_tree()->root && !strcmp(node->name, "aliases"))
		of_populate_all();
	return node;
}

/* An alias that is not there may be that of a node that is not there yet. */
static char *expand(const char *path)
{
	char *full = dt_path_expand(of_tree(), path);

	if (full)
		return full;
	of_populate_all();
	return dt_path_expand(of_tree(), path);
}

struct dt_node *of_find_node(const char *path)
{
	struct dt_node *node;
	char *full;

	if (*path == '/')
		return find_full(path);
	full = expand(path);
	node = full ? find_full(full) : NULL;
	heap_free(full);
	return node;
}

void of_populate_all(void)
{
	struct dt_node *root = of_tree()->root;

	for (struct dt_node *n = root; n; n = dt_next(root, n))
		populate(n);
}
