/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ci-test: exercises every service of the client interface with good and bad arguments and reports
 * in TAP. This file holds the TAP printer and the order of the themes. The tests that change the
 * machine come last: client-architecture-support (only with "cas" in bootargs), then quiesce, then
 * the end of the program.
 *
 * Words in bootargs:
 *	gentle	 leave out the checks that hand over garbage handles and pointers (SLOF faults)
 *	no-forth do not expect the service interpret to work
 *	cas	 also negotiate client-architecture-support, for XICS and then for XIVE
 *	exit	 leave by the service "exit" at the end
 *	return	 leave by returning to the firmware
 * Without the last two the program ends by switching the machine off.
 */
#include "ci-test.h"

static unsigned int tests, failures, skips;

/* ---- TAP ---- */

bool tap_true(const char *text, bool passed)
{
	tests++;
	if (!passed)
		failures++;
	of_printf("%sok %u - %s\n", passed ? "" : "not ", tests, text);
	return passed;
}

bool tap_eq(const char *text, uint32_t got, uint32_t expected)
{
	if (got == expected)
		return tap_true(text, true);
	tests++;
	failures++;
	of_printf("not ok %u - %s # expected 0x%x got 0x%x\n", tests, text, expected, got);
	return false;
}

bool tap_either(const char *text, uint32_t got, uint32_t expected, uint32_t or_this)
{
	if (got == expected || got == or_this)
		return tap_true(text, true);
	tests++;
	failures++;
	of_printf("not ok %u - %s # expected 0x%x or 0x%x got 0x%x\n", tests, text, expected,
		  or_this, got);
	return false;
}

bool tap_str(const char *text, const char *got, const char *expected)
{
	if (!strcmp(got, expected))
		return tap_true(text, true);
	tests++;
	failures++;
	of_printf("not ok %u - %s # expected \"%s\" got \"%s\"\n", tests, text, expected, got);
	return false;
}

void tap_skip(const char *text, const char *reason)
{
	tests++;
	skips++;
	of_printf("ok %u - %s # SKIP %s\n", tests, text, reason);
}

void tap_plan(void)
{
	of_printf("# %u checks, %u failed, %u skipped\n", tests, failures, skips);
	of_printf("1..%u\n", tests);
}

void tap_note(const char *format, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, format);
	of_vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	of_printf("# %s\n", text);
}

/* ---- flags ---- */

bool flag(const char *flag_name)
{
	size_t len = strlen(flag_name);
	const char *p = of_bootargs;

	while ((p = of_strstr(p, flag_name))) {
		bool starts = p == of_bootargs || p[-1] == ' ';

		if (starts && (p[len] == ' ' || p[len] == '\0'))
			return true;
		p += len;
	}
	return false;
}

bool tap_skipped_gentle(const char *text)
{
	if (!flag("gentle"))
		return false;
	tap_skip(text, "gentle");
	return true;
}

/* ---- the whole ---- */

int client_main(void)
{
	of_printf("\nTAP version 13\n");
	tap_note("ci-test, %u bit, entered at timebase %llu, client interface at 0x%x",
		 (unsigned int)sizeof(void *) * 8, (unsigned long long)of_boot.timebase,
		 of_boot.entry);
	tap_note("bootargs \"%s\"", of_bootargs);
	test_control();
	test_tree();
	test_walk("at start");
	test_props();
	test_device();
	test_disk();
	test_memory();
	test_rtas();
	test_cpus();
	test_walk("after all tests");
	if (flag("cas"))
		test_cas();
	test_quiesce();
	tap_plan();
	if (flag("return"))
		return 0;
	if (flag("exit"))
		of_exit();
	of_power_off();
}
