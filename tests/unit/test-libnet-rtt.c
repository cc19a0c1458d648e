/* SPDX-License-Identifier: BSD-2-Clause */
/* How long an answer is waited for: what RFC 6298 computes, and its bounds. */
#include "check.h"

#include "../../lib/libnet/rtt.h"

static uint64_t now = 5000000;

static void round_trip(struct rtt *r, uint32_t us)
{
	rtt_sent(r, now);
	now += us;
	rtt_heard(r, now);
}

static void test_before_anything_is_known_it_is_a_second(void)
{
	struct rtt r = {0};

	CHECK_EQ(rtt_timeout_ms(&r), 1000);
	rtt_heard(&r, now); /* nothing was asked */
	CHECK_EQ(rtt_timeout_ms(&r), 1000);
}

/* 500: 500 + 4 * 250; then 3/4 of 250 is 187.5, and 500 + 4 * 187.5. */
static void test_it_follows_the_round_trips(void)
{
	struct rtt r = {0};

	round_trip(&r, 500000);
	CHECK_EQ(rtt_timeout_ms(&r), 1500);
	round_trip(&r, 500000);
	CHECK_EQ(rtt_timeout_ms(&r), 1250);
	for (unsigned i = 0; i < 100; i++)
		round_trip(&r, 500000);
	CHECK(rtt_timeout_ms(&r) >= 500 && rtt_timeout_ms(&r) < 520);
	for (unsigned i = 0; i < 100; i++)
		round_trip(&r, 300000);
	CHECK(rtt_timeout_ms(&r) >= 300 && rtt_timeout_ms(&r) < 320);
}

static void test_it_is_never_very_short_or_very_long(void)
{
	struct rtt r = {0};

	for (unsigned i = 0; i < 100; i++)
		round_trip(&r, i & 1);
	CHECK_EQ(rtt_timeout_ms(&r), 200);
	round_trip(&r, 3000000);
	round_trip(&r, 3000000);
	CHECK_EQ(rtt_timeout_ms(&r), 4000);
	rtt_sent(&r, now);
	rtt_heard(&r, UINT64_MAX);
	CHECK_EQ(rtt_timeout_ms(&r), 4000);
}

static void test_every_repetition_doubles_it_up_to_a_bound(void)
{
	struct rtt r = {0};

	rtt_sent(&r, now);
	rtt_repeated(&r);
	CHECK_EQ(rtt_timeout_ms(&r), 2000);
	for (unsigned i = 0; i < 1000; i++)
		rtt_repeated(&r);
	CHECK_EQ(rtt_timeout_ms(&r), 4000);
	round_trip(&r, 1000);
	CHECK_EQ(rtt_timeout_ms(&r), 200);
	for (unsigned ms = 400; ms < 4000; ms *= 2) {
		rtt_repeated(&r);
		CHECK_EQ(rtt_timeout_ms(&r), ms);
	}
	rtt_repeated(&r);
	CHECK_EQ(rtt_timeout_ms(&r), 4000);
}

/* Nobody knows which of two questions the answer is for (Karn); the time stays doubled until one is known. */
static void test_answers_to_repetitions_are_not_measured(void)
{
	struct rtt r = {0};

	round_trip(&r, 100000);
	CHECK_EQ(rtt_timeout_ms(&r), 300);
	rtt_sent(&r, now);
	rtt_repeated(&r);
	now += 3000000;
	rtt_heard(&r, now);
	CHECK_EQ(rtt_timeout_ms(&r), 600);
	round_trip(&r, 100000);
	CHECK_EQ(rtt_timeout_ms(&r), 250);
}

static const struct test tests[] = {
	TEST(test_before_anything_is_known_it_is_a_second),
	TEST(test_it_follows_the_round_trips),
	TEST(test_it_is_never_very_short_or_very_long),
	TEST(test_every_repetition_doubles_it_up_to_a_bound),
	TEST(test_answers_to_repetitions_are_not_measured),
};

int main(void)
{
	return run_tests(tests, ARRAY_SIZE(tests));
}
