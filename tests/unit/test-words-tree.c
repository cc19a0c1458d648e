/* SPDX-License-Identifier: BSD-2-Clause */
/* Walking the tree, properties, aliases. */
#include "test-words.h"

static void test_every_effect_string_is_one(void)
{
	const struct forth_word *row;
	size_t n = 0;
	struct effect e;

	words_start();
	for (; (row = forth_row(words_forth(), n)); n++) {
		if (effect_parse(row->effect, &e))
			printf("# %s %s\n", row->name, row->effect);
		CHECK_EQ(effect_parse(row->effect, &e), 0);
		CHECK(row->flags & FORTH_INTERNAL || *row->help);
	}
	CHECK(n > 400);
	words_stop();
}

static void test_a_word_takes_no_more_than_its_effect_says(void)
{
	const struct forth_word *row;
	struct effect e;

	words_start();
	/* with exactly the cells declared, all zero, no word may run below them */
	for (size_t i = 0; (row = forth_row(words_forth(), i)); i++) {
		if (row->flags & (FORTH_INTERNAL | FORTH_IMMEDIATE | FORTH_COMPILE_ONLY) ||
		    !strcmp(row->name, "key") || !strcmp(row->name, "expect") ||
		    !strcmp(row->name, "nvedit") || !strcmp(row->name, "accept"))
			continue;
		CHECK_EQ(effect_parse(row->effect, &e), 0);
		forth_reset(words_forth());
		for (unsigned k = 0; k < e.in; k++)
			forth_push(words_forth(), 0);
		(void)!run(row->name);
	}
	words_stop();
}

static void test_dev_goes_there_and_pwd_says_where(void)
{
	words_start();
	SAYS("dev /cpus pwd", "/cpus\r\n");
	SAYS("dev PowerPC,POWER9@8 pwd", "/cpus/PowerPC,POWER9@8\r\n");
	SAYS("dev .. pwd", "/cpus\r\n");
	SAYS(".( there:) pwd pwd", "there:\r\n/cpus\r\n/cpus\r\n");
	SAYS("cd / pwd", "/\r\n");
	SAYS("\" /vdevice/vty\" find-device pwd", "/vdevice/vty@71000000\r\n");
	FAILS("dev /nowhere", "dev: /nowhere: no such device");
	FAILS("dev", "dev: (no path): no such device");
	SAYS("device-end", "");
	FAILS("pwd", "pwd: no active package: dev PATH makes one");
	words_stop();
}

static void test_ls_shows_the_branch(void)
{
	words_start();
	CHECK_EQ(run("dev /pci@800000020000000 ls"), 0);
	CHECK(strstr(fakecon.sent, " : pci@1,2\r\n"));
	CHECK(strstr(fakecon.sent, " :   scsi@0\r\n"));
	words_stop();
}

static void test_show_devs_takes_a_path(void)
{
	words_start();
	SAYS("show-devs /cpus", "/cpus\r\n/cpus/PowerPC,POWER9@0\r\n/cpus/PowerPC,POWER9@8\r\n");
	FAILS("show-devs /x", "show-devs: /x: no such device");
	words_stop();
}

static void test_ls_and_properties_take_a_path(void)
{
	words_start();
	CHECK_EQ(run("ls /pci@800000020000000/pci"), 0);
	CHECK(strstr(fakecon.sent, " : scsi@0\r\n") && !strstr(fakecon.sent, "pci@1,2"));
	CHECK_EQ(run("dev /pci@800000020000000 ls pci@1,2"), 0);
	CHECK(strstr(fakecon.sent, " : scsi@0\r\n") && !strstr(fakecon.sent, "pci@1,2"));
	CHECK_EQ(run(".properties /memory@0"), 0);
	CHECK(strstr(fakecon.sent, "reg                         0 size 2000000\r\n"));
	CHECK_EQ(run("lsprop /vdevice"), 0);
	CHECK(strstr(fakecon.sent, "/vdevice/vty@71000000:\r\n"));
	/* a word on the same line is a word */
	CHECK_EQ(run("dev /vdevice ls pwd"), 0);
	CHECK(strstr(fakecon.sent, "/vdevice\r\n"));
	CHECK_EQ(run("dev /vdevice .properties\npwd"), 0);
	FAILS("ls nowhere", "ls: nowhere: no such device");
	FAILS("device-end .properties /nowhere", ".properties: /nowhere: no such device");
	words_stop();
}

static void test_interrupt_maps_and_ranges_are_readable(void)
{
	words_start();
	SAYS("dev /pci@800000020000000 3 encode-int \" #address-cells\" property 2 encode-int "
	     "\" #size-cells\" property 1 encode-int \" #interrupt-cells\" property "
	     "2000000 encode-int 0 encode-int+ 80000000 encode-int+ 100 encode-int+ "
	     "80000000 encode-int+ 0 encode-int+ 7ff00000 encode-int+ \" ranges\" property "
	     "800 encode-int 0 encode-int+ 0 encode-int+ 1 encode-int+ \" /vdevice\" "
	     "find-package drop encode-int+ 1102 encode-int+ \" interrupt-map\" property "
	     "dev pci@1,2 82000810 encode-int 0 encode-int+ 80000000 encode-int+ 0 encode-int+ "
	     "1000 encode-int+ \" reg\" property",
	     "");
	CHECK_EQ(run(".properties /pci@800000020000000"), 0);
	CHECK(strstr(fakecon.sent, "mem32 0:00.0 at 80000000 -> 10080000000 size 7ff00000\r\n"));
	CHECK(strstr(fakecon.sent, "config 0:01.0 at 0 pin 1 -> "));
	CHECK(strstr(fakecon.sent, " (vdevice)"));
	CHECK_EQ(run(".properties"), 0);
	CHECK(strstr(fakecon.sent,
		     "reg                         mem32 0:01.0 bar 10 at 80000000 size 1000\r\n"));
	words_stop();
}

static void test_the_console_is_chosen_by_words(void)
{
	words_start();
	FAILS("\" keyboard\" io", "io: keyboard: no such device");
	FAILS("\" /vdevice/l-lan\" output",
	      "output: /vdevice/l-lan is no console, or has no driver");
	SAYS("\" /vdevice/vty\" io 1 .", "1 ");
	SAYS("probe-all install-console suppress-banner 2 .", "2 ");
	words_stop();
}

static void test_phandles_lead_around_the_tree(void)
{
	words_start();
	SAYS("0 peer node>path type", "/");
	SAYS("\" /cpus\" find-package drop child node>path type", "/cpus/PowerPC,POWER9@0");
	SAYS("\" /cpus\" find-package drop child peer node>path type", "/cpus/PowerPC,POWER9@8");
	SAYS("\" /cpus\" find-package drop child parent node>path type", "/cpus");
	SAYS("\" nothing\" find-package .", "0 ");
	FAILS("deadbeef child", "child: deadbeef is no phandle");
	words_stop();
}

static void test_properties_are_readable(void)
{
	words_start();
	SAYS("dev /memory@0 .properties", "name                        \"memory\"\r\n"
					  "device_type                 \"memory\"\r\n"
					  "reg                         0 size 2000000\r\n"
					  "available                   4000 size 1ffc000\r\n");
	SAYS("dev /chosen \" a\" encode-string \" b\" encode-string encode+ \" two\" property"
	     " 0 0 \" flag\" property 5 encode-int \" five\" property 10 encode-int \" sixteen\" "
	     "property",
	     "");
	CHECK_EQ(dt_prop_find(dt_path_find(of_tree(), "/chosen"), "flag")->len, 0);
	CHECK_EQ(dt_prop_u32_or(dt_path_find(of_tree(), "/chosen"), "sixteen", 0), 16);
	CHECK_EQ(run(".properties"), 0);
	CHECK(strstr(fakecon.sent, "two                         \"a\" \"b\"\r\n"));
	CHECK(strstr(fakecon.sent, "flag                        \r\n"));
	CHECK(strstr(fakecon.sent, "five                        5\r\n"));
	CHECK(strstr(fakecon.sent, "sixteen                     10 (16)\r\n"));
	words_stop();
}

static void test_properties_are_read_by_programs(void)
{
	words_start();
	SAYS("dev /chosen \" bootargs\" get-property . decode-string type nip .", "0 quiet0 ");
	words_stop();
}

static void test_values_are_decoded(void)
{
	words_start();
	SAYS("1 encode-int 2 encode-int+ \" x\" encode-string encode+ decode-int . decode-int . "
	     "decode-string type nip .",
	     "1 2 x0 ");
	SAYS("123456789abcdef encode-64 decode-64 . nip .", "123456789abcdef 0 ");
	FAILS("1 encode-int decode-64", "decode-64: the value has 4 bytes, not 8");
	words_stop();
}

static void test_bytes_may_be_encoded_to_where_they_are(void)
{
	words_start();
	SAYS("1234567 encode-int over 1+ 8 encode-bytes drop c@ .", "23 ");
	SAYS("1 encode-int over 1+ 8 \" x\" drop 0 2swap encode+ nip .", "8 ");
	SAYS("1 encode-int 2dup 2 /string 6 nip encode+ nip .", "a ");
	words_stop();
}

static void test_inherited_properties_come_from_above(void)
{
	words_start();
	SAYS("dev /cpus 7 encode-int \" x\" property dev PowerPC,POWER9@0 "
	     "\" x\" get-inherited-property . decode-int . 2drop \" x\" get-my-property .",
	     "0 7 -1 ");
	words_stop();
}

static void test_a_property_of_options_is_a_variable(void)
{
	words_start();
	SAYS("dev /options \" false\" encode-string \" auto-boot?\" property", "");
	CHECK(!env_get_flag("auto-boot?"));
	FAILS("dev /options \" maybe\" encode-string \" auto-boot?\" property",
	      "property: auto-boot?: bad argument");
	words_stop();
}

static void test_aliases_are_made_and_listed(void)
{
	words_start();
	SAYS("devalias mine /vdevice/vty@71000000", "");
	SAYS("devalias mine", "mine : /vdevice/vty@71000000\r\n");
	SAYS("dev mine pwd", "/vdevice/vty@71000000\r\n");
	FAILS("devalias yours", "devalias: yours: no such alias");
	words_stop();
}

static void test_nvalias_writes_a_line_of_nvramrc(void)
{
	words_start();
	SAYS("nvalias a /cpus", "");
	SAYS("nvalias b /vdevice", "");
	SAYS("nvalias a /chosen", "");
	CHECK_STR(env_get_str("nvramrc"), "devalias b /vdevice\r\ndevalias a /chosen\r\n");
	CHECK(env_get_flag("use-nvramrc?"));
	SAYS("nvunalias b", "");
	CHECK_STR(env_get_str("nvramrc"), "devalias a /chosen\r\n");
	FAILS("nvunalias b", "nvunalias: b: not in nvramrc");
	words_stop();
}

static const struct test tests[] = {
	TEST(test_every_effect_string_is_one),
	TEST(test_a_word_takes_no_more_than_its_effect_says),
	TEST(test_dev_goes_there_and_pwd_says_where),
	TEST(test_ls_shows_the_branch),
	TEST(test_show_devs_takes_a_path),
	TEST(test_ls_and_properties_take_a_path),
	TEST(test_interrupt_maps_and_ranges_are_readable),
	TEST(test_the_console_is_chosen_by_words),
	TEST(test_phandles_lead_around_the_tree),
	TEST(test_properties_are_readable),
	TEST(test_properties_are_read_by_programs),
	TEST(test_values_are_decoded),
	TEST(test_bytes_may_be_encoded_to_where_they_are),
	TEST(test_inherited_properties_come_from_above),
	TEST(test_a_property_of_options_is_a_variable),
	TEST(test_aliases_are_made_and_listed),
	TEST(test_nvalias_writes_a_line_of_nvramrc),
};

TEST_MAIN(tests)
