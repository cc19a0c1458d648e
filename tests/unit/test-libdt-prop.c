/* SPDX-License-Identifier: BSD-2-Clause */
/* Properties, and properties made of cells. */
#include "check.h"

#include "base/err.h"
#include "dt/cells.h"
#include "dt/prop.h"
#include "fakeheap.h"
#include "test-libdt.h"

static struct dt_tree tree;
static struct dt_node *root;

static void setup(void)
{
	dt_tree_init(&tree);
	root = tree.root;
}

static void test_a_property_set_again_keeps_its_place(void)
{
	setup();
	dt_prop_set_str(root, "a", "one");
	dt_prop_set_u32(root, "b", 2);
	dt_prop_set_from(root, "a", "xy", 2, DT_FROM_FDT);
	CHECK_STR(root->props->next->name, "a");
	CHECK_STR(root->props->next->next->name, "b");
	CHECK_EQ(root->props->next->len, 2);
	CHECK_EQ(root->props->next->origin, DT_FROM_FDT);
	CHECK_EQ(root->last_prop->origin, DT_FROM_FIRMWARE);
	CHECK(!tree_fault(&tree));
	dt_tree_free(&tree);
}

static void test_numbers_are_big_endian_cells(void)
{
	uint32_t v32 = 0;
	uint64_t v64 = 0;

	setup();
	dt_prop_set_u32(root, "a", 0x01020304);
	dt_prop_set_u64(root, "b", 0x0102030405060708ull);
	CHECK(!memcmp(dt_prop_find(root, "a")->data, "\1\2\3\4", 4));
	CHECK(!memcmp(dt_prop_find(root, "b")->data, "\1\2\3\4\5\6\7\10", 8));
	CHECK_EQ(dt_prop_get_u32(root, "a", &v32), 0);
	CHECK_EQ(v32, 0x01020304);
	CHECK_EQ(dt_prop_get_u64(root, "b", &v64), 0);
	CHECK_EQ(v64, 0x0102030405060708ull);
	dt_tree_free(&tree);
}

static void test_numbers_of_another_length_are_malformed(void)
{
	uint32_t v32 = 7;
	uint64_t v64 = 7;

	setup();
	dt_prop_set_u64(root, "a", 1);
	dt_prop_set_u32(root, "b", 1);
	CHECK_EQ(dt_prop_get_u32(root, "a", &v32), E_FORMAT);
	CHECK_EQ(dt_prop_get_u64(root, "b", &v64), E_FORMAT);
	CHECK_EQ(dt_prop_get_u32(root, "c", &v32), E_NOENT);
	CHECK(v32 == 7 && v64 == 7);
	CHECK_EQ(dt_prop_u32_or(root, "a", 9), 9);
	CHECK_EQ(dt_prop_u32_or(root, "b", 9), 1);
	CHECK_EQ(dt_prop_u32_or(root, "c", 9), 9);
	dt_tree_free(&tree);
}

static void test_an_empty_property_has_data_and_no_length(void)
{
	setup();
	dt_prop_set_flag(root, "a");
	dt_prop_adopt(root, "b", NULL, 0);
	CHECK(dt_prop_find(root, "a")->data && dt_prop_find(root, "a")->len == 0);
	CHECK(dt_prop_find(root, "b")->data && dt_prop_find(root, "b")->len == 0);
	CHECK(!dt_prop_get_str(root, "a"));
	dt_tree_free(&tree);
}

static void test_only_one_whole_string_is_a_string(void)
{
	setup();
	dt_prop_set_str(root, "a", "text");
	dt_prop_set(root, "b", "a\0b", 4);
	dt_prop_set(root, "c", "abc", 3);
	dt_prop_set_str(root, "d", "");
	CHECK_STR(dt_prop_get_str(root, "a"), "text");
	CHECK(!dt_prop_get_str(root, "b"));
	CHECK(!dt_prop_get_str(root, "c"));
	CHECK_STR(dt_prop_get_str(root, "d"), "");
	CHECK(!dt_prop_get_str(root, "e"));
	dt_tree_free(&tree);
}

static void test_a_string_list_is_searched_string_by_string(void)
{
	setup();
	dt_prop_set(root, "compatible", "pci1af4,1001\0pciclass", 22);
	CHECK(dt_prop_lists(root, "compatible", "pci1af4,1001"));
	CHECK(dt_prop_lists(root, "compatible", "pciclass"));
	CHECK(!dt_prop_lists(root, "compatible", "pciclas"));
	CHECK(!dt_prop_lists(root, "compatible", "class"));
	CHECK(!dt_prop_lists(root, "compatible", ""));
	CHECK(!dt_prop_lists(root, "device_type", "pci"));
	dt_prop_set(root, "cut", "a\0b", 3);
	CHECK(dt_prop_lists(root, "cut", "a"));
	CHECK(!dt_prop_lists(root, "cut", "b"));
	dt_tree_free(&tree);
}

static void test_deleting_the_first_middle_and_last_keeps_the_list_whole(void)
{
	setup();
	dt_prop_set_flag(root, "a");
	dt_prop_set_flag(root, "b");
	dt_prop_set_flag(root, "c");
	dt_prop_delete(root, "c");
	CHECK(!tree_fault(&tree));
	dt_prop_delete(root, "a");
	dt_prop_delete(root, "nothing");
	CHECK(!tree_fault(&tree));
	dt_prop_set_flag(root, "d");
	CHECK_STR(root->last_prop->name, "d");
	dt_prop_delete(root, "name");
	CHECK_STR(root->props->name, "b");
	dt_prop_delete(root, "b");
	dt_prop_delete(root, "d");
	CHECK(!root->props && !root->last_prop);
	dt_tree_free(&tree);
}

static void test_a_property_may_be_set_from_its_own_value(void)
{
	const struct dt_prop *p;

	setup();
	p = dt_prop_set(root, "a", "abcdef", 6);
	dt_prop_set(root, "a", p->data + 2, 3);
	CHECK(p->len == 3 && !memcmp(p->data, "cde", 3));
	dt_tree_free(&tree);
}

static void test_a_client_that_asks_for_too_much_changes_nothing(void)
{
	setup();
	dt_prop_set_u32(root, "a", 5);
	for (int calls = 0; calls < 2; calls++) {
		fakeheap_dry_after = calls;
		CHECK_EQ(dt_prop_try_set(root, "b", "xyz", 3), E_NOMEM);
		fakeheap_dry_after = -1;
		CHECK(!dt_prop_find(root, "b"));
	}
	fakeheap_dry_after = 0;
	CHECK_EQ(dt_prop_try_set(root, "a", "xyz", 3), E_NOMEM);
	fakeheap_dry_after = -1;
	CHECK_EQ(dt_prop_u32_or(root, "a", 0), 5);
	CHECK_EQ(dt_prop_try_set(root, "a", "", (size_t)1 << 33), E_NOMEM);
	CHECK_EQ(dt_prop_try_set(root, "b", "xyz", 3), 0);
	CHECK_EQ(dt_prop_find(root, "b")->origin, DT_FROM_FIRMWARE);
	CHECK(!tree_fault(&tree));
	dt_tree_free(&tree);
}

static void test_a_builder_grows_and_becomes_a_property(void)
{
	struct dt_cells c = dt_cells_new(1);
	const struct dt_prop *p;

	setup();
	for (uint32_t i = 0; i < 1000; i++)
		dt_cells_u32(&c, i);
	dt_cells_u64(&c, 0x1122334455667788ull);
	dt_cells_str(&c, "ab");
	dt_cells_bytes(&c, "", 0);
	dt_cells_bytes(&c, "z", 1);
	p = dt_cells_set(&c, root, "a");
	CHECK(!c.data && !c.len && !c.room);
	CHECK_EQ(p->len, 4012);
	CHECK(!memcmp(p->data + 3996,
		      "\0\0\3\xe7\x11\x22\x33\x44\x55\x66\x77\x88"
		      "ab\0z",
		      16));
	c = dt_cells_new(0);
	CHECK_EQ(dt_cells_set(&c, root, "a")->len, 0);
	dt_tree_free(&tree);
}

static void test_a_reader_stops_at_the_end_and_says_so(void)
{
	struct dt_reader r;

	setup();
	dt_prop_set(root, "a", "\0\0\0\1\0\0\0\2\0\0\0\3\0", 13);
	r = dt_read(root, "a");
	CHECK_EQ(dt_read_u32(&r), 1);
	CHECK_EQ(dt_read_u64(&r), 0x200000003ull);
	CHECK(!r.short_of && r.left == 1);
	CHECK_EQ(dt_read_u32(&r), 0);
	CHECK(r.short_of && r.left == 0);
	r = dt_read(root, "absent");
	CHECK(r.left == 0 && !r.short_of);
	CHECK_EQ(dt_read_u64(&r), 0);
	CHECK(r.short_of);
	dt_tree_free(&tree);
}

static void test_cells_beyond_two_must_be_zero(void)
{
	struct dt_reader r;

	setup();
	dt_prop_set(root, "a", "\0\0\0\0\0\0\0\2\0\0\0\3", 12);
	dt_prop_set(root, "b", "\0\0\0\1\0\0\0\2\0\0\0\3", 12);
	r = dt_read(root, "a");
	CHECK_EQ(dt_read_cells(&r, 3), 0x200000003ull);
	CHECK(!r.short_of);
	CHECK_EQ(dt_read_cells(&r, 0), 0);
	CHECK(!r.short_of);
	r = dt_read(root, "b");
	CHECK_EQ(dt_read_cells(&r, 3), 0);
	CHECK(r.short_of);
	r = dt_read(root, "a");
	CHECK_EQ(dt_read_cells(&r, ~0u), 0);
	CHECK(r.short_of);
	dt_tree_free(&tree);
}

static void test_cell_counts_have_the_standards_defaults(void)
{
	setup();
	CHECK_EQ(dt_address_cells(root), 2);
	CHECK_EQ(dt_size_cells(root), 1);
	dt_prop_set_u32(root, "#address-cells", 3);
	dt_prop_set_u32(root, "#size-cells", 0);
	CHECK_EQ(dt_address_cells(root), 3);
	CHECK_EQ(dt_size_cells(root), 0);
	dt_tree_free(&tree);
}

static const struct test tests[] = {
	TEST(test_a_property_set_again_keeps_its_place),
	TEST(test_numbers_are_big_endian_cells),
	TEST(test_numbers_of_another_length_are_malformed),
	TEST(test_an_empty_property_has_data_and_no_length),
	TEST(test_only_one_whole_string_is_a_string),
	TEST(test_a_string_list_is_searched_string_by_string),
	TEST(test_deleting_the_first_middle_and_last_keeps_the_list_whole),
	TEST(test_a_property_may_be_set_from_its_own_value),
	TEST(test_a_client_that_asks_for_too_much_changes_nothing),
	TEST(test_a_builder_grows_and_becomes_a_property),
	TEST(test_a_reader_stops_at_the_end_and_says_so),
	TEST(test_cells_beyond_two_must_be_zero),
	TEST(test_cell_counts_have_the_standards_defaults),
};
TEST_MAIN(tests)
