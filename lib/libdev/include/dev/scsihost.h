/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A started SCSI host: carries commands to logical units. Drivers make it (virtio-scsi, spapr-vscsi, USB
 * mass storage, ATAPI); libscsi finds units on it and turns them into block devices.
 *
 * A unit is named by 64 bits, its unit address in the device tree (disk@<hex>) and in QEMU's boot list;
 * what they mean is the host's affair alone.
 */
#ifndef DEV_SCSIHOST_H
#define DEV_SCSIHOST_H

#include "base/compiler.h"

#define SCSI_CDB_MAX     16u
#define SCSI_SENSE_MAX   64u
#define SCSI_AT_ONCE_MAX 4u

enum scsi_way { SCSI_NO_DATA, SCSI_FROM_DEVICE, SCSI_TO_DEVICE };

struct scsi_request {
	uint64_t unit;
	uint8_t cdb[SCSI_CDB_MAX];
	uint8_t cdb_len; /* 6, 10, 12, 16 */
	enum scsi_way way;
	void *data;   /* any alignment; not written to when it goes to the device */
	uint32_t len; /* at most the host's max_bytes; 0 if and only if there is no data */
	uint32_t timeout_ms;
	/* the host's answer, when it returns 0 */
	uint8_t status;    /* SAM's: 0 good, 2 check condition, 8 busy, ... */
	uint8_t sense_len; /* 0: none came */
	uint8_t sense[SCSI_SENSE_MAX];
	uint32_t
		residual; /* bytes of len that were not moved, 0..len; 0 where the host cannot tell */
};

struct scsi_host;
struct scsi_host_ops {
	/*
	 * Carry out a command. 0: the target answered, good or bad. E_NOENT: nobody is at this address;
	 * E_TIMEOUT, E_IO: no answer, and no DMA to data any more; E_NOMEM.
	 */
	int (*command)(struct scsi_host *host, struct scsi_request *req);
	/*
	 * The same for n of them, 2 to the host's at_once, at the same time; in what order they are done is open.
	 * Errors are those of any of them. NULL where at_once is below 2.
	 */
	int (*commands)(struct scsi_host *host, struct scsi_request *req, unsigned n);
	/*
	 * The i-th target's own address, to which REPORT LUNS goes (its LUN 0). False: there are no more.
	 * Tells possible targets; whether one is there its answer tells.
	 */
	bool (*target)(struct scsi_host *host, uint32_t i, uint64_t *unit);
	/*
	 * The unit address for an 8-byte entry in that target's REPORT LUNS (SAM-5 4.7; all zeros is LUN
	 * 0). E_RANGE: the host cannot address it.
	 */
	int (*unit)(struct scsi_host *host, uint32_t i, const uint8_t entry[8], uint64_t *unit);
	/* No DMA afterwards; frees the host. Cannot fail. */
	void (*stop)(struct scsi_host *host);
};

struct scsi_host {
	const struct scsi_host_ops *ops;
	uint32_t max_bytes; /* of one request, at least 4096 */
	/* Target 0 answers REPORT LUNS for everything on the host: if it does, the others are not asked. */
	bool lists_all;
	/* Where REPORT LUNS is not answered: LUNs 0 to try_luns - 1 are tried; at least 1. */
	uint32_t try_luns;
	unsigned at_once; /* requests that commands() takes, at most SCSI_AT_ONCE_MAX */
};

/*
 * The number of a single-level LUN in REPORT LUNS' forms 0 (bus 0 only) and 1, up to 16383; E_RANGE for
 * any other form. Hosts build their unit() on it.
 */
int scsi_lun_number(const uint8_t entry[8], uint32_t *lun) MUST_CHECK;
/*
 * Hosts that know 128 targets with 256 LUNs and nothing else: their unit addresses, which are two cells of a
 * reg, and what they have as target() and unit().
 */
static inline uint64_t scsi_pair(uint32_t target, uint32_t lun)
{
	return (uint64_t)target << 32 | lun;
}
bool scsi_pair_target(struct scsi_host *host, uint32_t i, uint64_t *unit);
int scsi_pair_unit(struct scsi_host *host, uint32_t i, const uint8_t entry[8],
		   uint64_t *unit) MUST_CHECK;
/* NULL is allowed. */
void scsi_host_stop(struct scsi_host *host);

#endif
