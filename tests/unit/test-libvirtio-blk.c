/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio-blk against a device that behaves, and one that does not: transport, rings, requests. */
#include "check.h"

#include "fakeclock.h"
#include "fakedma.h"
#include "fakevirtio.h"

#include "base/bytes.h"
#include "base/err.h"
#include "pci/regs.h"
#include "virtio/blk.h"

#define SECTORS  65536u
#define INDIRECT (1ull << 28)
#define PLATFORM (1ull << 33)
#define VERSION  (1ull << 32)

/* ---- a disk ---- */

static uint8_t disk[SECTORS * 512];
static uint32_t sizes[64]; /* of the data of requests seen */
static unsigned requests, flushes;
static uint8_t answer; /* the status it gives */
static unsigned bad_after;

static uint32_t serve_data(struct fakevirtio_request *r, uint32_t type, uint64_t at)
{
	uint32_t total = 0;

	for (unsigned i = 1; i < r->nout; i++, total += r->out[i - 1].len)
		memcpy(disk + at + total, r->out[i].mem, r->out[i].len);
	for (unsigned i = 0; type == 0 && i + 1 < r->nin; i++, total += r->in[i - 1].len)
		memcpy(r->in[i].mem, disk + at + total, r->in[i].len);
	return total;
}

static uint32_t serve_disk(struct fakevirtio *v, unsigned queue, struct fakevirtio_request *r)
{
	uint32_t type, total = 0;
	uint64_t sector;

	CHECK_EQ(queue, 0);
	CHECK(r->nout >= 1 && r->out[0].len == 16);
	CHECK(r->nin >= 1 && r->in[r->nin - 1].len == 1);
	type = fakevirtio32(v, r->out[0].mem);
	sector = fakevirtio64(v, r->out[0].mem + 8);
	flushes += type == 4;
	if (type != 4 && (!bad_after || requests < bad_after))
		total = serve_data(r, type, sector * 512);
	if (requests < ARRAY_SIZE(sizes))
		sizes[requests] = total;
	requests++;
	*r->in[r->nin - 1].mem = bad_after && requests > bad_after ? 1 : answer;
	return total + 1;
}

static struct fakevirtio *device(void)
{
	struct fakevirtio *v = fakevirtio_new(2);

	for (unsigned i = 0; i < sizeof(disk); i += 4)
		put_be32(disk + i, i * 2654435761u);
	memset(sizes, 0, sizeof(sizes));
	requests = flushes = bad_after = 0;
	answer = 0;
	v->serve = serve_disk;
	return v;
}

static struct blkdev *start(struct fakevirtio *v)
{
	struct blkdev *bd = NULL;

	fakevirtio_config(v, 0, 8, SECTORS);
	fakevirtio_start(v);
	CHECK_EQ(virtio_blk_start(&v->rig.dev, &bd), 0);
	return bd;
}

static void stop(struct fakevirtio *v, struct blkdev *bd)
{
	unsigned resets = v->resets;

	bd->ops->stop(bd);
	CHECK_EQ(v->resets, resets + 1);
	CHECK_EQ(get_le16(v->fn->cfg + 4), 0);
	fakevirtio_free(v);
}

static void check_read(struct blkdev *bd, uint64_t block, uint32_t n)
{
	size_t bytes = (size_t)n * bd->block_size;
	uint8_t *buf = malloc(bytes + 4);

	memset(buf, 0xee, bytes + 4);
	CHECK_EQ(bd->ops->read(bd, block, n, buf + 4), 0);
	CHECK(!memcmp(buf + 4, disk + block * bd->block_size, bytes));
	free(buf);
}

/* ---- what works ---- */

static void check_kind(bool legacy, bool modern, uint64_t more)
{
	struct fakevirtio *v = device();
	struct blkdev *bd;

	v->has_legacy = legacy;
	v->has_modern = modern;
	v->offered = (modern ? VERSION : 0) | more;
	bd = start(v);
	CHECK_EQ(v->legacy, !modern);
	CHECK_EQ(v->accepted, v->offered);
	CHECK_EQ(bd->block_size, 512);
	CHECK_EQ(bd->blocks, SECTORS);
	check_read(bd, 0, 1);
	check_read(bd, SECTORS - 3, 3);
	check_read(bd, 7, 100);
	CHECK_EQ(fakedma_mappings() > 0, (more & PLATFORM) != 0);
	stop(v, bd);
}

static void test_every_kind_of_device_is_read(void)
{
	check_kind(true, true, 0);
	check_kind(false, true, 0);
	check_kind(true, false, 0);
	check_kind(true, true, INDIRECT);
	check_kind(true, false, INDIRECT);
	check_kind(false, true, PLATFORM);
	check_kind(false, true, PLATFORM | INDIRECT | 1ull << 36);
}

static void test_queues_of_any_size_work(void)
{
	for (uint32_t max = 3; max <= 32768; max += max < 40 ? 1 : max) {
		struct fakevirtio *v = device();
		struct blkdev *bd;

		v->queue_max[0] = (uint16_t)max;
		if (max == 3)
			v->offered |=
				INDIRECT; /* rounded down to 2: only a table holds a request */
		bd = start(v);
		CHECK(v->queue[0].size <= max && v->queue[0].size <= 128);
		check_read(bd, 0, 16384);
		check_read(bd, 16384, 3);
		stop(v, bd);
	}
}

static void test_legacy_queues_have_the_devices_size(void)
{
	for (uint32_t max = 4; max <= 32768; max *= 2) {
		struct fakevirtio *v = device();
		struct blkdev *bd;

		v->has_modern = false;
		v->offered = 0;
		v->queue_max[0] = (uint16_t)max;
		bd = start(v);
		CHECK_EQ(v->queue[0].size, max);
		check_read(bd, 0, 16384);
		stop(v, bd);
	}
}

static void test_a_ring_goes_round_for_ever(void)
{
	struct fakevirtio *v = device();
	struct blkdev *bd;

	v->queue_max[0] = 4;
	bd = start(v);
	for (unsigned i = 0; i < 70000; i++) /* the 16-bit indices wrap */
		CHECK_EQ(bd->ops->read(bd, i % SECTORS, 1, (uint8_t[512]){0}), 0);
	check_read(bd, 9, 9);
	stop(v, bd);
}

static void test_blocks_of_4096_are_counted_as_such(void)
{
	for (int legacy = 0; legacy < 2; legacy++) {
		struct fakevirtio *v = device();
		struct blkdev *bd;

		v->has_modern = !legacy;
		v->offered = 1u << 6 | (legacy ? 0 : VERSION);
		fakevirtio_config(v, 20, 4, 4096);
		bd = start(v);
		CHECK_EQ(bd->block_size, 4096);
		CHECK_EQ(bd->blocks, SECTORS / 8);
		check_read(bd, SECTORS / 8 - 2, 2);
		stop(v, bd);
	}
}

static void test_a_capacity_beyond_2_tib_is_whole(void)
{
	for (int legacy = 0; legacy < 2; legacy++) {
		struct fakevirtio *v = device();
		struct blkdev *bd = NULL;

		v->has_modern = !legacy;
		v->offered = legacy ? 0 : VERSION;
		fakevirtio_config(v, 0, 8, 0x123456789ull);
		fakevirtio_start(v);
		CHECK_EQ(virtio_blk_start(&v->rig.dev, &bd), 0);
		CHECK_EQ(bd->blocks, 0x123456789ull);
		stop(v, bd);
	}
}

static void test_pieces_respect_the_devices_limits(void)
{
	struct fakevirtio *v = device();
	struct blkdev *bd;

	v->offered |= 1u << 1 | 1u << 2;
	fakevirtio_config(v, 8, 4, 4096);
	fakevirtio_config(v, 12, 4, 3);
	bd = start(v);
	check_read(bd, 0, 100);
	CHECK_EQ(requests, 5);
	CHECK_EQ(sizes[0], 3 * 4096);
	CHECK_EQ(sizes[4], 100 * 512 - 4 * 3 * 4096);
	CHECK_EQ(v->notified, 1);
	stop(v, bd);
}

static void test_without_limits_a_piece_is_large(void)
{
	struct fakevirtio *v = device();
	struct blkdev *bd = start(v);

	check_read(bd, 0, bd->max_blocks);
	CHECK_EQ(sizes[0], 4u << 20);
	CHECK_EQ(requests, bd->max_blocks / 8192);
	CHECK_EQ(v->notified, 1);
	stop(v, bd);
}

static void test_answers_may_come_in_any_order(void)
{
	struct fakevirtio *v = device();
	struct blkdev *bd;

	v->offered |= 1u << 1;
	fakevirtio_config(v, 8, 4, 4096);
	v->hold = 16;
	bd = start(v);
	check_read(bd, 0, 16 * 8);
	check_read(bd, 5, 32 * 8);
	stop(v, bd);
}

static void test_what_is_written_is_read_back(void)
{
	struct fakevirtio *v = device();
	uint8_t buf[5 * 512];
	struct blkdev *bd;

	v->offered |= PLATFORM | 1u << 9;
	bd = start(v);
	memset(buf, 0x5a, sizeof(buf));
	CHECK_EQ(bd->ops->write(bd, 1000, 5, buf), 0);
	CHECK_EQ(disk[1000 * 512], 0x5a);
	CHECK_EQ(disk[1005 * 512 - 1], 0x5a);
	check_read(bd, 998, 10);
	CHECK_EQ(bd->ops->flush(bd), 0);
	CHECK_EQ(flushes, 1);
	stop(v, bd);
}

static void test_a_read_only_disk_has_no_write(void)
{
	struct fakevirtio *v = device();
	struct blkdev *bd;

	v->offered |= 1u << 5 | 1u << 9;
	bd = start(v);
	CHECK(!bd->ops->write);
	CHECK(!bd->ops->flush);
	stop(v, bd);
}

/* ---- what fails ---- */

static void test_a_failed_request_is_an_error_and_the_disk_goes_on(void)
{
	static const struct {
		uint8_t status;
		int err;
	} table[] = {{1, E_IO}, {2, E_UNSUPP}, {3, E_IO}, {0xff, E_IO}};

	for (unsigned i = 0; i < ARRAY_SIZE(table); i++) {
		struct fakevirtio *v = device();
		struct blkdev *bd = start(v);
		uint8_t buf[512];

		answer = table[i].status;
		CHECK_EQ(bd->ops->read(bd, 0, 1, buf), table[i].err);
		answer = 0;
		check_read(bd, 0, 1);
		CHECK_EQ(v->resets, 1);
		stop(v, bd);
	}
}

static void test_one_bad_piece_fails_the_whole(void)
{
	struct fakevirtio *v = device();
	uint8_t *buf = malloc(64 * 4096);
	struct blkdev *bd;

	v->offered |= 1u << 1;
	fakevirtio_config(v, 8, 4, 4096);
	bd = start(v);
	bad_after = 20;
	CHECK_EQ(bd->ops->read(bd, 0, 64 * 8, buf), E_IO);
	CHECK_EQ(v->resets, 1);
	bad_after = 0;
	check_read(bd, 0, 64 * 8);
	free(buf);
	stop(v, bd);
}

static void test_a_silent_device_is_reset_after_its_deadline(void)
{
	struct fakevirtio *v = device();
	struct blkdev *bd = start(v);
	uint64_t before = fake_now_us;
	uint8_t buf[512];

	v->deaf = true;
	CHECK_EQ(bd->ops->read(bd, 0, 1, buf), E_TIMEOUT);
	CHECK(fake_now_us - before >= 30000000 && fake_now_us - before < 40000000);
	CHECK_EQ(v->resets, 2);
	v->deaf = false;
	check_read(bd, 0, 1);
	stop(v, bd);
}

static void test_a_device_that_needs_a_reset_gets_it(void)
{
	struct fakevirtio *v = device();
	struct blkdev *bd = start(v);
	uint64_t before = fake_now_us;

	v->needs_reset = true;
	v->hold = 2; /* the reset's effect: the request is lost, and its repetition */
	CHECK_EQ(bd->ops->read(bd, 0, 1, (uint8_t[512]){0}), E_TIMEOUT);
	CHECK_EQ(v->resets, 3);
	CHECK(fake_now_us - before < 40000000);
	v->hold = 0;
	check_read(bd, 3, 3);
	stop(v, bd);
}

static void test_a_device_that_stays_in_reset_is_given_up(void)
{
	struct fakevirtio *v = device();
	struct blkdev *bd = start(v);
	uint8_t buf[512];

	v->deaf = v->reset_sticks = true;
	CHECK_EQ(bd->ops->read(bd, 0, 1, buf), E_TIMEOUT);
	CHECK_EQ(get_le16(v->fn->cfg + 4), 0);
	CHECK_EQ(bd->ops->read(bd, 0, 1, buf), E_IO);
	v->reset_sticks = false;
	bd->ops->stop(bd); /* leaks the ring's memory: the device may still know it */
	CHECK_EQ(fakevirtio_direct_open(), 2);
	fakevirtio_forget_leaks();
	fakevirtio_free(v);
}

/* ---- hostile rings ---- */

static unsigned spoil_id, spoil_idx, spoil_times;
static uint32_t spoil_len;

static void spoil(struct fakevirtio *v, unsigned queue)
{
	struct fakevirtio_queue *q = &v->queue[queue];
	uint8_t *used = fakevirtio_mem(v, q->used, 4 + 8ul * q->size);
	uint8_t *last = used + 4 + 8ul * ((q->given - 1u) & (q->size - 1u));

	if (!spoil_times)
		return;
	spoil_times--;
	if (spoil_id)
		fakevirtio_put32(v, last, spoil_id);
	if (spoil_idx)
		fakevirtio_put16(v, used + 2, (uint16_t)(q->given + spoil_idx));
	fakevirtio_put32(v, last + 4, spoil_len);
}

static void check_spoiled(unsigned id, unsigned idx, uint32_t len, unsigned times, int err)
{
	for (int legacy = 0; legacy < 2; legacy++) {
		struct fakevirtio *v = device();
		struct blkdev *bd;
		uint8_t buf[512];

		v->has_modern = !legacy;
		v->offered = legacy ? 0 : VERSION;
		bd = start(v);
		spoil_id = id;
		spoil_idx = idx;
		spoil_len = len;
		spoil_times = times;
		v->after = spoil;
		CHECK_EQ(bd->ops->read(bd, 3, 1, buf), err);
		CHECK(err || !memcmp(buf, disk + 3 * 512, 512));
		spoil_times = 0;
		check_read(bd, 3, 3);
		stop(v, bd);
	}
}

static void test_used_entries_that_lie_are_found_out(void)
{
	check_spoiled(1, 0, 513, 1, 0);      /* not a head; the repetition works */
	check_spoiled(1, 0, 513, 2, E_IO);   /* and if it does not, it is an error */
	check_spoiled(128, 0, 513, 2, E_IO); /* outside the ring */
	check_spoiled(0xffffffff, 0, 513, 2, E_IO);
	check_spoiled(0x10000, 0, 513, 2, E_IO); /* 0 if cut to 16 bits */
	check_spoiled(0, 1, 513, 2, E_IO);       /* one more than was asked */
	check_spoiled(0, 0x8000, 513, 2, E_IO);
	check_spoiled(0, 0xffff, 513, 1, E_TIMEOUT); /* no news */
	check_spoiled(0, 0, 0xffffffff, 9, 0);       /* lengths are not believed */
	check_spoiled(0, 0, 0, 9, 0);
}

/* ---- starts that fail ---- */

static void check_refused(struct fakevirtio *v, int err)
{
	struct blkdev *bd = NULL;

	CHECK_EQ(virtio_blk_start(&v->rig.dev, &bd), err);
	CHECK(!bd);
	CHECK_EQ(get_le16(v->fn->cfg + 4), 0);
	CHECK_EQ(fakevirtio_direct_open(), 0);
	fakevirtio_free(v);
}

static struct fakevirtio *started(void)
{
	struct fakevirtio *v = device();

	fakevirtio_config(v, 0, 8, SECTORS);
	fakevirtio_start(v);
	return v;
}

static void test_a_device_that_takes_no_features_is_refused(void)
{
	struct fakevirtio *v = started();

	v->refuses_features = true;
	check_refused(v, E_UNSUPP);
	v = started();
	v->offered = 0;
	check_refused(v, E_UNSUPP);
}

static void test_translated_dma_needs_a_window(void)
{
	struct fakevirtio *v = started();

	v->offered |= PLATFORM;
	v->rig.dev.dma = NULL;
	check_refused(v, E_UNSUPP);
}

static void test_a_device_of_another_type_is_refused(void)
{
	struct fakevirtio *v = started();

	put_le16(v->fn->cfg + PCI_SUBSYSTEM + 2, 1);
	check_refused(v, E_UNSUPP);
	v = started();
	put_le16(v->fn->cfg, 0x1af5);
	check_refused(v, E_UNSUPP);
	v = started();
	v->fn->absent = true;
	check_refused(v, E_UNSUPP);
}

static void test_queues_no_ring_can_have_are_refused(void)
{
	struct fakevirtio *v = started();

	v->queue_max[0] = 0;
	check_refused(v, E_NOENT);
	v = started();
	v->queue_max[0] = 2;
	check_refused(v, E_FORMAT);
	v = device();
	v->has_modern = false;
	v->offered = 0;
	v->queue_max[0] = 100;
	fakevirtio_start(v);
	check_refused(v, E_FORMAT);
}

static void test_sizes_no_disk_has_are_refused(void)
{
	static const uint32_t size[] = {0, 1, 256, 513, 131072, 0xffffffff};

	for (unsigned i = 0; i < ARRAY_SIZE(size); i++) {
		struct fakevirtio *v = started();

		v->offered |= 1u << 6;
		fakevirtio_config(v, 20, 4, size[i]);
		check_refused(v, E_FORMAT);
	}
	for (unsigned i = 0; i < 2; i++) {
		struct fakevirtio *v = started();

		v->offered |= 1u << 1;
		fakevirtio_config(v, 8, 4, i * 100);
		check_refused(v, E_FORMAT);
	}
}

static void test_capabilities_outside_their_bar_do_not_count(void)
{
	static const struct {
		unsigned field;
		uint32_t value;
	} table[] = {{4, 5}, {4, 7},       {8, 0x4000}, {8, 0xfffffff0},
		     {8, 2}, {12, 0x4001}, {12, 1},     {12, 0}};

	for (unsigned i = 0; i < ARRAY_SIZE(table); i++) {
		struct fakevirtio *v = started();
		uint8_t *at = v->fn->cfg + v->fn->cfg[PCI_CAPS] + table[i].field;
		struct blkdev *bd;

		if (table[i].field == 4)
			*at = (uint8_t)table[i].value;
		else
			put_le32(at, table[i].value);
		v->has_modern = false; /* of what is left, legacy works: numbers in its order */
		v->offered = 0;
		fakevirtio_config(v, 0, 8, SECTORS);
		CHECK_EQ(virtio_blk_start(&v->rig.dev, &bd), 0);
		CHECK(v->legacy);
		check_read(bd, 1, 1);
		stop(v, bd);
	}
}

static void test_dry_memory_is_an_error_and_leaves_nothing_behind(void)
{
	for (int after = 0; after < 2; after++) {
		struct fakevirtio *v = started();

		v->offered |= PLATFORM;
		fakedma_dry_after = after;
		check_refused(v, E_NOMEM);
	}
}

static void test_a_full_window_is_an_error_and_the_disk_goes_on(void)
{
	struct fakevirtio *v = device();
	struct blkdev *bd;
	uint8_t buf[1024];

	v->offered |= PLATFORM;
	bd = start(v);
	fakedma_dry_after = 0;
	CHECK_EQ(bd->ops->read(bd, 0, 2, buf), E_NOSPC);
	fakedma_dry_after = -1;
	check_read(bd, 0, 2);
	stop(v, bd);
}

static const struct test tests[] = {
	TEST(test_every_kind_of_device_is_read),
	TEST(test_queues_of_any_size_work),
	TEST(test_legacy_queues_have_the_devices_size),
	TEST(test_a_ring_goes_round_for_ever),
	TEST(test_blocks_of_4096_are_counted_as_such),
	TEST(test_a_capacity_beyond_2_tib_is_whole),
	TEST(test_pieces_respect_the_devices_limits),
	TEST(test_without_limits_a_piece_is_large),
	TEST(test_answers_may_come_in_any_order),
	TEST(test_what_is_written_is_read_back),
	TEST(test_a_read_only_disk_has_no_write),
	TEST(test_a_failed_request_is_an_error_and_the_disk_goes_on),
	TEST(test_one_bad_piece_fails_the_whole),
	TEST(test_a_silent_device_is_reset_after_its_deadline),
	TEST(test_a_device_that_needs_a_reset_gets_it),
	TEST(test_a_device_that_stays_in_reset_is_given_up),
	TEST(test_used_entries_that_lie_are_found_out),
	TEST(test_a_device_that_takes_no_features_is_refused),
	TEST(test_translated_dma_needs_a_window),
	TEST(test_a_device_of_another_type_is_refused),
	TEST(test_queues_no_ring_can_have_are_refused),
	TEST(test_sizes_no_disk_has_are_refused),
	TEST(test_capabilities_outside_their_bar_do_not_count),
	TEST(test_dry_memory_is_an_error_and_leaves_nothing_behind),
	TEST(test_a_full_window_is_an_error_and_the_disk_goes_on),
};
TEST_MAIN(tests)
