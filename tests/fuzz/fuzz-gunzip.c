/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gzip'd files, with two bytes before them that say how much room there is. Oracles: nothing is written outside the
 * room; what comes out has the length and checksum the file's end announces; room of just that size does as well.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/panic.h"
#include "fakegzip.h"
#include "gunzip/gunzip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Is there such an end? What follows a file is not looked at, so it need not be the last. */
static bool is_announced(const uint8_t *file, size_t size, uint32_t crc, uint32_t len)
{
	for (size_t at = 0; at + 8 <= size; at++)
		if (get_le32(file + at) == crc && get_le32(file + at + 4) == len)
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *file = data + 2;
	uint64_t room, len = 0, again = 0;
	const char *why = "";
	uint8_t *out;

	if (size < 2)
		return 0;
	size -= 2;
	room = get_be16(data);
	out = malloc(room + 1); /* its end is the sanitizer's */
	out[room] = 0xaa;
	(void)gunzip_is_packed(file, size);
	if (!gunzip(file, size, out, room, &len, &why)) {
		assert(len <= room);
		assert(is_announced(file, size, fakegzip_crc(out, len), (uint32_t)len));
		assert(!gunzip(file, size, out, len, &again, &why) && again == len);
	} else {
		assert(*why);
	}
	assert(out[room] == 0xaa);
	free(out);
	return 0;
}
