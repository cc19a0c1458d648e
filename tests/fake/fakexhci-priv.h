/* SPDX-License-Identifier: BSD-2-Clause */
/* Between fakexhci.c (registers, contexts, commands) and fakexhci-transfer.c. */
#ifndef FAKEXHCI_PRIV_H
#define FAKEXHCI_PRIV_H

#include <stdio.h>
#include <stdlib.h>

#include "fakexhci.h"

#define MUST(cond)                                                          \
	do {                                                                \
		if (!(cond)) {                                              \
			fprintf(stderr, "fakexhci: not true: %s\n", #cond); \
			abort();                                            \
		}                                                           \
	} while (0)

struct trb {
	uint64_t at, parameter;
	uint32_t status, control;
};

/* The next block of a ring if there is one; links are followed. */
bool fakexhci_fetch(uint64_t *dequeue, uint8_t *cycle, struct trb *trb);
void fakexhci_event(struct fakexhci *x, uint64_t at, uint32_t status, uint32_t control);
/* An endpoint is disabled (0), running, halted, stopped. */
void fakexhci_set_state(struct fakexhci *x, unsigned slot, unsigned ep, uint8_t state);
/* Its doorbell rang: the transfers on its ring. */
void fakexhci_run(struct fakexhci *x, unsigned slot, unsigned ep);

#endif
