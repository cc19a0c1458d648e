/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Aliases. devalias makes one for as long as the machine runs; nvalias also writes it as a line of
 * nvramrc, where the next start finds it.
 */
#include "words-priv.h"

#include <string.h>

#include "base/err.h"
#include "base/heap.h"
#include "base/strbuf.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/env.h"
#include "of/scsi.h"

static struct dt_node *aliases(void)
{
	return dt_child_get(of_tree(), of_tree()->root, "aliases");
}

static int show_alias(struct forth *f, const struct dt_prop *prop)
{
	if (strcmp(prop->name, "name") != 0)
		words_printf(f, "%s : %s\r\n", prop->name, (const char *)prop->data);
	return words_poll();
}

static int show_aliases(struct forth *f)
{
	int err = 0;

	words_fresh_line();
	of_populate_all();
	for (const struct dt_prop *prop = aliases()->props; prop && !err; prop = prop->next) {
		if (dt_prop_get_str(aliases(), prop->name))
			err = show_alias(f, prop);
	}
	return err;
}

static bool good_name(const char *name)
{
	return *name && strlen(name) <= ENV_NAME_MAX && !strpbrk(name, "/:@\\") &&
	       strcmp(name, "name") != 0;
}

/* The name and path behind devalias and nvalias. */
static int parse_alias(struct forth *f, char **name, char **path)
{
	int err = words_parse_text(f, name);

	if (err)
		return err;
	err = words_parse_text(f, path);
	if (err)
		heap_free(*name);
	return err;
}

static int set_alias(struct forth *f, const char *name, const char *path)
{
	if (!good_name(name))
		return forth_abort(f, "%s: not a name for an alias", name);
	return dt_prop_try_set(aliases(), name, path, strlen(path) + 1) ? THROW_MEMORY : 0;
}

static int w_devalias(struct forth *f)
{
	char *name, *path;
	int err = parse_alias(f, &name, &path);

	if (err)
		return err;
	if (!*name)
		err = show_aliases(f);
	else if (*path)
		err = set_alias(f, name, path);
	else if (dt_prop_get_str(aliases(), name))
		err = show_alias(f, dt_prop_find(aliases(), name));
	else
		err = forth_abort(f, "%s: no such alias", name);
	heap_free(name);
	heap_free(path);
	return err;
}

/* ---- nvramrc ------------------------------------------------------------------------------- */

/* Is the line at p "devalias NAME ..."? */
static bool is_line_of(const char *p, size_t len, const char *name)
{
	static const char word[] = "devalias ";
	size_t n = strlen(name);

	return len > sizeof(word) - 1 + n && !memcmp(p, word, sizeof(word) - 1) &&
	       !memcmp(p + sizeof(word) - 1, name, n) && p[sizeof(word) - 1 + n] == ' ';
}

/* nvramrc without the lines of this alias, with room for more bytes at its end. */
static char *script_without(const char *name, size_t more, bool *found)
{
	const char *p = env_get_str("nvramrc");
	char *out = try_alloc((p ? strlen(p) : 0) + more + 3);
	size_t at = 0;

	*found = false;
	while (out && p && *p) {
		size_t len = strcspn(p, "\r\n"), end = len + strspn(p + len, "\r\n");

		if (is_line_of(p, len, name)) {
			*found = true;
		} else {
			memcpy(out + at, p, end);
			at += end;
		}
		p += end;
	}
	if (out)
		out[at] = '\0';
	return out;
}

static int store_script(struct forth *f, const char *text)
{
	int err = env_set("nvramrc", text, strlen(text));

	return err ? words_fail(f, "nvramrc", err) : 0;
}

static int nvalias(struct forth *f, const char *name, const char *path)
{
	size_t more = sizeof("devalias  \r\n") + strlen(name) + strlen(path);
	bool found;
	char *text;
	int err = set_alias(f, name, path);

	if (err)
		return err;
	text = script_without(name, more, &found);
	if (!text)
		return THROW_MEMORY;
	if (*text && text[strlen(text) - 1] != '\n')
		strcat(text, "\r\n");
	strcat(text, "devalias ");
	strcat(text, name);
	strcat(text, " ");
	strcat(text, path);
	strcat(text, "\r\n");
	err = store_script(f, text);
	heap_free(text);
	if (!err && env_set("use-nvramrc?", "true", 4))
		err = forth_abort(f, "use-nvramrc? cannot be set");
	return err;
}

static int w_nvalias(struct forth *f)
{
	char *name, *path;
	int err = parse_alias(f, &name, &path);

	if (err)
		return err;
	err = *path ? nvalias(f, name, path) : forth_abort(f, "usage: nvalias NAME PATH");
	heap_free(name);
	heap_free(path);
	return err;
}

static int w_nvunalias(struct forth *f)
{
	bool found;
	char *name, *text;
	int err = words_parse_text(f, &name);

	if (err)
		return err;
	text = script_without(name, 0, &found);
	if (!text)
		err = THROW_MEMORY;
	else if (!found)
		err = forth_abort(f, "%s: not in nvramrc", name);
	else
		err = store_script(f, text);
	if (!err)
		dt_prop_delete(aliases(), name);
	heap_free(text);
	heap_free(name);
	return err;
}

/* ---- devices of a kind --------------------------------------------------------------------- */

static const char *alias_of(const char *path)
{
	for (const struct dt_prop *p = aliases()->props; p; p = p->next) {
		if (strcmp(p->name, "name") != 0 && !strcmp((const char *)p->data, path))
			return p->name;
	}
	return "";
}

static int show_kind(struct forth *f, const char *type)
{
	struct dt_node *root = of_tree()->root;
	unsigned n = 0;
	int err = 0;

	of_populate_all();
	for (struct dt_node *node = root; node && !err; node = dt_next(root, node)) {
		const char *have = dt_prop_get_str(node, "device_type");
		char *path;

		if (!have || strcmp(have, type) != 0)
			continue;
		path = words_path_of(node);
		if (!path)
			return THROW_MEMORY;
		words_printf(f, "%-10s %s%s\r\n", alias_of(path), path,
			     of_class(node) ? "" : " (no driver)");
		heap_free(path);
		n++;
		err = words_poll();
	}
	if (n == 0)
		words_printf(f, "none\r\n");
	return err;
}

static int w_show_disks(struct forth *f)
{
	return show_kind(f, "block");
}

static int w_show_nets(struct forth *f)
{
	return show_kind(f, "network");
}

// clang-format off
static const struct forth_word rows[] = {
	{"devalias",   "( -- )", w_devalias, 0, "List aliases, show one, or make one: devalias [NAME [PATH]]"},
	{"nvalias",    "( -- )", w_nvalias, 0, "Make an alias that stays: nvalias NAME PATH"},
	{"nvunalias",  "( -- )", w_nvunalias, 0, "Remove an alias made by nvalias: nvunalias NAME"},
	{"show-disks", "( -- )", w_show_disks, FORTH_LINES, "List disks and CD-ROMs"},
	{"show-nets",  "( -- )", w_show_nets, FORTH_LINES, "List network devices"},
};
// clang-format on
const struct words_table words_alias = {rows, ARRAY_SIZE(rows)};
