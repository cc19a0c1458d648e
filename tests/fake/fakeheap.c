/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The heap's contract over malloc(), so that AddressSanitizer sees every block. Linked before the
 * archive of libbase, it takes the place of heap.c.
 */
#include "fakeheap.h"

#include <stdlib.h>
#include <string.h>

#include "base/panic.h"

int fakeheap_dry_after = -1;

/* A machine has only so much; a fuzzer asks for more. */
#define LARGEST ((size_t)1 << 28)

void heap_init(const struct heap_source *source)
{
	(void)source;
}

void *try_alloc(size_t size)
{
	if (fakeheap_dry_after == 0)
		return NULL;
	if (fakeheap_dry_after > 0)
		fakeheap_dry_after--;
	if (size > LARGEST)
		return NULL;
	return calloc(1, size ? size : 1);
}

void *xalloc(size_t size)
{
	void *p = calloc(1, size ? size : 1);

	if (!p)
		panic("heap: no %zu bytes left", size);
	return p;
}

void *try_resize(void *old, size_t old_size, size_t new_size)
{
	char *p;

	if (fakeheap_dry_after == 0 || new_size > LARGEST)
		return NULL;
	p = realloc(old, new_size ? new_size : 1);
	if (p && new_size > old_size)
		memset(p + old_size, 0, new_size - old_size);
	return p;
}

void heap_free(void *block)
{
	free(block);
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
	return (struct heap_stats){0, 0};
}
