/* SPDX-License-Identifier: BSD-2-Clause */
/* Hubs (USB 2.0 chapter 11, USB 3.2 chapter 10): power for the ports, and what is found there. */
#define LOG_TAG "usb"
#include "usb-priv.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"

#define GET_STATUS    0
#define CLEAR_FEATURE 1
#define SET_FEATURE   3
#define GET_DESC      6
#define SET_DEPTH     12

#define TO_HUB    0x20
#define TO_PORT   0x23
#define FROM_HUB  0xa0
#define FROM_PORT 0xa3

#define PORT_ENABLE        1
#define PORT_RESET_FEATURE 4
#define PORT_POWER         8
#define C_PORT_RESET       20

#define STATUS_CONNECTED 1u
#define STATUS_ENABLED   2u
#define STATUS_RESET     0x10u
#define STATUS_LOW       0x200u
#define STATUS_HIGH      0x400u

#define PORTS_MAX   31u  /* no hub has more; SuperSpeed allows 15 */
#define DEVICES_MAX 127u /* of a bus */
#define RESET_MS    500u
#define POWER_MS    100u /* at least: devices need that long to be seen (7.1.7.3) */

static int port_status(struct usb_dev *hub, unsigned port, uint32_t *status)
{
	uint8_t d[4];
	int err = usb_ask(hub, (struct usb_request){FROM_PORT, GET_STATUS, 0, (uint16_t)port, 4}, d,
			  NULL);

	if (!err)
		*status = get_le32(d);
	return err;
}

bool hub_connected(struct usb_dev *hub, unsigned port)
{
	uint32_t status = 0;

	return port_status(hub, port, &status) == 0 && status & STATUS_CONNECTED;
}

void hub_disable(struct usb_dev *hub, unsigned port)
{
	(void)!usb_tell(hub, TO_PORT, CLEAR_FEATURE, PORT_ENABLE, (uint16_t)port);
}

static enum usb_speed speed_of(const struct usb_dev *hub, uint32_t status)
{
	if (hub->state->speed == SPEED_SUPER)
		return SPEED_SUPER;
	if (status & STATUS_LOW)
		return SPEED_LOW;
	return status & STATUS_HIGH ? SPEED_HIGH : SPEED_FULL;
}

static int port_reset(struct usb_dev *hub, unsigned port, enum usb_speed *speed)
{
	struct wait w = wait_ms(RESET_MS);
	uint32_t status = 0;
	int err = usb_tell(hub, TO_PORT, SET_FEATURE, PORT_RESET_FEATURE, (uint16_t)port);

	while (!err) {
		err = port_status(hub, port, &status);
		if (err || (!(status & STATUS_RESET) && status & STATUS_ENABLED))
			break;
		err = wait_more(&w) ? 0 : E_TIMEOUT;
	}
	if (!err)
		err = usb_tell(hub, TO_PORT, CLEAR_FEATURE, C_PORT_RESET, (uint16_t)port);
	if (!err)
		*speed = speed_of(hub, status);
	return err;
}

static void look_at(struct usb_dev *hub, unsigned port)
{
	enum usb_speed speed;
	int err;

	if (hub->usb->devices >= DEVICES_MAX || !hub_connected(hub, port))
		return;
	err = port_reset(hub, port, &speed);
	if (err)
		log_warn("%s: port %u of the hub on port %u does not reset: %s", hub->usb->name,
			 port, hub->port, err_text(err));
	else
		usb_found(hub->usb, hub, port, speed);
}

/* How many ports, and what the controller and the hub itself have to know. */
static int learn(struct usb_dev *hub, unsigned *wait)
{
	struct usb_state *s = hub->state;
	bool is_super = s->speed == SPEED_SUPER;
	uint16_t which = is_super ? 0x2a00 : 0x2900;
	uint8_t d[8];
	int err = usb_ask(hub, (struct usb_request){FROM_HUB, GET_DESC, which, 0, sizeof(d)}, d,
			  NULL);

	if (err)
		return err;
	if (d[2] == 0 || d[2] > PORTS_MAX)
		return E_FORMAT;
	s->hub_ports = d[2];
	*wait = d[5] * 2u;
	err = hub->usb->ops->configure(hub);
	if (!err && is_super)
		err = usb_tell(hub, TO_HUB, SET_DEPTH, s->depth, 0);
	return err;
}

void hub_start(struct usb_dev *hub)
{
	unsigned wait = 0;
	int err = hub->state->depth < DEPTH_MAX ? learn(hub, &wait) : E_DEPTH;

	for (unsigned port = 1; port <= hub->state->hub_ports && !err; port++)
		err = usb_tell(hub, TO_PORT, SET_FEATURE, PORT_POWER, (uint16_t)port);
	if (err) {
		log_warn("%s: the hub on port %u does not work: %s", hub->usb->name, hub->port,
			 err_text(err));
		return;
	}
	clock_delay_us((wait > POWER_MS ? wait : POWER_MS) * 1000ull);
	for (unsigned port = 1; port <= hub->state->hub_ports; port++)
		look_at(hub, port);
}
