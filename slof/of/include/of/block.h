/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Disks as packages. The board binds a node to a source; the device is started at the first open and
 * stopped at quiesce. Nodes of SCSI hosts get children, one for each logical unit, when somebody
 * first looks for them.
 */
#ifndef OF_BLOCK_H
#define OF_BLOCK_H

#include "dev/blkdev.h"
#include "dt/node.h"

/* Something that can be started as a block device. */
struct block_source {
	int (*start)(void *ctx, struct blkdev **bd); /* 0 or an E_ error, told nobody yet */
	void *ctx;
	const char *driver; /* "virtio-blk", for people */
};

/*
 * Class "block" for a node: open, close, read, write, seek, load, read-blocks, write-blocks, block-size,
 * #blocks, max-transfer, ... with the disk-label and file systems behind the arguments. The source
 * is copied; its ctx must outlive the node.
 */
void of_bind_block(struct dt_node *node, const struct block_source *source);

/* The started device of a block node, or NULL; starts nothing. */
struct blkdev *of_block_started(struct dt_node *node);

#endif
