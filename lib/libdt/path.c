/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Device paths. The difficulty is the '/' in arguments: "/scsi@2/disk@0:1,/boot/x" names the file
 * /boot/x on a disk, while "/scsi@2:a/disk@0" goes on below a node that was given arguments. The
 * rule: arguments end at the next '/' if what follows names a child of the node they were given to,
 * and run to the end of the text if not. No component is looked at more than twice, so the work
 * grows with the text. A component without arguments that names no child is an error, whatever
 * stands before it.
 *
 * A text that does not start with '/' begins with an alias, which ends at the first '/' or ':'.
 * Aliases may name aliases, up to a limit. Arguments written behind an alias take the place of those
 * in its last component.
 */
#include "dt/path.h"

#include "base/err.h"
#include "base/heap.h"
#include "dt-priv.h"
#include "dt/prop.h"

#include <string.h>
#include <strings.h>

#define ALIAS_DEPTH_MAX 8u

/* ---- unit addresses ---- */

struct field {
	const char *text;
	size_t len;
};

/* Take a unit's next field off; an empty one behind the last. */
static struct field next_field(struct field *unit)
{
	const char *comma = unit->len > 0 ? memchr(unit->text, ',', unit->len) : NULL;
	struct field f = {unit->text, comma ? (size_t)(comma - unit->text) : unit->len};
	size_t used = f.len + (comma ? 1 : 0);

	if (used > 0)
		unit->text += used;
	unit->len -= used;
	return f;
}

static bool is_hex(struct field f)
{
	while (f.len > 0 && strchr("0123456789abcdefABCDEF", f.text[f.len - 1]))
		f.len--;
	return f.len == 0;
}

static struct field without_zeros(struct field f)
{
	while (f.len > 0 && *f.text == '0') {
		f.text++;
		f.len--;
	}
	return f;
}

static bool field_equal(struct field a, struct field b)
{
	if (is_hex(a) && is_hex(b)) {
		a = without_zeros(a);
		b = without_zeros(b);
	}
	return a.len == b.len && (a.len == 0 || strncasecmp(a.text, b.text, a.len) == 0);
}

bool dt_unit_equal(const char *a, size_t a_len, const char *b, size_t b_len)
{
	struct field ua = {a, a_len}, ub = {b, b_len};

	if (a_len == 0 || b_len == 0)
		return a_len == b_len;
	while (ua.len > 0 || ub.len > 0) {
		if (!field_equal(next_field(&ua), next_field(&ub)))
			return false;
	}
	return true;
}

/* ---- components ---- */

bool dt_path_next(const char **path, struct dt_component *c)
{
	const char *p = *path + strspn(*path, "/");

	*path = p;
	*c = (struct dt_component){0};
	if (!*p)
		return false;
	c->name = p;
	c->name_len = strcspn(p, "@:/");
	p += c->name_len;
	if (*p == '@') {
		c->unit = ++p;
		c->unit_len = strcspn(p, ":/");
		p += c->unit_len;
	}
	if (*p == ':') {
		c->args = ++p;
		c->args_len = strcspn(p, "/");
		p += c->args_len;
	}
	*path = p;
	return true;
}

static bool component_is(const struct dt_component *c, const struct dt_node *node)
{
	size_t base = dt_base_len(node);
	const char *unit = dt_unit(node);

	if (c->name_len > 0 && (c->name_len != base || memcmp(c->name, node->name, base) != 0))
		return false;
	return c->unit_len == 0 || dt_unit_equal(c->unit, c->unit_len, unit, strlen(unit));
}

struct dt_node *dt_path_step(const struct dt_node *parent, const struct dt_component *c)
{
	struct dt_node *node = parent->child;

	if (c->name_len == 0 && c->unit_len == 0)
		return NULL;
	while (node && !component_is(c, node))
		node = node->next;
	return node;
}

bool dt_path_down(struct dt_node **node, const char **path, struct dt_component *c)
{
	const char *rest = *path + strspn(*path, "/");
	struct dt_component ahead;
	const char *look;
	struct dt_node *child;

	*path = rest;
	if (!dt_path_next(&rest, c))
		return false;
	child = dt_path_step(*node, c);
	if (!child)
		return false;
	look = rest;
	if (c->args && (!dt_path_next(&look, &ahead) || !dt_path_step(child, &ahead))) {
		c->args_len = strlen(c->args);
		rest = c->args + c->args_len;
	}
	*node = child;
	*path = rest;
	return true;
}

/* ---- aliases ---- */

static const char *alias_value(const struct dt_tree *tree, const char *name, size_t len)
{
	const struct dt_node *aliases = dt_child_find(tree->root, "aliases");
	struct dt_prop *prop = aliases ? aliases->props : NULL;

	while (prop && (strncmp(prop->name, name, len) != 0 || prop->name[len]))
		prop = prop->next;
	/* IEEE 1275 3.2.2.1.1's "name" is a property of the node /aliases, not an alias */
	return prop && strcmp(prop->name, "name") != 0 ? dt_prop_get_str(aliases, prop->name)
						       : NULL;
}

static char *try_join(const char *a, size_t a_len, const char *b)
{
	size_t b_size = strlen(b) + 1;
	char *text = try_alloc(a_len + b_size);

	if (text) {
		memcpy(text, a, a_len);
		memcpy(text + a_len, b, b_size);
	}
	return text;
}

/* An alias's value up to the arguments of its last component. */
static size_t len_without_args(const char *value)
{
	const char *slash = strrchr(value, '/');
	const char *last = slash ? slash : value;

	return (size_t)(last - value) + strcspn(last, ":");
}

static int expand(const struct dt_tree *tree, const char *path, char **out)
{
	char *text = try_join("", 0, path);

	for (unsigned depth = 0; text && *text && *text != '/'; depth++) {
		size_t head = strcspn(text, "/:");
		const char *value = alias_value(tree, text, head);
		char *longer;

		if (!value || depth == ALIAS_DEPTH_MAX) {
			heap_free(text);
			return value ? E_DEPTH : E_NOENT;
		}
		longer =
			try_join(value, text[head] == ':' ? len_without_args(value) : strlen(value),
				 text + head);
		heap_free(text);
		text = longer;
	}
	if (!text)
		return E_NOMEM;
	*out = text;
	return 0;
}

char *dt_path_expand(const struct dt_tree *tree, const char *path)
{
	char *text;

	return expand(tree, path, &text) ? NULL : text;
}

/* ---- paths ---- */

static int resolve(const struct dt_tree *tree, const char *path, struct dt_node **out, char **args)
{
	struct dt_component c, last = {0};
	struct dt_node *node = tree->root;

	while (dt_path_down(&node, &path, &c))
		last = c;
	if (*path)
		return E_NOENT;
	if (args) {
		char *copy = last.args ? try_join(last.args, last.args_len, "") : NULL;

		if (last.args && !copy)
			return E_NOMEM;
		*args = copy;
	}
	*out = node;
	return 0;
}

int dt_path_resolve(const struct dt_tree *tree, const char *path, struct dt_node **node,
		    char **args)
{
	char *text;
	int err = expand(tree, path, &text);

	if (err)
		return err;
	err = resolve(tree, text, node, args);
	heap_free(text);
	return err;
}

struct dt_node *dt_path_find(const struct dt_tree *tree, const char *path)
{
	struct dt_node *node;

	return dt_path_resolve(tree, path, &node, NULL) ? NULL : node;
}

static void put_clipped(char *buf, size_t room, size_t at, const char *text)
{
	size_t len = strlen(text);

	if (room > 0 && at < room - 1)
		memcpy(buf + at, text, len < room - 1 - at ? len : room - 1 - at);
}

size_t dt_path_of(const struct dt_node *node, char *buf, size_t room)
{
	size_t len = 0, at;

	for (const struct dt_node *n = node; n->parent; n = n->parent)
		len += strlen(n->name) + 1;
	/* from the end, as parents are what a node knows */
	at = len;
	for (const struct dt_node *n = node; n->parent; n = n->parent) {
		at -= strlen(n->name);
		put_clipped(buf, room, at, n->name);
		put_clipped(buf, room, --at, "/");
	}
	if (len == 0) {
		put_clipped(buf, room, 0, "/");
		len = 1;
	}
	if (room > 0)
		buf[len < room ? len : room - 1] = 0;
	return len;
}
