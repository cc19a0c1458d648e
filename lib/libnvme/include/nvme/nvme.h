/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * NVMe controllers (NVM Express Base 1.4) and their namespaces as block devices. A controller starts
 * when its first namespace is wanted and stops with the last one; until then nothing is touched.
 */
#ifndef NVME_NVME_H
#define NVME_NVME_H

#include "dev/blkdev.h"
#include "pci/dev.h"

struct nvme;

/* A controller that may be running or not. dev must outlive it. E_NOMEM. */
int nvme_new(const struct pci_dev *dev, struct nvme **out) MUST_CHECK;
/* Stops it if it runs; its block devices are gone before. NULL is allowed. */
void nvme_free(struct nvme *c);

/*
 * The next active namespace above nsid (0: the first), or E_NOENT. Starts the controller if need be,
 * and leaves it running only if it was. E_IO, E_TIMEOUT, E_UNSUPP (a controller without the NVM command set
 * or DMA), E_NOMEM.
 */
int nvme_next_namespace(struct nvme *c, uint32_t nsid, uint32_t *next) MUST_CHECK;

/*
 * A namespace as block device; nsid 0: the first active one. Errors as above; E_NOENT: there is no such
 * namespace; E_UNSUPP: blocks with metadata, or of a size outside 512..65536.
 */
int nvme_open(struct nvme *c, uint32_t nsid, struct blkdev **bd) MUST_CHECK;

#endif
