/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Transfers from begin to end, whichever controller moves them: memory is mapped for the time of one, a
 * deadline bounds it, and now and then the hub above is asked whether the device is still there,
 * because a controller may never answer for one that is not.
 */
#include "usb-priv.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"

#define CONTROL_MS 2000u
#define LOOK_MS    250u /* how often a hub is asked */

#define CLEAR_FEATURE 1
#define SET_ADDRESS   5
#define ADDRESS_MAX   127u
#define ADDRESS_US    2000u /* USB 2.0 9.2.6.3 */
#define ENDPOINT_HALT 0

static bool is_mapped(const struct usb_transfer *t)
{
	return t->data && t->len;
}

static int finish(struct usb_transfer *t)
{
	const struct dma *dma = t->dev->usb->dma;

	if (is_mapped(t) && dma->ops->unmap(dma->ctx, t->at, t->len))
		return E_IO;
	return t->result;
}

int usb_begin(struct usb_transfer *t)
{
	struct usb *usb = t->dev->usb;
	const struct dma *dma = usb->dma;
	int err = 0;

	t->done = 0;
	if (t->dev->state->gone)
		return E_NOENT;
	if (t->len > TRANSFER_MAX)
		return E_INVAL;
	if (is_mapped(t))
		err = dma->ops->map(dma->ctx, t->data, t->len, &t->at);
	if (err)
		return err;
	err = usb->dead ? E_IO : usb->ops->submit(t);
	if (err) {
		t->result = err;
		return finish(t);
	}
	return 0;
}

int usb_poll(struct usb_transfer *t)
{
	return t->dev->usb->ops->poll(t) ? finish(t) : E_BUSY;
}

/* It takes too long, or its device is not there any more. */
static int give_up(struct usb_transfer *t, int err)
{
	t->dev->usb->ops->cancel(t);
	t->result = err;
	return finish(t);
}

int usb_run(struct usb_transfer *t, uint32_t timeout_ms)
{
	struct wait w = wait_ms(timeout_ms);
	struct deadline look = deadline_in_ms(LOOK_MS);
	int err = usb_begin(t);

	if (err)
		return err;
	while ((err = usb_poll(t)) == E_BUSY) {
		if (!wait_more(&w))
			return give_up(t, E_TIMEOUT);
		if (!deadline_passed(&look))
			continue;
		if (!usb_is_there(t->dev)) {
			t->dev->state->gone = true;
			return give_up(t, E_NOENT);
		}
		look = deadline_in_ms(LOOK_MS);
	}
	return err;
}

/* ---- the control pipe -------------------------------------------------------------------- */

int usb_ask(struct usb_dev *dev, struct usb_request req, void *data, uint32_t *done)
{
	struct usb_transfer t = {
		.dev = dev, .in = req.type & 0x80 || !req.len, .data = data, .len = req.len};
	int err;

	t.setup[0] = req.type;
	t.setup[1] = req.request;
	put_le16(t.setup + 2, req.value);
	put_le16(t.setup + 4, req.index);
	put_le16(t.setup + 6, req.len);
	err = usb_run(&t, CONTROL_MS);
	if (err == E_TIMEOUT)
		dev->state->gone =
			true; /* one wait for a device that says nothing, not one a request */
	if (!err && done)
		*done = t.done;
	return !err && !done && t.done != t.len ? E_FORMAT : err;
}

int usb_tell(struct usb_dev *dev, uint8_t type, uint8_t request, uint16_t value, uint16_t index)
{
	struct usb_request req = {type, request, value, index, 0};

	return usb_ask(dev, req, NULL, NULL);
}

int usb_give_address(struct usb_dev *dev)
{
	struct usb *usb = dev->usb;
	int err;

	if (usb->last_address == ADDRESS_MAX)
		return E_NOSPC;
	err = usb_tell(dev, 0, SET_ADDRESS, ++usb->last_address, 0);
	if (err)
		return err;
	dev->state->address = usb->last_address;
	clock_delay_us(ADDRESS_US);
	return 0;
}

int usb_clear_halt(struct usb_dev *dev, struct usb_pipe *pipe)
{
	int err = usb_tell(dev, 0x02, CLEAR_FEATURE, ENDPOINT_HALT, pipe->address);

	return err ? err : dev->usb->ops->reset_pipe(dev, pipe);
}
