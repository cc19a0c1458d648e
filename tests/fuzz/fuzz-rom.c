/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as an expansion ROM: nothing beyond them is read, and what is found lies inside. */
#include "base/err.h"
#include "base/panic.h"
#include "pci/rom.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *data;
	uint32_t size, reads;
};

static uint8_t get(void *ctx, uint32_t offset)
{
	struct input *in = ctx;

	assert(offset < in->size);
	in->reads++;
	return in->data[offset];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, (uint32_t)size, 0};
	struct pci_rom rom = {get, &in, (uint32_t)size};
	struct pci_rom_fcode f = {0, 0, 0};

	if (size > 65536)
		return 0;
	if (pci_rom_find(&rom, 0x1af4, 0x1000, &f) == 0)
		assert(f.len > 8 && f.offset >= f.image && f.offset <= size &&
		       f.len <= size - f.offset);
	assert(in.reads < 64 * 64);
	return 0;
}
