/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a port with something on it to a device with an address, a known purpose and working pipes (USB 2.0
 * 9.1, 9.4). One that does not play along is told, forgotten, and the next port is looked at.
 */
#define LOG_TAG "usb"
#include "usb-priv.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"

#define GET_DESCRIPTOR    6
#define SET_CONFIGURATION 9
#define DEVICE            0x100
#define CONFIGURATION     0x200

#define CLASS_HUB   9
#define CONFIG_MAX  4096u  /* more than any device has; a longer one is read so far */
#define RECOVERY_US 10000u /* after a reset (7.1.7.5) */
#define SETTLE_MS   100u
#define STABLE_MS   10u

static const char *const speeds[] = {"?", "full", "low", "high", "super"};

static int get_descriptor(struct usb_dev *dev, uint16_t which, void *buf, uint16_t len)
{
	return usb_ask(dev, (struct usb_request){0x80, GET_DESCRIPTOR, which, 0, len}, buf, NULL);
}

/* ---- one device -------------------------------------------------------------------------- */

/* Its packet size is in the first 8 bytes of the descriptor, which any size can move. */
static int learn_packet0(struct usb_dev *dev)
{
	struct usb_state *s = dev->state;
	uint8_t d[8];
	int err;

	if (s->speed == SPEED_SUPER)
		return 0;
	err = get_descriptor(dev, DEVICE, d, sizeof(d));
	if (err)
		return err;
	if (d[7] != 8 && d[7] != 16 && d[7] != 32 && d[7] != 64)
		return E_FORMAT;
	if (d[7] == s->packet0)
		return 0;
	s->packet0 = d[7];
	return dev->usb->ops->set_packet0(dev);
}

static int read_device(struct usb_dev *dev, uint8_t *class)
{
	uint8_t d[18];
	int err = learn_packet0(dev);

	err = err ? err : get_descriptor(dev, DEVICE, d, sizeof(d));
	if (err)
		return err;
	*class = d[4];
	dev->vendor = get_le16(d + 8);
	dev->product = get_le16(d + 10);
	return d[1] == DEVICE >> 8 ? 0 : E_FORMAT;
}

/* The first configuration, whole. */
static int read_config(struct usb_dev *dev)
{
	uint8_t head[9], *all;
	uint32_t len, done = 0;
	int err = get_descriptor(dev, CONFIGURATION, head, sizeof(head));

	if (err)
		return err;
	len = get_le16(head + 2);
	if (len < sizeof(head) || head[1] != CONFIGURATION >> 8)
		return E_FORMAT;
	len = len < CONFIG_MAX ? len : CONFIG_MAX;
	all = try_alloc(len);
	if (!all)
		return E_NOMEM;
	err = usb_ask(dev,
		      (struct usb_request){0x80, GET_DESCRIPTOR, CONFIGURATION, 0, (uint16_t)len},
		      all, &done);
	dev->state->config = head[5];
	if (!err && dev->kind != USB_HUB)
		usb_parse(dev, all, done);
	heap_free(all);
	return err;
}

static int set_up(struct usb_dev *dev)
{
	uint8_t class = 0;
	int err = read_device(dev, &class);

	if (!err && class == CLASS_HUB)
		dev->kind = USB_HUB;
	err = err ? err : read_config(dev);
	if (err || dev->kind == USB_OTHER)
		return err;
	err = usb_tell(dev, 0, SET_CONFIGURATION, dev->state->config, 0);
	if (!err && dev->kind != USB_HUB)
		err = dev->usb->ops->configure(dev);
	return err;
}

static uint16_t first_packet0(enum usb_speed speed)
{
	return speed == SPEED_SUPER ? 512 : speed == SPEED_HIGH ? 64 : 8;
}

static struct usb_dev *new_device(struct usb *usb, struct usb_dev *parent, unsigned port,
				  enum usb_speed speed)
{
	struct usb_dev *dev = try_alloc(sizeof(*dev) + sizeof(*dev->state));

	if (!dev)
		return NULL;
	dev->state = (struct usb_state *)(dev + 1);
	dev->usb = usb;
	dev->parent = parent;
	dev->port = parent ? (uint8_t)port : usb->ops->port_number(usb, port);
	dev->root = parent ? parent->root : dev->port;
	dev->state->speed = speed;
	dev->state->depth = parent ? (uint8_t)(parent->state->depth + 1) : 0;
	dev->state->root_port = parent ? parent->state->root_port : (uint8_t)port;
	dev->state->packet0 = first_packet0(speed);
	return dev;
}

static void append(struct usb_dev **at, struct usb_dev *dev)
{
	while (*at)
		at = &(*at)->next;
	*at = dev;
}

/* One without an address would take what is meant for the next. */
static void disable(struct usb *usb, struct usb_dev *parent, unsigned port)
{
	if (usb->dead)
		return;
	if (parent)
		hub_disable(parent, port);
	else if (usb->ops->port_disable)
		usb->ops->port_disable(usb, port);
}

void usb_found(struct usb *usb, struct usb_dev *parent, unsigned port, enum usb_speed speed)
{
	struct usb_dev *dev = new_device(usb, parent, port, speed);
	int err = dev ? 0 : E_NOMEM;

	clock_delay_us(RECOVERY_US);
	err = err ? err : usb->ops->attach(dev);
	if (!err) {
		err = set_up(dev);
		if (err)
			usb->ops->detach(dev);
	}
	if (err) {
		log_warn("%s: the %s-speed device on port %u cannot be used: %s", usb->name,
			 speeds[speed], port, err_text(err));
		heap_free(dev);
		disable(usb, parent, port);
		return;
	}
	log_info("%s: port %u: %04x:%04x, %s speed, kind %u", usb->name, port, dev->vendor,
		 dev->product, speeds[speed], dev->kind);
	append(parent ? &parent->child : &usb->first, dev);
	usb->devices++;
	if (dev->kind == USB_HUB)
		hub_start(dev);
}

/* ---- the controller's ports -------------------------------------------------------------- */

static unsigned count_connected(struct usb *usb)
{
	unsigned n = 0;

	for (unsigned port = 1; port <= usb->ports; port++)
		n += usb->ops->port_connected(usb, port);
	return n;
}

/* After a reset of the controller devices come one by one; those of QEMU are there at once. */
static void settle(struct usb *usb)
{
	struct deadline end = deadline_in_ms(SETTLE_MS);
	unsigned n = 0, before;

	do {
		before = n;
		clock_delay_us(STABLE_MS * 1000);
		n = count_connected(usb);
	} while ((n == 0 || n != before) && !deadline_passed(&end));
}

void usb_enumerate(struct usb *usb)
{
	settle(usb);
	for (unsigned port = 1; port <= usb->ports && !usb->dead; port++) {
		enum usb_speed speed;
		int err;

		if (!usb->ops->port_connected(usb, port))
			continue;
		err = usb->ops->port_reset(usb, port, &speed);
		if (err)
			log_warn("%s: port %u does not reset: %s", usb->name, port, err_text(err));
		else
			usb_found(usb, NULL, port, speed);
	}
	log_info("%s: %u ports, %u devices", usb->name, usb->ports, usb->devices);
}

struct usb_dev *usb_first(struct usb *usb)
{
	return usb->first;
}

bool usb_is_there(struct usb_dev *dev)
{
	struct usb *usb = dev->usb;

	if (usb->dead)
		return false;
	if (dev->parent)
		return !dev->parent->state->gone && hub_connected(dev->parent, dev->port);
	return usb->ops->port_connected(usb, dev->state->root_port);
}

/* ---- the end ----------------------------------------------------------------------------- */

/* Children before their hub; the depth is bounded by DEPTH_MAX. */
static void forget(struct usb *usb, struct usb_dev *dev)
{
	while (dev) {
		struct usb_dev *next = dev->next;

		forget(usb, dev->child);
		usb->ops->detach(dev);
		heap_free(dev);
		dev = next;
	}
}

void usb_stop(struct usb *usb)
{
	if (!usb)
		return;
	forget(usb, usb->first);
	usb->first = NULL;
	usb_hcd_stop(usb);
}
