/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SCSI hosts as packages. Binding touches nothing. The host is started, and gets a child disk@<unit address>
 * for each disk and CD-ROM, when a path goes below its node for the first time, when a client asks for
 * vscsi-report-luns, or by of_populate_all(). It runs until quiesce.
 */
#ifndef OF_SCSI_H
#define OF_SCSI_H

#include "dev/scsihost.h"
#include "dt/node.h"

/* Something that can be started as a SCSI host. */
struct scsi_source {
	int (*start)(void *ctx, struct scsi_host **host); /* 0 or an E_ error, told nobody yet */
	void *ctx;
	const char *driver; /* "virtio-scsi", for people */
	bool no_alias;      /* the host itself gets none */
};

/*
 * Class "scsi" for a node; its device_type stays if it has one ("vscsi"). The source is copied; its ctx
 * must outlive the node, and the started host is stopped at quiesce. Disks get the alias "disk", CD-ROMs
 * "cdrom", hosts "scsi".
 */
void of_bind_scsi(struct dt_node *node, const struct scsi_source *source);
/*
 * The same for a host whose disks are channel@0/disk@<target>,<lun>, as QEMU's boot list has those of
 * controllers that are neither virtio-scsi nor vscsi. Its unit addresses are scsi_pair()s.
 */
void of_bind_scsi_channel(struct dt_node *node, const struct scsi_source *source);

/*
 * The node and what is below it go: hosts there are stopped, and are not started again. Their disks were
 * stopped before, by of_block_gone().
 */
void of_scsi_gone(struct dt_node *node);

/*
 * Make all children of all nodes that make them lazily, SCSI hosts and others, and with them their aliases:
 * for who wants to see every device (the list of what to boot, the prompt's devalias). Looks once; costs
 * nothing when called again. Not needed to open a path: opening looks by itself. A client that asks for the
 * node /aliases gets it done.
 */
void of_populate_all(void);

#endif
