/* SPDX-License-Identifier: BSD-2-Clause */
/* Bounded text, effect strings, checked arithmetic, bytes, errors. */
#include "check.h"

#include "base/arith.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/stack.h"
#include "base/strbuf.h"

static void test_strbuf_is_terminated_and_knows_the_true_length(void)
{
	char buf[8];
	struct strbuf sb = strbuf_on(buf, sizeof(buf));

	strbuf_str(&sb, "abc");
	CHECK_STR(buf, "abc");
	CHECK(!sb.cut);
	strbuf_printf(&sb, "%s", "defghij");
	CHECK_STR(buf, "abcdefg");
	CHECK_EQ(sb.len, 7);
	CHECK_EQ(sb.want, 10);
	CHECK(sb.cut);
	strbuf_char(&sb, '!');
	CHECK_STR(buf, "abcdefg");
	CHECK_EQ(sb.want, 11);
}

static void test_strbuf_without_room_only_counts(void)
{
	struct strbuf sb = strbuf_on(NULL, 0);

	strbuf_str(&sb, "abc");
	strbuf_printf(&sb, "%d", 1234);
	CHECK_EQ(sb.want, 7);
	CHECK_EQ(sb.len, 0);
	CHECK(sb.cut);
}

static void test_strbuf_hex_has_no_leading_zeros(void)
{
	char buf[40];
	struct strbuf sb = strbuf_on(buf, sizeof(buf));

	strbuf_hex(&sb, 0);
	strbuf_char(&sb, ' ');
	strbuf_hex(&sb, 0x800000020000000ull);
	strbuf_char(&sb, ' ');
	strbuf_hex(&sb, UINT64_MAX);
	CHECK_STR(buf, "0 800000020000000 ffffffffffffffff");
}

static void test_effect_strings_give_the_arity(void)
{
	struct effect e;

	CHECK_EQ(effect_parse("( addr block# #blocks -- #read )", &e), 0);
	CHECK_EQ(e.in, 3);
	CHECK_EQ(e.out, 1);
	CHECK_EQ(effect_parse("( -- )", &e), 0);
	CHECK_EQ(e.in, 0);
	CHECK_EQ(e.out, 0);
}

static void test_malformed_effect_strings_are_refused(void)
{
	static const char *const bad[] = {"", "(", "( a b )", "a -- b", "( a -- b", "( a -- b ) c"};
	struct effect e;

	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK_EQ(effect_parse(bad[i], &e), E_FORMAT);
}

static void test_the_stack_neither_over_nor_underflows(void)
{
	cell_t cells[2];
	struct stack st = {cells, 0, 2};
	cell_t v = 7;

	CHECK_EQ(stack_pop(&st, &v), E_DEPTH);
	CHECK_EQ(v, 7);
	CHECK_EQ(stack_push(&st, 1), 0);
	CHECK_EQ(stack_push(&st, 2), 0);
	CHECK_EQ(stack_push(&st, 3), E_DEPTH);
	CHECK_EQ(stack_pop(&st, &v), 0);
	CHECK_EQ(v, 2);
}

static void test_checked_arithmetic_refuses_overflow(void)
{
	uint64_t v = 42;

	CHECK(!add_ok(UINT64_MAX, 1, &v));
	CHECK(!mul_ok(1ull << 32, 1ull << 32, &v));
	CHECK(!align_up_ok(UINT64_MAX - 3, 8, &v));
	CHECK_EQ(v, 42);
	CHECK(add_ok(UINT64_MAX, 0, &v));
	CHECK_EQ(v, UINT64_MAX);
	CHECK(align_up_ok(9, 8, &v));
	CHECK_EQ(v, 16);
	CHECK_EQ(pow2_ceil(0), 1);
	CHECK_EQ(pow2_ceil(65537), 131072);
	CHECK_EQ(pow2_ceil(UINT64_MAX), 0);
}

static void test_ranges_overlap_at_the_edges(void)
{
	CHECK(ranges_overlap(0, 10, 9, 1));
	CHECK(!ranges_overlap(0, 10, 10, 1));
	CHECK(!ranges_overlap(5, 0, 0, 10));
	CHECK(ranges_overlap(UINT64_MAX, 1, 0, UINT64_MAX) == false);
	CHECK(ranges_overlap(UINT64_MAX - 1, 2, UINT64_MAX, 1));
}

static void test_bytes_are_read_and_written_in_the_order_named(void)
{
	uint8_t b[9] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
	uint8_t w[8];

	CHECK_EQ(get_be16(b + 1), 0x0102);
	CHECK_EQ(get_le16(b + 1), 0x0201);
	CHECK_EQ(get_be32(b + 1), 0x01020304);
	CHECK_EQ(get_le32(b + 1), 0x04030201);
	CHECK_EQ(get_be64(b + 1), 0x0102030405060708ull);
	CHECK_EQ(get_le64(b + 1), 0x0807060504030201ull);
	put_be64(w, 0x0102030405060708ull);
	CHECK(!memcmp(w, b + 1, 8));
	put_le64(w, 0x0807060504030201ull);
	CHECK(!memcmp(w, b + 1, 8));
}

static void test_every_error_has_a_phrase(void)
{
	CHECK_STR(err_text(0), "success");
	for (int e = E_FAULT; e < 0; e++)
		CHECK(strcmp(err_text(e), "unknown reason"));
	CHECK_STR(err_text(E_ABORT), "given up on request");
	CHECK_STR(err_text(-1000), "unknown reason");
	CHECK_STR(err_text(3), "unknown reason");
}

static const struct test tests[] = {
	TEST(test_strbuf_is_terminated_and_knows_the_true_length),
	TEST(test_strbuf_without_room_only_counts),
	TEST(test_strbuf_hex_has_no_leading_zeros),
	TEST(test_effect_strings_give_the_arity),
	TEST(test_malformed_effect_strings_are_refused),
	TEST(test_the_stack_neither_over_nor_underflows),
	TEST(test_checked_arithmetic_refuses_overflow),
	TEST(test_ranges_overlap_at_the_edges),
	TEST(test_bytes_are_read_and_written_in_the_order_named),
	TEST(test_every_error_has_a_phrase),
};
TEST_MAIN(tests)
