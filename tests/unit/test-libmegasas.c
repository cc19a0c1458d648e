/* SPDX-License-Identifier: BSD-2-Clause */
/* MegaRAID SAS: units of every kind, commands, and controllers that do not do what they must. */
#include "check.h"
#include "fakemegasas.h"
#include "sas-rig.h"

#include "megasas/megasas.h"

static struct fakemegasas dev;

static struct fake_fn *add(void *it, struct fake_pci *pci)
{
	return fakemegasas_add(it, pci);
}

static int start(const struct fakemegasas *like)
{
	fakedma_go_on_at(0x10000000);
	dev = *like;
	rig_begin(add, &dev);
	host = NULL;
	return megasas_start(&rig.dev, &host);
}

static int start_honest(void)
{
	return start(&(struct fakemegasas){.frames = 0});
}

static const struct sas_model model = {.start = start_honest,
				       .requests = &dev.frames,
				       .resets = &dev.resets,
				       .silent_at = &dev.silent_at,
				       .never_ready = &dev.never_ready,
				       .faulty = &dev.faulty,
				       .gone = &dev.gone,
				       .allocations = 2};

static void start_like(const struct fakemegasas *like)
{
	fakescsi_reset();
	fakescsi_add(2, 0, SCSI_TYPE_DISK, 512, 100000);
	CHECK_EQ(start(like), 0);
}

static void test_both_generations_start_read_and_stop(void)
{
	for (int second = 0; second < 2; second++) {
		struct fakemegasas m = {.second = second};

		start_like(&m);
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

	start_like(&m);
	stop();
}

static void test_without_logical_drives_physical_ones_are_used(void)
{
	struct fakemegasas m[] = {{.jbod = true}, {.no_list = true}};

	for (unsigned i = 0; i < ARRAY_SIZE(m); i++) {
		start_like(&m[i]);
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

	start_like(&m);
	check_found(&only, 1);
	stop();
}

static void test_what_fails_otherwise_is_an_error(void)
{
	static const uint8_t codes[] = {0x01, 0x2d, 0x2e, 0x33, 0xfe};
	struct fakemegasas m = {.jbod = false};

	start_like(&m);
	for (unsigned i = 0; i < ARRAY_SIZE(codes); i++) {
		dev.scsi_failure = codes[i];
		CHECK_EQ(inquire(2), E_IO);
	}
	dev.scsi_failure = 0;
	CHECK_EQ(inquire(2), 0);
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

static const struct test tests[] = {
	SAS_TESTS,
	TEST(test_both_generations_start_read_and_stop),
	TEST(test_a_controller_that_wants_a_handshake_gets_it),
	TEST(test_without_logical_drives_physical_ones_are_used),
	TEST(test_a_list_that_lies_is_taken_as_far_as_it_can_be),
	TEST(test_what_fails_otherwise_is_an_error),
	TEST(test_what_does_not_start_is_off_again),
};
TEST_MAIN(tests)
