/* SPDX-License-Identifier: BSD-2-Clause */
/* The tree as dts text. */
#include "check.h"

#include <unistd.h>

#include "dt/cells.h"
#include "dt/print.h"
#include "test-libdt.h"

static struct dt_tree tree;

static void to_file(void *ctx, const char *text, size_t len)
{
	fwrite(text, 1, len, ctx);
}

/* The text of a node; the caller frees it with free(). */
static char *printed(const struct dt_node *node)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	CHECK(f);
	dt_print(node, to_file, f);
	fclose(f);
	return text;
}

static bool prints(const struct dt_node *node, const char *want)
{
	char *text = printed(node);
	bool same = !strcmp(text, want);

	if (!same)
		printf("# %s", text);
	free(text);
	return same;
}

static void test_a_tree_is_printed_with_properties_before_children(void)
{
	struct dt_node *a;

	dt_tree_init(&tree);
	dt_prop_set_str(tree.root, "model", "x");
	a = dt_node_new(&tree, tree.root, "a@1,2", DT_FROM_FIRMWARE);
	dt_prop_set_flag(dt_node_new(&tree, a, "b", DT_FROM_FIRMWARE), "f");
	dt_node_new(&tree, tree.root, "c", DT_FROM_FIRMWARE);
	dt_prop_set_u32(a, "reg", 0x12);
	CHECK(prints(tree.root,
		     "/dts-v1/;\n\n/ {\n\tmodel = \"x\";\n\n\ta@1,2 {\n\t\treg = <0x12>;\n\n"
		     "\t\tb {\n\t\t\tf;\n\t\t};\n\t};\n\n\tc {\n\t};\n};\n"));
	CHECK(prints(a, "/dts-v1/;\n\n/ {\n\ta@1,2 {\n\t\treg = <0x12>;\n\n"
			"\t\tb {\n\t\t\tf;\n\t\t};\n\t};\n};\n"));
	dt_tree_free(&tree);
}

static bool value_prints(const void *data, size_t len, const char *want)
{
	char text[256];
	bool ok;

	dt_tree_init(&tree);
	dt_prop_set(tree.root, "p", data, len);
	snprintf(text, sizeof(text), "/dts-v1/;\n\n/ {\n\tp%s;\n};\n", want);
	ok = prints(tree.root, text);
	dt_tree_free(&tree);
	return ok;
}

static void test_values_are_strings_if_they_read_as_such_else_cells_or_bytes(void)
{
	CHECK(value_prints("", 0, ""));
	CHECK(value_prints("", 1, " = \"\""));
	CHECK(value_prints("a\0bc", 5, " = \"a\", \"bc\""));
	CHECK(value_prints("a\"\\", 4, " = \"a\\\"\\\\\""));
	CHECK(value_prints("a\0\0", 3, " = [61 00 00]"));
	CHECK(value_prints("abc", 3, " = [61 62 63]"));
	CHECK(value_prints("abcd", 4, " = <0x61626364>"));
	CHECK(value_prints("\0\0\0\0\xff\xff\xff\xff", 8, " = <0x0 0xffffffff>"));
	CHECK(value_prints("a\n", 3, " = [61 0a 00]"));
	CHECK(value_prints("\xe4\x01\x02\x03\x04", 5, " = [e4 01 02 03 04]"));
}

static void test_long_values_break_their_lines(void)
{
	CHECK(value_prints(
		"\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5\0\0\0\6\0\0\0\7\0\0\0\x8\0\0\0\x9", 36,
		" = <0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8\n\t\t0x9>"));
}

static void test_names_that_dts_cannot_write_are_replaced(void)
{
	dt_tree_init(&tree);
	dt_prop_set_flag(tree.root, "a b{c}");
	dt_node_new(&tree, tree.root, "\xe4=", DT_FROM_FIRMWARE);
	CHECK(prints(tree.root, "/dts-v1/;\n\n/ {\n\ta?b?c?;\n\n\t?? {\n\t};\n};\n"));
	dt_tree_free(&tree);
}

/* Through dtc and back; says what is missing where there is no dtc. */
static void test_dtc_makes_recorded_trees_of_the_text_again(void)
{
	static const char *const files[] = {RECORDED "flat-in.dtb", RECORDED "flat-out.dtb",
					    RECORDED "pcie-in.dtb", RECORDED "pcie-out.dtb",
					    RECORDED "qemu-many.dtb"};
	char dts[] = "/tmp/test-libdt-print-XXXXXX", dtb[64], command[256];
	FILE *f = fdopen(mkstemp(dts), "w");

	CHECK(f);
	snprintf(dtb, sizeof(dtb), "%s.dtb", dts);
	snprintf(command, sizeof(command), "dtc -q -I dts -O dtb -o %s %s", dtb, dts);
	for (unsigned i = 0; i < ARRAY_SIZE(files); i++) {
		struct dt_tree again;

		if (system("dtc --version >/dev/null 2>&1") != 0) {
			printf("# no dtc, not tried\n");
			break;
		}
		CHECK(read_tree(files[i], &tree));
		rewind(f);
		CHECK(ftruncate(fileno(f), 0) == 0);
		dt_print(tree.root, to_file, f);
		fflush(f);
		CHECK_EQ(system(command), 0);
		CHECK(read_tree(dtb, &again));
		CHECK(trees_alike(&tree, &again));
		dt_tree_free(&tree);
		dt_tree_free(&again);
	}
	fclose(f);
	unlink(dts);
	unlink(dtb);
}

static const struct test tests[] = {
	TEST(test_a_tree_is_printed_with_properties_before_children),
	TEST(test_values_are_strings_if_they_read_as_such_else_cells_or_bytes),
	TEST(test_long_values_break_their_lines),
	TEST(test_names_that_dts_cannot_write_are_replaced),
	TEST(test_dtc_makes_recorded_trees_of_the_text_again),
};
TEST_MAIN(tests)
