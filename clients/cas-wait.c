/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints the PCI nodes of the tree, waits for a key, calls client-architecture-support, prints them
 * again, waits for another key and switches the machine off. While it waits, devices can be plugged in
 * and out: between the firmware's walk of the buses and an operating system's call that is the time
 * when the tree has to follow.
 */
#include "cas.h"
#include "ofci.h"

#define PATH_MAX 192

static bool is_bus(uint32_t node)
{
	char type[16] = "";

	of_getprop(node, "device_type", type, sizeof(type) - 1);
	return !strcmp(type, "pci");
}

/* "/pci@.../ethernet@2 reg 00011000 buses 1-1 assigned 60": what the judge compares. */
static void print_node(uint32_t node)
{
	uint32_t buses[2] = {0, 0}, reg = OF_ERR, len;
	char path[PATH_MAX] = "";

	of_package_to_path(node, path, sizeof(path) - 1);
	of_getprop(node, "reg", &reg, sizeof(reg));
	of_printf("%s reg %08x", path, reg);
	if (of_getprop(node, "bus-range", buses, sizeof(buses)) == sizeof(buses))
		of_printf(" buses %u-%u", buses[0], buses[1]);
	len = of_getproplen(node, "assigned-addresses");
	of_printf(" assigned %u\n", len == OF_ERR ? 0 : len);
}

static void print_below(uint32_t bus, int depth)
{
	uint32_t node;

	for (node = of_child(bus); node && node != OF_ERR && depth < 32; node = of_peer(node)) {
		print_node(node);
		if (is_bus(node))
			print_below(node, depth + 1);
	}
}

static void print_all(const char *when)
{
	uint32_t node;

	of_printf("=== %s\n", when);
	for (node = of_child(of_peer(0)); node && node != OF_ERR; node = of_peer(node)) {
		if (!is_bus(node))
			continue;
		print_node(node);
		print_below(node, 1);
	}
	of_printf("=== press a key\n");
}

static void wait_for_key(void)
{
	char c;

	while (of_read(of_stdin, &c, 1) != 1)
		;
}

int client_main(void)
{
	uint32_t caught = OF_POISON, failed = OF_POISON;

	print_all("before");
	wait_for_key();
	cas_call(CAS_XIVE, &caught, &failed);
	of_printf("cas: %u %u\n", caught, failed);
	print_all("after");
	wait_for_key();
	of_power_off();
}
