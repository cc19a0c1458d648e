/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A MegaRAID SAS controller on the host, with the targets of fakescsi behind it: states of its firmware and
 * frames. It aborts when the driver breaks a rule, or gives out memory that is not mapped.
 */
#ifndef FAKEMEGASAS_H
#define FAKEMEGASAS_H

#include "fakemmio.h"

struct fakemegasas {
	bool second;    /* generation */
	bool jbod;      /* no logical drives */
	bool handshake; /* wants to be spoken to before it is ready */
	/* what it does wrong */
	bool gone, never_ready, faulty, refuses_init, no_list, long_list;
	unsigned silent_at;   /* this frame, from 1, gets no answer */
	uint8_t scsi_failure; /* what it says of SCSI frames instead of carrying them out */
	/* what happened */
	unsigned frames, resets, logical, physical;
	bool operational;
	/* private */
	bool shaken;
};

struct fake_fn *fakemegasas_add(struct fakemegasas *m, struct fake_pci *pci);

#endif
