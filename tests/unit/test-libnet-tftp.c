/* SPDX-License-Identifier: BSD-2-Clause */
/* TFTP against a server that follows a script: options, loss, disorder, lies and silence. */
#include "check.h"
#include "fakeclock.h"
#include "fakepeer.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/err.h"

/* ---- the server ------------------------------------------------------------------------------- */

static struct {
	uint64_t size;          /* of the file */
	const char *oack;       /* its options, "|" for NUL; NULL: it knows none */
	bool refuse_options;    /* with code 8 */
	unsigned block, window; /* it uses */
	unsigned error;         /* this code + 1 is all it says */
	unsigned lose_every, dup_every, swap_every, stray_every;
	uint64_t silent_from; /* this block on; 0: never */
	uint64_t extra;       /* bytes sent that the file does not have */
	unsigned count;       /* packets of data */
	unsigned requests, strays_refused;
	bool held_is;
	uint8_t held[1500];
	size_t held_len;
	uint64_t at;        /* acknowledged */
	unsigned icmp_code; /* + 1: an ICMP message is all that comes */
	uint16_t icmp_skew; /* the port it quotes is wrong by that */
	uint64_t think_us;  /* before every window but the first */
	uint64_t due_us;    /* when it is through with that; 0: it does not think */
	struct fakenet_packet due_to;
	unsigned acks;
} srv;

static uint8_t byte_at(uint64_t i)
{
	return (uint8_t)(i * 7 + (i >> 8));
}

static void put_block(const struct fakenet_packet *q, const uint8_t *packet, size_t len)
{
	srv.count++;
	if (srv.lose_every && srv.count % srv.lose_every == 0)
		return;
	if (srv.stray_every && srv.count % srv.stray_every == 0)
		fakepeer_reply(q, 4444, packet, len);
	if (srv.swap_every && srv.count % srv.swap_every == 0 && !srv.held_is) {
		memcpy(srv.held, packet, len);
		srv.held_len = len;
		srv.held_is = true;
		return;
	}
	fakepeer_reply(q, 5555, packet, len);
	if (srv.dup_every && srv.count % srv.dup_every == 0)
		fakepeer_reply(q, 5555, packet, len);
	if (srv.held_is)
		fakepeer_reply(q, 5555, srv.held, srv.held_len);
	srv.held_is = false;
}

static void send_window(const struct fakenet_packet *q)
{
	uint8_t packet[1500] = {0, 3};
	uint64_t all = srv.size + srv.extra;

	for (unsigned i = 0; i < srv.window; i++) {
		uint64_t from = (srv.at + i) * srv.block;
		size_t n;

		if (from > all || (srv.silent_from && srv.at + i + 1 >= srv.silent_from))
			return;
		n = all - from < srv.block ? (size_t)(all - from) : srv.block;
		put_be16(packet + 2, (uint16_t)(srv.at + i + 1));
		for (size_t k = 0; k < n; k++)
			packet[4 + k] = byte_at(from + k);
		put_block(q, packet, 4 + n);
	}
}

static void on_request(const struct fakenet_packet *q)
{
	uint8_t packet[200] = {0, 6};
	bool options = q->len > 2 + sizeof("f") + sizeof("octet");

	srv.requests++;
	srv.at = 0;
	if (srv.error || (srv.refuse_options && options)) {
		put_be16(packet, 5);
		put_be16(packet + 2, (uint16_t)(srv.error ? srv.error - 1 : 8));
		memcpy(packet + 4, "no\x01w", 5);
		fakepeer_reply(q, 5555, packet, 9);
	} else if (options && srv.oack) {
		size_t n = strlen(srv.oack);

		for (size_t i = 0; i < n; i++)
			packet[2 + i] = srv.oack[i] == '|' ? 0 : (uint8_t)srv.oack[i];
		fakepeer_reply(q, 5555, packet, 2 + n);
	} else {
		send_window(q);
	}
}

static void on_ack(const struct fakenet_packet *q)
{
	uint16_t step = (uint16_t)(get_be16(q->data + 2) - (uint16_t)srv.at);

	srv.acks++;
	if (step > srv.window || srv.due_us)
		return;
	srv.at += step;
	if (srv.think_us) {
		srv.due_us = fake_now_us + srv.think_us;
		srv.due_to = *q;
	} else {
		send_window(q);
	}
}

static void on_time(void)
{
	if (!srv.due_us || fake_now_us < srv.due_us)
		return;
	srv.due_us = 0;
	send_window(&srv.due_to);
}

/* Destination unreachable, with the head of the packet it is about. */
static void send_icmp(const struct fakenet_packet *q)
{
	uint8_t icmp[8 + 40 + 8] = {q->v6 ? 1 : 3, (uint8_t)(srv.icmp_code - 1)}, *ip = icmp + 8;
	size_t head = q->v6 ? 40 : 20;
	struct fakenet_packet p = *q;

	ip[0] = q->v6 ? 0x60 : 0x45;
	memcpy(ip + (q->v6 ? 24 : 16), q->dst, q->v6 ? 16 : 4);
	put_be16(ip + head, (uint16_t)(q->src_port + srv.icmp_skew));
	put_be16(ip + head + 2, q->dst_port);
	memcpy(p.src, q->dst, 16);
	memcpy(p.dst, q->src, 16);
	p.protocol = q->v6 ? 58 : 1;
	p.data = icmp;
	p.len = 8 + head + 8;
	fakenet_put_packet(&fakepeer_net, &p);
}

static void serve(const struct fakenet_packet *q)
{
	if (q->protocol != 17)
		return;
	if (srv.icmp_code)
		send_icmp(q);
	else if (q->dst_port == 69 && !(srv.silent_from == 1 && !srv.oack))
		on_request(q);
	else if (q->dst_port == 5555 && get_be16(q->data) == 4)
		on_ack(q);
	else if (q->dst_port == 4444)
		srv.strays_refused += get_be16(q->data) == 5 && get_be16(q->data + 2) == 5;
}

/* ---- the sink --------------------------------------------------------------------------------- */

static uint64_t abort_us; /* when the user gives up; 0: never */

static void see(uint64_t offset, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != byte_at(offset + i))
			CHECK(!"right bytes");
}

static int idle(void)
{
	on_time();
	return abort_us && fake_now_us > abort_us ? E_ABORT : 0;
}

static void start(void)
{
	memset(&srv, 0, sizeof(srv));
	srv.size = 100000;
	srv.block = 512;
	srv.window = 1;
	abort_us = 0;
	fakepeer_sink = (struct fakepeer_sink){.room = UINT64_MAX - 1, .see = see, .idle = idle};
	fakepeer_start(serve, true);
}

static int get(const char *text)
{
	int err = fakepeer_get(text, 70);

	fakepeer_stop();
	return err;
}

#define FILE4 "tftp://10.0.0.2/f"
#define BIG   "tsize|100000|blksize|1400|windowsize|16|"

static void big(void)
{
	start();
	srv.oack = BIG;
	srv.block = 1400;
	srv.window = 16;
}

/* ---- the tests -------------------------------------------------------------------------------- */

static void test_a_file_comes_with_options(void)
{
	big();
	CHECK_EQ(get(FILE4), 0);
	CHECK_EQ(fakepeer_sink.size, 100000);
	CHECK_EQ(fakepeer_sink.got, 100000);
	CHECK_EQ(srv.requests, 1);
}

static void test_a_file_comes_by_ipv6(void)
{
	big();
	CHECK_EQ(get("tftp://[fe80::5054:ff:fe09:909]/f"), 0);
	CHECK_EQ(fakepeer_sink.got, 100000);
}

static void test_a_server_without_options_serves(void)
{
	start();
	CHECK_EQ(get(FILE4), 0);
	CHECK_EQ(fakepeer_sink.size, UINT64_MAX);
	CHECK_EQ(fakepeer_sink.got, 100000);
}

static void test_a_server_that_refuses_options_is_asked_without(void)
{
	start();
	srv.refuse_options = true;
	CHECK_EQ(get(FILE4), 0);
	CHECK_EQ(srv.requests, 2);
	CHECK_EQ(fakepeer_sink.got, 100000);
}

static void test_an_empty_file_and_a_whole_number_of_blocks(void)
{
	start();
	srv.size = 0;
	CHECK_EQ(get(FILE4), 0);
	CHECK_EQ(fakepeer_sink.got, 0);
	CHECK_EQ(fakepeer_sink.begins, 1);
	start();
	srv.size = 5120;
	CHECK_EQ(get(FILE4), 0);
	CHECK_EQ(fakepeer_sink.got, 5120);
}

static void test_loss_duplicates_disorder_and_strays_are_survived(void)
{
	big();
	srv.lose_every = 13;
	CHECK_EQ(get(FILE4), 0);
	CHECK_EQ(fakepeer_sink.got, 100000);
	big();
	srv.dup_every = 3;
	CHECK_EQ(get(FILE4), 0);
	big();
	srv.swap_every = 7;
	CHECK_EQ(get(FILE4), 0);
	big();
	srv.stray_every = 10;
	CHECK_EQ(get(FILE4), 0);
	CHECK(srv.strays_refused > 3);
	start();
	srv.lose_every = 21;
	srv.dup_every = 2;
	CHECK_EQ(get(FILE4), 0);
	CHECK_EQ(fakepeer_sink.got, 100000);
}

static void test_block_numbers_wrap(void)
{
	start();
	srv.size = 70000 * 8 + 3;
	srv.oack = "blksize|8|windowsize|16|";
	srv.block = 8;
	srv.window = 16;
	CHECK_EQ(get(FILE4), 0);
	CHECK_EQ(fakepeer_sink.got, srv.size);
}

static void test_nonsense_in_the_agreement_ends_it(void)
{
	static const char *const bad[] = {
		"blksize|60000|", "blksize|7|", "blksize|x|",       "windowsize|0|",
		"windowsize|17|", "tsize|-1|",  "tsize|1|tsize|1|", "hello|1|",
		"tsize|1",        "tsize",      "blksize||",        "tsize|99999999999999999999|",
	};

	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		start();
		srv.oack = bad[i];
		CHECK_EQ(get(FILE4), E_FORMAT);
		CHECK_EQ(fakepeer_failure.code, 3017);
		CHECK_EQ(fakepeer_sink.begins, 0);
	}
}

static void test_more_or_less_than_announced_is_refused(void)
{
	big();
	srv.extra = 1;
	CHECK_EQ(get(FILE4), E_FORMAT);
	CHECK_EQ(fakepeer_failure.code, 3018);
	big();
	srv.size = 99999;
	CHECK_EQ(get(FILE4), E_FORMAT);
	CHECK_EQ(fakepeer_failure.code, 3016);
}

static void test_no_room_is_known_before_the_first_byte(void)
{
	big();
	fakepeer_sink.room = 99999;
	CHECK_EQ(get(FILE4), E_NOSPC);
	CHECK_EQ(fakepeer_failure.code, 3004);
	CHECK_EQ(fakepeer_sink.got, 0);
	start();
	fakepeer_sink.room = 5000;
	CHECK_EQ(get(FILE4), E_NOSPC);
}

static void test_the_servers_errors_have_codes(void)
{
	static const struct {
		int err, code;
	} want[] = {{E_IO, 3003}, {E_NOENT, 3009}, {E_PERM, 3010}, {E_IO, 3003},    {E_IO, 3011},
		    {E_IO, 3012}, {E_IO, 3003},    {E_PERM, 3013}, {E_FORMAT, 3017}};

	for (unsigned i = 0; i < ARRAY_SIZE(want); i++) {
		start();
		srv.error = i + 1;
		CHECK_EQ(get(FILE4), want[i].err);
		CHECK_EQ(fakepeer_failure.code, want[i].code);
		CHECK(strstr(fakepeer_failure.text, "server says: no?w"));
	}
}

static void test_silence_ends_in_time(void)
{
	start();
	srv.silent_from = 1;
	CHECK_EQ(get(FILE4), E_TIMEOUT);
	CHECK_EQ(fakepeer_failure.code, 3015);
	big();
	srv.silent_from = 20;
	CHECK_EQ(get(FILE4), E_TIMEOUT);
}

static void test_a_server_that_trickles_is_given_up(void)
{
	uint64_t before = fake_now_us;

	start();
	srv.think_us = 2000000;
	CHECK_EQ(get(FILE4), E_TIMEOUT);
	CHECK_EQ(fakepeer_failure.code, 3015);
	CHECK(strstr(fakepeer_failure.text, "too slow: 153") ||
	      strstr(fakepeer_failure.text, "too slow: 148"));
	CHECK(strstr(fakepeer_failure.text, " bytes in 60 s"));
	CHECK(fake_now_us - before > 60000000);
	start();
	srv.think_us = 1500000; /* 20 KiB in a minute */
	srv.size = 15000;
	CHECK_EQ(get(FILE4), 0);
}

/* A lost block costs about as long as the server usually takes, not a second. */
static void test_what_is_lost_is_asked_for_soon(void)
{
	uint64_t before;

	start();
	before = fake_now_us;
	srv.lose_every = 10;
	CHECK_EQ(get(FILE4), 0);
	CHECK_EQ(fakepeer_sink.got, 100000);
	CHECK(fake_now_us - before < 21 * 210000);
}

static void test_a_server_that_thinks_long_is_soon_known(void)
{
	start();
	srv.size = 10000;
	srv.oack = "blksize|512|";
	srv.think_us = 900000;
	CHECK_EQ(get(FILE4), 0);
	CHECK(srv.acks <= 21 + 3); /* until one of its answers could be measured */
}

static void test_a_server_that_is_not_there_is_told_apart(void)
{
	uint64_t before = fake_now_us;

	start();
	fakepeer_leave();
	CHECK_EQ(get(FILE4), E_TIMEOUT);
	CHECK_EQ(fakepeer_failure.code, 3002);
	CHECK(fake_now_us - before < 16000000);
}

static void test_a_message_that_it_leads_nowhere_ends_it(void)
{
	uint64_t before = fake_now_us;

	start();
	srv.icmp_code = 3 + 1;
	CHECK_EQ(get(FILE4), E_IO);
	CHECK_EQ(fakepeer_failure.code, 3005);
	CHECK_STR(fakepeer_failure.text, "10.0.0.2: ICMP says port unreachable");
	start();
	srv.icmp_code = 4 + 1;
	CHECK_EQ(get("tftp://[fe80::5054:ff:fe09:909]/f"), E_IO);
	CHECK_EQ(fakepeer_failure.code, 3005);
	CHECK(fake_now_us - before < 8000000);
	start();
	srv.icmp_code = 3 + 1;
	srv.icmp_skew = 1;
	CHECK_EQ(get(FILE4), E_TIMEOUT);
	CHECK_EQ(fakepeer_failure.code, 3015);
}

static void test_the_user_may_give_up(void)
{
	big();
	srv.silent_from = 20;
	abort_us = fake_now_us + 2000000;
	CHECK_EQ(get(FILE4), E_ABORT);
}

static const struct test tests[] = {
	TEST(test_a_file_comes_with_options),
	TEST(test_a_file_comes_by_ipv6),
	TEST(test_a_server_without_options_serves),
	TEST(test_a_server_that_refuses_options_is_asked_without),
	TEST(test_an_empty_file_and_a_whole_number_of_blocks),
	TEST(test_loss_duplicates_disorder_and_strays_are_survived),
	TEST(test_block_numbers_wrap),
	TEST(test_nonsense_in_the_agreement_ends_it),
	TEST(test_more_or_less_than_announced_is_refused),
	TEST(test_no_room_is_known_before_the_first_byte),
	TEST(test_the_servers_errors_have_codes),
	TEST(test_silence_ends_in_time),
	TEST(test_a_server_that_trickles_is_given_up),
	TEST(test_what_is_lost_is_asked_for_soon),
	TEST(test_a_server_that_thinks_long_is_soon_known),
	TEST(test_a_server_that_is_not_there_is_told_apart),
	TEST(test_a_message_that_it_leads_nowhere_ends_it),
	TEST(test_the_user_may_give_up),
};

int main(void)
{
	return run_tests(tests, ARRAY_SIZE(tests));
}
