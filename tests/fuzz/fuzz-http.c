/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * HTTP. The first byte says how: a response taken apart in one piece and in pieces of any size, which must make no
 * difference; or whole transfers over TCP, where the input is the responses of one connection after another, between
 * 0xff, cut into segments that may come twice, late, reset or not at all. Bytes come in order, none beyond what was announced, and it
 * ends in time.
 */
#include <stdlib.h>
#include <string.h>

#include "../../lib/libnet/http-parse.h"
#include "base/bytes.h"
#include "fakeclock.h"
#include "fakepeer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOM  100000u
#define LIMIT 600u /* seconds: sixteen connections, each with its silence */

/* ---- the parser --------------------------------------------------------------------------------- */

struct outcome {
	int err, status;
	enum http_state state;
	size_t used, body;
	uint32_t sum;
	uint64_t length, from, total;
};

/* The steps are the low bits of a number that goes round; 0: all at once. */
static struct outcome parse(const uint8_t *data, size_t size, uint32_t steps)
{
	struct http_parse *p = malloc(sizeof(*p));
	struct outcome o = {0};

	http_start(p);
	while (o.used < size && !o.err && p->state != HTTP_DONE) {
		size_t n = size - o.used, want = 1 + (steps & 7), used = 0, body = 0;

		if (steps && want < n)
			n = want;
		steps = steps << 3 | steps >> 29;
		o.err = http_take(p, data + o.used, n, &used, &body);
		if (o.err)
			break;
		if (used == 0 || used > n || body > used)
			abort();
		for (size_t i = used - body; i < used; i++)
			o.sum = o.sum * 31 + data[o.used + i];
		o.used += used;
		o.body += body;
	}
	o.state = p->state;
	if (http_has_head(p)) {
		o.status = p->status;
		o.length = p->length;
		o.from = p->range_from;
		o.total = p->range_total;
	}
	if (strlen(p->location) >= sizeof(p->location) || strlen(p->reason) >= sizeof(p->reason) ||
	    strlen(p->validator) >= sizeof(p->validator))
		abort();
	free(p);
	return o;
}

static void compare(const uint8_t *data, size_t size, uint32_t steps)
{
	struct outcome a = parse(data, size, 0), b = parse(data, size, steps);

	if (a.err != b.err || a.state != b.state || a.status != b.status || a.length != b.length ||
	    a.from != b.from || a.total != b.total)
		abort();
	if (!a.err && (a.used != b.used || a.body != b.body || a.sum != b.sum))
		abort();
}

/* ---- whole transfers ---------------------------------------------------------------------------- */

static const uint8_t *in;
static size_t left;
static uint8_t next(void)
{
	if (left == 0)
		return 0;
	left--;
	return *in++;
}

/* A response up to 0xff, in segments; how they come is a byte before it. */
static void respond(const struct fakenet_packet *q, uint32_t seq)
{
	uint8_t how = next();
	const uint8_t *end = memchr(in, 0xff, left);
	size_t len = end ? (size_t)(end - in) : left, step = 1 + (how & 0xf) * 90u;

	if (len > 20000)
		len = 20000;
	for (size_t i = 0; i < len; i += step) {
		size_t n = len - i < step ? len - i : step;

		fakepeer_segment(q, 1001 + (uint32_t)i, seq, 0x18, in + i, n);
		if (how & 0x10)
			fakepeer_segment(q, 1001 + (uint32_t)(i / 2), seq, 0x18, in + i / 2, n);
		if (how & 0x20)
			i += step; /* lost, and never sent again */
	}
	if (!(how & 0x40))
		fakepeer_segment(q, 1001 + (uint32_t)len, seq, how & 0x80 ? 0x14 : 0x11, in, 0);
	in += len;
	left -= len;
	(void)next();
}

static void serve(const struct fakenet_packet *q)
{
	uint32_t seq;
	size_t head;

	if (q->protocol != 6 || q->len < 20 || left == 0)
		return;
	seq = get_be32(q->data + 4);
	head = (size_t)(q->data[12] >> 4) * 4;
	if (q->data[13] & 2)
		fakepeer_segment(q, 1000, seq + 1, 0x12, "", 0);
	else if (q->len > head)
		respond(q, seq + (uint32_t)(q->len - head));
}

static int idle(void)
{
	fake_now_us += left ? 50000 : 1000000;
	return 0;
}

static void transfer(void)
{
	fakepeer_sink = (struct fakepeer_sink){.room = ROOM, .idle = idle};
	fakepeer_start(serve, false);
	(void)fakepeer_get("http://10.0.0.2/dir/file", LIMIT);
	fakepeer_stop();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	in = data + 1;
	left = size - 1;
	if (data[0] & 1)
		transfer();
	else
		compare(in, left, data[0] * 0x01234567u | 1);
	return 0;
}
