/* SPDX-License-Identifier: BSD-2-Clause */
/* Sizing: odd and broken registers, windows a bridge lacks; capability walks over bad lists. */
#include "check.h"
#include "fakepci.h"

#include "base/bytes.h"
#include "dt/prop.h"
#include "pci/regs.h"

static void boot(struct fake_rig *r)
{
	const char *fault = fake_rig_boot(r, &fake_phb_default);

	CHECK_STR(fault ? fault : "fine", "fine");
}

/* Set up without the general judgement, for registers it would not understand. */
static void boot_odd(struct fake_rig *r)
{
	fake_rig_prepare(r, &fake_phb_default);
	CHECK_EQ(pci_host_setup(r->host), 0);
	CHECK_EQ(pci_host_summary(r->host).faults, 0);
}

static const struct dt_prop *assigned(const struct fake_rig *r)
{
	return dt_prop_find(r->phb->child, "assigned-addresses");
}

static void test_a_fixed_register_is_no_bar(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *fn = fake_add(r.pci, NULL, 0, 0x020000);

	fake_set(fn, 0x10, 0xdeadbee0, 0);
	fake_set(fn, 0x14, 0xffffffff, 0);
	fake_bar(fn, 2, 4096, 0);
	boot_odd(&r);
	CHECK_EQ(fake_get(fn, 0x10), 0xdeadbee0);
	CHECK_EQ(fake_get(fn, 0x18), 0x80000000);
	CHECK_EQ(assigned(&r)->len, 20);
	CHECK_EQ(pci_host_summary(r.host).left_out, 0);
	fake_rig_free(&r);
}

static void test_a_mask_with_holes_is_placed_only_if_the_register_takes_it(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *fn = fake_add(r.pci, NULL, 0, 0x020000);

	fake_set(fn, 0x10, 0,
		 0x7ffff000); /* bit 31 is missing: nothing in the window can be expressed */
	fake_bar(fake_add(r.pci, NULL, 8, 0x020000), 0, 4096, 0);
	boot_odd(&r);
	CHECK_EQ(fake_get(fn, 0x10), 0);
	CHECK(!assigned(&r));
	CHECK_EQ(pci_host_summary(r.host).left_out, 1);
	fake_rig_free(&r);
}

static void test_a_64_bit_bar_without_upper_half_is_a_32_bit_one(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *fn = fake_add(r.pci, NULL, 0, 0x020000);

	fake_set(fn, 0x10, 0xc, 0xffff0000); /* the upper half does not move */
	fake_set(fn, 0x14, 0, 0);
	fake_set(fn, 0x24, 0x4, 0xffff0000); /* the last register */
	boot_odd(&r);
	CHECK_EQ(fake_get(fn, 0x10), 0x8000000c);
	CHECK_EQ(fake_get(fn, 0x24), 0x80010004);
	fake_rig_free(&r);
}

static void test_bars_of_reserved_type_and_below_1_mib_are_left_out(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *a = fake_add(r.pci, NULL, 0, 0x020000);
	struct fake_fn *b = fake_add(r.pci, NULL, 8, 0x020000);

	fake_set(a, 0x10, 0x6, 0xfffff000);
	fake_set(b, 0x10, 0x2, 0xfffff000);
	fake_bar(b, 1, 4096, 0);
	boot_odd(&r);
	CHECK_EQ(fake_get(a, 0x10), 6);
	CHECK_EQ(fake_get(b, 0x10), 2);
	CHECK_EQ(fake_get(b, 0x14), 0); /* all memory BARs of a function, or none */
	CHECK_EQ(pci_host_summary(r.host).left_out, 1);
	fake_rig_free(&r);
}

static void test_tiny_bars_get_a_page_each(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *fn = fake_add(r.pci, NULL, 0, 0x020000);

	fake_bar(fn, 0, 16, 0);
	fake_bar(fn, 1, 16, 0);
	fake_bar(fn, 2, 4, 1);
	fake_set(fn, 0x1c, 1, 0xfff0); /* 16 bits of I/O address */
	boot(&r);
	CHECK_EQ(fake_get(fn, 0x10), 0x80000000);
	CHECK_EQ(fake_get(fn, 0x14), 0x80010000);
	CHECK_EQ(fake_get(fn, 0x1c), 0x1001);
	CHECK_EQ(fake_get(fn, 0x18), 0x1011);
	fake_rig_free(&r);
}

static void test_a_register_that_refuses_costs_the_function_its_addresses(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *fn = fake_add(r.pci, NULL, 0, 0x020000);

	fake_bar(fn, 0, 4096, 0);
	fake_set(fn, 0x14, 0x00100000, 0xffee0000); /* a one that cannot be cleared */
	boot_odd(&r);
	CHECK_EQ(fake_get(fn, 0x10), 0);
	CHECK(!assigned(&r));
	CHECK_EQ(pci_host_summary(r.host).left_out, 1);
	fake_rig_free(&r);
}

static void test_windows_a_bridge_lacks_stay_untouched(void)
{
	static const unsigned lacks[] = {0, 2, 3, 4};

	for (unsigned i = 0; i < ARRAY_SIZE(lacks); i++) {
		struct fake_rig r = fake_rig_new();
		struct fake_fn *port = fake_add_port(r.pci, NULL, 8, PCI_EXP_ROOT_PORT);
		struct fake_fn *fn = fake_add_express(r.pci, port, 0, 0x020000, 0);

		fake_no_window(port, lacks[i]);
		fake_bar(fn, 0, 4096, 0);
		fake_bar(fn, 1, 32, 1);
		fake_bar(fn, 2, 1 << 20, 0xc);
		boot(&r);
		CHECK_EQ(fake_get(fn, 0x1c), lacks[i] ? 0 : 0x2100);
		CHECK_EQ(fake_get(fn, 0x14), lacks[i] ? 0x1001 : 1);
		CHECK_EQ(pci_host_summary(r.host).left_out, 0);
		fake_rig_free(&r);
	}
}

static void test_nothing_is_placed_behind_a_bridge_without_memory_window(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *b = fake_add_bridge(r.pci, NULL, 8);
	struct fake_fn *fn = fake_add(r.pci, b, 0, 0x020000);

	fake_no_window(b, 1);
	fake_bar(fn, 0, 4096, 0xc);
	boot(&r);
	CHECK_EQ(fake_get(fn, 0x14), 0);
	CHECK_EQ(pci_host_summary(r.host).left_out, 1);
	fake_rig_free(&r);
}

static void test_sizing_leaves_other_registers_alone(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *fn = fake_add(r.pci, NULL, 0, 0x020000);

	for (uint16_t reg = 0x40; reg < 0x100; reg = (uint16_t)(reg + 4))
		fake_set(fn, reg, 0xa5a50000u + reg, UINT32_MAX);
	fake_set(fn, 0x3c, 0x0102aa01, 0xff);
	put_le16(fn->cfg + PCI_COMMAND, 0x147);
	put_le16(fn->mask + PCI_COMMAND, 0x547);
	boot(&r);
	for (uint16_t reg = 0x40; reg < 0x100; reg = (uint16_t)(reg + 4))
		CHECK_EQ(fake_get(fn, reg), 0xa5a50000u + reg);
	CHECK_EQ(fake_get(fn, 0x3c), 0x0102aa01);
	CHECK_EQ(get_le16(fn->cfg + PCI_COMMAND), 0x140);
	fake_rig_free(&r);
}

static struct fake_fn *vf_card(struct fake_rig *r, struct fake_fn *up, uint16_t total,
			       uint32_t mask)
{
	struct fake_fn *fn = fake_add_express(r->pci, up, 0, 0x010802, 0);
	uint16_t cap = fake_ext_cap(fn, PCI_EXT_CAP_SRIOV, 0x40);

	put_le16(fn->cfg + cap + PCI_SRIOV_TOTAL_VFS, total);
	put_le32(fn->cfg + cap + PCI_SRIOV_PLACE, 0x00010001);
	fake_set(fn, (uint16_t)(cap + PCI_SRIOV_BAR0), 0xc, mask);
	fake_set(fn, (uint16_t)(cap + PCI_SRIOV_BAR0 + 4), 0, UINT32_MAX);
	fake_bar(fn, 0, 16384, 4);
	return fn;
}

static void test_virtual_functions_get_space_for_all_of_them(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *port = fake_add_port(r.pci, NULL, 8, PCI_EXP_ROOT_PORT);
	struct fake_fn *fn = vf_card(&r, port, 4, ~0x3fffu);

	boot(&r);
	CHECK_EQ(fake_get(fn, 0x128), 0x2100);
	CHECK_EQ(pci_host_summary(r.host).placed[2], 4 * 16384);
	fake_rig_free(&r);
}

static void test_virtual_functions_are_the_first_to_go(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *a = vf_card(&r, NULL, 256, 0x40000000 | 0x80000000);
	struct fake_fn *b = fake_add(r.pci, NULL, 16, 0x030000);

	fake_bar(b, 0, 512ull << 30, 0xc);
	fake_bar(b, 2, 512ull << 30, 0xc);
	boot(&r);
	CHECK_EQ(fake_get(a, 0x124), 0xc); /* 256 GiB of virtual functions */
	CHECK_EQ(fake_get(a, 0x128), 0);
	CHECK_EQ(pci_host_summary(r.host).left_out, 0);
	fake_rig_free(&r);
}

/* ---- capabilities ---- */

static unsigned walk(struct pci_cap_walk w)
{
	unsigned n = 0;

	while (pci_cap_next(&w))
		n++;
	return n;
}

static void test_capability_walks_end_for_any_list(void)
{
	static const uint8_t next[] = {0x40, 0x44, 0x00, 0x3c, 0x41, 0xfc, 0xff, 0x10};

	for (unsigned i = 0; i < ARRAY_SIZE(next); i++) {
		struct fake_pci *pci = fake_pci_new();
		struct fake_fn *fn = fake_add(pci, NULL, 0, 0x020000);

		fake_cap(fn, 5, 4);
		fn->cfg[0x41] = next[i];
		fn->cfg[0x44] = 9;
		fn->cfg[0x45] = 0x40;
		fn->cfg[0xfc] = 0xff;
		CHECK(walk(pci_caps(&pci->bus, 0)) <= 2);
		CHECK_EQ(pci_find_cap(&pci->bus, 0, 5), 0x40);
		CHECK_EQ(pci_find_cap(&pci->bus, 0, 9), next[i] == 0x44 ? 0x44 : 0);
		fake_pci_free(pci);
	}
}

static void test_the_longest_lists_are_walked_to_the_end(void)
{
	struct fake_pci *pci = fake_pci_new();
	struct fake_fn *fn = fake_add_express(pci, NULL, 0, 0x020000, 0);

	for (unsigned at = 0x40; at < 0x100; at += 4) {
		fn->cfg[at] = 1;
		fn->cfg[at + 1] = (uint8_t)(at + 4);
	}
	for (uint16_t at = 0x100; at < 0x1000; at = (uint16_t)(at + 4))
		put_le32(fn->cfg + at, (uint32_t)(at + 4) << 20 | 0x10001);
	CHECK_EQ(walk(pci_caps(&pci->bus, 0)), 48);
	CHECK_EQ(walk(pci_ext_caps(&pci->bus, 0)), 960);
	fake_pci_free(pci);
}

static void test_extended_walks_end_for_any_list(void)
{
	static const uint32_t head[] = {0x10010002, 0x10810002, 0x0fc10002,
					0x00010002, 0,          UINT32_MAX};

	for (unsigned i = 0; i < ARRAY_SIZE(head); i++) {
		struct fake_pci *pci = fake_pci_new();
		struct fake_fn *fn = fake_add_express(pci, NULL, 0, 0x020000, 0);

		put_le32(fn->cfg + 0x100, head[i]);
		put_le32(fn->cfg + 0x108, 0x10010003);
		CHECK_EQ(walk(pci_ext_caps(&pci->bus, 0)), i == 1 ? 2 : i < 4);
		CHECK_EQ(pci_find_ext_cap(&pci->bus, 0, 3), i == 1 ? 0x108 : 0);
		fake_pci_free(pci);
	}
}

static void test_reads_that_fail_give_ones(void)
{
	struct fake_pci *pci = fake_pci_new();

	CHECK_EQ(pci_cfg_read8(&pci->bus, 0, 0), 0xff);
	CHECK_EQ(pci_cfg_read16(&pci->bus, 0, 0), 0xffff);
	CHECK_EQ(pci_cfg_read32(&pci->bus, 0, 0), 0xffffffff);
	CHECK(pci_cfg_write32(&pci->bus, 0, 0, 0) != 0);
	CHECK_EQ(pci_find_cap(&pci->bus, 0, 5), 0);
	CHECK_EQ(pci_find_ext_cap(&pci->bus, 0, 5), 0);
	fake_pci_free(pci);
}

static const struct test tests[] = {
	TEST(test_a_fixed_register_is_no_bar),
	TEST(test_a_mask_with_holes_is_placed_only_if_the_register_takes_it),
	TEST(test_a_64_bit_bar_without_upper_half_is_a_32_bit_one),
	TEST(test_bars_of_reserved_type_and_below_1_mib_are_left_out),
	TEST(test_tiny_bars_get_a_page_each),
	TEST(test_a_register_that_refuses_costs_the_function_its_addresses),
	TEST(test_windows_a_bridge_lacks_stay_untouched),
	TEST(test_nothing_is_placed_behind_a_bridge_without_memory_window),
	TEST(test_sizing_leaves_other_registers_alone),
	TEST(test_virtual_functions_get_space_for_all_of_them),
	TEST(test_virtual_functions_are_the_first_to_go),
	TEST(test_capability_walks_end_for_any_list),
	TEST(test_the_longest_lists_are_walked_to_the_end),
	TEST(test_extended_walks_end_for_any_list),
	TEST(test_reads_that_fail_give_ones),
};
TEST_MAIN(tests)
