/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Queues (NVM Express 4.1, 4.6): commands go round one ring, completions come round another, whose entries
 * are new when their phase bit is the expected one. A completion is copied, then checked: it must
 * name a command that is under way. One that does not, and silence, are the end of the controller until it
 * is started again.
 */
#define LOG_TAG "nvme"
#include "nvme-priv.h"

#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"

#define COMMAND_MS 30000u

int queue_init(struct nvme *c, struct nvme_queue *q, uint16_t id, uint16_t entries)
{
	*q = (struct nvme_queue){.id = id, .entries = entries, .phase = 1};
	q->sq = c->dma->ops->alloc(c->dma->ctx, NVME_PAGE, &q->sq_dev);
	q->cq = c->dma->ops->alloc(c->dma->ctx, NVME_PAGE, &q->cq_dev);
	return q->sq && q->cq ? 0 : E_NOMEM;
}

void queue_free(struct nvme *c, struct nvme_queue *q)
{
	c->dma->ops->free(c->dma->ctx, q->sq, NVME_PAGE, q->sq_dev);
	c->dma->ops->free(c->dma->ctx, q->cq, NVME_PAGE, q->cq_dev);
	*q = (struct nvme_queue){0};
}

/* Submission and completion doorbells take turns (3.1.24). */
static void ring(struct nvme *c, const struct nvme_queue *q, bool completion, uint16_t value)
{
	uint64_t at = REG_DOORBELL + (2ull * q->id + completion) * c->stride;

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	pci_write32(&c->bar, at, value);
}

void queue_submit(struct nvme *c, struct nvme_queue *q, unsigned slot, const struct nvme_cmd *cmd)
{
	uint8_t *sqe = q->sq + q->tail * NVME_SQE;

	memset(sqe, 0, NVME_SQE);
	put_le32(sqe, cmd->opcode | slot << 16);
	put_le32(sqe + 4, cmd->nsid);
	put_le64(sqe + 24, cmd->prp1);
	put_le64(sqe + 32, cmd->prp2);
	put_le32(sqe + 40, cmd->cdw10);
	put_le32(sqe + 44, cmd->cdw11);
	put_le32(sqe + 48, cmd->cdw12);
	q->pending |= 1u << slot;
	q->tail = (uint16_t)((q->tail + 1) % q->entries);
	ring(c, q, false, q->tail);
}

/* Take the next completion off the ring, if there is one. */
static bool next_completion(struct nvme *c, struct nvme_queue *q, uint8_t cqe[NVME_CQE])
{
	const uint8_t *at = q->cq + q->head * NVME_CQE;

	if ((*(const volatile uint8_t *)(at + 14) & 1) != q->phase)
		return false;
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	memcpy(cqe, at, NVME_CQE);
	q->head = (uint16_t)(q->head + 1);
	if (q->head == q->entries) {
		q->head = 0;
		q->phase ^= 1;
	}
	ring(c, q, true, q->head);
	return true;
}

static void note_failure(struct nvme *c, struct nvme_queue *q, unsigned slot, uint16_t status)
{
	log_debug("%s: command %u of queue %u: status type %u code %02x", c->dev->node->name, slot,
		  q->id, status >> 9 & 7, status >> 1 & 0xff);
	if (!q->result)
		q->result = E_IO;
}

/* Look at what has come. E_IO when it is nonsense. */
static int reap(struct nvme *c, struct nvme_queue *q)
{
	uint8_t cqe[NVME_CQE];

	while (next_completion(c, q, cqe)) {
		uint16_t slot = get_le16(cqe + 12), status = get_le16(cqe + 14);

		if (slot >= NVME_INFLIGHT || !(q->pending & 1u << slot)) {
			log_warn("%s: answer to command %u, which was not given",
				 c->dev->node->name, slot);
			controller_kill(c);
			return E_IO;
		}
		q->pending &= ~(1u << slot);
		if (status >> 1 & 0x7ff)
			note_failure(c, q, slot, status);
	}
	return 0;
}

static bool is_done(const struct nvme_queue *q, unsigned mask, bool all)
{
	return all ? (q->pending & mask) == 0 : (q->pending & mask) != mask;
}

/* Until one of the commands in mask, or all of them, are answered. Each answer starts the clock again. */
static int wait_for(struct nvme *c, struct nvme_queue *q, unsigned mask, bool all)
{
	struct wait w = wait_ms(COMMAND_MS);

	for (unsigned before = q->pending; !is_done(q, mask, all); before = q->pending) {
		if (c->dead || reap(c, q))
			return E_IO;
		if (q->pending != before) {
			w = wait_ms(COMMAND_MS);
		} else if (!wait_more(&w)) {
			log_warn("%s: no answer for %u s", c->dev->node->name, COMMAND_MS / 1000);
			controller_kill(c);
			return E_TIMEOUT;
		}
	}
	return 0;
}

int queue_slot(struct nvme *c, struct nvme_queue *q, unsigned *slot)
{
	unsigned mask = (1u << NVME_INFLIGHT) - 1;
	int err = c->dead ? E_IO : wait_for(c, q, mask, false);

	if (!err)
		*slot = (unsigned)__builtin_ctz(~q->pending & mask);
	return err;
}

int queue_drain(struct nvme *c, struct nvme_queue *q)
{
	int err = wait_for(c, q, ~0u, true);

	err = err ? err : q->result;
	q->result = 0;
	return err;
}

int queue_run(struct nvme *c, struct nvme_queue *q, const struct nvme_cmd *cmd)
{
	unsigned slot;
	int err = queue_slot(c, q, &slot);

	if (err)
		return err;
	queue_submit(c, q, slot, cmd);
	return queue_drain(c, q);
}
