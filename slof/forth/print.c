/* SPDX-License-Identifier: BSD-2-Clause */
/* Output: characters, numbers, and pictured numbers, which are built from their end in a buffer. */
#include "forth-priv.h"

#include <string.h>

/* Printing takes time: a character counts as a turn of a loop, so that a break comes soon. */
void forth_type(struct forth *f, const char *text, size_t len)
{
	f->until_poll = len < (size_t)f->until_poll ? f->until_poll - (int)len : 1;
	for (size_t i = 0; i < len; i++)
		f->sys->out = text[i] == '\n' || text[i] == '\r' ? 0 : f->sys->out + 1;
	if (f->ops->emit && len > 0)
		f->ops->emit(f->ops->ctx, text, len);
}

void out_char(struct forth *f, char c)
{
	forth_type(f, &c, 1);
}

void out_text(struct forth *f, const char *text)
{
	forth_type(f, text, strlen(text));
}

char *format_unsigned(cell_t v, unsigned base, char *end)
{
	do {
		unsigned d = (unsigned)(v % base);

		*--end = (char)(d < 10 ? '0' + d : 'a' + d - 10);
		v /= base;
	} while (v != 0);
	return end;
}

static int spaces(struct forth *f, cell_t n)
{
	int err = 0;

	for (cell_t i = 0; i < n && !err; i++) {
		out_char(f, ' ');
		err = poll_turn(f);
	}
	return err;
}

void out_number(struct forth *f, cell_t v, bool is_signed, unsigned base)
{
	char buf[72], *end = buf + sizeof(buf), *p;
	bool minus = is_signed && (int64_t)v < 0;

	p = format_unsigned(minus ? 0 - v : v, base, end);
	if (minus)
		*--p = '-';
	forth_type(f, p, (size_t)(end - p));
}

/* In a field of width; a blank behind it if width is -1. */
static int print(struct forth *f, cell_t v, bool is_signed, int64_t width)
{
	char buf[72], *end = buf + sizeof(buf), *p;
	bool minus = is_signed && (int64_t)v < 0;
	unsigned base;
	int err = base_of(f, &base);

	if (err)
		return err;
	p = format_unsigned(minus ? 0 - v : v, base, end);
	if (minus)
		*--p = '-';
	if (width > end - p)
		err = spaces(f, (cell_t)(width - (end - p)));
	forth_type(f, p, (size_t)(end - p));
	if (width < 0)
		out_char(f, ' ');
	return err;
}

static int w_dot(struct forth *f)
{
	return print(f, POP(), true, -1);
}

static int w_u_dot(struct forth *f)
{
	return print(f, POP(), false, -1);
}

static int w_dot_r(struct forth *f)
{
	int64_t width = (int64_t)POP();

	return print(f, POP(), true, width < 0 ? 0 : width);
}

static int w_u_dot_r(struct forth *f)
{
	int64_t width = (int64_t)POP();

	return print(f, POP(), false, width < 0 ? 0 : width);
}

static int w_dot_h(struct forth *f)
{
	out_number(f, POP(), false, 16);
	out_char(f, ' ');
	return 0;
}

static int w_dot_d(struct forth *f)
{
	out_number(f, POP(), true, 10);
	out_char(f, ' ');
	return 0;
}

static int w_question(struct forth *f)
{
	const void *p = forth_at(f, TOP, sizeof(cell_t), false);
	cell_t v;

	if (!p)
		return THROW_ADDRESS;
	memcpy(&v, p, sizeof(v));
	DROP();
	return print(f, v, true, -1);
}

static int w_dot_s(struct forth *f)
{
	unsigned base;
	int err = base_of(f, &base);

	for (const cell_t *p = f->stack; p < f->sp && !err; p++)
		err = print(f, *p, true, -1);
	return err;
}

static int w_hold_begin(struct forth *f)
{
	f->hold_at = sizeof(f->sys->hold);
	return 0;
}

static int hold(struct forth *f, char c)
{
	if (f->hold_at == 0)
		return THROW_HOLD;
	f->sys->hold[--f->hold_at] = c;
	return 0;
}

static int w_hold(struct forth *f)
{
	return hold(f, (char)POP());
}

static int w_holds(struct forth *f)
{
	cell_t len = TOP;
	const char *p = forth_at(f, NOS, len, false);
	int err = 0;

	f->sp -= 2;
	if (!p && len != 0)
		return THROW_ADDRESS;
	while (len > 0 && !err)
		err = hold(f, p[--len]);
	return err;
}

static int w_sign(struct forth *f)
{
	return (int64_t)POP() < 0 ? hold(f, '-') : 0;
}

/* One digit of the double on the stack. */
static int w_digit(struct forth *f)
{
	unsigned base;
	cell_t rem;
	int err = base_of(f, &base);

	if (err)
		return err;
	rem = TOP % base;
	TOP /= base;
	NOS = wide_div((struct wide){NOS, rem}, base, &rem);
	return hold(f, (char)(rem < 10 ? '0' + rem : 'a' + rem - 10));
}

static int w_digits(struct forth *f)
{
	int err;

	do
		err = w_digit(f);
	while (!err && (NOS | TOP) != 0);
	return err;
}

static int w_hold_end(struct forth *f)
{
	NOS = (cell_t)(uintptr_t)&f->sys->hold[f->hold_at];
	TOP = sizeof(f->sys->hold) - f->hold_at;
	return 0;
}

/* IEEE 1275 has the same for one cell, unsigned. */
static int w_u_digit(struct forth *f)
{
	int err;

	PUSH(0);
	err = w_digit(f);
	DROP();
	return err;
}

static int w_u_digits(struct forth *f)
{
	int err;

	PUSH(0);
	err = w_digits(f);
	DROP();
	return err;
}

static int w_u_hold_end(struct forth *f)
{
	PUSH(0);
	return w_hold_end(f);
}

static int print_double(struct forth *f, bool padded)
{
	int64_t width = padded ? (int64_t)POP() : 0;
	bool minus = (int64_t)TOP < 0;
	int err;

	if (minus) {
		struct wide v = wide_neg((struct wide){NOS, TOP});

		NOS = v.lo;
		TOP = v.hi;
	}
	w_hold_begin(f);
	err = w_digits(f);
	if (!err && minus)
		err = hold(f, '-');
	f->sp -= 2;
	if (err)
		return err;
	width -= (int64_t)(sizeof(f->sys->hold) - f->hold_at);
	if (width > 0)
		err = spaces(f, (cell_t)width);
	forth_type(f, &f->sys->hold[f->hold_at], sizeof(f->sys->hold) - f->hold_at);
	if (!padded)
		out_char(f, ' ');
	return err;
}

static int w_d_dot(struct forth *f)
{
	return print_double(f, false);
}

static int w_d_dot_r(struct forth *f)
{
	return print_double(f, true);
}

static int w_parens_dot(struct forth *f)
{
	bool minus = (int64_t)TOP < 0;
	char *end = f->sys->hold + sizeof(f->sys->hold), *p;
	unsigned base;
	int err = base_of(f, &base);

	if (err)
		return err;
	p = format_unsigned(minus ? 0 - TOP : TOP, base, end);
	if (minus)
		*--p = '-';
	TOP = (cell_t)(uintptr_t)p;
	PUSH((cell_t)(end - p));
	return 0;
}

static int w_emit(struct forth *f)
{
	out_char(f, (char)POP());
	return 0;
}

static int w_type(struct forth *f)
{
	const char *p = forth_at(f, NOS, TOP, false);
	cell_t len = TOP;

	f->sp -= 2;
	if (!p && len != 0)
		return THROW_ADDRESS;
	forth_type(f, p, (size_t)len);
	return 0;
}

static int w_cr(struct forth *f)
{
	out_text(f, "\r\n");
	return 0;
}

static int w_return(struct forth *f)
{
	out_char(f, '\r');
	return 0;
}

static int w_space(struct forth *f)
{
	out_char(f, ' ');
	return 0;
}

static int w_spaces(struct forth *f)
{
	int64_t n = (int64_t)POP();

	return spaces(f, n > 0 ? (cell_t)n : 0);
}

static int w_base_16(struct forth *f)
{
	f->sys->base = 16;
	return 0;
}

static int w_base_10(struct forth *f)
{
	f->sys->base = 10;
	return 0;
}

static int w_base_8(struct forth *f)
{
	f->sys->base = 8;
	return 0;
}

static int w_base_2(struct forth *f)
{
	f->sys->base = 2;
	return 0;
}

// clang-format off
static const struct forth_word rows[] = {
	{".",       "( n -- )",             w_dot, 0, "Print a number"},
	{"s.",      "( n -- )",             w_dot, 0, "Print a number"},
	{"u.",      "( u -- )",             w_u_dot, 0, "Print an unsigned number"},
	{".r",      "( n width -- )",       w_dot_r, 0, "Print a number in a field"},
	{"u.r",     "( u width -- )",       w_u_dot_r, 0, "Print an unsigned number in a field"},
	{".h",      "( u -- )",             w_dot_h, 0, "Print in hexadecimal"},
	{".d",      "( n -- )",             w_dot_d, 0, "Print in decimal"},
	{"?",       "( addr -- )",          w_question, 0, "Print a cell of memory"},
	{".s",      "( -- )",               w_dot_s, 0, "Print the stack"},
	{"d.",      "( d d -- )",           w_d_dot, 0, "Print a double number"},
	{"d.r",     "( d d width -- )",     w_d_dot_r, 0, "Print a double number in a field"},
	{"(.)",     "( n -- addr len )",    w_parens_dot, 0, "A number as text"},
	{"<#",      "( -- )",               w_hold_begin, 0, "Begin a pictured number"},
	{"hold",    "( c -- )",             w_hold, 0, "Put a character before it"},
	{"holds",   "( addr len -- )",      w_holds, 0, "Put text before it"},
	{"sign",    "( n -- )",             w_sign, 0, "Put - before it if n is negative"},
	{"#",       "( d d -- d d )",       w_digit, 0, "Put the lowest digit before it"},
	{"#s",      "( d d -- d d )",       w_digits, 0, "Put all digits before it"},
	{"#>",      "( d d -- addr len )",  w_hold_end, 0, "End a pictured number"},
	{"u#",      "( u -- u )",           w_u_digit, FORTH_VARIES, "Put the lowest digit before it"},
	{"u#s",     "( u -- u )",           w_u_digits, FORTH_VARIES, "Put all digits before it"},
	{"u#>",     "( u -- addr len )",    w_u_hold_end, 0, "End a pictured number"},
	{"emit",    "( c -- )",             w_emit, 0, "Print a character"},
	{"type",    "( addr len -- )",      w_type, 0, "Print text"},
	{"cr",      "( -- )",               w_cr, 0, "Go to a new line"},
	{"(cr",     "( -- )",               w_return, 0, "Go to the begin of the line"},
	{"space",   "( -- )",               w_space, 0, "Print a space"},
	{"spaces",  "( n -- )",             w_spaces, 0, "Print n spaces"},
	{"hex",     "( -- )",               w_base_16, 0, "Numbers are hexadecimal"},
	{"decimal", "( -- )",               w_base_10, 0, "Numbers are decimal"},
	{"octal",   "( -- )",               w_base_8, 0, "Numbers are octal"},
	{"binary",  "( -- )",               w_base_2, 0, "Numbers are binary"},
};
// clang-format on
const struct word_table words_print = {rows, ARRAY_SIZE(rows)};
