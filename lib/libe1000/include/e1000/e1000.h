/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Intel gigabit controllers with legacy descriptors: 82540EM, 82544GC, 82545EM (PCI/PCI-X family) and
 * 82574L (Express).
 */
#ifndef E1000_E1000_H
#define E1000_E1000_H

#include "dev/netdev.h"
#include "pci/dev.h"

/*
 * Reset the controller and bring it up. dev must outlive it. E_IO (no MAC address, gone), E_TIMEOUT (no end
 * of reset), E_UNSUPP (no DMA), E_NOMEM.
 */
int e1000_start(const struct pci_dev *dev, struct netdev **nd) MUST_CHECK;

#endif
