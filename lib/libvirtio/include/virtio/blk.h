/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio-blk (virtio 1.1, 5.2) as a block device. */
#ifndef VIRTIO_BLK_H
#define VIRTIO_BLK_H

#include "dev/blkdev.h"
#include "pci/dev.h"

/* Start the device; ended by the blkdev's stop. pci is copied. 0 or what virtio_open() and
 * virtio_queue() can say; E_FORMAT: sizes no disk can have. */
int virtio_blk_start(const struct pci_dev *pci, struct blkdev **bd) MUST_CHECK;

#endif
