/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * HTTP responses, strictly: a line is gathered, then looked at. What two readers could understand in two ways
 * (folded lines, two lengths, a length and chunks) is refused.
 */
#include "http-parse.h"

#include <string.h>

#include "base/err.h"

void http_start(struct http_parse *p)
{
	memset(p, 0, sizeof(*p));
	p->length = UINT64_MAX;
}

bool http_has_head(const struct http_parse *p)
{
	return p->state > HTTP_HEADERS;
}

/* Digits from *text on; at least one. */
static int number(const char **text, unsigned base, uint64_t *out)
{
	const char *from = *text;
	uint64_t v = 0;

	for (;; ++*text) {
		char c = **text;
		unsigned d = c >= '0' && c <= '9' ? (unsigned)(c - '0')
			     : base == 16 && (c | 0x20) >= 'a' && (c | 0x20) <= 'f'
				     ? (unsigned)((c | 0x20) - 'a') + 10
				     : 99;

		if (d >= base)
			break;
		if (v > (UINT64_MAX - 1 - d) / base)
			return E_FORMAT;
		v = v * base + d;
	}
	*out = v;
	return *text > from ? 0 : E_FORMAT;
}

static bool same_word(const char *a, size_t len, const char *b)
{
	for (size_t i = 0; i < len; i++)
		if ((a[i] >= 'A' && a[i] <= 'Z' ? a[i] + 32 : a[i]) != b[i])
			return false;
	return b[len] == 0;
}

static int status_line(struct http_parse *p)
{
	const char *at = p->line + 9;
	uint64_t status;

	if (strncmp(p->line, "HTTP/1.", 7) != 0 || (p->line[7] != '0' && p->line[7] != '1') ||
	    p->line[8] != ' ' || number(&at, 10, &status) || at != p->line + 12 || status < 100 ||
	    (*at && *at != ' '))
		return E_FORMAT;
	p->status = (int)status;
	p->reason[0] = 0;
	strncat(p->reason, *at ? at + 1 : at, sizeof(p->reason) - 1);
	p->state = HTTP_HEADERS;
	return 0;
}

static int copy(char *to, size_t room, const char *text)
{
	if (*to)
		return E_FORMAT; /* said twice */
	if (strlen(text) >= room)
		return E_NOSPC;
	memcpy(to, text, strlen(text) + 1);
	return 0;
}

static int take_length(struct http_parse *p, const char *text)
{
	if (p->has_length || number(&text, 10, &p->length) || *text)
		return E_FORMAT;
	p->has_length = true;
	return 0;
}

/* "bytes 5-9/10" or with a star at the end, which does not help us. */
static int take_range(struct http_parse *p, const char *text)
{
	uint64_t to;

	if (p->has_range || strncmp(text, "bytes ", 6) != 0)
		return E_FORMAT;
	text += 6;
	if (*text == '*')
		return 0; /* of a 416 */
	if (number(&text, 10, &p->range_from) || *text++ != '-' || number(&text, 10, &to) ||
	    *text++ != '/' || number(&text, 10, &p->range_total) || *text || to < p->range_from ||
	    to != p->range_total - 1)
		return E_FORMAT;
	p->has_range = true;
	return 0;
}

/* Strong tags win over dates; weak ones say nothing about bytes. */
static int take_validator(struct http_parse *p, const char *text, bool tag)
{
	if (strlen(text) >= sizeof(p->validator) || (tag ? *text != '"' : *p->validator != 0))
		return 0;
	memcpy(p->validator, text, strlen(text) + 1);
	return 0;
}

static int take_field(struct http_parse *p, const char *name, size_t len, const char *value)
{
	if (same_word(name, len, "content-length"))
		return take_length(p, value);
	if (same_word(name, len, "transfer-encoding")) {
		if (p->chunked)
			return E_FORMAT;
		p->chunked = same_word(value, strlen(value), "chunked");
		return p->chunked ? 0 : E_UNSUPP;
	}
	if (same_word(name, len, "content-encoding"))
		return same_word(value, strlen(value), "identity") ? 0 : E_UNSUPP;
	if (same_word(name, len, "content-range"))
		return take_range(p, value);
	if (same_word(name, len, "location"))
		return copy(p->location, sizeof(p->location), value);
	if (same_word(name, len, "etag"))
		return take_validator(p, value, true);
	if (same_word(name, len, "last-modified"))
		return take_validator(p, value, false);
	return 0;
}

/* The empty line: what is the body like? */
static int end_of_head(struct http_parse *p)
{
	if (p->chunked && p->has_length)
		return E_FORMAT;
	if (p->status < 200) { /* a head before the head */
		size_t head_len = p->head_len;

		if (p->status == 101)
			return E_FORMAT;
		http_start(p);
		p->head_len = head_len;
		return 0;
	}
	p->head_len = 0;
	p->left = p->length;
	if (p->status == 204 || p->status == 304 || (p->has_length && p->length == 0))
		p->state = HTTP_DONE;
	else
		p->state = p->chunked ? HTTP_SIZE : p->has_length ? HTTP_BODY : HTTP_TO_END;
	return 0;
}

static int header_line(struct http_parse *p)
{
	char *colon = strchr(p->line, ':'), *value;
	size_t n;

	if (p->line_len == 0)
		return end_of_head(p);
	if (!colon || colon == p->line)
		return E_FORMAT;
	for (const char *c = p->line; c < colon; c++)
		if (*c == ' ' || *c == '\t')
			return E_FORMAT;
	value = colon + 1 + strspn(colon + 1, " \t");
	n = strlen(value);
	while (n > 0 && (value[n - 1] == ' ' || value[n - 1] == '\t'))
		value[--n] = 0;
	return take_field(p, p->line, (size_t)(colon - p->line), value);
}

/* Extensions of chunks are allowed, and nothing to us. */
static int size_line(struct http_parse *p)
{
	const char *at = p->line;

	if (number(&at, 16, &p->left) || (*at && *at != ';' && *at != ' ' && *at != '\t'))
		return E_FORMAT;
	p->head_len = 0;
	p->state = p->left ? HTTP_CHUNK : HTTP_TRAILER;
	return 0;
}

static int full_line(struct http_parse *p)
{
	int err = 0;

	p->line[p->line_len] = 0;
	switch (p->state) {
	case HTTP_STATUS:
		err = status_line(p);
		break;
	case HTTP_HEADERS:
		err = header_line(p);
		break;
	case HTTP_SIZE:
		err = size_line(p);
		break;
	case HTTP_CHUNK_END:
		err = p->line_len ? E_FORMAT : 0;
		p->state = HTTP_SIZE;
		break;
	default:
		if (p->line_len == 0)
			p->state = HTTP_DONE;
	}
	p->line_len = 0;
	return err;
}

/* One byte of a line; lines end with CR LF or LF. */
static int line_byte(struct http_parse *p, uint8_t c)
{
	bool cr = p->cr;

	p->cr = c == '\r';
	if (++p->head_len > HTTP_HEAD_MAX)
		return E_NOSPC;
	if (c == '\n')
		return full_line(p);
	if (cr || (c < ' ' && c != '\t' && c != '\r') || c == 0x7f)
		return E_FORMAT;
	if (p->cr)
		return 0;
	if (p->line_len == HTTP_LINE_MAX - 1)
		return E_NOSPC;
	p->line[p->line_len++] = (char)c;
	return 0;
}

static void body_bytes(struct http_parse *p, size_t len, size_t *used, size_t *body)
{
	size_t n = p->state == HTTP_TO_END || len < p->left ? len : (size_t)p->left;

	*used = *body = n;
	if (p->state == HTTP_TO_END)
		return;
	p->left -= n;
	if (p->left == 0)
		p->state = p->state == HTTP_CHUNK ? HTTP_CHUNK_END : HTTP_DONE;
}

int http_take(struct http_parse *p, const uint8_t *bytes, size_t len, size_t *used, size_t *body)
{
	bool head = !http_has_head(p);
	int err = 0;

	*used = *body = 0;
	if (p->state == HTTP_DONE)
		return len ? E_FORMAT : 0;
	while (!err && *used < len) {
		if (p->state == HTTP_DONE || (head && http_has_head(p)))
			break;
		if (p->state == HTTP_BODY || p->state == HTTP_TO_END || p->state == HTTP_CHUNK) {
			size_t n;

			if (*used > 0)
				break;
			body_bytes(p, len, &n, body);
			*used = n;
			break;
		}
		err = line_byte(p, bytes[(*used)++]);
	}
	return err;
}

int http_ended(const struct http_parse *p)
{
	return p->state == HTTP_DONE || p->state == HTTP_TO_END ? 0 : E_FORMAT;
}
