/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Commands and what becomes of them. A target may answer "not now" in several ways; scsi_execute() is
 * where it is decided which of them deserve another try, so that nobody else has to.
 */
#define LOG_TAG "scsi"
#include "scsi-priv.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"

/* ---- building --------------------------------------------------------------------------- */

/* The group code in the opcode's upper bits tells the length (SPC-4 4.2.5.1). */
static uint8_t cdb_length(uint8_t opcode)
{
	static const uint8_t by_group[8] = {6, 10, 10, 16, 16, 12, 6, 6};

	return by_group[opcode >> 5];
}

struct scsi_request scsi_request_new(uint64_t unit, uint8_t opcode)
{
	struct scsi_request req = {.unit = unit, .timeout_ms = COMMAND_MS};

	req.cdb[0] = opcode;
	req.cdb_len = cdb_length(opcode);
	return req;
}

struct scsi_request scsi_request_in(uint64_t unit, uint8_t opcode, void *data, uint32_t len)
{
	struct scsi_request req = scsi_request_new(unit, opcode);

	req.way = SCSI_FROM_DEVICE;
	req.data = data;
	req.len = len;
	return req;
}

void scsi_cdb_transfer(struct scsi_request *req, uint64_t block, uint32_t n)
{
	bool writes = req->way == SCSI_TO_DEVICE;

	if (block + n <= UINT32_MAX) {
		req->cdb[0] = writes ? CMD_WRITE_10 : CMD_READ_10;
		put_be32(req->cdb + 2, (uint32_t)block);
		put_be16(req->cdb + 7, (uint16_t)n);
	} else {
		req->cdb[0] = writes ? CMD_WRITE_16 : CMD_READ_16;
		put_be64(req->cdb + 2, block);
		put_be32(req->cdb + 10, n);
	}
	req->cdb_len = cdb_length(req->cdb[0]);
}

/* ---- judging ---------------------------------------------------------------------------- */

#define STATUS_GOOD       0x00u
#define STATUS_CHECK      0x02u
#define STATUS_MET        0x04u
#define STATUS_BUSY       0x08u
#define STATUS_RESERVED   0x18u
#define STATUS_QUEUE_FULL 0x28u

struct scsi_sense scsi_sense_of(const struct scsi_request *req)
{
	const uint8_t *s = req->sense;
	unsigned len = req->sense_len < SCSI_SENSE_MAX ? req->sense_len : SCSI_SENSE_MAX;
	unsigned code = len > 0 ? s[0] & 0x7fu : 0;

	if (code == 0x70 || code == 0x71)
		return (struct scsi_sense){
			len > 2 ? s[2] & 15 : 0,
			len > 12 ? s[12] : 0,
			len > 13 ? s[13] : 0,
		};
	if (code == 0x72 || code == 0x73)
		return (struct scsi_sense){
			len > 1 ? s[1] & 15 : 0,
			len > 2 ? s[2] : 0,
			len > 3 ? s[3] : 0,
		};
	return (struct scsi_sense){0, 0, 0};
}

enum verdict { DONE, AGAIN, WAIT, FAILED };

static enum verdict judge_not_ready(const struct scsi_sense *s, int *err)
{
	*err = s->asc == ASC_NO_MEDIUM ? E_NOENT : E_IO;
	return s->asc == ASC_NOT_READY && s->ascq == 1 ? WAIT : FAILED; /* 1: becoming ready */
}

static bool moves_blocks(const struct scsi_request *req)
{
	uint8_t op = req->cdb[0];

	return op == CMD_READ_10 || op == CMD_READ_16 || op == CMD_WRITE_10 || op == CMD_WRITE_16;
}

/* In the middle of a transfer: what was read before belongs to another medium. */
static bool is_other_medium(const struct scsi_request *req, const struct scsi_sense *s)
{
	return moves_blocks(req) && s->asc == ASC_MEDIUM_CHANGED;
}

static enum verdict judge_sense(const struct scsi_request *req, int *err)
{
	struct scsi_sense s = scsi_sense_of(req);

	log_debug("unit %llx: command %02x: sense %x/%02x/%02x", (unsigned long long)req->unit,
		  req->cdb[0], s.key, s.asc, s.ascq);
	*err = E_IO;
	switch (s.key) {
	case 1: /* recovered */
		return DONE;
	case SENSE_NOT_READY:
		return judge_not_ready(&s, err);
	case SENSE_ILLEGAL_REQUEST:
		*err = E_UNSUPP;
		return FAILED;
	case SENSE_UNIT_ATTENTION:
		return is_other_medium(req, &s) ? FAILED : AGAIN;
	case SENSE_DATA_PROTECT:
		*err = E_PERM;
		return FAILED;
	case SENSE_ABORTED:
		return AGAIN;
	default:
		return FAILED;
	}
}

static enum verdict judge(const struct scsi_request *req, int *err)
{
	*err = E_IO;
	switch (req->status) {
	case STATUS_GOOD:
	case STATUS_MET:
		return DONE;
	case STATUS_CHECK:
		return judge_sense(req, err);
	case STATUS_BUSY:
	case STATUS_QUEUE_FULL:
		*err = E_BUSY;
		return WAIT;
	case STATUS_RESERVED:
		*err = E_PERM;
		return FAILED;
	default:
		return FAILED;
	}
}

/* ---- executing -------------------------------------------------------------------------- */

#define TRIES_MAX  8u /* without waiting: several unit attentions may be queued */
#define NOT_YET_MS 10u

int scsi_execute(struct scsi_host *host, struct scsi_request *req)
{
	struct deadline end = deadline_in_ms(req->timeout_ms);
	unsigned tries = 0;

	for (;;) {
		enum verdict v;
		int err;

		req->status = 0;
		req->sense_len = 0;
		req->residual = 0;
		err = host->ops->command(host, req);
		if (err)
			return err;
		v = judge(req, &err);
		if (v == DONE)
			return 0;
		if (v == FAILED || (v == AGAIN && ++tries == TRIES_MAX))
			return err;
		if (deadline_passed(&end))
			return E_TIMEOUT;
		if (v == WAIT)
			clock_delay_us(NOT_YET_MS * 1000);
	}
}

int scsi_execute_all(struct scsi_host *host, struct scsi_request *req, unsigned n)
{
	int err = n > 1 ? host->ops->commands(host, req, n) : 0;

	for (unsigned i = 0; i < n && !err; i++) {
		enum verdict v = n > 1 ? judge(&req[i], &err) : AGAIN;

		if (v == FAILED)
			return err;
		err = v == DONE ? 0 : scsi_execute(host, &req[i]);
	}
	return err;
}
