/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory access, in the byte order of the machine and at any alignment. Every access asks forth_at().
 */
#include "forth-priv.h"

#include <string.h>

/* The words that read, write and lay down one unit of memory. */
#define ACCESS(unit, type)                                             \
	static int fetch_##unit(struct forth *f)                       \
	{                                                              \
		const void *p = forth_at(f, TOP, sizeof(type), false); \
		type v;                                                \
                                                                       \
		if (!p)                                                \
			return THROW_ADDRESS;                          \
		memcpy(&v, p, sizeof(v));                              \
		TOP = v;                                               \
		return 0;                                              \
	}                                                              \
	static int store_##unit(struct forth *f)                       \
	{                                                              \
		void *p = forth_at(f, TOP, sizeof(type), true);        \
		type v = (type)NOS;                                    \
                                                                       \
		if (!p)                                                \
			return THROW_ADDRESS;                          \
		memcpy(p, &v, sizeof(v));                              \
		f->sp -= 2;                                            \
		return 0;                                              \
	}                                                              \
	static int comma_##unit(struct forth *f)                       \
	{                                                              \
		type v = (type)TOP;                                    \
		int err = space_room(f, sizeof(v));                    \
                                                                       \
		if (err)                                               \
			return err;                                    \
		memcpy((void *)(uintptr_t)f->here, &v, sizeof(v));     \
		f->here += sizeof(v);                                  \
		DROP();                                                \
		return 0;                                              \
	}

/* Addresses and sizes in units of a number of bytes. */
#define UNITS(unit, bytes)                                \
	static int w_##unit##a_plus(struct forth *f)      \
	{                                                 \
		cell_t i = POP();                         \
                                                          \
		TOP += i * (bytes);                       \
		return 0;                                 \
	}                                                 \
	static int w_##unit##a1_plus(struct forth *f)     \
	{                                                 \
		TOP += (bytes);                           \
		return 0;                                 \
	}                                                 \
	static int w_size_##unit##_times(struct forth *f) \
	{                                                 \
		TOP *= (bytes);                           \
		return 0;                                 \
	}

#define VARIABLE(name)                                  \
	static int w_var_##name(struct forth *f)        \
	{                                               \
		PUSH((cell_t)(uintptr_t)&f->sys->name); \
		return 0;                               \
	}

// clang-format off
ACCESS(c, uint8_t)
ACCESS(w, uint16_t)
ACCESS(l, uint32_t)
ACCESS(x, uint64_t)

UNITS(c, 1)
UNITS(w, 2)
UNITS(l, 4)
UNITS(x, 8)

VARIABLE(state)
VARIABLE(base)
VARIABLE(in)
VARIABLE(span)
VARIABLE(out)
VARIABLE(line_count)
VARIABLE(blk)
VARIABLE(sharp_tib)
// clang-format on

static int w_signed_w(struct forth *f)
{
	int err = fetch_w(f);

	if (!err)
		TOP = (cell_t)(int64_t)(int16_t)TOP;
	return err;
}

static int w_signed_l(struct forth *f)
{
	int err = fetch_l(f);

	if (!err)
		TOP = (cell_t)(int64_t)(int32_t)TOP;
	return err;
}

static int w_plus_store(struct forth *f)
{
	cell_t *p = forth_at(f, TOP, sizeof(cell_t), true), v;

	if (!p)
		return THROW_ADDRESS;
	memcpy(&v, p, sizeof(v));
	v += NOS;
	memcpy(p, &v, sizeof(v));
	f->sp -= 2;
	return 0;
}

static int w_on(struct forth *f)
{
	cell_t a = TOP;

	TOP = ~(cell_t)0;
	PUSH(a);
	return store_x(f);
}

static int w_off(struct forth *f)
{
	cell_t a = TOP;

	TOP = 0;
	PUSH(a);
	return store_x(f);
}

static int w_2fetch(struct forth *f)
{
	const void *p = forth_at(f, TOP, 2 * sizeof(cell_t), false);
	cell_t v[2];

	if (!p)
		return THROW_ADDRESS;
	memcpy(v, p, sizeof(v));
	TOP = v[1];
	PUSH(v[0]);
	return 0;
}

static int w_2store(struct forth *f)
{
	void *p = forth_at(f, TOP, 2 * sizeof(cell_t), true);
	cell_t v[2] = {NOS, f->sp[-3]};

	if (!p)
		return THROW_ADDRESS;
	memcpy(p, v, sizeof(v));
	f->sp -= 3;
	return 0;
}

static int w_move(struct forth *f)
{
	const void *from;
	void *to;

	if (TOP != 0) {
		from = forth_at(f, f->sp[-3], TOP, false);
		to = forth_at(f, NOS, TOP, true);
		if (!from || !to)
			return THROW_ADDRESS;
		memmove(to, from, (size_t)TOP);
	}
	f->sp -= 3;
	return 0;
}

static int w_cmove(struct forth *f)
{
	cell_t n = TOP;
	const uint8_t *from = forth_at(f, f->sp[-3], n, false);
	uint8_t *to = forth_at(f, NOS, n, true);

	if (n != 0 && (!from || !to))
		return THROW_ADDRESS;
	for (cell_t i = 0; i < n; i++)
		to[i] = from[i];
	f->sp -= 3;
	return 0;
}

static int w_cmove_up(struct forth *f)
{
	cell_t n = TOP;
	const uint8_t *from = forth_at(f, f->sp[-3], n, false);
	uint8_t *to = forth_at(f, NOS, n, true);

	if (n != 0 && (!from || !to))
		return THROW_ADDRESS;
	for (cell_t i = n; i > 0; i--)
		to[i - 1] = from[i - 1];
	f->sp -= 3;
	return 0;
}

static int fill(struct forth *f, cell_t addr, cell_t len, int byte)
{
	void *p = len != 0 && (int64_t)len > 0 ? forth_at(f, addr, len, true) : NULL;

	if ((int64_t)len <= 0)
		return 0;
	if (!p)
		return THROW_ADDRESS;
	memset(p, byte, (size_t)len);
	return 0;
}

static int w_fill(struct forth *f)
{
	f->sp -= 3;
	return fill(f, f->sp[0], f->sp[1], (int)(f->sp[2] & 0xff));
}

static int w_erase(struct forth *f)
{
	f->sp -= 2;
	return fill(f, f->sp[0], f->sp[1], 0);
}

static int w_blank(struct forth *f)
{
	f->sp -= 2;
	return fill(f, f->sp[0], f->sp[1], ' ');
}

static int w_comp(struct forth *f)
{
	cell_t n = TOP;
	const void *a = forth_at(f, f->sp[-3], n, false), *b = forth_at(f, NOS, n, false);
	int c;

	if (n != 0 && (!a || !b))
		return THROW_ADDRESS;
	c = n != 0 ? memcmp(a, b, (size_t)n) : 0;
	f->sp -= 2;
	TOP = c < 0 ? ~(cell_t)0 : c > 0;
	return 0;
}

static int w_here(struct forth *f)
{
	PUSH(f->here);
	return 0;
}

static int w_allot(struct forth *f)
{
	return space_allot(f, POP());
}

static int w_align(struct forth *f)
{
	return space_allot(f, (0 - f->here) & 7);
}

static int w_unused(struct forth *f)
{
	PUSH(f->chunk->base + f->chunk->size - f->here);
	return 0;
}

static int w_pad(struct forth *f)
{
	PUSH((cell_t)(uintptr_t)f->sys->pad);
	return 0;
}

static int w_aligned(struct forth *f)
{
	cell_t a = TOP;

	TOP = (a + 7) & ~(cell_t)7;
	return 0;
}

// clang-format off
static const struct forth_word rows[] = {
	{"c@", "( addr -- n )", fetch_c, 0, "Read a byte"},
	{"c!", "( n addr -- )", store_c, 0, "Write a byte"},
	{"c,", "( n -- )", comma_c, 0, "Allot and write a byte"},
	{"w@", "( addr -- n )", fetch_w, 0, "Read 2 bytes"},
	{"w!", "( n addr -- )", store_w, 0, "Write 2 bytes"},
	{"unaligned-w@", "( addr -- n )", fetch_w, 0, "Read 2 bytes"},
	{"unaligned-w!", "( n addr -- )", store_w, 0, "Write 2 bytes"},
	{"w,", "( n -- )", comma_w, 0, "Allot and write 2 bytes"},
	{"l@", "( addr -- n )", fetch_l, 0, "Read 4 bytes"},
	{"l!", "( n addr -- )", store_l, 0, "Write 4 bytes"},
	{"unaligned-l@", "( addr -- n )", fetch_l, 0, "Read 4 bytes"},
	{"unaligned-l!", "( n addr -- )", store_l, 0, "Write 4 bytes"},
	{"l,", "( n -- )", comma_l, 0, "Allot and write 4 bytes"},
	{"x@", "( addr -- n )", fetch_x, 0, "Read 8 bytes"},
	{"x!", "( n addr -- )", store_x, 0, "Write 8 bytes"},
	{"x,", "( n -- )", comma_x, 0, "Allot and write 8 bytes"},
	{"@", "( addr -- n )", fetch_x, 0, "Read a cell"},
	{"!", "( n addr -- )", store_x, 0, "Write a cell"},
	{",", "( n -- )", comma_x, 0, "Allot and write a cell"},
	{"<w@", "( addr -- n )", w_signed_w, 0, "Read 2 bytes with sign"},
	{"<l@", "( addr -- n )", w_signed_l, 0, "Read 4 bytes with sign"},
	{"+!", "( n addr -- )", w_plus_store, 0, "Add to a cell"},
	{"on", "( addr -- )", w_on, 0, "Write -1"},
	{"off", "( addr -- )", w_off, 0, "Write 0"},
	{"2@", "( addr -- a b )", w_2fetch, 0, "Read two cells"},
	{"2!", "( a b addr -- )", w_2store, 0, "Write two cells"},
	{"move", "( from to len -- )", w_move, 0, "Copy bytes, also overlapping"},
	{"cmove", "( from to len -- )", w_cmove, 0, "Copy bytes, the first first"},
	{"cmove>", "( from to len -- )", w_cmove_up, 0, "Copy bytes, the last first"},
	{"fill", "( addr len byte -- )", w_fill, 0, "Fill with a byte"},
	{"erase", "( addr len -- )", w_erase, 0, "Fill with zeros"},
	{"blank", "( addr len -- )", w_blank, 0, "Fill with spaces"},
	{"comp", "( addr addr len -- n )", w_comp, 0, "Compare bytes: -1, 0 or 1"},
	{"here", "( -- addr )", w_here, 0, "Where the next data go"},
	{"allot", "( n -- )", w_allot, 0, "Take n bytes of data space"},
	{"align", "( -- )", w_align, 0, "Data space up to the next cell"},
	{"unused", "( -- n )", w_unused, 0, "Bytes left at this place"},
	{"pad", "( -- addr )", w_pad, 0, "A buffer of 1024 bytes"},
	{"aligned", "( a -- n )", w_aligned, 0, "The next address of a cell"},
	{"ca+", "( addr i -- addr )", w_ca_plus, 0, "Address of the i-th"},
	{"ca1+", "( addr -- addr )", w_ca1_plus, 0, "Address of the next"},
	{"/c*", "( n -- n )", w_size_c_times, 0, "So many of them in bytes"},
	{"wa+", "( addr i -- addr )", w_wa_plus, 0, "Address of the i-th"},
	{"wa1+", "( addr -- addr )", w_wa1_plus, 0, "Address of the next"},
	{"/w*", "( n -- n )", w_size_w_times, 0, "So many of them in bytes"},
	{"la+", "( addr i -- addr )", w_la_plus, 0, "Address of the i-th"},
	{"la1+", "( addr -- addr )", w_la1_plus, 0, "Address of the next"},
	{"/l*", "( n -- n )", w_size_l_times, 0, "So many of them in bytes"},
	{"xa+", "( addr i -- addr )", w_xa_plus, 0, "Address of the i-th"},
	{"xa1+", "( addr -- addr )", w_xa1_plus, 0, "Address of the next"},
	{"/x*", "( n -- n )", w_size_x_times, 0, "So many of them in bytes"},
	{"na+", "( addr i -- addr )", w_xa_plus, 0, "Address of the i-th"},
	{"na1+", "( addr -- addr )", w_xa1_plus, 0, "Address of the next"},
	{"/n*", "( n -- n )", w_size_x_times, 0, "So many of them in bytes"},
	{"cell+", "( addr -- addr )", w_xa1_plus, 0, "Address of the next cell"},
	{"cells", "( n -- n )", w_size_x_times, 0, "So many cells in bytes"},
	{"char+", "( addr -- addr )", w_ca1_plus, 0, "Address of the next character"},
	{"chars", "( n -- n )", w_size_c_times, 0, "So many characters in bytes"},
	{"state", "( -- addr )", w_var_state, 0, "A variable"},
	{"base", "( -- addr )", w_var_base, 0, "A variable"},
	{">in", "( -- addr )", w_var_in, 0, "A variable"},
	{"span", "( -- addr )", w_var_span, 0, "A variable"},
	{"#out", "( -- addr )", w_var_out, 0, "A variable"},
	{"#line", "( -- addr )", w_var_line_count, 0, "A variable"},
	{"blk", "( -- addr )", w_var_blk, 0, "A variable"},
	{"#tib", "( -- addr )", w_var_sharp_tib, 0, "A variable"},
};
// clang-format on
const struct word_table words_memory = {rows, ARRAY_SIZE(rows)};
