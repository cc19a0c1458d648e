/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers of a file in its own byte order and width. */
#ifndef ELF_PRIV_H
#define ELF_PRIV_H

#include "base/bytes.h"
#include "elf/elf.h"

struct elf_file {
	const uint8_t *bytes;
	uint64_t size;
	bool is_64bit, is_little;
};

static inline uint16_t elf_half(const struct elf_file *f, const uint8_t *p)
{
	return f->is_little ? get_le16(p) : get_be16(p);
}

static inline uint32_t elf_word(const struct elf_file *f, const uint8_t *p)
{
	return f->is_little ? get_le32(p) : get_be32(p);
}

static inline uint64_t elf_xword(const struct elf_file *f, const uint8_t *p)
{
	return f->is_little ? get_le64(p) : get_be64(p);
}

/* An address or offset: 4 or 8 bytes. */
static inline uint64_t elf_addr(const struct elf_file *f, const uint8_t *p)
{
	return f->is_64bit ? elf_xword(f, p) : elf_word(f, p);
}

struct elf_phdr {
	uint32_t type;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

/* Look for the notes we know in a PT_NOTE segment that lies inside the file. */
void elf_read_notes(const struct elf_file *f, const struct elf_phdr *ph, struct elf_plan *plan);
/* Find the relocations a PT_DYNAMIC segment names; 0, or E_FORMAT with *why. */
int elf_read_dynamic(const struct elf_file *f, const struct elf_phdr *ph, struct elf_plan *plan,
		     const char **why) MUST_CHECK;

/* The segment that has [vaddr, vaddr+len) in memory, or NULL. */
const struct elf_segment *elf_find(const struct elf_plan *plan, uint64_t vaddr, uint64_t len);

#endif
