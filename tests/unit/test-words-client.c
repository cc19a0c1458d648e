/* SPDX-License-Identifier: BSD-2-Clause */
/* Calling the program that waits: arguments, results, what it says no to; and the prompt it waits for. */
#include "test-words.h"

#include "base/bytes.h"
#include "base/err.h"
#include "of/callback.h"
#include "of/memory.h"

#define ROUTINE 0x400000u

static char name[32], given[32];
static uint32_t nargs, arg[OF_CALLBACK_CELLS];

static uint32_t cell(uint64_t array, unsigned i)
{
	return get_be32(ram_at(array + 4 * i, 4));
}

static void put(uint64_t array, unsigned i, uint32_t v)
{
	put_be32(ram_at(array + 4 * i, 4), v);
}

static void copy_text(uint64_t addr, char *to, size_t room)
{
	size_t n = 0;

	while (n + 1 < room && (to[n] = *(const char *)ram_at(addr + n, 1)))
		n++;
	to[n] = '\0';
}

static void note(uint64_t array)
{
	copy_text(cell(array, 0), name, sizeof(name));
	nargs = cell(array, 1);
	CHECK(nargs <= OF_CALLBACK_CELLS);
	CHECK_EQ(cell(array, 2), 1);
	for (unsigned i = 0; i < nargs; i++)
		arg[i] = cell(array, 3 + i);
	given[0] = '\0';
	if (!strcmp(name, "say"))
		copy_text(arg[0], given, sizeof(given));
}

/* Two results behind what went wrong. */
static void add(uint64_t array)
{
	note(array);
	put(array, 2, 3);
	put(array, 3 + nargs, 0);
	put(array, 4 + nargs, arg[0] + arg[1]);
	put(array, 5 + nargs, 0xfffffff0);
}

static void throw_77(uint64_t array)
{
	note(array);
	put(array, 3 + nargs, (uint32_t)-77);
}

static void no_results(uint64_t array)
{
	note(array);
	put(array, 2, 0);
	put(array, 3 + nargs, UINT32_MAX);
}

/* More than there is room for. */
static void too_many(uint64_t array)
{
	note(array);
	put(array, 2, 0x40000000);
}

static void start(void (*act)(uint64_t))
{
	words_start();
	(void)of_set_callback(ROUTINE);
	fakeplatform.callback.act = act;
}

static void stop(void)
{
	(void)of_set_callback(0);
	words_stop();
}

static void test_arguments_and_results_are_counted(void)
{
	start(add);
	SAYS("3 5 2 \" add\" $callback . . .", "2 8 fffffff0 ");
	CHECK_STR(name, "add");
	CHECK_EQ(fakeplatform.callback.func, ROUTINE);
	CHECK_EQ(nargs, 2);
	CHECK_EQ(arg[0], 5);
	CHECK_EQ(arg[1], 3);
	stop();
}

static void test_the_memory_of_the_array_is_given_back(void)
{
	uint64_t at = 0, addr, size, before = 0, after = 0;

	start(add);
	while (mem_next(MEM_FREE, &at, &addr, &size))
		before += size;
	SAYS("1 2 2 \" add\" $callback 3drop", "");
	for (at = 0; mem_next(MEM_FREE, &at, &addr, &size);)
		after += size;
	CHECK_EQ(after, before);
	stop();
}

static void test_what_the_routine_says_is_thrown(void)
{
	start(throw_77);
	SAYS("0 \" x\" ' $callback catch . 3drop", "-4d ");
	fakeplatform.callback.rc = -1;
	FAILS("sync", "sync: sync: not supported");
	CHECK_STR(name, "sync");
	CHECK_EQ(nargs, 0);
	stop();
}

static void test_a_routine_may_have_no_results(void)
{
	start(no_results);
	SAYS("sync 0 \" x\" $callback .", "0 ");
	stop();
}

static void test_a_routine_cannot_have_more_results_than_there_is_room_for(void)
{
	start(too_many);
	SAYS("0 \" x\" $callback . depth .", "1f 1f ");
	stop();
}

static void test_callback_gives_the_rest_of_the_line(void)
{
	start(note);
	SAYS("callback say  hello  there ", "");
	CHECK_STR(name, "say");
	CHECK_EQ(nargs, 1);
	CHECK_STR(given, "hello  there");
	FAILS("callback", "callback: a name is missing");
	stop();
}

static void test_without_a_program_that_waits_nothing_is_called(void)
{
	start(note);
	(void)of_set_callback(0);
	FAILS("sync", "sync: no program waits that has a callback");
	(void)of_set_callback(ROUTINE);
	fakeplatform.callback.result = E_NOENT;
	FAILS("callback x", "callback: no program waits that has a callback");
	FAILS("21 \" x\" $callback", "$callback: bad argument");
	FAILS("3 \" x\" $callback", "$callback: stack underflow");
	stop();
}

/* What is typed while a program waits in enter; over() after so many lines. */
static unsigned lines_left;
static bool over(void)
{
	return lines_left-- == 0;
}

static const char *enter(const char *keys, unsigned lines)
{
	lines_left = lines;
	fakecon.sent_len = 0;
	fakecon.sent[0] = 0;
	fakecon.input = keys;
	CHECK_EQ(of_enter(over), 0);
	return fakecon.sent;
}

static void test_go_ends_the_prompt_a_program_waits_for(void)
{
	start(note);
	CHECK_STR(
		enter("1 2\rgo 3 .\r4 .\r", 100),
		"\r\nThe program waits; go continues it.\r\n\r\n0 > 1 2   ok\r\n2 > go 3 .  \r\n");
	CHECK_EQ(of_key(), '4');
	stop();
}

static void test_the_prompt_ends_when_nobody_waits_any_more(void)
{
	start(note);
	CHECK(strstr(enter("sync\rsync\r1 .\r", 1), "0 > sync   ok\r\n0 > sync   ok\r\n"));
	CHECK_EQ(of_key(), '1');
	stop();
}

static void test_a_fault_leaves_what_was_on_the_stack_before(void)
{
	start(note);
	fakeplatform.callback.act = NULL;
	SAYS("7 8", "");
	CHECK(strstr(
		enter("1 2 drop 0 /\r: x\rnonsense\rgo\r", 100),
		"/: division by zero\r\n\r\n2 > : x   ok (compiling)\r\n2 > nonsense  nonsense "
		"Undefined word\r\n\r\n2 > go"));
	SAYS(". .", "8 7 ");
	stop();
}

static void test_a_fault_cannot_bring_back_what_was_dropped(void)
{
	start(note);
	SAYS("7 8 9", "");
	CHECK(strstr(enter("clear\r5 6 7\r1 0 /\rgo\r", 100), "/: division by zero\r\n\r\n0 > go"));
	stop();
}

static unsigned deepest;

/* The routine has the same word run again, until there is no room; then it asks for a prompt. */
static void again(uint64_t array)
{
	note(array);
	if (!of_evaluate("routine", "0 \" x\" $callback drop", 21))
		return;
	deepest++;
	CHECK_EQ(of_enter(NULL), E_BUSY);
}

static void test_without_room_for_a_line_there_is_no_prompt(void)
{
	start(again);
	deepest = 0;
	CHECK_EQ(run("0 \" x\" $callback drop"), 0);
	CHECK_EQ(deepest, 1);
	CHECK(!strstr(fakecon.sent, "The program waits"));
	stop();
}

static void test_go_in_a_word_ends_it_too(void)
{
	start(note);
	CHECK(strstr(enter(": x go 5 . ;  x\r6 .\r", 100), "x  \r\n"));
	CHECK_EQ(of_key(), '6');
	FAILS("go", "go: nothing is loaded");
	stop();
}

static const struct test tests[] = {
	TEST(test_arguments_and_results_are_counted),
	TEST(test_the_memory_of_the_array_is_given_back),
	TEST(test_what_the_routine_says_is_thrown),
	TEST(test_a_routine_may_have_no_results),
	TEST(test_a_routine_cannot_have_more_results_than_there_is_room_for),
	TEST(test_callback_gives_the_rest_of_the_line),
	TEST(test_without_a_program_that_waits_nothing_is_called),
	TEST(test_go_ends_the_prompt_a_program_waits_for),
	TEST(test_the_prompt_ends_when_nobody_waits_any_more),
	TEST(test_a_fault_leaves_what_was_on_the_stack_before),
	TEST(test_a_fault_cannot_bring_back_what_was_dropped),
	TEST(test_without_room_for_a_line_there_is_no_prompt),
	TEST(test_go_in_a_word_ends_it_too),
};
TEST_MAIN(tests)
