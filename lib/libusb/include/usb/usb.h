/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A running USB host controller and what is plugged in there, hubs followed to any depth the standard
 * allows. Devices are looked for once, when the controller starts. What devices say is copied,
 * bounded and checked before it is believed; every wait has a deadline.
 */
#ifndef USB_USB_H
#define USB_USB_H

#include "dev/condev.h"
#include "dev/scsihost.h"

struct usb;

enum usb_kind { USB_OTHER, USB_HUB, USB_STORAGE, USB_KEYBOARD };

/* A device, for who looks; only libusb writes to it. Lives as long as its bus runs. */
struct usb_dev {
	struct usb *usb;
	struct usb_dev *parent;       /* the hub; NULL: a port of the controller */
	struct usb_dev *child, *next; /* on the ports of this hub; on the parent's next port */
	enum usb_kind kind;
	uint8_t port; /* its number there, from 1: its unit address */
	uint8_t root; /* the same of the first port of the chain */
	uint16_t vendor, product;
	struct usb_state *state; /* libusb's */
};

/* The device on the lowest port, or NULL. */
struct usb_dev *usb_first(struct usb *usb);
/* No DMA afterwards, the controller is reset; frees the bus and its devices. NULL is allowed. */
void usb_stop(struct usb *usb);

/*
 * Mass storage (bulk-only transport 1.0) as a SCSI host with one target of up to 16 units; unit addresses
 * are QEMU's: (0x01000000 | root << 16 | LUN) << 32. The host is to be stopped before its bus. name (for
 * people) must outlive it. E_NOMEM, E_IO, E_TIMEOUT.
 */
int usb_storage_start(struct usb_dev *dev, const char *name, struct scsi_host **host) MUST_CHECK;

/*
 * A keyboard in its boot protocol (HID 1.11 appendix B) as bytes: a US layout, special keys as the escape
 * sequences of a terminal. Its write gives 0. To be freed before the bus is stopped. Errors as above.
 */
int usb_keyboard_start(struct usb_dev *dev, struct condev **keys) MUST_CHECK;
void usb_keyboard_free(struct condev *keys);

#endif
