/* SPDX-License-Identifier: BSD-2-Clause */
/* The generator: its hash by the published vector, and numbers that depend on what was stirred in. */
#include "check.h"

#include "base/random.h"

static void test_the_hash_is_siphash_2_4(void)
{
	static const uint64_t key[2] = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
	uint8_t data[15];

	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	CHECK_EQ(siphash(key, data, 15), 0xa129ca6149be45e5);
	CHECK_EQ(siphash(key, data, 0), 0x726fdb47dd0e0e31);
	CHECK_EQ(siphash(key, data, 8), 0x93f5f5799a932462);
}

static void test_numbers_differ_and_stirring_changes_their_course(void)
{
	uint64_t a = random_u64(), b = random_u64(), c;

	CHECK(a != b);
	random_stir("x", 1);
	c = random_u64();
	random_stir("x", 1);
	CHECK(c != random_u64() && c != a && c != b);
}

static void test_bounded_numbers_stay_below_and_reach_everything(void)
{
	unsigned seen[7] = {0};

	for (unsigned i = 0; i < 7000; i++)
		seen[random_below(7)]++;
	for (unsigned i = 0; i < 7; i++)
		CHECK(seen[i] > 800 && seen[i] < 1200);
	CHECK_EQ(random_below(1), 0);
	CHECK(random_below(0x80000001) <= 0x80000000);
}

static const struct test tests[] = {
	TEST(test_the_hash_is_siphash_2_4),
	TEST(test_numbers_differ_and_stirring_changes_their_course),
	TEST(test_bounded_numbers_stay_below_and_reach_everything),
};

int main(void)
{
	return run_tests(tests, ARRAY_SIZE(tests));
}
