/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio-rng (virtio 1.1, 5.4): random bytes from the host. */
#ifndef VIRTIO_RNG_H
#define VIRTIO_RNG_H

#include "pci/dev.h"

/*
 * Start the device, fill buf with len bytes, 1..4096, and end it again. E_TIMEOUT when it has not given all
 * in timeout_ms (buf is then undefined); or what virtio_open() and virtio_queue() can say.
 */
int virtio_rng_fill(const struct pci_dev *pci, void *buf, size_t len,
		    uint32_t timeout_ms) MUST_CHECK;

#endif
