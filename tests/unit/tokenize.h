/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small FCode tokenizer for tests: Forth-like source, numbers in hex, to a whole program with header.
 * It knows : ; value variable constant create defer buffer: field ' to " and the control structures,
 * external headers headerless, and byte=NN for a byte as it is. It trusts its source.
 */
#ifndef TOKENIZE_H
#define TOKENIZE_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "forth/fcode.h"

struct tokenizer {
	uint8_t out[2048];
	unsigned n;
	bool offset16;
	unsigned header; /* new-token, named-token or external-token */
	struct {
		char name[32];
		unsigned number;
	} own[64];
	unsigned owns;
	unsigned stack[32], depth; /* where offsets are to be filled in, or lead to */
};

static inline void tk_byte(struct tokenizer *t, unsigned v)
{
	CHECK(t->n < sizeof(t->out));
	t->out[t->n++] = (uint8_t)v;
}

static inline void tk_number(struct tokenizer *t, unsigned number)
{
	if (number >= 0x100)
		tk_byte(t, number >> 8);
	tk_byte(t, number & 0xff);
}

static inline void tk_name(struct tokenizer *t, const char *name)
{
	unsigned number = fcode_number(name, strlen(name));

	if (!number)
		check_fail("no FCode %s", name);
	tk_number(t, number);
}

static inline void tk_put_offset(struct tokenizer *t, unsigned at, unsigned to)
{
	int way = (int)to - (int)at;

	if (t->offset16)
		t->out[at] = (uint8_t)((unsigned)way >> 8);
	t->out[at + t->offset16] = (uint8_t)way;
}

/* A number and a place for its offset. */
static inline unsigned tk_branch(struct tokenizer *t, const char *name)
{
	unsigned at;

	tk_name(t, name);
	at = t->n;
	tk_byte(t, 0);
	if (t->offset16)
		tk_byte(t, 0);
	return at;
}

static inline void tk_text(struct tokenizer *t, const char *p, size_t len)
{
	tk_byte(t, (unsigned)len);
	for (size_t i = 0; i < len; i++)
		tk_byte(t, (uint8_t)p[i]);
}

static inline void tk_define(struct tokenizer *t, const char *name, const char *kind)
{
	tk_number(t, t->header);
	if (t->header != 0xb5)
		tk_text(t, name, strlen(name));
	snprintf(t->own[t->owns].name, sizeof(t->own[0].name), "%s", name);
	t->own[t->owns].number = 0x800 + t->owns;
	tk_number(t, t->own[t->owns++].number);
	tk_name(t, kind);
}

static inline unsigned tk_own(const struct tokenizer *t, const char *name)
{
	for (unsigned i = t->owns; i > 0; i--) {
		if (!strcmp(t->own[i - 1].name, name))
			return t->own[i - 1].number;
	}
	return fcode_number(name, strlen(name));
}

static inline void tk_back(struct tokenizer *t, const char *name)
{
	unsigned at = tk_branch(t, name);

	tk_put_offset(t, at, t->stack[--t->depth]);
}

static inline void tk_forward(struct tokenizer *t, const char *name)
{
	t->stack[t->depth++] = tk_branch(t, name);
}

static inline void tk_resolve(struct tokenizer *t)
{
	tk_name(t, "b(>resolve)");
	tk_put_offset(t, t->stack[--t->depth], t->n);
}

static inline void tk_swap(struct tokenizer *t)
{
	unsigned top = t->stack[t->depth - 1];

	t->stack[t->depth - 1] = t->stack[t->depth - 2];
	t->stack[t->depth - 2] = top;
}

/* A control structure's word; false: it is none. */
static inline bool tk_control(struct tokenizer *t, const char *w)
{
	if (!strcmp(w, "if")) {
		tk_forward(t, "b?branch");
	} else if (!strcmp(w, "else")) {
		tk_forward(t, "bbranch");
		tk_swap(t);
		tk_resolve(t);
	} else if (!strcmp(w, "then")) {
		tk_resolve(t);
	} else if (!strcmp(w, "begin")) {
		tk_name(t, "b(<mark)");
		t->stack[t->depth++] = t->n;
	} else if (!strcmp(w, "until")) {
		tk_back(t, "b?branch");
	} else if (!strcmp(w, "again")) {
		tk_back(t, "bbranch");
	} else if (!strcmp(w, "while")) {
		tk_forward(t, "b?branch");
		tk_swap(t);
	} else if (!strcmp(w, "repeat")) {
		tk_back(t, "bbranch");
		tk_resolve(t);
	} else if (!strcmp(w, "do") || !strcmp(w, "?do")) {
		tk_forward(t, *w == 'd' ? "b(do)" : "b(?do)");
	} else if (!strcmp(w, "loop") || !strcmp(w, "+loop")) {
		unsigned at = tk_branch(t, *w == 'l' ? "b(loop)" : "b(+loop)"),
			 from = t->stack[--t->depth];

		tk_put_offset(t, at, from + 1 + t->offset16);
		tk_put_offset(t, from, t->n);
	} else if (!strcmp(w, "of")) {
		tk_forward(t, "b(of)");
	} else if (!strcmp(w, "endof")) {
		unsigned at = tk_branch(t, "b(endof)");

		tk_put_offset(t, at, t->n);
		tk_put_offset(t, t->stack[--t->depth], t->n);
	} else if (!strcmp(w, "leave") || !strcmp(w, "case") || !strcmp(w, "endcase") ||
		   !strcmp(w, ";")) {
		char name[16];

		snprintf(name, sizeof(name), "b(%s)", w);
		tk_name(t, name);
	} else {
		return false;
	}
	return true;
}

static inline bool tk_directive(struct tokenizer *t, const char *w)
{
	if (!strcmp(w, "external"))
		t->header = 0xca;
	else if (!strcmp(w, "headers"))
		t->header = 0xb6;
	else if (!strcmp(w, "headerless"))
		t->header = 0xb5;
	else if (!strncmp(w, "byte=", 5))
		tk_byte(t, (unsigned)strtoul(w + 5, NULL, 16));
	else
		return false;
	return true;
}

static inline bool tk_defining(const char *w)
{
	static const char *const names[] = {":",      "value", "variable", "constant",
					    "create", "defer", "buffer:",  "field"};

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(w, names[i]))
			return true;
	}
	return false;
}

static inline void tk_literal(struct tokenizer *t, const char *w)
{
	char *end;
	long long v = strtoll(w, &end, 16);

	if (*end)
		check_fail("%s is neither a word nor a number", w);
	tk_name(t, "b(lit)");
	for (unsigned i = 0; i < 4; i++)
		tk_byte(t, (unsigned)(v >> (24 - 8 * i)) & 0xff);
}

/* The next word of *p, at most 31 characters. */
static inline bool tk_word(const char **p, char w[32])
{
	unsigned n = 0;

	while (**p == ' ')
		++*p;
	for (; **p && **p != ' ' && n < 31; ++*p)
		w[n++] = **p;
	w[n] = '\0';
	return n > 0;
}

static inline void tk_one(struct tokenizer *t, const char *w, const char **p)
{
	char name[32], kind[40];

	if (tk_control(t, w) || tk_directive(t, w))
		return;
	if (!strcmp(w, "\"")) {
		const char *from = *p + 1;

		*p = strchr(from, '"');
		tk_name(t, "b(\")");
		tk_text(t, from, (size_t)(*p - from));
		++*p;
	} else if (!strcmp(w, "'") || !strcmp(w, "to")) {
		tk_word(p, name);
		tk_name(t, *w == 't' ? "b(to)" : "b(')");
		tk_number(t, tk_own(t, name));
	} else if (tk_defining(w)) {
		tk_word(p, name);
		snprintf(kind, sizeof(kind), "b(%s)", w);
		tk_define(t, name, kind);
	} else if (tk_own(t, w)) {
		tk_number(t, tk_own(t, w));
	} else {
		tk_literal(t, w);
	}
}

/* Length and checksum into the header. */
static inline void tk_finish(struct tokenizer *t)
{
	uint16_t sum = 0;

	for (unsigned i = 8; i < t->n; i++)
		sum = (uint16_t)(sum + t->out[i]);
	t->out[1] = 8;
	t->out[2] = (uint8_t)(sum >> 8);
	t->out[3] = (uint8_t)sum;
	for (unsigned i = 0; i < 4; i++)
		t->out[4 + i] = (uint8_t)(t->n >> (24 - 8 * i));
}

/* start: f0 f1 f2 f3 (offsets of 16 bits) or fd (8 bits). */
static inline void tokenize(struct tokenizer *t, unsigned start, const char *source)
{
	char w[32];

	memset(t, 0, sizeof(*t));
	t->out[0] = (uint8_t)start;
	t->offset16 = start != 0xfd;
	t->header = 0xb5;
	t->n = 8;
	while (tk_word(&source, w))
		tk_one(t, w, &source);
	tk_byte(t, 0);
	tk_finish(t);
}

#endif
