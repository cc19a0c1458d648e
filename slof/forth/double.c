/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Double numbers: two cells, the high one on top. Division of 128 by 64 bits goes bit by bit unless
 * the high half is 0; there is no 128-bit type in it.
 */
#include "forth-priv.h"

struct wide wide_mul(cell_t a, cell_t b)
{
	uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
	uint64_t low = al * bl, m1 = ah * bl + (low >> 32), m2 = al * bh + (uint32_t)m1;

	return (struct wide){m2 << 32 | (uint32_t)low, ah * bh + (m1 >> 32) + (m2 >> 32)};
}

struct wide wide_neg(struct wide v)
{
	return (struct wide){0 - v.lo, ~v.hi + (v.lo == 0)};
}

struct wide wide_add(struct wide a, struct wide b)
{
	cell_t lo = a.lo + b.lo;

	return (struct wide){lo, a.hi + b.hi + (lo < a.lo)};
}

cell_t wide_div(struct wide n, cell_t d, cell_t *rem)
{
	cell_t r = n.hi, q = n.lo;

	if (r == 0) {
		*rem = q % d;
		return q / d;
	}
	for (unsigned i = 0; i < 64; i++) {
		bool carry = r >> 63;

		r = r << 1 | q >> 63;
		q <<= 1;
		if (carry || r >= d) {
			r -= d;
			q |= 1;
		}
	}
	*rem = r;
	return q;
}

static struct wide wide_at(const cell_t *p)
{
	return (struct wide){p[0], p[1]};
}

static void wide_put(cell_t *p, struct wide v)
{
	p[0] = v.lo;
	p[1] = v.hi;
}

static bool wide_less(struct wide a, struct wide b, cell_t flip)
{
	return a.hi == b.hi ? a.lo < b.lo : (a.hi ^ flip) < (b.hi ^ flip);
}
#define SIGNED ((cell_t)1 << 63)

static struct wide mul_signed(cell_t a, cell_t b)
{
	struct wide v = wide_mul(a, b);

	v.hi -= ((int64_t)a < 0 ? b : 0) + ((int64_t)b < 0 ? a : 0);
	return v;
}

/* n by d, symmetric or rounded down; 0, or why not. */
static int div_signed(struct wide n, cell_t d, bool floored, cell_t out[2])
{
	cell_t ud = (int64_t)d < 0 ? 0 - d : d, q, r;
	bool minus_n = (int64_t)n.hi < 0, minus = minus_n != ((int64_t)d < 0);

	if (d == 0)
		return THROW_DIVISION;
	if (minus_n)
		n = wide_neg(n);
	if (n.hi >= ud)
		return THROW_RANGE;
	q = wide_div(n, ud, &r);
	q = minus ? 0 - q : q;
	r = minus_n ? 0 - r : r;
	if (floored && minus && r != 0) {
		q--;
		r += d;
	}
	out[0] = r;
	out[1] = q;
	return 0;
}

static int w_um_times(struct forth *f)
{
	wide_put(f->sp - 2, wide_mul(NOS, TOP));
	return 0;
}

static int w_m_times(struct forth *f)
{
	wide_put(f->sp - 2, mul_signed(NOS, TOP));
	return 0;
}

static int w_um_divmod(struct forth *f)
{
	struct wide n = wide_at(f->sp - 3);
	cell_t d = TOP, r;

	if (d == 0)
		return THROW_DIVISION;
	if (n.hi >= d)
		return THROW_RANGE;
	DROP();
	TOP = wide_div(n, d, &r);
	NOS = r;
	return 0;
}

static int w_fm(struct forth *f)
{
	int err = div_signed(wide_at(f->sp - 3), TOP, true, f->sp - 3);

	f->sp -= err ? 0 : 1;
	return err;
}

static int w_sm(struct forth *f)
{
	int err = div_signed(wide_at(f->sp - 3), TOP, false, f->sp - 3);

	f->sp -= err ? 0 : 1;
	return err;
}

static int w_star_slash_mod(struct forth *f)
{
	int err = div_signed(mul_signed(f->sp[-3], NOS), TOP, true, f->sp - 3);

	f->sp -= err ? 0 : 1;
	return err;
}

static int w_star_slash(struct forth *f)
{
	int err = w_star_slash_mod(f);

	if (!err) {
		NOS = TOP;
		DROP();
	}
	return err;
}

/* A double times n, with three cells between, by a positive number. */
static int w_m_star_slash(struct forth *f)
{
	struct wide d = wide_at(f->sp - 4), lo, mid, q;
	cell_t n = NOS, by = TOP, rem;
	bool minus = (int64_t)(d.hi ^ n) < 0;

	if (by == 0)
		return THROW_DIVISION;
	if ((int64_t)d.hi < 0)
		d = wide_neg(d);
	if ((int64_t)n < 0)
		n = 0 - n;
	lo = wide_mul(d.lo, n);
	mid = wide_add(wide_mul(d.hi, n), (struct wide){lo.hi, 0});
	if (mid.hi >= by)
		return THROW_RANGE;
	q.hi = wide_div(mid, by, &rem);
	q.lo = wide_div((struct wide){lo.lo, rem}, by, &rem);
	f->sp -= 2;
	wide_put(f->sp - 2, minus ? wide_neg(q) : q);
	return 0;
}

static int w_d_plus(struct forth *f)
{
	wide_put(f->sp - 4, wide_add(wide_at(f->sp - 4), wide_at(f->sp - 2)));
	f->sp -= 2;
	return 0;
}

static int w_d_minus(struct forth *f)
{
	wide_put(f->sp - 4, wide_add(wide_at(f->sp - 4), wide_neg(wide_at(f->sp - 2))));
	f->sp -= 2;
	return 0;
}

static int w_m_plus(struct forth *f)
{
	struct wide n = {TOP, (int64_t)TOP < 0 ? ~(cell_t)0 : 0};

	DROP();
	wide_put(f->sp - 2, wide_add(wide_at(f->sp - 2), n));
	return 0;
}

static int w_dnegate(struct forth *f)
{
	wide_put(f->sp - 2, wide_neg(wide_at(f->sp - 2)));
	return 0;
}

static int w_dabs(struct forth *f)
{
	if ((int64_t)TOP < 0)
		wide_put(f->sp - 2, wide_neg(wide_at(f->sp - 2)));
	return 0;
}

static int w_s_to_d(struct forth *f)
{
	cell_t hi = (int64_t)TOP < 0 ? ~(cell_t)0 : 0;

	PUSH(hi);
	return 0;
}

static int w_u_to_d(struct forth *f)
{
	PUSH(0);
	return 0;
}

static int w_d_to_s(struct forth *f)
{
	DROP();
	return 0;
}

static int w_d2times(struct forth *f)
{
	wide_put(f->sp - 2, wide_add(wide_at(f->sp - 2), wide_at(f->sp - 2)));
	return 0;
}

static int w_d2div(struct forth *f)
{
	NOS = NOS >> 1 | TOP << 63;
	TOP = (cell_t)((int64_t)TOP >> 1);
	return 0;
}

static int w_d0eq(struct forth *f)
{
	NOS = FLAG((NOS | TOP) == 0);
	DROP();
	return 0;
}

static int w_d0lt(struct forth *f)
{
	NOS = FLAG((int64_t)TOP < 0);
	DROP();
	return 0;
}

static int w_d_eq(struct forth *f)
{
	f->sp[-4] = FLAG(f->sp[-4] == NOS && f->sp[-3] == TOP);
	f->sp -= 3;
	return 0;
}

static int w_d_lt(struct forth *f)
{
	f->sp[-4] = FLAG(wide_less(wide_at(f->sp - 4), wide_at(f->sp - 2), SIGNED));
	f->sp -= 3;
	return 0;
}

static int w_du_lt(struct forth *f)
{
	f->sp[-4] = FLAG(wide_less(wide_at(f->sp - 4), wide_at(f->sp - 2), 0));
	f->sp -= 3;
	return 0;
}

static int w_dmax(struct forth *f)
{
	if (wide_less(wide_at(f->sp - 4), wide_at(f->sp - 2), SIGNED))
		wide_put(f->sp - 4, wide_at(f->sp - 2));
	f->sp -= 2;
	return 0;
}

static int w_dmin(struct forth *f)
{
	if (wide_less(wide_at(f->sp - 2), wide_at(f->sp - 4), SIGNED))
		wide_put(f->sp - 4, wide_at(f->sp - 2));
	f->sp -= 2;
	return 0;
}

// clang-format off
static const struct forth_word rows[] = {
	{"um*", "( a b -- d d )", w_um_times, 0, "Double product, unsigned"},
	{"m*", "( a b -- d d )", w_m_times, 0, "Double product"},
	{"um/mod", "( d d u -- rem quot )", w_um_divmod, 0, "Divide a double number, unsigned"},
	{"fm/mod", "( d d n -- rem quot )", w_fm, 0, "Divide a double number"},
	{"sm/rem", "( d d n -- rem quot )", w_sm, 0, "Divide a double number"},
	{"*/mod", "( a b c -- rem quot )", w_star_slash_mod, 0, "a * b / c, with a double product between"},
	{"*/", "( a b c -- n )", w_star_slash, 0, "a * b / c, with a double product between"},
	{"m*/", "( d d n u -- d d )", w_m_star_slash, 0, "A double times n by u, with three cells between"},
	{"d+", "( d d e e -- d d )", w_d_plus, 0, "Sum of doubles"},
	{"d-", "( d d e e -- d d )", w_d_minus, 0, "Difference of doubles"},
	{"m+", "( d d n -- d d )", w_m_plus, 0, "Add to a double"},
	{"dnegate", "( d d -- d d )", w_dnegate, 0, "Change the sign of a double"},
	{"dabs", "( d d -- d d )", w_dabs, 0, "A double without its sign"},
	{"s>d", "( n -- d d )", w_s_to_d, 0, "A number as a double"},
	{"u>d", "( n -- d d )", w_u_to_d, 0, "An unsigned number as a double"},
	{"d>s", "( d d -- n )", w_d_to_s, 0, "The low half"},
	{"d2*", "( d d -- d d )", w_d2times, 0, "Twice a double"},
	{"d2/", "( d d -- d d )", w_d2div, 0, "Half a double, rounded down"},
	{"d0=", "( d d -- flag )", w_d0eq, 0, "A double is 0?"},
	{"d0<", "( d d -- flag )", w_d0lt, 0, "A double is negative?"},
	{"d=", "( d d e e -- flag )", w_d_eq, 0, "Doubles equal?"},
	{"d<", "( d d e e -- flag )", w_d_lt, 0, "Compare doubles"},
	{"du<", "( d d e e -- flag )", w_du_lt, 0, "Compare doubles, unsigned"},
	{"dmax", "( d d e e -- d d )", w_dmax, 0, "The greater double"},
	{"dmin", "( d d e e -- d d )", w_dmin, 0, "The smaller double"},
};
// clang-format on
const struct word_table words_double = {rows, ARRAY_SIZE(rows)};
