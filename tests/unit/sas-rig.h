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

/* What the test of one controller brings. */
struct sas_model {
	int (*start)(void); /* an honest one; sets host */
	const unsigned *requests, *resets;
	unsigned *silent_at; /* requests from this one on get no answer */
	bool *never_ready, *faulty, *gone;
	int allocations; /* it starts with as many, and each transfer takes one more */
};
static const struct sas_model model;

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

static inline void start_with_disk(void)
{
	fakescsi_reset();
	fakescsi_add(2, 0, SCSI_TYPE_DISK, 512, 100000);
	CHECK_EQ(model.start(), 0);
}

static inline void fall_silent(void)
{
	*model.silent_at = *model.requests + 1;
}

/* ---- tests of all of them ---------------------------------------------------------------- */

static void test_blocks_are_written_and_flushed(void)
{
	const struct fakescsi_unit *u;
	struct blkdev *bd;

	start_with_disk();
	u = fakescsi_find(2, 0);
	bd = open_disk(2, 0);
	memset(buf, 0x3c, 512);
	CHECK_EQ(blkdev_write(bd, 77, 1, buf), 0);
	CHECK(u->written && u->written_at == 77 && u->written[5] == 0x3c);
	CHECK_EQ(blkdev_flush(bd), 0);
	CHECK_EQ(u->flushes, 1);
	blkdev_stop(bd);
	stop();
}

/* LUN 300 cannot be said. */
static void test_every_unit_is_found_and_read(void)
{
	const uint64_t want[] = {scsi_pair(0, 0), scsi_pair(2, 1), scsi_pair(63, 255),
				 scsi_pair(99, 0)};

	fakescsi_reset();
	fakescsi_add(0, 0, SCSI_TYPE_DISK, 512, 100000);
	fakescsi_add(2, 1, SCSI_TYPE_CDROM, 2048, 100000);
	fakescsi_add(63, 255, SCSI_TYPE_DISK, 4096, 100000);
	fakescsi_add(63, 300, SCSI_TYPE_DISK, 4096, 100000);
	fakescsi_add(99, 0, SCSI_TYPE_DISK, 512, 100000);
	CHECK_EQ(model.start(), 0);
	check_found(want, ARRAY_SIZE(want));
	for (unsigned i = 0; i < ARRAY_SIZE(want); i++)
		check_reads((uint8_t)(want[i] >> 32), (uint8_t)want[i]);
	stop();
}

/* A drive without medium; attentions and a bad block. */
static void test_sense_comes_with_the_answer(void)
{
	struct blkdev *bd;

	fakescsi_reset();
	fakescsi_add(5, 0, SCSI_TYPE_CDROM, 2048, 0);
	fakescsi_add(6, 0, SCSI_TYPE_DISK, 512, 1000)->attentions = 2;
	CHECK_EQ(model.start(), 0);
	bd = open_disk(5, 0);
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
	stop();
}

static void test_nobody_is_not_an_error_of_the_controller(void)
{
	start_with_disk();
	CHECK_EQ(inquire(3), E_NOENT);
	CHECK_EQ(inquire(127), E_NOENT);
	CHECK_EQ(inquire(2), 0);
	CHECK_EQ(*model.resets, 1);
	stop();
}

/* The request's buffer is out of its reach, and it works again. */
static void test_silence_ends_in_a_reset_after_which_it_works(void)
{
	struct scsi_request req = {.unit = scsi_pair(2, 0), .cdb_len = 6, .timeout_ms = 100};

	start_with_disk();
	*model.silent_at = *model.requests + 1;
	CHECK_EQ(host->ops->command(host, &req), E_TIMEOUT);
	*model.silent_at = 0;
	CHECK(*model.resets > 1);
	CHECK_EQ(inquire(2), 0);
	check_reads(2, 0);
	stop();
}

static void test_a_controller_that_stays_silent_is_cut_off(void)
{
	uint64_t before;

	start_with_disk();
	fall_silent();
	*model.never_ready = true;
	CHECK(inquire(2) != 0);
	CHECK(!is_master());
	before = fake_now_us;
	CHECK_EQ(inquire(2), E_IO);
	CHECK(fake_now_us - before < 1000); /* nobody waits twice */
	stop();
}

static void test_a_broken_controller_is_seen_before_the_deadline(void)
{
	struct scsi_request req = {.unit = scsi_pair(2, 0), .cdb_len = 6, .timeout_ms = 60000};
	uint64_t before;

	start_with_disk();
	fall_silent();
	*model.faulty = true;
	before = fake_now_us;
	CHECK_EQ(host->ops->command(host, &req), E_IO);
	CHECK(fake_now_us - before < 15000000); /* the reset is waited for */
	stop();
}

static void test_one_that_was_pulled_out_is_not_waited_for(void)
{
	uint64_t before;

	start_with_disk();
	*model.gone = true;
	before = fake_now_us;
	CHECK_EQ(inquire(2), E_IO);
	CHECK_EQ(inquire(2), E_IO);
	CHECK(fake_now_us - before < 100000);
	stop();
	start_with_disk();
	*model.gone = true;
	before = fake_now_us;
	stop();
	CHECK(fake_now_us - before < 100000);
}

static void test_no_memory_is_an_error_at_every_step(void)
{
	for (int n = 0; n < model.allocations + 2; n++) {
		int err;

		fakedma_reset();
		fakescsi_reset();
		fakescsi_add(2, 0, SCSI_TYPE_DISK, 512, 1000);
		fakedma_dry_after = n;
		err = model.start();
		CHECK_EQ(err, n < model.allocations ? E_NOMEM : 0);
		if (!err)
			CHECK_EQ(inquire(2), n == model.allocations ? E_NOSPC : 0);
		fakedma_dry_after = -1;
		stop();
	}
}

#define SAS_TESTS                                                                           \
	TEST(test_blocks_are_written_and_flushed), TEST(test_every_unit_is_found_and_read), \
		TEST(test_sense_comes_with_the_answer),                                     \
		TEST(test_nobody_is_not_an_error_of_the_controller),                        \
		TEST(test_silence_ends_in_a_reset_after_which_it_works),                    \
		TEST(test_a_controller_that_stays_silent_is_cut_off),                       \
		TEST(test_a_broken_controller_is_seen_before_the_deadline),                 \
		TEST(test_one_that_was_pulled_out_is_not_waited_for),                       \
		TEST(test_no_memory_is_an_error_at_every_step)

#endif
