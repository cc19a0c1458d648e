/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of instances and their methods: open, close, read, write, seek, call-method, test-method,
 * instance-to-package, instance-to-path, instance-to-interposed-path. The console serves as the
 * device that every machine has; reading and seeking in earnest needs a disk (ci-disk.c).
 */
#include "ci-test.h"

#define GARBAGE 0xdeadbeecu

static char console[PATH_MAX];

static void test_instances(void)
{
	uint32_t node = of_instance_to_package(of_stdout), chosen = of_finddevice("/chosen");
	uint32_t len;

	tap_true("/chosen has stdout", of_stdout && of_stdout != OF_ERR);
	tap_true("/chosen has stdin", of_stdin && of_stdin != OF_ERR);
	tap_true("/chosen/memory is an instance of a memory node",
		 of_instance_to_package(of_getprop_u32(chosen, "memory", 0)) ==
			 of_finddevice("/memory"));
	tap_true("/chosen/mmu is an instance",
		 of_getproplen(of_instance_to_package(of_getprop_u32(chosen, "mmu", 0)), "name") !=
			 OF_ERR);
	tap_true("instance-to-package of stdout", node && node != OF_ERR);
	len = of_package_to_path(node, console, sizeof(console) - 1);
	console[len < sizeof(console) ? len : 0] = '\0';
	test_path_service("instance-to-path", of_stdout, console);
	test_path_service("instance-to-interposed-path", of_stdout, console);
}

static void test_bad_instances(void)
{
	/* clang-format off */
	static const struct { uint32_t ihandle; const char *package, *path; } bad[] = {
		{ 0,       "instance-to-package of ihandle 0 is -1 or 0",   "instance-to-path of ihandle 0 is -1" },
		{ OF_ERR,  "instance-to-package of ihandle -1 is -1",       "instance-to-path of ihandle -1 is -1" },
		{ GARBAGE, "instance-to-package of a garbage ihandle is -1", "instance-to-path of a garbage ihandle is -1" },
	};
	/* clang-format on */
	char buf[64];
	unsigned int i;

	for (i = 0; i < 3; i++) {
		if (!tap_skipped_gentle(bad[i].package))
			tap_either(bad[i].package, of_instance_to_package(bad[i].ihandle), OF_ERR,
				   bad[i].ihandle ? OF_ERR : 0);
		if (!tap_skipped_gentle(bad[i].path))
			tap_eq(bad[i].path, of_instance_to_path(bad[i].ihandle, buf, 64), OF_ERR);
	}
}

static void test_open(void)
{
	char path[PATH_MAX + 32], buf[PATH_MAX + 32];
	uint32_t one, two, len;

	tap_eq("open of a missing device is 0", of_open("/no-such-device"), 0);
	tap_eq("open of a missing alias is 0", of_open("no-such-alias"), 0);
	one = of_open(console);
	two = of_open(console);
	tap_true("open of the console's path", one && one != OF_ERR);
	tap_true("open twice makes two instances", two && two != OF_ERR && two != one);
	tap_eq("both instances have the same package", of_instance_to_package(one),
	       of_instance_to_package(two));
	of_close(two);
	tap_eq("close of one leaves the other", of_instance_to_package(one),
	       of_finddevice(console));
	tap_eq("write to an opened instance", of_write(one, "", 0), 0);
	of_close(one);
	of_snprintf(path, sizeof(path), "%s:ci,args", console);
	one = of_open(path);
	tap_true("open with arguments", one && one != OF_ERR);
	memset(buf, 0, sizeof(buf));
	len = of_instance_to_path(one, buf, sizeof(buf) - 1);
	tap_true("instance-to-path shows the arguments", len == strlen(path) && !strcmp(buf, path));
	of_close(one);
}

static void test_closed_instance(void)
{
	uint32_t one;
	char buf[4];

	if (flag("gentle")) {
		tap_skip("instance-to-package of a closed instance is -1", "gentle");
		tap_skip("write to a closed instance is -1", "gentle");
		tap_skip("close twice survives", "gentle");
		tap_skip("close of a garbage ihandle survives", "gentle");
		tap_skip("read with a garbage ihandle is -1", "gentle");
		tap_skip("seek with a garbage ihandle is -1", "gentle");
		return;
	}
	one = of_open(console);
	of_close(one);
	tap_eq("instance-to-package of a closed instance is -1", of_instance_to_package(one),
	       OF_ERR);
	tap_eq("write to a closed instance is -1", of_write(one, "x", 1), OF_ERR);
	of_close(one);
	tap_true("close twice survives", true);
	of_close(0);
	of_close(OF_ERR);
	of_close(GARBAGE);
	tap_true("close of a garbage ihandle survives", true);
	tap_eq("read with a garbage ihandle is -1", of_read(GARBAGE, buf, 4), OF_ERR);
	tap_eq("seek with a garbage ihandle is -1", of_seek(GARBAGE, 0), OF_ERR);
}

static void test_read_write(void)
{
	uint32_t got;
	char buf[16];

	tap_eq("write of 9 characters returns 9", of_write(of_stdout, "# write\r\n", 9), 9);
	tap_eq("write of nothing returns 0", of_write(of_stdout, "x", 0), 0);
	memset(buf, '!', sizeof(buf));
	got = of_read(of_stdin, buf, sizeof(buf));
	tap_either("read without input returns 0 or -2", got, (uint32_t)-2, 0);
	tap_either("read of length 0 returns 0 or -2", of_read(of_stdin, buf, 0), 0, (uint32_t)-2);
	tap_eq("seek on a device without seek is -1", of_seek(of_stdout, 0), OF_ERR);
	if (!tap_skipped_gentle("write from an unmapped buffer is -1"))
		tap_eq("write from an unmapped buffer is -1",
		       of_ask("write", 3, of_stdout, 0xfff00000u, 16), OF_ERR);
	if (!tap_skipped_gentle("write with a negative length is -1 or 0"))
		tap_either("write with a negative length is -1 or 0",
			   of_ask("write", 3, of_stdout, of_ptr("x"), OF_ERR), OF_ERR, 0);
	if (!tap_skipped_gentle("read to an unmapped buffer survives")) {
		of_ask("read", 3, of_stdin, 0xfff00000u, 16);
		tap_true("read to an unmapped buffer survives", true);
	}
}

static void test_test_method(void)
{
	uint32_t node = of_instance_to_package(of_stdout);

	tap_eq("test-method of \"write\" is 0", of_ask("test-method", 2, node, of_ptr("write")), 0);
	tap_eq("test-method of a missing method is -1",
	       of_ask("test-method", 2, node, of_ptr("no-such-method")), OF_ERR);
	tap_eq("test-method of \"instantiate-rtas\" on /rtas is 0",
	       of_ask("test-method", 2, of_finddevice("/rtas"), of_ptr("instantiate-rtas")), 0);
	tap_eq("test-method of \"ibm,client-architecture-support\" on the root is 0",
	       of_ask("test-method", 2, of_peer(0), of_ptr("ibm,client-architecture-support")), 0);
	if (!tap_skipped_gentle("test-method with a garbage phandle is -1"))
		tap_eq("test-method with a garbage phandle is -1",
		       of_ask("test-method", 2, GARBAGE, of_ptr("write")), OF_ERR);
}

/* Stack arguments are given top first: write ( addr len -- actual ) takes len, then addr. */
static void test_call_method(void)
{
	uint32_t caught, actual = 0;
	int err;

	err = of_call("call-method", 4, 2, of_ptr("write"), of_stdout, 9, of_ptr("# method\n"),
		      &caught, &actual);
	tap_eq("call-method \"write\" returns 0", (uint32_t)err, 0);
	tap_eq("call-method \"write\": catch result 0", caught, 0);
	tap_eq("call-method \"write\": stack result", actual, 9);
	err = of_call("call-method", 2, 1, of_ptr("no-such-method"), of_stdout, &caught);
	tap_true("call-method of a missing method: catch result not 0 or refused",
		 err || (caught && caught != OF_POISON));
	err = of_call("call-method", 4, 2, of_ptr("no-such-method"), of_stdout, 1, 2, &caught,
		      &actual);
	tap_true("call-method of a missing method with results: catch result not 0 or refused",
		 err || (caught && caught != OF_POISON));
	of_call("call-method", 4, 0, of_ptr("write"), of_stdout, 0, of_ptr("x"));
	tap_true("call-method without result cells survives", true);
	err = of_call("call-method", 4, 1, of_ptr("write"), of_stdout, 0, of_ptr("x"), &caught);
	tap_true("call-method with a result too few: catch result 0", !err && !caught);
}

static void test_bad_call_method(void)
{
	uint32_t caught, extra[3];
	int err;

	if (!tap_skipped_gentle("call-method asking for too many results survives")) {
		of_call("call-method", 4, 4, of_ptr("write"), of_stdout, 0, of_ptr("x"), &caught,
			&extra[0], &extra[1], &extra[2]);
		tap_true("call-method asking for too many results survives", true);
	}
	if (!tap_skipped_gentle("call-method with too few arguments fails")) {
		err = of_call("call-method", 2, 2, of_ptr("write"), of_stdout, &caught, &extra[0]);
		tap_true("call-method with too few arguments fails", err || caught);
	}
	if (!tap_skipped_gentle("call-method without ihandle fails")) {
		err = of_call("call-method", 1, 1, of_ptr("write"), &caught);
		tap_true("call-method without ihandle fails", err || caught);
	}
	if (!tap_skipped_gentle("call-method without arguments fails")) {
		err = of_call("call-method", 0, 1, &caught);
		tap_true("call-method without arguments fails", err || caught);
	}
	if (!tap_skipped_gentle("call-method with ihandle 0 fails")) {
		err = of_call("call-method", 2, 1, of_ptr("write"), 0, &caught);
		tap_true("call-method with ihandle 0 fails", err || caught);
	}
	if (!tap_skipped_gentle("call-method with a garbage ihandle fails")) {
		err = of_call("call-method", 2, 1, of_ptr("write"), GARBAGE, &caught);
		tap_true("call-method with a garbage ihandle fails", err || caught);
	}
	if (!tap_skipped_gentle("call-method with a NULL method fails")) {
		err = of_call("call-method", 2, 1, 0, of_stdout, &caught);
		tap_true("call-method with a NULL method fails", err || caught);
	}
}

void test_device(void)
{
	test_instances();
	test_bad_instances();
	test_open();
	test_closed_instance();
	test_read_write();
	test_test_method();
	test_call_method();
	test_bad_call_method();
}
