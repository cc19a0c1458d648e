/* SPDX-License-Identifier: BSD-2-Clause */
/* HTTP: responses taken apart, and files fetched from a small TCP peer. */
#include "check.h"
#include "fakeclock.h"
#include "fakepeer.h"

#include "base/bytes.h"
#include "base/err.h"

static const char *const *responses; /* one per connection; NULL: silence */
static unsigned conns;
static char request[2048];
static bool reset;
static struct
{ /* a server that sends a byte from time to time, of what it never says to be the end */
	uint64_t every_us, next_us;
	struct fakenet_packet to;
	uint32_t seq, ack;
} trickle;
static char got[256];

static void serve(const struct fakenet_packet *q)
{
	uint32_t seq;
	size_t head, out;

	if (q->protocol != 6 || !responses[conns])
		return;
	seq = get_be32(q->data + 4);
	head = (size_t)(q->data[12] >> 4) * 4;
	if (q->data[13] & 2) {
		fakepeer_segment(q, 1000, seq + 1, 0x12, "", 0);
	} else if (q->len > head) {
		memcpy(request, q->data + head, q->len - head);
		request[q->len - head] = 0;
		out = strlen(responses[conns]);
		trickle.to = *q;
		trickle.seq = 1001 + (uint32_t)out;
		trickle.ack = seq + (uint32_t)(q->len - head);
		trickle.next_us = fake_now_us + trickle.every_us;
		for (size_t i = 0; i < out; i += 7)
			fakepeer_segment(q, 1001 + (uint32_t)i, seq + (uint32_t)(q->len - head),
					 0x18, responses[conns] + i, out - i < 7 ? out - i : 7);
		if (trickle.every_us)
			return;
		fakepeer_segment(q, 1001 + (uint32_t)out, seq + (uint32_t)(q->len - head),
				 reset ? 0x14 : 0x11, "", 0);
		conns++;
	}
}

static void see(uint64_t offset, const uint8_t *bytes, size_t len)
{
	memcpy(got + offset, bytes, len);
	got[offset + len] = 0;
}

static int idle(void)
{
	if (!trickle.every_us || !trickle.next_us || fake_now_us < trickle.next_us)
		return 0;
	fakepeer_segment(&trickle.to, trickle.seq++, trickle.ack, 0x18, "x", 1);
	trickle.next_us += trickle.every_us;
	return 0;
}

static int get(const char *const *script)
{
	int err;

	responses = script;
	conns = 0;
	got[0] = 0;
	fakepeer_sink = (struct fakepeer_sink){.room = sizeof(got) - 1, .see = see, .idle = idle};
	fakepeer_start(serve, false);
	err = fakepeer_get("http://10.0.0.2/dir/f", 90);
	fakepeer_stop();
	return err;
}

#define GET(...) get((const char *const[]){__VA_ARGS__, NULL})
#define OK       "HTTP/1.1 200 OK\r\n"

static void test_a_file_comes(void)
{
	CHECK_EQ(GET(OK "Content-length: 5\r\n\r\nhello"), 0);
	CHECK_STR(got, "hello");
	CHECK_EQ(fakepeer_sink.size, 5);
	CHECK(strstr(request, "GET /dir/f HTTP/1.1\r\nHost: 10.0.0.2\r\n"));
	CHECK_EQ(GET("HTTP/1.1 100 Continue\r\n\r\n" OK "\r\nto the end"), 0);
	CHECK_STR(got, "to the end");
	CHECK_EQ(fakepeer_sink.size, UINT64_MAX);
	CHECK_EQ(GET(OK "Content-Length: 0\r\n\r\n"), 0);
}

static void test_chunks_are_put_together(void)
{
	CHECK_EQ(
		GET(OK
		    "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nT: x"
		    "\r\n\r\n"),
		0);
	CHECK_STR(got, "abc0123456789");
	CHECK_EQ(GET(OK "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n"), E_FORMAT);
	CHECK_EQ(GET(OK "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"), E_FORMAT);
	CHECK_EQ(GET(OK "Transfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n0\r\n\r\n"), E_FORMAT);
}

static void test_malformed_heads_are_refused(void)
{
	static const char *const bad[] = {
		"HTTP/2.0 200 OK\r\n\r\n",
		"HTTP/1.1 20 OK\r\n\r\n",
		"hello\r\n\r\n",
		OK "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
		OK "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello",
		OK "Content-Length: 5x\r\n\r\nhello",
		OK "Content-Length: 99999999999999999999\r\n\r\nhello",
		OK "Content-Length : 5\r\n\r\nhello",
		OK "A: b\r\n folded\r\n\r\nhello",
		OK "no colon\r\n\r\nhello",
		OK "A: b\rc\r\n\r\nhello",
	};

	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK_EQ(GET(bad[i]), E_FORMAT);
	CHECK_EQ(GET(OK "Transfer-Encoding: gzip\r\n\r\n"), E_FORMAT);
}

static void test_more_or_less_than_announced_is_refused(void)
{
	CHECK_EQ(GET(OK "Content-Length: 5\r\n\r\nhello more"), E_FORMAT);
	CHECK_EQ(fakepeer_failure.code, 3018);
	CHECK_EQ(GET(OK "Content-Length: 9\r\n\r\nhello", OK "\r\nhello"), E_IO);
	CHECK_EQ(fakepeer_failure.code, 3016);
}

static void test_redirections_are_followed_and_counted(void)
{
	static const char *const round[] = {"HTTP/1.1 302 F\r\nLocation: /x\r\n\r\n",
					    "HTTP/1.1 302 F\r\nLocation: /x\r\n\r\n",
					    "HTTP/1.1 302 F\r\nLocation: /x\r\n\r\n",
					    "HTTP/1.1 302 F\r\nLocation: /x\r\n\r\n",
					    "HTTP/1.1 302 F\r\nLocation: /x\r\n\r\n",
					    "HTTP/1.1 302 F\r\nLocation: /x\r\n\r\n",
					    "HTTP/1.1 302 F\r\nLocation: /x\r\n\r\n",
					    "HTTP/1.1 302 F\r\nLocation: /x\r\n\r\n",
					    "HTTP/1.1 302 F\r\nLocation: /x\r\n\r\n",
					    OK "\r\nno",
					    NULL};

	CHECK_EQ(GET("HTTP/1.1 307 F\r\nLocation: x\r\n\r\n", OK "\r\nyes"), 0);
	CHECK_STR(got, "yes");
	CHECK(strstr(request, "GET /dir/x HTTP"));
	CHECK_EQ(get(round), E_FORMAT);
	CHECK_EQ(GET("HTTP/1.1 301 F\r\nLocation: https://h/\r\n\r\n"), E_UNSUPP);
}

static void test_a_broken_transfer_goes_on(void)
{
	CHECK_EQ(GET(OK "ETag: \"t\"\r\nContent-Length: 10\r\n\r\nhello",
		     "HTTP/1.1 206 P\r\nContent-Range: bytes 5-9/10\r\nContent-Length: "
		     "5\r\n\r\nworld"),
		 0);
	CHECK_STR(got, "helloworld");
	CHECK(strstr(request, "Range: bytes=5-\r\nIf-Range: \"t\"\r\n"));
	CHECK_EQ(GET(OK "Content-Length: 10\r\n\r\nhello",
		     "HTTP/1.1 206 P\r\nContent-Range: bytes 4-9/10\r\n\r\noworld"),
		 E_FORMAT);
	CHECK_EQ(GET(OK "Content-Length: 10\r\n\r\nhello",
		     "HTTP/1.1 206 P\r\nContent-Range: bytes 5-10/11\r\n\r\nworld!"),
		 E_FORMAT);
}

static void test_statuses_have_codes(void)
{
	CHECK_EQ(GET("HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nno!"), E_NOENT);
	CHECK_EQ(fakepeer_failure.code, 3009);
	CHECK_STR(fakepeer_failure.text, "HTTP 404 Not Found");
	CHECK_EQ(GET("HTTP/1.1 403 No\r\n\r\n"), E_PERM);
	CHECK_EQ(GET("HTTP/1.1 500\r\n\r\n"), E_IO);
}

static void test_silence_and_resets_end_it(void)
{
	static const char *const silence[] = {NULL};

	CHECK_EQ(get(silence), E_TIMEOUT);
	CHECK_EQ(fakepeer_failure.code, 3015);
	reset = true;
	CHECK_EQ(GET(OK "\r\nto the end?"), E_FORMAT);
	reset = false;
}

/* In the body, in chunks that never come, and in the head. */
static void test_a_server_that_trickles_is_given_up(void)
{
	trickle.every_us = 4000000;
	CHECK_EQ(GET(OK "\r\n"), E_TIMEOUT);
	CHECK_EQ(fakepeer_failure.code, 3015);
	CHECK_STR(fakepeer_failure.text, "too slow: 14 bytes in 60 s");
	CHECK_EQ(GET(OK "Content-Length: 200\r\n\r\n"), E_TIMEOUT);
	CHECK_STR(fakepeer_failure.text, "too slow: 14 bytes in 60 s");
	CHECK_EQ(GET(OK "Transfer-Encoding: chunked\r\n\r\n1;"), E_TIMEOUT);
	CHECK_STR(fakepeer_failure.text, "too slow: 0 bytes in 60 s");
	CHECK_EQ(GET(OK "X: "), E_TIMEOUT);
	CHECK_STR(fakepeer_failure.text, "no answer from 10.0.0.2");
	trickle.every_us = trickle.next_us = 0;
}

static const struct test tests[] = {
	TEST(test_a_file_comes),
	TEST(test_chunks_are_put_together),
	TEST(test_malformed_heads_are_refused),
	TEST(test_more_or_less_than_announced_is_refused),
	TEST(test_redirections_are_followed_and_counted),
	TEST(test_a_broken_transfer_goes_on),
	TEST(test_statuses_have_codes),
	TEST(test_silence_and_resets_end_it),
	TEST(test_a_server_that_trickles_is_given_up),
};

int main(void)
{
	return run_tests(tests, ARRAY_SIZE(tests));
}
