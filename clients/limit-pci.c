/* SPDX-License-Identifier: BSD-2-Clause */
/* A PCI function for the client `limit`: configuration space and mapping by its bus' methods, registers by hypercall. */
#include "limit.h"

static uint32_t function, bus, bdf;

bool limit_pci_is(uint32_t node, uint32_t vendor, uint32_t device, uint32_t class_code)
{
	return of_getprop_u32(node, "vendor-id", 0) &&
	       (!vendor || of_getprop_u32(node, "vendor-id", 0) == vendor) &&
	       (!device || of_getprop_u32(node, "device-id", 0) == device) &&
	       (!class_code || of_getprop_u32(node, "class-code", 0) == class_code);
}

static bool map_all(void)
{
	uint32_t caught = OF_ERR, dev = 0, size = limit_buffer_bytes + LIMIT_PAGES;

	of_call("call-method", 5, 2, of_ptr("dma-map-in"), bus, 0, size, (uint32_t)limit_buffer_dev,
		&caught, &dev);
	limit_buffer_dev = dev;
	limit_mem_dev = dev + limit_buffer_bytes;
	return caught == 0;
}

bool limit_pci_open(uint32_t node, bool through_window)
{
	char path[256] = "";
	uint32_t reg[5] = {0}, caught = OF_ERR;

	function = node;
	of_getprop(node, "reg", reg, sizeof(reg));
	of_package_to_path(of_parent(node), path, sizeof(path) - 1);
	bus = of_open(path);
	bdf = reg[0] >> 8 & 0xffff;
	of_call("call-method", 4, 1, of_ptr("config-w!"), bus, bdf << 8 | 4, 6, &caught);
	return !caught && (!through_window || map_all());
}

uint32_t limit_config(uint32_t reg, const char *method)
{
	uint32_t caught = OF_ERR, value = 0;

	of_call("call-method", 3, 2, of_ptr(method), bus, bdf << 8 | reg, &caught, &value);
	return caught ? OF_ERR : value;
}

/* From the ranges of the host bridge, above all other bridges, which change nothing. */
static uint64_t cpu_address(uint32_t space, uint64_t address)
{
	uint32_t r[7 * 8], host = of_parent(function), len;

	while (of_parent(of_parent(host)))
		host = of_parent(host);
	len = of_getprop(host, "ranges", r, sizeof(r));
	for (uint32_t i = 0; len != OF_ERR && i + 7 <= len / 4; i += 7) {
		uint64_t from = (uint64_t)r[i + 1] << 32 | r[i + 2];
		uint64_t size = (uint64_t)r[i + 5] << 32 | r[i + 6];

		if ((r[i] >> 24 & 3) == space && address - from < size)
			return ((uint64_t)r[i + 3] << 32 | r[i + 4]) + (address - from);
	}
	return 0;
}

uint64_t limit_bar(uint32_t bar)
{
	uint32_t a[5 * 6], len = of_getprop(function, "assigned-addresses", a, sizeof(a));

	for (uint32_t i = 0; len != OF_ERR && i + 5 <= len / 4; i += 5)
		if ((a[i] & 0xff) == 0x10 + 4 * bar)
			return cpu_address(a[i] >> 24 & 3, (uint64_t)a[i + 1] << 32 | a[i + 2]);
	return 0;
}

/* PCI is little endian, the hypervisor's access is not. */
static uint64_t swapped(uint64_t v, uint32_t size)
{
	return __builtin_bswap64(v) >> (64 - 8 * size);
}

uint64_t limit_in(uint64_t addr, uint32_t size)
{
	uint64_t value = 0;

	hcall(H_LOGICAL_CI_LOAD, size, addr, 0, &value);
	return swapped(value, size);
}

void limit_out(uint64_t addr, uint32_t size, uint64_t value)
{
	uint64_t none;

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	hcall(H_LOGICAL_CI_STORE, size, addr, swapped(value, size), &none);
}
