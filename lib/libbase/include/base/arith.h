/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arithmetic on sizes and addresses that come from outside: the checked forms return false on
 * overflow and leave *out alone; alignments must be powers of two.
 */
#ifndef BASE_ARITH_H
#define BASE_ARITH_H

#include "base/compiler.h"

static inline MUST_CHECK bool add_ok(uint64_t a, uint64_t b, uint64_t *out)
{
	uint64_t sum = a + b;

	if (sum < a)
		return false;
	*out = sum;
	return true;
}

static inline MUST_CHECK bool mul_ok(uint64_t a, uint64_t b, uint64_t *out)
{
	if (a != 0 && b > UINT64_MAX / a)
		return false;
	*out = a * b;
	return true;
}

static inline bool is_pow2(uint64_t v)
{
	return v != 0 && (v & (v - 1)) == 0;
}

static inline uint64_t align_down(uint64_t v, uint64_t align)
{
	return v & ~(align - 1);
}

/* The next multiple of align; false if that is beyond 2^64 - 1. */
static inline MUST_CHECK bool align_up_ok(uint64_t v, uint64_t align, uint64_t *out)
{
	uint64_t t;

	if (!add_ok(v, align - 1, &t))
		return false;
	*out = align_down(t, align);
	return true;
}

/* The same where overflow is impossible by construction (sizes the machine bounds). */
static inline uint64_t align_up(uint64_t v, uint64_t align)
{
	return align_down(v + align - 1, align);
}

/* The smallest power of two >= v; 0 if there is none in 64 bits; 1 for v = 0. */
static inline uint64_t pow2_ceil(uint64_t v)
{
	uint64_t p = 1;

	while (p != 0 && p < v)
		p <<= 1;
	return p;
}

/* Do [a, a+alen) and [b, b+blen) share a byte? Empty ranges share nothing; no overflow assumed. */
static inline bool ranges_overlap(uint64_t a, uint64_t alen, uint64_t b, uint64_t blen)
{
	return alen != 0 && blen != 0 && a <= b + (blen - 1) && b <= a + (alen - 1);
}

#endif
