/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Control structures. Branches hold distances, so code can be copied. The control stack is not the
 * data stack: each entry knows what it is, and what does not pair is refused. At the prompt, the
 * outermost structure is compiled into a word of its own, which runs when the structure ends.
 */
#include "forth-priv.h"

#include <string.h>

#include "base/heap.h"

int control_begin(struct forth *f)
{
	struct word *w;

	if (f->sys->state || f->defining)
		return f->defining ? 0 : THROW_NESTING;
	w = try_alloc(sizeof(*w));
	if (!w)
		return THROW_DICTIONARY;
	w->fn = do_colon;
	w->temporary = true;
	w->name = "";
	f->defining = w;
	f->temporary = true;
	f->ncode = f->ncf = 0;
	f->sys->state = ~(cell_t)0;
	return 0;
}

int control_end(struct forth *f)
{
	struct word *w = f->defining;
	int err;

	if (!f->temporary || f->ncf > 0)
		return 0;
	err = close_code(f, w);
	if (err)
		return err;
	err = f->frames < FRAMES ? 0 : THROW_ROVERFLOW;
	if (err) {
		heap_free((void *)(uintptr_t)w->code);
		heap_free(w);
		return err;
	}
	return run_word(f, w);
}

static int cf_push(struct forth *f, enum control_kind kind, uint32_t at)
{
	if (f->ncf == CONTROLS)
		return THROW_NESTING;
	f->cf[f->ncf++] = (struct control){kind, at, 0};
	return 0;
}

static struct control *cf_top(struct forth *f, enum control_kind kind)
{
	struct control *c = f->ncf > 0 ? &f->cf[f->ncf - 1] : NULL;

	return f->defining && c && c->kind == kind ? c : NULL;
}

/* A branch forward to be resolved; its place is pushed. */
static int forward(struct forth *f, const char *word)
{
	int err = compile_named(f, word);

	if (!err)
		err = cf_push(f, CF_ORIG, f->ncode);
	return err ? err : compile_cell(f, 0);
}

static void resolve(struct forth *f, uint32_t at)
{
	f->code[at] = f->ncode - at;
}

static int backward(struct forth *f, const char *word, uint32_t to)
{
	int err = compile_named(f, word);

	return err ? err : compile_cell(f, (cell_t)to - f->ncode);
}

static int w_if(struct forth *f)
{
	int err = control_begin(f);

	return err ? err : forward(f, "(0branch)");
}

static int w_ahead(struct forth *f)
{
	int err = control_begin(f);

	return err ? err : forward(f, "(branch)");
}

static int w_then(struct forth *f)
{
	const struct control *c = cf_top(f, CF_ORIG);

	if (!c)
		return THROW_CONTROL;
	resolve(f, c->at);
	f->ncf--;
	return control_end(f);
}

static int w_else(struct forth *f)
{
	struct control *c = cf_top(f, CF_ORIG);
	uint32_t at;
	int err;

	if (!c)
		return THROW_CONTROL;
	at = c->at;
	f->ncf--;
	err = forward(f, "(branch)");
	if (!err)
		resolve(f, at);
	return err;
}

static int w_begin(struct forth *f)
{
	int err = control_begin(f);

	return err ? err : cf_push(f, CF_DEST, f->ncode);
}

static int end_dest(struct forth *f, const char *word)
{
	const struct control *c = cf_top(f, CF_DEST);
	int err;

	if (!c)
		return THROW_CONTROL;
	err = backward(f, word, c->at);
	f->ncf--;
	return err;
}

static int w_until(struct forth *f)
{
	int err = end_dest(f, "(0branch)");

	return err ? err : control_end(f);
}

static int w_again(struct forth *f)
{
	int err = end_dest(f, "(branch)");

	return err ? err : control_end(f);
}

static int w_while(struct forth *f)
{
	struct control dest;
	int err;

	if (!cf_top(f, CF_DEST))
		return THROW_CONTROL;
	dest = f->cf[--f->ncf];
	err = forward(f, "(0branch)");
	return err ? err : cf_push(f, dest.kind, dest.at);
}

static int w_repeat(struct forth *f)
{
	int err = end_dest(f, "(branch)");

	return err ? err : w_then(f);
}

/* Only the way tells if, while and else, until, again and repeat apart: else finds an if on top. */
int control_branch(struct forth *f, bool back, bool conditional)
{
	const char *word = conditional ? "(0branch)" : "(branch)";
	bool is_else = !conditional && cf_top(f, CF_ORIG);
	unsigned i = f->ncf;
	int err;

	if (!back) {
		err = forward(f, word);
		if (!err && is_else) {
			struct control c = f->cf[i];

			f->cf[i] = f->cf[i - 1];
			f->cf[i - 1] = c;
		}
		return err;
	}
	while (i > 0 && f->cf[i - 1].kind == CF_ORIG)
		i--;
	if (i == 0 || f->cf[i - 1].kind != CF_DEST)
		return THROW_CONTROL;
	err = backward(f, word, f->cf[i - 1].at);
	f->ncf--;
	memmove(&f->cf[i - 1], &f->cf[i], (f->ncf - (i - 1)) * sizeof(f->cf[0]));
	return err ? err : control_end(f);
}

static int w_do(struct forth *f)
{
	int err = control_begin(f);

	if (!err)
		err = compile_named(f, "(do)");
	return err ? err : cf_push(f, CF_DO, f->ncode);
}

static int leave_branch(struct forth *f, struct control *c, const char *word)
{
	int err = compile_named(f, word);
	uint32_t at = f->ncode;

	if (!err)
		err = compile_cell(f, c->chain);
	if (!err)
		c->chain = at;
	return err;
}

static int w_question_do(struct forth *f)
{
	int err = control_begin(f);

	if (!err)
		err = cf_push(f, CF_DO, 0);
	if (!err)
		err = leave_branch(f, &f->cf[f->ncf - 1], "(?do)");
	if (!err)
		f->cf[f->ncf - 1].at = f->ncode;
	return err;
}

static int w_leave(struct forth *f)
{
	unsigned i = f->ncf;

	while (i > 0 && f->cf[i - 1].kind != CF_DO)
		i--;
	return i == 0 || !f->defining ? THROW_CONTROL : leave_branch(f, &f->cf[i - 1], "(leave)");
}

static void resolve_chain(struct forth *f, uint32_t at)
{
	while (at) {
		uint32_t next = (uint32_t)f->code[at];

		resolve(f, at);
		at = next;
	}
}

static int end_loop(struct forth *f, const char *word)
{
	const struct control *c = cf_top(f, CF_DO);
	int err;

	if (!c)
		return THROW_CONTROL;
	err = backward(f, word, c->at);
	if (err)
		return err;
	resolve_chain(f, c->chain);
	f->ncf--;
	return control_end(f);
}

static int w_loop(struct forth *f)
{
	return end_loop(f, "(loop)");
}

static int w_plus_loop(struct forth *f)
{
	return end_loop(f, "(+loop)");
}

static int w_case(struct forth *f)
{
	int err = control_begin(f);

	return err ? err : cf_push(f, CF_CASE, 0);
}

static int w_of(struct forth *f)
{
	int err;

	if (!cf_top(f, CF_CASE))
		return THROW_CONTROL;
	err = compile_named(f, "(of)");
	if (!err)
		err = cf_push(f, CF_OF, f->ncode);
	return err ? err : compile_cell(f, 0);
}

static int w_endof(struct forth *f)
{
	const struct control *c = cf_top(f, CF_OF);
	uint32_t at;
	int err;

	if (!c)
		return THROW_CONTROL;
	at = c->at;
	f->ncf--;
	err = leave_branch(f, &f->cf[f->ncf - 1], "(branch)");
	if (!err)
		resolve(f, at);
	return err;
}

static int w_endcase(struct forth *f)
{
	const struct control *c = cf_top(f, CF_CASE);
	int err;

	if (!c)
		return THROW_CONTROL;
	err = compile_word(f, f->drop_word);
	if (err)
		return err;
	resolve_chain(f, c->chain);
	f->ncf--;
	return control_end(f);
}

enum {
	CONLY = FORTH_IMMEDIATE | FORTH_COMPILE_ONLY,
	IMM = FORTH_IMMEDIATE,
	ANY = IMM | FORTH_VARIES
};
// clang-format off
static const struct forth_word rows[] = {
	{"if",      "( -- )", w_if, ANY, "Run up to else or then if the top is not 0"},
	{"ahead",   "( -- )", w_ahead, ANY, "Go to then"},
	{"then",    "( -- )", w_then, CONLY | ANY, "End of if"},
	{"else",    "( -- )", w_else, CONLY, "The other case of if"},
	{"begin",   "( -- )", w_begin, ANY, "Begin of a loop"},
	{"until",   "( -- )", w_until, CONLY | ANY, "Back to begin if the top is 0"},
	{"again",   "( -- )", w_again, CONLY | ANY, "Back to begin"},
	{"while",   "( -- )", w_while, CONLY, "Leave the loop behind repeat if the top is 0"},
	{"repeat",  "( -- )", w_repeat, CONLY | ANY, "Back to begin"},
	{"do",      "( -- )", w_do, ANY, "Begin of a loop ( limit start -- )"},
	{"?do",     "( -- )", w_question_do, ANY, "The same, not run if both are equal"},
	{"leave",   "( -- )", w_leave, CONLY, "Leave the loop"},
	{"loop",    "( -- )", w_loop, CONLY | ANY, "Back to do with the next index"},
	{"+loop",   "( -- )", w_plus_loop, CONLY | ANY, "Back to do, the index ( n -- ) further"},
	{"case",    "( -- )", w_case, ANY, "Begin of a choice"},
	{"of",      "( -- )", w_of, CONLY, "Run up to endof if the two at the top are equal"},
	{"endof",   "( -- )", w_endof, CONLY, "Go to endcase"},
	{"endcase", "( -- )", w_endcase, CONLY | ANY, "Drop what was chosen by"},
};
// clang-format on
const struct word_table words_control = {rows, ARRAY_SIZE(rows)};
