/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of what PAPR adds to the client interface: instantiate-rtas and calls through the result,
 * ibm,client-architecture-support, and start-cpu. The second CPU runs cpu_park (start-common.S),
 * which reports and stops itself, so that it is stopped again when client-architecture-support
 * needs it to be.
 */
#include "cas.h"
#include "ci-test.h"

#define GARBAGE 0xdeadbeecu

/* ---- RTAS ---- */

static uint32_t rtas_call(uint32_t base, uint32_t entry, const char *name, uint32_t nrets,
			  uint32_t *rets)
{
	uint32_t args[16] = {of_rtas_token(name), 0, nrets};

	if (!args[0])
		return OF_ERR;
	rtas_enter(entry, args, base);
	memcpy(rets, &args[3], nrets * 4);
	return rets[0];
}

static void check_stub(uint32_t base, uint32_t entry)
{
	/* mr r4,r3; lis r3,0; ori r3,r3,0xf000; sc 1; blr */
	static const uint32_t stub[5] = {0x7c641b78, 0x3c600000, 0x6063f000, 0x44000022,
					 0x4e800020};
	uint32_t date[8] = {OF_ERR};

	tap_eq("RTAS: the entry is the base", entry, base);
	tap_eq("RTAS: the stub's instructions",
	       (uint32_t)memcmp((const void *)(uintptr_t)base, stub, sizeof(stub)), 0);
	tap_eq("RTAS: get-time-of-day through the stub: status",
	       rtas_call(base, entry, "get-time-of-day", 8, date), 0);
	tap_note("date %u-%02u-%02u %02u:%02u:%02u", date[1], date[2], date[3], date[4], date[5],
		 date[6]);
	tap_true("RTAS: get-time-of-day: a date",
		 date[1] >= 1970 && date[2] - 1 < 12 && date[3] - 1 < 31 && date[4] < 24);
}

void test_rtas(void)
{
	uint32_t node = of_finddevice("/rtas"), size = of_getprop_u32(node, "rtas-size", 0);
	uint32_t ihandle = of_open("/rtas"), base, caught = OF_POISON, entry = 0;

	tap_true("RTAS: rtas-size", size >= 20);
	tap_true("RTAS: has tokens", of_rtas_token("power-off") && of_rtas_token("start-cpu"));
	if (!tap_true("RTAS: /rtas opens", ihandle && ihandle != OF_ERR))
		return;
	base = of_claim(0, (size + 0xfff) & ~0xfffu, 0x1000);
	if (!tap_true("RTAS: area of rtas-size claimed", base != OF_ERR))
		return;
	of_call("call-method", 3, 2, of_ptr("instantiate-rtas"), ihandle, base, &caught, &entry);
	tap_eq("RTAS: instantiate-rtas: catch result", caught, 0);
	if (tap_true("RTAS: instantiate-rtas: entry", !caught && entry && entry != OF_ERR))
		check_stub(base, entry);
	if (!tap_skipped_gentle("RTAS: instantiate-rtas in unmapped memory fails")) {
		of_call("call-method", 3, 2, of_ptr("instantiate-rtas"), ihandle, 0xfff00000u,
			&caught, &entry);
		tap_true("RTAS: instantiate-rtas in unmapped memory fails",
			 caught || !entry || entry == OF_ERR);
	}
	if (!tap_skipped_gentle("RTAS: instantiate-rtas without address fails")) {
		of_call("call-method", 2, 2, of_ptr("instantiate-rtas"), ihandle, &caught, &entry);
		tap_true("RTAS: instantiate-rtas without address fails",
			 caught || !entry || entry == OF_ERR);
	}
	of_close(ihandle);
}

/* ---- start-cpu ---- */

/* Shared with cpu_park; the last six words are the prepared RTAS block of stop-self. */
struct cpu_lot {
	volatile uint32_t arrived;
	volatile uint32_t argument;
	volatile uint32_t release;
	uint32_t stop_self[6];
};

static struct cpu_lot lot;

static bool wait_for(volatile uint32_t *word, uint32_t ms)
{
	uint64_t start = of_timebase();

	while (!*word && of_timebase() - start < ms * 512000ull)
		;
	return *word != 0;
}

static void wait_until_stopped(uint32_t cpu)
{
	uint64_t start = of_timebase();
	uint32_t server = of_getprop_u32(cpu, "ibm,ppc-interrupt-server#s", 1);

	while (of_timebase() - start < 1024000000ull) {
		uint32_t args[6] = {of_rtas_token("query-cpu-stopped-state"), 1, 2, server, 0, 1};

		if (hv_rtas(args) || (!args[4] && !args[5]))
			return;
	}
	tap_note("the second cpu does not stop");
}

/* The node of a second CPU, 0 if there is none. */
static uint32_t second_cpu(void)
{
	uint32_t node = of_child(of_finddevice("/cpus")), found = 0;

	for (; node && node != OF_ERR; node = of_peer(node)) {
		char type[16] = "";

		of_getprop(node, "device_type", type, sizeof(type) - 1);
		if (!strcmp(type, "cpu") && of_getprop_u32(node, "reg", 0))
			found = node;
	}
	return found;
}

static void test_bad_cpu(void)
{
	if (!tap_skipped_gentle("start-cpu of a node that is no cpu starts nothing")) {
		of_call("start-cpu", 3, 0, of_finddevice("/chosen"), of_ptr(cpu_park),
			of_ptr(&lot));
		tap_true("start-cpu of a node that is no cpu starts nothing",
			 !wait_for(&lot.arrived, 50));
	}
	if (!tap_skipped_gentle("start-cpu of a garbage phandle starts nothing")) {
		of_call("start-cpu", 3, 0, GARBAGE, of_ptr(cpu_park), of_ptr(&lot));
		tap_true("start-cpu of a garbage phandle starts nothing",
			 !wait_for(&lot.arrived, 50));
	}
	if (!tap_skipped_gentle("start-cpu of the running cpu starts nothing")) {
		of_call("start-cpu", 3, 0, of_child(of_finddevice("/cpus")), of_ptr(cpu_park),
			of_ptr(&lot));
		tap_true("start-cpu of the running cpu starts nothing",
			 !wait_for(&lot.arrived, 50));
	}
}

/* Where cpu_park's code is; in the 64-bit ELFv2 ABI and in the 32-bit one a function's address is
 * its code. */
void test_cpus(void)
{
	uint32_t cpu = second_cpu();

	memset(&lot, 0, sizeof(lot));
	lot.stop_self[0] = of_rtas_token("stop-self");
	test_bad_cpu();
	if (!cpu) {
		tap_skip("start-cpu", "only one cpu");
		return;
	}
	of_call("start-cpu", 3, 0, cpu, of_ptr(cpu_park), of_ptr(&lot));
	if (tap_true("start-cpu: the cpu arrives", wait_for(&lot.arrived, 2000)))
		tap_eq("start-cpu: r3 is the argument", lot.argument, of_ptr(&lot));
	lot.release = 1;
	wait_until_stopped(cpu);
}

/* ---- ibm,client-architecture-support ---- */

/* What the platform offers in byte 23 of vector 5: 0x80 both, 0x40 XIVE only, 0 XICS. */
static unsigned int platform_interrupts(void)
{
	unsigned char pairs[16];
	uint32_t len = of_getprop(of_finddevice("/chosen"), "ibm,arch-vec-5-platform-support",
				  pairs, sizeof(pairs));
	uint32_t i;

	for (i = 0; len != OF_ERR && i + 1 < len && i + 1 < sizeof(pairs); i += 2)
		if (pairs[i] == 23)
			return pairs[i + 1] & 0xc0;
	return 0;
}

/* How many children of the root are interrupt controllers whose "compatible" is @compatible. */
static unsigned int controllers(const char *compatible)
{
	uint32_t node = of_child(of_peer(0));
	unsigned int n = 0;

	for (; node && node != OF_ERR; node = of_peer(node)) {
		char text[64] = "";

		of_getprop(node, "compatible", text, sizeof(text) - 1);
		if (of_getproplen(node, "interrupt-controller") != OF_ERR &&
		    !strcmp(text, compatible))
			n++;
	}
	return n;
}

static bool negotiate(const char *name, unsigned char interrupts)
{
	uint32_t caught = OF_POISON, failed = OF_POISON;
	char text[96];

	cas_call(interrupts, &caught, &failed);
	of_snprintf(text, sizeof(text), "cas %s: catch result", name);
	tap_eq(text, caught, 0);
	of_snprintf(text, sizeof(text), "cas %s: result", name);
	tap_eq(text, failed, 0);
	return !caught && !failed;
}

static void check_after(const char *name, unsigned int xics, unsigned int xive)
{
	uint32_t chosen = of_finddevice("/chosen");
	unsigned char vec5[32] = {0};
	char text[96], args[sizeof(of_bootargs)] = "";

	of_snprintf(text, sizeof(text), "cas %s: the XICS node", name);
	tap_eq(text, controllers("IBM,ppc-xicp"), xics);
	of_snprintf(text, sizeof(text), "cas %s: the XIVE node", name);
	tap_eq(text, controllers("ibm,power-ivpe"), xive);
	of_getprop(chosen, "ibm,architecture-vec-5", vec5, sizeof(vec5));
	/* first the number of bytes - 1, then bytes 1, 2, ...; zeros at the end may be left out */
	of_snprintf(text, sizeof(text), "cas %s: interrupt mode in ibm,architecture-vec-5", name);
	tap_eq(text, vec5[0] >= 22 ? vec5[23] & 0xc0 : 0, xive ? 0x40 : 0);
	of_snprintf(text, sizeof(text), "cas %s: ibm,architecture-vec-5 is filled in", name);
	tap_true(text, vec5[0] > 0);
	of_snprintf(text, sizeof(text), "cas %s: /chosen keeps bootargs", name);
	of_getprop(chosen, "bootargs", args, sizeof(args) - 1);
	tap_str(text, args, of_bootargs);
	of_snprintf(text, sizeof(text), "cas %s: /chosen keeps stdout", name);
	tap_eq(text, of_getprop_u32(chosen, "stdout", 0), of_stdout);
	of_snprintf(text, sizeof(text), "cas %s: /memory keeps \"available\"", name);
	tap_true(text, of_getproplen(of_finddevice("/memory"), "available") + 1 > 16);
	of_snprintf(text, sizeof(text), "after cas %s", name);
	test_walk(text);
}

/* The node of the XICS goes away when XIVE is chosen; its phandle must not be a wild pointer then.
 */
static void check_deleted(uint32_t old)
{
	const char *text = "cas xive: the phandle of the deleted XICS node is invalid";
	char compatible[64] = "";

	if (tap_skipped_gentle(text))
		return;
	if (of_getprop(old, "compatible", compatible, sizeof(compatible) - 1) == OF_ERR)
		tap_true(text, true);
	else /* or it was given to its successor, so that old references stay right */
		tap_str(text, compatible, "ibm,power-ivpe");
}

void test_cas(void)
{
	unsigned int offered = platform_interrupts();
	uint32_t xics;

	if (offered == 0x40)
		tap_skip("cas xics", "XIVE only");
	else if (negotiate("xics", 0x00))
		check_after("xics", 1, 0);
	if (!offered)
		tap_skip("cas xive", "XICS only");
	else if (xics = of_finddevice("/interrupt-controller"), negotiate("xive", 0x40)) {
		check_after("xive", 0, 1);
		check_deleted(xics);
	}
	if (!tap_skipped_gentle("cas with an unmapped vector fails")) {
		uint32_t root = of_open("/"), caught = 0, failed = 0;

		of_call("call-method", 3, 2, of_ptr("ibm,client-architecture-support"), root,
			0xfff00000u, &caught, &failed);
		tap_true("cas with an unmapped vector fails", caught || failed);
		of_close(root);
	}
}
