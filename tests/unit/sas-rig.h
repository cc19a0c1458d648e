/* SPDX-License-Identifier: BSD-2-Clause */
/* What tests of SCSI controllers with targets and LUNs have in common: a host, and ways to look at it. */
#ifndef SAS_RIG_H
#define SAS_RIG_H

#include "controller-rig.h"
#include "fakeclock.h"
#include "fakeheap.h"
#include "fakescsi.h"

#include "base/err.h"
#include "scsi/scsi.h"

static struct scsi_host *host;
static uint8_t buf[3u << 20];

/* Off, whoever started it: no master, nothing mapped. */
static inline void stop(void)
{
	scsi_host_stop(host);
	CHECK(!is_master());
	rig_end();
	fakescsi_reset();
}

static inline struct blkdev *open_disk(uint32_t target, uint32_t lun)
{
	struct blkdev *bd = NULL;

	CHECK_EQ(scsi_disk_start(host, scsi_pair(target, lun), &bd), 0);
	return bd;
}

/* More than goes into one request. */
static inline void check_reads(uint8_t target, uint8_t lun)
{
	const struct fakescsi_unit *u = fakescsi_find(target, lun);
	struct blkdev *bd = open_disk(target, lun);
	uint32_t n = sizeof(buf) / u->block_size;

	CHECK_EQ(blkdev_read(bd, 5, n, buf), 0);
	for (size_t at = 0; at < sizeof(buf); at += 8)
		CHECK_EQ(get_be64(buf + at), fakescsi_pattern(u, 5 * u->block_size + at));
	blkdev_stop(bd);
}

static inline void check_writes(uint8_t target)
{
	const struct fakescsi_unit *u = fakescsi_find(target, 0);
	struct blkdev *bd = open_disk(target, 0);

	memset(buf, 0x3c, 512);
	CHECK_EQ(blkdev_write(bd, 77, 1, buf), 0);
	CHECK(u->written && u->written_at == 77 && u->written[5] == 0x3c);
	CHECK_EQ(blkdev_flush(bd), 0);
	CHECK_EQ(u->flushes, 1);
	blkdev_stop(bd);
}

/* A drive without medium at 5, attentions and a bad block at 6. */
static inline void add_troubled(void)
{
	fakescsi_reset();
	fakescsi_add(5, 0, SCSI_TYPE_CDROM, 2048, 0);
	fakescsi_add(6, 0, SCSI_TYPE_DISK, 512, 1000)->attentions = 2;
}

static inline void check_troubled(void)
{
	struct blkdev *bd = open_disk(5, 0);

	CHECK_EQ(bd->blocks, 0);
	blkdev_stop(bd);
	bd = open_disk(6, 0);
	fakescsi.fail_at = fakescsi.commands + 1;
	fakescsi.fail_key = 3;
	fakescsi.fail_asc = 0x11;
	CHECK_EQ(blkdev_read(bd, 0, 1, buf), E_IO);
	fakescsi.fail_at = 0;
	CHECK_EQ(blkdev_read(bd, 0, 1, buf), 0);
	blkdev_stop(bd);
}

static inline int inquire(uint32_t target)
{
	struct scsi_identity who;

	return scsi_inquire(host, scsi_pair(target, 0), &who);
}

static unsigned n_found;
static uint64_t found[8];

static inline void note(void *ctx UNUSED, uint64_t unit, const struct scsi_identity *who UNUSED)
{
	if (n_found < ARRAY_SIZE(found))
		found[n_found] = unit;
	n_found++;
}

static inline void check_found(const uint64_t *want, unsigned n)
{
	n_found = 0;
	CHECK_EQ(scsi_scan(host, note, NULL), n);
	for (unsigned i = 0; i < n && i < n_found; i++)
		CHECK_EQ(found[i], want[i]);
}

#endif
