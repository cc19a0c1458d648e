/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An ELF program for PowerPC, 32 or 64 bits, either byte order, ABI v1 or v2, ET_EXEC or ET_DYN: from the
 * bytes of its file to a plan where everything goes. Pure: reads the file, changes nothing. What a plan
 * says has been checked: segments lie inside the file and the address space, do not overlap, and the
 * entry is in one of them.
 */
#ifndef ELF_ELF_H
#define ELF_ELF_H

#include "base/compiler.h"

#define ELF_SEGMENTS_MAX 64u /* real programs have fewer than ten */

struct elf_segment {
	uint64_t offset; /* in the file */
	uint64_t filesz; /* bytes from there; what is missing up to memsz is zero */
	uint64_t memsz;  /* never 0 */
	uint64_t paddr;
	uint64_t vaddr;
};

/* The note a CHRP or PReP program describes its firmware with (IEEE 1275 PowerPC binding 8); ~0: any. */
struct elf_chrp_note {
	uint32_t real_mode; /* 0: wants to be called with translation on */
	uint32_t real_base, real_size;
	uint32_t virt_base, virt_size;
	uint32_t load_base;
};

struct elf_plan {
	bool is_64bit;
	bool is_little;
	bool is_movable; /* ET_DYN: runs anywhere once elf_relocate() was done */
	bool moves_itself; /* p_vaddr != p_paddr: a kernel that sets up its own mapping, wherever it is */
	uint8_t abi;       /* of a 64-bit one: 1 or 2; 0: not said, which means 1 */
	unsigned segments;
	struct elf_segment seg[ELF_SEGMENTS_MAX]; /* ascending by paddr */
	uint64_t low, high;                       /* [low, high) covers all of them */
	uint64_t align; /* what a base other than low has to be aligned to; a power of two */
	uint64_t entry; /* e_entry: a virtual address, perhaps of a function descriptor */
	bool has_chrp, has_rpa; /* notes found; the RPA client configuration is not looked at */
	struct elf_chrp_note chrp;
	uint64_t rela, rela_size; /* where the relocations are in the file, and bytes; 0: none */
};

/*
 * Read a file of size bytes. E_FORMAT: not a program we can run, E_UNSUPP: well formed, but not for
 * this machine; *why then says what, in a few words.
 */
int elf_plan(const void *file, uint64_t size, struct elf_plan *plan, const char **why) MUST_CHECK;

/* The program's memory, in place: len bytes at a physical address inside a segment of the plan, moved. */
struct elf_memory {
	void *(*at)(void *ctx, uint64_t addr, uint64_t len);
	void *ctx;
};

/*
 * Relocate a program whose segments were put delta bytes (modulo 2^64) from where they are linked. E_UNSUPP with
 * *type for a relocation other than RELATIVE when delta is not 0, E_FORMAT for one outside the
 * program; what was done before stays done.
 */
int elf_relocate(const void *file, const struct elf_plan *plan, uint64_t delta,
		 const struct elf_memory *mem, uint32_t *type) MUST_CHECK;

/*
 * The physical address of the first instruction, and r2. Follows a function descriptor where e_entry is
 * that of one: in a 64-bit program that does not say ABI v2, if what is there reads as an address
 * inside the program (BE kernels say ABI v1 and mean code).
 */
int elf_entry(const struct elf_plan *plan, uint64_t delta, const struct elf_memory *mem,
	      uint64_t *entry, uint64_t *toc) MUST_CHECK;

#endif
