/* SPDX-License-Identifier: BSD-2-Clause */
/* Bounded text. */
#include "base/strbuf.h"

#include <stdio.h>
#include <string.h>

struct strbuf strbuf_on(char *text, size_t room)
{
	if (room > 0)
		text[0] = 0;
	return (struct strbuf){text, room, 0, 0, false};
}

void strbuf_add(struct strbuf *sb, const char *text, size_t len)
{
	size_t left = sb->room > sb->len + 1 ? sb->room - sb->len - 1 : 0;
	size_t n = len < left ? len : left;

	if (n > 0)
		memcpy(sb->text + sb->len, text, n);
	sb->len += n;
	sb->want += len;
	sb->cut = sb->want > sb->len;
	if (sb->room > 0)
		sb->text[sb->len] = 0;
}

void strbuf_str(struct strbuf *sb, const char *text)
{
	strbuf_add(sb, text, strlen(text));
}

void strbuf_char(struct strbuf *sb, char c)
{
	strbuf_add(sb, &c, 1);
}

void strbuf_vprintf(struct strbuf *sb, const char *fmt, va_list ap)
{
	size_t left = sb->room - sb->len;
	int n = vsnprintf(left ? sb->text + sb->len : NULL, left, fmt, ap);
	size_t want = n > 0 ? (size_t)n : 0;

	sb->want += want;
	sb->len += left == 0 ? 0 : want < left ? want : left - 1;
	sb->cut = sb->want > sb->len;
}

void strbuf_printf(struct strbuf *sb, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strbuf_vprintf(sb, fmt, ap);
	va_end(ap);
}

void strbuf_hex(struct strbuf *sb, uint64_t v)
{
	char digits[16];
	unsigned at = sizeof(digits);

	do {
		digits[--at] = "0123456789abcdef"[v & 15];
		v >>= 4;
	} while (v);
	strbuf_add(sb, digits + at, sizeof(digits) - at);
}
