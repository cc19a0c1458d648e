/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The world of the engine: console, clock and memory of the machine. A program may read all RAM
 * there is and write all but the firmware's own image and vectors; else it is a throw. On the host, where the firmware's own data are not in that
 * RAM, it may also touch what a word gave it an address of. Ctrl-C breaks into a running program;
 * all other keys wait for whoever reads them.
 */
#include "words-priv.h"

#include "base/clock.h"
#include "base/heap.h"
#include "of/memory.h"

enum { NAP_MS = 20, CTRL_C = 3, LENT = 64 };

/* A block of the program's (alloc-mem). */
struct block {
	struct block *next, **back;
	size_t len;
	uint64_t align;
	uint8_t bytes[];
};

static bool interrupted;
static struct block *blocks;
static struct {
	const uint8_t *p;
	size_t len;
} lent[LENT];
static unsigned lent_next;

static bool in_line; /* something is printed on the line the cursor is in */

static void world_emit(void *ctx UNUSED, const char *text, size_t len)
{
	of_print(text, len);
	if (len > 0)
		in_line = text[len - 1] != '\n' && text[len - 1] != '\r';
}

void words_line_begun(void)
{
	in_line = true;
}

void words_fresh_line(void)
{
	if (in_line)
		world_emit(NULL, "\r\n", 2);
}

static void world_fresh_line(void *ctx UNUSED)
{
	words_fresh_line();
}

/* Ctrl-C breaks in, also into a program that reads all keys. */
static int world_key(void *ctx UNUSED)
{
	int key;

	while (!of_key_wait(UINT32_MAX))
		;
	key = of_key();
	if (key != CTRL_C)
		return key;
	interrupted = true;
	return -1;
}

static bool world_key_ready(void *ctx UNUSED)
{
	return of_key_ready();
}

static uint64_t world_ms(void *ctx UNUSED)
{
	return clock_us() / 1000;
}

static void world_delay(void *ctx UNUSED, uint64_t ms)
{
	uint64_t from = clock_us(), span = ms > UINT64_MAX / 1000 ? UINT64_MAX : ms * 1000, gone;

	while (!interrupted && (gone = clock_us() - from) < span) {
		uint64_t left_ms = (span - gone) / 1000;

		if (left_ms == 0)
			clock_delay_us(span - gone);
		else
			of_idle(left_ms < NAP_MS ? (uint32_t)left_ms : NAP_MS);
		if (of_key_break())
			interrupted = true;
	}
}

static int world_poll(void *ctx UNUSED)
{
	return words_poll();
}

int words_poll(void)
{
	bool now = interrupted || of_key_break();

	interrupted = false;
	return now ? THROW_INTERRUPT : 0;
}

/* ---- memory ------------------------------------------------------------------------------- */

void words_lend(const void *p, size_t len)
{
	lent[lent_next].p = p;
	lent[lent_next].len = len;
	lent_next = (lent_next + 1) % LENT;
}

void *words_block(size_t len)
{
	struct block *b = len > SIZE_MAX / 2 ? NULL : try_alloc(sizeof(*b) + len);

	if (!b)
		return NULL;
	b->len = len;
	b->next = blocks;
	b->back = &blocks;
	if (blocks)
		blocks->back = &b->next;
	blocks = b;
	return b->bytes;
}

bool words_block_free(cell_t addr)
{
	struct block *b = blocks;

	while (b && (cell_t)(uintptr_t)b->bytes != addr)
		b = b->next;
	if (!b)
		return false;
	*b->back = b->next;
	if (b->next)
		b->next->back = b->back;
	heap_free(b);
	return true;
}

void words_world_reset(void)
{
	in_line = false;
	while (blocks) {
		struct block *b = blocks;

		blocks = b->next;
		heap_free(b);
	}
	for (unsigned i = 0; i < LENT; i++)
		lent[i].len = 0;
}

static bool inside(cell_t addr, cell_t len, const void *p, size_t size)
{
	cell_t base = (cell_t)(uintptr_t)p;

	return addr >= base && addr - base <= size && len <= size - (addr - base);
}

/* addr as a pointer, if it lies in memory a word gave the program. */
static void *own_memory(cell_t addr, cell_t len)
{
	for (const struct block *b = blocks; b; b = b->next) {
		if (inside(addr, len, b->bytes, b->len))
			return (void *)(uintptr_t)addr;
	}
	for (unsigned i = 0; i < LENT; i++) {
		if (lent[i].len > 0 && inside(addr, len, lent[i].p, lent[i].len))
			return (void *)(uintptr_t)addr;
	}
	return NULL;
}

static bool is_vital(cell_t addr, cell_t len)
{
	return of_platform()->is_vital && of_platform()->is_vital(addr, len);
}

static void *world_memory(void *ctx UNUSED, cell_t addr, cell_t len, bool write)
{
	/* what lies beyond the limit cannot be reached in real mode, RAM or not */
	bool reachable = addr < mem_real_limit() && len <= mem_real_limit() - addr;
	void *p = reachable ? mem_pointer(addr, len) : NULL;

	return p && !(write && is_vital(addr, len)) ? p : own_memory(addr, len);
}

const struct forth_ops words_world = {
	.emit = world_emit,
	.key = world_key,
	.key_ready = world_key_ready,
	.ms = world_ms,
	.delay_ms = world_delay,
	.poll = world_poll,
	.fresh_line = world_fresh_line,
	.memory = world_memory,
	.defined = words_defined,
};
