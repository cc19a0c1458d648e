/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Paths as QEMU writes them, which are not always those of the tree: a bridge loses its function
 * (dt_path_follow() knows), a disk behind a host has no node before somebody looked for it, an NVMe
 * namespace is called nvme-ns below its controller, or, in QEMU 10, without it. What comes out is the
 * tree's own path, so that the same device is recognised whoever named it.
 */
#include "boot-priv.h"

#include <stdio.h>
#include <string.h>

#include "base/heap.h"
#include "dt/path.h"
#include "of/scsi.h"

#define NAMESPACE "nvme-ns"

static bool is_named(const struct dt_component *c, const char *name)
{
	return c->name_len == strlen(name) && !memcmp(c->name, name, c->name_len);
}

static bool can_load(const struct dt_node *node)
{
	return method_find(node, "load", 4) != NULL;
}

static bool is_nvme(const struct dt_node *node)
{
	return !strncmp(node->name, "mass-storage@", 13) || !strncmp(node->name, "nvme@", 5);
}

static bool populate(struct dt_node *node)
{
	const struct pkg_class *cls = of_class(node);

	return cls && cls->populate && cls->populate(node);
}

/* The first disk of a controller: its child with a unit address, or itself. */
static struct dt_node *first_namespace(struct dt_node *controller)
{
	(void)populate(controller);
	for (struct dt_node *n = controller->child; n; n = n->next)
		if (*dt_unit(n) && can_load(n))
			return n;
	return can_load(controller) ? controller : NULL;
}

/* The node that a namespace's component means below node; anywhere if that is the root. */
static struct dt_node *any_namespace(struct dt_node *node)
{
	struct dt_node *root = of_tree()->root, *found = NULL;

	if (node != root)
		return first_namespace(node);
	for (struct dt_node *n = root; n && !found; n = dt_next(root, n))
		if (is_nvme(n))
			found = first_namespace(n);
	return found;
}

/* The node a path leads to; *rest: the text behind its component, "" or ":arguments". NULL: none. */
static struct dt_node *follow(const char *path, const char **rest)
{
	struct dt_node *node = dt_path_follow(of_tree(), path, rest);
	struct dt_component c;
	const char *at;

	while (**rest && populate(node))
		node = dt_path_follow(of_tree(), path, rest);
	at = *rest;
	if (!*at)
		return node;
	if (!dt_path_next(&at, &c) || !is_named(&c, NAMESPACE))
		return NULL;
	*rest = c.name + c.name_len;
	return any_namespace(node);
}

static unsigned depth_of(const struct dt_node *node)
{
	unsigned n = 0;

	for (; node->parent; node = node->parent)
		n++;
	return n;
}

/* The text behind the component that means the node: each component means one. */
static const char *behind(const char *path, const struct dt_node *node)
{
	struct dt_component c = {0};

	for (unsigned n = depth_of(node); n > 0; n--)
		if (!dt_path_next(&path, &c))
			return "";
	return c.args ? c.args - 1 : "";
}

char *boot_concat(const char *a, const char *b)
{
	size_t room = strlen(a) + strlen(b) + 1;
	char *text = try_alloc(room);

	if (text)
		snprintf(text, room, "%s%s", a, b);
	return text;
}

static char *path_with(const struct dt_node *node, const char *args)
{
	size_t len = dt_path_of(node, NULL, 0);
	char *path = try_alloc(len + 1), *text;

	if (!path)
		return NULL;
	dt_path_of(node, path, len + 1);
	text = boot_concat(path, args);
	heap_free(path);
	return text;
}

char *boot_path_resolve(const char *path)
{
	char *full = dt_path_expand(of_tree(), path), *text = NULL;
	const struct dt_node *node;
	const char *rest;

	if (!full && *path != '/') {
		of_populate_all(); /* an alias of a disk nobody has looked for yet */
		full = dt_path_expand(of_tree(), path);
	}
	if (!full)
		return NULL;
	node = follow(full, &rest);
	if (node && node != of_tree()->root)
		text = path_with(node, *rest ? rest : behind(full, node));
	heap_free(full);
	return text;
}
