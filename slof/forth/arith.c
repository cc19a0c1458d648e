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

/* One word per line. Of two operands a is the lower, b was the top; of one, a is the top. */
#define BINARY(word, result)               \
	static int word(struct forth *f)   \
	{                                  \
		cell_t b = POP(), a = TOP; \
                                           \
		TOP = (result);            \
		return 0;                  \
	}
#define UNARY(word, result)              \
	static int word(struct forth *f) \
	{                                \
		cell_t a = TOP;          \
                                         \
		TOP = (result);          \
		return 0;                \
	}
#define CONSTANT(word, value)            \
	static int word(struct forth *f) \
	{                                \
		PUSH(value);             \
		return 0;                \
	}

// clang-format off
BINARY(w_plus, a + b)
BINARY(w_minus, a - b)
BINARY(w_times, a * b)
BINARY(w_and, a & b)
BINARY(w_or, a | b)
BINARY(w_xor, a ^ b)
BINARY(w_lshift, b < 64 ? a << b : 0)
BINARY(w_rshift, b < 64 ? a >> b : 0)

BINARY(w_eq, FLAG(a == b))
BINARY(w_ne, FLAG(a != b))
BINARY(w_lt, FLAG((int64_t)a < (int64_t)b))
BINARY(w_ult, FLAG(a < b))
BINARY(w_gt, FLAG((int64_t)a > (int64_t)b))
BINARY(w_ugt, FLAG(a > b))
BINARY(w_le, FLAG((int64_t)a <= (int64_t)b))
BINARY(w_ule, FLAG(a <= b))
BINARY(w_ge, FLAG((int64_t)a >= (int64_t)b))
BINARY(w_uge, FLAG(a >= b))
BINARY(w_min, min_signed(a, b))
BINARY(w_max, min_signed(a, b) == a ? b : a)
BINARY(w_umin, a < b ? a : b)
BINARY(w_umax, a < b ? b : a)

UNARY(w_0eq, FLAG((int64_t)a == 0))
UNARY(w_0ne, FLAG((int64_t)a != 0))
UNARY(w_0lt, FLAG((int64_t)a < 0))
UNARY(w_0gt, FLAG((int64_t)a > 0))
UNARY(w_0le, FLAG((int64_t)a <= 0))
UNARY(w_0ge, FLAG((int64_t)a >= 0))
UNARY(w_1plus, a + 1)
UNARY(w_1minus, a - 1)
UNARY(w_2plus, a + 2)
UNARY(w_2minus, a - 2)
UNARY(w_2times, a << 1)
UNARY(w_u2div, a >> 1)
UNARY(w_2div, (cell_t)((int64_t)a >> 1))
UNARY(w_negate, 0 - a)
UNARY(w_invert, ~a)
UNARY(w_abs, (int64_t)a < 0 ? 0 - a : a)
UNARY(w_sgn, (int64_t)a < 0 ? ~(cell_t)0 : a != 0)
UNARY(w_even, (a + 1) & ~(cell_t)1)

CONSTANT(w_const_true, ~(cell_t)0)
CONSTANT(w_const_false, 0)
CONSTANT(w_const_m1, ~(cell_t)0)
CONSTANT(w_const_0, 0)
CONSTANT(w_const_1, 1)
CONSTANT(w_const_2, 2)
CONSTANT(w_const_3, 3)
CONSTANT(w_const_bl, ' ')
CONSTANT(w_const_bell, 7)
CONSTANT(w_const_bs, 8)
CONSTANT(w_const_carret, 13)
CONSTANT(w_const_linefeed, 10)
CONSTANT(w_const_newline, 10)
CONSTANT(w_const_size_c, 1)
CONSTANT(w_const_size_w, 2)
CONSTANT(w_const_size_l, 4)
CONSTANT(w_const_size_x, 8)
CONSTANT(w_const_size_n, sizeof(cell_t))
// clang-format on

static int w_rshift_a(struct forth *f)
{
	cell_t b = POP(), n = b < 64 ? b : 63, a = TOP;

	TOP = (int64_t)a < 0 ? ~(~a >> n) : a >> n;
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

/* Divide a by b, which leaves q and r; then one or both go on the stack. */
static int divide_top(struct forth *f, bool is_signed, cell_t *q, cell_t *r)
{
	cell_t b = TOP;

	if (b == 0)
		return THROW_DIVISION;
	DROP();
	if (is_signed) {
		divide(TOP, b, q, r, true);
	} else {
		*q = TOP / b;
		*r = TOP % b;
	}
	return 0;
}

#define DIVISION(word, is_signed, ...)                      \
	static int word(struct forth *f)                    \
	{                                                   \
		cell_t q, r;                                \
		int err = divide_top(f, is_signed, &q, &r); \
                                                            \
		if (!err) {                                 \
			__VA_ARGS__;                        \
		}                                           \
		return err;                                 \
	}
// clang-format off
DIVISION(w_div, true, TOP = q)
DIVISION(w_mod, true, TOP = r)
DIVISION(w_divmod, true, TOP = r; PUSH(q))
DIVISION(w_udiv, false, TOP = q)
DIVISION(w_umod, false, TOP = r)
DIVISION(w_udivmod, false, TOP = r; PUSH(q))
// clang-format on

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
