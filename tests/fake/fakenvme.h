/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An NVMe controller that behaves as the standard says and checks what a host must not do: queues of wrong
 * sizes, addresses not mapped, commands before it is ready. It breaks on demand.
 */
#ifndef FAKENVME_H
#define FAKENVME_H

#include "fakemmio.h"

#define FAKENVME_NAMESPACES 4

struct fakenvme_ns {
	uint32_t nsid; /* 0: not there */
	uint64_t blocks;
	uint8_t shift;
	uint16_t metadata;
	uint8_t *
		data; /* NULL: reads give the block number in every byte's place, writes are counted */
	uint64_t bytes;
};

struct fakenvme {
	struct fakenvme_ns ns[FAKENVME_NAMESPACES]; /* ascending ids */
	uint8_t mdts;
	bool cache;
	/* the state */
	uint64_t cap;
	uint32_t cc, csts, aqa;
	uint64_t asq, acq;
	struct {
		uint64_t sq, cq;
		uint16_t entries, sq_head, cq_tail;
		uint8_t phase;
	} queue[2];
	/* what happened */
	unsigned resets, shutdowns, commands, flushes, reads, most_bytes;
	/* what is to break */
	bool never_ready, no_shutdown;
	unsigned silent_at; /* from this command on there are no answers; 0: never */
	unsigned fail_at;   /* this command fails */
	unsigned lie_at;    /* the answer to this one names another */
};

/* A function for the rig with these registers. */
struct fake_fn *fakenvme_add(struct fakenvme *n, struct fake_pci *pci);

#endif
