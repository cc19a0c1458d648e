/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of claim and release, held against the property "available" of /memory, which must say at
 * any time what could be claimed. A snapshot of that property is taken before each step; all
 * addresses come from it, so the tests fit any memory layout. What is above 4 GiB cannot be named
 * by a 32-bit cell and is left out.
 */
#include "ci-test.h"

#define GRAIN     0x10000u
#define RANGE_MAX 256

static struct {
	uint64_t addr, size;
} ranges[RANGE_MAX];
static unsigned int count;
static uint64_t total;

static void snapshot(void)
{
	static uint32_t cells[RANGE_MAX * 4];
	uint32_t len = of_getprop(of_finddevice("/memory"), "available", cells, sizeof(cells));
	unsigned int i;

	count = len == OF_ERR ? 0 : (len < sizeof(cells) ? len : (uint32_t)sizeof(cells)) / 16;
	total = 0;
	for (i = 0; i < count; i++) {
		ranges[i].addr = (uint64_t)cells[4 * i] << 32 | cells[4 * i + 1];
		ranges[i].size = (uint64_t)cells[4 * i + 2] << 32 | cells[4 * i + 3];
		total += ranges[i].size;
	}
}

/* Is any byte of the area listed as available? */
static bool listed(uint32_t addr, uint32_t size)
{
	unsigned int i;

	snapshot();
	for (i = 0; i < count; i++)
		if (ranges[i].addr < (uint64_t)addr + size &&
		    addr < ranges[i].addr + ranges[i].size)
			return true;
	return false;
}

/* An aligned free address with at least @size bytes behind it, below 2 GiB; OF_ERR if there is
 * none. */
static uint32_t free_area(uint32_t size)
{
	unsigned int i;

	snapshot();
	for (i = 0; i < count; i++) {
		uint64_t addr = (ranges[i].addr + GRAIN - 1) & ~(uint64_t)(GRAIN - 1);

		if (addr + size <= ranges[i].addr + ranges[i].size && addr + size < 0x80000000u)
			return (uint32_t)addr;
	}
	return OF_ERR;
}

static void test_available(void)
{
	unsigned int i;
	bool sorted = true;

	snapshot();
	tap_true("/memory has \"available\"", count > 0);
	for (i = 1; i < count; i++)
		if (ranges[i].addr < ranges[i - 1].addr + ranges[i - 1].size)
			sorted = false;
	tap_true("available: ranges do not overlap and are sorted", sorted);
	for (i = 0; i < count; i++)
		tap_note("available 0x%llx size 0x%llx", (unsigned long long)ranges[i].addr,
			 (unsigned long long)ranges[i].size);
	tap_true("available: not the client itself", !listed(of_ptr(test_memory), 4));
	tap_true("available: not the client interface", !listed(of_boot.entry, 4));
	tap_true("available: at least 32 MiB in one piece below 2 GiB",
		 free_area(0x2000000) != OF_ERR);
}

static void test_aligned(void)
{
	uint64_t before;
	uint32_t a, b;
	volatile uint32_t *word;

	snapshot();
	before = total;
	a = of_claim(0, GRAIN, GRAIN);
	tap_true("claim aligned: succeeds", a != OF_ERR);
	tap_eq("claim aligned: result is aligned", a % GRAIN, 0);
	tap_true("claim aligned: no longer available", !listed(a, GRAIN));
	tap_true("claim aligned: total of available shrinks by the size", total == before - GRAIN);
	b = of_claim(0, GRAIN, GRAIN);
	tap_true("claim aligned twice: areas do not overlap",
		 b != OF_ERR && (b >= a + GRAIN || a >= b + GRAIN));
	word = (volatile uint32_t *)(uintptr_t)a;
	word[0] = 0x12345678;
	word[GRAIN / 4 - 1] = 0x9abcdef0;
	tap_true("claimed memory holds what is written",
		 word[0] == 0x12345678 && word[GRAIN / 4 - 1] == 0x9abcdef0);
	tap_eq("claim exact of a claimed area is -1", of_claim(a, GRAIN, 0), OF_ERR);
	of_release(a, GRAIN);
	tap_true("release: available again", listed(a, GRAIN));
	of_release(b, GRAIN);
	snapshot();
	tap_true("release: total of available as before", total == before);
}

static void test_alignments(void)
{
	static const uint32_t align[] = {1, 16, 0x1000, 0x100000, 0x1000000};
	/* clang-format off */
	static const char *const texts[] = {
		"claim with alignment 1", "claim with alignment 16", "claim with alignment 4 KiB",
		"claim with alignment 1 MiB", "claim with alignment 16 MiB",
	};
	/* clang-format on */
	unsigned int i;

	for (i = 0; i < 5; i++) {
		uint32_t a = of_claim(0, 0x1000, align[i]);

		tap_true(texts[i], a != OF_ERR && a % align[i] == 0);
		if (a != OF_ERR)
			of_release(a, 0x1000);
	}
}

static void test_exact(void)
{
	uint32_t base = free_area(8 * GRAIN);
	uint64_t before = total;

	if (base == OF_ERR) {
		tap_skip("claim exact", "no free memory");
		return;
	}
	tap_eq("claim exact: result is the address", of_claim(base + GRAIN, 2 * GRAIN, 0),
	       base + GRAIN);
	tap_true("claim exact: no longer available", !listed(base + GRAIN, 2 * GRAIN));
	tap_eq("claim exact again is -1", of_claim(base + GRAIN, 2 * GRAIN, 0), OF_ERR);
	tap_eq("claim overlapping the start is -1", of_claim(base, 2 * GRAIN, 0), OF_ERR);
	tap_eq("claim overlapping the end is -1", of_claim(base + 2 * GRAIN, 2 * GRAIN, 0), OF_ERR);
	tap_eq("claim inside is -1", of_claim(base + GRAIN + 0x1000, 0x1000, 0), OF_ERR);
	tap_eq("claim around is -1", of_claim(base, 8 * GRAIN, 0), OF_ERR);
	tap_true("failed claims change nothing",
		 (snapshot(), total == before - 2 * GRAIN) && listed(base, GRAIN));
	tap_eq("claim of the neighbour", of_claim(base + 3 * GRAIN, GRAIN, 0), base + 3 * GRAIN);
	of_release(base + 3 * GRAIN, GRAIN);
	of_release(base + GRAIN, 2 * GRAIN);
	tap_true("release exact: available again", listed(base + GRAIN, GRAIN));
	snapshot();
	tap_true("release exact: total as before", total == before);
}

static void test_release(void)
{
	uint32_t base = free_area(8 * GRAIN);
	uint64_t before = total;

	if (base == OF_ERR || of_claim(base, 3 * GRAIN, 0) != base) {
		tap_skip("release", "no free memory");
		return;
	}
	of_release(base + GRAIN, GRAIN);
	tap_true("release of the middle: available", listed(base + GRAIN, GRAIN));
	tap_true("release of the middle: not the sides",
		 !listed(base, GRAIN) && !listed(base + 2 * GRAIN, GRAIN));
	tap_eq("claim of the released middle", of_claim(base + GRAIN, GRAIN, 0), base + GRAIN);
	of_release(base, GRAIN);
	of_release(base + GRAIN, 2 * GRAIN);
	snapshot();
	tap_true("release in other pieces: total as before", total == before);
	of_release(base, GRAIN);
	snapshot();
	tap_true("release twice changes nothing", total == before);
}

static void test_failing(void)
{
	uint64_t before;

	snapshot();
	before = total;
	tap_eq("claim of the vectors is -1", of_claim(0x100, 0x100, 0), OF_ERR);
	tap_eq("claim of the client is -1", of_claim(of_ptr(test_memory) & ~0xfffu, 0x1000, 0),
	       OF_ERR);
	tap_eq("claim of the client interface is -1", of_claim(of_boot.entry & ~0xfffu, 0x1000, 0),
	       OF_ERR);
	tap_eq("claim of what is no memory is -1", of_claim(0xf0000000u, GRAIN, 0), OF_ERR);
	tap_eq("claim beyond 4 GiB by wrapping is -1", of_claim(0xfffff000u, 0x2000, 0), OF_ERR);
	tap_eq("claim exact of more than there is is -1", of_claim(0x4000, 0xff000000u, 0), OF_ERR);
	tap_eq("claim aligned of more than there is is -1", of_claim(0, 0xff000000u, 0x1000),
	       OF_ERR);
	tap_eq("claim with a negative size is -1", of_claim(0, OF_ERR, 0x1000), OF_ERR);
	snapshot();
	tap_true("failing claims leave available alone", total == before);
	tap_true("failing claims: memory can still be claimed", free_area(0x2000000) != OF_ERR);
}

/* Many areas at once: the table behind claim must not be small, nor leak. */
static void test_many(void)
{
	static uint32_t area[300];
	unsigned int i, ok = 0;
	uint64_t before;

	snapshot();
	before = total;
	for (i = 0; i < 300; i++) {
		area[i] = of_claim(0, 0x1000, 0x2000);
		if (area[i] != OF_ERR && area[i] % 0x2000 == 0)
			ok++;
	}
	tap_eq("300 claims with holes between them", ok, 300);
	for (i = 0; i < 300; i++)
		if (area[i * 7 % 300] != OF_ERR)
			of_release(area[i * 7 % 300], 0x1000);
	snapshot();
	tap_true("300 releases: total as before", total == before);
}

/* What was never memory must not become claimable. If it does, take it away again: it would be
 * handed out. */
static void test_bogus_release(void)
{
	uint64_t before;

	snapshot();
	before = total;
	of_release(0xf0000000u, GRAIN);
	snapshot();
	if (!tap_true("release of what is no memory changes nothing", total == before))
		of_claim(0xf0000000u, GRAIN, 0);
}

/* A string that runs into the end of memory: no NUL will ever come. */
static void test_unterminated(void)
{
	const char *text = "finddevice of a string that ends with memory is -1";
	uint64_t reg[2] = {0, 0};
	uint32_t top;

	if (tap_skipped_gentle(text))
		return;
	of_getprop(of_finddevice("/memory"), "reg", reg, sizeof(reg));
	top = (uint32_t)(reg[0] + reg[1]) - 0x1000;
	if (reg[0] + reg[1] > 0x80000000u || of_claim(top, 0x1000, 0) != top) {
		tap_skip(text, "the last page of memory is not free");
		return;
	}
	memset((void *)(uintptr_t)top, 'x', 0x1000);
	tap_eq(text, of_ask("finddevice", 1, top), OF_ERR);
	of_release(top, 0x1000);
}

void test_memory(void)
{
	test_available();
	test_aligned();
	test_alignments();
	test_exact();
	test_release();
	test_failing();
	test_many();
	test_unterminated();
	test_bogus_release();
}
