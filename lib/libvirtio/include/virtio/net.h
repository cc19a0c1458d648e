/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio-net (virtio 1.1, 5.1) as a network device. */
#ifndef VIRTIO_NET_H
#define VIRTIO_NET_H

#include "dev/netdev.h"
#include "pci/dev.h"

/* Start the device; ended by the netdev's stop. pci is copied. 0 or what virtio_open() and
 * virtio_queue() can say; E_FORMAT: a MAC address nobody can have. */
int virtio_net_start(const struct pci_dev *pci, struct netdev **nd) MUST_CHECK;

#endif
