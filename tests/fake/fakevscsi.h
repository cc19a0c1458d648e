/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's virtual SCSI host behind fakehv's queue, over fakescsi's units: id = target, channel and LUN =
 * the unit's lun, channel << 5 | lun.
 */
#ifndef FAKEVSCSI_H
#define FAKEVSCSI_H

#include "fakescsi.h"

#define FAKEVSCSI_UNIT 0x71000003u

extern struct fakevscsi {
	unsigned logins, commands;
	uint64_t last_tag;
	uint32_t most_bytes;         /* of one command's data */
	bool no_list;                /* does not answer for all its units */
	unsigned silent_from;        /* no answers from this command on; 0: never */
	bool wrong_tag;              /* an answer for nobody comes before each right one */
	bool wrong_iu_tag;           /* the unit in memory is another command's */
	bool event;                  /* a transport event instead of an answer */
	uint8_t crq_status;          /* of elements */
	uint8_t type;                /* of answers, if not 0 */
	uint32_t sense_len, rsp_len; /* told instead of the truth, if not 0 */
} fakevscsi;

/* Behind fakehv, which was started. */
void fakevscsi_start(void);

#endif
