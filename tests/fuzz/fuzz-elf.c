/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files that claim to be programs. Oracles: a plan's segments lie inside the file and do not overlap; all that
 * relocation and the entry touch lies inside a segment; the same file gives the same plan.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arith.h"
#include "base/panic.h"
#include "elf/elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DELTA 0x30000ull

static uint8_t bytes[16];

/* Any place of the program is the same 16 bytes; who asks must ask for a place of the program. */
static void *at(void *ctx, uint64_t addr, uint64_t len)
{
	const struct elf_plan *plan = ctx;

	for (unsigned i = 0; i < plan->segments; i++) {
		uint64_t offset = addr - DELTA - plan->seg[i].paddr;

		if (offset < plan->seg[i].memsz && len <= plan->seg[i].memsz - offset) {
			assert(len <= sizeof(bytes));
			return bytes;
		}
	}
	panic("%llx is not the program's", (unsigned long long)addr);
}

static void check_plan(const struct elf_plan *plan, size_t size)
{
	assert(plan->segments > 0 && plan->segments <= ELF_SEGMENTS_MAX);
	assert(is_pow2(plan->align));
	for (unsigned i = 0; i < plan->segments; i++) {
		const struct elf_segment *s = &plan->seg[i];

		assert(s->filesz <= s->memsz && s->memsz > 0);
		assert(s->offset <= size && s->filesz <= size - s->offset);
		assert(s->paddr >= plan->low && s->paddr + s->memsz <= plan->high);
		assert(i == 0 || plan->seg[i - 1].paddr + plan->seg[i - 1].memsz <= s->paddr);
	}
	assert(plan->rela_size == 0 ||
	       (plan->rela <= size && plan->rela_size <= size - plan->rela));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf_plan plan, again;
	struct elf_memory mem = {at, &plan};
	const char *why = NULL;
	uint64_t entry, toc;
	uint8_t *file = malloc(size ? size : 1);
	uint32_t type;
	int err;

	assert(file);
	memcpy(file, data, size);
	err = elf_plan(file, size, &plan, &why);
	if (err) {
		assert(why && *why);
	} else {
		check_plan(&plan, size);
		assert(!elf_plan(file, size, &again, &why));
		assert(!memcmp(&plan.seg, &again.seg, sizeof(plan.seg)));
		memcpy(bytes, data + size / 2, size / 2 < 16 ? size / 2 : 16);
		if (!elf_relocate(file, &plan, DELTA, &mem, &type))
			(void)!elf_entry(&plan, DELTA, &mem, &entry, &toc);
	}
	free(file);
	return 0;
}
