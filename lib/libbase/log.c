/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines are formatted once, into a buffer on the stack, then copied to the ring and, by level, to
 * the sink. A line too long for the buffer is cut and says so.
 */
#include "base/log.h"

#include <stdarg.h>
#include <string.h>

#include "base/clock.h"
#include "base/strbuf.h"

#define RING_BYTES (64u * 1024)
#define LINE_BYTES 512

static char ring[RING_BYTES];
static size_t ring_next; /* total bytes ever written; the place is modulo RING_BYTES */
static enum log_level serial_level = LOG_NOTE;
static void (*sink)(const char *line, size_t len);
static log_catcher *catcher;

static void ring_add(const char *text, size_t len)
{
	size_t at = ring_next % RING_BYTES;
	size_t first = len < RING_BYTES - at ? len : RING_BYTES - at;

	memcpy(ring + at, text, first);
	memcpy(ring, text + first, len - first);
	ring_next += len;
}

void log_write(enum log_level level, const char *tag, const char *fmt, ...)
{
	char line[LINE_BYTES];
	struct strbuf sb = strbuf_on(line, sizeof(line) - 2);
	uint64_t now = clock_us();
	size_t head;
	va_list ap;

	strbuf_printf(&sb, "[%3u.%06u] %s: ", (unsigned)(now / 1000000), (unsigned)(now % 1000000),
		      tag);
	head = sb.len;
	va_start(ap, fmt);
	strbuf_vprintf(&sb, fmt, ap);
	va_end(ap);
	if (sb.cut)
		memset(line + sb.len - 3, '.', 3);
	if (level <= LOG_WARN && catcher && catcher(line + head))
		level = LOG_INFO;
	line[sb.len++] = '\r';
	line[sb.len++] = '\n';
	ring_add(line, sb.len);
	if (level <= serial_level && sink)
		sink(line, sb.len);
}

void log_set_sink(void (*to)(const char *line, size_t len))
{
	sink = to;
}

void log_set_catcher(log_catcher *to)
{
	catcher = to;
}

void log_set_serial_level(enum log_level level)
{
	serial_level = level;
}

enum log_level log_serial_level(void)
{
	return serial_level;
}

struct log_ring log_ring(void)
{
	size_t at = ring_next % RING_BYTES;

	if (ring_next <= RING_BYTES)
		return (struct log_ring){{ring, ring}, {ring_next, 0}};
	return (struct log_ring){{ring + at, ring}, {RING_BYTES - at, at}};
}
