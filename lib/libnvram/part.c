/* SPDX-License-Identifier: BSD-2-Clause */
/* Walking the partitions. */
#include "nvram/nvram.h"

#include <string.h>

#include "nvram-priv.h"

#include "base/bytes.h"
#include "base/err.h"

/* An 8-bit sum of byte 0 and bytes 2..15, the carry added back at each step. */
uint8_t nvram_checksum(const uint8_t *header)
{
	unsigned sum = header[0];

	for (unsigned i = 2; i < NVRAM_HEADER; i++) {
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

	if (*at >= size || size - *at < NVRAM_HEADER)
		return E_NOENT;
	bytes = get_be16(h + 2) * 16u;
	if (bytes < NVRAM_HEADER || bytes > size - *at || h[1] != nvram_checksum(h))
		return E_FORMAT;
	part->signature = h[0];
	part->offset = *at + NVRAM_HEADER;
	part->len = bytes - NVRAM_HEADER;
	memcpy(part->name, h + 4, 12);
	part->name[12] = 0;
	*at += bytes;
	return 0;
}

int nvram_find(const uint8_t *image, uint32_t size, struct nvram_part *part)
{
	struct nvram_part p = {0};
	uint32_t at = 0;
	int err;

	do {
		err = nvram_next(image, size, &at, &p);
		if (err)
			return err;
	} while (p.signature != NVRAM_SIG_VARIABLES || p.len == 0);
	*part = p;
	return 0;
}
