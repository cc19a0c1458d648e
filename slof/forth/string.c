/* SPDX-License-Identifier: BSD-2-Clause */
/* Words on strings that are there already: comparing, cutting, searching, numbers from text, evaluate's kin. */
#include "forth-priv.h"

#include <string.h>

static int two_texts(struct forth *f, const char **a, const char **b)
{
	*a = forth_at(f, f->sp[-4], f->sp[-3], false);
	*b = forth_at(f, NOS, TOP, false);
	return (!*a && f->sp[-3] != 0) || (!*b && TOP != 0) ? THROW_ADDRESS : 0;
}

static int w_compare(struct forth *f)
{
	const char *a, *b;
	cell_t alen = f->sp[-3], blen = TOP, len = alen < blen ? alen : blen;
	int err = two_texts(f, &a, &b), c;

	if (err)
		return err;
	c = len != 0 ? memcmp(a, b, (size_t)len) : 0;
	if (c == 0)
		c = alen < blen ? -1 : alen > blen;
	f->sp -= 3;
	TOP = c < 0 ? ~(cell_t)0 : c > 0;
	return 0;
}

static int w_equal(struct forth *f)
{
	int err = w_compare(f);

	if (!err)
		TOP = FLAG(TOP == 0);
	return err;
}

static int w_search(struct forth *f)
{
	const char *a, *b;
	cell_t alen = f->sp[-3], blen = TOP, at = 0;
	int err = two_texts(f, &a, &b);

	if (err)
		return err;
	while (blen != 0 && blen <= alen && at + blen <= alen &&
	       memcmp(a + at, b, (size_t)blen) != 0)
		at++;
	DROP();
	TOP = FLAG(blen <= alen && at + blen <= alen);
	if (TOP) {
		f->sp[-3] += at;
		f->sp[-2] = alen - at;
	}
	return 0;
}

static int w_count(struct forth *f)
{
	const uint8_t *p = forth_at(f, TOP, 1, false);

	if (!p)
		return THROW_ADDRESS;
	TOP++;
	PUSH(*p);
	return 0;
}

static int w_trailing(struct forth *f)
{
	const char *p = forth_at(f, NOS, TOP, false);

	if (!p && TOP != 0)
		return THROW_ADDRESS;
	while (TOP > 0 && p[TOP - 1] == ' ')
		TOP--;
	return 0;
}

static int w_slash_string(struct forth *f)
{
	cell_t n = POP();

	NOS += n;
	TOP -= n;
	return 0;
}

/* ( addr len char -- right rlen left llen ) */
static int w_left_parse(struct forth *f)
{
	cell_t len = NOS, addr = f->sp[-3], at = 0;
	const char *p = forth_at(f, addr, len, false);
	char c = (char)TOP;

	if (!p && len != 0)
		return THROW_ADDRESS;
	while (at < len && p[at] != c)
		at++;
	f->sp[-3] = at < len ? addr + at + 1 : addr + len;
	f->sp[-2] = at < len ? len - at - 1 : 0;
	f->sp[-1] = addr;
	PUSH(at);
	return 0;
}

static int w_pack(struct forth *f)
{
	cell_t len = NOS;
	const char *from = forth_at(f, f->sp[-3], len, false);
	uint8_t *to = len < 256 ? forth_at(f, TOP, len + 1, true) : NULL;

	if (!to || (!from && len != 0))
		return len < 256 ? THROW_ADDRESS : THROW_STRING;
	if (len != 0)
		memmove(to + 1, from, (size_t)len);
	to[0] = (uint8_t)len;
	f->sp[-3] = TOP;
	f->sp -= 2;
	return 0;
}

static int w_upc(struct forth *f)
{
	if (TOP >= 'a' && TOP <= 'z')
		TOP -= 32;
	return 0;
}

static int w_lcc(struct forth *f)
{
	if (TOP >= 'A' && TOP <= 'Z')
		TOP += 32;
	return 0;
}

/* ( addr len -- true | n false ) */
static int w_number(struct forth *f)
{
	const char *p = forth_at(f, NOS, TOP, false);
	cell_t v[2];
	unsigned cells;

	if (!p && TOP != 0)
		return THROW_ADDRESS;
	if (!p || !parse_number(f, p, (size_t)TOP, v, &cells)) {
		DROP();
		TOP = ~(cell_t)0;
		return 0;
	}
	NOS = v[0];
	TOP = 0;
	return 0;
}

static int w_to_number(struct forth *f)
{
	const char *p = forth_at(f, NOS, TOP, false), *start = p;
	size_t len = (size_t)TOP;
	unsigned base;
	int err = base_of(f, &base);

	if (err || (!p && len != 0))
		return err ? err : THROW_ADDRESS;
	if (p)
		digits_to(&p, &len, base, f->sp - 4);
	NOS += (cell_t)(p - start);
	TOP = len;
	return 0;
}

static int w_digit(struct forth *f)
{
	cell_t base = TOP;
	int d = NOS < 128 ? digit_of((char)NOS) : 99;

	TOP = FLAG((cell_t)d < base && d < 36);
	if (TOP)
		NOS = (cell_t)d;
	return 0;
}

/* ( addr len -- xt true | addr len false ) */
static int w_find_text(struct forth *f)
{
	const char *p = forth_at(f, NOS, TOP, false);
	cell_t xt = p ? forth_find(f, p, (size_t)TOP) : 0;

	if (!xt)
		return forth_try_push(f, 0);
	NOS = xt;
	TOP = ~(cell_t)0;
	return 0;
}

/* ( counted -- counted 0 | xt 1 | xt -1 ), 1 for an immediate word */
static int w_find(struct forth *f)
{
	const uint8_t *p = forth_at(f, TOP, 1, false);
	const struct word *w;

	if (!p || !forth_at(f, TOP, *p + 1u, false))
		return THROW_ADDRESS;
	w = find_word(f, (const char *)p + 1, *p);
	if (w)
		TOP = w->token;
	PUSH(!w ? 0 : w->flags & FORTH_IMMEDIATE ? 1 : ~(cell_t)0);
	return 0;
}

// clang-format off
static const struct forth_word rows[] = {
	{"compare",    "( addr len addr len -- n )",     w_compare, 0, "Compare texts: -1, 0 or 1"},
	{"$=",         "( addr len addr len -- flag )",  w_equal, 0, "Texts equal?"},
	{"search",     "( addr len addr len -- addr len flag )", w_search, 0, "Find the second text in the first"},
	{"count",      "( addr -- addr len )",           w_count, 0, "The text of a counted string"},
	{"-trailing",  "( addr len -- addr len )",       w_trailing, 0, "Without spaces at the end"},
	{"/string",    "( addr len n -- addr len )",     w_slash_string, 0, "Without the first n characters"},
	{"left-parse-string", "( addr len c -- raddr rlen addr len )", w_left_parse, 0, "Split at the first c"},
	{"pack",       "( from len to -- to )",          w_pack, 0, "Store as a counted string"},
	{"upc",        "( c -- c )",                     w_upc, 0, "Upper case"},
	{"lcc",        "( c -- c )",                     w_lcc, 0, "Lower case"},
	{"$number",    "( addr len -- n flag )",         w_number, FORTH_VARIES, "Text to number: true if it is none"},
	{">number",    "( d d addr len -- d d addr len )", w_to_number, 0, "Add digits to a double"},
	{"digit",      "( c base -- n flag )",           w_digit, 0, "The value of a digit"},
	{"$find",      "( addr len -- addr len flag )",  w_find_text, FORTH_VARIES, "Find a word: xt true"},
	{"find",       "( addr -- xt n )",               w_find, 0, "Find a word by its counted name"},
};
// clang-format on
const struct word_table words_string = {rows, ARRAY_SIZE(rows)};
