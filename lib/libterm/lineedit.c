/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What keys mean. A sequence that begins with ESC may arrive in pieces, so its state is kept between
 * bytes; one that nobody knows is swallowed whole, and what cannot belong to one is a key again.
 */
#include "lineedit-priv.h"

#include <stdio.h>
#include <string.h>

#include "base/heap.h"

#define CTRL(c) ((c) - 'A' + 1)
enum { ESC = 27, DEL = 127, PARAMS_MOST = 16 };

/* ---- one line ----------------------------------------------------------------------------------- */

struct lineedit *lineedit_new(const struct lineedit_ops *ops, unsigned columns)
{
	struct lineedit *le = try_alloc(sizeof(*le));

	if (!le)
		return NULL;
	le->ops = ops;
	le->columns = columns ? columns : 80;
	if (le->columns < 2 * PROMPT_ROOM)
		le->columns = 2 * PROMPT_ROOM;
	if (le->columns > COLUMNS_MOST)
		le->columns = COLUMNS_MOST;
	if (!text_room(&le->line, 0)) {
		heap_free(le);
		return NULL;
	}
	return le;
}

void lineedit_free(struct lineedit *le)
{
	if (!le)
		return;
	text_free(&le->line);
	history_free(&le->history);
	heap_free(le);
}

void lineedit_start(struct lineedit *le, const char *prompt)
{
	size_t len = strlen(prompt);

	le->prompt_len = len < PROMPT_ROOM - 1 ? (unsigned)len : PROMPT_ROOM - 1;
	memcpy(le->prompt, prompt, le->prompt_len);
	text_delete(&le->line, 0, le->line.len);
	le->at = 0;
	le->history.at = le->history.n;
	le->state = STATE_PLAIN;
	le->said_full = le->after_tab = false;
	le->over_len = le->over_at = 0;
	row_start(le);
}

const char *lineedit_text(const struct lineedit *le, size_t *len)
{
	*len = le->line.len;
	return le->line.p;
}

size_t lineedit_cursor(const struct lineedit *le)
{
	return le->at;
}

const char *lineedit_history(const struct lineedit *le, size_t i, size_t *len)
{
	const struct history *h = &le->history;

	if (i >= h->n)
		return NULL;
	*len = h->line[h->n - 1 - i].len;
	return h->line[h->n - 1 - i].p;
}

/* ---- changes ------------------------------------------------------------------------------------ */

/* Once for each line: the rest of it will be dropped, too. */
static void say_full(struct lineedit *le)
{
	char text[64];
	int n;

	if (le->said_full)
		return;
	le->said_full = true;
	n = snprintf(text, sizeof(text), "\r\n(the line is full: %zu bytes)\r\n", le->line.len);
	emit(le, text, (size_t)n);
	row_again(le);
}

bool line_insert(struct lineedit *le, const char *p, size_t len)
{
	if (le->line.len + len > LINEEDIT_MOST || !text_insert(&le->line, le->at, p, len)) {
		say_full(le);
		return false;
	}
	le->at += len;
	return true;
}

static void insert(struct lineedit *le, char c)
{
	bool at_end = le->at == le->line.len;

	if (le->over_at < le->over_len && c == le->over[le->over_at]) {
		le->over_at++;
		return;
	}
	le->over_len = le->over_at = 0;
	if (!line_insert(le, &c, 1))
		return;
	if (at_end)
		row_typed(le);
	else
		row_show(le);
}

static void erase(struct lineedit *le, size_t from, size_t to)
{
	text_delete(&le->line, from, to - from);
	le->at = from;
	if (from < to)
		row_show(le);
}

static void move(struct lineedit *le, size_t to)
{
	if (to == le->at)
		return;
	le->at = to;
	row_show(le);
}

static size_t left_of(const struct lineedit *le)
{
	return le->at > 0 ? le->at - 1 : 0;
}

static size_t right_of(const struct lineedit *le)
{
	return le->at < le->line.len ? le->at + 1 : le->at;
}

static bool blank(char c)
{
	return (uint8_t)c <= ' ';
}

static size_t word_left(const struct lineedit *le)
{
	size_t at = le->at;

	while (at > 0 && blank(le->line.p[at - 1]))
		at--;
	while (at > 0 && !blank(le->line.p[at - 1]))
		at--;
	return at;
}

static size_t word_right(const struct lineedit *le)
{
	size_t at = le->at;

	while (at < le->line.len && blank(le->line.p[at]))
		at++;
	while (at < le->line.len && !blank(le->line.p[at]))
		at++;
	return at;
}

static void recall(struct lineedit *le, bool up)
{
	const struct text *t = history_move(&le->history, &le->line, up);

	if (!t || !text_set(&le->line, t->len ? t->p : "", t->len))
		return;
	le->at = t->len;
	row_show(le);
}

static void list_history(struct lineedit *le)
{
	const struct history *h = &le->history;

	row_leave(le);
	emit(le, "\r\n", 2);
	for (size_t i = 0; i < h->n; i++) {
		emit_shown(le, h->line[i].p, h->line[i].len);
		emit(le, "\r\n", 2);
	}
	row_again(le);
}

static void show_anew(struct lineedit *le)
{
	row_leave(le);
	emit(le, "\r\n", 2);
	row_again(le);
}

/* A tab before any word is somebody's indentation. */
static void tab(struct lineedit *le)
{
	size_t i = 0;

	while (i < le->at && blank(le->line.p[i]))
		i++;
	if (i == le->at || !le->ops->complete)
		insert(le, ' ');
	else
		complete(le);
}

/* ---- keys --------------------------------------------------------------------------------------- */

static void edit_key(struct lineedit *le, char c)
{
	switch (c) {
	case CTRL('A'):
		return move(le, 0);
	case CTRL('B'):
		return move(le, left_of(le));
	case CTRL('D'):
		return erase(le, le->at, right_of(le));
	case CTRL('E'):
		return move(le, le->line.len);
	case CTRL('F'):
		return move(le, right_of(le));
	case CTRL('H'):
	case DEL:
		return erase(le, left_of(le), le->at);
	case CTRL('K'):
		return erase(le, le->at, le->line.len);
	case CTRL('L'):
		return list_history(le);
	case CTRL('N'):
		return recall(le, false);
	case CTRL('P'):
		return recall(le, true);
	case CTRL('R'):
		return show_anew(le);
	case CTRL('U'):
		return erase(le, 0, le->line.len);
	case CTRL('W'):
		return erase(le, word_left(le), le->at);
	default:
		return;
	}
}

/* The last byte of a sequence: a letter, or ~ behind a number. */
static void sequence(struct lineedit *le, char c)
{
	static const char by_number[] = {0, 'H', 0, DEL, 'F', 0, 0, 'H', 'F'};

	if (c == '~')
		c = le->number < sizeof(by_number) ? by_number[le->number] : 0;
	switch (c) {
	case 'A':
		return recall(le, true);
	case 'B':
		return recall(le, false);
	case 'C':
		return move(le, right_of(le));
	case 'D':
		return move(le, left_of(le));
	case 'H':
		return move(le, 0);
	case 'F':
		return move(le, le->line.len);
	case DEL: /* the key Delete */
		return erase(le, le->at, right_of(le));
	default:
		return;
	}
}

/* ESC and a letter. False: that is none, the letter counts by itself. */
static bool meta(struct lineedit *le, char c)
{
	switch (c) {
	case 'b':
	case 'B':
		move(le, word_left(le));
		return true;
	case 'f':
	case 'F':
		move(le, word_right(le));
		return true;
	case 'h':
	case CTRL('H'):
	case DEL:
		erase(le, word_left(le), le->at);
		return true;
	case 'd':
	case 'D':
		erase(le, le->at, word_right(le));
		return true;
	default:
		return false;
	}
}

static enum lineedit_event plain(struct lineedit *le, char c)
{
	bool after_tab = le->after_tab, after_cr = le->after_cr;

	le->after_tab = le->after_cr = false;
	if (c == '\n' && after_cr)
		return LINEEDIT_MORE;
	if ((uint8_t)c < ' ' || c == DEL)
		le->over_len = le->over_at = 0;
	if (c == '\r' || c == '\n') {
		le->after_cr = c == '\r';
		row_leave(le);
		history_add(&le->history, le->line.p, le->line.len);
		return LINEEDIT_DONE;
	}
	if (c == CTRL('C'))
		return LINEEDIT_BREAK;
	if (c == ESC) {
		le->state = STATE_ESC;
	} else if (c == CTRL('Q')) {
		le->state = STATE_QUOTE;
	} else if (c == '\t') {
		le->after_tab = after_tab;
		tab(le);
		le->after_tab = true;
	} else if ((uint8_t)c >= ' ' && c != DEL) {
		insert(le, c);
	} else {
		edit_key(le, c);
	}
	return LINEEDIT_MORE;
}

/* Inside ESC [ ...: parameters, then the last byte; a control character ends it at once. */
static enum lineedit_event parameter(struct lineedit *le, char c)
{
	if (c == '[' && le->params == 0) {
		le->state = STATE_LINUX;
		return LINEEDIT_MORE;
	}
	if ((uint8_t)c < ' ' || (uint8_t)c >= DEL || ++le->params > PARAMS_MOST) {
		le->state = STATE_PLAIN;
		return plain(le, c);
	}
	if (c >= '0' && c <= '9' && le->number < 1000) {
		le->number = le->number * 10 + (unsigned)(c - '0');
	} else if (c >= '@') {
		le->state = STATE_PLAIN;
		sequence(le, c);
	} else if (c == ';') {
		le->number += 1000; /* what follows is a modifier; not one of ours */
	}
	return LINEEDIT_MORE;
}

static enum lineedit_event after_esc(struct lineedit *le, char c)
{
	le->number = le->params = 0;
	le->state = c == '[' ? STATE_CSI : c == 'O' ? STATE_SS3 : STATE_PLAIN;
	return le->state != STATE_PLAIN || meta(le, c) ? LINEEDIT_MORE : plain(le, c);
}

enum lineedit_event lineedit_key(struct lineedit *le, char c)
{
	switch (le->state) {
	case STATE_ESC:
		return after_esc(le, c);
	case STATE_CSI:
		return parameter(le, c);
	case STATE_SS3:
		le->state = STATE_PLAIN;
		if ((uint8_t)c < ' ')
			return plain(le, c);
		sequence(le, c);
		return LINEEDIT_MORE;
	case STATE_LINUX: /* a function key */
		le->state = STATE_PLAIN;
		return (uint8_t)c < ' ' ? plain(le, c) : LINEEDIT_MORE;
	case STATE_QUOTE:
		le->state = STATE_PLAIN;
		insert(le, c);
		return LINEEDIT_MORE;
	default:
		return plain(le, c);
	}
}

bool lineedit_is_waiting(const struct lineedit *le)
{
	return le->state != STATE_PLAIN && le->state != STATE_QUOTE;
}

void lineedit_timeout(struct lineedit *le)
{
	if (lineedit_is_waiting(le))
		le->state = STATE_PLAIN;
}
