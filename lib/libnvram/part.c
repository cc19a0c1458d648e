/* SPDX-License-Identifier: BSD-2-Clause */
/* Walking the partitions. */
#include "nvram/nvram.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"

#define HEADER 16u

/* An 8-bit sum of byte 0 and bytes 2..15, the carry added back at each step. */
static uint8_t checksum(const uint8_t *header)
{
	unsigned sum = header[0];

	for (unsigned i = 2; i < HEADER; i++) {
		sum += header[i];
		if (sum > 0xff)
			sum = (sum & 0xff) + 1;
	}
	return (uint8_t)sum;
}

int nvram_next(const uint8_t *image, uint32_t size, uint32_t *at, struct nvram_part *part)
{
	const uint8_t *h = image + *at;
	uint32_t bytes;

	if (*at >= size || size - *at < HEADER)
		return E_NOENT;
	bytes = get_be16(h + 2) * 16u;
	if (bytes < HEADER || bytes > size - *at || h[1] != checksum(h))
		return E_FORMAT;
	part->signature = h[0];
	part->offset = *at + HEADER;
	part->len = bytes - HEADER;
	memcpy(part->name, h + 4, 12);
	part->name[12] = 0;
	*at += bytes;
	return 0;
}
