/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A command/response queue of a virtual I/O device (LoPAPR 17.2.3.1): we send elements of 16 bytes by
 * hypercall, the partner writes its own into a ring in our memory. Polled, one ring of 4 KiB.
 */
#ifndef BOARD_CRQ_H
#define BOARD_CRQ_H

#include "dev/dma.h"

#include "base/clock.h"

struct crq {
	const struct dma *dma;
	uint32_t unit;
	uint8_t *ring; /* NULL: closed */
	uint64_t dev;
	unsigned at; /* where the next element will appear */
};

/*
 * Register the ring and shake hands. The partner answers the initialization message (C0 01) by the
 * given type, C0 02 or C0 01. E_NOMEM, E_IO (refused), E_TIMEOUT.
 */
int crq_open(struct crq *q, uint32_t unit, const struct dma *dma, uint8_t answer) MUST_CHECK;
/* Nothing arrives afterwards. May be closed already. */
void crq_close(struct crq *q);
/* E_IO: the hypervisor or the partner refused. */
int crq_send(struct crq *q, uint64_t high, uint64_t low) MUST_CHECK;
/* The next element, waited for at most until w ends: E_TIMEOUT. */
int crq_receive(struct crq *q, struct wait *w, uint8_t element[16]) MUST_CHECK;

#endif
