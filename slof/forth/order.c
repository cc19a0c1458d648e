/* SPDX-License-Identifier: BSD-2-Clause */
/* Word lists and the search order. The last of f->order is searched first; list 0 is Forth's. */
#include "forth-priv.h"

static int w_wordlist(struct forth *f)
{
	PUSH(f->nwids);
	f->nwids++;
	return 0;
}

static int w_forth_wordlist(struct forth *f)
{
	PUSH(0);
	return 0;
}

static int w_get_current(struct forth *f)
{
	PUSH(f->current);
	return 0;
}

static int w_set_current(struct forth *f)
{
	if (TOP >= f->nwids)
		return THROW_ARGUMENT;
	f->current = (uint32_t)POP();
	return 0;
}

static int w_definitions(struct forth *f)
{
	f->current = f->order[f->norder - 1];
	return 0;
}

static int w_also(struct forth *f)
{
	if (f->norder == ORDER)
		return THROW_ORDER_OVER;
	f->order[f->norder] = f->order[f->norder - 1];
	f->norder++;
	return 0;
}

static int w_previous(struct forth *f)
{
	if (f->norder == 1)
		return THROW_ORDER_UNDER;
	f->norder--;
	return 0;
}

static int w_forth(struct forth *f)
{
	f->order[f->norder - 1] = 0;
	return 0;
}

static int w_only(struct forth *f)
{
	f->norder = 1;
	f->order[0] = 0;
	return 0;
}

static int w_get_order(struct forth *f)
{
	for (uint32_t i = 0; i < f->norder; i++)
		PUSH(f->order[i]);
	PUSH(f->norder);
	return 0;
}

static int w_set_order(struct forth *f)
{
	cell_t n = TOP;

	if (n == ~(cell_t)0) {
		DROP();
		return w_only(f);
	}
	if (n > ORDER || n == 0)
		return n == 0 ? THROW_ORDER_UNDER : THROW_ORDER_OVER;
	if (depth_of(f) < n + 1)
		return THROW_UNDERFLOW;
	for (cell_t i = 0; i < n; i++) {
		if (f->sp[-2 - (ptrdiff_t)i] >= f->nwids)
			return THROW_ARGUMENT;
	}
	f->sp -= n + 1;
	for (cell_t i = 0; i < n; i++)
		f->order[i] = (uint32_t)f->sp[i];
	f->norder = (uint32_t)n;
	return 0;
}

static int w_search_wordlist(struct forth *f)
{
	const char *p = forth_at(f, f->sp[-3], NOS, false);
	const struct word *w;

	if (!p && NOS != 0)
		return THROW_ADDRESS;
	w = TOP < f->nwids && p ? find_in(f, p, (size_t)NOS, (uint32_t)TOP) : NULL;
	f->sp -= w ? 1 : 2;
	if (!w) {
		TOP = 0;
		return 0;
	}
	NOS = w->token;
	TOP = w->flags & FORTH_IMMEDIATE ? 1 : ~(cell_t)0;
	return 0;
}

// clang-format off
static const struct forth_word rows[] = {
	{"wordlist",       "( -- wid )",    w_wordlist, 0, "A new empty word list"},
	{"forth-wordlist", "( -- wid )",    w_forth_wordlist, 0, "The word list of Forth"},
	{"get-current",    "( -- wid )",    w_get_current, 0, "Where new words go"},
	{"set-current",    "( wid -- )",    w_set_current, 0, "Set where new words go"},
	{"definitions",    "( -- )",        w_definitions, 0, "New words go into the list searched first"},
	{"also",           "( -- )",        w_also, 0, "Search the first list twice"},
	{"previous",       "( -- )",        w_previous, 0, "Do not search the first list"},
	{"forth",          "( -- )",        w_forth, 0, "Search Forth's words instead of the first list"},
	{"only",           "( -- )",        w_only, 0, "Search Forth's words only"},
	{"get-order",      "( -- w w w w w w w w w w w w w w w w n )", w_get_order, FORTH_VARIES, "The search order"},
	{"set-order",      "( n -- )",      w_set_order, FORTH_VARIES, "Set the search order"},
	{"search-wordlist", "( addr len wid -- xt n )", w_search_wordlist, FORTH_VARIES, "Find a word in a list"},
};
// clang-format on
const struct word_table words_order = {rows, ARRAY_SIZE(rows)};
