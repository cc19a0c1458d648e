/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Local variables: {: a b | c -- d :}. They lie at the bottom of the definition's part of the return stack,
 * so they come first in it, and exit and ; forget them. Names hold for the definition being compiled.
 */
#include "forth-priv.h"

#include <string.h>

int local_of(struct forth *f, const char *name, size_t len)
{
	for (int i = (int)f->nlocals - 1; i >= 0; i--) {
		if (same_name(name, len, f->local[i].name, f->local[i].len))
			return i;
	}
	return -1;
}

int compile_local(struct forth *f, int i, bool store)
{
	int err = compile_named(f, store ? "(local!)" : "(local)");

	return err ? err : compile_cell(f, (cell_t)i);
}

int forget_locals(struct forth *f)
{
	int err = f->nlocals > 0 ? compile_named(f, "(-locals)") : 0;

	return err || f->nlocals == 0 ? err : compile_cell(f, f->nlocals);
}

static int add_local(struct forth *f, struct forth_text t)
{
	struct local *l = &f->local[f->nlocals];

	if (f->nlocals == LOCALS || t.len > sizeof(l->name))
		return THROW_ARGUMENT;
	memcpy(l->name, t.p, t.len);
	l->len = (uint8_t)t.len;
	f->nlocals++;
	return 0;
}

static bool is(struct forth_text t, const char *name)
{
	return same_name(t.p, t.len, name, strlen(name));
}

/* Names up to :}; how many of them take a value. What follows -- says only what comes out. */
static int parse_locals(struct forth *f, unsigned *filled)
{
	bool values = true, names = true;
	struct forth_text t;
	int err = need_name(f, &t);

	for (; !err && !is(t, ":}"); err = err ? err : need_name(f, &t)) {
		if (is(t, "--"))
			names = false;
		else if (is(t, "|"))
			values = false;
		else if (names)
			err = add_local(f, t);
		if (values && names)
			*filled = f->nlocals;
	}
	return err;
}

static int w_locals(struct forth *f)
{
	unsigned filled = 0;
	int err;

	if (!f->defining || f->temporary || f->nlocals > 0 || f->ncf > 0)
		return THROW_COMPILE_ONLY;
	err = parse_locals(f, &filled);
	if (!err)
		err = compile_named(f, "(locals)");
	return err ? err : compile_cell(f, (cell_t)filled << 16 | f->nlocals);
}

/* The operand: how many values come from the stack in the upper half, how many locals there are. */
static int w_make(struct forth *f)
{
	cell_t operand = *f->ip++, filled = operand >> 16, n = operand & 0xffff;

	if (depth_of(f) < filled)
		return THROW_UNDERFLOW;
	if (f->rp != f->rbase)
		return THROW_IMBALANCE;
	if (f->rp + n > f->rstack + RETURN_CELLS)
		return THROW_ROVERFLOW;
	f->sp -= filled;
	memcpy(f->rp, f->sp, (size_t)filled * sizeof(cell_t));
	memset(f->rp + filled, 0, (size_t)(n - filled) * sizeof(cell_t));
	f->rp += n;
	return 0;
}

static int w_local(struct forth *f)
{
	cell_t i = *f->ip++;

	if (f->rp - f->rbase <= (ptrdiff_t)i)
		return THROW_RUNDERFLOW;
	PUSH(f->rbase[i]);
	return 0;
}

static int w_local_store(struct forth *f)
{
	cell_t i = *f->ip++;

	if (f->rp - f->rbase <= (ptrdiff_t)i)
		return THROW_RUNDERFLOW;
	f->rbase[i] = POP();
	return 0;
}

static int w_unmake(struct forth *f)
{
	cell_t n = *f->ip++;

	if (f->rp - f->rbase != (ptrdiff_t)n)
		return THROW_IMBALANCE;
	f->rp = f->rbase;
	return 0;
}

enum { INT = FORTH_INTERNAL, LIT = FORTH_LITERAL };
// clang-format off
static const struct forth_word rows[] = {
	{"{:",        "( -- )",    w_locals, FORTH_IMMEDIATE | FORTH_COMPILE_ONLY, "Local variables: {: a b | c -- d :}"},
	{"(locals)",  "( -- )",    w_make, INT | LIT | FORTH_VARIES, ""},
	{"(local)",   "( -- n )",  w_local, INT | LIT, ""},
	{"(local!)",  "( n -- )",  w_local_store, INT | LIT, ""},
	{"(-locals)", "( -- )",    w_unmake, INT | LIT, ""},
};
// clang-format on
const struct word_table words_locals = {rows, ARRAY_SIZE(rows)};
