/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A logical unit as a block device (SBC-3, MMC-6). Starting asks who it is, waits until it is ready, and
 * asks for its size; a unit without medium starts as a device of no blocks. Data goes straight to and from
 * the caller's buffer, by as many commands at a time as the host takes.
 */
#define LOG_TAG "scsi"
#include "scsi-priv.h"

#include "base/arith.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"

#include <string.h>

struct scsi_disk {
	struct blkdev blk;
	uint32_t step; /* blocks of one command, which max_blocks is some times */
	struct scsi_host *host;
	uint64_t unit;
};

static struct scsi_disk *disk_of(struct blkdev *bd)
{
	return container_of(bd, struct scsi_disk, blk);
}

/* ---- who is it -------------------------------------------------------------------------- */

#define INQUIRY_BYTES 36u

/* Append len bytes of a text field without the blanks around it; what is not ASCII becomes '?'. */
static size_t add_field(char *to, size_t at, const uint8_t *field, size_t len)
{
	while (len > 0 && (field[len - 1] == ' ' || field[len - 1] == 0))
		len--;
	if (len > 0 && at > 0)
		to[at++] = ' ';
	for (size_t i = 0; i < len; i++)
		to[at++] = field[i] >= 0x20 && field[i] < 0x7f ? (char)field[i] : '?';
	to[at] = 0;
	return at;
}

int scsi_inquire(struct scsi_host *host, uint64_t unit, struct scsi_identity *who)
{
	uint8_t data[INQUIRY_BYTES] = {0};
	struct scsi_request req = scsi_request_in(unit, CMD_INQUIRY, data, sizeof(data));
	size_t at = 0;
	int err;

	req.cdb[4] = INQUIRY_BYTES;
	err = scsi_execute(host, &req);
	if (err)
		return err;
	if (scsi_moved(&req) < 5)
		return E_FORMAT;
	if (data[0] >> 5 || (data[0] & 0x1f) == SCSI_TYPE_NONE)
		return E_NOENT; /* the qualifier: such a unit could be there, but is not */
	*who = (struct scsi_identity){.type = data[0] & 0x1f, .removable = data[1] & 0x80};
	at = add_field(who->about, at, data + 8, 8); /* 8 + 1 + 16 + 1 + 4 = 30 */
	at = add_field(who->about, at, data + 16, 16);
	add_field(who->about, at, data + 32, 4);
	return 0;
}

bool scsi_is_disk(const struct scsi_identity *who)
{
	return who->type == SCSI_TYPE_DISK || who->type == SCSI_TYPE_CDROM ||
	       who->type == SCSI_TYPE_OPTICAL || who->type == SCSI_TYPE_RBC;
}

/* ---- is it ready, how large is it ------------------------------------------------------- */

static int test_ready(struct scsi_disk *d, struct scsi_sense *sense)
{
	struct scsi_request req = scsi_request_new(d->unit, CMD_TEST_UNIT_READY);
	int err;

	req.timeout_ms = MEDIUM_MS;
	err = scsi_execute(d->host, &req);
	*sense = scsi_sense_of(&req);
	return err;
}

static int spin_up(struct scsi_disk *d)
{
	struct scsi_request req = scsi_request_new(d->unit, CMD_START_STOP);

	req.timeout_ms = MEDIUM_MS;
	req.cdb[4] = 1;
	return scsi_execute(d->host, &req);
}

static int wait_ready(struct scsi_disk *d)
{
	struct scsi_sense s = {0, 0, 0};
	int err = test_ready(d, &s);

	/* 2: an initializing command is required */
	if (err == E_IO && s.key == SENSE_NOT_READY && s.asc == ASC_NOT_READY && s.ascq == 2) {
		err = spin_up(d);
		err = err ? err : test_ready(d, &s);
	}
	return err;
}

static int read_capacity_16(struct scsi_disk *d, uint64_t *last, uint32_t *size)
{
	uint8_t data[32] = {0};
	struct scsi_request req = scsi_request_in(d->unit, CMD_SERVICE_IN_16, data, sizeof(data));
	int err;

	req.cdb[1] = 0x10;
	put_be32(req.cdb + 10, sizeof(data));
	err = scsi_execute(d->host, &req);
	if (err)
		return err;
	if (scsi_moved(&req) < 12)
		return E_FORMAT;
	*last = get_be64(data);
	*size = get_be32(data + 8);
	return 0;
}

static int read_capacity(struct scsi_disk *d, uint64_t *last, uint32_t *size)
{
	uint8_t data[8] = {0};
	struct scsi_request req =
		scsi_request_in(d->unit, CMD_READ_CAPACITY_10, data, sizeof(data));
	int err = scsi_execute(d->host, &req);

	if (err)
		return err;
	if (scsi_moved(&req) < sizeof(data))
		return E_FORMAT;
	*last = get_be32(data);
	*size = get_be32(data + 4);
	return *last == UINT32_MAX ? read_capacity_16(d, last, size) : 0;
}

static int set_size(struct scsi_disk *d)
{
	uint64_t last = 0;
	uint32_t size = 0;
	int err = read_capacity(d, &last, &size);

	if (err)
		return err;
	if (size == 0 && d->blk.is_cdrom)
		size = 2048; /* MMC-6 6.26: drives may leave it out */
	if (!is_pow2(size) || size < 512 || size > 65536 || last >= (uint64_t)INT64_MAX / size) {
		log_warn("unit %llx: %llx blocks of %u bytes", (unsigned long long)d->unit,
			 (unsigned long long)last + 1, size);
		return E_FORMAT;
	}
	d->blk.block_size = size;
	d->blk.blocks = last + 1;
	return 0;
}

/* ---- what does it take ------------------------------------------------------------------ */

/* The most blocks of one command, from the page "block limits"; 0: not told. */
static uint32_t told_limit(struct scsi_disk *d)
{
	uint8_t data[16] = {0};
	struct scsi_request req = scsi_request_in(d->unit, CMD_INQUIRY, data, sizeof(data));

	req.cdb[1] = 1;
	req.cdb[2] = 0xb0;
	req.cdb[4] = sizeof(data);
	if (d->blk.is_cdrom || scsi_execute(d->host, &req))
		return 0;
	return data[1] == 0xb0 && scsi_moved(&req) >= 12 ? get_be32(data + 8) : 0;
}

static unsigned pieces_of(const struct scsi_host *host)
{
	return host->at_once > SCSI_AT_ONCE_MAX ? SCSI_AT_ONCE_MAX
	       : host->at_once < 1              ? 1
						: host->at_once;
}

static void set_limit(struct scsi_disk *d)
{
	uint32_t most = d->host->max_bytes / d->blk.block_size, told = told_limit(d);

	if (most > UINT16_MAX)
		most = UINT16_MAX;
	if (told && told < most)
		most = told;
	d->step = most ? most : 1;
	d->blk.max_blocks = d->step * pieces_of(d->host);
}

/* The mode page header's write-protect bit; who does not answer is taken for writable. */
static bool is_protected(struct scsi_disk *d)
{
	uint8_t data[4] = {0};
	struct scsi_request req = scsi_request_in(d->unit, CMD_MODE_SENSE_6, data, sizeof(data));

	req.cdb[1] = 8; /* no block descriptors */
	req.cdb[2] = 0x3f;
	req.cdb[4] = sizeof(data);
	return !scsi_execute(d->host, &req) && scsi_moved(&req) >= 3 && (data[2] & 0x80);
}

/* ---- blocks ----------------------------------------------------------------------------- */

static struct scsi_request piece(const struct scsi_disk *d, enum scsi_way way, uint64_t block,
				 uint32_t n, uint8_t *buf)
{
	struct scsi_request req = {.unit = d->unit,
				   .way = way,
				   .data = buf,
				   .len = n * d->blk.block_size,
				   .timeout_ms = MEDIUM_MS};

	scsi_cdb_transfer(&req, block, n);
	return req;
}

static int transfer(struct scsi_disk *d, enum scsi_way way, uint64_t block, uint32_t n,
		    uint8_t *buf)
{
	struct scsi_request req[SCSI_AT_ONCE_MAX];
	unsigned count = 0;
	int err;

	while (n > 0) {
		uint32_t some = n < d->step ? n : d->step;

		req[count++] = piece(d, way, block, some, buf);
		block += some;
		buf += (size_t)some * d->blk.block_size;
		n -= some;
	}
	err = scsi_execute_all(d->host, req, count);
	for (unsigned i = 0; i < count && !err; i++)
		err = req[i].residual ? E_IO : 0;
	return err;
}

static int disk_read(struct blkdev *bd, uint64_t block, uint32_t n, void *buf)
{
	return transfer(disk_of(bd), SCSI_FROM_DEVICE, block, n, buf);
}

/* The contract of a request: memory that goes to the device is not written to. */
static int disk_write(struct blkdev *bd, uint64_t block, uint32_t n, const void *buf)
{
	return transfer(disk_of(bd), SCSI_TO_DEVICE, block, n, (void *)(uintptr_t)buf);
}

static int disk_flush(struct blkdev *bd)
{
	struct scsi_disk *d = disk_of(bd);
	struct scsi_request req = scsi_request_new(d->unit, CMD_SYNC_CACHE_10);
	int err;

	req.timeout_ms = MEDIUM_MS;
	err = scsi_execute(d->host, &req);
	return err == E_UNSUPP ? 0 : err; /* no cache, no command */
}

static void disk_stop(struct blkdev *bd)
{
	heap_free(disk_of(bd));
}

static const struct blkdev_ops writable_ops = {disk_read, disk_write, disk_flush, disk_stop};
static const struct blkdev_ops read_only_ops = {disk_read, NULL, NULL, disk_stop};

/* ---- starting --------------------------------------------------------------------------- */

static void set_no_medium(struct scsi_disk *d)
{
	d->blk.block_size = d->blk.is_cdrom ? 2048 : 512;
	d->blk.blocks = 0;
	d->blk.max_blocks = d->step = 1;
}

static int prepare(struct scsi_disk *d)
{
	struct scsi_identity who;
	int err = scsi_inquire(d->host, d->unit, &who);

	if (err)
		return err;
	if (!scsi_is_disk(&who))
		return E_UNSUPP;
	memcpy(d->blk.about, who.about, sizeof(who.about));
	d->blk.is_cdrom = who.type == SCSI_TYPE_CDROM;
	d->blk.ops = &read_only_ops;
	err = wait_ready(d);
	if (!err)
		err = set_size(d);
	if (err == E_NOENT) {
		set_no_medium(d);
		return 0;
	}
	if (err)
		return err;
	set_limit(d);
	if (!d->blk.is_cdrom && !is_protected(d))
		d->blk.ops = &writable_ops;
	return 0;
}

int scsi_disk_start(struct scsi_host *host, uint64_t unit, struct blkdev **bd)
{
	struct scsi_disk *d = try_alloc(sizeof(*d));
	int err;

	if (!d)
		return E_NOMEM;
	d->host = host;
	d->unit = unit;
	err = prepare(d);
	if (err) {
		heap_free(d);
		return err;
	}
	*bd = &d->blk;
	return 0;
}
