/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MegaRAID SAS controllers with the MFI interface: SAS 1078 and its second generation. Logical drives are
 * disks; physical ones too where the controller has none, or at other LUNs.
 */
#ifndef MEGASAS_MEGASAS_H
#define MEGASAS_MEGASAS_H

#include "dev/scsihost.h"
#include "pci/dev.h"

/*
 * Reset the controller, start it, ask for its logical drives. Unit addresses are scsi_pair()s. dev must
 * outlive the host. E_UNSUPP (no DMA), E_TIMEOUT, E_IO, E_NOMEM: it is off again.
 */
int megasas_start(const struct pci_dev *dev, struct scsi_host **host) MUST_CHECK;

#endif
