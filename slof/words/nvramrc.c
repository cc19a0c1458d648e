/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The user's script. nvedit works on a copy, line by line, until nvstore keeps it or nvquit drops
 * it. Enter goes to the next line, ^C ends editing; ^P and ^N are the history as everywhere; a line
 * made empty vanishes, the last, empty line ends the script.
 */
#include "words-priv.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/heap.h"
#include "of/env.h"
#include "of/evaluate.h"
#include "term/lineedit.h"

enum { LOOK_MS = 1000 };

static char *draft;      /* what nvedit made; NULL: nothing */
static char *remembered; /* nvramrc before it got its default, for nvrecover */

void words_nvramrc_reset(void)
{
	heap_free(draft);
	heap_free(remembered);
	draft = remembered = NULL;
}

static char *copy_of(const char *text)
{
	char *copy = try_alloc(strlen(text) + 1);

	return copy ? strcpy(copy, text) : NULL;
}

void words_remember_nvramrc(void)
{
	const char *text = env_get_str("nvramrc");

	if (!text || !*text)
		return;
	heap_free(remembered);
	remembered = copy_of(text);
}

static const char *script(void)
{
	const char *text = draft ? draft : env_get_str("nvramrc");

	return text ? text : "";
}

/* ---- editing ------------------------------------------------------------------------------- */

static void editor_emit(void *ctx, const char *text, size_t len)
{
	forth_type(ctx, text, len);
}

/* Edit one line that begins as given. */
static enum lineedit_event edit_line(struct lineedit *le, unsigned number, const char *text,
				     size_t len)
{
	enum lineedit_event e = LINEEDIT_MORE;
	char prompt[24];

	snprintf(prompt, sizeof(prompt), "%u: ", number);
	lineedit_start(le, prompt);
	for (size_t i = 0; i < len && e == LINEEDIT_MORE; i++)
		e = lineedit_key(le, text[i] == '\t' ? ' ' : text[i]);
	while (e == LINEEDIT_MORE) {
		if (of_key_wait(lineedit_is_waiting(le) ? LINEEDIT_ESC_MS : LOOK_MS))
			e = lineedit_key(le, (char)of_key());
		else if (lineedit_is_waiting(le))
			lineedit_timeout(le);
	}
	return e;
}

/* The text grows by a line. */
static bool append(char **text, const char *line, size_t len)
{
	size_t old = strlen(*text);
	char *more = try_resize(*text, old + 1, old + len + 3);

	if (!more)
		return false;
	*text = more;
	memcpy(more + old, line, len);
	memcpy(more + old + len, "\r\n", 3);
	return true;
}

/* All lines once; what is behind the place of a break stays as it was. */
static bool edit(struct forth *f, struct lineedit *le, const char *from, char **to)
{
	bool editing = true;
	unsigned number = 0;

	while (editing || *from) {
		size_t len = strcspn(from, "\r\n"), gap = strspn(from + len, "\r\n");
		enum lineedit_event e = LINEEDIT_BREAK;
		const char *line = from;
		size_t n = len;

		if (editing) {
			e = edit_line(le, number++, from, len);
			forth_type(f, "\r\n", 2);
			if (e == LINEEDIT_BREAK)
				editing = false;
			else
				line = lineedit_text(le, &n);
		}
		if (n > 0 && !append(to, line, n))
			return false;
		if (e == LINEEDIT_DONE && n == 0 && !*from)
			editing = false;
		from += len + gap;
	}
	return true;
}

static int w_nvedit(struct forth *f)
{
	const struct lineedit_ops ops = {f, editor_emit, NULL};
	struct lineedit *le = lineedit_new(&ops, 0);
	char *text = copy_of("");
	bool good = le && text && edit(f, le, script(), &text);

	lineedit_free(le);
	if (!good) {
		heap_free(text);
		return THROW_MEMORY;
	}
	heap_free(draft);
	draft = text;
	words_printf(f, "nvstore keeps this, nvquit drops it, nvrun tries it.\r\n");
	return 0;
}

/* ---- what becomes of it -------------------------------------------------------------------- */

static int store(struct forth *f, const char *text)
{
	int err = env_set("nvramrc", text, strlen(text));

	return err ? words_fail(f, "nvramrc", err) : 0;
}

static int w_nvstore(struct forth *f)
{
	int err = draft ? store(f, draft) : 0;

	if (err)
		return err;
	heap_free(draft);
	draft = NULL;
	return 0;
}

static int w_nvquit(struct forth *f UNUSED)
{
	heap_free(draft);
	draft = NULL;
	return 0;
}

static int w_nvrun(struct forth *f UNUSED)
{
	char *text = copy_of(script());
	int err = text ? of_evaluate("nvramrc", text, strlen(text)) : THROW_MEMORY;

	heap_free(text);
	return err ? THROW_ABORT : 0;
}

static int w_nvrecover(struct forth *f)
{
	if (!remembered)
		return forth_abort(f, "nothing was lost since the start");
	return store(f, remembered);
}

// clang-format off
static const struct forth_word rows[] = {
	{"nvedit",    "( -- )", w_nvedit, 0, "Edit nvramrc line by line; ^C ends"},
	{"nvstore",   "( -- )", w_nvstore, 0, "Keep what nvedit made"},
	{"nvquit",    "( -- )", w_nvquit, 0, "Drop what nvedit made"},
	{"nvrun",     "( -- )", w_nvrun, FORTH_VARIES, "Run what nvedit made, or nvramrc"},
	{"nvrecover", "( -- )", w_nvrecover, 0, "Bring back what set-default took from nvramrc"},
};
// clang-format on
const struct words_table words_nvramrc = {rows, ARRAY_SIZE(rows)};
