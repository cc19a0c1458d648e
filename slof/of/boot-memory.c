/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory a program leaves behind. Who claimed what before it started is noted; when it comes back, every
 * other stretch that clients own is free again. What was claimed for a program before it runs is noted likewise.
 */
#define LOG_TAG "boot"
#include "boot-priv.h"

#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "of/memory.h"

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

/* The next part of [*addr, end) that is not marked; *addr becomes where it ends. False: there is none. */
static bool next_unmarked(const struct memory_mark *mark, uint64_t *addr, uint64_t end,
			  uint64_t *from)
{
	uint64_t next, stop;

	for (; *addr < end; *addr = stop) {
		stop = marked(mark, *addr, &next);
		if (stop)
			continue;
		*from = *addr;
		*addr = next < end ? next : end;
		return true;
	}
	return false;
}

static unsigned count_client(void)
{
	uint64_t at = 0, addr, size;
	unsigned n = 0;

	while (mem_next(MEM_CLIENT, &at, &addr, &size))
		n++;
	return n;
}

int memory_note(const struct memory_mark *without, struct memory_mark *mark)
{
	unsigned room = count_client() + without->n;
	uint64_t at = 0, addr, size, from;

	mark->n = 0;
	mark->range = try_alloc((room + 1) * 2 * sizeof(uint64_t));
	if (!mark->range)
		return E_NOMEM;
	while (mem_next(MEM_CLIENT, &at, &addr, &size)) {
		uint64_t end = addr + size;

		while (mark->n < room && next_unmarked(without, &addr, end, &from)) {
			mark->range[2 * mark->n] = from;
			mark->range[2 * mark->n + 1] = addr - from;
			mark->n++;
		}
	}
	return 0;
}

void memory_forget(struct memory_mark *mark)
{
	heap_free(mark->range);
	*mark = (struct memory_mark){0};
}

void memory_release(struct memory_mark *mark)
{
	for (unsigned i = 0; i < mark->n; i++)
		if (mem_release(mark->range[2 * i], mark->range[2 * i + 1], MEM_CLIENT))
			log_debug("%llx bytes at %llx were given back already",
				  (unsigned long long)mark->range[2 * i + 1],
				  (unsigned long long)mark->range[2 * i]);
	memory_forget(mark);
}

void memory_release_since(struct memory_mark *mark)
{
	uint64_t at = 0, addr, size, from;

	while (mark->range && mem_next(MEM_CLIENT, &at, &addr, &size))
		for (uint64_t end = addr + size; next_unmarked(mark, &addr, end, &from);)
			if (mem_release(from, addr - from, MEM_CLIENT))
				break; /* no record left: it stays taken */
	memory_forget(mark);
}
