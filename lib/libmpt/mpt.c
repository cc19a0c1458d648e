/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The controller as a SCSI host: reset, started and told to look at its port through the doorbell; then
 * one request at a time through the queues. A request that went well is told by its context alone, every
 * other one by a frame of ours. One that is not answered ends in a reset, after which the controller
 * knows neither the buffer nor the frames.
 */
#define LOG_TAG "mpt"
#include "mpt-priv.h"

#include "mpt/mpt.h"

#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"

#define READY_MS  5000u
#define INIT_MS   5000u
#define ENABLE_MS 30000u /* the port finds out what is there */

/* The first message */
#define INIT_WORDS       11u
#define INIT_WHO         0u
#define WHO_BOOT         2u
#define INIT_BUSES       6u
#define INIT_REPLY_BYTES 12u
#define INIT_HIGH        16u /* upper halves of addresses: of requests and replies, */
#define INIT_SENSE_HIGH  20u /* of the sense buffer */
#define INIT_VERSION     40u
#define VERSION          0x0105u
#define ENABLE_WORDS     3u

/* A SCSI request */
#define SCSI_TARGET    0u
#define SCSI_CDB_LEN   4u
#define SCSI_SENSE_LEN 5u
#define SCSI_LUN       12u
#define SCSI_WAY       20u
#define WAY_OUT        0x01000000u
#define WAY_IN         0x02000000u
#define SCSI_CDB       24u
#define SCSI_LEN       40u
#define SCSI_SENSE     44u
#define SCSI_SEGMENT   48u
/* One segment, the last one, with an address of 64 bits; its length in the lowest 24 bits */
#define SEGMENT        0xd3000000u
#define SEGMENT_OUT    0x04000000u

/* and what is said of it */
#define REPLY_FRAME      0x80000000u /* not a context: half the address of a frame */
#define REPLY_NONE       0xffffffffu
#define REPLY_STATUS     12u
#define REPLY_STATE      13u
#define STATE_SENSE      1u
#define STATE_NO_STATUS  4u
#define REPLY_MOVED      20u
#define REPLY_SENSE_LEN  24u
#define IOC_OK           0u
#define IOC_BUSY         2u
#define IOC_NO_RESOURCES 6u
#define IOC_RECOVERED    0x40u
#define IOC_BAD_BUS      0x41u
#define IOC_BAD_TARGET   0x42u
#define IOC_NOBODY       0x43u
#define IOC_UNDERRUN     0x45u
#define SCSI_BUSY        8u
#define CONTEXT_MAX      0x0fffffffu

/* Behind a DMA window each page becomes a piece of its own, of which QEMU takes 1024. */
#define BYTES_MAX  (2u << 20)
#define LUNS_TRIED 8u
#define LOOK_EVERY 256u /* polls: at the controller's state */

static struct mpt *mpt_of(struct scsi_host *host)
{
	return container_of(host, struct mpt, host);
}

/* ---- the controller's states ------------------------------------------------------------- */

static uint32_t state(const struct mpt *m)
{
	return STATE(pci_read32(&m->bar, REG_DOORBELL));
}

/* It forgets all requests and frames. E_IO: nothing is there any more. */
static int make_ready(const struct mpt *m)
{
	struct wait w = wait_ms(READY_MS);
	uint32_t v;

	pci_write32(&m->bar, REG_DOORBELL, DOORBELL_RESET);
	while (STATE(v = pci_read32(&m->bar, REG_DOORBELL)) != STATE_READY) {
		if (v == 0xffffffff)
			return E_IO;
		if (!wait_more(&w))
			return E_TIMEOUT;
	}
	return 0;
}

static int tell(const struct mpt *m, const uint8_t *message, unsigned words, uint32_t timeout_ms)
{
	uint8_t reply[16];
	int err = mpt_handshake(m, message, words, reply, sizeof(reply), timeout_ms);

	if (err)
		return err;
	if (reply[AT_FUNCTION] != message[AT_FUNCTION] ||
	    IOC_STATUS(get_le16(reply + AT_IOC_STATUS)) != IOC_OK) {
		log_warn("%s: message %u: reply %u, status %04x", m->pci->node->name,
			 message[AT_FUNCTION], reply[AT_FUNCTION], get_le16(reply + AT_IOC_STATUS));
		return E_IO;
	}
	return 0;
}

static uint32_t reply_address(const struct mpt *m, unsigned i)
{
	return (uint32_t)m->page_dev + AT_REPLIES + REPLY_BYTES * i;
}

/* All devices it can have, on one bus; the upper halves of all addresses are the page's. */
static int make_operational(const struct mpt *m)
{
	uint8_t init[4 * INIT_WORDS] = {0}, enable[4 * ENABLE_WORDS] = {0};
	int err;

	init[INIT_WHO] = WHO_BOOT;
	init[AT_FUNCTION] = FUNCTION_INIT;
	init[INIT_BUSES] = 1;
	put_le16(init + INIT_REPLY_BYTES, REPLY_BYTES);
	put_le32(init + INIT_HIGH, (uint32_t)(m->page_dev >> 32));
	put_le32(init + INIT_SENSE_HIGH, (uint32_t)(m->page_dev >> 32));
	put_le16(init + INIT_VERSION, VERSION);
	enable[AT_FUNCTION] = FUNCTION_PORT_ENABLE;
	err = tell(m, init, INIT_WORDS, INIT_MS);
	if (!err && state(m) != STATE_OPERATIONAL)
		err = E_IO;
	err = err ? err : tell(m, enable, ENABLE_WORDS, ENABLE_MS);
	for (unsigned i = 0; i < REPLIES && !err; i++)
		pci_write32(&m->bar, REG_REPLIES, reply_address(m, i));
	return err;
}

/* After this the controller knows nothing of the request. */
static void recover(struct mpt *m, int why)
{
	log_warn("%s: reset: %s, state %08x", m->pci->node->name,
		 why == E_TIMEOUT ? "a request was not answered" : "it broke down", state(m));
	if (make_ready(m) || make_operational(m)) {
		pci_dev_disable(m->pci);
		m->dead = true;
	}
}

/* ---- one request ------------------------------------------------------------------------- */

static void fill(struct mpt *m, const struct scsi_request *req, uint64_t data)
{
	uint8_t *b = m->page + AT_REQUEST;
	uint32_t way = req->way == SCSI_TO_DEVICE     ? WAY_OUT
		       : req->way == SCSI_FROM_DEVICE ? WAY_IN
						      : 0;

	m->context = m->context == CONTEXT_MAX ? 1 : m->context + 1;
	memset(b, 0, AT_SENSE + SENSE_BYTES);
	b[SCSI_TARGET] = (uint8_t)(req->unit >> 32);
	b[AT_FUNCTION] = FUNCTION_SCSI;
	b[SCSI_CDB_LEN] = req->cdb_len;
	b[SCSI_SENSE_LEN] = SENSE_BYTES;
	put_le32(b + AT_CONTEXT, m->context);
	b[SCSI_LUN + 1] = (uint8_t)req->unit;
	put_le32(b + SCSI_WAY, way);
	memcpy(b + SCSI_CDB, req->cdb, SCSI_CDB_MAX);
	put_le32(b + SCSI_LEN, req->len);
	put_le32(b + SCSI_SENSE, (uint32_t)m->page_dev + AT_SENSE);
	put_le32(b + SCSI_SEGMENT, SEGMENT | (way == WAY_OUT ? SEGMENT_OUT : 0) | req->len);
	put_le64(b + SCSI_SEGMENT + 4, data);
}

/* What came: a request's context alone, or a frame, of which this is a copy. */
struct reply {
	bool has_frame;
	uint8_t frame[REPLY_BYTES];
};

/*
 * A frame is given back at once. E_NOENT: not for our request, as the answer to one before a reset, or
 * news nobody asked for; E_IO: no frame of ours.
 */
static int take(const struct mpt *m, uint32_t v, struct reply *r)
{
	uint32_t at = (v & ~REPLY_FRAME) << 1, offset = at - reply_address(m, 0);

	r->has_frame = v & REPLY_FRAME;
	if (!r->has_frame)
		return v == m->context ? 0 : E_NOENT;
	if (offset % REPLY_BYTES || offset / REPLY_BYTES >= REPLIES)
		return E_IO;
	memcpy(r->frame, m->page + AT_REPLIES + offset, REPLY_BYTES);
	pci_write32(&m->bar, REG_REPLIES, at);
	return r->frame[AT_FUNCTION] == FUNCTION_SCSI &&
			       get_le32(r->frame + AT_CONTEXT) == m->context
		       ? 0
		       : E_NOENT;
}

static int wait_done(const struct mpt *m, uint32_t timeout_ms, struct reply *r)
{
	struct wait w = wait_ms(timeout_ms);
	unsigned polls = 0;
	int err = E_NOENT;

	while (err == E_NOENT) {
		uint32_t v = pci_read32(&m->bar, REG_REPLIES);

		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (v != REPLY_NONE)
			err = take(m, v, r);
		else if (++polls % LOOK_EVERY == 0 && state(m) != STATE_OPERATIONAL)
			return E_IO;
		if (err == E_NOENT && !wait_more(&w))
			return E_TIMEOUT;
	}
	return err;
}

static void read_answer(const struct mpt *m, const uint8_t *frame, struct scsi_request *req)
{
	uint32_t moved = get_le32(frame + REPLY_MOVED), sense = get_le32(frame + REPLY_SENSE_LEN);

	req->status = frame[REPLY_STATUS];
	req->residual = moved < req->len ? req->len - moved : 0;
	if (!(frame[REPLY_STATE] & STATE_SENSE))
		return;
	req->sense_len = sense < SENSE_BYTES ? (uint8_t)sense : SENSE_BYTES;
	memcpy(req->sense, m->page + AT_SENSE, req->sense_len);
}

static int judge(const struct mpt *m, const uint8_t *frame, struct scsi_request *req)
{
	uint32_t status = IOC_STATUS(get_le16(frame + AT_IOC_STATUS));

	if (status == IOC_BAD_BUS || status == IOC_BAD_TARGET || status == IOC_NOBODY)
		return E_NOENT;
	if (status == IOC_BUSY || status == IOC_NO_RESOURCES) {
		req->status = SCSI_BUSY;
		return 0;
	}
	if ((status != IOC_OK && status != IOC_RECOVERED && status != IOC_UNDERRUN) ||
	    frame[REPLY_STATE] & STATE_NO_STATUS) {
		log_debug("%s: unit %llx: status %04x, state %02x", m->pci->node->name,
			  (unsigned long long)req->unit, status, frame[REPLY_STATE]);
		return E_IO;
	}
	read_answer(m, frame, req);
	return 0;
}

static int run(struct mpt *m, const struct scsi_request *req, uint64_t data, struct reply *r)
{
	int err;

	fill(m, req, data);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	pci_write32(&m->bar, REG_REQUESTS, (uint32_t)m->page_dev + AT_REQUEST);
	err = wait_done(m, req->timeout_ms, r);
	if (err)
		recover(m, err);
	return err;
}

static int command(struct scsi_host *host, struct scsi_request *req)
{
	struct mpt *m = mpt_of(host);
	struct reply reply = {false};
	uint64_t data = m->page_dev; /* where there is none */
	int err = m->dead ? E_IO : 0;

	if (!err && req->len)
		err = m->dma->ops->map(m->dma->ctx, req->data, req->len, &data);
	if (err)
		return err;
	err = run(m, req, data, &reply);
	if (req->len && m->dma->ops->unmap(m->dma->ctx, data, req->len))
		log_warn("%s: %x bytes at %llx stay open to devices", m->pci->node->name, req->len,
			 (unsigned long long)data);
	req->status = 0;
	req->residual = 0;
	req->sense_len = 0;
	return err || !reply.has_frame ? err : judge(m, reply.frame, req);
}

/* ---- start and stop ---------------------------------------------------------------------- */

static void stop(struct scsi_host *host)
{
	struct mpt *m = mpt_of(host);

	if (!m->dead && make_ready(m))
		log_warn("%s: cannot be switched off", m->pci->node->name);
	pci_dev_disable(m->pci);
	m->dma->ops->free(m->dma->ctx, m->page, PAGE, m->page_dev);
	heap_free(m);
}

static const struct scsi_host_ops host_ops = {
	.command = command, .target = scsi_pair_target, .unit = scsi_pair_unit, .stop = stop};

static int bring_up(struct mpt *m)
{
	int err = make_ready(m);

	if (err)
		return err;
	m->page = m->dma->ops->alloc(m->dma->ctx, PAGE, &m->page_dev);
	return m->page ? make_operational(m) : E_NOMEM;
}

int mpt_start(const struct pci_dev *dev, struct scsi_host **host)
{
	struct mpt *m;
	int err;

	if (!dev->dma)
		return E_UNSUPP;
	m = try_alloc(sizeof(*m));
	if (!m)
		return E_NOMEM;
	m->pci = dev;
	m->dma = dev->dma;
	m->host = (struct scsi_host){
		.ops = &host_ops, .max_bytes = BYTES_MAX, .try_luns = LUNS_TRIED};
	err = pci_dev_bar(dev, 1, &m->bar); /* BAR 0 is the same for I/O */
	if (err) {
		heap_free(m);
		return err;
	}
	pci_dev_enable(dev);
	err = bring_up(m);
	if (err) {
		stop(&m->host);
		return err;
	}
	*host = &m->host;
	return 0;
}
