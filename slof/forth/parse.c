/* SPDX-License-Identifier: BSD-2-Clause */
/* Words that read the text: strings, comments, characters, numbers of a given base, and the keyboard. */
#include "forth-priv.h"

#include <string.h>

static int push_text(struct forth *f, struct forth_text t)
{
	PUSH((cell_t)(uintptr_t)t.p);
	PUSH(t.len);
	return 0;
}

/* A string that stays: in data space when compiling, else in the next of the buffers. */
static int keep(struct forth *f, struct forth_text t, bool counted, struct forth_text *out)
{
	cell_t len = t.len + counted, at = f->here;
	int err;

	if (counted && t.len > 255)
		return THROW_STRING;
	if (f->sys->state) {
		err = space_allot(f, len + 1);
		if (err)
			return err;
	} else if (len >= STRING_ROOM) {
		return THROW_STRING;
	} else {
		at = string_buffer(f);
	}
	memcpy((char *)(uintptr_t)at + counted, t.p, t.len);
	((char *)(uintptr_t)at)[len] = '\0';
	if (counted)
		*(uint8_t *)(uintptr_t)at = (uint8_t)t.len;
	*out = (struct forth_text){(const char *)(uintptr_t)at, t.len};
	return 0;
}

static int compile_string(struct forth *f, struct forth_text t)
{
	int err = compile_named(f, "(s\")");

	if (!err)
		err = compile_cell(f, (cell_t)(uintptr_t)t.p);
	return err ? err : compile_cell(f, t.len);
}

int string_literal(struct forth *f, struct forth_text t)
{
	int err = keep(f, t, false, &t);

	if (err)
		return err;
	return f->sys->state ? compile_string(f, t) : push_text(f, t);
}

/* s" and IEEE 1275's ", in which "(hex digits) stands for bytes and "n for a newline. */
static int w_s_quote(struct forth *f)
{
	return string_literal(f, parse_until(f, '"'));
}

static int next_char(struct forth *f)
{
	const struct source *s = f->sources > 0 ? &f->source[f->sources - 1] : NULL;

	return s && f->sys->in < s->len ? (uint8_t)s->text[f->sys->in] : -1;
}

static int add_char(char *buf, size_t *n, unsigned c)
{
	if (*n >= STRING_ROOM - 2)
		return THROW_STRING;
	buf[(*n)++] = (char)c;
	return 0;
}

static int hex_bytes(struct forth *f, char *buf, size_t *n)
{
	struct forth_text t = parse_until(f, ')');
	int err = 0, high = -1;

	for (size_t i = 0; i < t.len && !err; i++) {
		int d = digit_of(t.p[i]);

		if (d > 15)
			continue;
		if (high < 0) {
			high = d;
			continue;
		}
		err = add_char(buf, n, (unsigned)(high << 4 | d));
		high = -1;
	}
	return err;
}

static int w_quote(struct forth *f)
{
	static const char from[] = "nrtbfl", to[] = "\n\r\t\b\f\n";
	char buf[STRING_ROOM];
	size_t n = 0;
	int err = 0;

	for (bool more = true; more && !err;) {
		struct forth_text t = parse_until(f, '"');
		int c = next_char(f);
		const char *e = c > 0 ? strchr(from, c) : NULL;

		for (size_t i = 0; i < t.len && !err; i++)
			err = add_char(buf, &n, (uint8_t)t.p[i]);
		more = e || c == '"' || c == '^' || c == '(';
		f->sys->in += more;
		if (err || !more)
			break;
		if (c == '(')
			err = hex_bytes(f, buf, &n);
		else if (c == '^')
			err = next_char(f) < 0 ? THROW_STRING
					       : add_char(buf, &n, (unsigned)next_char(f) & 0x1f);
		else
			err = add_char(buf, &n, e ? (uint8_t)to[e - from] : (unsigned)c);
		f->sys->in += c == '^';
	}
	return err ? err : string_literal(f, (struct forth_text){buf, n});
}

/* One character of s\" behind the backslash; how many bytes it took of p. */
static size_t escape(const char *p, size_t left, char *out, size_t *n)
{
	static const char from[] = "abeflnqrtvz\"\\", to[] = "\a\b\033\f\n\n\"\r\t\v\0\"\\";
	const char *e = memchr(from, p[0], sizeof(from) - 1);

	if (p[0] == 'x' && left >= 3 && digit_of(p[1]) < 16 && digit_of(p[2]) < 16) {
		out[(*n)++] = (char)(digit_of(p[1]) << 4 | digit_of(p[2]));
		return 3;
	}
	if (p[0] == 'm')
		out[(*n)++] = '\r';
	out[(*n)++] = p[0] == 'm' ? '\n' : e ? to[e - from] : p[0];
	return 1;
}

static int w_s_backslash_quote(struct forth *f)
{
	const struct source *s;
	char buf[STRING_ROOM];
	size_t n = 0;

	if (f->sources == 0)
		return THROW_ARGUMENT;
	s = &f->source[f->sources - 1];
	while (f->sys->in < s->len && s->text[f->sys->in] != '"') {
		cell_t at = f->sys->in;

		if (n + 3 > sizeof(buf))
			return THROW_STRING;
		f->sys->in++;
		if (s->text[at] == '\\' && at + 1 < s->len)
			f->sys->in += escape(s->text + at + 1, (size_t)(s->len - at - 1), buf, &n);
		else
			buf[n++] = s->text[at];
	}
	f->sys->in += f->sys->in < s->len;
	return string_literal(f, (struct forth_text){buf, n});
}

static int w_c_quote(struct forth *f)
{
	struct forth_text t = parse_until(f, '"');
	int err = keep(f, t, true, &t);

	if (err)
		return err;
	if (f->sys->state)
		return compile_literal(f, (cell_t)(uintptr_t)t.p);
	PUSH((cell_t)(uintptr_t)t.p);
	return 0;
}

static int w_dot_quote(struct forth *f)
{
	struct forth_text t = parse_until(f, '"');
	int err;

	if (!f->sys->state) {
		forth_type(f, t.p, t.len);
		return 0;
	}
	err = string_literal(f, t);
	return err ? err : compile_named(f, "(.\")");
}

static int w_type_run(struct forth *f)
{
	f->sp -= 2;
	forth_type(f, (const char *)(uintptr_t)f->sp[0], (size_t)f->sp[1]);
	return 0;
}

void keep_message(struct forth *f, const char *p, size_t len)
{
	size_t n = len < sizeof(f->abort_text) - 1 ? len : sizeof(f->abort_text) - 1;

	memcpy(f->abort_text, p, n);
	f->abort_text[n] = '\0';
}

static int w_abort_run(struct forth *f)
{
	f->sp -= 3;
	if (f->sp[0] == 0)
		return 0;
	keep_message(f, (const char *)(uintptr_t)f->sp[1], (size_t)f->sp[2]);
	return THROW_ABORT_QUOTE;
}

static int w_abort_quote(struct forth *f)
{
	struct forth_text t = parse_until(f, '"');
	int err;

	if (!f->sys->state) {
		if (f->sp == f->stack)
			return THROW_UNDERFLOW;
		keep_message(f, t.p, t.len);
		return POP() != 0 ? THROW_ABORT_QUOTE : 0;
	}
	err = string_literal(f, t);
	return err ? err : compile_named(f, "(abort\")");
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
	*(uint8_t *)to = (uint8_t)t.len;
	memcpy(to + 1, t.p, t.len);
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

/* Wait for a key. None comes if somebody breaks in meanwhile, or if there is no keyboard. */
static int need_key(struct forth *f, int *c)
{
	int err;

	*c = f->ops->key ? f->ops->key(f->ops->ctx) : -1;
	if (*c >= 0)
		return 0;
	err = poll_now(f);
	return err ? err : THROW_IO;
}

static int w_key(struct forth *f)
{
	int c, err = need_key(f, &c);

	if (!err)
		PUSH((cell_t)c);
	return err;
}

static int w_key_ready(struct forth *f)
{
	PUSH(FLAG(f->ops->key_ready && f->ops->key_ready(f->ops->ctx)));
	return 0;
}

static int w_accept(struct forth *f)
{
	cell_t room = TOP, n = 0;
	char *p = forth_at(f, NOS, room, true);
	int c = 0;

	if (!p && room != 0)
		return THROW_ADDRESS;
	while (n < room && c != '\r' && c != '\n') {
		int err = need_key(f, &c);

		if (err)
			return err;
		if ((c == 8 || c == 127) && n > 0) {
			n--;
			out_text(f, "\b \b");
		} else if (c >= ' ' && c != 127) {
			p[n++] = (char)c;
			out_char(f, (char)c);
		}
	}
	DROP();
	TOP = n;
	return 0;
}

static int w_expect(struct forth *f)
{
	int err = w_accept(f);

	if (!err)
		f->sys->span = POP();
	return err;
}

static int w_get_msecs(struct forth *f)
{
	PUSH(f->ops->ms ? f->ops->ms(f->ops->ctx) : 0);
	return 0;
}

/* In small steps, so that somebody can break in. */
static int w_ms(struct forth *f)
{
	cell_t left = POP();
	int err = 0;

	while (left > 0 && !err && f->ops->delay_ms) {
		cell_t step = left < 10 ? left : 10;

		f->ops->delay_ms(f->ops->ctx, step);
		left -= step;
		err = poll_now(f);
	}
	return err;
}

enum {
	IMM = FORTH_IMMEDIATE,
	VAR = FORTH_VARIES,
	INT = FORTH_INTERNAL,
	ANY = IMM | VAR,
	CONLY = FORTH_IMMEDIATE | FORTH_COMPILE_ONLY
};
// clang-format off
static const struct forth_word rows[] = {
	{"s\"",         "( -- addr len )",      w_s_quote, ANY, "Text up to the next quote"},
	{"\"",          "( -- addr len )",      w_quote, ANY, "The same; \"(hex) and \"n inside are bytes"},
	{"s\\\"",       "( -- addr len )",      w_s_backslash_quote, ANY, "The same with \\ escapes"},
	{"c\"",         "( -- addr )",          w_c_quote, ANY, "The same as a counted string"},
	{".\"",         "( -- )",               w_dot_quote, IMM, "Print text"},
	{"abort\"",     "( -- )",               w_abort_quote, ANY, "Throw -2 with a message if the top is not 0"},
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
	{"key",         "( -- c )",             w_key, 0, "Wait for a key"},
	{"key?",        "( -- flag )",          w_key_ready, 0, "Is there a key?"},
	{"accept",      "( addr len -- n )",    w_accept, 0, "Read a line"},
	{"expect",      "( addr len -- )",      w_expect, 0, "Read a line; span tells how long"},
	{"get-msecs",   "( -- ms )",            w_get_msecs, 0, "Time"},
	{"ms",          "( n -- )",             w_ms, 0, "Wait n milliseconds"},
	{"(.\")",       "( addr len -- )",      w_type_run, INT, ""},
	{"(abort\")",   "( n addr len -- )",    w_abort_run, INT, ""},
};
// clang-format on
const struct word_table words_parse = {rows, ARRAY_SIZE(rows)};
