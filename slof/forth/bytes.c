/* SPDX-License-Identifier: BSD-2-Clause */
/* Splitting, joining and turning round numbers of 8, 16, 32 and 64 bits (IEEE 1275). */
#include "forth-priv.h"

#include <string.h>

static cell_t flip(cell_t v, unsigned unit, unsigned bits)
{
	cell_t mask = ~(cell_t)0 >> (64 - unit), out = 0;

	for (unsigned i = 0; i < bits; i += unit)
		out |= (v >> i & mask) << (bits - unit - i);
	return out;
}

static int flip_all(struct forth *f, unsigned unit, unsigned bytes)
{
	cell_t len = TOP - TOP % bytes, addr = NOS;
	uint8_t *p = forth_at(f, addr, len, true);

	if (!p && len != 0)
		return THROW_ADDRESS;
	for (cell_t at = 0; at < len; at += bytes) {
		uint8_t t[8];

		memcpy(t, p + at, bytes);
		for (unsigned i = 0; i < bytes; i++)
			p[at + i] = t[(bytes / unit - 1 - i / unit) * unit + i % unit];
	}
	f->sp -= 2;
	return 0;
}

static void join(struct forth *f, unsigned unit, unsigned n)
{
	cell_t mask = ~(cell_t)0 >> (64 - unit), v = 0;

	for (unsigned i = 0; i < n; i++)
		v = v << unit | (POP() & mask);
	PUSH(v);
}

static void split(struct forth *f, unsigned unit, unsigned n)
{
	cell_t mask = ~(cell_t)0 >> (64 - unit), v = POP();

	for (unsigned i = 0; i < n; i++)
		PUSH(v >> i * unit & mask);
}

#define JOIN_SPLIT(parts, whole, unit, n)                   \
	static int w_##parts##whole##join(struct forth *f)  \
	{                                                   \
		join(f, unit, n);                           \
		return 0;                                   \
	}                                                   \
	static int w_##whole##parts##split(struct forth *f) \
	{                                                   \
		split(f, unit, n);                          \
		return 0;                                   \
	}
#define FLIP(whole, parts, unit, bits)                      \
	static int w_##whole##parts##flip(struct forth *f)  \
	{                                                   \
		cell_t a = TOP;                             \
                                                            \
		TOP = flip(a, unit, bits);                  \
		return 0;                                   \
	}                                                   \
	static int w_##whole##parts##flips(struct forth *f) \
	{                                                   \
		return flip_all(f, (unit) / 8, (bits) / 8); \
	}

// clang-format off
JOIN_SPLIT(b, w, 8, 2)
JOIN_SPLIT(b, l, 8, 4)
JOIN_SPLIT(b, x, 8, 8)
JOIN_SPLIT(w, l, 16, 2)
JOIN_SPLIT(w, x, 16, 4)
JOIN_SPLIT(l, x, 32, 2)

FLIP(w, b, 8, 16)
FLIP(l, b, 8, 32)
FLIP(l, w, 16, 32)
FLIP(x, b, 8, 64)
FLIP(x, w, 16, 64)
FLIP(x, l, 32, 64)
// clang-format on

// clang-format off
static const struct forth_word rows[] = {
	{"bwjoin", "( lo hi -- w )", w_bwjoin, 0, "Join 2 bytes"},
	{"bljoin", "( b b b b -- l )", w_bljoin, 0, "Join 4 bytes, the lowest deepest"},
	{"bxjoin", "( b b b b b b b b -- x )", w_bxjoin, 0, "Join 8 bytes, the lowest deepest"},
	{"wljoin", "( lo hi -- l )", w_wljoin, 0, "Join 2 numbers of 16 bits"},
	{"wxjoin", "( w w w w -- x )", w_wxjoin, 0, "Join 4 numbers of 16 bits"},
	{"lxjoin", "( lo hi -- x )", w_lxjoin, 0, "Join 2 numbers of 32 bits"},
	{"wbsplit", "( n -- p p )", w_wbsplit, 0, "Split, the lowest deepest"},
	{"lbsplit", "( n -- p p p p )", w_lbsplit, 0, "Split, the lowest deepest"},
	{"lwsplit", "( n -- p p )", w_lwsplit, 0, "Split, the lowest deepest"},
	{"xbsplit", "( n -- p p p p p p p p )", w_xbsplit, 0, "Split, the lowest deepest"},
	{"xwsplit", "( n -- p p p p )", w_xwsplit, 0, "Split, the lowest deepest"},
	{"xlsplit", "( n -- p p )", w_xlsplit, 0, "Split, the lowest deepest"},
	{"wbflip", "( a -- n )", w_wbflip, 0, "Turn round"},
	{"wbflips", "( addr len -- )", w_wbflips, 0, "Turn round each in memory"},
	{"lbflip", "( a -- n )", w_lbflip, 0, "Turn round"},
	{"lbflips", "( addr len -- )", w_lbflips, 0, "Turn round each in memory"},
	{"lwflip", "( a -- n )", w_lwflip, 0, "Turn round"},
	{"lwflips", "( addr len -- )", w_lwflips, 0, "Turn round each in memory"},
	{"xbflip", "( a -- n )", w_xbflip, 0, "Turn round"},
	{"xbflips", "( addr len -- )", w_xbflips, 0, "Turn round each in memory"},
	{"xwflip", "( a -- n )", w_xwflip, 0, "Turn round"},
	{"xwflips", "( addr len -- )", w_xwflips, 0, "Turn round each in memory"},
	{"xlflip", "( a -- n )", w_xlflip, 0, "Turn round"},
	{"xlflips", "( addr len -- )", w_xlflips, 0, "Turn round each in memory"},
	{"flip", "( a -- n )", w_wbflip, 0, "Turn round the 2 low bytes"},
};
// clang-format on
const struct word_table words_bytes = {rows, ARRAY_SIZE(rows)};
