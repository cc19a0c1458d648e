/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's RAM on the host: ram_at()'s fake. Addresses 0 to FAKERAM_BYTES are backed by one
 * mapping that starts neither at address 0 nor below 4 GiB, so that an address used as a pointer
 * crashes. A window of it can be closed: AddressSanitizer then sees every access that did not come
 * from ram_at(), and every overrun of what was asked for.
 */
#ifndef FAKERAM_H
#define FAKERAM_H

#include "of/memory.h"

#define FAKERAM_BYTES   (64u << 20)
#define FAKERAM_LOW_END 0x4000u /* below: the vectors, the firmware's */

/* A fresh memory map: all free but the vectors, the real limit at its end. records: the map's first. */
#define FAKERAM_RECORDS_MAX 2048u
void fakeram_init(unsigned records);

/* Close [addr, addr+size) until fakeram_open(). Does nothing without AddressSanitizer. */
void fakeram_close(uint64_t addr, uint64_t size);
void fakeram_open(uint64_t addr, uint64_t size);

/*
 * The firmware's heap and stack, which on the host lie elsewhere, have addresses too: far above the RAM.
 * For tests of DMA to and from them; cleared by fakeram_init().
 */
#define FAKERAM_FOREIGN (1ull << 62)
extern bool fakeram_with_foreign;

/* For tests: the bytes at an address, unchecked and without opening anything. */
uint8_t *fakeram_bytes(uint64_t addr);

#endif
