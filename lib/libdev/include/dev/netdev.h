/* SPDX-License-Identifier: BSD-2-Clause */
/* A started network device: Ethernet frames in and out. Made by a driver's start, ended by stop. */
#ifndef DEV_NETDEV_H
#define DEV_NETDEV_H

#include "base/compiler.h"

#define NETDEV_MTU       1500u
#define NETDEV_FRAME_MAX 9018u /* header 14, payload at most 9000, a VLAN tag; no checksum */

struct netdev;
struct netdev_ops {
	/* Queue a frame of 14..max_frame bytes; it is copied. E_BUSY: no room now, try again. E_IO. */
	int (*send)(struct netdev *nd, const void *frame, size_t len);
	/* The next frame received, at most room bytes (longer ones are dropped); 0: none waits. Never blocks. */
	size_t (*receive)(struct netdev *nd, void *frame, size_t room);
	/* Is there a carrier? true if the device cannot tell. */
	bool (*link_up)(struct netdev *nd);
	/* No DMA afterwards; frees nd and all that belongs to it. Cannot fail. */
	void (*stop)(struct netdev *nd);
};

struct netdev {
	const struct netdev_ops *ops;
	uint8_t mac[6];
	uint16_t max_frame; /* bytes, header included */
	char about[48];     /* for people: "virtio-net"; printable ASCII */
};

#endif
