/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A line editor: bytes in, bytes out. It knows no device and never waits. What it prints is plain text,
 * backspaces, CR and LF, never an escape sequence, so that a log bears it; typing at the end of the
 * line prints the characters typed and nothing else.
 *
 * Keys (IEEE 1275's, and a terminal's): ^A ^E begin, end of line; ^B ^F left, right; ESC b, ESC f by words; ^H DEL
 * ^D delete before, at the cursor; ^W ESC h, ESC d a word before, at it; ^K ^U to the end, all of the line; ^P
 * ^N history; ^L list the history; ^Q the next key as it is; ^R show the line anew; ^C give up;
 * TAB complete; arrows, Home, End, Delete in the usual sequences.
 */
#ifndef TERM_LINEEDIT_H
#define TERM_LINEEDIT_H

#include "base/compiler.h"

#define LINEEDIT_MOST         (1u << 20)  /* the longest line, in bytes */
#define LINEEDIT_HISTORY_MOST (64u << 10) /* what the history remembers, in bytes */
#define LINEEDIT_ESC_MS       50 /* after so long without a byte an ESC is a key by itself */

struct lineedit;
struct lineedit_matches;

struct lineedit_ops {
	void *ctx; /* first argument of both */
	void (*emit)(void *ctx, const char *text, size_t len);
	/*
	 * TAB after len bytes of line, which hold more than blanks. Name each text that could stand
	 * there with lineedit_match(); returns where in the line these texts begin (<= len). Is called
	 * once more to list them. NULL: TAB is a blank.
	 */
	size_t (*complete)(void *ctx, const char *line, size_t len, struct lineedit_matches *m);
};

enum lineedit_match_kind {
	LINEEDIT_WORD, /* a blank follows when it is the only one */
	LINEEDIT_PART, /* nothing follows */
	/* The same, and who does not trust the completion may type what is behind the '@' once more. */
	LINEEDIT_NODE,
};
void lineedit_match(struct lineedit_matches *m, const char *text, size_t len,
		    enum lineedit_match_kind kind);

/* NULL: no memory. ops must live as long. columns: of the screen; 0: 80. */
struct lineedit *lineedit_new(const struct lineedit_ops *ops, unsigned columns) MUST_CHECK;
void lineedit_free(struct lineedit *le);

/* A new, empty line. prompt (at most 31 bytes count) is printed, and again when the line must be redrawn. */
void lineedit_start(struct lineedit *le, const char *prompt);

enum lineedit_event {
	LINEEDIT_MORE,
	LINEEDIT_DONE,  /* Enter: lineedit_text() is the line; it is in the history */
	LINEEDIT_BREAK, /* Ctrl-C: the line is gone */
};
/* One byte. After DONE or BREAK, lineedit_start() begins the next line. CR, LF and CR LF end a line. */
enum lineedit_event lineedit_key(struct lineedit *le, char c) MUST_CHECK;
/* Is a sequence unfinished? Then call lineedit_timeout() after LINEEDIT_ESC_MS without a byte. */
bool lineedit_is_waiting(const struct lineedit *le);
void lineedit_timeout(struct lineedit *le);

/* The line; NUL-terminated, although it may hold any byte. */
const char *lineedit_text(const struct lineedit *le, size_t *len);
size_t lineedit_cursor(const struct lineedit *le); /* bytes left of it */

/* Line i of the history, 0 the youngest; NULL: there are not so many. */
const char *lineedit_history(const struct lineedit *le, size_t i, size_t *len);

#endif
