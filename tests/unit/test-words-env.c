/* SPDX-License-Identifier: BSD-2-Clause */
/* Variables, nvramrc, the evaluator, help, memory. */
#include "test-words.h"

#include "base/err.h"

static void test_variables_are_words(void)
{
	words_start();
	SAYS("boot-command type load-base . auto-boot? . security-mode .", "boot4000 -1 0 ");
	words_stop();
}

static void test_setenv_takes_the_rest_of_the_line(void)
{
	words_start();
	SAYS("setenv boot-command  boot disk:2  quiet \n1 .", "1 ");
	CHECK_STR(env_get_str("boot-command"), "boot disk:2  quiet");
	SAYS("setenv boot-file\r\n2 .", "2 ");
	CHECK_STR(env_get_str("boot-file"), "");
	words_stop();
}

static void test_a_value_of_the_wrong_type_is_refused_by_name(void)
{
	words_start();
	FAILS("setenv auto-boot? perhaps",
	      "setenv: auto-boot? cannot be \"perhaps\", only true or false");
	CHECK(env_get_flag("auto-boot?"));
	words_stop();
}

static void test_an_unknown_variable_becomes_a_word(void)
{
	words_start();
	SAYS("setenv mine some text", "");
	SAYS("mine type", "some text");
	SAYS("set-default mine", "");
	FAILS("printenv mine", "printenv: mine is not a configuration variable");
	FAILS("set-default mine", "set-default: mine is not a configuration variable");
	words_stop();
}

static void test_printenv_shows_one_and_all(void)
{
	words_start();
	SAYS("setenv boot-file x", "");
	SAYS("printenv boot-file", "Current: x\r\nDefault: \r\n");
	CHECK_EQ(run("printenv"), 0);
	CHECK(strstr(fakecon.sent,
		     "Variable                Current                   Default\r\n"));
	CHECK(strstr(fakecon.sent, "boot-command            boot                      boot\r\n"));
	words_stop();
}

static void test_strings_set_variables(void)
{
	words_start();
	SAYS("\" false\" \" auto-boot?\" $setenv", "");
	CHECK(!env_get_flag("auto-boot?"));
	SAYS("set-defaults", "");
	CHECK(env_get_flag("auto-boot?"));
	words_stop();
}

static void set_nvramrc(const char *text)
{
	CHECK_EQ(env_set("nvramrc", text, strlen(text)), 0);
	CHECK_EQ(env_set("use-nvramrc?", "true", 4), 0);
}

static void test_nvramrc_runs_in_hex(void)
{
	words_start();
	set_nvramrc("cafec0de 4000 l!");
	words_run_nvramrc();
	SAYS("4000 l@ .", "cafec0de ");
	words_stop();
}

static void test_a_fault_in_nvramrc_ends_nvramrc_alone(void)
{
	words_start();
	set_nvramrc("1 4000 c!\nno-such-word\n2 4000 c!");
	words_run_nvramrc();
	CHECK_EQ(forth_depth(words_forth()), 0);
	SAYS("4000 c@ .", "1 ");
	words_stop();
}

static void test_nvramrc_waits_for_its_variable(void)
{
	words_start();
	set_nvramrc("1 4004 c!");
	CHECK_EQ(env_set("use-nvramrc?", "false", 5), 0);
	words_run_nvramrc();
	SAYS("4004 c@ .", "0 ");
	words_stop();
}

static void test_nvedit_changes_lines_until_nvstore(void)
{
	words_start();
	set_nvramrc("one\r\ntwo\r\nthree");
	fakecon.input = "x\r\025\rthree\003";
	CHECK_EQ(run("nvedit"), 0);
	CHECK_STR(env_get_str("nvramrc"), "one\r\ntwo\r\nthree");
	SAYS("nvstore", "");
	CHECK_STR(env_get_str("nvramrc"), "onex\r\nthree\r\n");
	fakecon.input = "\003";
	CHECK_EQ(run("nvedit nvquit nvstore"), 0);
	CHECK_STR(env_get_str("nvramrc"), "onex\r\nthree\r\n");
	words_stop();
}

static void test_nvedit_adds_lines_at_the_end(void)
{
	words_start();
	set_nvramrc("");
	fakecon.input = "1 4008 c!\r2 4009 c!\r\r";
	CHECK_EQ(run("nvedit nvrun nvstore"), 0);
	CHECK_STR(env_get_str("nvramrc"), "1 4008 c!\r\n2 4009 c!\r\n");
	SAYS("4008 c@ . 4009 c@ .", "1 2 ");
	words_stop();
}

static void test_nvrecover_brings_nvramrc_back(void)
{
	words_start();
	set_nvramrc("noop");
	SAYS("set-default nvramrc nvrecover", "");
	CHECK_STR(env_get_str("nvramrc"), "noop");
	words_stop();
}

static void test_interpret_gives_what_is_left(void)
{
	cell_t cells[4] = {5, 1};
	struct stack st = {cells, 2, 4};

	words_start();
	CHECK_EQ(of_interpret("- 7", 3, &st), 0);
	CHECK_EQ(st.depth, 2);
	CHECK_EQ(cells[0], 4);
	CHECK_EQ(cells[1], 7);
	CHECK_EQ(of_interpret("1 2 -4d throw", 13, &st), -77);
	CHECK_EQ(forth_depth(words_forth()), 0);
	words_stop();
}

static void test_absent_memory_is_a_throw(void)
{
	words_start();
	CHECK_EQ(run("100000000 c@"), THROW_ADDRESS);
	CHECK_EQ(run("0 ffffffffffffffff l!"), THROW_ADDRESS);
	forth_reset(words_forth());
	words_stop();
}

static void test_memory_is_taken_and_given_back(void)
{
	words_start();
	SAYS("1000 alloc-mem dup 55 swap c! dup c@ . 1000 free-mem", "55 ");
	FAILS("4711 10 free-mem", "free-mem: 4711 is not from alloc-mem");
	SAYS("100000 1000 0 claim . 100000 1000 release", "100000 ");
	FAILS("100000 1000 release", "release: 100000 size 1000: not allowed");
	words_stop();
}

static void test_help_knows_rows_and_variables(void)
{
	words_start();
	SAYS("help pwd", "pwd ( -- ) Show the active package's path\r\n");
	SAYS("help boot-command", "boot-command is a configuration variable: printenv, setenv\r\n");
	FAILS("help xyzzy", "help: xyzzy is no word; sifting xyzzy looks for words like it");
	SAYS("sifting nvun", "nvunalias ");
	words_stop();
}

static void test_test_says_what_a_device_can(void)
{
	words_start();
	SAYS("dev /cpus : open true ; : close ; : selftest 0 ; device-end test /cpus",
	     "/cpus: good\r\n");
	SAYS("test /nothing", "/nothing: does not open: not found\r\n");
	words_stop();
}

static const struct test tests[] = {
	TEST(test_variables_are_words),
	TEST(test_setenv_takes_the_rest_of_the_line),
	TEST(test_a_value_of_the_wrong_type_is_refused_by_name),
	TEST(test_an_unknown_variable_becomes_a_word),
	TEST(test_printenv_shows_one_and_all),
	TEST(test_strings_set_variables),
	TEST(test_nvramrc_runs_in_hex),
	TEST(test_a_fault_in_nvramrc_ends_nvramrc_alone),
	TEST(test_nvramrc_waits_for_its_variable),
	TEST(test_nvedit_changes_lines_until_nvstore),
	TEST(test_nvedit_adds_lines_at_the_end),
	TEST(test_nvrecover_brings_nvramrc_back),
	TEST(test_interpret_gives_what_is_left),
	TEST(test_absent_memory_is_a_throw),
	TEST(test_memory_is_taken_and_given_back),
	TEST(test_help_knows_rows_and_variables),
	TEST(test_test_says_what_a_device_can),
};
TEST_MAIN(tests)
