/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory as devices see it, on the host: what is mapped gets an address that has nothing to do with the
 * CPU's but its offset within the page, and no two mappings touch. A device that uses any other address ends
 * the test.
 */
#ifndef FAKEDMA_H
#define FAKEDMA_H

#include "dev/dma.h"

extern const struct dma fakedma;

/* Forget all; what was mapped or allocated and not given back ends the test. */
void fakedma_reset(void);
/* Addresses from now on: a window below 4 GiB, for devices that see no more. Until fakedma_reset(). */
void fakedma_go_on_at(uint64_t dev);
/* What a device finds at [dev, dev+len), which must lie inside one mapping. */
void *fakedma_at(uint64_t dev, uint64_t len);
/* The same question, asked. */
bool fakedma_open(uint64_t dev, uint64_t len);
/* How many mappings there are, allocated memory included. */
unsigned fakedma_mappings(void);
/* Mapping and allocating fail after this many more; negative: never. */
extern int fakedma_dry_after;

#endif
