/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * OHCI and EHCI controllers on the host, with fakeusb devices on their ports: lists in memory, carried out when a
 * register is touched. They abort when the driver breaks a rule, or gives out memory that is not mapped.
 */
#ifndef FAKEOHCI_H
#define FAKEOHCI_H

#include "fakemmio.h"
#include "fakeusb.h"

#define FAKEHCI_PORTS 4u

struct fakehci {
	struct fakeusb *port[FAKEHCI_PORTS];
	bool is_ehci;
	/* what it does wrong */
	bool never_resets, never_stops;
	/* what happened */
	unsigned resets, transfers;
	bool running;
	/* private */
	uint32_t portsc[FAKEHCI_PORTS], reg[0x20];
	bool busy;
};

struct fake_fn *fakehci_add(struct fakehci *h, struct fake_pci *pci);
void fakehci_unplug(struct fakehci *h, unsigned port);
/* Look at the lists again. */
void fakehci_kick(struct fakehci *h);

/* ---- between fakehci.c and the two kinds ---- */

/* One transfer, gathered: who is meant, and what became of it. */
struct fakehci_transfer {
	uint32_t address, endpoint, packet; /* endpoint: 0x80: to the host */
	uint8_t setup[8];
	uint8_t *data;
	uint32_t len;
};
/* Bytes moved, or what fakeusb.h names. */
int fakehci_transfer(struct fakehci *h, const struct fakehci_transfer *t);
void fakeohci_run(struct fakehci *h);
void fakeehci_run(struct fakehci *h);

#endif
