/* SPDX-License-Identifier: BSD-2-Clause */
/* Families of words, and the corners Forth 2012 is known for. Numbers are hexadecimal. */
#include "test-forth.h"

static void test_every_effect_string_is_one(void)
{
	struct forth *f = engine();
	const struct forth_word *row;
	struct effect e;
	size_t n = 0;

	while ((row = forth_row(f, n)) != NULL) {
		CHECK_EQ(effect_parse(row->effect, &e), 0);
		CHECK(row->flags & FORTH_INTERNAL || *row->help);
		n++;
	}
	forth_free(f);
	CHECK(n > 350);
}

static void test_words_move_cells(void)
{
	SAYS("1 2 3 rot -rot swap nip tuck over", "2 1 2 1 ");
}

static void test_stack_words_of_pairs(void)
{
	SAYS("1 2 3 4 2swap 2over", "3 4 1 2 3 4 ");
	SAYS("1 2 3 2 roll 1 pick", "2 3 1 3 ");
	SAYS("1 2 3 4 5 6 2rot depth", "3 4 5 6 1 2 6 ");
	SAYS("0 ?dup 5 ?dup", "0 5 5 ");
	SAYS(": t >r 2>r 2r@ 2r> r@ r> ; 1 2 3 t", "1 2 1 2 3 3 ");
}

static void test_division_rounds_as_its_name_says(void)
{
	SAYS("-7 2 /mod -7 s>d 2 sm/rem 7 s>d -2 fm/mod", "1 -4 -1 -3 -1 -4 ");
	SAYS("-8000000000000000 -1 /", "-8000000000000000 ");
	SAYS("7fffffffffffffff 2 7fffffffffffffff */mod", "0 2 ");
	SAYS("-1 -1 um* -1 um/mod", "0 -1 ");
	SAYS("1 0= 0 0= -5 abs 3 -4 max 3 -4 min", "0 -1 5 3 -4 ");
}

static void test_shifts_beyond_the_cell_give_zero(void)
{
	SAYS("1 40 << 1 3f lshift 3f rshift -1 40 >> -8 1 >>a -8 100 >>a", "0 1 0 -4 -1 ");
}

static void test_doubles_carry(void)
{
	SAYS("-1 0 1 0 d+ 0 1 1 0 d- 1. -1.", "0 1 -1 0 1 0 -1 -1 ");
	SAYS("1 0 0 1 d< 0 -1 0 0 d< 0 -1 0 0 du<", "-1 -1 0 ");
	SAYS("decimal 12345678901234567890. d.", "12345678901234567890 ");
}

static void test_loops_end_where_the_standard_says(void)
{
	SAYS(": t 4 0 do i loop ; t", "0 1 2 3 ");
	SAYS(": t ?do i loop ; 3 3 t 2 0 t", "0 1 ");
	SAYS(": t -3 0 do i -1 +loop ; t", "0 -1 -2 -3 ");
	SAYS(": t 0 0 do i -1 +loop ; t", "0 ");
	SAYS(": t 8000000000000001 7fffffffffffffff do 1 loop ; t", "1 1 ");
	SAYS(": t 3 0 do i 1 = if leave then i loop ; t", "0 ");
	SAYS(": t 2 0 do 2 0 do j i loop loop ; t", "0 0 0 1 1 0 1 1 ");
	SAYS(": t 9 0 do i 2 = if i unloop exit then loop ; t", "2 ");
}

static void test_structures_nest(void)
{
	SAYS(": t case 1 of a endof 2 of b endof c swap endcase ; 1 t 2 t 3 t", "a b c ");
	SAYS(": t begin dup while dup 1- repeat ; 3 t", "3 2 1 0 ");
	SAYS(": t begin 1- dup 0= until ; 5 t", "0 ");
	SAYS(": t if 1 else 2 then ; 0 t -1 t", "2 1 ");
	SAYS(": t begin dup 2 > while dup 5 > while 1- repeat 77 then ; 8 t 1 t", "5 77 1 ");
}

static void test_structures_work_at_the_prompt(void)
{
	SAYS("3 0 do i loop 1 if 5 else 6 then begin 7 1 until", "0 1 2 5 7 ");
	SAYS("2 0 do\n i 0= if 11 else 22 then\n loop", "11 22 ");
}

static void test_definitions_of_all_kinds(void)
{
	SAYS("5 constant c 6 value v c v 7 to v v", "5 6 7 ");
	SAYS("variable x 9 x ! x @ 1 x +! x @", "9 a ");
	SAYS(": k create , does> @ ; 3 k three three ' three >body @", "3 3 ");
	SAYS("defer d ' dup is d 4 d ' d behavior ' dup =", "4 4 -1 ");
	SAYS("alias plus + 1 2 plus", "3 ");
	SAYS("struct 4 field a 8 field b constant s 10 a 10 b s", "10 14 c ");
	SAYS("create x 1 c, 2 c, x c@ x 1+ c@ create y 100000 allot here y -", "1 2 100000 ");
	SAYS("1 2 2constant q q 3 4 2value w w 5 6 to w w", "1 2 3 4 5 6 ");
	SAYS(": f dup 1 > if dup 1- recurse * then ; 5 f", "78 ");
	SAYS(":noname 1+ ; 1 swap execute", "2 ");
	SAYS("marker m : dup 7 ; m 3 dup", "3 3 ");
}

static void test_postpone_and_immediate(void)
{
	SAYS(": a postpone if ; immediate : b a 1 else 2 then ; 0 b", "2 ");
	SAYS(": p postpone + ; immediate : t p ; 1 2 t", "3 ");
	SAYS(": t [ 2 3 + ] literal ['] dup ; t ' dup =", "5 -1 ");
	SAYS(": exit 5 ; : t 1 ; t", "1 ");
}

static void test_numbers_in_all_bases(void)
{
	SAYS("ff d# 10 h# 10 o# 10 b# 10 $1f #10 %11 0x20 'a'", "ff a 10 8 2 1f a 3 20 61 ");
	SAYS("cafe.babe CAFE -1f", "cafebabe cafe -1f ");
	SAYS(": t d# 16 h# ff ; decimal t", "16 255 ");
}

static void test_strings(void)
{
	SAYS("s\" abc\" s\" abd\" compare s\" ab\" s\" ab\" $= s\" x\" s\" \" compare", "-1 -1 1 ");
	SAYS("s\" hello world\" s\" wor\" search -rot type", "world-1 ");
	SAYS("\" a:b:c\" char : left-parse-string type space type", "a b:c");
	SAYS("\" A\"(42 43)\"n\" type", "ABC\n");
	SAYS("s\\\" \\x41\\tB\" type", "A\tB");
	SAYS("s\" ab  \" -trailing nip s\" 1f\" $number s\" zz\" $number", "2 1f 0 -1 ");
	SAYS(": t .\" hi\" s\" there\" type c\" you\" count type ; t", "hithereyou");
	SAYS("0 0 s\" 12g\" >number nip", "12 0 1 ");
	SAYS("s\" 1 2 +\" evaluate", "3 ");
	SAYS("1 ( no ) 2 \\ nothing\n3 .( now)", "now1 2 3 ");
}

static void test_pictured_numbers_and_fields(void)
{
	SAYS("decimal 1234 0 <# # # char . hold #s #> type hex", "12.34");
	SAYS("ff 5 u.r -1 4 .r a .d ff .h -5 .", "   ff  -110 ff -5 ");
}

static void test_memory_through_the_hook(void)
{
	SAYS("cafec0de 4000 l! 4000 l@ 4000 4 bl fill 4001 c@", "cafec0de 20 ");
	SAYS("ffff 4000 w! 4000 <w@ 4000 w@", "-1 ffff ");
	SAYS("4000 8 erase 4000 @ 12 4003 x! 4003 @", "0 12 ");
	SAYS("4000 3 41 fill 4000 4001 2 move 4000 3 type", "AAA");
}

static void test_bytes_split_join_and_flip(void)
{
	SAYS("12 34 bwjoin 1234 wbsplit", "3412 34 12 ");
	SAYS("1 2 3 4 bljoin 12345678 lbsplit", "4030201 78 56 34 12 ");
	SAYS("1122334455667788 xlsplit 1 2 lxjoin", "55667788 11223344 200000001 ");
	SAYS("1234 wbflip 12345678 lbflip 12345678 lwflip", "3412 78563412 56781234 ");
	SAYS("1 2 3 4 5 6 7 8 bxjoin xbflip", "102030405060708 ");
}

static void test_names_have_no_case(void)
{
	SAYS(": Foo 1 ; fOO DUP", "1 1 ");
}

static void test_catch_restores_depths(void)
{
	SAYS(": t 1 2 3 55 throw ; 9 ' t catch", "9 55 ");
	SAYS(": t 7 ; ' t catch", "7 0 ");
	SAYS(": a 5 throw ; : b ['] a catch 1+ throw ; ' b catch", "6 ");
	SAYS(": t s\" 1 nosuch\" evaluate ; ' t catch", "-d ");
	SAYS(": t 123456789abc throw ; ' t catch", "123456789abc ");
}

static void test_word_lists(void)
{
	SAYS("wordlist constant w get-current w set-current : dup 5 ; set-current 1 dup", "1 1 ");
	SAYS("s\" dup\" 0 search-wordlist nip s\" zz\" 0 search-wordlist", "-1 0 ");
}

static void test_locals_hold_for_their_definition(void)
{
	SAYS(": t {: a b | c -- d :} a b + to c c a b ; 1 2 t", "3 1 2 ");
	SAYS(": t {: n :} n 2 < if 1 exit then n 1- recurse n * ; 5 t", "78 ");
	SAYS(": t {: a :} 3 0 do i a + loop ; 10 t", "10 11 12 ");
	SAYS(": t {: a :} a >r r@ r> ; 7 t", "7 7 ");
	CHECK_EQ(code_of(": t {: a :} 1 >r ; 1 t"), THROW_IMBALANCE);
	CHECK_EQ(code_of(": t {: a b :} ; 1 t"), THROW_UNDERFLOW);
	CHECK_EQ(code_of(": t {: zz :} ; : u zz ;"), THROW_UNDEFINED);
	CHECK_EQ(code_of(": t {: a"), THROW_NO_NAME);
	CHECK_EQ(code_of("{: a :}"), THROW_COMPILE_ONLY);
}

static void test_text_is_skipped_conditionally(void)
{
	SAYS("[defined] dup [if] 1 [else] 2 [then] [undefined] dup [if] 3 [else] 4 [then]", "1 4 ");
	SAYS("0 [if] 1 [if] 2 [else] 3 [then] [else] 4 [then] 5", "4 5 ");
	SAYS("1 [if] 0 [if] 2 [else] 3 [then] [else] 4 [then] 5", "3 5 ");
	CHECK_EQ(code_of("0 [if] 1"), THROW_CONTROL);
}

static void test_definitions_are_patched(void)
{
	SAYS(": t 1 55 + ; patch - + t t", "-54 ");
	SAYS(": t 5 77 ; patch 66 77 t t", "5 66 ");
	SAYS(": t dup ; ' over false ' dup false ' t (patch) 1 2 t", "1 2 1 ");
	CHECK_EQ(code_of(": t dup ; patch drop swap t"), THROW_UNDEFINED);
	CHECK_EQ(code_of("patch drop swap dup"), THROW_ARGUMENT);
	CHECK_EQ(code_of(": t dup ; patch 77 dup t"), THROW_ARGUMENT);
}

static void test_small_words_of_the_standards(void)
{
	SAYS("100 20 bounds s\" x\" environment? defer d ' dup is d 5 action-of d execute",
	     "120 100 0 5 5 ");
	SAYS("s\" foo\" $create 7 , foo @ foo body> ' foo =", "7 -1 ");
	SAYS(": f recursive dup if 1- f then ; 3 f synonym g f 2 g", "0 0 ");
	SAYS("5. 3 2 m*/ -5. 3 2 m*/ -1 0 10 8 m*/", "7 0 -7 -1 -2 1 ");
}

static void test_see_shows_code(void)
{
	SAYS(": t 1 if 2 then ; see t", "t\r\n0 1\r\n1 (0branch) 4\r\n3 2\r\n4 exit\r\n");
}

static const struct test tests[] = {TEST(test_every_effect_string_is_one),
				    TEST(test_words_move_cells),
				    TEST(test_stack_words_of_pairs),
				    TEST(test_division_rounds_as_its_name_says),
				    TEST(test_shifts_beyond_the_cell_give_zero),
				    TEST(test_doubles_carry),
				    TEST(test_loops_end_where_the_standard_says),
				    TEST(test_structures_nest),
				    TEST(test_structures_work_at_the_prompt),
				    TEST(test_definitions_of_all_kinds),
				    TEST(test_postpone_and_immediate),
				    TEST(test_numbers_in_all_bases),
				    TEST(test_strings),
				    TEST(test_pictured_numbers_and_fields),
				    TEST(test_memory_through_the_hook),
				    TEST(test_bytes_split_join_and_flip),
				    TEST(test_names_have_no_case),
				    TEST(test_catch_restores_depths),
				    TEST(test_word_lists),
				    TEST(test_locals_hold_for_their_definition),
				    TEST(test_text_is_skipped_conditionally),
				    TEST(test_definitions_are_patched),
				    TEST(test_small_words_of_the_standards),
				    TEST(test_see_shows_code)};
TEST_MAIN(tests)
