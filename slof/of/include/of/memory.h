/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one allocator behind claim, release and /memory's "available": an ordered map of all RAM,
 * every memory node's, cut into stretches that each have one owner. Looking up is O(log n),
 * changing O(n) moves of 16-byte records, n being the number of stretches. The map has no limit: its
 * records grow into memory it takes from itself.
 */
#ifndef OF_MEMORY_H
#define OF_MEMORY_H

#include "base/compiler.h"

enum mem_owner {
	MEM_ABSENT, /* no RAM here */
	MEM_FREE,
	MEM_FIRMWARE, /* our image, stacks, low vectors, DMA: clients may neither release nor pass it */
	MEM_HEAP,   /* the same, where its own data are: no program in Forth writes there unasked */
	MEM_LOADED, /* kernel, initrd, the flattened tree: QEMU put it there */
	MEM_CLIENT, /* claimed through the client interface */
};

/*
 * Forget everything: all absent, no real-mode limit. first is memory for the map's own first
 * records, 16 bytes each: at least 16, and as many as stretches there will be before there is free
 * RAM below the limits to grow into.
 */
void mem_init(void *first, size_t bytes);
/*
 * Memory from here on cannot be reached in real mode (the end of the RMA, which is the end of the
 * first memory node). What is taken by mem_alloc() for the firmware, DMA or a claim with alignment
 * stays below. Exact claims and pointers are not restricted: who names an address means it.
 */
void mem_set_real_limit(uint64_t limit);
uint64_t mem_real_limit(void); /* UINT64_MAX: none was set */
/* There is RAM at [addr, addr+size); what was absent becomes free. E_INVAL for size 0 or wrap. */
int mem_add(uint64_t addr, uint64_t size) MUST_CHECK;
/* Give [addr, addr+size) to an owner, whatever of it is free; the rest stays (for reserve maps). */
int mem_reserve(uint64_t addr, uint64_t size, enum mem_owner owner) MUST_CHECK;
/* Take exactly [addr, addr+size): all of it must be free. E_BUSY, E_INVAL (size 0, wrap). */
int mem_claim(uint64_t addr, uint64_t size, enum mem_owner owner) MUST_CHECK;

enum mem_from { MEM_FROM_BOTTOM, MEM_FROM_TOP };
/*
 * Take size bytes aligned to align (a power of two) that end at or below limit and the real-mode
 * limit. E_INVAL for size 0 or an align that is no power of two, E_NOMEM.
 */
int mem_alloc(uint64_t size, uint64_t align, uint64_t limit, enum mem_from from,
	      enum mem_owner owner, uint64_t *addr) MUST_CHECK;
/* Give back: all of it must belong to owner. E_PERM otherwise, and nothing changes. */
int mem_release(uint64_t addr, uint64_t size, enum mem_owner owner) MUST_CHECK;

/*
 * align 0: exactly [addr, addr+size). Else addr is ignored, align is rounded up to a power of two, and
 * the highest place that fits is taken, first below 768 MiB, then below 2 GiB, then below 4 GiB: high,
 * because kernels are linked to low addresses; not higher, because that is where Linux' prom_init
 * looks first and what 32-bit programs can address.
 */
int mem_client_claim(uint64_t addr, uint64_t size, uint64_t align, uint64_t *out) MUST_CHECK;

/* Is all of [addr, addr+size) RAM a client may hand us (not absent, not the firmware's)? */
bool mem_client_may(uint64_t addr, uint64_t size);
/*
 * How many bytes from addr on, at most max, a client may hand us: 0 if not even the first. For
 * strings, whose length is not known beforehand.
 */
uint64_t mem_client_extent(uint64_t addr, uint64_t max);

/*
 * The address and length a method took from the stack, as a pointer; NULL if that is not all RAM.
 * While mem_distrust(true) is in force, the firmware's own memory is refused as well: a client's
 * call-method comes from outside, Forth and C do not. len 0 gives some pointer not to be followed.
 */
void *mem_pointer(uint64_t addr, uint64_t len);
/* Returns what was in force before. */
bool mem_distrust(bool on);
/* Does a method run for a client? */
bool mem_is_distrusted(void);

/* The stretches of one owner (not MEM_ABSENT) in ascending order: start with *at = 0, or where the
 * search is to begin; false when there are no more. */
bool mem_next(enum mem_owner owner, uint64_t *at, uint64_t *addr, uint64_t *size);
/* Changes whenever a free stretch did: who mirrors "available" compares it. */
unsigned mem_generation(void);

/* Pages for DMA and the heap: page aligned, below 2 GiB, zeroed. NULL when there are none. */
void *dma_alloc_pages(size_t bytes, size_t align) MUST_CHECK;
void dma_free_pages(void *pages, size_t bytes);

/*
 * The one place where an address becomes a pointer, and back. A link-time seam: identity on the
 * firmware (ram.c), a mapping that can tell overruns on the host (tests/fake/fakeram.c). Does not
 * check anything.
 */
void *ram_at(uint64_t addr, uint64_t len);
uint64_t ram_address(const void *p);

#endif
