/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading a configuration (USB 2.0 9.6, USB 3.2 9.6.7): a row of descriptors, each with its length in front.
 * Interfaces are taken in turn until one is complete that somebody drives. All that is
 * believed of a device's description is decided here.
 */
#define LOG_TAG "usb"
#include "usb-priv.h"

#include "base/bytes.h"
#include "base/log.h"

#define DESC_INTERFACE 4
#define DESC_ENDPOINT  5
#define DESC_COMPANION 0x30

#define CLASS_HID     3
#define CLASS_STORAGE 8
#define BULK_ONLY     0x50

/* Which driver an interface is for, by class, subclass and protocol. */
static enum usb_kind kind_of(const uint8_t *d)
{
	if (d[5] == CLASS_STORAGE && d[7] == BULK_ONLY)
		return USB_STORAGE;
	if (d[5] == CLASS_HID && d[6] == 1 && d[7] == 1)
		return USB_KEYBOARD;
	return USB_OTHER;
}

static bool is_pipe(const struct usb_pipe *p, enum pipe_type type, uint8_t way)
{
	return p->type == type && (p->address & 0x80) == way;
}

/* Has the interface what its driver needs? Pipes are put in order: to us, from us. */
static bool is_complete(enum usb_kind kind, struct usb_state *s)
{
	struct usb_pipe *p = s->pipe;

	if (kind == USB_KEYBOARD)
		return s->npipes > 0 && is_pipe(p, PIPE_INTERRUPT, 0x80);
	if (kind != USB_STORAGE || s->npipes != 2)
		return false;
	if (is_pipe(p, PIPE_BULK, 0)) {
		struct usb_pipe first = p[0];

		p[0] = p[1];
		p[1] = first;
	}
	return is_pipe(p, PIPE_BULK, 0x80) && is_pipe(p + 1, PIPE_BULK, 0);
}

/* Another of the interface's endpoints; those a driver here has no use for are left out. */
static void add_pipe(struct usb_state *s, const uint8_t *d)
{
	unsigned type = d[3] & 3u;
	uint16_t packet = get_le16(d + 4) & 0x7ff;
	bool usable = (type == PIPE_BULK && packet >= 8) || (type == PIPE_INTERRUPT && packet > 0);

	if (!usable || packet > 1024 || (d[2] & 0x70) || !(d[2] & 15) || s->npipes == PIPES)
		return;
	for (unsigned i = 0; i < s->npipes; i++)
		if (s->pipe[i].address == d[2])
			return;
	s->pipe[s->npipes++] = (struct usb_pipe){
		.address = d[2], .type = (enum pipe_type)type, .packet = packet, .interval = d[6]};
}

static void add_companion(struct usb_state *s, const uint8_t *d)
{
	if (s->npipes > 0 && d[2] < 16)
		s->pipe[s->npipes - 1].burst = d[2];
}

void usb_parse(struct usb_dev *dev, const uint8_t *config, uint32_t len)
{
	struct usb_state *s = dev->state;
	enum usb_kind kind = USB_OTHER;

	for (uint32_t at = 0; at + 2 <= len; at += config[at]) {
		const uint8_t *d = config + at;

		if (d[0] < 2 || d[0] > len - at) {
			log_warn("%s: port %u: a descriptor of %u bytes, %u are left",
				 dev->usb->name, dev->port, d[0], len - at);
			break;
		}
		if (d[1] == DESC_INTERFACE && d[0] >= 9) {
			if (is_complete(kind, s))
				break;
			kind = d[3] == 0 ? kind_of(d) : USB_OTHER;
			s->interface = d[2];
			s->npipes = 0;
		} else if (d[1] == DESC_ENDPOINT && d[0] >= 7 && kind != USB_OTHER) {
			add_pipe(s, d);
		} else if (d[1] == DESC_COMPANION && d[0] >= 6) {
			add_companion(s, d);
		}
	}
	if (is_complete(kind, s))
		dev->kind = kind;
	else
		s->npipes = 0;
	if (dev->kind == USB_KEYBOARD)
		s->npipes = 1;
}
