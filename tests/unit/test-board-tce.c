/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DMA through the hypervisor's tables: the windows of host bridges, and the methods of bridges that
 * end there. A device that uses an address which is not mapped ends the test.
 */
#include "check.h"

#include "fakeheap.h"
#include "fakehv.h"
#include "fakepci.h"
#include "fakeplatform.h"
#include "fakeram.h"

#include "../../board-qemu/board.h"
#include "../../board-qemu/tce.h"

#include "base/err.h"
#include "dt/cells.h"
#include "dt/path.h"
#include "dt/prop.h"

#define PAGE   4096u
#define LIOBN  FAKEHV_LIOBN
#define LIOBN2 0x80000100u
#define WINDOW 0x40000000u /* 1 GiB, QEMU's default */
#define MEM    0x100000u

static struct tce_window *window;
static struct dt_node *node;

static void set_window(struct dt_node *n, uint32_t liobn, uint64_t base, uint64_t size)
{
	struct dt_cells c = dt_cells_new(5);

	dt_cells_u32(&c, liobn);
	dt_cells_u64(&c, base);
	dt_cells_u64(&c, size);
	dt_cells_set(&c, n, "ibm,dma-window");
}

/* A machine with one window; multi: the hypervisor promises calls for many entries. */
static void start(bool multi, uint64_t bytes)
{
	static const char functions[] = "hcall-pft\0hcall-tce\0hcall-multi-tce";

	fakeplatform_start(FAKE_TREE_ONLY);
	fakehv_start(of_tree());
	if (multi)
		dt_prop_set(dt_path_find(of_tree(), "/rtas"), "ibm,hypertas-functions", functions,
			    sizeof(functions));
	fakehv_add_window(LIOBN, bytes);
	node = dt_path_find(of_tree(), "/pci");
	set_window(node, LIOBN, 0, bytes & UINT32_MAX);
	window = tce_window_new(node);
	CHECK(window);
}

static void stop(void)
{
	tce_window_free(window);
	window = NULL;
	CHECK_EQ(fakehv_mapped(LIOBN), 0);
	fakeplatform_stop();
}

static int map(uint64_t addr, uint64_t size, uint64_t *dev)
{
	return tce_dma_ops.map(window, fakeram_bytes(addr), size, dev);
}

static int unmap(uint64_t dev, uint64_t size)
{
	return tce_dma_ops.unmap(window, dev, size);
}

/* Does a device that writes at dev write to memory at addr? */
static void check_reaches(uint32_t liobn, uint64_t dev, uint64_t addr, uint64_t size)
{
	uint64_t last = addr + size - 1;
	uint8_t byte = 0x5a;

	memset(fakeram_bytes(addr), 0, size);
	fakehv_dma_write(liobn, dev, "head", size < 4 ? size : 4);
	CHECK(!memcmp(fakeram_bytes(addr), "head", size < 4 ? size : 4));
	fakehv_dma_write(liobn, dev + size - 1, &byte, 1);
	CHECK_EQ(*fakeram_bytes(last), 0x5a);
	*fakeram_bytes(last) = 0x77;
	fakehv_dma_read(liobn, dev + size - 1, &byte, 1);
	CHECK_EQ(byte, 0x77);
}

/* ---- mapping -------------------------------------------------------------------------------- */

static void test_a_device_reaches_exactly_the_pages_that_are_mapped(void)
{
	uint64_t dev;

	for (int multi = 0; multi < 2; multi++) {
		start(multi, WINDOW);
		CHECK_EQ(map(MEM, 3 * PAGE, &dev), 0);
		check_reaches(LIOBN, dev, MEM, 3 * PAGE);
		CHECK_EQ(fakehv_mapped(LIOBN), 3);
		CHECK(!fakehv_dma_open(LIOBN, dev - 1));
		CHECK(!fakehv_dma_open(LIOBN, dev + 3 * PAGE));
		CHECK_EQ(unmap(dev, 3 * PAGE), 0);
		CHECK_EQ(fakehv_mapped(LIOBN), 0);
		stop();
	}
}

static void test_the_offset_in_the_page_is_kept(void)
{
	uint64_t dev;

	start(true, WINDOW);
	CHECK_EQ(map(MEM + 0xff8, 16, &dev), 0);
	CHECK_EQ(dev % PAGE, 0xff8);
	CHECK_EQ(fakehv_mapped(LIOBN), 2);
	check_reaches(LIOBN, dev, MEM + 0xff8, 16);
	CHECK_EQ(unmap(dev, 16), 0);
	CHECK_EQ(map(MEM + 8, 1, &dev), 0);
	CHECK_EQ(fakehv_mapped(LIOBN), 1);
	check_reaches(LIOBN, dev, MEM + 8, 1);
	stop();
}

static void test_address_0_is_never_given_out(void)
{
	uint64_t dev;

	start(true, 4 * PAGE);
	for (uint64_t i = 1; i < 4; i++) {
		CHECK_EQ(map(MEM, PAGE, &dev), 0);
		CHECK_EQ(dev, i * PAGE);
	}
	CHECK_EQ(map(MEM, PAGE, &dev), E_NOSPC);
	CHECK(!fakehv_dma_open(LIOBN, 0));
	stop();
}

static void test_gaps_are_filled_again(void)
{
	uint64_t dev[6], again;

	start(true, 7 * PAGE);
	for (unsigned i = 0; i < 6; i++)
		CHECK_EQ(map(MEM + i * PAGE, PAGE, &dev[i]), 0);
	CHECK_EQ(unmap(dev[1], PAGE), 0);
	CHECK_EQ(unmap(dev[3], PAGE), 0);
	CHECK_EQ(map(MEM, 2 * PAGE, &again), E_NOSPC);
	CHECK_EQ(unmap(dev[2], PAGE), 0);
	CHECK_EQ(map(MEM + 0x10000, 3 * PAGE, &again), 0);
	CHECK_EQ(again, dev[1]);
	check_reaches(LIOBN, again, MEM + 0x10000, 3 * PAGE);
	check_reaches(LIOBN, dev[4], MEM + 4 * PAGE, PAGE);
	CHECK_EQ(map(MEM, PAGE, &again), E_NOSPC);
	stop();
}

static void test_a_window_of_4_gib_is_shown_as_0_and_used_whole(void)
{
	uint64_t dev, size = 32u << 20;
	unsigned n = 0;

	start(true, 1ull << 32);
	while (!map(0, size, &dev)) {
		CHECK_EQ(dev, PAGE + n * size);
		n++;
	}
	CHECK_EQ(n, 127); /* the page at 0 costs one */
	CHECK_EQ(map(MEM, size - PAGE, &dev), 0);
	CHECK_EQ(dev + size - PAGE, 1ull << 32);
	fakehv_dma_write(LIOBN, 0xffffffff, "z", 1);
	CHECK_EQ(map(MEM, 1, &dev), E_NOSPC);
	stop();
}

static void test_a_window_may_start_above_0(void)
{
	uint64_t dev;

	start(true, WINDOW);
	tce_window_free(window);
	set_window(node, LIOBN, 0x10000000, 2 * PAGE);
	window = tce_window_new(node);
	CHECK_EQ(map(MEM, PAGE, &dev), 0);
	CHECK_EQ(dev, 0x10000000);
	check_reaches(LIOBN, dev, MEM, PAGE);
	CHECK_EQ(unmap(0xfffffff, PAGE), E_INVAL);
	CHECK_EQ(map(MEM, PAGE, &dev), 0);
	CHECK_EQ(map(MEM, PAGE, &dev), E_NOSPC);
	stop();
}

static void test_only_what_was_mapped_can_be_unmapped(void)
{
	uint64_t a, b;

	start(true, WINDOW);
	CHECK_EQ(map(MEM + 4, 2 * PAGE, &a), 0);
	CHECK_EQ(map(MEM, PAGE, &b), 0);
	CHECK_EQ(unmap(0, PAGE), E_INVAL);
	CHECK_EQ(unmap(a, PAGE), E_INVAL);
	CHECK_EQ(unmap(a + PAGE, 2 * PAGE), E_INVAL);
	CHECK_EQ(unmap(a, 0), E_INVAL);
	CHECK_EQ(unmap(a, UINT64_MAX), E_INVAL);
	CHECK_EQ(unmap(b + PAGE, PAGE), E_INVAL);
	CHECK_EQ(unmap(UINT64_MAX, 1), E_INVAL);
	CHECK_EQ(fakehv_mapped(LIOBN), 4);
	CHECK_EQ(unmap(a, 2 * PAGE), 0);
	CHECK_EQ(unmap(a, 2 * PAGE), E_INVAL);
	CHECK_EQ(fakehv_mapped(LIOBN), 1);
	stop();
}

static void test_impossible_sizes_are_refused(void)
{
	uint64_t dev;

	start(true, WINDOW);
	CHECK_EQ(map(MEM, 0, &dev), E_INVAL);
	CHECK_EQ(map(MEM, UINT64_MAX, &dev), E_INVAL);
	CHECK_EQ(map(MEM, UINT64_MAX - MEM, &dev), E_INVAL);
	CHECK_EQ(map(MEM, WINDOW, &dev), E_NOSPC);
	CHECK_EQ(fakehv.tce.calls, 0);
	stop();
}

/* ---- the hypervisor's calls ----------------------------------------------------------------- */

static void test_many_entries_take_few_calls_where_promised(void)
{
	uint64_t dev;

	start(true, WINDOW);
	CHECK_EQ(map(MEM, 1025 * PAGE, &dev), 0);
	CHECK_EQ(fakehv.tce.indirects, 2);
	CHECK_EQ(fakehv.tce.puts, 1);
	check_reaches(LIOBN, dev, MEM, 1025 * PAGE);
	CHECK_EQ(unmap(dev, 1025 * PAGE), 0);
	CHECK_EQ(fakehv.tce.stuffs, 2);
	CHECK_EQ(fakehv_mapped(LIOBN), 0);
	stop();
}

static void test_without_hcall_multi_tce_entries_go_one_by_one(void)
{
	uint64_t dev;

	start(false, WINDOW);
	fakehv.tce.no_multi = true;
	CHECK_EQ(map(MEM, 1025 * PAGE, &dev), 0);
	check_reaches(LIOBN, dev, MEM, 1025 * PAGE);
	CHECK_EQ(fakehv.tce.puts, 1025);
	CHECK_EQ(unmap(dev, 1025 * PAGE), 0);
	CHECK_EQ(fakehv.tce.puts, 2050);
	stop();
}

static void test_a_promise_that_is_not_kept_is_no_obstacle(void)
{
	uint64_t dev;

	start(true, WINDOW);
	fakehv.tce.no_multi = true;
	CHECK_EQ(map(MEM, 5 * PAGE, &dev), 0);
	check_reaches(LIOBN, dev, MEM, 5 * PAGE);
	CHECK_EQ(unmap(dev, 5 * PAGE), 0);
	CHECK_EQ(fakehv.tce.puts, 10);
	stop();
}

/* Every way a mapping can fail at the hypervisor's: nothing stays behind, and it works afterwards. */
static void test_a_failure_half_way_leaves_nothing_mapped(void)
{
	uint64_t dev;

	for (int multi = 0; multi < 2; multi++)
		for (unsigned at = 1; at < 5; at++) {
			start(multi, WINDOW);
			fakehv.tce.fail_at = at;
			CHECK_EQ(map(MEM, multi ? 2048 * PAGE : 4 * PAGE, &dev), E_IO);
			CHECK_EQ(fakehv_mapped(LIOBN), 0);
			fakehv.tce.fail_at = 0;
			CHECK_EQ(map(MEM, 2 * PAGE, &dev), 0);
			CHECK_EQ(dev, PAGE);
			stop();
		}
}

static void test_what_cannot_be_cleared_is_not_given_out_again(void)
{
	uint64_t dev, other;

	start(true, WINDOW);
	CHECK_EQ(map(MEM, 2 * PAGE, &dev), 0);
	fakehv.tce.no_clear = true;
	CHECK_EQ(unmap(dev, 2 * PAGE), E_IO);
	CHECK_EQ(map(MEM, 2 * PAGE, &other), 0);
	CHECK(other >= dev + 2 * PAGE);
	fakehv.tce.no_clear = false;
	CHECK_EQ(unmap(dev, 2 * PAGE), 0);
	stop();
}

static void test_without_heap_a_mapping_fails_cleanly(void)
{
	uint64_t dev;

	start(true, WINDOW);
	fakeheap_dry_after = 0;
	CHECK_EQ(map(MEM, 2 * PAGE, &dev), E_NOMEM);
	fakeheap_dry_after = -1;
	CHECK_EQ(fakehv_mapped(LIOBN), 0);
	CHECK_EQ(map(MEM, 2 * PAGE, &dev), 0);
	stop();
}

/* ---- windows -------------------------------------------------------------------------------- */

static void test_malformed_windows_are_left_out(void)
{
	struct dt_cells c;

	start(true, WINDOW);
	dt_prop_delete(node, "ibm,dma-window");
	CHECK(!tce_window_new(node));
	dt_prop_set_u64(node, "ibm,dma-window", 1);
	CHECK(!tce_window_new(node));
	set_window(node, LIOBN, 0x800, WINDOW);
	CHECK(!tce_window_new(node));
	set_window(node, LIOBN, 0xfffffffffffff000, 0x2000);
	CHECK(!tce_window_new(node));
	dt_prop_set_u32(node, "ibm,#dma-address-cells", 77);
	CHECK(!tce_window_new(node));
	dt_prop_set_u32(node, "ibm,#dma-address-cells", 1);
	dt_prop_set_u32(node, "ibm,#dma-size-cells", 1);
	c = dt_cells_new(3);
	dt_cells_u32(&c, LIOBN);
	dt_cells_u32(&c, 0);
	dt_cells_u32(&c, WINDOW);
	dt_cells_set(&c, node, "ibm,dma-window");
	tce_window_free(window);
	window = tce_window_new(node);
	CHECK(window);
	stop();
}

static void test_windows_do_not_know_each_other(void)
{
	struct tce_window *other;
	uint64_t a, b;

	start(true, WINDOW);
	fakehv_add_window(LIOBN2, 8 * PAGE);
	set_window(node, LIOBN2, 0, 8 * PAGE);
	other = tce_window_new(node);
	CHECK(other);
	CHECK_EQ(map(MEM, PAGE, &a), 0);
	CHECK_EQ(tce_dma_ops.map(other, fakeram_bytes(2 * MEM), 7 * PAGE, &b), 0);
	CHECK_EQ(a, b);
	check_reaches(LIOBN, a, MEM, PAGE);
	check_reaches(LIOBN2, b, 2 * MEM, 7 * PAGE);
	CHECK_EQ(tce_dma_ops.unmap(other, b, PAGE), E_INVAL);
	tce_window_free(other);
	CHECK_EQ(fakehv_mapped(LIOBN2), 0);
	CHECK_EQ(fakehv_mapped(LIOBN), 1);
	stop();
}

static void test_quiesce_undoes_everything_and_ends_mapping(void)
{
	uint64_t dev;

	start(true, WINDOW);
	for (unsigned i = 0; i < 20; i++)
		CHECK_EQ(map(MEM, (1 + i * 7) * PAGE, &dev), 0);
	of_quiesce();
	CHECK_EQ(fakehv_mapped(LIOBN), 0);
	CHECK_EQ(map(MEM, PAGE, &dev), E_PERM);
	CHECK_EQ(unmap(dev, PAGE), E_INVAL);
	stop();
}

static bool driver_stopped;

static void stop_driver(void *arg)
{
	const uint64_t *dev = arg;

	fakehv_dma_write(LIOBN, *dev, "last words", 10);
	driver_stopped = true;
}

static void test_drivers_stop_before_their_windows_close(void)
{
	uint64_t dev;

	start(true, WINDOW);
	of_on_quiesce(stop_driver, &dev);
	CHECK_EQ(map(MEM, PAGE, &dev), 0);
	driver_stopped = false;
	of_quiesce();
	CHECK(driver_stopped);
	CHECK(!memcmp(fakeram_bytes(MEM), "last words", 10));
	stop();
}

/* ---- at random ------------------------------------------------------------------------------ */

static uint32_t seed;

static uint32_t chance(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

struct model {
	uint64_t addr, size, dev; /* size 0: unused */
};

static void model_add(struct model *m, const struct model *all, unsigned n)
{
	struct model want = {.addr = MEM + chance(4u << 20)};

	want.size = 1 + chance(chance(4) ? 5 * PAGE : 600 * PAGE);
	if (map(want.addr, want.size, &want.dev))
		return; /* full: fine */
	for (unsigned i = 0; i < n; i++)
		CHECK(!all[i].size || (want.dev | (PAGE - 1)) < all[i].dev ||
		      want.dev > all[i].dev);
	*m = want;
}

static void model_check(const struct model *all, unsigned n)
{
	unsigned pages = 0;

	for (unsigned i = 0; i < n; i++) {
		uint64_t last = all[i].dev + all[i].size - 1;
		uint8_t byte = (uint8_t)chance(256);

		if (!all[i].size)
			continue;
		pages += (unsigned)(last / PAGE - all[i].dev / PAGE + 1);
		fakehv_dma_write(LIOBN, last, &byte, 1);
		CHECK_EQ(*fakeram_bytes(all[i].addr + all[i].size - 1), byte);
		fakehv_dma_write(LIOBN, all[i].dev, &byte, 1);
		CHECK_EQ(*fakeram_bytes(all[i].addr), byte);
	}
	CHECK_EQ(fakehv_mapped(LIOBN), pages);
}

static void test_thousands_of_mappings_never_mix(void)
{
	for (uint32_t run = 1; run <= 8; run++) {
		struct model all[40] = {{0}};

		seed = run;
		start(run & 1, run & 2 ? WINDOW : 2048 * PAGE);
		for (unsigned step = 0; step < 400; step++) {
			struct model *m = &all[chance(ARRAY_SIZE(all))];

			if (!m->size) {
				model_add(m, all, ARRAY_SIZE(all));
			} else {
				CHECK_EQ(unmap(m->dev, m->size), 0);
				m->size = 0;
			}
			if (step % 20 == 0)
				model_check(all, ARRAY_SIZE(all));
		}
		model_check(all, ARRAY_SIZE(all));
		stop();
	}
}

/* ---- methods, from end to end --------------------------------------------------------------- */

#define DEEP "/pci@800000020000000/pci@1/pci@2/pci@3/pci@4"

static struct fake_pci *pci;

static void boot_deep(void)
{
	struct fake_fn *fn = NULL;
	struct dt_node *phb;
	struct dt_cells c;

	fakeplatform_start(FAKE_TREE_ONLY);
	instance_forget_node(of_tree()->root);
	dt_tree_free(of_tree());
	pci = fake_pci_new();
	for (uint8_t slot = 1; slot <= 4; slot++)
		fn = fake_add_bridge(pci, fn, (uint8_t)(slot << 3));
	fake_add(pci, fn, 0x28, 0x020000);
	phb = fake_tree(pci, of_tree(), &fake_phb_default);
	c = dt_cells_new(4);
	dt_cells_u64(&c, FAKEHV_BUID);
	dt_cells_u64(&c, 0);
	dt_cells_set(&c, phb, "reg");
	set_window(phb, LIOBN, 0, WINDOW);
	fakehv_start(of_tree());
	fakehv_add_window(LIOBN, WINDOW);
	fakehv.pci = &pci->bus;
	phb_probe_all();
}

static void stop_deep(void)
{
	struct dt_node *phb = dt_path_find(of_tree(), "/pci");

	phb_node_removed(phb);
	fake_pci_free(pci);
	fakeplatform_stop();
}

static cell_t call(struct instance *in, const char *method, unsigned n, const cell_t *args)
{
	cell_t cells[8] = {0};
	struct stack st = {cells, n, ARRAY_SIZE(cells)};
	int err;

	memcpy(cells, args, n * sizeof(*args));
	err = instance_call(in, method, &st);
	if (err)
		check_fail("%s: %d", method, err);
	return st.depth ? cells[st.depth - 1] : 0;
}

static void test_a_client_does_dma_four_bridges_deep(void)
{
	struct instance *in;
	cell_t mem, dev;

	boot_deep();
	mem_distrust(true);
	CHECK_EQ(instance_open(DEEP, &in), 0);
	mem = call(in, "dma-alloc", 1, (cell_t[]){0x2345});
	dev = call(in, "dma-map-in", 3, (cell_t[]){mem + 0x345, 0x2000, 0});
	CHECK_EQ(dev % PAGE, 0x345);
	check_reaches(LIOBN, dev, mem + 0x345, 0x2000);
	call(in, "dma-sync", 3, (cell_t[]){mem + 0x345, dev, 0x2000});
	call(in, "dma-map-out", 3, (cell_t[]){mem + 0x345, dev, 0x2000});
	CHECK_EQ(fakehv_mapped(LIOBN), 0);
	call(in, "dma-free", 2, (cell_t[]){mem, 0x2345});
	instance_close(in);
	mem_distrust(false);
	stop_deep();
}

static void test_methods_reach_the_hypervisors_configuration_space(void)
{
	struct instance *in;

	boot_deep();
	CHECK_EQ(instance_open(DEEP, &in), 0);
	CHECK_EQ(call(in, "config-l@", 1, (cell_t[]){0x00042800}), 0x10001af4);
	CHECK_EQ(fakehv.last_address, 0x00042800);
	CHECK_EQ(call(in, "config-w@", 1, (cell_t[]){0xa0042844}), 0xffff);
	CHECK_EQ(fakehv.last_address, 0xa0042844);
	CHECK_EQ(call(in, "config-b@", 1, (cell_t[]){0x19}), 4); /* the bridge's own */
	instance_close(in);
	stop_deep();
}

static void test_a_bridge_plugged_in_becomes_a_package_and_one_pulled_out_stops_being_one(void)
{
	struct instance *in;
	struct dt_node *fresh;
	struct fake_fn *fn;

	boot_deep();
	fn = fake_add_bridge(pci, NULL, 0x38);
	fresh = fake_node(fn, of_tree(), dt_path_find(of_tree(), "/pci"));
	phb_node_added(fresh);
	phb_renumber_all();
	CHECK_EQ(instance_open("/pci/pci@7", &in), 0);
	CHECK_EQ(call(in, "config-l@", 1, (cell_t[]){0x00003800}), fake_get(fn, 0));
	instance_close(in);
	phb_node_removed(fresh);
	instance_forget_node(fresh);
	dt_node_delete(of_tree(), fresh);
	CHECK_EQ(instance_open("/pci/pci@7", &in), E_NOENT);
	stop_deep();
}

static void test_pulling_a_host_bridge_closes_its_window(void)
{
	struct dt_node *phb;
	struct instance *in;

	boot_deep();
	CHECK_EQ(instance_open(DEEP, &in), 0);
	call(in, "dma-map-in", 3, (cell_t[]){MEM, 3 * PAGE, 0});
	CHECK_EQ(fakehv_mapped(LIOBN), 3);
	phb = dt_path_find(of_tree(), "/pci");
	phb_node_removed(phb);
	instance_forget_node(phb);
	CHECK_EQ(fakehv_mapped(LIOBN), 0);
	instance_close(in);
	of_quiesce();
	fake_pci_free(pci);
	fakeplatform_stop();
}

static const struct test tests[] = {
	TEST(test_a_device_reaches_exactly_the_pages_that_are_mapped),
	TEST(test_the_offset_in_the_page_is_kept),
	TEST(test_address_0_is_never_given_out),
	TEST(test_gaps_are_filled_again),
	TEST(test_a_window_of_4_gib_is_shown_as_0_and_used_whole),
	TEST(test_a_window_may_start_above_0),
	TEST(test_only_what_was_mapped_can_be_unmapped),
	TEST(test_impossible_sizes_are_refused),
	TEST(test_many_entries_take_few_calls_where_promised),
	TEST(test_without_hcall_multi_tce_entries_go_one_by_one),
	TEST(test_a_promise_that_is_not_kept_is_no_obstacle),
	TEST(test_a_failure_half_way_leaves_nothing_mapped),
	TEST(test_what_cannot_be_cleared_is_not_given_out_again),
	TEST(test_without_heap_a_mapping_fails_cleanly),
	TEST(test_malformed_windows_are_left_out),
	TEST(test_windows_do_not_know_each_other),
	TEST(test_quiesce_undoes_everything_and_ends_mapping),
	TEST(test_drivers_stop_before_their_windows_close),
	TEST(test_thousands_of_mappings_never_mix),
	TEST(test_a_client_does_dma_four_bridges_deep),
	TEST(test_methods_reach_the_hypervisors_configuration_space),
	TEST(test_a_bridge_plugged_in_becomes_a_package_and_one_pulled_out_stops_being_one),
	TEST(test_pulling_a_host_bridge_closes_its_window),
};
TEST_MAIN(tests)
