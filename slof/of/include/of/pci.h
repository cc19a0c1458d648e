/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PCI buses as packages: the methods of IEEE 1275's PCI binding on host bridge and bridge nodes. All
 * bridges below a host share its access to configuration space and DMA, so that a call needs no
 * forwarding, however deep the bridge is.
 */
#ifndef OF_PCI_H
#define OF_PCI_H

#include "dev/bus.h"
#include "dev/dma.h"
#include "dt/node.h"

struct of_pci {
	const struct bus *bus;
	const struct dma *dma; /* NULL: this host has no DMA window */
};

/*
 * Give the class to node if it is a PCI bus (device_type "pci"), and to all PCI buses below it.
 * Functions that are no bridges get nothing. pci must outlive the nodes.
 */
void of_bind_pci(struct dt_node *node, struct of_pci *pci);

#endif
