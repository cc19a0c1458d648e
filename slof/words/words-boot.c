/* SPDX-License-Identifier: BSD-2-Clause */
/* Booting from Forth. What goes wrong has been told by the time of_boot() returns. */
#include "words-priv.h"

#include <string.h>

#include "base/err.h"
#include "base/heap.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/block.h"
#include "of/boot.h"

/*
 * Is the first word behind boot a device? Options and assignments are arguments for the usual device;
 * all else is meant as a device, so that a misspelt alias is told and nothing else is booted.
 */
static bool is_device(const char *word)
{
	if (*word == '/')
		return true;
	return *word && *word != '-' && !memchr(word, '=', strcspn(word, " \t"));
}

/* boot [DEVICE] [ARGUMENTS] */
static int with_device(struct forth *f, int (*run)(const char *device, const char *args))
{
	char *line, *args;
	size_t len;
	int err = words_parse_line(f, &line);

	if (err)
		return err;
	args = line;
	len = strcspn(line, " \t");
	if (is_device(line)) {
		args = line + len + strspn(line + len, " \t");
		line[len] = '\0';
		err = run(line, *args ? args : NULL);
	} else {
		err = run(NULL, *args ? args : NULL);
	}
	heap_free(line);
	return err ? THROW_ABORT : 0;
}

static int w_boot(struct forth *f)
{
	return with_device(f, of_boot);
}

static int w_load(struct forth *f)
{
	return with_device(f, of_load);
}

/* What was loaded, or else the program that waits for this prompt. */
static int w_go(struct forth *f)
{
	if (of_is_loaded())
		return of_go() ? THROW_ABORT : 0;
	return words_prompt_leave() ? THROW_QUIT : forth_abort(f, "nothing is loaded");
}

static int w_boot_menu(struct forth *f UNUSED)
{
	if (!of_boot_menu())
		return 0;
	return of_boot(NULL, NULL) ? THROW_ABORT : 0;
}

static int w_boot_order(struct forth *f)
{
	struct boot_candidate c;
	bool halt = false;
	unsigned at = 0;
	int err = 0;

	while (!err && of_boot_next(&at, &c, &halt)) {
		words_printf(f, "%-12s %s\r\n", c.origin, c.path);
		err = words_poll();
	}
	if (at == 0)
		words_printf(f, "none\r\n");
	if (halt)
		words_printf(f, "and nothing else: the host wants it so\r\n");
	return err;
}

/* ---- dir ------------------------------------------------------------------------------------ */

#define NAME_SHOWN 200u

struct listing {
	struct forth *f;
	int err;
};

static bool show_entry(void *ctx, const struct of_dir_entry *e)
{
	struct listing *l = ctx;
	char name[NAME_SHOWN];
	size_t n = 0;

	for (; e->name[n] && n + 1 < sizeof(name); n++)
		name[n] = (uint8_t)e->name[n] < ' ' || e->name[n] == 0x7f ? '?' : e->name[n];
	name[n] = '\0';
	words_printf(l->f, "%12llu  %s%s\r\n", (unsigned long long)e->size, name,
		     e->is_dir    ? "\\"
		     : e->is_link ? " (a link)"
				  : "");
	l->err = words_poll();
	return l->err == 0;
}

/* dir DEVICE[:ARGUMENTS] */
static int w_dir(struct forth *f)
{
	struct listing l = {f, 0};
	const char *why = "";
	char *line;
	size_t len;
	int err = words_parse_line(f, &line);

	if (err)
		return err;
	len = strlen(line);
	while (len > 0 && line[len - 1] == ' ')
		line[--len] = '\0';
	err = of_block_dir(len ? line : "disk", show_entry, &l, &why);
	if (err && !l.err)
		l.err = forth_abort(f, "%s: %s", len ? line : "disk", why);
	heap_free(line);
	return l.err;
}

enum { VAR = FORTH_VARIES };
// clang-format off
static const struct forth_word rows[] = {
	{"boot",            "( -- )", w_boot, VAR, "Load and run: boot [DEVICE[:ARGUMENTS]] [ARGUMENTS]"},
	{"load",            "( -- )", w_load, VAR, "Load, without running it: load [DEVICE[:ARGUMENTS]] [ARGUMENTS]"},
	{"go",              "( -- )", w_go, VAR, "Run what was loaded, or continue the program that entered the prompt"},
	{"boot-menu-start", "( -- )", w_boot_menu, VAR, "Choose what to boot"},
	{"dir",             "( -- )", w_dir, FORTH_LINES, "List files: dir DEVICE[:[PARTITION][,PATH]]"},
	{"boot-order",      "( -- )", w_boot_order, FORTH_LINES, "Show what boot would try, in order"},
};
// clang-format on
const struct words_table words_boot = {rows, ARRAY_SIZE(rows)};
