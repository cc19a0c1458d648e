/* SPDX-License-Identifier: BSD-2-Clause */
/* MegaRAID SAS: units of every kind, commands, and controllers that do not do what they must. */
#include "check.h"
#include "fakemegasas.h"
#include "sas-rig.h"

#include "megasas/megasas.h"

static struct fakemegasas dev;

static struct fake_fn *add(void *model, struct fake_pci *pci)
{
	return fakemegasas_add(model, pci);
}

static int start(const struct fakemegasas *like)
{
	fakedma_go_on_at(0x10000000);
	dev = *like;
	rig_begin(add, &dev);
	host = NULL;
	return megasas_start(&rig.dev, &host);
}

static void start_with_disk(const struct fakemegasas *like)
{
	fakescsi_reset();
	fakescsi_add(2, 0, SCSI_TYPE_DISK, 512, 100000);
	CHECK_EQ(start(like), 0);
}

static void test_both_generations_start_read_and_stop(void)
{
	for (int second = 0; second < 2; second++) {
		struct fakemegasas m = {.second = second};

		start_with_disk(&m);
		CHECK(is_master() && dev.operational);
		check_reads(2, 0);
		CHECK(dev.logical > 0);
		CHECK_EQ(dev.physical, 0);
		stop();
		CHECK(!dev.operational);
		CHECK_EQ(dev.resets, 2);
	}
}

static void test_a_controller_that_wants_a_handshake_gets_it(void)
{
	struct fakemegasas m = {.handshake = true};

	start_with_disk(&m);
	stop();
}

static void test_blocks_are_written_and_flushed(void)
{
	struct fakemegasas m = {.jbod = false};

	start_with_disk(&m);
	check_writes(2);
	stop();
}

/* LUN 0 of a logical drive goes there, all else to physical ones; LUN 300 cannot be said. */
static void test_every_unit_is_found_and_read(void)
{
	const uint64_t want[] = {scsi_pair(0, 0), scsi_pair(2, 1), scsi_pair(63, 255),
				 scsi_pair(100, 0)};
	struct fakemegasas m = {.jbod = false};

	fakescsi_reset();
	fakescsi_add(0, 0, SCSI_TYPE_DISK, 512, 100000);
	fakescsi_add(2, 1, SCSI_TYPE_CDROM, 2048, 100000);
	fakescsi_add(63, 255, SCSI_TYPE_DISK, 4096, 100000);
	fakescsi_add(63, 300, SCSI_TYPE_DISK, 4096, 100000);
	fakescsi_add(100, 0, SCSI_TYPE_DISK, 512, 100000);
	CHECK_EQ(start(&m), 0);
	check_found(want, ARRAY_SIZE(want));
	check_reads(2, 1);
	check_reads(100, 0);
	CHECK(dev.logical > 0 && dev.physical > 0);
	stop();
}

static void test_without_logical_drives_physical_ones_are_used(void)
{
	struct fakemegasas m[] = {{.jbod = true}, {.no_list = true}};

	for (unsigned i = 0; i < ARRAY_SIZE(m); i++) {
		start_with_disk(&m[i]);
		check_reads(2, 0);
		CHECK_EQ(dev.logical, 0);
		stop();
	}
}

/* 0xffffffff entries, and targets that cannot be. */
static void test_a_list_that_lies_is_taken_as_far_as_it_can_be(void)
{
	struct fakemegasas m = {.long_list = true};
	const uint64_t only = scsi_pair(2, 0);

	start_with_disk(&m);
	check_found(&only, 1);
	stop();
}

static void test_sense_comes_with_the_answer(void)
{
	struct fakemegasas m = {.jbod = false};

	add_troubled();
	CHECK_EQ(start(&m), 0);
	check_troubled();
	stop();
}

static void test_nobody_is_not_an_error_of_the_controller(void)
{
	struct fakemegasas m = {.jbod = false};

	start_with_disk(&m);
	CHECK_EQ(inquire(3), E_NOENT);
	CHECK_EQ(inquire(127), E_NOENT);
	CHECK_EQ(inquire(2), 0);
	CHECK_EQ(dev.resets, 1);
	stop();
}

static void test_what_fails_otherwise_is_an_error(void)
{
	static const uint8_t codes[] = {0x01, 0x2d, 0x2e, 0x33, 0xfe};
	struct fakemegasas m = {.jbod = false};

	start_with_disk(&m);
	for (unsigned i = 0; i < ARRAY_SIZE(codes); i++) {
		dev.scsi_failure = codes[i];
		CHECK_EQ(inquire(2), E_IO);
	}
	dev.scsi_failure = 0;
	CHECK_EQ(inquire(2), 0);
	stop();
}

/* The command's buffer is out of its reach, and it works again. */
static void test_silence_ends_in_a_reset_after_which_it_works(void)
{
	struct fakemegasas m = {.jbod = false};
	struct blkdev *bd;

	start_with_disk(&m);
	bd = open_disk(2, 0);
	dev.silent_at = dev.frames + 1;
	CHECK(blkdev_read(bd, 0, 1, buf));
	CHECK(dev.resets > 1);
	dev.silent_at = 0;
	blkdev_stop(bd);
	stop();
}

static void test_a_controller_that_stays_silent_is_cut_off(void)
{
	struct fakemegasas m = {.jbod = false};
	uint64_t before;

	start_with_disk(&m);
	dev.silent_at = dev.frames + 1;
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
	struct fakemegasas m = {.jbod = false};
	uint64_t before;

	start_with_disk(&m);
	dev.silent_at = dev.frames + 1;
	dev.faulty = true;
	before = fake_now_us;
	CHECK(inquire(2) != 0);
	CHECK(fake_now_us - before < 1000000);
	stop();
}

static void test_what_does_not_start_is_off_again(void)
{
	static const struct {
		struct fakemegasas m;
		int err;
	} cases[] = {
		{{.never_ready = true}, E_TIMEOUT}, {{.faulty = true}, E_IO},
		{{.refuses_init = true}, E_IO},     {{.silent_at = 1}, E_TIMEOUT},
		{{.silent_at = 2}, E_TIMEOUT},
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
	struct fakemegasas m = {.jbod = false};

	for (int n = 0; n < 4; n++) {
		int err;

		fakedma_reset();
		fakescsi_reset();
		fakescsi_add(2, 0, SCSI_TYPE_DISK, 512, 1000);
		fakedma_dry_after = n;
		err = start(&m);
		CHECK_EQ(err, n < 2 ? E_NOMEM : 0);
		if (!err)
			CHECK_EQ(inquire(2), n < 3 ? E_NOSPC : 0);
		fakedma_dry_after = -1;
		stop();
	}
}

static const struct test tests[] = {
	TEST(test_both_generations_start_read_and_stop),
	TEST(test_a_controller_that_wants_a_handshake_gets_it),
	TEST(test_blocks_are_written_and_flushed),
	TEST(test_every_unit_is_found_and_read),
	TEST(test_without_logical_drives_physical_ones_are_used),
	TEST(test_a_list_that_lies_is_taken_as_far_as_it_can_be),
	TEST(test_sense_comes_with_the_answer),
	TEST(test_nobody_is_not_an_error_of_the_controller),
	TEST(test_what_fails_otherwise_is_an_error),
	TEST(test_silence_ends_in_a_reset_after_which_it_works),
	TEST(test_a_controller_that_stays_silent_is_cut_off),
	TEST(test_a_broken_controller_is_seen_at_once),
	TEST(test_what_does_not_start_is_off_again),
	TEST(test_no_memory_is_an_error_at_every_step),
};
TEST_MAIN(tests)
