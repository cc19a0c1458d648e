/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory a program leaves behind. Who claimed what before it started is noted; when it comes back, every
 * other stretch that clients own is free again.
 */
#include "boot-priv.h"

#include "base/err.h"
#include "base/heap.h"
#include "of/memory.h"

static unsigned count_client(void)
{
	uint64_t at = 0, addr, size;
	unsigned n = 0;

	while (mem_next(MEM_CLIENT, &at, &addr, &size))
		n++;
	return n;
}

int memory_mark(struct memory_mark *mark)
{
	unsigned n = count_client();
	uint64_t at = 0, addr, size;

	mark->n = 0;
	mark->range = try_alloc((n + 1) * 2 * sizeof(uint64_t));
	if (!mark->range)
		return E_NOMEM;
	while (mark->n < n && mem_next(MEM_CLIENT, &at, &addr, &size)) {
		mark->range[2 * mark->n] = addr;
		mark->range[2 * mark->n + 1] = size;
		mark->n++;
	}
	return 0;
}

/* The end of the marked stretch that has addr, or 0; *next: where the next one starts. */
static uint64_t marked(const struct memory_mark *mark, uint64_t addr, uint64_t *next)
{
	*next = UINT64_MAX;
	for (unsigned i = 0; i < mark->n; i++) {
		uint64_t start = mark->range[2 * i], size = mark->range[2 * i + 1];

		if (addr >= start && addr - start < size)
			return start + size;
		if (start > addr) {
			*next = start;
			break;
		}
	}
	return 0;
}

/* Free what of [addr, end), a client's, is not marked. */
static void release(const struct memory_mark *mark, uint64_t addr, uint64_t end)
{
	while (addr < end) {
		uint64_t next, stop = marked(mark, addr, &next);

		if (!stop) {
			stop = next < end ? next : end;
			if (mem_release(addr, stop - addr, MEM_CLIENT))
				return; /* no record left: it stays taken */
		}
		addr = stop;
	}
}

void memory_release_since(struct memory_mark *mark)
{
	uint64_t at = 0, addr, size;

	while (mark->range && mem_next(MEM_CLIENT, &at, &addr, &size))
		release(mark, addr, addr + size);
	heap_free(mark->range);
	*mark = (struct memory_mark){0};
}
