/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Words of the return stack, and what control structures compile. A word sees only the part of the return
 * stack it filled itself.
 */
#include "forth-priv.h"

#include <string.h>

static bool rroom(const struct forth *f, unsigned n)
{
	return f->rp + n <= f->rstack + RETURN_CELLS;
}

static bool rhas(const struct forth *f, ptrdiff_t n)
{
	return f->rp - f->rbase >= n;
}

static int w_to_r(struct forth *f)
{
	if (!rroom(f, 1))
		return THROW_ROVERFLOW;
	*f->rp++ = POP();
	return 0;
}

static int w_r_from(struct forth *f)
{
	if (!rhas(f, 1))
		return THROW_RUNDERFLOW;
	PUSH(*--f->rp);
	return 0;
}

static int w_r_fetch(struct forth *f)
{
	if (!rhas(f, 1))
		return THROW_RUNDERFLOW;
	PUSH(f->rp[-1]);
	return 0;
}

static int w_rdrop(struct forth *f)
{
	if (!rhas(f, 1))
		return THROW_RUNDERFLOW;
	f->rp--;
	return 0;
}

static int w_2to_r(struct forth *f)
{
	if (!rroom(f, 2))
		return THROW_ROVERFLOW;
	f->sp -= 2;
	memcpy(f->rp, f->sp, 2 * sizeof(cell_t));
	f->rp += 2;
	return 0;
}

static int w_2r_from(struct forth *f)
{
	if (!rhas(f, 2))
		return THROW_RUNDERFLOW;
	f->rp -= 2;
	memmove(f->sp, f->rp, 2 * sizeof(cell_t));
	f->sp += 2;
	return 0;
}

static int w_2r_fetch(struct forth *f)
{
	if (!rhas(f, 2))
		return THROW_RUNDERFLOW;
	memmove(f->sp, f->rp - 2, 2 * sizeof(cell_t));
	f->sp += 2;
	return 0;
}

static int w_n_to_r(struct forth *f)
{
	cell_t n = TOP;

	if (n >= depth_of(f))
		return THROW_UNDERFLOW;
	if (n >= RETURN_CELLS || !rroom(f, (unsigned)n + 1))
		return THROW_ROVERFLOW;
	f->sp -= n + 1;
	memcpy(f->rp, f->sp, (size_t)(n + 1) * sizeof(cell_t));
	f->rp += n + 1;
	return 0;
}

static int w_n_r_from(struct forth *f)
{
	cell_t n;

	if (!rhas(f, 1))
		return THROW_RUNDERFLOW;
	n = f->rp[-1];
	if (n >= RETURN_CELLS || !rhas(f, (ptrdiff_t)n + 1))
		return THROW_RUNDERFLOW;
	if (depth_of(f) + n + 1 > DATA_CELLS)
		return THROW_OVERFLOW;
	f->rp -= n + 1;
	memmove(f->sp, f->rp, (size_t)(n + 1) * sizeof(cell_t));
	f->sp += n + 1;
	return 0;
}

static int w_j(struct forth *f)
{
	if (!rhas(f, 3))
		return THROW_RUNDERFLOW;
	PUSH(f->rp[-3]);
	return 0;
}

static int w_k(struct forth *f)
{
	if (!rhas(f, 5))
		return THROW_RUNDERFLOW;
	PUSH(f->rp[-5]);
	return 0;
}

static int w_unloop(struct forth *f)
{
	if (!rhas(f, 2))
		return THROW_RUNDERFLOW;
	f->rp -= 2;
	return 0;
}

static int w_branch(struct forth *f)
{
	f->ip += (ptrdiff_t)*f->ip;
	return poll_turn(f);
}

static int w_0branch(struct forth *f)
{
	cell_t n = POP();

	if (n != 0) {
		f->ip++;
		return 0;
	}
	f->ip += (ptrdiff_t)*f->ip;
	return poll_turn(f);
}

static int w_of(struct forth *f)
{
	cell_t n = POP();

	if (n == TOP) {
		DROP();
		f->ip++;
	} else {
		f->ip += (ptrdiff_t)*f->ip;
	}
	return 0;
}

static int w_do(struct forth *f)
{
	if (!rroom(f, 2))
		return THROW_ROVERFLOW;
	f->sp -= 2;
	f->rp[0] = f->sp[0];
	f->rp[1] = f->sp[1];
	f->rp += 2;
	return 0;
}

static int w_question_do(struct forth *f)
{
	if (NOS == TOP) {
		f->sp -= 2;
		f->ip += (ptrdiff_t)*f->ip;
		return 0;
	}
	f->ip++;
	return w_do(f);
}

static int w_leave(struct forth *f)
{
	if (!rhas(f, 2))
		return THROW_RUNDERFLOW;
	f->rp -= 2;
	f->ip += (ptrdiff_t)*f->ip;
	return 0;
}

static int w_loop(struct forth *f)
{
	if (!rhas(f, 2))
		return THROW_RUNDERFLOW;
	if (++f->rp[-1] == f->rp[-2]) {
		f->rp -= 2;
		f->ip++;
		return 0;
	}
	f->ip += (ptrdiff_t)*f->ip;
	return poll_turn(f);
}

static int w_plus_loop(struct forth *f)
{
	cell_t n = POP(), x;

	if (!rhas(f, 2))
		return THROW_RUNDERFLOW;
	x = f->rp[-1] - f->rp[-2];
	f->rp[-1] += n;
	/* from limit - 1 to limit or back: the sign changes, and not because it overflows */
	if (((x ^ (x + n)) & (x ^ n)) >> 63) {
		f->rp -= 2;
		f->ip++;
		return 0;
	}
	f->ip += (ptrdiff_t)*f->ip;
	return poll_turn(f);
}

// clang-format off
static const struct forth_word rows[] = {
	{">r", "( a -- )", w_to_r, 0, "To the return stack"},
	{"r>", "( -- a )", w_r_from, 0, "From the return stack"},
	{"r@", "( -- a )", w_r_fetch, 0, "Copy from the return stack"},
	{"rdrop", "( -- )", w_rdrop, 0, "Forget the top of the return stack"},
	{"2>r", "( a b -- )", w_2to_r, 0, "A pair to the return stack"},
	{"2r>", "( -- a b )", w_2r_from, 0, "A pair from the return stack"},
	{"2r@", "( -- a b )", w_2r_fetch, 0, "Copy a pair from the return stack"},
	{"n>r", "( n -- )", w_n_to_r, FORTH_VARIES, "n cells to the return stack"},
	{"nr>", "( -- n )", w_n_r_from, FORTH_VARIES, "What n>r put there"},
	{"i", "( -- n )", w_r_fetch, FORTH_COMPILE_ONLY, "The index of the loop"},
	{"j", "( -- n )", w_j, FORTH_COMPILE_ONLY, "The index of the loop outside"},
	{"k", "( -- n )", w_k, FORTH_COMPILE_ONLY, "The index of the second loop outside"},
	{"unloop", "( -- )", w_unloop, FORTH_COMPILE_ONLY, "Forget the loop, before exit"},
	{"(branch)", "( -- )", w_branch, FORTH_INTERNAL | FORTH_BRANCH, ""},
	{"(0branch)", "( n -- )", w_0branch, FORTH_INTERNAL | FORTH_BRANCH, ""},
	{"(of)", "( a b -- a )", w_of, FORTH_INTERNAL | FORTH_BRANCH | FORTH_VARIES, ""},
	{"(do)", "( a b -- )", w_do, FORTH_INTERNAL, ""},
	{"(?do)", "( a b -- )", w_question_do, FORTH_INTERNAL | FORTH_BRANCH, ""},
	{"(leave)", "( -- )", w_leave, FORTH_INTERNAL | FORTH_BRANCH, ""},
	{"(loop)", "( -- )", w_loop, FORTH_INTERNAL | FORTH_BRANCH, ""},
	{"(+loop)", "( n -- )", w_plus_loop, FORTH_INTERNAL | FORTH_BRANCH, ""},
};
// clang-format on
const struct word_table words_rstack = {rows, ARRAY_SIZE(rows)};
