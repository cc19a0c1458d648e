/* SPDX-License-Identifier: BSD-2-Clause */
/* Controllers with numbered drives: found once, when somebody looks; why there are none is told to each who asks. */
#include "check.h"

#include "base/err.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "fakeboot.h"
#include "fakedisk.h"
#include "fakeplatform.h"
#include "of/block.h"
#include "of/boot.h"
#include "of/drives.h"

#define HBA  "/bus@0/sata@2"
#define SIZE (1u << 20)

static const struct drive drives[] = {{0, false}, {3, true}, {31, false}};
static struct fakedisk disk[ARRAY_SIZE(drives)];
static uint8_t bytes[SIZE];
static unsigned looks;
static int broken; /* what the controller says instead of its second drive */

static int next(void *ctx UNUSED, uint32_t from, struct drive *out)
{
	looks++;
	for (unsigned i = 0; i < ARRAY_SIZE(drives); i++) {
		if (drives[i].number < from)
			continue;
		if (i > 0 && broken)
			return broken;
		*out = drives[i];
		return 0;
	}
	return E_NOENT;
}

static int start_drive(void *ctx UNUSED, uint32_t number, struct blkdev **bd)
{
	for (unsigned i = 0; i < ARRAY_SIZE(drives); i++)
		if (drives[i].number == number)
			return fakedisk_start(&disk[i], bd);
	return E_NOENT;
}

static void start(int says)
{
	const struct drive_source source = {
		.next = next, .start = start_drive, .driver = "ahci", .name = "drive"};
	struct dt_node *bus;

	fakeboot_start();
	for (unsigned i = 0; i < ARRAY_SIZE(disk); i++)
		fakedisk_init(&disk[i], 512, SIZE / 512, bytes, SIZE);
	looks = 0;
	broken = says;
	bus = dt_child_get(of_tree(), of_tree()->root, "bus@0");
	of_bind_drives(dt_child_get(of_tree(), bus, "sata@2"), &source);
}

static const char *alias(const char *name)
{
	return dt_prop_get_str(dt_path_find(of_tree(), "/aliases"), name);
}

static void test_drives_appear_when_somebody_looks_and_start_by_themselves(void)
{
	const struct dt_node *node;

	start(0);
	CHECK(!dt_path_find(of_tree(), HBA)->child);
	CHECK_EQ(looks, 0);
	node = of_find_node(HBA "/drive@1f");
	CHECK(node);
	CHECK_EQ(dt_prop_u32_or(node, "reg", 0), 31);
	CHECK_EQ(dt_prop_u32_or(node->parent, "#address-cells", 0), 1);
	CHECK(of_find_node(HBA "/drive@0") && of_find_node(HBA "/drive@3"));
	CHECK(!of_find_node(HBA "/drive@1"));
	CHECK_EQ(looks, 4);
	CHECK_STR(alias("disk"), HBA "/drive@0");
	CHECK_STR(alias("cdrom"), HBA "/drive@3");
	CHECK_STR(alias("disk1"), HBA "/drive@1f");
	CHECK_EQ(disk[0].starts + disk[1].starts + disk[2].starts, 0);
	CHECK(of_load(HBA "/drive@1f", "") != 0);
	CHECK_EQ(disk[2].starts, 1);
	CHECK_EQ(disk[0].starts, 0);
	fakeboot_stop();
}

static void test_a_controller_that_is_silent_is_asked_once_and_each_attempt_says_so(void)
{
	start(E_TIMEOUT);
	broken = E_TIMEOUT;
	CHECK(of_load(HBA "/drive@3", "") != 0);
	CHECK_EQ(looks, 2);
	CHECK_EQ(fakeboot_said("ahci does not start: "), 1);
	CHECK(of_load(HBA "/drive@1f", "") != 0);
	CHECK_EQ(looks, 2);
	CHECK_EQ(fakeboot_said("ahci does not start: "), 2);
	CHECK(!of_find_node(HBA "/drive@3"));
	CHECK_EQ(looks, 2);
	fakeboot_stop();
}

static void test_what_was_found_before_a_controller_failed_is_there(void)
{
	start(E_IO);
	CHECK(of_load(HBA "/drive@0", "") != 0);
	CHECK_EQ(disk[0].starts, 1);
	CHECK_EQ(fakeboot_said("ahci does not start"), 1);
	fakeboot_stop();
}

static void test_a_drive_that_does_not_start_says_why(void)
{
	start(0);
	disk[0].start_result = E_IO;
	CHECK(of_load(HBA "/drive@0", "") != 0);
	CHECK_EQ(fakeboot_said("E3405: No such device ("), 1);
	CHECK_EQ(fakeboot_said("ahci does not start: device failure"), 1);
	fakeboot_stop();
}

static void test_nobody_is_asked_after_quiesce(void)
{
	start(0);
	of_quiesce();
	CHECK(!of_find_node(HBA "/drive@0"));
	CHECK_EQ(looks, 0);
	fakeboot_stop();
}

static const struct test tests[] = {
	TEST(test_drives_appear_when_somebody_looks_and_start_by_themselves),
	TEST(test_a_controller_that_is_silent_is_asked_once_and_each_attempt_says_so),
	TEST(test_what_was_found_before_a_controller_failed_is_there),
	TEST(test_a_drive_that_does_not_start_says_why),
	TEST(test_nobody_is_asked_after_quiesce),
};

TEST_MAIN(tests)
