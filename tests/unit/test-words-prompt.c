/* SPDX-License-Identifier: BSD-2-Clause */
/* The prompt: what is shown for a line, after a fault, and what TAB offers. */
#include "check.h"

#include "fakeplatform.h"
#include "of/env.h"
#include "words/words.h"

/* What the terminal gets when these keys are pressed at a fresh prompt. */
static const char *says(const char *keys)
{
	static char sent[4096];

	fakeplatform_start(FAKE_COMPLETE);
	CHECK_EQ(words_init(NULL, 0), 0);
	fakecon.input = keys;
	words_prompt_for(200);
	memcpy(sent, fakecon.sent, sizeof(sent));
	fakeplatform_stop();
	return sent;
}

static void test_a_line_is_answered_as_slof_does(void)
{
	CHECK_STR(says("1 2 + .\r"), "\r\n0 > 1 2 + .  3  ok\r\n0 > ");
	CHECK_STR(says("1 2\r"), "\r\n0 > 1 2   ok\r\n2 > ");
	CHECK_STR(says("\r"), "\r\n0 >    ok\r\n0 > ");
}

static void test_the_depth_is_hexadecimal(void)
{
	CHECK(strstr(says("1 2 3 4 5 6 7 8 9 a a a a a a a a a\r"), "\r\n0 > "));
	CHECK(strstr(says("0 0 0 0 0 0 0 0 0 0 0\r"), "ok\r\nb > "));
}

static void test_an_undefined_word_is_named_and_the_stack_stays(void)
{
	CHECK_STR(says("1 xyzzy 2\r"), "\r\n0 > 1 xyzzy 2  xyzzy Undefined word\r\n\r\n1 > ");
}

static void test_a_fault_is_told_and_the_stack_emptied(void)
{
	CHECK_STR(says("5 1 0 /\r"), "\r\n0 > 5 1 0 /  /: division by zero\r\n\r\n0 > ");
	CHECK_STR(says("drop\r"), "\r\n0 > drop  drop: stack underflow\r\n\r\n0 > ");
	CHECK_STR(says("1 abort\" no disk\"\r"),
		  "\r\n0 > 1 abort\" no disk\"  abort\": no disk\r\n\r\n0 > ");
	CHECK_STR(says("3 abort\r"), "\r\n0 > 3 abort  \r\n0 > ");
	CHECK_STR(says("3 quit\r"), "\r\n0 > 3 quit  \r\n1 > ");
}

static void test_a_definition_may_go_over_lines(void)
{
	CHECK_STR(says(": twice\rdup +\r; 4 twice .\r"), "\r\n0 > : twice   ok (compiling)"
							 "\r\n0 > dup +   ok (compiling)"
							 "\r\n0 > ; 4 twice .  8  ok\r\n0 > ");
	CHECK_STR(says("2 0 do\r7 .\rloop\r"), "\r\n0 > 2 0 do   ok (compiling)"
					       "\r\n2 > 7 .   ok (compiling)"
					       "\r\n2 > loop  7 7  ok\r\n0 > ");
}

static void test_ctrl_c_drops_the_line(void)
{
	CHECK_STR(says("1 2\003 3\r"), "\r\n0 > 1 2\r\n0 >  3   ok\r\n1 > ");
}

static void test_ctrl_c_breaks_into_a_program_that_reads_keys(void)
{
	CHECK(strstr(says("begin key drop again\rabc\0031 2 + .\r"),
		     "again  again: interrupted\r\n\r\n0 > 1 2 + .  3  ok"));
	CHECK(strstr(says("pad 8 accept\rab\003.s\r"), "accept: interrupted\r\n\r\n0 > .s "));
}

static void test_history_comes_back(void)
{
	CHECK(strstr(says("1 .\r\033[A\r"), "\r\n0 > 1 .  1  ok\r\n0 > 1 .  1  ok"));
}

static void test_esc_alone_is_decided_by_time(void)
{
	CHECK(strstr(says("5 .\033"), "5 ."));
}

static void test_tab_completes_words(void)
{
	CHECK(strstr(says("swa\t"), "0 > swap "));
	CHECK(strstr(says(": swapper swap ; swapp\t"), "swapp"));
	CHECK(strstr(says(": swapper swap ;\rswapp\t"), "0 > swapper "));
	CHECK(strstr(says("SWA\t"), "0 > SWA\b\b\bswap "));
}

static void test_tab_completes_device_paths(void)
{
	CHECK(strstr(says("boot /pci\t/pc\t/s\t0"), "boot /pci@800000020000000/pci@1,2/scsi@0"));
	CHECK(!strstr(says("boot /pci\t/pc\t/s\t0"), "scsi@00"));
	CHECK(strstr(says("dev /vde\t/\t\t"), "\r\nvty@71000000  l-lan@71000001  \r\n"));
	CHECK(strstr(says("\" /vd\t"), "\" /vdevice"));
	CHECK(strstr(says("boot /none/\t\tx"), "boot /none/x"));
}

static void test_tab_completes_aliases_and_variables(void)
{
	char keys[] = "boot di\t";

	fakeplatform_start(FAKE_COMPLETE);
	of_alias("disk", "/pci@800000020000000/pci@1,2/scsi@0");
	of_alias("net", "/vdevice/l-lan@71000001");
	CHECK_EQ(words_init(NULL, 0), 0);
	fakecon.input = keys;
	words_prompt_for(200);
	CHECK_STR(fakecon.sent, "\r\n0 > boot disk");
	fakeplatform_stop();
	CHECK(strstr(says("printenv auto\t"), "printenv auto-boot? "));
	CHECK(strstr(says("setenv boot-d\t"), "setenv boot-device "));
}

static const struct test tests[] = {
	TEST(test_a_line_is_answered_as_slof_does),
	TEST(test_the_depth_is_hexadecimal),
	TEST(test_an_undefined_word_is_named_and_the_stack_stays),
	TEST(test_a_fault_is_told_and_the_stack_emptied),
	TEST(test_a_definition_may_go_over_lines),
	TEST(test_ctrl_c_drops_the_line),
	TEST(test_ctrl_c_breaks_into_a_program_that_reads_keys),
	TEST(test_history_comes_back),
	TEST(test_esc_alone_is_decided_by_time),
	TEST(test_tab_completes_words),
	TEST(test_tab_completes_device_paths),
	TEST(test_tab_completes_aliases_and_variables),
};
TEST_MAIN(tests)
