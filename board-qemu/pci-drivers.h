/* SPDX-License-Identifier: BSD-2-Clause */
/* PCI functions and their drivers: which serves which stands in the table of pci-drivers.c. */
#ifndef BOARD_PCI_DRIVERS_H
#define BOARD_PCI_DRIVERS_H

#include "dev/bus.h"
#include "dev/dma.h"
#include "dt/node.h"

/*
 * Make a function's node a package if there is a driver for it and it is none yet, with an alias for what
 * is a disk. Touches no hardware. bus and dma (NULL: the host has none) must live as long as the machine.
 */
void pci_bind_node(struct dt_node *node, const struct bus *bus, const struct dma *dma);
/* All functions below a host bridge. */
void pci_bind_below(struct dt_node *top, const struct bus *bus, const struct dma *dma);

#endif
