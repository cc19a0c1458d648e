/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers of devices by CPU address (what map-in gives): rb@ and its kin. A PCI register is little endian on
 * the bus and a number on the stack, as IEEE 1275's PCI binding wants.
 */
#include "board.h"

#include "mmio.h"

static int fetch(struct forth *f, uint8_t size)
{
	uint64_t v = 0;

	if (mmio_read(NULL, forth_pop(f), size, &v))
		return THROW_ADDRESS;
	forth_push(f, v);
	return 0;
}

static int store(struct forth *f, uint8_t size)
{
	cell_t addr = forth_pop(f), v = forth_pop(f);

	return mmio_write(NULL, addr, size, v) ? THROW_ADDRESS : 0;
}

#define REGISTER(unit, size)                     \
	static int fetch_##unit(struct forth *f) \
	{                                        \
		return fetch(f, size);           \
	}                                        \
	static int store_##unit(struct forth *f) \
	{                                        \
		return store(f, size);           \
	}
// clang-format off
REGISTER(b, 1)
REGISTER(w, 2)
REGISTER(l, 4)
REGISTER(x, 8)

const struct forth_word board_words_registers[] = {
	{"rb@", "( addr -- n )", fetch_b, 0, "Read a register of 8 bits"},
	{"rb!", "( n addr -- )", store_b, 0, "Write a register of 8 bits"},
	{"rw@", "( addr -- n )", fetch_w, 0, "Read a register of 16 bits"},
	{"rw!", "( n addr -- )", store_w, 0, "Write a register of 16 bits"},
	{"rl@", "( addr -- n )", fetch_l, 0, "Read a register of 32 bits"},
	{"rl!", "( n addr -- )", store_l, 0, "Write a register of 32 bits"},
	{"rx@", "( addr -- n )", fetch_x, 0, "Read a register of 64 bits"},
	{"rx!", "( n addr -- )", store_x, 0, "Write a register of 64 bits"},
};
// clang-format on
const size_t board_words_registers_count = ARRAY_SIZE(board_words_registers);
