/* SPDX-License-Identifier: BSD-2-Clause */
/* Fusion MPT: units, requests, replies of all kinds, and controllers that do not do what they must. */
#include "check.h"
#include "fakempt.h"
#include "sas-rig.h"

#include "mpt/mpt.h"

static struct fakempt dev;

static struct fake_fn *add(void *model, struct fake_pci *pci)
{
	return fakempt_add(model, pci);
}

static int start(const struct fakempt *like)
{
	dev = *like;
	rig_begin(add, &dev);
	host = NULL;
	return mpt_start(&rig.dev, &host);
}

static void start_with_disk(const struct fakempt *like)
{
	fakescsi_reset();
	fakescsi_add(2, 0, SCSI_TYPE_DISK, 512, 100000);
	CHECK_EQ(start(like), 0);
}

static void test_it_starts_reads_and_stops(void)
{
	struct fakempt m = {.requests = 0};

	start_with_disk(&m);
	CHECK(is_master() && dev.operational);
	CHECK_EQ(dev.enables, 1);
	check_reads(2, 0);
	stop();
	CHECK(!dev.operational);
	CHECK_EQ(dev.resets, 2);
}

static void test_blocks_are_written_and_flushed(void)
{
	struct fakempt m = {.requests = 0};

	start_with_disk(&m);
	check_writes(2);
	stop();
}

static void test_every_unit_is_found_and_read(void)
{
	const uint64_t want[] = {scsi_pair(0, 0), scsi_pair(2, 1), scsi_pair(63, 255),
				 scsi_pair(99, 0)};
	struct fakempt m = {.requests = 0};

	fakescsi_reset();
	fakescsi_add(0, 0, SCSI_TYPE_DISK, 512, 100000);
	fakescsi_add(2, 1, SCSI_TYPE_CDROM, 2048, 100000);
	fakescsi_add(63, 255, SCSI_TYPE_DISK, 4096, 100000);
	fakescsi_add(63, 300, SCSI_TYPE_DISK, 4096, 100000); /* cannot be said */
	fakescsi_add(99, 0, SCSI_TYPE_DISK, 512, 100000);
	CHECK_EQ(start(&m), 0);
	check_found(want, ARRAY_SIZE(want));
	check_reads(2, 1);
	stop();
}

static void test_sense_comes_with_the_answer(void)
{
	struct fakempt m = {.requests = 0};

	add_troubled();
	CHECK_EQ(start(&m), 0);
	check_troubled();
	stop();
}

/* A transfer that ended early is no answer to a read. */
static void test_short_transfers_are_told(void)
{
	struct fakempt m = {.requests = 0};
	struct blkdev *bd;

	start_with_disk(&m);
	bd = open_disk(2, 0);
	fakescsi.short_by = 512;
	CHECK_EQ(blkdev_read(bd, 0, 4, buf), E_IO);
	fakescsi.short_by = 0;
	CHECK_EQ(blkdev_read(bd, 0, 4, buf), 0);
	blkdev_stop(bd);
	stop();
}

static void test_news_and_late_replies_are_passed_over(void)
{
	struct fakempt m = {.chatty = true};

	start_with_disk(&m);
	check_reads(2, 0);
	CHECK_EQ(dev.resets, 1);
	stop();
}

static void test_nobody_is_not_an_error_of_the_controller(void)
{
	struct fakempt m = {.requests = 0};

	start_with_disk(&m);
	CHECK_EQ(inquire(3), E_NOENT);
	CHECK_EQ(inquire(127), E_NOENT);
	CHECK_EQ(inquire(2), 0);
	CHECK_EQ(dev.resets, 1);
	stop();
}

static void test_what_fails_otherwise_is_an_error(void)
{
	static const uint16_t codes[] = {0x03, 0x44, 0x48, 0x4b, 0xffff};
	struct fakempt m = {.requests = 0};

	start_with_disk(&m);
	for (unsigned i = 0; i < ARRAY_SIZE(codes); i++) {
		dev.ioc_status = codes[i];
		CHECK_EQ(inquire(2), E_IO);
	}
	dev.ioc_status = 0x45;
	dev.no_status = true;
	CHECK_EQ(inquire(2), E_IO);
	dev.ioc_status = 0;
	CHECK_EQ(inquire(2), 0);
	stop();
}

/* Somewhere else, between two frames of ours, on the page behind the last one. */
static void test_a_frame_that_is_none_of_ours_ends_in_a_reset(void)
{
	struct fakempt m = {.requests = 0};

	start_with_disk(&m);
	for (unsigned i = 0; i < 3; i++) {
		uint32_t ours = dev.free_frame[0] & ~4095u;
		uint32_t at = i == 0   ? 0x1000
			      : i == 1 ? dev.free_frame[0] + 4
				       : ours + 512 + 8 * 128;
		unsigned before = dev.resets;

		dev.stray = 0x80000000 | at >> 1;
		CHECK(inquire(2) != 0);
		CHECK(dev.resets > before);
		dev.stray = 0;
		CHECK_EQ(inquire(2), 0);
	}
	stop();
}

static void test_silence_ends_in_a_reset_after_which_it_works(void)
{
	struct fakempt m = {.requests = 0};
	struct blkdev *bd;

	start_with_disk(&m);
	bd = open_disk(2, 0);
	dev.silent_at = dev.requests + 1;
	CHECK(blkdev_read(bd, 0, 1, buf));
	CHECK(dev.resets > 1);
	dev.silent_at = 0;
	CHECK_EQ(blkdev_read(bd, 0, 1, buf), 0);
	blkdev_stop(bd);
	stop();
}

static void test_a_controller_that_stays_silent_is_cut_off(void)
{
	struct fakempt m = {.requests = 0};
	uint64_t before;

	start_with_disk(&m);
	dev.silent_at = dev.requests + 1;
	dev.never_ready = true;
	CHECK(inquire(2) != 0);
	CHECK(!is_master());
	before = fake_now_us;
	CHECK_EQ(inquire(2), E_IO);
	CHECK(fake_now_us - before < 1000); /* nobody waits twice */
	stop();
}

static void test_a_broken_controller_is_seen_at_once(void)
{
	struct fakempt m = {.requests = 0};
	struct scsi_identity who;
	uint64_t before;

	start_with_disk(&m);
	dev.silent_at = dev.requests + 1;
	dev.faulty = true;
	before = fake_now_us;
	CHECK(scsi_inquire(host, scsi_pair(2, 0), &who) != 0);
	CHECK(fake_now_us - before < 6000000); /* the reset is waited for */
	stop();
}

static void test_what_does_not_start_is_off_again(void)
{
	static const struct {
		struct fakempt m;
		int err;
	} cases[] = {
		{{.never_ready = true}, E_TIMEOUT}, {{.faulty = true}, E_TIMEOUT},
		{{.refuses_init = true}, E_IO},     {{.mute_doorbell = true}, E_TIMEOUT},
		{{.short_reply = true}, E_FORMAT},
	};

	fakescsi_reset();
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		CHECK_EQ(start(&cases[i].m), cases[i].err);
		CHECK(!host);
		stop();
	}
}

static void test_no_memory_is_an_error_at_every_step(void)
{
	struct fakempt m = {.requests = 0};

	for (int n = 0; n < 3; n++) {
		int err;

		fakedma_reset();
		fakescsi_reset();
		fakescsi_add(2, 0, SCSI_TYPE_DISK, 512, 1000);
		fakedma_dry_after = n;
		err = start(&m);
		CHECK_EQ(err, n < 1 ? E_NOMEM : 0);
		if (!err)
			CHECK_EQ(inquire(2), n < 2 ? E_NOSPC : 0);
		fakedma_dry_after = -1;
		stop();
	}
}

static const struct test tests[] = {
	TEST(test_it_starts_reads_and_stops),
	TEST(test_blocks_are_written_and_flushed),
	TEST(test_every_unit_is_found_and_read),
	TEST(test_sense_comes_with_the_answer),
	TEST(test_short_transfers_are_told),
	TEST(test_news_and_late_replies_are_passed_over),
	TEST(test_nobody_is_not_an_error_of_the_controller),
	TEST(test_what_fails_otherwise_is_an_error),
	TEST(test_a_frame_that_is_none_of_ours_ends_in_a_reset),
	TEST(test_silence_ends_in_a_reset_after_which_it_works),
	TEST(test_a_controller_that_stays_silent_is_cut_off),
	TEST(test_a_broken_controller_is_seen_at_once),
	TEST(test_what_does_not_start_is_off_again),
	TEST(test_no_memory_is_an_error_at_every_step),
};
TEST_MAIN(tests)
