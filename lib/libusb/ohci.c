/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * OHCI 1.0a: full and low speed. Each pipe has an endpoint descriptor in one of three lists (control, bulk,
 * interrupt), which begins with one that is never served. A pipe without a transfer is skipped, so that
 * its descriptor may be changed; a transfer is a row of blocks behind it. What is done is seen in memory.
 */
#define LOG_TAG "ohci"
#include "classic-priv.h"

#include "usb/hcd.h"

#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
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

#define LEN_MAX   0x20000u /* which 33 blocks move */
#define PORTS_MAX 15u
#define TD_AT(n)  (16 + 16 * (n)) /* a pipe's blocks, and one behind the last */
#define RESET_MS  100u
#define PORT_MS   500u
#define FRAME_US  2000u /* more than one */

#define AT_HEADS 1024

static uint32_t reg_read(const struct usb *usb, uint32_t reg)
{
	return pci_read32(&usb->bar, reg);
}

static void reg_write(const struct usb *usb, uint32_t reg, uint32_t v)
{
	pci_write32(&usb->bar, reg, v);
}

/* ---- pipes ------------------------------------------------------------------------------- */

static void set_skip(struct classic_pipe *p, bool skip)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	p->mem[1] = (uint8_t)((p->mem[1] & ~ED_SKIP_1) | (skip ? ED_SKIP_1 : 0));
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* The pipe is skipped and the controller is somewhere else: a frame later it has seen it. */
static void pause(const struct usb *usb, struct classic_pipe *p)
{
	set_skip(p, true);
	reg_write(usb, HC_COMMAND, COMMAND_FILL);
	clock_delay_us(FRAME_US);
	p->n = 0;
}

/* A link of a list that is served must not be seen half written: none is for that time. */
static void run(struct classic *c, bool on)
{
	reg_write(&c->usb, HC_CONTROL, on ? CONTROL_RUN : CONTROL_WAIT);
	if (!on)
		clock_delay_us(FRAME_US);
}

/* Skipped as yet. */
static void fill_idle(struct classic_pipe *p, enum classic_list list UNUSED)
{
	put_le32(p->mem, ED_SKIP);
	put_le32(p->mem + 8, 0);
}

static const struct classic_kind kind = {
	.mem_bytes = PAGE,
	.link_at = 12,
	.list_of_bulk = LIST_BULK,
	.run = run,
	.fill_idle = fill_idle,
};

/* All that can change: address, endpoint, packet. The toggle of bulk pipes stays in the head. */
static void fill_endpoint(struct classic_pipe *p, const struct usb_transfer *t)
{
	const struct usb_state *s = t->dev->state;
	uint32_t endpoint = t->pipe ? t->pipe->address & 15u : 0;
	uint32_t packet = t->pipe ? t->pipe->packet : s->packet0;

	put_le32(p->mem, s->address | endpoint << 7 | (s->speed == SPEED_LOW ? ED_LOW : 0) |
				 ED_SKIP | packet << 16);
}

/* ---- transfers --------------------------------------------------------------------------- */

static void add_td(struct classic_pipe *p, uint32_t flags, uint32_t at, uint32_t len)
{
	uint8_t *td = p->mem + TD_AT(p->n);

	put_le32(td, flags | TD_QUIET | TD_NEW);
	put_le32(td + 4, len ? at : 0);
	put_le32(td + 8, p->dev + TD_AT(p->n + 1));
	put_le32(td + 12, len ? at + len - 1 : 0);
	p->len[p->n++] = len;
}

/* Blocks of at most two pages and whole packets; a short one before the last stops the pipe. */
static void add_data(struct classic_pipe *p, uint32_t flags, uint32_t at, uint32_t len,
		     uint32_t packet)
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

static void add_control(struct classic_pipe *p, struct usb_transfer *t)
{
	uint8_t *setup = p->mem + TD_AT(PIPE_BLOCKS + 1);
	uint32_t way = t->in ? TD_IN : TD_OUT, back = t->in && t->len ? TD_OUT : TD_IN;

	memcpy(setup, t->setup, sizeof(t->setup));
	add_td(p, TD_SETUP | TD_DATA0, p->dev + TD_AT(PIPE_BLOCKS + 1), sizeof(t->setup));
	if (t->len)
		add_data(p, way | TD_DATA1, (uint32_t)t->at, t->len, t->dev->state->packet0);
	add_td(p, back | TD_DATA1, 0, 0);
}

static int submit(struct usb_transfer *t)
{
	struct classic_pipe *p = classic_pipe_of(t);
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
	reg_write(t->dev->usb, HC_COMMAND, COMMAND_FILL);
	return 0;
}

/* Bytes that a block moved; the buffer's place is 0 when all were. */
static uint32_t moved(const struct classic_pipe *p, unsigned i)
{
	const uint8_t *td = p->mem + TD_AT(i);
	uint32_t at = get_le32(td + 4), left = at ? get_le32(td + 12) - at + 1 : 0;

	return left <= p->len[i] ? p->len[i] - left : 0;
}

/* How a transfer ended, from its blocks; those of control transfers around the data do not count. */
static void judge(const struct classic_pipe *p, struct usb_transfer *t)
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
	struct classic_pipe *p = classic_pipe_of(t);
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
	struct classic_pipe *p = classic_pipe_of(t);

	pause(t->dev->usb, p);
	put_le32(p->mem + 8, get_le32(p->mem + 4) | (get_le32(p->mem + 8) & 2));
}

static int reset_pipe(struct usb_dev *dev, struct usb_pipe *pipe)
{
	struct classic_dev *d = dev->state->hcd;
	struct classic_pipe *p = &d->pipe[1 + (pipe - dev->state->pipe)];

	put_le32(p->mem + 8, get_le32(p->mem + 4) & HEAD_MASK);
	return 0;
}

/* ---- ports ------------------------------------------------------------------------------- */

static bool port_connected(struct usb *usb, unsigned port)
{
	uint32_t v = usb->dead ? 0 : reg_read(usb, HC_PORT(port));

	if (v == 0xffffffff)
		usb_hcd_kill(usb, "is gone", v);
	return !usb->dead && v & PORT_CONNECTED;
}

static int port_reset(struct usb *usb, unsigned port, enum usb_speed *speed)
{
	int err;

	reg_write(usb, HC_PORT(port), PORT_RESET);
	err = usb_hcd_wait(usb, HC_PORT(port), PORT_RESET | PORT_ENABLED, PORT_ENABLED, PORT_MS);
	if (err)
		return err;
	*speed = reg_read(usb, HC_PORT(port)) & PORT_LOW ? SPEED_LOW : SPEED_FULL;
	reg_write(usb, HC_PORT(port), PORT_CHANGES);
	return 0;
}

static void port_disable(struct usb *usb, unsigned port)
{
	reg_write(usb, HC_PORT(port), PORT_DISABLE);
}

/* ---- life -------------------------------------------------------------------------------- */

static int halt(struct usb *usb)
{
	reg_write(usb, HC_CONTROL, 0);
	reg_write(usb, HC_INT_OFF, 0xffffffff);
	reg_write(usb, HC_COMMAND, COMMAND_RST);
	return usb_hcd_wait(usb, HC_COMMAND, COMMAND_RST, 0, RESET_MS);
}

/* Lists of a head each, which is skipped; all frames lead to the one of interrupt pipes. */
static void fill_memory(struct classic *c)
{
	for (unsigned i = 0; i < LISTS; i++) {
		c->list[i].mem = c->mem + AT_HEADS + 16 * i;
		c->list[i].dev = (uint32_t)c->mem_dev + AT_HEADS + 16 * i;
		put_le32(c->list[i].mem, ED_SKIP);
	}
	for (unsigned i = 0; i < 32; i++)
		put_le32(c->mem + 4 * i, c->list[LIST_INTERRUPT].dev);
}

static void operate(const struct classic *c)
{
	reg_write(&c->usb, HC_HCCA, (uint32_t)c->mem_dev);
	reg_write(&c->usb, HC_HEAD(0), c->list[LIST_CONTROL].dev);
	reg_write(&c->usb, HC_HEAD(1), c->list[LIST_BULK].dev);
	reg_write(&c->usb, HC_CONTROL, CONTROL_RUN);
	reg_write(&c->usb, HC_INTERVAL, INTERVAL);
	reg_write(&c->usb, HC_PERIODIC, PERIODIC);
	reg_write(&c->usb, HC_ROOT, ROOT_POWER);
}

static int bring_up(struct usb *usb)
{
	struct classic *c = classic_of(usb);
	int err = halt(usb);

	err = err ? err : classic_get_memory(c, &kind);
	if (err)
		return err;
	fill_memory(c);
	operate(c);
	usb->ports = reg_read(usb, HC_ROOT_A) & 255;
	if (usb->ports > PORTS_MAX) {
		log_warn("%s: %u ports", usb->name, usb->ports);
		return E_IO;
	}
	for (unsigned port = 1; port <= usb->ports; port++)
		reg_write(usb, HC_PORT(port), PORT_POWER);
	clock_delay_us((reg_read(usb, HC_ROOT_A) >> 24) * 2000ull);
	return 0;
}

static const struct usb_hcd_ops ohci_ops = {
	.size = sizeof(struct classic),
	.bring_up = bring_up,
	.halt = halt,
	.free_memory = classic_free_memory,
	.port_connected = port_connected,
	.port_reset = port_reset,
	.port_disable = port_disable,
	.port_number = classic_port_number,
	.attach = classic_attach,
	.detach = classic_detach,
	.set_packet0 = classic_set_packet0,
	.configure = classic_configure,
	.submit = submit,
	.poll = poll,
	.cancel = cancel,
	.reset_pipe = reset_pipe,
};

int usb_ohci_start(const struct pci_dev *dev, struct usb **usb)
{
	return usb_hcd_start(dev, &ohci_ops, usb);
}
