/* SPDX-License-Identifier: BSD-2-Clause */
/* The hostile devices of fuzz-usb: nearly honest answers that the input spoils, whichever controller asks. */
#ifndef FUZZ_USB_DEVICES_H
#define FUZZ_USB_DEVICES_H

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "fakedma.h"

static const uint8_t *in;
static size_t left;
static uint8_t last_cbw[31];
static bool spoiled; /* the controller wrote over what it reads itself */

static uint8_t next(void)
{
	if (left == 0)
		return 0;
	left--;
	return *in++;
}

/* Big endian; in an order that does not depend on the compiler. */
static uint32_t next_bytes(unsigned n)
{
	uint32_t v = 0;

	while (n-- > 0)
		v = v << 8 | next();
	return v;
}

static uint8_t *memory(uint64_t at, uint64_t len)
{
	return fakedma_open(at, len) ? fakedma_at(at, len) : NULL;
}

/* ---- what devices say -------------------------------------------------------------------- */

static const uint8_t device[18] = {18, 1, 0, 2, 0, 0, 0, 8, 1, 0, 2, 0, 0, 1, 0, 0, 0, 1};
static const uint8_t config[] = {9,    2, 39, 0,    1, 1, 0, 0x80, 50, 9, 4, 0, 0,
				 2,    8, 6,  0x50, 0, 7, 5, 0x81, 2,  0, 2, 0, 6,
				 0x30, 0, 0,  0,    0, 7, 5, 2,    2,  0, 2, 0, 0};
static const uint8_t keyboard[] = {9, 2, 25, 0, 1, 1, 0, 0x80, 50, 9, 4, 0, 0,
				   1, 3, 1,  1, 0, 7, 5, 0x81, 3,  8, 0, 7};
static const uint8_t hub[] = {9, 0x29, 3, 0, 0, 1, 0, 0};

static void answer(const uint8_t *setup, uint8_t how, uint8_t *to, uint32_t len)
{
	uint8_t status[4] = {3, 1, next() & 6, 0};
	const uint8_t *from = status;
	uint32_t n = sizeof(status);

	if (setup[1] == 6 && setup[0] == 0xa0) {
		from = hub;
		n = sizeof(hub);
	} else if (setup[1] == 6 && setup[3] == 1) {
		from = device;
		n = sizeof(device);
	} else if (setup[1] == 6) {
		from = how & 1 ? keyboard : config;
		n = how & 1 ? sizeof(keyboard) : sizeof(config);
	}
	memcpy(to, from, n < len ? n : len);
	if (setup[1] == 6 && setup[3] == 1 && setup[0] == 0x80 && len > 4 && how & 2)
		to[4] = 9;
}

static void fill(uint64_t setup_at, unsigned ep, uint8_t *to, uint32_t len)
{
	uint8_t how = next(), setup[8];

	memset(to, 0, len);
	if (ep == 1) {
		put_le64(setup, setup_at);
		answer(setup, how, to, len);
	} else if (len == 13) {
		put_le32(to, 0x53425355);
		memcpy(to + 4, last_cbw + 4, 4);
		to[12] = next() & 1;
	} else if (len == 8) {
		put_be32(to, 1000);
		to[6] = 2;
	} else if (len > 4) {
		to[4] = next();
	}
	for (unsigned i = how >> 4; len && i > 0; i--) {
		uint32_t at = next() % len;

		to[at] = next();
	}
}

/* A piece of a transfer: what the device says goes there, or what it is told is kept. */
static void fill_block(uint8_t *setup, unsigned ep, uint64_t at, uint32_t len, bool to_us)
{
	uint8_t *mem = len ? memory(at, len) : NULL;

	if (len && !mem && !spoiled)
		abort(); /* memory that is not mapped was given out */
	if (mem && to_us)
		fill(get_le64(setup), ep ? 3 : 1, mem, len);
	else if (mem && len == 31)
		memcpy(last_cbw, mem, 31);
	else if (mem && len == 8 && ep == 0)
		memcpy(setup, mem, 8);
}

static void scribble(uint8_t *mem, uint32_t len)
{
	spoiled = true;
	for (unsigned n = next() & 3; n > 0; n--) {
		uint32_t at = next() % len;

		mem[at] = next();
	}
}

#endif
