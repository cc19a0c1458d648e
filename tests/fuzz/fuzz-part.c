/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a disk's partition table, in blocks of 512, 2048 and 4096 bytes. The walk ends, what it
 * gives lies inside the disk, numbers do not come twice, and finding a partition by its number gives the
 * same one. A GPT
 * whose checksums are wrong would stop nearly every input, so they are made right first.
 */
#include <stdlib.h>

#include "base/bytes.h"
#include "base/err.h"
#include "blk/part.h"
#include "fuzz-disk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t crc32(const uint8_t *p, size_t len)
{
	uint32_t crc = ~0u;

	while (len-- > 0) {
		crc ^= *p++;
		for (unsigned i = 0; i < 8; i++)
			crc = (crc >> 1) ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

/* Correct the checksums of a header at at. */
static void mend(uint8_t *disk, size_t size, size_t at)
{
	uint64_t block = at, len, table;
	uint32_t header;

	if (at + 512 > size || memcmp(disk + at, "EFI PART", 8) != 0)
		return;
	table = get_le64(disk + at + 72);
	len = (uint64_t)get_le32(disk + at + 80) * get_le32(disk + at + 84);
	if (table < size / block && len <= size - table * block && len <= 4096)
		put_le32(disk + at + 88, crc32(disk + table * block, len));
	header = get_le32(disk + at + 12);
	put_le32(disk + at + 16, 0);
	if (header <= 512)
		put_le32(disk + at + 16, crc32(disk + at, header));
}

static void walk(const struct blk_view *v)
{
	struct part_walk w;
	struct part p, found;
	const char *why = "";
	uint32_t last = 0;
	int err = part_start(&w, v);

	for (unsigned n = 0; !err; n++) {
		err = part_next(&w, &p);
		if (err)
			break;
		assert(p.number > last && n < 70000);
		last = p.number;
		assert(p.start <= v->size && p.size <= v->size - p.start);
		if (n < 20) {
			assert(part_find(v, p.number, &found, &why) == (p.size ? 0 : E_RANGE));
			assert(p.size == 0 || found.start == p.start);
		}
	}
	assert(err == E_NOENT || w.why);
	if (!part_find_prep(v, &p, &why))
		assert(p.is_prep && p.size > 0);
	else
		assert(why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint32_t blocks[] = {512, 2048, 4096};
	struct fuzz_disk d = {.reads = 0};
	uint8_t *copy;

	if (size < 512 || size > 200000)
		return 0;
	copy = malloc(size);
	if (!copy)
		abort();
	memcpy(copy, data, size);
	if (data[0] & 1) {
		mend(copy, size, 512);
		mend(copy, size, 4096);
	}
	d.data = copy;
	d.size = size;
	for (unsigned i = 0; i < ARRAY_SIZE(blocks); i++) {
		struct blk_view v = fuzz_view(&d, size + (uint64_t)data[1] * 4096, blocks[i]);

		walk(&v);
	}
	free(copy);
	assert(d.reads < FUZZ_READS_MAX);
	return 0;
}
