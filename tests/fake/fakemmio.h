/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers behind the BARs of a fake PCI hierarchy: a CPU address is routed back through the host's
 * windows (those of fake_phb_default) to the function whose BAR holds it and whose COMMAND decodes it.
 * What hits nobody is counted, and reads as all ones.
 */
#ifndef FAKEMMIO_H
#define FAKEMMIO_H

#include "fakepci.h"

#include "pci/dev.h"

/* A device's side of its registers; value and result are integers, as on struct bus_ops. */
struct fakemmio_regs {
	uint64_t (*read)(void *ctx, unsigned bar, uint64_t offset, uint8_t size);
	void (*write)(void *ctx, unsigned bar, uint64_t offset, uint8_t size, uint64_t value);
	void *ctx;
};

/* Give a function registers; at most 8 functions, until fakemmio_reset(). */
void fakemmio_attach(struct fake_fn *fn, const struct fakemmio_regs *regs);
void fakemmio_reset(void);
/* The bus of a hierarchy with register access; one at a time. */
const struct bus *fakemmio_bus(struct fake_pci *pci);
/* Accesses that nobody answered, or that were not aligned. */
extern unsigned fakemmio_lost;

/*
 * A machine of one function on the root bus at slot 1, or behind a bridge at 2: set up by the code
 * under test, as a driver finds it. The BARs and capabilities are to be there before.
 */
struct fakemmio_rig {
	struct fake_rig rig;
	struct fake_fn *fn;
	struct pci_dev dev;
};
void fakemmio_rig_start(struct fakemmio_rig *r, struct fake_pci *pci, struct fake_fn *fn,
			const struct dma *dma, const struct dma *direct);
void fakemmio_rig_stop(struct fakemmio_rig *r);

#endif
