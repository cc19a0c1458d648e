/* SPDX-License-Identifier: BSD-2-Clause */
/* A gigabit controller that behaves: what is sent comes out here, what is put in here is received. */
#ifndef FAKEE1000_H
#define FAKEE1000_H

#include "fakemmio.h"

struct fakee1000 {
	uint32_t reg[0x8000];
	uint64_t mac;                    /* 0: none */
	bool stuck_reset, no_link, hold; /* hold: sent frames stay in the ring */
	unsigned resets, sent;
	uint8_t last[2048]; /* the last frame sent */
	size_t last_len;
	/* of the next frame that comes in: */
	uint8_t errors, state; /* state 0: done, end of frame */
	uint16_t lie_len;      /* 0: the true length */
};

struct fake_fn *fakee1000_add(struct fakee1000 *e, struct fake_pci *pci);
/* A frame from the cable. false: the ring is full or the receiver off. */
bool fakee1000_frame(struct fakee1000 *e, const void *frame, size_t len);
/* Send what was held. */
void fakee1000_release(struct fakee1000 *e);

#endif
