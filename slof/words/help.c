/* SPDX-License-Identifier: BSD-2-Clause */
/* Help: what a word does, and which words there are with a text in their name. */
#include "words-priv.h"

#include <string.h>

#include "base/heap.h"
#include "of/env.h"

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool same(const char *a, const char *b)
{
	while (*a && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return *a == *b;
}

/* clang-format off */
static const char guide[] =
	"help WORD        what a word does\r\n"
	"words            all words; sifting TEXT: those with TEXT in their name\r\n"
	"boot [DEVICE] [ARGUMENTS], load, go, boot-menu-start\r\n"
	"printenv [NAME], setenv NAME VALUE, set-default NAME, set-defaults\r\n"
	"dev PATH, ls, pwd, .properties, lsprop, device-end, show-devs [PATH]\r\n"
	"devalias [NAME [PATH]], nvalias NAME PATH, nvunalias NAME, show-disks, show-nets\r\n"
	"nvedit, nvstore, nvrun\r\n"
	"dmesg, .phases, .trace, .free, .available, .version, test DEVICE\r\n"
	"reset-all, power-off\r\n"
	"Numbers are hexadecimal; d# 10 is ten. Ctrl-C stops what runs.\r\n";
/* clang-format on */

static const struct forth_word *find_row(const struct forth *f, const char *name)
{
	const struct forth_word *row;

	for (size_t i = 0; (row = forth_row(f, i)); i++) {
		if (!(row->flags & FORTH_INTERNAL) && same(row->name, name))
			return row;
	}
	return NULL;
}

static int help_for(struct forth *f, const char *name)
{
	const struct forth_word *row = find_row(f, name);

	if (row)
		words_printf(f, "%s %s %s\r\n", row->name, row->effect, row->help);
	else if (env_get_str(name))
		words_printf(f, "%s is a configuration variable: printenv, setenv\r\n", name);
	else if (forth_find(f, name, strlen(name)))
		words_printf(f, "%s was defined by a program: see %s\r\n", name, name);
	else
		return forth_abort(f, "%s is no word; sifting %s looks for words like it", name,
				   name);
	return 0;
}

static int w_help(struct forth *f)
{
	char *name;
	int err = words_parse_text(f, &name);

	if (err)
		return err;
	if (*name)
		err = help_for(f, name);
	else
		forth_type(f, guide, sizeof(guide) - 1);
	heap_free(name);
	return err;
}

static bool contains(struct forth_text name, const char *part)
{
	size_t n = strlen(part);

	for (size_t at = 0; at + n <= name.len; at++) {
		size_t i = 0;

		while (i < n && lower(name.p[at + i]) == lower(part[i]))
			i++;
		if (i == n)
			return true;
	}
	return false;
}

static int w_sifting(struct forth *f)
{
	struct forth_text name;
	size_t at = 0, column = 0;
	char *part;
	int err = words_parse_text(f, &part);

	if (err)
		return err;
	while (!err && forth_next_name(f, &at, &name)) {
		if (!contains(name, part))
			continue;
		if (column + name.len > 78) {
			forth_type(f, "\r\n", 2);
			column = 0;
		}
		forth_type(f, name.p, name.len);
		forth_type(f, " ", 1);
		column += name.len + 1;
		err = words_poll();
	}
	heap_free(part);
	return err;
}

// clang-format off
static const struct forth_word rows[] = {
	{"help",    "( -- )", w_help, FORTH_LINES, "What a word does: help [WORD]"},
	{"sifting", "( -- )", w_sifting, FORTH_LINES, "List the words with a text in their name: sifting TEXT"},
};
// clang-format on
const struct words_table words_help = {rows, ARRAY_SIZE(rows)};
