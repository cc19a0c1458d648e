/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The PC's partition table: four entries in the first sector; an extended partition holds a chain of
 * sectors of the same form, each with logical partitions (whose start counts from that sector) and a
 * link to the next sector (which counts from the start of the extended partition). The chain is
 * followed once, for at most PART_LOGICAL_MAX links, and never to a sector it has been to.
 */
#include "part-priv.h"

#include "base/bytes.h"
#include "base/err.h"

#include <string.h>

#define TABLE_AT      446u
#define SIGNATURE_AT  510u
#define ENTRIES       4u
#define FIRST_LOGICAL 5u

#define TYPE_PROTECTIVE 0xeeu

struct entry {
	uint8_t status, type;
	uint32_t first, blocks;
};

static struct entry entry_at(const struct part_walk *w, uint32_t i)
{
	const uint8_t *e = w->entries + 16 * (size_t)i;

	return (struct entry){e[0], e[4], get_le32(e + 8), get_le32(e + 12)};
}

static bool is_extended(uint8_t type)
{
	return type == 0x05 || type == 0x0f || type == 0x85;
}

static bool has_signature(const uint8_t *sector)
{
	return get_le16(sector + SIGNATURE_AT) == 0xaa55;
}

/* A FAT's boot sector ends in the same signature, but has code where the entries would be. */
static bool looks_like_table(const struct part_walk *w)
{
	for (uint32_t i = 0; i < ENTRIES; i++)
		if ((entry_at(w, i).status & 0x7f) != 0)
			return false;
	return true;
}

int mbr_start(struct part_walk *w, const uint8_t *sector, bool *protective)
{
	if (!has_signature(sector))
		return E_NOENT;
	memcpy(w->entries, sector + TABLE_AT, sizeof(w->entries));
	if (!looks_like_table(w))
		return E_NOENT;
	w->scheme = PART_MBR;
	w->why = NULL;
	w->logical = FIRST_LOGICAL;
	for (uint32_t i = 0; i < ENTRIES; i++) {
		struct entry e = entry_at(w, i);

		*protective = *protective || e.type == TYPE_PROTECTIVE;
		if (is_extended(e.type) && e.blocks > 0)
			w->extended[w->extended_count++] = e.first;
	}
	return 0;
}

static bool was_seen(struct part_walk *w, uint32_t sector)
{
	for (uint32_t i = 0; i < w->seen_count; i++)
		if (w->seen[i] == sector)
			return true;
	return false;
}

static int broken(struct part_walk *w, const char *why)
{
	w->why = why;
	return E_FORMAT;
}

/* Read the sector of the chain at number. */
static int follow(struct part_walk *w, uint32_t number)
{
	uint8_t sector[MBR_SECTOR_BYTES];
	int err;

	if (number == 0 || was_seen(w, number))
		return broken(w, "the chain of logical partitions runs in a circle");
	if (w->seen_count == PART_LOGICAL_MAX)
		return broken(w, "the chain of logical partitions is too long");
	w->seen[w->seen_count++] = number;
	err = blk_view_read(w->disk, (uint64_t)number * w->unit, sector, sizeof(sector));
	if (err == E_RANGE)
		return broken(w, "the chain of logical partitions leaves the disk");
	if (err) {
		w->why = "the chain of logical partitions cannot be read";
		return err;
	}
	if (!has_signature(sector))
		return broken(w, "the chain of logical partitions has a sector without signature");
	memcpy(w->entries, sector + TABLE_AT, sizeof(w->entries));
	w->sector = number;
	w->next = 0;
	return 0;
}

/* Go on to the next sector: along the chain, or to the next extended partition. */
static int next_sector(struct part_walk *w)
{
	uint32_t link = w->link;

	w->link = 0;
	if (link == 0) {
		if (w->extended_at == w->extended_count)
			return E_NOENT;
		link = w->extended[w->extended_at++];
	}
	return follow(w, link);
}

/* The link in a sector of the chain: the first entry of an extended type. */
static int note_link(struct part_walk *w, const struct entry *e)
{
	uint64_t link = (uint64_t)w->extended[w->extended_at - 1] + e->first;

	if (w->sector == 0 || w->link != 0 || e->blocks == 0)
		return 0;
	if (link > UINT32_MAX)
		return broken(w, "the chain of logical partitions leaves the disk");
	w->link = (uint32_t)link;
	return 0;
}

static void describe(struct part_walk *w, const struct entry *e, struct part *p)
{
	p->number = w->sector ? w->logical++ : w->next;
	p->active = e->status == 0x80;
	p->type = e->type;
	p->is_prep = e->type == PART_TYPE_PREP;
	part_place(w, p, w->sector + e->first, e->blocks);
}

int mbr_next(struct part_walk *w, struct part *p)
{
	for (;;) {
		struct entry e;
		int err = 0;

		if (w->next == ENTRIES) {
			err = next_sector(w);
			if (err)
				return err;
		}
		e = entry_at(w, w->next++);
		if (is_extended(e.type)) {
			if (w->sector)
				err = note_link(w, &e);
			if (err)
				return err;
		} else if (e.type != 0 && e.blocks > 0) {
			describe(w, &e, p);
			return 0;
		}
	}
}
