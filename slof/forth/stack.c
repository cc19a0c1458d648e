/* SPDX-License-Identifier: BSD-2-Clause */
/* Words that move cells on the data stack. */
#include "forth-priv.h"

#include <string.h>

static int w_drop(struct forth *f)
{
	DROP();
	return 0;
}

static int w_2drop(struct forth *f)
{
	f->sp -= 2;
	return 0;
}

static int w_3drop(struct forth *f)
{
	f->sp -= 3;
	return 0;
}

static int w_dup(struct forth *f)
{
	f->sp[0] = TOP;
	f->sp++;
	return 0;
}

static int w_qdup(struct forth *f)
{
	if (TOP != 0) {
		f->sp[0] = TOP;
		f->sp++;
	}
	return 0;
}

static int w_2dup(struct forth *f)
{
	memmove(f->sp, f->sp - 2, 2 * sizeof(cell_t));
	f->sp += 2;
	return 0;
}

static int w_3dup(struct forth *f)
{
	memmove(f->sp, f->sp - 3, 3 * sizeof(cell_t));
	f->sp += 3;
	return 0;
}

static int w_over(struct forth *f)
{
	f->sp[0] = NOS;
	f->sp++;
	return 0;
}

static int w_2over(struct forth *f)
{
	memmove(f->sp, f->sp - 4, 2 * sizeof(cell_t));
	f->sp += 2;
	return 0;
}

static int w_swap(struct forth *f)
{
	cell_t t = TOP;

	TOP = NOS;
	NOS = t;
	return 0;
}

static int w_2swap(struct forth *f)
{
	cell_t t[2];

	memcpy(t, f->sp - 4, sizeof(t));
	memmove(f->sp - 4, f->sp - 2, sizeof(t));
	memmove(f->sp - 2, t, sizeof(t));
	return 0;
}

static int w_nip(struct forth *f)
{
	NOS = TOP;
	DROP();
	return 0;
}

static int w_tuck(struct forth *f)
{
	cell_t t = TOP;

	TOP = NOS;
	NOS = t;
	PUSH(t);
	return 0;
}

static int w_rot(struct forth *f)
{
	cell_t t = f->sp[-3];

	f->sp[-3] = NOS;
	NOS = TOP;
	TOP = t;
	return 0;
}

static int w_minus_rot(struct forth *f)
{
	cell_t t = TOP;

	TOP = NOS;
	NOS = f->sp[-3];
	f->sp[-3] = t;
	return 0;
}

static int w_2rot(struct forth *f)
{
	cell_t t[2];

	memcpy(t, f->sp - 6, sizeof(t));
	memmove(f->sp - 6, f->sp - 4, 4 * sizeof(cell_t));
	memmove(f->sp - 2, t, sizeof(t));
	return 0;
}

static int w_pick(struct forth *f)
{
	if (TOP >= depth_of(f) - 1)
		return THROW_UNDERFLOW;
	TOP = f->sp[-2 - (ptrdiff_t)TOP];
	return 0;
}

static int w_roll(struct forth *f)
{
	cell_t n = TOP, t;
	cell_t *at;

	if (n >= depth_of(f) - 1)
		return THROW_UNDERFLOW;
	DROP();
	at = f->sp - 1 - n;
	t = *at;
	memmove(at, at + 1, (size_t)n * sizeof(t));
	TOP = t;
	return 0;
}

static int w_depth(struct forth *f)
{
	cell_t n = depth_of(f);

	PUSH(n);
	return 0;
}

static int w_clear(struct forth *f)
{
	f->sp = f->stack;
	return 0;
}

// clang-format off
static const struct forth_word rows[] = {
	{"drop", "( a -- )", w_drop, 0, "Forget the top"},
	{"2drop", "( a b -- )", w_2drop, 0, "Forget the top two"},
	{"3drop", "( a b c -- )", w_3drop, 0, "Forget the top three"},
	{"dup", "( a -- a a )", w_dup, 0, "Copy the top"},
	{"?dup", "( a -- a a )", w_qdup, FORTH_VARIES, "Copy the top unless it is 0"},
	{"2dup", "( a b -- a b a b )", w_2dup, 0, "Copy the top two"},
	{"3dup", "( a b c -- a b c a b c )", w_3dup, 0, "Copy the top three"},
	{"over", "( a b -- a b a )", w_over, 0, "Copy the second"},
	{"2over", "( a b c d -- a b c d a b )", w_2over, 0, "Copy the second pair"},
	{"swap", "( a b -- b a )", w_swap, 0, "Exchange the top two"},
	{"2swap", "( a b c d -- c d a b )", w_2swap, 0, "Exchange the top two pairs"},
	{"nip", "( a b -- b )", w_nip, 0, "Forget the second"},
	{"tuck", "( a b -- b a b )", w_tuck, 0, "Copy the top below the second"},
	{"rot", "( a b c -- b c a )", w_rot, 0, "Bring the third up"},
	{"-rot", "( a b c -- c a b )", w_minus_rot, 0, "Bring the top below the third"},
	{"2rot", "( a b c d e g -- c d e g a b )", w_2rot, 0, "Bring the third pair up"},
	{"pick", "( n -- a )", w_pick, 0, "Copy the n-th below"},
	{"roll", "( n -- a )", w_roll, FORTH_VARIES, "Bring the n-th below up"},
	{"depth", "( -- n )", w_depth, 0, "How many cells there are"},
	{"clear", "( -- )", w_clear, FORTH_VARIES, "Empty the stack"},
};
// clang-format on
const struct word_table words_stack = {rows, ARRAY_SIZE(rows)};
