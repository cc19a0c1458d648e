/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An xHCI controller on the host, with fakeusb devices on its ports: rings, contexts, commands, events. It
 * aborts when the driver breaks a rule of the standard, or gives out memory that is not mapped.
 */
#ifndef FAKEXHCI_H
#define FAKEXHCI_H

#include "fakemmio.h"
#include "fakeusb.h"

#define FAKEXHCI_PORTS 8u /* 1 to 4 USB 2, 5 to 8 USB 3 */
#define FAKEXHCI_SLOTS 40u

struct fakexhci_ep {
	uint8_t state, cycle; /* 0 disabled, 1 running, 2 halted, 3 stopped */
	uint64_t dequeue;
	uint16_t packet;
	bool waits; /* a transfer that nobody answers */
};

struct fakexhci {
	struct fakeusb *port[FAKEXHCI_PORTS];
	bool big_contexts, super_first;
	uint16_t scratchpads;
	/* what it does wrong */
	bool never_resets, no_slots, wrong_slot, mute_events, cannot_stop, cannot_disable;
	unsigned silent_at; /* this command, from 1, and those behind it get no answer */
	/* what happened */
	unsigned commands, resets, transfers, events;
	bool running;
	/* private */
	uint32_t portsc[FAKEXHCI_PORTS], config, db_waits;
	uint64_t dcbaa, command_ring, erst, erdp, event;
	uint8_t command_cycle, event_cycle;
	uint16_t event_at;
	struct {
		bool used;
		struct fakeusb *dev;
		uint64_t context;
		struct fakexhci_ep ep[32];
	} slot[FAKEXHCI_SLOTS + 1];
};

struct fake_fn *fakexhci_add(struct fakexhci *x, struct fake_pci *pci);
/* Pull out what is on a port, from 0. */
void fakexhci_unplug(struct fakexhci *x, unsigned port);
/* A keyboard has reports now: waiting transfers go on. */
void fakexhci_kick(struct fakexhci *x);

#endif
