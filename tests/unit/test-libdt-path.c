/* SPDX-License-Identifier: BSD-2-Clause */
/* Device paths, aliases, arguments, unit addresses. */
#include "check.h"

#include "base/err.h"
#include "dt/path.h"
#include "fakeheap.h"
#include "test-libdt.h"

static struct dt_tree tree;
static struct dt_node *pci, *scsi, *disk, *disk3, *eth, *vty;

static struct dt_node *add(struct dt_node *parent, const char *name)
{
	return dt_node_new(&tree, parent, name, DT_FROM_FIRMWARE);
}

static void setup(void)
{
	struct dt_node *aliases;

	dt_tree_init(&tree);
	aliases = add(tree.root, "aliases");
	pci = add(tree.root, "pci@80000002000000a");
	scsi = add(pci, "scsi@2");
	disk = add(scsi, "disk@8001000000000000");
	disk3 = add(scsi, "disk@3,0");
	eth = add(pci, "ethernet@4,1");
	vty = add(add(tree.root, "vdevice"), "vty@71000000");
	dt_prop_set_str(aliases, "scsi", "/pci@80000002000000a/scsi@2");
	dt_prop_set_str(aliases, "disk", "scsi/disk@3:1,x");
	dt_prop_set_str(aliases, "net", "/pci@80000002000000a/ethernet@4,1:ip");
	dt_prop_set_str(aliases, "hvterm", "/vdevice/vty@71000000");
	dt_prop_set_str(aliases, "loop", "pool/a");
	dt_prop_set_str(aliases, "pool", "loop");
	dt_prop_set(aliases, "broken", "/vdevice", 8);
}

/* Resolve, and compare node and arguments (NULL: none). */
static bool leads_to(const char *path, const struct dt_node *want, const char *want_args)
{
	struct dt_node *node = NULL;
	char *args = NULL;
	int err = dt_path_resolve(&tree, path, &node, &args);
	bool ok = err == 0 && node == want &&
		  (args && want_args ? !strcmp(args, want_args) : !args && !want_args);

	if (!ok)
		printf("# %s: error %d, arguments %s\n", path, err, args ? args : "(none)");
	heap_free(args);
	return ok && dt_path_find(&tree, path) == want;
}

static int fails(const char *path)
{
	struct dt_node *node = (void *)&tree;
	char *args = (char *)&tree;
	int err = dt_path_resolve(&tree, path, &node, &args);

	/* out-parameters are left alone */
	return node == (void *)&tree && args == (char *)&tree && !dt_path_find(&tree, path) ? err
											    : 0;
}

static void test_nothing_and_slashes_are_the_root(void)
{
	setup();
	CHECK(leads_to("", tree.root, NULL));
	CHECK(leads_to("/", tree.root, NULL));
	CHECK(leads_to("///", tree.root, NULL));
	dt_tree_free(&tree);
}

static void test_full_paths_are_found(void)
{
	setup();
	CHECK(leads_to("/pci@80000002000000a/scsi@2/disk@8001000000000000", disk, NULL));
	CHECK(leads_to("/vdevice/vty@71000000/", vty, NULL));
	CHECK(leads_to("//vdevice//vty@71000000//", vty, NULL));
	CHECK_EQ(fails("/vdevice/vty@71000001"), E_NOENT);
	CHECK_EQ(fails("/vdevice/vty@71000000/x"), E_NOENT);
	CHECK_EQ(fails("/vdev"), E_NOENT);
	CHECK_EQ(fails("/vdevicex"), E_NOENT);
	dt_tree_free(&tree);
}

static void test_units_match_in_either_case_and_with_leading_zeros(void)
{
	setup();
	/* QEMU's boot list writes PHBs in upper case, its tree in lower case */
	CHECK(leads_to("/pci@80000002000000A/scsi@2", scsi, NULL));
	CHECK(leads_to("/pci@080000002000000a/scsi@02,0", scsi, NULL));
	CHECK(leads_to("/pci@80000002000000a/scsi@2/disk@3", disk3, NULL));
	CHECK_EQ(fails("/PCI@80000002000000a"), E_NOENT);
	dt_tree_free(&tree);
}

static void test_a_name_alone_finds_the_first_and_a_unit_alone_any_name(void)
{
	setup();
	CHECK(leads_to("/pci/scsi/disk", disk, NULL));
	CHECK(leads_to("/pci/@4,1", eth, NULL));
	CHECK(leads_to("/pci/@2/@3", disk3, NULL));
	CHECK_EQ(fails("/pci/@4"), E_NOENT);
	CHECK_EQ(fails("/pci/@"), E_NOENT);
	CHECK_EQ(fails("/pci/:x"), E_NOENT);
	dt_tree_free(&tree);
}

static void test_arguments_of_the_last_component_may_contain_slashes(void)
{
	setup();
	CHECK(leads_to("/pci/scsi@2/disk@3:1,/boot/vmlinux", disk3, "1,/boot/vmlinux"));
	CHECK(leads_to("/pci/scsi@2/disk@3:1,\\boot\\x@1", disk3, "1,\\boot\\x@1"));
	CHECK(leads_to("/pci/scsi@2/disk@3:", disk3, ""));
	CHECK(leads_to("/pci/scsi@2/disk@3:/", disk3, "/"));
	CHECK(leads_to("/pci/scsi@2/disk@3:1,//", disk3, "1,//"));
	CHECK(leads_to("/pci/ethernet:1.2.3.4,f:g/h:i", eth, "1.2.3.4,f:g/h:i"));
	dt_tree_free(&tree);
}

static void test_arguments_before_a_child_that_exists_end_there(void)
{
	setup();
	CHECK(leads_to("/pci:a,b/scsi:c/disk@3:1", disk3, "1"));
	CHECK(leads_to("/pci:a/scsi:c", scsi, "c"));
	CHECK(leads_to("/pci:a/scsi", scsi, NULL));
	/* the rest is arguments of the component whose successor is no child */
	CHECK(leads_to("/pci:a/boot/scsi", pci, "a/boot/scsi"));
	/* but a component without arguments has none to extend */
	CHECK_EQ(fails("/pci:a/scsi/boot"), E_NOENT);
	dt_tree_free(&tree);
}

static void test_aliases_are_expanded_with_what_follows(void)
{
	setup();
	CHECK(leads_to("hvterm", vty, NULL));
	CHECK(leads_to("scsi/disk@3", disk3, NULL));
	CHECK(leads_to("scsi:x", scsi, "x"));
	CHECK(leads_to("disk", disk3, "1,x"));
	CHECK(leads_to("net", eth, "ip"));
	CHECK(leads_to("net/foo", eth, "ip/foo"));
	CHECK_EQ(fails("nothing"), E_NOENT);
	CHECK_EQ(fails("hvterm@1"), E_NOENT);
	CHECK_EQ(fails("hvter"), E_NOENT);
	dt_tree_free(&tree);
}

static void test_arguments_behind_an_alias_replace_its_own(void)
{
	setup();
	CHECK(leads_to("disk:2", disk3, "2"));
	CHECK(leads_to("disk:2,/boot/x", disk3, "2,/boot/x"));
	CHECK(leads_to("net:", eth, ""));
	dt_tree_free(&tree);
}

static void test_the_name_of_the_aliases_node_is_no_alias(void)
{
	setup();
	CHECK_EQ(fails("name"), E_NOENT);
	CHECK_EQ(fails("broken"), E_NOENT);
	dt_tree_free(&tree);
	dt_tree_init(&tree);
	CHECK_EQ(fails("disk"), E_NOENT);
	dt_tree_free(&tree);
}

static void test_an_alias_loop_ends(void)
{
	setup();
	CHECK_EQ(fails("loop"), E_DEPTH);
	CHECK(!dt_path_expand(&tree, "loop"));
	dt_tree_free(&tree);
}

static void test_expanding_gives_the_text_and_leaves_absolute_paths(void)
{
	char *text;

	setup();
	text = dt_path_expand(&tree, "disk:5,/x");
	CHECK_STR(text, "/pci@80000002000000a/scsi@2/disk@3:5,/x");
	heap_free(text);
	text = dt_path_expand(&tree, "/no/where");
	CHECK_STR(text, "/no/where");
	heap_free(text);
	CHECK(!dt_path_expand(&tree, "no/where"));
	dt_tree_free(&tree);
}

static void test_running_dry_is_an_error_and_no_leak(void)
{
	int err = E_NOMEM;

	setup();
	for (int calls = 0; err == E_NOMEM; calls++) {
		struct dt_node *node;
		char *args = NULL;

		CHECK(calls < 10);
		fakeheap_dry_after = calls;
		err = dt_path_resolve(&tree, "disk:2", &node, &args);
		fakeheap_dry_after = -1;
		heap_free(args);
	}
	CHECK_EQ(err, 0);
	dt_tree_free(&tree);
}

static void test_a_walk_stops_at_the_component_that_is_missing(void)
{
	const char *path = "/pci/scsi@2/cdrom@1:x/y";
	struct dt_component c;
	struct dt_node *node;

	setup();
	node = tree.root;
	while (dt_path_down(&node, &path, &c))
		;
	CHECK(node == scsi);
	CHECK_STR(path, "cdrom@1:x/y");
	CHECK(c.name_len == 5 && c.unit_len == 1 && !memcmp(c.args, "x", 1));
	dt_tree_free(&tree);
}

static void test_components_are_taken_apart(void)
{
	const char *path = "/a@1:b@c//d:/@2/e@";
	struct dt_component c;

	CHECK(dt_path_next(&path, &c));
	CHECK(c.name_len == 1 && c.unit_len == 1 && c.args_len == 3 && !memcmp(c.args, "b@c", 3));
	CHECK(dt_path_next(&path, &c));
	CHECK(c.name_len == 1 && !c.unit && c.args && c.args_len == 0);
	CHECK(dt_path_next(&path, &c));
	CHECK(c.name_len == 0 && c.unit_len == 1 && !c.args);
	CHECK(dt_path_next(&path, &c));
	CHECK(c.name_len == 1 && c.unit && c.unit_len == 0);
	CHECK(!dt_path_next(&path, &c));
	CHECK_STR(path, "");
}

static bool same(const char *a, const char *b)
{
	bool ab = dt_unit_equal(a, strlen(a), b, strlen(b));

	CHECK(ab == dt_unit_equal(b, strlen(b), a, strlen(a)));
	return ab;
}

static void test_units_are_equal_when_their_numbers_are(void)
{
	CHECK(same("2", "2,0"));
	CHECK(same("2", "02"));
	CHECK(same("0", "00,0"));
	CHECK(same("a,1", "0A,01"));
	CHECK(same("123456789abcdef0123", "00123456789ABCDEF0123"));
	CHECK(same("", ""));
	CHECK(same("i2c-One", "I2C-oNE"));
	CHECK(same("2,", "2"));
	CHECK(!same("2", "2,1"));
	CHECK(!same("2", "20"));
	CHECK(!same("", "0"));
	CHECK(!same("x0", "x"));
	CHECK(!same("2,x", "2"));
}

static void test_a_path_is_cut_to_its_buffer_and_gives_its_true_length(void)
{
	static const char full[] = "/pci@80000002000000a/scsi@2/disk@3,0";
	char buf[64];

	setup();
	for (size_t room = 0; room <= sizeof(buf); room++) {
		size_t shown = room > sizeof(full) ? sizeof(full) - 1 : room ? room - 1 : 0;

		memset(buf, '#', sizeof(buf));
		CHECK_EQ(dt_path_of(disk3, buf, room), sizeof(full) - 1);
		CHECK(!memcmp(buf, full, shown));
		CHECK(room == 0 || buf[shown] == 0);
		CHECK(room == sizeof(buf) || buf[room] == '#');
	}
	CHECK_EQ(dt_path_of(tree.root, buf, sizeof(buf)), 1);
	CHECK_STR(buf, "/");
	CHECK_EQ(dt_path_of(tree.root, buf, 1), 1);
	CHECK_STR(buf, "");
	dt_tree_free(&tree);
}

static void test_every_node_of_recorded_trees_is_found_by_its_path(void)
{
	static const char *const files[] = {RECORDED "flat-in.dtb", RECORDED "flat-out.dtb",
					    RECORDED "pcie-in.dtb", RECORDED "pcie-out.dtb",
					    RECORDED "qemu-many.dtb"};

	for (unsigned i = 0; i < ARRAY_SIZE(files); i++) {
		CHECK(read_tree(files[i], &tree));
		for (struct dt_node *n = tree.root; n; n = dt_next(tree.root, n)) {
			char path[256];

			CHECK(dt_path_of(n, path, sizeof(path)) < sizeof(path));
			CHECK(dt_path_find(&tree, path) == n);
		}
		dt_tree_free(&tree);
	}
}

static bool follows_to(const char *path, const struct dt_node *want, const char *want_rest)
{
	const char *rest;
	const struct dt_node *node = dt_path_follow(&tree, path, &rest);

	if (node != want || strcmp(rest, want_rest))
		printf("# %s: %s, rest \"%s\"\n", path, node->name, rest);
	return node == want && !strcmp(rest, want_rest);
}

static void test_qemus_paths_lead_as_far_as_the_tree_goes(void)
{
	setup();
	CHECK(follows_to("/pci@80000002000000A/scsi@2/disk@8001000000000000", disk, ""));
	CHECK(follows_to("/pci@80000002000000A/scsi@2/disk@7", scsi, "disk@7"));
	CHECK(follows_to("/pci@80000002000000A/scsi@3/disk@7", pci, "scsi@3/disk@7"));
	CHECK(follows_to("/nvme-ns", tree.root, "nvme-ns"));
	CHECK(follows_to("", tree.root, ""));
	dt_tree_free(&tree);
}

static void test_qemus_paths_leave_out_the_function_of_a_bridge(void)
{
	struct dt_node *b0, *b3, *nic0, *nic3, *deep;

	setup();
	b0 = add(pci, "pci@6");
	b3 = add(pci, "pci@6,3");
	nic0 = add(b0, "ethernet@1");
	nic3 = add(b3, "ethernet@2");
	deep = add(add(add(b3, "pci@1"), "pci@2,7"), "scsi@0");
	CHECK(follows_to("/pci@80000002000000A/pci@6/ethernet@1", nic0, ""));
	CHECK(follows_to("/pci@80000002000000A/pci@6/ethernet@2", nic3, ""));
	CHECK(follows_to("/pci@80000002000000A/pci@6/pci@1/pci@2/scsi@0/disk@0", deep, "disk@0"));
	CHECK(follows_to("/pci@80000002000000A/pci@6,3/ethernet@2", nic3, ""));
	CHECK(follows_to("/pci@80000002000000A/pci@6,3/ethernet@1", b3, "ethernet@1"));
	/* the last component is a function itself, and only bridges lose theirs */
	CHECK(follows_to("/pci@80000002000000A/pci@6", b0, ""));
	CHECK(follows_to("/pci@80000002000000A/ethernet@4/x", pci, "ethernet@4/x"));
	dt_tree_free(&tree);
}

static const struct test tests[] = {
	TEST(test_nothing_and_slashes_are_the_root),
	TEST(test_full_paths_are_found),
	TEST(test_units_match_in_either_case_and_with_leading_zeros),
	TEST(test_a_name_alone_finds_the_first_and_a_unit_alone_any_name),
	TEST(test_arguments_of_the_last_component_may_contain_slashes),
	TEST(test_arguments_before_a_child_that_exists_end_there),
	TEST(test_aliases_are_expanded_with_what_follows),
	TEST(test_arguments_behind_an_alias_replace_its_own),
	TEST(test_the_name_of_the_aliases_node_is_no_alias),
	TEST(test_an_alias_loop_ends),
	TEST(test_expanding_gives_the_text_and_leaves_absolute_paths),
	TEST(test_running_dry_is_an_error_and_no_leak),
	TEST(test_a_walk_stops_at_the_component_that_is_missing),
	TEST(test_components_are_taken_apart),
	TEST(test_units_are_equal_when_their_numbers_are),
	TEST(test_a_path_is_cut_to_its_buffer_and_gives_its_true_length),
	TEST(test_qemus_paths_lead_as_far_as_the_tree_goes),
	TEST(test_qemus_paths_leave_out_the_function_of_a_bridge),
	TEST(test_every_node_of_recorded_trees_is_found_by_its_path),
};
TEST_MAIN(tests)
