/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Devices as the controller knows them (xHCI 4.3, 4.5, 6.2): a slot, a context that describes the device to
 * it, a ring for each pipe. What is in the context is written from our own records; what the controller
 * writes there is looked at for nothing but the state of a pipe that is to be stopped.
 */
#define LOG_TAG "xhci"
#include "xhci-priv.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"

#define ADD_SLOT 1u
#define ADD_EP0  2u

#define SLOT_HUB     0x4000000u
#define SLOT_LAST(n) ((uint32_t)(n) << 27)

#define EP_CONTROL      4u
#define EP_TO_US        4u /* added to the type */
#define EP_TYPE(t)      ((uint32_t)(t) << 3)
#define EP_TRIES        6u
#define EP_STATE_HALTED 2u
#define EP_STATE_RUNS   1u

#define SETUP_NO_DATA 0u
#define SETUP_OUT     0x20000u
#define SETUP_IN      0x30000u

static struct xdev *xdev_of(struct usb_dev *dev)
{
	return dev->state->hcd;
}

/* ---- contexts ---------------------------------------------------------------------------- */

static uint8_t endpoint_id(const struct usb_pipe *pipe)
{
	return (uint8_t)((pipe->address & 15) * 2 + (pipe->address >> 7));
}

/* The path through the hubs, four bits each, the nearest to the controller lowest (8.9). */
static uint32_t route_of(const struct usb_dev *dev)
{
	uint32_t route = 0;

	for (; dev->parent; dev = dev->parent)
		route = route << 4 | (dev->port < 15 ? dev->port : 15);
	return route;
}

/* The high-speed hub that speaks for a slower device behind it, and at which port. */
static uint32_t translator_of(const struct usb_dev *dev)
{
	enum usb_speed speed = dev->state->speed;

	for (; dev->parent && speed != SPEED_HIGH && speed != SPEED_SUPER; dev = dev->parent)
		if (dev->parent->state->speed == SPEED_HIGH)
			return xdev_of(dev->parent)->slot | (uint32_t)dev->port << 8;
	return 0;
}

static void fill_slot(const struct usb_dev *dev, uint8_t *c, unsigned last)
{
	const struct usb_state *s = dev->state;

	put_le32(c, route_of(dev) | (uint32_t)s->speed << 20 |
			    (dev->kind == USB_HUB ? SLOT_HUB : 0) | SLOT_LAST(last));
	put_le32(c + 4, (uint32_t)s->root_port << 16 | (uint32_t)s->hub_ports << 24);
	put_le32(c + 8, translator_of(dev));
}

/* In units of 125 us, as a power of two; slower devices count frames of a millisecond. */
static uint32_t interval_of(const struct usb_dev *dev, const struct usb_pipe *pipe)
{
	uint32_t n = 3;

	if (pipe->type != PIPE_INTERRUPT)
		return 0;
	if (dev->state->speed == SPEED_HIGH || dev->state->speed == SPEED_SUPER)
		return pipe->interval > 0 && pipe->interval < 17 ? pipe->interval - 1u : 15;
	while (n < 10 && 8u * pipe->interval >= 2u << n)
		n++;
	return n;
}

static void fill_endpoint(uint8_t *c, uint32_t type, uint16_t packet, uint8_t burst,
			  uint32_t interval, const struct ring *r)
{
	uint32_t at_once = packet * (burst + 1u);

	put_le32(c, interval << 16);
	put_le32(c + 4, EP_TRIES | EP_TYPE(type) | (uint32_t)burst << 8 | (uint32_t)packet << 16);
	put_le64(c + 8, ring_dequeue(r));
	put_le32(c + 16, type == EP_CONTROL ? 8 : interval ? at_once << 16 | packet : CHUNK / 2);
}

/* An empty input context that adds what the flags say; its slot context is filled. */
static uint8_t *input_new(struct xhci *x, const struct usb_dev *dev, uint32_t add, unsigned last)
{
	uint8_t *in = x->mem + AT_INPUT;

	memset(in, 0, PAGE);
	put_le32(in + 4, add);
	fill_slot(dev, in + x->context, last);
	return in;
}

static uint8_t *input_endpoint(struct xhci *x, uint8_t *in, unsigned id)
{
	return in + (1 + id) * x->context;
}

/* The highest of its endpoints. */
static unsigned last_id(const struct usb_state *s)
{
	unsigned last = 1;

	for (unsigned i = 0; i < s->npipes; i++)
		if (endpoint_id(&s->pipe[i]) > last)
			last = endpoint_id(&s->pipe[i]);
	return last;
}

static int give_input(struct xhci *x, const struct xdev *d, enum trb_type type)
{
	return xhci_command(x, x->mem_dev + AT_INPUT, 0, TRB_TYPE(type) | TRB_SLOT(d->slot), NULL);
}

/* ---- coming and going -------------------------------------------------------------------- */

static void free_xdev(struct xhci *x, struct xdev *d)
{
	x->usb.dma->ops->free(x->usb.dma->ctx, d->mem, DEVICE_PAGES * PAGE, d->dev);
	heap_free(d);
}

static struct xdev *new_xdev(struct xhci *x)
{
	struct xdev *d = try_alloc(sizeof(*d));

	if (!d)
		return NULL;
	d->mem = x->usb.dma->ops->alloc(x->usb.dma->ctx, DEVICE_PAGES * PAGE, &d->dev);
	if (!d->mem) {
		heap_free(d);
		return NULL;
	}
	ring_init(&d->ring[0], d->mem + PAGE, d->dev + PAGE);
	d->ring[0].id = 1;
	return d;
}

static int take_slot(struct xhci *x, struct xdev *d)
{
	int err = xhci_command(x, 0, 0, TRB_TYPE(T_ENABLE_SLOT), &d->slot);

	if (!err && (d->slot == 0 || d->slot > x->slots || x->device[d->slot])) {
		log_warn("%s: slot %u is given, of %u", x->usb.name, d->slot, x->slots);
		err = E_IO;
	}
	if (!err)
		x->device[d->slot] = d;
	return err;
}

static int address(struct xhci *x, struct usb_dev *dev, struct xdev *d)
{
	uint8_t *in = input_new(x, dev, ADD_SLOT | ADD_EP0, 1);

	fill_endpoint(input_endpoint(x, in, 1), EP_CONTROL, dev->state->packet0, 0, 0, &d->ring[0]);
	put_le64(x->mem + AT_BASES + 8 * d->slot, d->dev);
	return give_input(x, d, T_ADDRESS);
}

int xhci_attach(struct usb_dev *dev)
{
	struct xhci *x = xhci_of(dev->usb);
	struct xdev *d = new_xdev(x);
	int err;

	if (!d)
		return E_NOMEM;
	err = take_slot(x, d);
	if (err) {
		free_xdev(x, d);
		return err;
	}
	dev->state->hcd = d;
	err = address(x, dev, d);
	if (err)
		xhci_detach(dev);
	return err;
}

/* Nothing of the device runs afterwards. */
static void disable_slot(struct xhci *x, struct xdev *d)
{
	if (!x->usb.dead && !d->disabled &&
	    xhci_command(x, 0, 0, TRB_TYPE(T_DISABLE_SLOT) | TRB_SLOT(d->slot), NULL))
		xhci_kill(x, "a slot is not given back");
	d->disabled = true;
}

void xhci_detach(struct usb_dev *dev)
{
	struct xhci *x = xhci_of(dev->usb);
	struct xdev *d = xdev_of(dev);

	disable_slot(x, d);
	put_le64(x->mem + AT_BASES + 8 * d->slot, 0);
	x->device[d->slot] = NULL;
	dev->state->hcd = NULL;
	free_xdev(x, d);
}

int xhci_set_packet0(struct usb_dev *dev)
{
	struct xhci *x = xhci_of(dev->usb);
	struct xdev *d = xdev_of(dev);
	uint8_t *in = input_new(x, dev, ADD_EP0, 1);

	fill_endpoint(input_endpoint(x, in, 1), EP_CONTROL, dev->state->packet0, 0, 0, &d->ring[0]);
	return give_input(x, d, T_EVALUATE);
}

/* Pipes first to end - 1 begin on empty rings; those the controller knows already are dropped before. */
static int add_pipes(struct usb_dev *dev, unsigned first, unsigned end, bool drop)
{
	struct xhci *x = xhci_of(dev->usb);
	struct xdev *d = xdev_of(dev);
	const struct usb_state *s = dev->state;
	uint8_t *in = input_new(x, dev, 0, last_id(s));
	uint32_t add = 0;

	for (unsigned i = first; i < end; i++) {
		const struct usb_pipe *p = &s->pipe[i];
		struct ring *r = &d->ring[1 + i];
		uint32_t type = p->type + (p->address & 0x80 ? EP_TO_US : 0);

		memset(d->mem + (2 + i) * PAGE, 0, PAGE);
		ring_init(r, d->mem + (2 + i) * PAGE, d->dev + (2 + i) * PAGE);
		r->id = endpoint_id(p);
		add |= 1u << r->id;
		fill_endpoint(input_endpoint(x, in, r->id), type, p->packet, p->burst,
			      interval_of(dev, p), r);
	}
	put_le32(in, drop ? add : 0);
	put_le32(in + 4, add | ADD_SLOT);
	return give_input(x, d, T_CONFIGURE);
}

int xhci_configure(struct usb_dev *dev)
{
	return add_pipes(dev, 0, dev->state->npipes, false);
}

/* ---- transfers --------------------------------------------------------------------------- */

static struct ring *ring_for(const struct usb_transfer *t)
{
	struct xdev *d = xdev_of(t->dev);

	return &d->ring[t->pipe ? 1 + (t->pipe - t->dev->state->pipe) : 0];
}

static void add_control(struct ring *r, const struct usb_transfer *t)
{
	uint32_t way = t->in ? TRB_IN : 0;
	uint32_t kind = !t->len ? SETUP_NO_DATA : t->in ? SETUP_IN : SETUP_OUT;

	ring_add(r, get_le64(t->setup), 8, TRB_TYPE(T_SETUP) | TRB_INLINE | kind);
	if (t->len)
		ring_add(r, t->at, t->len, TRB_TYPE(T_DATA) | TRB_SHORT | way);
	ring_add(r, 0, 0, TRB_TYPE(T_STATUS) | TRB_TELL | (t->len && t->in ? 0 : TRB_IN));
}

/* How many packets come after a block, as far as five bits tell (4.11.2.4). */
static uint32_t packets(const struct usb_transfer *t, uint32_t left)
{
	uint32_t n = (left + t->pipe->packet - 1u) / t->pipe->packet;

	return (n < 31 ? n : 31) << 17;
}

static void add_data(struct ring *r, const struct usb_transfer *t)
{
	uint64_t at = t->at;
	uint32_t left = t->len;

	do {
		uint32_t room = CHUNK - (uint32_t)(at & (CHUNK - 1));
		uint32_t some = left < room ? left : room;

		left -= some;
		ring_add(r, at, some | packets(t, left),
			 TRB_TYPE(T_NORMAL) | TRB_SHORT | (left ? TRB_CHAIN : TRB_TELL));
		at += some;
	} while (left > 0);
}

int xhci_submit(struct usb_transfer *t)
{
	struct xhci *x = xhci_of(t->dev->usb);
	struct ring *r = ring_for(t);

	/* a block of control data does not cross 64 KiB either, and there is but one */
	if (!t->pipe && (t->at & (CHUNK - 1)) + t->len > CHUNK)
		return E_INVAL;
	r->t = t;
	ring_begin(r);
	if (t->pipe)
		add_data(r, t);
	else
		add_control(r, t);
	if (!t->pipe)
		t->done = t->len; /* unless an event says less */
	ring_commit(r);
	xhci_doorbell(x, xdev_of(t->dev)->slot, r->id);
	return 0;
}

/* ---- pipes that stopped, or have to ------------------------------------------------------ */

static uint32_t endpoint_state(const struct xhci *x, const struct xdev *d, const struct ring *r)
{
	return get_le32(d->mem + r->id * x->context) & 7;
}

/*
 * The ring goes on behind all that was. A pipe that does not let itself be stopped takes the device with it:
 * disabling the slot stops all its pipes, and if that fails the controller is cut off.
 */
static void recover(struct usb_dev *dev, struct ring *r)
{
	struct xhci *x = xhci_of(dev->usb);
	struct xdev *d = xdev_of(dev);
	uint32_t at = TRB_SLOT(d->slot) | TRB_EP(r->id), state = endpoint_state(x, d, r);
	int err = 0;

	r->t = NULL;
	r->count = 0;
	if (state == EP_STATE_HALTED)
		err = xhci_command(x, 0, 0, TRB_TYPE(T_RESET_EP) | at, NULL);
	else if (state == EP_STATE_RUNS)
		err = xhci_command(x, 0, 0, TRB_TYPE(T_STOP_EP) | at, NULL);
	if (!err)
		err = xhci_command(x, ring_dequeue(r), 0, TRB_TYPE(T_SET_DEQUEUE) | at, NULL);
	if (!err || x->usb.dead)
		return;
	dev->state->gone = true;
	disable_slot(x, d);
	log_warn("%s: port %u: a pipe cannot be stopped", x->usb.name, dev->port);
}

bool xhci_poll(struct usb_transfer *t)
{
	struct xhci *x = xhci_of(t->dev->usb);
	struct ring *r = ring_for(t);

	xhci_events(x);
	if (!r->over)
		return false;
	t->result = r->code == CODE_SUCCESS || r->code == CODE_SHORT ? 0
		    : r->code == CODE_STALL                          ? E_UNSUPP
								     : E_IO;
	if (t->result)
		recover(t->dev, r);
	r->t = NULL;
	r->count = 0;
	return true;
}

void xhci_cancel(struct usb_transfer *t)
{
	recover(t->dev, ring_for(t));
}

/* A reset of a pipe is for halted ones only; to drop it and add it again begins anew whatever it was. */
int xhci_reset_pipe(struct usb_dev *dev, struct usb_pipe *pipe)
{
	struct xhci *x = xhci_of(dev->usb);
	struct xdev *d = xdev_of(dev);
	unsigned i = (unsigned)(pipe - dev->state->pipe);
	uint32_t at = TRB_SLOT(d->slot) | TRB_EP(endpoint_id(pipe));

	if (endpoint_state(x, d, &d->ring[1 + i]) == EP_STATE_RUNS &&
	    xhci_command(x, 0, 0, TRB_TYPE(T_STOP_EP) | at, NULL))
		return E_IO;
	return add_pipes(dev, i, i + 1, true);
}
