/* SPDX-License-Identifier: BSD-2-Clause */
/* The device's side of USB 2.0 chapter 9 and 11, and of bulk-only mass storage. */
#include "fakeusb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "fakescsi.h"

#define MUST(cond)                                                         \
	do {                                                               \
		if (!(cond)) {                                             \
			fprintf(stderr, "fakeusb: not true: %s\n", #cond); \
			abort();                                           \
		}                                                          \
	} while (0)

enum { COMMAND, DATA, STATUS };

uint8_t fakeusb_packet0(const struct fakeusb *d)
{
	return d->packet0 ? d->packet0 : d->speed == 3 ? 64 : d->speed == 4 ? 9 : 8;
}

void fakeusb_reset(struct fakeusb *d)
{
	d->address = d->configured = 0;
	d->phase = COMMAND;
	d->stuck = false;
	d->halted[0] = d->halted[1] = false;
}

/* ---- descriptors ------------------------------------------------------------------------- */

static int give(uint8_t *to, uint32_t room, const uint8_t *from, uint32_t len)
{
	uint32_t n = len < room ? len : room;

	memcpy(to, from, n);
	return (int)n;
}

static uint32_t add_endpoint(const struct fakeusb *d, uint8_t *to, uint8_t address, uint8_t type)
{
	uint16_t packet = type == 3 ? 8 : d->speed == 4 ? 1024 : d->speed == 3 ? 512 : 64;
	uint8_t ep[13] = {7, 5, address, type, (uint8_t)packet, (uint8_t)(packet >> 8), 7, 6, 0x30,
			  0, 0, 0,       0};
	uint32_t len = d->speed == 4 ? 13 : 7;

	memcpy(to, ep, len);
	return len;
}

static uint32_t usual_config(const struct fakeusb *d, uint8_t *to)
{
	static const uint8_t classes[][3] = {{3, 1, 2}, {9, 0, 0}, {8, 6, 0x50}, {3, 1, 1}};
	const uint8_t *c = classes[d->kind];
	uint8_t head[18] = {9, 2, 0, 0, 1, 7, 0, 0x80, 50, 9, 4, 3, 0, 1, c[0], c[1], c[2], 0};
	uint32_t len = sizeof(head);

	memcpy(to, head, len);
	if (d->kind == FAKEUSB_STORAGE) {
		len += add_endpoint(d, to + len, 0x02, 2);
		len += add_endpoint(d, to + len, 0x81, 2);
	} else {
		len += add_endpoint(d, to + len, 0x81, 3);
	}
	put_le16(to + 2, (uint16_t)len);
	return len;
}

static int descriptor(struct fakeusb *d, uint16_t which, uint8_t *data, uint32_t len)
{
	uint8_t device[18] = {18,
			      1,
			      0,
			      2,
			      d->kind == FAKEUSB_HUB ? 9 : 0,
			      0,
			      0,
			      fakeusb_packet0(d),
			      0x34,
			      0x12,
			      0x78,
			      0x56,
			      0,
			      1,
			      0,
			      0,
			      0,
			      1};
	uint8_t config[64];

	if (which == 0x100)
		return give(data, len, device, sizeof(device));
	if (which != 0x200)
		return FAKEUSB_STALL;
	if (d->config) {
		static uint8_t copy[65536];

		memcpy(copy, d->config, d->config_len);
		if (d->config_says && d->config_len >= 4)
			put_le16(copy + 2, d->config_says);
		return give(data, len, copy, d->config_len);
	}
	return give(data, len, config, usual_config(d, config));
}

/* ---- hubs -------------------------------------------------------------------------------- */

static int hub_status(struct fakeusb *d, unsigned port, uint8_t *data)
{
	const struct fakeusb *on = d->power[port] ? d->port[port] : NULL;
	uint32_t status = d->power[port] ? 0x100 : 0;

	if (on)
		status |= 1 | (d->enabled[port] ? 2 : 0) |
			  (on->speed == 2   ? 0x200u
			   : on->speed == 3 ? 0x400u
					    : 0);
	put_le32(data, status);
	return 4;
}

static int hub_request(struct fakeusb *d, const uint8_t *setup, uint8_t *data, uint32_t len)
{
	unsigned port = get_le16(setup + 4) - 1u, feature = get_le16(setup + 2);
	uint8_t desc[9] = {9, 0x29, FAKEUSB_PORTS, 0, 0, 10, 0, 0, 0xff};

	MUST(d->configured);
	if (setup[0] == 0xa0 && setup[1] == 6)
		return give(data, len, desc, sizeof(desc));
	if (setup[0] == 0x20 && setup[1] == 12)
		return 0;
	MUST((setup[0] & 0x7f) == 0x23 && port < FAKEUSB_PORTS);
	if (setup[0] == 0xa3) {
		MUST(len == 4);
		return hub_status(d, port, data);
	}
	if (setup[1] == 1 && feature == 1)
		d->enabled[port] = false;
	if (setup[1] == 3 && feature == 8)
		d->power[port] = true;
	if (setup[1] == 3 && feature == 4) {
		MUST(d->power[port]);
		d->enabled[port] = d->port[port] != NULL;
		if (d->port[port])
			fakeusb_reset(d->port[port]);
	}
	return 0;
}

/* ---- requests ---------------------------------------------------------------------------- */

static int standard(struct fakeusb *d, const uint8_t *setup, uint8_t *data, uint32_t len)
{
	switch (setup[1]) {
	case 6:
		return descriptor(d, get_le16(setup + 2), data, len);
	case 5:
		d->address = setup[2];
		return 0;
	case 9:
		MUST(d->config || setup[2] == 7);
		d->configured = setup[2];
		return 0;
	case 1:
		MUST(setup[0] == 2 && get_le16(setup + 2) == 0);
		d->halted[setup[4] & 0x80 ? 0 : 1] = false;
		return 0;
	}
	return FAKEUSB_STALL;
}

static int class_request(struct fakeusb *d, const uint8_t *setup, uint8_t *data, uint32_t len)
{
	MUST(d->kind == FAKEUSB_HUB || d->config || get_le16(setup + 4) == 3); /* its interface */
	if (d->kind == FAKEUSB_HUB)
		return hub_request(d, setup, data, len);
	if (d->kind == FAKEUSB_STORAGE && setup[1] == 0xfe && !d->stalls_max_lun) {
		data[0] = d->units;
		return 1;
	}
	if (d->kind == FAKEUSB_STORAGE && setup[1] == 0xff) {
		d->resets++;
		d->stuck = false;
		d->phase = COMMAND;
		return d->never_recovers ? FAKEUSB_STALL : 0;
	}
	return d->kind == FAKEUSB_KEYBOARD ? 0 : FAKEUSB_STALL;
}

int fakeusb_control(struct fakeusb *d, const uint8_t setup[8], uint8_t *data, uint32_t len)
{
	MUST(len == get_le16(setup + 6));
	if (d->silent)
		return FAKEUSB_SILENT;
	return setup[0] & 0x20 ? class_request(d, setup, data, len) : standard(d, setup, data, len);
}

/* ---- mass storage ------------------------------------------------------------------------ */

/* The command is carried out when all its data is here; what it sends waits in a buffer. */
static void execute(struct fakeusb *d)
{
	struct scsi_request req = {.cdb_len = d->cbw[14],
				   .way = !d->want            ? SCSI_NO_DATA
					  : d->cbw[12] & 0x80 ? SCSI_FROM_DEVICE
							      : SCSI_TO_DEVICE,
				   .data = d->data,
				   .len = d->want};
	static struct scsi_request last; /* its sense is asked for */

	memcpy(req.cdb, d->cbw + 15, 16);
	if (req.cdb[0] == 3) {
		memset(d->data, 0, d->want);
		memcpy(d->data, last.sense, d->want < 18 ? d->want : 18);
		req.residual = d->want > 18 ? d->want - 18 : 0;
	} else {
		MUST(fakescsi_execute(0, d->cbw[13], &req) == 0);
		last = req;
	}
	d->data_len = d->want - req.residual;
	memcpy(d->status, "USBS", 4);
	memcpy(d->status + 4, d->cbw + 4, 4);
	put_le32(d->status + 8, req.residual);
	d->status[12] = req.status ? 1 : 0;
}

static int take_command(struct fakeusb *d, const uint8_t *data, uint32_t len)
{
	MUST(d->phase == COMMAND && len == 31 && get_le32(data) == 0x43425355);
	MUST((data[12] & 0x7f) == 0 && data[13] <= d->units && data[14] >= 6 && data[14] <= 16);
	d->commands++;
	d->stuck = d->commands == d->silent_at;
	if (d->stuck)
		return FAKEUSB_SILENT;
	if (d->commands == d->broken_at)
		return FAKEUSB_BROKEN;
	memcpy(d->cbw, data, 31);
	d->want = get_le32(data + 8);
	free(d->data);
	d->data = calloc(1, d->want + 1);
	d->data_at = 0;
	d->phase = d->want ? DATA : STATUS;
	if (!d->want || data[12])
		execute(d);
	return (int)len;
}

static int send_status(struct fakeusb *d, uint8_t *data, uint32_t len)
{
	MUST(len == 13);
	d->phase = COMMAND;
	if (d->commands == d->stall_status_at) {
		d->stall_status_at = 0;
		d->phase = STATUS;
		d->halted[0] = true;
		return FAKEUSB_STALL;
	}
	if (d->commands == d->bad_tag_at)
		d->status[4] ^= 1;
	if (d->commands == d->phase_at)
		d->status[12] = 2;
	return give(data, d->commands == d->short_status_at ? 5 : len, d->status, 13);
}

static int send_data(struct fakeusb *d, uint8_t *data, uint32_t len)
{
	MUST(len == d->want && d->cbw[12] & 0x80);
	d->phase = STATUS;
	if (d->commands == d->stall_data_at || (d->data_len < len && d->data_len % 64 == 0)) {
		d->halted[0] = true;
		return FAKEUSB_STALL;
	}
	return give(data, len, d->data, d->data_len);
}

static int take_data(struct fakeusb *d, const uint8_t *data, uint32_t len)
{
	MUST(d->phase == DATA && !(d->cbw[12] & 0x80) && len == d->want);
	memcpy(d->data, data, len);
	d->phase = STATUS;
	execute(d);
	return (int)len;
}

static int storage(struct fakeusb *d, uint8_t endpoint, uint8_t *data, uint32_t len)
{
	bool in = endpoint & 0x80;

	MUST(endpoint == 0x81 || endpoint == 0x02);
	if (d->stuck)
		return FAKEUSB_SILENT;
	if (d->halted[!in])
		return FAKEUSB_STALL;
	if (in)
		return d->phase == DATA ? send_data(d, data, len) : send_status(d, data, len);
	return d->phase == COMMAND ? take_command(d, data, len) : take_data(d, data, len);
}

int fakeusb_data(struct fakeusb *d, uint8_t endpoint, uint8_t *data, uint32_t len)
{
	MUST(d->configured);
	if (d->kind == FAKEUSB_STORAGE)
		return storage(d, endpoint, data, len);
	MUST(d->kind == FAKEUSB_KEYBOARD && endpoint == 0x81 && len == 8);
	if (d->nreports == 0)
		return FAKEUSB_NAK;
	d->nreports--;
	return give(data, len, *d->reports++, 8);
}
