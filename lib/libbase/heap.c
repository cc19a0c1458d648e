/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Size classes over pages. A small block comes from the free list of its class, which is refilled
 * by cutting a chunk of pages; a block beyond the largest class is pages of its own and goes back to
 * the source when freed. Every block carries a header with a mark, so that a block freed twice or
 * written past its end into the next header is caught at the next free.
 */
#include "base/heap.h"

#include <string.h>

#include "base/arith.h"
#include "base/panic.h"

#define MARK_USED   0x55e5a11eu
#define MARK_FREE   0xf4eeb10cu
#define CHUNK_BYTES (64u * 1024)
#define JUNK        0xa5
#define CLASS_LARGE 0xffffffffu

struct header {
	uint32_t mark;
	uint32_t class;
	uint64_t bytes; /* header included */
};

struct free_block {
	struct header head;
	struct free_block *next;
};

static const uint16_t class_bytes[] = {32,  48,  64,   96,   128,  192,  256, 384,
				       512, 768, 1024, 1536, 2048, 3072, 4096};
#define CLASSES ARRAY_SIZE(class_bytes)

static const struct heap_source *source;
static struct free_block *free_list[CLASSES];
static char *chunk, *chunk_end; /* pages not yet cut into blocks */
static struct heap_stats stats;

void heap_init(const struct heap_source *src)
{
	source = src;
	memset(free_list, 0, sizeof(free_list));
	chunk = chunk_end = NULL;
	stats = (struct heap_stats){0, 0};
}

static void *get_pages(size_t bytes)
{
	void *pages = source ? source->get(bytes) : NULL;

	if (pages)
		stats.taken += bytes;
	return pages;
}

static unsigned class_of(size_t bytes)
{
	unsigned c = 0;

	while (c < CLASSES && class_bytes[c] < bytes)
		c++;
	return c;
}

static struct header *cut_small(unsigned c)
{
	size_t bytes = class_bytes[c];
	struct header *h;

	if (free_list[c]) {
		struct free_block *b = free_list[c];

		assert(b->head.mark == MARK_FREE);
		free_list[c] = b->next;
		return &b->head;
	}
	if ((size_t)(chunk_end - chunk) < bytes) {
		/* what is left of the old chunk is too short for this class and is given up */
		chunk = get_pages(CHUNK_BYTES);
		chunk_end = chunk ? chunk + CHUNK_BYTES : NULL;
		if (!chunk)
			return NULL;
	}
	h = (void *)chunk;
	chunk += bytes;
	return h;
}

void *try_alloc(size_t size)
{
	struct header *h;
	uint64_t bytes;
	unsigned c;

	if (!add_ok(size, sizeof(*h), &bytes))
		return NULL;
	c = class_of(bytes);
	if (c < CLASSES) {
		bytes = class_bytes[c];
		h = cut_small(c);
	} else {
		if (!align_up_ok(bytes, HEAP_PAGE, &bytes))
			return NULL;
		c = CLASS_LARGE;
		h = get_pages(bytes);
	}
	if (!h)
		return NULL;
	*h = (struct header){MARK_USED, c, bytes};
	stats.used += bytes;
	memset(h + 1, 0, bytes - sizeof(*h));
	return h + 1;
}

void *xalloc(size_t size)
{
	void *p = try_alloc(size);

	if (!p)
		panic("heap: no %llu bytes left (%llu in use)", (unsigned long long)size,
		      (unsigned long long)stats.used);
	return p;
}

void *try_resize(void *old, size_t old_size, size_t new_size)
{
	struct header *h = old ? (struct header *)old - 1 : NULL;
	void *p;

	if (h && new_size <= h->bytes - sizeof(*h)) {
		if (new_size > old_size)
			memset((char *)old + old_size, 0, new_size - old_size);
		return old;
	}
	p = try_alloc(new_size);
	if (!p)
		return NULL;
	if (old) {
		memcpy(p, old, old_size < new_size ? old_size : new_size);
		heap_free(old);
	}
	return p;
}

void heap_free(void *block)
{
	struct header *h;
	uint64_t bytes;

	if (!block)
		return;
	h = (struct header *)block - 1;
	if (h->mark != MARK_USED)
		panic("heap: %p freed twice or overwritten (mark %08x)", block, h->mark);
	bytes = h->bytes;
	stats.used -= bytes;
	if (h->class == CLASS_LARGE) {
		stats.taken -= bytes;
		source->put(h, bytes);
		return;
	}
	memset(block, JUNK, bytes - sizeof(*h));
	h->mark = MARK_FREE;
	((struct free_block *)h)->next = free_list[h->class];
	free_list[h->class] = (struct free_block *)h;
}

char *xstrndup(const char *text, size_t len)
{
	char *copy = xalloc(len + 1);

	memcpy(copy, text, len);
	return copy;
}

char *xstrdup(const char *text)
{
	return xstrndup(text, strlen(text));
}

struct heap_stats heap_stats(void)
{
	return stats;
}
