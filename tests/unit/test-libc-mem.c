/* SPDX-License-Identifier: BSD-2-Clause */
/* The firmware's mem*() against the host's, over all small sizes, alignments and overlaps. */
#include "check.h"

void *fw_memcpy(void *restrict dst, const void *restrict src, size_t n);
void *fw_memmove(void *dst, const void *src, size_t n);
void *fw_memset(void *dst, int c, size_t n);
int fw_memcmp(const void *a, const void *b, size_t n);

#define SIZES  140
#define SHIFTS 17

static void fill(unsigned char *p, size_t n, unsigned seed)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (unsigned char)(seed = seed * 1103515245 + 12345) ^ (unsigned char)(i * 7);
}

static void test_memcpy_copies_exactly_n_bytes_at_any_alignment(void)
{
	unsigned char src[SIZES + 2 * SHIFTS], got[SIZES + 2 * SHIFTS], want[SIZES + 2 * SHIFTS];

	fill(src, sizeof(src), 1);
	for (size_t n = 0; n < SIZES; n++)
		for (size_t s = 0; s < SHIFTS; s++)
			for (size_t d = 0; d < SHIFTS; d++) {
				memset(got, 0xee, sizeof(got));
				memset(want, 0xee, sizeof(want));
				CHECK(fw_memcpy(got + d, src + s, n) == got + d);
				memcpy(want + d, src + s, n);
				CHECK(!memcmp(got, want, sizeof(got)));
			}
}

static void test_memmove_is_right_for_every_overlap(void)
{
	unsigned char got[SIZES + 80], want[SIZES + 80];

	for (size_t n = 0; n < SIZES; n++)
		for (size_t s = 0; s < 80; s += 1 + n % 3)
			for (size_t d = 0; d < 80; d++) {
				fill(got, sizeof(got), 2);
				memcpy(want, got, sizeof(want));
				CHECK(fw_memmove(got + d, got + s, n) == got + d);
				memmove(want + d, want + s, n);
				CHECK(!memcmp(got, want, sizeof(got)));
			}
}

static void test_memset_sets_exactly_n_bytes(void)
{
	unsigned char got[SIZES + SHIFTS + 8], want[SIZES + SHIFTS + 8];

	for (size_t n = 0; n < SIZES; n++)
		for (size_t d = 0; d < SHIFTS; d++) {
			memset(got, 0x11, sizeof(got));
			memset(want, 0x11, sizeof(want));
			CHECK(fw_memset(got + d, 0x1a5, n) == got + d);
			memset(want + d, 0xa5, n);
			CHECK(!memcmp(got, want, sizeof(got)));
		}
}

static int sign(int v)
{
	return (v > 0) - (v < 0);
}

static void test_memcmp_orders_by_the_first_different_byte(void)
{
	unsigned char a[SIZES], b[SIZES + 1];

	for (size_t n = 1; n < SIZES; n++)
		for (size_t at = 0; at < n; at++) {
			fill(a, n, 3);
			memcpy(b + 1, a, n);
			CHECK_EQ(fw_memcmp(a, b + 1, n), 0);
			b[1 + at] ^= 0x81;
			CHECK_EQ(sign(fw_memcmp(a, b + 1, n)), sign(memcmp(a, b + 1, n)));
			CHECK_EQ(fw_memcmp(a, b + 1, at), 0);
		}
}

static const struct test tests[] = {
	TEST(test_memcpy_copies_exactly_n_bytes_at_any_alignment),
	TEST(test_memmove_is_right_for_every_overlap),
	TEST(test_memset_sets_exactly_n_bytes),
	TEST(test_memcmp_orders_by_the_first_different_byte),
};
TEST_MAIN(tests)
