/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A Fusion MPT controller on the host, with the targets of fakescsi behind it: doorbell and queues. It aborts when the
 * driver breaks a rule, or gives out memory that is not mapped.
 */
#ifndef FAKEMPT_H
#define FAKEMPT_H

#include "fakemmio.h"

#define FAKEMPT_FRAMES 16u

struct fakempt {
	/* what it does wrong */
	bool gone, never_ready, faulty, refuses_init, short_reply, mute_doorbell;
	unsigned silent_at;  /* this request, from 1, and those behind it get no answer */
	uint16_t ioc_status; /* what it says of requests instead of carrying them out */
	bool no_status;      /* and that there is no SCSI status */
	bool chatty;         /* sends news and answers to nothing before each reply */
	uint32_t stray;      /* gives out this instead of a reply */
	/* what happened */
	unsigned requests, resets, enables;
	bool operational;
	/* private */
	uint32_t interrupts, message[64], free_frame[FAKEMPT_FRAMES], post[FAKEMPT_FRAMES];
	unsigned words, got, n_free, n_post;
	uint16_t answer[64];
	unsigned halves, given;
	bool sending, answering;
	uint16_t reply_bytes;
	uint64_t high;
};

struct fake_fn *fakempt_add(struct fakempt *m, struct fake_pci *pci);

#endif
