/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the class of USB controllers and that of keyboards. */
#ifndef OF_CLASS_USB_H
#define OF_CLASS_USB_H

#include "dt/node.h"
#include "usb/usb.h"

void keyboard_bind(struct dt_node *node, struct usb_dev *dev);
/* Those on a bus that is about to stop. */
void keyboards_stop(const struct usb *usb);
void keyboards_reset(void);

#endif
