/* SPDX-License-Identifier: BSD-2-Clause */
/* Flattened trees: what is refused, what is taken in, what is written. */
#include "check.h"

#include <libfdt.h>

#include "base/bytes.h"
#include "base/err.h"
#include "dt/fdt.h"
#include "dt/node.h"
#include "dt/prop.h"
#include "fakeheap.h"
#include "test-libdt.h"

#define ROOM (8u << 20)

static struct dt_tree tree;
static uint8_t *blob; /* of ROOM bytes, for libfdt's sequential writer */

static void begin(void)
{
	blob = xalloc(ROOM);
	CHECK_EQ(fdt_create(blob, ROOM), 0);
	CHECK_EQ(fdt_add_reservemap_entry(blob, 0x123456789000, 0x2000), 0);
	CHECK_EQ(fdt_finish_reservemap(blob), 0);
	CHECK_EQ(fdt_begin_node(blob, ""), 0);
}

static void node(const char *name)
{
	CHECK_EQ(fdt_begin_node(blob, name), 0);
}

static void prop(const char *name, const char *text)
{
	CHECK_EQ(fdt_property(blob, name, text, (int)strlen(text) + 1), 0);
}

static void cell(const char *name, uint32_t v)
{
	CHECK_EQ(fdt_property_u32(blob, name, v), 0);
}

static void end(void)
{
	CHECK_EQ(fdt_end_node(blob), 0);
}

static void finish(void)
{
	end();
	CHECK_EQ(fdt_finish(blob), 0);
}

/* Check and take in what was written; the blob is gone afterwards. */
static void intake(void)
{
	const char *why = "good";
	size_t size = 0;
	int err = dt_fdt_check(blob, ROOM, &size, &why);

	CHECK_STR(why, "good");
	CHECK_EQ(err, 0);
	CHECK_EQ(size, fdt_totalsize(blob));
	CHECK_EQ(dt_from_fdt(&tree, blob), 0);
	heap_free(blob);
	CHECK(!tree_fault(&tree));
}

/* Why a blob of that many bytes is refused. */
static const char *refusal(const void *data, size_t max)
{
	const char *why = "(taken)";
	size_t size = 4711;
	int err = dt_fdt_check(data, max, &size, &why);

	CHECK(err == 0 || (err == E_FORMAT && size == 4711));
	CHECK_EQ(dt_fdt_check(data, max, &size, NULL), err);
	return why;
}

static const char *refusal_of_finished(void)
{
	const char *why;

	finish();
	why = refusal(blob, ROOM);
	heap_free(blob);
	return why;
}

/* ---- intake ---- */

static void test_a_tree_comes_in_whole_and_in_order(void)
{
	const struct dt_node *n;

	begin();
	prop("model", "m");
	node("b@1");
	CHECK_EQ(fdt_property(blob, "flag", "", 0), 0);
	cell("reg", 1);
	node("c");
	end();
	end();
	node("a");
	end();
	finish();
	intake();
	CHECK_EQ(tree.nodes, 4);
	CHECK_EQ(tree.root->origin, DT_FROM_FDT);
	CHECK_STR(dt_prop_get_str(tree.root, "model"), "m");
	n = tree.root->child;
	CHECK_STR(n->name, "b@1");
	CHECK_STR(n->child->name, "c");
	CHECK_STR(n->next->name, "a");
	CHECK_STR(n->props->next->name, "flag");
	CHECK_EQ(n->props->next->origin, DT_FROM_FDT);
	CHECK_EQ(dt_prop_u32_or(n, "reg", 0), 1);
	dt_tree_free(&tree);
}

static void test_names_are_made_whatever_the_blob_says(void)
{
	begin();
	node("b@1");
	prop("name", "other");
	end();
	finish();
	intake();
	CHECK_STR(dt_prop_get_str(tree.root, "name"), "/");
	CHECK_STR(dt_prop_get_str(tree.root->child, "name"), "b");
	CHECK(!tree.root->child->props->next);
	dt_tree_free(&tree);
}

static void test_stated_phandles_win_and_the_rest_count_from_1_around_them(void)
{
	const struct dt_node *a, *b;

	begin();
	node("a");
	end();
	node("b");
	cell("phandle", 1);
	end();
	node("c");
	cell("linux,phandle", 0x1111);
	end();
	finish();
	intake();
	a = tree.root->child;
	b = a->next;
	CHECK_EQ(tree.root->phandle, 2);
	CHECK_EQ(a->phandle, 3);
	CHECK_EQ(b->phandle, 1);
	CHECK_EQ(dt_prop_u32_or(b, "phandle", 0), 1);
	CHECK_EQ(b->next->phandle, 0x1111);
	CHECK_EQ(dt_prop_u32_or(b->next, "linux,phandle", 0), 0x1111);
	dt_tree_free(&tree);
}

static void test_the_first_of_two_nodes_keeps_a_phandle(void)
{
	const struct dt_node *a, *b;

	begin();
	node("a");
	cell("phandle", 7);
	cell("linux,phandle", 8); /* contradicts */
	end();
	node("b");
	cell("phandle", 7);
	end();
	node("c");
	cell("phandle", ~0u);
	end();
	finish();
	intake();
	a = tree.root->child;
	b = a->next;
	CHECK_EQ(a->phandle, 7);
	CHECK_EQ(dt_prop_u32_or(a, "linux,phandle", 0), 7);
	CHECK(b->phandle != 7 && !dt_prop_find(b, "phandle"));
	CHECK(b->next->phandle != ~0u && !dt_prop_find(b->next, "phandle"));
	dt_tree_free(&tree);
}

static void test_a_second_child_or_property_of_one_name_is_dropped(void)
{
	const struct dt_node *a;

	begin();
	prop("p", "first");
	prop("p", "second");
	node("a");
	node("x");
	end();
	end();
	node("a");
	prop("q", "dropped");
	node("a");
	node("a");
	end();
	end();
	end();
	node("b");
	prop("p", "here too");
	end();
	finish();
	intake();
	a = tree.root->child;
	CHECK_EQ(tree.nodes, 4);
	CHECK_STR(dt_prop_get_str(tree.root, "p"), "first");
	CHECK(!dt_prop_find(a, "q"));
	CHECK_STR(a->child->name, "x");
	CHECK(!a->child->next);
	CHECK_STR(a->next->name, "b");
	CHECK_STR(dt_prop_get_str(a->next, "p"), "here too");
	dt_tree_free(&tree);
}

static void test_fifty_thousand_children_of_one_node_come_in_at_once(void)
{
	begin();
	for (unsigned i = 0; i < 50000; i++) {
		char name[16];

		snprintf(name, sizeof(name), "n@%x", i % 40000);
		node(name);
		end();
	}
	finish();
	intake();
	CHECK_EQ(tree.nodes, 40001);
	dt_tree_free(&tree);
}

static void test_version_16_is_read(void)
{
	size_t size = 0;

	begin();
	prop("a", "x");
	finish();
	put_be32(blob + 20, 16);
	put_be32(blob + 36, 0xffffffff); /* the structure's size came with 17 */
	CHECK_EQ(dt_fdt_check(blob, ROOM, &size, NULL), 0);
	CHECK_EQ(dt_from_fdt(&tree, blob), 0);
	CHECK_STR(dt_prop_get_str(tree.root, "a"), "x");
	heap_free(blob);
	dt_tree_free(&tree);
}

static void test_running_dry_on_the_way_in_leaves_an_empty_tree(void)
{
	begin();
	node("a");
	end();
	finish();
	fakeheap_dry_after = 1; /* the name of the root; then the index */
	CHECK_EQ(dt_from_fdt(&tree, blob), E_NOMEM);
	fakeheap_dry_after = -1;
	CHECK(!tree.root && !tree.slot);
	heap_free(blob);
}

static void test_the_reserve_map_is_read_entry_by_entry(void)
{
	uint64_t addr = 0, size = 0;

	begin();
	finish();
	CHECK_EQ(dt_fdt_reserved(blob, 0, &addr, &size), 0);
	CHECK_EQ(addr, 0x123456789000);
	CHECK_EQ(size, 0x2000);
	CHECK_EQ(dt_fdt_reserved(blob, 1, &addr, &size), E_NOENT);
	CHECK_EQ(addr, 0x123456789000);
	CHECK_EQ(dt_fdt_reserved(blob, ~0u, &addr, &size), E_NOENT);
	heap_free(blob);
}

/* ---- the check ---- */

static void test_no_truncated_blob_is_taken_or_read_beyond_its_end(void)
{
	size_t total;

	begin();
	prop("a", "x");
	node("b");
	end();
	finish();
	total = fdt_totalsize(blob);
	for (size_t len = 0; len < total; len++) {
		uint8_t *cut = xalloc(len); /* ASan knows its end */

		memcpy(cut, blob, len);
		CHECK(strcmp(refusal(cut, len), "(taken)"));
		heap_free(cut);
	}
	CHECK_STR(refusal(blob, 39), "shorter than a header");
	CHECK_STR(refusal(blob, total - 1), "total size out of bounds");
	CHECK_STR(refusal(blob, total), "(taken)");
	heap_free(blob);
}

static void test_every_lie_in_the_header_is_found(void)
{
	static const struct {
		unsigned at;
		uint32_t value;
		const char *why;
	} lies[] = {
		{0, 0xd00dfeee, "no magic number"},
		{4, 39, "total size out of bounds"},
		{4, 0x80000000, "total size out of bounds"},
		{8, 0xfffffffc, "structure block misplaced"},
		{8, 36, "structure block misplaced"},
		{8, 58, "structure block misplaced"},
		{12, 0xffffffff, "strings block misplaced"},
		{16, 0xfffffff8, "reserve map misplaced"},
		{16, 44, "reserve map misplaced"},
		{20, 15, "version is not 16 or 17"},
		{24, 18, "version is not 16 or 17"},
		{32, 0xffffffff, "strings block misplaced"},
		{36, 0xfffffffc, "structure block misplaced"},
		{36, 4, "node name too long or cut short"},
		{36, 8, "structure block without end"},
	};

	for (unsigned i = 0; i < ARRAY_SIZE(lies); i++) {
		begin();
		prop("a", "x");
		finish();
		put_be32(blob + lies[i].at, lies[i].value);
		CHECK_STR(
			refusal(blob, fdt32_ld((fdt32_t *)(void *)(blob + 4)) > ROOM ? ROOM : 4096),
			lies[i].why);
		heap_free(blob);
	}
}

static void test_a_blob_off_a_multiple_of_8_is_refused(void)
{
	begin();
	finish();
	memmove(blob + 4, blob, ROOM - 4);
	CHECK_STR(refusal(blob + 4, ROOM - 4), "not at a multiple of 8");
	heap_free(blob);
}

static void test_nesting_is_accepted_to_depth_64_and_no_deeper(void)
{
	for (unsigned depth = 64; depth <= 65; depth++) {
		begin();
		for (unsigned i = 1; i < depth; i++)
			node("n");
		for (unsigned i = 1; i < depth; i++)
			end();
		if (depth == 65) {
			CHECK_STR(refusal_of_finished(), "nested too deep");
			continue;
		}
		finish();
		intake();
		CHECK_EQ(tree.nodes, 64);
		dt_tree_free(&tree);
	}
}

static void test_names_that_no_path_could_hold_are_refused(void)
{
	char name[300];

	begin();
	node("");
	end();
	CHECK_STR(refusal_of_finished(), "node without name");
	begin();
	node("a/b");
	end();
	CHECK_STR(refusal_of_finished(), "slash in a node name");
	begin();
	prop("", "x");
	CHECK_STR(refusal_of_finished(), "property name empty, too long or cut short");
	memset(name, 'n', sizeof(name));
	name[256] = 0;
	begin();
	node(name);
	end();
	CHECK_STR(refusal_of_finished(), "node name too long or cut short");
	begin();
	prop(name, "x");
	CHECK_STR(refusal_of_finished(), "property name empty, too long or cut short");
	begin();
	prop(name + 1, "x");
	node(name + 1);
	end();
	CHECK_STR(refusal_of_finished(), "(taken)");
}

/* Replace the n-th cell of the structure block. */
static void put_tag(unsigned n, uint32_t tag)
{
	put_be32(blob + fdt_off_dt_struct(blob) + 4 * n, tag);
}

static void test_tags_out_of_place_are_refused(void)
{
	static const struct {
		unsigned at;
		uint32_t tag;
		const char *why;
	} wrong[] = {
		/* BEGIN "" PROP len name "abc" END END */
		{0, 77, "unknown tag"},
		{0, FDT_NOP, "unknown tag"}, /* the name read as a tag */
		{0, FDT_END, "end inside a node"},
		{0, FDT_END_NODE, "more ends than nodes"},
		{1, 0x61000000, "root has a name"},
		{3, 0x7fffffff, "property value cut short"},
		{3, 13, "property value cut short"}, /* by one byte */
		{4, 0xfffffff0, "property name outside of the strings"},
		{6, FDT_END, "end inside a node"},
		{6, FDT_NOP, "end inside a node"},
		{7, FDT_END_NODE, "more ends than nodes"},
		{7, FDT_BEGIN_NODE, "node name too long or cut short"},
		{7, FDT_PROP, "property outside of nodes"},
		{7, FDT_NOP, "structure block without end"},
	};

	for (unsigned i = 0; i < ARRAY_SIZE(wrong); i++) {
		begin();
		prop("a", "abc");
		finish();
		put_tag(wrong[i].at, wrong[i].tag);
		CHECK_STR(refusal(blob, ROOM), wrong[i].why);
		heap_free(blob);
	}
}

/* libfdt's own check would scan the name for each property: minutes. */
static void test_a_million_properties_with_an_endless_name_are_refused_fast(void)
{
	uint32_t strings = 4u << 20, props = (3u << 20) / 12;
	uint8_t *at;

	begin();
	finish();
	put_be32(blob + 4, ROOM);
	put_be32(blob + 12, ROOM - strings);
	put_be32(blob + 32, strings);
	put_be32(blob + 36, ROOM - strings - fdt_off_dt_struct(blob));
	memset(blob + ROOM - strings, 'a', strings);
	at = blob + fdt_off_dt_struct(blob) + 8;
	for (uint32_t i = 0; i < props; i++, at += 12) {
		put_be32(at, FDT_PROP);
		put_be32(at + 4, 0);
		put_be32(at + 8, 0);
	}
	CHECK_STR(refusal(blob, ROOM), "property name empty, too long or cut short");
	heap_free(blob);
}

/* ---- the way out ---- */

static void *flatten(size_t *size)
{
	void *out = dt_to_fdt(&tree, 8, size);
	const char *why = "good";
	size_t total = 0;
	int err;

	CHECK(out);
	err = dt_fdt_check(out, *size, &total, &why);
	CHECK_STR(why, "good");
	CHECK_EQ(err, 0);
	CHECK_EQ(total, *size);
	return out;
}

static void test_the_blob_written_is_version_17_with_the_boot_cpu(void)
{
	size_t size = 0;
	void *out;

	dt_tree_init(&tree);
	out = flatten(&size);
	CHECK_EQ(fdt_version(out), 17);
	CHECK_EQ(fdt_last_comp_version(out), 16);
	CHECK_EQ(fdt_boot_cpuid_phys(out), 8);
	CHECK_EQ(fdt_num_mem_rsv(out), 0);
	heap_free(out);
	dt_tree_free(&tree);
}

static void test_every_node_written_has_its_phandle_and_no_name(void)
{
	struct dt_node *n;
	size_t size = 0;
	void *out;
	int at;

	dt_tree_init(&tree);
	n = dt_node_new(&tree, tree.root, "a@1", DT_FROM_FIRMWARE);
	dt_prop_set_u32(n, "phandle", 77); /* a client's lie */
	dt_prop_set(n, "linux,phandle", "x", 1);
	dt_node_new(&tree, n, "b", DT_FROM_FIRMWARE);
	out = flatten(&size);
	for (at = 0; at >= 0; at = fdt_next_node(out, at, NULL))
		CHECK(!fdt_getprop(out, at, "name", NULL));
	CHECK_EQ(fdt_get_phandle(out, 0), 1);
	at = fdt_path_offset(out, "/a@1");
	CHECK_EQ(fdt_get_phandle(out, at), 2);
	CHECK_EQ(get_be32(fdt_getprop(out, at, "linux,phandle", NULL)), 2);
	at = fdt_path_offset(out, "/a@1/b");
	CHECK_EQ(fdt_get_phandle(out, at), 3);
	CHECK(!fdt_getprop(out, at, "linux,phandle", NULL));
	heap_free(out);
	dt_tree_free(&tree);
}

static void test_a_property_name_used_often_is_written_once(void)
{
	size_t size = 0;
	void *out;

	dt_tree_init(&tree);
	for (char name[] = "a"; *name <= 'z'; ++*name)
		dt_prop_set_flag(dt_node_new(&tree, tree.root, name, DT_FROM_FIRMWARE), "shared");
	out = flatten(&size);
	CHECK_EQ(fdt_size_dt_strings(out), sizeof("shared") + sizeof("phandle"));
	heap_free(out);
	dt_tree_free(&tree);
}

static void test_running_dry_on_the_way_out_gives_nothing_and_leaks_nothing(void)
{
	size_t size = 4711;

	dt_tree_init(&tree);
	for (int calls = 0; calls < 2; calls++) {
		fakeheap_dry_after = calls;
		CHECK(!dt_to_fdt(&tree, 0, &size));
		fakeheap_dry_after = -1;
		CHECK_EQ(size, 4711);
	}
	dt_tree_free(&tree);
}

static void test_recorded_trees_go_out_and_come_back_the_same(void)
{
	static const char *const files[] = {
		RECORDED "flat-in.dtb",   RECORDED "flat-out.dtb",  RECORDED "pcie-in.dtb",
		RECORDED "pcie-out.dtb",  RECORDED "qemu-dual.dtb", RECORDED "qemu-xive.dtb",
		RECORDED "qemu-many.dtb",
	};

	for (unsigned i = 0; i < ARRAY_SIZE(files); i++) {
		struct dt_tree again;
		size_t size;
		void *out;

		CHECK(read_tree(files[i], &tree));
		CHECK(!tree_fault(&tree));
		out = flatten(&size);
		CHECK_EQ(dt_from_fdt(&again, out), 0);
		CHECK(trees_equal(&tree, &again));
		heap_free(out);
		dt_tree_free(&again);
		dt_tree_free(&tree);
	}
}

/* libfdt is the judge of what came in: node by node, property by property. */
static void test_a_recorded_tree_comes_in_as_libfdt_reads_it(void)
{
	size_t size;
	uint8_t *raw = read_blob(RECORDED "qemu-many.dtb", &size);
	const struct dt_node *n;
	int at = 0;

	CHECK(raw);
	CHECK_EQ(dt_from_fdt(&tree, raw), 0);
	for (n = tree.root; n; n = dt_next(tree.root, n), at = fdt_next_node(raw, at, NULL)) {
		const struct dt_prop *p = n->props->next; /* behind "name" */
		int pos;

		CHECK_STR(fdt_get_name(raw, at, NULL), n->name);
		fdt_for_each_property_offset(pos, raw, at)
		{
			const char *name;
			int len;
			const void *value = fdt_getprop_by_offset(raw, pos, &name, &len);

			CHECK_STR(p->name, name);
			CHECK(p->len == (uint32_t)len && !memcmp(p->data, value, p->len));
			p = p->next;
		}
		CHECK(!p);
	}
	CHECK_EQ(at, -FDT_ERR_NOTFOUND);
	heap_free(raw);
	dt_tree_free(&tree);
}

static const struct test tests[] = {
	TEST(test_a_tree_comes_in_whole_and_in_order),
	TEST(test_names_are_made_whatever_the_blob_says),
	TEST(test_stated_phandles_win_and_the_rest_count_from_1_around_them),
	TEST(test_the_first_of_two_nodes_keeps_a_phandle),
	TEST(test_a_second_child_or_property_of_one_name_is_dropped),
	TEST(test_fifty_thousand_children_of_one_node_come_in_at_once),
	TEST(test_version_16_is_read),
	TEST(test_running_dry_on_the_way_in_leaves_an_empty_tree),
	TEST(test_the_reserve_map_is_read_entry_by_entry),
	TEST(test_no_truncated_blob_is_taken_or_read_beyond_its_end),
	TEST(test_every_lie_in_the_header_is_found),
	TEST(test_a_blob_off_a_multiple_of_8_is_refused),
	TEST(test_nesting_is_accepted_to_depth_64_and_no_deeper),
	TEST(test_names_that_no_path_could_hold_are_refused),
	TEST(test_tags_out_of_place_are_refused),
	TEST(test_a_million_properties_with_an_endless_name_are_refused_fast),
	TEST(test_the_blob_written_is_version_17_with_the_boot_cpu),
	TEST(test_every_node_written_has_its_phandle_and_no_name),
	TEST(test_a_property_name_used_often_is_written_once),
	TEST(test_running_dry_on_the_way_out_gives_nothing_and_leaks_nothing),
	TEST(test_recorded_trees_go_out_and_come_back_the_same),
	TEST(test_a_recorded_tree_comes_in_as_libfdt_reads_it),
};
TEST_MAIN(tests)
