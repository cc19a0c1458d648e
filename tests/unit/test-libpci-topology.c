/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The named topologies T01 to T45 of docs/testing.md, each in its exact shape. All are judged from
 * registers and tree (fakepci-judge.c) after a first and a second setup; what is special about each is
 * checked by its test.
 */
#include "check.h"
#include "fakeclock.h"
#include "fakepci.h"

#include "base/bytes.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "pci/regs.h"

#define GIB         (1ull << 30)
#define MIB         (1ull << 20)
#define DF(dev, fn) ((uint8_t)((dev) << 3 | (fn)))
#define NIC         0x020000u

/* ---- parts ---- */

/* A virtio function as QEMU makes it on a conventional bus. */
static struct fake_fn *virtio(struct fake_rig *r, struct fake_fn *up, uint8_t devfn)
{
	struct fake_fn *fn = fake_add(r->pci, up, devfn, NIC);

	fake_bar(fn, 0, 32, 1);
	fake_bar(fn, 1, 4096, 0);
	fake_bar(fn, 4, 16384, 0xc);
	return fn;
}

static struct fake_fn *nvme(struct fake_rig *r, struct fake_fn *up, uint8_t devfn)
{
	struct fake_fn *fn = fake_add_express(r->pci, up, devfn, 0x010802, 0);

	fake_bar(fn, 0, 16384, 4);
	return fn;
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

/* ---- what is asked of all ---- */

static struct pci_summary sum(const struct fake_rig *r)
{
	return pci_host_summary(r->host);
}

static void judge_again(struct fake_rig *r)
{
	const char *fault;

	CHECK_EQ(pci_host_setup(r->host), 0);
	fault = fake_verify(r->pci, r->phb, NULL);
	CHECK_STR(fault ? fault : "fine", "fine");
	CHECK_EQ(sum(r).faults, 0);
}

/* Boot twice; functions: expected, left_out: of these. */
static void boot(struct fake_rig *r, const struct fake_phb *phb, unsigned functions,
		 unsigned left_out)
{
	const char *fault = fake_rig_boot(r, phb);

	CHECK_STR(fault ? fault : "fine", "fine");
	judge_again(r);
	CHECK_EQ(sum(r).functions, functions);
	CHECK_EQ(sum(r).left_out, left_out);
}

static void boot_default(struct fake_rig *r, unsigned functions, unsigned left_out)
{
	boot(r, &fake_phb_default, functions, left_out);
}

/* For registers the judge would not understand: no fault found by the firmware itself. */
static void boot_odd(struct fake_rig *r, unsigned functions)
{
	fake_rig_prepare(r, &fake_phb_default);
	CHECK_EQ(pci_host_setup(r->host), 0);
	CHECK_EQ(sum(r).faults, 0);
	CHECK_EQ(sum(r).functions, functions);
}

static uint64_t addr(const struct fake_fn *fn, unsigned slot)
{
	struct fake_reg b;

	CHECK(fake_reg_at(fn, slot, &b));
	return b.addr;
}

static uint64_t window(const struct fake_fn *fn)
{
	uint64_t base = (uint64_t)(get_le16(fn->cfg + PCI_MEM_WINDOW) & 0xfff0) << 16;
	uint64_t limit = (uint64_t)(get_le16(fn->cfg + PCI_MEM_WINDOW + 2) & 0xfff0) << 16;

	return base > limit ? 0 : limit + MIB - base;
}

/* ---- T01 to T07: flat ---- */

static void test_t01_an_empty_host_bridge(void)
{
	struct fake_rig r = fake_rig_new();

	boot_default(&r, 0, 0);
	CHECK_EQ(sum(&r).buses, 1);
	fake_rig_free(&r);
}

static void test_t02_one_virtio_function(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *fn = virtio(&r, NULL, DF(3, 0));

	boot_default(&r, 1, 0);
	CHECK_EQ(addr(fn, 0), 0x1000);
	CHECK_EQ(addr(fn, 1), 0x80000000);
	CHECK_EQ(addr(fn, 4), 0x210000000000);
	fake_rig_free(&r);
}

static void test_t03_a_full_root_bus_with_io(void)
{
	struct fake_rig r = fake_rig_new();

	for (unsigned i = 0; i < 32; i++)
		virtio(&r, NULL, DF(i, 0));
	boot_default(&r, 32, 0);
	fake_rig_free(&r);
}

static void test_t04_256_functions_on_one_bus(void)
{
	struct fake_rig r = fake_rig_new();

	for (unsigned i = 0; i < 256; i++)
		virtio(&r, NULL, (uint8_t)i)->cfg[PCI_HEADER] = i & 7 ? 0 : PCI_HEADER_MULTI;
	boot_default(&r, 256, 0);
	fake_rig_free(&r);
}

static void test_t05_three_host_bridges_do_not_know_of_each_other(void)
{
	for (unsigned i = 0; i < 3; i++) {
		struct fake_rig r = fake_rig_new();
		struct fake_phb phb = fake_phb_default;
		struct fake_fn *fn = virtio(&r, NULL, DF(1, 0));

		phb.high_base += i << 4 & 0x30 ? (uint64_t)i << 40 : 0;
		boot(&r, &phb, 1, 0);
		CHECK_EQ(addr(fn, 1), 0x80000000);
		CHECK_EQ(addr(fn, 4), phb.high_base);
		fake_rig_free(&r);
	}
}

static void test_t06_no_window_above_4_gib(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_phb phb = fake_phb_default;
	struct fake_fn *b = fake_add_bridge(r.pci, NULL, DF(2, 0));
	struct fake_fn *fn = virtio(&r, b, DF(1, 0)), *top = virtio(&r, NULL, DF(1, 0));

	phb.high_size = 0;
	boot(&r, &phb, 3, 0);
	CHECK(addr(fn, 4) < 4 * GIB && addr(top, 4) < 4 * GIB);
	fake_rig_free(&r);
}

static void test_t07_a_small_window_below_4_gib(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_phb phb = fake_phb_default;

	phb.low_size = 256 * MIB;
	for (unsigned i = 0; i < 4; i++)
		virtio(&r, fake_add_bridge(r.pci, NULL, DF(i, 0)), DF(1, 0));
	one_bar(&r, NULL, DF(9, 0), 128 * MIB, 0);
	boot(&r, &phb, 9, 0);
	fake_rig_free(&r);
}

/* ---- T08 to T22: bridges ---- */

static void test_t08_an_empty_bridge_has_room_for_what_comes(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *b = fake_add_bridge(r.pci, NULL, DF(1, 0));

	boot_default(&r, 1, 0);
	CHECK_EQ(window(b), 64 * MIB);
	fake_rig_free(&r);
}

static void test_t09_slots_0_1_5_and_31_behind_a_bridge(void)
{
	static const uint8_t slots[] = {0, 1, 5, 31};
	struct fake_rig r = fake_rig_new();
	struct fake_fn *b = fake_add_bridge(r.pci, NULL, DF(3, 0));

	for (unsigned i = 0; i < 4; i++)
		virtio(&r, b, DF(slots[i], 0))->cfg[PCI_INTERRUPT_PIN] = 1;
	boot_default(&r, 5, 0); /* the judge reads all of interrupt-map */
	fake_rig_free(&r);
}

static void test_t10_a_root_port_and_its_endpoint(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *fn = nvme(&r, root_port(&r, DF(1, 0)), 0);

	boot_default(&r, 2, 0);
	CHECK_EQ(addr(fn, 0), 0x80000000);
	fake_rig_free(&r);
}

static void test_t11_eight_root_ports_in_one_slot(void)
{
	struct fake_rig r = fake_rig_new();

	for (unsigned i = 0; i < 8; i++) {
		struct fake_fn *port = root_port(&r, DF(1, i));

		port->cfg[PCI_HEADER] |= PCI_HEADER_MULTI; /* QEMU numbers none of them */
		nvme(&r, port, 0);
	}
	boot_default(&r, 16, 0);
	CHECK_EQ(sum(&r).buses, 9);
	fake_enumerate(r.pci);
	pci_host_renumber(r.host);
	CHECK_STR(fake_verify(r.pci, r.phb, NULL) ? "bad" : "fine", "fine");
	fake_rig_free(&r);
}

static void test_t12_24_root_ports_without_io(void)
{
	struct fake_rig r = fake_rig_new();

	for (unsigned i = 0; i < 24; i++)
		nvme(&r, root_port(&r, DF(i, 0)), 0);
	boot_default(&r, 48, 0);
	fake_rig_free(&r);
}

static void test_t13_20_bridges_that_need_io_of_which_15_fit(void)
{
	struct fake_rig r = fake_rig_new();

	for (unsigned i = 0; i < 20; i++)
		one_bar(&r, fake_add_bridge(r.pci, NULL, DF(i, 0)), DF(1, 0), 64, 1);
	boot_default(&r, 40, 5);
	fake_rig_free(&r);
}

/* A switch: returns its upstream port; down[] gets n downstream ports. */
static struct fake_fn *add_switch(struct fake_rig *r, struct fake_fn *up, unsigned n,
				  struct fake_fn **down)
{
	up = fake_add_port(r->pci, up, 0, PCI_EXP_UPSTREAM);
	for (unsigned i = 0; i < n; i++)
		down[i] = fake_add_port(r->pci, up, DF(i, 0), PCI_EXP_DOWNSTREAM);
	return up;
}

static void test_t14_a_switch_with_three_downstream_ports(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *down[3], *up = add_switch(&r, root_port(&r, DF(1, 0)), 3, down);

	for (unsigned i = 0; i < 3; i++)
		nvme(&r, down[i], 0);
	boot_default(&r, 8, 0);
	CHECK_EQ(sum(&r).buses, 6);
	CHECK_EQ(window(up), 3 * 65 * MIB); /* headroom sits at the downstream ports */
	fake_rig_free(&r);
}

static void test_t15_eight_switches_deep(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *up = root_port(&r, DF(1, 0));

	for (unsigned i = 0; i < 8; i++)
		add_switch(&r, up, 1, &up);
	virtio(&r, up, 0);
	boot_default(&r, 18, 0);
	CHECK_EQ(sum(&r).buses, 18);
	fake_rig_free(&r);
}

static void test_t16_32_levels_deep(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *up = NULL;

	for (unsigned i = 0; i < 32; i++)
		up = fake_add_bridge(r.pci, up, DF(i % 32, 0));
	virtio(&r, up, DF(31, 0));
	boot_default(&r, 33, 0);
	fake_rig_free(&r);
}

/* n bridges, eight on the root bus and the others behind them. */
static void many_bridges(struct fake_rig *r, unsigned n)
{
	struct fake_fn *top[8];

	for (unsigned i = 0; i < 8; i++)
		top[i] = fake_add_bridge(r->pci, NULL, DF(i, 0));
	for (unsigned i = 8; i < n; i++)
		fake_add_bridge(r->pci, top[i % 8], DF((i / 8) % 32, 0));
}

static void test_t17_all_255_buses(void)
{
	struct fake_rig r = fake_rig_new();

	many_bridges(&r, 255);
	boot_default(&r, 255, 0);
	CHECK_EQ(sum(&r).buses, 256);
	fake_rig_free(&r);
}

static void test_t18_more_bridges_than_numbers(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *last;

	many_bridges(&r, 255);
	last = fake_add_bridge(r.pci, NULL, DF(30, 0));
	virtio(&r, last, DF(1, 0));
	fake_add_bridge(r.pci, NULL, DF(31, 0));
	boot_default(&r, 257, 0);
	CHECK_EQ(last->cfg[PCI_BUSES + 1], 0);
	CHECK_EQ(window(last), 0);
	fake_rig_free(&r);
}

static void test_t19_an_express_function_behind_a_conventional_bus(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *to_pci = fake_add_port(r.pci, root_port(&r, DF(1, 0)), 0, PCI_EXP_TO_PCI);
	const struct dt_node *node;

	nvme(&r, to_pci, DF(2, 0));
	boot_default(&r, 3, 0);
	node = dt_path_find(&r.tree, "/pci@800000020000000/pci@1/pci@0/mass-storage@2");
	CHECK(node != NULL);
	CHECK_EQ(dt_prop_u32_or(node, "ibm,pci-config-space-type", 9), 0);
	fake_rig_free(&r);
}

static void test_t20_four_levels_of_conventional_bridges(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *up = NULL;

	for (unsigned i = 0; i < 4; i++) {
		up = fake_add_bridge(r.pci, up, DF(2, 0));
		virtio(&r, up, DF(1, 0));
	}
	boot_default(&r, 8, 0);
	fake_rig_free(&r);
}

static void test_t21_all_kinds_of_memory_behind_one_bridge(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *b = fake_add_bridge(r.pci, NULL, DF(2, 0));
	struct fake_fn *pref32 = one_bar(&r, b, DF(1, 0), 32 * MIB, 8);
	struct fake_fn *pref64 = one_bar(&r, b, DF(2, 0), 8 * GIB, 0xc);
	struct fake_fn *mem64 = one_bar(&r, b, DF(3, 0), 16 * MIB, 4);

	boot_default(&r, 4, 0);
	CHECK(addr(pref32, 0) < 4 * GIB && addr(mem64, 0) < 4 * GIB);
	CHECK(addr(pref64, 0) >= 4 * GIB);
	fake_rig_free(&r);
}

static void test_t22_bridges_that_lack_windows(void)
{
	for (unsigned lacks = 0; lacks < 5; lacks++) {
		struct fake_rig r = fake_rig_new();
		struct fake_fn *port = root_port(&r, DF(1, 0));

		virtio(&r, port, 0);
		fake_no_window(port, lacks);
		boot_default(&r, 2, lacks == 1); /* without memory there is nothing to be had */
		fake_rig_free(&r);
	}
}

/* ---- T23 to T28: large things ---- */

static void test_t23_128_gib_on_the_root_bus_and_behind_a_port(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *gpu = fake_add_express(r.pci, root_port(&r, DF(1, 0)), 0, 0x030200, 0);

	fake_bar(gpu, 0, 128 * GIB, 0xc);
	one_bar(&r, NULL, DF(2, 0), 128 * GIB, 0xc);
	boot_default(&r, 3, 0);
	fake_rig_free(&r);
}

static void test_t24_512_512_and_128_gib_of_which_one_must_go(void)
{
	struct fake_rig r = fake_rig_new();

	one_bar(&r, NULL, DF(1, 0), 512 * GIB, 0xc);
	one_bar(&r, NULL, DF(2, 0), 512 * GIB, 0xc);
	one_bar(&r, NULL, DF(3, 0), 128 * GIB, 0xc);
	boot_default(&r, 3, 1);
	CHECK_EQ(sum(&r).placed[2], 640 * GIB);
	fake_rig_free(&r);
}

static void test_t25_a_2_tib_bar(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *fn = one_bar(&r, NULL, DF(1, 0), 2048 * GIB, 0xc);

	boot_default(&r, 1, 1);
	CHECK_EQ(addr(fn, 0), 0);
	CHECK(!dt_prop_find(r.phb->child, "assigned-addresses"));
	fake_rig_free(&r);
}

static void test_t26_five_bars_of_512_mib_below_4_gib(void)
{
	struct fake_rig r = fake_rig_new();

	for (unsigned i = 0; i < 5; i++) {
		struct fake_fn *vga = fake_add(r.pci, NULL, DF(i, 0), 0x030000);

		fake_bar(vga, 0, 512 * MIB, 8);
		fake_bar(vga, 2, 4096, 0);
	}
	boot_default(&r, 5, 2);
	fake_rig_free(&r);
}

static void test_t27_reserves_of_a_port(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *port = root_port(&r, DF(1, 0)), *next = root_port(&r, DF(2, 0));
	uint8_t cap = fake_reserve(port);

	put_le64(port->cfg + cap + PCI_RESERVE_PREF64, 32 * GIB);
	put_le32(port->cfg + cap + PCI_RESERVE_MEM, (uint32_t)(96 * MIB));
	put_le32(port->cfg + cap + PCI_RESERVE_BUS, 3);
	boot_default(&r, 2, 0);
	CHECK_EQ(window(port), 96 * MIB);
	CHECK_EQ(fake_get(port, PCI_PREF_LIMIT_HI) - fake_get(port, PCI_PREF_BASE_HI), 7);
	CHECK_EQ(port->cfg[PCI_BUSES + 2], 4);
	CHECK_EQ(next->cfg[PCI_BUSES + 1], 5);
	fake_rig_free(&r);
}

static void test_t28_virtual_functions_four_small_and_256_large(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *few = nvme(&r, root_port(&r, DF(1, 0)), 0);
	struct fake_fn *many = nvme(&r, NULL, DF(2, 0));

	fake_sriov(few, 4, 16384, 0xc);
	fake_sriov(many, 256, GIB, 0xc);
	boot_default(&r, 3, 0);
	CHECK(addr(few, 7) && addr(many, 7));
	CHECK_EQ(sum(&r).placed[2],
		 16384 + 4 * 16384 + 256 * GIB); /* the port's child is in mem32 */
	fake_rig_free(&r);
}

/* ---- T29 to T36: odd functions ---- */

static void add_ari(struct fake_rig *r, struct fake_fn *port, uint8_t devfn, uint8_t next)
{
	struct fake_fn *fn = fake_add_express(r->pci, port, devfn, NIC, 0);
	uint16_t cap = fake_ext_cap(fn, PCI_EXT_CAP_ARI, 8);

	fn->cfg[cap + PCI_ARI_CAP + 1] = next;
}

/* Boot without nodes, so that only the hardware tells what there is. */
static void boot_bare(struct fake_rig *r, unsigned functions)
{
	fake_rig_prepare(r, &fake_phb_default);
	while (r->phb->child)
		dt_node_delete(&r->tree, r->phb->child);
	CHECK_EQ(pci_host_setup(r->host), 0);
	CHECK_EQ(sum(r).faults, 0);
	CHECK_EQ(sum(r).functions, functions);
}

static void test_t29_alternative_routing_ids(void)
{
	static const uint8_t back[] = {0, 5, 200}; /* where the last points: end, back, itself */

	for (unsigned i = 0; i < ARRAY_SIZE(back); i++) {
		struct fake_rig r = fake_rig_new();
		struct fake_fn *port = root_port(&r, DF(1, 0));

		put_le32(port->cfg + 0x40 + PCI_EXP_CAP2, PCI_EXP_CAP2_ARI);
		port->mask[0x40 + PCI_EXP_CONTROL2] = PCI_EXP_CONTROL2_ARI;
		for (unsigned f = 0; f < 200; f++)
			add_ari(&r, port, (uint8_t)f, (uint8_t)(f + 1));
		add_ari(&r, port, 200, back[i]);
		boot_bare(&r, 202);
		fake_rig_free(&r);
	}
}

static void test_t30_function_0_absent_and_the_multifunction_bit_missing(void)
{
	struct fake_rig r = fake_rig_new();

	virtio(&r, NULL, DF(1, 0));
	virtio(&r, NULL, DF(1, 3));
	virtio(&r, NULL, DF(2, 5));
	boot_default(&r, 3, 0); /* the tree lists them */
	fake_rig_free(&r);
	r = fake_rig_new();
	virtio(&r, NULL, DF(1, 0));
	virtio(&r, NULL, DF(1, 3));
	virtio(&r, NULL, DF(2, 5));
	boot_bare(&r, 1);
	fake_rig_free(&r);
}

static void test_t31_header_types_nobody_knows(void)
{
	static const uint8_t types[] = {0x7f, 0xff, 3, 2};
	struct fake_rig r = fake_rig_new();

	for (unsigned i = 0; i < 4; i++)
		virtio(&r, NULL, DF(i, 0))->cfg[PCI_HEADER] = types[i];
	virtio(&r, NULL, DF(9, 0));
	boot_default(&r, 5, 0);
	fake_rig_free(&r);
}

static void test_t32_ids_that_mean_nobody_or_later(void)
{
	static const uint32_t ids[] = {0, 0xffff0000, 0x0000ffff};
	struct fake_rig r = fake_rig_new();

	for (unsigned i = 0; i < 3; i++)
		fake_set(virtio(&r, NULL, DF(i, 0)), PCI_ID, ids[i], 0);
	virtio(&r, NULL, DF(4, 0))->retries = 3;
	virtio(&r, NULL, DF(5, 0))->retries = UINT32_MAX;
	virtio(&r, NULL, DF(6, 0));
	boot_odd(&r, 2);
	fake_rig_free(&r);
}

static void test_t33_capability_lists_that_go_wrong(void)
{
	static const uint8_t next[] = {0x40, 0x44, 0x00, 0x3c, 0x41, 0xff};
	static const uint32_t ext[] = {0x10010002, 0x10410002, 0x0fc10002,
				       0x00010002, 0,          UINT32_MAX};
	struct fake_rig r = fake_rig_new();

	for (unsigned i = 0; i < ARRAY_SIZE(next); i++) {
		struct fake_fn *fn = nvme(&r, NULL, DF(i, 0));

		fn->cfg[0x41] = next[i];
		fn->cfg[0x44] = 9;
		fn->cfg[0x45] = 0x40;
		put_le32(fn->cfg + 0x100, ext[i]);
		put_le32(fn->cfg + 0x104, 0x10010003);
	}
	boot_default(&r, ARRAY_SIZE(next), 0);
	fake_rig_free(&r);
}

static void test_t34_base_address_registers_that_go_wrong(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *fn = fake_add(r.pci, NULL, DF(1, 0), NIC),
		       *good = virtio(&r, NULL, DF(2, 0));

	fake_set(fn, 0x10, 0xdeadbee0, 0);                /* read-only */
	fake_set(fn, 0x14, 0xffffffff, 0);                /* always ones */
	fake_set(fn, 0x18, 0x6, 0xfffff000);              /* reserved type */
	fake_set(fn, 0x1c, 0, 0xfffffff0);                /* 16 bytes of memory */
	fake_set(fn, 0x20, 0, 0xfffdf000);                /* a hole in the mask */
	fake_set(fn, 0x24, 0x4, 0xffff0000);              /* 64 bits, but the last */
	fake_set(virtio(&r, NULL, DF(3, 0)), 0x24, 0, 0); /* upper half stuck */
	boot_odd(&r, 3);
	CHECK_EQ(fake_get(fn, 0x10), 0xdeadbee0);
	CHECK(addr(good, 0) && addr(good, 1) && addr(good, 4));
	CHECK_EQ(sum(&r).left_out, 0);
	fake_rig_free(&r);
}

/* A bridge with two functions, one of which vanishes at access k. True if k is past the end. */
static bool vanish_at(unsigned k, bool bridge)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *b = fake_add_bridge(r.pci, NULL, DF(1, 0));
	struct fake_fn *fn = virtio(&r, b, DF(1, 0)), *top = virtio(&r, NULL, DF(2, 0));
	const struct dt_node *node;
	bool past;

	virtio(&r, b, DF(2, 0));
	fake_rig_prepare(&r, &fake_phb_default);
	r.pci->break_at = k;
	r.pci->break_fn = bridge ? b : fn;
	CHECK_EQ(pci_host_setup(r.host), 0);
	CHECK_EQ(sum(&r).faults, 0);
	CHECK(addr(top, 4) != 0);
	/* What never got its last address is not said to have any. */
	if (!addr(fn, 4)) {
		node = dt_path_find(&r.tree, "/pci@800000020000000/pci@1/ethernet@1");
		CHECK(node && !dt_prop_find(node, "assigned-addresses"));
	}
	past = r.pci->accesses < k;
	r.pci->break_at = 0;
	r.pci->odd_writes = r.pci->stray_writes = 0;
	judge_again(&r);
	fake_rig_free(&r);
	return past;
}

static void test_t35_surprise_removal_at_every_access(void)
{
	for (unsigned bridge = 0; bridge < 2; bridge++) {
		unsigned k = 1;

		while (!vanish_at(k, bridge))
			k++;
		CHECK(k > 200);
	}
}

static void test_t36_bridges_with_fixed_numbers(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *fixed = fake_add_bridge(r.pci, NULL, DF(1, 0));
	struct fake_fn *good = fake_add_bridge(r.pci, NULL, DF(2, 0));

	virtio(&r, fixed, DF(1, 0));
	virtio(&r, good, DF(1, 0));
	fake_rig_prepare(&r, &fake_phb_default);
	fake_set(fixed, PCI_BUSES, 0x00010100, 0);
	good->mask[PCI_BUSES] = 0; /* the primary number of the other */
	CHECK_EQ(pci_host_setup(r.host), 0);
	CHECK_EQ(sum(&r).faults, 0);
	CHECK_EQ(good->cfg[PCI_BUSES + 1], 2);
	CHECK_EQ(sum(&r).functions, 3);
	fake_rig_free(&r);
}

/* ---- T37 to T45 ---- */

static void test_t37_a_bus_left_in_reset(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *b = fake_add_bridge(r.pci, NULL, DF(1, 0));

	b->cfg[PCI_BRIDGE_CONTROL] = PCI_BRIDGE_RESET;
	virtio(&r, b, DF(1, 0));
	boot_default(&r, 2, 0);
	fake_rig_free(&r);
}

static void test_t38_pairs_of_windows_of_513_mib(void)
{
	struct fake_rig r = fake_rig_new();

	for (unsigned i = 0; i < 2; i++) {
		struct fake_fn *b = fake_add_bridge(r.pci, NULL, DF(i, 0));

		one_bar(&r, b, DF(1, 0), 512 * MIB, 0);
		one_bar(&r, b, DF(2, 0), 4096, 0);
	}
	one_bar(&r, NULL, DF(8, 0), 256 * MIB, 0); /* into the gap between the two */
	boot_default(&r, 7, 0);
	fake_rig_free(&r);
}

static void test_t39_roms_alone_and_large_ones(void)
{
	struct fake_rig r = fake_rig_new();

	fake_rom(fake_add(r.pci, NULL, DF(1, 0), 0xff0000), 16 * MIB);
	fake_rom(fake_add(r.pci, NULL, DF(2, 0), 0xff0000), 2048);
	fake_rom(fake_add_bridge(r.pci, NULL, DF(3, 0)), 65536);
	boot_default(&r, 3, 0);
	CHECK_EQ(sum(&r).placed[1], 16 * MIB + 2048 + 65536);
	fake_rig_free(&r);
}

static void test_t40_a_vga_and_many_io_bars(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *vga = fake_add(r.pci, NULL, DF(0, 0), 0x030000);

	fake_bar(vga, 0, 16 * MIB, 8);
	fake_bar(vga, 2, 4096, 0);
	fake_rom(vga, 65536);
	for (unsigned i = 8; i < 240; i++)
		one_bar(&r, NULL, (uint8_t)i, 256, 1)->cfg[PCI_HEADER] =
			i & 7 ? 0 : PCI_HEADER_MULTI;
	boot_default(&r, 233, 0); /* the judge: none below 0x1000, where VGA's ports are */
	fake_rig_free(&r);
}

static void test_t41_room_for_what_is_plugged_in_after_boot(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *b = fake_add_bridge(r.pci, NULL, DF(1, 0)), *port = root_port(&r, DF(2, 0));

	virtio(&r, b, DF(1, 0));
	boot_default(&r, 3, 0);
	CHECK_EQ(window(b), 65 * MIB); /* 16 MiB at least, wherever their alignment falls */
	CHECK_EQ(window(port), 64 * MIB);
	fake_rig_free(&r);
}

static void test_t42_plugged_and_unplugged_between_scan_and_cas(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *gone = virtio(&r, NULL, DF(1, 0)), *b, *fn;
	struct dt_node *node;

	fake_add_bridge(r.pci, NULL, DF(5, 0));
	boot_default(&r, 2, 0);
	pci_host_node_removed(r.host, r.phb->child);
	dt_node_delete(&r.tree, r.phb->child);
	fake_remove(r.pci, gone);
	b = fake_add_bridge(r.pci, NULL, DF(2, 0));
	fn = virtio(&r, b, DF(1, 0));
	fake_enumerate(r.pci);
	node = fake_node(b, &r.tree, r.phb);
	pci_host_node_added(r.host, node);
	pci_host_node_added(r.host, node->child);
	pci_host_renumber(r.host);
	CHECK_EQ(sum(&r).functions, 3);
	CHECK(fake_find(r.pci, (pci_bdf)(b->cfg[PCI_BUSES + 1] << 8 | DF(1, 0))) == fn);
	CHECK_EQ(window(b), 64 * MIB);
	CHECK_EQ(dt_prop_find(node, "ranges")->len, 3 * 32);
	fake_rig_free(&r);
}

static void test_t43_the_way_up_from_two_bridges_deep_is_open(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *a = fake_add_bridge(r.pci, NULL, DF(1, 0));
	struct fake_fn *b = fake_add_bridge(r.pci, a, DF(1, 0));

	virtio(&r, b, DF(1, 0));
	boot_default(&r, 3, 0);
	CHECK(a->cfg[PCI_COMMAND] & b->cfg[PCI_COMMAND] & PCI_COMMAND_MASTER);
	fake_rig_free(&r);
}

static void test_t44_4_gib_not_prefetchable_behind_a_bridge(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_fn *b = fake_add_bridge(r.pci, NULL, DF(2, 0));
	struct fake_fn *fn = one_bar(&r, b, DF(1, 0), 4 * GIB, 4);

	boot_default(&r, 2, 1);
	CHECK_EQ(addr(fn, 0), 0);
	fake_rig_free(&r);
}

static void test_t45_a_host_with_eight_bus_numbers(void)
{
	struct fake_rig r = fake_rig_new();
	struct fake_phb phb = fake_phb_default;

	phb.last_bus = 7;
	for (unsigned i = 0; i < 10; i++)
		virtio(&r, fake_add_bridge(r.pci, NULL, DF(i, 0)), DF(1, 0));
	boot(&r, &phb, 10 + 7, 0);
	CHECK_EQ(sum(&r).buses, 8);
	fake_rig_free(&r);
}

static const struct test tests[] = {
	TEST(test_t01_an_empty_host_bridge),
	TEST(test_t02_one_virtio_function),
	TEST(test_t03_a_full_root_bus_with_io),
	TEST(test_t04_256_functions_on_one_bus),
	TEST(test_t05_three_host_bridges_do_not_know_of_each_other),
	TEST(test_t06_no_window_above_4_gib),
	TEST(test_t07_a_small_window_below_4_gib),
	TEST(test_t08_an_empty_bridge_has_room_for_what_comes),
	TEST(test_t09_slots_0_1_5_and_31_behind_a_bridge),
	TEST(test_t10_a_root_port_and_its_endpoint),
	TEST(test_t11_eight_root_ports_in_one_slot),
	TEST(test_t12_24_root_ports_without_io),
	TEST(test_t13_20_bridges_that_need_io_of_which_15_fit),
	TEST(test_t14_a_switch_with_three_downstream_ports),
	TEST(test_t15_eight_switches_deep),
	TEST(test_t16_32_levels_deep),
	TEST(test_t17_all_255_buses),
	TEST(test_t18_more_bridges_than_numbers),
	TEST(test_t19_an_express_function_behind_a_conventional_bus),
	TEST(test_t20_four_levels_of_conventional_bridges),
	TEST(test_t21_all_kinds_of_memory_behind_one_bridge),
	TEST(test_t22_bridges_that_lack_windows),
	TEST(test_t23_128_gib_on_the_root_bus_and_behind_a_port),
	TEST(test_t24_512_512_and_128_gib_of_which_one_must_go),
	TEST(test_t25_a_2_tib_bar),
	TEST(test_t26_five_bars_of_512_mib_below_4_gib),
	TEST(test_t27_reserves_of_a_port),
	TEST(test_t28_virtual_functions_four_small_and_256_large),
	TEST(test_t29_alternative_routing_ids),
	TEST(test_t30_function_0_absent_and_the_multifunction_bit_missing),
	TEST(test_t31_header_types_nobody_knows),
	TEST(test_t32_ids_that_mean_nobody_or_later),
	TEST(test_t33_capability_lists_that_go_wrong),
	TEST(test_t34_base_address_registers_that_go_wrong),
	TEST(test_t35_surprise_removal_at_every_access),
	TEST(test_t36_bridges_with_fixed_numbers),
	TEST(test_t37_a_bus_left_in_reset),
	TEST(test_t38_pairs_of_windows_of_513_mib),
	TEST(test_t39_roms_alone_and_large_ones),
	TEST(test_t40_a_vga_and_many_io_bars),
	TEST(test_t41_room_for_what_is_plugged_in_after_boot),
	TEST(test_t42_plugged_and_unplugged_between_scan_and_cas),
	TEST(test_t43_the_way_up_from_two_bridges_deep_is_open),
	TEST(test_t44_4_gib_not_prefetchable_behind_a_bridge),
	TEST(test_t45_a_host_with_eight_bus_numbers),
};
TEST_MAIN(tests)
