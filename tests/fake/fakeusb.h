/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * USB devices on the host, whatever controller carries them: hubs, mass storage over fakescsi (target 0),
 * keyboards. They judge who talks to them as far as a device can, and misbehave as asked.
 */
#ifndef FAKEUSB_H
#define FAKEUSB_H

#include "base/compiler.h"

#define FAKEUSB_PORTS 8u

#define FAKEUSB_STALL  (-1)
#define FAKEUSB_SILENT (-2) /* no answer, for ever */
#define FAKEUSB_BROKEN (-3) /* a transaction that failed */
#define FAKEUSB_NAK    (-4) /* nothing now */

enum fakeusb_kind { FAKEUSB_MOUSE, FAKEUSB_HUB, FAKEUSB_STORAGE, FAKEUSB_KEYBOARD };

struct fakeusb {
	enum fakeusb_kind kind;
	uint8_t speed;   /* 1 full, 2 low, 3 high, 4 super */
	uint8_t packet0; /* 0: what the speed says */
	uint8_t units;   /* of storage, less one */
	/* what it does wrong */
	const uint8_t *config; /* its configuration instead of the usual; NULL: the usual */
	uint16_t config_len, config_says;
	bool silent; /* answers no control request */
	bool stalls_max_lun;
	unsigned stall_data_at, stall_status_at, bad_tag_at, short_status_at, phase_at, silent_at,
		broken_at; /* command blocks are counted from 1 */
	bool never_recovers;
	/* of a hub */
	struct fakeusb *port[FAKEUSB_PORTS];
	bool power[FAKEUSB_PORTS], enabled[FAKEUSB_PORTS];
	/* of a keyboard: reports of 8 bytes that wait */
	const uint8_t (*reports)[8];
	unsigned nreports;
	/* what happened */
	uint8_t configured, address;
	bool stuck;     /* silent until reset */
	bool halted[2]; /* bulk in, bulk out */
	unsigned commands, resets;
	/* private */
	uint8_t phase, cbw[31], status[13];
	uint8_t *data;
	uint32_t data_len, data_at, want;
};

uint8_t fakeusb_packet0(const struct fakeusb *d);
/* A request with its data (to the device: data is read). Bytes moved, or one of the above. */
int fakeusb_control(struct fakeusb *d, const uint8_t setup[8], uint8_t *data, uint32_t len);
/* On an endpoint that is not 0; 0x80: to the host. */
int fakeusb_data(struct fakeusb *d, uint8_t endpoint, uint8_t *data, uint32_t len);
/* A reset of the port it is on. */
void fakeusb_reset(struct fakeusb *d);

#endif
