/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A screen of one row for tests of what is printed for a person: it knows printable bytes, backspace, CR
 * and LF, and nothing else; a backspace at the edge or an escape sequence is a failure.
 */
#ifndef FAKESCREEN_H
#define FAKESCREEN_H

#include <string.h>

#include "base/compiler.h"
#include "base/panic.h"

struct fakescreen {
	char row[4096]; /* blanks at its end are not there */
	size_t at, widest;
	unsigned rows;
	char last[4096]; /* the row before */
	size_t sent;
};

static inline void fakescreen_char(struct fakescreen *s, char c)
{
	size_t len = strlen(s->row);

	if (c == '\b') {
		assert(s->at > 0);
		s->at--;
	} else if (c == '\r') {
		s->at = 0;
	} else if (c == '\n') {
		memcpy(s->last, s->row, sizeof(s->row));
		memset(s->row, 0, sizeof(s->row));
		s->rows++;
	} else {
		assert((uint8_t)c >= ' ' && c != 127);
		if (s->at >= sizeof(s->row) - 1)
			return;
		if (len < s->at)
			memset(s->row + len, ' ', s->at - len);
		s->row[s->at++] = c;
		for (len = strlen(s->row); len > 0 && s->row[len - 1] == ' '; len--)
			s->row[len - 1] = 0;
	}
	s->widest = s->at > s->widest ? s->at : s->widest;
}

static inline void fakescreen_emit(void *ctx, const char *text, size_t len)
{
	struct fakescreen *s = ctx;

	for (size_t i = 0; i < len; i++)
		fakescreen_char(s, text[i]);
	s->sent += len;
}

#endif
