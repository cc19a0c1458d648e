/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands (SPC-4, SBC-3, MMC-6) and how the files of this module make requests. */
#ifndef SCSI_PRIV_H
#define SCSI_PRIV_H

#include "scsi/scsi.h"

#define CMD_TEST_UNIT_READY  0x00u
#define CMD_INQUIRY          0x12u
#define CMD_MODE_SENSE_6     0x1au
#define CMD_START_STOP       0x1bu
#define CMD_READ_CAPACITY_10 0x25u
#define CMD_READ_10          0x28u
#define CMD_WRITE_10         0x2au
#define CMD_SYNC_CACHE_10    0x35u
#define CMD_READ_16          0x88u
#define CMD_WRITE_16         0x8au
#define CMD_SERVICE_IN_16    0x9eu
#define CMD_REPORT_LUNS      0xa0u

#define COMMAND_MS 5000u
#define MEDIUM_MS  30000u /* what moves data or waits for a medium */

/* A request without data; the CDB is all zeros but for the opcode, its length follows from that. */
struct scsi_request scsi_request_new(uint64_t unit, uint8_t opcode);
/* The same with room for what the device sends. */
struct scsi_request scsi_request_in(uint64_t unit, uint8_t opcode, void *data, uint32_t len);

/* READ or WRITE of n <= 65535 blocks, in the shortest form that holds the numbers. */
void scsi_cdb_transfer(struct scsi_request *req, uint64_t block, uint32_t n);

/*
 * scsi_execute() for n requests, which go out together if there are several; who is put off is asked again alone.
 * n is at most the host's at_once, or 1. The first failure counts.
 */
int scsi_execute_all(struct scsi_host *host, struct scsi_request *req, unsigned n) MUST_CHECK;

/* Bytes that came, for a request that was carried out. */
static inline uint32_t scsi_moved(const struct scsi_request *req)
{
	return req->residual < req->len ? req->len - req->residual : 0;
}

#define SENSE_NOT_READY       0x2u
#define SENSE_ILLEGAL_REQUEST 0x5u
#define SENSE_UNIT_ATTENTION  0x6u
#define SENSE_DATA_PROTECT    0x7u
#define SENSE_ABORTED         0xbu
#define ASC_NO_MEDIUM         0x3au
#define ASC_MEDIUM_CHANGED    0x28u
#define ASC_NOT_READY         0x04u

struct scsi_sense {
	uint8_t key, asc, ascq; /* all 0: no sense */
};
/* Fixed or descriptor format (SPC-4 4.5), of any length. */
struct scsi_sense scsi_sense_of(const struct scsi_request *req);

#endif
