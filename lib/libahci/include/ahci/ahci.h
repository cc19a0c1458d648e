/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SATA controllers (AHCI 1.3.1): disks as block devices, CD-ROM drives as SCSI targets behind the
 * PACKET command. A controller starts when its first port is wanted and stops with the last one.
 */
#ifndef AHCI_AHCI_H
#define AHCI_AHCI_H

#include "dev/blkdev.h"
#include "pci/dev.h"

struct ahci;

/* A controller that may be running or not. dev must outlive it. E_NOMEM. */
int ahci_new(const struct pci_dev *dev, struct ahci **out) MUST_CHECK;
/* Stops it if it runs; its block devices are gone before. NULL is allowed. */
void ahci_free(struct ahci *a);

/*
 * The first port from port on with a drive, or E_NOENT. Starts the controller if need be, and leaves it
 * running only if it was. E_IO, E_TIMEOUT, E_UNSUPP (no DMA), E_NOMEM.
 */
int ahci_next_drive(struct ahci *a, unsigned port, unsigned *next, bool *is_cdrom) MUST_CHECK;

/* The drive at a port, 0..31, as block device. Errors as above; E_UNSUPP: neither disk nor CD-ROM. */
int ahci_open(struct ahci *a, unsigned port, struct blkdev **bd) MUST_CHECK;

#endif
