/* SPDX-License-Identifier: BSD-2-Clause */
/* Defining words: constants, variables, values, deferred words, create and does>, structures. */
#include "forth-priv.h"

#include <string.h>

static int constant(struct forth *f, forth_fn *fn)
{
	struct word *w;
	int err = create_named(f, fn, &w);

	if (!err)
		w->body = POP();
	return err;
}

static int w_constant(struct forth *f)
{
	return constant(f, do_constant);
}

static int w_value(struct forth *f)
{
	return constant(f, do_value);
}

static int two(struct forth *f, forth_fn *fn)
{
	struct word *w;
	int err = create_named(f, fn, &w);

	if (!err)
		err = space_allot(f, 2 * sizeof(cell_t));
	if (err)
		return err;
	w->grow = 2;
	f->sp -= 2;
	memcpy((void *)(uintptr_t)w->body, f->sp, 2 * sizeof(cell_t));
	return 0;
}

static int w_2constant(struct forth *f)
{
	return two(f, do_2constant);
}

static int w_2value(struct forth *f)
{
	return two(f, do_2value);
}

static int w_create(struct forth *f)
{
	struct word *w;

	return create_named(f, do_create, &w);
}

static int with_zeros(struct forth *f, cell_t size)
{
	struct word *w;
	int err = create_named(f, do_create, &w);

	if (!err)
		err = (int64_t)size < 0 ? THROW_ARGUMENT : space_allot(f, size);
	if (!err)
		memset((void *)(uintptr_t)w->body, 0, (size_t)size);
	return err;
}

static int w_variable(struct forth *f)
{
	return with_zeros(f, sizeof(cell_t));
}

static int w_2variable(struct forth *f)
{
	return with_zeros(f, 2 * sizeof(cell_t));
}

static int w_buffer(struct forth *f)
{
	return with_zeros(f, POP());
}

static int w_defer(struct forth *f)
{
	struct word *w;
	int err = create_named(f, do_defer, &w);

	if (err)
		return err;
	w->grow = 0;
	w->body = find_in(f, "(undefined)", 11, 0) ? find_in(f, "(undefined)", 11, 0)->token : 0;
	return 0;
}

static int w_undefined(struct forth *f UNUSED)
{
	return THROW_UNDEFINED;
}

static int w_alias(struct forth *f)
{
	struct forth_text name;
	struct word *old, *w;
	int err = need_name(f, &name);

	if (!err)
		err = need_word(f, &old);
	if (err)
		return err;
	w = new_word(f, name.p, name.len, do_defer);
	if (!w)
		return THROW_DICTIONARY;
	w->body = old->token;
	w->flags = old->flags & (FORTH_IMMEDIATE | FORTH_COMPILE_ONLY);
	link_word(f, w);
	return 0;
}

static int deferred(struct forth *f, cell_t xt, struct word **out)
{
	*out = word_of(f, xt);
	return *out && (*out)->fn == do_defer ? 0 : THROW_TO;
}

static int w_behavior(struct forth *f)
{
	struct word *w;
	int err = deferred(f, TOP, &w);

	if (!err)
		TOP = w->body;
	return err;
}

static int w_defer_store(struct forth *f)
{
	struct word *w;
	int err = deferred(f, TOP, &w);

	if (!err)
		w->body = NOS;
	f->sp -= 2;
	return err;
}

static int store_to(struct forth *f, struct word *w)
{
	cell_t *p;

	if (f->sp - f->stack < (w->fn == do_2value ? 2 : 1))
		return THROW_UNDERFLOW;
	if (w->fn == do_value || w->fn == do_defer) {
		w->body = POP();
		return 0;
	}
	if (w->flags & FORTH_STORES)
		return forth_store(f, w);
	p = forth_at(f, w->body, 2 * sizeof(cell_t), true);
	if (w->fn == do_create && p) {
		*p = POP();
		return 0;
	}
	if (w->fn != do_2value || !p)
		return THROW_TO;
	f->sp -= 2;
	memcpy(p, f->sp, 2 * sizeof(cell_t));
	return 0;
}

static bool can_store(const struct word *w)
{
	return w->fn == do_value || w->fn == do_defer || w->fn == do_2value ||
	       (w->flags & FORTH_STORES);
}

/* The next name is a local's: *i. Otherwise it is left for the next to parse. */
static bool next_is_local(struct forth *f, int *i)
{
	cell_t in = f->sys->in;
	struct forth_text t;

	if (!f->sys->state || f->nlocals == 0 || f->given_word)
		return false;
	t = forth_parse_name(f);
	*i = local_of(f, t.p, t.len);
	if (*i < 0)
		f->sys->in = in;
	return *i >= 0;
}

static int w_to(struct forth *f)
{
	struct word *w;
	int err, i;

	if (next_is_local(f, &i))
		return compile_local(f, i, true);
	err = need_word(f, &w);

	if (err)
		return err;
	if (!can_store(w))
		return THROW_TO;
	if (!f->sys->state)
		return store_to(f, w);
	err = compile_named(f, "(to)");
	return err ? err : compile_cell(f, w->token);
}

static int w_to_run(struct forth *f)
{
	return store_to(f, f->words[*f->ip++ - 1]);
}

/* What follows in the running definition becomes what the last created word does. */
static int w_does_run(struct forth *f)
{
	struct word *w = f->latest;
	const struct frame *fr = &f->frame[f->frames - 1];

	if (!w || (w->fn != do_create && w->fn != do_does) || fr->kind != FRAME_CALL)
		return THROW_BODY;
	w->fn = do_does;
	thread_word(f, w);
	w->does = f->ip;
	w->does_of = fr->word;
	if (f->rp != f->rbase)
		return THROW_IMBALANCE;
	return run_word(f, f->exit_word);
}

static int w_does(struct forth *f)
{
	if (!f->defining || f->temporary || f->ncf > 0 || f->nlocals > 0)
		return THROW_COMPILE_ONLY;
	return compile_named(f, "(does>)");
}

static int w_to_body(struct forth *f)
{
	const struct word *w = word_of(f, TOP);

	if (!w || (w->fn != do_create && w->fn != do_does && w->fn != do_2value))
		return THROW_BODY;
	TOP = w->body;
	return 0;
}

static int w_struct(struct forth *f)
{
	PUSH(0);
	return 0;
}

static int w_field(struct forth *f)
{
	struct word *w;
	int err = create_named(f, do_field, &w);

	if (err)
		return err;
	w->in = 1;
	w->grow = 0;
	w->body = NOS;
	NOS += TOP;
	DROP();
	return 0;
}

/* A field that begins at the next multiple of its size. */
static int aligned_field(struct forth *f, cell_t size)
{
	TOP = (TOP + size - 1) & ~(size - 1);
	f->sp[0] = size;
	f->sp++;
	return w_field(f);
}

static int w_field_cell(struct forth *f)
{
	return aligned_field(f, sizeof(cell_t));
}

static int w_cfield(struct forth *f)
{
	return aligned_field(f, 1);
}

static int w_wfield(struct forth *f)
{
	return aligned_field(f, 2);
}

static int w_lfield(struct forth *f)
{
	return aligned_field(f, 4);
}

static int w_marker(struct forth *f)
{
	struct word *w;
	int err = create_named(f, do_marker, &w);

	if (!err)
		w->grow = 0;
	return err;
}

enum { IMM = FORTH_IMMEDIATE, VAR = FORTH_VARIES, INT = FORTH_INTERNAL };
// clang-format off
static const struct forth_word rows[] = {
	{"constant",    "( n -- )",        w_constant, 0, "Define a word that gives n"},
	{"2constant",   "( a b -- )",      w_2constant, 0, "Define a word that gives two cells"},
	{"value",       "( n -- )",        w_value, 0, "The same; to changes it"},
	{"2value",      "( a b -- )",      w_2value, 0, "The same with two cells"},
	{"create",      "( -- )",          w_create, 0, "Define a word that gives the address of its data"},
	{"variable",    "( -- )",          w_variable, 0, "Define a word with one cell of data"},
	{"2variable",   "( -- )",          w_2variable, 0, "Define a word with two cells of data"},
	{"buffer:",     "( size -- )",     w_buffer, 0, "Define a word with so many bytes of data"},
	{"defer",       "( -- )",          w_defer, 0, "Define a word whose behaviour is set by to or is"},
	{"(undefined)", "( -- )",          w_undefined, 0, "What a deferred word does before it is set"},
	{"alias",       "( -- )",          w_alias, 0, "Another name: alias NEW OLD"},
	{"behavior",    "( xt -- xt )",    w_behavior, 0, "What a deferred word does"},
	{"defer@",      "( xt -- xt )",    w_behavior, 0, "What a deferred word does"},
	{"defer!",      "( xt xt -- )",    w_defer_store, 0, "Set what a deferred word does"},
	{"to",          "( -- )",          w_to, IMM | VAR, "Set a value"},
	{"synonym",     "( -- )",          w_alias, 0, "Another name: synonym NEW OLD"},
	{"is",          "( -- )",          w_to, IMM | VAR, "Set a deferred word"},
	{"does>",       "( -- )",          w_does, IMM | FORTH_COMPILE_ONLY, "What words made by this one do"},
	{">body",       "( xt -- addr )",  w_to_body, 0, "The data of a created word"},
	{"struct",      "( -- 0 )",        w_struct, 0, "Begin a structure"},
	{"field",       "( n size -- n )", w_field, 0, "Define a field of a structure"},
	{"+field",      "( n size -- n )", w_field, 0, "Define a field of a structure"},
	{"field:",      "( n -- n )",      w_field_cell, VAR, "Define a field of a cell"},
	{"cfield:",     "( n -- n )",      w_cfield, VAR, "Define a field of a byte"},
	{"wfield:",     "( n -- n )",      w_wfield, VAR, "Define a field of 2 bytes"},
	{"lfield:",     "( n -- n )",      w_lfield, VAR, "Define a field of 4 bytes"},
	{"marker",      "( -- )",          w_marker, 0, "Define a word that hides itself and all newer ones"},
	{"(to)",        "( -- )",          w_to_run, INT | FORTH_TOKEN | VAR, ""},
	{"(does>)",     "( -- )",          w_does_run, INT, ""},
};
// clang-format on
const struct word_table words_define = {rows, ARRAY_SIZE(rows)};
