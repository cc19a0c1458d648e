/* SPDX-License-Identifier: BSD-2-Clause */
/* Disks as packages: their life, bytes, blocks, and what is refused. */
#include "check.h"

#include "base/err.h"
#include "base/log.h"
#include "dt/path.h"
#include "fakedisk.h"
#include "fakeplatform.h"
#include "fakeram.h"
#include "of/block.h"
#include "of/env.h"

#define BUF    0x100000ull
#define BLOCKS 4096u
#define BYTES  (512u * BLOCKS)

static uint8_t bytes[BYTES];
static struct fakedisk disk;

static struct dt_node *bind(uint32_t block_size)
{
	struct block_source source = {.start = fakedisk_start, .ctx = &disk, .driver = "fake"};
	struct dt_node *pci, *node;

	fakeplatform_start(FAKE_COMPLETE);
	for (unsigned i = 0; i < BYTES; i++)
		bytes[i] = (uint8_t)(i / 512 * 7 + i % 512 * 13);
	fakedisk_init(&disk, block_size, BYTES / block_size, bytes, BYTES);
	pci = dt_child_get(of_tree(), of_tree()->root, "bus@0");
	node = dt_child_get(of_tree(), pci, "scsi@1");
	of_bind_block(node, &source);
	return node;
}

static struct instance *opened(const char *path)
{
	struct instance *in = NULL;

	if (instance_open(path, &in))
		return NULL;
	return in;
}

/* Call a method with up to three cells, the first deepest; the top of what it leaves, or its error. */
static int64_t call(struct instance *in, const char *method, unsigned n, cell_t a, cell_t b,
		    cell_t c)
{
	cell_t cells[8] = {a, b, c};
	struct stack st = {cells, n, ARRAY_SIZE(cells)};
	int err;

	mem_distrust(true);
	err = instance_call(in, method, &st);
	mem_distrust(false);
	return err ? err * 1000 : (int64_t)cells[st.depth - 1];
}

static void test_a_disk_starts_at_the_first_open_and_stops_at_quiesce(void)
{
	struct dt_node *node = bind(512);
	struct instance *in, *again;

	CHECK_EQ(disk.starts, 0);
	CHECK(!of_block_started(node));
	in = opened("/bus@0/scsi@1");
	CHECK(in && disk.starts == 1 && of_block_started(node) == &disk.dev);
	again = opened("/bus@0/scsi@1:0");
	CHECK(again && disk.starts == 1);
	instance_close(again);
	instance_close(in);
	CHECK_EQ(disk.stops, 0);
	in = opened("/bus@0/scsi@1");
	CHECK(in && disk.starts == 1);
	of_quiesce();
	CHECK_EQ(disk.stops, 1);
	CHECK(instance_find(in->ihandle) == in);
	CHECK_EQ(call(in, "read", 2, BUF, 512, 0), -1);
	CHECK_EQ(call(in, "block-size", 0, 0, 0, 0), E_STALE * 1000);
	instance_close(in);
	CHECK(!opened("/bus@0/scsi@1"));
	fakeplatform_stop();
}

static void test_reading_any_bytes_gives_those_bytes(void)
{
	static const uint32_t sizes[] = {512, 2048, 4096, 65536};
	unsigned seed = 1;

	for (unsigned s = 0; s < ARRAY_SIZE(sizes); s++) {
		struct instance *in;

		bind(sizes[s]);
		disk.dev.max_blocks = 3;
		in = opened("/bus@0/scsi@1");
		CHECK(in);
		for (unsigned i = 0; i < 300; i++) {
			uint32_t at = (seed = seed * 1103515245u + 12345u) % BYTES;
			uint32_t len = (seed = seed * 1103515245u + 12345u) % 70000;
			uint32_t there = len < BYTES - at ? len : BYTES - at;
			uint64_t to = BUF + seed % 5;

			CHECK_EQ(call(in, "seek", 2, at, 0, 0), 0);
			CHECK_EQ(call(in, "read", 2, to, len, 0), there);
			CHECK(!memcmp(fakeram_bytes(to), bytes + at, there));
		}
		instance_close(in);
		fakeplatform_stop();
	}
}

static void test_large_reads_take_few_requests(void)
{
	struct instance *in;

	bind(512);
	disk.dev.max_blocks = 2048;
	in = opened("/bus@0/scsi@1");
	CHECK_EQ(call(in, "read", 2, BUF, 1 << 20, 0), 1 << 20);
	CHECK_EQ(disk.reads, 1);
	instance_close(in);
	fakeplatform_stop();
}

static void test_partial_blocks_are_written_with_their_surroundings(void)
{
	static uint8_t want[BYTES];
	unsigned seed = 7;
	struct instance *in;

	bind(4096);
	memcpy(want, bytes, BYTES);
	in = opened("/bus@0/scsi@1");
	for (unsigned i = 0; i < 200; i++) {
		uint32_t at = 32768 + (seed = seed * 1103515245u + 12345u) % (BYTES - 80000);
		uint32_t len = (seed = seed * 1103515245u + 12345u) % 20000;

		memset(fakeram_bytes(BUF), (int)(i + 1), len);
		memset(want + at, (int)(i + 1), len);
		CHECK_EQ(call(in, "seek", 2, at, 0, 0), 0);
		CHECK_EQ(call(in, "write", 2, BUF, len, 0), len);
		CHECK_EQ(call(in, "seek", 2, at - 100, 0, 0), 0);
		CHECK_EQ(call(in, "read", 2, BUF, len + 200, 0), len + 200);
		CHECK(!memcmp(fakeram_bytes(BUF), want + at - 100, len + 200));
	}
	CHECK(!memcmp(want, bytes, BYTES));
	CHECK_EQ(disk.flushes, 0);
	instance_close(in);
	CHECK_EQ(disk.flushes, 1);
	fakeplatform_stop();
}

static void test_the_partition_table_is_not_written(void)
{
	struct instance *in;

	bind(512);
	in = opened("/bus@0/scsi@1");
	CHECK_EQ(call(in, "write", 2, BUF, 512, 0), -1);
	CHECK_EQ(call(in, "write-blocks", 3, BUF, 33, 1), 0);
	CHECK_EQ(call(in, "write-blocks", 3, BUF, 34, 1), 1);
	CHECK_EQ(call(in, "write-blocks", 3, BUF, BLOCKS - 33, 33), 33);
	bytes[450] = 0xee; /* now the end of the disk has a backup */
	instance_close(in);
	in = opened("/bus@0/scsi@1");
	CHECK_EQ(call(in, "write-blocks", 3, BUF, BLOCKS - 33, 1), 0);
	CHECK_EQ(call(in, "write-blocks", 3, BUF, BLOCKS - 34, 1), 1);
	CHECK_EQ(env_set("write-partition-table?", "true", 4), 0);
	CHECK_EQ(call(in, "write-blocks", 3, BUF, 0, 1), 1);
	CHECK_EQ(env_set_default("write-partition-table?"), 0);
	instance_close(in);
	fakeplatform_stop();
}

static void test_block_methods_tell_sizes_and_stay_inside(void)
{
	struct instance *in;

	bind(2048);
	in = opened("/bus@0/scsi@1");
	CHECK_EQ(call(in, "block-size", 0, 0, 0, 0), 2048);
	CHECK_EQ(call(in, "#blocks", 0, 0, 0, 0), BYTES / 2048);
	CHECK_EQ(call(in, "max-transfer", 0, 0, 0, 0), 64 * 2048);
	CHECK_EQ(call(in, "read-blocks", 3, BUF, 5, 2), 2);
	CHECK(!memcmp(fakeram_bytes(BUF), bytes + 10240, 4096));
	CHECK_EQ(call(in, "read-blocks", 3, BUF, BYTES / 2048, 1), 0);
	CHECK_EQ(call(in, "read-blocks", 3, BUF, UINT64_MAX / 2, 4), E_RANGE * 1000);
	CHECK_EQ(call(in, "read-blocks", 3, 0x100, 0, 1), E_RANGE * 1000);
	CHECK_EQ(call(in, "seek", 2, BYTES, 0, 0), 0);
	CHECK_EQ(call(in, "read", 2, BUF, 10, 0), 0);
	CHECK_EQ(call(in, "seek", 2, 0, 1, 0), -1);
	instance_close(in);
	fakeplatform_stop();
}

static void test_what_fails_does_not_open_and_is_tried_again(void)
{
	bind(512);
	disk.start_result = E_TIMEOUT;
	CHECK(!opened("/bus@0/scsi@1"));
	disk.start_result = 0;
	disk.dev.blocks = 0; /* no medium */
	CHECK(!opened("/bus@0/scsi@1"));
	CHECK(!disk.running);
	disk.dev.blocks = 100;
	disk.dev.block_size = 520;
	CHECK(!opened("/bus@0/scsi@1"));
	disk.dev.block_size = 512;
	disk.dev.blocks = UINT64_MAX / 16;
	CHECK(!opened("/bus@0/scsi@1"));
	disk.dev.blocks = 100;
	CHECK(!opened("/bus@0/scsi@1:no\\such"));
	CHECK(opened("/bus@0/scsi@1"));
	fakeplatform_stop();
}

static void test_a_bad_block_fails_its_reads_only(void)
{
	struct instance *in;

	bind(512);
	in = opened("/bus@0/scsi@1");
	disk.bad_block = 9;
	CHECK_EQ(call(in, "read", 2, BUF, 16384, 0), -1);
	CHECK_EQ(call(in, "seek", 2, 4000, 0, 0), 0); /* blocks 7 and 8; 9 shares a line with 8 */
	CHECK_EQ(call(in, "read", 2, BUF, 600, 0), 600);
	CHECK(!memcmp(fakeram_bytes(BUF), bytes + 4000, 600));
	CHECK_EQ(call(in, "read", 2, BUF, 10, 0), -1);
	CHECK_EQ(call(in, "seek", 2, 8192, 0, 0), 0);
	CHECK_EQ(call(in, "read", 2, BUF, 4096, 0), 4096);
	CHECK(!memcmp(fakeram_bytes(BUF), bytes + 8192, 4096));
	instance_close(in);
	fakeplatform_stop();
}

static void test_a_disk_that_is_unplugged_stops_though_it_is_open(void)
{
	struct dt_node *node = bind(512);
	struct instance *in = opened("/bus@0/scsi@1");
	cell_t buf[4] = {BUF, 512};
	struct stack st = {buf, 2, ARRAY_SIZE(buf)};

	CHECK(in && disk.running);
	of_block_gone(node->parent);
	CHECK_EQ(disk.stops, 1);
	CHECK(!of_block_started(node));
	CHECK(instance_call(in, "read", &st) || (int64_t)buf[0] <= 0);
	instance_forget_node(node);
	dt_node_delete(of_tree(), node);
	instance_close(in);
	of_quiesce();
	CHECK_EQ(disk.stops, 1);
	fakeplatform_stop();
}

static const struct test tests[] = {
	TEST(test_a_disk_that_is_unplugged_stops_though_it_is_open),
	TEST(test_a_disk_starts_at_the_first_open_and_stops_at_quiesce),
	TEST(test_reading_any_bytes_gives_those_bytes),
	TEST(test_large_reads_take_few_requests),
	TEST(test_partial_blocks_are_written_with_their_surroundings),
	TEST(test_the_partition_table_is_not_written),
	TEST(test_block_methods_tell_sizes_and_stay_inside),
	TEST(test_what_fails_does_not_open_and_is_tried_again),
	TEST(test_a_bad_block_fails_its_reads_only),
};
TEST_MAIN(tests)
