/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers of fake functions: from the CPU's address to the bus's, and to the BAR that answers. */
#include "fakemmio.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/err.h"
#include "dt/path.h"
#include "pci/regs.h"

#define IO_CPU   0x200000000000ull
#define LOW_CPU  0x200080000000ull
#define LOW_PCI  0x80000000ull
#define LOW_SIZE 0x80000000ull

static struct {
	struct fake_fn *fn;
	struct fakemmio_regs regs;
} devices[8];
static unsigned ndevices;
unsigned fakemmio_lost;

struct hit {
	const struct fakemmio_regs *regs;
	unsigned bar;
	uint64_t offset;
};

static uint64_t bus_address(uint64_t cpu, bool *io)
{
	*io = cpu >= IO_CPU && cpu < IO_CPU + 0x10000;
	if (*io)
		return cpu - IO_CPU;
	return cpu >= LOW_CPU && cpu < LOW_CPU + LOW_SIZE ? cpu - LOW_CPU + LOW_PCI : cpu;
}

/* Does this BAR hold the address? */
static bool bar_holds(const struct fake_fn *fn, unsigned slot, bool io, uint64_t addr, uint8_t size,
		      uint64_t *offset)
{
	struct fake_reg reg;

	if (!fake_reg_at(fn, slot, &reg) || reg.io != io || addr < reg.addr ||
	    addr - reg.addr >= reg.size || reg.size - (addr - reg.addr) < size)
		return false;
	*offset = addr - reg.addr;
	return get_le16(fn->cfg + PCI_COMMAND) & (io ? PCI_COMMAND_IO : PCI_COMMAND_MEM);
}

static bool find(uint64_t cpu, uint8_t size, struct hit *hit)
{
	bool io;
	uint64_t addr = bus_address(cpu, &io);
	bool aligned = size && size <= 8 && (size & (size - 1)) == 0 && cpu % size == 0;

	for (unsigned i = 0; aligned && i < ndevices; i++)
		for (unsigned slot = 0; slot < 6; slot++)
			if (bar_holds(devices[i].fn, slot, io, addr, size, &hit->offset)) {
				hit->regs = &devices[i].regs;
				hit->bar = slot;
				return true;
			}
	fakemmio_lost++;
	return false;
}

static int mmio_read(void *ctx, uint64_t addr, uint8_t size, uint64_t *value)
{
	struct hit hit;

	(void)ctx;
	if (!find(addr, size, &hit))
		return E_IO;
	*value = hit.regs->read(hit.regs->ctx, hit.bar, hit.offset, size);
	return 0;
}

static int mmio_write(void *ctx, uint64_t addr, uint8_t size, uint64_t value)
{
	struct hit hit;

	(void)ctx;
	if (!find(addr, size, &hit))
		return E_IO;
	hit.regs->write(hit.regs->ctx, hit.bar, hit.offset, size, value);
	return 0;
}

void fakemmio_attach(struct fake_fn *fn, const struct fakemmio_regs *regs)
{
	if (ndevices == ARRAY_SIZE(devices))
		abort();
	devices[ndevices].fn = fn;
	devices[ndevices++].regs = *regs;
}

void fakemmio_reset(void)
{
	ndevices = 0;
	fakemmio_lost = 0;
}

const struct bus *fakemmio_bus(struct fake_pci *pci)
{
	static struct bus_ops ops;
	static struct bus bus;

	ops = *pci->bus.ops;
	ops.mmio_read = mmio_read;
	ops.mmio_write = mmio_write;
	bus = (struct bus){&ops, pci->bus.ctx};
	return &bus;
}

static void node_path(const struct fake_fn *fn, char *out, size_t room)
{
	char up[128] = "/pci@800000020000000";

	if (fn->parent)
		node_path(fn->parent, up, sizeof(up));
	snprintf(out, room, fn->devfn & 7 ? "%.90s/@%x,%x" : "%.90s/@%x", up, fn->devfn >> 3,
		 fn->devfn & 7);
}

void fakemmio_rig_start(struct fakemmio_rig *r, struct fake_pci *pci, struct fake_fn *fn,
			const struct dma *dma, const struct dma *direct)
{
	char path[128];
	struct dt_node *node;
	const char *fault;

	*r = (struct fakemmio_rig){.rig = {.pci = pci}, .fn = fn};
	fault = fake_rig_boot(&r->rig, &fake_phb_default);
	node_path(fn, path, sizeof(path));
	node = dt_path_find(&r->rig.tree, path);
	if (fault || !node || pci_dev_init(&r->dev, node, fakemmio_bus(pci), dma, direct)) {
		fprintf(stderr, "no machine with %s: %s\n", path, fault ? fault : "no node");
		abort();
	}
}

void fakemmio_rig_stop(struct fakemmio_rig *r)
{
	fake_rig_free(&r->rig);
	fakemmio_reset();
}
