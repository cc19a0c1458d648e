/* SPDX-License-Identifier: BSD-2-Clause */
/* FCode: known bytes, programs through a tokenizer, and programs that mean harm. */
#include "test-forth.h"
#include "tokenize.h"

static uint8_t rom[8192];
static char message[160];

static void *rom_memory(void *ctx UNUSED, cell_t addr, cell_t len, bool write)
{
	return !write && addr >= 0x10000 && addr <= 0x12000 && len <= 0x12000 - addr
		       ? &rom[addr - 0x10000]
		       : NULL;
}

static const struct forth_ops rom_ops = {
	.emit = fake_emit, .poll = fake_poll, .memory = rom_memory};

/* Evaluate what is at rom, with text before and after; the throw code. */
static int run_rom(const char *before, const char *after)
{
	char text[512];
	struct forth *f = forth_new(&rom_ops);
	int err;

	CHECK(f);
	out_len = 0;
	out[0] = '\0';
	patience = 100;
	snprintf(text, sizeof(text), "%s 10000 1 byte-load %s .s", before, after);
	err = forth_evaluate(f, text, strlen(text));
	snprintf(message, sizeof(message), "%s", forth_error(f)->text);
	forth_free(f);
	return err;
}

static int run_bytes(const uint8_t *bytes, size_t len)
{
	memset(rom, 0xff, sizeof(rom));
	memcpy(rom, bytes, len);
	return run_rom("", "");
}

static void tokenize_rom(const char *source, unsigned start)
{
	static struct tokenizer t;

	tokenize(&t, start, source);
	memset(rom, 0xff, sizeof(rom));
	memcpy(rom, t.out, t.n);
}

#define FCODE_SAYS(source, want)                                       \
	do {                                                           \
		for (unsigned start_ = 0; start_ < 2; start_++) {      \
			int err_;                                      \
			tokenize_rom(source, start_ ? 0xf1 : 0xfd);    \
			err_ = run_rom("", "");                        \
			if (err_)                                      \
				printf("# %s: %s\n", source, message); \
			CHECK_EQ(err_, 0);                             \
			CHECK_STR(out, want);                          \
		}                                                      \
	} while (0)

static int code_of_fcode(const char *source)
{
	tokenize_rom(source, 0xf1);
	return run_rom("", "");
}

static void test_numbers_have_the_names_of_the_standard(void)
{
	static const struct {
		unsigned number;
		const char *name;
	} known[] = {{0x33, "exit"},
		     {0x4a, "rot"},
		     {0x6d, "@"},
		     {0x89, "unloop"},
		     {0xd3, ","},
		     {0xde, "behavior"},
		     {0x110, "property"},
		     {0x128, "decode-phys"},
		     {0x15f, "insert-lines"},
		     {0x1a4, "mac-address"},
		     {0x20b, "ihandle>phandle"},
		     {0x20d, "my-unit"},
		     {0x21a, "get-my-property"},
		     {0x229, "adr-mask"},
		     {0x22e, "rx@"},
		     {0x230, "rb@"},
		     {0x239, "probe-virtual"},
		     {0x240, "left-parse-string"},
		     {0x254, "xwsplit"}};

	for (unsigned i = 0; i < ARRAY_SIZE(known); i++) {
		struct forth_text t = fcode_name(known[i].number);

		CHECK_EQ(t.len, strlen(known[i].name));
		CHECK(!memcmp(t.p, known[i].name, t.len));
		CHECK_EQ(fcode_number(known[i].name, t.len), known[i].number);
	}
	CHECK_EQ(fcode_name(0xc1).len, 0);
	CHECK_EQ(fcode_name(0x300).len, 0);
	CHECK_EQ(fcode_name(0xfff).len, 0);
}

static void test_known_bytes_do_what_the_standard_says(void)
{
	/* 2 3 +; then : t if 2 then ; -1 t with each kind of offset */
	static const uint8_t add[] = {0xfd, 8, 1, 0x6d, 0, 0, 0, 12, 0xa7, 0xa8, 0x1e, 0};
	static const uint8_t one[] = {0xfd, 8,    0, 0,    0,    0,    0,    21, 0xb5, 8, 0,
				      0xb7, 0x14, 3, 0xa7, 0xb2, 0xc2, 0xa4, 8,  0,    0};
	static const uint8_t two[] = {0xf1, 8,    0, 0, 0,    0,    0,    22,   0xb5, 8, 0,
				      0xb7, 0x14, 0, 4, 0xa7, 0xb2, 0xc2, 0xa4, 8,    0, 0};

	CHECK_EQ(run_bytes(add, sizeof(add)), 0);
	CHECK_STR(out, "5 ");
	CHECK_EQ(run_bytes(one, sizeof(one)), 0);
	CHECK_STR(out, "2 ");
	CHECK_EQ(run_bytes(two, sizeof(two)), 0);
	CHECK_STR(out, "2 ");
}

static void test_literals_are_signed_numbers_of_32_bits(void)
{
	FCODE_SAYS("12345678 -2 ffffffff", "12345678 -2 -1 ");
	FCODE_SAYS(": t 12345678 -2 ; t", "12345678 -2 ");
}

static void test_strings_stay_while_the_program_is_evaluated(void)
{
	FCODE_SAYS("\" one\" \" two\" \" three\" \" four\" \" five\" \" six\" 2drop 2drop 2drop "
		   "2drop 2drop type",
		   "one");
	FCODE_SAYS(": t \" hello\" type ; t t", "hellohello");
}

static void test_defining_numbers_make_words(void)
{
	FCODE_SAYS("5 constant c 6 value v variable x create y 7 c, c v x @ y c@", "5 6 0 7 ");
	FCODE_SAYS("6 value v 8 to v v : t 9 to v ; t v", "8 9 ");
	FCODE_SAYS("defer d ' dup to d 3 d", "3 3 ");
	FCODE_SAYS("10 buffer: b b 10 ff fill b c@", "ff ");
	FCODE_SAYS("0 4 field >a 2 field >b drop 100 >b", "104 ");
	FCODE_SAYS(": t ' dup ; 4 t execute", "4 4 ");
}

static void test_structures_are_compiled(void)
{
	FCODE_SAYS(": t if 1 else 2 then ; 0 t -1 t", "2 1 ");
	FCODE_SAYS(": t if if 1 else 2 then else 3 then ; 0 0 t -1 -1 t 0 -1 t", "0 3 1 2 ");
	FCODE_SAYS(": t begin dup while 1 - dup if dup drop then repeat ; 5 t", "0 ");
	FCODE_SAYS(": t begin 1 - dup 0= until ; 5 t", "0 ");
	FCODE_SAYS(": t begin dup 3 = if exit then 1 + again ; 0 t", "3 ");
	FCODE_SAYS(": t 3 0 do i loop 0 0 ?do i loop 4 0 do i 2 +loop ; t", "0 1 2 0 2 ");
	FCODE_SAYS(": t 5 0 do i 2 = if leave then i loop ; t", "0 1 ");
	FCODE_SAYS(": t case 1 of a endof 2 of b endof c swap endcase ; 1 t 2 t 3 t", "a b c ");
}

static void test_structures_work_outside_definitions(void)
{
	FCODE_SAYS("3 0 do i loop begin 7 -1 until", "0 1 2 7 ");
	FCODE_SAYS("0 if 1 else 2 then -1 if 3 else 4 then", "2 3 ");
	FCODE_SAYS("-1 if : t 5 ; t else 6 then", "5 ");
	FCODE_SAYS("0 if : t 5 ; t else 6 then", "6 ");
	FCODE_SAYS("2 case 1 of a endof 2 of b endof endcase", "b ");
}

static void test_words_without_a_name_cannot_be_found(void)
{
	tokenize_rom("headerless : one 1 ; headers : two 2 ; external : three 3 ;", 0xf1);
	CHECK_EQ(run_rom("", "three"), 0);
	CHECK_STR(out, "3 ");
	CHECK_EQ(run_rom("", "one"), THROW_UNDEFINED);
	CHECK_EQ(run_rom("", "two"), THROW_UNDEFINED);
	CHECK_EQ(run_rom("true constant fcode-debug?", "two three"), 0);
	CHECK_STR(out, "2 3 ");
}

static void test_the_spread_says_where_the_bytes_are(void)
{
	static struct tokenizer t;

	tokenize(&t, 0xf2, "2 3 +");
	for (unsigned i = 0; i < t.n; i++)
		rom[2 * i] = t.out[i];
	CHECK_EQ(run_rom("", ""), 0);
	CHECK_STR(out, "5 ");
	tokenize(&t, 0xf3, "2 3 +");
	for (unsigned i = 0; i < t.n; i++)
		rom[4 * i] = t.out[i];
	CHECK_EQ(run_rom("", ""), 0);
	CHECK_STR(out, "5 ");
}

static void test_a_word_of_the_callers_may_read_the_bytes(void)
{
	tokenize_rom("2 3 +", 0xf1);
	for (unsigned i = 0; i < 100; i++)
		rom[i] ^= 0x55;
	CHECK_EQ(run_rom(": rd c@ 55 xor ; 10000 ' rd byte-load", "nosuch"), THROW_ABORT_QUOTE);
	CHECK_STR(out, "");
}

static void test_tables_can_be_read_and_changed(void)
{
	FCODE_SAYS("' dup 0 600 set-token 5 byte=6 byte=00 600 get-token nip", "5 5 0 ");
	FCODE_SAYS("46 get-token drop ' drop =", "-1 ");
}

static void test_programs_nest(void)
{
	tokenize_rom("external : go 10000 1 byte-load ; 5", 0xf1);
	CHECK_EQ(run_rom("", "10000 1 byte-load"), 0);
	CHECK_STR(out, "5 5 ");
	tokenize_rom("10000 1 byte-load", 0xf1);
	CHECK_EQ(run_rom("", ""), THROW_ROVERFLOW);
}

static void test_faults_name_number_and_word(void)
{
	CHECK_EQ(code_of_fcode("1 21a byte=2 byte=1a"), THROW_ABORT_QUOTE);
	CHECK(strstr(message, "FCode 21a (get-my-property) has no word here"));
	CHECK_EQ(code_of_fcode("byte=c1"), THROW_ABORT_QUOTE);
	CHECK(strstr(message, "FCode c1 is not assigned"));
	CHECK_EQ(code_of_fcode("ferror"), THROW_ABORT_QUOTE);
	CHECK_EQ(code_of_fcode("drop"), THROW_UNDERFLOW);
	CHECK_STR(message, "line 1: FCode byte 8 of a: drop: stack underflow");
	CHECK_EQ(code_of_fcode("byte=8 byte=5"), THROW_ABORT_QUOTE);
	CHECK_EQ(code_of_fcode(": t 1"), THROW_ABORT_QUOTE);
	CHECK_EQ(code_of_fcode("exit"), THROW_ABORT_QUOTE);
	CHECK_EQ(code_of_fcode("b(>resolve)"), 0);
	CHECK_EQ(code_of_fcode(": t b(>resolve)"), THROW_CONTROL);
	CHECK_EQ(code_of_fcode("to dup"), THROW_TO);
	CHECK_EQ(code_of_fcode("1 >r"), THROW_IMBALANCE);
	CHECK_EQ(code_of_fcode("new-token byte=8 byte=0 dup"), THROW_ABORT_QUOTE);
	CHECK_EQ(code_of_fcode("new-token byte=1"), THROW_ABORT_QUOTE);
	CHECK_EQ(code_of_fcode("begin 0 until"), THROW_INTERRUPT);
	CHECK_EQ(code_of_fcode("bbranch byte=ff byte=0"), THROW_ABORT_QUOTE);
	CHECK_EQ(code_of_fcode("bbranch byte=7f byte=0"), THROW_ABORT_QUOTE);
	CHECK_EQ(code_of_fcode("b(\") byte=ff byte=1"), THROW_ABORT_QUOTE);
	CHECK_EQ(code_of_fcode("b(lit) byte=0 byte=0"), THROW_ABORT_QUOTE);
}

static void test_a_header_must_be_one(void)
{
	static struct tokenizer t;

	tokenize(&t, 0xf1, "1");
	rom[0] = 0xfc;
	CHECK_EQ(run_rom("", ""), THROW_ABORT_QUOTE);
	memcpy(rom, t.out, t.n);
	rom[3]++;
	CHECK_EQ(run_rom("", ""), THROW_ABORT_QUOTE);
	CHECK(strstr(message, "checksum"));
	memcpy(rom, t.out, t.n);
	memset(rom + 4, 0, 4);
	CHECK_EQ(run_rom("", ""), THROW_ABORT_QUOTE);
	memset(rom + 4, 0xff, 4);
	CHECK_EQ(run_rom("", ""), THROW_ABORT_QUOTE);
	memcpy(rom, t.out, t.n);
	rom[6] = 0xff;
	CHECK_EQ(run_rom("", ""), THROW_ADDRESS);
	CHECK_EQ(code_of("0 1 byte-load"), THROW_ADDRESS);
	CHECK_EQ(code_of("1 byte-load"), THROW_UNDERFLOW);
}

static void test_every_program_cut_short_is_refused_or_ends(void)
{
	static struct tokenizer t;

	tokenize(&t, 0xf1,
		 ": t begin dup while 1 - repeat ; 5 t \" abc\" type 5 value v to v 12345678");
	for (unsigned len = 9; len < t.n; len++) {
		struct tokenizer cut = t;

		cut.n = len;
		tk_finish(&cut);
		memset(rom, 0xff, sizeof(rom));
		memcpy(rom, cut.out, cut.n);
		CHECK(run_rom("", "") != 0);
	}
}

static const struct test tests[] = {
	TEST(test_numbers_have_the_names_of_the_standard),
	TEST(test_known_bytes_do_what_the_standard_says),
	TEST(test_literals_are_signed_numbers_of_32_bits),
	TEST(test_strings_stay_while_the_program_is_evaluated),
	TEST(test_defining_numbers_make_words),
	TEST(test_structures_are_compiled),
	TEST(test_structures_work_outside_definitions),
	TEST(test_words_without_a_name_cannot_be_found),
	TEST(test_the_spread_says_where_the_bytes_are),
	TEST(test_a_word_of_the_callers_may_read_the_bytes),
	TEST(test_tables_can_be_read_and_changed),
	TEST(test_programs_nest),
	TEST(test_faults_name_number_and_word),
	TEST(test_a_header_must_be_one),
	TEST(test_every_program_cut_short_is_refused_or_ends),
};
TEST_MAIN(tests)
