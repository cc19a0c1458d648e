/* SPDX-License-Identifier: BSD-2-Clause */
/* pxelinux configuration files: names, contents, choices; good ones and bad ones. */
#include "check.h"
#include "fakeheap.h"

#include "base/err.h"
#include "net/pxelinux.h"

static const uint8_t mac[6] = {0x52, 0x54, 0, 0x12, 0x34, 0xab};
static const uint8_t uuid[16] = {0xb8, 0x94, 0x5a, 0x1f, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0xcd};
static const struct pxelinux_host host = {uuid,       mac,        0x0a000205,
					  0x0a000202, 0x0a000201, 0xffffff00};
static struct pxelinux cfg;
static struct pxelinux_boot b;

static void parse(const char *text)
{
	pxelinux_free(&cfg);
	CHECK_EQ(pxelinux_parse(&cfg, text, strlen(text)), 0);
}

static void choose(const char *line)
{
	pxelinux_boot_free(&b);
	CHECK_EQ(pxelinux_choose(&cfg, line, &host, &b), 0);
}

static void done(void)
{
	pxelinux_boot_free(&b);
	pxelinux_free(&cfg);
}

static void test_names_go_from_the_machine_to_everybody(void)
{
	static const char *const names[] = {"b8945a1f-0102-0304-0506-0708090a0bcd",
					    "01-52-54-00-12-34-ab",
					    "0A000205",
					    "0A00020",
					    "0A0002",
					    "0A000",
					    "0A00",
					    "0A0",
					    "0A",
					    "0",
					    "default"};
	char name[40];

	for (unsigned i = 0; i < 11; i++) {
		CHECK(pxelinux_name(&host, i, name, sizeof(name)));
		CHECK_STR(name, names[i]);
	}
	CHECK(!pxelinux_name(&host, 11, name, sizeof(name)));
}

static void test_what_the_machine_does_not_know_is_not_tried(void)
{
	const struct pxelinux_host v6 = {.mac = mac};
	char name[40];

	CHECK(pxelinux_name(&v6, 0, name, sizeof(name)));
	CHECK_STR(name, "01-52-54-00-12-34-ab");
	CHECK(pxelinux_name(&v6, 1, name, sizeof(name)));
	CHECK_STR(name, "default");
	CHECK(!pxelinux_name(&v6, 2, name, sizeof(name)));
}

static void test_an_entry_has_kernel_initrd_and_arguments(void)
{
	parse("# a comment\nDEFAULT install\r\n  label install\n\tkernel pool/vmlinux\n"
	      "\tinitrd a.cpio, b.cpio\n\tappend root=/dev/ram  quiet\n");
	CHECK_STR(pxelinux_default(&cfg), "install");
	choose("install");
	CHECK_STR(b.kernel, "pool/vmlinux");
	CHECK_STR(b.initrd, "a.cpio, b.cpio");
	CHECK_STR(b.args, "root=/dev/ram  quiet");
	choose("install single");
	CHECK_STR(b.args, "root=/dev/ram  quiet single");
	done();
}

static void test_files_of_an_initrd_come_one_by_one(void)
{
	const char *list = ",a.cpio, b.cpio,,";
	char file[8];

	CHECK(pxelinux_next_file(&list, file, sizeof(file)));
	CHECK_STR(file, "a.cpio");
	CHECK(pxelinux_next_file(&list, file, sizeof(file)));
	CHECK_STR(file, "b.cpio");
	CHECK(!pxelinux_next_file(&list, file, sizeof(file)));
	list = "much-too-long,x";
	CHECK(pxelinux_next_file(&list, file, sizeof(file)));
	CHECK_STR(file, "x");
}

static void test_the_last_initrd_of_append_counts(void)
{
	parse("label l\nlinux k\ninitrd no\nappend initrd=first a initrd=x,y b\n");
	choose("l");
	CHECK_STR(b.initrd, "x,y");
	CHECK_STR(b.args, "initrd=first a initrd=x,y b");
	done();
}

static void test_what_stands_before_labels_holds_for_those_that_say_nothing(void)
{
	parse("append console=hvc0\nipappend 2\nlabel a\nkernel k\nlabel b\nkernel k\nappend -\n"
	      "sysappend 0\nlabel c\nkernel k\nappend own\n");
	choose("a");
	CHECK_STR(b.args, "console=hvc0 BOOTIF=01-52-54-00-12-34-ab");
	choose("b");
	CHECK_STR(b.args, "");
	choose("c");
	CHECK_STR(b.args, "own BOOTIF=01-52-54-00-12-34-ab");
	done();
}

static void test_sysappend_tells_address_card_and_machine(void)
{
	parse("label a\nkernel k\nsysappend 0x7\n");
	choose("a");
	CHECK_STR(b.args,
		  "ip=10.0.2.5:10.0.2.2:10.0.2.1:255.255.255.0 "
		  "BOOTIF=01-52-54-00-12-34-ab SYSUUID=b8945a1f-0102-0304-0506-0708090a0bcd");
	done();
}

static void test_the_default_may_be_a_kernel(void)
{
	parse("default vmlinux console=hvc0 initrd=i\n");
	choose(pxelinux_default(&cfg));
	CHECK_STR(b.kernel, "vmlinux");
	CHECK_STR(b.args, "console=hvc0 initrd=i");
	CHECK_STR(b.initrd, "i");
	done();
}

static void test_without_a_default_linux_or_the_first_is_it(void)
{
	parse("label x\nlabel y\nkernel k\nlabel linux\nkernel k\n");
	CHECK_STR(pxelinux_default(&cfg), "linux");
	parse("label x\nlabel y\nkernel k\n");
	CHECK_STR(pxelinux_default(&cfg), "y");
	parse("");
	CHECK(!pxelinux_default(&cfg));
	done();
}

static void test_a_menu_has_titles_and_a_default_of_its_own(void)
{
	const struct pxelinux_entry *e;

	parse("ui vesamenu.c32\nprompt 0\ntimeout 50\nmenu title Fruit\nlabel a\nmenu label "
	      "^Apple\n"
	      "kernel a\ntext help\nlabel not\nkernel not\nendtext\nlabel b\nmenu label Pe^ar\n"
	      "menu default\nkernel b\nlabel c\nmenu hide\nkernel c\nlabel d\nmenu disable\n");
	CHECK(cfg.menu && !cfg.prompt);
	CHECK_EQ(cfg.timeout_ds, 50);
	CHECK_STR(cfg.title, "Fruit");
	e = cfg.entries;
	CHECK_STR(e->title, "Apple");
	CHECK(pxelinux_is_choice(e));
	e = e->next;
	CHECK_STR(e->title, "Pear");
	CHECK_STR(pxelinux_default(&cfg), "b");
	CHECK(!pxelinux_is_choice(e->next) && !pxelinux_is_choice(e->next->next));
	CHECK(!e->next->next->next);
	done();
}

static void test_a_menu_as_default_is_a_menu(void)
{
	parse("default menu.c32\nlabel a\nkernel k\n");
	CHECK(cfg.menu);
	CHECK_STR(pxelinux_default(&cfg), "a");
	done();
}

static void test_submenus_become_one_list(void)
{
	parse("menu title Top\nmenu begin more\nmenu title More\nlabel a\nkernel k\nmenu "
	      "end\nlabel b\n"
	      "kernel k\nmenu end\nmenu title Last\n");
	CHECK_STR(cfg.title, "Last");
	CHECK_STR(cfg.entries->next->label, "b");
	done();
}

static void test_localboot_and_config_are_no_kernels(void)
{
	parse("label disk\nlocalboot 0\nlabel more\nconfig other.cfg\nlabel nothing\nmenu "
	      "separator\n");
	choose("disk");
	CHECK(b.localboot && !b.kernel);
	choose("more");
	CHECK_STR(b.config, "other.cfg");
	CHECK_EQ(pxelinux_choose(&cfg, "nothing", &host, &b), E_NOENT);
	CHECK_EQ(pxelinux_choose(&cfg, " ", &host, &b), E_NOENT);
	done();
}

static void test_timeouts_are_bounded(void)
{
	parse("timeout 99999999999999999999\ntotaltimeout -1\nontimeout b c\nprompt 1\n");
	CHECK_EQ(cfg.timeout_ds, 36000);
	CHECK_EQ(cfg.total_ds, 0);
	CHECK_STR(cfg.timeout_line, "b c");
	CHECK(cfg.prompt);
	done();
}

static void test_control_characters_do_not_get_through(void)
{
	parse("label a\nkernel k\x1b[2J\nappend a\x01"
	      "b\n");
	choose("a");
	CHECK_STR(b.kernel, "k [2J");
	CHECK_STR(b.args, "a b");
	done();
}

/* ---- includes --------------------------------------------------------------------------------- */

static unsigned included;

static int include(struct pxelinux *c, const char *file)
{
	static const char again[] = "include itself\n", label[] = "label inner\nkernel k\n";

	included++;
	if (!strcmp(file, "itself"))
		return pxelinux_parse(c, again, sizeof(again) - 1);
	if (!strcmp(file, "gone"))
		return E_NOENT;
	return pxelinux_parse(c, label, sizeof(label) - 1);
}

static int parse_including(const char *text)
{
	pxelinux_free(&cfg);
	cfg.include = include;
	included = 0;
	return pxelinux_parse(&cfg, text, strlen(text));
}

static void test_included_files_stand_where_they_are_named(void)
{
	CHECK_EQ(parse_including("include gone\ninclude a\nappend x\nmenu include b Title\n"), 0);
	CHECK_EQ(included, 3);
	choose("inner");
	CHECK_STR(b.args, "x");
	CHECK_STR(cfg.entries->next->label, "inner");
	done();
}

static void test_a_file_that_includes_itself_ends(void)
{
	CHECK_EQ(parse_including("include itself\n"), E_DEPTH);
	CHECK_EQ(included, 8);
	done();
}

static void test_many_includes_end(void)
{
	CHECK_EQ(parse_including("include gone\n"), 0);
	for (unsigned i = 1; i < 64; i++)
		CHECK_EQ(pxelinux_parse(&cfg, "config gone\n", 12), 0);
	CHECK_EQ(pxelinux_parse(&cfg, "include gone\n", 13), E_DEPTH);
	CHECK_EQ(included, 64);
	done();
}

static void test_text_without_end_is_refused(void)
{
	static char much[0x40000];
	int err = 0;

	pxelinux_free(&cfg);
	memset(much, '#', sizeof(much));
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQ(pxelinux_parse(&cfg, much, sizeof(much)), 0);
	err = pxelinux_parse(&cfg, much, 1);
	CHECK_EQ(err, E_NOSPC);
	done();
}

/* ---- where files are -------------------------------------------------------------------------- */

static const char *url(const char *base, const char *file)
{
	static char text[300];
	struct net_url from, to;

	CHECK_EQ(net_url_parse(base, &from), 0);
	if (pxelinux_url(&from, file, &to))
		return "refused";
	net_url_print(&to, text, sizeof(text));
	return text;
}

static void test_files_are_relative_to_the_prefix(void)
{
	CHECK_STR(url("tftp://10.0.0.1/pxe/", "vmlinux"), "tftp://10.0.0.1/pxe/vmlinux");
	CHECK_STR(url("tftp://10.0.0.1/pxe/", "/vmlinux"), "tftp://10.0.0.1/vmlinux");
	CHECK_STR(url("http://h/pxe/", "d/vmlinux"), "http://h/pxe/d/vmlinux");
	CHECK_STR(url("http://h/pxe/", "/vmlinux"), "http://h/vmlinux");
	CHECK_STR(url("http://h/pxe/", "tftp://10.0.0.1/x"), "tftp://10.0.0.1/x");
	CHECK_STR(url("http://h/pxe/", "ftp://10.0.0.1/x"), "refused");
}

static void test_names_with_colons_go_by_tftp(void)
{
	CHECK_STR(url("http://10.0.0.1/pxe/", "::x/y"), "tftp://10.0.0.1/x/y");
	CHECK_STR(url("tftp://[fe80::1]/pxe/", "::x"), "tftp://[fe80::1]/x");
	CHECK_STR(url("tftp://10.0.0.1/pxe/", "10.0.0.9::x"), "tftp://10.0.0.9/x");
	CHECK_STR(url("tftp://10.0.0.1/pxe/", "d/x::y"), "tftp://10.0.0.1/pxe/d/x::y");
}

/* ---- memory ----------------------------------------------------------------------------------- */

static void test_without_memory_nothing_is_half_done(void)
{
	static const char text[] =
		"append g\ndefault a\nmenu title T\nlabel a\nmenu label A\nkernel k\n"
		"initrd i\nappend x initrd=y\nipappend 3\n";
	int err = E_NOMEM;

	for (unsigned n = 0; err == E_NOMEM && n < 100; n++) {
		pxelinux_free(&cfg);
		fakeheap_dry_after = (int)n;
		err = pxelinux_parse(&cfg, text, sizeof(text) - 1);
		if (!err)
			err = pxelinux_choose(&cfg, "a typed", &host, &b);
		fakeheap_dry_after = -1;
	}
	CHECK_EQ(err, 0);
	CHECK_STR(b.initrd, "y");
	done();
}

static const struct test tests[] = {
	TEST(test_names_go_from_the_machine_to_everybody),
	TEST(test_what_the_machine_does_not_know_is_not_tried),
	TEST(test_an_entry_has_kernel_initrd_and_arguments),
	TEST(test_files_of_an_initrd_come_one_by_one),
	TEST(test_the_last_initrd_of_append_counts),
	TEST(test_what_stands_before_labels_holds_for_those_that_say_nothing),
	TEST(test_sysappend_tells_address_card_and_machine),
	TEST(test_the_default_may_be_a_kernel),
	TEST(test_without_a_default_linux_or_the_first_is_it),
	TEST(test_a_menu_has_titles_and_a_default_of_its_own),
	TEST(test_a_menu_as_default_is_a_menu),
	TEST(test_submenus_become_one_list),
	TEST(test_localboot_and_config_are_no_kernels),
	TEST(test_timeouts_are_bounded),
	TEST(test_control_characters_do_not_get_through),
	TEST(test_included_files_stand_where_they_are_named),
	TEST(test_a_file_that_includes_itself_ends),
	TEST(test_many_includes_end),
	TEST(test_text_without_end_is_refused),
	TEST(test_files_are_relative_to_the_prefix),
	TEST(test_names_with_colons_go_by_tftp),
	TEST(test_without_memory_nothing_is_half_done),
};

int main(void)
{
	return run_tests(tests, ARRAY_SIZE(tests));
}
