/* SPDX-License-Identifier: BSD-2-Clause */
/* Host controllers: from a PCI function to a running bus. */
#ifndef USB_HCD_H
#define USB_HCD_H

#include "pci/dev.h"
#include "usb/usb.h"

/*
 * Reset the controller, start it, and find what is plugged in. dev must outlive the bus. E_UNSUPP (it
 * wants what we have not, or there is no DMA), E_TIMEOUT, E_IO, E_NOMEM: it is off again.
 */
int usb_xhci_start(const struct pci_dev *dev, struct usb **usb) MUST_CHECK;
int usb_ehci_start(const struct pci_dev *dev, struct usb **usb) MUST_CHECK;
int usb_ohci_start(const struct pci_dev *dev, struct usb **usb) MUST_CHECK;

#endif
