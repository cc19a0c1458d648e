/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * zlib's inflate from one end of memory to another. It also reads the header and compares checksum and length.
 * It counts in 32 bits, so both ends are handed over in slices. Between two of them it is asked whether the file is
 * one that would fill memory from next to nothing: no program is.
 */
#include "gunzip/gunzip.h"

#include "base/err.h"
#include "base/heap.h"

#define ZLIB_CONST
#include <zlib.h>

#define SLICE      (16ull << 20)
#define BOMB_FROM  (32ull << 20) /* bytes unpacked; before, any ratio goes */
#define BOMB_RATIO 64u
#define WANT_GZIP  16 /* added to the window's bits: not zlib's own format */

static void *allocate(void *ctx UNUSED, unsigned n, unsigned size)
{
	return try_alloc((size_t)n * size);
}

static void release(void *ctx UNUSED, void *block)
{
	heap_free(block);
}

/* Give one end of the stream more, if it has none; *left is what is not handed over yet. */
static void refill(uInt *avail, uint64_t *left)
{
	uint64_t some = *left < SLICE ? *left : SLICE;

	if (*avail > 0)
		return;
	*avail = (uInt)some;
	*left -= some;
}

/* zlib's verdict. Z_BUF_ERROR: it cannot go on, because the file ends, or the room. */
static int result(const z_stream *z, int verdict, const char **why)
{
	switch (verdict) {
	case Z_STREAM_END:
		return 0;
	case Z_MEM_ERROR:
		*why = "no memory to unpack with";
		return E_NOMEM;
	case Z_BUF_ERROR:
		*why = z->avail_out > 0 ? "the gzip'd file is cut off"
					: "no room for what is gzip'd";
		return z->avail_out > 0 ? E_FORMAT : E_NOSPC;
	default:
		*why = z->msg ? z->msg : "a gzip'd file that needs a dictionary";
		return E_FORMAT;
	}
}

static bool is_bomb(const z_stream *z)
{
	return z->total_out > BOMB_FROM && z->total_out / BOMB_RATIO > z->total_in;
}

static int unpack(z_stream *z, uint64_t in_left, uint64_t room_left, const char **why)
{
	int verdict = Z_OK;

	while (verdict == Z_OK) {
		refill(&z->avail_in, &in_left);
		refill(&z->avail_out, &room_left);
		verdict = inflate(z, in_left > 0 || room_left > 0 ? Z_NO_FLUSH : Z_FINISH);
		if (verdict == Z_BUF_ERROR &&
		    ((z->avail_in == 0 && in_left > 0) || (z->avail_out == 0 && room_left > 0)))
			verdict = Z_OK;
		if (is_bomb(z)) {
			*why = "a gzip'd file that unpacks to more than 64 times its size";
			return E_FORMAT;
		}
	}
	return result(z, verdict, why);
}

bool gunzip_is_packed(const uint8_t *file, uint64_t size)
{
	return size >= 3 && file[0] == 0x1f && file[1] == 0x8b && file[2] == 8;
}

int gunzip(const uint8_t *file, uint64_t size, uint8_t *out, uint64_t room, uint64_t *out_size,
	   const char **why)
{
	z_stream z = {.zalloc = allocate, .zfree = release, .next_in = file, .next_out = out};
	int err, verdict = inflateInit2(&z, MAX_WBITS + WANT_GZIP);

	if (verdict != Z_OK)
		return result(&z, verdict, why);
	err = unpack(&z, size, room, why);
	if (!err)
		*out_size = (uint64_t)(z.next_out - out);
	(void)inflateEnd(&z);
	return err;
}
