/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The benchmark client: says when it was entered, what it was given, and what the frequent client
 * services cost, then switches the machine off. Under "-icount shift=0,sleep=off" one instruction is one nanosecond and
 * the timebase runs at 512 MHz, so the numbers are reproducible instruction counts, not times.
 */
#include "ofci.h"

#define CALLS 100

static uint32_t chosen;
static uint32_t root;
static uint32_t first_child;
static char path[256];

static void do_peer(void)
{
	of_peer(first_child);
}

static void do_child(void)
{
	of_child(root);
}

static void do_parent(void)
{
	of_parent(chosen);
}

static void do_getprop(void)
{
	uint32_t value;

	of_getprop(chosen, "stdout", &value, 4);
}

static void do_getproplen(void)
{
	of_getproplen(chosen, "stdout");
}

static void do_nextprop(void)
{
	char name[OF_NAME_MAX];

	of_nextprop(chosen, "stdout", name);
}

static void do_finddevice(void)
{
	of_finddevice(path);
}

static void do_package_to_path(void)
{
	char buf[sizeof(path)];

	of_package_to_path(chosen, buf, sizeof(buf));
}

static void do_milliseconds(void)
{
	of_milliseconds();
}

static void do_claim_release(void)
{
	uint32_t addr = of_claim(0, 0x10000, 0x10000);

	if (addr != OF_ERR)
		of_release(addr, 0x10000);
}

static const struct {
	const char *name;
	void (*run)(void);
} costs[] = {
	{"peer", do_peer},
	{"child", do_child},
	{"parent", do_parent},
	{"getprop", do_getprop},
	{"getproplen", do_getproplen},
	{"nextprop", do_nextprop},
	{"finddevice", do_finddevice},
	{"package-to-path", do_package_to_path},
	{"milliseconds", do_milliseconds},
	{"claim+release", do_claim_release},
};

/* The number of nodes and properties, and what it costs to read all of them as an OS does. */
static void walk(uint32_t node, unsigned int *nodes, unsigned int *props, int depth)
{
	static char value[4096];
	char name[OF_NAME_MAX] = "";

	for (; node && node != OF_ERR && depth < 32; node = of_peer(node)) {
		char next[OF_NAME_MAX];

		++*nodes;
		name[0] = '\0';
		while (of_nextprop(node, name, next) == 1) {
			++*props;
			of_getprop(node, next, value, sizeof(value));
			memcpy(name, next, sizeof(name));
		}
		walk(of_child(node), nodes, props, depth + 1);
	}
}

/* The firmware's gifts: arguments by property and by register, and the initial RAM disk. */
static void print_gifts(void)
{
	const uint8_t *initrd = (const uint8_t *)(uintptr_t)of_boot.initrd_base;
	char args[sizeof(of_bootargs)];
	uint32_t len = of_boot.args_len < sizeof(args) ? of_boot.args_len : sizeof(args) - 1;
	uint32_t sum = 0;

	memcpy(args, (const void *)(uintptr_t)of_boot.args, of_boot.args ? len : 0);
	args[of_boot.args ? len : 0] = '\0';
	for (uint32_t i = 0; i < of_boot.initrd_size; i++)
		sum += initrd[i];
	of_printf("bootargs \"%s\", arguments \"%s\"\n", of_bootargs, args);
	of_printf("initrd %u bytes at 0x%x, sum %u\n", of_boot.initrd_size, of_boot.initrd_base,
		  sum);
}

int client_main(void)
{
	unsigned int i, n, nodes = 0, props = 0;
	uint64_t start;

	of_printf("client entered, timebase %llu\n", (unsigned long long)of_boot.timebase);
	print_gifts();
	root = of_peer(0);
	chosen = of_finddevice("/chosen");
	first_child = of_child(root);
	of_instance_to_path(of_stdout, path, sizeof(path) - 1);

	for (i = 0; i < sizeof(costs) / sizeof(costs[0]); i++) {
		start = of_timebase();
		for (n = 0; n < CALLS; n++)
			costs[i].run();
		of_printf("cost %s %llu ticks/%d calls\n", costs[i].name,
			  (unsigned long long)(of_timebase() - start), CALLS);
	}
	start = of_timebase();
	walk(root, &nodes, &props, 0);
	of_printf("cost walk %llu ticks/1 calls, %u nodes, %u properties\n",
		  (unsigned long long)(of_timebase() - start), nodes, props);
	of_power_off();
}
