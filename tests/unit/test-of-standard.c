/* SPDX-License-Identifier: BSD-2-Clause */
/* The standard's nodes, aliases, "available", and the methods of /memory and /mmu. */
#include "check.h"

#include "base/err.h"
#include "dt/cells.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "fakeplatform.h"
#include "fakeram.h"

static struct dt_node *node_at(const char *path)
{
	struct dt_node *node = dt_path_find(of_tree(), path);

	if (!node)
		check_fail("no node %s", path);
	return node;
}

static const char *text_of(const char *path, const char *prop)
{
	return dt_prop_get_str(node_at(path), prop);
}

/* The node of an ihandle in /chosen. */
static const struct dt_node *chosen_node(const char *prop)
{
	const struct instance *in = instance_find(dt_prop_u32_or(node_at("/chosen"), prop, 0));

	return in ? in->node : NULL;
}

static void test_the_standards_nodes_exist(void)
{
	fakeplatform_start(FAKE_COMPLETE);
	CHECK(!node_at("/aliases")->child);
	CHECK(node_at("/packages/disk-label") && node_at("/packages/deblocker"));
	CHECK_STR(text_of("/openprom", "model"), "Espalier,1.2.3-test");
	CHECK(dt_prop_find(node_at("/openprom"), "relative-addressing"));
	CHECK_STR(text_of("/mmu", "device_type"), "mmu");
	CHECK_EQ(dt_prop_find(node_at("/mmu"), "translations")->len, 0);
	CHECK_STR(text_of("/chosen", "bootargs"), "quiet");
	fakeplatform_stop();
}

static void test_options_are_text_and_keep_what_was_set(void)
{
	struct dt_node *options;

	fakeplatform_start(FAKE_TREE_ONLY);
	options = dt_child_get(of_tree(), of_tree()->root, "options");
	dt_prop_set_str(options, "auto-boot?", "false");
	of_standard_nodes();
	CHECK_STR(text_of("/options", "auto-boot?"), "false");
	CHECK_STR(text_of("/options", "screen-#columns"), "80");
	CHECK_STR(text_of("/options", "screen-#rows"), "24");
	CHECK_STR(text_of("/options", "load-base"), "16384");
	CHECK_STR(text_of("/options", "real-mode?"), "true");
	CHECK_EQ(dt_prop_find(options, "boot-device")->len, 1);
	fakeplatform_stop();
}

static void test_chosen_names_cpu_memory_mmu_and_console(void)
{
	fakeplatform_start(FAKE_COMPLETE);
	CHECK(chosen_node("cpu") == node_at("/cpus/@0"));
	CHECK(chosen_node("memory") == node_at("/memory@0"));
	CHECK(chosen_node("mmu") == node_at("/mmu"));
	CHECK(chosen_node("stdin") == node_at("/vdevice/vty"));
	CHECK(chosen_node("stdout") == node_at("/vdevice/vty"));
	fakeplatform_stop();
}

static void test_a_bare_tree_gets_nodes_all_the_same(void)
{
	fakeplatform_start(FAKE_TREE_ONLY);
	instance_forget_node(of_tree()->root);
	dt_tree_free(of_tree());
	dt_tree_init(of_tree());
	of_standard_nodes();
	of_open_console("/nothing");
	CHECK(!chosen_node("cpu"));
	CHECK(!chosen_node("memory"));
	CHECK(chosen_node("mmu"));
	CHECK(chosen_node("stdout") == node_at("/packages/dev-null"));
	fakeplatform_stop();
}

/* ---- aliases ------------------------------------------------------------------------------ */

static void test_aliases_take_the_next_free_name(void)
{
	fakeplatform_start(FAKE_COMPLETE);
	of_alias("disk", "/a");
	of_alias("disk", "/b");
	of_alias("disk", "/c");
	CHECK_STR(text_of("/aliases", "disk"), "/a");
	CHECK_STR(text_of("/aliases", "disk1"), "/b");
	CHECK_STR(text_of("/aliases", "disk2"), "/c");
	dt_prop_delete(node_at("/aliases"), "disk1");
	of_alias("disk", "/d");
	CHECK_STR(text_of("/aliases", "disk1"), "/d");
	of_alias("disk", "/e");
	CHECK_STR(text_of("/aliases", "disk3"), "/e");
	fakeplatform_stop();
}

static void test_an_alias_for_the_same_path_is_not_doubled(void)
{
	fakeplatform_start(FAKE_COMPLETE);
	of_alias("net", "/a");
	of_alias("net", "/b");
	of_alias("net", "/a");
	of_alias("net", "/b");
	CHECK(!dt_prop_find(node_at("/aliases"), "net2"));
	fakeplatform_stop();
}

static void test_only_numbered_names_are_of_the_family(void)
{
	fakeplatform_start(FAKE_COMPLETE);
	dt_prop_set_str(node_at("/aliases"), "diskette", "/x");
	dt_prop_set_str(node_at("/aliases"), "disk01", "/x");
	dt_prop_set_str(node_at("/aliases"), "disk5", "/x");
	dt_prop_set_str(node_at("/aliases"), "disk99999999999999999999", "/x");
	of_alias("disk", "/a");
	CHECK_STR(text_of("/aliases", "disk"), "/a");
	of_alias("disk", "/b");
	CHECK_STR(text_of("/aliases", "disk1"), "/b");
	fakeplatform_stop();
}

static void test_hundreds_of_aliases_work(void)
{
	char path[16], name[16];

	fakeplatform_start(FAKE_COMPLETE);
	for (unsigned i = 0; i < 300; i++) {
		snprintf(path, sizeof(path), "/d%u", i);
		of_alias("disk", path);
		of_alias(i % 2 ? "net" : "disk", path);
	}
	for (unsigned i = 1; i < 300; i++) {
		snprintf(path, sizeof(path), "/d%u", i);
		snprintf(name, sizeof(name), "disk%u", i);
		CHECK_STR(text_of("/aliases", name), path);
	}
	fakeplatform_stop();
}

static void test_aliases_follow_what_others_write_and_delete(void)
{
	struct dt_node *aliases;

	fakeplatform_start(FAKE_COMPLETE);
	aliases = node_at("/aliases");
	of_alias("net", "/a");
	dt_prop_set_str(aliases, "net1", "/b");
	of_alias("net", "/b");
	CHECK(!dt_prop_find(aliases, "net2"));
	dt_prop_set_str(aliases, "net1", "/c");
	of_alias("net", "/b");
	CHECK_STR(text_of("/aliases", "net2"), "/b");
	dt_prop_delete(aliases, "net");
	of_alias("net", "/a");
	CHECK_STR(text_of("/aliases", "net"), "/a");
	dt_node_delete(of_tree(), aliases);
	of_alias("net", "/c");
	CHECK_STR(text_of("/aliases", "net"), "/c");
	fakeplatform_stop();
}

/* ---- memory ------------------------------------------------------------------------------- */

#define HALF (FAKERAM_BYTES / 2)

/* "available" of a node is exactly these pairs. */
static void check_available(const char *path, unsigned n, const uint64_t (*want)[2])
{
	struct dt_node *node = node_at(path);
	struct dt_reader r;

	of_refresh(node);
	r = dt_read(node, "available");
	for (unsigned i = 0; i < n; i++) {
		CHECK_EQ(dt_read_u64(&r), want[i][0]);
		CHECK_EQ(dt_read_u64(&r), want[i][1]);
	}
	CHECK(!r.short_of);
	CHECK_EQ(r.left, 0);
}

static void test_available_lists_each_nodes_own_free_stretches(void)
{
	static const uint64_t first[][2] = {{FAKERAM_LOW_END, HALF - FAKERAM_LOW_END}};
	static const uint64_t second[][2] = {{HALF, HALF}};

	fakeplatform_start(FAKE_COMPLETE);
	check_available("/memory@0", 1, first);
	check_available("/memory@2000000", 1, second);
	fakeplatform_stop();
}

static void test_available_follows_the_map_and_lists_whole_pages(void)
{
	static const uint64_t first[][2] = {{FAKERAM_LOW_END, 0xc000}, {0x12000, HALF - 0x12000}};
	static const uint64_t second[][2] = {{HALF + 0x2000, HALF - 0x3000}};
	static const uint64_t again[][2] = {{HALF, HALF - 0x1000}};

	fakeplatform_start(FAKE_COMPLETE);
	check_available("/memory@2000000", 1, (const uint64_t[][2]){{HALF, HALF}});
	CHECK_EQ(mem_claim(0x10fff, 2, MEM_CLIENT), 0);
	CHECK_EQ(mem_claim(0x10000, 1, MEM_CLIENT), 0);
	CHECK_EQ(mem_claim(HALF - 0x1, 0x1002, MEM_CLIENT), 0);
	CHECK_EQ(mem_claim(FAKERAM_BYTES - 1, 1, MEM_CLIENT), 0);
	check_available(
		"/memory@0", 2,
		(const uint64_t[][2]){{FAKERAM_LOW_END, 0xc000}, {0x12000, HALF - 0x13000}});
	check_available("/memory@2000000", 1, second);
	CHECK_EQ(mem_release(HALF - 1, 0x1002, MEM_CLIENT), 0);
	check_available("/memory@0", 2, first);
	check_available("/memory@2000000", 1, again);
	fakeplatform_stop();
}

static void test_quiesce_brings_available_up_to_date(void)
{
	fakeplatform_start(FAKE_COMPLETE);
	CHECK(!dt_prop_find(node_at("/memory@0"), "available"));
	of_quiesce();
	CHECK_EQ(dt_prop_find(node_at("/memory@0"), "available")->len, 16);
	fakeplatform_stop();
}

static void test_a_malformed_reg_gives_an_empty_available(void)
{
	fakeplatform_start(FAKE_COMPLETE);
	dt_prop_set(node_at("/memory@0"), "reg", "123", 3);
	CHECK_EQ(mem_claim(0x10000, 1, MEM_CLIENT), 0);
	check_available("/memory@0", 0, NULL);
	dt_prop_delete(node_at("/memory@0"), "reg");
	CHECK_EQ(mem_release(0x10000, 1, MEM_CLIENT), 0);
	check_available("/memory@0", 0, NULL);
	fakeplatform_stop();
}

static cell_t cells[8];
static struct stack st = {cells, 0, ARRAY_SIZE(cells)};

/* Call a method of /chosen's memory or mmu with n cells; E_ or 0. */
static int call(const char *chosen, const char *method, unsigned n, const cell_t *args)
{
	struct instance *in = instance_find(dt_prop_u32_or(node_at("/chosen"), chosen, 0));

	CHECK(in);
	memcpy(cells, args, n * sizeof(*cells));
	st.depth = n;
	return instance_call(in, method, &st);
}

static void test_claim_and_release_are_methods_of_memory(void)
{
	fakeplatform_start(FAKE_COMPLETE);
	CHECK_EQ(call("memory", "claim", 3, (const cell_t[]){0x20000, 0x1000, 0}), 0);
	CHECK_EQ(st.depth, 1);
	CHECK_EQ(cells[0], 0x20000);
	CHECK_EQ(call("memory", "claim", 3, (const cell_t[]){0x20000, 0x1000, 0}), E_BUSY);
	CHECK_EQ(call("memory", "claim", 2, (const cell_t[]){0x1000, 0x100000}), 0);
	CHECK_EQ(st.depth, 1);
	CHECK_EQ(cells[0] % 0x100000, 0);
	CHECK_EQ(call("memory", "claim", 2, (const cell_t[]){0x1000, 0}), E_DEPTH);
	CHECK_EQ(call("memory", "release", 2, (const cell_t[]){0x20000, 0x1000}), 0);
	CHECK_EQ(st.depth, 0);
	CHECK_EQ(call("memory", "release", 2, (const cell_t[]){0x20000, 0x1000}), E_PERM);
	CHECK_EQ(call("memory", "release", 2, (const cell_t[]){0, 0x1000}), E_PERM);
	fakeplatform_stop();
}

static void test_mmu_maps_everything_to_itself(void)
{
	fakeplatform_start(FAKE_COMPLETE);
	CHECK_EQ(call("mmu", "map", 5, (const cell_t[]){0x5000, 0, 0x5000, 0x1000, 0}), 0);
	CHECK_EQ(st.depth, 0);
	CHECK_EQ(call("mmu", "map", 4, (const cell_t[]){0x5000, 0x5000, 0x1000, 0}), 0);
	CHECK_EQ(st.depth, 0);
	CHECK_EQ(call("mmu", "map", 5, (const cell_t[]){0x5000, 1, 0x5000, 0x1000, 0}), E_UNSUPP);
	CHECK_EQ(call("mmu", "unmap", 2, (const cell_t[]){0x5000, 0x1000}), 0);
	CHECK_EQ(call("mmu", "translate", 1, (const cell_t[]){0x123456789}), 0);
	CHECK_EQ(st.depth, 4);
	CHECK_EQ(cells[0], 0x23456789);
	CHECK_EQ(cells[1], 1);
	CHECK_EQ(cells[2], 0);
	CHECK_EQ(cells[3], UINT64_MAX);
	CHECK_EQ(call("mmu", "claim", 3, (const cell_t[]){0x20000, 0x1000, 0}), 0);
	CHECK_EQ(call("mmu", "release", 2, (const cell_t[]){0x20000, 0x1000}), 0);
	fakeplatform_stop();
}

static const struct test tests[] = {
	TEST(test_the_standards_nodes_exist),
	TEST(test_options_are_text_and_keep_what_was_set),
	TEST(test_chosen_names_cpu_memory_mmu_and_console),
	TEST(test_a_bare_tree_gets_nodes_all_the_same),
	TEST(test_aliases_take_the_next_free_name),
	TEST(test_an_alias_for_the_same_path_is_not_doubled),
	TEST(test_only_numbered_names_are_of_the_family),
	TEST(test_hundreds_of_aliases_work),
	TEST(test_aliases_follow_what_others_write_and_delete),
	TEST(test_available_lists_each_nodes_own_free_stretches),
	TEST(test_available_follows_the_map_and_lists_whole_pages),
	TEST(test_quiesce_brings_available_up_to_date),
	TEST(test_a_malformed_reg_gives_an_empty_available),
	TEST(test_claim_and_release_are_methods_of_memory),
	TEST(test_mmu_maps_everything_to_itself),
};
TEST_MAIN(tests)
