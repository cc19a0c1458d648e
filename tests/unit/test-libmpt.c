/* SPDX-License-Identifier: BSD-2-Clause */
/* Fusion MPT: units, requests, replies of all kinds, and controllers that do not do what they must. */
#include "check.h"
#include "fakempt.h"
#include "sas-rig.h"

#include "mpt/mpt.h"

static struct fakempt dev;

static struct fake_fn *add(void *it, struct fake_pci *pci)
{
	return fakempt_add(it, pci);
}

static int start(const struct fakempt *like)
{
	dev = *like;
	rig_begin(add, &dev);
	host = NULL;
	return mpt_start(&rig.dev, &host);
}

static int start_honest(void)
{
	return start(&(struct fakempt){.requests = 0});
}

static const struct sas_model model = {.start = start_honest,
				       .requests = &dev.requests,
				       .resets = &dev.resets,
				       .silent_at = &dev.silent_at,
				       .never_ready = &dev.never_ready,
				       .faulty = &dev.faulty,
				       .gone = &dev.gone,
				       .allocations = 1};

static void start_like(const struct fakempt *like)
{
	fakescsi_reset();
	fakescsi_add(2, 0, SCSI_TYPE_DISK, 512, 100000);
	CHECK_EQ(start(like), 0);
}

static void test_it_starts_reads_and_stops(void)
{
	struct fakempt m = {.requests = 0};

	start_like(&m);
	CHECK(is_master() && dev.operational);
	CHECK_EQ(dev.enables, 1);
	check_reads(2, 0);
	stop();
	CHECK(!dev.operational);
	CHECK_EQ(dev.resets, 2);
}

/* A transfer that ended early is no answer to a read. */
static void test_short_transfers_are_told(void)
{
	struct fakempt m = {.requests = 0};
	struct blkdev *bd;

	start_like(&m);
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

	start_like(&m);
	check_reads(2, 0);
	CHECK_EQ(dev.resets, 1);
	stop();
}

static void test_what_fails_otherwise_is_an_error(void)
{
	static const uint16_t codes[] = {0x03, 0x44, 0x48, 0x4b, 0xffff};
	struct fakempt m = {.requests = 0};

	start_like(&m);
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

	start_like(&m);
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

static const struct test tests[] = {
	SAS_TESTS,
	TEST(test_it_starts_reads_and_stops),
	TEST(test_short_transfers_are_told),
	TEST(test_news_and_late_replies_are_passed_over),
	TEST(test_what_fails_otherwise_is_an_error),
	TEST(test_a_frame_that_is_none_of_ours_ends_in_a_reset),
	TEST(test_what_does_not_start_is_off_again),
};
TEST_MAIN(tests)
