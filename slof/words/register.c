/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers of devices, at addresses map-in gave: rb@ and its kin. Their numbers are little endian, as
 * the PCI binding of IEEE 1275 has it. The peek words say whether it worked instead of throwing, and
 * look at RAM as well.
 */
#include "words-priv.h"

#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"

enum { US_STEP = 1000 };

static int read_register(cell_t addr, uint8_t size, cell_t *out)
{
	uint64_t v = 0;
	int err = of_platform()->io_read ? of_platform()->io_read(NULL, addr, size, &v) : E_UNSUPP;

	if (!err)
		*out = v;
	return err;
}

static int fetch(struct forth *f, uint8_t size)
{
	cell_t addr = forth_pop(f), v;
	int err = addr % size ? E_INVAL : read_register(addr, size, &v);

	if (err)
		return forth_abort(f, "register %llx: %s", (unsigned long long)addr, err_text(err));
	forth_push(f, v);
	return 0;
}

static int store(struct forth *f, uint8_t size)
{
	cell_t addr = forth_pop(f), v = forth_pop(f);
	int err = addr % size ? E_INVAL : E_UNSUPP;

	if (!(addr % size) && of_platform()->io_write)
		err = of_platform()->io_write(NULL, addr, size, v);
	if (err)
		return forth_abort(f, "register %llx: %s", (unsigned long long)addr, err_text(err));
	return 0;
}

/* ( addr -- n true | false ) */
static int peek(struct forth *f, uint8_t size)
{
	cell_t addr = forth_pop(f), v = 0;
	const uint8_t *p = forth_at(f, addr, size, false);
	int err = p || addr % size ? 0 : read_register(addr, size, &v);

	if (p)
		v = size == 1 ? *p : size == 2 ? get_be16(p) : get_be32(p);
	else if (addr % size)
		err = E_INVAL;
	if (!err)
		forth_push(f, v);
	forth_push(f, err ? 0 : ~(cell_t)0);
	return 0;
}

/* ( n addr -- flag ) */
static int poke(struct forth *f, uint8_t size)
{
	cell_t addr = forth_pop(f), v = forth_pop(f);
	uint8_t *p = forth_at(f, addr, size, true);
	int err = 0;

	if (p && size == 1)
		*p = (uint8_t)v;
	else if (p && size == 2)
		put_be16(p, (uint16_t)v);
	else if (p)
		put_be32(p, (uint32_t)v);
	else
		err = addr % size || !of_platform()->io_write
			      ? E_INVAL
			      : of_platform()->io_write(NULL, addr, size, v);
	forth_push(f, err ? 0 : ~(cell_t)0);
	return 0;
}

#define UNIT(name, size)                              \
	static int w_r##name##_fetch(struct forth *f) \
	{                                             \
		return fetch(f, size);                \
	}                                             \
	static int w_r##name##_store(struct forth *f) \
	{                                             \
		return store(f, size);                \
	}
#define PEEK(name, size)                           \
	static int w_##name##peek(struct forth *f) \
	{                                          \
		return peek(f, size);              \
	}                                          \
	static int w_##name##poke(struct forth *f) \
	{                                          \
		return poke(f, size);              \
	}
/* Short waits between accesses; a key breaks into long ones. */
static int w_us(struct forth *f)
{
	cell_t left = forth_pop(f);
	int err = 0;

	while (left > 0 && !err) {
		cell_t step = left < US_STEP ? left : US_STEP;

		clock_delay_us(step);
		left -= step;
		err = words_poll();
	}
	return err;
}

// clang-format off
UNIT(b, 1)
UNIT(w, 2)
UNIT(l, 4)
UNIT(x, 8)
PEEK(c, 1)
PEEK(w, 2)
PEEK(l, 4)

static const struct forth_word rows[] = {
	{"rb@",   "( addr -- n )",      w_rb_fetch, 0, "Read a device's register of a byte"},
	{"rb!",   "( n addr -- )",      w_rb_store, 0, "Write a device's register of a byte"},
	{"rw@",   "( addr -- n )",      w_rw_fetch, 0, "Read a device's register of 2 bytes, little endian"},
	{"rw!",   "( n addr -- )",      w_rw_store, 0, "Write a device's register of 2 bytes, little endian"},
	{"rl@",   "( addr -- n )",      w_rl_fetch, 0, "Read a device's register of 4 bytes, little endian"},
	{"rl!",   "( n addr -- )",      w_rl_store, 0, "Write a device's register of 4 bytes, little endian"},
	{"rx@",   "( addr -- n )",      w_rx_fetch, 0, "Read a device's register of 8 bytes, little endian"},
	{"rx!",   "( n addr -- )",      w_rx_store, 0, "Write a device's register of 8 bytes, little endian"},
	{"us",    "( n -- )",           w_us, 0, "Wait n microseconds"},
	{"cpeek", "( addr -- [n] flag )", w_cpeek, FORTH_VARIES, "Try to read a byte: true if it worked"},
	{"wpeek", "( addr -- [n] flag )", w_wpeek, FORTH_VARIES, "Try to read 2 bytes"},
	{"lpeek", "( addr -- [n] flag )", w_lpeek, FORTH_VARIES, "Try to read 4 bytes"},
	{"cpoke", "( n addr -- flag )", w_cpoke, 0, "Try to write a byte: true if it worked"},
	{"wpoke", "( n addr -- flag )", w_wpoke, 0, "Try to write 2 bytes"},
	{"lpoke", "( n addr -- flag )", w_lpoke, 0, "Try to write 4 bytes"},
};
// clang-format on
const struct words_table words_register = {rows, ARRAY_SIZE(rows)};
