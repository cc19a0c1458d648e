/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dictionary: words by token and by name. A token is a small number, so it fits the 32 bits FCode
 * has for it, and any number can be checked for being one. Words are never given back before the
 * engine is: a marker only hides them, so that a token or a running definition stays good.
 */
#include "forth-priv.h"

#include <string.h>

#include "base/err.h"
#include "base/heap.h"

enum { BLOCK = 128 };
struct word_block {
	struct word_block *next;
	struct word word[BLOCK];
};

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool same_name(const char *a, size_t alen, const char *b, size_t blen)
{
	if (alen != blen)
		return false;
	for (size_t i = 0; i < alen; i++) {
		if (lower(a[i]) != lower(b[i]))
			return false;
	}
	return true;
}

static unsigned hash_of(const char *name, size_t len)
{
	uint32_t h = 5381;

	for (size_t i = 0; i < len; i++)
		h = h * 33 ^ (uint8_t)lower(name[i]);
	return (h ^ h >> 8) % HASH;
}

static int room_for_word(struct forth *f)
{
	struct word_block *b;

	if (f->nwords < f->room_words)
		return 0;
	b = try_alloc(sizeof(*b));
	if (b) {
		size_t old = f->room_words * sizeof(void *);
		struct word **table = try_resize(f->words, old, old + BLOCK * sizeof(void *));

		if (table) {
			b->next = f->blocks;
			f->blocks = b;
			f->words = table;
			f->room_words += BLOCK;
			f->used += sizeof(*b) + BLOCK * sizeof(void *);
			return 0;
		}
		heap_free(b);
	}
	return THROW_MEMORY;
}

static struct word *take_word(struct forth *f, const char *name, size_t len, forth_fn *fn)
{
	struct word *w;

	if (room_for_word(f))
		return NULL;
	w = &f->blocks->word[f->nwords % BLOCK];
	f->words[f->nwords++] = w;
	w->token = f->nwords;
	w->fn = fn;
	thread_word(f, w);
	w->name = name;
	w->name_len = (uint32_t)len;
	w->wid = f->current;
	w->hidden = true;
	return w;
}

struct word *new_word(struct forth *f, const char *name, size_t len, forth_fn *fn)
{
	char *copy = try_alloc(len + 1);
	struct word *w;

	if (!copy)
		return NULL;
	memcpy(copy, name, len);
	w = take_word(f, copy, len, fn);
	if (!w)
		heap_free(copy);
	else
		f->used += len + 1;
	return w;
}

void link_word(struct forth *f, struct word *w)
{
	struct word **head = &f->hash[hash_of(w->name, w->name_len)];

	w->hidden = false;
	w->chain = *head;
	*head = w;
	if (w->wid != 0 && w->name_len > 0 && f->ops->defined)
		f->ops->defined(f->ops->ctx, w->wid, w->token, w->name);
}

/* What prints lines begins with one. */
static int do_lines(struct forth *f)
{
	if (f->ops->fresh_line) {
		f->ops->fresh_line(f->ops->ctx);
		f->sys->out = 0;
	}
	return f->w->row->fn(f);
}

int forth_add(struct forth *f, const struct forth_word *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct forth_word *row = &words[i];
		struct effect e;
		struct word *w;

		if (effect_parse(row->effect, &e))
			return THROW_ARGUMENT;
		w = take_word(f, row->name, strlen(row->name),
			      row->flags & FORTH_LINES ? do_lines : row->fn);
		if (!w)
			return THROW_MEMORY;
		w->in = (uint16_t)e.in;
		w->grow = (int16_t)(e.out - e.in);
		w->flags = row->flags;
		w->row = row;
		link_word(f, w);
	}
	return 0;
}

struct word *word_of(struct forth *f, cell_t xt)
{
	struct word *w = xt >= 1 && xt <= f->nwords ? f->words[xt - 1] : NULL;

	/* what compiled code alone may contain expects operands behind it */
	return w && !(w->flags & FORTH_INTERNAL) ? w : NULL;
}

static struct word *search(struct forth *f, const char *name, size_t len, uint32_t wid, bool inner)
{
	struct word *w = f->hash[hash_of(name, len)];

	while (w && (w->hidden || w->wid != wid || inner == !(w->flags & FORTH_INTERNAL) ||
		     !same_name(name, len, w->name, w->name_len)))
		w = w->chain;
	return w;
}

struct word *find_in(struct forth *f, const char *name, size_t len, uint32_t wid)
{
	return len > 0 ? search(f, name, len, wid, false) : NULL;
}

struct word *find_primitive(struct forth *f, const char *name, size_t len)
{
	struct word *w = f->hash[hash_of(name, len)];

	while (w && (!w->row || w->flags & FORTH_INTERNAL ||
		     !same_name(name, len, w->name, w->name_len)))
		w = w->chain;
	return w;
}

struct word *find_word(struct forth *f, const char *name, size_t len)
{
	struct word *w = f->package ? find_in(f, name, len, f->package) : NULL;

	for (uint32_t i = f->norder; i > 0 && !w; i--)
		w = find_in(f, name, len, f->order[i - 1]);
	return w;
}

struct word *internal(struct forth *f, const char *name)
{
	return search(f, name, strlen(name), 0, true);
}

cell_t forth_find(struct forth *f, const char *name, size_t len)
{
	const struct word *w = find_word(f, name, len);

	return w ? w->token : 0;
}

const struct forth_word *forth_row(const struct forth *f, size_t i)
{
	for (uint32_t n = f->nwords; n > 0; n--) {
		const struct forth_word *row = f->words[n - 1]->row;

		if (row && i-- == 0)
			return row;
	}
	return NULL;
}

static bool in_order(const struct forth *f, const struct word *w)
{
	for (uint32_t i = 0; i < f->norder; i++) {
		if (f->order[i] == w->wid)
			return true;
	}
	return false;
}

bool forth_next_name(const struct forth *f, size_t *at, struct forth_text *name)
{
	while (*at < f->nwords) {
		const struct word *w = f->words[f->nwords - 1 - (*at)++];

		if (w->hidden || w->name_len == 0 || w->flags & FORTH_INTERNAL || !in_order(f, w))
			continue;
		*name = (struct forth_text){w->name, w->name_len};
		return true;
	}
	return false;
}

void forget_words(struct forth *f, uint32_t from)
{
	for (uint32_t i = from; i < f->nwords; i++)
		f->words[i]->hidden = true;
	f->latest = NULL;
}

void free_dict(struct forth *f)
{
	for (uint32_t i = 0; i < f->nwords; i++) {
		struct word *w = f->words[i];

		if (!w->row) {
			heap_free((void *)(uintptr_t)w->name);
			heap_free((void *)(uintptr_t)w->code);
		}
	}
	while (f->blocks) {
		struct word_block *b = f->blocks;

		f->blocks = b->next;
		heap_free(b);
	}
	heap_free(f->words);
}
