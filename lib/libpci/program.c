/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses into registers. Everything is written while nothing decodes; a base address register that
 * reads back otherwise loses its function its addresses; a bridge's windows are complete before it
 * forwards, so that no half-written one overlaps another. In the end endpoints decode nothing.
 */
#define LOG_TAG "pci"
#include "pci-priv.h"

#include "base/log.h"
#include "pci/regs.h"

/* ---- base address registers ---- */

static uint32_t address_mask(const struct pci_res *res)
{
	if (res->kind == PCI_RES_ROM)
		return PCI_ROM_MASK;
	return res->type == PCI_TYPE_IO ? PCI_BAR_IO_MASK : PCI_BAR_MEM_MASK;
}

/* Write an address and read it back. */
static bool set_bar(struct pci_host *host, const struct pci_fn *fn, const struct pci_res *res,
		    uint64_t addr)
{
	const struct bus *bus = &host->bus;
	uint32_t low, high = 0;

	pci_cfg_write32(bus, fn->bdf, res->reg, (uint32_t)addr);
	low = pci_cfg_read32(bus, fn->bdf, res->reg) & address_mask(res);
	if (res->type == PCI_TYPE_MEM64) {
		pci_cfg_write32(bus, fn->bdf, (uint16_t)(res->reg + 4), (uint32_t)(addr >> 32));
		high = pci_cfg_read32(bus, fn->bdf, (uint16_t)(res->reg + 4));
	}
	return ((uint64_t)high << 32 | low) == addr;
}

/* All or nothing: a function one of whose registers refuses gets no addresses at all. */
static void refuse(struct pci_host *host, struct pci_fn *fn, struct pci_res *culprit)
{
	log_warn(PCI_BDF_FMT ": register %x does not take %llx: left out", PCI_BDF_ARGS(fn),
		 culprit->reg, (unsigned long long)culprit->addr);
	culprit->state = PCI_RES_REFUSED;
	fn->dropped |= PCI_DROP_ALL;
	for (unsigned i = 0; i < fn->nres; i++) {
		struct pci_res *res = &fn->res[i];

		if (pci_res_is(res, PCI_RES_PLACED))
			res->state = PCI_RES_DROPPED;
		res->addr = 0;
		set_bar(host, fn, res, 0);
	}
}

static void program_bars(struct pci_host *host, struct pci_fn *fn)
{
	for (unsigned i = 0; i < fn->nres; i++)
		if (!set_bar(host, fn, &fn->res[i], fn->res[i].addr) &&
		    pci_res_is(&fn->res[i], PCI_RES_PLACED)) {
			if (pci_fn_alive(host, fn))
				refuse(host, fn, &fn->res[i]);
			return;
		}
}

/* ---- windows ---- */

/* Base and limit of a memory window in the register's form; a closed one has base above limit. */
static uint32_t mem_bits(const struct pci_win *win)
{
	uint64_t last = win->base + win->size - 1;

	if (!win->size)
		return 0x0000fff0;
	return ((uint32_t)last & 0xfff00000) | (((uint32_t)win->base >> 16) & 0xfff0);
}

static uint16_t io_bits(const struct pci_win *win)
{
	uint64_t last = win->base + win->size - 1;

	return win->size ? (uint16_t)((last & 0xf000) | (win->base >> 8 & 0xf0)) : 0x00f0;
}

static void write_io(struct pci_host *host, const struct pci_fn *fn)
{
	const struct pci_win *win = &fn->win[PCI_POOL_IO];

	if (!win->can)
		return;
	pci_cfg_write16(&host->bus, fn->bdf, PCI_IO_WINDOW, io_bits(win));
	if (win->is64)
		pci_cfg_write32(&host->bus, fn->bdf, PCI_IO_WINDOW_HI, 0);
}

/* Upper halves of a prefetchable window: 0 when it is closed. */
static uint32_t base_hi(const struct pci_win *win)
{
	return win->size ? (uint32_t)(win->base >> 32) : 0;
}

static uint32_t limit_hi(const struct pci_win *win)
{
	return win->size ? (uint32_t)((win->base + win->size - 1) >> 32) : 0;
}

static void write_pref(struct pci_host *host, const struct pci_fn *fn)
{
	const struct pci_win *win = &fn->win[PCI_POOL_HIGH];

	if (!fn->pref_window)
		return;
	pci_cfg_write32(&host->bus, fn->bdf, PCI_PREF_WINDOW, mem_bits(win));
	if (!win->is64)
		return;
	pci_cfg_write32(&host->bus, fn->bdf, PCI_PREF_BASE_HI, base_hi(win));
	pci_cfg_write32(&host->bus, fn->bdf, PCI_PREF_LIMIT_HI, limit_hi(win));
}

/* Does a register of a window hold this, in these bits? */
static bool reads(struct pci_host *host, const struct pci_fn *fn, uint16_t reg, uint32_t mask,
		  uint32_t want)
{
	return (pci_cfg_read32(&host->bus, fn->bdf, reg) & mask) == want;
}

static bool io_holds(struct pci_host *host, const struct pci_fn *fn)
{
	const struct pci_win *win = &fn->win[PCI_POOL_IO];

	return !win->can || (reads(host, fn, PCI_IO_WINDOW, 0xf0f0, io_bits(win)) &&
			     (!win->is64 || reads(host, fn, PCI_IO_WINDOW_HI, UINT32_MAX, 0)));
}

static bool memory_holds(struct pci_host *host, const struct pci_fn *fn)
{
	const struct pci_win *low = &fn->win[PCI_POOL_LOW], *high = &fn->win[PCI_POOL_HIGH];

	if (low->can && !reads(host, fn, PCI_MEM_WINDOW, 0xfff0fff0, mem_bits(low)))
		return false;
	return !high->can || (reads(host, fn, PCI_PREF_WINDOW, 0xfff0fff0, mem_bits(high)) &&
			      reads(host, fn, PCI_PREF_BASE_HI, UINT32_MAX, base_hi(high)) &&
			      reads(host, fn, PCI_PREF_LIMIT_HI, UINT32_MAX, limit_hi(high)));
}

static void program_windows(struct pci_host *host, struct pci_fn *fn)
{
	const struct pci_win *low = &fn->win[PCI_POOL_LOW];

	write_io(host, fn);
	if (low->can)
		pci_cfg_write32(&host->bus, fn->bdf, PCI_MEM_WINDOW, mem_bits(low));
	write_pref(host, fn);
	if (io_holds(host, fn) && memory_holds(host, fn))
		return;
	fn->bad_window = true;
	log_warn(PCI_BDF_FMT ": a window does not hold what was written", PCI_BDF_ARGS(fn));
}

/* Let a bridge forward, with none of the PC's special cases, and forget old faults behind it. */
static void enable_bridge(struct pci_host *host, const struct pci_fn *fn)
{
	const uint16_t off = PCI_BRIDGE_ISA | PCI_BRIDGE_VGA | PCI_BRIDGE_VGA16 | PCI_BRIDGE_RESET;
	uint16_t control = pci_cfg_read16(&host->bus, fn->bdf, PCI_BRIDGE_CONTROL);
	uint16_t command = pci_cfg_read16(&host->bus, fn->bdf, PCI_COMMAND);

	if (command == UINT16_MAX)
		return;
	pci_cfg_write16(&host->bus, fn->bdf, PCI_SEC_STATUS, UINT16_MAX);
	if (control & off)
		pci_cfg_write16(&host->bus, fn->bdf, PCI_BRIDGE_CONTROL, control & (uint16_t)~off);
	pci_cfg_write16(&host->bus, fn->bdf, PCI_COMMAND,
			command | PCI_COMMAND_IO | PCI_COMMAND_MEM | PCI_COMMAND_MASTER);
}

void pci_program(struct pci_host *host)
{
	for (struct pci_fn *fn = &host->root; (fn = pci_fn_next(host, fn));) {
		if (fn->kind == PCI_KIND_UNKNOWN || !pci_fn_alive(host, fn))
			continue;
		program_bars(host, fn);
		if (!pci_is_bridge(fn) || fn->gone)
			continue;
		pci_program_bridge(host, fn);
	}
}

void pci_close_bridge(struct pci_host *host, struct pci_fn *fn)
{
	pci_cfg_write16(&host->bus, fn->bdf, PCI_COMMAND, 0);
}

void pci_program_bridge(struct pci_host *host, struct pci_fn *fn)
{
	program_windows(host, fn);
	enable_bridge(host, fn);
}

void pci_host_decode_on(const struct pci_host *host)
{
	for (const struct pci_fn *fn = &host->root; (fn = pci_fn_next(host, fn));) {
		uint16_t on = 0, command;

		for (unsigned i = 0; i < fn->nres && !fn->gone; i++)
			if (fn->res[i].kind == PCI_RES_BAR &&
			    pci_res_is(&fn->res[i], PCI_RES_PLACED))
				on |= fn->res[i].type == PCI_TYPE_IO ? PCI_COMMAND_IO
								     : PCI_COMMAND_MEM;
		command = on ? pci_cfg_read16(&host->bus, fn->bdf, PCI_COMMAND) : UINT16_MAX;
		if (command != UINT16_MAX)
			pci_cfg_write16(&host->bus, fn->bdf, PCI_COMMAND, command | on);
	}
}
