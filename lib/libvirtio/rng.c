/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtio-rng: a seed is wanted once, so the device is started, asked and stopped in one go. It may give
 * fewer bytes than there is room for; it is asked until all are there.
 */
#include "virtio/rng.h"

#include "base/clock.h"
#include "base/err.h"
#include "virtio/dev.h"

#include <string.h>

#define BYTES_MAX 4096u

struct source {
	struct virtio_dev *v;
	struct virtio_ring *ring;
	uint8_t *mem;
	uint64_t dev;
};

/* Some bytes at mem: how many. */
static int ask(struct source *s, uint32_t len, struct wait *w, uint32_t *got)
{
	const struct virtio_seg seg = {s->dev, len, true};
	void *cookie;
	int err = virtio_ring_add(s->ring, &seg, 1, s);

	if (err)
		return err;
	virtio_notify(s->v, 0);
	while ((err = virtio_ring_take(s->ring, &cookie, got)) == E_NOENT)
		if (!wait_more(w))
			return E_TIMEOUT;
	return err;
}

static int fill(struct source *s, uint8_t *buf, size_t len, uint32_t timeout_ms)
{
	struct wait w = wait_ms(timeout_ms);

	while (len > 0) {
		uint32_t got;
		int err = ask(s, (uint32_t)len, &w, &got);

		if (err)
			return err;
		memcpy(buf, s->mem, got);
		buf += got;
		len -= got;
		if (got == 0 && !wait_more(&w))
			return E_TIMEOUT;
	}
	return 0;
}

int virtio_rng_fill(const struct pci_dev *pci, void *buf, size_t len, uint32_t timeout_ms)
{
	struct source s = {.mem = NULL};
	int err;

	if (len == 0 || len > BYTES_MAX)
		return E_INVAL;
	err = virtio_open(pci, VIRTIO_RNG, 0, &s.v);
	if (!err)
		err = virtio_queue(s.v, 0, 8, &s.ring);
	if (!err) {
		const struct dma *dma = virtio_dma(s.v);

		s.mem = dma->ops->alloc(dma->ctx, BYTES_MAX, &s.dev);
		if (s.mem)
			virtio_start(s.v);
		err = s.mem ? fill(&s, buf, len, timeout_ms) : E_NOMEM;
		if (virtio_stop(s.v))
			dma->ops->free(dma->ctx, s.mem, BYTES_MAX, s.dev);
	}
	virtio_close(s.v);
	return err;
}
