/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An index of names for the jobs that touch a whole tree at once: intake, merging, flattening. A
 * node's own lists are searched one by one, which is right for the few children and properties a
 * node has, but a tree of many thousands would make those jobs quadratic. The index is a hash table
 * with open addressing, keyed by owner and name, that lives for the length of the job.
 */
#include "dt-priv.h"

#include "base/err.h"
#include "base/heap.h"

#include <string.h>

#define FIRST_SLOTS 256u

static uint32_t hash_name(const void *owner, const char *name)
{
	uint32_t h = (uint32_t)(((uint64_t)(uintptr_t)owner * 0x9e3779b97f4a7c15ull) >> 32);

	for (; *name; name++)
		h = (h ^ (uint8_t)*name) * 0x01000193u;
	return h ^ h >> 15;
}

/* The slot that holds the name, or the empty one where it belongs. */
static struct dt_index_entry *place(const struct dt_index *ix, const void *owner, const char *name)
{
	uint32_t mask = ix->slots - 1;
	uint32_t i = hash_name(owner, name) & mask;

	while (ix->slot[i].name &&
	       (ix->slot[i].owner != owner || strcmp(ix->slot[i].name, name) != 0))
		i = (i + 1) & mask;
	return &ix->slot[i];
}

static int grow(struct dt_index *ix)
{
	struct dt_index bigger = {.slots = ix->slots ? ix->slots * 2 : FIRST_SLOTS,
				  .used = ix->used};

	bigger.slot = try_alloc((size_t)bigger.slots * sizeof(*bigger.slot));
	if (!bigger.slot)
		return E_NOMEM;
	for (uint32_t i = 0; i < ix->slots; i++) {
		const struct dt_index_entry *e = &ix->slot[i];

		if (e->name)
			*place(&bigger, e->owner, e->name) = *e;
	}
	heap_free(ix->slot);
	*ix = bigger;
	return 0;
}

int dt_index_add(struct dt_index *ix, const void *owner, const char *name, void *value)
{
	struct dt_index_entry *e;

	if (ix->used >= ix->slots / 2) {
		int err = grow(ix);

		if (err)
			return err;
	}
	e = place(ix, owner, name);
	if (e->name)
		return E_EXIST;
	*e = (struct dt_index_entry){owner, name, value};
	ix->used++;
	return 0;
}

void *dt_index_find(const struct dt_index *ix, const void *owner, const char *name)
{
	return ix->slots ? place(ix, owner, name)->value : NULL;
}

void dt_index_free(struct dt_index *ix)
{
	heap_free(ix->slot);
	*ix = (struct dt_index){NULL, 0, 0};
}
