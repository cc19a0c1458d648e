/* SPDX-License-Identifier: BSD-2-Clause */
/* What people are told about a host: the doctor's paragraphs, the list of functions. */
#include "check.h"
#include "fakepci.h"

#include "base/bytes.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "pci/regs.h"

#define GIB         (1ull << 30)
#define MIB         (1ull << 20)
#define DF(dev, fn) ((uint8_t)((dev) << 3 | (fn)))
#define NIC         0x020000u

static char said[65536];
static unsigned widest;

static void listen(void *ctx, const char *line)
{
	size_t at = strlen(said);

	(void)ctx;
	if (strlen(line) > widest)
		widest = (unsigned)strlen(line);
	/* one paragraph, one line */
	snprintf(said + at, sizeof(said) - at, "%s%s", strncmp(line, "  ", 2) ? "\n" : " ",
		 line + strspn(line, " "));
}

static void clear(void)
{
	said[0] = '\0';
	widest = 0;
}

/* Set up a machine and ask the doctor. */
static unsigned ask(struct fake_rig *r, const struct fake_phb *phb)
{
	unsigned problems;

	fake_rig_prepare(r, phb);
	CHECK_EQ(pci_host_setup(r->host), 0);
	clear();
	problems = pci_host_doctor(r->host, listen, NULL);
	CHECK(widest <= 80);
	return problems;
}

static void must_say(const char *text)
{
	if (!strstr(said, text))
		check_fail("\"%s\" not in: %s", text, said);
}

static void must_not_say(const char *text)
{
	if (strstr(said, text))
		check_fail("\"%s\" in: %s", text, said);
}

static struct fake_fn *one_bar(struct fake_rig *r, struct fake_fn *up, uint8_t devfn, uint64_t size,
			       uint32_t type)
{
	struct fake_fn *fn = fake_add(r->pci, up, devfn, NIC);

	fake_bar(fn, 0, size, type);
	return fn;
}

static struct fake_fn *root_port(struct fake_rig *r, uint8_t devfn)
{
	return fake_add_port(r->pci, NULL, devfn, PCI_EXP_ROOT_PORT);
}

static void test_a_machine_where_all_fits_is_well(void)
{
	struct fake_rig r = fake_rig_new();

	one_bar(&r, root_port(&r, DF(1, 0)), 0, 16384, 0xc);
	CHECK_EQ(ask(&r, &fake_phb_default), 0);
	must_say("All is well: 2 functions on 2 buses");
	must_not_say("\n*");
	must_not_say("\n-");
	fake_rig_free(&r);
}

static void test_memory_below_4_gib_that_is_full_is_explained(void)
{
	struct fake_rig r = fake_rig_new();

	for (unsigned i = 0; i < 5; i++)
		one_bar(&r, NULL, DF(i, 0), 512 * MIB, 8);
	CHECK_EQ(ask(&r, &fake_phb_default), 1);
	must_say("* Memory below 4 GiB is full: no room for 00:03.0 ethernet@3 (virtio-net-pci), "
		 "00:04.0 ethernet@4");
	must_say("asked for were 2560M");
	must_say("-device spapr-pci-host-bridge,index=1,id=phb1");
	must_say("\nProblems: 1.");
	fake_rig_free(&r);
}

static void test_a_small_window_below_4_gib_can_be_raised(void)
{
	struct fake_phb phb = fake_phb_default;
	struct fake_rig r = fake_rig_new();

	phb.low_size = 256 * MIB;
	for (unsigned i = 0; i < 3; i++)
		one_bar(&r, NULL, DF(i, 0), 128 * MIB, 0);
	CHECK_EQ(ask(&r, &phb), 1);
	must_say("mem_win_size can be up to 2147483648");
	fake_rig_free(&r);
}

static void test_memory_above_4_gib_that_is_full_names_a_size_that_will_do(void)
{
	struct fake_rig r = fake_rig_new();

	one_bar(&r, NULL, DF(1, 0), 512 * GIB, 0xc);
	one_bar(&r, NULL, DF(2, 0), 512 * GIB, 0xc);
	one_bar(&r, NULL, DF(3, 0), 128 * GIB, 0xc);
	CHECK_EQ(ask(&r, &fake_phb_default), 1);
	must_say("Memory above 4 GiB is full: no room for 00:02.0");
	must_say("mem64_win_size=4398046511104");
	fake_rig_free(&r);
}

static void test_a_register_larger_than_any_window_is_explained(void)
{
	struct fake_rig r = fake_rig_new();

	one_bar(&r, NULL, DF(1, 0), 2048 * GIB, 0xc);
	CHECK_EQ(ask(&r, &fake_phb_default), 1);
	must_say("bar0 (pref64, 2T) has no place: no window is that large.");
	must_say("mem64_win_size=4398046511104");
	must_not_say("is full");
	fake_rig_free(&r);
}

static void test_without_a_window_above_4_gib_the_reason_is_named(void)
{
	struct fake_phb phb = fake_phb_default;
	struct fake_rig r = fake_rig_new();

	phb.high_size = 0;
	for (unsigned i = 0; i < 3; i++)
		one_bar(&r, NULL, DF(i, 0), GIB, 0xc);
	CHECK_EQ(ask(&r, &phb), 1);
	must_say("without mem64_win_size=0, 64-bit registers would go there");
	fake_rig_free(&r);
}

static void test_not_prefetchable_behind_a_bridge_belongs_on_the_root_bus(void)
{
	struct fake_rig r = fake_rig_new();

	one_bar(&r, fake_add_bridge(r.pci, NULL, DF(1, 0)), DF(1, 0), 4 * GIB, 4);
	CHECK_EQ(ask(&r, &fake_phb_default), 1);
	must_say("behind a bridge it must be below 4 GiB, since it is not prefetchable");
	must_say("bus=pci.0");
	fake_rig_free(&r);
}

static void test_a_port_without_io_window_is_named_with_its_remedy(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *port = root_port(&r, DF(1, 0)), *fn;

	fake_no_window(port, 0);
	fn = one_bar(&r, port, 0, 32, 1);
	fake_bar(fn, 1, 4096, 0);
	CHECK_EQ(ask(&r, &fake_phb_default), 0);
	must_say("- 01:00.0 ethernet@0 (virtio-net-pci): bar0 (io, 32B) has no place");
	must_say("the bridge 00:01.0 pci@1");
	must_say("io-reserve=4096");
	must_say("All is well");
	fake_rig_free(&r);
}

static void test_io_space_that_is_full_is_a_problem_only_without_memory(void)
{
	struct fake_rig r = fake_rig_new();

	for (unsigned i = 0; i < 20; i++) {
		struct fake_fn *b = fake_add_bridge(r.pci, NULL, DF(i, 0));
		struct fake_fn *fn = one_bar(&r, b, DF(1, 0), 32, 1);

		if (i >= 2)
			fake_bar(fn, 1, 4096, 0);
	}
	CHECK_EQ(ask(&r, &fake_phb_default), 0);
	must_say("- Left without I/O addresses, for want of I/O space");
	must_say("disable-legacy=on");
	fake_rig_free(&r);
}

static void test_roms_and_virtual_functions_are_notes(void)
{
	struct fake_phb phb = fake_phb_default;
	struct fake_rig r = fake_rig_new();
	struct fake_fn *fn = fake_add_express(r.pci, NULL, DF(1, 0), NIC, 0);

	fake_bar(fn, 0, 16384, 0xc);
	fake_sriov(fn, 256, GIB, 4);
	fn = one_bar(&r, NULL, DF(2, 0), 128 * MIB, 0);
	fake_rom(fn, 128 * MIB);
	phb.low_size = 128 * MIB;
	phb.high_size = GIB;
	CHECK_EQ(ask(&r, &phb), 0);
	must_say("- Left without room for their option ROMs: 00:02.0");
	must_say("rombar=0");
	must_say("sriov_max_vfs");
	fake_rig_free(&r);
}

static void test_too_many_bridges_are_explained(void)
{
	struct fake_phb phb = fake_phb_default;
	struct fake_rig r = fake_rig_new();

	phb.last_bus = 7;
	for (unsigned i = 0; i < 10; i++)
		fake_add_bridge(r.pci, NULL, DF(i, 0));
	CHECK_EQ(ask(&r, &phb), 1);
	must_say("* Bus numbers are used up; nothing behind these bridges is used: 00:07.0");
	fake_rig_free(&r);
}

static void test_reserves_that_are_not_kept_are_named(void)
{
	struct fake_rig r = fake_rig_new();

	for (unsigned i = 0; i < 3; i++) {
		struct fake_fn *port = root_port(&r, DF(i, 0));
		uint8_t cap = fake_reserve(port);

		put_le32(port->cfg + cap + PCI_RESERVE_MEM, 1u << 30);
		put_le32(port->cfg + cap + PCI_RESERVE_BUS, 100);
	}
	CHECK_EQ(ask(&r, &fake_phb_default), 0);
	must_say("- Windows smaller than the user reserved");
	must_say("- More bus numbers were asked for than could be kept free");
	fake_rig_free(&r);
}

static void test_ports_with_hot_plug_of_their_own_are_warned_about(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *port = root_port(&r, DF(1, 0));

	one_bar(&r, port, 0, 16384, 0xc);
	put_le16(port->cfg + port->express_cap + PCI_EXP_FLAGS,
		 (uint16_t)(get_le16(port->cfg + port->express_cap + PCI_EXP_FLAGS) |
			    PCI_EXP_FLAGS_SLOT));
	put_le32(port->cfg + port->express_cap + PCI_EXP_SLOT_CAP, PCI_EXP_SLOT_HOTPLUG);
	CHECK_EQ(ask(&r, &fake_phb_default), 1);
	must_say("hotplug=off");
	fake_rig_free(&r);
}

static void test_function_0_must_exist_and_name_the_others(void)
{
	struct fake_rig r = fake_rig_new();

	one_bar(&r, NULL, DF(1, 0), 4096, 0);
	one_bar(&r, NULL, DF(1, 3), 4096, 0);
	one_bar(&r, NULL, DF(2, 1), 4096, 0)->absent = true;
	CHECK_EQ(ask(&r, &fake_phb_default), 1);
	must_say("- Function 0 does not say that there are others in its slot: 00:01.0");
	must_say("pci@800000020000000/ethernet@2,1 is in QEMU's tree, but nothing answers there");
	must_say("multifunction=on");
	fake_rig_free(&r);
}

static void test_odd_and_broken_functions_are_named(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *fixed = fake_add_bridge(r.pci, NULL, DF(2, 0));

	fake_add(r.pci, NULL, DF(1, 0), NIC)->cfg[PCI_HEADER] = 0x7f;
	fake_add(r.pci, NULL, DF(3, 0), NIC);
	fake_rig_prepare(&r, &fake_phb_default);
	fake_set(fixed, PCI_BUSES, 0x00020200, 0);
	CHECK_EQ(pci_host_setup(r.host), 0);
	clear();
	CHECK_EQ(pci_host_doctor(r.host, listen, NULL), 2);
	must_say("Header type unknown, left alone: 00:01.0");
	must_say("Bus numbers cannot be set; nothing behind these bridges is used: 00:02.0");
	must_say("- Asks for no addresses: 00:03.0");
	fake_rig_free(&r);
}

static void test_registers_out_of_reach_are_a_note(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *fn;

	fn = fake_add_express(r.pci, fake_add_bridge(r.pci, NULL, DF(1, 0)), DF(1, 0), NIC, 0);
	fake_bar(fn, 0, 4096, 0);
	CHECK_EQ(ask(&r, &fake_phb_default), 0);
	must_say("- Registers from 0x100 on are out of reach: 01:01.0");
	fake_rig_free(&r);
}

static bool all(void *ctx, const struct dt_node *node)
{
	(void)ctx;
	return strstr(node->name, "ethernet@2") != NULL;
}

static void test_what_the_boot_needs_is_said(void)
{
	struct fake_rig r = fake_rig_new();

	one_bar(&r, NULL, DF(2, 0), 2048 * GIB, 0xc);
	fake_rig_prepare(&r, &fake_phb_default);
	pci_host_prefer(r.host, all, NULL);
	CHECK_EQ(pci_host_setup(r.host), 0);
	clear();
	CHECK_EQ(pci_host_doctor(r.host, listen, NULL), 1);
	must_say("(virtio-net-pci), which this boot needs: bar0");
	fake_rig_free(&r);
}

static void test_a_register_changed_behind_our_back_breaks_an_invariant(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *fn = one_bar(&r, NULL, DF(2, 0), 4096, 0);

	CHECK_EQ(ask(&r, &fake_phb_default), 0);
	fake_set(fn, PCI_BAR0, 0x90000000, 0xfffff000);
	clear();
	CHECK_EQ(pci_host_doctor(r.host, listen, NULL), 1);
	must_say("1 of the firmware's own invariants are broken");
	fake_rig_free(&r);
}

static void test_a_window_or_an_interrupt_map_that_changed_breaks_an_invariant(void)
{
	static const uint16_t window[] = {PCI_IO_WINDOW, PCI_MEM_WINDOW, PCI_PREF_WINDOW,
					  PCI_PREF_LIMIT_HI};
	struct fake_rig r = fake_rig_new();
	struct fake_fn *up = fake_add_bridge(r.pci, NULL, DF(1, 0));
	struct dt_prop *map;

	one_bar(&r, up, DF(2, 0), 4096, 0);
	CHECK_EQ(ask(&r, &fake_phb_default), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(window); i++) {
		uint32_t was = fake_get(up, window[i]);

		fake_set(up, window[i], was ^ 0x10, UINT32_MAX);
		clear();
		CHECK_EQ(pci_host_doctor(r.host, listen, NULL), 1);
		must_say("1 of the firmware's own invariants are broken");
		fake_set(up, window[i], was, UINT32_MAX);
	}
	map = dt_prop_find(dt_path_find(&r.tree, "/pci@800000020000000/pci@1"), "interrupt-map");
	CHECK(map);
	((uint8_t *)map->data)[35] ^= 1;
	CHECK_EQ(pci_host_doctor(r.host, listen, NULL), 1);
	fake_rig_free(&r);
}

static void test_a_function_that_decodes_for_ever_is_no_fault_of_the_firmware(void)
{
	struct fake_rig r = fake_rig_new();

	fake_set(one_bar(&r, NULL, DF(2, 0), 4096, 0), PCI_COMMAND, PCI_COMMAND_MEM, 0);
	CHECK_EQ(ask(&r, &fake_phb_default), 0);
	CHECK_EQ(pci_host_summary(r.host).faults, 0);
	fake_rig_free(&r);
}

/* ---- the list ---- */

static void test_the_list_has_a_line_per_function(void)
{
	struct fake_rig r = fake_rig_new();

	one_bar(&r, fake_add_bridge(r.pci, NULL, DF(1, 0)), DF(2, 0), 4096, 0);
	ask(&r, &fake_phb_default);
	clear();
	pci_host_list(r.host, false, NULL, listen, NULL);
	must_say("\npci@800000020000000 00:01.0 060400 ");
	must_say("\npci@800000020000000 01:02.0 020000 1af4:1000 ethernet@2 (virtio-net-pci)");
	clear();
	pci_host_list(r.host, false, "01:", listen, NULL);
	must_not_say("00:01.0");
	fake_rig_free(&r);
}

static void test_the_list_in_detail_names_registers_windows_and_capabilities(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *port = root_port(&r, DF(1, 0));
	struct fake_fn *fn = fake_add_express(r.pci, port, 0, NIC, 0);

	fake_bar(fn, 0, 16384, 0xc);
	put_le16(fn->cfg + fake_cap(fn, PCI_CAP_MSIX, 12) + 2, 4);
	fake_ext_cap(fn, 1, 0x40);
	fake_sriov(fn, 7, 4096, 4);
	ask(&r, &fake_phb_default);
	clear();
	pci_host_list(r.host, true, NULL, listen, NULL);
	must_say("bar0 pref64 16K at 210000000000");
	must_say("buses 01 to 01");
	must_say("window mem32 80000000-");
	must_say("capability 10 PCI Express, root port");
	must_say("capability 11 MSI-X, 5 interrupts");
	must_say("extended capability 0001 AER");
	must_say("extended capability 0010 single-root I/O virtualization, up to 7 functions");
	must_say("on: I/O memory bus master");
	must_say("nothing on");
	fake_rig_free(&r);
}

static const struct test tests[] = {
	TEST(test_a_machine_where_all_fits_is_well),
	TEST(test_memory_below_4_gib_that_is_full_is_explained),
	TEST(test_a_small_window_below_4_gib_can_be_raised),
	TEST(test_memory_above_4_gib_that_is_full_names_a_size_that_will_do),
	TEST(test_a_register_larger_than_any_window_is_explained),
	TEST(test_without_a_window_above_4_gib_the_reason_is_named),
	TEST(test_not_prefetchable_behind_a_bridge_belongs_on_the_root_bus),
	TEST(test_a_port_without_io_window_is_named_with_its_remedy),
	TEST(test_io_space_that_is_full_is_a_problem_only_without_memory),
	TEST(test_roms_and_virtual_functions_are_notes),
	TEST(test_too_many_bridges_are_explained),
	TEST(test_reserves_that_are_not_kept_are_named),
	TEST(test_ports_with_hot_plug_of_their_own_are_warned_about),
	TEST(test_function_0_must_exist_and_name_the_others),
	TEST(test_odd_and_broken_functions_are_named),
	TEST(test_registers_out_of_reach_are_a_note),
	TEST(test_what_the_boot_needs_is_said),
	TEST(test_a_register_changed_behind_our_back_breaks_an_invariant),
	TEST(test_a_window_or_an_interrupt_map_that_changed_breaks_an_invariant),
	TEST(test_a_function_that_decodes_for_ever_is_no_fault_of_the_firmware),
	TEST(test_the_list_has_a_line_per_function),
	TEST(test_the_list_in_detail_names_registers_windows_and_capabilities),
};
TEST_MAIN(tests)
