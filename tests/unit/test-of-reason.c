/* SPDX-License-Identifier: BSD-2-Clause */
/* Why a candidate did not boot: what is collected while it is tried, and what is not. */
#include "check.h"

#include "../../slof/of/reason-priv.h"

#include <string.h>

#define DISK "/bus@0/disk@1"

static char line[400];

static void sink(const char *text, size_t len)
{
	CHECK(len < sizeof(line));
	memcpy(line, text, len);
	line[len] = '\0';
}

static void start(const char *path)
{
	log_set_sink(sink);
	log_set_serial_level(LOG_NOTE);
	line[0] = '\0';
	if (path)
		reason_start(path);
}

static void test_a_reason_during_an_attempt_is_kept_and_not_printed(void)
{
	start(DISK ":2");
	reason_tell(LOG_ERR, "disk", DISK, "2", "no partition table");
	CHECK_STR(reason_text(), "no partition table");
	CHECK_STR(line, "");
	reason_end(false);
	CHECK_STR(reason_text(), "no partition table");
	reason_start(DISK);
	CHECK_STR(reason_text(), "");
	reason_end(false);
}

static void test_at_other_times_it_is_a_line(void)
{
	start(NULL);
	reason_tell(LOG_WARN, "disk", DISK, "2,\\x", "not a file");
	CHECK(strstr(line, "disk: " DISK ":2,\\x: not a file\r\n"));
	reason_tell(LOG_INFO, "disk", DISK, NULL, "no medium");
	CHECK(!strstr(line, "no medium"));
	CHECK_STR(reason_text(), "");
}

static void test_several_reasons_are_there_once_each(void)
{
	start(DISK);
	reason_tell(LOG_ERR, "disk", DISK, NULL, "read at 0 failed: device failure");
	reason_tell(LOG_ERR, "disk", DISK, NULL, "device failure");
	reason_tell(LOG_ERR, "disk", DISK, NULL, "nothing to boot");
	CHECK_STR(reason_text(), "read at 0 failed: device failure; nothing to boot");
	reason_end(false);
}

static void test_another_device_is_named(void)
{
	start(DISK "0:1");
	reason_tell(LOG_ERR, "disk", DISK, NULL, "no medium");
	CHECK_STR(reason_text(), DISK ": no medium");
	reason_end(false);
}

static void test_too_many_reasons_are_cut(void)
{
	start(DISK);
	for (unsigned i = 0; i < 100; i++)
		reason_tell(LOG_ERR, "disk", DISK, NULL, "reason number %u", i);
	CHECK(strlen(reason_text()) < 192);
	CHECK(!strncmp(reason_text(), "reason number 0; reason number 1;", 33));
	reason_end(false);
}

static void test_a_library_s_warning_is_a_reason(void)
{
	start(DISK);
	log_write(LOG_WARN, "nvme", "nvme@3: no answer for %u s", 30u);
	log_write(LOG_NOTE, "nvme", "a note");
	CHECK(strstr(line, "a note"));
	reason_tell(LOG_WARN, "disk", DISK, NULL, "nvme does not start");
	CHECK_STR(reason_text(), "nvme@3: no answer for 30 s; nvme does not start");
	line[0] = '\0';
	reason_end(false);
	CHECK_STR(line, "");
	log_write(LOG_WARN, "nvme", "afterwards");
	CHECK(strstr(line, "nvme: afterwards"));
}

static void test_a_warning_on_the_way_to_success_is_not_lost(void)
{
	start(DISK);
	log_write(LOG_WARN, "virtio", "scsi@2: its memory stays open");
	CHECK_STR(line, "");
	reason_end(true);
	CHECK(strstr(line, "boot: " DISK ": scsi@2: its memory stays open\r\n"));
	start(DISK);
	reason_tell(LOG_ERR, "disk", DISK, NULL, "no such partition");
	reason_end(true);
	CHECK_STR(line, "");
}

static void test_what_was_told_already_is_only_referred_to(void)
{
	start(DISK);
	reason_refer(DISK, "E3009");
	reason_refer(DISK, "E3009");
	CHECK_STR(reason_text(), "E3009");
	CHECK_STR(line, "");
	reason_end(false);
	reason_refer(DISK, "E3001");
	CHECK_STR(reason_text(), "E3009");
}

static const struct test tests[] = {
	TEST(test_a_reason_during_an_attempt_is_kept_and_not_printed),
	TEST(test_at_other_times_it_is_a_line),
	TEST(test_several_reasons_are_there_once_each),
	TEST(test_another_device_is_named),
	TEST(test_too_many_reasons_are_cut),
	TEST(test_a_library_s_warning_is_a_reason),
	TEST(test_a_warning_on_the_way_to_success_is_not_lost),
	TEST(test_what_was_told_already_is_only_referred_to),
};
TEST_MAIN(tests)
