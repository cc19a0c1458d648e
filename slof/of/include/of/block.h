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
struct drive_source;
struct block_source {
	int (*start)(void *ctx, struct blkdev **bd); /* 0 or an E_ error, told nobody yet */
	void *ctx;
	const char *driver; /* "virtio-blk", for people */
	/* All drives of the same controller, which become children of the node. NULL: there is but one. */
	const struct drive_source *drives;
};

/*
 * Class "block" for a node: open, close, read, write, seek, load, read-blocks, write-blocks, block-size,
 * #blocks, max-transfer, ... with the disk-label and file systems behind the arguments (docs/boot-media.md).
 * The source is copied; its ctx must outlive the node.
 *
 * load of an instance without arguments looks for something to boot. If that is a CHRP boot script,
 * /chosen's bootpath and bootargs are set by it: whoever starts the program reads them afterwards.
 */
void of_bind_block(struct dt_node *node, const struct block_source *source);

/* The started device of a block node, or NULL; starts nothing. */
struct blkdev *of_block_started(struct dt_node *node);

/* A node is about to vanish, with the hardware behind it: stop its disk and those of the nodes below. */
void of_block_gone(struct dt_node *node);

/*
 * The word dir: each() gets every entry of the directory that a path or alias with arguments names,
 * "disk:1,\\boot"; no path behind the arguments means the root. It may return false to end it. *why: of a
 * failure, for people, until the next attempt at anything. E_INVAL: not a directory.
 */
struct of_dir_entry {
	const char *name; /* the caller's own until each() returns */
	uint64_t size;
	bool is_dir, is_link;
};
int of_block_dir(const char *path, bool (*each)(void *ctx, const struct of_dir_entry *e), void *ctx,
		 const char **why) MUST_CHECK;

#endif
