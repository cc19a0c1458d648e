/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Paths as QEMU writes them, which are not always those of the tree: a bridge loses its function
 * ("pci@6" for "pci@6,3"), a disk behind a host has no node before somebody looked for it, an NVMe
 * namespace is called nvme-ns below its controller, or (QEMU 10) without it. Each step down the tree is tried
 * exactly first, and leniently where that fails.
 */
#include "boot-priv.h"

#include <string.h>

#include "base/heap.h"
#include "base/strbuf.h"
#include "dt/path.h"
#include "dt/prop.h"

#define NAMESPACE "nvme-ns"

static bool is_named(const struct dt_component *c, const char *name)
{
	return c->name_len == strlen(name) && !memcmp(c->name, name, c->name_len);
}

/* A function of the device the component means: "pci@6" also for "pci@6,3". */
static struct dt_node *any_function(const struct dt_node *parent, const struct dt_component *c)
{
	if (!c->unit_len || memchr(c->unit, ',', c->unit_len))
		return NULL;
	for (struct dt_node *n = parent->child; n; n = n->next) {
		const char *unit = dt_unit(n);

		if (dt_base_len(n) == c->name_len && !memcmp(n->name, c->name, c->name_len) &&
		    dt_unit_equal(unit, strcspn(unit, ","), c->unit, c->unit_len))
			return n;
	}
	return NULL;
}

static bool can_load(const struct dt_node *node)
{
	return method_find(node, "load", 4) != NULL;
}

/* The first namespace: below the node, or, where no controller is named, anywhere. */
static struct dt_node *any_namespace(struct dt_node *parent)
{
	for (struct dt_node *n = dt_next(parent, parent); n; n = dt_next(parent, n)) {
		bool below = parent != of_tree()->root;
		bool is_nvme = !strncmp(n->name, "mass-storage@", 13) ||
			       !strncmp(n->name, "nvme", 4) || !strncmp(n->name, "namespace", 9) ||
			       dt_prop_lists(n, "compatible", "pciclass,010802");

		if (can_load(n) && (below || is_nvme ||
				    (n->parent != of_tree()->root &&
				     !strncmp(n->parent->name, "mass-storage@", 13))))
			return n;
	}
	return NULL;
}

static void populate(struct dt_node *node)
{
	const struct pkg_class *cls = of_class(node);

	if (cls && cls->populate)
		cls->populate(node);
}

/* The child that an exact look did not find; may be the node itself for a namespace that has no node. */
static struct dt_node *step(struct dt_node *node, const struct dt_component *c)
{
	struct dt_node *child;

	populate(node);
	child = dt_path_step(node, c);
	if (!child)
		child = any_function(node, c);
	if (!child && is_named(c, NAMESPACE))
		child = can_load(node) ? node : any_namespace(node);
	return child;
}

static void add(struct strbuf *sb, const struct dt_node *node, const struct dt_component *c)
{
	strbuf_char(sb, '/');
	strbuf_str(sb, node->name);
	if (c->args) {
		strbuf_char(sb, ':');
		strbuf_add(sb, c->args, c->args_len);
	}
}

/* What a lenient step found that is no child of the last node: its path from the root. */
static void add_from_root(struct strbuf *sb, const struct dt_node *node)
{
	size_t len = dt_path_of(node, NULL, 0);
	char *path = xalloc(len + 1);

	dt_path_of(node, path, len + 1);
	*sb = strbuf_on(sb->text, sb->room);
	strbuf_str(sb, path);
	heap_free(path);
}

/* The path as the tree has it; false if something on the way is not there. */
static bool walk(const char *path, struct strbuf *sb)
{
	struct dt_node *node = of_tree()->root, *next;
	struct dt_component c;

	for (;;) {
		while (dt_path_down(&node, &path, &c))
			add(sb, node, &c);
		if (!*path)
			return true;
		if (!dt_path_next(&path, &c))
			return false;
		next = step(node, &c);
		if (!next)
			return false;
		if (next->parent == node) {
			add(sb, next, &c);
		} else {
			add_from_root(sb, next);
			if (c.args)
				strbuf_printf(sb, ":%.*s", (int)c.args_len, c.args);
		}
		node = next;
	}
}

char *boot_path_resolve(const char *path)
{
	char *full = dt_path_expand(of_tree(), path), *text;
	struct strbuf sb = strbuf_on(NULL, 0);

	if (!full)
		return NULL;
	if (!walk(full, &sb) || sb.want == 0) {
		heap_free(full);
		return NULL;
	}
	text = try_alloc(sb.want + 1);
	if (text) {
		sb = strbuf_on(text, sb.want + 1);
		(void)walk(full, &sb);
	}
	heap_free(full);
	return text;
}

void boot_path_populate(void)
{
	for (struct dt_node *n = of_tree()->root; n; n = dt_next(of_tree()->root, n))
		populate(n);
}
