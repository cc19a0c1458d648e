/* SPDX-License-Identifier: BSD-2-Clause */
/* Arithmetic, comparison and logic on single cells. */
#include "forth-priv.h"

static cell_t min_signed(cell_t a, cell_t b)
{
	return (int64_t)a < (int64_t)b ? a : b;
}

/* Quotient and remainder; the most negative number by -1 gives itself, as two's complement does. */
static void divide(cell_t a, cell_t b, cell_t *quotient, cell_t *rem, bool floored)
{
	cell_t ua = (int64_t)a < 0 ? 0 - a : a, ub = (int64_t)b < 0 ? 0 - b : b;
	bool minus = (int64_t)(a ^ b) < 0;

	*quotient = minus ? 0 - ua / ub : ua / ub;
	*rem = (int64_t)a < 0 ? 0 - ua % ub : ua % ub;
	if (floored && minus && *rem != 0) {
		--*quotient;
		*rem += b;
	}
}

static int w_plus(struct forth *f)
{
	cell_t b = POP(), a = TOP;

	TOP = a + b;
	return 0;
}

static int w_minus(struct forth *f)
{
	cell_t b = POP(), a = TOP;

	TOP = a - b;
	return 0;
}

static int w_times(struct forth *f)
{
	cell_t b = POP(), a = TOP;

	TOP = a * b;
	return 0;
}

static int w_and(struct forth *f)
{
	cell_t b = POP(), a = TOP;

	TOP = a & b;
	return 0;
}

static int w_or(struct forth *f)
{
	cell_t b = POP(), a = TOP;

	TOP = a | b;
	return 0;
}

static int w_xor(struct forth *f)
{
	cell_t b = POP(), a = TOP;

	TOP = a ^ b;
	return 0;
}

static int w_lshift(struct forth *f)
{
	cell_t b = POP(), a = TOP;

	TOP = b < 64 ? a << b : 0;
	return 0;
}

static int w_rshift(struct forth *f)
{
	cell_t b = POP(), a = TOP;

	TOP = b < 64 ? a >> b : 0;
	return 0;
}

static int w_rshift_a(struct forth *f)
{
	cell_t b = POP(), n = b < 64 ? b : 63, a = TOP;

	TOP = (int64_t)a < 0 ? ~(~a >> n) : a >> n;
	return 0;
}

static int w_eq(struct forth *f)
{
	cell_t b = POP(), a = TOP;

	TOP = FLAG(a == b);
	return 0;
}

static int w_ne(struct forth *f)
{
	cell_t b = POP(), a = TOP;

	TOP = FLAG(a != b);
	return 0;
}

static int w_lt(struct forth *f)
{
	cell_t b = POP(), a = TOP;

	TOP = FLAG((int64_t)a < (int64_t)b);
	return 0;
}

static int w_ult(struct forth *f)
{
	cell_t b = POP(), a = TOP;

	TOP = FLAG(a < b);
	return 0;
}

static int w_gt(struct forth *f)
{
	cell_t b = POP(), a = TOP;

	TOP = FLAG((int64_t)a > (int64_t)b);
	return 0;
}

static int w_ugt(struct forth *f)
{
	cell_t b = POP(), a = TOP;

	TOP = FLAG(a > b);
	return 0;
}

static int w_le(struct forth *f)
{
	cell_t b = POP(), a = TOP;

	TOP = FLAG((int64_t)a <= (int64_t)b);
	return 0;
}

static int w_ule(struct forth *f)
{
	cell_t b = POP(), a = TOP;

	TOP = FLAG(a <= b);
	return 0;
}

static int w_ge(struct forth *f)
{
	cell_t b = POP(), a = TOP;

	TOP = FLAG((int64_t)a >= (int64_t)b);
	return 0;
}

static int w_uge(struct forth *f)
{
	cell_t b = POP(), a = TOP;

	TOP = FLAG(a >= b);
	return 0;
}

static int w_0eq(struct forth *f)
{
	cell_t a = TOP;

	TOP = FLAG((int64_t)a == 0);
	return 0;
}

static int w_0ne(struct forth *f)
{
	cell_t a = TOP;

	TOP = FLAG((int64_t)a != 0);
	return 0;
}

static int w_0lt(struct forth *f)
{
	cell_t a = TOP;

	TOP = FLAG((int64_t)a < 0);
	return 0;
}

static int w_0gt(struct forth *f)
{
	cell_t a = TOP;

	TOP = FLAG((int64_t)a > 0);
	return 0;
}

static int w_0le(struct forth *f)
{
	cell_t a = TOP;

	TOP = FLAG((int64_t)a <= 0);
	return 0;
}

static int w_0ge(struct forth *f)
{
	cell_t a = TOP;

	TOP = FLAG((int64_t)a >= 0);
	return 0;
}

static int w_min(struct forth *f)
{
	cell_t b = POP(), a = TOP;

	TOP = min_signed(a, b);
	return 0;
}

static int w_max(struct forth *f)
{
	cell_t b = POP(), a = TOP;

	TOP = min_signed(a, b) == a ? b : a;
	return 0;
}

static int w_umin(struct forth *f)
{
	cell_t b = POP(), a = TOP;

	TOP = a < b ? a : b;
	return 0;
}

static int w_umax(struct forth *f)
{
	cell_t b = POP(), a = TOP;

	TOP = a < b ? b : a;
	return 0;
}

static int w_1plus(struct forth *f)
{
	cell_t a = TOP;

	TOP = a + 1;
	return 0;
}

static int w_1minus(struct forth *f)
{
	cell_t a = TOP;

	TOP = a - 1;
	return 0;
}

static int w_2plus(struct forth *f)
{
	cell_t a = TOP;

	TOP = a + 2;
	return 0;
}

static int w_2minus(struct forth *f)
{
	cell_t a = TOP;

	TOP = a - 2;
	return 0;
}

static int w_2times(struct forth *f)
{
	cell_t a = TOP;

	TOP = a << 1;
	return 0;
}

static int w_u2div(struct forth *f)
{
	cell_t a = TOP;

	TOP = a >> 1;
	return 0;
}

static int w_2div(struct forth *f)
{
	cell_t a = TOP;

	TOP = (cell_t)((int64_t)a >> 1);
	return 0;
}

static int w_negate(struct forth *f)
{
	cell_t a = TOP;

	TOP = 0 - a;
	return 0;
}

static int w_invert(struct forth *f)
{
	cell_t a = TOP;

	TOP = ~a;
	return 0;
}

static int w_abs(struct forth *f)
{
	cell_t a = TOP;

	TOP = (int64_t)a < 0 ? 0 - a : a;
	return 0;
}

static int w_sgn(struct forth *f)
{
	cell_t a = TOP;

	TOP = (int64_t)a < 0 ? ~(cell_t)0 : a != 0;
	return 0;
}

static int w_even(struct forth *f)
{
	cell_t a = TOP;

	TOP = (a + 1) & ~(cell_t)1;
	return 0;
}

static int w_within(struct forth *f)
{
	cell_t hi = POP(), lo = POP();

	TOP = FLAG(TOP - lo < hi - lo);
	return 0;
}

static int w_between(struct forth *f)
{
	int64_t hi = (int64_t)POP(), lo = (int64_t)POP(), n = (int64_t)TOP;

	TOP = FLAG(lo <= n && n <= hi);
	return 0;
}

static int w_div(struct forth *f)
{
	cell_t b = TOP, q, r;

	if (b == 0)
		return THROW_DIVISION;
	DROP();
	divide(TOP, b, &q, &r, true);
	TOP = q;
	return 0;
}

static int w_mod(struct forth *f)
{
	cell_t b = TOP, q, r;

	if (b == 0)
		return THROW_DIVISION;
	DROP();
	divide(TOP, b, &q, &r, true);
	TOP = r;
	return 0;
}

static int w_divmod(struct forth *f)
{
	cell_t b = TOP, q, r;

	if (b == 0)
		return THROW_DIVISION;
	DROP();
	divide(TOP, b, &q, &r, true);
	TOP = r;
	PUSH(q);
	return 0;
}

static int w_udiv(struct forth *f)
{
	cell_t b = TOP, q, r;

	if (b == 0)
		return THROW_DIVISION;
	DROP();
	q = TOP / b;
	r = q;
	TOP = r;
	return 0;
}

static int w_umod(struct forth *f)
{
	cell_t b = TOP, q, r;

	if (b == 0)
		return THROW_DIVISION;
	DROP();
	q = TOP;
	r = q % b;
	TOP = r;
	return 0;
}

static int w_udivmod(struct forth *f)
{
	cell_t b = TOP, q, r;

	if (b == 0)
		return THROW_DIVISION;
	DROP();
	q = TOP / b;
	r = TOP % b;
	TOP = r;
	PUSH(q);
	return 0;
}

static int w_const_true(struct forth *f)
{
	PUSH(~(cell_t)0);
	return 0;
}

static int w_const_false(struct forth *f)
{
	PUSH(0);
	return 0;
}

static int w_const_m1(struct forth *f)
{
	PUSH(~(cell_t)0);
	return 0;
}

static int w_const_0(struct forth *f)
{
	PUSH(0);
	return 0;
}

static int w_const_1(struct forth *f)
{
	PUSH(1);
	return 0;
}

static int w_const_2(struct forth *f)
{
	PUSH(2);
	return 0;
}

static int w_const_3(struct forth *f)
{
	PUSH(3);
	return 0;
}

static int w_const_bl(struct forth *f)
{
	PUSH(' ');
	return 0;
}

static int w_const_bell(struct forth *f)
{
	PUSH(7);
	return 0;
}

static int w_const_bs(struct forth *f)
{
	PUSH(8);
	return 0;
}

static int w_const_carret(struct forth *f)
{
	PUSH(13);
	return 0;
}

static int w_const_linefeed(struct forth *f)
{
	PUSH(10);
	return 0;
}

static int w_const_newline(struct forth *f)
{
	PUSH(10);
	return 0;
}

static int w_const_size_c(struct forth *f)
{
	PUSH(1);
	return 0;
}

static int w_const_size_w(struct forth *f)
{
	PUSH(2);
	return 0;
}

static int w_const_size_l(struct forth *f)
{
	PUSH(4);
	return 0;
}

static int w_const_size_x(struct forth *f)
{
	PUSH(8);
	return 0;
}

static int w_const_size_n(struct forth *f)
{
	PUSH(sizeof(cell_t));
	return 0;
}

// clang-format off
static const struct forth_word rows[] = {
	{"+", "( a b -- n )", w_plus, 0, "Sum"},
	{"-", "( a b -- n )", w_minus, 0, "Difference"},
	{"*", "( a b -- n )", w_times, 0, "Product"},
	{"u*", "( a b -- n )", w_times, 0, "Product"},
	{"and", "( a b -- n )", w_and, 0, "Bits in both"},
	{"or", "( a b -- n )", w_or, 0, "Bits in either"},
	{"xor", "( a b -- n )", w_xor, 0, "Bits in one"},
	{"lshift", "( a b -- n )", w_lshift, 0, "Shift left by b bits"},
	{"<<", "( a b -- n )", w_lshift, 0, "Shift left by b bits"},
	{"rshift", "( a b -- n )", w_rshift, 0, "Shift right, zeros come in"},
	{">>", "( a b -- n )", w_rshift, 0, "Shift right, zeros come in"},
	{">>a", "( a b -- n )", w_rshift_a, 0, "Shift right, the sign comes in"},
	{"=", "( a b -- n )", w_eq, 0, "Equal?"},
	{"<>", "( a b -- n )", w_ne, 0, "Different?"},
	{"<", "( a b -- n )", w_lt, 0, "Compare, signed"},
	{"u<", "( a b -- n )", w_ult, 0, "Compare, unsigned"},
	{">", "( a b -- n )", w_gt, 0, "Compare, signed"},
	{"u>", "( a b -- n )", w_ugt, 0, "Compare, unsigned"},
	{"<=", "( a b -- n )", w_le, 0, "Compare, signed"},
	{"u<=", "( a b -- n )", w_ule, 0, "Compare, unsigned"},
	{">=", "( a b -- n )", w_ge, 0, "Compare, signed"},
	{"u>=", "( a b -- n )", w_uge, 0, "Compare, unsigned"},
	{"0=", "( a -- n )", w_0eq, 0, "Compare with 0"},
	{"0<>", "( a -- n )", w_0ne, 0, "Compare with 0"},
	{"0<", "( a -- n )", w_0lt, 0, "Compare with 0"},
	{"0>", "( a -- n )", w_0gt, 0, "Compare with 0"},
	{"0<=", "( a -- n )", w_0le, 0, "Compare with 0"},
	{"0>=", "( a -- n )", w_0ge, 0, "Compare with 0"},
	{"min", "( a b -- n )", w_min, 0, "The smaller"},
	{"max", "( a b -- n )", w_max, 0, "The greater"},
	{"umin", "( a b -- n )", w_umin, 0, "The smaller, unsigned"},
	{"umax", "( a b -- n )", w_umax, 0, "The greater, unsigned"},
	{"1+", "( a -- n )", w_1plus, 0, "Add 1"},
	{"1-", "( a -- n )", w_1minus, 0, "Subtract 1"},
	{"2+", "( a -- n )", w_2plus, 0, "Add 2"},
	{"2-", "( a -- n )", w_2minus, 0, "Subtract 2"},
	{"2*", "( a -- n )", w_2times, 0, "Twice"},
	{"u2/", "( a -- n )", w_u2div, 0, "Half, unsigned"},
	{"2/", "( a -- n )", w_2div, 0, "Half, rounded down"},
	{"negate", "( a -- n )", w_negate, 0, "Change the sign"},
	{"invert", "( a -- n )", w_invert, 0, "Change all bits"},
	{"not", "( a -- n )", w_invert, 0, "Change all bits"},
	{"abs", "( a -- n )", w_abs, 0, "Without the sign"},
	{"sgn", "( a -- n )", w_sgn, 0, "-1, 0 or 1"},
	{"even", "( a -- n )", w_even, 0, "The next even number"},
	{"within", "( n lo hi -- flag )", w_within, 0, "lo <= n < hi?"},
	{"between", "( n lo hi -- flag )", w_between, 0, "lo <= n <= hi?"},
	{"/", "( a b -- n )", w_div, 0, "Quotient, rounded down"},
	{"mod", "( a b -- n )", w_mod, 0, "Remainder, sign of the divisor"},
	{"/mod", "( a b -- rem quot )", w_divmod, 0, "Remainder and quotient, rounded down"},
	{"u/", "( a b -- n )", w_udiv, 0, "Quotient, unsigned"},
	{"umod", "( a b -- n )", w_umod, 0, "Remainder, unsigned"},
	{"u/mod", "( a b -- rem quot )", w_udivmod, 0, "Remainder and quotient, unsigned"},
	{"true", "( -- n )", w_const_true, 0, "A constant"},
	{"false", "( -- n )", w_const_false, 0, "A constant"},
	{"-1", "( -- n )", w_const_m1, 0, "A constant"},
	{"0", "( -- n )", w_const_0, 0, "A constant"},
	{"1", "( -- n )", w_const_1, 0, "A constant"},
	{"2", "( -- n )", w_const_2, 0, "A constant"},
	{"3", "( -- n )", w_const_3, 0, "A constant"},
	{"bl", "( -- n )", w_const_bl, 0, "A constant"},
	{"bell", "( -- n )", w_const_bell, 0, "A constant"},
	{"bs", "( -- n )", w_const_bs, 0, "A constant"},
	{"carret", "( -- n )", w_const_carret, 0, "A constant"},
	{"linefeed", "( -- n )", w_const_linefeed, 0, "A constant"},
	{"newline", "( -- n )", w_const_newline, 0, "A constant"},
	{"/c", "( -- n )", w_const_size_c, 0, "A constant"},
	{"/w", "( -- n )", w_const_size_w, 0, "A constant"},
	{"/l", "( -- n )", w_const_size_l, 0, "A constant"},
	{"/x", "( -- n )", w_const_size_x, 0, "A constant"},
	{"/n", "( -- n )", w_const_size_n, 0, "A constant"},
};
// clang-format on
const struct word_table words_arith = {rows, ARRAY_SIZE(rows)};
