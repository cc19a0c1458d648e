/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table into the device tree. An operating system on this machine reads no register to learn what
 * there is: what stands here is the machine. QEMU's nodes and properties stay; reg gets the right bus
 * number and the prefetchable bit, and what QEMU leaves to firmware is added. Functions that QEMU has
 * no node for get one of the same kind.
 *
 * assigned-addresses lists BARs in register order, then the ROM: the order of reg. A function that was
 * left out has no such property, which tells the operating system to try for itself.
 */
#define LOG_TAG "pci"
#include "pci-priv.h"

#include <string.h>

#include "base/bytes.h"
#include "base/heap.h"
#include "base/strbuf.h"
#include "dt/cells.h"
#include "dt/prop.h"
#include "pci/regs.h"

#define PHYS_ABSOLUTE 0x80000000u
#define PHYS_PREF     0x40000000u
#define PHYS_IO       0x01000000u
#define PHYS_MEM32    0x02000000u
#define PHYS_MEM64    0x03000000u
#define REG_ENTRY     20u /* bytes of an entry of reg: three cells of address, two of size */

static uint32_t config_cell(const struct pci_fn *fn)
{
	return (uint32_t)fn->bdf << 8;
}

/* Space code of the window an address lies in. */
static uint32_t space_of(enum pci_pool pool, uint64_t addr)
{
	if (pool == PCI_POOL_IO)
		return PHYS_IO;
	return addr < PCI_4G ? PHYS_MEM32 : PHYS_MEM64;
}

static bool in_tree(const struct pci_res *res)
{
	return res->kind != PCI_RES_VF; /* its register has no place in a reg entry */
}

/* ---- reg ---- */

/* Space code of the register as such, as reg wants it. */
static uint32_t type_bits(const struct pci_res *res)
{
	static const uint32_t space[] = {PHYS_IO, PHYS_MEM32, PHYS_MEM64};

	return space[res->type] | (res->pref ? PHYS_PREF : 0);
}

static void make_reg(struct pci_fn *fn)
{
	struct dt_cells c = dt_cells_new(5 * (1 + fn->nres));

	dt_cells_u32(&c, config_cell(fn));
	dt_cells_u64(&c, 0);
	dt_cells_u64(&c, 0);
	for (unsigned i = 0; i < fn->nres; i++) {
		if (!in_tree(&fn->res[i]))
			continue;
		dt_cells_u32(&c, type_bits(&fn->res[i]) | config_cell(fn) | fn->res[i].reg);
		dt_cells_u64(&c, 0);
		dt_cells_u64(&c, fn->res[i].size);
	}
	dt_cells_set(&c, fn->node, "reg");
}

static bool is_pref(const struct pci_fn *fn, uint8_t reg)
{
	for (unsigned i = 0; i < fn->nres; i++)
		if (fn->res[i].reg == reg)
			return fn->res[i].pref;
	return false;
}

/* Keep QEMU's entries, with our bus number and the register's prefetchable bit. */
static void correct_reg(struct pci_fn *fn)
{
	struct dt_prop *old = dt_prop_find(fn->node, "reg");
	uint32_t len = old ? old->len : 0;
	uint8_t *copy;

	if (len == 0 || len % REG_ENTRY) {
		make_reg(fn);
		return;
	}
	copy = xalloc(len);
	memcpy(copy, old->data, len);
	for (uint32_t at = 0; at < len; at += REG_ENTRY) {
		uint32_t hi = get_be32(copy + at);

		hi = (hi & ~0x00ffff00u) | config_cell(fn);
		if (at && is_pref(fn, (uint8_t)hi))
			hi |= PHYS_PREF;
		put_be32(copy + at, hi);
	}
	dt_prop_adopt(fn->node, "reg", copy, len);
}

/* ---- assigned-addresses ---- */

static void set_assigned(struct pci_fn *fn)
{
	struct dt_cells c = dt_cells_new(5 * fn->nres);
	unsigned n = 0;

	for (unsigned i = 0; i < fn->nres; i++) {
		const struct pci_res *res = &fn->res[i];

		if (!in_tree(res) || !pci_res_is(res, PCI_RES_PLACED))
			continue;
		dt_cells_u32(&c, PHYS_ABSOLUTE | (res->pref ? PHYS_PREF : 0) |
					 space_of(res->pool, res->addr) | config_cell(fn) |
					 res->reg);
		dt_cells_u64(&c, res->addr);
		dt_cells_u64(&c, res->size);
		n++;
	}
	if (n)
		dt_cells_set(&c, fn->node, "assigned-addresses");
	else
		dt_prop_delete(fn->node, "assigned-addresses");
	heap_free(n ? NULL : c.data);
}

/* ---- what the header says, for nodes QEMU did not make ---- */

static void set_if(struct dt_node *node, const char *name, uint32_t value)
{
	if (value)
		dt_prop_set_u32(node, name, value);
}

static void set_ids(struct pci_fn *fn)
{
	dt_prop_set_u32(fn->node, "vendor-id", fn->vendor);
	dt_prop_set_u32(fn->node, "device-id", fn->device);
	dt_prop_set_u32(fn->node, "revision-id", fn->class_rev & 0xff);
	dt_prop_set_u32(fn->node, "class-code", fn->class_rev >> 8);
}

static void set_header(struct pci_host *host, struct pci_fn *fn)
{
	const struct bus *bus = &host->bus;
	uint16_t status = pci_cfg_read16(bus, fn->bdf, PCI_STATUS);
	uint8_t pin = pci_cfg_read8(bus, fn->bdf, PCI_INTERRUPT_PIN);

	if (pin >= 1 && pin <= 4)
		dt_prop_set_u32(fn->node, "interrupts", pin);
	set_if(fn->node, "subsystem-id", fn->subsystem);
	set_if(fn->node, "subsystem-vendor-id", fn->subvendor);
	dt_prop_set_u32(fn->node, "cache-line-size", pci_cfg_read8(bus, fn->bdf, PCI_CACHE_LINE));
	dt_prop_set_u32(fn->node, "devsel-speed", status >> 9 & 3);
	if (status & 0x80)
		dt_prop_set_flag(fn->node, "fast-back-to-back");
	if (status & 0x40)
		dt_prop_set_flag(fn->node, "udf-supported");
	if (status & 0x20)
		dt_prop_set_flag(fn->node, "66mhz-capable");
	if (fn->kind != PCI_KIND_DEVICE)
		return;
	dt_prop_set_u32(fn->node, "min-grant", pci_cfg_read8(bus, fn->bdf, PCI_MIN_GRANT));
	dt_prop_set_u32(fn->node, "max-latency", pci_cfg_read8(bus, fn->bdf, PCI_MAX_LATENCY));
}

static void make_node(struct pci_host *host, struct pci_fn *fn)
{
	char name[64];
	struct strbuf sb = strbuf_on(name, sizeof(name));

	strbuf_printf(&sb, "%s@%x", pci_class_name(fn->class_rev >> 8), PCI_DEV(fn->bdf));
	if (PCI_FN(fn->bdf))
		strbuf_printf(&sb, ",%x", PCI_FN(fn->bdf));
	fn->node = dt_node_new(host->tree, fn->parent->node, name, DT_FROM_FIRMWARE);
	set_ids(fn);
	if (fn->kind == PCI_KIND_UNKNOWN || fn->gone)
		return;
	set_header(host, fn);
	if (fn->extended)
		dt_prop_set_u32(fn->node, "ibm,pci-config-space-type", 1);
}

/*
 * Say whether registers from 0x100 on are within reach; QEMU looks at the function alone, not at the
 * way to it. Not deleted but zeroed, so that a later tree of QEMU's does not bring it back.
 */
static void correct_config_space(struct pci_fn *fn)
{
	uint32_t said = dt_prop_u32_or(fn->node, "ibm,pci-config-space-type", 0);

	if (said != fn->extended)
		dt_prop_set_u32(fn->node, "ibm,pci-config-space-type", fn->extended);
}

/* ---- bridges ---- */

static void add_range(struct dt_cells *c, const struct pci_win *win, uint32_t space)
{
	if (!win->size)
		return;
	for (unsigned side = 0; side < 2; side++) {
		dt_cells_u32(c, space);
		dt_cells_u64(c, win->base);
	}
	dt_cells_u64(c, win->size);
}

/* The non-prefetchable range first: Linux gives the windows' registers out in this order. */
static void set_ranges(struct pci_fn *fn)
{
	struct dt_cells c = dt_cells_new(24);

	add_range(&c, &fn->win[PCI_POOL_IO], PHYS_IO);
	add_range(&c, &fn->win[PCI_POOL_LOW], PHYS_MEM32);
	add_range(&c, &fn->win[PCI_POOL_HIGH], PHYS_MEM64 | PHYS_PREF);
	dt_cells_set(&c, fn->node, "ranges");
}

/* A pin behind a bridge comes out as the bridge's, turned by the slot: all slots, all pins. */
static void set_interrupt_map(struct pci_fn *fn)
{
	static const uint32_t mask[] = {0xf800, 0, 0, 7};
	struct dt_cells c = dt_cells_new(32 * 4 * 9), m = dt_cells_new(4);

	for (uint32_t slot = 0; slot < 32; slot++)
		for (uint32_t pin = 1; pin <= 4; pin++) {
			dt_cells_u32(&c, slot << 11);
			dt_cells_u64(&c, 0);
			dt_cells_u32(&c, pin);
			dt_cells_u32(&c, fn->parent->node->phandle);
			dt_cells_u32(&c, (uint32_t)PCI_DEVFN(fn->bdf) << 8);
			dt_cells_u64(&c, 0);
			dt_cells_u32(&c, ((pin - 1 + slot) & 3) + 1);
		}
	dt_cells_set(&c, fn->node, "interrupt-map");
	for (unsigned i = 0; i < ARRAY_SIZE(mask); i++)
		dt_cells_u32(&m, mask[i]);
	dt_cells_set(&m, fn->node, "interrupt-map-mask");
	dt_prop_set_u32(fn->node, "#interrupt-cells", 1);
}

static void set_bus_range(struct pci_fn *fn)
{
	struct dt_cells c = dt_cells_new(2);

	dt_cells_u32(&c, fn->secondary);
	dt_cells_u32(&c, fn->subordinate);
	dt_cells_set(&c, fn->node, "bus-range");
}

/* A bridge without a number of its own has no bus to describe. */
static void set_bridge(struct pci_fn *fn)
{
	dt_prop_set_str(fn->node, "device_type", "pci");
	dt_prop_set_u32(fn->node, "#address-cells", 3);
	dt_prop_set_u32(fn->node, "#size-cells", 2);
	if (!fn->secondary)
		return;
	set_bus_range(fn);
	set_ranges(fn);
	set_interrupt_map(fn);
}

/* ---- */

static void set_compatible(struct pci_fn *fn)
{
	struct dt_cells c = dt_cells_new(40);

	pci_compatible(fn, &c);
	dt_cells_set(&c, fn->node, "compatible");
}

static void publish(struct pci_host *host, struct pci_fn *fn)
{
	if (fn->gone && !fn->node)
		return;
	if (!fn->node)
		make_node(host, fn);
	correct_reg(fn);
	set_assigned(fn);
	if (fn->kind == PCI_KIND_UNKNOWN || fn->gone)
		return;
	correct_config_space(fn);
	set_compatible(fn);
	if (pci_is_bridge(fn))
		set_bridge(fn);
}

/* Whoever is behind a bridge that is gone is gone as well, and has no addresses. */
static void note_gone(struct pci_fn *fn)
{
	fn->gone |= fn->parent->gone;
	for (unsigned i = 0; fn->gone && i < fn->nres; i++)
		fn->res[i].state = PCI_RES_DROPPED;
}

void pci_publish(struct pci_host *host)
{
	for (struct pci_fn *fn = &host->root; (fn = pci_fn_next(host, fn));) {
		note_gone(fn);
		if (!fn->parent->gone)
			publish(host, fn);
	}
}

void pci_publish_numbers(struct pci_host *host)
{
	for (struct pci_fn *fn = &host->root; (fn = pci_fn_next(host, fn));) {
		if (!fn->node || fn->gone)
			continue;
		correct_reg(fn);
		set_assigned(fn);
		if (fn->secondary)
			set_bus_range(fn);
	}
}

void pci_publish_bridge(struct pci_fn *fn)
{
	set_bridge(fn);
}

void pci_publish_added(struct pci_host *host, struct pci_fn *fn)
{
	correct_reg(fn);
	if (!pci_is_bridge(fn))
		return;
	set_bridge(fn);
	for (struct pci_fn *up = fn->parent; up != &host->root; up = up->parent)
		set_bus_range(up);
}

static void delete_if_from_fdt(struct dt_node *node, const char *name)
{
	const struct dt_prop *prop = dt_prop_find(node, name);

	if (prop && prop->origin == DT_FROM_FDT)
		dt_prop_delete(node, name);
}

void pci_correct_merged(struct pci_host *host)
{
	for (struct pci_fn *fn = &host->root; (fn = pci_fn_next(host, fn));) {
		if (!fn->node || !pci_is_bridge(fn))
			continue;
		delete_if_from_fdt(fn->node, "subsystem-id");
		delete_if_from_fdt(fn->node, "subsystem-vendor-id");
	}
}
