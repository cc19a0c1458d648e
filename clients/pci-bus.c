/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The methods of a PCI bus, used as a driver would: QEMU's "edu" device, however deep it sits, is found in the
 * tree, told to master the bus by config-w!, and copies a page out of memory and back through addresses that
 * dma-map-in gave. Its registers are beyond what a client's cells can hold, so that map-in must refuse; the
 * 64-bit client reaches them by hypercall, the 32-bit one checks all but the copying. Prints TAP.
 */
#include "hcall.h"
#include "ofci.h"

#define EDU_ID    0x11e81234u
#define BYTES     4096u
#define COPIED    4000u /* the device of QEMU 7.2 aborts QEMU when its memory is used to the end */
#define EDU_SPACE 0x40000u /* the device's own memory */

static uint32_t bus_node, bus, bdf, bar; /* bar: what assigned-addresses says */
static uint32_t tests, failures;

static bool check(const char *what, bool ok)
{
	failures += !ok;
	of_printf("%s %u - %s\n", ok ? "ok" : "not ok", ++tests, what);
	return ok;
}

/* ---- methods ---- */

static uint32_t config(const char *method, uint32_t reg)
{
	uint32_t caught = OF_ERR, value = 0;

	of_call("call-method", 3, 2, of_ptr(method), bus, bdf << 8 | reg, &caught, &value);
	return caught ? OF_ERR : value;
}

static void check_config(void)
{
	uint32_t caught = OF_ERR;

	check("config-l@ reads the ids", config("config-l@", 0) == EDU_ID);
	check("config-w@ and config-b@ read parts of them",
	      config("config-w@", 2) == EDU_ID >> 16 && config("config-b@", 1) == 0x12);
	check("config-w@ at an odd address fails", config("config-w@", 1) == OF_ERR);
	of_call("call-method", 4, 1, of_ptr("config-w!"), bus, bdf << 8 | 4, 6, &caught);
	check("config-w! turns memory and bus master on",
	      caught == 0 && (config("config-w@", 4) & 6) == 6);
}

static void check_units(void)
{
	uint32_t caught = OF_ERR, hi = 0, mid = 1, lo = 1, text = 0, len = 0;
	char unit[8];

	of_snprintf(unit, sizeof(unit), "%x", bdf >> 3 & 31);
	of_call("call-method", 4, 4, of_ptr("decode-unit"), bus, (uint32_t)strlen(unit),
		of_ptr(unit), &caught, &hi, &mid, &lo);
	check("decode-unit gives the function's bus, device and function",
	      caught == 0 && hi == bdf << 8 && !mid && !lo);
	of_call("call-method", 5, 3, of_ptr("encode-unit"), bus, hi, mid, lo, &caught, &len, &text);
	check("encode-unit gives the text back",
	      caught == 0 && len == strlen(unit) &&
		      !memcmp((const void *)(uintptr_t)text, unit, len));
}

static void check_map_in(void)
{
	uint32_t caught = 0, virt = 0;

	of_call("call-method", 6, 2, of_ptr("map-in"), bus, 0x1000, 0x02000010u | bdf << 8, 0, 0,
		&caught, &virt);
	check("map-in refuses what a client's cell cannot hold", caught != 0);
}

static uint32_t dma_alloc(uint32_t size)
{
	uint32_t caught = OF_ERR, virt = 0;

	of_call("call-method", 3, 2, of_ptr("dma-alloc"), bus, size, &caught, &virt);
	return caught ? 0 : virt;
}

static uint32_t dma_map(uint32_t virt, uint32_t size)
{
	uint32_t caught = OF_ERR, dev = 0;

	of_call("call-method", 5, 2, of_ptr("dma-map-in"), bus, 0, size, virt, &caught, &dev);
	return caught ? OF_ERR : dev;
}

static bool dma_unmap(uint32_t virt, uint32_t dev, uint32_t size)
{
	uint32_t caught = OF_ERR;

	of_call("call-method", 5, 1, of_ptr("dma-map-out"), bus, size, dev, virt, &caught);
	return caught == 0;
}

/* ---- the device's registers: in QEMU's target order, big endian ---- */

#ifdef __powerpc64__
static uint64_t cpu_address; /* of the device's registers */

static uint32_t edu_read(uint32_t reg)
{
	uint64_t value = 0;

	hcall(H_LOGICAL_CI_LOAD, 4, cpu_address + reg, 0, &value);
	return (uint32_t)value;
}

static void edu_write(uint32_t reg, uint32_t value)
{
	uint64_t none;

	hcall(H_LOGICAL_CI_STORE, 4, cpu_address + reg, value, &none);
}

/* From the host bridge's ranges: where the CPU sees bus address bar. */
static bool find_registers(uint32_t host)
{
	uint32_t r[7 * 4], len = of_getprop(host, "ranges", r, sizeof(r));

	for (uint32_t i = 0; len != OF_ERR && i + 7 <= len / 4; i += 7)
		if ((r[i] >> 24 & 3) == 2 && bar >= r[i + 2]) {
			cpu_address = ((uint64_t)r[i + 3] << 32 | r[i + 4]) + (bar - r[i + 2]);
			return true;
		}
	return false;
}

static bool copy(uint32_t from, uint32_t to, uint32_t command)
{
	uint32_t start = of_milliseconds();

	edu_write(0x80, from);
	edu_write(0x84, 0);
	edu_write(0x88, to);
	edu_write(0x8c, 0);
	edu_write(0x90, COPIED);
	edu_write(0x94, 0);
	edu_write(0x98, command);
	while (edu_read(0x98) & 1)
		if (of_milliseconds() - start > 10000)
			return false;
	return true;
}

static void check_copies(uint32_t host, uint32_t virt, uint32_t dev)
{
	unsigned char *page = (unsigned char *)(uintptr_t)virt;
	bool same = true;

	if (!check("the registers have a place for the CPU", find_registers(host)))
		return;
	edu_write(4, 0x12345678);
	if (!check("the registers answer through every bridge",
		   edu_read(0) == 0x010000ed && edu_read(4) == ~0x12345678u))
		return;
	for (uint32_t i = 0; i < COPIED; i++)
		page[i] = (unsigned char)(i * 7 + (i >> 8));
	check("the device reads memory", copy(dev, EDU_SPACE, 1));
	memset(page + BYTES, 0x55, BYTES);
	check("the device writes memory", copy(EDU_SPACE, dev + BYTES, 3));
	for (uint32_t i = 0; i < COPIED; i++)
		same &= page[BYTES + i] == (unsigned char)(i * 7 + (i >> 8));
	check("what came back is what went out", same);
}
#else
static void check_copies(uint32_t host, uint32_t virt, uint32_t dev)
{
	(void)host;
	(void)virt;
	(void)dev;
}
#endif

static void check_dma(uint32_t host)
{
	uint32_t virt = dma_alloc(2 * BYTES), dev, again, caught = OF_ERR;

	if (!check("dma-alloc", virt && !(virt & 0xfff)))
		return;
	dev = dma_map(virt, 2 * BYTES);
	if (check("dma-map-in", dev != OF_ERR && dev != 0))
		check_copies(host, virt, dev);
	of_call("call-method", 5, 1, of_ptr("dma-sync"), bus, 2 * BYTES, dev, virt, &caught);
	check("dma-sync", caught == 0);
	check("dma-map-out with another size fails", !dma_unmap(virt, dev, BYTES));
	check("dma-map-out", dma_unmap(virt, dev, 2 * BYTES));
	check("dma-map-out twice fails", !dma_unmap(virt, dev, 2 * BYTES));
	again = dma_map(virt + 0x123, 1);
	check("dma-map-in keeps the offset in the page", (again & 0xfff) == 0x123);
	check("the page that was free is given again", (again & ~0xfffu) == dev);
	dma_unmap(virt + 0x123, again, 1);
	caught = OF_ERR;
	of_call("call-method", 4, 1, of_ptr("dma-free"), bus, 2 * BYTES, virt, &caught);
	check("dma-free", caught == 0);
}

/* ---- finding it ---- */

/* The node of the device at or below node, 0 if there is none. Recursion: the depth of the tree. */
static uint32_t find_edu(uint32_t node)
{
	if (of_getprop_u32(node, "vendor-id", 0) == (EDU_ID & 0xffff) &&
	    of_getprop_u32(node, "device-id", 0) == EDU_ID >> 16)
		return node;
	for (uint32_t n = of_child(node); n && n != OF_ERR; n = of_peer(n)) {
		uint32_t found = find_edu(n);

		if (found)
			return found;
	}
	return 0;
}

int client_main(void)
{
	uint32_t edu = find_edu(of_peer(0)), a[5] = {0}, host;
	char path[256] = "";

	of_getprop(edu, "assigned-addresses", a, sizeof(a));
	bus_node = of_parent(edu);
	of_package_to_path(bus_node, path, sizeof(path) - 1);
	bdf = a[0] >> 8 & 0xffff;
	bar = a[2];
	for (host = bus_node; of_parent(host) && of_parent(of_parent(host));)
		host = of_parent(host);
	bus = of_open(path);
	of_printf("edu below %s\n", path);
	if (check("there is an edu device and its bus opens", edu && bus && bus != OF_ERR)) {
		check_config();
		check_units();
		check_map_in();
		check_dma(host);
		of_close(bus);
	}
	of_printf("1..%u\npci-bus: %u not ok\n", tests, failures);
	of_power_off();
}
