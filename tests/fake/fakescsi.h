/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SCSI targets on the host: logical units that behave like disks, CD-ROMs and empty drives, with sense
 * data made as asked. Hosts' fakes share them; fakescsi_host is one by itself, of 256 targets whose
 * unit addresses are those of virtio-scsi.
 */
#ifndef FAKESCSI_H
#define FAKESCSI_H

#include "dev/scsihost.h"

#define FAKESCSI_UNITS 64u

struct fakescsi_unit {
	uint8_t target;
	uint16_t lun;
	uint8_t type;
	uint32_t block_size; /* 0: nothing here */
	uint64_t blocks;     /* 0: no medium */
	bool write_protected, no_capacity_10;
	uint32_t limit;      /* of blocks at once, told in a VPD page and insisted on; 0: none */
	unsigned attentions; /* that many commands but INQUIRY are answered by unit attention, */
	unsigned not_ready;  /* and then that many by "becoming ready" */
	bool needs_start;    /* an initializing command is required */
	unsigned busy;       /* and that many by busy */
	unsigned flushes, reads, writes;
	uint64_t last_block; /* of the last transfer */
	uint8_t last_opcode;
	uint8_t *written; /* what was written there last: one block, NULL: nothing */
	uint64_t written_at;
};

extern struct fakescsi {
	struct fakescsi_unit unit[FAKESCSI_UNITS];
	bool no_report_luns;
	unsigned commands;
	unsigned batches;           /* of commands at once */
	unsigned fail_at;           /* from this command on every one fails so: */
	int fail_err;               /* the host's error, */
	uint8_t fail_key, fail_asc; /* or sense */
	unsigned short_by;          /* bytes each transfer misses */
} fakescsi;

void fakescsi_reset(void);
/* The next free unit: a disk of so many blocks. */
struct fakescsi_unit *fakescsi_add(uint8_t target, uint16_t lun, uint8_t type, uint32_t block_size,
				   uint64_t blocks);
/* NULL: nobody. */
struct fakescsi_unit *fakescsi_find(uint8_t target, uint16_t lun);
bool fakescsi_has_target(uint8_t target);
/* What 8 bytes at a multiple of 8 say on every unwritten medium. */
uint64_t fakescsi_pattern(const struct fakescsi_unit *u, uint64_t offset);
/*
 * Carry out a command on target and lun, which the host addressed: fills status, sense and residual.
 * E_NOENT: no such target.
 */
int fakescsi_execute(uint8_t target, uint16_t lun, struct scsi_request *req);

extern struct scsi_host fakescsi_host;
extern unsigned fakescsi_stops;
uint64_t fakescsi_address(uint8_t target, uint16_t lun);

#endif
