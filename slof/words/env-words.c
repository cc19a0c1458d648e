/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Configuration variables: showing and setting them, and their names as words. A variable's word
 * asks the environment each time, so it always gives the value that holds.
 */
#include "words-priv.h"

#include <string.h>

#include "base/err.h"
#include "base/heap.h"
#include "of/env.h"

static bool find_variable(const char *name, struct env_var *var)
{
	unsigned at = 0;

	while (env_next(&at, var)) {
		if (!strcmp(var->name, name))
			return true;
	}
	return false;
}

/* ---- variables as words --------------------------------------------------------------------- */

static int do_text(struct forth *f)
{
	const char *text = env_get_str(forth_name(f));

	words_push_str(f, text ? text : "");
	return 0;
}

static int do_int(struct forth *f)
{
	forth_push(f, env_get_int(forth_name(f)));
	return 0;
}

static int do_flag(struct forth *f)
{
	forth_push(f, env_get_flag(forth_name(f)) ? ~(cell_t)0 : 0);
	return 0;
}

static int do_mode(struct forth *f)
{
	const char *text = env_get_str(forth_name(f));

	forth_push(f, text && *text >= '0' && *text <= '2' ? (cell_t)(*text - '0') : 0);
	return 0;
}

static const struct forth_word kinds[] = {
	[ENV_STRING] = {"", "( -- addr len )", do_text, 0, ""},
	[ENV_INT] = {"", "( -- n )", do_int, 0, ""},
	[ENV_FLAG] = {"", "( -- flag )", do_flag, 0, ""},
	[ENV_BYTES] = {"", "( -- addr len )", do_text, 0, ""},
	[ENV_SECMODE] = {"", "( -- n )", do_mode, 0, ""},
};

static int define(struct forth *f, const char *name, enum env_type type)
{
	struct forth_text t = {name, strlen(name)};

	return forth_find(f, name, t.len) ? 0 : forth_define(f, t, &kinds[type], 0);
}

int words_env_init(struct forth *f)
{
	struct env_var var;
	unsigned at = 0;
	int err = 0;

	while (!err && env_next(&at, &var))
		err = define(f, var.name, var.type);
	return err;
}

/* ---- showing ------------------------------------------------------------------------------- */

/* A value in a column of a table, its lines below each other; width 0: the last column. */
static void print_value(struct forth *f, const char *text, int indent, int width)
{
	int len = 0;

	for (; *text; text++, len++) {
		if (text[0] == '\r' && text[1] == '\n')
			text++;
		if (*text == '\n')
			words_printf(f, "\r\n%*s", indent, "");
		else
			forth_type(f, *text >= ' ' ? text : ".", 1);
	}
	if (width > 0)
		words_printf(f, "%*s", len < width ? width - len : 1, "");
}

static int show_one(struct forth *f, const char *name)
{
	struct env_var var;

	if (!find_variable(name, &var))
		return forth_abort(f, "%s is not a configuration variable", name);
	words_printf(f, "Current: ");
	print_value(f, var.value, 9, 0);
	words_printf(f, "\r\nDefault: ");
	print_value(f, var.def ? var.def : "(none)", 9, 0);
	words_printf(f, "\r\n");
	return 0;
}

static int show_all(struct forth *f)
{
	struct env_var var;
	unsigned at = 0;
	int err = 0;

	words_printf(f, "%-24s%-26s%s\r\n", "Variable", "Current", "Default");
	while (!err && env_next(&at, &var)) {
		words_printf(f, "%-24s", var.name);
		print_value(f, var.value, 24, 26);
		print_value(f, var.def ? var.def : "", 50, 0);
		words_printf(f, "\r\n");
		err = words_poll();
	}
	return err;
}

static int print_named(struct forth *f, const char *name)
{
	return *name ? show_one(f, name) : show_all(f);
}

static int w_printenv(struct forth *f)
{
	return words_with_name(f, print_named);
}

/* ---- setting ------------------------------------------------------------------------------- */

static int set(struct forth *f, const char *name, const char *value, size_t len)
{
	struct env_var var;
	int err = env_set(name, value, len);

	if (err == E_INVAL && find_variable(name, &var))
		return forth_abort(f, "%s cannot be \"%.40s\", only %s", name, value,
				   env_rule(var.type));
	if (err == E_INVAL)
		return forth_abort(f, "\"%.40s\" is no name for a variable", name);
	if (err)
		return words_fail(f, name, err);
	return find_variable(name, &var) ? define(f, name, var.type) : 0;
}

static int w_setenv(struct forth *f)
{
	char *name, *value = NULL;
	int err = words_parse_text(f, &name);

	if (err)
		return err;
	err = words_parse_line(f, &value);
	if (!err)
		err = *name ? set(f, name, value, strlen(value))
			    : forth_abort(f, "usage: setenv NAME VALUE");
	heap_free(name);
	heap_free(value);
	return err;
}

/* ( value-addr value-len name-addr name-len -- ) */
static int w_dollar_setenv(struct forth *f)
{
	const uint8_t *value;
	char *name;
	size_t len;
	int err = words_pop_text(f, &name);

	if (err)
		return err;
	err = words_pop_bytes(f, &value, &len);
	if (!err)
		err = set(f, name, (const char *)value, len);
	heap_free(name);
	return err;
}

static int set_default(struct forth *f, const char *name)
{
	int err;

	if (!*name)
		return forth_abort(f, "usage: set-default NAME");
	if (!strcmp(name, "nvramrc"))
		words_remember_nvramrc();
	err = env_set_default(name);
	if (err == E_NOENT)
		return forth_abort(f, "%s is not a configuration variable", name);
	return err ? words_fail(f, name, err) : 0;
}

static int w_set_default(struct forth *f)
{
	return words_with_name(f, set_default);
}

static int w_set_defaults(struct forth *f)
{
	int err;

	words_remember_nvramrc();
	err = env_set_defaults();
	return err ? words_fail(f, "set-defaults", err) : 0;
}

// clang-format off
static const struct forth_word rows[] = {
	{"printenv",     "( -- )", w_printenv, FORTH_LINES, "Show configuration variables: printenv [NAME]"},
	{"setenv",       "( -- )", w_setenv, 0, "Set a configuration variable: setenv NAME VALUE"},
	{"$setenv",      "( addr len addr len -- )", w_dollar_setenv, 0, "Set a configuration variable: value, name"},
	{"set-default",  "( -- )", w_set_default, 0, "Give a configuration variable its default: set-default NAME"},
	{"set-defaults", "( -- )", w_set_defaults, 0, "Give all configuration variables their defaults"},
};
// clang-format on
const struct words_table words_env = {rows, ARRAY_SIZE(rows)};
