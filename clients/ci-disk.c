/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of a block device through open, seek, read and call-method. They run if the alias "disk"
 * opens and the disk holds the pattern ci-compare.py writes: every big-endian word holds its own
 * offset divided by 4. Every byte read can then be checked against its position alone.
 */
#include "ci-test.h"

#define DISK_SIZE 0x100000u

static uint32_t disk;
static unsigned char data[0x12000];

/* Read at @pos and compare with the pattern; true if all @len bytes came and were right. */
static bool reads_right(uint32_t pos, uint32_t len)
{
	uint32_t i, got;

	memset(data, 0xee, len + 1);
	if (of_seek(disk, pos) > 1)
		return false;
	got = of_read(disk, data, len);
	if (got != len) {
		tap_note("read of 0x%x at 0x%x returned 0x%x", len, pos, got);
		return false;
	}
	for (i = 0; i < len; i++) {
		uint32_t word = (pos + i) / 4;

		if (data[i] != (unsigned char)(word >> (24 - 8 * ((pos + i) % 4)))) {
			tap_note("byte 0x%x of the disk is 0x%x", pos + i, data[i]);
			return false;
		}
	}
	return data[len] == 0xee;
}

static void test_ends(void)
{
	uint32_t got;

	got = of_seek(disk, DISK_SIZE - 512);
	tap_either("disk: seek to the last block returns 0 or 1", got, 0, 1);
	memset(data, 0xee, sizeof(data));
	got = of_read(disk, data, 2048);
	tap_eq("disk: read over the end returns what is there", got, 512);
	tap_eq("disk: read over the end leaves the rest of the buffer", data[512], 0xee);
	of_seek(disk, DISK_SIZE);
	tap_either("disk: read at the end returns 0 or -1", of_read(disk, data, 16), 0, OF_ERR);
	of_seek(disk, 0x123456789000ull);
	tap_either("disk: read far behind the end returns 0 or -1", of_read(disk, data, 16), 0,
		   OF_ERR);
	tap_true("disk: usable after reads behind the end", reads_right(0, 64));
}

static void test_methods(void)
{
	uint32_t caught = OF_POISON, size = 0;

	of_call("call-method", 2, 2, of_ptr("block-size"), disk, &caught, &size);
	tap_eq("disk: call-method block-size: catch result", caught, 0);
	tap_eq("disk: call-method block-size", size, 512);
	caught = OF_POISON;
	of_call("call-method", 4, 2, of_ptr("seek"), disk, 0, 4096, &caught, &size);
	tap_eq("disk: call-method seek ( pos.lo pos.hi -- status )", caught, 0);
	tap_true("disk: call-method seek moved the position",
		 of_read(disk, data, 4) == 4 && data[2] == 0x04 && data[3] == 0);
}

static void run(void)
{
	uint32_t second, got;

	tap_true("disk: read of a block", reads_right(0, 512));
	tap_true("disk: read of one byte", reads_right(0, 1));
	tap_true("disk: unaligned read", reads_right(3, 10));
	tap_true("disk: read across a block boundary", reads_right(510, 4));
	tap_true("disk: large read", reads_right(0x1000, 0x10000));
	tap_true("disk: large unaligned read", reads_right(0x10ff, 0x10003));
	tap_true("disk: seek backwards", reads_right(512, 512));
	of_seek(disk, 1024);
	of_read(disk, data, 16);
	got = of_read(disk, data, 4);
	tap_eq("disk: reads follow each other: length", got, 4);
	tap_eq("disk: reads follow each other: word 0x104", (uint32_t)data[2] << 8 | data[3],
	       0x104);
	tap_eq("disk: read of nothing returns 0", of_read(disk, data, 0), 0);
	test_ends();
	test_methods();
	second = of_open("disk:0");
	of_seek(disk, 2048);
	if (tap_true("disk: opened twice", second && second != OF_ERR)) {
		of_seek(second, 0);
		of_close(second);
	}
	tap_true("disk: two instances have two positions",
		 of_read(disk, data, 4) == 4 && data[2] == 0x02 && data[3] == 0);
	of_close(disk);
}

void test_disk(void)
{
	static const unsigned char start[12] = {0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2};

	if (of_finddevice("disk") == OF_ERR) {
		tap_skip("disk", "no alias \"disk\"");
		return;
	}
	disk = of_open("disk:0");
	if (!disk || disk == OF_ERR)
		disk = of_open("disk");
	if (!tap_true("disk: opens", disk && disk != OF_ERR))
		return;
	memset(data, 0xee, 16);
	of_seek(disk, 0);
	of_read(disk, data, 12);
	if (memcmp(data, start, 12))
		tap_skip("disk: pattern", "not the disk of ci-compare.py");
	else
		run();
}
