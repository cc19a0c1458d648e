/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers nobody outside can guess: SipHash-2-4 over a counter, with a key made of everything that was
 * stirred in. As good as what was stirred in; good enough for ports and transaction numbers, not meant for
 * keys.
 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* SipHash-2-4 of len bytes under a key of 128 bits, two little-endian halves. */
uint64_t siphash(const uint64_t k[2], const uint8_t *data, size_t len);

/* Make the key depend on these bytes as well. Takes nothing away from what is there. */
void random_stir(const void *data, size_t len);
uint64_t random_u64(void);
/* 0..below-1, all equally likely; below > 0. */
uint32_t random_below(uint32_t below);

#endif
