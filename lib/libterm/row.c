/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Drawing. The line has one row of the screen; the row remembers what it shows, and only what differs
 * is written, with backspaces or CR to get there. A line longer than the row is shown through a window,
 * with < and > where it goes on. But as long as one only types at its end, a long line runs over
 * the edge as any terminal and any log does it; the first key of another kind moves to a new row.
 */
#include "lineedit-priv.h"

#include <string.h>

void emit(struct lineedit *le, const char *text, size_t len)
{
	if (len > 0)
		le->ops->emit(le->ops->ctx, text, len);
}

static char shown(char c)
{
	return (uint8_t)c < ' ' || c == 127 ? '.' : c;
}

void emit_shown(struct lineedit *le, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = shown(text[i]);

		emit(le, &c, 1);
	}
}

/* The last column stays free: terminals differ in what they do there. */
static unsigned width(const struct lineedit *le)
{
	return le->columns - 1;
}

static bool fits(const struct lineedit *le)
{
	return le->prompt_len + le->line.len <= width(le);
}

static unsigned window_room(const struct lineedit *le)
{
	return width(le) - le->prompt_len - 2;
}

/* Move the window so that the cursor is in it. */
static void place_window(struct lineedit *le)
{
	unsigned room = window_room(le);
	size_t *w = &le->row.window;

	if (fits(le)) {
		*w = 0;
		return;
	}
	if (le->at >= *w && le->at - *w < room)
		return;
	*w = le->at > room * 3 / 4 ? le->at - room * 3 / 4 : 0;
}

/* What the row should show. */
static void compose(struct lineedit *le, struct row *r)
{
	size_t room = fits(le) ? le->line.len : window_room(le), left = le->line.len - r->window;
	size_t n = left < room ? left : room;

	memcpy(r->cell, le->prompt, le->prompt_len);
	r->len = le->prompt_len;
	r->windowed = !fits(le);
	if (r->windowed)
		r->cell[r->len++] = r->window > 0 ? '<' : ' ';
	r->at = r->len + (unsigned)(le->at - r->window);
	for (size_t i = 0; i < n; i++)
		r->cell[r->len++] = shown(le->line.p[r->window + i]);
	if (n < left)
		r->cell[r->len++] = '>';
}

/* Move the cursor over what is shown. */
static void go(struct lineedit *le, unsigned to)
{
	static const char back[] = "\b\b\b\b\b\b\b\b";
	struct row *r = &le->row;

	if (to < r->at && r->at - to > to + 1) {
		emit(le, "\r", 1);
		r->at = 0;
	}
	while (r->at > to) {
		unsigned n = r->at - to < 8 ? r->at - to : 8;

		emit(le, back, n);
		r->at -= n;
	}
	emit(le, r->cell + r->at, to - r->at);
	r->at = to;
}

/* Write what differs. Behind what a row shows it is blank. */
static void change_to(struct lineedit *le, struct row *want)
{
	struct row *r = &le->row;
	unsigned all = r->len > want->len ? r->len : want->len, first = 0, end = all;

	memset(r->cell + r->len, ' ', all - r->len);
	memset(want->cell + want->len, ' ', all - want->len);
	while (first < all && r->cell[first] == want->cell[first])
		first++;
	while (end > first && r->cell[end - 1] == want->cell[end - 1])
		end--;
	if (first < end) {
		go(le, first);
		memcpy(r->cell + first, want->cell + first, end - first);
		go(le, end);
	}
	r->len = want->len;
	r->windowed = want->windowed;
	go(le, want->at);
}

void row_show(struct lineedit *le)
{
	struct row want = {.at = 0};

	if (le->row.free) {
		emit(le, "\r\n", 2);
		le->row = (struct row){.window = ~(size_t)0};
	}
	place_window(le);
	want.window = le->row.window;
	compose(le, &want);
	change_to(le, &want);
}

void row_typed(struct lineedit *le)
{
	char c = shown(le->line.p[le->line.len - 1]);

	if (!le->row.windowed && !fits(le))
		le->row.free = true;
	if (le->row.free)
		emit(le, &c, 1);
	else
		row_show(le);
}

void row_start(struct lineedit *le)
{
	le->row = (struct row){0};
	emit(le, le->prompt, le->prompt_len);
	memcpy(le->row.cell, le->prompt, le->prompt_len);
	le->row.len = le->row.at = le->prompt_len;
}

void row_leave(struct lineedit *le)
{
	if (!le->row.free)
		go(le, le->row.len);
}

void row_again(struct lineedit *le)
{
	le->row = (struct row){0};
	row_show(le);
}
