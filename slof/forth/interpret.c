/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The outer interpreter: words and numbers from the text. A program may write to >in and base, so
 * both are checked at every use. Numbers: prefixes of Forth 2012 ($ # % and 'c'), 0x, an optional
 * sign; periods inside are ignored as IEEE 1275 says, one at the end makes the number double.
 */
#include "forth-priv.h"

#include <string.h>

static bool blank(char c)
{
	return (uint8_t)c <= ' ';
}

static const struct source *current(struct forth *f)
{
	static const struct source nothing;
	const struct source *s = f->sources > 0 ? &f->source[f->sources - 1] : &nothing;

	if (f->sys->in > s->len)
		f->sys->in = s->len;
	return s;
}

struct forth_text forth_parse_name(struct forth *f)
{
	const struct source *s = current(f);
	cell_t at = f->sys->in, from;

	if (f->is_given) {
		f->is_given = false;
		return f->given_name;
	}
	while (at < s->len && blank(s->text[at]))
		at++;
	from = at;
	while (at < s->len && !blank(s->text[at]))
		at++;
	f->sys->in = at < s->len ? at + 1 : at;
	return (struct forth_text){s->text + from, (size_t)(at - from)};
}

struct forth_text forth_peek_name(struct forth *f)
{
	const struct source *s = current(f);
	cell_t at = f->sys->in, from;

	while (at < s->len && (s->text[at] == ' ' || s->text[at] == '\t'))
		at++;
	from = at;
	while (at < s->len && !blank(s->text[at]))
		at++;
	return (struct forth_text){s->text + from, (size_t)(at - from)};
}

/* Up to the next end, which is taken too; '\n' ends before the end of the text as well. */
struct forth_text parse_until(struct forth *f, char end)
{
	const struct source *s = current(f);
	cell_t from = f->sys->in, at = from;

	while (at < s->len && s->text[at] != end && !(end == ' ' && blank(s->text[at])))
		at++;
	f->sys->in = at < s->len ? at + 1 : at;
	return (struct forth_text){s->text + from, (size_t)(at - from)};
}

void remember(struct forth *f, struct forth_text t)
{
	size_t len = t.len < sizeof(f->last) - 1 ? t.len : sizeof(f->last) - 1;

	memcpy(f->last, t.p, len);
	f->last[len] = '\0';
}

int need_name(struct forth *f, struct forth_text *out)
{
	bool given = f->is_given; /* may be empty: a word without a name */
	struct forth_text t = forth_parse_name(f);

	if (t.len == 0 && !given)
		return THROW_NO_NAME;
	*out = t;
	return 0;
}

int need_word(struct forth *f, struct word **out)
{
	struct forth_text t;
	int err;

	if (f->given_word) {
		*out = f->given_word;
		f->given_word = NULL;
		return 0;
	}
	err = need_name(f, &t);
	if (err)
		return err;
	*out = find_word(f, t.p, t.len);
	if (*out)
		return 0;
	remember(f, t);
	return THROW_UNDEFINED;
}

int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'Z' ? c - 'A' + 10 : 99;
}

int base_of(struct forth *f, unsigned *base)
{
	if (f->sys->base < 2 || f->sys->base > 36)
		return THROW_BASE;
	*base = (unsigned)f->sys->base;
	return 0;
}

/* Add digits to the double acc, as far as they are ones; true: at least one. */
bool digits_to(const char **p, size_t *len, unsigned base, cell_t acc[2])
{
	const char *start = *p;

	while (*len > 0 && (unsigned)digit_of(**p) < base) {
		struct wide low = wide_mul(acc[0], base);
		struct wide sum =
			wide_add(low, (struct wide){(cell_t)digit_of(**p), acc[1] * base});

		acc[0] = sum.lo;
		acc[1] = sum.hi;
		++*p;
		--*len;
	}
	return *p != start;
}

static unsigned prefix(const char **p, size_t *len, unsigned base)
{
	unsigned known = **p == '$' ? 16 : **p == '#' ? 10 : **p == '%' ? 2 : 0;
	size_t skip = known ? 1 : 0;

	if (!known && base <= 16 && *len > 2 && (*p)[0] == '0' && ((*p)[1] | 0x20) == 'x') {
		known = 16;
		skip = 2;
	}
	*p += skip;
	*len -= skip;
	return known ? known : base;
}

bool parse_number(struct forth *f, const char *p, size_t len, cell_t out[2], unsigned *cells)
{
	cell_t acc[2] = {0, 0};
	bool minus, digits = false;
	unsigned base;

	if (len == 3 && p[0] == '\'' && p[2] == '\'') {
		out[0] = (uint8_t)p[1];
		out[1] = 0;
		*cells = 1;
		return true;
	}
	if (len == 0 || base_of(f, &base))
		return false;
	base = prefix(&p, &len, base);
	minus = len > 0 && *p == '-';
	p += minus;
	len -= minus;
	*cells = len > 1 && p[len - 1] == '.' ? 2 : 1;
	while (len > 0) {
		if (digits_to(&p, &len, base, acc))
			digits = true;
		else if (*p == '.' && digits)
			p++, len--;
		else
			return false;
	}
	if (minus) {
		struct wide v = wide_neg((struct wide){acc[0], acc[1]});

		acc[0] = v.lo;
		acc[1] = v.hi;
	}
	memcpy(out, acc, sizeof(acc));
	return digits;
}

static int number(struct forth *f, struct forth_text t)
{
	cell_t v[2];
	unsigned cells;
	int err = 0;

	if (!parse_number(f, t.p, t.len, v, &cells))
		return THROW_UNDEFINED;
	for (unsigned i = 0; i < cells && !err; i++)
		err = f->sys->state ? compile_literal(f, v[i]) : forth_try_push(f, v[i]);
	return err;
}

/* One word of the text. */
int interpret_step(struct forth *f)
{
	struct forth_text t = forth_parse_name(f);
	int err = poll_turn(f), local;
	struct word *w;

	if (t.len == 0 || err)
		return err;
	remember(f, t);
	local = f->sys->state ? local_of(f, t.p, t.len) : -1;
	if (local >= 0)
		return compile_local(f, local, false);
	w = find_word(f, t.p, t.len);
	if (!w)
		return number(f, t);
	if (f->sys->state && w == f->exit_word)
		err = forget_locals(f);
	if (f->sys->state && !(w->flags & FORTH_IMMEDIATE))
		return err ? err : compile_word(f, w);
	if (!f->sys->state && (w->flags & FORTH_COMPILE_ONLY))
		return THROW_COMPILE_ONLY;
	return run_word(f, w);
}
