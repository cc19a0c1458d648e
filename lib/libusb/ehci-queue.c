/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EHCI's queues: each pipe has a queue head, control and bulk ones in a ring, interrupt ones in a chain that
 * every frame leads to. A transfer is a row of blocks that is hung to an idle head; what is done is seen in
 * memory. Where a head has to be changed while the controller may look at it, the schedule is stopped
 * for that time.
 */
#include "ehci-priv.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"

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

#define TDS      12u /* of a pipe, behind its head */
#define TD_BYTES 64u
#define TD_AT(n) (128 + TD_BYTES * (n))
#define LEN_MAX  0x20000u /* which 9 blocks move */
#define AT_SETUP REST_AT  /* the 8 bytes, and the block where short transfers end */
#define AT_END   (REST_AT + 64)
#define FRAMES   1024u

/* Control and bulk pipes are in one ring. */
#define LIST_RING LIST_CONTROL

/* ---- heads ------------------------------------------------------------------------------- */

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
static void idle(struct classic_pipe *p, uint32_t toggle)
{
	put_le32(p->mem + QH_NEXT, END);
	put_le32(p->mem + QH_NEXT + 4, END);
	put_le32(p->mem + QH_TOKEN, toggle);
	p->n = 0;
}

/* A head that is nobody's, or not yet. */
static void fill_head_idle(struct classic_pipe *p, enum classic_list list, uint32_t token)
{
	put_le32(p->mem + 4, 2 << 12 | 64 << 16 | (token && list == LIST_RING ? QH_HEAD : 0));
	put_le32(p->mem + 8, QH_ONCE | (list == LIST_INTERRUPT ? 1 : 0));
	idle(p, token);
}

static void fill_idle(struct classic_pipe *p, enum classic_list list)
{
	fill_head_idle(p, list, 0);
}

static void fill_rest(struct classic_dev *d)
{
	put_le32(d->page + AT_END, END);
	put_le32(d->page + AT_END + 4, END);
}

static struct classic_pipe *start_list(struct classic *c, enum classic_list list)
{
	struct classic_pipe *head = &c->list[list];

	head->mem = c->mem + PAGE + 128 * list;
	head->dev = (uint32_t)c->mem_dev + PAGE + 128 * list;
	fill_head_idle(head, list, TD_HALTED);
	return head;
}

void ehci_fill_memory(struct classic *c)
{
	struct classic_pipe *ring = start_list(c, LIST_RING);
	struct classic_pipe *chain = start_list(c, LIST_INTERRUPT);

	put_le32(ring->mem, ring->dev | QH);
	put_le32(chain->mem, END);
	for (unsigned i = 0; i < FRAMES; i++)
		put_le32(c->mem + 4 * i, chain->dev | QH);
}

const struct classic_kind ehci_kind = {
	.mem_bytes = 2 * PAGE,
	.link_at = 0,
	.link_flags = QH,
	.list_of_bulk = LIST_RING,
	.run = ehci_run,
	.fill_idle = fill_idle,
	.fill_rest = fill_rest,
};

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

static void fill_head(struct classic_pipe *p, const struct usb_transfer *t)
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
static void add_td(struct classic_pipe *p, uint32_t flags, uint32_t at, uint32_t len, uint32_t end)
{
	uint8_t *td = p->mem + TD_AT(p->n);
	uint32_t next = p->dev + TD_AT(p->n + 1);

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
static void add_data(struct classic_pipe *p, uint32_t flags, uint32_t at, uint32_t len,
		     uint32_t packet, uint32_t end)
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
static void add_control(struct classic_pipe *p, const struct classic_dev *d,
			const struct usb_transfer *t)
{
	uint32_t back = t->in && t->len ? TD_OUT : TD_IN, status = p->dev + TD_AT(2);

	memcpy(d->page + AT_SETUP, t->setup, sizeof(t->setup));
	add_td(p, TD_SETUP, (uint32_t)d->page_dev + AT_SETUP, sizeof(t->setup), END);
	if (t->len)
		add_data(p, TD_TOGGLE | (t->in ? TD_IN : TD_OUT), (uint32_t)t->at, t->len, 8,
			 status);
	add_td(p, TD_TOGGLE | back, 0, 0, END);
}

int ehci_submit(struct usb_transfer *t)
{
	struct classic_dev *d = t->dev->state->hcd;
	struct classic_pipe *p = classic_pipe_of(t);
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
	put_le32(p->mem + TD_AT(p->n - 1), END);
	set_link(p->mem + QH_NEXT, p->dev + TD_AT(0));
	return 0;
}

/* What one block says: E_BUSY while it is under way. *left: what it did not move. */
static int judge(const struct classic_pipe *p, unsigned i, uint32_t *left)
{
	uint32_t token = get_le32(p->mem + TD_AT(i) + 8);

	*left = TD_LEN(token) <= p->len[i] ? TD_LEN(token) : p->len[i];
	if (token & TD_ACTIVE)
		return E_BUSY;
	if (token & TD_HALTED)
		return token & TD_FAULTS ? E_IO : E_UNSUPP;
	return 0;
}

bool ehci_poll(struct usb_transfer *t)
{
	struct classic_pipe *p = classic_pipe_of(t);
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

void ehci_cancel(struct usb_transfer *t)
{
	struct classic *c = classic_of(t->dev->usb);
	struct classic_pipe *p = classic_pipe_of(t);

	ehci_run(c, false);
	idle(p, get_le32(p->mem + QH_TOKEN) & TD_TOGGLE);
	ehci_run(c, true);
}

int ehci_reset_pipe(struct usb_dev *dev, struct usb_pipe *pipe)
{
	struct classic_dev *d = dev->state->hcd;

	idle(&d->pipe[1 + (pipe - dev->state->pipe)], 0);
	return 0;
}
