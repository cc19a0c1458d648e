/* SPDX-License-Identifier: BSD-2-Clause */
/* AHCI: ports, disks, CD-ROMs, and controllers that do not keep to the rules. */
#include "check.h"
#include "controller-rig.h"
#include "fakeahci.h"
#include "fakeclock.h"

#include "ahci/ahci.h"
#include "base/err.h"

static struct fakeahci dev;
static struct ahci *hba;

static struct fake_fn *add(void *model, struct fake_pci *pci)
{
	return fakeahci_add(model, pci);
}

static void start(const struct fakeahci *like)
{
	dev = *like;
	rig_begin(add, &dev);
	CHECK_EQ(ahci_new(&rig.dev, &hba), 0);
}

static void stop(void)
{
	ahci_free(hba);
	rig_end();
}

static const struct fakeahci plain = {
	.drive = {[1] = {.kind = FAKEAHCI_DISK, .blocks = 1ull << 33},
		  [2] = {.kind = FAKEAHCI_CDROM, .blocks = 1000},
		  [4] = {.kind = FAKEAHCI_ODD},
		  [5] = {.kind = FAKEAHCI_DISK, .blocks = 900, .block_size = 4096}},
};

static void test_nothing_is_touched_before_somebody_asks(void)
{
	start(&plain);
	CHECK_EQ(dev.resets, 0);
	CHECK(!is_master());
	stop();
}

static void test_drives_are_listed_in_order(void)
{
	unsigned port = 99;
	bool cd;

	start(&plain);
	CHECK_EQ(ahci_next_drive(hba, 0, &port, &cd), 0);
	CHECK_EQ(port, 1);
	CHECK(!cd);
	CHECK_EQ(ahci_next_drive(hba, 2, &port, &cd), 0);
	CHECK_EQ(port, 2);
	CHECK(cd);
	CHECK_EQ(ahci_next_drive(hba, 5, &port, &cd), 0);
	CHECK_EQ(port, 5);
	CHECK_EQ(ahci_next_drive(hba, 6, &port, &cd), E_NOENT);
	stop();
}

static void test_a_disk_opens_with_its_size(void)
{
	struct blkdev *bd, *other;

	start(&plain);
	CHECK_EQ(ahci_open(hba, 1, &bd), 0);
	CHECK_EQ(bd->blocks, 1ull << 33);
	CHECK_EQ(bd->block_size, 512);
	CHECK_STR(bd->about, "FAKE DISK");
	CHECK(!bd->is_cdrom);
	CHECK_EQ(ahci_open(hba, 5, &other), 0);
	CHECK_EQ(other->block_size, 4096);
	CHECK_EQ(other->blocks, 900);
	CHECK_EQ(dev.resets, 1);
	blkdev_stop(bd);
	CHECK(is_master());
	blkdev_stop(other);
	CHECK(!is_master());
	stop();
}

static void test_ports_without_a_known_drive_are_refused(void)
{
	struct blkdev *bd;

	start(&plain);
	CHECK_EQ(ahci_open(hba, 0, &bd), E_NOENT);
	CHECK_EQ(ahci_open(hba, 31, &bd), E_NOENT);
	CHECK_EQ(ahci_open(hba, 32, &bd), E_NOENT);
	CHECK_EQ(ahci_open(hba, 4, &bd), E_UNSUPP);
	stop();
}

/* Beyond 2^32 blocks, and of more than one entry of 4 MiB. */
static void test_reads_of_every_shape_arrive(void)
{
	static const uint32_t counts[] = {1, 2, 255, 256, 8191, 8192, 8193, 65535, 65536};
	uint8_t *mem = malloc(65536 * 512 + 8);
	uint64_t lba = 0x1fffe0000;
	struct blkdev *bd;

	start(&plain);
	CHECK_EQ(ahci_open(hba, 1, &bd), 0);
	for (unsigned c = 0; c < ARRAY_SIZE(counts); c++) {
		uint8_t *buf = mem + 4 * (c & 1);

		memset(buf, 0xee, (size_t)counts[c] * 512);
		CHECK_EQ(blkdev_read(bd, lba + c, counts[c], buf), 0);
		for (uint32_t i = 0; i < counts[c]; i++) {
			CHECK_EQ(buf[(size_t)i * 512], (uint8_t)(lba + c + i));
			CHECK_EQ(buf[(size_t)i * 512 + 511], (uint8_t)(lba + c + i));
		}
	}
	CHECK_EQ(dev.most_entries, 8);
	blkdev_stop(bd);
	free(mem);
	stop();
}

static void test_what_was_written_is_read(void)
{
	static uint8_t disk[64 * 512], out[16 * 512], in[16 * 512];
	struct fakeahci like = {.drive = {{.kind = FAKEAHCI_DISK, .blocks = 64, .data = disk}}};
	struct blkdev *bd;

	for (unsigned i = 0; i < sizeof(out); i++)
		out[i] = (uint8_t)(i * 7);
	start(&like);
	CHECK_EQ(ahci_open(hba, 0, &bd), 0);
	CHECK_EQ(blkdev_write(bd, 30, 16, out), 0);
	CHECK_EQ(blkdev_flush(bd), 0);
	CHECK_EQ(dev.flushes, 1);
	CHECK_EQ(blkdev_read(bd, 30, 16, in), 0);
	CHECK(!memcmp(in, out, sizeof(in)));
	CHECK(!memcmp(disk + 30 * 512, out, sizeof(out)));
	blkdev_stop(bd);
	stop();
}

static void test_a_failed_read_is_told_and_the_next_one_works(void)
{
	static uint8_t buf[512 * 4];
	struct blkdev *bd;

	start(&plain);
	CHECK_EQ(ahci_open(hba, 1, &bd), 0);
	dev.fail_at = dev.commands + 1;
	CHECK_EQ(blkdev_read(bd, 1, 4, buf), E_IO);
	CHECK_EQ(blkdev_read(bd, 1, 4, buf), 0);
	dev.short_at = dev.commands + 1;
	CHECK_EQ(blkdev_read(bd, 1, 4, buf), E_IO);
	CHECK_EQ(blkdev_read(bd, 1, 4, buf), 0);
	blkdev_stop(bd);
	stop();
}

static void test_silence_ends_in_a_timeout_and_the_engine_recovers(void)
{
	static uint8_t buf[512];
	struct blkdev *bd;

	start(&plain);
	CHECK_EQ(ahci_open(hba, 1, &bd), 0);
	dev.silent_at = dev.commands + 1;
	CHECK_EQ(blkdev_read(bd, 1, 1, buf), E_TIMEOUT);
	dev.silent_at = 0;
	CHECK_EQ(blkdev_read(bd, 1, 1, buf), 0);
	blkdev_stop(bd);
	stop();
}

static void test_an_engine_that_does_not_stop_is_cut_off(void)
{
	static uint8_t buf[512];
	struct blkdev *bd;

	start(&plain);
	CHECK_EQ(ahci_open(hba, 1, &bd), 0);
	dev.silent_at = dev.commands + 1;
	dev.stuck_engine = true;
	CHECK_EQ(blkdev_read(bd, 1, 1, buf), E_TIMEOUT);
	CHECK(!is_master());
	CHECK_EQ(blkdev_read(bd, 1, 1, buf), E_IO);
	blkdev_stop(bd);
	stop();
}

static void test_a_controller_that_does_not_reset_is_given_up(void)
{
	struct fakeahci like = plain;
	struct blkdev *bd;

	like.stuck_reset = true;
	start(&like);
	CHECK_EQ(ahci_open(hba, 1, &bd), E_TIMEOUT);
	CHECK(!is_master());
	stop();
}

static void test_running_out_of_memory_leaves_nothing_behind(void)
{
	struct blkdev *bd;

	for (int n = 0; n < 4; n++) {
		int err;

		start(&plain);
		fakedma_dry_after = n;
		err = ahci_open(hba, 1, &bd);
		fakedma_dry_after = -1;
		if (!err)
			blkdev_stop(bd);
		CHECK(!err || n < 3);
		stop();
	}
}

static void test_a_cdrom_is_read_through_packets(void)
{
	static uint8_t buf[40 * 2048];
	struct blkdev *bd;

	start(&plain);
	CHECK_EQ(ahci_open(hba, 2, &bd), 0);
	CHECK(bd->is_cdrom);
	CHECK_EQ(bd->block_size, 2048);
	CHECK_EQ(bd->blocks, 1000);
	CHECK_EQ(blkdev_read(bd, 100, 40, buf), 0);
	for (unsigned i = 0; i < 40; i++)
		CHECK_EQ(buf[i * 2048 + 2047], 100 + i);
	CHECK_EQ(blkdev_write(bd, 1, 1, buf), E_PERM);
	blkdev_stop(bd);
	stop();
}

/* ---- queues ------------------------------------------------------------------------------- */

static uint8_t large[16 << 20], medium[16 << 20];

/* A controller of so many slots; its disk has a medium of 16 MiB. */
static struct blkdev *start_queue(unsigned slots, bool no_queue)
{
	struct fakeahci like = {.cap = 0x40000000 | (slots - 1) << 8,
				.drive = {{.kind = FAKEAHCI_DISK,
					   .blocks = sizeof(medium) / 512,
					   .data = medium,
					   .no_queue = no_queue}}};
	struct blkdev *bd;

	for (size_t i = 0; i < sizeof(medium); i++)
		medium[i] = (uint8_t)(i * 7 + (i >> 9));
	start(&like);
	CHECK_EQ(ahci_open(hba, 0, &bd), 0);
	return bd;
}

static void check_read(struct blkdev *bd, uint32_t block, uint32_t n)
{
	memset(large, 0xee, sizeof(large));
	CHECK_EQ(blkdev_read(bd, block, n, large), 0);
	CHECK(!memcmp(large, medium + (size_t)block * 512, (size_t)n * 512));
	CHECK(n * 512 == sizeof(large) || large[(size_t)n * 512] == 0xee);
}

static void test_large_transfers_go_in_several_queued_commands(void)
{
	static const struct {
		uint32_t n, commands;
	} cases[] = {{1, 1}, {2047, 1}, {2048, 2}, {2049, 2}, {4095, 3}, {4096, 4}, {16001, 4}};
	struct blkdev *bd = start_queue(32, false);

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned commands = dev.commands, queues = dev.queues;

		check_read(bd, 100 + i, cases[i].n);
		CHECK_EQ(dev.commands - commands, cases[i].commands);
		CHECK_EQ(dev.queues - queues, cases[i].commands > 1);
	}
	memset(large, 0x3c, sizeof(large));
	CHECK_EQ(blkdev_write(bd, 3, 9999, large), 0);
	CHECK(medium[3 * 512] == 0x3c && medium[10002 * 512 - 1] == 0x3c);
	CHECK(medium[10002 * 512] == (uint8_t)(10002 * 512 * 7 + 10002));
	blkdev_stop(bd);
	stop();
}

static void test_no_more_are_queued_than_controller_and_drive_take(void)
{
	struct blkdev *bd = start_queue(2, false);

	check_read(bd, 0, 16384);
	CHECK_EQ(dev.queues, 1);
	CHECK_EQ(dev.commands, 3); /* identify, and two */
	blkdev_stop(bd);
	stop();
	bd = start_queue(32, true);
	check_read(bd, 0, 16384);
	CHECK_EQ(dev.queues, 0);
	blkdev_stop(bd);
	stop();
}

static void test_what_fails_in_the_queue_is_tried_once_more_without(void)
{
	struct blkdev *bd = start_queue(32, false);

	for (unsigned i = 1; i <= 4; i++) {
		dev.fail_at = dev.commands + i;
		check_read(bd, i, 16000);
		CHECK(!dev.port[0].queue_failed);
	}
	dev.drive[0].blocks = 10000; /* what lies beyond cannot be read */
	CHECK_EQ(blkdev_read(bd, 8, 16000, large), E_IO);
	check_read(bd, 8, 9000);
	blkdev_stop(bd);
	stop();
}

static void test_silence_in_the_queue_ends_in_a_timeout(void)
{
	struct blkdev *bd = start_queue(32, false);

	for (unsigned i = 1; i <= 4; i++) {
		dev.silent_at = dev.commands + i;
		CHECK_EQ(blkdev_read(bd, 0, 16000, large), E_TIMEOUT);
		dev.silent_at = 0;
		check_read(bd, 5, 16000);
	}
	dev.silent_at = dev.commands + 2;
	dev.stuck_engine = true;
	CHECK_EQ(blkdev_read(bd, 0, 16000, large), E_TIMEOUT);
	CHECK(!is_master());
	CHECK_EQ(blkdev_read(bd, 0, 16000, large), E_IO);
	blkdev_stop(bd);
	stop();
}

static const struct test tests[] = {
	TEST(test_nothing_is_touched_before_somebody_asks),
	TEST(test_drives_are_listed_in_order),
	TEST(test_a_disk_opens_with_its_size),
	TEST(test_ports_without_a_known_drive_are_refused),
	TEST(test_reads_of_every_shape_arrive),
	TEST(test_what_was_written_is_read),
	TEST(test_a_failed_read_is_told_and_the_next_one_works),
	TEST(test_large_transfers_go_in_several_queued_commands),
	TEST(test_no_more_are_queued_than_controller_and_drive_take),
	TEST(test_what_fails_in_the_queue_is_tried_once_more_without),
	TEST(test_silence_in_the_queue_ends_in_a_timeout),
	TEST(test_silence_ends_in_a_timeout_and_the_engine_recovers),
	TEST(test_an_engine_that_does_not_stop_is_cut_off),
	TEST(test_a_controller_that_does_not_reset_is_given_up),
	TEST(test_running_out_of_memory_leaves_nothing_behind),
	TEST(test_a_cdrom_is_read_through_packets),
};

int main(void)
{
	return run_tests(tests, ARRAY_SIZE(tests));
}
