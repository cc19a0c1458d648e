/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory map: its rules one by one, then held against a model that keeps one owner per granule and
 * does everything the slow way.
 */
#include "check.h"

#include "base/err.h"
#include "fakeram.h"

#define MIB (1ull << 20)

static uint64_t records[2 * FAKERAM_RECORDS_MAX];

/* An empty map with n records. */
static void start(unsigned n)
{
	mem_init(records, 16 * n);
}

static void check_next(enum mem_owner owner, uint64_t *at, uint64_t addr, uint64_t size)
{
	uint64_t a, s;

	CHECK(mem_next(owner, at, &a, &s));
	CHECK_EQ(a, addr);
	CHECK_EQ(s, size);
}

static void check_end(enum mem_owner owner, uint64_t *at)
{
	uint64_t a, s;

	CHECK(!mem_next(owner, at, &a, &s));
}

static void test_a_new_map_has_no_ram(void)
{
	uint64_t at = 0, addr;

	start(16);
	check_end(MEM_FREE, &at);
	CHECK(!mem_client_may(0, 1));
	CHECK_EQ(mem_claim(0x1000, 0x1000, MEM_CLIENT), E_BUSY);
	CHECK_EQ(mem_alloc(1, 1, UINT64_MAX, MEM_FROM_TOP, MEM_CLIENT, &addr), E_NOMEM);
}

static void test_neighbouring_ram_is_one_stretch(void)
{
	uint64_t at = 0;

	start(16);
	CHECK_EQ(mem_add(0, MIB), 0);
	CHECK_EQ(mem_add(2 * MIB, MIB), 0);
	CHECK_EQ(mem_add(MIB, MIB), 0);
	CHECK_EQ(mem_add(0, 3 * MIB), 0); /* again: no change */
	check_next(MEM_FREE, &at, 0, 3 * MIB);
	check_end(MEM_FREE, &at);
}

static void test_a_claim_takes_exactly_what_it_names(void)
{
	uint64_t at = 0;

	start(16);
	CHECK_EQ(mem_add(0, MIB), 0);
	CHECK_EQ(mem_claim(0x1001, 0x10, MEM_CLIENT), 0);
	check_next(MEM_FREE, &at, 0, 0x1001);
	check_next(MEM_FREE, &at, 0x1011, MIB - 0x1011);
	check_end(MEM_FREE, &at);
	CHECK_EQ(mem_claim(0x1010, 1, MEM_CLIENT), E_BUSY);
	CHECK_EQ(mem_claim(0x1000, 2, MEM_CLIENT), E_BUSY);
	CHECK_EQ(mem_claim(0x1000, 1, MEM_CLIENT), 0);
	CHECK_EQ(mem_claim(0x1011, 1, MEM_LOADED), 0);
	CHECK_EQ(mem_claim(MIB - 1, 2, MEM_CLIENT), E_BUSY);
	CHECK_EQ(mem_claim(MIB - 1, 1, MEM_CLIENT), 0);
}

static void test_empty_and_wrapping_ranges_are_refused(void)
{
	uint64_t addr = 7;

	start(16);
	CHECK_EQ(mem_add(0, MIB), 0);
	CHECK_EQ(mem_add(MIB, 0), E_INVAL);
	CHECK_EQ(mem_add(UINT64_MAX, 1), E_INVAL);
	CHECK_EQ(mem_claim(0, 0, MEM_CLIENT), E_INVAL);
	CHECK_EQ(mem_claim(0x1000, UINT64_MAX, MEM_CLIENT), E_INVAL);
	CHECK_EQ(mem_release(0x1000, UINT64_MAX, MEM_CLIENT), E_INVAL);
	CHECK_EQ(mem_reserve(1, UINT64_MAX, MEM_LOADED), E_INVAL);
	CHECK_EQ(mem_alloc(0, 1, MIB, MEM_FROM_TOP, MEM_CLIENT, &addr), E_INVAL);
	CHECK_EQ(mem_alloc(1, 3, MIB, MEM_FROM_TOP, MEM_CLIENT, &addr), E_INVAL);
	CHECK_EQ(mem_alloc(1, 0, MIB, MEM_FROM_TOP, MEM_CLIENT, &addr), E_INVAL);
	CHECK_EQ(addr, 7);
	CHECK(!mem_client_may(0x1000, UINT64_MAX));
}

static void test_reserving_takes_only_what_is_free(void)
{
	uint64_t at = 0;

	start(32);
	CHECK_EQ(mem_add(0, MIB), 0);
	CHECK_EQ(mem_claim(0x2000, 0x1000, MEM_CLIENT), 0);
	CHECK_EQ(mem_reserve(0x1000, 2 * MIB, MEM_LOADED), 0);
	check_next(MEM_LOADED, &at, 0x1000, 0x1000);
	check_next(MEM_LOADED, &at, 0x3000, MIB - 0x3000);
	check_end(MEM_LOADED, &at);
	at = 0;
	check_next(MEM_CLIENT, &at, 0x2000, 0x1000);
}

static void test_only_the_owner_gives_back(void)
{
	uint64_t at = 0;
	unsigned gen;

	start(16);
	CHECK_EQ(mem_add(0, MIB), 0);
	CHECK_EQ(mem_claim(0x1000, 0x3000, MEM_CLIENT), 0);
	CHECK_EQ(mem_claim(0x4000, 0x1000, MEM_FIRMWARE), 0);
	gen = mem_generation();
	CHECK_EQ(mem_release(0x4000, 0x1000, MEM_CLIENT), E_PERM);
	CHECK_EQ(mem_release(0x3000, 0x2000, MEM_CLIENT), E_PERM);
	CHECK_EQ(mem_release(0, 0x1000, MEM_CLIENT), E_PERM);
	CHECK_EQ(mem_release(2 * MIB, 0x1000, MEM_ABSENT), E_PERM);
	CHECK_EQ(mem_generation(), gen);
	CHECK_EQ(mem_release(0x2000, 0x1000, MEM_CLIENT), 0);
	CHECK(mem_generation() != gen);
	check_next(MEM_CLIENT, &at, 0x1000, 0x1000);
	check_next(MEM_CLIENT, &at, 0x3000, 0x1000);
	CHECK_EQ(mem_release(0x2000, 0x1000, MEM_CLIENT), E_PERM);
}

static void test_allocation_is_aligned_and_from_the_end_asked_for(void)
{
	uint64_t addr;

	start(32);
	CHECK_EQ(mem_add(0x1000, MIB), 0); /* to 0x101000 */
	CHECK_EQ(mem_alloc(0x10, 0x10000, UINT64_MAX, MEM_FROM_BOTTOM, MEM_CLIENT, &addr), 0);
	CHECK_EQ(addr, 0x10000);
	CHECK_EQ(mem_alloc(0x10, 0x10000, UINT64_MAX, MEM_FROM_TOP, MEM_CLIENT, &addr), 0);
	CHECK_EQ(addr, 0x100000);
	CHECK_EQ(mem_alloc(0x10, 1, 0x80000, MEM_FROM_TOP, MEM_CLIENT, &addr), 0);
	CHECK_EQ(addr, 0x7fff0);
	CHECK_EQ(mem_alloc(0xe000, 1, 0x80000, MEM_FROM_BOTTOM, MEM_CLIENT, &addr), 0);
	CHECK_EQ(addr, 0x1000);
	CHECK_EQ(mem_alloc(MIB, 1, UINT64_MAX, MEM_FROM_TOP, MEM_CLIENT, &addr), E_NOMEM);
	CHECK_EQ(mem_alloc(1, 1, 0x1000, MEM_FROM_TOP, MEM_CLIENT, &addr), E_NOMEM);
	CHECK_EQ(mem_alloc(1, 1, 0, MEM_FROM_TOP, MEM_CLIENT, &addr), E_NOMEM);
	CHECK_EQ(mem_alloc(1, 1ull << 63, UINT64_MAX, MEM_FROM_TOP, MEM_CLIENT, &addr), E_NOMEM);
	CHECK_EQ(mem_alloc(1, 1ull << 63, UINT64_MAX, MEM_FROM_BOTTOM, MEM_CLIENT, &addr), E_NOMEM);
}

static void test_allocation_stays_below_the_real_mode_limit(void)
{
	uint64_t addr;

	start(32);
	CHECK_EQ(mem_add(0, 4 * MIB), 0);
	mem_set_real_limit(MIB);
	CHECK_EQ(mem_alloc(0x1000, 0x1000, UINT64_MAX, MEM_FROM_TOP, MEM_CLIENT, &addr), 0);
	CHECK_EQ(addr, MIB - 0x1000);
	CHECK_EQ(mem_alloc(2 * MIB, 1, UINT64_MAX, MEM_FROM_TOP, MEM_CLIENT, &addr), E_NOMEM);
	CHECK_EQ(mem_claim(2 * MIB, MIB, MEM_CLIENT), 0); /* who names an address means it */
}

static void test_clients_get_high_places_but_not_too_high(void)
{
	uint64_t addr;

	start(32);
	CHECK_EQ(mem_add(0, 8ull << 30), 0);
	CHECK_EQ(mem_client_claim(0x1234, 0x1000, 0x1000, &addr), 0);
	CHECK_EQ(addr, 0x2ffff000);
	CHECK_EQ(mem_client_claim(0, 0x30000000, 3, &addr), 0); /* too large below 768 MiB */
	CHECK_EQ(addr, 0x50000000);
	CHECK_EQ(mem_client_claim(0, 0x60000000, 1, &addr), 0);
	CHECK_EQ(addr, 0xa0000000);
	CHECK_EQ(mem_client_claim(0, 0x60000000, 1, &addr), E_NOMEM); /* never beyond 4 GiB */
	CHECK_EQ(mem_client_claim(0x123456789, 0x1000, 0, &addr), 0);
	CHECK_EQ(addr, 0x123456789);
}

static void test_an_alignment_beyond_all_powers_of_two_is_refused(void)
{
	uint64_t addr;

	start(32);
	CHECK_EQ(mem_add(0, MIB), 0);
	CHECK_EQ(mem_client_claim(0, 0x1000, UINT64_MAX, &addr), E_INVAL);
}

static void test_clients_may_hand_over_all_but_the_firmwares(void)
{
	start(32);
	CHECK_EQ(mem_add(0, MIB), 0);
	CHECK_EQ(mem_claim(0, 0x1000, MEM_FIRMWARE), 0);
	CHECK_EQ(mem_claim(0x1000, 0x1000, MEM_LOADED), 0);
	CHECK_EQ(mem_claim(0x3000, 0x1000, MEM_CLIENT), 0);
	CHECK_EQ(mem_claim(0x4000, 0x10, MEM_FIRMWARE), 0);
	CHECK(mem_client_may(0x1000, 0x3000));
	CHECK(!mem_client_may(0xfff, 2));
	CHECK(!mem_client_may(0x3fff, 2));
	CHECK(!mem_client_may(MIB - 1, 2));
	CHECK_EQ(mem_client_extent(0x1fff, 0x10000), 0x2001);
	CHECK_EQ(mem_client_extent(0x1fff, 5), 5);
	CHECK_EQ(mem_client_extent(0x4000, 5), 0);
	CHECK_EQ(mem_client_extent(MIB - 3, UINT64_MAX), 3);
	CHECK_EQ(mem_client_extent(UINT64_MAX, UINT64_MAX), 0);
}

static void test_methods_see_the_firmwares_memory_unless_distrusted(void)
{
	fakeram_init(64);
	CHECK(mem_pointer(0x100, 4) == fakeram_bytes(0x100));
	CHECK(!mem_distrust(true));
	CHECK(!mem_pointer(0x100, 4));
	CHECK(mem_pointer(0x10000, 4) == fakeram_bytes(0x10000));
	CHECK(!mem_pointer(FAKERAM_BYTES - 1, 2));
	CHECK(mem_pointer(0xdead00000000, 0));
	CHECK(mem_distrust(false));
	CHECK(!mem_pointer(FAKERAM_BYTES - 1, 2));
	CHECK(!mem_pointer(UINT64_MAX, 2));
}

static void test_a_search_may_start_inside_a_stretch(void)
{
	uint64_t at = 0x800;

	start(16);
	CHECK_EQ(mem_add(0, MIB), 0);
	check_next(MEM_FREE, &at, 0x800, MIB - 0x800);
	CHECK_EQ(at, MIB);
	check_end(MEM_FREE, &at);
}

static void test_the_map_grows_out_of_itself_and_gives_back(void)
{
	uint64_t at = 0, addr, size, firmware = 0;

	fakeram_init(16);
	for (uint64_t i = 0; i < 5000; i++)
		CHECK_EQ(mem_claim(MIB + i * 0x2000, 0x1000, MEM_CLIENT), 0);
	while (mem_next(MEM_FIRMWARE, &at, &addr, &size))
		firmware += size;
	CHECK(firmware > 10000 * 16);
	CHECK(firmware < 4 * 10000 * 16 + 2 * FAKERAM_LOW_END);
	for (uint64_t i = 0; i < 5000; i++)
		CHECK_EQ(mem_release(MIB + (i * 7 % 5000) * 0x2000, 0x1000, MEM_CLIENT), 0);
	at = 0;
	check_next(MEM_FREE, &at, FAKERAM_LOW_END, FAKERAM_BYTES - FAKERAM_LOW_END);
	check_end(MEM_FREE, &at);
}

static void test_a_full_map_refuses_and_stays_true(void)
{
	unsigned ok = 0;
	uint64_t at = 0, addr, size, total = 0;

	start(16);
	CHECK_EQ(mem_add(4ull << 30, MIB), 0); /* nothing to grow into */
	mem_set_real_limit(0x1000);
	for (uint64_t i = 0; i < 20; i++)
		ok += mem_claim((4ull << 30) + i * 0x2000, 0x1000, MEM_CLIENT) == 0;
	CHECK(ok >= 5 && ok < 10);
	while (mem_next(MEM_CLIENT, &at, &addr, &size))
		total += size;
	CHECK_EQ(total, ok * 0x1000);
	for (uint64_t i = 0; i < ok; i++)
		CHECK_EQ(mem_release((4ull << 30) + i * 0x2000, 0x1000, MEM_CLIENT), 0);
}

static void test_dma_pages_are_zeroed_aligned_and_given_back(void)
{
	uint64_t at = 0;
	uint8_t *p;

	fakeram_init(64);
	memset(fakeram_bytes(FAKERAM_BYTES - 0x20000), 0x5a, 0x20000);
	p = dma_alloc_pages(5000, 0x10000);
	CHECK(p != NULL);
	CHECK_EQ(ram_address(p), FAKERAM_BYTES - 0x10000);
	for (unsigned i = 0; i < 8192; i++)
		CHECK_EQ(p[i], 0);
	CHECK(!mem_client_may(ram_address(p) + 8191, 1));
	CHECK(dma_alloc_pages(FAKERAM_BYTES, 1) == NULL);
	CHECK(dma_alloc_pages(SIZE_MAX, 1) == NULL);
	dma_free_pages(p, 5000);
	check_next(MEM_FREE, &at, FAKERAM_LOW_END, FAKERAM_BYTES - FAKERAM_LOW_END);
}

/* ---- the model ---------------------------------------------------------------------------- */

#define GRAIN  0x4000ull
#define GRAINS 4096u

static uint8_t model[GRAINS];
static uint64_t seed;

static uint32_t rnd(uint32_t below)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(seed >> 33) % below;
}

static bool model_all(unsigned from, unsigned n, enum mem_owner owner)
{
	for (unsigned i = from; i < from + n; i++)
		if (i >= GRAINS || model[i] != owner)
			return false;
	return true;
}

/* Where mem_alloc() must put n granules; GRAINS: nowhere. */
static unsigned model_find(unsigned n, unsigned align, unsigned limit, enum mem_from from)
{
	unsigned best = GRAINS;

	for (unsigned i = 0; i + n <= limit; i += align) {
		if (!model_all(i, n, MEM_FREE))
			continue;
		best = i;
		if (from == MEM_FROM_BOTTOM)
			break;
	}
	return best;
}

/* The map as the model would write it. What the map took for itself is the firmware's, and not in the model. */
static void compare(bool grows)
{
	static uint8_t real[GRAINS];
	unsigned own = 0;

	memset(real, MEM_ABSENT, sizeof(real));
	for (unsigned o = MEM_FREE; o <= MEM_CLIENT; o++) {
		uint64_t at = 0, addr, size, last = UINT64_MAX;

		while (mem_next(o, &at, &addr, &size)) {
			CHECK(addr != last); /* neighbours are one stretch */
			last = addr + size;
			for (uint64_t g = addr / GRAIN; g < (addr + size + GRAIN - 1) / GRAIN; g++)
				if (real[g] != MEM_FIRMWARE)
					real[g] = (uint8_t)o;
		}
	}
	for (unsigned i = 0; i < GRAINS; i++) {
		if (grows && real[i] == MEM_FIRMWARE && model[i] == MEM_FREE)
			own++;
		else
			CHECK_EQ(real[i], model[i]);
	}
	CHECK(own <= 16);
}

static void step_claim(unsigned from, unsigned n, bool grows)
{
	enum mem_owner owner = rnd(4) ? MEM_CLIENT : MEM_LOADED;
	int want = model_all(from, n, MEM_FREE) ? 0 : E_BUSY;
	int err = mem_claim(from * GRAIN, n * GRAIN, owner);

	CHECK(err == want || (grows && err == E_BUSY));
	if (!err)
		memset(model + from, owner, n);
}

static void step_alloc(unsigned n, bool grows)
{
	enum mem_from from = rnd(2) ? MEM_FROM_TOP : MEM_FROM_BOTTOM;
	unsigned align = 1u << rnd(6), limit = rnd(4) ? GRAINS : rnd(GRAINS);
	unsigned want = model_find(n, align, limit, from);
	uint64_t addr = 0;
	int err = mem_alloc(n * GRAIN, align * GRAIN, limit * GRAIN, from, MEM_CLIENT, &addr);
	unsigned got = (unsigned)(addr / GRAIN);

	if (!grows) {
		CHECK_EQ(err, want == GRAINS ? E_NOMEM : 0);
		CHECK(err || got == want);
	}
	if (err)
		return;
	CHECK(got % align == 0 && got + n <= limit && model_all(got, n, MEM_FREE));
	memset(model + got, MEM_CLIENT, n);
}

static void step_release(unsigned from, unsigned n)
{
	int want = model_all(from, n, MEM_CLIENT) ? 0 : E_PERM;

	CHECK_EQ(mem_release(from * GRAIN, n * GRAIN, MEM_CLIENT), want);
	if (!want)
		memset(model + from, MEM_FREE, n);
}

static void step_reserve(unsigned from, unsigned n)
{
	CHECK_EQ(mem_reserve(from * GRAIN, n * GRAIN, MEM_CLIENT), 0);
	for (unsigned i = from; i < from + n; i++)
		if (model[i] == MEM_FREE)
			model[i] = MEM_CLIENT;
}

static void check_may(unsigned from, unsigned n)
{
	bool may = true;

	for (unsigned i = from; i < from + n; i++)
		may = may && i < GRAINS && model[i] != MEM_FIRMWARE && model[i] != MEM_ABSENT;
	CHECK_EQ(mem_client_may(from * GRAIN, n * GRAIN), may);
}

static void run_against_model(unsigned steps, bool grows)
{
	memset(model, MEM_FREE, sizeof(model));
	model[0] = MEM_FIRMWARE;
	for (unsigned i = 0; i < steps; i++) {
		unsigned n = 1 + rnd(rnd(8) ? 4 : 64), from = rnd(GRAINS - n);

		switch (rnd(16)) {
		case 0 ... 4:
			step_claim(from, n, grows);
			break;
		case 5 ... 8:
			step_alloc(n, grows);
			break;
		case 9 ... 14:
			/* most areas are small: hit some */
			step_release(from, rnd(4) ? 1 : n);
			break;
		default:
			if (!grows)
				step_reserve(from, 1);
			break;
		}
		if (!grows)
			check_may(rnd(GRAINS), 1 + rnd(8));
		if (i % 32 == 0)
			compare(grows);
	}
	compare(grows);
}

static void test_the_map_agrees_with_the_model(void)
{
	for (seed = 1; seed < 4; seed++) {
		uint64_t keep = seed;

		start(FAKERAM_RECORDS_MAX);
		CHECK_EQ(mem_add(0, GRAINS * GRAIN), 0);
		CHECK_EQ(mem_reserve(0, GRAIN, MEM_FIRMWARE), 0);
		run_against_model(6000, false);
		seed = keep;
	}
}

static void test_a_growing_map_agrees_with_the_model(void)
{
	for (seed = 11; seed < 14; seed++) {
		uint64_t keep = seed;

		fakeram_init(16);
		run_against_model(6000, true);
		seed = keep;
	}
}

static const struct test tests[] = {
	TEST(test_a_new_map_has_no_ram),
	TEST(test_neighbouring_ram_is_one_stretch),
	TEST(test_a_claim_takes_exactly_what_it_names),
	TEST(test_empty_and_wrapping_ranges_are_refused),
	TEST(test_reserving_takes_only_what_is_free),
	TEST(test_only_the_owner_gives_back),
	TEST(test_allocation_is_aligned_and_from_the_end_asked_for),
	TEST(test_allocation_stays_below_the_real_mode_limit),
	TEST(test_clients_get_high_places_but_not_too_high),
	TEST(test_an_alignment_beyond_all_powers_of_two_is_refused),
	TEST(test_clients_may_hand_over_all_but_the_firmwares),
	TEST(test_methods_see_the_firmwares_memory_unless_distrusted),
	TEST(test_a_search_may_start_inside_a_stretch),
	TEST(test_the_map_grows_out_of_itself_and_gives_back),
	TEST(test_a_full_map_refuses_and_stays_true),
	TEST(test_dma_pages_are_zeroed_aligned_and_given_back),
	TEST(test_the_map_agrees_with_the_model),
	TEST(test_a_growing_map_agrees_with_the_model),
};
TEST_MAIN(tests)
