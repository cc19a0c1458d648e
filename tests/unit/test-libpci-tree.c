/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands in the device tree: properties of functions and bridges, hot-plug at CAS, names. */
#include "check.h"
#include "fakepci.h"

#include "base/bytes.h"
#include "dt/cells.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "pci/regs.h"

#define DF(dev, fn) ((uint8_t)((dev) << 3 | (fn)))

static void boot(struct fake_rig *r)
{
	const char *fault = fake_rig_boot(r, &fake_phb_default);

	CHECK_STR(fault ? fault : "fine", "fine");
}

static struct dt_node *at(const struct fake_rig *r, const char *path)
{
	char full[128];
	struct dt_node *node;

	snprintf(full, sizeof(full), "/pci@800000020000000/%s", path);
	node = dt_path_find(&r->tree, full);
	if (!node)
		check_fail("no node %s", full);
	return node;
}

static void check_cells(const struct dt_node *node, const char *name, const uint32_t *want,
			unsigned n)
{
	const struct dt_prop *p = dt_prop_find(node, name);

	CHECK(p != NULL);
	CHECK_EQ(p->len, n * 4);
	for (unsigned i = 0; i < n; i++)
		CHECK_EQ(get_be32(p->data + 4 * i), want[i]);
}
#define CHECK_CELLS(node, name, ...)                               \
	do {                                                       \
		static const uint32_t want_[] = {__VA_ARGS__};     \
		check_cells(node, name, want_, ARRAY_SIZE(want_)); \
	} while (0)

static void test_reg_gets_the_bus_and_the_prefetchable_bit(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *port = fake_add_port(r.pci, NULL, DF(1, 0), PCI_EXP_ROOT_PORT);
	struct fake_fn *fn = fake_add_express(r.pci, port, 0, 0x010802, 0);

	port->cfg[PCI_HEADER] |= PCI_HEADER_MULTI; /* QEMU says bus 0 */
	fake_bar(fn, 0, 0x4000, 4);
	fake_bar(fn, 2, 0x1000, 0xc);
	boot(&r);
	CHECK_CELLS(at(&r, "pci@1/mass-storage@0"), "reg", 0x00010000, 0, 0, 0, 0, 0x03010010, 0, 0,
		    0, 0x4000, 0x43010018, 0, 0, 0, 0x1000);
	CHECK_CELLS(at(&r, "pci@1/mass-storage@0"), "assigned-addresses", 0x82010010, 0, 0x80000000,
		    0, 0x4000, 0xc3010018, 0x2100, 0, 0, 0x1000);
	fake_rig_free(&r);
}

static void test_assigned_addresses_follow_reg_and_end_with_the_rom(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *fn = fake_add(r.pci, NULL, DF(2, 3), 0x030000);

	fake_bar(fn, 0, 0x1000000, 8);
	fake_bar(fn, 1, 32, 1);
	fake_rom(fn, 0x10000);
	boot(&r);
	CHECK_CELLS(r.phb->child, "assigned-addresses", 0xc2001310, 0, 0x80000000, 0, 0x1000000,
		    0x81001314, 0, 0x1000, 0, 32, 0x82001330, 0, 0x81000000, 0, 0x10000);
	fake_rig_free(&r);
}

static void test_a_bridge_says_what_is_behind_it(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *b = fake_add_bridge(r.pci, NULL, DF(3, 0));
	struct dt_node *node;

	fake_bar(fake_add(r.pci, b, DF(1, 0), 0x020000), 0, 0x1000, 0);
	boot(&r);
	node = at(&r, "pci@3");
	CHECK_STR(dt_prop_get_str(node, "device_type"), "pci");
	CHECK_CELLS(node, "bus-range", 1, 1);
	CHECK_CELLS(node, "ranges", 0x01000000, 0, 0x1000, 0x01000000, 0, 0x1000, 0, 0x1000,
		    0x02000000, 0, 0x80000000, 0x02000000, 0, 0x80000000, 0, 0x4100000, 0x43000000,
		    0x2100, 0, 0x43000000, 0x2100, 0, 8, 0);
	CHECK_CELLS(node, "interrupt-map-mask", 0xf800, 0, 0, 7);
	CHECK_EQ(dt_prop_u32_or(node, "#interrupt-cells", 0), 1);
	fake_rig_free(&r);
}

static void test_interrupt_maps_turn_pins_by_the_slot(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *b = fake_add_bridge(r.pci, NULL, DF(3, 1));
	struct dt_reader rd;
	struct dt_node *node;

	b->devfn = DF(3, 0);
	fake_add(r.pci, b, DF(31, 0), 0x020000);
	boot(&r);
	node = at(&r, "pci@3");
	rd = dt_read(node, "interrupt-map");
	for (uint32_t slot = 0; slot < 32; slot++)
		for (uint32_t pin = 1; pin <= 4; pin++) {
			CHECK_EQ(dt_read_u32(&rd), slot << 11);
			CHECK_EQ(dt_read_u64(&rd), 0);
			CHECK_EQ(dt_read_u32(&rd), pin);
			CHECK_EQ(dt_read_u32(&rd), r.phb->phandle);
			CHECK_EQ(dt_read_u32(&rd), DF(3, 0) << 8);
			CHECK_EQ(dt_read_u64(&rd), 0);
			CHECK_EQ(dt_read_u32(&rd), (slot + pin - 1) % 4 + 1);
		}
	CHECK(!rd.left && !rd.short_of);
	fake_rig_free(&r);
}

static void test_compatible_goes_from_special_to_general(void)
{
	static const char want[] = "pci1af4,1000.103c.8.1\0pci1af4,1000.103c.8\0pci103c,8\0"
				   "pci1af4,1000.1\0pci1af4,1000\0pciclass,020000\0pciclass,0200";
	struct fake_rig r = fake_rig_new();
	struct fake_fn *fn = fake_add(r.pci, NULL, 0, 0x020000);
	const struct dt_prop *p;

	fake_set(fn, PCI_SUBSYSTEM, 0x0008103c, 0);
	fake_set(fn, PCI_CLASS_REV, 0x02000001, 0);
	boot(&r);
	p = dt_prop_find(r.phb->child, "compatible");
	CHECK_EQ(p->len, sizeof(want));
	CHECK(!memcmp(p->data, want, sizeof(want)));
	fake_rig_free(&r);
}

static void test_functions_without_node_get_one_like_qemus(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *b = fake_add_bridge(r.pci, NULL, DF(3, 0));
	struct fake_fn *fn = fake_add_express(r.pci, b, DF(1, 2), 0x0c0330, 0);
	struct dt_node *node;

	fake_add(r.pci, b, DF(1, 0), 0x020000)->cfg[PCI_HEADER] = PCI_HEADER_MULTI;
	fake_bar(fn, 0, 0x4000, 4);
	fn->cfg[PCI_INTERRUPT_PIN] = 2;
	put_le16(fn->cfg + PCI_STATUS, PCI_STATUS_CAPS | 0x2a0);
	fake_rig_prepare(&r, &fake_phb_default);
	while (r.phb->child)
		dt_node_delete(&r.tree, r.phb->child);
	CHECK_EQ(pci_host_setup(r.host), 0);
	CHECK_STR(fake_verify(r.pci, r.phb, NULL) ? "bad" : "fine", "fine");
	node = at(&r, "pci@3/usb-xhci@1,2");
	CHECK_EQ(dt_prop_u32_or(node, "interrupts", 0), 2);
	CHECK_EQ(dt_prop_u32_or(node, "device-id", 0), 0x1000);
	CHECK_EQ(dt_prop_u32_or(node, "devsel-speed", 9), 1);
	CHECK(dt_prop_find(node, "fast-back-to-back") && dt_prop_find(node, "66mhz-capable"));
	CHECK(!dt_prop_find(node, "udf-supported"));
	CHECK_CELLS(node, "reg", 0x00010a00, 0, 0, 0, 0, 0x03010a10, 0, 0, 0, 0x4000);
	fake_rig_free(&r);
}

static void test_config_space_type_tells_what_can_be_reached(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *conv = fake_add_bridge(r.pci, NULL, DF(1, 0));
	struct fake_fn *port = fake_add_port(r.pci, NULL, DF(2, 0), PCI_EXP_ROOT_PORT);

	fake_add_express(r.pci, conv, DF(1, 0), 0x020000, 0);
	fake_add_express(r.pci, port, DF(0, 0), 0x020000, 0);
	boot(&r);
	CHECK_EQ(dt_prop_u32_or(at(&r, "pci@1/ethernet@1"), "ibm,pci-config-space-type", 9), 0);
	CHECK_EQ(dt_prop_u32_or(at(&r, "pci@2/ethernet@0"), "ibm,pci-config-space-type", 9), 1);
	CHECK_EQ(dt_prop_u32_or(at(&r, "pci@2"), "ibm,pci-config-space-type", 9), 1);
	CHECK(!dt_prop_find(at(&r, "pci@1"), "ibm,pci-config-space-type"));
	fake_rig_free(&r);
}

static void test_a_host_without_extended_space_is_believed(void)
{
	struct fake_rig r = fake_rig_new();

	fake_add_express(r.pci, NULL, DF(1, 0), 0x020000, 0);
	r.pci->no_extended = true;
	boot(&r);
	CHECK_EQ(dt_prop_u32_or(at(&r, "ethernet@1"), "ibm,pci-config-space-type", 9), 0);
	fake_rig_free(&r);
}

static void test_qemus_properties_stay(void)
{
	struct fake_rig r = fake_rig_new();

	fake_add(r.pci, NULL, DF(1, 0), 0x020000);
	fake_rig_prepare(&r, &fake_phb_default);
	dt_prop_set_from(r.phb->child, "ibm,loc-code", "here", 5, DT_FROM_FDT);
	CHECK_EQ(pci_host_setup(r.host), 0);
	CHECK_STR(dt_prop_get_str(r.phb->child, "ibm,loc-code"), "here");
	CHECK_EQ(dt_prop_find(r.phb->child, "ibm,loc-code")->origin, DT_FROM_FDT);
	CHECK_EQ(dt_prop_find(r.phb->child, "reg")->origin, DT_FROM_FIRMWARE);
	fake_rig_free(&r);
}

static void test_a_device_plugged_in_before_cas_gets_our_bus_number(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *early = fake_add_bridge(r.pci, NULL, DF(1, 0)), *late, *fn;
	struct dt_node *node;

	(void)early;
	late = fake_add_bridge(r.pci, NULL, DF(2, 0));
	boot(&r);
	fake_add_bridge(r.pci, NULL, DF(0, 0)); /* QEMU now numbers late 3 */
	fn = fake_add(r.pci, late, DF(4, 0), 0x020000);
	fake_bar(fn, 0, 0x1000, 0);
	fake_enumerate(r.pci);
	CHECK_EQ(late->cfg[PCI_BUSES + 1], 3);
	node = fake_node(fn, &r.tree, at(&r, "pci@2"));
	pci_host_node_added(r.host, node);
	CHECK_CELLS(node, "reg", 0x00022000, 0, 0, 0, 0, 0x02022010, 0, 0, 0, 0x1000);
	pci_host_renumber(r.host);
	CHECK_EQ(late->cfg[PCI_BUSES + 1], 2);
	CHECK(fake_find(r.pci, PCI_BDF(2, 4, 0)) == fn);
	fake_rig_free(&r);
}

static void test_a_bridge_plugged_in_before_cas_gets_a_number_and_free_room(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *late, *fn;
	struct dt_node *node;

	fake_add_bridge(r.pci, NULL, DF(5, 0));
	boot(&r);
	late = fake_add_bridge(r.pci, NULL, DF(2, 0));
	fn = fake_add(r.pci, late, DF(1, 0), 0x020000);
	fake_enumerate(r.pci);
	CHECK_EQ(late->cfg[PCI_BUSES + 1], 1);
	node = fake_node(late, &r.tree, r.phb);
	pci_host_node_added(r.host, node);
	pci_host_node_added(r.host, node->child);
	pci_host_renumber(r.host);
	CHECK_EQ(late->cfg[PCI_BUSES + 1], 2);
	CHECK(fake_find(r.pci, PCI_BDF(2, 1, 0)) == fn);
	CHECK_EQ(fake_get(late, PCI_MEM_WINDOW), 0x87f08400);
	CHECK_CELLS(node, "bus-range", 2, 2);
	CHECK_CELLS(node, "ranges", 0x01000000, 0, 0x2000, 0x01000000, 0, 0x2000, 0, 0x1000,
		    0x02000000, 0, 0x84000000, 0x02000000, 0, 0x84000000, 0, 0x4000000, 0x43000000,
		    0x2108, 0, 0x43000000, 0x2108, 0, 8, 0);
	CHECK_CELLS(node->child, "reg", 0x00020800, 0, 0, 0, 0);
	CHECK_EQ(pci_host_summary(r.host).functions, 3);
	pci_host_node_removed(r.host, node);
	CHECK_EQ(pci_host_summary(r.host).functions, 1);
	pci_host_node_removed(r.host, node);
	fake_rig_free(&r);
}

/* A late bridge in slot 1 of up, with a node. */
static struct fake_fn *plug_bridge(struct fake_rig *r, struct fake_fn *up, const char *path)
{
	struct fake_fn *fn = fake_add_bridge(r->pci, up, DF(1, 0));

	fake_enumerate(r->pci);
	pci_host_node_added(r->host, fake_node(fn, &r->tree, at(r, path)));
	pci_host_renumber(r->host);
	return fn;
}

static void test_a_late_bridge_takes_a_number_its_parent_has_to_spare(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *a = fake_add_bridge(r.pci, NULL, DF(1, 0)), *late;
	uint8_t cap = fake_reserve(a);

	put_le32(a->cfg + cap + PCI_RESERVE_BUS, 2);
	fake_add_bridge(r.pci, NULL, DF(2, 0));
	boot(&r);
	late = plug_bridge(&r, a, "pci@1");
	CHECK_EQ(late->cfg[PCI_BUSES + 1], 2);
	CHECK_EQ(a->cfg[PCI_BUSES + 2], 3);
	CHECK(fake_get(late, PCI_MEM_WINDOW) != 0x0000fff0);
	fake_rig_free(&r);
}

static void test_all_are_numbered_anew_for_a_late_bridge_in_the_middle(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *a = fake_add_bridge(r.pci, NULL, DF(1, 0)), *late;
	struct fake_fn *b = fake_add_bridge(r.pci, NULL, DF(2, 0));
	struct fake_fn *fn = fake_add(r.pci, b, DF(4, 0), 0x020000);

	fake_bar(fn, 0, 0x1000, 0);
	boot(&r);
	CHECK_CELLS(at(&r, "pci@2"), "bus-range", 2, 2);
	late = plug_bridge(&r, a, "pci@1");
	CHECK_EQ(late->cfg[PCI_BUSES + 1], 2);
	CHECK_EQ(b->cfg[PCI_BUSES + 1], 3);
	CHECK_CELLS(at(&r, "pci@1"), "bus-range", 1, 2);
	CHECK_CELLS(at(&r, "pci@2"), "bus-range", 3, 3);
	CHECK_CELLS(at(&r, "pci@2/ethernet@4"), "reg", 0x00032000, 0, 0, 0, 0, 0x02032010, 0, 0, 0,
		    0x1000);
	CHECK_EQ(dt_prop_find(at(&r, "pci@2/ethernet@4"), "assigned-addresses")->data[1], 3);
	CHECK(fake_find(r.pci, PCI_BDF(3, 4, 0)) == fn);
	fake_rig_free(&r);
}

static void test_without_a_number_a_late_bridge_stays_closed(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_phb phb = fake_phb_default;
	struct fake_fn *a = fake_add_bridge(r.pci, NULL, DF(1, 0)), *late;

	phb.last_bus = 1;
	CHECK(!fake_rig_boot(&r, &phb));
	late = plug_bridge(&r, a, "pci@1");
	CHECK_EQ(late->cfg[PCI_BUSES + 1], 0);
	CHECK(!dt_prop_find(at(&r, "pci@1/pci@1"), "bus-range"));
	fake_rig_free(&r);
}

static void test_nodes_of_others_are_ignored(void)
{
	struct fake_rig r = fake_rig_new();
	struct dt_node *other;

	boot(&r);
	other = dt_node_new(&r.tree, r.tree.root, "vdevice", DT_FROM_FDT);
	CHECK(!pci_host_owns(r.host, other));
	CHECK(pci_host_owns(r.host, r.phb));
	pci_host_node_added(r.host, other);
	pci_host_node_removed(r.host, other);
	pci_host_node_added(r.host, dt_node_new(&r.tree, r.phb, "no-unit", DT_FROM_FDT));
	pci_host_node_added(r.host, dt_node_new(&r.tree, r.phb, "bad@20", DT_FROM_FDT));
	pci_host_node_added(r.host, dt_node_new(&r.tree, r.phb, "bad@1,8", DT_FROM_FDT));
	CHECK_EQ(pci_host_summary(r.host).functions, 0);
	fake_rig_free(&r);
}

static void test_malformed_hosts_are_refused(void)
{
	static const uint8_t bytes[30] = {1};
	struct fake_rig r = fake_rig_new();

	fake_rig_prepare(&r, &fake_phb_default);
	dt_prop_set(r.phb, "ranges", bytes, 27);
	CHECK(!pci_host_new(&r.tree, r.phb, &r.pci->bus));
	dt_prop_delete(r.phb, "ranges");
	pci_host_free(r.host);
	r.host = pci_host_new(&r.tree, r.phb, &r.pci->bus);
	CHECK(r.host != NULL); /* no windows is sad, but well formed */
	dt_prop_set(r.phb, "bus-range", bytes, 7);
	CHECK(!pci_host_new(&r.tree, r.phb, &r.pci->bus));
	fake_rig_free(&r);
}

static void test_class_names_are_qemus(void)
{
	CHECK_STR(pci_class_name(0x010802), "mass-storage");
	CHECK_STR(pci_class_name(0x010000), "scsi");
	CHECK_STR(pci_class_name(0x020000), "ethernet");
	CHECK_STR(pci_class_name(0x0c0330), "usb-xhci");
	CHECK_STR(pci_class_name(0x0c0340), "usb");
	CHECK_STR(pci_class_name(0x060400), "pci");
	CHECK_STR(pci_class_name(0x00ff00), "legacy-device");
	CHECK_STR(pci_class_name(0x080020), "io-xapic");
	CHECK_STR(pci_class_name(0x120000), "pci");
	CHECK_STR(pci_class_name(0xff0000), "pci");
	CHECK_STR(pci_class_name(0x112000), "management-card");
}

static void count_line(void *ctx, const char *line)
{
	unsigned *n = ctx;

	*n += strlen(line) > 0;
}

static void test_the_map_has_a_line_for_everything(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *b = fake_add_bridge(r.pci, NULL, DF(3, 0));
	unsigned lines = 0;

	fake_bar(fake_add(r.pci, b, DF(1, 0), 0x020000), 0, 0x1000, 0);
	boot(&r);
	pci_host_dump(r.host, count_line, &lines);
	CHECK_EQ(lines, 1 + 3 + 1 + 3 + 1 + 1); /* host, windows, bridge, windows, function, BAR */
	fake_rig_free(&r);
}

static bool seen;

static void look_for(void *ctx, const char *line)
{
	seen |= strstr(line, ctx) != NULL;
}

static void test_the_map_says_what_a_resizable_bar_could_be(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *fn = fake_add_express(r.pci, NULL, DF(1, 0), 0x030000, 0);
	uint16_t cap = fake_ext_cap(fn, PCI_EXT_CAP_REBAR, 12);

	fake_bar(fn, 2, 256 << 20, 0xc);
	put_le32(fn->cfg + cap + 4, 0x7000 << 0);
	put_le32(fn->cfg + cap + 8, 1 << 5 | 2 | 8 << 8);
	boot(&r);
	seen = false;
	pci_host_dump(r.host, look_for,
		      (char[]){"bar2 pref64 256M at 210000000000, can be 256M 512M 1G"});
	CHECK(seen);
	seen = false;
	pci_host_dump(r.host, look_for, (char[]){"mem32 80000000-fffeffff: 2047M, free 2047M"});
	CHECK(seen);
	fake_rig_free(&r);
}

static const struct test tests[] = {
	TEST(test_reg_gets_the_bus_and_the_prefetchable_bit),
	TEST(test_assigned_addresses_follow_reg_and_end_with_the_rom),
	TEST(test_a_bridge_says_what_is_behind_it),
	TEST(test_interrupt_maps_turn_pins_by_the_slot),
	TEST(test_compatible_goes_from_special_to_general),
	TEST(test_functions_without_node_get_one_like_qemus),
	TEST(test_config_space_type_tells_what_can_be_reached),
	TEST(test_a_host_without_extended_space_is_believed),
	TEST(test_qemus_properties_stay),
	TEST(test_a_device_plugged_in_before_cas_gets_our_bus_number),
	TEST(test_a_bridge_plugged_in_before_cas_gets_a_number_and_free_room),
	TEST(test_a_late_bridge_takes_a_number_its_parent_has_to_spare),
	TEST(test_all_are_numbered_anew_for_a_late_bridge_in_the_middle),
	TEST(test_without_a_number_a_late_bridge_stays_closed),
	TEST(test_nodes_of_others_are_ignored),
	TEST(test_malformed_hosts_are_refused),
	TEST(test_class_names_are_qemus),
	TEST(test_the_map_has_a_line_for_everything),
	TEST(test_the_map_says_what_a_resizable_bar_could_be),
};
TEST_MAIN(tests)
