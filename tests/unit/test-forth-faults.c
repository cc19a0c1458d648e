/* SPDX-License-Identifier: BSD-2-Clause */
/* Whatever a program does, the answer is a throw: faults by name, and random programs. */
#include "test-forth.h"

static void test_stack_faults_have_their_codes(void)
{
	CHECK_EQ(code_of("drop"), THROW_UNDERFLOW);
	CHECK_EQ(code_of("1 +"), THROW_UNDERFLOW);
	CHECK_EQ(code_of(": t begin 1 again ; t"), THROW_OVERFLOW);
	CHECK_EQ(code_of(": t r> ; t"), THROW_RUNDERFLOW);
	CHECK_EQ(code_of(": t 1 >r ; t"), THROW_IMBALANCE);
	CHECK_EQ(code_of(": t begin 1 >r again ; t"), THROW_ROVERFLOW);
	CHECK_EQ(code_of(": t recurse ; t"), THROW_ROVERFLOW);
	CHECK_EQ(code_of(": t s\" t\" evaluate ; t"), THROW_ROVERFLOW);
	CHECK_EQ(code_of("defer d ' d is d d"), THROW_ARGUMENT);
}

/* Compiled, these are run by the short forms of inner.c, which leave every fault to the functions. */
static void test_compiled_words_check_the_same(void)
{
	static const char *const takes[] = {"drop",
					    "dup",
					    "1 swap",
					    "1 over",
					    "nip",
					    "1 2 rot",
					    "1 +",
					    "1 =",
					    "0=",
					    "1+",
					    "1 2drop 2drop",
					    "2dup",
					    "?dup",
					    ">r",
					    "if then",
					    "1 do loop",
					    "case 1 of endof drop endcase",
					    "begin until",
					    "1 0 do +loop"};
	static const char *const gives[] = {"1 dup",    "0 5 over",      "0 5",  "1 >r r@ r>",
					    "1 2 2dup", "3 0 do i loop", "true", "bl"};
	char text[96];

	for (unsigned i = 0; i < ARRAY_SIZE(takes); i++) {
		snprintf(text, sizeof(text), ": t %s ; t", takes[i]);
		CHECK_EQ(code_of(text), THROW_UNDERFLOW);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(gives); i++) {
		snprintf(text, sizeof(text), ": t begin %s again ; t", gives[i]);
		CHECK_EQ(code_of(text), THROW_OVERFLOW);
	}
	CHECK_EQ(code_of(": t r@ ; t"), THROW_RUNDERFLOW);
	CHECK_EQ(code_of(": t 3 0 do r> drop loop ; t"), THROW_RUNDERFLOW);
	CHECK_EQ(code_of(": t begin 5 >r again ; t"), THROW_ROVERFLOW);
	CHECK_EQ(code_of(": t 5 >r 1 0 do exit loop ; t"), THROW_IMBALANCE);
}

static void test_memory_and_arithmetic_faults(void)
{
	CHECK_EQ(code_of("0 @"), THROW_ADDRESS);
	CHECK_EQ(code_of("1 -8 !"), THROW_ADDRESS);
	CHECK_EQ(code_of("4000 1000 dump"), THROW_ADDRESS);
	CHECK_EQ(code_of("4000 -1 4008 -1 compare"), THROW_ADDRESS);
	CHECK_EQ(code_of("1 0 /"), THROW_DIVISION);
	CHECK_EQ(code_of("1 1 0 um/mod"), THROW_DIVISION);
	CHECK_EQ(code_of("0 2 1 um/mod"), THROW_RANGE);
	CHECK_EQ(code_of("8 allot -8 allot"), 0);
	CHECK_EQ(code_of("7fffffffffffffff allot"), THROW_DICTIONARY);
}

static void test_faults_of_the_text(void)
{
	CHECK_EQ(code_of("nosuchword"), THROW_UNDEFINED);
	CHECK_EQ(code_of("then"), THROW_COMPILE_ONLY);
	CHECK_EQ(code_of(": t then ;"), THROW_CONTROL);
	CHECK_EQ(code_of(": t if ;"), THROW_CONTROL);
	CHECK_EQ(code_of(": t do repeat ;"), THROW_CONTROL);
	CHECK_EQ(code_of(":"), THROW_NO_NAME);
	CHECK_EQ(code_of("1 to dup"), THROW_TO);
	CHECK_EQ(code_of("ffff execute"), THROW_ARGUMENT);
	CHECK_EQ(code_of("0 base ! 55"), THROW_UNDEFINED);
	CHECK_EQ(code_of("1 state ! dup"), THROW_NESTING);
}

static void test_an_endless_loop_can_be_broken(void)
{
	CHECK_EQ(code_of(": t begin again ; t"), THROW_INTERRUPT);
	CHECK_EQ(code_of("begin 0 until"), THROW_INTERRUPT);
	CHECK_EQ(code_of(": t begin again ; : u begin ['] t catch drop again ; u"),
		 THROW_INTERRUPT);
	CHECK_EQ(code_of(": t 7fffffffffffffff 0 do loop ; t"), THROW_INTERRUPT);
	CHECK_EQ(code_of(": t 0 7fffffffffffffff 0 do 1+ loop ; t"), THROW_INTERRUPT);
	CHECK_EQ(code_of(": t begin pad 400 type again ; t"), THROW_INTERRUPT);
	CHECK_EQ(code_of("7fffffffffffffff spaces"), THROW_INTERRUPT);
}

static void test_no_token_reaches_an_internal_word(void)
{
	char text[64];

	for (unsigned i = 1; i < 600; i++) {
		snprintf(text, sizeof(text), ": t [ %x compile, ] ; t", i);
		(void)code_of(text);
	}
}

static void test_an_error_names_line_and_word(void)
{
	static const char text[] = "1 2 +\n: t 5 ;\n t nosuch t";
	struct forth *f = engine();

	CHECK_EQ(forth_evaluate(f, text, sizeof(text) - 1), THROW_UNDEFINED);
	CHECK_EQ(forth_error(f)->line, 3);
	CHECK_STR(forth_error(f)->word, "nosuch");
	CHECK_STR(forth_error(f)->text, "line 3: nosuch: undefined word");
	CHECK_EQ(forth_depth(f), 2);
	forth_reset(f);
	CHECK_EQ(forth_depth(f), 0);
	CHECK_EQ(forth_evaluate(f, "1 abort\" no way\"", 16), THROW_ABORT_QUOTE);
	CHECK_STR(forth_error(f)->text, "line 1: abort\": no way");
	CHECK_EQ(forth_evaluate(f, "1\n0 /\n2", 7), THROW_DIVISION);
	CHECK_STR(forth_error(f)->text, "line 2: /: division by zero");
	forth_free(f);
}

static void test_a_failed_definition_is_given_up(void)
{
	struct forth *f = engine();

	CHECK_EQ(forth_evaluate(f, ": t 1 nosuch", 12), THROW_UNDEFINED);
	CHECK(!forth_compiling(f));
	CHECK_EQ(forth_evaluate(f, "t", 1), THROW_UNDEFINED);
	CHECK_EQ(forth_evaluate(f, ": t\n 1\n ; t", 11), 0);
	CHECK_EQ(forth_pop(f), 1);
	forth_free(f);
}

static void test_random_programs_never_crash(void)
{
	uint64_t seed = 1;

	for (unsigned n = 0; n < 1500; n++) {
		struct forth *f = engine();
		char text[1024];
		size_t len = 0;

		patience = 20;
		while (len < sizeof(text) - 100) {
			const struct forth_word *row;

			seed = seed * 6364136223846793005u + 1442695040888963407u;
			row = forth_row(f, (seed >> 33) % 420);
			if (seed >> 62 == 0 || !row)
				len += (size_t)snprintf(text + len, 90, "%x ",
							(unsigned)(seed >> 40) % 700);
			else
				len += (size_t)snprintf(text + len, 90, "%s ", row->name);
			if (seed >> 60 == 15)
				len += (size_t)snprintf(text + len, 90, ": w ");
		}
		for (size_t at = 0; at + 100 < len; at += 100) {
			(void)!forth_evaluate(f, text + at, 100);
			CHECK(forth_depth(f) <= 4096);
		}
		forth_free(f);
	}
}

static const struct test tests[] = {
	TEST(test_stack_faults_have_their_codes), TEST(test_compiled_words_check_the_same),
	TEST(test_memory_and_arithmetic_faults),  TEST(test_faults_of_the_text),
	TEST(test_an_endless_loop_can_be_broken), TEST(test_no_token_reaches_an_internal_word),
	TEST(test_an_error_names_line_and_word),  TEST(test_a_failed_definition_is_given_up),
	TEST(test_random_programs_never_crash)};
TEST_MAIN(tests)
