/* SPDX-License-Identifier: BSD-2-Clause */
/* The line editor: keys, what the screen shows after them, history, completion. */
#include "check.h"

#include "fakescreen.h"
#include "term/lineedit.h"

static struct fakescreen screen;
static struct lineedit *le;
static char output[70000];
static size_t output_len;

static void record(void *ctx, const char *text, size_t len)
{
	fakescreen_emit(ctx, text, len);
	for (size_t i = 0; i < len && output_len < sizeof(output) - 1; i++)
		output[output_len++] = text[i];
	output[output_len] = '\0';
}

static size_t offer(void *ctx UNUSED, const char *line, size_t len, struct lineedit_matches *m)
{
	static const char *const words[] = {"words", "word", "dev", "devalias"};
	static const char *const nodes[] = {"scsi@5", "pci@8000"};
	size_t from = len;

	while (from > 0 && line[from - 1] != ' ' && line[from - 1] != '/')
		from--;
	for (unsigned i = 0; from > 0 && line[from - 1] == '/' && i < ARRAY_SIZE(nodes); i++)
		if (!strncmp(nodes[i], line + from, len - from))
			lineedit_match(m, nodes[i], strlen(nodes[i]), LINEEDIT_NODE);
	for (unsigned i = 0; i < ARRAY_SIZE(words) && !(from > 0 && line[from - 1] == '/'); i++)
		if (!strncmp(words[i], line + from, len - from))
			lineedit_match(m, words[i], strlen(words[i]), LINEEDIT_WORD);
	return from;
}

static const struct lineedit_ops ops = {&screen, record, offer};

static void start(void)
{
	screen = (struct fakescreen){.at = 0};
	output_len = 0;
	output[0] = '\0';
	le = lineedit_new(&ops, 0);
	CHECK(le);
	lineedit_start(le, "0 > ");
}

static enum lineedit_event type(const char *keys)
{
	enum lineedit_event e = LINEEDIT_MORE;

	for (; *keys; keys++) {
		CHECK_EQ(e, LINEEDIT_MORE);
		e = lineedit_key(le, *keys);
	}
	return e;
}

static const char *line(void)
{
	size_t len;
	const char *p = lineedit_text(le, &len);

	CHECK_EQ(strlen(p), len);
	return p;
}

/* Type keys into a fresh editor; the line must be this, and the screen show it with the cursor in place. */
#define GIVES(keys, want, cursor)                                \
	do {                                                     \
		char row_[256];                                  \
		start();                                         \
		CHECK_EQ(type(keys), LINEEDIT_MORE);             \
		CHECK_STR(line(), want);                         \
		CHECK_EQ(lineedit_cursor(le), cursor);           \
		CHECK_EQ(screen.at, (cursor) + 4);               \
		snprintf(row_, sizeof(row_), "0 > %s", want);    \
		while (row_[0] && row_[strlen(row_) - 1] == ' ') \
			row_[strlen(row_) - 1] = 0;              \
		CHECK_STR(screen.row, row_);                     \
		lineedit_free(le);                               \
	} while (0)

static void test_typing_prints_what_is_typed_and_nothing_else(void)
{
	start();
	CHECK_EQ(type("1 2 + .\r"), LINEEDIT_DONE);
	CHECK_STR(output, "0 > 1 2 + .");
	CHECK_STR(line(), "1 2 + .");
	lineedit_free(le);
}

static void test_deleting_at_the_end_is_backspace_blank_backspace(void)
{
	start();
	CHECK_EQ(type("ab\b"), LINEEDIT_MORE);
	CHECK_STR(output, "0 > ab\b \b");
	lineedit_free(le);
}

static void test_control_keys_edit(void)
{
	GIVES("bc\001a", "abc", 1);
	GIVES("abc\001\005d", "abcd", 4);
	GIVES("abc\002\002x", "axbc", 2);
	GIVES("abc\001\006x", "axbc", 2);
	GIVES("abc\001\004", "bc", 0);
	GIVES("abc\004", "abc", 3);
	GIVES("abc\177\177", "a", 1);
	GIVES("\b\b\002\001", "", 0);
	GIVES("abc def\002\002\013", "abc d", 5);
	GIVES("abc def\002\025", "", 0);
	GIVES("abc def  \027", "abc ", 4);
	GIVES("abc def\027\027\027", "", 0);
	GIVES("a\006\006b", "ab", 2);
}

static void test_arrows_home_end_and_delete(void)
{
	GIVES("ac\033[Db", "abc", 2);
	GIVES("bc\033[Ha\033[Fd", "abcd", 4);
	GIVES("bc\033OHa\033OFd", "abcd", 4);
	GIVES("bc\033[1~a\033[4~d", "abcd", 4);
	GIVES("bc\033[7~a\033[8~d", "abcd", 4);
	GIVES("abc\033[D\033[D\033[3~", "ac", 1);
	GIVES("abc\033[1;5Dx", "abxc", 3);
	GIVES("ab\033OD\033OCx", "abx", 3);
}

static void test_words_by_esc(void)
{
	GIVES("one two\033b\033bx", "xone two", 1);
	GIVES("one two\001\033fx", "onex two", 4);
	GIVES("one two\033b\033h", "two", 0);
	GIVES("one two\001\033d", " two", 0);
}

static void test_unknown_sequences_are_swallowed_whole(void)
{
	GIVES("a\033[24~b", "ab", 2);
	GIVES("a\033OPb", "ab", 2);
	GIVES("a\033[[Ab", "ab", 2);
	GIVES("a\033[?1;2cb", "ab", 2);
	GIVES("a\033zb", "azb", 3);
	GIVES("a\033\033[Db", "ba", 1);
}

static void test_a_sequence_may_come_in_pieces_and_esc_alone_is_nothing(void)
{
	start();
	CHECK_EQ(type("ab\033"), LINEEDIT_MORE);
	CHECK(lineedit_is_waiting(le));
	CHECK_EQ(type("["), LINEEDIT_MORE);
	CHECK(lineedit_is_waiting(le));
	CHECK_EQ(type("Dx\033"), LINEEDIT_MORE);
	CHECK_STR(line(), "axb");
	lineedit_timeout(le);
	CHECK(!lineedit_is_waiting(le));
	CHECK_EQ(type("[D"), LINEEDIT_MORE);
	CHECK_STR(line(), "ax[Db");
	lineedit_free(le);
}

static void test_enter_inside_a_sequence_is_enter(void)
{
	start();
	CHECK_EQ(type("ab\033[1\r"), LINEEDIT_DONE);
	CHECK_STR(line(), "ab");
	lineedit_free(le);
}

static void test_cr_lf_and_crlf_end_one_line_each(void)
{
	start();
	CHECK_EQ(type("a\r"), LINEEDIT_DONE);
	lineedit_start(le, "> ");
	CHECK_EQ(type("\nb\n"), LINEEDIT_DONE);
	CHECK_STR(line(), "b");
	lineedit_start(le, "> ");
	CHECK_EQ(type("\n"), LINEEDIT_DONE);
	CHECK_STR(line(), "");
	lineedit_free(le);
}

static void test_enter_goes_behind_the_line_first(void)
{
	start();
	CHECK_EQ(type("abc\001\r"), LINEEDIT_DONE);
	CHECK_EQ(screen.at, 7);
	CHECK_STR(line(), "abc");
	lineedit_free(le);
}

static void test_ctrl_c_gives_up(void)
{
	start();
	CHECK_EQ(type("abc\003"), LINEEDIT_BREAK);
	lineedit_start(le, "0 > ");
	CHECK_STR(line(), "");
	CHECK(!lineedit_history(le, 0, &(size_t){0}));
	lineedit_free(le);
}

static void test_a_quoted_key_is_text(void)
{
	start();
	CHECK_EQ(type("a\021\003\021\rb"), LINEEDIT_MORE);
	CHECK_STR(line(), "a\003\rb");
	CHECK_STR(screen.row, "0 > a..b");
	lineedit_free(le);
}

static void enter(const char *text)
{
	CHECK_EQ(type(text), LINEEDIT_MORE);
	CHECK_EQ(type("\r"), LINEEDIT_DONE);
	record(&screen, "\r\n", 2);
	lineedit_start(le, "0 > ");
}

static void test_history_goes_up_and_down_and_keeps_what_was_typed(void)
{
	start();
	enter("one");
	enter("two");
	enter("two");
	enter("");
	CHECK_EQ(type("thr"), LINEEDIT_MORE);
	CHECK_EQ(type("\020"), LINEEDIT_MORE);
	CHECK_STR(line(), "two");
	CHECK_EQ(type("\033[A\033[A"), LINEEDIT_MORE);
	CHECK_STR(line(), "one");
	CHECK_STR(screen.row, "0 > one");
	CHECK_EQ(type("\016\033[B\033[B"), LINEEDIT_MORE);
	CHECK_STR(line(), "thr");
	CHECK_STR(screen.row, "0 > thr");
	CHECK_EQ(type("ee\020!"), LINEEDIT_MORE);
	CHECK_EQ(type("\r"), LINEEDIT_DONE);
	CHECK_STR(line(), "two!");
	lineedit_free(le);
}

static void test_history_is_listed(void)
{
	start();
	enter("one");
	enter("two");
	CHECK_EQ(type("x\014"), LINEEDIT_MORE);
	CHECK(strstr(output, "0 > x\r\none\r\ntwo\r\n0 > x"));
	lineedit_free(le);
}

static void test_history_forgets_the_oldest(void)
{
	char text[64];
	size_t len, n = 0, bytes = 0;

	start();
	for (unsigned i = 0; i < 3000; i++) {
		snprintf(text, sizeof(text), "this is line number %u of many, somewhat long", i);
		enter(text);
	}
	for (const char *p; (p = lineedit_history(le, n, &len)); n++)
		bytes += len;
	CHECK_STR(lineedit_history(le, 0, &len), text);
	CHECK(n > 500 && bytes <= LINEEDIT_HISTORY_MOST);
	lineedit_free(le);
}

static void test_a_line_longer_than_the_screen_just_runs_on(void)
{
	char text[301];

	start();
	memset(text, 'x', 300);
	text[300] = '\0';
	CHECK_EQ(type(text), LINEEDIT_MORE);
	CHECK_EQ(output_len, 304);
	CHECK_EQ(type("\r"), LINEEDIT_DONE);
	CHECK_STR(line(), text);
	lineedit_free(le);
}

static void test_editing_a_long_line_moves_to_a_row_with_a_window(void)
{
	char text[301];

	start();
	for (unsigned i = 0; i < 300; i++)
		text[i] = (char)('a' + i % 26);
	text[300] = '\0';
	CHECK_EQ(type(text), LINEEDIT_MORE);
	CHECK_EQ(type("\002"), LINEEDIT_MORE);
	CHECK_EQ(screen.rows, 1);
	CHECK(strlen(screen.row) <= 79);
	CHECK(!strncmp(screen.row, "0 > <", 5));
	screen.widest = 0;
	CHECK_EQ(type("\001Z"), LINEEDIT_MORE);
	CHECK(!strncmp(screen.row, "0 >  Zabcdef", 12));
	CHECK_EQ(screen.row[78], '>');
	for (unsigned i = 0; i < 305; i++)
		CHECK_EQ(type("\006"), LINEEDIT_MORE);
	CHECK_EQ(type("end\002\002\002"), LINEEDIT_MORE);
	CHECK_EQ(screen.row[screen.at], 'e');
	CHECK(screen.widest <= 79);
	CHECK_EQ(type("\025"), LINEEDIT_MORE);
	CHECK_STR(screen.row, "0 >");
	CHECK_EQ(screen.rows, 1);
	lineedit_free(le);
}

static void test_a_line_has_a_limit_that_is_told_once(void)
{
	size_t len;

	start();
	for (unsigned i = 0; i < LINEEDIT_MOST + 10; i++)
		CHECK_EQ(lineedit_key(le, 'x'), LINEEDIT_MORE);
	(void)lineedit_text(le, &len);
	CHECK_EQ(len, LINEEDIT_MOST);
	CHECK_STR(screen.last, "(the line is full: 1048576 bytes)");
	CHECK_EQ(screen.rows, 2);
	CHECK_EQ(type("\b\by\r"), LINEEDIT_DONE);
	lineedit_free(le);
}

static void test_tab_completes_what_is_unique(void)
{
	GIVES("wor\t", "word", 4);
	GIVES("words\t", "words ", 6);
	GIVES("1 deva\tx", "1 devalias x", 12);
	GIVES("nothing\t", "nothing", 7);
	GIVES("deva x\002\002\t", "devalias  x", 9);
	GIVES("\t\tx", "  x", 3);
}

static void test_a_second_tab_lists(void)
{
	start();
	CHECK_EQ(type("de\t\tx"), LINEEDIT_MORE);
	CHECK(strstr(output, "0 > dev\r\ndev  devalias  \r\n0 > devx"));
	lineedit_free(le);
	start();
	CHECK_EQ(type("dev\tx\b\t"), LINEEDIT_MORE);
	CHECK_EQ(screen.rows, 0);
	lineedit_free(le);
}

static void test_a_completed_unit_address_may_be_typed_again(void)
{
	GIVES("boot /pci\t/sc\t5", "boot /pci@8000/scsi@5", 21);
	GIVES("boot /sc\t5:1", "boot /scsi@5:1", 14);
	GIVES("boot /sc\t:15", "boot /scsi@5:15", 15);
	GIVES("boot /sc\t\b55", "boot /scsi@55", 13);
}

static const struct test tests[] = {
	TEST(test_typing_prints_what_is_typed_and_nothing_else),
	TEST(test_deleting_at_the_end_is_backspace_blank_backspace),
	TEST(test_control_keys_edit),
	TEST(test_arrows_home_end_and_delete),
	TEST(test_words_by_esc),
	TEST(test_unknown_sequences_are_swallowed_whole),
	TEST(test_a_sequence_may_come_in_pieces_and_esc_alone_is_nothing),
	TEST(test_enter_inside_a_sequence_is_enter),
	TEST(test_cr_lf_and_crlf_end_one_line_each),
	TEST(test_enter_goes_behind_the_line_first),
	TEST(test_ctrl_c_gives_up),
	TEST(test_a_quoted_key_is_text),
	TEST(test_history_goes_up_and_down_and_keeps_what_was_typed),
	TEST(test_history_is_listed),
	TEST(test_history_forgets_the_oldest),
	TEST(test_a_line_longer_than_the_screen_just_runs_on),
	TEST(test_editing_a_long_line_moves_to_a_row_with_a_window),
	TEST(test_a_line_has_a_limit_that_is_told_once),
	TEST(test_tab_completes_what_is_unique),
	TEST(test_a_second_tab_lists),
	TEST(test_a_completed_unit_address_may_be_typed_again),
};
TEST_MAIN(tests)
