/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GPT (UEFI specification, chapter 5): a header in block 1 with a table somewhere, and a copy of both at
 * the end of the disk. A header counts if it, its CRC, its place and the table's CRC are right; the
 * copy at the end is asked if the first is not. Which block size a table counts in is found by
 * looking: the device's, else 512 (hybrid images) and 4096.
 */
#include "part-priv.h"

#include "base/arith.h"
#include "base/bytes.h"
#include "base/err.h"

#include <string.h>

#define HEADER_BYTES    92u
#define ENTRY_BYTES_MIN 128u
#define ENTRY_BYTES_MAX 4096u

/* 9E1A2D38-C612-4316-AA26-8B49521E5A8B; the first three fields are little-endian */
static const uint8_t guid_prep[16] = {0x38, 0x2d, 0x1a, 0x9e, 0x12, 0xc6, 0x16, 0x43,
				      0xaa, 0x26, 0x8b, 0x49, 0x52, 0x1e, 0x5a, 0x8b};

/* CRC-32 as in Ethernet; start and end with ~. */
static uint32_t crc32_add(uint32_t crc, const uint8_t *p, size_t len)
{
	static uint32_t table[256];

	for (uint32_t i = 0; table[255] == 0 && i < 256; i++) {
		uint32_t v = i;

		for (unsigned bit = 0; bit < 8; bit++)
			v = (v >> 1) ^ (v & 1 ? 0xedb88320u : 0);
		table[i] = v;
	}
	while (len-- > 0)
		crc = table[(crc ^ *p++) & 0xff] ^ (crc >> 8);
	return crc;
}

static int table_crc(struct part_walk *w, uint32_t *out)
{
	uint64_t left = (uint64_t)w->count * w->entry_size, at = w->table;
	uint32_t crc = ~0u;
	uint8_t piece[1024];

	while (left > 0) {
		size_t n = left < sizeof(piece) ? (size_t)left : sizeof(piece);
		int err = blk_view_read(w->disk, at, piece, n);

		if (err)
			return err;
		crc = crc32_add(crc, piece, n);
		at += n;
		left -= n;
	}
	*out = ~crc;
	return 0;
}

static int bad(struct part_walk *w, const char *why)
{
	w->why = why;
	return E_FORMAT;
}

/* Size and place of the table, as the header has them. */
static int check_table(struct part_walk *w, const uint8_t *header)
{
	uint64_t lba = get_le64(header + 72);
	uint32_t crc;

	w->count = get_le32(header + 80);
	w->entry_size = get_le32(header + 84);
	if (!is_pow2(w->entry_size) || w->entry_size < ENTRY_BYTES_MIN ||
	    w->entry_size > ENTRY_BYTES_MAX)
		return bad(w, "GPT: impossible entry size");
	if (w->count == 0 || (uint64_t)w->count * w->entry_size > PART_GPT_BYTES)
		return bad(w, "GPT: impossible number of entries");
	if (!mul_ok(lba, w->unit, &w->table))
		return bad(w, "GPT: the table lies outside the disk");
	if (table_crc(w, &crc))
		return bad(w, "GPT: the table cannot be read");
	if (crc != get_le32(header + 88))
		return bad(w, "GPT: wrong checksum of the table");
	return 0;
}

/* The header in block lba, and its table. */
static int check_header(struct part_walk *w, uint64_t lba)
{
	uint8_t header[MBR_SECTOR_BYTES];
	uint32_t len, crc;
	uint64_t at;

	if (!mul_ok(lba, w->unit, &at) || blk_view_read(w->disk, at, header, sizeof(header)))
		return bad(w, "GPT: no header can be read");
	len = get_le32(header + 12);
	if (memcmp(header, "EFI PART", 8) != 0)
		return bad(w, "GPT: announced by the MBR, but not there");
	if (len < HEADER_BYTES || len > sizeof(header))
		return bad(w, "GPT: impossible size of the header");
	crc = get_le32(header + 16);
	put_le32(header + 16, 0);
	if (crc != ~crc32_add(~0u, header, len))
		return bad(w, "GPT: wrong checksum of the header");
	if (get_le64(header + 24) != lba)
		return bad(w, "GPT: the header is not where it says");
	return check_table(w, header);
}

static int check_with_unit(struct part_walk *w, uint32_t unit)
{
	int err;

	w->unit = unit;
	w->backup = false;
	err = check_header(w, 1);
	if (err && w->disk->size >= 2 * (uint64_t)unit) {
		const char *why = w->why;

		w->backup = true;
		err = check_header(w, w->disk->size / unit - 1);
		if (err)
			w->why = why;
	}
	return err;
}

int gpt_start(struct part_walk *w)
{
	const uint32_t units[] = {w->disk->block_size, 512, 4096};
	const char *why = NULL;
	int err = E_FORMAT;

	w->scheme = PART_GPT;
	for (unsigned i = 0; err && i < ARRAY_SIZE(units); i++) {
		if (i > 0 && units[i] == units[0])
			continue;
		err = check_with_unit(w, units[i]);
		if (!why || strstr(why, "not there"))
			why = w->why;
	}
	w->next = 0;
	w->why = err ? why : NULL;
	return err;
}

static bool is_used(const uint8_t *entry)
{
	static const uint8_t nothing[16];

	return memcmp(entry, nothing, sizeof(nothing)) != 0;
}

int gpt_next(struct part_walk *w, struct part *p)
{
	uint8_t entry[ENTRY_BYTES_MIN];

	while (w->next < w->count) {
		uint64_t at = w->table + (uint64_t)w->next * w->entry_size, first, last;
		int err = blk_view_read(w->disk, at, entry, sizeof(entry));

		if (err) {
			w->why = "GPT: the table cannot be read";
			return err;
		}
		w->next++;
		if (!is_used(entry))
			continue;
		first = get_le64(entry + 32);
		last = get_le64(entry + 40);
		p->number = w->next;
		memcpy(p->guid, entry, sizeof(p->guid));
		p->is_prep = memcmp(entry, guid_prep, sizeof(guid_prep)) == 0;
		if (last >= first && last != UINT64_MAX)
			part_place(w, p, first, last - first + 1);
		return 0;
	}
	return E_NOENT;
}
