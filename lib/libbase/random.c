/* SPDX-License-Identifier: BSD-2-Clause */
/* SipHash-2-4 (Aumasson and Bernstein, 2012) as a generator: hash of a counter under a secret key. */
#include "base/random.h"

#include "base/bytes.h"

static uint64_t key[2], counter;

static uint64_t rotate(uint64_t v, unsigned by)
{
	return v << by | v >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	sip_round(v);
	v[0] ^= word;
}

uint64_t siphash(const uint64_t k[2], const uint8_t *data, size_t len)
{
	uint64_t v[4] = {k[0] ^ 0x736f6d6570736575, k[1] ^ 0x646f72616e646f6d,
			 k[0] ^ 0x6c7967656e657261, k[1] ^ 0x7465646279746573};
	uint8_t last[8] = {0};
	size_t at = 0;

	for (; len - at >= 8; at += 8)
		sip_word(v, get_le64(data + at));
	for (size_t i = at; i < len; i++)
		last[i - at] = data[i];
	last[7] = (uint8_t)len;
	sip_word(v, get_le64(last));
	v[2] ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void random_stir(const void *data, size_t len)
{
	uint64_t old[2] = {key[0], key[1]};

	key[0] ^= siphash(old, data, len);
	old[1] = ~old[1];
	key[1] ^= siphash(old, data, len);
}

uint64_t random_u64(void)
{
	uint8_t n[8];

	put_le64(n, counter++);
	return siphash(key, n, sizeof(n));
}

uint32_t random_below(uint32_t below)
{
	uint32_t even = UINT32_MAX - UINT32_MAX % below, v;

	do
		v = (uint32_t)random_u64();
	while (v >= even);
	return v % below;
}
