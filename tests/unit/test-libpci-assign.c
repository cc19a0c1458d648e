/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses: classes, windows, headroom, and what goes when space is short. */
#include "check.h"
#include "fakepci.h"

#include "base/bytes.h"
#include "dt/prop.h"
#include "pci/regs.h"

#define GIB         (1ull << 30)
#define MIB         (1ull << 20)
#define DF(dev, fn) ((uint8_t)((dev) << 3 | (fn)))

static void boot(struct fake_rig *r, const struct fake_phb *phb)
{
	const char *fault = fake_rig_boot(r, phb);

	CHECK_STR(fault ? fault : "fine", "fine");
}

static unsigned left_out(const struct fake_rig *r)
{
	return pci_host_summary(r->host).left_out;
}

/* A function with one BAR. */
static struct fake_fn *one_bar(struct fake_rig *r, struct fake_fn *up, uint8_t devfn, uint64_t size,
			       uint32_t type)
{
	struct fake_fn *fn = fake_add(r->pci, up, devfn, 0x020000);

	fake_bar(fn, 0, size, type);
	return fn;
}

static uint64_t bar0(const struct fake_fn *fn)
{
	uint32_t low = fake_get(fn, 0x10);

	if (low & 1)
		return low & ~3u;
	return (low & 4 ? (uint64_t)fake_get(fn, 0x14) << 32 : 0) | (low & ~0xfu);
}

static uint64_t mem_window(const struct fake_fn *fn)
{
	uint64_t base = (uint64_t)(get_le16(fn->cfg + 0x20) & 0xfff0) << 16;
	uint64_t limit = (uint64_t)(get_le16(fn->cfg + 0x22) & 0xfff0) << 16;

	return base > limit ? 0 : limit + MIB - base;
}

static void test_32_functions_with_io_fit_a_flat_bus(void)
{
	struct fake_rig r = fake_rig_new();

	for (unsigned i = 0; i < 32; i++) {
		struct fake_fn *fn = fake_add(r.pci, NULL, DF(i, 0), 0x020000);

		fake_bar(fn, 0, 256, 1);
		fake_bar(fn, 1, 4096, 0);
		fake_bar(fn, 4, 16384, 0xc);
	}
	boot(&r, &fake_phb_default);
	CHECK_EQ(left_out(&r), 0);
	CHECK_EQ(bar0(fake_find(r.pci, PCI_BDF(0, 31, 0))), 0x1000 + 31 * 256);
	fake_rig_free(&r);
}

static void test_without_a_64_bit_window_everything_goes_below(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_phb phb = fake_phb_default;
	struct fake_fn *b = fake_add_bridge(r.pci, NULL, DF(2, 0));
	struct fake_fn *fn = one_bar(&r, b, DF(1, 0), 64 * MIB, 0xc);

	phb.high_size = 0;
	one_bar(&r, NULL, DF(1, 0), 16 * MIB, 4);
	boot(&r, &phb);
	CHECK_EQ(left_out(&r), 0);
	CHECK(bar0(fn) < 4 * GIB);
	fake_rig_free(&r);
}

static void test_headroom_shrinks_with_the_window(void)
{
	static const uint64_t low[] = {2 * GIB, 100 * MIB, 16 * MIB, 4 * MIB, 1 * MIB};
	static const uint64_t want[] = {64 * MIB, 8 * MIB, 8 * MIB, 1 * MIB, 0};

	for (unsigned i = 0; i < ARRAY_SIZE(low); i++) {
		struct fake_rig r = fake_rig_new();
		struct fake_phb phb = fake_phb_default;
		struct fake_fn *b = fake_add_bridge(r.pci, NULL, DF(2, 0));

		phb.low_size = low[i];
		phb.high_size = i == 4 ? 0 : phb.high_size;
		boot(&r, &phb);
		CHECK_EQ(mem_window(b), want[i]);
		fake_rig_free(&r);
	}
}

static void test_headroom_sits_at_the_bridge_nearest_the_slot(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *up = NULL;
	struct fake_fn *chain[4];

	for (unsigned i = 0; i < 4; i++)
		up = chain[i] = fake_add_bridge(r.pci, up, DF(1, 0));
	boot(&r, &fake_phb_default);
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQ(mem_window(chain[i]), 64 * MIB);
	fake_rig_free(&r);
}

static void test_an_upstream_port_gets_no_headroom(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *up = fake_add_port(r.pci, NULL, DF(1, 0), PCI_EXP_UPSTREAM);
	struct fake_fn *root = fake_add_port(r.pci, NULL, DF(2, 0), PCI_EXP_ROOT_PORT);

	boot(&r, &fake_phb_default);
	CHECK_EQ(mem_window(up), 0);
	CHECK_EQ(mem_window(root), 64 * MIB);
	fake_rig_free(&r);
}

static void test_24_ports_without_io_need_get_none_rather_than_wrap(void)
{
	struct fake_rig r = fake_rig_new();

	for (unsigned i = 0; i < 24; i++) {
		struct fake_fn *port = fake_add_port(r.pci, NULL, DF(i, 0), PCI_EXP_ROOT_PORT);

		fake_bar(fake_add_express(r.pci, port, 0, 0x010802, 0), 0, 16384, 4);
	}
	boot(&r, &fake_phb_default);
	CHECK_EQ(left_out(&r), 0);
	fake_rig_free(&r);
}

static void test_of_20_bridges_that_need_io_15_get_it(void)
{
	struct fake_rig r = fake_rig_new();

	for (unsigned i = 0; i < 20; i++)
		one_bar(&r, fake_add_bridge(r.pci, NULL, DF(i, 0)), DF(1, 0), 64, 1);
	boot(&r, &fake_phb_default);
	CHECK_EQ(left_out(&r), 5);
	fake_rig_free(&r);
}

static void test_functions_with_memory_do_without_io_first(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *needs[5];

	for (unsigned i = 0; i < 15; i++) {
		struct fake_fn *fn =
			one_bar(&r, fake_add_bridge(r.pci, NULL, DF(i, 0)), DF(1, 0), 64, 1);

		fake_bar(fn, 1, 4096, 0);
	}
	for (unsigned i = 0; i < 5; i++)
		needs[i] =
			one_bar(&r, fake_add_bridge(r.pci, NULL, DF(20 + i, 0)), DF(1, 0), 64, 1);
	boot(&r, &fake_phb_default);
	for (unsigned i = 0; i < 5; i++)
		CHECK(bar0(needs[i]) != 0);
	CHECK_EQ(pci_host_summary(r.host).placed[0], 15 * 64);
	CHECK_EQ(left_out(&r), 0);
	fake_rig_free(&r);
}

static void test_all_classes_behind_one_bridge_find_their_window(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *b = fake_add_bridge(r.pci, NULL, DF(2, 0));
	struct fake_fn *pref32 = one_bar(&r, b, DF(1, 0), 32 * MIB, 8);
	struct fake_fn *pref64 = one_bar(&r, b, DF(2, 0), 8 * GIB, 0xc);
	struct fake_fn *mem64 = one_bar(&r, b, DF(3, 0), 16 * MIB, 4);

	boot(&r, &fake_phb_default);
	CHECK_EQ(left_out(&r), 0);
	CHECK(bar0(pref32) < 4 * GIB && bar0(mem64) < 4 * GIB);
	CHECK(bar0(pref64) >= 4 * GIB);
	fake_rig_free(&r);
}

static void test_a_128_gib_bar_fits_on_the_root_and_behind_a_port(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *port = fake_add_port(r.pci, NULL, DF(1, 0), PCI_EXP_ROOT_PORT);
	struct fake_fn *gpu = fake_add_express(r.pci, port, 0, 0x030200, 0);

	fake_bar(gpu, 0, 128 * GIB, 0xc);
	one_bar(&r, NULL, DF(2, 0), 128 * GIB, 0xc);
	boot(&r, &fake_phb_default);
	CHECK_EQ(left_out(&r), 0);
	CHECK_EQ(bar0(gpu) % (128 * GIB), 0);
	fake_rig_free(&r);
}

static void test_of_512_512_and_128_gib_one_goes(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *small = one_bar(&r, NULL, DF(3, 0), 128 * GIB, 0xc);

	one_bar(&r, NULL, DF(1, 0), 512 * GIB, 0xc);
	one_bar(&r, NULL, DF(2, 0), 512 * GIB, 0xc);
	boot(&r, &fake_phb_default);
	CHECK_EQ(left_out(&r), 1);
	CHECK(bar0(small) != 0);
	/* of two alike, the first stays */
	CHECK(!dt_prop_find(r.phb->child->next, "assigned-addresses"));
	fake_rig_free(&r);
}

static void test_a_2_tib_bar_is_left_out_and_harms_nobody(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *huge = one_bar(&r, NULL, DF(1, 0), 2048 * GIB, 0xc);
	struct fake_fn *fn = one_bar(&r, NULL, DF(2, 0), 16384, 0xc);

	fake_bar(huge, 2, 4096, 0);
	boot(&r, &fake_phb_default);
	CHECK_EQ(left_out(&r), 1);
	CHECK_EQ(bar0(huge), 0);
	CHECK_EQ(fake_get(huge, 0x18), 0);
	CHECK(bar0(fn) != 0);
	fake_rig_free(&r);
}

static void test_of_five_512_mib_bars_three_survive(void)
{
	struct fake_rig r = fake_rig_new();

	for (unsigned i = 0; i < 5; i++) {
		struct fake_fn *vga = fake_add(r.pci, NULL, DF(i, 0), 0x030000);

		fake_bar(vga, 0, 512 * MIB, 8);
		fake_bar(vga, 2, 4096, 0);
		fake_rom(vga, 0x10000);
	}
	boot(&r, &fake_phb_default);
	CHECK_EQ(left_out(&r), 2);
	CHECK_EQ(pci_host_summary(r.host).placed[1], 3 * (512 * MIB + 4096 + 0x10000));
	fake_rig_free(&r);
}

static bool is_second(void *ctx, const struct dt_node *node)
{
	(void)ctx;
	return !strcmp(dt_unit(node), "2");
}

static void test_preferred_functions_go_last(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *boot_disk;

	one_bar(&r, NULL, DF(1, 0), 512 * GIB, 0xc);
	boot_disk = one_bar(&r, NULL, DF(2, 0), 1024 * GIB, 0xc);
	one_bar(&r, NULL, DF(3, 0), 512 * GIB, 0xc);
	fake_rig_prepare(&r, &fake_phb_default);
	pci_host_prefer(r.host, is_second, NULL);
	CHECK_EQ(pci_host_setup(r.host), 0);
	CHECK_EQ(bar0(boot_disk), 0x210000000000);
	CHECK_EQ(left_out(&r), 2);
	fake_rig_free(&r);
}

static void test_small_64_bit_bars_move_down_when_above_is_full(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *small = one_bar(&r, NULL, DF(2, 0), 16384, 0xc);

	one_bar(&r, NULL, DF(1, 0), 1024 * GIB, 0xc);
	boot(&r, &fake_phb_default);
	CHECK_EQ(left_out(&r), 0);
	CHECK_EQ(bar0(small), 0x80000000);
	fake_rig_free(&r);
}

static void test_a_4_gib_non_prefetchable_bar_behind_a_bridge_has_no_place(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *b = fake_add_bridge(r.pci, NULL, DF(2, 0));
	struct fake_fn *fn = one_bar(&r, b, DF(1, 0), 4 * GIB, 4);
	struct fake_fn *root = one_bar(&r, NULL, DF(3, 0), 4 * GIB, 4);

	boot(&r, &fake_phb_default);
	CHECK_EQ(bar0(fn), 0);
	CHECK(bar0(root) != 0);
	CHECK_EQ(left_out(&r), 1);
	fake_rig_free(&r);
}

static void test_windows_of_odd_size_leave_no_waste(void)
{
	struct fake_rig r = fake_rig_new();

	for (unsigned i = 0; i < 3; i++) {
		struct fake_fn *b = fake_add_bridge(r.pci, NULL, DF(i, 0));

		one_bar(&r, b, DF(1, 0), 256 * MIB, 0);
		one_bar(&r, b, DF(2, 0), 4096, 0);
	}
	for (unsigned i = 0; i < 3; i++) /* two fit into the gaps between the windows */
		one_bar(&r, NULL, DF(8 + i, 0), 128 * MIB, 0);
	boot(&r, &fake_phb_default);
	CHECK_EQ(left_out(&r), 0);
	CHECK_EQ(bar0(fake_find(r.pci, PCI_BDF(0, 8, 0))), 0x80000000 + 384 * MIB);
	CHECK_EQ(bar0(fake_find(r.pci, PCI_BDF(0, 9, 0))), 0x80000000 + 896 * MIB);
	fake_rig_free(&r);
}

static void test_reserves_users_ask_for_are_kept(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *port = fake_add_port(r.pci, NULL, DF(1, 0), PCI_EXP_ROOT_PORT);
	uint8_t cap = fake_cap(port, PCI_CAP_VENDOR, PCI_RESERVE_LEN);

	memset(port->cfg + cap + 4, 0xff, PCI_RESERVE_LEN - 4);
	put_le16(port->cfg + cap + 2, 0x120);
	put_le32(port->cfg + cap + PCI_RESERVE_MEM, (uint32_t)(300 * MIB));
	put_le64(port->cfg + cap + PCI_RESERVE_PREF64, 64 * GIB);
	put_le64(port->cfg + cap + PCI_RESERVE_IO, 0);
	boot(&r, &fake_phb_default);
	CHECK_EQ(mem_window(port), 300 * MIB);
	CHECK_EQ(fake_get(port, PCI_PREF_LIMIT_HI) - fake_get(port, PCI_PREF_BASE_HI), 15);
	CHECK_EQ(fake_get(port, PCI_IO_WINDOW) & 0xffff, 0x00f0);
	fake_rig_free(&r);
}

static void test_rom_only_functions_and_large_roms_are_placed(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *fn = fake_add(r.pci, NULL, 0, 0xff0000);

	fake_rom(fn, 16 * MIB);
	boot(&r, &fake_phb_default);
	CHECK_EQ(fake_get(fn, PCI_ROM), 0x80000000);
	fake_rig_free(&r);
}

static void test_100_small_io_bars_stay_clear_of_the_legacy_ports(void)
{
	struct fake_rig r = fake_rig_new();

	for (unsigned i = 0; i < 256; i++) {
		struct fake_fn *fn = one_bar(&r, NULL, (uint8_t)i, 256, 1);

		fn->cfg[PCI_HEADER] = i & 7 ? 0 : PCI_HEADER_MULTI;
	}
	boot(&r, &fake_phb_default);
	CHECK_EQ(left_out(&r), 16); /* 60 KiB hold 240 of them */
	fake_rig_free(&r);
}

/* Two functions want the same terabyte; the first vanishes at access k. Does the second get it? */
static bool second_gets_it(unsigned k)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *a = one_bar(&r, NULL, DF(1, 0), 1024 * GIB, 0xc);
	struct fake_fn *b = one_bar(&r, NULL, DF(2, 0), 1024 * GIB, 0xc);
	bool got;

	fake_set(b, PCI_CLASS_REV, 0xff000000, 0); /* the first to go */
	fake_rig_prepare(&r, &fake_phb_default);
	r.pci->break_at = k;
	r.pci->break_fn = a;
	CHECK_EQ(pci_host_setup(r.host), 0);
	got = bar0(b) != 0;
	fake_rig_free(&r);
	return got;
}

static void test_a_function_that_vanishes_while_asked_leaves_its_room_to_others(void)
{
	unsigned k = 1;

	CHECK(second_gets_it(1));
	while (second_gets_it(k))
		k++;
	printf("# from access %u on it is too late\n", k);
	CHECK(!second_gets_it(k + 1));
	CHECK(k > 60);
}

static void test_the_order_of_nodes_changes_nothing(void)
{
	uint32_t got[2][3];

	for (unsigned turn = 0; turn < 2; turn++) {
		struct fake_rig r = fake_rig_new();
		struct dt_node *first;

		for (unsigned i = 0; i < 3; i++)
			one_bar(&r, NULL, DF(i, 0), 4096u << i, 0);
		fake_rig_prepare(&r, &fake_phb_default);
		if (turn) {
			first = r.phb->child;
			r.phb->child = first->next;
			first->next = NULL;
			r.phb->last_child->next = first;
			r.phb->last_child = first;
		}
		CHECK_EQ(pci_host_setup(r.host), 0);
		for (unsigned i = 0; i < 3; i++)
			got[turn][i] = fake_get(fake_find(r.pci, PCI_BDF(0, i, 0)), 0x10);
		fake_rig_free(&r);
	}
	CHECK(!memcmp(got[0], got[1], sizeof(got[0])));
}

static const struct test tests[] = {
	TEST(test_32_functions_with_io_fit_a_flat_bus),
	TEST(test_without_a_64_bit_window_everything_goes_below),
	TEST(test_headroom_shrinks_with_the_window),
	TEST(test_headroom_sits_at_the_bridge_nearest_the_slot),
	TEST(test_an_upstream_port_gets_no_headroom),
	TEST(test_24_ports_without_io_need_get_none_rather_than_wrap),
	TEST(test_of_20_bridges_that_need_io_15_get_it),
	TEST(test_functions_with_memory_do_without_io_first),
	TEST(test_all_classes_behind_one_bridge_find_their_window),
	TEST(test_a_128_gib_bar_fits_on_the_root_and_behind_a_port),
	TEST(test_of_512_512_and_128_gib_one_goes),
	TEST(test_a_2_tib_bar_is_left_out_and_harms_nobody),
	TEST(test_of_five_512_mib_bars_three_survive),
	TEST(test_preferred_functions_go_last),
	TEST(test_small_64_bit_bars_move_down_when_above_is_full),
	TEST(test_a_4_gib_non_prefetchable_bar_behind_a_bridge_has_no_place),
	TEST(test_windows_of_odd_size_leave_no_waste),
	TEST(test_reserves_users_ask_for_are_kept),
	TEST(test_rom_only_functions_and_large_roms_are_placed),
	TEST(test_100_small_io_bars_stay_clear_of_the_legacy_ports),
	TEST(test_a_function_that_vanishes_while_asked_leaves_its_room_to_others),
	TEST(test_the_order_of_nodes_changes_nothing),
};
TEST_MAIN(tests)
