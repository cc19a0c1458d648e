/* SPDX-License-Identifier: BSD-2-Clause */
/* Words that read the text: comments, characters, numbers of a given base, names. */
#include "forth-priv.h"

#include <string.h>

static int push_text(struct forth *f, struct forth_text t)
{
	PUSH((cell_t)(uintptr_t)t.p);
	PUSH(t.len);
	return 0;
}

static int w_paren(struct forth *f)
{
	parse_until(f, ')');
	return 0;
}

static int w_dot_paren(struct forth *f)
{
	struct forth_text t = parse_until(f, ')');

	forth_type(f, t.p, t.len);
	return 0;
}

/* The blank that ended the word \ may have been the newline. */
static int w_backslash(struct forth *f)
{
	const struct source *s;

	if (f->sources == 0)
		return 0;
	s = &f->source[f->sources - 1];
	if (f->sys->in > 0 && f->sys->in <= s->len && s->text[f->sys->in - 1] == '\n')
		return 0;
	parse_until(f, '\n');
	return 0;
}

static int w_char(struct forth *f)
{
	struct forth_text t;
	int err = need_name(f, &t);

	if (!err)
		PUSH((uint8_t)t.p[0]);
	return err;
}

static int w_bracket_char(struct forth *f)
{
	struct forth_text t;
	int err = need_name(f, &t);

	return err ? err : compile_literal(f, (uint8_t)t.p[0]);
}

static int w_ascii(struct forth *f)
{
	return f->sys->state ? w_bracket_char(f) : w_char(f);
}

static int in_base(struct forth *f, unsigned base)
{
	cell_t old = f->sys->base, v[2];
	struct forth_text t;
	unsigned cells;
	int err = need_name(f, &t);

	if (err)
		return err;
	f->sys->base = base;
	err = parse_number(f, t.p, t.len, v, &cells) ? 0 : THROW_UNDEFINED;
	f->sys->base = old;
	if (err)
		return err;
	if (f->sys->state)
		return compile_literal(f, v[0]);
	return forth_try_push(f, v[0]);
}

static int w_h(struct forth *f)
{
	return in_base(f, 16);
}

static int w_d(struct forth *f)
{
	return in_base(f, 10);
}

static int w_o(struct forth *f)
{
	return in_base(f, 8);
}

static int w_b(struct forth *f)
{
	return in_base(f, 2);
}

static int w_parse(struct forth *f)
{
	return push_text(f, parse_until(f, (char)POP()));
}

static int w_parse_name(struct forth *f)
{
	return push_text(f, forth_parse_name(f));
}

static int w_word(struct forth *f)
{
	const struct source *s = f->sources > 0 ? &f->source[f->sources - 1] : NULL;
	char end = (char)POP(), *to = f->sys->word;
	struct forth_text t;

	while (s && f->sys->in < s->len && s->text[f->sys->in] == end)
		f->sys->in++;
	t = parse_until(f, end);
	if (t.len > 255)
		return THROW_STRING;
	memmove(to + 1, t.p, t.len); /* the text may be there */
	*(uint8_t *)to = (uint8_t)t.len;
	PUSH((cell_t)(uintptr_t)to);
	return 0;
}

static int w_source(struct forth *f)
{
	const struct source *s = f->sources > 0 ? &f->source[f->sources - 1] : NULL;

	return push_text(f, s ? (struct forth_text){s->text, (size_t)s->len}
			      : (struct forth_text){"", 0});
}

static int w_source_id(struct forth *f)
{
	PUSH(f->sources > 0 ? f->source[f->sources - 1].id : 0);
	return 0;
}

static int w_refill(struct forth *f)
{
	PUSH(0);
	return 0;
}

enum {
	IMM = FORTH_IMMEDIATE,
	ANY = FORTH_IMMEDIATE | FORTH_VARIES,
	CONLY = FORTH_IMMEDIATE | FORTH_COMPILE_ONLY
};
// clang-format off
static const struct forth_word rows[] = {
	{"(",           "( -- )",               w_paren, IMM, "A comment"},
	{".(",          "( -- )",               w_dot_paren, IMM, "Print text now"},
	{"\\",          "( -- )",               w_backslash, IMM, "A comment up to the end of the line"},
	{"char",        "( -- c )",             w_char, 0, "The code of the next character"},
	{"[char]",      "( -- )",               w_bracket_char, CONLY, "Compile the code of the next character"},
	{"ascii",       "( -- c )",             w_ascii, ANY, "The code of the next character"},
	{"h#",          "( -- n )",             w_h, ANY, "A hexadecimal number"},
	{"d#",          "( -- n )",             w_d, ANY, "A decimal number"},
	{"o#",          "( -- n )",             w_o, ANY, "An octal number"},
	{"b#",          "( -- n )",             w_b, ANY, "A binary number"},
	{"parse",       "( c -- addr len )",    w_parse, 0, "The text up to a character"},
	{"parse-name",  "( -- addr len )",      w_parse_name, 0, "The next word of the text"},
	{"parse-word",  "( -- addr len )",      w_parse_name, 0, "The next word of the text"},
	{"word",        "( c -- addr )",        w_word, 0, "The text up to a character as a counted string"},
	{"source",      "( -- addr len )",      w_source, 0, "The text being interpreted"},
	{"source-id",   "( -- n )",             w_source_id, 0, "-1: a string"},
	{"refill",      "( -- flag )",          w_refill, 0, "More text? Never: a string has no more"},
};
// clang-format on
const struct word_table words_parse = {rows, ARRAY_SIZE(rows)};
