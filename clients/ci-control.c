/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of the call itself and of the services that are about the machine as a whole: test,
 * interpret, set-callback, milliseconds, quiesce; unknown services; wrong numbers of arguments;
 * registers and machine state across a call. boot, enter, exit and chain do not come back, so they
 * are only asked for by "test".
 */
#include "ci-test.h"

/* ---- the call ---- */

static void test_call(void)
{
	uint32_t cells[8] = {of_ptr("peer"), 1, 1, 0, OF_POISON, OF_POISON, OF_POISON};
	uint32_t root = of_peer(0);

	tap_eq("a call returns 0", (uint32_t)of_call_array(cells), 0);
	tap_eq("a call writes its result", cells[4], root);
	tap_eq("a call leaves what is behind the results", cells[5], OF_POISON);
	tap_true("a call leaves service, nargs, nrets and arguments",
		 cells[0] && cells[1] == 1 && cells[2] == 1 && cells[3] == 0);
	tap_eq("an unknown service returns -1", (uint32_t)of_call("no-such-service", 0, 0), OF_ERR);
	cells[0] = of_ptr("no-such-service");
	cells[4] = OF_POISON;
	tap_eq("an unknown service with cells returns -1", (uint32_t)of_call_array(cells), OF_ERR);
	tap_eq("a word of Forth is no service", (uint32_t)of_call("noop", 0, 0), OF_ERR);
	cells[0] = of_ptr("peer");
	tap_eq("registers and CR kept across a call", client_call_checked(cells, of_boot.entry), 0);
}

#ifdef __powerpc64__
static void test_modes(void)
{
	uint32_t cells[8] = {of_ptr("peer"), 1, 1, 0, OF_POISON};
	uint64_t msr[2] = {0, 1};

	tap_eq("call in 32-bit mode returns 0",
	       (uint32_t)client_call_sf0(cells, of_boot.entry, msr), 0);
	tap_eq("call in 32-bit mode: result", cells[4], of_peer(0));
	tap_true("call in 32-bit mode: MSR kept", msr[0] == msr[1]);
	if (msr[0] != msr[1])
		tap_note("MSR before 0x%llx after 0x%llx", (unsigned long long)msr[0],
			 (unsigned long long)msr[1]);
	cells[0] = of_ptr("no-such-service");
	tap_eq("unknown service in 32-bit mode returns -1",
	       (uint32_t)client_call_sf0(cells, of_boot.entry, msr), OF_ERR);
}
#endif

/* Counts that do not fit the service. The firmware may refuse or answer -1, and must live. */
static void test_counts(void)
{
	static uint32_t cells[64];
	/* clang-format off */
	static const struct { const char *text, *service; uint32_t nargs, nrets; } bad[] = {
		{ "getprop with 3 arguments fails",            "getprop",    3, 1 },
		{ "finddevice without arguments fails",        "finddevice", 0, 1 },
		{ "2^31-1 arguments fail",                     "finddevice", 0x7fffffff, 1 },
		{ "2^32-1 arguments fail",                     "finddevice", OF_ERR, 1 },
		{ "2^31-1 results fail",                       "finddevice", 1, 0x7fffffff },
		{ "2^32-1 results fail",                       "finddevice", 1, OF_ERR },
		{ "2^30 arguments of call-method fail",        "call-method", 0x40000000, 1 },
		{ "1000 arguments of finddevice fail",         "finddevice", 1000, 1 },
		{ "getprop without result cells survives",     "getprop",    4, 0 },
	};
	/* clang-format on */
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint32_t result_at = bad[i].nargs < 32 ? 3 + bad[i].nargs : 4;
		int err;

		if (tap_skipped_gentle(bad[i].text))
			continue;
		memset(cells, 0, sizeof(cells));
		cells[0] = of_ptr(bad[i].service);
		cells[1] = bad[i].nargs;
		cells[2] = bad[i].nrets;
		cells[3] = of_ptr("/ci-none");
		err = of_call_array(cells);
		tap_true(bad[i].text, err || !bad[i].nrets || cells[result_at] == OF_ERR);
	}
	if (!tap_skipped_gentle("an array at an odd address survives")) {
		uint32_t odd = of_ptr(cells) + 2;

		memset(cells, 0, sizeof(cells));
		client_call((uint32_t *)(uintptr_t)odd, of_boot.entry);
		tap_true("an array at an odd address survives", true);
	}
	if (!tap_skipped_gentle("an array in unmapped memory fails"))
		tap_true("an array in unmapped memory fails",
			 client_call((uint32_t *)(uintptr_t)0xfff00000u, of_boot.entry) != 0);
	if (!tap_skipped_gentle("a service name at NULL fails"))
		tap_true("a service name at NULL fails", (cells[0] = 0, of_call_array(cells)) != 0);
}

/* ---- test ---- */

static void test_test(void)
{
	static const char *const services[] = {
		/* the standard's 6.3.2 */
		"test", "peer", "child", "parent", "instance-to-package", "getproplen", "getprop",
		"nextprop", "setprop", "canon", "finddevice", "instance-to-path", "package-to-path",
		"call-method", "open", "close", "read", "write", "seek", "claim", "release", "boot",
		"enter", "exit", "chain", "interpret", "set-callback", "milliseconds",
		/* recommended practice, PAPR, and what operating systems call */
		"instance-to-interposed-path", "test-method", "quiesce", "start-cpu"};
	static const char *const unknown[] = {"no-such-service", "", "dup", "Peer", "pee", "peers"};
	static char longest[400];
	char text[96];
	unsigned int i;

	for (i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		of_snprintf(text, sizeof(text), "test of \"%s\" is 0", services[i]);
		tap_eq(text, of_ask("test", 1, of_ptr(services[i])), 0);
	}
	for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		of_snprintf(text, sizeof(text), "test of \"%s\" is -1", unknown[i]);
		tap_eq(text, of_ask("test", 1, of_ptr(unknown[i])), OF_ERR);
	}
	memset(longest, 'x', sizeof(longest) - 1);
	tap_eq("test of a name of 399 characters is -1", of_ask("test", 1, of_ptr(longest)),
	       OF_ERR);
}

/* ---- user interface ---- */

/* A firmware without Forth must say that it did nothing, and live. */
static void test_no_interpret(void)
{
	uint32_t caught = OF_POISON;
	int err = of_call("interpret", 1, 1, of_ptr("1 2 +"), &caught);

	tap_true("interpret without Forth fails", err || caught);
	tap_skip("interpret", "the firmware has no Forth");
	tap_eq("the interface lives after interpret", of_finddevice("/"), of_peer(0));
}

/* interpret @text with stack arguments given top first. */
static void test_interpret(void)
{
	uint32_t caught = OF_POISON, r[3] = {0};
	int err;

	err = of_call("interpret", 1, 2, of_ptr("1 2 +"), &caught, &r[0]);
	tap_eq("interpret returns 0", (uint32_t)err, 0);
	tap_eq("interpret \"1 2 +\": the first result is the catch result", caught, 0);
	tap_eq("interpret \"1 2 +\": the second result is the top of the stack", r[0], 3);
	of_call("interpret", 1, 4, of_ptr("h# 11 h# 22 h# 33"), &caught, &r[0], &r[1], &r[2]);
	tap_true("interpret: results are given top first",
		 !caught && r[0] == 0x33 && r[1] == 0x22 && r[2] == 0x11);
	if (r[0] != 0x33)
		tap_note("results 0x%x 0x%x 0x%x 0x%x", caught, r[0], r[1], r[2]);
	err = of_call("interpret", 1, 1, of_ptr("no-such-word-ci"), &caught);
	tap_true("interpret of an unknown word: catch result not 0", !err && caught);
	err = of_call("interpret", 1, 1, of_ptr("d# -77 throw"), &caught);
	tap_eq("interpret: catch result is the thrown code", caught, (uint32_t)-77);
	err = of_call("interpret", 1, 1, of_ptr(""), &caught);
	tap_true("interpret of nothing", !err && !caught);
	if (!tap_skipped_gentle("interpret \"-\" with arguments given top first")) {
		err = of_call("interpret", 3, 2, of_ptr("-"), 1, 5, &caught, &r[0]);
		tap_true("interpret \"-\" with arguments given top first",
			 !err && !caught && r[0] == 4);
	}
	if (!tap_skipped_gentle("interpret with a NULL string fails")) {
		err = of_call("interpret", 1, 1, 0, &caught);
		tap_true("interpret with a NULL string fails", err || caught);
	}
	tap_eq("the interface lives after interpret", of_finddevice("/"), of_peer(0));
}

static void test_callback(void)
{
	uint32_t old = of_ask("set-callback", 1, 0x1234560);
	uint32_t mine = of_ask("set-callback", 1, old);

	tap_eq("set-callback returns the previous one", mine, 0x1234560);
	tap_true("set-callback: the first one is something", old != OF_POISON);
	of_ask("set-callback", 1, 0);
}

static void test_time(void)
{
	uint32_t rate = of_getprop_u32(of_child(of_finddevice("/cpus")), "timebase-frequency", 0);
	uint32_t before = of_milliseconds(), after;
	uint64_t tb = of_timebase();

	tap_true("the first cpu has \"timebase-frequency\"", rate != 0);
	while (of_timebase() - tb < rate / 20)
		;
	after = of_milliseconds();
	tap_true("milliseconds count (50 ms are 49 or more)", after - before >= 49);
	tap_true("milliseconds count (50 ms are less than 2000)", after - before < 2000);
}

void test_control(void)
{
	test_call();
#ifdef __powerpc64__
	test_modes();
#endif
	test_counts();
	test_test();
	if (flag("no-forth"))
		test_no_interpret();
	else
		test_interpret();
	test_callback();
	test_time();
}

/* After quiesce the firmware only answers: the tree stays readable, and nothing of it runs by
 * itself. */
void test_quiesce(void)
{
	uint32_t cells[4] = {of_ptr("quiesce"), 0, 0};
	uint32_t area;

	tap_eq("quiesce returns 0", (uint32_t)of_call_array(cells), 0);
	tap_eq("after quiesce: finddevice", of_finddevice("/"), of_peer(0));
	tap_true("after quiesce: getprop", of_getproplen(of_finddevice("/chosen"), "name") == 7);
	tap_true("after quiesce: stdout is still an instance",
		 of_instance_to_package(of_stdout) != OF_ERR);
	area = of_claim(0, 0x1000, 0x1000);
	tap_true("after quiesce: claim", area != OF_ERR);
	of_release(area, 0x1000);
	tap_eq("quiesce twice returns 0", (uint32_t)of_call_array(cells), 0);
}
