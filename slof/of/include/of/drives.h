/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Controllers with numbered drives: ports of SATA, namespaces of NVMe. The drives become child nodes, block
 * devices each, when somebody first looks.
 */
#ifndef OF_DRIVES_H
#define OF_DRIVES_H

#include "dev/blkdev.h"
#include "dt/node.h"

struct drive {
	uint32_t number; /* its unit address, in hex */
	bool is_cdrom;
};

struct drive_source {
	/* The first drive numbered from or higher. E_NOENT: no more; or why the controller does not work. */
	int (*next)(void *ctx, uint32_t from, struct drive *out);
	int (*start)(void *ctx, uint32_t number, struct blkdev **bd);
	void *ctx;
	const char *driver; /* "ahci", for people */
	const char *name;   /* of the child nodes: "drive" */
	/* The first drive is the controller's node itself as well: no alias for its child. */
	bool first_is_self;
};

/* A controller's node, which is no drive itself. The source is copied; its ctx must outlive the node. */
void of_bind_drives(struct dt_node *node, const struct drive_source *source);

/*
 * The children of a controller's node; true if there are any. To be called once. source must outlive the
 * node.
 */
bool of_add_drives(struct dt_node *node, const struct drive_source *source);

#endif
