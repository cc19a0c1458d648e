/* SPDX-License-Identifier: BSD-2-Clause */
/* Fusion MPT controllers (MPI 1.5): SAS 1068. */
#ifndef MPT_MPT_H
#define MPT_MPT_H

#include "dev/scsihost.h"
#include "pci/dev.h"

/*
 * Reset the controller, start it and its port. Unit addresses are scsi_pair()s. dev must outlive the host.
 * E_UNSUPP (no DMA), E_TIMEOUT, E_IO, E_NOMEM: it is off again.
 */
int mpt_start(const struct pci_dev *dev, struct scsi_host **host) MUST_CHECK;

#endif
