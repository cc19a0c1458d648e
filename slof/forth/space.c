/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory as programs see it: data space, which grows by chunks, the engine's variables and buffers,
 * the text being interpreted, and whatever else the host lets them touch. An address is the real one.
 */
#include "forth-priv.h"

#include <string.h>

#include "base/heap.h"

static void link_chunk(struct forth *f, struct chunk *c, void *base, cell_t size)
{
	c->base = (cell_t)(uintptr_t)base;
	c->size = size;
	c->next = f->chunks;
	f->chunks = c;
	f->used += size + sizeof(*c);
}

/* Header and memory are one block. */
void *chunk_add(struct forth *f, cell_t size)
{
	struct chunk *c;

	if (size > SIZE_MAX / 2)
		return NULL;
	c = try_alloc(sizeof(*c) + (size_t)size);
	if (!c)
		return NULL;
	link_chunk(f, c, c + 1, size);
	return c + 1;
}

void chunk_remove(struct forth *f, void *base)
{
	struct chunk *gone = (struct chunk *)base - 1, **at = &f->chunks;

	while (*at != gone)
		at = &(*at)->next;
	*at = gone->next;
	if (f->seen == gone)
		f->seen = f->chunks;
	f->used -= gone->size + sizeof(*gone);
	heap_free(gone);
}

static int new_chunk(struct forth *f, cell_t bytes)
{
	cell_t size = bytes < CHUNK / 2 ? CHUNK : bytes + CHUNK / 2;
	void *base = bytes > SIZE_MAX / 4 ? NULL : chunk_add(f, size);

	if (!base)
		return THROW_DICTIONARY;
	f->chunk = f->chunks;
	f->here = f->chunk->base;
	return 0;
}

int space_init(struct forth *f)
{
	f->sys = chunk_add(f, sizeof(*f->sys));
	if (!f->sys)
		return THROW_MEMORY;
	f->sys->base = 16;
	return new_chunk(f, 0);
}

void space_free(struct forth *f)
{
	while (f->chunks) {
		struct chunk *c = f->chunks;

		f->chunks = c->next;
		heap_free(c);
	}
}

static cell_t room_left(const struct forth *f)
{
	return f->chunk->size - (f->here - f->chunk->base);
}

/* A word whose data start right here and are still empty moves with here to a larger chunk. */
int space_room(struct forth *f, cell_t bytes)
{
	bool follows = f->latest && f->latest->body == f->here &&
		       (f->latest->fn == do_create || f->latest->fn == do_does);
	int err;

	if (bytes <= room_left(f))
		return 0;
	if (!follows)
		return THROW_DICTIONARY;
	err = new_chunk(f, bytes);
	if (!err)
		f->latest->body = f->here;
	return err;
}

int space_allot(struct forth *f, cell_t bytes)
{
	int err;

	if ((int64_t)bytes < 0) {
		if (0 - bytes > f->here - f->chunk->base)
			return THROW_DICTIONARY;
	} else {
		err = space_room(f, bytes);
		if (err)
			return err;
	}
	f->here += bytes;
	return 0;
}

/* Before a new word's data: enough room that what follows it lies behind it, or a new chunk. */
static int start_data(struct forth *f)
{
	f->here = (f->here + 7) & ~(cell_t)7;
	return f->here - f->chunk->base > f->chunk->size || room_left(f) < (cell_t)CHUNK / 4
		       ? new_chunk(f, 0)
		       : 0;
}

int create_named(struct forth *f, forth_fn *fn, struct word **out)
{
	struct forth_text name;
	struct word *w;
	int err = need_name(f, &name);

	if (!err)
		err = start_data(f);
	if (err)
		return err;
	w = new_word(f, name.p, name.len, fn);
	if (!w)
		return THROW_DICTIONARY;
	w->body = f->here;
	w->grow = 1;
	link_word(f, w);
	f->latest = w;
	*out = w;
	return 0;
}

static bool holds(const struct chunk *c, cell_t addr, cell_t len)
{
	return addr >= c->base && addr - c->base <= c->size && len <= c->size - (addr - c->base);
}

void *forth_at(struct forth *f, cell_t addr, cell_t len, bool write)
{
	struct chunk *c = f->seen;

	if (c && holds(c, addr, len))
		return (void *)(uintptr_t)addr;
	for (c = f->chunks; c; c = c->next) {
		if (holds(c, addr, len)) {
			f->seen = c;
			return (void *)(uintptr_t)addr;
		}
	}
	return f->ops->memory ? f->ops->memory(f->ops->ctx, addr, len, write) : NULL;
}

cell_t string_buffer(struct forth *f)
{
	f->next_string = (f->next_string + 1) % STRINGS;
	return (cell_t)(uintptr_t)f->sys->string[f->next_string];
}
