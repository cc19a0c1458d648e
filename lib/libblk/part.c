/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which partition table a disk has, and finding a partition in it. A GPT counts if the MBR announces it;
 * the units are the device's blocks, except on CD-ROMs, where hybrid images count in 512 bytes.
 */
#include "part-priv.h"

#include "base/arith.h"
#include "base/err.h"

#define CDROM_BLOCK 2048u

void part_place(const struct part_walk *w, struct part *p, uint64_t first, uint64_t blocks)
{
	uint64_t start, size, left;

	p->start = p->size = 0;
	if (!mul_ok(first, w->unit, &start) || start >= w->disk->size)
		return;
	left = w->disk->size - start;
	p->start = start;
	p->size = mul_ok(blocks, w->unit, &size) && size < left ? size : left;
}

int part_start(struct part_walk *w, const struct blk_view *disk)
{
	uint8_t sector[MBR_SECTOR_BYTES];
	bool protective = false;
	int err;

	*w = (struct part_walk){.disk = disk, .why = "no partition table"};
	w->unit = disk->block_size == CDROM_BLOCK ? MBR_SECTOR_BYTES : disk->block_size;
	if (disk->size < sizeof(sector))
		return E_NOENT;
	err = blk_view_read(disk, 0, sector, sizeof(sector));
	if (err) {
		w->why = "the first sector cannot be read";
		return err;
	}
	err = mbr_start(w, sector, &protective);
	return !err && protective ? gpt_start(w) : err;
}

int part_next(struct part_walk *w, struct part *p)
{
	*p = (struct part){.scheme = w->scheme};
	return w->scheme == PART_GPT ? gpt_next(w, p) : mbr_next(w, p);
}

int part_find(const struct blk_view *disk, uint32_t number, struct part *p, const char **why)
{
	struct part_walk w;
	struct part found;
	int err = part_start(&w, disk);

	while (!err) {
		err = part_next(&w, &found);
		if (!err && found.number == number)
			break;
		if (err == E_NOENT)
			w.why = "no such partition";
	}
	if (!err && found.size == 0) {
		w.why = "it lies outside the disk";
		err = E_RANGE;
	}
	*why = w.why;
	if (!err)
		*p = found;
	return err;
}

int part_find_prep(const struct blk_view *disk, struct part *p, const char **why)
{
	struct part_walk w;
	struct part at, found = {0};
	const char *none = "no PReP boot partition";
	int err = part_start(&w, disk);

	while (!err) {
		err = part_next(&w, &at);
		if (err || !at.is_prep)
			continue;
		if (at.size == 0)
			none = "the PReP boot partition lies outside the disk";
		else if (found.size == 0 || (at.active && !found.active))
			found = at;
	}
	if (found.size == 0) {
		*why = err == E_NOENT && w.why == NULL ? none : w.why;
		return err;
	}
	*p = found;
	return 0;
}
