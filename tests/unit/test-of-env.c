/* SPDX-License-Identifier: BSD-2-Clause */
/* Variables over a device in memory that can fail: defaults, loading, changing, what a client does. */
#include "check.h"

#include "base/err.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "fakeheap.h"
#include "fakeplatform.h"
#include "fakeram.h"
#include "nvram/nvram.h"
#include "of/env.h"

#define SIZE 8192u

static uint8_t bytes[SIZE];
static bool failing_reads, failing_writes;
static unsigned written;

static int read_bytes(struct nvdev *nv, uint32_t offset, void *buf, uint32_t len)
{
	CHECK(offset <= nv->size && len <= nv->size - offset);
	if (failing_reads)
		return E_IO;
	memcpy(buf, bytes + offset, len);
	return 0;
}

static int write_bytes(struct nvdev *nv, uint32_t offset, const void *buf, uint32_t len)
{
	CHECK(offset <= nv->size && len <= nv->size - offset);
	if (failing_writes)
		return E_IO;
	memcpy(bytes + offset, buf, len);
	written += len;
	return 0;
}

static const struct nvdev_ops ops = {read_bytes, write_bytes};
static struct nvdev nv = {&ops, SIZE};

/* A machine, and NVRAM with these variables; blank for len 0. */
static void start(const char *list, size_t len)
{
	struct nvram_part part;

	failing_reads = failing_writes = false;
	fakeplatform_start(FAKE_TREE_ONLY);
	memset(bytes, 0, SIZE);
	if (len) {
		nvram_format(bytes, SIZE);
		CHECK_EQ(nvram_find(bytes, SIZE, &part), 0);
		memcpy(bytes + part.offset, list, len);
	}
	env_init(&nv);
	written = 0;
}
#define START(list) start(list, sizeof(list))

static const char *shown(const char *name)
{
	return dt_prop_get_str(dt_path_find(of_tree(), "/options"), name);
}

static bool is_stored(const char *name, const char *want)
{
	const char *value;
	size_t len;

	return !nvram_var(bytes, SIZE, name, &value, &len) && len == strlen(want) &&
	       !memcmp(value, want, len);
}

static int set(const char *name, const char *value)
{
	return env_set(name, value, strlen(value));
}

static void test_a_blank_device_is_formatted_and_gives_defaults(void)
{
	struct nvram_part part;

	start("", 0);
	CHECK_EQ(nvram_find(bytes, SIZE, &part), 0);
	CHECK(env_get_flag("auto-boot?"));
	CHECK(!env_get_flag("diag-switch?"));
	CHECK_EQ(env_get_int("load-base"), 0x4000);
	CHECK_STR(env_get_str("boot-command"), "boot");
	CHECK_STR(shown("screen-#columns"), "80");
	CHECK_STR(shown("security-mode"), "0");
	fakeplatform_stop();
}

static void test_values_of_a_wrong_type_are_nothing(void)
{
	start("", 0);
	CHECK(!env_get_flag("boot-command"));
	CHECK(!env_get_flag("nothing"));
	CHECK_EQ(env_get_int("auto-boot?"), 0);
	CHECK_EQ(env_get_int("nothing"), 0);
	CHECK(!env_get_str("nothing"));
	fakeplatform_stop();
}

static void test_the_device_overrides_defaults_and_bad_values_do_not(void)
{
	START("auto-boot?=false\0load-base=0x5000\0diag-switch?=yes\0screen-#rows=2x\0"
	      "security-mode=full\0boot-device=\0mine=a b\0load-base=1\0mine=2\0a/b=1");
	CHECK(!env_get_flag("auto-boot?"));
	CHECK_EQ(env_get_int("load-base"), 0x5000);
	CHECK_STR(shown("load-base"), "20480");
	CHECK_STR(shown("diag-switch?"), "false");
	CHECK_STR(shown("screen-#rows"), "24");
	CHECK_STR(shown("security-mode"), "2");
	CHECK_STR(shown("mine"), "a b");
	CHECK_STR(env_get_str("mine"), "a b");
	CHECK(!shown("a/b"));
	CHECK_EQ(written, 0);
	fakeplatform_stop();
}

static void test_setting_reaches_device_tree_and_reader(void)
{
	START("before=1");
	CHECK_EQ(set("boot-device", "/pci/disk:2"), 0);
	CHECK(written > 0 && written < 40);
	CHECK_STR(shown("boot-device"), "/pci/disk:2");
	CHECK_STR(env_get_str("boot-device"), "/pci/disk:2");
	CHECK(is_stored("boot-device", "/pci/disk:2"));
	CHECK(is_stored("before", "1"));
	CHECK_EQ(set("load-base", "0xFf"), 0);
	CHECK(is_stored("load-base", "255"));
	CHECK_EQ(set("security-mode", "command"), 0);
	CHECK_STR(shown("security-mode"), "1");
	CHECK_EQ(set("new", "x"), 0);
	CHECK_EQ(set("new", "y"), 0);
	CHECK_STR(shown("new"), "y");
	env_init(&nv);
	CHECK_STR(env_get_str("new"), "y");
	CHECK_EQ(env_get_int("load-base"), 255);
	fakeplatform_stop();
}

static void test_bad_values_and_names_are_refused_and_change_nothing(void)
{
	static const char *const bad[][2] = {
		{"auto-boot?", ""},
		{"auto-boot?", "TRUE"},
		{"auto-boot?", "true "},
		{"load-base", ""},
		{"load-base", "0x"},
		{"load-base", "-1"},
		{"load-base", "12f"},
		{"load-base", "18446744073709551616"},
		{"security-mode", "3"},
		{"security-mode", ""},
		{"", "x"},
		{"a b", "x"},
		{"a=b", "x"},
		{"a/b", "x"},
		{"name", "x"},
		{"phandle", "x"},
	};

	START("a=b");
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK_EQ(set(bad[i][0], bad[i][1]), E_INVAL);
	CHECK_EQ(env_set("boot-file", "a\0b", 3), E_INVAL);
	CHECK_EQ(written, 0);
	CHECK_STR(shown("name"), "options");
	CHECK_EQ(set("load-base", "18446744073709551615"), 0);
	CHECK_EQ(env_get_int("load-base"), UINT64_MAX);
	fakeplatform_stop();
}

static void test_a_full_device_refuses_and_nothing_changes(void)
{
	static char large[5000];

	START("boot-file=kernel");
	memset(large, 'x', sizeof(large) - 1);
	CHECK_EQ(set("boot-file", large), E_NOSPC);
	CHECK_EQ(set("other", large), E_NOSPC);
	CHECK_STR(env_get_str("boot-file"), "kernel");
	CHECK_STR(shown("boot-file"), "kernel");
	CHECK(!shown("other"));
	CHECK(is_stored("boot-file", "kernel"));
	CHECK_EQ(written, 0);
	fakeplatform_stop();
}

static void test_a_device_that_fails_leaves_values_until_reset(void)
{
	START("boot-file=old\0a=b");
	failing_writes = true;
	CHECK_EQ(set("boot-file", "x"), E_IO);
	CHECK_STR(env_get_str("boot-file"), "x");
	CHECK_EQ(env_set_default("boot-file"), E_IO);
	CHECK_STR(shown("boot-file"), "");
	failing_reads = true;
	CHECK_EQ(set("boot-file", "y"), E_IO);
	env_init(&nv);
	CHECK_EQ(set("boot-file", "z"), 0);
	CHECK_STR(shown("boot-file"), "z");
	CHECK(!env_get_str("a"));
	fakeplatform_stop();
}

static void test_no_device_or_one_of_a_wrong_size_works_until_reset(void)
{
	struct nvdev small = {&ops, 4096}, large = {&ops, NVRAM_MOST + 1};

	START("a=b");
	env_init(&small);
	CHECK_EQ(set("boot-file", "x"), 0);
	env_init(&large);
	CHECK_STR(env_get_str("boot-file"), "");
	env_init(NULL);
	CHECK_EQ(set("boot-file", "x"), 0);
	CHECK_EQ(set("mine", "y"), 0);
	CHECK_STR(shown("boot-file"), "x");
	CHECK_EQ(env_set_default("mine"), 0);
	CHECK(!shown("mine"));
	CHECK_EQ(env_set_default("boot-file"), 0);
	CHECK_EQ(written, 0);
	fakeplatform_stop();
}

static void test_what_somebody_else_wrote_meanwhile_is_kept(void)
{
	struct nvram_range range;

	START("a=b");
	CHECK_EQ(nvram_set(bytes, SIZE, "theirs", "1", 1, &range), 0);
	CHECK_EQ(nvram_delete(bytes, SIZE, "a", &range), 0);
	CHECK_EQ(set("boot-file", "x"), 0);
	CHECK(is_stored("theirs", "1"));
	CHECK(!is_stored("a", "b"));
	CHECK(is_stored("boot-file", "x"));
	memset(bytes, 0x12, SIZE);
	CHECK_EQ(set("boot-file", "y"), 0);
	CHECK(is_stored("boot-file", "y"));
	fakeplatform_stop();
}

static void test_defaults_return_and_security_and_strangers_stay(void)
{
	START("auto-boot?=false\0mine=1\0security-mode=1\0load-base=5");
	CHECK_EQ(env_set_default("load-base"), 0);
	CHECK_EQ(env_get_int("load-base"), 0x4000);
	CHECK(!is_stored("load-base", "5"));
	CHECK_EQ(env_set_default("nothing"), E_NOENT);
	CHECK_EQ(env_set_defaults(), 0);
	CHECK_STR(shown("auto-boot?"), "true");
	CHECK(!is_stored("auto-boot?", "false"));
	CHECK_STR(shown("security-mode"), "1");
	CHECK_STR(shown("mine"), "1");
	CHECK_EQ(env_set_default("mine"), 0);
	CHECK(!shown("mine"));
	CHECK(!is_stored("mine", "1"));
	fakeplatform_stop();
}

static void test_all_are_listed_and_strangers_have_no_default(void)
{
	struct env_var var;
	unsigned at = 0, n = 0, strangers = 0;

	START("one=1\0two=2");
	while (env_next(&at, &var)) {
		n++;
		strangers += !var.def;
		CHECK_STR(shown(var.name), var.value);
	}
	CHECK_EQ(n, 27);
	CHECK_EQ(strangers, 2);
	fakeplatform_stop();
}

static void test_very_many_strangers_are_bounded(void)
{
	static char list[4000];
	struct env_var var;
	unsigned at = 0, len = 0, n = 0;

	for (unsigned i = 0; i < 500; i++)
		len += (unsigned)sprintf(list + len, "v%u=", i) + 1;
	start(list, len);
	while (env_next(&at, &var))
		n++;
	CHECK_EQ(n, 25 + 256);
	CHECK_EQ(set("v499", "x"), 0);
	CHECK(is_stored("v499", "x"));
	fakeplatform_stop();
}

static void test_memory_running_out_changes_nothing(void)
{
	START("boot-file=old");
	for (int i = 0; i < 4; i++) {
		int err;

		fakeheap_dry_after = i;
		err = set("boot-file", "new");
		fakeheap_dry_after = -1;
		if (!err)
			break;
		CHECK_EQ(err, E_NOMEM);
		CHECK_STR(env_get_str("boot-file"), "old");
		CHECK_STR(shown("boot-file"), "old");
	}
	fakeplatform_stop();
}

/* The device as a package, opened. */
static struct instance *open_package(void)
{
	struct dt_node *vdevice = dt_path_find(of_tree(), "/vdevice");
	struct instance *in = NULL;

	of_standard_nodes();
	of_bind_nvram(dt_node_new(of_tree(), vdevice, "nvram@71000002", DT_FROM_FIRMWARE), &nv);
	CHECK_EQ(instance_open("/vdevice/nvram", &in), 0);
	return in;
}

/* A call with up to two arguments; what it leaves, or the E_ error. */
static int64_t call(struct instance *in, const char *method, unsigned n, cell_t a, cell_t b)
{
	cell_t cells[4] = {a, b};
	struct stack st = {cells, n, ARRAY_SIZE(cells)};
	int err = instance_call(in, method, &st);

	if (err)
		return err;
	CHECK_EQ(st.depth, 1);
	return (int64_t)cells[0];
}

static void test_the_package_reads_and_writes_within_its_size(void)
{
	struct instance *in;

	START("mine=1");
	in = open_package();
	CHECK_EQ(call(in, "size", 0, 0, 0), SIZE);
	CHECK_EQ(call(in, "seek", 2, SIZE - 4, 0), 0);
	memcpy(fakeram_bytes(0x100000), "abcdefgh", 8);
	CHECK_EQ(call(in, "write", 2, 0x100000, 8), 4);
	CHECK(!memcmp(bytes + SIZE - 4, "abcd", 4));
	CHECK_EQ(call(in, "write", 2, 0x100000, 8), 0);
	CHECK_EQ(call(in, "seek", 2, SIZE - 2, 0), 0);
	CHECK_EQ(call(in, "read", 2, 0x100010, 8), 2);
	CHECK(!memcmp(fakeram_bytes(0x100010), "cd", 2));
	CHECK_EQ(call(in, "seek", 2, SIZE + 1, 0), -1);
	CHECK_EQ(call(in, "seek", 2, 0, 1), -1);
	failing_reads = true;
	CHECK_EQ(call(in, "seek", 2, 0, 0), 0);
	CHECK_EQ(call(in, "read", 2, 0x100010, 8), E_IO);
	instance_close(in);
	fakeplatform_stop();
}

static void test_the_selftest_finds_a_damaged_header(void)
{
	struct instance *in;

	START("mine=1");
	in = open_package();
	CHECK_EQ(call(in, "selftest", 0, 0, 0), 0);
	bytes[1] ^= 1; /* the first checksum */
	CHECK_EQ(call(in, "selftest", 0, 0, 0), 1);
	bytes[1] ^= 1;
	failing_reads = true;
	CHECK_EQ(call(in, "selftest", 0, 0, 0), 1);
	instance_close(in);
	fakeplatform_stop();
}

static const struct test tests[] = {
	TEST(test_a_blank_device_is_formatted_and_gives_defaults),
	TEST(test_values_of_a_wrong_type_are_nothing),
	TEST(test_the_device_overrides_defaults_and_bad_values_do_not),
	TEST(test_setting_reaches_device_tree_and_reader),
	TEST(test_bad_values_and_names_are_refused_and_change_nothing),
	TEST(test_a_full_device_refuses_and_nothing_changes),
	TEST(test_a_device_that_fails_leaves_values_until_reset),
	TEST(test_no_device_or_one_of_a_wrong_size_works_until_reset),
	TEST(test_what_somebody_else_wrote_meanwhile_is_kept),
	TEST(test_defaults_return_and_security_and_strangers_stay),
	TEST(test_all_are_listed_and_strangers_have_no_default),
	TEST(test_very_many_strangers_are_bounded),
	TEST(test_memory_running_out_changes_nothing),
	TEST(test_the_package_reads_and_writes_within_its_size),
	TEST(test_the_selftest_finds_a_damaged_header),
};
TEST_MAIN(tests)
