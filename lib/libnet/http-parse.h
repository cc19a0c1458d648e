/* SPDX-License-Identifier: BSD-2-Clause */
/* An HTTP/1.1 response (RFC 9112), taken apart as its bytes come. Pure: no network, no memory of its own. */
#ifndef HTTP_PARSE_H
#define HTTP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

#define HTTP_LINE_MAX 2048u
#define HTTP_HEAD_MAX 32768u /* all lines of a head, or all of a trailer */

enum http_state {
	HTTP_STATUS,
	HTTP_HEADERS,
	HTTP_BODY,
	HTTP_TO_END,
	HTTP_SIZE,
	HTTP_CHUNK,
	HTTP_CHUNK_END,
	HTTP_TRAILER,
	HTTP_DONE
};

struct http_parse {
	enum http_state state;
	char line[HTTP_LINE_MAX];
	size_t line_len, head_len;
	bool cr; /* the last byte of the line */
	int status;
	char reason[64];
	bool chunked, has_length, has_range;
	uint64_t length; /* of the body, UINT64_MAX: not said */
	uint64_t left;   /* of the body or the chunk */
	uint64_t range_from, range_total;
	char location[1024], validator[128]; /* "" if there is none */
};

void http_start(struct http_parse *p);
/* The head is complete: status and what follows in struct http_parse hold. */
bool http_has_head(const struct http_parse *p);
/*
 * Take some of len bytes: *used of them, at least one if len > 0; *body bytes at the end of those are the
 * body's. Stops behind the head and behind the last byte, after which bytes are E_FORMAT as all that is
 * malformed; E_NOSPC: a head or line that is too long; E_UNSUPP: a coding.
 */
int http_take(struct http_parse *p, const uint8_t *bytes, size_t len, size_t *used,
	      size_t *body) MUST_CHECK;
/* The connection ended: 0 if that is how the response may end, else E_FORMAT. */
int http_ended(const struct http_parse *p) MUST_CHECK;

#endif
