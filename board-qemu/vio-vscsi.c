/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtual SCSI host (LoPAPR 17.2.4): SCSI commands wrapped in SRP information units (INCITS 365,
 * 6.2 to 6.9), announced through a command/response queue. One command at a time: the unit, its answer and
 * the table that says where the data goes lie in the same page, and a tag tells this answer from a late one.
 *
 * The device reaches memory by RAM addresses while its window is bypassed; where bypass is not to be had,
 * what it needs is mapped. Whatever does not answer in time is cut off from memory until the next boot.
 */
#define LOG_TAG "vscsi"
#include "board.h"

#include <string.h>

#include "crq.h"
#include "hv.h"
#include "mmio.h"
#include "rtas.h"
#include "tce.h"

#include "base/bytes.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/machine.h"
#include "of/scsi.h"

#define PAGE      4096u
/*
 * QEMU (seen with 7.2) counts how much of a descriptor of a table is done in 16 bits: what is larger than this
 * begins anew in its middle. fakevscsi does the same.
 */
#define PIECE_MAX (64u << 10)
#define TABLE_AT  512u /* in the page */
#define MAX_BYTES (4u << 20)
#define IU_MAX    256u
#define LOGIN_MS  5000u

struct vscsi {
	struct scsi_host host;
	struct dt_node *node; /* valid while it starts */
	uint32_t unit;
	struct dma dma;            /* direct, or through the window */
	struct tce_window *window; /* NULL: bypassed */
	struct crq crq;
	uint8_t *iu; /* a page */
	uint64_t iu_dev;
	uint64_t tag;
	bool dead; /* cut off */
};

static struct vscsi *vscsi_of(struct scsi_host *host)
{
	return container_of(host, struct vscsi, host);
}

/* ---- memory ------------------------------------------------------------------------------- */

/* Bypass, or a window of our own. */
static int open_memory(struct vscsi *v)
{
	if (!rtas_set_tce_bypass(v->unit, true)) {
		v->dma = dma_direct;
	} else {
		v->window = tce_window_new(v->node);
		if (!v->window)
			return E_UNSUPP;
		v->dma = (struct dma){&tce_dma_ops, v->window};
	}
	v->iu = v->dma.ops->alloc(v->dma.ctx, PAGE, &v->iu_dev);
	return v->iu ? 0 : E_NOMEM;
}

static void close_memory(struct vscsi *v)
{
	v->dma.ops->free(v->dma.ctx, v->iu, PAGE, v->iu_dev);
	v->iu = NULL;
	if (v->window)
		tce_window_free(v->window);
	else if (rtas_set_tce_bypass(v->unit, false))
		log_warn("%x: the bypass of its DMA window stays on", v->unit);
	v->window = NULL;
}

static void cut_off(struct vscsi *v)
{
	if (v->dead)
		return;
	crq_close(&v->crq);
	close_memory(v);
	v->dead = true;
}

/* ---- information units -------------------------------------------------------------------- */

#define SRP_LOGIN_REQ 0x00u
#define SRP_CMD       0x02u
#define SRP_LOGIN_RSP 0xc0u
#define SRP_RSP       0xc1u

#define INDIRECT        2u
#define FORMAT_INDIRECT 0x0004u

#define LOGIN_BYTES 64u
#define CMD_BYTES   48u
#define DESCRIPTOR  16u
#define TABLE_BYTES 20u /* what names a table: a descriptor of it, and how much data there is */
#define RSP_BYTES   36u

#define RSP_VALID   0x01u
#define SENSE_VALID 0x02u
#define OUT_UNDER   0x08u
#define IN_UNDER    0x20u

#define ELEMENT_VALID 0x80u
#define ELEMENT_EVENT 0xffu
#define ELEMENT_SRP   0x01u

static int send_iu(struct vscsi *v, unsigned len, uint32_t timeout_ms)
{
	uint64_t seconds = timeout_ms / 1000 < UINT16_MAX ? timeout_ms / 1000 + 1 : UINT16_MAX;

	return crq_send(&v->crq,
			(uint64_t)ELEMENT_VALID << 56 | (uint64_t)ELEMENT_SRP << 48 |
				seconds << 16 | len,
			v->iu_dev);
}

/* Until the element for our tag comes; late ones of others are dropped. */
static int wait_answer(struct vscsi *v, uint32_t timeout_ms)
{
	struct wait w = wait_ms(timeout_ms);
	uint8_t e[16];

	for (;;) {
		int err = crq_receive(&v->crq, &w, e);

		if (err)
			return err;
		if (e[0] == ELEMENT_EVENT) {
			log_warn("%x: transport event %02x", v->unit, e[1]);
			return E_STALE;
		}
		if (e[0] == ELEMENT_VALID && e[1] == ELEMENT_SRP && get_be64(e + 8) == v->tag)
			return e[3] ? E_IO : 0;
		log_debug("%x: dropped %02x %02x, tag %llx", v->unit, e[0], e[1],
			  (unsigned long long)get_be64(e + 8));
		if (!wait_more(&w))
			return E_TIMEOUT;
	}
}

/* Send the unit in the page and copy its answer; after silence nothing is said any more. */
static int exchange(struct vscsi *v, unsigned len, uint32_t timeout_ms, uint8_t answer[IU_MAX])
{
	int err = send_iu(v, len, timeout_ms);

	err = err ? err : wait_answer(v, timeout_ms);
	if (err == E_TIMEOUT || err == E_STALE) {
		log_err("%x: no answer to command %02x: not used any more", v->unit,
			v->iu[0] == SRP_CMD ? v->iu[32] : 0);
		return err;
	}
	if (err)
		return err;
	memcpy(answer, v->iu, IU_MAX);
	if (get_be64(answer + 8) != v->tag) {
		log_warn("%x: answer with tag %llx", v->unit,
			 (unsigned long long)get_be64(answer + 8));
		return E_IO;
	}
	return 0;
}

static void new_iu(struct vscsi *v, uint8_t type)
{
	memset(v->iu, 0, IU_MAX);
	v->iu[0] = type;
	put_be64(v->iu + 8, ++v->tag);
}

/* QEMU does not insist on it, others may. */
static int login(struct vscsi *v)
{
	uint8_t answer[IU_MAX];
	int err;

	new_iu(v, SRP_LOGIN_REQ);
	put_be32(v->iu + 16, IU_MAX);
	put_be16(v->iu + 24, FORMAT_INDIRECT);
	err = exchange(v, LOGIN_BYTES, LOGIN_MS, answer);
	if (!err && answer[0] != SRP_LOGIN_RSP) {
		log_warn("%x: login answered by %02x", v->unit, answer[0]);
		err = E_IO;
	}
	return err;
}

/* ---- commands ----------------------------------------------------------------------------- */

/* The data's pieces; returns the table's length. */
static uint32_t make_table(uint8_t *table, uint64_t dev, uint32_t len)
{
	uint8_t *d = table;

	for (; len > 0; d += DESCRIPTOR) {
		uint32_t some = len < PIECE_MAX ? len : PIECE_MAX;

		put_be64(d, dev);
		put_be32(d + 8, 0);
		put_be32(d + 12, some);
		dev += some;
		len -= some;
	}
	return (uint32_t)(d - table);
}

/* Returns the unit's length. No descriptor is in the unit itself, all are in the table. */
static unsigned make_command(struct vscsi *v, const struct scsi_request *req, uint64_t dev)
{
	new_iu(v, SRP_CMD);
	put_be64(v->iu + 20, req->unit);
	memcpy(v->iu + 32, req->cdb, SCSI_CDB_MAX);
	if (req->way == SCSI_NO_DATA)
		return CMD_BYTES;
	v->iu[5] = req->way == SCSI_TO_DEVICE ? INDIRECT << 4 : INDIRECT;
	put_be64(v->iu + CMD_BYTES, v->iu_dev + TABLE_AT);
	put_be32(v->iu + CMD_BYTES + 12, make_table(v->iu + TABLE_AT, dev, req->len));
	put_be32(v->iu + CMD_BYTES + 16, req->len);
	return CMD_BYTES + TABLE_BYTES;
}

static int read_response(struct scsi_request *req, const uint8_t iu[IU_MAX])
{
	uint8_t flags = iu[18], under = req->way == SCSI_TO_DEVICE ? OUT_UNDER : IN_UNDER;
	uint32_t residual = get_be32(iu + (req->way == SCSI_TO_DEVICE ? 20 : 24));
	uint32_t len = flags & SENSE_VALID ? get_be32(iu + 28) : 0;
	uint32_t skip = flags & RSP_VALID ? get_be32(iu + 32) : 0;

	if (iu[0] != SRP_RSP || skip > IU_MAX - RSP_BYTES)
		return E_IO;
	if (len > IU_MAX - RSP_BYTES - skip)
		len = IU_MAX - RSP_BYTES - skip;
	if (len > SCSI_SENSE_MAX)
		len = SCSI_SENSE_MAX;
	memcpy(req->sense, iu + RSP_BYTES + skip, len);
	req->sense_len = (uint8_t)len;
	req->status = iu[19];
	req->residual = flags & under ? residual : 0;
	if (req->residual > req->len)
		req->residual = req->len;
	return 0;
}

_Static_assert(TABLE_AT + MAX_BYTES / PIECE_MAX * DESCRIPTOR <= PAGE, "the page is full");

static int vscsi_command(struct scsi_host *host, struct scsi_request *req)
{
	struct vscsi *v = vscsi_of(host);
	uint8_t answer[IU_MAX];
	uint64_t dev = 0;
	int err = v->dead ? E_IO : 0;

	if (!err && req->len)
		err = v->dma.ops->map(v->dma.ctx, req->data, req->len, &dev);
	if (err)
		return err;
	err = exchange(v, make_command(v, req, dev), req->timeout_ms, answer);
	if (req->len && v->dma.ops->unmap(v->dma.ctx, dev, req->len))
		err = err ? err : E_IO;
	if (err == E_TIMEOUT || err == E_STALE)
		cut_off(v);
	if (err)
		return err == E_STALE ? E_IO : err;
	return read_response(req, answer);
}

/* ---- addresses ---------------------------------------------------------------------------- */

#define CHANNELS 8u
#define IDS      64u
#define LUNS     32u

static uint64_t address(unsigned id, unsigned channel, unsigned lun)
{
	return (uint64_t)(0x8000 | id << 8 | channel << 5 | lun) << 48;
}

/* First the host itself, who lists all; then each id of each channel, should it not. */
static bool vscsi_target(struct scsi_host *host, uint32_t i, uint64_t *unit)
{
	(void)host;
	if (i > CHANNELS * IDS)
		return false;
	*unit = i ? address((i - 1) % IDS, (i - 1) / IDS, 0) : 0;
	return true;
}

static int vscsi_unit(struct scsi_host *host, uint32_t i, const uint8_t entry[8], uint64_t *unit)
{
	unsigned form = entry[0] >> 6;
	uint32_t lun;
	int err;

	(void)host;
	if (i == 0) { /* QEMU writes those of id 0, channel 0 as form 0 */
		if ((form != 0 && form != 2) || get_be64(entry) << 16)
			return E_RANGE;
		*unit = get_be64(entry) | address(0, 0, 0);
		return 0;
	}
	err = scsi_lun_number(entry, &lun);
	if (err || lun >= LUNS)
		return E_RANGE;
	*unit = address((i - 1) % IDS, (i - 1) / IDS, lun);
	return 0;
}

/* ---- life --------------------------------------------------------------------------------- */

static void vscsi_stop(struct scsi_host *host)
{
	struct vscsi *v = vscsi_of(host);

	cut_off(v);
	heap_free(v);
}

static const struct scsi_host_ops vscsi_ops = {
	.command = vscsi_command, .target = vscsi_target, .unit = vscsi_unit, .stop = vscsi_stop};

static int vscsi_start(void *ctx, struct scsi_host **host)
{
	struct dt_node *node = ctx;
	struct vscsi *v = try_alloc(sizeof(*v));
	int err;

	if (!v)
		return E_NOMEM;
	v->host = (struct scsi_host){
		.ops = &vscsi_ops, .max_bytes = MAX_BYTES, .lists_all = true, .try_luns = LUNS};
	v->node = node;
	err = dt_prop_get_u32(node, "reg", &v->unit);
	if (err) {
		heap_free(v);
		return err;
	}
	err = open_memory(v);
	err = err ? err : crq_open(&v->crq, v->unit, &v->dma, 2);
	err = err ? err : login(v);
	if (err) {
		vscsi_stop(&v->host);
		return err;
	}
	*host = &v->host;
	return 0;
}

void vscsi_bind_all(void)
{
	const struct dt_node *vdevice = dt_path_find(of_tree(), "/vdevice");

	for (struct dt_node *n = vdevice ? vdevice->child : NULL; n; n = n->next) {
		const struct scsi_source source = {vscsi_start, n, "vscsi", false};

		if (dt_prop_lists(n, "compatible", "IBM,v-scsi"))
			of_bind_scsi(n, &source);
	}
}
