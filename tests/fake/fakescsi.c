/* SPDX-License-Identifier: BSD-2-Clause */
/* SCSI targets on the host. */
#include "fakescsi.h"

#include <string.h>

#include "base/arith.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/panic.h"

struct fakescsi fakescsi;
unsigned fakescsi_stops;

void fakescsi_reset(void)
{
	for (unsigned i = 0; i < FAKESCSI_UNITS; i++)
		heap_free(fakescsi.unit[i].written);
	memset(&fakescsi, 0, sizeof(fakescsi));
	fakescsi_stops = 0;
}

struct fakescsi_unit *fakescsi_add(uint8_t target, uint16_t lun, uint8_t type, uint32_t block_size,
				   uint64_t blocks)
{
	for (unsigned i = 0; i < FAKESCSI_UNITS; i++) {
		struct fakescsi_unit *u = &fakescsi.unit[i];

		if (u->block_size)
			continue;
		*u = (struct fakescsi_unit){.target = target,
					    .lun = lun,
					    .type = type,
					    .block_size = block_size,
					    .blocks = blocks};
		return u;
	}
	panic("fakescsi: no room");
}

struct fakescsi_unit *fakescsi_find(uint8_t target, uint16_t lun)
{
	for (unsigned i = 0; i < FAKESCSI_UNITS; i++) {
		struct fakescsi_unit *u = &fakescsi.unit[i];

		if (u->block_size && u->target == target && u->lun == lun)
			return u;
	}
	return NULL;
}

bool fakescsi_has_target(uint8_t target)
{
	for (unsigned i = 0; i < FAKESCSI_UNITS; i++)
		if (fakescsi.unit[i].block_size && fakescsi.unit[i].target == target)
			return true;
	return false;
}

uint64_t fakescsi_pattern(const struct fakescsi_unit *u, uint64_t offset)
{
	return (offset + ((uint64_t)u->target << 56 | (uint64_t)u->lun << 40)) * 0x9e3779b97f4a7c15;
}

/* ---- answers ---------------------------------------------------------------------------- */

static void check(struct scsi_request *req, uint8_t key, uint8_t asc, uint8_t ascq)
{
	req->status = 2;
	req->sense_len = 18;
	memset(req->sense, 0, sizeof(req->sense));
	req->sense[0] = 0x70;
	req->sense[2] = key;
	req->sense[7] = 10;
	req->sense[12] = asc;
	req->sense[13] = ascq;
	req->residual = req->len;
}

static void answer(struct scsi_request *req, const void *data, size_t len)
{
	size_t n = len < req->len ? len : req->len;

	if (req->way != SCSI_FROM_DEVICE)
		panic("fakescsi: command %x without room for an answer", req->cdb[0]);
	memcpy(req->data, data, n);
	req->residual = (uint32_t)(req->len - n);
}

static void inquiry(const struct fakescsi_unit *u, struct scsi_request *req)
{
	uint8_t data[36] = {0};

	if (req->cdb[1] & 1) {
		if (!u || !u->limit || req->cdb[2] != 0xb0) {
			check(req, 5, 0x24, 0);
			return;
		}
		data[1] = 0xb0;
		data[3] = 0x3c;
		put_be32(data + 8, u->limit);
	} else {
		data[0] = u ? u->type : 0x7f;
		data[1] = u && u->type == 5 ? 0x80 : 0;
		data[4] = 31;
		memcpy(data + 8, "FAKE    SCSI DISK       1.0 ", 28);
	}
	answer(req, data, sizeof(data));
}

static void report_luns(uint8_t target, struct scsi_request *req)
{
	uint8_t list[8 + 8 * FAKESCSI_UNITS] = {0};
	uint32_t at = 8;

	for (unsigned i = 0; i < FAKESCSI_UNITS; i++) {
		const struct fakescsi_unit *u = &fakescsi.unit[i];

		if (!u->block_size || u->target != target)
			continue;
		put_be16(list + at, u->lun < 256 ? u->lun : (uint16_t)(0x4000 | u->lun));
		at += 8;
	}
	put_be32(list, at - 8);
	answer(req, list, at);
}

static void capacity(const struct fakescsi_unit *u, struct scsi_request *req)
{
	uint8_t data[32] = {0};
	uint64_t last = u->blocks - 1;

	if (req->cdb[0] == 0x25) {
		put_be32(data,
			 u->no_capacity_10 || last > UINT32_MAX ? UINT32_MAX : (uint32_t)last);
		put_be32(data + 4, u->block_size);
		answer(req, data, 8);
	} else {
		put_be64(data, last);
		put_be32(data + 8, u->block_size);
		answer(req, data, 32);
	}
}

static void move(struct fakescsi_unit *u, struct scsi_request *req, uint64_t block, uint32_t n)
{
	uint64_t len = (uint64_t)n * u->block_size;

	if (len != req->len)
		panic("fakescsi: %u blocks into %u bytes", n, req->len);
	if (block > u->blocks || n > u->blocks - block || (u->limit && n > u->limit)) {
		check(req, 5, 0x21, 0);
		return;
	}
	u->last_block = block;
	if (req->way == SCSI_TO_DEVICE) {
		u->writes++;
		u->written = u->written ? u->written : xalloc(u->block_size);
		u->written_at = block;
		memcpy(u->written, req->data, u->block_size);
		return;
	}
	u->reads++;
	for (uint64_t at = 0; at < len; at += 8)
		put_be64((uint8_t *)req->data + at,
			 fakescsi_pattern(u, block * u->block_size + at));
	if (u->written && u->written_at >= block && u->written_at - block < n)
		memcpy((uint8_t *)req->data + (u->written_at - block) * u->block_size, u->written,
		       u->block_size);
	req->residual = fakescsi.short_by;
}

static void transfer(struct fakescsi_unit *u, struct scsi_request *req)
{
	bool is_long = req->cdb[0] >= 0x80;
	uint64_t block = is_long ? get_be64(req->cdb + 2) : get_be32(req->cdb + 2);
	uint32_t n = is_long ? get_be32(req->cdb + 10) : get_be16(req->cdb + 7);

	if ((req->cdb[0] & 0x1f) == 0x0a && u->write_protected)
		check(req, 7, 0x27, 0);
	else
		move(u, req, block, n);
}

static void mode_sense(const struct fakescsi_unit *u, struct scsi_request *req)
{
	uint8_t data[4] = {3, 0, u->write_protected ? 0x80 : 0, 0};

	answer(req, data, sizeof(data));
}

/* Is the unit not in a state for this command? Then it said so. */
static bool put_off(struct fakescsi_unit *u, struct scsi_request *req)
{
	if (u->attentions) {
		u->attentions--;
		check(req, 6, 0x29, 0);
	} else if (u->busy) {
		u->busy--;
		req->status = 8;
	} else if (req->cdb[0] == 0x1b) {
		u->needs_start = false;
		return false;
	} else if (u->needs_start) {
		check(req, 2, 4, 2);
	} else if (u->not_ready) {
		u->not_ready--;
		check(req, 2, 4, 1);
	} else if (u->blocks == 0) {
		check(req, 2, 0x3a, 0);
	} else
		return false;
	return true;
}

static void on_unit(struct fakescsi_unit *u, struct scsi_request *req)
{
	if (put_off(u, req))
		return;
	switch (req->cdb[0]) {
	case 0x00:
	case 0x1b:
		return;
	case 0x1a:
		mode_sense(u, req);
		return;
	case 0x25:
	case 0x9e:
		capacity(u, req);
		return;
	case 0x28:
	case 0x2a:
	case 0x88:
	case 0x8a:
		transfer(u, req);
		return;
	case 0x35:
		u->flushes++;
		return;
	default:
		check(req, 5, 0x20, 0);
	}
}

int fakescsi_execute(uint8_t target, uint16_t lun, struct scsi_request *req)
{
	struct fakescsi_unit *u = fakescsi_find(target, lun);

	fakescsi.commands++;
	if (fakescsi.fail_at && fakescsi.commands >= fakescsi.fail_at) {
		if (!fakescsi.fail_err)
			check(req, fakescsi.fail_key, fakescsi.fail_asc, 0);
		return fakescsi.fail_err;
	}
	if (!fakescsi_has_target(target))
		return E_NOENT;
	if (u)
		u->last_opcode = req->cdb[0];
	if (req->cdb[0] == 0x12)
		inquiry(u, req);
	else if (req->cdb[0] == 0xa0 && !fakescsi.no_report_luns)
		report_luns(target, req);
	else if (!u || req->cdb[0] == 0xa0)
		check(req, 5, 0x25, 0);
	else
		on_unit(u, req);
	return 0;
}

/* ---- a host ----------------------------------------------------------------------------- */

uint64_t fakescsi_address(uint8_t target, uint16_t lun)
{
	return (0x01000000ull | (uint64_t)target << 16 | lun | (lun >= 256 ? 0x4000 : 0)) << 32;
}

static int host_command(struct scsi_host *host, struct scsi_request *req)
{
	(void)host;
	if (req->len > fakescsi_host.max_bytes || !!req->len != (req->way != SCSI_NO_DATA))
		panic("fakescsi: a request of %u bytes", req->len);
	if (req->unit >> 56 != 1)
		return E_NOENT;
	return fakescsi_execute((uint8_t)(req->unit >> 48), (uint16_t)(req->unit >> 32 & 0x3fff),
				req);
}

static bool host_target(struct scsi_host *host, uint32_t i, uint64_t *unit)
{
	(void)host;
	if (i > 255)
		return false;
	*unit = fakescsi_address((uint8_t)i, 0);
	return true;
}

static int host_unit(struct scsi_host *host, uint32_t i, const uint8_t entry[8], uint64_t *unit)
{
	uint32_t lun;
	int err = scsi_lun_number(entry, &lun);

	(void)host;
	if (!err)
		*unit = fakescsi_address((uint8_t)i, (uint16_t)lun);
	return err;
}

static void host_stop(struct scsi_host *host)
{
	(void)host;
	fakescsi_stops++;
}

/* The last first. */
static int host_commands(struct scsi_host *host, struct scsi_request *req, unsigned n)
{
	int err = 0;

	if (n < 2 || n > fakescsi_host.at_once)
		panic("fakescsi: %u requests at once", n);
	fakescsi.batches++;
	for (; n > 0 && !err; n--)
		err = host_command(host, &req[n - 1]);
	return err;
}

static const struct scsi_host_ops host_ops = {host_command, host_commands, host_target, host_unit,
					      host_stop};
struct scsi_host fakescsi_host = {.ops = &host_ops, .max_bytes = 1u << 20, .try_luns = 8};
