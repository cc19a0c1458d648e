/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CD-ROM drives: a SCSI host of one unit, whose commands travel in PACKETs (ACS-3 7.18, SFF-8020). A
 * packet that fails leaves only the sense key in the task file; the rest is asked for.
 */
#define LOG_TAG "ahci"
#include "ahci-priv.h"

#include <string.h>

#include "base/err.h"
#include "base/heap.h"
#include "scsi/scsi.h"

#define USE_DMA       1u /* in the features register of PACKET */
#define CMD_SENSE     0x03
#define SENSE_LEN     18u
#define SENSE_MS      5000u
#define STATUS_CHECK  2u
#define BYTES_AT_ONCE (1u << 20)

struct atapi {
	struct scsi_host host;
	struct blkdev
		blk; /* what users get: the disk of libscsi, and the end of the port with it */
	struct blkdev *disk;
	struct ahci *a;
	unsigned port;
};

static struct atapi *atapi_of(struct scsi_host *host)
{
	return (struct atapi *)((char *)host - offsetof(struct atapi, host));
}

/* ---- the host ----------------------------------------------------------------------------- */

static int send_packet(struct atapi *t, const uint8_t cdb[16], struct ahci_cmd *cmd)
{
	cmd->opcode = ATA_PACKET;
	cmd->features = cmd->len ? USE_DMA : 0;
	cmd->packet = cdb;
	return port_run(t->a, &t->a->port[t->port], cmd);
}

/* Why the last packet failed. Without an answer the sense key from the task file has to do. */
static void ask_sense(struct atapi *t, struct scsi_request *req, uint8_t key)
{
	uint8_t cdb[16] = {CMD_SENSE, 0, 0, 0, SENSE_LEN};
	struct ahci_cmd cmd = {.data = req->sense, .len = SENSE_LEN, .timeout_ms = SENSE_MS};

	memset(req->sense, 0, sizeof(req->sense));
	req->sense_len = SENSE_LEN;
	if (send_packet(t, cdb, &cmd) == 0 && cmd.done >= 14)
		return;
	memset(req->sense, 0, sizeof(req->sense));
	req->sense[0] = 0x70;
	req->sense[2] = key;
	req->sense[7] = SENSE_LEN - 8;
}

/* Lengths are even on the wire; an odd one goes through a buffer of ours. */
static int command(struct scsi_host *host, struct scsi_request *req)
{
	struct atapi *t = atapi_of(host);
	bool odd = req->len & 1;
	struct ahci_cmd cmd = {.is_write = req->way == SCSI_TO_DEVICE,
			       .data = req->data,
			       .len = req->len,
			       .timeout_ms = req->timeout_ms};
	int err;

	if (req->unit != 0)
		return E_NOENT;
	if (odd && cmd.is_write)
		return E_UNSUPP;
	if (odd) {
		cmd.data = try_alloc(++cmd.len);
		if (!cmd.data)
			return E_NOMEM;
	}
	err = send_packet(t, req->cdb, &cmd);
	if (odd) {
		memcpy(req->data, cmd.data, req->len);
		heap_free(cmd.data);
	}
	req->status = 0;
	req->sense_len = 0;
	req->residual = cmd.done < req->len ? req->len - cmd.done : 0;
	if (err != E_IO || t->a->dead)
		return err;
	req->status = STATUS_CHECK;
	ask_sense(t, req, cmd.error >> 4);
	return 0;
}

static bool target(struct scsi_host *host UNUSED, uint32_t i, uint64_t *unit)
{
	*unit = 0;
	return i == 0;
}

static int unit(struct scsi_host *host UNUSED, uint32_t i, const uint8_t entry[8], uint64_t *out)
{
	uint32_t lun;
	int err = scsi_lun_number(entry, &lun);

	if (err || i || lun)
		return E_RANGE;
	*out = 0;
	return 0;
}

/* The port is the block device's to stop. */
static void host_stop(struct scsi_host *host UNUSED)
{
}

static const struct scsi_host_ops host_ops = {
	.command = command, .target = target, .unit = unit, .stop = host_stop};

/* ---- the block device --------------------------------------------------------------------- */

static struct atapi *atapi_of_block(struct blkdev *bd)
{
	return (struct atapi *)((char *)bd - offsetof(struct atapi, blk));
}

static int cd_read(struct blkdev *bd, uint64_t block, uint32_t n, void *buf)
{
	struct blkdev *disk = atapi_of_block(bd)->disk;

	return disk->ops->read(disk, block, n, buf);
}

static void cd_stop(struct blkdev *bd)
{
	struct atapi *t = atapi_of_block(bd);

	blkdev_stop(t->disk);
	ahci_put(t->a, t->port);
	heap_free(t);
}

static const struct blkdev_ops cd_ops = {.read = cd_read, .stop = cd_stop};

int atapi_open(struct ahci *a, unsigned port, struct blkdev **bd)
{
	struct atapi *t = try_alloc(sizeof(*t));
	int err;

	if (!t)
		return E_NOMEM;
	t->a = a;
	t->port = port;
	t->host = (struct scsi_host){.ops = &host_ops, .max_bytes = BYTES_AT_ONCE, .try_luns = 1};
	err = scsi_disk_start(&t->host, 0, &t->disk);
	if (err) {
		heap_free(t);
		return err;
	}
	t->blk = *t->disk;
	t->blk.ops = &cd_ops;
	*bd = &t->blk;
	return 0;
}
