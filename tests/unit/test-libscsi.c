/* SPDX-License-Identifier: BSD-2-Clause */
/* SCSI: units found on a host, disks and CD-ROMs as block devices, and targets with bad days. */
#include "check.h"
#include "fakeclock.h"
#include "fakeheap.h"
#include "fakescsi.h"

#include "base/bytes.h"
#include "base/err.h"
#include "scsi/scsi.h"

#define DISK  SCSI_TYPE_DISK
#define CDROM SCSI_TYPE_CDROM

static uint8_t buf[1 << 20];

static struct fakescsi_unit *with_disk(uint64_t blocks)
{
	fakescsi_reset();
	return fakescsi_add(0, 0, DISK, 512, blocks);
}

static struct blkdev *started(void)
{
	struct blkdev *bd = NULL;

	CHECK_EQ(scsi_disk_start(&fakescsi_host, fakescsi_address(0, 0), &bd), 0);
	CHECK_EQ(blkdev_check(bd), 0);
	return bd;
}

static int start_error(void)
{
	struct blkdev *bd = NULL;
	int err = scsi_disk_start(&fakescsi_host, fakescsi_address(0, 0), &bd);

	CHECK(!bd);
	CHECK_EQ(heap_stats().used, 0);
	return err;
}

static void check_pattern(const struct fakescsi_unit *u, uint64_t block, uint64_t n)
{
	uint64_t from = block * u->block_size;

	for (uint64_t at = 0; at < n * u->block_size; at += 8)
		CHECK_EQ(get_be64(buf + at), fakescsi_pattern(u, from + at));
}

/* ---- disks -------------------------------------------------------------------------------- */

static void test_a_disk_starts_with_its_size_and_name(void)
{
	struct blkdev *bd;

	with_disk(1000);
	bd = started();
	CHECK_EQ(bd->blocks, 1000);
	CHECK_EQ(bd->block_size, 512);
	CHECK_EQ(bd->max_blocks, 2048);
	CHECK(!bd->is_cdrom);
	CHECK_STR(bd->about, "FAKE SCSI DISK 1.0");
	blkdev_stop(bd);
	CHECK_EQ(heap_stats().used, 0);
}

static void test_blocks_are_read_and_written(void)
{
	struct fakescsi_unit *u = with_disk(5000);
	struct blkdev *bd = started();
	uint8_t block[512];

	CHECK_EQ(blkdev_read(bd, 17, 2048, buf), 0);
	check_pattern(u, 17, 2048);
	CHECK_EQ(u->last_opcode, 0x28);
	memset(block, 0xa5, sizeof(block));
	CHECK_EQ(blkdev_write(bd, 18, 1, block), 0);
	CHECK_EQ(u->last_opcode, 0x2a);
	CHECK_EQ(blkdev_read(bd, 17, 3, buf), 0);
	CHECK(!memcmp(buf + 512, block, 512));
	CHECK_EQ(blkdev_flush(bd), 0);
	CHECK_EQ(u->flushes, 1);
	blkdev_stop(bd);
	fakescsi_reset();
}

/* A host that takes four pieces of 64 KiB at a time; it does the last one first. */
static struct blkdev *started_at_once(void)
{
	struct blkdev *bd;

	fakescsi_host.max_bytes = 65536;
	fakescsi_host.at_once = 4;
	bd = started();
	CHECK_EQ(bd->max_blocks, 512);
	return bd;
}

static void stopped_at_once(struct blkdev *bd)
{
	blkdev_stop(bd);
	fakescsi_host.max_bytes = 1u << 20;
	fakescsi_host.at_once = 0;
	fakescsi_reset();
}

static void test_what_one_command_cannot_carry_goes_in_several_at_once(void)
{
	struct fakescsi_unit *u = with_disk(5000);
	struct blkdev *bd = started_at_once();

	CHECK_EQ(blkdev_read(bd, 3, 512, buf), 0);
	check_pattern(u, 3, 512);
	CHECK_EQ(fakescsi.batches, 1);
	CHECK_EQ(blkdev_read(bd, 3, 129, buf), 0);
	check_pattern(u, 3, 129);
	CHECK_EQ(blkdev_read(bd, 4999 - 1200, 1200, buf), 0); /* 512, 512, 176 */
	check_pattern(u, 4999 - 1200, 1200);
	CHECK_EQ(fakescsi.batches, 5);
	CHECK_EQ(blkdev_read(bd, 7, 128, buf), 0);
	CHECK_EQ(blkdev_write(bd, 100, 300, buf), 0);
	CHECK_EQ(u->writes, 3);
	CHECK_EQ(fakescsi.batches, 6);
	stopped_at_once(bd);
}

static void test_of_several_only_those_put_off_are_asked_again(void)
{
	struct fakescsi_unit *u = with_disk(5000);
	struct blkdev *bd = started_at_once();

	u->attentions = 1;
	u->busy = 1;
	u->reads = 0;
	CHECK_EQ(blkdev_read(bd, 3, 512, buf), 0);
	check_pattern(u, 3, 512);
	CHECK_EQ(u->reads, 4);
	stopped_at_once(bd);
}

static void test_one_failure_of_several_fails_the_whole(void)
{
	struct blkdev *bd;

	with_disk(5000);
	bd = started_at_once();
	fakescsi.fail_at = fakescsi.commands + 2;
	fakescsi.fail_key = 3;
	CHECK_EQ(blkdev_read(bd, 3, 512, buf), E_IO);
	fakescsi.fail_key = 6; /* another medium, in the middle of it */
	fakescsi.fail_asc = 0x28;
	fakescsi.fail_at = fakescsi.commands + 2;
	CHECK_EQ(blkdev_read(bd, 3, 512, buf), E_IO);
	fakescsi.fail_err = E_TIMEOUT;
	fakescsi.fail_at = fakescsi.commands + 2;
	CHECK_EQ(blkdev_read(bd, 3, 512, buf), E_TIMEOUT);
	fakescsi.fail_at = 0;
	fakescsi.short_by = 8;
	CHECK_EQ(blkdev_read(bd, 3, 512, buf), E_IO);
	stopped_at_once(bd);
}

static void test_blocks_beyond_2_tib_and_16_tib_are_reached(void)
{
	static const uint64_t sizes[] = {0xffffffff, 0x100000000, 0x100000001, 1ull << 50};

	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct fakescsi_unit *u = with_disk(sizes[i]);
		struct blkdev *bd = started();

		CHECK_EQ(bd->blocks, sizes[i]);
		CHECK_EQ(blkdev_read(bd, sizes[i] - 9, 9, buf), 0);
		check_pattern(u, sizes[i] - 9, 9);
		CHECK_EQ(u->last_opcode, sizes[i] > UINT32_MAX ? 0x88 : 0x28);
		CHECK_EQ(blkdev_read(bd, 0, 1, buf), 0);
		check_pattern(u, 0, 1);
		CHECK_EQ(u->last_opcode, 0x28);
		CHECK_EQ(blkdev_write(bd, sizes[i] - 1, 1, buf), 0);
		CHECK_EQ(u->written_at, sizes[i] - 1);
		blkdev_stop(bd);
	}
	fakescsi_reset();
}

static void test_blocks_of_4096_bytes_are_understood(void)
{
	struct fakescsi_unit *u;
	struct blkdev *bd;

	fakescsi_reset();
	u = fakescsi_add(0, 0, DISK, 4096, 77);
	bd = started();
	CHECK_EQ(bd->block_size, 4096);
	CHECK_EQ(bd->max_blocks, 256);
	CHECK_EQ(blkdev_read(bd, 70, 7, buf), 0);
	check_pattern(u, 70, 7);
	blkdev_stop(bd);
}

static void test_the_limit_a_device_tells_is_kept(void)
{
	struct fakescsi_unit *u = with_disk(100);
	struct blkdev *bd;

	u->limit = 10;
	bd = started();
	CHECK_EQ(bd->max_blocks, 10);
	CHECK_EQ(blkdev_read(bd, 0, 100, buf), 0);
	CHECK_EQ(u->reads, 10);
	check_pattern(u, 0, 100);
	blkdev_stop(bd);
}

static void test_a_protected_disk_is_read_only(void)
{
	struct fakescsi_unit *u = with_disk(100);
	struct blkdev *bd;

	u->write_protected = true;
	bd = started();
	CHECK_EQ(blkdev_write(bd, 1, 1, buf), E_PERM);
	CHECK_EQ(u->writes, 0);
	CHECK_EQ(blkdev_read(bd, 1, 1, buf), 0);
	blkdev_stop(bd);
}

static void test_a_cdrom_has_blocks_of_2048_and_is_read_only(void)
{
	struct fakescsi_unit *u;
	struct blkdev *bd;

	fakescsi_reset();
	u = fakescsi_add(0, 0, CDROM, 2048, 300);
	bd = started();
	CHECK(bd->is_cdrom);
	CHECK_EQ(bd->block_size, 2048);
	CHECK_EQ(blkdev_read(bd, 299, 1, buf), 0);
	check_pattern(u, 299, 1);
	CHECK_EQ(blkdev_write(bd, 1, 1, buf), E_PERM);
	blkdev_stop(bd);
}

static void test_a_drive_without_medium_has_no_blocks(void)
{
	struct blkdev *bd;

	fakescsi_reset();
	fakescsi_add(0, 0, CDROM, 2048, 0)->attentions = 2;
	bd = started();
	CHECK_EQ(bd->blocks, 0);
	CHECK_EQ(bd->block_size, 2048);
	CHECK_EQ(blkdev_read(bd, 0, 1, buf), E_RANGE);
	blkdev_stop(bd);
}

/* ---- targets with bad days ---------------------------------------------------------------- */

static void test_unit_attentions_are_tried_again(void)
{
	struct fakescsi_unit *u = with_disk(100);
	struct blkdev *bd;

	u->attentions = 3;
	bd = started();
	CHECK_EQ(u->attentions, 0);
	u->attentions = 7;
	CHECK_EQ(blkdev_read(bd, 1, 1, buf), 0);
	u->attentions = 8;
	CHECK_EQ(blkdev_read(bd, 1, 1, buf), E_IO);
	blkdev_stop(bd);
}

static void test_a_unit_that_gets_ready_is_waited_for(void)
{
	struct fakescsi_unit *u = with_disk(100);
	uint64_t from = fake_now_us;

	u->not_ready = 100;
	u->busy = 5;
	blkdev_stop(started());
	CHECK_EQ(u->not_ready, 0);
	CHECK(fake_now_us - from >= 1000000);
}

static void test_waiting_ends_at_the_deadline(void)
{
	struct fakescsi_unit *u = with_disk(100);
	uint64_t from = fake_now_us;

	u->not_ready = 1000000;
	CHECK_EQ(start_error(), E_TIMEOUT);
	CHECK(fake_now_us - from < 31000000);
	u->not_ready = 0;
	u->busy = 1000000;
	CHECK_EQ(start_error(), E_TIMEOUT);
}

static void test_a_disk_that_waits_to_be_started_is_started(void)
{
	struct fakescsi_unit *u = with_disk(100);

	u->needs_start = true;
	u->not_ready = 3;
	blkdev_stop(started());
	CHECK(!u->needs_start);
}

static void test_an_error_of_the_medium_fails_the_read(void)
{
	struct blkdev *bd;

	with_disk(100);
	bd = started();
	fakescsi.fail_at = 1;
	fakescsi.fail_key = 3;
	fakescsi.fail_asc = 0x11;
	CHECK_EQ(blkdev_read(bd, 1, 1, buf), E_IO);
	fakescsi.fail_err = E_TIMEOUT;
	CHECK_EQ(blkdev_read(bd, 1, 1, buf), E_TIMEOUT);
	blkdev_stop(bd);
	fakescsi_reset();
}

static void test_a_medium_that_changed_fails_the_read_only_once(void)
{
	struct blkdev *bd;

	with_disk(100);
	bd = started();
	fakescsi.fail_at = 1;
	fakescsi.fail_key = 6;
	fakescsi.fail_asc = 0x28;
	fakescsi.commands = 0;
	CHECK_EQ(blkdev_read(bd, 1, 1, buf), E_IO);
	CHECK_EQ(fakescsi.commands, 1);
	blkdev_stop(bd);
	fakescsi_reset();
}

static void test_a_transfer_that_came_short_is_a_failure(void)
{
	struct blkdev *bd;

	with_disk(100);
	bd = started();
	fakescsi.short_by = 1;
	CHECK_EQ(blkdev_read(bd, 1, 1, buf), E_IO);
	blkdev_stop(bd);
	fakescsi_reset();
}

static void test_sizes_that_make_no_sense_are_refused(void)
{
	static const uint32_t sizes[] = {1, 256, 520, 0x20000, 0x80000000};

	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		fakescsi_reset();
		fakescsi_add(0, 0, DISK, sizes[i], 100);
		CHECK_EQ(start_error(), E_FORMAT);
	}
	with_disk((uint64_t)INT64_MAX / 512 + 1);
	CHECK_EQ(start_error(), E_FORMAT);
	with_disk(UINT64_MAX);
	CHECK_EQ(start_error(), E_FORMAT);
}

static void test_what_is_not_a_disk_is_refused(void)
{
	fakescsi_reset();
	fakescsi_add(0, 0, 3, 512, 100);
	CHECK_EQ(start_error(), E_UNSUPP);
	fakescsi_reset();
	fakescsi_add(0, 1, DISK, 512, 100);
	CHECK_EQ(start_error(), E_NOENT); /* LUN 0 answers with a qualifier */
	fakescsi_reset();
	CHECK_EQ(start_error(), E_NOENT);
}

static void test_every_failing_command_ends_the_start_and_frees_all(void)
{
	for (unsigned at = 1; at < 5; at++) {
		with_disk(100);
		fakescsi.fail_at = at;
		fakescsi.fail_err = E_IO;
		if (at < 4)
			CHECK_EQ(start_error(), E_IO);
		else
			blkdev_stop(started()); /* limits and protection may stay unknown */
	}
	fakescsi_reset();
}

/* ---- finding ------------------------------------------------------------------------------ */

static uint64_t found[512];
static unsigned n_found;

static void note(void *ctx, uint64_t unit, const struct scsi_identity *who)
{
	(void)ctx;
	CHECK_STR(who->about, "FAKE SCSI DISK 1.0");
	CHECK(n_found < ARRAY_SIZE(found));
	found[n_found++] = unit;
}

static unsigned scan(void)
{
	unsigned n;

	n_found = 0;
	n = scsi_scan(&fakescsi_host, note, NULL);
	CHECK_EQ(n, n_found);
	CHECK_EQ(heap_stats().used, 0);
	return n;
}

static void test_all_targets_and_luns_are_found(void)
{
	static const struct {
		uint8_t target;
		uint16_t lun;
	} units[] = {{0, 0}, {0, 255}, {0, 256}, {3, 5}, {3, 300}, {255, 0}, {255, 16383}};

	fakescsi_reset();
	for (unsigned i = 0; i < ARRAY_SIZE(units); i++)
		fakescsi_add(units[i].target, units[i].lun, i == 3 ? CDROM : DISK, 512, 100);
	CHECK_EQ(scan(), ARRAY_SIZE(units));
	for (unsigned i = 0; i < ARRAY_SIZE(units); i++)
		CHECK_EQ(found[i], fakescsi_address(units[i].target, units[i].lun));
	CHECK_EQ(found[6], 0x01ff7fff00000000);
}

static void test_luns_are_found_in_ascending_order(void)
{
	static const uint16_t luns[] = {300, 2, 256, 9, 1};
	static const uint16_t sorted[] = {1, 2, 9, 256, 300};

	fakescsi_reset();
	for (unsigned i = 0; i < ARRAY_SIZE(luns); i++)
		fakescsi_add(7, luns[i], DISK, 512, 100);
	fakescsi_add(6, 5, DISK, 512, 100);
	CHECK_EQ(scan(), ARRAY_SIZE(luns) + 1);
	CHECK_EQ(found[0], fakescsi_address(6, 5));
	for (unsigned i = 0; i < ARRAY_SIZE(sorted); i++)
		CHECK_EQ(found[i + 1], fakescsi_address(7, sorted[i]));
}

static void test_a_target_without_report_luns_is_tried_at_its_first_luns(void)
{
	fakescsi_reset();
	fakescsi_add(4, 0, DISK, 512, 1);
	fakescsi_add(4, 7, DISK, 512, 1);
	fakescsi_add(4, 8, DISK, 512, 1);
	fakescsi_add(9, 0, DISK, 512, 1);
	fakescsi.no_report_luns = true;
	CHECK_EQ(scan(), 3);
	CHECK_EQ(found[1], fakescsi_address(4, 7));
	CHECK_EQ(found[2], fakescsi_address(9, 0));
}

static void test_a_host_that_is_dead_costs_few_deadlines(void)
{
	with_disk(100);
	fakescsi.fail_at = 1;
	fakescsi.fail_err = E_TIMEOUT;
	CHECK_EQ(scan(), 0);
	CHECK_EQ(fakescsi.commands, 3);
	fakescsi_reset();
}

/* A host whose only target has a list of its own. */
static uint8_t *list;
static uint32_t list_len, list_says;
static unsigned inquiries;

static int listing_command(struct scsi_host *host, struct scsi_request *req)
{
	uint32_t n = list_len < req->len ? list_len : req->len;

	(void)host;
	if (req->cdb[0] == 0x12) {
		inquiries++;
		memset(req->data, 0, req->len);
		memcpy((uint8_t *)req->data + 8, "FAKE    SCSI DISK       1.0 ", 28);
		return 0;
	}
	memset(req->data, 0xff, req->len);
	memcpy(req->data, list, n);
	put_be32(req->data, list_says);
	return 0;
}

static bool listing_target(struct scsi_host *host, uint32_t i, uint64_t *unit)
{
	(void)host;
	*unit = 1;
	return i == 0;
}

static int listing_unit(struct scsi_host *host, uint32_t i, const uint8_t entry[8], uint64_t *unit)
{
	uint32_t lun;
	int err = scsi_lun_number(entry, &lun);

	(void)host;
	(void)i;
	if (!err)
		*unit = lun;
	return err;
}

static const struct scsi_host_ops listing_ops = {
	.command = listing_command, .target = listing_target, .unit = listing_unit, .stop = NULL};
static struct scsi_host listing_host = {.ops = &listing_ops, .max_bytes = 65536, .try_luns = 1};

static unsigned scan_list(uint32_t entries, uint32_t says)
{
	n_found = 0;
	inquiries = 0;
	list_len = 8 + 8 * entries;
	list_says = says;
	return scsi_scan(&listing_host, note, NULL);
}

static void test_long_lists_are_read_whole_and_doubles_found_once(void)
{
	static uint8_t space[8 + 8 * 500];

	list = space;
	for (unsigned i = 0; i < 500; i++)
		put_be16(list + 8 + 8 * i, (uint16_t)(0x4000 | (i % 400)));
	CHECK_EQ(scan_list(500, 4000), 400);
	CHECK_EQ(found[399], 399);
}

static void test_lists_that_lie_about_their_length_are_survived(void)
{
	static uint8_t space[8 + 8 * 4];

	list = space;
	for (unsigned i = 0; i < 4; i++)
		space[8 + 8 * i + 1] = (uint8_t)i;
	CHECK_EQ(scan_list(4, 0), 0);
	CHECK_EQ(scan_list(4, 16), 2);
	CHECK_EQ(scan_list(4, 31), 1); /* no list: LUN 0 is tried */
	CHECK_EQ(scan_list(4, UINT32_MAX), 1);
	CHECK_EQ(scan_list(4, 0xfffffff8), 1);
	CHECK_EQ(scan_list(4, 1000), 4); /* behind them is what nobody can address */
	memset(space + 8, 0xc1, 24);     /* well known and other forms */
	CHECK_EQ(scan_list(4, 32), 1);
	CHECK_EQ(heap_stats().used, 0);
}

static void test_lun_numbers_have_two_forms(void)
{
	static const struct {
		uint8_t entry[8];
		int err;
		uint32_t lun;
	} cases[] = {
		{{0}, 0, 0},
		{{0, 255}, 0, 255},
		{{0x41, 0x2c}, 0, 300},
		{{0x7f, 0xff}, 0, 16383},
		{{1, 0}, E_RANGE, 0},
		{{0x80, 0}, E_RANGE, 0},
		{{0xc1, 1}, E_RANGE, 0},
		{{0, 0, 1}, E_RANGE, 0},
		{{0, 0, 0, 0, 0, 0, 0, 1}, E_RANGE, 0},
	};

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		uint32_t lun = 0;

		CHECK_EQ(scsi_lun_number(cases[i].entry, &lun), cases[i].err);
		CHECK_EQ(lun, cases[i].lun);
	}
}

static const struct test tests[] = {
	TEST(test_a_disk_starts_with_its_size_and_name),
	TEST(test_blocks_are_read_and_written),
	TEST(test_what_one_command_cannot_carry_goes_in_several_at_once),
	TEST(test_of_several_only_those_put_off_are_asked_again),
	TEST(test_one_failure_of_several_fails_the_whole),
	TEST(test_blocks_beyond_2_tib_and_16_tib_are_reached),
	TEST(test_blocks_of_4096_bytes_are_understood),
	TEST(test_the_limit_a_device_tells_is_kept),
	TEST(test_a_protected_disk_is_read_only),
	TEST(test_a_cdrom_has_blocks_of_2048_and_is_read_only),
	TEST(test_a_drive_without_medium_has_no_blocks),
	TEST(test_unit_attentions_are_tried_again),
	TEST(test_a_unit_that_gets_ready_is_waited_for),
	TEST(test_waiting_ends_at_the_deadline),
	TEST(test_a_disk_that_waits_to_be_started_is_started),
	TEST(test_an_error_of_the_medium_fails_the_read),
	TEST(test_a_medium_that_changed_fails_the_read_only_once),
	TEST(test_a_transfer_that_came_short_is_a_failure),
	TEST(test_sizes_that_make_no_sense_are_refused),
	TEST(test_what_is_not_a_disk_is_refused),
	TEST(test_every_failing_command_ends_the_start_and_frees_all),
	TEST(test_all_targets_and_luns_are_found),
	TEST(test_luns_are_found_in_ascending_order),
	TEST(test_a_target_without_report_luns_is_tried_at_its_first_luns),
	TEST(test_a_host_that_is_dead_costs_few_deadlines),
	TEST(test_long_lists_are_read_whole_and_doubles_found_once),
	TEST(test_lists_that_lie_about_their_length_are_survived),
	TEST(test_lun_numbers_have_two_forms),
};
TEST_MAIN(tests)
