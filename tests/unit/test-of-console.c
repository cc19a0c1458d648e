/* SPDX-License-Identifier: BSD-2-Clause */
/* Choosing, reading and writing the console. */
#include "check.h"

#include "base/err.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "fakeplatform.h"
#include "fakeram.h"
#include "of/env.h"

#define BUF 0x100000ull /* a client's buffer */

static struct dt_node *chosen(void)
{
	return dt_path_find(of_tree(), "/chosen");
}

static struct instance *handle(const char *prop)
{
	return instance_find(dt_prop_u32_or(chosen(), prop, 0));
}

/* Call "read" or "write" of an instance with a client's buffer; what it leaves. */
static int64_t io(struct instance *in, const char *method, uint64_t addr, uint64_t len)
{
	cell_t cells[4] = {addr, len};
	struct stack st = {cells, 2, ARRAY_SIZE(cells)};
	int err;

	mem_distrust(true);
	err = instance_call(in, method, &st);
	mem_distrust(false);
	if (err)
		return err * 1000;
	CHECK_EQ(st.depth, 1);
	return (int64_t)cells[0];
}

static void test_stdin_and_stdout_are_two_instances_of_stdout_path(void)
{
	fakeplatform_start(FAKE_COMPLETE);
	CHECK(handle("stdin") && handle("stdout"));
	CHECK(handle("stdin") != handle("stdout"));
	CHECK_STR(handle("stdin")->node->name, "vty@71000000");
	CHECK_STR(handle("stdout")->node->name, "vty@71000000");
	fakeplatform_stop();
}

static void test_write_sends_and_read_gives_minus_2_when_nothing_waits(void)
{
	fakeplatform_start(FAKE_COMPLETE);
	memcpy(fakeram_bytes(BUF), "hello", 5);
	CHECK_EQ(io(handle("stdout"), "write", BUF, 5), 5);
	CHECK_STR(fakecon.sent, "hello");
	CHECK_EQ(io(handle("stdin"), "read", BUF, 4), -2);
	CHECK_EQ(io(handle("stdin"), "read", BUF, 0), 0);
	fakecon.input = "abcdef";
	CHECK_EQ(io(handle("stdin"), "read", BUF, 4), 4);
	CHECK(!memcmp(fakeram_bytes(BUF), "abcdo", 5));
	CHECK_EQ(io(handle("stdin"), "read", BUF, 4), 2);
	CHECK_EQ(io(handle("stdin"), "read", BUF, 4), -2);
	fakeplatform_stop();
}

static void test_a_client_cannot_have_the_firmwares_memory_written(void)
{
	fakeplatform_start(FAKE_COMPLETE);
	fakecon.input = "abcdef";
	CHECK_EQ(io(handle("stdout"), "write", 0x100, 5), E_RANGE * 1000);
	CHECK_EQ(io(handle("stdin"), "read", 0x100, 5), E_RANGE * 1000);
	CHECK_EQ(io(handle("stdin"), "read", FAKERAM_BYTES - 1, 2), E_RANGE * 1000);
	CHECK_EQ(fakecon.sent_len, 0);
	fakeplatform_stop();
}

static void test_without_a_console_output_vanishes_and_input_ends(void)
{
	fakeplatform_start(FAKE_TREE_ONLY);
	dt_prop_delete(chosen(), "stdout-path");
	of_standard_nodes();
	of_open_console(NULL);
	CHECK_STR(handle("stdout")->node->name, "dev-null");
	CHECK_EQ(io(handle("stdout"), "write", BUF, 5), 5);
	CHECK_EQ(io(handle("stdin"), "read", BUF, 5), 0);
	of_printf("nobody sees this\n");
	CHECK_EQ(of_key(), (uint64_t)-1);
	CHECK_EQ(fakecon.sent_len, 0);
	fakeplatform_stop();
}

static void test_a_wrong_stdout_path_falls_back(void)
{
	fakeplatform_start(FAKE_TREE_ONLY);
	dt_prop_set_str(chosen(), "stdout-path", "/vdevice/l-lan"); /* nobody drives it */
	dt_prop_set_str(chosen(), "linux,stdout-path", "/memory");  /* neither reads nor writes */
	of_standard_nodes();
	of_open_console("/vdevice/vty");
	CHECK_STR(handle("stdout")->node->name, "vty@71000000");
	CHECK_EQ(instance_count(), 3 + 2 + 2 + 2 * 3); /* cpu, memory, mmu, console twice */
	fakeplatform_stop();
}

static void test_linux_stdout_path_is_used_too(void)
{
	fakeplatform_start(FAKE_TREE_ONLY);
	dt_prop_delete(chosen(), "stdout-path");
	dt_prop_set_str(chosen(), "linux,stdout-path", "/vdevice/vty");
	of_standard_nodes();
	of_open_console(NULL);
	CHECK_STR(handle("stdout")->node->name, "vty@71000000");
	fakeplatform_stop();
}

static void test_text_for_people_goes_to_the_early_console_until_stdout_opens(void)
{
	struct fakecon early = {.dev = fakecon.dev};

	fakeplatform_start(FAKE_TREE_ONLY);
	early.dev = fakecon.dev;
	of_set_early_console(&early.dev);
	of_printf("one\n");
	CHECK_STR(early.sent, "one\r\n");
	of_standard_nodes();
	of_open_console(NULL);
	of_printf("two\r\nthree %d\n", 3);
	CHECK_STR(early.sent, "one\r\n");
	CHECK_STR(fakecon.sent, "two\r\nthree 3\r\n");
	instance_close(handle("stdout"));
	of_printf("four");
	CHECK_STR(early.sent, "one\r\nfour");
	fakeplatform_stop();
}

static void test_a_fresh_line_is_begun_once(void)
{
	fakeplatform_start(FAKE_COMPLETE);
	of_printf("one");
	of_fresh_line();
	of_fresh_line();
	of_printf("two\n");
	of_fresh_line();
	of_printf("three");
	CHECK_STR(fakecon.sent, "one\r\ntwo\r\nthree");
	fakeplatform_stop();
}

static void test_long_texts_are_not_cut(void)
{
	static char text[2000];

	fakeplatform_start(FAKE_COMPLETE);
	memset(text, 'x', sizeof(text) - 1);
	of_printf("%s", text);
	CHECK_STR(fakecon.sent, text);
	fakeplatform_stop();
}

static void test_keys_come_from_stdin(void)
{
	fakeplatform_start(FAKE_COMPLETE);
	CHECK_EQ(of_key(), (uint64_t)-1);
	fakecon.input = "a\xff";
	CHECK_EQ(of_key(), 'a');
	CHECK_EQ(of_key(), 0xff);
	CHECK_EQ(of_key(), (uint64_t)-1);
	fakeplatform_stop();
}

static void test_keys_looked_at_stay_in_order(void)
{
	fakeplatform_start(FAKE_COMPLETE);
	CHECK(!of_key_ready());
	CHECK(!of_key_break());
	fakecon.input = "abc";
	CHECK(of_key_ready());
	CHECK_EQ(of_key_peek(2), 'c');
	CHECK_EQ(of_key_peek(3), (uint64_t)-1);
	CHECK_EQ(of_key(), 'a');
	CHECK(!of_key_break());
	fakecon.input = "def";
	CHECK(!of_key_break());
	CHECK_EQ(of_key_peek(4), 'f');
	for (const char *p = "bcdef"; *p; p++)
		CHECK_EQ(of_key(), *p);
	CHECK_EQ(of_key(), (uint64_t)-1);
	fakeplatform_stop();
}

static void test_ctrl_c_drops_what_was_typed_before_it_alone(void)
{
	fakeplatform_start(FAKE_COMPLETE);
	fakecon.input = "begin again\r\003 1 .";
	CHECK(of_key_break());
	CHECK(!of_key_break());
	CHECK_EQ(of_key(), ' ');
	CHECK_EQ(of_key(), '1');
	fakeplatform_stop();
}

static void test_a_client_reads_what_was_typed_before_it_came(void)
{
	fakeplatform_start(FAKE_COMPLETE);
	fakecon.input = "abc";
	CHECK(of_key_ready());
	fakecon.input = "d";
	CHECK_EQ(io(handle("stdout"), "read", BUF, 1), 1);
	CHECK_EQ(*fakeram_bytes(BUF), 'd');
	fakecon.input = "e";
	CHECK_EQ(io(handle("stdin"), "read", BUF, 2), 2);
	CHECK(!memcmp(fakeram_bytes(BUF), "ab", 2));
	CHECK_EQ(io(handle("stdin"), "read", BUF, 2), 1);
	CHECK_EQ(*fakeram_bytes(BUF), 'c');
	CHECK_EQ(io(handle("stdin"), "read", BUF, 2), 1);
	CHECK_EQ(*fakeram_bytes(BUF), 'e');
	fakeplatform_stop();
}

static void test_a_megabyte_of_keys_waits_and_no_more_is_taken(void)
{
	static char text[(1 << 20) + 5000];
	size_t n = 0;

	fakeplatform_start(FAKE_COMPLETE);
	memset(text, 'k', sizeof(text) - 1);
	text[100] = 'x';
	fakecon.input = text;
	CHECK(!of_key_break());
	CHECK(strlen(fakecon.input) > 4900);
	while (of_key() >= 0)
		n++;
	CHECK_EQ(n, sizeof(text) - 1);
	fakeplatform_stop();
}

static void test_waiting_for_a_key_ends(void)
{
	fakeplatform_start(FAKE_COMPLETE);
	CHECK(!of_key_wait(50));
	fakecon.input = "a";
	CHECK(of_key_wait(50));
	CHECK_EQ(of_key(), 'a');
	fakeplatform_stop();
}

static void test_writing_works_after_quiesce(void)
{
	struct instance *out;

	fakeplatform_start(FAKE_COMPLETE);
	out = handle("stdout");
	of_quiesce();
	CHECK(handle("stdout") == out);
	memcpy(fakeram_bytes(BUF), "late", 4);
	CHECK_EQ(io(out, "write", BUF, 4), 4);
	of_printf("r");
	CHECK_STR(fakecon.sent, "later");
	fakeplatform_stop();
}

/* A second terminal. */
static struct fakecon *add_console(void)
{
	static struct fakecon second;
	struct dt_node *vdevice = dt_path_find(of_tree(), "/vdevice");
	struct dt_node *node = dt_node_new(of_tree(), vdevice, "vty@71000010", DT_FROM_FIRMWARE);

	second = (struct fakecon){.dev = fakecon.dev};
	dt_prop_set_str(node, "device_type", "serial");
	of_bind_console(node, &second.dev);
	return &second;
}

static void test_the_console_can_move_and_leaves_nothing_open(void)
{
	struct fakecon *second;
	unsigned before;

	fakeplatform_start(FAKE_COMPLETE);
	second = add_console();
	before = instance_count();
	CHECK_EQ(of_set_output("/vdevice/vty@71000010"), 0);
	of_printf("there");
	CHECK_STR(second->sent, "there");
	CHECK_EQ(fakecon.sent_len, 0);
	CHECK_STR(handle("stdout")->node->name, "vty@71000010");
	fakecon.input = "a";
	CHECK_EQ(of_key(), 'a');
	CHECK_EQ(of_set_input("/vdevice/vty@71000010"), 0);
	second->input = "b";
	CHECK_EQ(of_key(), 'b');
	CHECK_STR(handle("stdin")->node->name, "vty@71000010");
	CHECK_EQ(instance_count(), before);
	fakeplatform_stop();
}

static void test_what_is_no_console_is_refused_and_nothing_changes(void)
{
	struct instance *in, *out;
	unsigned before;

	fakeplatform_start(FAKE_COMPLETE);
	in = handle("stdin");
	out = handle("stdout");
	before = instance_count();
	CHECK_EQ(of_set_input("/nowhere"), E_NOENT);
	CHECK_EQ(of_set_output("/vdevice/l-lan"), E_UNSUPP); /* no driver */
	CHECK_EQ(of_set_output("/memory"), E_UNSUPP);        /* no write */
	dt_prop_set_str(add_console() ? dt_path_find(of_tree(), "/vdevice/vty@71000010") : NULL,
			"device_type", "block");
	CHECK_EQ(of_set_output("/vdevice/vty@71000010"), E_UNSUPP);
	CHECK(handle("stdin") == in && handle("stdout") == out);
	CHECK_EQ(instance_count(), before);
	fakeplatform_stop();
}

static void test_the_variables_choose_the_console_at_the_start(void)
{
	struct fakecon *second;

	fakeplatform_start(FAKE_TREE_ONLY);
	second = add_console();
	env_init(NULL);
	CHECK_EQ(env_set("output-device", "/vdevice/vty@71000010", 21), 0);
	CHECK_EQ(env_set("input-device", "keyboard", 8), 0);
	of_standard_nodes();
	of_open_console(NULL);
	of_printf("there");
	CHECK_STR(second->sent, "there");
	CHECK_STR(handle("stdin")->node->name, "vty@71000000");
	fakeplatform_stop();
}

static void test_a_terminals_selftest_says_whether_it_takes_anything(void)
{
	cell_t cells[2];
	struct stack st = {cells, 0, ARRAY_SIZE(cells)};

	fakeplatform_start(FAKE_COMPLETE);
	CHECK_EQ(instance_call(handle("stdout"), "selftest", &st), 0);
	CHECK_EQ(st.depth, 1);
	CHECK_EQ(cells[0], 0);
	CHECK_STR(fakecon.sent, "\r");
	fakeplatform_stop();
}

static const struct test tests[] = {
	TEST(test_stdin_and_stdout_are_two_instances_of_stdout_path),
	TEST(test_write_sends_and_read_gives_minus_2_when_nothing_waits),
	TEST(test_a_client_cannot_have_the_firmwares_memory_written),
	TEST(test_without_a_console_output_vanishes_and_input_ends),
	TEST(test_a_wrong_stdout_path_falls_back),
	TEST(test_linux_stdout_path_is_used_too),
	TEST(test_text_for_people_goes_to_the_early_console_until_stdout_opens),
	TEST(test_a_fresh_line_is_begun_once),
	TEST(test_long_texts_are_not_cut),
	TEST(test_keys_come_from_stdin),
	TEST(test_keys_looked_at_stay_in_order),
	TEST(test_ctrl_c_drops_what_was_typed_before_it_alone),
	TEST(test_a_client_reads_what_was_typed_before_it_came),
	TEST(test_a_megabyte_of_keys_waits_and_no_more_is_taken),
	TEST(test_waiting_for_a_key_ends),
	TEST(test_writing_works_after_quiesce),
	TEST(test_the_console_can_move_and_leaves_nothing_open),
	TEST(test_what_is_no_console_is_refused_and_nothing_changes),
	TEST(test_the_variables_choose_the_console_at_the_start),
	TEST(test_a_terminals_selftest_says_whether_it_takes_anything),
};
TEST_MAIN(tests)
