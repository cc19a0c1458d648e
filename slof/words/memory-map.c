/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory: who owns what, taking and giving back. */
#include "words-priv.h"

#include <string.h>

#include "base/err.h"
#include "base/heap.h"
#include "of/memory.h"

static int w_alloc_mem(struct forth *f)
{
	cell_t len = forth_pop(f);
	void *p = len < SIZE_MAX / 2 ? words_block((size_t)len) : NULL;

	if (!p)
		return THROW_MEMORY;
	forth_push(f, (cell_t)(uintptr_t)p);
	return 0;
}

static int w_free_mem(struct forth *f)
{
	cell_t addr;

	(void)forth_pop(f);
	addr = forth_pop(f);
	if (words_block_free(addr))
		return 0;
	return forth_abort(f, "%llx is not from alloc-mem", (unsigned long long)addr);
}

/* ( addr size align -- addr ): align 0 takes exactly this place. */
static int w_claim(struct forth *f)
{
	cell_t align = forth_pop(f), size = forth_pop(f), addr = forth_pop(f);
	uint64_t out;
	int err = mem_client_claim(addr, size, align, &out);

	if (err)
		return forth_abort(f, "%llx size %llx: %s", (unsigned long long)addr,
				   (unsigned long long)size, err_text(err));
	forth_push(f, out);
	return 0;
}

static int w_release(struct forth *f)
{
	cell_t size = forth_pop(f), addr = forth_pop(f);
	int err = mem_release(addr, size, MEM_CLIENT);

	if (err)
		return forth_abort(f, "%llx size %llx: %s", (unsigned long long)addr,
				   (unsigned long long)size, err_text(err));
	return 0;
}

static int show_owner(struct forth *f, enum mem_owner owner, const char *what)
{
	uint64_t at = 0, addr, size;
	int err = 0;

	while (!err && mem_next(owner, &at, &addr, &size)) {
		words_printf(f, "%16llx size %12llx  %s\r\n", (unsigned long long)addr,
			     (unsigned long long)size, what);
		err = words_poll();
	}
	return err;
}

static int w_available(struct forth *f)
{
	int err = show_owner(f, MEM_FREE, "free");

	if (!err)
		err = show_owner(f, MEM_FIRMWARE, "firmware");
	if (!err)
		err = show_owner(f, MEM_HEAP, "firmware's heap");
	if (!err)
		err = show_owner(f, MEM_LOADED, "loaded by the hypervisor");
	return err ? err : show_owner(f, MEM_CLIENT, "claimed");
}

static int w_free(struct forth *f)
{
	struct heap_stats heap = heap_stats();
	uint64_t at = 0, addr, size, sum = 0;

	while (mem_next(MEM_FREE, &at, &addr, &size))
		sum += size;
	words_printf(f,
		     "RAM free: %llu MiB; firmware's heap: %zu KiB used of %zu KiB taken; "
		     "Forth: %zu KiB\r\n",
		     (unsigned long long)(sum >> 20), heap.used >> 10, heap.taken >> 10,
		     forth_used(f) >> 10);
	return 0;
}

// clang-format off
static const struct forth_word rows[] = {
	{"alloc-mem",  "( len -- addr )",            w_alloc_mem, 0, "Take memory"},
	{"free-mem",   "( addr len -- )",            w_free_mem, 0, "Give it back"},
	{"claim",      "( addr size align -- addr )", w_claim, 0, "Take RAM as a client does; align 0: exactly there"},
	{"release",    "( addr size -- )",           w_release, 0, "Give it back"},
	{".available", "( -- )",                     w_available, FORTH_LINES, "Show who owns which RAM"},
	{".free",      "( -- )",                     w_free, FORTH_LINES, "Show how much memory is left"},
};
// clang-format on
const struct words_table words_memory_map = {rows, ARRAY_SIZE(rows)};
