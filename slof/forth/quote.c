/* SPDX-License-Identifier: BSD-2-Clause */
/* Strings in the text: what they become when compiled, and when interpreted. */
#include "forth-priv.h"

#include <string.h>

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
	memmove((char *)(uintptr_t)at + counted, t.p, t.len); /* the text may be there */
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

static int push_literal(struct forth *f, struct forth_text t)
{
	PUSH((cell_t)(uintptr_t)t.p);
	PUSH(t.len);
	return 0;
}

int string_literal(struct forth *f, struct forth_text t)
{
	int err = keep(f, t, false, &t);

	if (err)
		return err;
	return f->sys->state ? compile_string(f, t) : push_literal(f, t);
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

enum {
	IMM = FORTH_IMMEDIATE,
	INT = FORTH_INTERNAL,
	ANY = FORTH_IMMEDIATE | FORTH_VARIES,
};
// clang-format off
static const struct forth_word rows[] = {
	{"s\"",         "( -- addr len )",      w_s_quote, ANY, "Text up to the next quote"},
	{"\"",          "( -- addr len )",      w_quote, ANY, "The same; \"(hex) and \"n inside are bytes"},
	{"s\\\"",       "( -- addr len )",      w_s_backslash_quote, ANY, "The same with \\ escapes"},
	{"c\"",         "( -- addr )",          w_c_quote, ANY, "The same as a counted string"},
	{".\"",         "( -- )",               w_dot_quote, IMM, "Print text"},
	{"abort\"",     "( -- )",               w_abort_quote, ANY, "Throw -2 with a message if the top is not 0"},
	{"(.\")",       "( addr len -- )",      w_type_run, INT, ""},
	{"(abort\")",   "( n addr len -- )",    w_abort_run, INT, ""},
};
// clang-format on
const struct word_table words_quote = {rows, ARRAY_SIZE(rows)};
