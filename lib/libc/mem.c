/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memcpy, memmove, memset, memcmp by 64-bit words. picolibc's are byte loops at -Os, 15 to 30 times
 * slower under emulation. Word accesses may be unaligned: cacheable memory allows it on every CPU
 * of this machine. Built for the host under other names, so that tests can hold them against the
 * host's own.
 */
#include <stddef.h>
#include <stdint.h>

#if __STDC_HOSTED__
#define MEM(name) fw_##name
#else
#define MEM(name) name
#endif

typedef uint64_t __attribute__((may_alias, aligned(1))) word_t;
#define WORD sizeof(word_t)

void *MEM(memcpy)(void *restrict dst, const void *restrict src, size_t n);
void *MEM(memmove)(void *dst, const void *src, size_t n);
void *MEM(memset)(void *dst, int c, size_t n);
int MEM(memcmp)(const void *a, const void *b, size_t n);

static void copy_up(unsigned char *d, const unsigned char *s, size_t n)
{
	for (; n >= 4 * WORD; n -= 4 * WORD, d += 4 * WORD, s += 4 * WORD) {
		word_t a = ((const word_t *)s)[0], b = ((const word_t *)s)[1];
		word_t c = ((const word_t *)s)[2], e = ((const word_t *)s)[3];

		((word_t *)d)[0] = a;
		((word_t *)d)[1] = b;
		((word_t *)d)[2] = c;
		((word_t *)d)[3] = e;
	}
	for (; n >= WORD; n -= WORD, d += WORD, s += WORD)
		*(word_t *)d = *(const word_t *)s;
	while (n--)
		*d++ = *s++;
}

static void copy_down(unsigned char *d, const unsigned char *s, size_t n)
{
	d += n;
	s += n;
	for (; n >= WORD; n -= WORD) {
		d -= WORD;
		s -= WORD;
		*(word_t *)d = *(const word_t *)s;
	}
	while (n--)
		*--d = *--s;
}

void *MEM(memcpy)(void *restrict dst, const void *restrict src, size_t n)
{
	copy_up(dst, src, n);
	return dst;
}

/*
 * Copying upwards is right whenever dst is below src; a group of words is read before it is
 * written, so overlap by less than a group does no harm.
 */
void *MEM(memmove)(void *dst, const void *src, size_t n)
{
	if ((uintptr_t)dst - (uintptr_t)src >= n)
		copy_up(dst, src, n);
	else
		copy_down(dst, src, n);
	return dst;
}

void *MEM(memset)(void *dst, int c, size_t n)
{
	unsigned char *d = dst;
	word_t w = 0x0101010101010101ull * (unsigned char)c;

	for (; n >= 4 * WORD; n -= 4 * WORD, d += 4 * WORD) {
		((word_t *)d)[0] = w;
		((word_t *)d)[1] = w;
		((word_t *)d)[2] = w;
		((word_t *)d)[3] = w;
	}
	for (; n >= WORD; n -= WORD, d += WORD)
		*(word_t *)d = w;
	while (n--)
		*d++ = (unsigned char)c;
	return dst;
}

int MEM(memcmp)(const void *a, const void *b, size_t n)
{
	const unsigned char *p = a, *q = b;

	for (; n >= WORD && *(const word_t *)p == *(const word_t *)q; n -= WORD) {
		p += WORD;
		q += WORD;
	}
	for (; n && *p == *q; n--) {
		p++;
		q++;
	}
	return n ? *p - *q : 0;
}
