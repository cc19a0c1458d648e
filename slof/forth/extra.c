/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Words that look at text twice or at words from behind: conditional interpretation, patch, names for what
 * has another name, and the small rest of the standards.
 */
#include "forth-priv.h"

#include <string.h>

static int w_defined(struct forth *f)
{
	struct forth_text t;
	int err = need_name(f, &t);

	return err ? err : forth_try_push(f, FLAG(find_word(f, t.p, t.len) != NULL));
}

static int w_undefined(struct forth *f)
{
	int err = w_defined(f);

	if (!err)
		TOP = ~TOP;
	return err;
}

static bool is(struct forth_text t, const char *name)
{
	return same_name(t.p, t.len, name, strlen(name));
}

/* Over text up to the [then] of this [if], or behind its [else] when that is to be found too. */
static int skip_text(struct forth *f, bool stop_at_else)
{
	unsigned depth = 1;

	while (depth > 0) {
		struct forth_text t = forth_parse_name(f);
		int err = poll_turn(f);

		if (t.len == 0 || err)
			return err ? err : THROW_CONTROL;
		if (is(t, "[if]"))
			depth++;
		else if (is(t, "[then]") || (stop_at_else && depth == 1 && is(t, "[else]")))
			depth--;
	}
	return 0;
}

static int w_bracket_if(struct forth *f)
{
	return POP() == 0 ? skip_text(f, true) : 0;
}

static int w_bracket_else(struct forth *f)
{
	return skip_text(f, false);
}

static int w_bracket_then(struct forth *f UNUSED)
{
	return 0;
}

static int w_environment(struct forth *f)
{
	DROP();
	TOP = 0;
	return 0;
}

static int w_save_input(struct forth *f)
{
	PUSH(f->sys->in);
	PUSH(1);
	return 0;
}

/* ( in 1 -- flag ), false: it worked */
static int w_restore_input(struct forth *f)
{
	cell_t n = POP();

	if (n != 1)
		return THROW_ARGUMENT;
	f->sys->in = TOP;
	TOP = 0;
	return 0;
}

static int w_action_of(struct forth *f)
{
	struct word *w;
	int err = need_word(f, &w);

	if (err)
		return err;
	if (w->fn != do_defer)
		return THROW_TO;
	if (!f->sys->state)
		return forth_try_push(f, w->body);
	err = compile_named(f, "(')");
	if (!err)
		err = compile_cell(f, w->token);
	return err ? err : compile_word(f, find_primitive(f, "behavior", 8));
}

static int w_bounds(struct forth *f)
{
	cell_t addr = NOS;

	NOS = addr + TOP;
	TOP = addr;
	return 0;
}

static int w_create_text(struct forth *f)
{
	cell_t len = POP(), addr = POP();
	const char *p = forth_at(f, addr, len, false);
	int err;

	if (!p)
		return THROW_ADDRESS;
	if (len == 0)
		return THROW_NO_NAME;
	f->given_name = (struct forth_text){p, (size_t)len};
	f->is_given = true;
	err = run_word(f, find_primitive(f, "create", 6));
	f->is_given = false;
	return err;
}

static int w_body_from(struct forth *f)
{
	for (uint32_t i = f->nwords; i > 0; i--) {
		const struct word *w = f->words[i - 1];

		if (!w->row && w->body == TOP &&
		    (w->fn == do_create || w->fn == do_does || w->fn == do_2value)) {
			TOP = w->token;
			return 0;
		}
	}
	return THROW_BODY;
}

/* A definition that may call itself by name. */
static int w_recursive(struct forth *f)
{
	if (!f->defining || f->temporary || f->defining->name_len == 0)
		return THROW_NESTING;
	if (f->defining->hidden)
		link_word(f, f->defining);
	return 0;
}

static int w_exit_question(struct forth *f)
{
	int c = -1;

	if (f->ops->key_ready && f->ops->key_ready(f->ops->ctx) && f->ops->key)
		c = f->ops->key(f->ops->ctx);
	PUSH(FLAG(c == 'q' || c == 'Q'));
	return 0;
}

static int w_order(struct forth *f)
{
	for (uint32_t i = f->norder; i > 0; i--) {
		out_number(f, f->order[i - 1], false, 10);
		out_char(f, ' ');
	}
	out_text(f, "definitions go to ");
	out_number(f, f->current, false, 10);
	return 0;
}

/* ---- patch ---- */

uint32_t operands_of(const struct word *w)
{
	if (w->flags & FORTH_STRING)
		return 2;
	return w->flags & (FORTH_LITERAL | FORTH_BRANCH | FORTH_TOKEN) ? 1 : 0;
}

struct piece { /* of a definition: a word without operands, or a number */
	cell_t value;
	bool number;
};

/* The first `old` in a colon definition becomes `new`, of the same kind. */
static int patch(struct forth *f, struct piece new, struct piece old, struct word *in)
{
	cell_t *code = in ? (cell_t *)(uintptr_t)in->code : NULL;
	const struct word *lit = internal(f, "(lit)");
	uint32_t at = 0;

	if (!code || in->fn != do_colon || new.number != old.number)
		return THROW_ARGUMENT;
	while (at < in->ncode) {
		const struct word *w = (const struct word *)(uintptr_t)code[at];

		if (old.number && w == lit && code[at + 1] == old.value) {
			code[at + 1] = new.value;
			return 0;
		}
		if (!old.number && code[at] == old.value) {
			code[at] = new.value;
			return 0;
		}
		at += 1 + operands_of(w);
	}
	return THROW_UNDEFINED;
}

/* A word becomes what code holds for it; its token was given. */
static int resolve(struct forth *f, struct piece *p)
{
	struct word *w = p->number ? NULL : word_of(f, p->value);

	if (p->number)
		return 0;
	if (!w || operands_of(w))
		return THROW_ARGUMENT;
	p->value = (cell_t)(uintptr_t)w;
	return 0;
}

/* ( new number? old number? xt -- ) */
static int w_parens_patch(struct forth *f)
{
	struct word *in = word_of(f, TOP);
	struct piece old = {f->sp[-3], NOS != 0}, new = {f->sp[-5], f->sp[-4] != 0};
	int err = resolve(f, &old);

	if (!err)
		err = resolve(f, &new);
	f->sp -= 5;
	return err ? err : patch(f, new, old, in);
}

static int parse_piece(struct forth *f, struct piece *out)
{
	struct forth_text t;
	const struct word *w;
	cell_t v[2];
	unsigned cells;
	int err = need_name(f, &t);

	if (err)
		return err;
	w = find_word(f, t.p, t.len);
	if (w) {
		*out = (struct piece){w->token, false};
		return resolve(f, out);
	}
	remember(f, t);
	if (!parse_number(f, t.p, t.len, v, &cells) || cells != 1)
		return THROW_UNDEFINED;
	*out = (struct piece){v[0], true};
	return 0;
}

static int w_patch(struct forth *f)
{
	struct piece new = {0, false}, old = {0, false};
	struct word *in = NULL;
	int err = parse_piece(f, &new);

	if (!err)
		err = parse_piece(f, &old);
	if (!err)
		err = need_word(f, &in);
	return err ? err : patch(f, new, old, in);
}

enum { IMM = FORTH_IMMEDIATE, VAR = FORTH_VARIES };
// clang-format off
static const struct forth_word rows[] = {
	{"[defined]",     "( -- flag )",           w_defined, IMM | VAR, "Is the next word one?"},
	{"[undefined]",   "( -- flag )",           w_undefined, IMM | VAR, "Is the next word none?"},
	{"[if]",          "( flag -- )",           w_bracket_if, IMM, "Skip text up to [else] or [then] if the top is 0"},
	{"[else]",        "( -- )",                w_bracket_else, IMM, "Skip text up to [then]"},
	{"[then]",        "( -- )",                w_bracket_then, IMM, "End of [if]"},
	{"environment?",  "( addr len -- flag )",  w_environment, 0, "False: nothing is known by that name"},
	{"save-input",    "( -- in n )",           w_save_input, 0, "Where the interpreter is in this text"},
	{"restore-input", "( in n -- flag )",      w_restore_input, 0, "Back to there; false: done"},
	{"action-of",     "( -- xt )",             w_action_of, IMM | VAR, "What a deferred word does"},
	{"bounds",        "( addr len -- end addr )", w_bounds, 0, "Limits for do"},
	{"$create",       "( addr len -- )",       w_create_text, 0, "create with the name given"},
	{"body>",         "( addr -- xt )",        w_body_from, 0, "The created word of these data"},
	{"recursive",     "( -- )",                w_recursive, IMM | FORTH_COMPILE_ONLY, "The definition may call itself by name"},
	{"exit?",         "( -- flag )",           w_exit_question, 0, "Did somebody press q?"},
	{"order",         "( -- )",                w_order, 0, "Print the search order, by number"},
	{"(patch)",       "( new number? old number? xt -- )", w_parens_patch, 0, "Exchange a word or number in a definition"},
	{"patch",         "( -- )",                w_patch, 0, "The same: patch NEW OLD WORD"},
};
// clang-format on
const struct word_table words_extra = {rows, ARRAY_SIZE(rows)};
