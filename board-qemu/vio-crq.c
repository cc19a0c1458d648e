/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Queues between us and virtual devices. The partner writes an element's second half first and its first
 * byte last, and only where that byte is 0; taking an element means to copy it and then clear that byte.
 */
#define LOG_TAG "crq"
#include "crq.h"

#include <string.h>

#include "hv.h"

#include "base/err.h"
#include "base/log.h"

#define RING_BYTES 4096u
#define ELEMENT    16u
#define ANSWER_MS  1000u
#define INIT       0xc0u
#define INIT_TYPE  0x01u
#define INIT_MSG   0xc001000000000000ull

/* A ring left behind by somebody before us is thrown away. */
static int do_register(const struct crq *q)
{
	int64_t rc = hv_reg_crq(q->unit, q->dev, RING_BYTES);

	if (rc == H_RESOURCE) {
		hv_free_crq(q->unit);
		rc = hv_reg_crq(q->unit, q->dev, RING_BYTES);
	}
	if (rc != H_SUCCESS && rc != H_CLOSED) {
		log_warn("%x: no queue: hypervisor says %lld", q->unit, (long long)rc);
		return E_IO;
	}
	return 0;
}

static int shake_hands(struct crq *q, uint8_t answer)
{
	struct wait w = wait_ms(ANSWER_MS);
	uint8_t e[ELEMENT];
	int err = crq_send(q, INIT_MSG, 0);

	err = err ? err : crq_receive(q, &w, e);
	if (!err && (e[0] != INIT || e[1] != answer)) {
		log_warn("%x: initialization answered by %02x %02x", q->unit, e[0], e[1]);
		err = E_IO;
	}
	return err;
}

int crq_open(struct crq *q, uint32_t unit, const struct dma *dma, uint8_t answer)
{
	int err;

	*q = (struct crq){.dma = dma, .unit = unit};
	q->ring = dma->ops->alloc(dma->ctx, RING_BYTES, &q->dev);
	if (!q->ring)
		return E_NOMEM;
	err = do_register(q);
	if (err) {
		dma->ops->free(dma->ctx, q->ring, RING_BYTES, q->dev);
		q->ring = NULL;
		return err;
	}
	err = shake_hands(q, answer);
	if (err)
		crq_close(q);
	return err;
}

void crq_close(struct crq *q)
{
	if (!q->ring)
		return;
	if (hv_free_crq(q->unit) != H_SUCCESS) {
		log_warn("%x: queue not freed: its page stays taken", q->unit);
		q->ring = NULL;
		return;
	}
	q->dma->ops->free(q->dma->ctx, q->ring, RING_BYTES, q->dev);
	q->ring = NULL;
}

int crq_send(struct crq *q, uint64_t high, uint64_t low)
{
	int64_t rc;

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	rc = hv_send_crq(q->unit, high, low);
	if (rc == H_SUCCESS)
		return 0;
	log_debug("%x: send: hypervisor says %lld", q->unit, (long long)rc);
	return E_IO;
}

int crq_receive(struct crq *q, struct wait *w, uint8_t element[16])
{
	volatile uint8_t *first = q->ring + q->at;

	while (!*first)
		if (!wait_more(w))
			return E_TIMEOUT;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	memcpy(element, q->ring + q->at, ELEMENT);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	*first = 0;
	q->at = (q->at + ELEMENT) % RING_BYTES;
	return 0;
}
