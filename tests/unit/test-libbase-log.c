/* SPDX-License-Identifier: BSD-2-Clause */
/* The log's ring and sink, the trace's ring. */
#define LOG_TAG "test"
#include "check.h"

#include "fakeclock.h"

#include "base/log.h"
#include "base/trace.h"

static char sunk[4096];
static size_t sunk_len;

static void sink(const char *line, size_t len)
{
	memcpy(sunk + sunk_len, line, len);
	sunk_len += len;
	sunk[sunk_len] = 0;
}

static void fresh(void)
{
	sunk_len = 0;
	sunk[0] = 0;
	log_set_sink(sink);
	log_set_serial_level(LOG_NOTE);
}

static void test_lines_carry_time_and_tag(void)
{
	fresh();
	fake_now_us = 1012345;
	log_note("%s is %d", "x", 5);
	CHECK_STR(sunk, "[  1.012345] test: x is 5\r\n");
}

static void test_the_sink_gets_only_its_levels(void)
{
	fresh();
	log_info("quiet");
	CHECK_STR(sunk, "");
	log_set_serial_level(LOG_INFO);
	log_info("loud");
	CHECK(strstr(sunk, "loud"));
}

static void test_the_ring_keeps_every_level_and_the_youngest_text(void)
{
	struct log_ring r;

	fresh();
	for (unsigned i = 0; i < 5000; i++)
		log_debug("line %u", i);
	r = log_ring();
	CHECK(r.len[0] + r.len[1] == 65536);
	CHECK(memcmp(r.piece[1] + r.len[1] - 11, "line 4999\r\n", 11) == 0 || r.len[1] < 11);
	CHECK_EQ(sunk_len, 0);
}

static void test_an_overlong_line_is_cut_and_says_so(void)
{
	char text[2000];

	fresh();
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	log_note("%s", text);
	CHECK(sunk_len <= 512);
	CHECK_STR(sunk + sunk_len - 6, "a...\r\n");
}

static void test_the_trace_returns_the_youngest_first_and_forgets_the_oldest(void)
{
	char line[100];

	for (unsigned i = 0; i < 300; i++)
		trace_result(trace_add(TRACE_HCALL, "call", i, 1, 2, 3), -(int64_t)i);
	CHECK_EQ(trace_youngest(0)->arg[0], 299);
	CHECK_EQ((uint64_t)trace_youngest(0)->result, (uint64_t)-299);
	CHECK_EQ(trace_youngest(255)->arg[0], 44);
	CHECK(!trace_youngest(256));
	fake_now_us = 2000001;
	trace_add(TRACE_RTAS, "x", 0x10, 0, 0, 0);
	trace_format(trace_youngest(0), line, sizeof(line));
	CHECK_STR(line, "     2.000001 rtas   x 10 0 0 0 = 0");
}

static void test_the_trace_forgets_what_was_to_be_expected(void)
{
	unsigned kept, gone;

	for (uint64_t i = 0; i < 300; i++)
		trace_add(TRACE_HCALL, "before", i, 0, 0, 0);
	kept = trace_add(TRACE_RTAS, "kept", 1, 0, 0, 0);
	gone = trace_add(TRACE_RTAS, "gone", 2, 0, 0, 0);
	trace_forget(kept); /* not the youngest: stays */
	trace_forget(gone);
	CHECK_STR(trace_youngest(0)->what, "kept");
	CHECK_STR(trace_youngest(1)->what, "before");
	CHECK_EQ(trace_youngest(254)->arg[0], 46);
	CHECK(!trace_youngest(255));
	trace_add(TRACE_RTAS, "next", 3, 0, 0, 0);
	CHECK_STR(trace_youngest(0)->what, "next");
	CHECK_STR(trace_youngest(1)->what, "kept");
	CHECK(trace_youngest(255) != NULL);
}

static const struct test tests[] = {
	TEST(test_lines_carry_time_and_tag),
	TEST(test_the_sink_gets_only_its_levels),
	TEST(test_the_ring_keeps_every_level_and_the_youngest_text),
	TEST(test_an_overlong_line_is_cut_and_says_so),
	TEST(test_the_trace_returns_the_youngest_first_and_forgets_the_oldest),
	TEST(test_the_trace_forgets_what_was_to_be_expected),
};
TEST_MAIN(tests)
