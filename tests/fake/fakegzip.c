/* SPDX-License-Identifier: BSD-2-Clause */
#include "fakegzip.h"

#include "base/bytes.h"

#include <string.h>

#define HEAD   10u
#define TAIL   8u
#define STORED 65535u /* bytes in one block */
#define BLOCK  5u     /* its head */

uint32_t fakegzip_crc(const uint8_t *data, size_t len)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < len; i++) {
		crc ^= data[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
	}
	return ~crc;
}

size_t fakegzip_size(size_t len)
{
	return HEAD + len + (len / STORED + 1) * BLOCK + TAIL;
}

size_t fakegzip(const uint8_t *data, size_t len, uint8_t *out)
{
	static const uint8_t head[HEAD] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};
	uint32_t crc = fakegzip_crc(data, len);
	uint8_t *p = out + HEAD;
	size_t left = len;

	memcpy(out, head, HEAD);
	for (bool last = false; !last;) {
		uint16_t some = (uint16_t)(left < STORED ? left : STORED);

		last = left < STORED;
		*p = last;
		put_le16(p + 1, some);
		put_le16(p + 3, (uint16_t)~some);
		memcpy(p + BLOCK, data, some);
		p += BLOCK + some;
		data += some;
		left -= some;
	}
	put_le32(p, crc);
	put_le32(p + 4, (uint32_t)len);
	return (size_t)(p + TAIL - out);
}
