/* SPDX-License-Identifier: BSD-2-Clause */
/* Nodes and phandles of the live tree. */
#include "check.h"

#include "base/err.h"
#include "dt/node.h"
#include "test-libdt.h"

static struct dt_tree tree;

static void test_a_new_tree_has_a_root_named_slash_with_phandle_1(void)
{
	dt_tree_init(&tree);
	CHECK_STR(tree.root->name, "");
	CHECK_STR(dt_prop_get_str(tree.root, "name"), "/");
	CHECK_EQ(tree.root->phandle, 1);
	CHECK_EQ(tree.nodes, 1);
	CHECK(!tree_fault(&tree));
	dt_tree_free(&tree);
	CHECK(!tree.root && !tree.slot);
}

static void test_children_keep_the_order_they_were_made_in(void)
{
	struct dt_node *a, *b, *c;

	dt_tree_init(&tree);
	b = dt_node_new(&tree, tree.root, "b@1", DT_FROM_FIRMWARE);
	a = dt_node_new(&tree, tree.root, "a", DT_FROM_FIRMWARE);
	c = dt_node_new_n(&tree, b, "cxyz", 1, DT_FROM_FDT);
	CHECK(tree.root->child == b && b->next == a && !a->next && tree.root->last_child == a);
	CHECK(b->child == c && c->parent == b);
	CHECK_STR(c->name, "c");
	CHECK_EQ(c->origin, DT_FROM_FDT);
	CHECK(!tree_fault(&tree));
	dt_tree_free(&tree);
}

static void test_names_split_into_base_and_unit(void)
{
	struct dt_node *n;

	dt_tree_init(&tree);
	n = dt_node_new(&tree, tree.root, "PowerPC,POWER9@8", DT_FROM_FIRMWARE);
	CHECK_EQ(dt_base_len(n), 14);
	CHECK_STR(dt_unit(n), "8");
	CHECK_STR(dt_prop_get_str(n, "name"), "PowerPC,POWER9");
	n = dt_node_new(&tree, tree.root, "rtas", DT_FROM_FIRMWARE);
	CHECK_EQ(dt_base_len(n), 4);
	CHECK_STR(dt_unit(n), "");
	dt_tree_free(&tree);
}

static void test_children_are_found_by_their_whole_name_only(void)
{
	struct dt_node *n;

	dt_tree_init(&tree);
	n = dt_node_new(&tree, tree.root, "disk@10", DT_FROM_FIRMWARE);
	CHECK(dt_child_find(tree.root, "disk@10") == n);
	CHECK(!dt_child_find(tree.root, "disk@1"));
	CHECK(!dt_child_find(tree.root, "disk@100"));
	CHECK(dt_child_find_n(tree.root, "disk@100", 7) == n);
	CHECK(dt_child_get(&tree, tree.root, "disk@10") == n);
	CHECK(dt_child_get(&tree, tree.root, "disk@1") != n);
	CHECK_EQ(tree.nodes, 3);
	dt_tree_free(&tree);
}

static void test_own_phandles_count_up_and_skip_taken_ones(void)
{
	struct dt_node *a, *b;

	dt_tree_init(&tree);
	a = dt_node_new(&tree, tree.root, "a", DT_FROM_FIRMWARE);
	CHECK_EQ(a->phandle, 2);
	CHECK_EQ(dt_node_set_phandle(&tree, a, 3), 0);
	b = dt_node_new(&tree, tree.root, "b", DT_FROM_FIRMWARE);
	CHECK_EQ(b->phandle, 4);
	CHECK(dt_find_phandle(&tree, 3) == a);
	CHECK(!dt_find_phandle(&tree, 2));
	CHECK(!dt_find_phandle(&tree, 0) && !dt_find_phandle(&tree, ~0u));
	dt_tree_free(&tree);
}

static void test_a_taken_or_impossible_phandle_is_refused(void)
{
	struct dt_node *a;

	dt_tree_init(&tree);
	a = dt_node_new(&tree, tree.root, "a", DT_FROM_FIRMWARE);
	CHECK_EQ(dt_node_set_phandle(&tree, a, 1), E_EXIST);
	CHECK_EQ(dt_node_set_phandle(&tree, a, 0), E_INVAL);
	CHECK_EQ(dt_node_set_phandle(&tree, a, ~0u), E_INVAL);
	CHECK_EQ(dt_node_set_phandle(&tree, a, 2), 0);
	CHECK_EQ(a->phandle, 2);
	CHECK(!tree_fault(&tree));
	dt_tree_free(&tree);
}

static void test_a_changed_phandle_changes_the_properties_that_repeat_it(void)
{
	struct dt_node *a;

	dt_tree_init(&tree);
	a = dt_node_new(&tree, tree.root, "a", DT_FROM_FIRMWARE);
	dt_prop_set_from(a, "phandle", "\0\0\0\2", 4, DT_FROM_FDT);
	dt_prop_set_u32(a, "linux,phandle", 2);
	CHECK_EQ(dt_node_set_phandle(&tree, a, 0x1111), 0);
	CHECK_EQ(dt_prop_u32_or(a, "phandle", 0), 0x1111);
	CHECK_EQ(dt_prop_u32_or(a, "linux,phandle", 0), 0x1111);
	CHECK_EQ(dt_prop_find(a, "phandle")->origin, DT_FROM_FDT);
	CHECK_EQ(dt_prop_find(a, "linux,phandle")->origin, DT_FROM_FIRMWARE);
	dt_tree_free(&tree);
}

static void test_a_deleted_branch_is_forgotten_and_its_numbers_do_not_return(void)
{
	struct dt_node *a, *b, *c;

	dt_tree_init(&tree);
	a = dt_node_new(&tree, tree.root, "a", DT_FROM_FIRMWARE);
	b = dt_node_new(&tree, tree.root, "b", DT_FROM_FIRMWARE);
	c = dt_node_new(&tree, b, "c", DT_FROM_FIRMWARE);
	dt_node_new(&tree, c, "d", DT_FROM_FIRMWARE);
	dt_node_new(&tree, b, "e", DT_FROM_FIRMWARE);
	dt_node_delete(&tree, b);
	CHECK_EQ(tree.nodes, 2);
	for (uint32_t i = 3; i <= 6; i++)
		CHECK(!dt_find_phandle(&tree, i));
	CHECK(tree.root->last_child == a && !a->next);
	b = dt_node_new(&tree, tree.root, "b", DT_FROM_FIRMWARE);
	CHECK_EQ(b->phandle, 7);
	dt_node_delete(&tree, a);
	CHECK(tree.root->child == b && tree.root->last_child == b);
	CHECK(!tree_fault(&tree));
	dt_tree_free(&tree);
}

static void test_a_walk_sees_parents_first_and_stays_below_its_top(void)
{
	struct dt_node *a, *b, *c, *d;

	dt_tree_init(&tree);
	a = dt_node_new(&tree, tree.root, "a", DT_FROM_FIRMWARE);
	b = dt_node_new(&tree, tree.root, "b", DT_FROM_FIRMWARE);
	c = dt_node_new(&tree, a, "c", DT_FROM_FIRMWARE);
	d = dt_node_new(&tree, c, "d", DT_FROM_FIRMWARE);
	CHECK(dt_next(tree.root, tree.root) == a && dt_next(tree.root, a) == c);
	CHECK(dt_next(tree.root, c) == d && dt_next(tree.root, d) == b && !dt_next(tree.root, b));
	CHECK(dt_next(a, a) == c && dt_next(a, c) == d && !dt_next(a, d));
	CHECK(!dt_next(d, d));
	dt_tree_free(&tree);
}

static uint32_t random_state = 1;

static uint32_t random_below(uint32_t n)
{
	random_state = random_state * 1664525u + 1013904223u;
	return (random_state >> 8) % n;
}

/* The table against a plain array, through growth, holes and numbers that collide. */
static void test_the_phandle_table_survives_ten_thousand_random_changes(void)
{
	static struct dt_node *by_phandle[4096];

	dt_tree_init(&tree);
	by_phandle[1] = tree.root;
	for (unsigned i = 0; i < 10000; i++) {
		uint32_t p = 2 + random_below(4094);
		uint32_t q = 2 + random_below(4094);

		if (!by_phandle[p]) {
			struct dt_node *n = dt_node_new(&tree, tree.root, "n", DT_FROM_FDT);

			CHECK(dt_node_set_phandle(&tree, n, 0x10000 + p) == 0);
			CHECK(dt_node_set_phandle(&tree, n, p) == 0);
			by_phandle[p] = n;
		} else if (i & 1) {
			dt_node_delete(&tree, by_phandle[p]);
			by_phandle[p] = NULL;
		} else if (!by_phandle[q]) {
			CHECK(dt_node_set_phandle(&tree, by_phandle[p], q) == 0);
			by_phandle[q] = by_phandle[p];
			by_phandle[p] = NULL;
		}
		/* own numbers start where nothing collides */
		tree.next_phandle = 0x20000;
	}
	for (uint32_t p = 0; p < 4096; p++)
		CHECK(dt_find_phandle(&tree, p) == by_phandle[p]);
	CHECK(!tree_fault(&tree));
	dt_tree_free(&tree);
}

static void test_a_chain_of_100000_nodes_is_freed_without_recursion(void)
{
	struct dt_node *n;

	dt_tree_init(&tree);
	n = tree.root;
	for (unsigned i = 0; i < 100000; i++)
		n = dt_node_new(&tree, n, "n", DT_FROM_FDT);
	dt_node_delete(&tree, tree.root->child->child);
	CHECK_EQ(tree.nodes, 2);
	dt_tree_free(&tree);
}

static const struct test tests[] = {
	TEST(test_a_new_tree_has_a_root_named_slash_with_phandle_1),
	TEST(test_children_keep_the_order_they_were_made_in),
	TEST(test_names_split_into_base_and_unit),
	TEST(test_children_are_found_by_their_whole_name_only),
	TEST(test_own_phandles_count_up_and_skip_taken_ones),
	TEST(test_a_taken_or_impossible_phandle_is_refused),
	TEST(test_a_changed_phandle_changes_the_properties_that_repeat_it),
	TEST(test_a_deleted_branch_is_forgotten_and_its_numbers_do_not_return),
	TEST(test_a_walk_sees_parents_first_and_stays_below_its_top),
	TEST(test_the_phandle_table_survives_ten_thousand_random_changes),
	TEST(test_a_chain_of_100000_nodes_is_freed_without_recursion),
};
TEST_MAIN(tests)
