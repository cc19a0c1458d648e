/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For the host of the engine: words of kinds of its own, messages, and the word list of a package,
 * which is searched before all others and takes new definitions while it is active.
 */
#include "forth-priv.h"

#include <string.h>

int forth_abort(struct forth *f, const char *fmt, ...)
{
	struct strbuf sb = strbuf_on(f->abort_text, sizeof(f->abort_text));
	va_list ap;

	va_start(ap, fmt);
	strbuf_vprintf(&sb, fmt, ap);
	va_end(ap);
	return THROW_ABORT_QUOTE;
}

int forth_define(struct forth *f, struct forth_text name, const struct forth_word *kind,
		 cell_t body)
{
	struct effect e;
	struct word *w;

	if (effect_parse(kind->effect, &e))
		return THROW_ARGUMENT;
	w = new_word(f, name.p, name.len, kind->fn);
	if (!w)
		return THROW_DICTIONARY;
	w->in = (uint16_t)e.in;
	w->grow = (int16_t)(e.out - e.in);
	w->flags = kind->flags;
	w->body = body;
	link_word(f, w);
	return 0;
}

cell_t forth_body(const struct forth *f)
{
	return f->w->body;
}

const char *forth_name(const struct forth *f)
{
	return f->w->name;
}

bool forth_storing(const struct forth *f)
{
	return f->storing;
}

int forth_store(struct forth *f, struct word *w)
{
	int err;

	f->w = w;
	f->storing = true;
	err = w->fn(f);
	f->storing = false;
	return err;
}

int forth_go(struct forth *f, cell_t xt)
{
	return execute_token(f, xt);
}

/* Did the word read last end its line? Its delimiter has been taken. */
static bool line_is_over(const struct forth *f, const struct source *s)
{
	return f->sys->in >= s->len || (f->sys->in > 0 && s->text[f->sys->in - 1] == '\n');
}

struct forth_text forth_parse_line(struct forth *f)
{
	static const struct forth_text nothing = {"", 0};
	struct forth_text t;

	if (f->sources == 0 || line_is_over(f, &f->source[f->sources - 1]))
		return nothing;
	t = parse_until(f, '\n');
	while (t.len > 0 && (uint8_t)t.p[t.len - 1] <= ' ')
		t.len--;
	while (t.len > 0 && (uint8_t)*t.p <= ' ') {
		t.p++;
		t.len--;
	}
	return t;
}

struct forth_text forth_parse_arg(struct forth *f)
{
	static const struct forth_text nothing = {"", 0};
	const struct source *s = f->sources > 0 ? &f->source[f->sources - 1] : NULL;
	cell_t at;

	if (!s || line_is_over(f, s))
		return nothing;
	for (at = f->sys->in; at < s->len && (uint8_t)s->text[at] <= ' '; at++) {
		if (s->text[at] == '\n') {
			f->sys->in = at + 1;
			return nothing;
		}
	}
	return forth_parse_name(f);
}

uint32_t forth_new_list(struct forth *f)
{
	return f->nwids++;
}

uint32_t forth_use_list(struct forth *f, uint32_t list)
{
	uint32_t before = f->package;

	f->package = list;
	f->current = list;
	return before;
}

cell_t forth_find_in(struct forth *f, uint32_t list, const char *name, size_t len)
{
	const struct word *w = find_in(f, name, len, list);

	return w ? w->token : 0;
}
