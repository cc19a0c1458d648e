/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as an FCode program, length and checksum made right: it ends in bounded time, nothing
 * is left of it, and the engine works afterwards.
 */
#include <string.h>

#include "base/bytes.h"
#include "base/panic.h"
#include "forth/forth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t rom[2048];
static int patience;

static int poll(void *ctx UNUSED)
{
	return --patience > 0 ? 0 : THROW_INTERRUPT;
}

static void *memory(void *ctx UNUSED, cell_t addr, cell_t len, bool write UNUSED)
{
	return addr >= 0x10000 && addr <= 0x10000 + sizeof(rom) &&
			       len <= 0x10000 + sizeof(rom) - addr
		       ? &rom[addr - 0x10000]
		       : NULL;
}

/* The first byte chooses the kind of start; the rest follows the header. */
static void put_program(const uint8_t *data, size_t size)
{
	static const uint8_t start[] = {0xf1, 0xfd};
	uint16_t sum = 0;

	memset(rom, 0, sizeof(rom));
	rom[0] = start[data[0] & 1];
	rom[1] = 8;
	memcpy(rom + 8, data + 1, size - 1);
	for (size_t i = 1; i < size; i++)
		sum = (uint16_t)(sum + data[i]);
	put_be16(rom + 2, sum);
	put_be32(rom + 4, (uint32_t)(size + 7));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct forth_ops ops = {.poll = poll, .memory = memory};
	static const char go[] = "10000 1 byte-load", check[] = "1 2 + 3 <> throw";
	struct forth *f;

	if (size < 2 || size > sizeof(rom) - 8)
		return 0;
	f = forth_new(&ops);
	assert(f);
	put_program(data, size);
	patience = 30;
	if (forth_evaluate(f, go, sizeof(go) - 1))
		assert(forth_error(f)->code != 0);
	assert(forth_depth(f) <= 4096);
	forth_reset(f);
	patience = 30;
	assert(!forth_compiling(f));
	assert(forth_evaluate(f, "hex", 3) == 0);
	assert(forth_evaluate(f, check, sizeof(check) - 1) == 0);
	forth_free(f);
	return 0;
}
