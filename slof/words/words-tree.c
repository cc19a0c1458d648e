/* SPDX-License-Identifier: BSD-2-Clause */
/* Walking the device tree: the active package, its neighbours, and listing what is there. */
#include "words-priv.h"

#include <string.h>

#include "base/heap.h"
#include "dt/path.h"
#include "of/scsi.h"

/* An absolute path, an alias, ".." and "." of the active package, or a path below it. */
struct dt_node *words_find_node(const char *path)
{
	struct dt_node *node = words_active();
	struct dt_component c;

	if (!*path)
		return NULL;
	if (node && !strcmp(path, "."))
		return node;
	if (node && !strcmp(path, ".."))
		return node->parent ? node->parent : node;
	if (*path == '/' || !node)
		return of_find_node(path);
	while (dt_path_down(&node, &path, &c))
		;
	return *path ? of_find_node(path) : node;
}

static int activate(struct forth *f, char *path)
{
	struct dt_node *node = words_find_node(path);
	int err = 0;

	if (node)
		words_activate(f, node);
	else
		err = forth_abort(f, "%s: no such device", *path ? path : "(no path)");
	heap_free(path);
	return err;
}

static int w_dev(struct forth *f)
{
	char *path;
	int err = words_parse_text(f, &path);

	return err ? err : activate(f, path);
}

static int w_find_device(struct forth *f)
{
	char *path;
	int err = words_pop_text(f, &path);

	return err ? err : activate(f, path);
}

static int w_device_end(struct forth *f)
{
	words_activate(f, NULL);
	return 0;
}

static int print_path(struct forth *f, const struct dt_node *node)
{
	char *path = words_path_of(node);

	if (!path)
		return THROW_MEMORY;
	words_printf(f, "%s\r\n", path);
	heap_free(path);
	return words_poll();
}

static int w_pwd(struct forth *f)
{
	struct dt_node *node;
	int err = words_need_active(f, &node);

	return err ? err : print_path(f, node);
}

/*
 * "ls dev /x" on one line always meant two words, so what stands behind is a path only if it looks like one
 * or is no word.
 */
int words_parse_node(struct forth *f, struct dt_node **out)
{
	struct forth_text t = forth_peek_name(f);
	bool is_path = t.len > 0 && (*t.p == '/' || !forth_find(f, t.p, t.len));
	char *path;
	int err;

	*out = words_active() ? words_active() : of_tree()->root;
	if (!is_path)
		return 0;
	err = words_parse_text(f, &path);
	if (err)
		return err;
	if (*path)
		*out = words_find_node(path);
	if (!*out)
		err = forth_abort(f, "%s: no such device", path);
	heap_free(path);
	return err;
}

int words_parse_branch(struct forth *f, struct dt_node **out)
{
	int err = words_parse_node(f, out);

	if (!err)
		of_populate_all();
	return err;
}

static unsigned depth_below(const struct dt_node *top, const struct dt_node *node)
{
	unsigned n = 0;

	for (; node != top; node = node->parent)
		n++;
	return n;
}

static int w_ls(struct forth *f)
{
	struct dt_node *top, *node;
	int err = words_parse_branch(f, &top);

	if (err)
		return err;
	node = dt_next(top, top);
	for (; node && !err; node = dt_next(top, node)) {
		unsigned depth = depth_below(top, node) - 1;

		words_printf(f, "%8x : %*s%s\r\n", (unsigned)node->phandle, (int)(2 * depth), "",
			     node->name);
		err = words_poll();
	}
	return err;
}

static int w_show_devs(struct forth *f)
{
	struct dt_node *top, *node;
	char *path;
	int err = words_parse_text(f, &path);

	if (err)
		return err;
	of_populate_all();
	top = *path ? words_find_node(path) : of_tree()->root;
	if (!top)
		err = forth_abort(f, "%s: no such device", path);
	heap_free(path);
	if (err)
		return err;
	for (node = top; node && !err; node = dt_next(top, node)) {
		if (node->parent)
			err = print_path(f, node);
	}
	return err;
}

/* ---- phandles ------------------------------------------------------------------------------ */

static struct dt_node *node_of(cell_t phandle)
{
	return phandle <= UINT32_MAX ? dt_find_phandle(of_tree(), (uint32_t)phandle) : NULL;
}

static void push_node(struct forth *f, const struct dt_node *node)
{
	forth_push(f, node ? node->phandle : 0);
}

static int need_node(struct forth *f, cell_t phandle, const struct dt_node **out)
{
	*out = node_of(phandle);
	if (*out)
		return 0;
	(void)forth_abort(f, "%llx is no phandle", (unsigned long long)phandle);
	return THROW_ABORT_QUOTE;
}

static int w_child(struct forth *f)
{
	const struct dt_node *node;
	int err = need_node(f, forth_pop(f), &node);

	if (!err)
		push_node(f, node->child);
	return err;
}

static int w_peer(struct forth *f)
{
	cell_t phandle = forth_pop(f);
	const struct dt_node *node;
	int err = phandle ? need_node(f, phandle, &node) : 0;

	if (!err)
		push_node(f, phandle ? node->next : of_tree()->root);
	return err;
}

static int w_parent(struct forth *f)
{
	const struct dt_node *node;
	int err = need_node(f, forth_pop(f), &node);

	if (!err)
		push_node(f, node->parent);
	return err;
}

static int w_find_package(struct forth *f)
{
	const struct dt_node *node;
	char *name, *path;
	int err = words_pop_text(f, &name);

	if (err)
		return err;
	path = try_alloc(strlen(name) + sizeof("/packages/"));
	if (!path) {
		heap_free(name);
		return THROW_MEMORY;
	}
	/* a name alone is that of a support package */
	strcpy(path, *name == '/' ? "" : "/packages/");
	strcat(path, name);
	node = of_find_node(path);
	if (!node && *name)
		node = of_find_node(name);
	heap_free(path);
	heap_free(name);
	if (node)
		push_node(f, node);
	forth_push(f, node ? ~(cell_t)0 : 0);
	return 0;
}

static int w_get_node(struct forth *f)
{
	push_node(f, words_active());
	return 0;
}

/* The text of the last few calls stays. */
static char *path_buffer(void)
{
	static char buffers[4][1024];
	static unsigned at;

	at = (at + 1) % 4;
	return buffers[at];
}

static int w_node_path(struct forth *f)
{
	char *text = path_buffer();
	const struct dt_node *node;
	int err = need_node(f, forth_pop(f), &node);

	if (err)
		return err;
	dt_path_of(node, text, 1024);
	words_push_str(f, text);
	return 0;
}

static int w_instance_path(struct forth *f)
{
	char *text = path_buffer();
	cell_t handle = forth_pop(f);
	const struct instance *in = instance_find((uint32_t)handle);

	if (!in)
		return forth_abort(f, "%llx is no ihandle", (unsigned long long)handle);
	instance_path(in, false, text, 1024);
	words_push_str(f, text);
	return 0;
}

enum { VAR = FORTH_VARIES };
// clang-format off
static const struct forth_word rows[] = {
	{"dev",           "( -- )",          w_dev, 0, "Make a node the active package: dev PATH, dev .., dev CHILD"},
	{"cd",            "( -- )",          w_dev, 0, "Make a node the active package: cd PATH, cd .., cd CHILD"},
	{"find-device",   "( addr len -- )", w_find_device, 0, "Make the node of a path the active package"},
	{"device-end",    "( -- )",          w_device_end, 0, "No package is active any more"},
	{"pwd",           "( -- )",          w_pwd, FORTH_LINES, "Show the active package's path"},
	{"ls",            "( -- )",          w_ls, FORTH_LINES, "List the tree below a package, the active one, or all of it: ls [PATH]"},
	{"show-devs",     "( -- )",          w_show_devs, FORTH_LINES, "List the paths of all nodes: show-devs [PATH]"},
	{"child",         "( phandle -- phandle )", w_child, 0, "A node's first child, or 0"},
	{"peer",          "( phandle -- phandle )", w_peer, 0, "A node's next sibling, or 0; the root for 0"},
	{"parent",        "( phandle -- phandle )", w_parent, 0, "A node's parent, or 0"},
	{"find-package",  "( addr len -- [phandle] flag )", w_find_package, VAR, "The node of a path or a name in /packages"},
	{"get-node",      "( -- phandle )",  w_get_node, 0, "The active package, or 0"},
	{"active-package", "( -- phandle )", w_get_node, 0, "The active package, or 0"},
	{"node>path",     "( phandle -- addr len )", w_node_path, 0, "A node's path"},
	{"phandle>path",  "( phandle -- addr len )", w_node_path, 0, "A node's path"},
	{"ihandle>path",  "( ihandle -- addr len )", w_instance_path, 0, "The path an instance was opened by"},
	{"instance>path", "( ihandle -- addr len )", w_instance_path, 0, "The path an instance was opened by"},
};
// clang-format on
const struct words_table words_tree = {rows, ARRAY_SIZE(rows)};
