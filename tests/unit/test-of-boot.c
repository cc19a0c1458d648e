/* SPDX-License-Identifier: BSD-2-Clause */
/* What is tried, in which order, what is said about it; keys; the menu. */
#include "check.h"

#include "base/err.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "fakeboot.h"
#include "fakeelf.h"
#include "fakeplatform.h"
#include "fakeram.h"
#include "of/env.h"
#include "of/evaluate.h"

#define DEVICES 8u
#define PCI     "/pci@800000020000000"

static uint8_t file[4096];
static struct fakeboot device[DEVICES];
static char order[256]; /* digits of the devices as they were loaded */

static void start(void)
{
	struct fakeelf elf = fakeelf_at(0x400000, 64, 64);
	size_t len = fakeelf_write(&elf, file, sizeof(file));

	fakeboot_start();
	for (unsigned i = 0; i < DEVICES; i++)
		device[i] = (struct fakeboot){.bytes = file, .len = len};
}

static const char *const paths[] = {
	PCI "/scsi@2",     PCI "/scsi@3/disk@103000500000000", PCI "/pci@6,3/scsi@a",
	PCI "/ethernet@7", PCI "/mass-storage@4/namespace@1",
};

/* Two disks, one behind a bridge's function 3, a network card, an NVMe namespace. */
static void start_machine(void)
{
	start();
	fakeboot_device(paths[0], "disk", &device[0]);
	fakeboot_device(paths[1], "disk", &device[1]);
	fakeboot_device(paths[2], "cdrom", &device[2]);
	fakeboot_device(paths[3], "net", &device[3]);
	fakeboot_device(paths[4], "disk", &device[4]);
}

/* The candidates as of_boot_next() lists them: digits, '?' for a path nobody has. */
static const char *listed(void)
{
	struct boot_candidate c;
	unsigned at = 0, n = 0;

	while (of_boot_next(&at, &c, NULL) && n < sizeof(order) - 1) {
		size_t len = strcspn(c.path, ":");

		order[n] = '?';
		for (unsigned i = 0; i < ARRAY_SIZE(paths); i++)
			if (strlen(paths[i]) == len && !strncmp(c.path, paths[i], len))
				order[n] = (char)('0' + i);
		n++;
	}
	order[n] = 0;
	return order;
}

static void test_without_a_word_from_anybody_disks_come_first(void)
{
	start_machine();
	CHECK_STR(listed(), "01423");
	fakeboot_stop();
}

static void test_the_hosts_list_is_first_and_the_others_follow_once(void)
{
	start_machine();
	fakeboot_chosen("qemu,boot-list", PCI "/ethernet@7 " PCI "/scsi@3/disk@103000500000000");
	CHECK_STR(listed(), "31042");
	CHECK(env_set("boot-device", "disk:1 cdrom", 12) == 0);
	CHECK_STR(listed(), "310204"); /* disk:1 is not disk */
	fakeboot_chosen("qemu,boot-device", "nd");
	CHECK_STR(listed(), "312004");
	fakeboot_stop();
}

static void test_halt_closes_the_list(void)
{
	struct boot_candidate c;
	unsigned at = 0;
	bool halt = false;

	start_machine();
	fakeboot_chosen("qemu,boot-list", PCI "/scsi@2 HALT");
	CHECK_STR(listed(), "0");
	CHECK(of_boot_next(&at, &c, &halt) && halt);
	device[0].load_error = E_IO;
	CHECK_EQ(of_boot(NULL, ""), E_PERM);
	CHECK_EQ(fakeboot_said("Trying to load:"), 1);
	fakeboot_chosen("qemu,boot-list", "HALT");
	CHECK_STR(listed(), "");
	fakeboot_chosen("qemu,boot-list", PCI "/scsi@2HALT");
	CHECK_STR(listed(), "?01423");
	fakeboot_stop();
}

static void test_paths_as_qemu_writes_them_are_found(void)
{
	static const struct {
		const char *text, *found;
	} cases[] = {
		{PCI "/pci@6/scsi@A", "2"},
		{PCI "/pci@06/scsi@0a:1,\\boot\\x", "2"},
		{"/pci@800000020000000/scsi@3/disk", "1"},
		{"/nvme-ns", "4"},
		{PCI "/mass-storage@4/nvme-ns", "4"},
		{PCI "/mass-storage@5/nvme-ns", "?"},
		{PCI "/pci@5/scsi@a", "?"},
	};

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		char list[128];

		start_machine();
		snprintf(list, sizeof(list), "%s HALT", cases[i].text);
		fakeboot_chosen("qemu,boot-list", list);
		CHECK_STR(listed(), cases[i].found);
		fakeboot_stop();
	}
}

static void test_a_dead_entry_gives_way_to_the_next(void)
{
	start_machine();
	CHECK(env_set("boot-device", "/gone/disk@1 net", 16) == 0);
	device[3].load_error = E_TIMEOUT;
	device[0].open_error = E_NOENT;
	device[1].bytes = "garbage";
	device[1].len = 7;
	CHECK_EQ(of_boot(NULL, NULL), E_NOENT);
	CHECK_EQ(fakeboot_said("Trying to load:  from: /gone/disk@1 ... \r\n"
			       "E3405: No such device (no node of that name)\r\n"
			       "Trying to load:  from: " PCI "/ethernet@7 ... \r\n"
			       "E3404: Not a bootable device! ("),
		 1);
	CHECK_EQ(fakeboot_said("E3405: No such device (no medium"), 1);
	CHECK_EQ(fakeboot_said("E3403: Bad executable"), 1);
	CHECK_EQ(fakeboot_said(PCI "/mass-storage@4/namespace@1 ...   Successfully loaded\r\n"), 1);
	CHECK_EQ(fakeboot_said("E3407: Load failed (6 candidates tried)"), 1);
	CHECK_EQ(fakeplatform.run.count, 2);
	fakeboot_stop();
}

static void test_success_says_no_error(void)
{
	start_machine();
	CHECK_EQ(of_load(NULL, ""), 0);
	CHECK_EQ(fakeboot_said("rror"), 0);
	CHECK_STR(fakecon.sent,
		  "Trying to load:  from: " PCI "/scsi@2 ...   Successfully loaded\r\n");
	fakeboot_stop();
}

static const char *chosen(const char *name)
{
	return dt_prop_get_str(dt_path_find(of_tree(), "/chosen"), name);
}

static void test_a_device_and_arguments_given_are_used(void)
{
	start_machine();
	CHECK_EQ(of_load("disk1:2,\\x", "root=/dev/sda quiet"), 0);
	CHECK_STR(chosen("bootpath"), PCI "/scsi@3/disk@103000500000000:2,\\x");
	CHECK_STR(chosen("bootargs"), "root=/dev/sda quiet");
	CHECK_STR(device[1].args, "2,\\x");
	CHECK_EQ(of_load("-s", "verbose"), 0); /* no device: arguments */
	CHECK_STR(chosen("bootargs"), "-s verbose");
	CHECK_EQ(device[0].loads, 1);
	CHECK(env_set("boot-file", "from-env", 8) == 0);
	CHECK_EQ(of_load("net", NULL), 0);
	CHECK_STR(chosen("bootargs"), "from-env");
	CHECK(env_set("diag-switch?", "true", 4) == 0);
	CHECK(env_set("diag-file", "diag", 4) == 0);
	CHECK(env_set("diag-device", "cdrom", 5) == 0);
	CHECK_EQ(of_load(NULL, NULL), 0);
	CHECK_STR(chosen("bootargs"), "diag");
	CHECK_EQ(device[2].loads, 1);
	fakeboot_stop();
}

/* ---- random lists --------------------------------------------------------------------------- */

static unsigned seed = 1;

static unsigned any(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

static void test_random_lists_try_each_once_in_the_order_given(void)
{
	for (unsigned round = 0; round < 300; round++) {
		char list[1024] = "", want[32] = "";
		bool halt = any(3) == 0;
		unsigned words = any(7);

		start_machine();
		for (unsigned i = 0; i < words; i++) {
			unsigned d = any(ARRAY_SIZE(paths));
			char digit[2] = {(char)('0' + d), 0};

			strcat(list, paths[d]);
			strcat(list, any(2) ? " " : "  \n");
			if (!strstr(want, digit))
				strcat(want, digit);
		}
		if (halt)
			strcat(list, "HALT");
		for (const char *rest = "01423"; !halt && *rest; rest++)
			if (!strchr(want, *rest))
				strncat(want, rest, 1);
		fakeboot_chosen("qemu,boot-list", list);
		CHECK_STR(listed(), want);
		fakeboot_stop();
	}
}

/* ---- the automatic start -------------------------------------------------------------------- */

static char seen[128];

static int evaluate(const char *what, const char *text, size_t len)
{
	snprintf(seen, sizeof(seen), "%s: %.*s", what, (int)len, text);
	return 0;
}

static const struct of_evaluator forth = {.evaluate = evaluate};

static void test_the_letter_s_stays_at_the_prompt(void)
{
	start_machine();
	fakecon.input = "ssprintenv";
	of_boot_automatic();
	CHECK_EQ(fakeplatform.run.count, 0);
	CHECK_EQ(of_key(), 'p');
	fakeboot_stop();
}

static void test_other_keys_wait_for_their_reader(void)
{
	start_machine();
	fakecon.input = "x\033[24~s";
	of_boot_automatic();
	CHECK_EQ(fakeplatform.run.count, 5);
	for (const char *p = "x\033[24~s"; *p; p++)
		CHECK_EQ(of_key(), *p);
	fakeboot_stop();
}

static void test_boot_command_decides(void)
{
	start_machine();
	of_set_evaluator(&forth);
	CHECK(env_set("boot-command", "dev / boot cdrom:x", 18) == 0);
	of_boot_automatic();
	CHECK_STR(seen, "boot-command: dev / boot cdrom:x");
	CHECK_EQ(fakeplatform.run.count, 0);
	of_set_evaluator(NULL);
	CHECK(env_set("boot-command", "boot net  a b", 13) == 0);
	of_boot_automatic();
	CHECK_EQ(device[3].loads, 1);
	CHECK_STR(fakeplatform.run.args, "a b");
	CHECK(env_set("auto-boot?", "false", 5) == 0);
	of_boot_automatic();
	CHECK_EQ(device[3].loads, 1);
	fakeboot_stop();
}

static void test_what_a_client_asks_for_is_booted_once(void)
{
	start_machine();
	CHECK_EQ(of_boot_request("net -v"), 0);
	CHECK(env_set("auto-boot?", "false", 5) == 0);
	of_boot_automatic();
	CHECK_EQ(device[3].loads, 1);
	CHECK_STR(fakeplatform.run.args, "-v");
	of_boot_automatic();
	CHECK_EQ(device[3].loads, 1);
	fakeboot_stop();
}

static void test_the_image_of_kernel_runs_first_and_the_disks_after_it(void)
{
	uint8_t cells[16] = {0, 0, 0, 0, 0, 0x50, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0};

	start_machine();
	dt_prop_set(dt_child_get(of_tree(), of_tree()->root, "chosen"), "qemu,boot-kernel", cells,
		    16);
	of_boot_automatic();
	CHECK_EQ(fakeboot_said("Detected RAM kernel at 500000 (1000 bytes)"), 1);
	CHECK_EQ(fakeplatform.run.count, 6);
	fakeboot_stop();
}

/* ---- the menu ------------------------------------------------------------------------------- */

static void test_the_menu_lists_all_and_boots_what_is_chosen(void)
{
	start_machine();
	fakecon.input = "4";
	CHECK(of_boot_menu());
	CHECK_EQ(fakeboot_said("\nSelect boot device (or press '0' to abort):"), 1);
	CHECK_EQ(fakeboot_said("\n1)   disk : " PCI "/scsi@2\r\n"), 1);
	CHECK_EQ(fakeboot_said("\n4)  cdrom : " PCI "/pci@6,3/scsi@a\r\n"), 1);
	CHECK_EQ(fakeboot_said("\r\n           CD-ROM ["), 1); /* though it is not a started one */
	CHECK_EQ(fakeboot_said("\n5)    net : " PCI "/ethernet@7\r\n"), 1);
	CHECK_EQ(device[2].loads, 1);
	CHECK_EQ(fakeplatform.run.count, 1);
	fakeboot_stop();
}

static void test_the_menu_ends_with_escape_zero_or_nobody(void)
{
	static const struct {
		const char *keys;
		bool goes_on;
	} cases[] = {
		{"\033", true}, {"0", false}, {"", true}, {"\033[A\033[B0", false}, {"90", false}};

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		start_machine();
		fakecon.input = cases[i].keys;
		CHECK_EQ(of_boot_menu(), cases[i].goes_on);
		CHECK_EQ(fakeplatform.run.count, 0);
		fakeboot_stop();
	}
}

static void test_numbers_of_any_length_can_be_typed(void)
{
	static struct fakeboot many[120];
	static const struct {
		const char *keys;
		unsigned chosen;
	} cases[] = {{"117\r", 117}, {"1\r", 1}, {"12\r", 12}, {"13", 13}, {"c", 12}, {"120", 120}};

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		start();
		for (unsigned d = 0; d < ARRAY_SIZE(many); d++) {
			char path[64];

			many[d] = (struct fakeboot){.bytes = file, .len = device[0].len};
			snprintf(path, sizeof(path), "/bus@%u/disk@%u", d / 10, d);
			fakeboot_device(path, "disk", &many[d]);
		}
		fakecon.input = cases[i].keys;
		CHECK(of_boot_menu());
		for (unsigned d = 0; d < ARRAY_SIZE(many); d++)
			CHECK_EQ(many[d].loads, d + 1 == cases[i].chosen);
		fakeboot_stop();
	}
}

static void test_f12_opens_the_menu_only_where_the_host_wants_one(void)
{
	start_machine();
	dt_prop_set_u32(dt_child_get(of_tree(), of_tree()->root, "chosen"), "qemu,boot-menu", 1);
	fakecon.input = "\033[24~\033[24~0";
	of_boot_automatic();
	CHECK_EQ(fakeboot_said("Press F12 for boot menu."), 1);
	CHECK_EQ(fakeboot_said("Select boot device"), 1);
	CHECK_EQ(fakeplatform.run.count, 0);
	fakeboot_stop();
}

static const struct test tests[] = {
	TEST(test_without_a_word_from_anybody_disks_come_first),
	TEST(test_the_hosts_list_is_first_and_the_others_follow_once),
	TEST(test_halt_closes_the_list),
	TEST(test_paths_as_qemu_writes_them_are_found),
	TEST(test_a_dead_entry_gives_way_to_the_next),
	TEST(test_success_says_no_error),
	TEST(test_a_device_and_arguments_given_are_used),
	TEST(test_random_lists_try_each_once_in_the_order_given),
	TEST(test_the_letter_s_stays_at_the_prompt),
	TEST(test_other_keys_wait_for_their_reader),
	TEST(test_boot_command_decides),
	TEST(test_what_a_client_asks_for_is_booted_once),
	TEST(test_the_image_of_kernel_runs_first_and_the_disks_after_it),
	TEST(test_the_menu_lists_all_and_boots_what_is_chosen),
	TEST(test_the_menu_ends_with_escape_zero_or_nobody),
	TEST(test_numbers_of_any_length_can_be_typed),
	TEST(test_f12_opens_the_menu_only_where_the_host_wants_one),
};

TEST_MAIN(tests)
