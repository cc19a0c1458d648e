/* SPDX-License-Identifier: BSD-2-Clause */
/* A window with no end: addresses only go up, with an unmapped page behind each mapping. */
#include "fakedma.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#define PAGE  4096u
#define START 0x7e0000000ull

struct mapping {
	struct mapping *next;
	uint8_t *mem;
	uint64_t dev, size;
};

static struct mapping *mappings;
static uint64_t next_dev = START;
int fakedma_dry_after = -1;

static bool dry(void)
{
	return fakedma_dry_after >= 0 && fakedma_dry_after-- == 0;
}

static int fake_map(void *ctx, void *mem, uint64_t size, uint64_t *dev)
{
	struct mapping *m;

	(void)ctx;
	if (size == 0)
		return E_INVAL;
	if (dry()) {
		fakedma_dry_after = 0;
		return E_NOSPC;
	}
	m = malloc(sizeof(*m));
	*m = (struct mapping){mappings, mem, next_dev + ((uintptr_t)mem & (PAGE - 1)), size};
	next_dev = (m->dev + size + 2 * PAGE) & ~(uint64_t)(PAGE - 1);
	mappings = m;
	*dev = m->dev;
	return 0;
}

static int fake_unmap(void *ctx, uint64_t dev, uint64_t size)
{
	struct mapping **at = &mappings, *m;

	(void)ctx;
	while (*at && (*at)->dev != dev)
		at = &(*at)->next;
	m = *at;
	if (!m || m->size != size)
		return E_INVAL;
	*at = m->next;
	free(m);
	return 0;
}

static void *fake_alloc(void *ctx, size_t bytes, uint64_t *dev)
{
	void *mem = aligned_alloc(PAGE, (bytes + PAGE - 1) / PAGE * PAGE);

	memset(mem, 0, bytes);
	if (fake_map(ctx, mem, bytes, dev) == 0)
		return mem;
	free(mem);
	return NULL;
}

static void fake_free(void *ctx, void *mem, size_t bytes, uint64_t dev)
{
	if (!mem)
		return;
	if (fake_unmap(ctx, dev, bytes)) {
		fprintf(stderr, "free of %zx bytes at %llx, which were not allocated\n", bytes,
			(unsigned long long)dev);
		abort();
	}
	free(mem);
}

static const struct dma_ops ops = {fake_map, fake_unmap, fake_alloc, fake_free};
const struct dma fakedma = {&ops, NULL};

static struct mapping *find(uint64_t dev, uint64_t len)
{
	struct mapping *m = mappings;

	while (m && (dev < m->dev || dev - m->dev > m->size || m->size - (dev - m->dev) < len))
		m = m->next;
	return m;
}

bool fakedma_open(uint64_t dev, uint64_t len)
{
	return find(dev, len) != NULL;
}

void *fakedma_at(uint64_t dev, uint64_t len)
{
	struct mapping *m = find(dev, len);

	if (!m) {
		fprintf(stderr, "a device uses %llx bytes at %llx, which are not mapped\n",
			(unsigned long long)len, (unsigned long long)dev);
		abort();
	}
	return m->mem + (dev - m->dev);
}

unsigned fakedma_mappings(void)
{
	unsigned n = 0;

	for (const struct mapping *m = mappings; m; m = m->next)
		n++;
	return n;
}

void fakedma_go_on_at(uint64_t dev)
{
	next_dev = dev;
}

void fakedma_reset(void)
{
	if (mappings) {
		fprintf(stderr, "%llx bytes at %llx are still mapped\n",
			(unsigned long long)mappings->size, (unsigned long long)mappings->dev);
		abort();
	}
	next_dev = START;
	fakedma_dry_after = -1;
}
