/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the line editor share. */
#ifndef LINEEDIT_PRIV_H
#define LINEEDIT_PRIV_H

#include "term/lineedit.h"

enum { COLUMNS_MOST = 256, PROMPT_ROOM = 32, OVER_ROOM = 64 };

/* Text that grows. */
struct text {
	char *p; /* NULL while room is 0 */
	size_t len, room;
};
bool text_room(struct text *t, size_t len); /* room for len bytes and a NUL; false: no memory */
bool text_set(struct text *t, const char *p, size_t len);
bool text_insert(struct text *t, size_t at, const char *p, size_t len);
void text_delete(struct text *t, size_t at, size_t len);
void text_free(struct text *t);

/* The row of the screen the line is in: what it shows, and where the cursor is. */
struct row {
	char cell[COLUMNS_MOST];
	unsigned len, at;
	size_t window; /* the first byte of the line that is shown */
	bool windowed; /* more than fits */
	bool free;     /* typed beyond the edge: the terminal wraps, the row says nothing */
};

struct history {
	struct text *line; /* oldest first */
	size_t n, room, bytes;
	size_t at; /* being looked at; n: the line itself */
	struct text draft;
};
void history_add(struct history *h, const char *p, size_t len);
void history_free(struct history *h);
/* Go up or down from the line now shown; the text to show instead, or NULL. */
const struct text *history_move(struct history *h, const struct text *now, bool up);

enum state { STATE_PLAIN, STATE_ESC, STATE_CSI, STATE_SS3, STATE_LINUX, STATE_QUOTE };
struct lineedit {
	const struct lineedit_ops *ops;
	unsigned columns;
	char prompt[PROMPT_ROOM];
	unsigned prompt_len;
	struct text line;
	size_t at; /* the cursor */
	struct row row;
	struct history history;
	enum state state;
	unsigned number, params; /* of a sequence */
	bool after_cr, said_full, after_tab;
	char over[OVER_ROOM]; /* may be typed once more */
	unsigned over_len, over_at;
};

void emit(struct lineedit *le, const char *text, size_t len);
/* The same for text from outside: control characters are shown as dots. */
void emit_shown(struct lineedit *le, const char *text, size_t len);
/* row.c */
void row_start(struct lineedit *le); /* print the prompt in a fresh row */
void row_typed(struct lineedit *le); /* one byte was added at the end */
void row_show(struct lineedit *le);  /* make the row show the line as it is now */
void row_leave(struct lineedit *le); /* the cursor behind the line */
void row_again(struct lineedit *le); /* in a new row, after other output */
/* complete.c */
void complete(struct lineedit *le);
/* lineedit.c: false if the line is full */
bool line_insert(struct lineedit *le, const char *p, size_t len);

#endif
