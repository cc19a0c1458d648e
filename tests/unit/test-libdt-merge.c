/* SPDX-License-Identifier: BSD-2-Clause */
/* Merging a second tree of the same giver into the live one. */
#include "check.h"

#include "dt/merge.h"
#include "dt/node.h"
#include "test-libdt.h"

static struct dt_tree live, from;

static struct dt_node *add(struct dt_tree *t, struct dt_node *parent, const char *name)
{
	return dt_node_new(t, parent, name, DT_FROM_FDT);
}

static void give(struct dt_node *n, const char *name, const char *text)
{
	dt_prop_set_from(n, name, text, strlen(text) + 1, DT_FROM_FDT);
}

static void state_phandle(struct dt_tree *t, struct dt_node *n, uint32_t phandle)
{
	dt_prop_set_from(n, "phandle", "\0\0\0\0", 4, DT_FROM_FDT);
	CHECK_EQ(dt_node_set_phandle(t, n, phandle), 0);
}

static void setup(void)
{
	dt_tree_init(&live);
	dt_tree_init(&from);
}

static struct dt_merge_report merge(const struct dt_merge_policy *policy)
{
	struct dt_merge_report r = dt_merge(&live, &from, policy);

	CHECK(!from.root);
	CHECK(!tree_fault(&live));
	return r;
}

static bool is_chosen(const struct dt_node *n)
{
	return !strcmp(n->name, "chosen");
}

static void test_values_of_the_giver_follow_and_those_of_the_firmware_stay(void)
{
	struct dt_merge_report r;

	setup();
	give(live.root, "theirs", "old");
	give(live.root, "same", "same");
	dt_prop_set_str(live.root, "ours", "ours");
	give(from.root, "same", "same");
	give(from.root, "ours", "theirs");
	give(from.root, "theirs", "new");
	r = merge(NULL);
	CHECK_STR(dt_prop_get_str(live.root, "theirs"), "new");
	CHECK_STR(dt_prop_get_str(live.root, "ours"), "ours");
	CHECK_EQ(dt_prop_find(live.root, "theirs")->origin, DT_FROM_FDT);
	CHECK(r.props_changed == 1 && !r.props_removed && !r.nodes_added && !r.nodes_removed);
	dt_tree_free(&live);
}

static void test_a_property_left_out_goes_unless_it_is_the_firmwares_or_the_name(void)
{
	struct dt_merge_report r;

	setup();
	add(&live, live.root, "a");
	add(&from, from.root, "a");
	give(live.root->child, "gone", "x");
	dt_prop_set_str(live.root->child, "ours", "x");
	give(live.root->child, "gone too", "x");
	dt_prop_delete(from.root->child, "name");
	r = merge(NULL);
	CHECK(!dt_prop_find(live.root->child, "gone"));
	CHECK_STR(live.root->child->last_prop->name, "ours");
	CHECK_STR(dt_prop_get_str(live.root->child, "name"), "a");
	CHECK_EQ(r.props_removed, 2);
	dt_tree_free(&live);
}

static void test_new_properties_come_behind_the_others_in_order(void)
{
	setup();
	give(live.root, "a", "1");
	give(from.root, "z", "1");
	give(from.root, "a", "1");
	give(from.root, "y", "1");
	CHECK_EQ(merge(NULL).props_changed, 2);
	CHECK_STR(live.root->props->next->name, "a");
	CHECK_STR(live.root->props->next->next->name, "z");
	CHECK_STR(live.root->last_prop->name, "y");
	CHECK_EQ(live.root->last_prop->origin, DT_FROM_FDT);
	dt_tree_free(&live);
}

static void test_chosen_keeps_what_the_reply_leaves_out(void)
{
	static const struct dt_merge_policy policy = {.keep = is_chosen};
	struct dt_node *n;

	setup();
	n = add(&live, live.root, "chosen");
	give(n, "bootargs", "root=/dev/sda");
	give(n, "rng-seed", "old");
	add(&live, n, "below");
	n = add(&from, from.root, "chosen");
	give(n, "rng-seed", "new");
	merge(&policy);
	n = dt_child_find(live.root, "chosen");
	CHECK_STR(dt_prop_get_str(n, "bootargs"), "root=/dev/sda");
	CHECK_STR(dt_prop_get_str(n, "rng-seed"), "new");
	CHECK(dt_child_find(n, "below"));
	dt_tree_init(&from);
	merge(&policy); /* it even survives being left out itself */
	CHECK(dt_child_find(live.root, "chosen"));
	dt_tree_free(&live);
}

struct notes {
	char text[256];
};

static void note(struct notes *notes, const char *what, const struct dt_node *n)
{
	char path[64];

	dt_path_of(n, path, sizeof(path));
	strcat(strcat(strcat(notes->text, what), path), " ");
	if (n->child) /* what is below is still, or already, there */
		CHECK(n->child->parent == n && n->child->phandle);
}

static void note_added(struct dt_node *n, void *ctx)
{
	note(ctx, "+", n);
	CHECK(dt_find_phandle(&live, n->phandle) == n);
	dt_node_new(&live, n, "made", DT_FROM_FIRMWARE); /* not told about */
}

static void note_removed(struct dt_node *n, void *ctx)
{
	note(ctx, "-", n);
	CHECK(dt_find_phandle(&live, n->phandle) == n);
}

static void test_nodes_that_vanish_and_appear_are_told_parents_first(void)
{
	struct notes notes = {""};
	const struct dt_merge_policy policy = {NULL, note_added, note_removed, &notes};
	struct dt_merge_report r;
	struct dt_node *n;

	setup();
	n = add(&live, live.root, "old");
	dt_node_new(&live, add(&live, n, "b"), "ours", DT_FROM_FIRMWARE);
	add(&live, live.root, "both");
	dt_node_new(&live, live.root, "firmware", DT_FROM_FIRMWARE);
	add(&live, live.root, "last");
	add(&from, add(&from, from.root, "new"), "c");
	add(&from, add(&from, from.root, "both"), "d");
	r = merge(&policy);
	CHECK_STR(notes.text, "-/old -/old/b -/old/b/ours -/last +/new +/new/c +/both/d ");
	CHECK(r.nodes_added == 3 && r.nodes_removed == 4);
	n = live.root->child;
	CHECK_STR(n->name, "both");
	CHECK_STR(n->next->name, "firmware");
	CHECK_STR(n->next->next->name, "new");
	CHECK(live.root->last_child == n->next->next);
	dt_tree_free(&live);
}

static void test_a_renamed_interrupt_controller_keeps_its_phandle(void)
{
	struct dt_node *n;

	setup();
	state_phandle(&live, add(&live, live.root, "interrupt-controller"), 0x1111);
	n = add(&live, live.root, "pci");
	dt_prop_set_from(n, "interrupt-map", "\0\0\x11\x11", 4, DT_FROM_FDT);
	n = add(&from, from.root, "pci");
	dt_prop_set_from(n, "interrupt-map", "\0\0\x11\x11", 4, DT_FROM_FDT);
	state_phandle(&from, add(&from, from.root, "interrupt-controller@60302031b0000"), 0x1111);
	merge(NULL);
	n = dt_find_phandle(&live, 0x1111);
	CHECK(n);
	CHECK_STR(n->name, "interrupt-controller@60302031b0000");
	CHECK_EQ(dt_prop_u32_or(n, "phandle", 0), 0x1111);
	dt_tree_free(&live);
}

static void test_a_node_in_both_keeps_its_phandle_unless_another_is_stated(void)
{
	struct dt_node *a, *b, *c;

	setup();
	a = add(&live, live.root, "a"); /* 2 */
	b = add(&live, live.root, "b"); /* 3 */
	c = add(&live, live.root, "c"); /* 4 */
	add(&from, from.root, "x");
	state_phandle(&from, add(&from, from.root, "b"), 0x99);
	CHECK_EQ(dt_node_set_phandle(&from, add(&from, from.root, "y"), 0x77), 0);
	add(&from, from.root, "c");                          /* 5 there, which nobody stated */
	state_phandle(&from, add(&from, from.root, "a"), 4); /* c has it */
	merge(NULL);
	CHECK_EQ(a->phandle, 2);
	CHECK_EQ(dt_prop_u32_or(a, "phandle", 0), 2);
	CHECK_EQ(b->phandle, 0x99);
	CHECK(dt_find_phandle(&live, 0x99) == b && !dt_find_phandle(&live, 3));
	CHECK(dt_child_find(live.root, "y")->phandle != 4);
	CHECK_EQ(c->phandle, 4);
	dt_tree_free(&live);
}

static void test_an_appearing_node_gets_a_free_number_if_its_own_is_taken(void)
{
	struct dt_node *n;

	setup();
	add(&live, live.root, "a"); /* 2 */
	add(&from, from.root, "a");
	state_phandle(&from, add(&from, from.root, "taken"), 0x50);
	CHECK_EQ(dt_node_set_phandle(&live, live.root->child, 0x50), 0);
	add(&from, from.root, "auto");
	state_phandle(&from, add(&from, from.root, "stated"), 3);
	merge(NULL);
	n = dt_child_find(live.root, "taken");
	CHECK(n->phandle != 0x50 && !dt_prop_find(n, "phandle"));
	CHECK_EQ(dt_child_find(live.root, "stated")->phandle, 3);
	CHECK(dt_child_find(live.root, "auto")->phandle != 3);
	dt_tree_free(&live);
}

static void test_a_node_of_the_firmware_that_the_giver_has_too_stays_ours(void)
{
	struct dt_node *n;

	setup();
	n = dt_node_new(&live, live.root, "aliases", DT_FROM_FIRMWARE);
	dt_prop_set_str(n, "disk", "/x");
	give(add(&from, from.root, "aliases"), "net", "/y");
	merge(NULL);
	CHECK_STR(dt_prop_get_str(n, "disk"), "/x");
	CHECK_STR(dt_prop_get_str(n, "net"), "/y");
	dt_tree_init(&from);
	merge(NULL);
	CHECK(dt_child_find(live.root, "aliases") == n);
	dt_tree_free(&live);
}

static void test_merging_a_recorded_tree_into_itself_changes_nothing(void)
{
	struct dt_tree want;
	struct dt_merge_report r;

	CHECK(read_tree(RECORDED "pcie-in.dtb", &live));
	CHECK(read_tree(RECORDED "pcie-in.dtb", &from));
	CHECK(read_tree(RECORDED "pcie-in.dtb", &want));
	r = merge(NULL);
	CHECK(!r.nodes_added && !r.nodes_removed && !r.props_changed && !r.props_removed);
	CHECK(trees_equal(&live, &want));
	dt_tree_free(&live);
	dt_tree_free(&want);
}

/* QEMU's trees before and after the choice of XIVE, with a network card more. */
static void test_merging_recorded_trees_gives_the_second_one(void)
{
	struct dt_tree want;
	struct dt_merge_report r;

	CHECK(read_tree(RECORDED "qemu-dual.dtb", &live));
	CHECK(read_tree(RECORDED "qemu-xive.dtb", &from));
	CHECK(read_tree(RECORDED "qemu-xive.dtb", &want));
	r = merge(NULL);
	CHECK(trees_alike(&live, &want));
	CHECK_EQ(r.nodes_added, 2);
	CHECK_EQ(r.nodes_removed, 1);
	CHECK_STR(dt_find_phandle(&live, 0x1111)->name, "interrupt-controller@60302031b0000");
	dt_tree_free(&live);
	dt_tree_free(&want);
}

static const struct test tests[] = {
	TEST(test_values_of_the_giver_follow_and_those_of_the_firmware_stay),
	TEST(test_a_property_left_out_goes_unless_it_is_the_firmwares_or_the_name),
	TEST(test_new_properties_come_behind_the_others_in_order),
	TEST(test_chosen_keeps_what_the_reply_leaves_out),
	TEST(test_nodes_that_vanish_and_appear_are_told_parents_first),
	TEST(test_a_renamed_interrupt_controller_keeps_its_phandle),
	TEST(test_a_node_in_both_keeps_its_phandle_unless_another_is_stated),
	TEST(test_an_appearing_node_gets_a_free_number_if_its_own_is_taken),
	TEST(test_a_node_of_the_firmware_that_the_giver_has_too_stays_ours),
	TEST(test_merging_a_recorded_tree_into_itself_changes_nothing),
	TEST(test_merging_recorded_trees_gives_the_second_one),
};
TEST_MAIN(tests)
