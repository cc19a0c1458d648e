/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crash: provokes one exception, chosen by words in bootargs, so that a test can look at what the
 * firmware says about it. The crashing instruction is written into memory as a number, so that
 * it can be had in either byte order, and entered with known values in all registers (crash-enter.S).
 * Before that, one line tells the test what to expect:
 *
 *	crash illegal: pc 00412340 operand 00000000 32-bit big endian
 *
 * Words: the name of a way to crash (the table below); "le" to crash in little-endian mode, "sf0" to
 * drop to 32-bit mode first. "spin" does not crash but waits for the tester's NMI. "garbage" makes
 * calls no client should make, which must all be refused, and then switches the machine off;
 * "overwrite" destroys the client interface's code and calls it.
 */
#include "ofci.h"

#define MSR_LE  0x1u
#define MSR_DR  0x10u
#define MSR_IR  0x20u
#define MSR_FP  0x2000u
#define MSR_EE  0x8000u
#define NOWHERE 0x7ffff000u /* beyond the memory of every test machine */
#define SPIN    0x48000000u /* b . */

void crash_enter(uint32_t pc, uint32_t operand, uint32_t msr, uint32_t wide)
	__attribute__((noreturn));

/* A way to crash: an instruction, and the MSR bits to set and to clear for it. */
struct way {
	const char *name;
	uint32_t code;
	uint32_t operand; /* in r4 and CTR */
	uint32_t set, clear;
	uint32_t offset; /* of SRR0 from the code, or NOWHERE */
};

/* clang-format off */
static const struct way ways[] = {
	{"illegal",   0x00000000, 0,       0,      0,      0},
	{"trap",      0x7fe00008, 0,       0,      0,      0},       /* tw 31,0,0 */
	{"align",     0x7c602028, 0x1002,  0,      0,      0},       /* lwarx 3,0,4 */
	{"data",      0x80640000, 0x5000,  MSR_DR, 0,      0},       /* lwz 3,0(4) */
	{"store",     0x90640000, 0x5000,  MSR_DR, 0,      0},       /* stw 3,0(4) */
	{"fetch",     0x60000000, 0,       MSR_IR, 0,      0},       /* the rfid itself */
	{"nowhere",   0x4e800420, NOWHERE, 0,      0,      NOWHERE}, /* bctr */
	{"float",     0xfc21102a, 0,       0,      MSR_FP, 0},       /* fadd 1,1,2 */
	{"sc",        0x44000002, 0,       0,      0,      4},       /* sc 0 */
	{"sc2",       0x44000042, 0,       0,      0,      4},       /* sc 2; 1 would be a hypercall */
	{"decrement", SPIN,       0,       MSR_EE, 0,      0},       /* DEC is 0 before */
	{"spin",      SPIN,       0,       0,      0,      0},
};
/* clang-format on */

static uint32_t code __attribute__((aligned(128))); /* alone in its cache block */

static bool word_given(const char *word)
{
	size_t len = strlen(word);

	for (const char *p = of_bootargs; (p = of_strstr(p, word)); p += len)
		if ((p == of_bootargs || p[-1] == ' ') && (p[len] == ' ' || p[len] == '\0'))
			return true;
	return false;
}

static uint32_t swapped(uint32_t v)
{
	return v << 24 | (v & 0xff00) << 8 | (v >> 8 & 0xff00) | v >> 24;
}

static void write_code(uint32_t instruction, bool little)
{
	code = little ? swapped(instruction) : instruction;
	__asm__ volatile("dcbst 0,%0; sync; icbi 0,%0; isync" : : "r"(&code) : "memory");
}

static uint32_t msr_low(void)
{
	unsigned long msr;

	__asm__ volatile("mfmsr %0" : "=r"(msr));
	return (uint32_t)msr;
}

static void crash(const struct way *way)
{
	bool little = word_given("le");
	bool wide = sizeof(void *) == 8 && !word_given("sf0");
	uint32_t msr = (msr_low() & ~way->clear) | way->set | (little ? MSR_LE : 0);

	if (way->set & MSR_EE)
		__asm__ volatile("mtdec %0" : : "r"(0));
	write_code(way->code, little);
	of_printf("crash %s: pc %08x operand %08x %s-bit %s endian\n", way->name,
		  way->offset == NOWHERE ? NOWHERE : of_ptr(&code) + way->offset, way->operand,
		  wide ? "64" : "32", little ? "little" : "big");
	crash_enter(of_ptr(&code), way->operand, msr, wide);
}

/* ---- the firmware as the victim ---- */

static bool refused(const char *what, uint32_t result)
{
	bool good = result == OF_ERR;

	of_printf("garbage: %s %s\n", what, good ? "refused" : "NOT REFUSED");
	return good;
}

/* Results must not go where the firmware's code, its vectors or no memory is. */
static bool buffers_refused(uint32_t root)
{
	bool good = true;

	good &= refused("a buffer in the firmware",
			of_getprop(root, "compatible", (void *)(uintptr_t)of_boot.entry, 64));
	good &= refused("a buffer in the vectors",
			of_getprop(root, "compatible", (void *)(uintptr_t)0x300, 64));
	good &= refused("a buffer beyond memory",
			of_getprop(root, "compatible", (void *)(uintptr_t)NOWHERE, 64));
	good &= refused("a name in the firmware",
			of_finddevice((const char *)(uintptr_t)of_boot.entry));
	return good;
}

static bool arrays_refused(void)
{
	static const uint32_t places[] = {0, 0x300, 2, NOWHERE, 0xfffffffc};
	bool good = true;

	for (unsigned int i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		uint32_t rc =
			(uint32_t)client_call((uint32_t *)(uintptr_t)places[i], of_boot.entry);

		of_printf("array at %08x: ", places[i]);
		good &= refused("call", rc);
	}
	of_printf("array in the firmware: ");
	good &= refused("call",
			(uint32_t)client_call((uint32_t *)(uintptr_t)of_boot.entry, of_boot.entry));
	return good;
}

static void garbage(void)
{
	uint32_t before = *(volatile uint32_t *)(uintptr_t)of_boot.entry;
	uint32_t root = of_peer(0);
	bool good = buffers_refused(root);

	good &= arrays_refused();
	good &= before == *(volatile uint32_t *)(uintptr_t)of_boot.entry;
	good &= of_peer(0) == root;
	of_printf("garbage: %s\n", good ? "all refused" : "the firmware is damaged");
	of_power_off();
}

static void overwrite(void)
{
	volatile uint32_t *door = (volatile uint32_t *)(uintptr_t)of_boot.entry;

	of_printf("crash overwrite: pc %08x operand 00000000 64-bit big endian\n", of_boot.entry);
	*door = 0;
	__asm__ volatile("dcbst 0,%0; sync; icbi 0,%0; isync" : : "r"(door) : "memory");
	of_peer(0);
}

int client_main(void)
{
	for (unsigned int i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (word_given(ways[i].name))
			crash(&ways[i]);
	if (word_given("garbage"))
		garbage();
	if (word_given("overwrite"))
		overwrite();
	of_printf("crash: no way to crash in \"%s\"\n", of_bootargs);
	return 0;
}
