/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one allocator behind claim, release and /memory's "available": an ordered map of all RAM,
 * every memory node's, cut into stretches that each have one owner. Looking up is O(log n),
 * changing O(n) moves of 16-byte records, n being the number of stretches.
 */
#ifndef OF_MEMORY_H
#define OF_MEMORY_H

#include "base/compiler.h"

enum mem_owner {
	MEM_ABSENT,   /* no RAM here */
	MEM_FREE,
	MEM_FIRMWARE, /* our image, stacks, heap, low vectors: clients may neither release nor pass it */
	MEM_LOADED,   /* kernel, initrd, the flattened tree: QEMU put it there */
	MEM_CLIENT,   /* claimed through the client interface */
};

/* Forget everything: all absent. first is memory for the map's own first records. */
void mem_init(void *first, size_t bytes);
/* There is RAM at [addr, addr+size); what was absent becomes free. */
int mem_add(uint64_t addr, uint64_t size) MUST_CHECK;
/* Give [addr, addr+size) to an owner, whatever of it is free; the rest stays (for reserve maps). */
int mem_reserve(uint64_t addr, uint64_t size, enum mem_owner owner) MUST_CHECK;
/* Take exactly [addr, addr+size): all of it must be free. E_BUSY, E_INVAL (size 0, wrap). */
int mem_claim(uint64_t addr, uint64_t size, enum mem_owner owner) MUST_CHECK;

enum mem_from { MEM_FROM_BOTTOM, MEM_FROM_TOP };
/* Take size bytes aligned to align (a power of two) with the last byte below limit (exclusive). */
int mem_alloc(uint64_t size, uint64_t align, uint64_t limit, enum mem_from from,
	      enum mem_owner owner, uint64_t *addr) MUST_CHECK;
/* Give back: all of it must belong to owner. E_PERM otherwise, and nothing changes. */
int mem_release(uint64_t addr, uint64_t size, enum mem_owner owner) MUST_CHECK;

/* Is all of [addr, addr+size) RAM a client may hand us (not absent, not the firmware's)? */
bool mem_client_may(uint64_t addr, uint64_t size);
/*
 * As mem_client_may() for one byte, and how many bytes from addr on may be handed: 0 if none.
 * For strings, whose length is not known beforehand.
 */
uint64_t mem_client_extent(uint64_t addr);

/* The stretches of one owner in ascending order: start with *at = 0; false when there are no more. */
bool mem_next(enum mem_owner owner, uint64_t *at, uint64_t *addr, uint64_t *size);
/* Changes whenever a free stretch did: who mirrors "available" compares it. */
unsigned mem_generation(void);

/* Pages for DMA: page aligned, below 2 GiB, zeroed. NULL when there are none. */
void *dma_alloc_pages(size_t bytes, size_t align) MUST_CHECK;
void dma_free_pages(void *pages, size_t bytes);

#endif
