/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a bus offers to whoever talks to the functions on it: configuration space now; register
 * access and DMA come with the first driver. Configuration accesses are by BDF: bus 15:8, device
 * 7:3, function 2:0; register 0..4095, naturally aligned; size 1, 2 or 4 bytes. Values are integers
 * in the CPU's order.
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
};

struct bus {
	const struct bus_ops *ops;
	void *ctx;
};

#endif
