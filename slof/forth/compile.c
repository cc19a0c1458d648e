/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Compiling: code grows in a buffer of the engine's and is copied into the word when it is complete,
 * so nothing that runs ever moves. Until then the word has no code and cannot be executed.
 */
#include "forth-priv.h"

#include <string.h>

#include "base/heap.h"

int compile_cell(struct forth *f, cell_t v)
{
	if (!f->defining)
		return THROW_NESTING;
	if (f->ncode == f->room_code) {
		uint32_t room = f->room_code ? 2 * f->room_code : 256;
		cell_t *code = room > 1u << 24 ? NULL
					       : try_resize(f->code, f->room_code * sizeof(cell_t),
							    room * sizeof(cell_t));

		if (!code)
			return THROW_DICTIONARY;
		f->code = code;
		f->room_code = room;
	}
	f->code[f->ncode++] = v;
	return 0;
}

int compile_word(struct forth *f, struct word *w)
{
	return compile_cell(f, (cell_t)(uintptr_t)w);
}

int compile_named(struct forth *f, const char *internal_name)
{
	return compile_word(f, internal(f, internal_name));
}

int compile_literal(struct forth *f, cell_t v)
{
	int err = compile_named(f, "(lit)");

	return err ? err : compile_cell(f, v);
}

int finish_code(struct forth *f, struct word *w)
{
	size_t size = f->ncode * sizeof(cell_t);
	cell_t *code = try_alloc(size);

	if (!code)
		return THROW_DICTIONARY;
	memcpy(code, f->code, size);
	w->code = code;
	w->ncode = f->ncode;
	if (!w->temporary)
		f->used += size;
	f->defining = NULL;
	f->temporary = false;
	f->nlocals = 0;
	return 0;
}

int close_code(struct forth *f, struct word *w)
{
	int err = compile_word(f, f->exit_word);

	if (!err)
		err = finish_code(f, w);
	if (!err)
		f->sys->state = 0;
	return err;
}

void abandon_code(struct forth *f)
{
	if (f->defining && f->temporary)
		heap_free(f->defining);
	f->defining = NULL;
	f->temporary = false;
	f->ncf = 0;
	f->nlocals = 0;
	f->ncode = 0;
}

static int begin_definition(struct forth *f, struct word *w)
{
	f->defining = f->latest = w;
	f->ncode = 0;
	f->ncf = 0;
	f->nlocals = 0;
	f->sys->state = ~(cell_t)0;
	return 0;
}

static int w_colon(struct forth *f)
{
	struct forth_text name;
	struct word *w;
	int err = f->defining ? THROW_NESTING : need_name(f, &name);

	if (err)
		return err;
	w = new_word(f, name.p, name.len, do_colon);
	return w ? begin_definition(f, w) : THROW_DICTIONARY;
}

static int w_noname(struct forth *f)
{
	struct word *w = f->defining ? NULL : new_word(f, "", 0, do_colon);

	if (!w)
		return f->defining ? THROW_NESTING : THROW_DICTIONARY;
	PUSH(w->token);
	return begin_definition(f, w);
}

static int w_semicolon(struct forth *f)
{
	struct word *w = f->defining;
	int err;

	if (!w || f->temporary)
		return THROW_NESTING;
	if (f->ncf > 0)
		return THROW_CONTROL;
	err = forget_locals(f);
	if (!err)
		err = close_code(f, w);
	if (err)
		return err;
	if (w->hidden) /* else it was recursive */
		link_word(f, w);
	return 0;
}

static int w_left(struct forth *f)
{
	f->sys->state = 0;
	return 0;
}

static int w_right(struct forth *f)
{
	if (!f->defining)
		return THROW_NESTING;
	f->sys->state = ~(cell_t)0;
	return 0;
}

static int w_immediate(struct forth *f)
{
	if (!f->latest)
		return THROW_ARGUMENT;
	f->latest->flags |= FORTH_IMMEDIATE;
	return 0;
}

static int w_literal(struct forth *f)
{
	return compile_literal(f, POP());
}

static int w_2literal(struct forth *f)
{
	int err = compile_literal(f, NOS);

	if (!err)
		err = compile_literal(f, TOP);
	f->sp -= 2;
	return err;
}

static int w_compile_comma(struct forth *f)
{
	struct word *w = word_of(f, POP());

	return w ? compile_word(f, w) : THROW_ARGUMENT;
}

static int w_postpone(struct forth *f)
{
	struct word *w;
	int err = need_word(f, &w);

	if (err)
		return err;
	if (w->flags & FORTH_IMMEDIATE)
		return compile_word(f, w);
	err = compile_named(f, "(compile)");
	return err ? err : compile_cell(f, w->token);
}

static int w_bracket_compile(struct forth *f)
{
	struct word *w;
	int err = need_word(f, &w);

	return err ? err : compile_word(f, w);
}

/* The word behind it is not run but compiled when this runs. */
static int w_compile(struct forth *f)
{
	struct word *w;
	int err = need_word(f, &w);

	if (!err)
		err = compile_named(f, "(compile)");
	return err ? err : compile_cell(f, w->token);
}

static int w_compile_run(struct forth *f)
{
	return compile_word(f, f->words[*f->ip++ - 1]);
}

static int w_recurse(struct forth *f)
{
	if (!f->defining || f->temporary)
		return THROW_NESTING;
	return compile_word(f, f->defining);
}

static int w_tick(struct forth *f)
{
	struct word *w;
	int err = need_word(f, &w);

	if (!err)
		PUSH(w->token);
	return err;
}

static int w_bracket_tick(struct forth *f)
{
	struct word *w;
	int err = need_word(f, &w);

	if (!err)
		err = compile_named(f, "(')");
	return err ? err : compile_cell(f, w->token);
}

static int w_lit(struct forth *f)
{
	PUSH(*f->ip++);
	return 0;
}

static int w_string(struct forth *f)
{
	f->sp[0] = f->ip[0];
	f->sp[1] = f->ip[1];
	f->sp += 2;
	f->ip += 2;
	return 0;
}

enum { IMM = FORTH_IMMEDIATE, CONLY = FORTH_IMMEDIATE | FORTH_COMPILE_ONLY, INT = FORTH_INTERNAL };
// clang-format off
static const struct forth_word rows[] = {
	{":",           "( -- )",             w_colon, 0, "Begin the definition of the word named next"},
	{":noname",     "( -- xt )",          w_noname, 0, "Begin a definition without a name"},
	{";",           "( -- )",             w_semicolon, CONLY, "End a definition"},
	{"[",           "( -- )",             w_left, IMM, "Interpret from here on"},
	{"]",           "( -- )",             w_right, 0, "Compile from here on"},
	{"immediate",   "( -- )",             w_immediate, 0, "The last word runs while compiling"},
	{"literal",     "( n -- )",           w_literal, CONLY, "Compile a number"},
	{"2literal",    "( d d -- )",         w_2literal, CONLY, "Compile a double number"},
	{"sliteral",    "( addr len -- )",    w_2literal, CONLY, "Compile a string that stays where it is"},
	{"compile,",    "( xt -- )",          w_compile_comma, 0, "Compile the word of a token"},
	{"postpone",    "( -- )",             w_postpone, CONLY, "Compile what compiling the next word does"},
	{"[compile]",   "( -- )",             w_bracket_compile, CONLY, "Compile the next word, immediate or not"},
	{"compile",     "( -- )",             w_compile, CONLY, "When run, compile the next word"},
	{"recurse",     "( -- )",             w_recurse, CONLY, "Call the word being defined"},
	{"'",           "( -- xt )",          w_tick, 0, "The token of the next word"},
	{"[']",         "( -- )",             w_bracket_tick, CONLY, "Compile the token of the next word"},
	{"(lit)",       "( -- n )",           w_lit, INT | FORTH_LITERAL, ""},
	{"(')",         "( -- xt )",          w_lit, INT | FORTH_TOKEN, ""},
	{"(s\")",       "( -- addr len )",    w_string, INT | FORTH_STRING, ""},
	{"(compile)",   "( -- )",             w_compile_run, INT | FORTH_TOKEN, ""},
};
// clang-format on
const struct word_table words_compile = {rows, ARRAY_SIZE(rows)};
