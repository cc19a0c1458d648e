/* SPDX-License-Identifier: BSD-2-Clause */
/* A function as its driver sees it: BARs found through the tree, registers, decoding on and off. */
#include "check.h"
#include "fakemmio.h"

#include "base/bytes.h"
#include "base/err.h"
#include "dt/cells.h"
#include "dt/prop.h"
#include "pci/regs.h"

/* Registers that remember the last write, and read as what was asked. */
static struct {
	unsigned bar;
	uint64_t offset, value;
	uint8_t size;
} last;

static uint64_t regs_read(void *ctx, unsigned bar, uint64_t offset, uint8_t size)
{
	(void)ctx;
	return (0x1122334455667788ull + offset + bar * 0x100) & (UINT64_MAX >> (64 - 8 * size));
}

static void regs_write(void *ctx, unsigned bar, uint64_t offset, uint8_t size, uint64_t value)
{
	(void)ctx;
	last.bar = bar;
	last.offset = offset;
	last.size = size;
	last.value = value;
}

static const struct fakemmio_regs regs = {regs_read, regs_write, NULL};

/* BAR 0 I/O, 1 memory, 4 memory with 64 bits; behind a bridge or not. */
static void start(struct fakemmio_rig *r, bool behind)
{
	struct fake_pci *pci = fake_pci_new();
	struct fake_fn *bridge = behind ? fake_add_bridge(pci, NULL, 2 << 3) : NULL;
	struct fake_fn *fn = fake_add(pci, bridge, 1 << 3, 0x010000);

	fake_bar(fn, 0, 0x80, 1);
	fake_bar(fn, 1, 0x1000, 0);
	fake_bar(fn, 4, 0x4000, 0xc);
	fakemmio_attach(fn, &regs);
	fakemmio_rig_start(r, pci, fn, NULL, NULL);
	pci_dev_enable(&r->dev);
}

static void test_bars_are_found_on_the_root_bus_and_behind_a_bridge(void)
{
	for (int behind = 0; behind < 2; behind++) {
		struct fakemmio_rig r;
		struct pci_bar bar;

		start(&r, behind);
		CHECK_EQ(PCI_BUS(r.dev.bdf), behind);
		CHECK_EQ(pci_dev_bar(&r.dev, 0, &bar), 0);
		CHECK(bar.is_io);
		CHECK_EQ(bar.size, 0x80);
		CHECK_EQ(pci_read32(&bar, 4), 0x5566778c);
		CHECK_EQ(pci_dev_bar(&r.dev, 1, &bar), 0);
		CHECK(!bar.is_io);
		CHECK_EQ(pci_read8(&bar, 0xfff), (0x88 + 0xff) & 0xff);
		CHECK_EQ(pci_dev_bar(&r.dev, 4, &bar), 0);
		CHECK_EQ(bar.size, 0x4000);
		CHECK_EQ(pci_read64(&bar, 8), 0x1122334455667788ull + 0x400 + 8);
		CHECK_EQ(fakemmio_lost, 0);
		fakemmio_rig_stop(&r);
	}
}

static void test_a_missing_bar_is_not_there(void)
{
	struct fakemmio_rig r;
	struct pci_bar bar;

	start(&r, false);
	for (unsigned i = 0; i < 8; i++)
		CHECK_EQ(pci_dev_bar(&r.dev, i, &bar) == 0, i == 0 || i == 1 || i == 4);
	CHECK_EQ(pci_dev_bar(&r.dev, 2, &bar), E_NOENT);
	CHECK_EQ(pci_dev_bar(&r.dev, UINT32_MAX, &bar), E_NOENT);
	dt_prop_delete(r.dev.node, "assigned-addresses");
	CHECK_EQ(pci_dev_bar(&r.dev, 0, &bar), E_NOENT);
	fakemmio_rig_stop(&r);
}

static void test_a_bar_the_host_has_no_window_for_is_out_of_range(void)
{
	struct fakemmio_rig r;
	struct pci_bar bar;
	struct dt_cells c = dt_cells_new(5);

	start(&r, false);
	dt_cells_u32(&c, 0x83000810);
	dt_cells_u64(&c, 0x123400000000);
	dt_cells_u64(&c, 0x1000);
	dt_cells_set(&c, r.dev.node, "assigned-addresses");
	CHECK_EQ(pci_dev_bar(&r.dev, 0, &bar), E_RANGE);
	fakemmio_rig_stop(&r);
}

static void test_a_malformed_property_ends_the_search(void)
{
	struct fakemmio_rig r;
	struct pci_bar bar;
	struct pci_dev dev;

	start(&r, false);
	dt_prop_set(r.dev.node, "assigned-addresses", "\x81\0\x08\x10\0\0\0\0", 8);
	CHECK_EQ(pci_dev_bar(&r.dev, 0, &bar), E_NOENT);
	dt_prop_set(r.dev.node, "reg", "\0\0\x08", 3);
	CHECK_EQ(pci_dev_init(&dev, r.dev.node, r.dev.bus, NULL, NULL), E_FORMAT);
	dt_prop_delete(r.dev.node, "reg");
	CHECK_EQ(pci_dev_init(&dev, r.dev.node, r.dev.bus, NULL, NULL), E_FORMAT);
	fakemmio_rig_stop(&r);
}

static void test_writes_arrive_with_their_size(void)
{
	struct fakemmio_rig r;
	struct pci_bar bar;

	start(&r, true);
	CHECK_EQ(pci_dev_bar(&r.dev, 4, &bar), 0);
	pci_write8(&bar, 0x3fff, 0xab);
	CHECK_EQ(last.offset, 0x3fff);
	CHECK_EQ(last.value, 0xab);
	pci_write16(&bar, 2, 0xabcd);
	CHECK_EQ(last.size, 2);
	pci_write32(&bar, 4, 0xdeadbeef);
	CHECK_EQ(last.value, 0xdeadbeef);
	pci_write64(&bar, 0x3ff8, 0x0123456789abcdefull);
	CHECK_EQ(last.bar, 4);
	CHECK_EQ(last.size, 8);
	CHECK_EQ(last.value, 0x0123456789abcdefull);
	fakemmio_rig_stop(&r);
}

static void test_outside_the_bar_reads_are_ones_and_writes_go_nowhere(void)
{
	struct fakemmio_rig r;
	struct pci_bar bar;

	start(&r, false);
	CHECK_EQ(pci_dev_bar(&r.dev, 1, &bar), 0);
	last.size = 0;
	CHECK_EQ(pci_read8(&bar, 0x1000), 0xff);
	CHECK_EQ(pci_read32(&bar, 0xffd), 0xffffffff);
	CHECK_EQ(pci_read64(&bar, UINT64_MAX), UINT64_MAX);
	CHECK_EQ(pci_read16(&bar, UINT64_MAX - 1), 0xffff);
	pci_write32(&bar, 0xffe, 1);
	pci_write8(&bar, UINT64_MAX, 1);
	CHECK_EQ(last.size, 0);
	CHECK_EQ(fakemmio_lost, 0);
	fakemmio_rig_stop(&r);
}

static void test_decoding_can_be_switched(void)
{
	struct fakemmio_rig r;
	struct pci_bar bar;

	start(&r, false);
	CHECK_EQ(pci_dev_bar(&r.dev, 1, &bar), 0);
	CHECK_EQ(get_le16(r.fn->cfg + PCI_COMMAND), 7);
	pci_dev_disable(&r.dev);
	CHECK_EQ(get_le16(r.fn->cfg + PCI_COMMAND), 0);
	CHECK_EQ(pci_read32(&bar, 0), UINT32_MAX);
	CHECK_EQ(fakemmio_lost, 1);
	r.fn->absent = true;
	pci_dev_enable(&r.dev);
	CHECK_EQ(get_le16(r.fn->cfg + PCI_COMMAND), 0);
	fakemmio_rig_stop(&r);
}

static const struct test tests[] = {
	TEST(test_bars_are_found_on_the_root_bus_and_behind_a_bridge),
	TEST(test_a_missing_bar_is_not_there),
	TEST(test_a_bar_the_host_has_no_window_for_is_out_of_range),
	TEST(test_a_malformed_property_ends_the_search),
	TEST(test_writes_arrive_with_their_size),
	TEST(test_outside_the_bar_reads_are_ones_and_writes_go_nowhere),
	TEST(test_decoding_can_be_switched),
};
TEST_MAIN(tests)
