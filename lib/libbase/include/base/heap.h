/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The firmware's own memory. It has no fixed limit: it takes pages from a source (the memory map)
 * and gives large blocks back. Blocks are aligned to 16 bytes. DMA buffers do not come from here.
 */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include "base/compiler.h"

/* Where the heap gets pages: sizes are multiples of HEAP_PAGE. get returns NULL when dry. */
#define HEAP_PAGE 4096u
struct heap_source {
	void *(*get)(size_t bytes);
	void (*put)(void *pages, size_t bytes);
};
void heap_init(const struct heap_source *source);

/* Zeroed memory; panics when there is none. For sizes the machine bounds: nodes, devices. */
void *xalloc(size_t size) __attribute__((malloc));
/* Zeroed memory or NULL. Mandatory where the size comes from outside. */
void *try_alloc(size_t size) __attribute__((malloc)) MUST_CHECK;
/* Resize, keeping the contents; NULL leaves the old block as it was. old may be NULL. */
void *try_resize(void *old, size_t old_size, size_t new_size) MUST_CHECK;
/* Give back. NULL is allowed. The memory is filled with junk. */
void heap_free(void *block);
/* A copy of len bytes of text plus a NUL. */
char *xstrndup(const char *text, size_t len);
char *xstrdup(const char *text);

struct heap_stats {
	size_t used;  /* bytes handed out, headers included */
	size_t taken; /* bytes taken from the source */
};
struct heap_stats heap_stats(void);

#endif
