/* SPDX-License-Identifier: BSD-2-Clause */
/* EHCI: what the controller's life (ehci.c) and its queues (ehci-queue.c) share. */
#ifndef EHCI_PRIV_H
#define EHCI_PRIV_H

#include "classic-priv.h"

struct ehci {
	struct classic classic; /* first */
	uint32_t op;            /* where the registers begin */
};

static inline struct ehci *ehci_of(struct usb *usb)
{
	return container_of(classic_of(usb), struct ehci, classic);
}

/* The controller follows its schedules, or neither of them. */
void ehci_run(struct classic *c, bool on);

/* ---- queues (ehci-queue.c) --------------------------------------------------------------- */

extern const struct classic_kind ehci_kind;
/* Frames and the heads of both lists, in memory of that kind. */
void ehci_fill_memory(struct classic *c);
int ehci_submit(struct usb_transfer *t);
bool ehci_poll(struct usb_transfer *t);
void ehci_cancel(struct usb_transfer *t);
int ehci_reset_pipe(struct usb_dev *dev, struct usb_pipe *pipe);

#endif
