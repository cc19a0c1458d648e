/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing variables, making images and mending broken ones. */
#include "check.h"

#include "base/bytes.h"
#include "base/err.h"
#include "nvram/nvram.h"

#define SIZE 65536u

static uint8_t image[NVRAM_MOST], before[NVRAM_MOST];
static struct nvram_range range;

static uint32_t common(void)
{
	struct nvram_part part;

	CHECK_EQ(nvram_find(image, SIZE, &part), 0);
	return part.offset;
}

static int set(const char *name, const char *value)
{
	int err;

	memcpy(before, image, SIZE);
	err = nvram_set(image, SIZE, name, value, strlen(value), &range);
	if (err)
		CHECK(!memcmp(before, image, SIZE));
	return err;
}

/* What was changed lies in what was said to have changed. */
static void check_range(void)
{
	CHECK(range.offset <= SIZE && range.len <= SIZE - range.offset);
	memcpy(before + range.offset, image + range.offset, range.len);
	CHECK(!memcmp(before, image, SIZE));
}

static void check_list(const char *want, size_t len)
{
	CHECK(!memcmp(image + common(), want, len));
	CHECK_EQ(image[common() + len], 0);
}
#define CHECK_LIST(text) check_list(text, sizeof(text))

static void check_layout(uint32_t size, const uint32_t *starts, unsigned n)
{
	struct nvram_part part;
	uint32_t at = 0;

	memset(image, 0x55, size);
	nvram_format(image, size);
	for (unsigned i = 0; i < n; i++) {
		CHECK_EQ(at, starts[i]);
		CHECK_EQ(nvram_next(image, size, &at, &part), 0);
	}
	CHECK_EQ(nvram_next(image, size, &at, &part), E_NOENT);
	CHECK_EQ(at, size);
	CHECK_EQ(part.signature, NVRAM_SIG_FREE);
	CHECK_EQ(nvram_find(image, size, &part), 0);
	CHECK_STR(part.name, "common");
	CHECK_EQ(part.len, 0xff0);
	CHECK_EQ(nvram_repair(image, size), NVRAM_SOUND);
}

static void test_images_of_all_sizes_are_made_as_slof_does(void)
{
	static const uint32_t small[] = {0, 0x800, 0xa00, 0x1a00};
	static const uint32_t large[] = {0, 0x2000, 0x2800, 0x3800};

	check_layout(8192, small, 4);
	check_layout(16384, large, 4);
	check_layout(65536, large, 4);
	check_layout(NVRAM_MOST, large, 4);
	nvram_format(image, 65536);
	CHECK_EQ(image[0], 0x51);
	CHECK(!memcmp(image + 4, "ibm,CPU0log\0", 12));
	CHECK(!memcmp(image + 0x2004, "ibm,CPU1log\0", 12));
}

static void test_variables_are_added_grown_and_shrunk_in_place(void)
{
	nvram_format(image, SIZE);
	CHECK_EQ(set("a", "1"), 0);
	check_range();
	CHECK_EQ(set("boot", "disk"), 0);
	check_range();
	CHECK_EQ(set("c", ""), 0);
	check_range();
	CHECK_LIST("a=1\0boot=disk\0c=");
	CHECK_EQ(set("boot", "/pci/disk"), 0);
	check_range();
	CHECK_LIST("a=1\0boot=/pci/disk\0c=");
	CHECK_EQ(set("boot", "x"), 0);
	check_range();
	CHECK_LIST("a=1\0boot=x\0c=");
	CHECK_EQ(set("a", "2"), 0);
	CHECK_LIST("a=2\0boot=x\0c=");
}

static void test_deleting_removes_all_of_that_name(void)
{
	static const char list[] = "a=1\0b=2\0a=3\0junk\0ab=4\0a=5";

	nvram_format(image, SIZE);
	memcpy(image + common(), list, sizeof(list));
	memcpy(before, image, SIZE);
	CHECK_EQ(nvram_delete(image, SIZE, "a", &range), 0);
	check_range();
	CHECK_LIST("b=2\0junk\0ab=4");
	CHECK_EQ(nvram_delete(image, SIZE, "a", &range), E_NOENT);
	CHECK_EQ(nvram_delete(image, SIZE, "junk", &range), E_NOENT);
	CHECK_EQ(nvram_delete(image, SIZE, "b", &range), 0);
	CHECK_LIST("junk\0ab=4");
}

static void test_a_full_partition_refuses_and_is_not_changed(void)
{
	static char value[0x1000];

	nvram_format(image, SIZE);
	CHECK_EQ(set("a", "1"), 0);
	/* 0xff0 bytes of body, 4 for "a=1", 3 for "v=" and its NUL, 1 for the end */
	memset(value, 'x', 0xff0 - 4 - 3);
	CHECK_EQ(set("v", value), E_NOSPC);
	value[0xff0 - 4 - 3 - 1] = 0;
	CHECK_EQ(set("v", value), 0);
	check_range();
	CHECK_EQ(set("b", ""), E_NOSPC);
	CHECK_EQ(set("a", "12"), E_NOSPC);
	CHECK_EQ(set("a", "2"), 0);
	CHECK_EQ(set("a", ""), 0);
	check_range();
	CHECK_EQ(nvram_set(image, SIZE, "a", value, 0xfff, &range), E_INVAL);
	CHECK_EQ(nvram_delete(image, SIZE, "v", &range), 0);
	CHECK_LIST("a=");
}

static void test_names_and_values_that_would_break_the_list_are_refused(void)
{
	nvram_format(image, SIZE);
	CHECK_EQ(set("", "x"), E_INVAL);
	CHECK_EQ(set("a=b", "x"), E_INVAL);
	CHECK_EQ(nvram_set(image, SIZE, "a", "x\0y", 3, &range), E_INVAL);
	CHECK_EQ(nvram_delete(image, SIZE, "", &range), E_NOENT);
}

/* Nothing ends the last string but the partition. */
static void test_a_list_without_an_end_can_be_changed(void)
{
	nvram_format(image, SIZE);
	CHECK_EQ(set("a", "123"), 0);
	memset(image + common() + 6, 'z', 0xff0 - 6);
	image[common() + 7] = '=';
	CHECK_EQ(set("b", ""), E_NOSPC);
	CHECK_EQ(set("a", "12"), 0);
	check_range();
	CHECK_EQ(image[common() + 0xff0 - 1], 0);
	CHECK_EQ(image[common() + 0xff0 - 2], 'z');
	memset(image + common() + 5, 'z', 0xff0 - 5);
	image[common() + 6] = '=';
	memcpy(before, image, SIZE);
	CHECK_EQ(nvram_delete(image, SIZE, "a", &range), 0);
	check_range();
	CHECK_EQ(image[common() + 0xff0 - 1], 0);
	CHECK_EQ(image[common()], 'z');
	CHECK_EQ(nvram_delete(image, SIZE, "z", &range), 0);
	check_list("", 1);
}

static void test_variables_are_listed_and_other_strings_passed_over(void)
{
	static const char list[] = "a=1\0junk\0=x\0b==\0";
	struct nvram_part part;
	struct nvram_variable v;
	uint32_t at = 0;

	nvram_format(image, SIZE);
	memcpy(image + common(), list, sizeof(list));
	CHECK_EQ(nvram_find(image, SIZE, &part), 0);
	CHECK(nvram_next_var(image, &part, &at, &v));
	CHECK(v.name_len == 1 && *v.name == 'a' && v.len == 1 && *v.value == '1');
	CHECK(nvram_next_var(image, &part, &at, &v));
	CHECK(v.name_len == 1 && *v.name == 'b' && v.len == 1 && *v.value == '=');
	CHECK(!nvram_next_var(image, &part, &at, &v));
}

static void test_blank_images_are_fresh_and_others_replaced(void)
{
	memset(image, 0, SIZE);
	CHECK_EQ(nvram_repair(image, SIZE), NVRAM_FRESH);
	CHECK_EQ(nvram_repair(image, SIZE), NVRAM_SOUND);
	memset(image, 0xff, SIZE);
	CHECK_EQ(nvram_repair(image, SIZE), NVRAM_FRESH);
	for (uint32_t at = 0; at < SIZE; at += SIZE - 1) { /* one byte, the first or the last */
		memset(image, 0, SIZE);
		image[at] = 0xff;
		CHECK_EQ(nvram_repair(image, SIZE), NVRAM_REPLACED);
	}
	memset(image, 0x70, SIZE);
	CHECK_EQ(nvram_repair(image, SIZE), NVRAM_REPLACED);
	CHECK_EQ(nvram_repair(image, SIZE), NVRAM_SOUND);
}

/* QEMU puts "free" at 2048 even when "system" has grown over that place. */
static void test_what_is_behind_a_bad_header_becomes_free(void)
{
	struct nvram_part part;
	uint32_t at = 0;

	nvram_format(image, SIZE);
	CHECK_EQ(set("a", "1"), 0);
	image[0x3801] ^= 1;
	CHECK_EQ(nvram_repair(image, SIZE), NVRAM_MENDED);
	CHECK_LIST("a=1");
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQ(nvram_next(image, SIZE, &at, &part), 0);
	CHECK_EQ(at, SIZE);
	CHECK_EQ(part.signature, NVRAM_SIG_FREE);
}

static void test_variables_behind_a_bad_header_are_found(void)
{
	struct nvram_part part;
	uint32_t at = 0;

	nvram_format(image, SIZE);
	CHECK_EQ(set("a", "1"), 0);
	image[0x2001] ^= 1;
	CHECK_EQ(nvram_repair(image, SIZE), NVRAM_MENDED);
	CHECK_LIST("a=1");
	CHECK_EQ(nvram_next(image, SIZE, &at, &part), 0);
	CHECK_STR(part.name, "ibm,CPU0log");
	CHECK_EQ(nvram_next(image, SIZE, &at, &part), 0);
	CHECK_EQ(part.signature, NVRAM_SIG_FREE);
	CHECK_EQ(at, 0x2800);
	CHECK_EQ(nvram_repair(image, SIZE), NVRAM_SOUND);
}

static void test_a_gap_of_a_mebibyte_takes_two_free_partitions(void)
{
	memset(image, 0, NVRAM_MOST);
	nvram_format(image, NVRAM_LEAST);
	memmove(image, image + 0xa00, 0x1000);
	/* "common" at 0; move it to the end, nothing but a bad header before */
	memmove(image + NVRAM_MOST - 0x1000, image, 0x1000);
	memset(image, 0, NVRAM_LEAST);
	CHECK_EQ(nvram_repair(image, NVRAM_MOST), NVRAM_MENDED);
	CHECK_EQ(nvram_repair(image, NVRAM_MOST), NVRAM_SOUND);
	CHECK(!memcmp(image + NVRAM_MOST - 0x1000 + 4, "common", 7));
}

static const struct test tests[] = {
	TEST(test_images_of_all_sizes_are_made_as_slof_does),
	TEST(test_variables_are_added_grown_and_shrunk_in_place),
	TEST(test_deleting_removes_all_of_that_name),
	TEST(test_a_full_partition_refuses_and_is_not_changed),
	TEST(test_names_and_values_that_would_break_the_list_are_refused),
	TEST(test_a_list_without_an_end_can_be_changed),
	TEST(test_variables_are_listed_and_other_strings_passed_over),
	TEST(test_blank_images_are_fresh_and_others_replaced),
	TEST(test_what_is_behind_a_bad_header_becomes_free),
	TEST(test_variables_behind_a_bad_header_are_found),
	TEST(test_a_gap_of_a_mebibyte_takes_two_free_partitions),
};
TEST_MAIN(tests)
