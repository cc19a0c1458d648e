/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * USB host controllers as packages. Binding touches nothing. When a path goes below its node for the first
 * time, or by of_populate_all(), the controller is started and gets a child for each device somebody
 * drives: hub@N, storage@N (a SCSI host with disk@<unit>), usb-keyboard@N. It runs until quiesce.
 */
#ifndef OF_USB_H
#define OF_USB_H

#include "dt/node.h"
#include "usb/usb.h"

/* Something that can be started as a USB host controller. */
struct usb_source {
	int (*start)(void *ctx, struct usb **usb); /* 0 or an E_ error, told nobody yet */
	void *ctx;
	const char *driver; /* "xhci": for people, and the node's device_type */
};

/* The source is copied; its ctx must outlive the node. Controllers get the aliases usb0, usb1, ... */
void of_bind_usb(struct dt_node *node, const struct usb_source *source);

/*
 * The node and what is below it go: controllers there are stopped, and are not started again. Their disks
 * and SCSI hosts were stopped before, by of_block_gone() and of_scsi_gone().
 */
void of_usb_gone(struct dt_node *node);

#endif
