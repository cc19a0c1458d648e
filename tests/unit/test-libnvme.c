/* SPDX-License-Identifier: BSD-2-Clause */
/* NVMe: from reset to blocks and back, and controllers that do not keep to the rules. */
#include "check.h"
#include "controller-rig.h"
#include "fakeclock.h"
#include "fakeheap.h"
#include "fakenvme.h"

#include "base/err.h"
#include "nvme/nvme.h"

static struct fakenvme dev;
static struct nvme *ctrl;

static struct fake_fn *add(void *model, struct fake_pci *pci)
{
	return fakenvme_add(model, pci);
}

static void start(const struct fakenvme *like)
{
	dev = *like;
	rig_begin(add, &dev);
	CHECK_EQ(nvme_new(&rig.dev, &ctrl), 0);
}

static void stop(void)
{
	nvme_free(ctrl);
	rig_end();
}

static const struct fakenvme plain = {
	.ns = {{.nsid = 3, .blocks = 100000, .shift = 9}, {.nsid = 7, .blocks = 50, .shift = 12}},
	.mdts = 7,
	.cache = true,
};

static void test_nothing_is_touched_before_somebody_asks(void)
{
	start(&plain);
	CHECK_EQ(dev.resets, 0);
	CHECK(!is_master());
	stop();
}

static void test_the_first_active_namespace_opens_with_its_size(void)
{
	struct blkdev *bd;

	start(&plain);
	CHECK_EQ(nvme_open(ctrl, 0, &bd), 0);
	CHECK_EQ(bd->blocks, 100000);
	CHECK_EQ(bd->block_size, 512);
	CHECK_STR(bd->about, "FAKE NVMe? Ctrl");
	CHECK(is_master());
	blkdev_stop(bd);
	CHECK_EQ(dev.shutdowns, 1);
	CHECK_EQ(dev.cc, 0);
	CHECK(!is_master());
	stop();
}

static void test_namespaces_are_listed_in_order(void)
{
	uint32_t id = 0;

	start(&plain);
	CHECK_EQ(nvme_next_namespace(ctrl, 0, &id), 0);
	CHECK_EQ(id, 3);
	CHECK_EQ(nvme_next_namespace(ctrl, 3, &id), 0);
	CHECK_EQ(id, 7);
	CHECK_EQ(nvme_next_namespace(ctrl, 7, &id), E_NOENT);
	stop();
}

static void test_two_namespaces_share_the_controller(void)
{
	struct blkdev *a, *b;
	static uint8_t buf[2 * 4096];

	start(&plain);
	CHECK_EQ(nvme_open(ctrl, 3, &a), 0);
	CHECK_EQ(nvme_open(ctrl, 7, &b), 0);
	CHECK_EQ(b->block_size, 4096);
	CHECK_EQ(dev.resets, 1);
	blkdev_stop(a);
	CHECK_EQ(blkdev_read(b, 48, 2, buf), 0);
	CHECK_EQ(buf[0], 48);
	CHECK_EQ(buf[4096], 49);
	blkdev_stop(b);
	CHECK_EQ(nvme_open(ctrl, 4, &a), E_NOENT);
	stop();
}

/* Every length around the page sizes, from buffers at odd places; commands stay within MDTS. */
static void test_reads_of_every_shape_arrive(void)
{
	static const uint32_t counts[] = {1, 7, 8, 9, 15, 16, 17, 1024, 1025, 8192, 8193, 20000};
	static const unsigned offsets[] = {0, 4, 512, 2048, 4092};
	struct blkdev *bd;
	uint8_t *mem = malloc(20000 * 512 + 8192), *buf;

	start(&plain);
	CHECK_EQ(nvme_open(ctrl, 3, &bd), 0);
	for (unsigned c = 0; c < ARRAY_SIZE(counts); c++)
		for (unsigned o = 0; o < ARRAY_SIZE(offsets); o++) {
			buf = (uint8_t *)(((uintptr_t)mem + 4095) & ~(uintptr_t)4095) + offsets[o];
			memset(buf, 0xee, counts[c] * 512);
			CHECK_EQ(blkdev_read(bd, 11, counts[c], buf), 0);
			for (uint32_t i = 0; i < counts[c]; i++) {
				CHECK_EQ(buf[i * 512], (uint8_t)(11 + i));
				CHECK_EQ(buf[i * 512 + 511], (uint8_t)(11 + i));
			}
		}
	CHECK_EQ(dev.most_bytes, 4096 << 7);
	blkdev_stop(bd);
	free(mem);
	stop();
}

static void test_what_was_written_is_read_and_flush_reaches_a_cache(void)
{
	static uint8_t disk[64 * 512], out[16 * 512], in[16 * 512];
	struct fakenvme like = plain;
	struct blkdev *bd;

	like.ns[0] = (struct fakenvme_ns){.nsid = 3, .blocks = 64, .shift = 9, .data = disk};
	for (unsigned i = 0; i < sizeof(out); i++)
		out[i] = (uint8_t)(i * 7);
	start(&like);
	CHECK_EQ(nvme_open(ctrl, 0, &bd), 0);
	CHECK_EQ(blkdev_write(bd, 30, 16, out), 0);
	CHECK_EQ(blkdev_flush(bd), 0);
	CHECK_EQ(dev.flushes, 1);
	CHECK_EQ(blkdev_read(bd, 30, 16, in), 0);
	CHECK(!memcmp(in, out, sizeof(in)));
	CHECK(!memcmp(disk + 30 * 512, out, sizeof(out)));
	CHECK_EQ(blkdev_read(bd, 60, 5, in), E_RANGE);
	blkdev_stop(bd);
	stop();
}

static void test_a_failed_read_is_told_and_the_next_one_works(void)
{
	static uint8_t buf[512];
	struct blkdev *bd;

	start(&plain);
	CHECK_EQ(nvme_open(ctrl, 0, &bd), 0);
	dev.fail_at = dev.commands + 1;
	CHECK_EQ(blkdev_read(bd, 1, 1, buf), E_IO);
	CHECK_EQ(blkdev_read(bd, 1, 1, buf), 0);
	blkdev_stop(bd);
	stop();
}

static void test_silence_and_lies_end_the_controller_and_it_starts_again(void)
{
	static uint8_t buf[512];
	struct blkdev *bd;

	for (int lie = 0; lie < 2; lie++) {
		start(&plain);
		CHECK_EQ(nvme_open(ctrl, 0, &bd), 0);
		*(lie ? &dev.lie_at : &dev.silent_at) = dev.commands + 1;
		CHECK_EQ(blkdev_read(bd, 1, 1, buf), lie ? E_IO : E_TIMEOUT);
		CHECK(!is_master());
		CHECK_EQ(dev.cc & 1, 0);
		CHECK_EQ(blkdev_read(bd, 1, 1, buf), E_IO);
		CHECK_EQ(blkdev_flush(bd), E_IO);
		blkdev_stop(bd);
		dev.silent_at = 0;
		CHECK_EQ(nvme_open(ctrl, 0, &bd), 0);
		CHECK_EQ(blkdev_read(bd, 1, 1, buf), 0);
		blkdev_stop(bd);
		stop();
	}
}

static void test_a_controller_that_never_gets_ready_is_given_up(void)
{
	struct fakenvme like = plain;
	struct blkdev *bd;
	uint64_t before = fake_now_us;

	like.never_ready = true;
	start(&like);
	CHECK_EQ(nvme_open(ctrl, 0, &bd), E_TIMEOUT);
	CHECK(fake_now_us - before < 20 * 1000 * 1000);
	CHECK(!is_master());
	stop();
}

static void test_formats_we_cannot_read_are_refused(void)
{
	static const struct fakenvme_ns odd[] = {
		{.nsid = 1, .blocks = 9, .shift = 8},
		{.nsid = 1, .blocks = 9, .shift = 17},
		{.nsid = 1, .blocks = 9, .shift = 255},
		{.nsid = 1, .blocks = 9, .shift = 9, .metadata = 8},
	};
	struct blkdev *bd;

	for (unsigned i = 0; i < ARRAY_SIZE(odd); i++) {
		struct fakenvme like = {.ns = {odd[i]}};

		start(&like);
		CHECK_EQ(nvme_open(ctrl, 0, &bd), E_UNSUPP);
		CHECK_EQ(nvme_open(ctrl, 1, &bd), E_UNSUPP);
		stop();
	}
}

static void test_no_namespace_is_said_so(void)
{
	struct fakenvme like = {.mdts = 0};
	struct blkdev *bd;

	start(&like);
	CHECK_EQ(nvme_open(ctrl, 0, &bd), E_NOENT);
	CHECK_EQ(nvme_open(ctrl, 1, &bd), E_NOENT);
	stop();
}

static void test_strange_capabilities_are_refused(void)
{
	static const uint64_t caps[] = {
		1ull << 24 | 0x7ff,              /* no NVM command set */
		1ull << 37 | 1ull << 48 | 0x7ff, /* pages of 8 KiB at least */
		1ull << 37 | 3,                  /* too few entries */
		UINT64_MAX,
	};
	struct blkdev *bd;

	for (unsigned i = 0; i < ARRAY_SIZE(caps); i++) {
		struct fakenvme like = plain;

		like.cap = caps[i];
		start(&like);
		CHECK(nvme_open(ctrl, 0, &bd) != 0);
		CHECK(!is_master());
		stop();
	}
}

static void test_running_out_of_memory_leaves_nothing_behind(void)
{
	struct blkdev *bd;

	for (int n = 0; n < 8; n++) {
		int err;

		start(&plain);
		fakedma_dry_after = n;
		err = nvme_open(ctrl, 0, &bd);
		fakedma_dry_after = -1;
		if (!err)
			blkdev_stop(bd);
		CHECK(!err || n < 7);
		stop();
	}
}

static const struct test tests[] = {
	TEST(test_nothing_is_touched_before_somebody_asks),
	TEST(test_the_first_active_namespace_opens_with_its_size),
	TEST(test_namespaces_are_listed_in_order),
	TEST(test_two_namespaces_share_the_controller),
	TEST(test_reads_of_every_shape_arrive),
	TEST(test_what_was_written_is_read_and_flush_reaches_a_cache),
	TEST(test_a_failed_read_is_told_and_the_next_one_works),
	TEST(test_silence_and_lies_end_the_controller_and_it_starts_again),
	TEST(test_a_controller_that_never_gets_ready_is_given_up),
	TEST(test_formats_we_cannot_read_are_refused),
	TEST(test_no_namespace_is_said_so),
	TEST(test_strange_capabilities_are_refused),
	TEST(test_running_out_of_memory_leaves_nothing_behind),
};

int main(void)
{
	return run_tests(tests, ARRAY_SIZE(tests));
}
