/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's virtual SCSI host. */
#include "fakevscsi.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/panic.h"
#include "fakehv.h"

#define IU    256u
#define PIECE 131072u /* of data, at a time */

struct fakevscsi fakevscsi;

/* All units in reverse order of creation; LUN 0 of id 0 always comes first (QEMU's vscsi_report_luns). */
static void list_all(struct scsi_request *req)
{
	uint8_t list[16 + 8 * FAKESCSI_UNITS] = {0};
	bool has_first = fakescsi_find(0, 0);
	uint32_t at = has_first ? 8 : 16;

	for (unsigned i = FAKESCSI_UNITS; i-- > 0;) {
		const struct fakescsi_unit *u = &fakescsi.unit[i];

		if (!u->block_size)
			continue;
		list[at] = u->target == 0 && u->lun < 32 ? 0 : 0x80;
		list[at] |= u->target;
		list[at + 1] = (uint8_t)u->lun;
		at += 8;
	}
	put_be32(list, at - 8);
	memcpy(req->data, list, req->len < at ? req->len : at);
}

static void nobody(struct scsi_request *req)
{
	if (req->cdb[0] == 0x12) {
		memset(req->data, 0, req->len);
		((uint8_t *)req->data)[0] = 0x7f;
		return;
	}
	req->status = 2;
	req->sense_len = 18;
	req->sense[0] = 0x70;
	req->sense[2] = 5;
	req->sense[12] = 0x24;
}

static void execute(struct scsi_request *req)
{
	unsigned code = (unsigned)(req->unit >> 48);

	if (req->unit == 0 && req->cdb[0] == 0xa0 && !fakevscsi.no_list)
		list_all(req);
	else if (req->unit != 0 && (req->unit << 16 || code >> 14 != 2))
		nobody(req);
	else if (!fakescsi_find(code >> 8 & 63, code & 0xff) ||
		 fakescsi_execute(code >> 8 & 63, code & 0xff, req))
		nobody(req);
}

/* A command's data on its way: how much of which descriptor is done. 16 bits, as in QEMU. */
struct position {
	uint64_t table;
	uint32_t table_len;
	uint16_t desc, offset;
};

static void read_request(const uint8_t *iu, struct scsi_request *req, struct position *p)
{
	unsigned formats = iu[5];

	*req = (struct scsi_request){.unit = get_be64(iu + 20), .cdb_len = 16};
	memcpy(req->cdb, iu + 32, 16);
	if (!formats)
		return;
	if (formats != 2 && formats != 0x20)
		panic("fakevscsi: buffer format %x", formats);
	if (iu[6] || iu[7])
		panic("fakevscsi: %u and %u descriptors", iu[6], iu[7]);
	req->way = formats == 2 ? SCSI_FROM_DEVICE : SCSI_TO_DEVICE;
	*p = (struct position){get_be64(iu + 48), get_be32(iu + 60), 0, 0};
	req->len = get_be32(iu + 64);
	req->data = xalloc(req->len);
}

/* One run of bytes within a descriptor. */
static uint32_t move_some(struct position *p, enum scsi_way way, uint8_t *data, uint32_t len)
{
	uint8_t d[16];
	uint32_t left;

	if (p->desc >= p->table_len / 16)
		panic("fakevscsi: descriptor %u of %u bytes", p->desc, p->table_len);
	fakehv_vio_read(p->table + 16u * p->desc, d, sizeof(d));
	left = get_be32(d + 12) - p->offset;
	len = len < left ? len : left;
	if (way == SCSI_TO_DEVICE)
		fakehv_vio_read(get_be64(d) + p->offset, data, len);
	else
		fakehv_vio_write(get_be64(d) + p->offset, data, len);
	p->offset = (uint16_t)(p->offset + len);
	if (len == left) {
		p->desc++;
		p->offset = 0;
	}
	return len;
}

static void move(struct position *p, struct scsi_request *req)
{
	uint8_t *data = req->data;

	fakevscsi.most_bytes = req->len > fakevscsi.most_bytes ? req->len : fakevscsi.most_bytes;
	for (uint32_t at = 0; at < req->len;) {
		uint32_t end = req->len - at < PIECE ? req->len : at + PIECE;

		while (at < end)
			at += move_some(p, req->way, data + at, end - at);
	}
}

static void do_command(uint8_t *iu)
{
	struct scsi_request req;
	struct position p;
	uint64_t tag = get_be64(iu + 8);

	read_request(iu, &req, &p);
	if (req.way == SCSI_TO_DEVICE)
		move(&p, &req);
	execute(&req);
	if (req.way == SCSI_FROM_DEVICE)
		move(&p, &req);
	heap_free(req.data);
	memset(iu, 0, IU);
	iu[0] = fakevscsi.type ? fakevscsi.type : 0xc1;
	put_be32(iu + 4, 1);
	put_be64(iu + 8, tag);
	iu[18] = (uint8_t)((req.status ? 2 : 0) | (fakevscsi.rsp_len ? 1 : 0));
	iu[19] = req.status;
	put_be32(iu + 28, fakevscsi.sense_len ? fakevscsi.sense_len : req.sense_len);
	put_be32(iu + 32, fakevscsi.rsp_len);
	memcpy(iu + 36, req.sense, req.sense_len);
}

static void do_login(uint8_t *iu)
{
	uint64_t tag = get_be64(iu + 8);

	fakevscsi.logins++;
	memset(iu, 0, IU);
	iu[0] = fakevscsi.type ? fakevscsi.type : 0xc0;
	put_be32(iu + 4, 22);
	put_be64(iu + 8, tag);
}

static void answer(uint64_t tag, uint8_t valid)
{
	uint8_t e[16] = {valid, 1, 0, fakevscsi.crq_status};

	put_be64(e + 8, tag);
	fakehv_crq_answer(e);
}

static int64_t element(uint64_t high, uint64_t low)
{
	uint8_t iu[IU];
	uint64_t tag;

	if (high >> 48 != 0x8001 || (high & 0xffff) > IU)
		panic("fakevscsi: element %llx", (unsigned long long)high);
	fakehv_vio_read(low, iu, IU);
	tag = get_be64(iu + 8);
	if (tag == fakevscsi.last_tag)
		panic("fakevscsi: tag %llx once more", (unsigned long long)tag);
	fakevscsi.last_tag = tag;
	if (iu[0] == 2 && ++fakevscsi.commands >= fakevscsi.silent_from && fakevscsi.silent_from)
		return 0;
	if (iu[0] == 0)
		do_login(iu);
	else if (iu[0] == 2)
		do_command(iu);
	if (fakevscsi.wrong_iu_tag)
		put_be64(iu + 8, tag + 1);
	fakehv_vio_write(low, iu, IU);
	if (fakevscsi.wrong_tag)
		answer(tag - 1, 0x80);
	answer(tag, fakevscsi.event ? 0xff : 0x80);
	return 0;
}

void fakevscsi_start(void)
{
	memset(&fakevscsi, 0, sizeof(fakevscsi));
	fakescsi_reset();
	fakehv.crq.unit = FAKEVSCSI_UNIT;
	fakehv.crq.send = element;
}
