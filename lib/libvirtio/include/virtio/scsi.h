/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio-scsi (virtio 1.1, 5.6) as a SCSI host. */
#ifndef VIRTIO_SCSI_H
#define VIRTIO_SCSI_H

#include "dev/scsihost.h"
#include "pci/dev.h"

/*
 * Start the device; ended by the host's stop. pci is copied. 0 or what virtio_open() and virtio_queue() can
 * say. Unit addresses are the device's own 8-byte LUNs: 01, target, LUN (with 0x4000 from 256 on), zeros.
 */
int virtio_scsi_start(const struct pci_dev *pci, struct scsi_host **host) MUST_CHECK;

#endif
