/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What TAB offers at the prompt. A text with a '/' is a device path and is completed node by node, with
 * unit addresses; behind a word that takes a device it may also be an alias or a child of the active package,
 * behind one that takes a variable a variable; everywhere else it is a word.
 */
#include "prompt-priv.h"

#include <string.h>

#include "base/heap.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/env.h"
#include "of/machine.h"
#include "words-priv.h"

struct piece {
	const char *p;
	size_t len;
};

static bool blank(char c)
{
	return (uint8_t)c <= ' ';
}

/* The text without blanks that ends at len; from there on if it is empty. */
static struct piece last_piece(const char *line, size_t len)
{
	size_t from = len;

	while (from > 0 && !blank(line[from - 1]))
		from--;
	return (struct piece){line + from, len - from};
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool begins(struct piece typed, const char *name, size_t len)
{
	for (size_t i = 0; i < typed.len; i++) {
		if (i >= len || lower(name[i]) != lower(typed.p[i]))
			return false;
	}
	return true;
}

static bool is_one_of(struct piece word, const char *const *list)
{
	for (; *list; list++) {
		if (strlen(*list) == word.len && begins(word, *list, word.len))
			return true;
	}
	return false;
}

static void offer(struct lineedit_matches *m, struct piece typed, const char *name,
		  enum lineedit_match_kind kind)
{
	if (begins(typed, name, strlen(name)))
		lineedit_match(m, name, strlen(name), kind);
}

/* ---- device paths ------------------------------------------------------------------------------- */

/* Drives and the like get their nodes when somebody looks. */
static void offer_children(struct lineedit_matches *m, struct dt_node *parent, struct piece typed)
{
	const struct pkg_class *cls = parent ? of_class(parent) : NULL;

	if (cls && cls->populate)
		cls->populate(parent);
	for (const struct dt_node *n = parent ? parent->child : NULL; n; n = n->next)
		offer(m, typed, n->name, LINEEDIT_NODE);
}

/* The node a path of len bytes means, which may begin with an alias. */
static struct dt_node *node_at(struct piece path)
{
	char *text = try_alloc(path.len + 1);
	struct dt_node *node = NULL;

	if (!text)
		return NULL;
	memcpy(text, path.p, path.len);
	if (!memchr(text, ':', path.len))
		node = dt_path_find(of_tree(), text);
	heap_free(text);
	return node;
}

/* word holds a '/': what is behind the last one is to be completed. Returns where that begins. */
static size_t complete_path(struct lineedit_matches *m, struct piece word)
{
	size_t cut = word.len;

	while (word.p[cut - 1] != '/')
		cut--;
	offer_children(m, node_at((struct piece){word.p, cut - 1}),
		       (struct piece){word.p + cut, word.len - cut});
	return cut;
}

static void offer_aliases(struct lineedit_matches *m, struct piece typed)
{
	const struct dt_node *aliases = dt_child_find(of_tree()->root, "aliases");

	for (const struct dt_prop *p = aliases ? aliases->props : NULL; p; p = p->next) {
		if (strcmp(p->name, "name") != 0 && strcmp(p->name, "phandle") != 0)
			offer(m, typed, p->name, LINEEDIT_PART);
	}
}

/* ---- words and variables ------------------------------------------------------------------------ */

static void offer_words(struct lineedit_matches *m, struct piece typed)
{
	struct forth_text name;
	size_t at = 0;

	while (words_forth() && forth_next_name(words_forth(), &at, &name)) {
		if (begins(typed, name.p, name.len))
			lineedit_match(m, name.p, name.len, LINEEDIT_WORD);
	}
}

static void offer_variables(struct lineedit_matches *m, struct piece typed)
{
	struct env_var v;
	unsigned at = 0;

	while (env_next(&at, &v))
		offer(m, typed, v.name, LINEEDIT_WORD);
}

static const char *const take_device[] = {
	"boot",   "load",       "dev",       "cd",          "ls",     "find-device",
	"select", "select-dev", "open-dev",  "test",        "ping",   "devalias",
	"dir",    "nvalias",    "show-devs", ".properties", "lsprop", NULL,
};
static const char *const take_variable[] = {"printenv", "setenv", "set-default", NULL};

size_t prompt_complete(void *ctx UNUSED, const char *line, size_t len, struct lineedit_matches *m)
{
	struct piece word = last_piece(line, len), before;
	size_t from = len - word.len, end = from;

	while (end > 0 && blank(line[end - 1]))
		end--;
	before = last_piece(line, end);
	if (word.len > 0 && memchr(word.p, '/', word.len))
		return from + complete_path(m, word);
	if (is_one_of(before, take_variable)) {
		offer_variables(m, word);
	} else if (is_one_of(before, take_device)) {
		offer_aliases(m, word);
		offer_children(m, words_active(), word);
	} else {
		offer_words(m, word);
	}
	return from;
}
