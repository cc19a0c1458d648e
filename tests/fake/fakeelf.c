/* SPDX-License-Identifier: BSD-2-Clause */
/* Header, program headers, then each segment's bytes. */
#include "fakeelf.h"

#include <string.h>

#include "base/panic.h"

struct fakeelf fakeelf_at(uint64_t addr, uint64_t filesz, uint64_t memsz)
{
	return (struct fakeelf){
		.type = 2,
		.entry = addr,
		.segments = 1,
		.seg = {{1, addr, addr, memsz, NULL, filesz}},
	};
}

uint8_t fakeelf_pattern(uint64_t i)
{
	return (uint8_t)(i * 7 + (i >> 8) * 3 + 1);
}

void fakeelf_put(const struct fakeelf *elf, uint8_t *p, unsigned bytes, uint64_t v)
{
	for (unsigned i = 0; i < bytes; i++)
		p[elf->is_little ? i : bytes - 1 - i] = (uint8_t)(v >> 8 * i);
}

static void write_phdr(const struct fakeelf *elf, unsigned i, uint8_t *p, uint64_t offset)
{
	fakeelf_put(elf, p, 4, elf->seg[i].type);
	if (elf->is_64bit) {
		fakeelf_put(elf, p + 4, 4, 7);
		fakeelf_put(elf, p + 8, 8, offset);
		fakeelf_put(elf, p + 16, 8, elf->seg[i].vaddr);
		fakeelf_put(elf, p + 24, 8, elf->seg[i].paddr);
		fakeelf_put(elf, p + 32, 8, elf->seg[i].filesz);
		fakeelf_put(elf, p + 40, 8, elf->seg[i].memsz);
		fakeelf_put(elf, p + 48, 8, 0x10000);
	} else {
		fakeelf_put(elf, p + 4, 4, offset);
		fakeelf_put(elf, p + 8, 4, elf->seg[i].vaddr);
		fakeelf_put(elf, p + 12, 4, elf->seg[i].paddr);
		fakeelf_put(elf, p + 16, 4, elf->seg[i].filesz);
		fakeelf_put(elf, p + 20, 4, elf->seg[i].memsz);
		fakeelf_put(elf, p + 24, 4, 7);
		fakeelf_put(elf, p + 28, 4, 0x10000);
	}
}

static void write_header(const struct fakeelf *elf, uint8_t *p)
{
	unsigned wide = elf->is_64bit ? 8 : 4, tail = 24 + 3 * wide;

	memcpy(p, "\177ELF", 4);
	p[4] = elf->is_64bit ? 2 : 1;
	p[5] = elf->is_little ? 1 : 2;
	p[6] = 1;
	fakeelf_put(elf, p + 16, 2, elf->type);
	fakeelf_put(elf, p + 18, 2, elf->is_64bit ? 21 : 20);
	fakeelf_put(elf, p + 20, 4, 1);
	fakeelf_put(elf, p + 24, wide, elf->entry);
	fakeelf_put(elf, p + 24 + wide, wide, elf->is_64bit ? 64 : 52);
	fakeelf_put(elf, p + tail, 4, elf->flags);
	fakeelf_put(elf, p + tail + 4, 2, elf->is_64bit ? 64 : 52);
	fakeelf_put(elf, p + tail + 6, 2, elf->is_64bit ? 56 : 32);
	fakeelf_put(elf, p + tail + 8, 2, elf->segments);
}

size_t fakeelf_write(const struct fakeelf *elf, uint8_t *to, size_t room)
{
	size_t phdr = elf->is_64bit ? 56 : 32, head = elf->is_64bit ? 64 : 52;
	size_t at = head + elf->segments * phdr;

	assert(at <= room);
	memset(to, 0, at);
	write_header(elf, to);
	for (unsigned i = 0; i < elf->segments; i++) {
		const uint8_t *bytes = elf->seg[i].bytes;

		assert(elf->seg[i].filesz <= room - at);
		write_phdr(elf, i, to + head + i * phdr, at);
		for (uint64_t b = 0; b < elf->seg[i].filesz; b++)
			to[at + b] = bytes ? bytes[b] : fakeelf_pattern(b);
		at += elf->seg[i].filesz;
	}
	return at;
}
