/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * OHCI 1.0a: full and low speed. Each pipe has an endpoint descriptor in one of three lists (control, bulk,
 * interrupt), which begins with one that is never served. A pipe without a transfer is skipped, so that
 * its descriptor may be changed; a transfer is a row of blocks behind it. What is done is seen in memory.
 */
#define LOG_TAG "ohci"
#include "usb-priv.h"

#include "usb/hcd.h"

#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"

/* Registers (7) */
#define HC_CONTROL  0x04u
#define HC_COMMAND  0x08u
#define HC_INT_OFF  0x14u
#define HC_HCCA     0x18u
#define HC_HEAD(i)  ((i) ? 0x28u : 0x20u) /* of the lists for control and bulk */
#define HC_INTERVAL 0x34u
#define HC_PERIODIC 0x40u
#define HC_ROOT_A   0x48u
#define HC_ROOT     0x50u
#define HC_PORT(n)  (0x50u + 4 * (n))

#define CONTROL_WAIT 0x80u /* operational, no lists */
#define CONTROL_RUN  0xb4u /* operational; periodic, control and bulk lists */
#define COMMAND_RST  1u
#define COMMAND_FILL 6u /* there is something in the lists for control and bulk */
#define ROOT_POWER   0x10000u
#define INTERVAL     0xa7782edfu /* of frames: 1 ms; what fits into one */
#define PERIODIC     0x2a2fu

#define PORT_CONNECTED 1u
#define PORT_DISABLE   1u /* when written */
#define PORT_ENABLED   2u
#define PORT_RESET     0x10u
#define PORT_POWER     0x100u
#define PORT_LOW       0x200u
#define PORT_CHANGES   0x1f0000u

/* Endpoint descriptors (4.2): flags, tail, head, next */
#define ED_LOW     0x2000u
#define ED_SKIP    0x4000u
#define ED_SKIP_1  0x40u /* the same in its byte */
#define HEAD_HALT  1u
#define HEAD_MASK  0xfffffff0u
/* Transfer descriptors (4.3): flags, buffer, next, end of buffer */
#define TD_ROUND   0x40000u /* less may come */
#define TD_SETUP   0u
#define TD_OUT     0x80000u
#define TD_IN      0x100000u
#define TD_QUIET   0xe00000u
#define TD_DATA0   0x2000000u
#define TD_DATA1   0x3000000u
#define TD_NEW     0xf0000000u
#define TD_CODE(v) ((v) >> 28)
#define CODE_STALL 4u
#define CODE_SHORT 9u

#define PAGE       4096u
#define TDS        60u      /* of a pipe, and one behind the last */
#define LEN_MAX    0x20000u /* which 33 blocks move */
#define PORTS_MAX  15u
#define PIPE_AT(i) (1024 * (i))
#define TD_AT(n)   (16 + 16 * (n))
#define RESET_MS   100u
#define PORT_MS    500u
#define FRAME_US   2000u /* more than one */

enum { LIST_CONTROL, LIST_BULK, LIST_INTERRUPT, LISTS };

/* A pipe's kilobyte of the device's page: descriptor, blocks. */
struct opipe {
	struct opipe *next; /* on its list */
	uint8_t *mem;       /* NULL: not in use */
	uint32_t dev;
	unsigned n;        /* blocks under way */
	uint32_t len[TDS]; /* what each is to move */
};

struct odev {
	uint8_t *page;
	uint64_t page_dev;
	struct opipe pipe[1 + PIPES];
};

struct ohci {
	struct usb usb;
	const struct pci_dev *pci;
	struct pci_bar bar;
	bool dead;
	uint8_t *page; /* what the controller and we share, and the heads of the lists */
	uint64_t page_dev;
	struct opipe list[LISTS];
};

#define AT_HEADS 1024

static struct ohci *ohci_of(struct usb *usb)
{
	return container_of(usb, struct ohci, usb);
}

static uint32_t reg_read(const struct ohci *o, uint32_t reg)
{
	return pci_read32(&o->bar, reg);
}

static void reg_write(const struct ohci *o, uint32_t reg, uint32_t v)
{
	pci_write32(&o->bar, reg, v);
}

/* ---- pipes ------------------------------------------------------------------------------- */

static bool is_dead(struct usb *usb)
{
	return ohci_of(usb)->dead;
}

static void set_skip(struct opipe *p, bool skip)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	p->mem[1] = (uint8_t)((p->mem[1] & ~ED_SKIP_1) | (skip ? ED_SKIP_1 : 0));
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* The pipe is skipped and the controller is somewhere else: a frame later it has seen it. */
static void pause(struct ohci *o, struct opipe *p)
{
	set_skip(p, true);
	reg_write(o, HC_COMMAND, COMMAND_FILL);
	clock_delay_us(FRAME_US);
	p->n = 0;
}

/* A link of a list that is served must not be seen half written: none is for that time. */
static void run(struct ohci *o, bool on)
{
	reg_write(o, HC_CONTROL, on ? CONTROL_RUN : CONTROL_WAIT);
	if (!on)
		clock_delay_us(FRAME_US);
}

/* First on its list behind the head; the pipe is skipped as yet. */
static void add_pipe(struct ohci *o, struct odev *d, unsigned i, unsigned list)
{
	struct opipe *p = &d->pipe[i], *head = &o->list[list];

	*p = (struct opipe){.next = head->next,
			    .mem = d->page + PIPE_AT(i),
			    .dev = (uint32_t)d->page_dev + PIPE_AT(i)};
	put_le32(p->mem, ED_SKIP);
	put_le32(p->mem + 8, 0);
	memcpy(p->mem + 12, head->mem + 12, 4);
	head->next = p;
	run(o, false);
	put_le32(head->mem + 12, p->dev);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	run(o, true);
}

static void remove_pipe(struct ohci *o, struct opipe *p)
{
	for (unsigned i = 0; i < LISTS; i++)
		for (struct opipe *at = &o->list[i]; at->next; at = at->next)
			if (at->next == p) {
				at->next = p->next;
				memcpy(at->mem + 12, p->mem + 12, 4);
				return;
			}
}

/* All that can change: address, endpoint, packet. The toggle of bulk pipes stays in the head. */
static void fill_endpoint(struct opipe *p, const struct usb_transfer *t)
{
	const struct usb_state *s = t->dev->state;
	uint32_t endpoint = t->pipe ? t->pipe->address & 15u : 0;
	uint32_t packet = t->pipe ? t->pipe->packet : s->packet0;

	put_le32(p->mem, s->address | endpoint << 7 | (s->speed == SPEED_LOW ? ED_LOW : 0) |
				 ED_SKIP | packet << 16);
}

/* ---- transfers --------------------------------------------------------------------------- */

static void add_td(struct opipe *p, uint32_t flags, uint32_t at, uint32_t len)
{
	uint8_t *td = p->mem + TD_AT(p->n);

	put_le32(td, flags | TD_QUIET | TD_NEW);
	put_le32(td + 4, len ? at : 0);
	put_le32(td + 8, p->dev + TD_AT(p->n + 1));
	put_le32(td + 12, len ? at + len - 1 : 0);
	p->len[p->n++] = len;
}

/* Blocks of at most two pages and whole packets; a short one before the last stops the pipe. */
static void add_data(struct opipe *p, uint32_t flags, uint32_t at, uint32_t len, uint32_t packet)
{
	do {
		uint32_t some = 2 * PAGE - (at & (PAGE - 1));

		some = len <= some ? len : some - some % packet;
		len -= some;
		add_td(p, flags | (len ? 0 : TD_ROUND), at, some);
		flags &= ~TD_DATA1; /* the next ones go on from there */
		at += some;
	} while (len > 0);
}

static void add_control(struct opipe *p, struct usb_transfer *t)
{
	uint8_t *setup = p->mem + TD_AT(TDS + 1);
	uint32_t way = t->in ? TD_IN : TD_OUT, back = t->in && t->len ? TD_OUT : TD_IN;

	memcpy(setup, t->setup, sizeof(t->setup));
	add_td(p, TD_SETUP | TD_DATA0, p->dev + TD_AT(TDS + 1), sizeof(t->setup));
	if (t->len)
		add_data(p, way | TD_DATA1, (uint32_t)t->at, t->len, t->dev->state->packet0);
	add_td(p, back | TD_DATA1, 0, 0);
}

static struct opipe *pipe_of(const struct usb_transfer *t)
{
	struct odev *d = t->dev->state->hcd;

	return &d->pipe[t->pipe ? 1 + (t->pipe - t->dev->state->pipe) : 0];
}

static int submit(struct usb_transfer *t)
{
	struct ohci *o = ohci_of(t->dev->usb);
	struct opipe *p = pipe_of(t);
	uint32_t toggle = get_le32(p->mem + 8) & 2;

	if (t->len > LEN_MAX || t->at + t->len > UINT32_MAX)
		return E_RANGE;
	p->n = 0;
	fill_endpoint(p, t);
	if (t->pipe)
		add_data(p, t->in ? TD_IN : TD_OUT, (uint32_t)t->at, t->len, t->pipe->packet);
	else
		add_control(p, t);
	put_le32(p->mem + 4, p->dev + TD_AT(p->n));
	put_le32(p->mem + 8, (p->dev + TD_AT(0)) | toggle);
	set_skip(p, false);
	reg_write(o, HC_COMMAND, COMMAND_FILL);
	return 0;
}

/* Bytes that a block moved; the buffer's place is 0 when all were. */
static uint32_t moved(const struct opipe *p, unsigned i)
{
	const uint8_t *td = p->mem + TD_AT(i);
	uint32_t at = get_le32(td + 4), left = at ? get_le32(td + 12) - at + 1 : 0;

	return left <= p->len[i] ? p->len[i] - left : 0;
}

/* How a transfer ended, from its blocks; those of control transfers around the data do not count. */
static void judge(const struct opipe *p, struct usb_transfer *t)
{
	unsigned first = t->pipe ? 0 : 1, end = t->pipe ? p->n : p->n - 1, code = 0;

	t->done = 0;
	for (unsigned i = 0; i < p->n && code == 0; i++) {
		code = TD_CODE(get_le32(p->mem + TD_AT(i)));
		if (i >= first && i < end && (code == 0 || code == CODE_SHORT))
			t->done += moved(p, i);
	}
	t->result = code == 0 || code == CODE_SHORT ? 0 : code == CODE_STALL ? E_UNSUPP : E_IO;
}

static bool poll(struct usb_transfer *t)
{
	struct opipe *p = pipe_of(t);
	uint32_t head = get_le32(p->mem + 8), tail = get_le32(p->mem + 4);

	if (!(head & HEAD_HALT) && (head & HEAD_MASK) != tail)
		return false;
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	set_skip(p, true);
	judge(p, t);
	put_le32(p->mem + 8, tail | (head & 2));
	p->n = 0;
	return true;
}

static void cancel(struct usb_transfer *t)
{
	struct opipe *p = pipe_of(t);

	pause(ohci_of(t->dev->usb), p);
	put_le32(p->mem + 8, get_le32(p->mem + 4) | (get_le32(p->mem + 8) & 2));
}

static int reset_pipe(struct usb_dev *dev, struct usb_pipe *pipe)
{
	struct odev *d = dev->state->hcd;
	struct opipe *p = &d->pipe[1 + (pipe - dev->state->pipe)];

	put_le32(p->mem + 8, get_le32(p->mem + 4) & HEAD_MASK);
	return 0;
}

/* ---- devices ----------------------------------------------------------------------------- */

static void detach(struct usb_dev *dev)
{
	struct ohci *o = ohci_of(dev->usb);
	const struct dma *dma = dev->usb->dma;
	struct odev *d = dev->state->hcd;

	run(o, false);
	for (unsigned i = 0; i < ARRAY_SIZE(d->pipe); i++)
		if (d->pipe[i].mem)
			remove_pipe(o, &d->pipe[i]);
	run(o, true);
	dma->ops->free(dma->ctx, d->page, PAGE, d->page_dev);
	heap_free(d);
	dev->state->hcd = NULL;
}

static int attach(struct usb_dev *dev)
{
	const struct dma *dma = dev->usb->dma;
	struct odev *d = try_alloc(sizeof(*d));
	int err;

	if (!d)
		return E_NOMEM;
	d->page = dma->ops->alloc(dma->ctx, PAGE, &d->page_dev);
	if (!d->page || d->page_dev > UINT32_MAX - PAGE) {
		dma->ops->free(dma->ctx, d->page, PAGE, d->page_dev);
		heap_free(d);
		return E_NOMEM;
	}
	dev->state->hcd = d;
	add_pipe(ohci_of(dev->usb), d, 0, LIST_CONTROL);
	err = usb_give_address(dev);
	if (err)
		detach(dev);
	return err;
}

static int set_packet0(struct usb_dev *dev UNUSED)
{
	return 0;
}

static int configure(struct usb_dev *dev)
{
	for (unsigned i = 0; i < dev->state->npipes; i++)
		add_pipe(ohci_of(dev->usb), dev->state->hcd, 1 + i,
			 dev->state->pipe[i].type == PIPE_BULK ? LIST_BULK : LIST_INTERRUPT);
	return 0;
}

/* ---- ports ------------------------------------------------------------------------------- */

static bool port_connected(struct usb *usb, unsigned port)
{
	struct ohci *o = ohci_of(usb);
	uint32_t v = o->dead ? 0 : reg_read(o, HC_PORT(port));

	if (v == 0xffffffff)
		o->dead = true;
	return !o->dead && v & PORT_CONNECTED;
}

static int port_reset(struct usb *usb, unsigned port, enum usb_speed *speed)
{
	struct ohci *o = ohci_of(usb);
	struct wait w = wait_ms(PORT_MS);
	uint32_t v;

	reg_write(o, HC_PORT(port), PORT_RESET);
	while (((v = reg_read(o, HC_PORT(port))) & (PORT_RESET | PORT_ENABLED)) != PORT_ENABLED)
		if (v == 0xffffffff || !wait_more(&w))
			return E_TIMEOUT;
	reg_write(o, HC_PORT(port), PORT_CHANGES);
	*speed = v & PORT_LOW ? SPEED_LOW : SPEED_FULL;
	return 0;
}

static void port_disable(struct usb *usb, unsigned port)
{
	reg_write(ohci_of(usb), HC_PORT(port), PORT_DISABLE);
}

static uint8_t port_number(struct usb *usb UNUSED, unsigned port)
{
	return (uint8_t)port;
}

/* ---- life -------------------------------------------------------------------------------- */

static int reset(struct ohci *o)
{
	struct wait w = wait_ms(RESET_MS);

	reg_write(o, HC_INT_OFF, 0xffffffff);
	reg_write(o, HC_COMMAND, COMMAND_RST);
	while (reg_read(o, HC_COMMAND) & COMMAND_RST)
		if (!wait_more(&w))
			return E_TIMEOUT;
	return 0;
}

static void stop(struct usb *usb)
{
	struct ohci *o = ohci_of(usb);

	reg_write(o, HC_CONTROL, 0);
	if (!o->dead && reset(o))
		log_warn("%s: cannot be switched off", usb->name);
	pci_dev_disable(o->pci);
	usb->dma->ops->free(usb->dma->ctx, o->page, PAGE, o->page_dev);
	heap_free(o);
}

/* Lists of a head each, which is skipped; all frames lead to the one of interrupt pipes. */
static int get_memory(struct ohci *o)
{
	const struct dma *dma = o->usb.dma;

	o->page = dma->ops->alloc(dma->ctx, PAGE, &o->page_dev);
	if (!o->page)
		return E_NOMEM;
	if (o->page_dev > UINT32_MAX - PAGE)
		return E_RANGE;
	for (unsigned i = 0; i < LISTS; i++) {
		o->list[i].mem = o->page + AT_HEADS + 16 * i;
		o->list[i].dev = (uint32_t)o->page_dev + AT_HEADS + 16 * i;
		put_le32(o->list[i].mem, ED_SKIP);
	}
	for (unsigned i = 0; i < 32; i++)
		put_le32(o->page + 4 * i, o->list[LIST_INTERRUPT].dev);
	return 0;
}

static int bring_up(struct ohci *o)
{
	int err = reset(o);

	err = err ? err : get_memory(o);
	if (err)
		return err;
	reg_write(o, HC_HCCA, (uint32_t)o->page_dev);
	reg_write(o, HC_HEAD(0), o->list[LIST_CONTROL].dev);
	reg_write(o, HC_HEAD(1), o->list[LIST_BULK].dev);
	reg_write(o, HC_CONTROL, CONTROL_RUN);
	reg_write(o, HC_INTERVAL, INTERVAL);
	reg_write(o, HC_PERIODIC, PERIODIC);
	reg_write(o, HC_ROOT, ROOT_POWER);
	o->usb.ports = reg_read(o, HC_ROOT_A) & 255;
	if (o->usb.ports > PORTS_MAX) {
		log_warn("%s: %u ports", o->usb.name, o->usb.ports);
		return E_IO;
	}
	for (unsigned port = 1; port <= o->usb.ports; port++)
		reg_write(o, HC_PORT(port), PORT_POWER);
	clock_delay_us((reg_read(o, HC_ROOT_A) >> 24) * 2000ull);
	return 0;
}

static const struct usb_hcd_ops ohci_ops = {
	.stop = stop,
	.is_dead = is_dead,
	.port_connected = port_connected,
	.port_reset = port_reset,
	.port_disable = port_disable,
	.port_number = port_number,
	.attach = attach,
	.detach = detach,
	.set_packet0 = set_packet0,
	.configure = configure,
	.submit = submit,
	.poll = poll,
	.cancel = cancel,
	.reset_pipe = reset_pipe,
};

int usb_ohci_start(const struct pci_dev *dev, struct usb **usb)
{
	struct ohci *o;
	int err;

	if (!dev->dma)
		return E_UNSUPP;
	o = try_alloc(sizeof(*o));
	if (!o)
		return E_NOMEM;
	o->usb = (struct usb){.ops = &ohci_ops, .dma = dev->dma, .name = dev->node->name};
	o->pci = dev;
	err = pci_dev_bar(dev, 0, &o->bar);
	if (err) {
		heap_free(o);
		return err;
	}
	pci_dev_enable(dev);
	err = bring_up(o);
	if (err) {
		stop(&o->usb);
		return err;
	}
	usb_enumerate(&o->usb);
	*usb = &o->usb;
	return 0;
}
