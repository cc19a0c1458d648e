/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a bus offers to whoever talks to the functions on it: configuration space and registers (DMA is
 * in dma.h). Configuration accesses are by BDF: bus 15:8, device 7:3, function 2:0; register
 * 0..4095, naturally aligned; size 1, 2 or 4 bytes. Values are integers in the CPU's order.
 */
#ifndef DEV_BUS_H
#define DEV_BUS_H

#include "base/compiler.h"

typedef uint16_t pci_bdf;
#define PCI_BDF(bus, dev, fn) ((pci_bdf)((bus) << 8 | (dev) << 3 | (fn)))
#define PCI_BUS(bdf)          ((uint8_t)((bdf) >> 8))
#define PCI_DEV(bdf)          ((uint8_t)((bdf) >> 3 & 31))
#define PCI_FN(bdf)           ((uint8_t)((bdf)&7))
#define PCI_DEVFN(bdf)        ((uint8_t)((bdf)&0xff))

struct bus_ops {
	/*
	 * 0 or an error (absent function, register out of reach, bad size); *value is written only
	 * on success. An existing function may also read as all ones.
	 */
	int (*cfg_read)(void *ctx, pci_bdf bdf, uint16_t reg, uint8_t size, uint32_t *value);
	int (*cfg_write)(void *ctx, pci_bdf bdf, uint16_t reg, uint8_t size, uint32_t value);
	/*
	 * Registers behind a BAR: addr is the CPU's physical address (from dt_translate()), aligned to size
	 * 1, 2, 4 or 8. PCI registers are little endian on the bus and integers here. A failed read leaves
	 * *value; reads of addresses nobody serves may also give 0 or all ones.
	 */
	int (*mmio_read)(void *ctx, uint64_t addr, uint8_t size, uint64_t *value);
	int (*mmio_write)(void *ctx, uint64_t addr, uint8_t size, uint64_t value);
};

struct bus {
	const struct bus_ops *ops;
	void *ctx;
};

#endif
