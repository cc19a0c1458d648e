/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A usable image out of whatever is there. Someone else's partitions are worth more than a tidy
 * layout: only what no header describes is given up.
 */
#include "nvram/nvram.h"

#include <string.h>

#include "nvram-priv.h"

#include "base/bytes.h"
#include "base/err.h"
#include "base/panic.h"

#define COMMON_BYTES 0x1000u
#define LOG0_BYTES   0x2000u
#define LOG1_BYTES   0x0800u
#define FREE_NAME    "wwwwwwwwwwww" /* CHRP 8.3.1: twelve bytes of 0x77 */

static void put_header(uint8_t *h, uint8_t signature, uint32_t bytes, const char *name)
{
	memset(h, 0, NVRAM_HEADER);
	h[0] = signature;
	put_be16(h + 2, (uint16_t)(bytes / 16));
	for (unsigned i = 0; name[i]; i++) /* at most 12: the names are ours */
		h[4 + i] = (uint8_t)name[i];
	h[1] = nvram_checksum(h);
}

/* [from, to) becomes free: one partition, or two, since a length counts less than 1 MiB. */
static void put_free(uint8_t *image, uint32_t from, uint32_t to)
{
	while (to - from >= NVRAM_HEADER) {
		uint32_t bytes = (to - from) & ~15u;

		if (bytes > 0xffff0)
			bytes = 0xffff0;
		put_header(image + from, NVRAM_SIG_FREE, bytes, FREE_NAME);
		from += bytes;
	}
}

void nvram_format(uint8_t *image, uint32_t size)
{
	uint32_t scale = size < 16 * 1024 ? 4 : 1;
	uint32_t log0 = LOG0_BYTES / scale, log1 = LOG1_BYTES / scale;

	assert(size >= NVRAM_LEAST && size <= NVRAM_MOST);
	memset(image, 0, size);
	put_header(image, NVRAM_SIG_LOG, log0, "ibm,CPU0log");
	put_header(image + log0, NVRAM_SIG_LOG, log1, "ibm,CPU1log");
	put_header(image + log0 + log1, NVRAM_SIG_VARIABLES, COMMON_BYTES, "common");
	put_free(image, log0 + log1 + COMMON_BYTES, size);
}

static bool is_blank(const uint8_t *image, uint32_t size)
{
	/* each byte is as the one before it: by words, since every start of a new machine looks */
	return (image[0] == 0 || image[0] == 0xff) && !memcmp(image, image + 1, size - 1);
}

/*
 * A header of a partition for variables at or behind from, on a 16-byte boundary. A checksum of 8 bits
 * says little about bytes somewhere: the name must be right, too. size if there is none.
 */
static uint32_t search_variables(const uint8_t *image, uint32_t size, uint32_t from)
{
	static const char names[2][13] = {"common", "system"};

	for (uint32_t at = from; size - at > NVRAM_HEADER; at += 16) {
		uint32_t end = at;
		struct nvram_part part;

		if (image[at] != NVRAM_SIG_VARIABLES || nvram_next(image, size, &end, &part) ||
		    part.len == 0)
			continue;
		if (!memcmp(part.name, names[0], 12) || !memcmp(part.name, names[1], 12))
			return at;
	}
	return size;
}

/* Close the gap at a bad header. true: the walk goes on at *at. */
static bool bridge_gap(uint8_t *image, uint32_t size, uint32_t *at, bool have_variables)
{
	uint32_t next = have_variables ? size : search_variables(image, size, *at);

	if (!have_variables && next == size)
		return false;
	put_free(image, *at, next);
	*at = next;
	return true;
}

enum nvram_state nvram_repair(uint8_t *image, uint32_t size)
{
	enum nvram_state state = NVRAM_SOUND;
	struct nvram_part part = {0};
	bool have_variables = false;
	uint32_t at = 0;
	int err;

	if (is_blank(image, size)) {
		nvram_format(image, size);
		return NVRAM_FRESH;
	}
	for (;;) {
		err = nvram_next(image, size, &at, &part);
		if (err == E_NOENT)
			break;
		if (err == 0) {
			have_variables |= part.signature == NVRAM_SIG_VARIABLES && part.len > 0;
			continue;
		}
		if (!bridge_gap(image, size, &at, have_variables))
			break;
		state = NVRAM_MENDED;
	}
	if (have_variables)
		return state;
	nvram_format(image, size);
	return NVRAM_REPLACED;
}
