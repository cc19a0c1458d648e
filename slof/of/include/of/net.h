/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Network interfaces as packages. The board binds a node to a source; the device is started at the first
 * open and stopped with the last close and at quiesce.
 */
#ifndef OF_NET_H
#define OF_NET_H

#include "dev/netdev.h"
#include "dt/node.h"

struct net_source {
	int (*start)(void *ctx, struct netdev **nd); /* 0 or an E_ error, told nobody yet */
	void *ctx;
	const char *driver; /* "virtio-net", for people */
};

/*
 * Class "network" for a node: open, close, read, write (raw frames), load (obp-tftp with the arguments), and its
 * properties (max-frame-size, address-bits, mac-address once known). The source is copied; its ctx must outlive
 * the node.
 */
void of_bind_net(struct dt_node *node, const struct net_source *source);

#endif
