/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The header and the program headers. Section headers are not looked at: what a program needs to run is in
 * the program headers. Each rule that a file breaks has its own words.
 */
#include "elf-priv.h"

#include <string.h>

#include "base/arith.h"
#include "base/err.h"

enum {
	EI_CLASS = 4,
	EI_DATA = 5,
	EM_PPC = 20,
	EM_PPC64 = 21,
	ET_EXEC = 2,
	ET_DYN = 3,
	PT_LOAD = 1,
	PT_DYNAMIC = 2,
	PT_NOTE = 4,
};

#define EHDR_32   52u
#define EHDR_64   64u
#define PHDR_32   32u
#define PHDR_64   56u
#define ALIGN_MIN 0x10000u /* a page on all Linux configurations */
#define ALIGN_MAX 0x1000000u

struct header {
	uint16_t type, machine, phentsize, phnum;
	uint32_t flags;
	uint64_t entry, phoff;
};

static int refuse(int err, const char **why, const char *text)
{
	*why = text;
	return err;
}

/* ---- the header ----------------------------------------------------------------------------- */

static int read_ident(struct elf_file *f, const char **why)
{
	if (f->size < EHDR_32 || memcmp(f->bytes, "\177ELF", 4) != 0)
		return refuse(E_FORMAT, why, "not ELF");
	if (f->bytes[EI_CLASS] != 1 && f->bytes[EI_CLASS] != 2)
		return refuse(E_FORMAT, why, "ELF class is neither 32 nor 64 bits");
	if (f->bytes[EI_DATA] != 1 && f->bytes[EI_DATA] != 2)
		return refuse(E_FORMAT, why, "ELF byte order is neither little nor big");
	f->is_64bit = f->bytes[EI_CLASS] == 2;
	f->is_little = f->bytes[EI_DATA] == 1;
	if (f->is_64bit && f->size < EHDR_64)
		return refuse(E_FORMAT, why, "ELF header is truncated");
	return 0;
}

static struct header read_header(const struct elf_file *f)
{
	const uint8_t *p = f->bytes;
	size_t wide = f->is_64bit ? 8 : 4;
	const uint8_t *tail = p + 24 + 3 * wide; /* e_flags */

	return (struct header){
		.type = elf_half(f, p + 16),
		.machine = elf_half(f, p + 18),
		.entry = elf_addr(f, p + 24),
		.phoff = elf_addr(f, p + 24 + wide),
		.flags = elf_word(f, tail),
		.phentsize = elf_half(f, tail + 6),
		.phnum = elf_half(f, tail + 8),
	};
}

static int check_header(const struct elf_file *f, const struct header *h, const char **why)
{
	uint64_t end;

	if (h->machine != (f->is_64bit ? EM_PPC64 : EM_PPC))
		return refuse(E_UNSUPP, why, "ELF machine is not PowerPC");
	if (h->type != ET_EXEC && h->type != ET_DYN)
		return refuse(E_UNSUPP, why, "ELF type is neither EXEC nor DYN");
	if (f->is_64bit && (h->flags & 3) == 3)
		return refuse(E_UNSUPP, why, "ELF ABI 3 is not known");
	if (h->phnum == 0)
		return refuse(E_FORMAT, why, "no program headers");
	if (h->phentsize < (f->is_64bit ? PHDR_64 : PHDR_32))
		return refuse(E_FORMAT, why, "program headers are too short");
	if (!add_ok(h->phoff, (uint64_t)h->phnum * h->phentsize, &end) || end > f->size)
		return refuse(E_FORMAT, why, "program headers lie outside the file");
	return 0;
}

/* ---- program headers ------------------------------------------------------------------------ */

static struct elf_phdr read_phdr(const struct elf_file *f, const uint8_t *p)
{
	if (f->is_64bit)
		return (struct elf_phdr){
			.type = elf_word(f, p),
			.offset = elf_xword(f, p + 8),
			.vaddr = elf_xword(f, p + 16),
			.paddr = elf_xword(f, p + 24),
			.filesz = elf_xword(f, p + 32),
			.memsz = elf_xword(f, p + 40),
			.align = elf_xword(f, p + 48),
		};
	return (struct elf_phdr){
		.type = elf_word(f, p),
		.offset = elf_word(f, p + 4),
		.vaddr = elf_word(f, p + 8),
		.paddr = elf_word(f, p + 12),
		.filesz = elf_word(f, p + 16),
		.memsz = elf_word(f, p + 20),
		.align = elf_word(f, p + 28),
	};
}

static bool inside_file(const struct elf_file *f, const struct elf_phdr *ph)
{
	uint64_t end;

	return add_ok(ph->offset, ph->filesz, &end) && end <= f->size;
}

static int check_load(const struct elf_file *f, const struct elf_phdr *ph, const char **why)
{
	uint64_t limit = f->is_64bit ? UINT64_MAX : 1ull << 32, end;

	if (ph->filesz > ph->memsz)
		return refuse(E_FORMAT, why, "a segment has more in the file than in memory");
	if (!inside_file(f, ph))
		return refuse(E_FORMAT, why, "truncated: a segment ends behind the file");
	if (!add_ok(ph->paddr, ph->memsz, &end) || end > limit ||
	    !add_ok(ph->vaddr, ph->memsz - 1, &end))
		return refuse(E_FORMAT, why, "a segment wraps around the address space");
	return 0;
}

/* Put a segment in its place by address. */
static int insert(struct elf_plan *plan, const struct elf_phdr *ph, const char **why)
{
	unsigned at = plan->segments;

	if (at == ELF_SEGMENTS_MAX)
		return refuse(E_UNSUPP, why, "more than 64 segments");
	for (; at > 0 && plan->seg[at - 1].paddr > ph->paddr; at--)
		plan->seg[at] = plan->seg[at - 1];
	plan->seg[at] =
		(struct elf_segment){ph->offset, ph->filesz, ph->memsz, ph->paddr, ph->vaddr};
	plan->segments++;
	return 0;
}

static int take_load(const struct elf_file *f, const struct elf_phdr *ph, struct elf_plan *plan,
		     const char **why)
{
	int err;

	if (ph->memsz == 0)
		return 0;
	err = check_load(f, ph, why);
	if (err)
		return err;
	if (is_pow2(ph->align) && ph->align > plan->align && ph->align <= ALIGN_MAX)
		plan->align = ph->align;
	if (ph->vaddr != ph->paddr)
		plan->moves_itself = true;
	return insert(plan, ph, why);
}

static int read_segments(const struct elf_file *f, const struct header *h, struct elf_plan *plan,
			 const char **why)
{
	for (unsigned i = 0; i < h->phnum; i++) {
		struct elf_phdr ph = read_phdr(f, f->bytes + h->phoff + (uint64_t)i * h->phentsize);
		int err = ph.type == PT_LOAD ? take_load(f, &ph, plan, why) : 0;

		if (err)
			return err;
		if (ph.type == PT_NOTE && inside_file(f, &ph))
			elf_read_notes(f, &ph, plan);
	}
	return 0;
}

static int check_overlap(const struct elf_plan *plan, const char **why)
{
	for (unsigned i = 0; i < plan->segments; i++) {
		const struct elf_segment *a = &plan->seg[i];

		for (unsigned j = i + 1; j < plan->segments; j++) {
			const struct elf_segment *b = &plan->seg[j];

			if (ranges_overlap(a->paddr, a->memsz, b->paddr, b->memsz) ||
			    ranges_overlap(a->vaddr, a->memsz, b->vaddr, b->memsz))
				return refuse(E_FORMAT, why, "segments overlap");
		}
	}
	return 0;
}

static int read_dynamics(const struct elf_file *f, const struct header *h, struct elf_plan *plan,
			 const char **why)
{
	for (unsigned i = 0; plan->is_movable && i < h->phnum; i++) {
		struct elf_phdr ph = read_phdr(f, f->bytes + h->phoff + (uint64_t)i * h->phentsize);

		if (ph.type == PT_DYNAMIC && inside_file(f, &ph))
			return elf_read_dynamic(f, &ph, plan, why);
	}
	return 0;
}

const struct elf_segment *elf_find(const struct elf_plan *plan, uint64_t vaddr, uint64_t len)
{
	for (unsigned i = 0; i < plan->segments; i++) {
		const struct elf_segment *s = &plan->seg[i];

		if (vaddr >= s->vaddr && vaddr - s->vaddr <= s->memsz &&
		    len <= s->memsz - (vaddr - s->vaddr))
			return s;
	}
	return NULL;
}

static int finish(const struct elf_file *f, const struct header *h, struct elf_plan *plan,
		  const char **why)
{
	const struct elf_segment *last;
	int err;

	if (plan->segments == 0)
		return refuse(E_FORMAT, why, "nothing to load");
	err = check_overlap(plan, why);
	if (err)
		return err;
	last = &plan->seg[plan->segments - 1];
	plan->low = plan->seg[0].paddr;
	plan->high = last->paddr + last->memsz;
	if ((plan->entry & 3) || !elf_find(plan, plan->entry, 4))
		return refuse(E_FORMAT, why, "the entry lies in no segment");
	return read_dynamics(f, h, plan, why);
}

int elf_plan(const void *file, uint64_t size, struct elf_plan *plan, const char **why)
{
	struct elf_file f = {file, size, false, false};
	struct header h;
	int err = read_ident(&f, why);

	if (err)
		return err;
	h = read_header(&f);
	err = check_header(&f, &h, why);
	if (err)
		return err;
	*plan = (struct elf_plan){
		.is_64bit = f.is_64bit,
		.is_little = f.is_little,
		.is_movable = h.type == ET_DYN,
		.abi = f.is_64bit ? h.flags & 3 : 0,
		.align = ALIGN_MIN,
		.entry = h.entry,
	};
	err = read_segments(&f, &h, plan, why);
	return err ? err : finish(&f, &h, plan, why);
}
