/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hostile targets: the input decides every status, sense and byte a host brings back. Scanning must end
 * and report only what it can address; a disk must start as something blkdev_check() takes, and no request
 * may leave its buffer (AddressSanitizer sees to that).
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/heap.h"
#include "scsi/scsi.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *in;
static size_t left;

static uint8_t next(void)
{
	if (left == 0)
		return 0;
	left--;
	return *in++;
}

static int command(struct scsi_host *host, struct scsi_request *req)
{
	uint8_t how = next();

	(void)host;
	if ((how & 0xf0) == 0xf0)
		return how & 1 ? E_IO : how & 2 ? E_TIMEOUT : E_NOENT;
	if (how & 1) {
		req->status = next();
		req->sense_len = next();
		for (unsigned i = 0; i < SCSI_SENSE_MAX && i < req->sense_len; i++)
			req->sense[i] = next();
	}
	if (how & 2)
		req->residual = req->len ? next() * 257u % (req->len + 1) : 0;
	if (req->way == SCSI_FROM_DEVICE) {
		uint32_t n = how & 4 ? next() : 36;

		memset(req->data, 0, req->len);
		for (uint32_t i = 0; i < n && i < req->len; i++)
			((uint8_t *)req->data)[i] = next();
	}
	return 0;
}

static int commands(struct scsi_host *host, struct scsi_request *req, unsigned n)
{
	int err = 0;

	if (n < 2 || n > host->at_once)
		abort();
	for (unsigned i = 0; i < n && !err; i++)
		err = command(host, &req[i]);
	return err;
}

static bool target(struct scsi_host *host, uint32_t i, uint64_t *unit)
{
	(void)host;
	*unit = i;
	return i < 4;
}

static int unit_of(struct scsi_host *host, uint32_t i, const uint8_t entry[8], uint64_t *unit)
{
	uint32_t lun;
	int err = scsi_lun_number(entry, &lun);

	(void)host;
	if (!err && lun > 16383)
		abort();
	if (!err)
		*unit = (uint64_t)i << 16 | lun;
	return err;
}

static void found(void *ctx, uint64_t unit, const struct scsi_identity *who)
{
	(void)ctx;
	if (unit >> 16 > 3 || strlen(who->about) >= sizeof(who->about))
		abort();
}

static void use_disk(struct scsi_host *host)
{
	struct blkdev *bd;
	uint8_t *buf;
	uint32_t n;

	if (scsi_disk_start(host, 0, &bd))
		return;
	if (blkdev_check(bd))
		abort();
	n = bd->max_blocks < 8 ? bd->max_blocks : 8;
	buf = malloc((size_t)n * bd->block_size);
	if (buf && bd->blocks >= n) {
		(void)!blkdev_read(bd, bd->blocks - n, n, buf);
		(void)!blkdev_write(bd, 0, n, buf);
		(void)!blkdev_flush(bd);
	}
	free(buf);
	blkdev_stop(bd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct scsi_host_ops ops = {command, commands, target, unit_of, NULL};
	struct scsi_host host = {.ops = &ops, .max_bytes = 65536, .try_luns = 4};
	uint8_t kind;

	in = data;
	left = size;
	kind = next();
	host.lists_all = kind & 1;
	host.at_once = kind >> 1 & 7; /* more than anybody may use */
	if (kind & 0x10)
		host.max_bytes = 4096;
	scsi_scan(&host, found, NULL);
	use_disk(&host);
	if (heap_stats().used)
		abort();
	return 0;
}
