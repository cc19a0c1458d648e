/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding functions and numbering buses: topologies, broken functions, hard-wired bridges. */
#include "check.h"
#include "fakeclock.h"
#include "fakepci.h"

#include "base/bytes.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "pci/regs.h"

#define DF(dev, fn) ((uint8_t)((dev) << 3 | (fn)))

static void boot(struct fake_rig *r, const struct fake_phb *phb)
{
	const char *fault = fake_rig_boot(r, phb);

	CHECK_STR(fault ? fault : "fine", "fine");
}

static void check_buses(const struct fake_fn *fn, unsigned pri, unsigned sec, unsigned sub)
{
	CHECK_EQ(fn->cfg[PCI_BUSES], pri);
	CHECK_EQ(fn->cfg[PCI_BUSES + 1], sec);
	CHECK_EQ(fn->cfg[PCI_BUSES + 2], sub);
}

static unsigned functions(const struct fake_rig *r)
{
	return pci_host_summary(r->host).functions;
}

static void test_an_empty_host_is_fine(void)
{
	struct fake_rig r = fake_rig_new();

	boot(&r, &fake_phb_default);
	CHECK_EQ(functions(&r), 0);
	CHECK_EQ(pci_host_summary(r.host).buses, 1);
	fake_rig_free(&r);
}

static void test_a_full_bus_of_256_functions_is_found_and_placed(void)
{
	struct fake_rig r = fake_rig_new();

	for (unsigned i = 0; i < 256; i++) {
		struct fake_fn *fn = fake_add(r.pci, NULL, (uint8_t)i, 0x020000);

		fn->cfg[PCI_HEADER] = i & 7 ? 0 : PCI_HEADER_MULTI;
		fake_bar(fn, 0, 4096, 0);
		fake_bar(fn, 1, 32, 1);
	}
	boot(&r, &fake_phb_default);
	CHECK_EQ(functions(&r), 256);
	CHECK_EQ(pci_host_summary(r.host).left_out, 0);
	fake_rig_free(&r);
}

static void test_numbers_are_qemus_where_qemu_numbers(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *a = fake_add_bridge(r.pci, NULL, DF(1, 0));
	struct fake_fn *aa = fake_add_bridge(r.pci, a, DF(3, 0));
	struct fake_fn *ab = fake_add_bridge(r.pci, a, DF(4, 0));
	struct fake_fn *b = fake_add_bridge(r.pci, NULL, DF(5, 0));

	fake_add(r.pci, ab, DF(9, 0), 0x020000);
	fake_enumerate(r.pci);
	check_buses(a, 0, 1, 3);
	boot(&r, &fake_phb_default);
	check_buses(a, 0, 1, 3);
	check_buses(aa, 1, 2, 2);
	check_buses(ab, 1, 3, 3);
	check_buses(b, 0, 4, 4);
	fake_rig_free(&r);
}

static void test_multifunction_bridges_that_qemu_forgets_are_numbered(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *port[8];
	struct fake_fn *nic;

	for (unsigned i = 0; i < 8; i++)
		port[i] = fake_add_port(r.pci, NULL, DF(1, i), PCI_EXP_ROOT_PORT);
	port[0]->cfg[PCI_HEADER] |= PCI_HEADER_MULTI;
	nic = fake_add_express(r.pci, port[0], 0, 0x020000, 0);
	fake_bar(nic, 0, 16384, 4);
	fake_enumerate(r.pci);
	check_buses(port[0], 0, 0, 0);
	boot(&r, &fake_phb_default);
	for (unsigned i = 0; i < 8; i++)
		check_buses(port[i], 0, 1 + i, 1 + i);
	CHECK_EQ(functions(&r), 9);
	CHECK(fake_get(nic, 0x10) != 4);
	fake_rig_free(&r);
}

static void test_cas_numbers_are_written_over(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *a = fake_add_port(r.pci, NULL, DF(1, 0), PCI_EXP_ROOT_PORT);
	struct fake_fn *b = fake_add_port(r.pci, NULL, DF(1, 1), PCI_EXP_ROOT_PORT);

	a->cfg[PCI_HEADER] |= PCI_HEADER_MULTI;
	fake_add_express(r.pci, b, 0, 0x020000, 0);
	boot(&r, &fake_phb_default);
	check_buses(b, 0, 2, 2);
	fake_enumerate(r.pci);
	check_buses(b, 0, 1, 1);
	pci_host_renumber(r.host);
	check_buses(a, 0, 1, 1);
	check_buses(b, 0, 2, 2);
	fake_rig_free(&r);
}

static void test_a_switch_eight_levels_deep_is_numbered(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *up = NULL;

	up = fake_add_port(r.pci, NULL, DF(2, 0), PCI_EXP_ROOT_PORT);
	for (unsigned i = 0; i < 8; i++) {
		up = fake_add_port(r.pci, up, 0, PCI_EXP_UPSTREAM);
		fake_add_port(r.pci, up, DF(1, 0), PCI_EXP_DOWNSTREAM);
		up = fake_add_port(r.pci, up, DF(0, 0), PCI_EXP_DOWNSTREAM);
	}
	fake_bar(fake_add_express(r.pci, up, 0, 0x010802, 0), 0, 16384, 4);
	boot(&r, &fake_phb_default);
	CHECK_EQ(functions(&r), 26);
	CHECK_EQ(pci_host_summary(r.host).left_out, 0);
	fake_rig_free(&r);
}

static void test_32_levels_are_used_and_no_more(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *up = NULL;

	for (unsigned i = 0; i < 40; i++)
		up = fake_add_bridge(r.pci, up, DF(1, 0));
	boot(&r, &fake_phb_default);
	CHECK_EQ(functions(&r), 33);
	CHECK_EQ(pci_host_summary(r.host).buses, 33);
	fake_rig_free(&r);
}

static void test_bus_numbers_end_at_255(void)
{
	struct fake_rig r = fake_rig_new();

	for (unsigned i = 0; i < 256; i++) {
		struct fake_fn *b = fake_add_bridge(r.pci, NULL, (uint8_t)i);

		b->cfg[PCI_HEADER] |= i & 7 ? 0 : PCI_HEADER_MULTI;
		fake_bar(fake_add(r.pci, b, DF(1, 0), 0x020000), 0, 4096, 0);
	}
	boot(&r, &fake_phb_default);
	CHECK_EQ(pci_host_summary(r.host).buses, 256);
	CHECK_EQ(functions(&r), 256 + 255);
	check_buses(fake_find(r.pci, PCI_BDF(0, 31, 6)), 0, 255, 255);
	check_buses(fake_find(r.pci, PCI_BDF(0, 31, 7)), 0, 0, 0);
	fake_rig_free(&r);
}

static void test_bus_numbers_end_where_the_host_says(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_phb phb = fake_phb_default;

	phb.last_bus = 7;
	for (unsigned i = 0; i < 10; i++)
		fake_add_bridge(r.pci, NULL, DF(i, 0));
	boot(&r, &phb);
	CHECK_EQ(pci_host_summary(r.host).buses, 8);
	CHECK_EQ(functions(&r), 10);
	fake_rig_free(&r);
}

static void test_ids_that_mean_nobody_are_not_functions(void)
{
	static const uint32_t ids[] = {0, 0x0000ffff, 0xffff0000, 0xffffffff, 0x1234ffff};
	struct fake_rig r = fake_rig_new();

	for (unsigned i = 0; i < ARRAY_SIZE(ids); i++)
		fake_set(fake_add(r.pci, NULL, DF(i, 0), 0x020000), PCI_ID, ids[i], 0);
	fake_rig_prepare(&r, &fake_phb_default);
	CHECK_EQ(pci_host_setup(r.host), 0);
	CHECK_EQ(functions(&r), 0);
	CHECK_EQ(r.pci->writes, 0);
	fake_rig_free(&r);
}

static void test_a_function_may_ask_to_be_tried_later(void)
{
	struct fake_rig r = fake_rig_new();
	uint64_t before = fake_now_us;

	fake_add(r.pci, NULL, DF(1, 0), 0x020000)->retries = 3;
	boot(&r, &fake_phb_default);
	CHECK_EQ(functions(&r), 1);
	CHECK(fake_now_us - before >= 7000);
	fake_rig_free(&r);
}

static void test_functions_that_ask_for_ever_do_not_stop_the_boot(void)
{
	struct fake_rig r = fake_rig_new();
	uint64_t before = fake_now_us;

	for (unsigned i = 0; i < 30; i++)
		fake_add(r.pci, NULL, DF(i, 0), 0x020000)->retries = UINT32_MAX;
	fake_add(r.pci, NULL, DF(31, 0), 0x020000);
	boot(&r, &fake_phb_default);
	CHECK_EQ(functions(&r), 1);
	CHECK(fake_now_us - before < 6000000);
	fake_rig_free(&r);
}

static void test_unknown_headers_are_named_but_not_touched(void)
{
	static const uint8_t types[] = {0x7f, 0xff, 3, 2};
	struct fake_rig r = fake_rig_new();

	for (unsigned i = 0; i < ARRAY_SIZE(types); i++) {
		struct fake_fn *fn = fake_add(r.pci, NULL, DF(i, 0), 0x060700);

		fn->cfg[PCI_HEADER] = types[i];
		fake_set(fn, 0x14, 0x12345678, UINT32_MAX);
		put_le16(fn->cfg + PCI_COMMAND, 7);
	}
	boot(&r, &fake_phb_default);
	CHECK_EQ(functions(&r), 4);
	for (unsigned i = 0; i < ARRAY_SIZE(types); i++) {
		struct fake_fn *fn = fake_find(r.pci, PCI_BDF(0, i, 0));

		CHECK_EQ(fake_get(fn, 0x14), 0x12345678);
		CHECK_EQ(fn->cfg[PCI_COMMAND], types[i] == 2 ? 0 : 7);
	}
	fake_rig_free(&r);
}

static void test_the_header_decides_what_a_bridge_is(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *odd = fake_add_bridge(r.pci, NULL, DF(1, 0));

	fake_set(odd, PCI_CLASS_REV, 0x02000000, 0);
	fake_add(r.pci, odd, DF(2, 0), 0x020000);
	fake_add(r.pci, NULL, DF(2, 0), 0x060400);
	boot(&r, &fake_phb_default);
	check_buses(odd, 0, 1, 1);
	CHECK_EQ(functions(&r), 3);
	fake_rig_free(&r);
}

static void test_functions_of_a_slot_need_the_multifunction_bit_or_a_node(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *hidden;

	fake_add(r.pci, NULL, DF(1, 0), 0x020000);
	hidden = fake_add(r.pci, NULL, DF(1, 3), 0x020000);
	fake_add(r.pci, NULL, DF(2, 5), 0x020000); /* function 0 is absent */
	fake_rig_prepare(&r, &fake_phb_default);
	dt_node_delete(&r.tree, dt_child_find(r.phb, "ethernet@1,3"));
	CHECK_EQ(pci_host_setup(r.host), 0);
	CHECK_EQ(functions(&r), 2);
	hidden->parent = NULL;
	fake_find(r.pci, PCI_BDF(0, 1, 0))->cfg[PCI_HEADER] = PCI_HEADER_MULTI;
	CHECK_EQ(pci_host_setup(r.host), 0);
	CHECK_EQ(functions(&r), 3);
	fake_rig_free(&r);
}

static void test_behind_a_port_only_device_0_is_looked_for(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *port = fake_add_port(r.pci, NULL, DF(1, 0), PCI_EXP_ROOT_PORT);
	uint64_t empty;

	fake_rig_prepare(&r, &fake_phb_default);
	CHECK_EQ(pci_host_setup(r.host), 0);
	empty = r.pci->accesses;
	pci_host_free(r.host);
	dt_tree_free(&r.tree);
	fake_add_express(r.pci, port, 0, 0x020000, 0);
	fake_add_express(r.pci, port, DF(4, 0), 0x020000, 0);
	boot(&r, &fake_phb_default);
	CHECK_EQ(functions(&r), 3); /* device 4 has a node */
	printf("# one empty port: %u accesses\n", (unsigned)empty);
	CHECK(empty < 32 + 90 && empty > 32);
	dt_node_delete(&r.tree, dt_path_find(&r.tree, "/pci@800000020000000/pci@1/ethernet@4"));
	CHECK_EQ(pci_host_setup(r.host), 0);
	CHECK_EQ(functions(&r), 2);
	fake_rig_free(&r);
}

static void add_ari(struct fake_rig *r, struct fake_fn *port, uint8_t devfn, uint8_t next)
{
	struct fake_fn *fn = fake_add_express(r->pci, port, devfn, 0x020000, 0);
	uint16_t cap;

	fake_ext_cap(fn, 1, 0x20);
	cap = fake_ext_cap(fn, PCI_EXT_CAP_ARI, 8);
	fn->cfg[cap + PCI_ARI_CAP + 1] = next;
}

/* Boot with no nodes, so that only the chain tells. */
static unsigned boot_bare(struct fake_rig *r)
{
	fake_rig_prepare(r, &fake_phb_default);
	while (r->phb->child)
		dt_node_delete(&r->tree, r->phb->child);
	CHECK_EQ(pci_host_setup(r->host), 0);
	CHECK_EQ(pci_host_summary(r->host).faults, 0);
	return functions(r);
}

static void test_alternative_routing_ids_are_followed_where_forwarded(void)
{
	for (unsigned on = 0; on < 2; on++) {
		struct fake_rig r = fake_rig_new();
		struct fake_fn *port = fake_add_port(r.pci, NULL, DF(1, 0), PCI_EXP_ROOT_PORT);

		port->cfg[0x40 + PCI_EXP_CONTROL2] = on ? PCI_EXP_CONTROL2_ARI : 0;
		for (unsigned i = 0; i < 255; i++)
			add_ari(&r, port, (uint8_t)i, (uint8_t)(i + 1));
		add_ari(&r, port, 255, 0);
		CHECK_EQ(boot_bare(&r), on ? 257 : 2);
		fake_rig_free(&r);
	}
}

static void test_a_chain_of_routing_ids_that_turns_back_ends(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *port = fake_add_port(r.pci, NULL, DF(1, 0), PCI_EXP_ROOT_PORT);

	port->cfg[0x40 + PCI_EXP_CONTROL2] = PCI_EXP_CONTROL2_ARI;
	add_ari(&r, port, 0, 9);
	add_ari(&r, port, 9, 200);
	add_ari(&r, port, 200, 9);
	CHECK_EQ(boot_bare(&r), 4);
	fake_rig_free(&r);
}

static void test_a_bridge_with_fixed_numbers_is_left_out_alone(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *fixed = fake_add_bridge(r.pci, NULL, DF(1, 0));
	struct fake_fn *good = fake_add_bridge(r.pci, NULL, DF(2, 0));
	struct fake_fn *inner = fake_add_bridge(r.pci, good, DF(1, 0));

	fake_set(fixed, PCI_BUSES, 0x00020200, 0);
	fake_add(r.pci, fixed, DF(1, 0), 0x020000);
	fake_bar(fake_add(r.pci, inner, DF(1, 0), 0x020000), 0, 4096, 0);
	fake_rig_prepare(&r, &fake_phb_default);
	fake_set(fixed, PCI_BUSES, 0x00020200, 0);
	CHECK_EQ(pci_host_setup(r.host), 0);
	CHECK_EQ(pci_host_summary(r.host).faults, 0);
	check_buses(good, 0, 1, 3);
	check_buses(inner, 1, 3, 3); /* 2 is taken */
	CHECK_EQ(functions(&r), 4);
	fake_rig_free(&r);
}

/* A subordinate number register with a hole: it takes the host's last number, but not 2. */
static void test_a_bridge_that_loses_numbers_given_out_behind_it_is_closed(void)
{
	struct fake_phb phb = fake_phb_default;
	struct fake_rig r = fake_rig_new();
	struct fake_fn *bad = fake_add_bridge(r.pci, NULL, DF(1, 0));
	struct fake_fn *good = fake_add_bridge(r.pci, NULL, DF(2, 0));
	struct fake_fn *fn = fake_add(r.pci, good, DF(1, 0), 0x020000);

	fake_add_bridge(r.pci, bad, DF(1, 0));
	fake_bar(fn, 0, 4096, 0);
	phb.last_bus = 0xfd;
	fake_rig_prepare(&r, &phb);
	fake_set(bad, PCI_BUSES, 0, 0x00fdffff);
	CHECK_EQ(pci_host_setup(r.host), 0);
	CHECK_EQ(pci_host_summary(r.host).faults, 0);
	check_buses(bad, 0, 0, 0);
	check_buses(good, 0, 1, 1);
	CHECK_EQ(functions(&r), 3);
	CHECK_EQ(pci_host_summary(r.host).buses, 2);
	CHECK(fake_get(fn, PCI_BAR0) != 0);
	fake_rig_free(&r);
}

static void test_room_for_buses_is_given_up_when_a_bridge_cannot_move(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *port = fake_add_port(r.pci, NULL, DF(1, 0), PCI_EXP_ROOT_PORT);
	struct fake_fn *odd = fake_add_bridge(r.pci, NULL, DF(2, 0));

	put_le32(port->cfg + fake_reserve(port) + PCI_RESERVE_BUS, 3);
	fake_set(odd, PCI_BUSES, 0, 0x00fffeff); /* no secondary number of 5 */
	boot(&r, &fake_phb_default);
	check_buses(port, 0, 1, 1);
	check_buses(odd, 0, 2, 2);
	fake_rig_free(&r);
}

static void test_a_fixed_primary_number_does_not_matter(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *a = fake_add_bridge(r.pci, NULL, DF(1, 0));
	struct fake_fn *b = fake_add_bridge(r.pci, a, DF(1, 0));

	b->mask[PCI_BUSES] = 0;
	fake_add(r.pci, b, DF(1, 0), 0x020000);
	fake_rig_prepare(&r, &fake_phb_default);
	b->cfg[PCI_BUSES] = 0;
	CHECK_EQ(pci_host_setup(r.host), 0);
	CHECK_EQ(functions(&r), 3);
	fake_rig_free(&r);
}

static void test_a_bus_in_reset_is_released(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *a = fake_add_bridge(r.pci, NULL, DF(1, 0));

	a->cfg[PCI_BRIDGE_CONTROL] = PCI_BRIDGE_RESET | PCI_BRIDGE_VGA | 3;
	fake_add(r.pci, a, DF(1, 0), 0x020000);
	boot(&r, &fake_phb_default);
	CHECK_EQ(functions(&r), 2);
	CHECK_EQ(a->cfg[PCI_BRIDGE_CONTROL], 3);
	fake_rig_free(&r);
}

static void test_buses_asked_for_are_kept_free(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *a = fake_add_port(r.pci, NULL, DF(1, 0), PCI_EXP_ROOT_PORT);
	struct fake_fn *b = fake_add_port(r.pci, NULL, DF(2, 0), PCI_EXP_ROOT_PORT);
	struct fake_fn *nic = fake_add_express(r.pci, b, 0, 0x020000, 0);
	uint8_t cap = fake_cap(a, PCI_CAP_VENDOR, PCI_RESERVE_LEN);

	memset(a->cfg + cap + 4, 0xff, PCI_RESERVE_LEN - 4);
	put_le16(a->cfg + cap + 2, 0x120);
	put_le32(a->cfg + cap + PCI_RESERVE_BUS, 3);
	fake_bar(nic, 0, 4096, 0);
	boot(&r, &fake_phb_default);
	check_buses(a, 0, 1, 4);
	check_buses(b, 0, 5, 5);
	CHECK_EQ(functions(&r), 3);
	fake_enumerate(r.pci);
	pci_host_renumber(r.host);
	check_buses(b, 0, 5, 5);
	CHECK(fake_find(r.pci, PCI_BDF(5, 0, 0)) == nic);
	fake_rig_free(&r);
}

static void test_a_scan_costs_a_bounded_number_of_accesses(void)
{
	struct fake_rig r = fake_rig_new();

	for (unsigned i = 0; i < 32; i++) {
		struct fake_fn *fn = fake_add(r.pci, NULL, DF(i, 0), 0x020000);

		fake_bar(fn, 0, 32, 1);
		fake_bar(fn, 1, 4096, 0);
	}
	boot(&r, &fake_phb_default);
	CHECK(r.pci->accesses / 32 < 70);
	fake_rig_free(&r);
}

static const struct test tests[] = {
	TEST(test_an_empty_host_is_fine),
	TEST(test_a_full_bus_of_256_functions_is_found_and_placed),
	TEST(test_numbers_are_qemus_where_qemu_numbers),
	TEST(test_multifunction_bridges_that_qemu_forgets_are_numbered),
	TEST(test_cas_numbers_are_written_over),
	TEST(test_a_switch_eight_levels_deep_is_numbered),
	TEST(test_32_levels_are_used_and_no_more),
	TEST(test_bus_numbers_end_at_255),
	TEST(test_bus_numbers_end_where_the_host_says),
	TEST(test_ids_that_mean_nobody_are_not_functions),
	TEST(test_a_function_may_ask_to_be_tried_later),
	TEST(test_functions_that_ask_for_ever_do_not_stop_the_boot),
	TEST(test_unknown_headers_are_named_but_not_touched),
	TEST(test_the_header_decides_what_a_bridge_is),
	TEST(test_functions_of_a_slot_need_the_multifunction_bit_or_a_node),
	TEST(test_behind_a_port_only_device_0_is_looked_for),
	TEST(test_alternative_routing_ids_are_followed_where_forwarded),
	TEST(test_a_chain_of_routing_ids_that_turns_back_ends),
	TEST(test_a_bridge_with_fixed_numbers_is_left_out_alone),
	TEST(test_a_bridge_that_loses_numbers_given_out_behind_it_is_closed),
	TEST(test_room_for_buses_is_given_up_when_a_bridge_cannot_move),
	TEST(test_a_fixed_primary_number_does_not_matter),
	TEST(test_a_bus_in_reset_is_released),
	TEST(test_buses_asked_for_are_kept_free),
	TEST(test_a_scan_costs_a_bounded_number_of_accesses),
};
TEST_MAIN(tests)
