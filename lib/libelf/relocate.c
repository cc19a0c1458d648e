/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program needs once its segments are in place: relocations and the entry. Relocations are read from
 * the file, where checking found them, and written to memory.
 */
#include "elf-priv.h"

#include "base/arith.h"
#include "base/err.h"

enum { DT_NULL = 0, DT_RELA = 7, DT_RELASZ = 8, DT_RELAENT = 9, R_NONE = 0, R_RELATIVE = 22 };

/* Where [vaddr, vaddr+len) is in the file; false if it is not all there. */
static bool file_place(const struct elf_plan *plan, uint64_t vaddr, uint64_t len, uint64_t *offset)
{
	const struct elf_segment *s = elf_find(plan, vaddr, len);

	if (!s || vaddr - s->vaddr > s->filesz || len > s->filesz - (vaddr - s->vaddr))
		return false;
	*offset = s->offset + (vaddr - s->vaddr);
	return true;
}

static uint64_t rela_entry(bool is_64bit)
{
	return is_64bit ? 24 : 12;
}

int elf_read_dynamic(const struct elf_file *f, const struct elf_phdr *ph, struct elf_plan *plan,
		     const char **why)
{
	uint64_t wide = f->is_64bit ? 8 : 4, rela = 0, size = 0, entry = rela_entry(f->is_64bit);

	for (uint64_t at = 0; at + 2 * wide <= ph->filesz; at += 2 * wide) {
		uint64_t tag = elf_addr(f, f->bytes + ph->offset + at);
		uint64_t value = elf_addr(f, f->bytes + ph->offset + at + wide);

		if (tag == DT_NULL)
			break;
		if (tag == DT_RELA)
			rela = value;
		if (tag == DT_RELASZ)
			size = value;
		if (tag == DT_RELAENT)
			entry = value;
	}
	if (size == 0)
		return 0;
	if (entry != rela_entry(f->is_64bit) || size % entry != 0) {
		*why = "relocations of an unknown size";
		return E_FORMAT;
	}
	if (!file_place(plan, rela, size, &plan->rela)) {
		*why = "relocations lie in no segment";
		return E_FORMAT;
	}
	plan->rela_size = size;
	return 0;
}

/* Memory of the program by virtual address; NULL if it is not all inside one segment. */
static uint8_t *memory_at(const struct elf_plan *plan, uint64_t delta, const struct elf_memory *mem,
			  uint64_t vaddr, uint64_t len)
{
	const struct elf_segment *s = elf_find(plan, vaddr, len);

	return s ? mem->at(mem->ctx, s->paddr + (vaddr - s->vaddr) + delta, len) : NULL;
}

static void put_addr(const struct elf_plan *plan, uint8_t *p, uint64_t v)
{
	if (plan->is_64bit && plan->is_little)
		put_le64(p, v);
	else if (plan->is_64bit)
		put_be64(p, v);
	else if (plan->is_little)
		put_le32(p, (uint32_t)v);
	else
		put_be32(p, (uint32_t)v);
}

int elf_relocate(const void *file, const struct elf_plan *plan, uint64_t delta,
		 const struct elf_memory *mem, uint32_t *type)
{
	struct elf_file f = {file, 0, plan->is_64bit, plan->is_little};
	uint64_t wide = plan->is_64bit ? 8 : 4;

	for (uint64_t at = 0; at < plan->rela_size; at += 3 * wide) {
		const uint8_t *r = f.bytes + plan->rela + at;
		uint64_t info = elf_addr(&f, r + wide);
		uint32_t is = plan->is_64bit ? (uint32_t)info : (uint8_t)info;
		uint8_t *p;

		if (is == R_NONE)
			continue;
		if (is != R_RELATIVE && delta == 0)
			continue; /* who needs it brings it about: the program is where it was linked */
		if (is != R_RELATIVE) {
			*type = is;
			return E_UNSUPP;
		}
		p = memory_at(plan, delta, mem, elf_addr(&f, r), wide);
		if (!p)
			return E_FORMAT;
		put_addr(plan, p, elf_addr(&f, r + 2 * wide) + delta);
	}
	return 0;
}

/* Where a virtual address is after the move; code is wanted there. */
static int code_at(const struct elf_plan *plan, uint64_t delta, uint64_t vaddr, uint64_t *addr)
{
	const struct elf_segment *s = (vaddr & 3) ? NULL : elf_find(plan, vaddr, 4);

	if (!s)
		return E_FORMAT;
	*addr = s->paddr + (vaddr - s->vaddr) + delta;
	return 0;
}

int elf_entry(const struct elf_plan *plan, uint64_t delta, const struct elf_memory *mem,
	      uint64_t *entry, uint64_t *toc)
{
	struct elf_file f = {NULL, 0, plan->is_64bit, plan->is_little};
	uint64_t shift = plan->moves_itself ? 0 : delta; /* what relocation added to addresses */
	const uint8_t *p = NULL;

	*toc = 0;
	if (plan->is_64bit && plan->abi != 2)
		p = memory_at(plan, delta, mem, plan->entry, 16);
	if (p && !code_at(plan, delta, elf_xword(&f, p) - shift, entry)) {
		*toc = elf_xword(&f, p + 8);
		return 0;
	}
	return code_at(plan, delta, plan->entry, entry);
}
