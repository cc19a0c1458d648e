/* SPDX-License-Identifier: BSD-2-Clause */
/* Bus addresses seen from the CPU. */
#include "check.h"

#include "base/err.h"
#include "dt/cells.h"
#include "dt/translate.h"
#include "test-libdt.h"

#define IO    0x01000000u
#define MEM32 0x02000000u
#define MEM64 0x03000000u
#define PREF  0x40000000u

static struct dt_tree tree;
static struct dt_node *phb, *bridge, *soc, *vdevice;

static struct dt_node *bus(struct dt_node *parent, const char *name, uint32_t na, uint32_t ns)
{
	struct dt_node *n = dt_node_new(&tree, parent, name, DT_FROM_FIRMWARE);

	dt_prop_set_u32(n, "#address-cells", na);
	dt_prop_set_u32(n, "#size-cells", ns);
	return n;
}

static void pci_range(struct dt_cells *c, uint32_t hi, uint64_t pci, uint64_t cpu, uint64_t size)
{
	dt_cells_u32(c, hi);
	dt_cells_u64(c, pci);
	dt_cells_u64(c, cpu);
	dt_cells_u64(c, size);
}

/* A PHB as QEMU describes it, a bridge that repeats its windows, a plain bus, a bus without ranges. */
static void setup(void)
{
	struct dt_cells c = dt_cells_new(0);

	dt_tree_init(&tree);
	dt_prop_set_u32(tree.root, "#address-cells", 2);
	dt_prop_set_u32(tree.root, "#size-cells", 2);
	phb = bus(tree.root, "pci@800000020000000", 3, 2);
	pci_range(&c, IO, 0, 0x200000000000, 0x10000);
	pci_range(&c, MEM32, 0x80000000, 0x200080000000, 0x80000000);
	pci_range(&c, MEM64, 0x210000000000, 0x210000000000, 0x10000000000);
	dt_cells_set(&c, phb, "ranges");
	bridge = bus(phb, "pci@1", 3, 2);
	for (uint32_t hi = MEM32; hi <= MEM64; hi += MEM64 - MEM32) {
		dt_cells_u32(&c, hi | PREF);
		dt_cells_u64(&c, hi == MEM32 ? 0xc0000000 : 0x210000100000);
		dt_cells_u32(&c, hi);
		dt_cells_u64(&c, hi == MEM32 ? 0xc0000000 : 0x210000100000);
		dt_cells_u64(&c, 0x100000);
	}
	dt_cells_set(&c, bridge, "ranges");
	soc = bus(tree.root, "soc", 1, 1);
	dt_prop_set_flag(soc, "ranges");
	vdevice = bus(tree.root, "vdevice", 1, 0);
}

static uint64_t cpu_address(const struct dt_node *b, uint32_t hi, uint64_t addr, uint64_t size)
{
	uint64_t cpu = 0;
	int err = dt_translate(b, hi, addr, size, &cpu);

	CHECK_EQ(err, 0);
	return cpu;
}

static int fails(const struct dt_node *b, uint32_t hi, uint64_t addr, uint64_t size)
{
	uint64_t cpu = 42;
	int err = dt_translate(b, hi, addr, size, &cpu);

	return cpu == 42 ? err : 0;
}

static void test_each_space_of_a_phb_has_its_window(void)
{
	setup();
	CHECK_EQ(cpu_address(phb, IO, 0x1000, 0x20), 0x200000001000);
	CHECK_EQ(cpu_address(phb, MEM32 | 0x810, 0x80001000, 4), 0x200080001000);
	CHECK_EQ(cpu_address(phb, MEM64, 0x21000000f000, 0x1000), 0x21000000f000);
	CHECK_EQ(cpu_address(phb, MEM64 | PREF, 0x80000000, 4), 0x200080000000);
	CHECK_EQ(fails(phb, IO, 0x80001000, 4), E_NOENT);
	CHECK_EQ(fails(phb, MEM32, 0x1000, 4), E_NOENT);
	CHECK_EQ(fails(phb, 0, 0x80001000, 4), E_NOENT);
	dt_tree_free(&tree);
}

static void test_the_whole_size_must_lie_in_one_range(void)
{
	setup();
	CHECK_EQ(cpu_address(phb, IO, 0, 0x10000), 0x200000000000);
	CHECK_EQ(cpu_address(phb, IO, 0xffff, 0), 0x20000000ffff);
	CHECK_EQ(fails(phb, IO, 0, 0x10001), E_NOENT);
	CHECK_EQ(fails(phb, IO, 1, UINT64_MAX), E_NOENT);
	CHECK_EQ(fails(phb, IO, 0x10000, 0), E_NOENT);
	CHECK_EQ(fails(phb, MEM32, 0x7fffffff, 2), E_NOENT);
	dt_tree_free(&tree);
}

static void test_bridges_are_passed_on_the_way_up(void)
{
	setup();
	CHECK_EQ(cpu_address(bridge, MEM32, 0xc0000010, 16), 0x2000c0000010);
	CHECK_EQ(cpu_address(bridge, MEM64, 0x210000100000, 16), 0x210000100000);
	CHECK_EQ(fails(bridge, MEM32, 0xc0100000, 1), E_NOENT);
	CHECK_EQ(fails(bridge, IO, 0x1000, 1), E_NOENT);
	dt_tree_free(&tree);
}

static void test_empty_ranges_change_nothing_and_absent_ones_end_the_way(void)
{
	setup();
	CHECK_EQ(cpu_address(soc, 0, 0x1234, 4), 0x1234);
	CHECK_EQ(cpu_address(tree.root, 0, 0x5678, 4), 0x5678);
	CHECK_EQ(fails(vdevice, 0, 0x71000000, 1), E_NOENT);
	dt_tree_free(&tree);
}

static void test_a_plain_bus_translates_by_offset(void)
{
	struct dt_cells c = dt_cells_new(4);

	setup();
	dt_cells_u32(&c, 0x1000);
	dt_cells_u64(&c, 0xf000001000);
	dt_cells_u32(&c, 0x100);
	dt_cells_set(&c, soc, "ranges");
	CHECK_EQ(cpu_address(soc, 0, 0x10fc, 4), 0xf0000010fc);
	CHECK_EQ(fails(soc, 0, 0x10fd, 4), E_NOENT);
	CHECK_EQ(fails(soc, 0, 0xfff, 4), E_NOENT);
	dt_tree_free(&tree);
}

static void test_malformed_ranges_are_reported(void)
{
	struct dt_cells c = dt_cells_new(0);

	setup();
	dt_prop_set(soc, "ranges", "1234567", 7);
	CHECK_EQ(fails(soc, 0, 0, 1), E_FORMAT);
	dt_prop_set_u32(soc, "#address-cells", 0xffffffff);
	CHECK_EQ(fails(soc, 0, 0, 1), E_FORMAT);
	dt_prop_set_u32(soc, "#address-cells", 0);
	CHECK_EQ(fails(soc, 0, 0, 1), E_FORMAT);
	/* an address beyond 64 bits */
	dt_prop_set_u32(soc, "#address-cells", 4);
	dt_cells_u64(&c, 1);
	dt_cells_u64(&c, 0);
	dt_cells_u64(&c, 0);
	dt_cells_u32(&c, 4);
	dt_cells_set(&c, soc, "ranges");
	CHECK_EQ(fails(soc, 0, 0, 1), E_FORMAT);
	/* the CPU address runs over */
	pci_range(&c, MEM64, 0, UINT64_MAX - 1, UINT64_MAX);
	dt_cells_set(&c, phb, "ranges");
	CHECK_EQ(fails(phb, MEM64, 2, 1), E_FORMAT);
	dt_tree_free(&tree);
}

static const struct test tests[] = {
	TEST(test_each_space_of_a_phb_has_its_window),
	TEST(test_the_whole_size_must_lie_in_one_range),
	TEST(test_bridges_are_passed_on_the_way_up),
	TEST(test_empty_ranges_change_nothing_and_absent_ones_end_the_way),
	TEST(test_a_plain_bus_translates_by_offset),
	TEST(test_malformed_ranges_are_reported),
};
TEST_MAIN(tests)
