/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Devices of the controllers before xHCI: memory for their pipes, and the lists these hang in. A list is
 * changed while the controller does not follow it.
 */
#include "classic-priv.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/heap.h"

/* ---- the controller's memory ------------------------------------------------------------- */

int classic_get_memory(struct classic *c, const struct classic_kind *kind)
{
	const struct dma *dma = c->usb.dma;

	c->kind = kind;
	c->mem = dma->ops->alloc(dma->ctx, kind->mem_bytes, &c->mem_dev);
	if (!c->mem)
		return E_NOMEM;
	return c->mem_dev > UINT32_MAX - kind->mem_bytes ? E_RANGE : 0;
}

void classic_free_memory(struct usb *usb)
{
	struct classic *c = classic_of(usb);

	if (c->mem)
		usb->dma->ops->free(usb->dma->ctx, c->mem, c->kind->mem_bytes, c->mem_dev);
}

/* ---- pipes ------------------------------------------------------------------------------- */

struct classic_pipe *classic_pipe_of(const struct usb_transfer *t)
{
	struct classic_dev *d = t->dev->state->hcd;

	return &d->pipe[t->pipe ? 1 + (t->pipe - t->dev->state->pipe) : 0];
}

/* First on its list behind the head. */
static void add_pipe(struct usb_dev *dev, unsigned i, enum classic_list list)
{
	struct classic *c = classic_of(dev->usb);
	struct classic_dev *d = dev->state->hcd;
	struct classic_pipe *p = &d->pipe[i], *head = &c->list[list];
	uint8_t at = c->kind->link_at;

	*p = (struct classic_pipe){.next = head->next,
				   .mem = d->page + PIPE_BYTES * i,
				   .dev = (uint32_t)d->page_dev + PIPE_BYTES * i};
	c->kind->fill_idle(p, list);
	memcpy(p->mem + at, head->mem + at, 4);
	head->next = p;
	c->kind->run(c, false);
	put_le32(head->mem + at, p->dev | c->kind->link_flags);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	c->kind->run(c, true);
}

static void remove_pipe(struct classic *c, struct classic_pipe *p)
{
	uint8_t at = c->kind->link_at;

	for (unsigned i = 0; i < LISTS; i++)
		for (struct classic_pipe *before = &c->list[i]; before->next; before = before->next)
			if (before->next == p) {
				before->next = p->next;
				memcpy(before->mem + at, p->mem + at, 4);
				return;
			}
}

/* ---- devices ----------------------------------------------------------------------------- */

static void free_record(struct usb_dev *dev)
{
	const struct dma *dma = dev->usb->dma;
	struct classic_dev *d = dev->state->hcd;

	dma->ops->free(dma->ctx, d->page, PAGE, d->page_dev);
	heap_free(d);
	dev->state->hcd = NULL;
}

void classic_detach(struct usb_dev *dev)
{
	struct classic *c = classic_of(dev->usb);
	struct classic_dev *d = dev->state->hcd;

	c->kind->run(c, false);
	for (unsigned i = 0; i < ARRAY_SIZE(d->pipe); i++)
		if (d->pipe[i].mem)
			remove_pipe(c, &d->pipe[i]);
	c->kind->run(c, true);
	free_record(dev);
}

int classic_attach(struct usb_dev *dev)
{
	const struct classic *c = classic_of(dev->usb);
	const struct dma *dma = dev->usb->dma;
	struct classic_dev *d = try_alloc(sizeof(*d));
	int err;

	if (!d)
		return E_NOMEM;
	dev->state->hcd = d;
	d->page = dma->ops->alloc(dma->ctx, PAGE, &d->page_dev);
	if (!d->page || d->page_dev > UINT32_MAX - PAGE) {
		free_record(dev);
		return E_NOMEM;
	}
	if (c->kind->fill_rest)
		c->kind->fill_rest(d);
	add_pipe(dev, 0, LIST_CONTROL);
	err = usb_give_address(dev);
	if (err)
		classic_detach(dev);
	return err;
}

/* Each transfer tells it. */
int classic_set_packet0(struct usb_dev *dev UNUSED)
{
	return 0;
}

int classic_configure(struct usb_dev *dev)
{
	const struct classic *c = classic_of(dev->usb);
	const struct usb_state *s = dev->state;

	for (unsigned i = 0; i < s->npipes; i++)
		add_pipe(dev, 1 + i,
			 s->pipe[i].type == PIPE_BULK ? c->kind->list_of_bulk : LIST_INTERRUPT);
	return 0;
}

uint8_t classic_port_number(struct usb *usb UNUSED, unsigned port)
{
	return (uint8_t)port;
}
