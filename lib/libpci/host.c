/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host bridge: reads what its node says about windows and bus numbers, owns the table of
 * functions, and drives the passes in their order. Everything that decides is in the passes.
 */
#define LOG_TAG "pci"
#include "pci-priv.h"

#include <string.h>

#include "base/arith.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/panic.h"
#include "dt/cells.h"
#include "dt/prop.h"
#include "pci/regs.h"

#define DEFAULT_ALIGN   0x10000u
#define IO_START        0x1000u  /* below live the legacy ports, VGA's among them */
#define IO_END          0x10000u /* BARs of 16 bits cannot hold more */
#define RETRY_BUDGET_MS 5000u

/* ---- counting accesses ---- */

static int counted_read(void *ctx, pci_bdf bdf, uint16_t reg, uint8_t size, uint32_t *value)
{
	struct pci_host *host = ctx;

	host->accesses++;
	return host->raw->ops->cfg_read(host->raw->ctx, bdf, reg, size, value);
}

static int counted_write(void *ctx, pci_bdf bdf, uint16_t reg, uint8_t size, uint32_t value)
{
	struct pci_host *host = ctx;

	host->accesses++;
	return host->raw->ops->cfg_write(host->raw->ctx, bdf, reg, size, value);
}

/* Enumerating touches configuration space only. */
static const struct bus_ops counted_ops = {.cfg_read = counted_read, .cfg_write = counted_write};

/* ---- what the node says ---- */

/* The kind of window an entry of ranges opens, by the ss bits of its first cell. */
static enum pci_pool range_pool(uint32_t hi)
{
	switch (hi >> 24 & 3) {
	case 1:
		return PCI_POOL_IO;
	case 2:
		return PCI_POOL_LOW;
	case 3:
		return PCI_POOL_HIGH;
	}
	return PCI_POOL_NONE;
}

static int read_ranges(struct pci_host *host, const struct dt_node *node)
{
	unsigned parent_cells = node->parent ? dt_address_cells(node->parent) : 2;
	struct dt_reader r = dt_read(node, "ranges");

	while (r.left) {
		uint32_t hi = dt_read_u32(&r);
		struct pci_range range = {.pci = dt_read_u64(&r)};
		enum pci_pool pool = range_pool(hi);
		uint64_t end;

		range.cpu = dt_read_cells(&r, parent_cells);
		range.size = dt_read_u64(&r);
		if (r.short_of || !add_ok(range.pci, range.size, &end) ||
		    !add_ok(range.cpu, range.size, &end))
			return E_FORMAT;
		if (pool == PCI_POOL_NONE || range.size <= host->range[pool].size)
			log_debug("%s: ranges: entry %08x of %llx bytes not used", node->name, hi,
				  (unsigned long long)range.size);
		else
			host->range[pool] = range;
	}
	return 0;
}

static int read_bus_range(struct pci_host *host, const struct dt_node *node)
{
	struct dt_reader r = dt_read(node, "bus-range");
	uint32_t first = dt_read_u32(&r), last = dt_read_u32(&r);

	if (r.short_of || r.left || first > last || last > 255)
		return E_FORMAT;
	host->root.secondary = (uint8_t)first;
	host->root.subordinate = (uint8_t)last;
	host->last_bus = (uint8_t)last;
	return 0;
}

/* The part [lo, hi) of a range that may be handed out; none of it: the window is not there. */
static void open_window(struct pci_host *host, enum pci_pool pool, uint64_t lo, uint64_t hi)
{
	const struct pci_range *r = &host->range[pool];
	struct pci_win *win = &host->root.win[pool];
	uint64_t base = r->pci > lo ? r->pci : lo;
	uint64_t end = r->pci + r->size < hi ? r->pci + r->size : hi;

	win->reserve = PCI_NOT_ASKED;
	win->can = win->usable = r->size != 0 && base < end;
	win->base = base;
	win->size = win->can ? end - base : 0;
}

/*
 * Trim the windows: no legacy ports; no memory at 0 (an operating system takes it for unset) nor
 * where PC hardware used to be; no BAR may end at 4 GiB - 1 or 2^64 - 1, where QEMU takes it for
 * unmapped; 64-bit space begins where 32-bit space ends.
 */
static void open_windows(struct pci_host *host)
{
	open_window(host, PCI_POOL_IO, IO_START, IO_END);
	open_window(host, PCI_POOL_LOW, PCI_MEM_GRAIN, PCI_4G - host->min_align);
	open_window(host, PCI_POOL_HIGH, PCI_4G, UINT64_MAX - host->min_align);
	host->root.win[PCI_POOL_HIGH].is64 = true;
}

struct pci_host *pci_host_new(struct dt_tree *tree, struct dt_node *node, const struct bus *bus)
{
	struct pci_host *host = xalloc(sizeof(*host));
	uint32_t align = dt_prop_u32_or(node, "qemu,mem-bar-min-align", DEFAULT_ALIGN);

	host->tree = tree;
	host->raw = bus;
	host->bus = (struct bus){&counted_ops, host};
	host->root.kind = PCI_KIND_HOST;
	host->root.node = node;
	if (read_bus_range(host, node) || read_ranges(host, node)) {
		log_err("%s: ranges or bus-range is malformed: its devices are not used",
			node->name);
		heap_free(host);
		return NULL;
	}
	host->min_align =
		is_pow2(align) && align >= 16 && align <= PCI_MEM_GRAIN ? align : DEFAULT_ALIGN;
	open_windows(host);
	return host;
}

void pci_host_prefer(struct pci_host *host, bool (*wanted)(void *ctx, const struct dt_node *node),
		     void *ctx)
{
	host->wanted = wanted;
	host->wanted_ctx = ctx;
}

/* ---- the table ---- */

struct pci_fn *pci_fn_new(struct pci_host *host, struct pci_fn *parent, uint8_t devfn)
{
	struct pci_fn *fn = xalloc(sizeof(*fn));

	fn->parent = parent;
	fn->bdf = (pci_bdf)(parent->secondary << 8 | devfn);
	fn->depth = (uint8_t)(parent->depth + 1);
	for (unsigned p = 0; p < PCI_POOLS; p++)
		fn->win[p].reserve = PCI_NOT_ASKED;
	if (parent->last_child)
		parent->last_child->next = fn;
	else
		parent->child = fn;
	parent->last_child = fn;
	host->nfns++;
	return fn;
}

static void unlink_fn(struct pci_fn *fn)
{
	struct pci_fn **at = &fn->parent->child, *before = NULL;

	while (*at != fn) {
		before = *at;
		at = &before->next;
	}
	*at = fn->next;
	if (fn->parent->last_child == fn)
		fn->parent->last_child = before;
}

void pci_fn_sort_in(struct pci_fn *fn)
{
	struct pci_fn **at = &fn->parent->child, *parent = fn->parent;

	unlink_fn(fn);
	while (*at && PCI_DEVFN((*at)->bdf) < PCI_DEVFN(fn->bdf))
		at = &(*at)->next;
	fn->next = *at;
	*at = fn;
	if (!fn->next)
		parent->last_child = fn;
}

/* Children first, without recursion: always take the deepest first child. */
void pci_fn_delete(struct pci_host *host, struct pci_fn *top)
{
	for (;;) {
		struct pci_fn *fn = top;

		while (fn->child)
			fn = fn->child;
		unlink_fn(fn);
		heap_free(fn->res);
		heap_free(fn);
		host->nfns--;
		if (fn == top)
			return;
	}
}

struct pci_fn *pci_fn_next(const struct pci_host *host, const struct pci_fn *fn)
{
	if (fn->child)
		return fn->child;
	while (fn != &host->root && !fn->next)
		fn = fn->parent;
	return fn == &host->root ? NULL : fn->next;
}

struct pci_fn *pci_fn_of_node(struct pci_host *host, const struct dt_node *node)
{
	struct pci_fn *fn = &host->root;

	while (fn && fn->node != node)
		fn = pci_fn_next(host, fn);
	return fn;
}

bool pci_fn_alive(struct pci_host *host, struct pci_fn *fn)
{
	if (fn->gone)
		return false;
	if (fn->parent->gone || pci_cfg_read32(&host->bus, fn->bdf, PCI_ID) == UINT32_MAX) {
		fn->gone = true;
		log_warn(PCI_BDF_FMT ": no longer answers: left out", PCI_BDF_ARGS(fn));
	}
	return !fn->gone;
}

bool pci_host_owns(const struct pci_host *host, const struct dt_node *node)
{
	while (node && node != host->root.node)
		node = node->parent;
	return node != NULL;
}

static void forget_all(struct pci_host *host)
{
	while (host->root.child)
		pci_fn_delete(host, host->root.child);
	host->nbuses = host->left_out = 0;
	memset(host->taken, 0, sizeof(host->taken));
}

void pci_host_free(struct pci_host *host)
{
	if (!host)
		return;
	forget_all(host);
	heap_free(host);
}

/* ---- the passes ---- */

static void ask_preferences(struct pci_host *host)
{
	uint32_t order = 0;

	for (struct pci_fn *fn = &host->root; (fn = pci_fn_next(host, fn));) {
		fn->order = order++;
		fn->preferred =
			fn->node && host->wanted && host->wanted(host->wanted_ctx, fn->node);
	}
}

/* Numbers with room where it is asked for; without, should a bridge not take those. */
static void number_buses(struct pci_host *host)
{
	forget_all(host);
	pci_scan(host);
	if (!pci_spread_buses(host))
		return;
	pci_write_buses(host);
	if (pci_buses_hold(host))
		return;
	log_warn("%s: a bridge does not take other bus numbers: none kept free",
		 host->root.node->name);
	forget_all(host);
	pci_scan(host);
}

/* What it cost: under emulation an access is an exit to QEMU. */
static void log_cost(const struct pci_host *host, uint64_t accesses, uint64_t us)
{
	log_info("%s: set up in %u us, %u accesses to configuration space for %u function%s",
		 host->root.node->name, (unsigned)us, (unsigned)accesses, host->nfns,
		 host->nfns == 1 ? "" : "s");
}

int pci_host_setup(struct pci_host *host)
{
	uint64_t from = clock_us(), before = host->accesses;
	int err;

	host->retry_ms = RETRY_BUDGET_MS;
	number_buses(host);
	ask_preferences(host);
	pci_size_bars(host);
	err = pci_assign(host);
	if (err)
		return err;
	pci_program(host);
	pci_publish(host);
	host->faults = pci_check(host) + pci_check_decoding(host);
	log_cost(host, host->accesses - before, clock_us() - from);
	if (!host->faults)
		log_info("%s: self-check: all invariants hold", host->root.node->name);
	pci_log_functions(host);
	return 0;
}

void pci_host_node_removed(struct pci_host *host, struct dt_node *node)
{
	struct pci_fn *fn = pci_fn_of_node(host, node);

	if (!fn || fn == &host->root)
		return;
	log_info(PCI_BDF_FMT ": %s is gone", PCI_BDF_ARGS(fn), node->name);
	pci_fn_delete(host, fn);
}

struct pci_summary pci_host_summary(const struct pci_host *host)
{
	struct pci_summary s = {.functions = host->nfns,
				.buses = host->nbuses + 1,
				.left_out = host->left_out,
				.faults = host->faults,
				.accesses = host->accesses};

	for (const struct pci_fn *fn = &host->root; (fn = pci_fn_next(host, fn));)
		for (unsigned i = 0; i < fn->nres; i++)
			if (pci_res_is(&fn->res[i], PCI_RES_PLACED))
				s.placed[fn->res[i].pool] += fn->res[i].size;
	return s;
}

bool pci_res_is(const struct pci_res *res, enum pci_res_state state)
{
	return res->state == state;
}
