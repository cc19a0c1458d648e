/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every function asks for. A register is written with zeros and with ones; the bits that move
 * are those it has: the lowest is the size, the highest says what it can express. Nothing is concluded
 * from bits that do not move but the type. Decoding is off meanwhile and stays off; all but windows are
 * put back as they were.
 */
#define LOG_TAG "pci"
#include "pci-priv.h"

#include <string.h>

#include "base/arith.h"
#include "base/heap.h"
#include "base/log.h"
#include "dt/cells.h"
#include "dt/prop.h"
#include "pci/regs.h"

/* What a function asks for, while it is being asked. */
struct wishes {
	struct pci_host *host;
	struct pci_fn *fn;
	struct pci_res res[PCI_BARS_MAX];
	unsigned n;
};

/* A register's bits. */
struct bits {
	uint32_t zero;   /* reads so after zeros were written */
	uint32_t moving; /* bits that follow what is written */
};

static struct bits try_bits(struct pci_host *host, const struct pci_fn *fn, uint16_t reg,
			    uint32_t ones)
{
	const struct bus *bus = &host->bus;
	uint32_t orig = pci_cfg_read32(bus, fn->bdf, reg);
	struct bits b;

	pci_cfg_write32(bus, fn->bdf, reg, 0);
	b.zero = pci_cfg_read32(bus, fn->bdf, reg);
	pci_cfg_write32(bus, fn->bdf, reg, ones);
	b.moving = pci_cfg_read32(bus, fn->bdf, reg) ^ b.zero;
	pci_cfg_write32(bus, fn->bdf, reg, orig);
	return b;
}

static unsigned highest_bit(uint64_t v)
{
	return 63u - (unsigned)__builtin_clzll(v);
}

/* Note a wish for the space whose address bits are those in moving. */
static struct pci_res *wish(struct wishes *w, uint16_t reg, uint64_t moving, enum pci_res_type type)
{
	struct pci_res *res = &w->res[w->n++];
	uint64_t size = moving & -moving;
	unsigned top = highest_bit(moving);

	*res = (struct pci_res){.reg = reg, .type = type, .pool = PCI_POOL_NONE};
	res->size = size;
	res->align = size;
	res->limit = UINT64_MAX >> (63 - top);
	if ((moving | (size - 1)) != res->limit)
		log_warn(PCI_BDF_FMT ": register %x: odd size mask %llx", PCI_BDF_ARGS(w->fn), reg,
			 (unsigned long long)moving);
	if (type != PCI_TYPE_IO && res->align < w->host->min_align)
		res->align = w->host->min_align;
	return res;
}

/* ---- one base address register ---- */

static void bar_absent(struct wishes *w, uint16_t reg, uint32_t value)
{
	if (value == UINT32_MAX && !pci_fn_alive(w->host, w->fn))
		return;
	if (value)
		log_warn(PCI_BDF_FMT ": register %x: fixed at %x: not a base address",
			 PCI_BDF_ARGS(w->fn), reg, value);
}

/* A 64-bit BAR; has_upper: a register for the upper half exists. */
static struct pci_res *size_bar64(struct wishes *w, uint16_t reg, uint32_t low, bool has_upper)
{
	struct bits upper = {0, 0};
	uint64_t moving;

	if (has_upper)
		upper = try_bits(w->host, w->fn, (uint16_t)(reg + 4), UINT32_MAX);
	else
		log_warn(PCI_BDF_FMT ": register %x: 64 bits wide, but the last: used as 32",
			 PCI_BDF_ARGS(w->fn), reg);
	moving = (uint64_t)upper.moving << 32 | low;
	if (!moving)
		return NULL;
	return wish(w, reg, moving, upper.moving ? PCI_TYPE_MEM64 : PCI_TYPE_MEM32);
}

/*
 * Size the BAR at reg. Returns how many registers it takes, 1 or 2. last: there is no register behind
 * it. *res gets the wish, or NULL.
 */
static unsigned size_bar(struct wishes *w, uint16_t reg, bool last, struct pci_res **res)
{
	struct bits b = try_bits(w->host, w->fn, reg, UINT32_MAX);
	uint32_t type = b.zero & PCI_BAR_MEM_TYPE, mem = b.moving & PCI_BAR_MEM_MASK;
	uint64_t below_1m = 0xfffff;

	*res = NULL;
	if (!b.moving && (b.zero & ~0xfu || type != PCI_BAR_MEM_64 || b.zero & PCI_BAR_IO)) {
		bar_absent(w, reg, b.zero);
		return 1;
	}
	if (b.zero & PCI_BAR_IO) {
		if (b.moving & PCI_BAR_IO_MASK)
			*res = wish(w, reg, b.moving & PCI_BAR_IO_MASK, PCI_TYPE_IO);
		return 1;
	}
	if (type == (PCI_BAR_MEM_1M | PCI_BAR_MEM_64)) {
		log_warn(PCI_BDF_FMT ": register %x: reserved type", PCI_BDF_ARGS(w->fn), reg);
		return 1;
	}
	if (type == PCI_BAR_MEM_64)
		*res = size_bar64(w, reg, mem, !last);
	else if (mem)
		*res = wish(w, reg, mem, PCI_TYPE_MEM32);
	if (*res) {
		(*res)->pref = b.zero & PCI_BAR_PREF;
		if (type == PCI_BAR_MEM_1M && (*res)->limit > below_1m)
			(*res)->limit = below_1m;
	}
	return type == PCI_BAR_MEM_64 && !last ? 2 : 1;
}

static void size_rom(struct wishes *w, uint16_t reg)
{
	struct bits b = try_bits(w->host, w->fn, reg, PCI_ROM_MASK);
	uint32_t moving = b.moving & PCI_ROM_MASK;

	if (moving)
		wish(w, reg, moving, PCI_TYPE_MEM32)->kind = PCI_RES_ROM;
	else
		bar_absent(w, reg, b.zero & PCI_ROM_MASK);
}

/* Virtual functions: one register stands for as many equal pieces as there can be functions. */
static void size_vf_bars(struct wishes *w)
{
	uint16_t cap = w->fn->sriov_cap;
	uint16_t total =
		pci_cfg_read16(&w->host->bus, w->fn->bdf, (uint16_t)(cap + PCI_SRIOV_TOTAL_VFS));

	if (total == 0 || total == UINT16_MAX)
		return;
	for (unsigned i = 0; i < 6 && !w->fn->gone;) {
		uint16_t reg = (uint16_t)(cap + PCI_SRIOV_BAR0 + i * 4);
		struct pci_res *res;

		i += size_bar(w, reg, i == 5, &res);
		if (!res)
			continue;
		res->kind = PCI_RES_VF;
		if (!mul_ok(res->size, total, &res->size) || res->type == PCI_TYPE_IO)
			w->n--;
	}
}

/* ---- a bridge's windows ---- */

/*
 * The bits of a window register that follow. One write, not put back: program.c writes every window
 * anyway, nothing is forwarded until then, and QEMU rebuilds its memory map with each such write.
 */
static struct bits try_window(struct pci_host *host, const struct pci_fn *fn, uint16_t reg,
			      uint32_t ones)
{
	uint32_t orig = pci_cfg_read32(&host->bus, fn->bdf, reg), got;

	pci_cfg_write32(&host->bus, fn->bdf, reg, orig ^ ones);
	got = pci_cfg_read32(&host->bus, fn->bdf, reg);
	return (struct bits){orig, orig ^ got};
}

/* Do all these bits of a window register move? */
static bool all_move(const struct bits *b, uint32_t mask)
{
	return (b->moving & mask) == mask;
}

/* The I/O window shares its dword with the secondary status, where ones clear: 16 bits at a time. */
static void size_io_window(struct pci_host *host, struct pci_fn *fn)
{
	const struct bus *bus = &host->bus;
	uint16_t orig = pci_cfg_read16(bus, fn->bdf, PCI_IO_WINDOW), got;

	pci_cfg_write16(bus, fn->bdf, PCI_IO_WINDOW, orig ^ 0xf0f0);
	got = pci_cfg_read16(bus, fn->bdf, PCI_IO_WINDOW);
	fn->win[PCI_POOL_IO].can = ((orig ^ got) & 0xf0f0) == 0xf0f0;
	fn->win[PCI_POOL_IO].is64 = (orig & 0xf) == 1;
}

static void size_pref_window(struct pci_host *host, struct pci_fn *fn)
{
	const struct pci_win *top = &host->root.win[PCI_POOL_HIGH];
	struct pci_win *win = &fn->win[PCI_POOL_HIGH];
	struct bits b = try_window(host, fn, PCI_PREF_WINDOW, 0xfff0fff0), hi;
	uint32_t need = (uint32_t)((top->base + top->size) >> 32);

	fn->pref_window = all_move(&b, 0xfff0fff0);
	if (!fn->pref_window || (b.zero & PCI_PREF_TYPE) != PCI_PREF_64)
		return;
	win->is64 = true;
	need = need ? UINT32_MAX >> __builtin_clz(need) : 0;
	hi = try_window(host, fn, PCI_PREF_BASE_HI, UINT32_MAX);
	if (!all_move(&hi, need))
		return;
	hi = try_window(host, fn, PCI_PREF_LIMIT_HI, UINT32_MAX);
	win->can = all_move(&hi, need);
}

/* PAPR: a bus whose slots can change is one with dynamic-reconfiguration connectors. */
static bool has_connectors(const struct pci_fn *fn)
{
	struct dt_reader r = dt_read(fn->node, "ibm,drc-indexes");

	return dt_read_u32(&r) > 0;
}

void pci_size_windows(struct pci_host *host, struct pci_fn *fn)
{
	struct bits b = try_window(host, fn, PCI_MEM_WINDOW, 0xfff0fff0);

	fn->win[PCI_POOL_LOW].can = all_move(&b, 0xfff0fff0);
	if (!fn->win[PCI_POOL_LOW].can)
		log_warn(PCI_BDF_FMT ": bridge without a memory window", PCI_BDF_ARGS(fn));
	size_io_window(host, fn);
	size_pref_window(host, fn);
	fn->hotplug = fn->secondary && fn->node && has_connectors(fn) &&
		      !(fn->express && fn->port == PCI_EXP_UPSTREAM);
}

/* ---- one function ---- */

static unsigned bars_of(const struct pci_fn *fn)
{
	switch (fn->kind) {
	case PCI_KIND_DEVICE:
		return 6;
	case PCI_KIND_BRIDGE:
		return 2;
	case PCI_KIND_CARDBUS:
		return 1;
	}
	return 0;
}

/* Resizable BARs keep the size they have; what else they could be is noted for people. */
static void note_rebar(struct wishes *w)
{
	const struct bus *bus = &w->host->bus;
	uint16_t at = (uint16_t)(w->fn->rebar_cap + PCI_REBAR_FIRST);
	unsigned entries = 1;

	for (unsigned i = 0; i < entries && i < 6; i++, at = (uint16_t)(at + PCI_REBAR_STEP)) {
		uint32_t sizes = pci_cfg_read32(bus, w->fn->bdf, at);
		uint32_t control =
			pci_cfg_read32(bus, w->fn->bdf, (uint16_t)(at + PCI_REBAR_CONTROL));

		if (control == UINT32_MAX)
			return;
		if (i == 0)
			entries = control >> 5 & 7;
		for (unsigned n = 0; n < w->n; n++)
			if (w->res[n].reg == PCI_BAR0 + 4 * (control & 7))
				w->res[n].sizes = sizes >> 4;
	}
}

static void size_all(struct wishes *w)
{
	unsigned n = bars_of(w->fn);
	struct pci_res *res;

	for (unsigned i = 0; i < n && !w->fn->gone;)
		i += size_bar(w, (uint16_t)(PCI_BAR0 + i * 4), i == n - 1, &res);
	if (w->fn->kind == PCI_KIND_CARDBUS || w->fn->gone)
		return;
	size_rom(w, pci_is_bridge(w->fn) ? PCI_BRIDGE_ROM : PCI_ROM);
	if (w->fn->rebar_cap && !w->fn->gone)
		note_rebar(w);
	if (w->fn->sriov_cap && !w->fn->gone)
		size_vf_bars(w);
}

/* Stop decoding and mastering. False if nobody is there any more. */
static bool stop_decoding(struct pci_host *host, struct pci_fn *fn)
{
	const uint16_t on = PCI_COMMAND_IO | PCI_COMMAND_MEM | PCI_COMMAND_MASTER;
	uint16_t command = pci_cfg_read16(&host->bus, fn->bdf, PCI_COMMAND);

	if (command == UINT16_MAX)
		return pci_fn_alive(host, fn);
	if (command & on)
		pci_cfg_write16(&host->bus, fn->bdf, PCI_COMMAND, command & (uint16_t)~on);
	return true;
}

void pci_size_bars(struct pci_host *host)
{
	for (struct pci_fn *fn = &host->root; (fn = pci_fn_next(host, fn));) {
		struct wishes w = {.host = host, .fn = fn};

		if (fn->kind == PCI_KIND_UNKNOWN || fn->parent->gone || !stop_decoding(host, fn)) {
			fn->gone |= fn->parent->gone;
			continue;
		}
		size_all(&w);
		if (w.n) {
			fn->res = xalloc(w.n * sizeof(w.res[0]));
			memcpy(fn->res, w.res, w.n * sizeof(w.res[0]));
			fn->nres = w.n;
		}
		if (pci_is_bridge(fn) && !fn->gone)
			pci_size_windows(host, fn);
	}
}
