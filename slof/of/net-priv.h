/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the network class share. */
#ifndef OF_NET_PRIV_H
#define OF_NET_PRIV_H

#include "of/instance.h"
#include "of/net.h"

/* One bound node. */
struct nic {
	struct nic *next; /* all there are, in the order they were bound */
	struct net_source source;
	struct dt_node *node; /* NULL: gone */
	char *name;           /* the path of its node */
	struct netdev *nd;    /* NULL: not started, or stopped */
	unsigned open;        /* instances, and we ourselves */
	bool on_quiesce;      /* registered */
	bool looked;          /* for its address */
	bool taken;           /* our own protocols use it */
	char last[200];       /* the last configuration, for people */
};

/* One more user: starts the device for the first. E_PERM after quiesce, or the driver's error. Told. */
int nic_open(struct nic *nic) MUST_CHECK;
void nic_close(struct nic *nic);
/* The nic of a node, NULL: it is none. */
struct nic *nic_of(const struct dt_node *node);

/*
 * The load method: by the arguments behind the device's ':', to addr. Told, with its E30xx code. *size: what was
 * written, never more than of_load_room() says.
 */
int nic_load(struct nic *nic, const char *args, uint64_t addr, uint64_t *size) MUST_CHECK;

#endif
