/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Logical units behind a SCSI host: who is there (INQUIRY, REPORT LUNS), and disks and CD-ROMs as block
 * devices. What a target says is copied and checked before it is believed.
 */
#ifndef SCSI_SCSI_H
#define SCSI_SCSI_H

#include "dev/blkdev.h"
#include "dev/scsihost.h"

#define SCSI_TYPE_DISK    0x00u
#define SCSI_TYPE_CDROM   0x05u
#define SCSI_TYPE_OPTICAL 0x07u
#define SCSI_TYPE_RBC     0x0eu
#define SCSI_TYPE_NONE    0x1fu

struct scsi_identity {
	uint8_t type; /* peripheral device type */
	bool removable;
	char about[32]; /* "QEMU QEMU HARDDISK 2.5+"; printable ASCII */
};

/*
 * Carry out a command until it is done: unit attentions, busy targets and aborted commands are tried
 * again, units that are getting ready waited for, a few times and at most req->timeout_ms altogether. 0:
 * status good. E_NOENT: nobody there, or no medium; E_TIMEOUT; E_UNSUPP: the unit does not know the command;
 * E_PERM: write protected, or reserved by somebody; E_IO: all else. req->sense says more.
 */
int scsi_execute(struct scsi_host *host, struct scsi_request *req) MUST_CHECK;

/* Who is at a unit address. E_NOENT: nobody, or somebody who says there is no unit. */
int scsi_inquire(struct scsi_host *host, uint64_t unit, struct scsi_identity *who) MUST_CHECK;
/* Can scsi_disk_start() make a block device of it? */
bool scsi_is_disk(const struct scsi_identity *who);

/*
 * A disk or CD-ROM as a block device; blocks is 0 if there is no medium. Stopping it leaves the host
 * alone, which must outlive it. E_UNSUPP for other types; E_FORMAT for a size that makes no sense; or
 * scsi_execute()'s.
 */
int scsi_disk_start(struct scsi_host *host, uint64_t unit, struct blkdev **bd) MUST_CHECK;

/*
 * Find all units of a host, each once, in the order of targets and of their LUNs. found()
 * is called for each one that answers INQUIRY. Returns how many were found.
 */
unsigned scsi_scan(struct scsi_host *host,
		   void (*found)(void *ctx, uint64_t unit, const struct scsi_identity *who),
		   void *ctx);

#endif
