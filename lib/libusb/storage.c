/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mass storage, bulk-only transport 1.0: a command block goes out, data moves, a status block comes in.
 * What the device may do wrong on the way (section 6) ends in one of two ways: the pipe is cleared and the
 * status asked for again, or the device is reset and the command has failed.
 */
#define LOG_TAG "usb"
#include "usb-priv.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"

#define GET_MAX_LUN 0xfe
#define BULK_RESET  0xff

#define CBW_SIGNATURE 0x43425355u
#define CBW_LEN       31u
#define CSW_SIGNATURE 0x53425355u
#define CSW_LEN       13u

#define CSW_PASSED 0
#define CSW_FAILED 1

#define LUN_MAX       15u
#define PAGE          4096u
#define AT_STATUS     64u
#define BLOCK_MS      5000u /* for a command or status block */
#define SENSE_LEN     18u
#define CMD_SENSE     0x03
#define CMD_LUNS      0xa0
#define CHECK         2u
#define SENSE_ABORTED 11
#define SLOW_BYTES    (128u << 10) /* what sticks are known to take */

struct storage {
	struct scsi_host host;
	struct usb_dev *dev;
	const char *name;
	uint8_t *page; /* command block and status block */
	uint64_t page_dev;
	uint32_t tag;
	bool dead; /* told once */
};

static struct storage *storage_of(struct scsi_host *host)
{
	return container_of(host, struct storage, host);
}

static struct usb_pipe *pipe_in(struct storage *s)
{
	return &s->dev->state->pipe[0];
}

static struct usb_pipe *pipe_out(struct storage *s)
{
	return &s->dev->state->pipe[1];
}

static uint8_t unit_number(const struct scsi_request *req)
{
	return req->unit >> 32 & LUN_MAX;
}

/* ---- pieces of a command ----------------------------------------------------------------- */

static int reset_recovery(struct storage *s)
{
	int err = usb_tell(s->dev, 0x21, BULK_RESET, 0, s->dev->state->interface);

	err = err ? err : usb_clear_halt(s->dev, pipe_in(s));
	err = err ? err : usb_clear_halt(s->dev, pipe_out(s));
	if (err && !s->dead)
		log_warn("%s: port %u: the device does not recover: %s", s->name, s->dev->port,
			 err_text(err));
	s->dead |= err != 0;
	return err;
}

static int send_command(struct storage *s, const struct scsi_request *req)
{
	uint8_t *cbw = s->page;
	struct usb_transfer t = {
		.dev = s->dev, .pipe = pipe_out(s), .at = s->page_dev, .len = CBW_LEN};
	int err;

	memset(cbw, 0, CBW_LEN);
	put_le32(cbw, CBW_SIGNATURE);
	put_le32(cbw + 4, ++s->tag);
	put_le32(cbw + 8, req->len);
	cbw[12] = req->way == SCSI_FROM_DEVICE ? 0x80 : 0;
	cbw[13] = unit_number(req);
	cbw[14] = req->cdb_len;
	memcpy(cbw + 15, req->cdb, req->cdb_len);
	err = usb_run(&t, BLOCK_MS);
	return !err && t.done != CBW_LEN ? E_IO : err;
}

/* A stall here is the device's way to say that there is no more. */
static int move_data(struct storage *s, struct scsi_request *req, uint32_t *moved)
{
	bool in = req->way == SCSI_FROM_DEVICE;
	struct usb_transfer t = {.dev = s->dev,
				 .pipe = in ? pipe_in(s) : pipe_out(s),
				 .in = in,
				 .data = req->data,
				 .len = req->len};
	int err = req->len ? usb_run(&t, req->timeout_ms) : 0;

	if (err == E_UNSUPP)
		err = usb_clear_halt(s->dev, t.pipe);
	*moved = t.done < req->len ? t.done : req->len;
	return err;
}

static int read_block(struct storage *s, uint32_t ms)
{
	struct usb_transfer t = {.dev = s->dev,
				 .pipe = pipe_in(s),
				 .in = true,
				 .at = s->page_dev + AT_STATUS,
				 .len = CSW_LEN};
	int err;

	memset(s->page + AT_STATUS, 0, CSW_LEN);
	err = usb_run(&t, ms);
	return !err && t.done != CSW_LEN ? E_FORMAT : err;
}

/* *left: how much of its data the device says it did not process. */
static int read_status(struct storage *s, const struct scsi_request *req, uint8_t *status,
		       uint32_t *left)
{
	uint32_t ms = req->len ? BLOCK_MS : req->timeout_ms;
	const uint8_t *csw = s->page + AT_STATUS;
	int err = read_block(s, ms);

	if (err == E_UNSUPP) {
		err = usb_clear_halt(s->dev, pipe_in(s));
		err = err ? err : read_block(s, ms);
	}
	if (err)
		return err;
	*status = csw[12];
	*left = get_le32(csw + 8);
	if (get_le32(csw) != CSW_SIGNATURE || get_le32(csw + 4) != s->tag || *status > CSW_FAILED)
		return E_FORMAT;
	return 0;
}

/* ---- the host ---------------------------------------------------------------------------- */

/* One command from beginning to end; whatever goes wrong, the next one starts from a clean device. */
static int carry_out(struct storage *s, struct scsi_request *req, uint8_t *status)
{
	uint32_t moved = 0, left = 0;
	int err = send_command(s, req);

	err = err ? err : move_data(s, req, &moved);
	err = err ? err : read_status(s, req, status, &left);
	if (err) {
		log_debug("%s: port %u: command %02x: %s", s->name, s->dev->port, req->cdb[0],
			  err_text(err));
		if (reset_recovery(s))
			return s->dev->state->gone ? E_NOENT : E_IO;
		return err == E_TIMEOUT ? E_TIMEOUT : E_IO;
	}
	left = left < req->len ? left : req->len;
	req->residual = req->len - moved > left ? req->len - moved : left;
	return 0;
}

/*
 * QEMU (7.2, usb-bot) does not find the sense data of units but the first, and says that there is no such
 * unit. For one that took the command the reason is then not known: try again. usb-xhci-units.
 */
static bool is_no_reason(const struct scsi_request *req)
{
	return unit_number(req) > 0 && (req->sense[2] & 15) == 5 && req->sense[12] == 0x25;
}

/* Why the last command failed. */
static int ask_sense(struct storage *s, struct scsi_request *failed)
{
	struct scsi_request req = {.unit = failed->unit,
				   .cdb = {CMD_SENSE, 0, 0, 0, SENSE_LEN},
				   .cdb_len = 6,
				   .way = SCSI_FROM_DEVICE,
				   .data = failed->sense,
				   .len = SENSE_LEN,
				   .timeout_ms = BLOCK_MS};
	uint8_t status = 0;
	int err;

	memset(failed->sense, 0, sizeof(failed->sense));
	err = carry_out(s, &req, &status);
	if (!err && status == CSW_PASSED)
		failed->sense_len = (uint8_t)(SENSE_LEN - req.residual);
	if (is_no_reason(failed))
		failed->sense[2] = SENSE_ABORTED;
	return err;
}

/*
 * Which units there are follows from the number of the last one. What sticks answer to REPORT LUNS, if
 * they survive it, is not to be relied on: it is answered here, as an unknown command.
 */
static void refuse(struct scsi_request *req)
{
	static const uint8_t unknown[] = {0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x20, 0};

	req->status = CHECK;
	memcpy(req->sense, unknown, sizeof(unknown));
	req->sense_len = sizeof(unknown);
	req->residual = req->len;
}

static int command(struct scsi_host *host, struct scsi_request *req)
{
	struct storage *s = storage_of(host);
	uint8_t status = 0;
	int err;

	req->status = 0;
	req->sense_len = 0;
	req->residual = 0;
	if (s->dead)
		return E_IO;
	if (req->cdb[0] == CMD_LUNS) {
		refuse(req);
		return 0;
	}
	err = carry_out(s, req, &status);
	if (err || status == CSW_PASSED)
		return err;
	req->status = CHECK;
	return ask_sense(s, req);
}

static uint64_t unit_address(const struct storage *s, uint32_t lun)
{
	return (0x01000000ull | (uint64_t)s->dev->root << 16 | lun) << 32;
}

static bool target(struct scsi_host *host, uint32_t i, uint64_t *unit)
{
	*unit = unit_address(storage_of(host), 0);
	return i == 0;
}

static int unit(struct scsi_host *host, uint32_t i, const uint8_t entry[8], uint64_t *out)
{
	uint32_t lun;
	int err = scsi_lun_number(entry, &lun);

	if (err || i || lun >= host->try_luns)
		return E_RANGE;
	*out = unit_address(storage_of(host), lun);
	return 0;
}

static void stop(struct scsi_host *host)
{
	struct storage *s = storage_of(host);
	const struct dma *dma = s->dev->usb->dma;

	dma->ops->free(dma->ctx, s->page, PAGE, s->page_dev);
	heap_free(s);
}

static const struct scsi_host_ops storage_ops = {
	.command = command, .target = target, .unit = unit, .stop = stop};

/* Devices with one unit may stall the question. */
static int count_units(struct usb_dev *dev, uint32_t *n)
{
	struct usb_request req = {0xa1, GET_MAX_LUN, 0, dev->state->interface, 1};
	uint8_t last = 0;
	int err = usb_ask(dev, req, &last, NULL);

	if (err && err != E_UNSUPP && err != E_FORMAT)
		return err;
	*n = !err && last <= LUN_MAX ? last + 1u : 1;
	return 0;
}

int usb_storage_start(struct usb_dev *dev, const char *name, struct scsi_host **host)
{
	const struct dma *dma = dev->usb->dma;
	struct storage *s;
	uint32_t units = 0;
	int err = dev->kind == USB_STORAGE ? count_units(dev, &units) : E_UNSUPP;

	if (err)
		return err;
	s = try_alloc(sizeof(*s));
	if (!s)
		return E_NOMEM;
	s->dev = dev;
	s->name = name;
	s->host = (struct scsi_host){.ops = &storage_ops,
				     .max_bytes = dev->state->speed == SPEED_SUPER ? TRANSFER_MAX
										   : SLOW_BYTES,
				     .try_luns = units};
	s->page = dma->ops->alloc(dma->ctx, PAGE, &s->page_dev);
	if (!s->page) {
		heap_free(s);
		return E_NOMEM;
	}
	*host = &s->host;
	return 0;
}
