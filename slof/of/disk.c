/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a disk: started when it is first opened, kept running until quiesce, because starting
 * takes long and boot loaders open and close a disk for every look at it. After quiesce its instances
 * stay, and every access is refused. What was cached is forgotten when the last instance closes, so
 * that a changed medium is seen; without a medium, the next open starts the device once more.
 */
#define LOG_TAG "disk"
#include "block-priv.h"

#include "base/arith.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "of/env.h"
#include "of/machine.h"

#include <string.h>

#define COMPLAINTS_MAX 8u /* a dead disk is not told for every block of it */

/* ---- start and stop --------------------------------------------------------------------- */

static void stop(struct disk *disk)
{
	if (disk->bd && disk->written && blkdev_flush(disk->bd))
		log_warn("%s: flush failed", disk->name);
	disk->written = false;
	deblock_free(disk->cache);
	blkdev_stop(disk->bd);
	disk->cache = NULL;
	disk->bd = NULL;
}

static void quiesce(void *arg)
{
	stop(arg);
}

static int check_started(struct disk *disk)
{
	const struct blkdev *bd = disk->bd;
	int err = blkdev_check(bd);

	if (err) {
		tell_err(disk->name, NULL, "blocks of %u bytes, %llx of them, %u at once: unusable",
			 bd->block_size, (unsigned long long)bd->blocks, bd->max_blocks);
		return err;
	}
	if (bd->blocks == 0) {
		tell_info(disk->name, NULL, "no medium");
		return E_NOENT;
	}
	disk->cache = deblock_new(disk->bd);
	if (!disk->cache) {
		tell_err(disk->name, NULL, "%s", err_text(E_NOMEM));
		return E_NOMEM;
	}
	return 0;
}

static int start(struct disk *disk)
{
	struct blkdev *bd = NULL;
	int err = disk->source.start(disk->source.ctx, &bd);

	if (err) {
		tell_warn(disk->name, NULL, "%s does not start: %s", disk->source.driver,
			  err_text(err));
		return err;
	}
	disk->bd = bd;
	disk->complaints = 0;
	if (!disk->on_quiesce)
		of_on_quiesce(quiesce, disk);
	disk->on_quiesce = true;
	err = check_started(disk);
	if (err) {
		stop(disk);
		return err;
	}
	log_info("%s: %s, %llu blocks of %u bytes%s", disk->name, bd->about,
		 (unsigned long long)bd->blocks, bd->block_size,
		 bd->ops->write ? "" : ", read-only");
	return 0;
}

int disk_open(struct disk *disk)
{
	int err = 0;

	if (!disk->bd)
		err = of_is_quiesced() ? E_PERM : start(disk);
	if (!err)
		disk->open++;
	return err;
}

void disk_close(struct disk *disk)
{
	assert(disk->open > 0);
	if (--disk->open > 0 || !disk->bd)
		return;
	if (disk->written && blkdev_flush(disk->bd))
		log_warn("%s: flush failed", disk->name);
	disk->written = false;
	deblock_forget(disk->cache);
}

void disk_gone(struct disk *disk)
{
	if (disk->bd)
		log_info("%s: unplugged", disk->name);
	disk->written = false; /* nobody is left to write it to */
	stop(disk);
}

void disk_drop(struct disk *disk)
{
	stop(disk);
	heap_free(disk->name);
	disk->name = NULL;
}

/* ---- reading and writing ---------------------------------------------------------------- */

/* A failure of the device is told where it happens; callers only hand it on. */
static int told(struct disk *disk, const char *what, uint64_t offset, uint64_t len, int err)
{
	if (!err || err == E_RANGE || disk->complaints >= COMPLAINTS_MAX)
		return err;
	if (disk->complaints++ == 0 || disk->complained != offset)
		tell_err(disk->name, NULL, "%s of %llx bytes at %llx failed: %s", what,
			 (unsigned long long)len, (unsigned long long)offset, err_text(err));
	disk->complained = offset;
	return err;
}

int disk_read(struct disk *disk, uint64_t offset, void *buf, uint64_t len)
{
	if (!disk->bd)
		return E_STALE;
	return told(disk, "read", offset, len, deblock_read(disk->cache, offset, buf, len));
}

/*
 * Nobody writes to the first 34 sectors, as in SLOF: that is where a GPT of 128 entries lies. With
 * larger blocks the same table takes fewer blocks but more bytes. Its backup at the end of the disk
 * has as many entries and one header.
 */
#define TABLE_BYTES   16384u
#define HEAD_SECTORS  34u
#define SECTOR_BYTES  512u
#define PROTECTIVE_AT 450u /* type byte of the first MBR entry */

static uint64_t guarded_head(const struct disk *disk)
{
	uint64_t gpt = 2 * (uint64_t)disk->bd->block_size + TABLE_BYTES;
	uint64_t slof = HEAD_SECTORS * SECTOR_BYTES;

	return gpt > slof ? gpt : slof;
}

static bool has_gpt(struct disk *disk)
{
	uint8_t sector[SECTOR_BYTES];

	if (deblock_read(disk->cache, 0, sector, sizeof(sector)))
		return true; /* unreadable: rather not */
	for (unsigned i = 0; i < 4; i++)
		if (sector[PROTECTIVE_AT + 16 * i] == 0xee)
			return true;
	return false;
}

static bool is_guarded(struct disk *disk, uint64_t offset, uint64_t len)
{
	const char *allowed = env_get_str("write-partition-table?");
	uint64_t size = deblock_size(disk->cache);
	uint64_t tail = TABLE_BYTES + disk->bd->block_size;

	if (allowed && !strcmp(allowed, "true"))
		return false;
	if (ranges_overlap(0, guarded_head(disk), offset, len))
		return true;
	return size > tail && ranges_overlap(size - tail, tail, offset, len) && has_gpt(disk);
}

int disk_write(struct disk *disk, uint64_t offset, const void *buf, uint64_t len)
{
	uint64_t end;

	if (!disk->bd)
		return E_STALE;
	if (!add_ok(offset, len, &end) || end > deblock_size(disk->cache))
		return E_RANGE;
	if (len > 0 && is_guarded(disk, offset, len)) {
		log_warn("%s: no write to the partition table (%llx bytes at %llx)", disk->name,
			 (unsigned long long)len, (unsigned long long)offset);
		return E_PERM;
	}
	disk->written = true;
	return told(disk, "write", offset, len, deblock_write(disk->cache, offset, buf, len));
}
