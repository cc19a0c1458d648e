/* SPDX-License-Identifier: BSD-2-Clause */
/* ELF programs made in memory, of any class and byte order, right or wrong as the test wants. */
#ifndef FAKEELF_H
#define FAKEELF_H

#include "base/compiler.h"

#define FAKEELF_SEGMENTS 4u

struct fakeelf {
	bool is_64bit, is_little;
	uint16_t type;  /* 2: EXEC, 3: DYN */
	uint32_t flags; /* ABI */
	uint64_t entry;
	unsigned segments;
	struct {
		uint32_t type; /* PT_LOAD 1, PT_DYNAMIC 2, PT_NOTE 4 */
		uint64_t vaddr, paddr, memsz;
		const void *bytes; /* filesz bytes of contents; NULL: a pattern */
		uint64_t filesz;
	} seg[FAKEELF_SEGMENTS];
};

/* A program of one loadable segment at addr, entered at its beginning. */
struct fakeelf fakeelf_at(uint64_t addr, uint64_t filesz, uint64_t memsz);
/* Write the file; its size. Panics if there are fewer than room bytes. */
size_t fakeelf_write(const struct fakeelf *elf, uint8_t *to, size_t room);
/* The byte at offset i of a segment without contents of its own. */
uint8_t fakeelf_pattern(uint64_t i);
/* Numbers in the file's byte order. */
void fakeelf_put(const struct fakeelf *elf, uint8_t *p, unsigned bytes, uint64_t v);

#endif
