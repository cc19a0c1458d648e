/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * client-architecture-support from end to end: the client's call, a reply of the hypervisor's, the
 * merge, and the bus numbers that must be ours again.
 */
#include "check.h"

#include "fakehv.h"
#include "fakepci.h"
#include "fakeplatform.h"
#include "fakeram.h"

#include "../../board-qemu/board.h"
#include "../../board-qemu/rtas.h"

#include "base/err.h"
#include "base/heap.h"
#include "dt/cells.h"
#include "dt/fdt.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/memory.h"
#include "of/method.h"

#define VEC 0x100000u

static struct fake_pci *pci;
static struct fake_fn *port;

/* The tree the hypervisor will answer with: QEMU's of the start, changed by a test. */
static struct dt_tree reply;

static void add_phb(struct dt_tree *tree)
{
	struct dt_node *phb = dt_child_find(tree->root, "pci@800000020000000");
	struct dt_cells c;

	if (phb)
		dt_node_delete(tree, phb);
	phb = dt_node_new(tree, tree->root, "pci@800000020000000", DT_FROM_FDT);
	dt_prop_set_str(phb, "device_type", "pci");
	dt_prop_set_u32(phb, "#address-cells", 3);
	dt_prop_set_u32(phb, "#size-cells", 2);
	c = dt_cells_new(4);
	dt_cells_u64(&c, FAKEHV_BUID);
	dt_cells_u64(&c, 0);
	dt_cells_set(&c, phb, "reg");
	c = dt_cells_new(2);
	dt_cells_u32(&c, 0);
	dt_cells_u32(&c, 255);
	dt_cells_set(&c, phb, "bus-range");
	c = dt_cells_new(7);
	dt_cells_u32(&c, 0x02000000);
	dt_cells_u64(&c, 0x80000000);
	dt_cells_u64(&c, 0x200080000000);
	dt_cells_u64(&c, 0x80000000);
	dt_cells_set(&c, phb, "ranges");
}

static struct dt_node *add_function(struct dt_node *parent, const char *name, uint32_t hi)
{
	struct dt_node *node = dt_node_new(&reply, parent, name, DT_FROM_FDT);
	struct dt_cells c = dt_cells_new(5);

	dt_cells_u32(&c, hi);
	dt_cells_u64(&c, 0);
	dt_cells_u64(&c, 0);
	dt_cells_set(&c, node, "reg");
	dt_prop_set_u32(node, "class-code", 0x020000);
	return node;
}

static int64_t answer(uint8_t *fdt, uint64_t size)
{
	size_t len;
	void *blob = dt_to_fdt(&reply, 0, &len);

	CHECK(blob && len <= size);
	memcpy(fdt, blob, len);
	heap_free(blob);
	return 0;
}

/* A machine with a port and a function behind it, walked; and the reply as QEMU's own tree again. */
static void start(void)
{
	size_t len;
	void *blob;

	fakeplatform_start(FAKE_TREE_ONLY);
	add_phb(of_tree());
	fakehv_start(of_tree());
	blob = dt_to_fdt(of_tree(), 0, &len);
	instance_forget_node(of_tree()->root);
	dt_tree_free(of_tree());
	CHECK_EQ(dt_from_fdt(of_tree(), blob), 0);
	CHECK_EQ(dt_from_fdt(&reply, blob), 0);
	heap_free(blob);
	pci = fake_pci_new();
	fakehv.pci = &pci->bus;
	port = fake_add_bridge(pci, NULL, 0x08);
	fake_add(pci, port, 0x00, 0x010000);
	fakehv.cas = answer;
	cas_init();
	phb_probe_all();
}

static void stop(void)
{
	struct dt_node *phb = dt_path_find(of_tree(), "/pci@800000020000000");

	phb_node_removed(phb);
	fake_pci_free(pci);
	fakeplatform_stop();
}

/* The client's call; the catch result. */
static int call(cell_t *failed)
{
	const struct method *m =
		method_find(of_tree()->root, "ibm,client-architecture-support", 31);
	cell_t cells[2] = {VEC};
	struct stack st = {cells, 1, 2};
	int err;

	CHECK(m);
	err = method_call(m, NULL, &st);
	*failed = cells[0];
	return err;
}

static void cas(void)
{
	cell_t failed;

	CHECK_EQ(call(&failed), 0);
	CHECK_EQ(failed, 0);
	dt_tree_free(&reply);
}

static void test_the_reply_buffer_is_two_mib_and_its_tree_aligned_to_eight(void)
{
	start();
	cas();
	CHECK_EQ(fakehv.cas_reply % 8, 4);
	CHECK(fakehv.cas_size >= 0x200000);
	stop();
}

static void test_what_we_published_survives_and_what_qemu_changed_is_taken_over(void)
{
	const struct dt_node *node;

	start();
	dt_prop_set_u32(dt_path_find(&reply, "/cpus/PowerPC,POWER9@0"), "cpu-version", 0xf000005);
	dt_prop_delete(dt_path_find(&reply, "/cpus/PowerPC,POWER9@0"),
		       "ibm,ppc-interrupt-server#s");
	cas();
	node = dt_path_find(of_tree(), "/cpus/PowerPC,POWER9@0");
	CHECK_EQ(dt_prop_u32_or(node, "cpu-version", 0), 0xf000005);
	CHECK(!dt_prop_find(node, "ibm,ppc-interrupt-server#s"));
	node = dt_path_find(of_tree(), "/pci@800000020000000/pci@1");
	CHECK(node && dt_prop_find(node, "bus-range") && dt_prop_find(node, "interrupt-map"));
	CHECK(dt_path_find(of_tree(), "/pci@800000020000000/pci@1/scsi@0"));
	stop();
}

static void test_chosen_keeps_what_the_reply_leaves_out(void)
{
	start();
	dt_prop_delete(dt_path_find(&reply, "/chosen"), "bootargs");
	cas();
	CHECK_STR(dt_prop_get_str(dt_path_find(of_tree(), "/chosen"), "bootargs"), "quiet");
	stop();
}

static void test_bus_numbers_are_written_again(void)
{
	start();
	CHECK_EQ(port->cfg[0x19], 1);
	port->cfg[0x18] = 0; /* as QEMU's own walk may leave them */
	port->cfg[0x19] = 0x33;
	port->cfg[0x1a] = 0x33;
	cas();
	CHECK_EQ(port->cfg[0x19], 1);
	CHECK_EQ(port->cfg[0x1a], 1);
	stop();
}

static void test_a_function_plugged_in_before_the_call_appears_with_our_bus_number(void)
{
	const struct dt_node *node;
	struct dt_reader r;

	start();
	fake_add(pci, port, 0x10, 0x020000);
	add_function(add_function(dt_path_find(&reply, "/pci@800000020000000"), "pci@1", 0x800),
		     "ethernet@2", 0x331000);
	cas();
	node = dt_path_find(of_tree(), "/pci@800000020000000/pci@1/ethernet@2");
	CHECK(node);
	r = dt_read(node, "reg");
	CHECK_EQ(dt_read_u32(&r), 0x11000);
	stop();
}

static void test_a_node_that_vanished_goes_and_its_alias_target_is_not_found(void)
{
	start();
	dt_node_delete(&reply, dt_path_find(&reply, "/vdevice/l-lan@71000001"));
	CHECK(dt_path_find(of_tree(), "/vdevice/l-lan@71000001"));
	cas();
	CHECK(!dt_path_find(of_tree(), "/vdevice/l-lan@71000001"));
	CHECK(dt_path_find(of_tree(), "/vdevice/vty@71000000"));
	stop();
}

static void test_xive_takes_over_the_controllers_phandle(void)
{
	struct dt_node *node, *old;

	start();
	old = dt_node_new(of_tree(), of_tree()->root, "interrupt-controller", DT_FROM_FDT);
	CHECK_EQ(dt_node_set_phandle(of_tree(), old, 0x1111), 0);
	node = dt_node_new(&reply, reply.root, "interrupt-controller@60302031b0000", DT_FROM_FDT);
	CHECK_EQ(dt_node_set_phandle(&reply, node, 0x1111), 0);
	dt_prop_set_u32(node, "phandle", 0x1111);
	cas();
	CHECK(!dt_child_find(of_tree()->root, "interrupt-controller"));
	node = dt_find_phandle(of_tree(), 0x1111);
	CHECK(node);
	CHECK_STR(node->name, "interrupt-controller@60302031b0000");
	stop();
}

static int64_t refuse(uint8_t *fdt, uint64_t size)
{
	(void)fdt;
	(void)size;
	return -1;
}

static int64_t answer_garbage(uint8_t *fdt, uint64_t size)
{
	memset(fdt, 0xa5, size < 4096 ? size : 4096);
	return 0;
}

static void test_a_refusal_and_a_garbled_reply_are_errors_and_leave_the_tree_alone(void)
{
	cell_t failed;

	start();
	fakehv.cas = refuse;
	CHECK_EQ(call(&failed), E_IO);
	fakehv.cas = answer_garbage;
	CHECK_EQ(call(&failed), E_FORMAT);
	CHECK(dt_path_find(of_tree(), "/pci@800000020000000/pci@1/scsi@0"));
	dt_tree_free(&reply);
	stop();
}

static const struct test tests[] = {
	TEST(test_the_reply_buffer_is_two_mib_and_its_tree_aligned_to_eight),
	TEST(test_what_we_published_survives_and_what_qemu_changed_is_taken_over),
	TEST(test_chosen_keeps_what_the_reply_leaves_out),
	TEST(test_bus_numbers_are_written_again),
	TEST(test_a_function_plugged_in_before_the_call_appears_with_our_bus_number),
	TEST(test_a_node_that_vanished_goes_and_its_alias_target_is_not_found),
	TEST(test_xive_takes_over_the_controllers_phandle),
	TEST(test_a_refusal_and_a_garbled_reply_are_errors_and_leave_the_tree_alone),
};
TEST_MAIN(tests)
