/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EHCI 1.0: high speed, and slower devices behind high-speed hubs. Each pipe has a queue head, control and
 * bulk ones in a ring, interrupt ones in a chain that every frame leads to. A transfer is a row of blocks
 * that is hung to an idle head; what is done is seen in memory. Where a head has to be changed while the
 * controller may look at it, the schedule is stopped for that time.
 */
#define LOG_TAG "ehci"
#include "usb-priv.h"

#include "usb/hcd.h"

#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"

/* Registers (2) */
#define CAP_LENGTH   0x00u
#define CAP_STRUCT   0x04u
#define OP_COMMAND   0x00u
#define OP_STATUS    0x04u
#define OP_INTERRUPT 0x08u
#define OP_SEGMENT   0x10u
#define OP_PERIODIC  0x14u
#define OP_ASYNC     0x18u
#define OP_CONFIG    0x40u
#define OP_PORT(n)   (0x40u + 4 * (n))

#define COMMAND_RUN      1u
#define COMMAND_RESET    2u
#define COMMAND_PERIODIC 0x10u
#define COMMAND_ASYNC    0x20u
#define COMMAND_EACH     0x10000u /* an interrupt threshold of one microframe */
#define STATUS_HALTED    0x1000u
#define STATUS_SCHEDULES 0xc000u

#define PORT_CONNECTED 1u
#define PORT_ENABLED   4u
#define PORT_CHANGES   0x2au
#define PORT_RESET     0x100u
#define PORT_LINES(v)  ((v) >> 10 & 3)
#define PORT_POWER     0x1000u
#define PORT_OWNER     0x2000u
#define LINES_LOW      1u

/* Queue heads (3.6) */
#define QH          2u /* the type, in a link */
#define END         1u
#define QH_OUR_DATA 0x4000u /* the toggle is in the blocks */
#define QH_HEAD     0x8000u
#define QH_CONTROL  0x8000000u /* of a slower device */
#define QH_ONCE     0x40000000u
#define QH_TOKEN    24u
#define QH_NEXT     16u
/* Transfer blocks (3.5) */
#define TD_ACTIVE   0x80u
#define TD_HALTED   0x40u
#define TD_FAULTS   0x38u
#define TD_OUT      0u
#define TD_IN       0x100u
#define TD_SETUP    0x200u
#define TD_TRIES    0xc00u
#define TD_LEN(v)   ((v) >> 16 & 0x7fff)
#define TD_TOGGLE   0x80000000u

#define PAGE       4096u
#define TDS        12u
#define TD_BYTES   64u
#define LEN_MAX    0x20000u /* which 9 blocks move */
#define PIPE_AT(i) (128 * (i))
#define AT_SETUP   384u /* the 8 bytes, and the block where short transfers end */
#define AT_END     448u
#define TDS_AT(i)  (512 + (i)*TDS * TD_BYTES)
#define RESET_MS   250u
#define PORT_US    50000u /* a reset lasts that long, and ends soon after */
#define PORT_MS    10u
#define STOP_MS    50u
#define POWER_US   20000u
#define FRAMES     1024u

struct epipe {
	struct epipe *next;
	uint8_t *mem; /* its queue head; NULL: not in use */
	uint32_t dev;
	uint8_t *td;
	uint32_t td_dev;
	unsigned n;        /* blocks under way */
	uint32_t len[TDS]; /* what each is to move */
};

struct edev {
	uint8_t *page;
	uint64_t page_dev;
	struct epipe pipe[1 + PIPES];
};

enum { RING, CHAIN, LISTS };

struct ehci {
	struct usb usb;
	const struct pci_dev *pci;
	struct pci_bar bar;
	uint32_t op;
	bool dead;
	uint8_t *mem; /* the frames' page, and one for the first heads */
	uint64_t mem_dev;
	struct epipe list[LISTS];
};

static struct ehci *ehci_of(struct usb *usb)
{
	return container_of(usb, struct ehci, usb);
}

static uint32_t op_read(const struct ehci *e, uint32_t reg)
{
	return pci_read32(&e->bar, e->op + reg);
}

static void op_write(const struct ehci *e, uint32_t reg, uint32_t v)
{
	pci_write32(&e->bar, e->op + reg, v);
}

static int wait_for(const struct ehci *e, uint32_t reg, uint32_t mask, uint32_t want, uint32_t ms)
{
	struct wait w = wait_ms(ms);
	uint32_t v;

	while (((v = op_read(e, reg)) & mask) != want) {
		if (v == 0xffffffff)
			return E_IO;
		if (!wait_more(&w))
			return E_TIMEOUT;
	}
	return 0;
}

static bool is_dead(struct usb *usb)
{
	return ehci_of(usb)->dead;
}

/* ---- the schedules ----------------------------------------------------------------------- */

/* It does not do what it must: cut off from memory. */
static void kill(struct ehci *e, const char *why)
{
	if (!e->dead)
		log_warn("%s: %s: status %x", e->usb.name, why, op_read(e, OP_STATUS));
	e->dead = true;
	pci_dev_disable(e->pci);
}

static void run(struct ehci *e, bool on)
{
	uint32_t both = on ? COMMAND_PERIODIC | COMMAND_ASYNC : 0;

	if (e->dead)
		return;
	op_write(e, OP_COMMAND, COMMAND_EACH | COMMAND_RUN | both);
	if (wait_for(e, OP_STATUS, STATUS_SCHEDULES, on ? STATUS_SCHEDULES : 0, STOP_MS))
		kill(e, on ? "does not run" : "does not stop");
}

/* The lowest byte last: until then the link still says that it is the end, or the same as before. */
static void set_link(uint8_t *at, uint32_t v)
{
	for (unsigned i = 1; i < 4; i++)
		at[i] = (uint8_t)(v >> 8 * i);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	*(volatile uint8_t *)at = (uint8_t)v;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* Nothing hangs on it: the controller passes by. */
static void idle(struct epipe *p, uint32_t toggle)
{
	put_le32(p->mem + QH_NEXT, END);
	put_le32(p->mem + QH_NEXT + 4, END);
	put_le32(p->mem + QH_TOKEN, toggle);
	p->n = 0;
}

/* A head that is nobody's, or not yet. */
static void fill_idle(struct epipe *p, unsigned list, uint32_t token)
{
	put_le32(p->mem + 4, 2 << 12 | 64 << 16 | (token && list == RING ? QH_HEAD : 0));
	put_le32(p->mem + 8, QH_ONCE | (list == CHAIN ? 1 : 0));
	idle(p, token);
}

static void add_pipe(struct ehci *e, struct edev *d, unsigned i, unsigned list)
{
	struct epipe *p = &d->pipe[i], *head = &e->list[list];

	*p = (struct epipe){.next = head->next,
			    .mem = d->page + PIPE_AT(i),
			    .dev = (uint32_t)d->page_dev + PIPE_AT(i),
			    .td = d->page + TDS_AT(i),
			    .td_dev = (uint32_t)d->page_dev + TDS_AT(i)};
	fill_idle(p, list, 0);
	memcpy(p->mem, head->mem, 4);
	head->next = p;
	run(e, false);
	put_le32(head->mem, p->dev | QH);
	run(e, true);
}

static void remove_pipe(struct ehci *e, struct epipe *p)
{
	for (unsigned i = 0; i < LISTS; i++)
		for (struct epipe *at = &e->list[i]; at->next; at = at->next)
			if (at->next == p) {
				at->next = p->next;
				memcpy(at->mem, p->mem, 4);
				return;
			}
}

/* ---- transfers --------------------------------------------------------------------------- */

/* The high-speed hub that speaks for a slower device, and its port there. */
static uint32_t translator_of(const struct usb_dev *dev)
{
	for (; dev->parent; dev = dev->parent)
		if (dev->parent->state->speed == SPEED_HIGH)
			return (uint32_t)dev->parent->state->address << 16 | (uint32_t)dev->port
										     << 23;
	return 0;
}

static void fill_head(struct epipe *p, const struct usb_transfer *t)
{
	const struct usb_state *s = t->dev->state;
	uint32_t endpoint = t->pipe ? t->pipe->address & 15u : 0;
	uint32_t packet = t->pipe ? t->pipe->packet : s->packet0;
	uint32_t speed = s->speed == SPEED_HIGH ? 2 : s->speed == SPEED_LOW ? 1 : 0;
	bool slow = s->speed != SPEED_HIGH;
	uint32_t frames = t->pipe && t->pipe->type == PIPE_INTERRUPT ? (slow ? 0x1c01u : 1) : 0;

	put_le32(p->mem + 4, s->address | endpoint << 8 | speed << 12 | packet << 16 |
				     (t->pipe ? 0 : QH_OUR_DATA | (slow ? QH_CONTROL : 0)));
	put_le32(p->mem + 8, QH_ONCE | frames | (slow ? translator_of(t->dev) : 0));
}

/* A short block leads to the end, which is never active. */
static void add_td(struct epipe *p, uint32_t flags, uint32_t at, uint32_t len, uint32_t end)
{
	uint8_t *td = p->td + TD_BYTES * p->n;
	uint32_t next = p->td_dev + TD_BYTES * (p->n + 1);

	memset(td, 0, TD_BYTES);
	put_le32(td, next);
	put_le32(td + 4, end);
	put_le32(td + 8, flags | TD_ACTIVE | TD_TRIES | len << 16);
	put_le32(td + 12, at);
	for (unsigned i = 1; i < 5; i++)
		put_le32(td + 12 + 4 * i, (at & ~(PAGE - 1)) + i * PAGE);
	p->len[p->n++] = len;
}

/* Blocks of at most five pages and whole packets. */
static void add_data(struct epipe *p, uint32_t flags, uint32_t at, uint32_t len, uint32_t packet,
		     uint32_t end)
{
	do {
		uint32_t some = 5 * PAGE - (at & (PAGE - 1));

		some = len <= some ? len : some - some % packet;
		len -= some;
		add_td(p, flags, at, some, end);
		at += some;
	} while (len > 0);
}

/* Setup, data, status. When less data comes than asked for, the status block is next. */
static void add_control(struct epipe *p, const struct edev *d, const struct usb_transfer *t)
{
	uint32_t back = t->in && t->len ? TD_OUT : TD_IN, status = p->td_dev + 2 * TD_BYTES;

	memcpy(d->page + AT_SETUP, t->setup, sizeof(t->setup));
	add_td(p, TD_SETUP, (uint32_t)d->page_dev + AT_SETUP, sizeof(t->setup), END);
	if (t->len)
		add_data(p, TD_TOGGLE | (t->in ? TD_IN : TD_OUT), (uint32_t)t->at, t->len, 8,
			 status);
	add_td(p, TD_TOGGLE | back, 0, 0, END);
}

static struct epipe *pipe_of(const struct usb_transfer *t)
{
	struct edev *d = t->dev->state->hcd;

	return &d->pipe[t->pipe ? 1 + (t->pipe - t->dev->state->pipe) : 0];
}

static int submit(struct usb_transfer *t)
{
	struct edev *d = t->dev->state->hcd;
	struct epipe *p = pipe_of(t);
	uint32_t most = t->pipe ? LEN_MAX : 4 * PAGE;

	if (t->len > most || t->at + t->len > UINT32_MAX)
		return E_RANGE;
	idle(p, get_le32(p->mem + QH_TOKEN) & TD_TOGGLE);
	fill_head(p, t);
	if (t->pipe)
		add_data(p, t->in ? TD_IN : TD_OUT, (uint32_t)t->at, t->len, t->pipe->packet,
			 (uint32_t)d->page_dev + AT_END);
	else
		add_control(p, d, t);
	put_le32(p->td + TD_BYTES * (p->n - 1), END);
	set_link(p->mem + QH_NEXT, p->td_dev);
	return 0;
}

/* What one block says: E_BUSY while it is under way. *left: what it did not move. */
static int judge(const struct epipe *p, unsigned i, uint32_t *left)
{
	uint32_t token = get_le32(p->td + TD_BYTES * i + 8);

	*left = TD_LEN(token) <= p->len[i] ? TD_LEN(token) : p->len[i];
	if (token & TD_ACTIVE)
		return E_BUSY;
	if (token & TD_HALTED)
		return token & TD_FAULTS ? E_IO : E_UNSUPP;
	return 0;
}

static bool poll(struct usb_transfer *t)
{
	struct epipe *p = pipe_of(t);
	unsigned first = t->pipe ? 0 : 1, end = t->pipe ? p->n : p->n - 1;
	uint32_t left = 0, done = 0;
	int err = 0;

	for (unsigned i = 0; i < p->n && !err; i++) {
		err = judge(p, i, &left);
		if (err == E_BUSY)
			return false;
		if (i >= first && i < end)
			done += p->len[i] - left;
		if (t->pipe && left)
			break;
	}
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	t->done = done;
	t->result = err;
	idle(p, get_le32(p->mem + QH_TOKEN) & TD_TOGGLE);
	return true;
}

static void cancel(struct usb_transfer *t)
{
	struct ehci *e = ehci_of(t->dev->usb);
	struct epipe *p = pipe_of(t);

	run(e, false);
	idle(p, get_le32(p->mem + QH_TOKEN) & TD_TOGGLE);
	run(e, true);
}

static int reset_pipe(struct usb_dev *dev, struct usb_pipe *pipe)
{
	struct edev *d = dev->state->hcd;

	idle(&d->pipe[1 + (pipe - dev->state->pipe)], 0);
	return 0;
}

/* ---- devices ----------------------------------------------------------------------------- */

static void detach(struct usb_dev *dev)
{
	struct ehci *e = ehci_of(dev->usb);
	const struct dma *dma = dev->usb->dma;
	struct edev *d = dev->state->hcd;

	run(e, false);
	for (unsigned i = 0; i < ARRAY_SIZE(d->pipe); i++)
		if (d->pipe[i].mem)
			remove_pipe(e, &d->pipe[i]);
	run(e, true);
	dma->ops->free(dma->ctx, d->page, PAGE, d->page_dev);
	heap_free(d);
	dev->state->hcd = NULL;
}

static int attach(struct usb_dev *dev)
{
	const struct dma *dma = dev->usb->dma;
	struct edev *d = try_alloc(sizeof(*d));
	int err;

	if (!d)
		return E_NOMEM;
	d->page = dma->ops->alloc(dma->ctx, PAGE, &d->page_dev);
	if (!d->page || d->page_dev > UINT32_MAX - PAGE) {
		dma->ops->free(dma->ctx, d->page, PAGE, d->page_dev);
		heap_free(d);
		return E_NOMEM;
	}
	put_le32(d->page + AT_END, END);
	put_le32(d->page + AT_END + 4, END);
	dev->state->hcd = d;
	add_pipe(ehci_of(dev->usb), d, 0, RING);
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
		add_pipe(ehci_of(dev->usb), dev->state->hcd, 1 + i,
			 dev->state->pipe[i].type == PIPE_BULK ? RING : CHAIN);
	return 0;
}

/* ---- ports ------------------------------------------------------------------------------- */

static bool port_connected(struct usb *usb, unsigned port)
{
	struct ehci *e = ehci_of(usb);
	uint32_t v = e->dead ? 0 : op_read(e, OP_PORT(port));

	if (v == 0xffffffff)
		kill(e, "is gone");
	return !e->dead && v & PORT_CONNECTED && !(v & PORT_OWNER);
}

/* A device that is not for high speed is left to the controller for the others, if there is one. */
static int port_reset(struct usb *usb, unsigned port, enum usb_speed *speed)
{
	struct ehci *e = ehci_of(usb);
	uint32_t v = op_read(e, OP_PORT(port)) & ~(PORT_CHANGES | PORT_ENABLED);
	int err;

	if (PORT_LINES(v) != LINES_LOW) {
		op_write(e, OP_PORT(port), v | PORT_RESET);
		clock_delay_us(PORT_US);
		op_write(e, OP_PORT(port), v);
		err = wait_for(e, OP_PORT(port), PORT_RESET, 0, PORT_MS);
		if (err)
			return err;
	}
	if (op_read(e, OP_PORT(port)) & PORT_ENABLED) {
		*speed = SPEED_HIGH;
		return 0;
	}
	op_write(e, OP_PORT(port), v | PORT_OWNER);
	return E_UNSUPP;
}

static void port_disable(struct usb *usb, unsigned port)
{
	struct ehci *e = ehci_of(usb);
	uint32_t v = op_read(e, OP_PORT(port));

	op_write(e, OP_PORT(port), v & ~(PORT_CHANGES | PORT_ENABLED));
}

static uint8_t port_number(struct usb *usb UNUSED, unsigned port)
{
	return (uint8_t)port;
}

/* ---- life -------------------------------------------------------------------------------- */

static int reset(struct ehci *e)
{
	int err;

	op_write(e, OP_COMMAND, 0);
	err = wait_for(e, OP_STATUS, STATUS_HALTED, STATUS_HALTED, RESET_MS);
	if (err)
		return err;
	op_write(e, OP_COMMAND, COMMAND_RESET);
	return wait_for(e, OP_COMMAND, COMMAND_RESET, 0, RESET_MS);
}

static void stop(struct usb *usb)
{
	struct ehci *e = ehci_of(usb);

	if (!e->dead && e->op && reset(e))
		log_warn("%s: cannot be switched off", usb->name);
	pci_dev_disable(e->pci);
	usb->dma->ops->free(usb->dma->ctx, e->mem, 2 * PAGE, e->mem_dev);
	heap_free(e);
}

static int get_memory(struct ehci *e)
{
	const struct dma *dma = e->usb.dma;

	e->mem = dma->ops->alloc(dma->ctx, 2 * PAGE, &e->mem_dev);
	if (!e->mem)
		return E_NOMEM;
	if (e->mem_dev > UINT32_MAX - 2 * PAGE)
		return E_RANGE;
	for (unsigned i = 0; i < LISTS; i++) {
		e->list[i].mem = e->mem + PAGE + 128 * i;
		e->list[i].dev = (uint32_t)e->mem_dev + PAGE + 128 * i;
		fill_idle(&e->list[i], i, TD_HALTED);
	}
	put_le32(e->list[RING].mem, e->list[RING].dev | QH);
	put_le32(e->list[CHAIN].mem, END);
	for (unsigned i = 0; i < FRAMES; i++)
		put_le32(e->mem + 4 * i, e->list[CHAIN].dev | QH);
	return 0;
}

static int bring_up(struct ehci *e)
{
	uint32_t what = pci_read32(&e->bar, CAP_STRUCT);
	int err;

	if (what == 0xffffffff)
		return E_IO;
	e->op = pci_read32(&e->bar, CAP_LENGTH) & 255;
	e->usb.ports = what & 15;
	err = e->op < 0x10 || e->op & 3 ? E_UNSUPP : reset(e);
	err = err ? err : get_memory(e);
	if (err)
		return err;
	op_write(e, OP_INTERRUPT, 0);
	op_write(e, OP_SEGMENT, 0);
	op_write(e, OP_PERIODIC, (uint32_t)e->mem_dev);
	op_write(e, OP_ASYNC, e->list[RING].dev);
	run(e, true);
	op_write(e, OP_CONFIG, 1);
	for (unsigned port = 1; port <= e->usb.ports; port++)
		op_write(e, OP_PORT(port), PORT_POWER);
	clock_delay_us(POWER_US);
	return e->dead ? E_IO : 0;
}

static const struct usb_hcd_ops ehci_ops = {
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

int usb_ehci_start(const struct pci_dev *dev, struct usb **usb)
{
	struct ehci *e;
	int err;

	if (!dev->dma)
		return E_UNSUPP;
	e = try_alloc(sizeof(*e));
	if (!e)
		return E_NOMEM;
	e->usb = (struct usb){.ops = &ehci_ops, .dma = dev->dma, .name = dev->node->name};
	e->pci = dev;
	err = pci_dev_bar(dev, 0, &e->bar);
	if (err) {
		heap_free(e);
		return err;
	}
	pci_dev_enable(dev);
	err = bring_up(e);
	if (err) {
		stop(&e->usb);
		return err;
	}
	usb_enumerate(&e->usb);
	*usb = &e->usb;
	return 0;
}
