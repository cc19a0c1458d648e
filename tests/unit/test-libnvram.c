/* SPDX-License-Identifier: BSD-2-Clause */
/* NVRAM images as QEMU and Linux make them, and broken ones. */
#include "check.h"

#include "base/bytes.h"
#include "base/err.h"
#include "nvram/nvram.h"

static uint8_t image[8192];

static uint8_t sum(const uint8_t *h)
{
	unsigned s = h[0];

	for (unsigned i = 2; i < 16; i++) {
		s += h[i];
		s = (s & 0xff) + (s >> 8);
	}
	return (uint8_t)s;
}

static void header(unsigned at, uint8_t signature, unsigned bytes, const char *name)
{
	memset(image + at, 0, 16);
	image[at] = signature;
	put_be16(image + at + 2, (uint16_t)(bytes / 16));
	memcpy(image + at + 4, name, strlen(name));
	image[at + 1] = sum(image + at);
}

/* What -prom-env makes: "system" with the variables, "free" for the rest. */
static void prom_env(const char *vars, size_t len)
{
	memset(image, 0, sizeof(image));
	header(0, NVRAM_SIG_VARIABLES, 2048, "system");
	memcpy(image + 16, vars, len);
	header(2048, NVRAM_SIG_FREE, sizeof(image) - 2048, "free");
}

static void test_checksums_are_those_qemu_writes(void)
{
	prom_env("", 0);
	CHECK_EQ(image[1], 0x98);
}

static void test_partitions_are_walked_to_the_end(void)
{
	struct nvram_part p;
	uint32_t at = 0;

	prom_env("a=b", 4);
	CHECK_EQ(nvram_next(image, sizeof(image), &at, &p), 0);
	CHECK_STR(p.name, "system");
	CHECK_EQ(p.offset, 16);
	CHECK_EQ(p.len, 2032);
	CHECK_EQ(nvram_next(image, sizeof(image), &at, &p), 0);
	CHECK_STR(p.name, "free");
	CHECK_EQ(nvram_next(image, sizeof(image), &at, &p), E_NOENT);
}

static void test_a_variable_is_found_whole_name_only(void)
{
	const char *v;
	size_t len;

	prom_env("xdiag-switch?=no\0diag-switch?x=no\0diag-switch?=true\0last=", 58);
	CHECK_EQ(nvram_var(image, sizeof(image), "diag-switch?", &v, &len), 0);
	CHECK_EQ(len, 4);
	CHECK(!memcmp(v, "true", 4));
	CHECK_EQ(nvram_var(image, sizeof(image), "last", &v, &len), 0);
	CHECK_EQ(len, 0);
	CHECK_EQ(nvram_var(image, sizeof(image), "nothing", &v, &len), E_NOENT);
}

static void test_a_full_partition_without_terminator_ends_at_its_end(void)
{
	const char *v;
	size_t len;

	prom_env("", 0);
	memset(image + 16, 'a', 2032);
	memcpy(image + 16, "v=", 2);
	CHECK_EQ(nvram_var(image, sizeof(image), "v", &v, &len), 0);
	CHECK_EQ(len, 2030);
}

static void test_empty_and_broken_images_are_told_apart(void)
{
	struct nvram_part p;
	const char *v;
	uint32_t at = 0;
	size_t len;

	memset(image, 0, sizeof(image));
	CHECK_EQ(nvram_next(image, sizeof(image), &at, &p), E_FORMAT);
	CHECK_EQ(nvram_next(image, 0, &at, &p), E_NOENT);
	prom_env("a=b", 4);
	image[1] ^= 1;
	CHECK_EQ(nvram_var(image, sizeof(image), "a", &v, &len), E_FORMAT);
	header(0, 0x51, 65536, "long");
	CHECK_EQ(nvram_var(image, sizeof(image), "a", &v, &len), E_FORMAT);
}

static const struct test tests[] = {
	TEST(test_checksums_are_those_qemu_writes),
	TEST(test_partitions_are_walked_to_the_end),
	TEST(test_a_variable_is_found_whole_name_only),
	TEST(test_a_full_partition_without_terminator_ends_at_its_end),
	TEST(test_empty_and_broken_images_are_told_apart),
};
TEST_MAIN(tests)
