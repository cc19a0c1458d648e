/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The FCode numbers that are no words: literals, branches, definitions. All of them end in the words
 * that do the same for Forth text, which get a name or a word given instead of parsing one. Offsets
 * count from their own first byte; while compiling only their sign matters, since control structures nest.
 * A branch forward outside a definition skips, so that a program can define words conditionally.
 */
#include "fcode-priv.h"

#include <string.h>

#include "base/bytes.h"

int fcode_primitive(struct forth *f, const char *name)
{
	struct word *w = find_primitive(f, name, strlen(name));
	int err;

	if (!w)
		return THROW_UNDEFINED;
	remember(f, (struct forth_text){name, strlen(name)});
	err = run_word(f, w);
	f->is_given = false;
	f->given_word = NULL;
	return err;
}

/* Where an offset leads: *to, in the program; the sign of the way in *back. */
static int offset(struct forth *f, uint32_t *to, bool *back)
{
	struct fcode *fc = f->fcode;
	uint32_t from = fc->at;
	uint8_t hi, lo = 0;
	int32_t way;
	int err = fcode_byte(f, &hi);

	if (!err && fc->offset16)
		err = fcode_byte(f, &lo);
	if (err)
		return err;
	way = fc->offset16 ? (int16_t)(hi << 8 | lo) : (int8_t)hi;
	if (way < 0 ? (uint32_t)-way > from : (uint32_t)way > fc->len - from)
		return fcode_fail(f, 0x13, "leads out of the program");
	*to = from + (uint32_t)way;
	*back = way < 0;
	return 0;
}

static int skip_offset(struct forth *f)
{
	uint32_t to = 0;
	bool back = false;

	return offset(f, &to, &back);
}

static int with_offset(struct forth *f, const char *name)
{
	int err = skip_offset(f);

	return err ? err : fcode_primitive(f, name);
}

static int t_lit(struct forth *f)
{
	uint8_t b[4];
	cell_t v;

	for (unsigned i = 0; i < 4; i++) {
		int err = fcode_byte(f, &b[i]);

		if (err)
			return err;
	}
	v = (cell_t)(int64_t)(int32_t)get_be32(b);
	return f->sys->state ? compile_literal(f, v) : forth_try_push(f, v);
}

/* Bytes with a count before them; they stay good while the program is evaluated. */
static int counted(struct forth *f, struct forth_text *out)
{
	struct fcode *fc = f->fcode;
	uint8_t len;
	int err = fcode_byte(f, &len);

	if (err)
		return err;
	if (len > fc->len - fc->at)
		return fcode_fail(f, 0x12, "is longer than the program");
	*out = (struct forth_text){(const char *)fc->bytes + fc->at, len};
	fc->at += len;
	return 0;
}

static int t_string(struct forth *f)
{
	struct forth_text t = {"", 0};
	int err = counted(f, &t);

	if (err)
		return err;
	if (f->sys->state)
		return string_literal(f, t);
	err = forth_try_push(f, (cell_t)(uintptr_t)t.p);
	return err ? err : forth_try_push(f, t.len);
}

static int with_word(struct forth *f, const char *name)
{
	unsigned number;
	int err = fcode_token(f, &number);

	if (err)
		return err;
	f->given_word = word_of(f, f->fcode->table[number]);
	if (!f->given_word)
		return fcode_fail(f, number, "has no word here");
	return fcode_primitive(f, name);
}

static int t_tick(struct forth *f)
{
	return with_word(f, f->sys->state ? "[']" : "'");
}

static int t_to(struct forth *f)
{
	return with_word(f, "to");
}

static int t_branch(struct forth *f)
{
	uint32_t to = 0;
	bool back = false;
	int err = offset(f, &to, &back);

	if (err)
		return err;
	if (f->defining)
		return control_branch(f, back, false);
	if (back)
		return fcode_fail(f, 0x13, "leads back outside a definition");
	f->fcode->at = to;
	return 0;
}

static int t_question_branch(struct forth *f)
{
	uint32_t to = 0;
	bool back = false;
	cell_t flag;
	int err = offset(f, &to, &back);

	if (err)
		return err;
	if (f->defining)
		return control_branch(f, back, true);
	if (back)
		return fcode_fail(f, 0x14, "leads back outside a definition");
	err = forth_try_pop(f, &flag);
	if (!err && flag == 0)
		f->fcode->at = to;
	return err;
}

/* The end of a branch forward. One that was decided outside a definition needs no end. */
static int t_resolve(struct forth *f)
{
	return f->defining ? fcode_primitive(f, "then") : 0;
}

/* Numbers that do what a word of Forth does, some with an offset behind them. */
#define PLAIN(number, word)                      \
	static int number(struct forth *f)       \
	{                                        \
		return fcode_primitive(f, word); \
	}
#define OFFSET(number, word)                 \
	static int number(struct forth *f)   \
	{                                    \
		return with_offset(f, word); \
	}
// clang-format off
PLAIN(t_mark, "begin")
OFFSET(t_do, "do")
OFFSET(t_question_do, "?do")
OFFSET(t_loop, "loop")
OFFSET(t_plus_loop, "+loop")
PLAIN(t_leave, "leave")
PLAIN(t_case, "case")
OFFSET(t_of, "of")
OFFSET(t_endof, "endof")
PLAIN(t_endcase, "endcase")
PLAIN(t_semicolon, ";")
// clang-format on

static int t_offset16(struct forth *f)
{
	f->fcode->offset16 = true;
	return 0;
}

/* The word of Forth for the defining number that must come next. */
static const char *defining_word(unsigned number)
{
	static const char *const names[] = {":",      "value", "variable", "constant",
					    "create", "defer", "buffer:",  "field"};

	return number >= 0xb7 && number <= 0xbe ? names[number - 0xb7] : NULL;
}

/* A number of the program's gets a word: the defining number follows. */
static int define(struct forth *f, struct forth_text name)
{
	uint32_t words = f->nwords;
	unsigned number, kind = 0;
	const char *word;
	int err = fcode_token(f, &number);

	if (!err)
		err = fcode_token(f, &kind);
	if (err)
		return err;
	word = defining_word(kind);
	if (!word)
		return fcode_fail(f, kind, "defines nothing");
	if (number < 0x10)
		return fcode_fail(f, number, "cannot be defined");
	f->given_name = name;
	f->is_given = true;
	err = fcode_primitive(f, word);
	if (err)
		return err;
	if (f->nwords == words)
		return THROW_ARGUMENT;
	f->fcode->table[number] = f->nwords; /* the newest token */
	f->fcode->immediate[number / 8] &= (uint8_t) ~(1u << number % 8);
	return 0;
}

static int t_new_token(struct forth *f)
{
	return define(f, (struct forth_text){"", 0});
}

static int t_external_token(struct forth *f)
{
	struct forth_text name = {"", 0};
	int err = counted(f, &name);

	return err ? err : define(f, name);
}

static int t_named_token(struct forth *f)
{
	struct forth_text name = {"", 0};
	int err = counted(f, &name);

	return err ? err : define(f, f->fcode->names ? name : (struct forth_text){"", 0});
}

forth_fn *fcode_special(unsigned number)
{
	// clang-format off
	static forth_fn *const special[] = {
		[0x10] = t_lit, [0x11] = t_tick, [0x12] = t_string, [0x13] = t_branch,
		[0x14] = t_question_branch, [0x15] = t_loop, [0x16] = t_plus_loop, [0x17] = t_do,
		[0x18] = t_question_do, [0x1b] = t_leave, [0x1c] = t_of, [0xb1] = t_mark,
		[0xb2] = t_resolve, [0xb5] = t_new_token, [0xb6] = t_named_token, [0xc2] = t_semicolon,
		[0xc3] = t_to, [0xc4] = t_case, [0xc5] = t_endcase, [0xc6] = t_endof,
		[0xca] = t_external_token, [0xcc] = t_offset16,
	};
	// clang-format on

	return number < ARRAY_SIZE(special) ? special[number] : NULL;
}
