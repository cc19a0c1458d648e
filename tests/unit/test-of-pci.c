/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Methods of PCI buses, on a machine as libpci leaves it: a host bridge with a function, and another
 * function behind two bridges. DMA is a recorder; the board's is tested in test-board-tce.
 */
#include "check.h"

#include "base/err.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "fakepci.h"
#include "fakeplatform.h"
#include "fakeram.h"
#include "of/pci.h"
#include "pci/regs.h"

#define HOST  "/pci@800000020000000"
#define NEAR  HOST "/pci@1"
#define FAR   NEAR "/pci@2"
#define TEXT  0x200000u
#define DEV   0x7000u
#define BAR_0 0x10u

static struct fake_pci *pci;
static struct fake_fn *near_bridge, *far_bridge, *card, *flat;
static struct pci_host *host;
static struct of_pci of;
static struct instance *in;
static cell_t cells[12];
static struct stack st = {cells, 0, ARRAY_SIZE(cells)};

/* ---- a recorder for DMA --------------------------------------------------------------------- */

static struct {
	unsigned maps, unmaps;
	void *mem;
	uint64_t size, dev; /* dev: what map answers, what unmap was given */
} dma_log;

static int log_map(void *ctx, void *mem, uint64_t size, uint64_t *dev)
{
	CHECK(ctx == &dma_log);
	dma_log.maps++;
	dma_log.mem = mem;
	dma_log.size = size;
	*dev = dma_log.dev;
	return 0;
}

static int log_unmap(void *ctx, uint64_t dev, uint64_t size)
{
	CHECK(ctx == &dma_log);
	dma_log.unmaps++;
	dma_log.dev = dev;
	dma_log.size = size;
	return 0;
}

static const struct dma_ops log_ops = {.map = log_map, .unmap = log_unmap};
static const struct dma dma = {&log_ops, &dma_log};

/* ---- the machine ---------------------------------------------------------------------------- */

static void add_functions(void)
{
	near_bridge = fake_add_port(pci, NULL, 0x08, PCI_EXP_ROOT_PORT);
	far_bridge = fake_add_port(pci, near_bridge, 0x10, PCI_EXP_UPSTREAM);
	card = fake_add_express(pci, far_bridge, 0x19, 0x020000, 0);
	fake_bar(card, 0, 0x20, 1);
	fake_bar(card, 1, 0x1000, 0);
	fake_bar(card, 2, 0x4000, 0xc);
	fake_rom(card, 0x10000);
	fake_set(card, 0x40, 0x11223344, UINT32_MAX);
	fake_set(card, 0xffc, 0x55667788, UINT32_MAX);
	fake_add(pci, far_bridge, 0x18, 0x020000)->cfg[PCI_HEADER] |= PCI_HEADER_MULTI;
	flat = fake_add(pci, NULL, 0x10, 0x010000);
	fake_bar(flat, 0, 0x2000, 4);
}

static void start(void)
{
	in = NULL;
	fakeplatform_start(FAKE_TREE_ONLY);
	instance_forget_node(of_tree()->root);
	dt_tree_free(of_tree());
	pci = fake_pci_new();
	add_functions();
	fake_enumerate(pci);
	fake_tree(pci, of_tree(), &fake_phb_default);
	host = pci_host_new(of_tree(), dt_path_find(of_tree(), HOST), &pci->bus);
	CHECK(host);
	CHECK_EQ(pci_host_setup(host), 0);
	dma_log = (typeof(dma_log)){.dev = DEV};
	of = (struct of_pci){&pci->bus, &dma};
	of_bind_pci(dt_path_find(of_tree(), HOST), &of);
	mem_distrust(false);
}

static void stop(void)
{
	if (in)
		instance_close(in);
	in = NULL;
	mem_distrust(false);
	pci_host_free(host);
	fake_pci_free(pci);
	fakeplatform_stop();
}

static void open_bus(const char *path)
{
	if (in)
		instance_close(in);
	in = NULL;
	CHECK_EQ(instance_open(path, &in), 0);
}

/* Call with some cells, the last of which is on top. */
static int call_4(const char *method, unsigned n, const cell_t *args)
{
	st.depth = 0;
	for (unsigned i = 0; i < n; i++)
		cells[st.depth++] = args[i];
	return instance_call(in, method, &st);
}
#define CALL(method, ...)                                                            \
	call_4(method, (unsigned)(sizeof((cell_t[]){__VA_ARGS__}) / sizeof(cell_t)), \
	       (cell_t[]){__VA_ARGS__})

static int decode(const char *text)
{
	memcpy(fakeram_bytes(TEXT), text, strlen(text));
	return CALL("decode-unit", TEXT, strlen(text));
}

static int encode(uint32_t hi, uint64_t addr, char *text)
{
	int err = CALL("encode-unit", (uint32_t)addr, addr >> 32, hi);

	if (err)
		return err;
	CHECK_EQ(st.depth, 2);
	CHECK(cells[1] < 64);
	memcpy(text, fakeram_bytes(cells[0]), cells[1]);
	text[cells[1]] = 0;
	return 0;
}

/* ---- packages ------------------------------------------------------------------------------- */

static void test_buses_can_be_opened_and_functions_without_driver_cannot(void)
{
	struct instance *other;

	start();
	open_bus(HOST);
	open_bus(NEAR);
	open_bus(FAR);
	CHECK_EQ(instance_open(FAR "/ethernet@3,1", &other), E_UNSUPP);
	CHECK_EQ(instance_open(HOST "/scsi@2", &other), E_UNSUPP);
	CHECK(!method_find(dt_path_find(of_tree(), HOST "/scsi@2"), "config-l@", 9));
	stop();
}

static void test_device_type_stays_pci(void)
{
	start();
	CHECK_STR(dt_prop_get_str(dt_path_find(of_tree(), FAR), "device_type"), "pci");
	stop();
}

static void test_a_method_without_instance_is_refused(void)
{
	static const char *const names[] = {
		"decode-unit", "encode-unit", "config-b@", "config-w@",  "config-l@",
		"config-b!",   "config-w!",   "config-l!", "map-in",     "map-out",
		"dma-alloc",   "dma-free",    "dma-sync",  "dma-map-in", "dma-map-out",
	};

	start();
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		const struct method *m =
			method_find(dt_path_find(of_tree(), HOST), names[i], strlen(names[i]));
		int err;

		CHECK(m);
		st.depth = 4;
		memset(cells, 0, sizeof(cells));
		cells[1] = cells[2] = TEXT;
		err = method_call(m, NULL, &st);
		CHECK(err == E_STALE || err == E_UNSUPP);
	}
	stop();
}

/* ---- unit addresses ------------------------------------------------------------------------- */

static void test_decode_unit_puts_in_the_number_of_the_bus_itself(void)
{
	start();
	open_bus(HOST);
	CHECK_EQ(decode("1f,7"), 0);
	CHECK_EQ(st.depth, 3);
	CHECK_EQ(cells[2], 0x0000ff00);
	CHECK_EQ(cells[0] | cells[1], 0);
	open_bus(FAR);
	CHECK_EQ(decode("nxp3,1,20,210000001000"), 0);
	CHECK_EQ(cells[0], 0x00001000);
	CHECK_EQ(cells[1], 0x2100);
	CHECK_EQ(cells[2], 0xc3021920);
	stop();
}

static void test_decode_unit_follows_a_bus_that_is_renumbered(void)
{
	struct dt_node *node;

	start();
	open_bus(FAR);
	node = dt_path_find(of_tree(), FAR);
	dt_prop_set_u64(node, "bus-range", 0x0000000900000009);
	CHECK_EQ(decode("3"), 0);
	CHECK_EQ(cells[2], 0x00091800);
	dt_prop_delete(node, "bus-range");
	CHECK_EQ(decode("3"), E_NOENT);
	dt_prop_set_u64(node, "bus-range", 0);
	CHECK_EQ(decode("3"), E_NOENT);
	stop();
}

static void test_decode_unit_refuses_what_is_no_unit_and_what_is_no_memory(void)
{
	start();
	open_bus(HOST);
	CHECK_EQ(decode("20"), E_RANGE);
	CHECK_EQ(decode("1,8"), E_RANGE);
	CHECK_EQ(decode("disk"), E_FORMAT);
	CHECK_EQ(decode("1,"), E_FORMAT);
	CHECK_EQ(CALL("decode-unit", FAKERAM_BYTES, 4), E_RANGE);
	CHECK_EQ(CALL("decode-unit", FAKERAM_BYTES - 2, 4), E_RANGE);
	mem_distrust(true);
	CHECK_EQ(CALL("decode-unit", FAKERAM_LOW_END - 2, 2), E_RANGE);
	stop();
}

static void test_encode_unit_writes_every_form(void)
{
	char text[64];

	start();
	open_bus(FAR);
	CHECK_EQ(encode(0x00021900, 0, text), 0);
	CHECK_STR(text, "3,1");
	CHECK_EQ(encode(0x00021800, 0, text), 0);
	CHECK_STR(text, "3");
	CHECK_EQ(encode(0x81021900, 0x1000, text), 0);
	CHECK_STR(text, "ni3,1,0,1000");
	CHECK_EQ(encode(0x42021914, 0x80000000, text), 0);
	CHECK_STR(text, "mp3,1,14,80000000");
	CHECK_EQ(encode(0xc3021918, 0x210000004000, text), 0);
	CHECK_STR(text, "nxp3,1,18,210000004000");
	stop();
}

static void test_a_client_may_pass_on_what_encode_unit_gave(void)
{
	char text[64];

	start();
	mem_distrust(true);
	open_bus(FAR);
	CHECK_EQ(encode(0x43021918, 0x1000, text), 0);
	CHECK_EQ(CALL("decode-unit", cells[0], cells[1]), 0);
	CHECK_EQ(cells[2], 0x43021918);
	CHECK_EQ(cells[0], 0x1000);
	stop();
}

static void test_text_pages_come_back_when_instances_close(void)
{
	uint64_t at = 0, addr, before, after;
	char text[64];

	start();
	CHECK(mem_next(MEM_FREE, &at, &addr, &before));
	for (unsigned i = 0; i < 100; i++) {
		open_bus(FAR);
		CHECK_EQ(encode(0, 0, text), 0);
		CHECK_EQ(encode(0x800, 0, text), 0);
	}
	instance_close(in);
	in = NULL;
	at = 0;
	CHECK(mem_next(MEM_FREE, &at, &addr, &after));
	CHECK_EQ(after, before);
	stop();
}

/* ---- configuration space -------------------------------------------------------------------- */

static void test_config_reads_any_width_of_any_function_from_any_bus(void)
{
	static const char *const paths[] = {HOST, NEAR, FAR};

	start();
	for (unsigned i = 0; i < ARRAY_SIZE(paths); i++) {
		open_bus(paths[i]);
		CHECK_EQ(CALL("config-l@", 0x00021940), 0);
		CHECK_EQ(st.depth, 1);
		CHECK_EQ(cells[0], 0x11223344);
		CHECK_EQ(CALL("config-w@", 0x00021942), 0);
		CHECK_EQ(cells[0], 0x1122);
		CHECK_EQ(CALL("config-b@", 0x00021941), 0);
		CHECK_EQ(cells[0], 0x33);
		CHECK_EQ(CALL("config-l@", 0x00001000), 0);
		CHECK_EQ(cells[0], fake_get(flat, PCI_ID));
	}
	stop();
}

static void test_the_upper_bits_of_an_extended_register_are_the_upper_bits_of_the_address(void)
{
	start();
	fake_set(card, 0x100, 0x14820001, 0);
	open_bus(FAR);
	CHECK_EQ(CALL("config-l@", 0x10021900), 0);
	CHECK_EQ(cells[0], fake_get(card, 0x100));
	CHECK_EQ(CALL("config-b@", 0xf00219fe), 0);
	CHECK_EQ(cells[0], 0x66);
	CHECK_EQ(CALL("config-w!", 0xabcd, 0xf00219fc), 0);
	CHECK_EQ(fake_get(card, 0xffc), 0x5566abcd);
	stop();
}

static void test_config_writes_touch_no_neighbour(void)
{
	start();
	open_bus(HOST);
	CHECK_EQ(CALL("config-b!", 0xffffffaa, 0x00021942), 0);
	CHECK_EQ(st.depth, 0);
	CHECK_EQ(fake_get(card, 0x40), 0x11aa3344);
	CHECK_EQ(CALL("config-w!", 0xbbcc, 0x00021940), 0);
	CHECK_EQ(fake_get(card, 0x40), 0x11aabbcc);
	CHECK_EQ(CALL("config-l!", 0xffffffff01020304, 0x00021940), 0);
	CHECK_EQ(fake_get(card, 0x40), 0x01020304);
	stop();
}

static void test_a_misaligned_register_is_an_error(void)
{
	uint64_t accesses;

	start();
	open_bus(HOST);
	accesses = pci->accesses;
	CHECK_EQ(CALL("config-l@", 0x00021941), E_INVAL);
	CHECK_EQ(CALL("config-l@", 0x00021942), E_INVAL);
	CHECK_EQ(CALL("config-w@", 0x00021941), E_INVAL);
	CHECK_EQ(CALL("config-l!", 0, 0x00021941), E_INVAL);
	CHECK_EQ(CALL("config-w!", 0, 0x00021943), E_INVAL);
	CHECK_EQ(st.depth, 0);
	CHECK_EQ(pci->accesses, accesses);
	stop();
}

static void test_who_does_not_answer_reads_as_all_ones_of_the_width(void)
{
	start();
	open_bus(HOST);
	CHECK_EQ(CALL("config-l@", 0x0000a000), 0);
	CHECK_EQ(cells[0], 0xffffffff);
	CHECK_EQ(CALL("config-w@", 0x00ff0000), 0);
	CHECK_EQ(cells[0], 0xffff);
	CHECK_EQ(CALL("config-b@", 0x0000a000), 0);
	CHECK_EQ(cells[0], 0xff);
	CHECK_EQ(CALL("config-l!", 0, 0x0000a000), 0);
	stop();
}

static void test_a_bridge_takes_a_bare_offset_as_its_own_register(void)
{
	start();
	open_bus(NEAR);
	CHECK_EQ(CALL("config-l@", PCI_BUSES), 0);
	CHECK_EQ(cells[0], fake_get(near_bridge, PCI_BUSES));
	open_bus(FAR);
	CHECK_EQ(CALL("config-b@", PCI_BUSES + 1), 0);
	CHECK_EQ(cells[0], 2);
	CHECK_EQ(CALL("config-l!", 0x44, PCI_PREF_LIMIT_HI), 0);
	CHECK_EQ(fake_get(far_bridge, PCI_PREF_LIMIT_HI), 0x44);
	open_bus(HOST);
	CHECK_EQ(CALL("config-l@", 0), 0);
	CHECK_EQ(cells[0], 0xffffffff); /* 00:00.0, which is not there */
	stop();
}

/* ---- map-in --------------------------------------------------------------------------------- */

/* map-in with an address of 64 bits. */
static int map_in(uint32_t hi, uint64_t addr, uint64_t size)
{
	return CALL("map-in", (uint32_t)addr, addr >> 32, hi, size);
}

static uint64_t bar64(const struct fake_fn *fn, uint16_t reg)
{
	return (uint64_t)fake_get(fn, reg + 4) << 32 | (fake_get(fn, reg) & PCI_BAR_MEM_MASK);
}

static void test_map_in_adds_an_offset_to_what_the_register_holds(void)
{
	uint64_t io, low, rom;

	start();
	io = fake_get(card, BAR_0) & PCI_BAR_IO_MASK;
	low = fake_get(card, 0x14);
	rom = fake_get(card, PCI_ROM) & PCI_ROM_MASK;
	open_bus(FAR);
	CHECK_EQ(map_in(0x01021910, 0, 0x20), 0);
	CHECK_EQ(st.depth, 1);
	CHECK_EQ(cells[0], 0x200000000000 + io);
	CHECK_EQ(map_in(0x02021914, 0xff0, 0x10), 0);
	CHECK_EQ(cells[0], 0x200000000000 + low + 0xff0);
	CHECK_EQ(map_in(0x43021918, 0x1000, 0x3000), 0);
	CHECK_EQ(cells[0], bar64(card, 0x18) + 0x1000);
	CHECK_EQ(map_in(0x02021930, 0, 0x10000), 0);
	CHECK_EQ(cells[0], 0x200000000000 + rom);
	stop();
}

static void test_map_in_works_from_every_bus_above(void)
{
	uint64_t want;

	start();
	open_bus(FAR);
	CHECK_EQ(map_in(0x02021914, 0, 4), 0);
	want = cells[0];
	open_bus(NEAR);
	CHECK_EQ(map_in(0x02021914, 0, 4), 0);
	CHECK_EQ(cells[0], want);
	open_bus(HOST);
	CHECK_EQ(map_in(0x02021914, 0, 4), 0);
	CHECK_EQ(cells[0], want);
	CHECK_EQ(map_in(0x03001010, 0, 0x2000), 0);
	CHECK_EQ(cells[0], bar64(flat, BAR_0));
	open_bus(FAR);
	CHECK_EQ(map_in(0x03001010, 0, 0x2000), E_NOENT); /* not below this one */
	stop();
}

static void test_map_in_stays_inside_the_register(void)
{
	start();
	open_bus(FAR);
	CHECK_EQ(map_in(0x02021914, 0, 0x1001), E_RANGE);
	CHECK_EQ(map_in(0x02021914, 0x1000, 0), E_RANGE);
	CHECK_EQ(map_in(0x02021914, 0xfff, 2), E_RANGE);
	CHECK_EQ(map_in(0x02021914, 0xfff, 0), 0);
	CHECK_EQ(map_in(0x02021914, 1, UINT64_MAX), E_RANGE);
	CHECK_EQ(map_in(0x43021918, 0x100000000, 4), E_RANGE);
	CHECK_EQ(map_in(0x43021918, UINT64_MAX, 4), E_RANGE);
	stop();
}

static void test_map_in_needs_a_register_of_the_right_space_with_an_address(void)
{
	start();
	open_bus(FAR);
	CHECK_EQ(map_in(0x00021900, 0, 4), E_INVAL);
	CHECK_EQ(map_in(0x01021914, 0, 4), E_INVAL);
	CHECK_EQ(map_in(0x02021910, 0, 4), E_INVAL);
	CHECK_EQ(map_in(0x0202191c, 0, 4), E_NOENT); /* the upper half of another */
	CHECK_EQ(map_in(0x02021924, 0, 4), E_NOENT);
	CHECK_EQ(map_in(0x02021900, 0, 4), E_NOENT);
	CHECK_EQ(map_in(0x02022914, 0, 4), E_NOENT); /* no such function */
	fake_set(card, 0x14, 0, 0);
	CHECK_EQ(map_in(0x02021914, 0, 4), E_NOENT); /* has none now */
	card->absent = true;
	CHECK(map_in(0x02021918, 0, 4));
	stop();
}

static void test_map_in_follows_a_register_that_was_moved(void)
{
	uint64_t base;

	start();
	base = fake_get(card, 0x14) + 0x40000;
	open_bus(FAR);
	CHECK_EQ(CALL("config-l!", base, 0x00021914), 0);
	CHECK_EQ(map_in(0x02021914, 8, 4), 0);
	CHECK_EQ(cells[0], 0x200000000008 + base);
	CHECK_EQ(CALL("config-l!", 0xfff00000, 0x00021914), 0);
	CHECK_EQ(map_in(0x02021914, 8, 4), E_RANGE); /* outside the bridge's window */
	stop();
}

static void test_absolute_addresses_need_a_window_all_the_way_up(void)
{
	uint64_t low;

	start();
	low = fake_get(card, 0x14);
	open_bus(FAR);
	CHECK_EQ(map_in(0x82021914, low + 4, 4), 0);
	CHECK_EQ(cells[0], 0x200000000000 + low + 4);
	CHECK_EQ(map_in(0x82000000, low + 4, 4), 0);
	CHECK_EQ(map_in(0x82000000, 0xf0000000, 4), E_RANGE);
	CHECK_EQ(map_in(0x82000000, low, 0x80000000), E_RANGE);
	CHECK_EQ(map_in(0x82000000, 0x100000000 | low, 4), E_RANGE);
	CHECK_EQ(map_in(0x83000000, bar64(card, 0x18), 0x4000), 0);
	CHECK_EQ(cells[0], bar64(card, 0x18));
	open_bus(HOST);
	CHECK_EQ(map_in(0x82000000, 0xf0000000, 4), 0);
	CHECK_EQ(cells[0], 0x2000f0000000);
	CHECK_EQ(map_in(0x81000000, 0xcf8, 4), 0);
	CHECK_EQ(cells[0], 0x200000000cf8);
	CHECK_EQ(map_in(0x81000000, 0xffff, 2), E_RANGE);
	CHECK_EQ(CALL("map-out", 0x200000000cf8, 4), 0);
	CHECK_EQ(st.depth, 0);
	stop();
}

static void test_a_client_is_not_given_half_an_address(void)
{
	start();
	mem_distrust(true);
	open_bus(FAR);
	CHECK_EQ(map_in(0x02021914, 0, 4), E_RANGE);
	open_bus(HOST);
	CHECK_EQ(map_in(0x82000000, 0xf0000000, 4), E_RANGE);
	stop();
}

/* ---- DMA ------------------------------------------------------------------------------------ */

static void test_dma_memory_is_whole_zeroed_pages_and_comes_back(void)
{
	for (int client = 0; client < 2; client++) {
		uint64_t addr;

		start();
		memset(fakeram_bytes(FAKERAM_LOW_END), 0xa5, FAKERAM_BYTES - FAKERAM_LOW_END);
		mem_distrust(client);
		open_bus(FAR);
		CHECK_EQ(CALL("dma-alloc", 0x1801), 0);
		addr = cells[0];
		CHECK_EQ(addr & 0xfff, 0);
		for (unsigned i = 0; i < 0x2000; i++)
			CHECK_EQ(fakeram_bytes(addr)[i], 0);
		CHECK_EQ(mem_client_may(addr, 0x2000), client);
		CHECK_EQ(CALL("dma-map-in", addr, 0x1801, 0), 0);
		CHECK_EQ(cells[0], DEV);
		CHECK_EQ(CALL("dma-free", addr, 0x3001), E_PERM);
		CHECK_EQ(CALL("dma-free", addr, 0x1801), 0);
		CHECK_EQ(CALL("dma-free", addr, 0x1801), E_PERM);
		stop();
	}
}

static void test_impossible_sizes_of_dma_memory_are_refused(void)
{
	start();
	open_bus(HOST);
	for (int client = 0; client < 2; client++) {
		mem_distrust(client);
		CHECK_EQ(CALL("dma-alloc", 0), E_INVAL);
		CHECK_EQ(CALL("dma-alloc", UINT64_MAX), E_INVAL);
		CHECK_EQ(CALL("dma-alloc", 1ull << 40), E_NOMEM);
		CHECK_EQ(CALL("dma-free", 0x100000, UINT64_MAX), E_INVAL);
		CHECK(CALL("dma-free", 0x100000, 0));
	}
	stop();
}

static void test_a_client_cannot_free_or_map_the_firmwares_memory(void)
{
	uint64_t addr;

	start();
	open_bus(HOST);
	CHECK_EQ(CALL("dma-alloc", 0x1000), 0);
	addr = cells[0];
	mem_distrust(true);
	CHECK_EQ(CALL("dma-free", addr, 0x1000), E_PERM);
	CHECK_EQ(CALL("dma-map-in", addr, 0x1000, 0), E_RANGE);
	CHECK_EQ(CALL("dma-map-in", FAKERAM_BYTES, 0x1000, 0), E_RANGE);
	CHECK_EQ(CALL("dma-map-in", 0x100000, 0, 0), E_INVAL);
	CHECK_EQ(dma_log.maps, 0);
	stop();
}

static void test_mapping_goes_to_the_host_from_any_depth(void)
{
	static const char *const paths[] = {HOST, NEAR, FAR};

	start();
	for (unsigned i = 0; i < ARRAY_SIZE(paths); i++) {
		open_bus(paths[i]);
		CHECK_EQ(CALL("dma-map-in", 0x100010, 0x1234, 1), 0);
		CHECK_EQ(st.depth, 1);
		CHECK_EQ(cells[0], DEV);
		CHECK(dma_log.mem == fakeram_bytes(0x100010));
		CHECK_EQ(dma_log.size, 0x1234);
		CHECK_EQ(CALL("dma-sync", 0x100010, DEV, 0x1234), 0);
		CHECK_EQ(st.depth, 0);
		CHECK_EQ(CALL("dma-map-out", 0x100010, DEV, 0x1234), 0);
		CHECK_EQ(st.depth, 0);
		CHECK_EQ(dma_log.dev, DEV);
	}
	CHECK_EQ(dma_log.maps, 3);
	CHECK_EQ(dma_log.unmaps, 3);
	stop();
}

static void test_a_device_address_too_large_for_a_client_is_unmapped_again(void)
{
	start();
	open_bus(HOST);
	dma_log.dev = 0x100000000;
	CHECK_EQ(CALL("dma-map-in", 0x100000, 0x1000, 0), 0);
	CHECK_EQ(cells[0], 0x100000000);
	mem_distrust(true);
	CHECK_EQ(CALL("dma-map-in", 0x100000, 0x1000, 0), E_RANGE);
	CHECK_EQ(dma_log.unmaps, 1);
	stop();
}

static void test_a_host_without_window_has_no_dma(void)
{
	start();
	of.dma = NULL;
	open_bus(FAR);
	CHECK_EQ(CALL("dma-map-in", 0x100000, 0x1000, 0), E_UNSUPP);
	CHECK_EQ(CALL("dma-map-out", 0x100000, DEV, 0x1000), E_UNSUPP);
	stop();
}

/* ---- what serves FCode ---------------------------------------------------------------------- */

static cell_t phandle_of(const char *path)
{
	return dt_path_find(of_tree(), path)->phandle;
}

static void test_addresses_are_assigned_already(void)
{
	start();
	open_bus(NEAR);
	CHECK_EQ(CALL("assign-package-addresses", phandle_of(FAR "/ethernet@3,1")), 0);
	CHECK_EQ(CALL("assign-package-addresses", phandle_of(FAR)), 0);
	CHECK_EQ(CALL("assign-package-addresses", phandle_of(FAR "/ethernet@3")), 0);
	CHECK_EQ(st.depth, 0);
	/* not below this bus; no function; nobody's */
	CHECK_EQ(CALL("assign-package-addresses", phandle_of(NEAR)), E_NOENT);
	CHECK_EQ(CALL("assign-package-addresses", phandle_of(HOST)), E_NOENT);
	CHECK_EQ(CALL("assign-package-addresses", 0xfffffff), E_NOENT);
	dt_prop_delete(dt_path_find(of_tree(), FAR "/ethernet@3,1"), "assigned-addresses");
	CHECK_EQ(CALL("assign-package-addresses", phandle_of(FAR "/ethernet@3,1")), E_NOSPC);
	stop();
}

static void test_properties_of_functions_are_made_already(void)
{
	uint32_t function;
	struct instance *child;

	start();
	CHECK_EQ(instance_open(FAR, &child), 0);
	function = child->ihandle;
	open_bus(HOST);
	CHECK_EQ(CALL("make-function-properties", function), 0);
	open_bus(NEAR);
	CHECK_EQ(CALL("make-function-properties", function), 0);
	CHECK_EQ(st.depth, 0);
	/* itself; a host bridge; nobody's; one without ids, as FCode makes them */
	CHECK_EQ(CALL("make-function-properties", in->ihandle), E_NOENT);
	CHECK_EQ(CALL("make-function-properties", child->parent->parent->ihandle), E_NOENT);
	CHECK_EQ(CALL("make-function-properties", 0xfffffff), E_NOENT);
	dt_prop_delete(child->node, "vendor-id");
	CHECK_EQ(CALL("make-function-properties", function), E_NOENT);
	instance_close(child);
	CHECK_EQ(CALL("make-function-properties", function), E_NOENT);
	stop();
}

static void test_cycles_nobody_listens_to_are_dropped_or_refused(void)
{
	start();
	open_bus(FAR);
	CHECK_EQ(CALL("special-!", 0x1234, 2), 0);
	CHECK_EQ(CALL("special-!", 0x1234, 256), E_RANGE);
	st.depth = 0;
	CHECK_EQ(instance_call(in, "intr-ack", &st), E_UNSUPP);
	CHECK_EQ(CALL("probe-self", 0, 0, 0, 0, 0, 0), E_UNSUPP);
	stop();
}

static const struct test tests[] = {
	TEST(test_buses_can_be_opened_and_functions_without_driver_cannot),
	TEST(test_device_type_stays_pci),
	TEST(test_a_method_without_instance_is_refused),
	TEST(test_decode_unit_puts_in_the_number_of_the_bus_itself),
	TEST(test_decode_unit_follows_a_bus_that_is_renumbered),
	TEST(test_decode_unit_refuses_what_is_no_unit_and_what_is_no_memory),
	TEST(test_encode_unit_writes_every_form),
	TEST(test_a_client_may_pass_on_what_encode_unit_gave),
	TEST(test_text_pages_come_back_when_instances_close),
	TEST(test_config_reads_any_width_of_any_function_from_any_bus),
	TEST(test_the_upper_bits_of_an_extended_register_are_the_upper_bits_of_the_address),
	TEST(test_config_writes_touch_no_neighbour),
	TEST(test_a_misaligned_register_is_an_error),
	TEST(test_who_does_not_answer_reads_as_all_ones_of_the_width),
	TEST(test_a_bridge_takes_a_bare_offset_as_its_own_register),
	TEST(test_map_in_adds_an_offset_to_what_the_register_holds),
	TEST(test_map_in_works_from_every_bus_above),
	TEST(test_map_in_stays_inside_the_register),
	TEST(test_map_in_needs_a_register_of_the_right_space_with_an_address),
	TEST(test_map_in_follows_a_register_that_was_moved),
	TEST(test_absolute_addresses_need_a_window_all_the_way_up),
	TEST(test_a_client_is_not_given_half_an_address),
	TEST(test_dma_memory_is_whole_zeroed_pages_and_comes_back),
	TEST(test_impossible_sizes_of_dma_memory_are_refused),
	TEST(test_a_client_cannot_free_or_map_the_firmwares_memory),
	TEST(test_mapping_goes_to_the_host_from_any_depth),
	TEST(test_a_device_address_too_large_for_a_client_is_unmapped_again),
	TEST(test_a_host_without_window_has_no_dma),
	TEST(test_addresses_are_assigned_already),
	TEST(test_properties_of_functions_are_made_already),
	TEST(test_cycles_nobody_listens_to_are_dropped_or_refused),
};
TEST_MAIN(tests)
