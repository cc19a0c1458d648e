/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtio-scsi. Up to four commands at a time on the first request queue: headers and responses lie in a page
 * shared with the device, data goes straight between it and the caller's buffer in one segment each. The control
 * and event queues are not used: nothing is aborted, and who is there is found by asking.
 *
 * A device that breaks the rules or lets a command lie is reset, so that it no longer knows the buffer.
 */
#define LOG_TAG "virtio-scsi"
#include "virtio/scsi.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "virtio/dev.h"

#include <string.h>

#include "order.h"

#define CONFIG_MAX_SECTORS 8u
#define CONFIG_MAX_TARGET  30u

/* What they are after a reset (5.6.4). */
#define SENSE_SIZE 96u
#define CDB_SIZE   32u

#define REQUEST_QUEUE 2u
#define QUEUE_MAX     128u
/* Behind a DMA window each page becomes a piece of its own, of which QEMU takes 1024. */
#define BYTES_MAX     (2u << 20)
#define BYTES_MIN     4096u
#define TARGETS_MAX   256u
#define LUNS_TRIED    8u
#define LOOK_EVERY    256u /* polls: at the device's status */

#define PAGE 4096u

/* In the page, for each command: the header the device reads (5.6.6.1), and the response it writes. */
#define SLOT_BYTES         512u
#define SEGMENTS           3u
#define HEADER_BYTES       (19u + CDB_SIZE)
#define HEADER_LUN         0u
#define HEADER_ID          8u
#define HEADER_CDB         19u
#define RESPONSE_AT        256u
#define RESPONSE_BYTES     (12u + SENSE_SIZE)
#define RESPONSE_SENSE_LEN 0u
#define RESPONSE_RESIDUAL  4u
#define RESPONSE_STATUS    10u
#define RESPONSE_CODE      11u
#define RESPONSE_SENSE     12u

#define CODE_OK         0u
#define CODE_BAD_TARGET 3u
#define CODE_RESET      4u
#define CODE_BUSY       5u
#define CODE_NONE       0xffu /* nothing the device writes */

#define STATUS_BUSY 8u

struct vscsi {
	struct scsi_host host;
	struct virtio_dev *v;
	struct virtio_ring *ring;
	uint8_t *page;
	uint64_t page_dev;
	uint32_t targets;
	uint64_t id;
	bool dead; /* could not be restarted */
};

static struct vscsi *vscsi_of(struct scsi_host *host)
{
	return container_of(host, struct vscsi, host);
}

/* ---- one command ------------------------------------------------------------------------- */

static void put_header(struct vscsi *s, unsigned slot, const struct scsi_request *req)
{
	uint64_t id = order64(virtio_is_big(s->v), ++s->id);
	uint8_t *p = s->page + slot * SLOT_BYTES;

	memset(p, 0, SLOT_BYTES);
	put_be64(p + HEADER_LUN, req->unit);
	memcpy(p + HEADER_ID, &id, sizeof(id));
	memcpy(p + HEADER_CDB, req->cdb, SCSI_CDB_MAX);
	p[RESPONSE_AT + RESPONSE_CODE] = CODE_NONE;
}

static int add(struct vscsi *s, unsigned slot, const struct scsi_request *req, uint64_t data)
{
	uint64_t at = s->page_dev + slot * SLOT_BYTES;
	struct virtio_seg seg[SEGMENTS];
	unsigned n = 0;

	seg[n++] = (struct virtio_seg){at, HEADER_BYTES, false};
	if (req->way == SCSI_TO_DEVICE)
		seg[n++] = (struct virtio_seg){data, req->len, false};
	seg[n++] = (struct virtio_seg){at + RESPONSE_AT, RESPONSE_BYTES, true};
	if (req->way == SCSI_FROM_DEVICE)
		seg[n++] = (struct virtio_seg){data, req->len, true};
	return virtio_ring_add(s->ring, seg, n, s);
}

/* The next answer, whosever it is: the ring sees to it that each command has one. */
static int wait_one(struct vscsi *s, uint32_t timeout_ms)
{
	struct wait w = wait_ms(timeout_ms);
	unsigned polls = 0;
	void *cookie;
	uint32_t len;
	int err;

	while ((err = virtio_ring_take(s->ring, &cookie, &len)) == E_NOENT) {
		if (++polls % LOOK_EVERY == 0 && virtio_is_broken(s->v))
			return E_IO;
		if (!wait_more(&w))
			return E_TIMEOUT;
	}
	return err;
}

static uint32_t number_at(const struct vscsi *s, const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return order32(virtio_is_big(s->v), v);
}

static int read_response(struct vscsi *s, unsigned slot, struct scsi_request *req)
{
	uint8_t rsp[RESPONSE_BYTES];
	uint32_t residual, sense_len;

	memcpy(rsp, s->page + slot * SLOT_BYTES + RESPONSE_AT, sizeof(rsp));
	if (rsp[RESPONSE_CODE] == CODE_BAD_TARGET)
		return E_NOENT;
	if (rsp[RESPONSE_CODE] == CODE_BUSY || rsp[RESPONSE_CODE] == CODE_RESET) {
		req->status = STATUS_BUSY;
		return 0;
	}
	if (rsp[RESPONSE_CODE] != CODE_OK) {
		log_debug("%s: unit %llx: response %u", virtio_name(s->v),
			  (unsigned long long)req->unit, rsp[RESPONSE_CODE]);
		return E_IO;
	}
	sense_len = number_at(s, rsp + RESPONSE_SENSE_LEN);
	residual = number_at(s, rsp + RESPONSE_RESIDUAL);
	req->status = rsp[RESPONSE_STATUS];
	req->residual = residual < req->len ? residual : req->len;
	req->sense_len = sense_len < SCSI_SENSE_MAX ? (uint8_t)sense_len : SCSI_SENSE_MAX;
	memcpy(req->sense, rsp + RESPONSE_SENSE, req->sense_len);
	return 0;
}

/* After this the device knows nothing of its commands. */
static void recover(struct vscsi *s, int why)
{
	log_warn("%s: reset: %s", virtio_name(s->v),
		 why == E_TIMEOUT ? "a command was not answered" : "it broke down");
	if (virtio_restart(s->v))
		s->dead = true;
}

static void unmap(struct vscsi *s, const struct scsi_request *req, const uint64_t *data, unsigned n)
{
	const struct dma *dma = virtio_dma(s->v);

	for (unsigned i = 0; i < n; i++)
		if (req[i].len && dma->ops->unmap(dma->ctx, data[i], req[i].len))
			log_warn("%s: %x bytes at %llx stay open to devices", virtio_name(s->v),
				 req[i].len, (unsigned long long)data[i]);
}

/* All or nothing. */
static int map(struct vscsi *s, const struct scsi_request *req, uint64_t *data, unsigned n)
{
	const struct dma *dma = virtio_dma(s->v);
	int err = 0;

	for (unsigned i = 0; i < n && !err; i++) {
		data[i] = 0;
		if (req[i].len)
			err = dma->ops->map(dma->ctx, req[i].data, req[i].len, &data[i]);
		if (err)
			unmap(s, req, data, i);
	}
	return err;
}

/* Each answer starts the clock again. */
static int exchange(struct vscsi *s, const struct scsi_request *req, const uint64_t *data,
		    unsigned n)
{
	int err = 0;

	for (unsigned i = 0; i < n && !err; i++) {
		put_header(s, i, &req[i]);
		err = add(s, i, &req[i], data[i]);
	}
	if (!err)
		virtio_notify(s->v, REQUEST_QUEUE);
	for (unsigned i = 0; i < n && !err; i++)
		err = wait_one(s, req[i].timeout_ms);
	return err;
}

static int commands(struct scsi_host *host, struct scsi_request *req, unsigned n)
{
	struct vscsi *s = vscsi_of(host);
	uint64_t data[SCSI_AT_ONCE_MAX];
	int err = s->dead ? E_IO : map(s, req, data, n);

	if (err)
		return err;
	err = exchange(s, req, data, n);
	if (err)
		recover(s, err);
	unmap(s, req, data, n);
	for (unsigned i = 0; i < n && !err; i++)
		err = read_response(s, i, &req[i]);
	return err;
}

static int command(struct scsi_host *host, struct scsi_request *req)
{
	return commands(host, req, 1);
}

/* ---- addresses --------------------------------------------------------------------------- */

static uint64_t address(uint32_t target, uint32_t lun)
{
	uint32_t form = lun < 256 ? 0 : 0x4000;

	return (uint64_t)(0x01000000 | target << 16 | form | lun) << 32;
}

static bool target(struct scsi_host *host, uint32_t i, uint64_t *unit)
{
	if (i >= vscsi_of(host)->targets)
		return false;
	*unit = address(i, 0);
	return true;
}

static int unit_of(struct scsi_host *host, uint32_t i, const uint8_t entry[8], uint64_t *unit)
{
	uint32_t lun;
	int err = scsi_lun_number(entry, &lun);

	(void)host;
	if (!err)
		*unit = address(i, lun);
	return err;
}

/* ---- start and stop ---------------------------------------------------------------------- */

static void stop(struct scsi_host *host)
{
	struct vscsi *s = vscsi_of(host);
	const struct dma *dma = virtio_dma(s->v);

	if (virtio_stop(s->v))
		dma->ops->free(dma->ctx, s->page, PAGE, s->page_dev);
	virtio_close(s->v);
	heap_free(s);
}

static const struct scsi_host_ops host_ops = {command, commands, target, unit_of, stop};

/* Each command has its place in the ring, even where there is no indirect one. */
static unsigned at_once(const struct vscsi *s)
{
	unsigned n = virtio_ring_size(s->ring) / SEGMENTS;

	return n < SCSI_AT_ONCE_MAX ? n : SCSI_AT_ONCE_MAX;
}

_Static_assert(SCSI_AT_ONCE_MAX *SLOT_BYTES <= PAGE, "the page is full");

static void read_limits(struct vscsi *s)
{
	uint64_t bytes = (uint64_t)virtio_config32(s->v, CONFIG_MAX_SECTORS) * 512;
	uint32_t targets = virtio_config16(s->v, CONFIG_MAX_TARGET) + 1u;

	if (bytes > BYTES_MAX || bytes == 0)
		bytes = BYTES_MAX;
	if (bytes < BYTES_MIN)
		bytes = BYTES_MIN;
	s->targets = targets < TARGETS_MAX ? targets : TARGETS_MAX;
	s->host = (struct scsi_host){.ops = &host_ops,
				     .max_bytes = (uint32_t)bytes,
				     .try_luns = LUNS_TRIED,
				     .at_once = at_once(s)};
}

static int set_up(struct vscsi *s)
{
	const struct dma *dma = virtio_dma(s->v);
	int err = virtio_queue(s->v, REQUEST_QUEUE, QUEUE_MAX, &s->ring);

	if (err)
		return err;
	s->page = dma->ops->alloc(dma->ctx, PAGE, &s->page_dev);
	if (!s->page)
		return E_NOMEM;
	read_limits(s);
	virtio_start(s->v);
	return 0;
}

int virtio_scsi_start(const struct pci_dev *pci, struct scsi_host **host)
{
	struct vscsi *s = try_alloc(sizeof(*s));
	int err;

	if (!s)
		return E_NOMEM;
	err = virtio_open(pci, VIRTIO_SCSI, 0, &s->v);
	if (!err)
		err = set_up(s);
	if (err) {
		virtio_close(s->v);
		heap_free(s);
		return err;
	}
	log_info("%s: %u targets, %u bytes at once", virtio_name(s->v), s->targets,
		 s->host.max_bytes);
	*host = &s->host;
	return 0;
}
