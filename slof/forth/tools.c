/* SPDX-License-Identifier: BSD-2-Clause */
/* Looking at things: words, see, help, dump. */
#include "forth-priv.h"

#include <string.h>

static int w_words(struct forth *f)
{
	for (uint32_t i = f->nwords; i > 0; i--) {
		const struct word *w = f->words[i - 1];
		int err = poll_turn(f);

		if (err)
			return err;
		if (w->hidden || w->name_len == 0 || w->flags & FORTH_INTERNAL)
			continue;
		if (f->sys->out + w->name_len > 78)
			out_text(f, "\r\n");
		forth_type(f, w->name, w->name_len);
		out_char(f, ' ');
	}
	out_text(f, "\r\n");
	return 0;
}

/* One instruction; how many cells it has. */
static uint32_t see_one(struct forth *f, const struct word *in, uint32_t at)
{
	const struct word *w = (const struct word *)(uintptr_t)in->code[at];
	const cell_t *operand = &in->code[at + 1];

	forth_type(f, w->name, w->name_len);
	if (w->flags & FORTH_STRING) {
		out_char(f, ' ');
		forth_type(f, (const char *)(uintptr_t)operand[0], (size_t)operand[1]);
		out_text(f, "\"\r\n");
		return 3;
	}
	if (!(w->flags & (FORTH_LITERAL | FORTH_BRANCH | FORTH_TOKEN))) {
		out_text(f, "\r\n");
		return 1;
	}
	out_char(f, ' ');
	if (w->flags & FORTH_TOKEN)
		forth_type(f, f->words[*operand - 1]->name, f->words[*operand - 1]->name_len);
	else if (w->flags & FORTH_BRANCH)
		out_number(f, at + 1 + *operand, false, 16);
	else
		out_number(f, *operand, false, 16);
	out_text(f, "\r\n");
	return 2;
}

static int w_see(struct forth *f)
{
	struct word *w;
	int err = need_word(f, &w);

	if (err)
		return err;
	forth_type(f, w->name, w->name_len);
	if (w->row) {
		out_text(f, " ");
		out_text(f, w->row->effect);
		out_text(f, " in C: ");
		out_text(f, w->row->help);
	} else if (w->fn != do_colon) {
		out_text(f, " data ");
		out_number(f, w->body, false, 16);
	}
	out_text(f, "\r\n");
	for (uint32_t at = 0; w->code && at < w->ncode;) {
		out_number(f, at, false, 16);
		out_char(f, ' ');
		at += see_one(f, w, at);
	}
	return 0;
}

static void dump_line(struct forth *f, const uint8_t *p, cell_t addr, unsigned n)
{
	char line[96];
	struct strbuf sb = strbuf_on(line, sizeof(line));

	strbuf_printf(&sb, "%016llx:", (unsigned long long)addr);
	for (unsigned i = 0; i < 16; i++) {
		if (i < n)
			strbuf_printf(&sb, " %02x", p[i]);
		else
			strbuf_str(&sb, "   ");
	}
	strbuf_str(&sb, "  ");
	for (unsigned i = 0; i < n; i++)
		strbuf_char(&sb, p[i] >= ' ' && p[i] < 127 ? (char)p[i] : '.');
	strbuf_str(&sb, "\r\n");
	out_text(f, line);
}

static int w_dump(struct forth *f)
{
	cell_t len = POP(), addr = POP();
	int err = 0;

	for (cell_t at = 0; at < len && !err; at += 16) {
		unsigned n = len - at < 16 ? (unsigned)(len - at) : 16;
		const uint8_t *p = forth_at(f, addr + at, n, false);

		if (!p)
			return THROW_ADDRESS;
		dump_line(f, p, addr + at, n);
		err = poll_now(f);
	}
	return err;
}

static int w_noop(struct forth *f UNUSED)
{
	return 0;
}

// clang-format off
static const struct forth_word rows[] = {
	{"words", "( -- )",          w_words, FORTH_LINES, "List all words"},
	{"see",   "( -- )",          w_see, FORTH_LINES, "Show what a word is made of"},
	{"help",  "( -- )",          w_see, FORTH_LINES, "Show what a word does"},
	{"dump",  "( addr len -- )", w_dump, FORTH_LINES, "Show memory"},
	{"noop",  "( -- )",          w_noop, 0, "Do nothing"},
};
// clang-format on
const struct word_table words_tools = {rows, ARRAY_SIZE(rows)};
