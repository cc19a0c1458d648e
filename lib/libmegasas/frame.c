/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One frame at a time. Its status byte is written by us as pending and by the controller as something
 * else when all is done: neither interrupts nor the queue of answers are needed.
 */
#include "megasas-priv.h"

#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"

/* The header */
#define AT_COMMAND     0u
#define AT_SENSE_LEN   1u
#define AT_STATUS      2u
#define AT_SCSI_STATUS 3u
#define AT_TARGET      4u
#define AT_LUN         5u
#define AT_CDB_LEN     6u
#define AT_SEGMENTS    7u
#define AT_FLAGS       16u
#define AT_LEN         20u
/* and what follows it: */
#define AT_INFO        24u /* FRAME_INIT: the address of the queues' description */
#define AT_SENSE_ADDR  24u /* SCSI */
#define AT_CDB         32u
#define AT_SCSI_LIST   48u
#define AT_OPCODE      24u /* FRAME_DIRECT */
#define AT_LIST        40u

#define FLAG_POLLED  1u /* no entry in the queue of answers */
#define FLAG_LONG    2u /* addresses of 64 bits: of segments, */
#define FLAG_SENSE   4u /* of the sense buffer */
#define FLAG_TO_DEV  8u
#define FLAG_TO_HOST 16u

#define QUEUES_BYTES 32u
#define LOOK_EVERY   256u /* polls: at the firmware's state */

static void put_segment(uint8_t *at, uint64_t addr, uint32_t len)
{
	put_le64(at, addr);
	put_le32(at + 8, len);
}

/* A queue of 32-bit entries, with its two counters. */
static void fill_init(const struct megasas *m, uint8_t *b)
{
	uint8_t *q = m->page + AT_QUEUES;

	memset(q, 0, AT_SPARE - AT_QUEUES);
	put_le32(q + 4, ANSWERS);
	put_le64(q + 8, m->page_dev + AT_ANSWERS);
	put_le64(q + 16, m->page_dev + AT_PRODUCER);
	put_le64(q + 24, m->page_dev + AT_CONSUMER);
	put_le64(b + AT_INFO, m->page_dev + AT_QUEUES);
	put_le32(b + AT_LEN, QUEUES_BYTES);
}

/* QEMU fails a command without a segment, also where there is no data. */
static void fill_scsi(const struct megasas *m, const struct frame *f, uint8_t *b)
{
	uint16_t way = f->scsi->way == SCSI_TO_DEVICE     ? FLAG_TO_DEV
		       : f->scsi->way == SCSI_FROM_DEVICE ? FLAG_TO_HOST
							  : 0;

	b[AT_SENSE_LEN] = SENSE_BYTES;
	b[AT_TARGET] = f->target;
	b[AT_LUN] = f->lun;
	b[AT_CDB_LEN] = f->scsi->cdb_len;
	b[AT_SEGMENTS] = 1;
	put_le16(b + AT_FLAGS, FLAG_POLLED | FLAG_LONG | FLAG_SENSE | way);
	put_le32(b + AT_LEN, f->len);
	put_le64(b + AT_SENSE_ADDR, m->page_dev + AT_SENSE);
	memcpy(b + AT_CDB, f->scsi->cdb, SCSI_CDB_MAX);
	if (f->len)
		put_segment(b + AT_SCSI_LIST, f->data, f->len);
	else
		put_segment(b + AT_SCSI_LIST, m->page_dev + AT_SPARE, AT_ANSWERS - AT_SPARE);
}

static void fill_direct(const struct frame *f, uint8_t *b)
{
	b[AT_SEGMENTS] = 1;
	put_le16(b + AT_FLAGS, FLAG_POLLED | FLAG_LONG | FLAG_TO_HOST);
	put_le32(b + AT_LEN, f->len);
	put_le32(b + AT_OPCODE, f->opcode);
	put_segment(b + AT_LIST, f->data, f->len);
}

static void fill(const struct megasas *m, const struct frame *f)
{
	uint8_t *b = m->page + AT_FRAME;

	memset(b, 0, AT_SENSE + SENSE_BYTES - AT_FRAME);
	b[AT_COMMAND] = f->command;
	b[AT_STATUS] = MFI_PENDING;
	put_le16(b + AT_FLAGS, FLAG_POLLED);
	if (f->command == FRAME_INIT)
		fill_init(m, b);
	else if (f->command == FRAME_DIRECT)
		fill_direct(f, b);
	else
		fill_scsi(m, f, b);
}

static uint8_t status_of(const struct megasas *m)
{
	const volatile uint8_t *status = m->page + AT_FRAME + AT_STATUS;

	return *status;
}

/* Also what a controller that was pulled out reads as. */
static bool is_broken(const struct megasas *m)
{
	return STATE(pci_read32(&m->bar, REG_STATE)) == STATE_FAULT;
}

int frame_run(struct megasas *m, struct frame *f, uint32_t timeout_ms)
{
	struct wait w = wait_ms(timeout_ms);
	unsigned polls = 0;

	fill(m, f);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	pci_write32(&m->bar, REG_QUEUE, (uint32_t)(m->page_dev + AT_FRAME) | 1);
	while ((f->status = status_of(m)) == MFI_PENDING) {
		if (++polls % LOOK_EVERY == 0 && is_broken(m))
			return E_IO;
		if (!wait_more(&w))
			return E_TIMEOUT;
	}
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	f->scsi_status = m->page[AT_FRAME + AT_SCSI_STATUS];
	return 0;
}
