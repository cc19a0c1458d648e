/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a host controller as a PCI function, whichever kind it is: its registers, bus mastering on
 * and off, and what is done about one that breaks down.
 */
#define LOG_TAG "usb"
#include "usb-priv.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"

int usb_hcd_wait(const struct usb *usb, uint32_t reg, uint32_t mask, uint32_t want, uint32_t ms)
{
	struct wait w = wait_ms(ms);
	uint32_t v;

	while (((v = pci_read32(&usb->bar, reg)) & mask) != want) {
		if (v == 0xffffffff)
			return E_IO;
		if (!wait_more(&w))
			return E_TIMEOUT;
	}
	return 0;
}

void usb_hcd_kill(struct usb *usb, const char *why, uint32_t status)
{
	if (!usb->dead)
		log_warn("%s: %s: status %x", usb->name, why, status);
	usb->dead = true;
	pci_dev_disable(usb->pci); /* no bus master: no DMA, whatever the controller thinks */
}

void usb_hcd_stop(struct usb *usb)
{
	if (!usb->dead && usb->ops->halt(usb))
		log_warn("%s: cannot be switched off", usb->name);
	pci_dev_disable(usb->pci);
	usb->ops->free_memory(usb);
	heap_free(usb);
}

int usb_hcd_start(const struct pci_dev *dev, const struct usb_hcd_ops *ops, struct usb **out)
{
	struct usb *usb;
	int err;

	if (!dev->dma)
		return E_UNSUPP;
	usb = try_alloc(ops->size);
	if (!usb)
		return E_NOMEM;
	*usb = (struct usb){.ops = ops, .pci = dev, .dma = dev->dma, .name = dev->node->name};
	err = pci_dev_bar(dev, 0, &usb->bar);
	if (err) {
		heap_free(usb);
		return err;
	}
	pci_dev_enable(dev);
	err = ops->bring_up(usb);
	if (err) {
		usb_hcd_stop(usb);
		return err;
	}
	usb_enumerate(usb);
	*out = usb;
	return 0;
}
