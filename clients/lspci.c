/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lspci for any Open Firmware on this machine: walks the device tree by the client interface, prints each
 * function with its addresses and capabilities, and holds the tree against the registers, which it reads by
 * RTAS: ids, addresses, windows, bus numbers, extended configuration space. A line of TAP per function.
 * With the argument "cas" it calls client-architecture-support first.
 */
#include "cas.h"
#include "ofci.h"

#define DEPTH_MAX   40
#define ENTRIES_MAX 16
#define NOTHING     0xffffffffu

typedef unsigned long long wide_t; /* as of_printf() wants it, in both widths */

/* A bus: the host bridge, or a bridge and what is above it. */
struct bus {
	const struct bus *up; /* NULL: the host bridge */
	uint32_t node;
	uint32_t ranges[ENTRIES_MAX * 8];
	uint32_t cells; /* of an entry */
	uint32_t entries;
	uint32_t secondary, subordinate;
};

static struct bus buses[DEPTH_MAX + 2]; /* by depth */
static uint32_t buid[2];
static uint32_t functions, failures;
static char why[160]; /* the first thing wrong with the function looked at */

static void wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void wrong(const char *format, ...)
{
	va_list ap;

	if (why[0])
		return;
	va_start(ap, format);
	of_vsnprintf(why, sizeof(why), format, ap);
	va_end(ap);
}

static wide_t two(const uint32_t *cells)
{
	return (wide_t)cells[0] << 32 | cells[1];
}

/* ---- registers ---- */

static uint32_t config(uint32_t bdf, uint32_t reg, uint32_t size)
{
	static uint32_t token;
	uint32_t args[9] = {0,    4, 2,      (reg & 0xf00) << 20 | bdf << 8 | (reg & 0xff), 0, 0,
			    size, 0, NOTHING};

	if (!token)
		token = of_rtas_token("ibm,read-pci-config");
	args[0] = token;
	args[4] = buid[0];
	args[5] = buid[1];
	if (hv_rtas(args) || args[7])
		return size == 4 ? NOTHING : size == 2 ? 0xffff : 0xff;
	return args[8];
}

/* ---- addresses ---- */

/* Does a bus let this address through, and so does every bus above? */
static bool reaches(const struct bus *bus, uint32_t space, wide_t address, wide_t size)
{
	for (; bus; bus = bus->up) {
		bool found = false;

		for (uint32_t i = 0; i < bus->entries; i++) {
			const uint32_t *e = &bus->ranges[i * bus->cells];
			bool io = (e[0] >> 24 & 3) == 1;
			wide_t base = two(e + 1), length = two(e + bus->cells - 2);

			found |= io == (space == 1) && address >= base && size <= length &&
				 address - base <= length - size;
		}
		if (!found)
			return false;
	}
	return true;
}

static void check_address(const struct bus *bus, uint32_t bdf, const uint32_t *e)
{
	static const char *const kind[] = {"config", "io", "mem32", "mem64"};
	uint32_t space = e[0] >> 24 & 3, reg = e[0] & 0xff;
	uint32_t low = config(bdf, reg, 4), high = 0, mask = space == 1 ? ~3u : ~15u;
	wide_t address = two(e + 1), size = two(e + 3);

	if (reg == 0x30 || reg == 0x38)
		mask = ~0x7ffu;
	else if (space != 1 && (low & 6) == 4)
		high = config(bdf, reg + 4, 4);
	of_printf("    register %02x: %s %llx, %llx bytes%s\n", reg, kind[space], address, size,
		  e[0] & 0x40000000u ? ", prefetchable" : "");
	if ((e[0] >> 8 & 0xffff) != bdf || !(e[0] & 0x80000000u))
		wrong("assigned-addresses names %08x", e[0]);
	if ((low & mask) != (uint32_t)address || high != (uint32_t)(address >> 32))
		wrong("register %02x holds %08x%08x, assigned-addresses says %llx", reg, high,
		      low & mask, address);
	if (!size || (size & (size - 1)) || (address & (size - 1)))
		wrong("register %02x: %llx bytes at %llx", reg, size, address);
	if (!reaches(bus, space, address, size))
		wrong("register %02x: %llx is not let through to here", reg, address);
}

/* A function has addresses for all its registers or for none; reg lists them behind its own. */
static void check_addresses(const struct bus *bus, uint32_t node, uint32_t bdf)
{
	uint32_t e[ENTRIES_MAX * 5], reg[ENTRIES_MAX * 5];
	uint32_t len = of_getprop(node, "assigned-addresses", e, sizeof(e));
	uint32_t asked = of_getprop(node, "reg", reg, sizeof(reg)) / 20 - 1;

	if (len == OF_ERR) {
		if (asked)
			of_printf("    without addresses, though it asks for %u\n", asked);
		return;
	}
	if (len % 20)
		wrong("assigned-addresses has %u bytes", len);
	for (uint32_t i = 0; i < len / 20; i++)
		check_address(bus, bdf, e + i * 5);
}

/* ---- capabilities ---- */

static void show_capabilities(uint32_t bdf)
{
	uint32_t at = config(bdf, 6, 2) & 0x10 ? config(bdf, 0x34, 1) & 0xfc : 0, steps = 0;

	if (at >= 0x40)
		of_printf("    capabilities");
	for (; at >= 0x40 && steps < 48; steps++) {
		uint32_t head = config(bdf, at, 2);

		of_printf(" %02x@%02x", head & 0xff, at);
		at = head >> 8 & 0xfc;
	}
	if (steps)
		of_printf("\n");
	if (steps == 48)
		wrong("the list of capabilities does not end");
}

/* What the tree says of the space from 0x100 on must be true: Linux believes it. */
static void check_extended(uint32_t node, uint32_t bdf)
{
	bool said = of_getprop_u32(node, "ibm,pci-config-space-type", 0) == 1;
	uint32_t head = config(bdf, 0x100, 4), at = 0x100, steps = 0;

	if (said && (head == NOTHING || head == config(bdf, 0, 4)))
		wrong("extended registers are promised, 100 reads %08x", head);
	if (!said && head != NOTHING && head != config(bdf, 0, 4) && head != 0)
		wrong("extended registers are there (%08x), and denied", head);
	if (!said)
		return;
	of_printf("    extended capabilities");
	while (at >= 0x100 && head && steps++ < 480) {
		of_printf(" %04x@%03x", head & 0xffff, at);
		at = head >> 20 & 0xffc;
		head = at ? config(bdf, at, 4) : 0;
	}
	of_printf(steps ? "\n" : " none\n");
	if (steps >= 480)
		wrong("the list of extended capabilities does not end");
	if (config(bdf, 0xffc, 4) == NOTHING && config(bdf, 0x100, 4) == NOTHING)
		wrong("the end of the extended registers is out of reach");
	/* bytes and words of a register are parts of it */
	head = config(bdf, 0x100, 4);
	if ((config(bdf, 0x102, 2) << 16 | config(bdf, 0x101, 1) << 8 | config(bdf, 0x100, 1)) !=
	    head)
		wrong("register 100 differs by width");
}

/* ---- bridges ---- */

static bool is_bus(uint32_t node)
{
	char type[8] = "";

	of_getprop(node, "device_type", type, sizeof(type) - 1);
	return !strcmp(type, "pci");
}

static void read_bus(struct bus *bus, const struct bus *up, uint32_t node)
{
	uint32_t range[2] = {0, 0}, len;

	bus->up = up;
	bus->node = node;
	bus->cells = up ? 8 : 7;
	len = of_getprop(node, "ranges", bus->ranges, sizeof(bus->ranges));
	bus->entries = len == OF_ERR ? 0 : len / 4 / bus->cells;
	of_getprop(node, "bus-range", range, sizeof(range));
	bus->secondary = range[0];
	bus->subordinate = range[1];
}

/* A window as the registers have it against the entry of ranges; open: is there one? */
static void check_window(const struct bus *bus, uint32_t code, wide_t base, wide_t last,
			 const char *name)
{
	bool open = base <= last, listed = false;

	for (uint32_t i = 0; i < bus->entries; i++) {
		const uint32_t *e = &bus->ranges[i * 8];

		if (e[0] >> 24 != code)
			continue;
		listed = true;
		if (!open || two(e + 1) != base || two(e + 6) - 1 != last - base)
			wrong("%s window is %llx-%llx, ranges says %llx, %llx bytes", name, base,
			      last, two(e + 1), two(e + 6));
		if (two(e + 1) != two(e + 4) || e[0] != e[3])
			wrong("ranges moves addresses");
		if (!reaches(bus->up, code & 3, base, last - base + 1))
			wrong("%s window %llx-%llx is not inside the one above", name, base, last);
	}
	if (open && !listed)
		wrong("%s window %llx-%llx is open and not in ranges", name, base, last);
}

static void check_bridge(const struct bus *bus, uint32_t bdf)
{
	uint32_t numbers = config(bdf, 0x18, 4), io = config(bdf, 0x1c, 2);
	uint32_t mem = config(bdf, 0x20, 4), pref = config(bdf, 0x24, 4);
	wide_t base = (pref & 0xfff0) << 16, last = (pref & 0xfff00000) | 0xfffff;

	if ((pref & 15) == 1) {
		base |= (wide_t)config(bdf, 0x28, 4) << 32;
		last |= (wide_t)config(bdf, 0x2c, 4) << 32;
	}
	of_printf("    buses %02x to %02x\n", bus->secondary, bus->subordinate);
	if ((numbers >> 8 & 0xff) != bus->secondary || (numbers >> 16 & 0xff) != bus->subordinate)
		wrong("bus numbers read %06x", numbers & 0xffffff);
	if (!bus->secondary)
		return;
	if (bus->secondary > bus->subordinate || bus->secondary <= bus->up->secondary ||
	    bus->subordinate > bus->up->subordinate)
		wrong("bus numbers are not inside those above");
	/* A window that is not implemented reads 0 in both halves. */
	if (io & 0xf0f0)
		check_window(bus, 1, (io & 0xf0) << 8, (io & 0xf000) | 0xfff, "io");
	if (mem)
		check_window(bus, 2, (mem & 0xfff0) << 16, (mem & 0xfff00000) | 0xfffff, "memory");
	if (pref)
		check_window(bus, 0x43, base, last, "prefetchable");
}

/* ---- one function, one bus ---- */

static void check_header(uint32_t node, uint32_t bdf)
{
	uint32_t ids = config(bdf, 0, 4), code = config(bdf, 8, 4) >> 8;
	uint32_t pin = config(bdf, 0x3d, 1);

	if (ids == NOTHING)
		wrong("nobody answers");
	if ((of_getprop_u32(node, "device-id", 0) << 16 | of_getprop_u32(node, "vendor-id", 0)) !=
	    ids)
		wrong("ids read %08x", ids);
	if (of_getprop_u32(node, "class-code", NOTHING) != code)
		wrong("class reads %06x", code);
	if (pin >= 1 && pin <= 4 && of_getprop_u32(node, "interrupts", 0) != pin)
		wrong("interrupt pin reads %u", pin);
}

static void show_function(const struct bus *bus, uint32_t node, struct bus *behind)
{
	uint32_t reg[5] = {0};
	char path[256] = "";
	uint32_t bdf;

	why[0] = '\0';
	of_getprop(node, "reg", reg, sizeof(reg));
	of_package_to_path(node, path, sizeof(path) - 1);
	bdf = reg[0] >> 8 & 0xffff;
	of_printf("%02x:%02x.%u %06x %04x:%04x %s\n", bdf >> 8, bdf >> 3 & 31, bdf & 7,
		  of_getprop_u32(node, "class-code", 0), of_getprop_u32(node, "vendor-id", 0),
		  of_getprop_u32(node, "device-id", 0), path);
	if (bdf >> 8 != bus->secondary)
		wrong("reg says bus %02x, the bridge above %02x", bdf >> 8, bus->secondary);
	check_header(node, bdf);
	check_addresses(bus, node, bdf);
	show_capabilities(bdf);
	check_extended(node, bdf);
	if (is_bus(node)) {
		read_bus(behind, bus, node);
		check_bridge(behind, bdf);
	}
	failures += why[0] != '\0';
	of_printf("%s %u - %s%s%s\n", why[0] ? "not ok" : "ok", ++functions, path,
		  why[0] ? ": " : "", why);
}

/* Recursion: DEPTH_MAX. buses[depth] is this one. */
static void show_bus(uint32_t depth)
{
	const struct bus *bus = &buses[depth];

	for (uint32_t n = of_child(bus->node); n && n != OF_ERR; n = of_peer(n)) {
		uint32_t len = of_getproplen(n, "reg");

		if (len == OF_ERR || len < 20)
			continue;
		show_function(bus, n, &buses[depth + 1]);
		if (is_bus(n) && depth < DEPTH_MAX)
			show_bus(depth + 1);
	}
}

int client_main(void)
{
	uint32_t caught = 0, failed = 0;

	if (of_strstr(of_bootargs, "cas"))
		cas_call(CAS_XIVE, &caught, &failed);
	if (caught || failed)
		of_printf("not ok 0 - client-architecture-support: %u %u\n", caught, failed);
	for (uint32_t n = of_child(of_peer(0)); n && n != OF_ERR; n = of_peer(n))
		if (is_bus(n) && of_getprop(n, "reg", buid, sizeof(buid)) != OF_ERR) {
			read_bus(&buses[0], NULL, n);
			show_bus(0);
		}
	of_printf("1..%u\nlspci: %u functions, %u not ok\n", functions, functions, failures);
	of_power_off();
}
