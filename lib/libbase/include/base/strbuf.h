/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bounded text. A strbuf writes into memory of the caller's, is always NUL-terminated, and remembers
 * how long the text wanted to be, so that a caller can report the true length of what was cut.
 */
#ifndef BASE_STRBUF_H
#define BASE_STRBUF_H

#include <stdarg.h>

#include "base/compiler.h"

struct strbuf {
	char *text;
	size_t room; /* bytes at text, the NUL included */
	size_t len;  /* bytes there, without the NUL */
	size_t want; /* bytes the whole text has, without the NUL */
	bool cut;    /* want > len */
};

/* A buffer of room >= 1 bytes, empty. room 0 is allowed and only counts. */
struct strbuf strbuf_on(char *text, size_t room);
void strbuf_add(struct strbuf *sb, const char *text, size_t len);
void strbuf_str(struct strbuf *sb, const char *text);
void strbuf_char(struct strbuf *sb, char c);
void strbuf_printf(struct strbuf *sb, const char *fmt, ...) PRINTF_LIKE(2, 3);
void strbuf_vprintf(struct strbuf *sb, const char *fmt, va_list ap);
/* v in lower-case hex without leading zeros: what unit addresses are made of. */
void strbuf_hex(struct strbuf *sb, uint64_t v);

#endif
