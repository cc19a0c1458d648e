/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtio disk or network card whose registers, ring and answers come from the input. Whatever it writes
 * into memory it was given, the driver stays within its own, ends, breaks no rule of the standard itself (the
 * fake device judges that), and gives everything back. A read that is said to have worked on a device that
 * was honest gives what is on the disk.
 */
#include <stdlib.h>
#include <string.h>

#include "fakeclock.h"
#include "fakedma.h"
#include "fakevirtio.h"

#include "base/bytes.h"
#include "base/err.h"
#include "virtio/blk.h"
#include "virtio/net.h"
#include "virtio/rng.h"

#define BLOCK  2u
#define NET    1u
#define RNG    4u
#define BUFFER (256u << 10)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
	const uint8_t *data;
	size_t size, at;
} input;

static uint8_t next(void)
{
	return input.at < input.size ? input.data[input.at++] : 0;
}

static uint32_t next32(void)
{
	uint32_t v = next();

	v = v << 8 | next();
	v = v << 8 | next();
	return v << 8 | next();
}

static bool ruined; /* the device no longer knows what it was asked */

/* Up to 8 changes of the used ring; with a high bit of any memory of the ring, after which it is deaf. */
static void scribble(struct fakevirtio *v, unsigned queue)
{
	struct fakevirtio_queue *q = &v->queue[queue];
	uint8_t how = next();

	v->deaf |= ruined;
	for (unsigned n = how & 7; n > 0; n--) {
		uint32_t where = next32();

		if (how & 0x80) {
			fakevirtio_mem(v, q->desc, 16ul * q->size)[where % (16u * q->size)] =
				next();
			fakevirtio_mem(v, q->avail, 4 + 2ul * q->size)[where % (4 + 2u * q->size)] =
				next();
			ruined = v->deaf = true;
		} else if (how & 0x40) {
			uint8_t *used = fakevirtio_mem(v, q->used, 4 + 8ul * q->size);

			fakevirtio_put16(v, used + 2, (uint16_t)(q->given + (int8_t)next()));
		} else {
			fakevirtio_mem(v, q->used, 4 + 8ul * q->size)[where % (4 + 8u * q->size)] =
				next();
		}
	}
}

/* An honest answer, or what the input says. */
static uint32_t serve(struct fakevirtio *v, unsigned queue, struct fakevirtio_request *r)
{
	uint8_t how = next();
	uint32_t total = 0;

	(void)queue;
	for (unsigned i = 0; i < r->nin; i++) {
		memset(r->in[i].mem, how & 0x20 ? next() : 0, r->in[i].len);
		total += r->in[i].len;
	}
	if (v->type == BLOCK && r->nin && how & 0x10)
		r->in[r->nin - 1].mem[0] = next();
	return how & 8 ? next32() : total;
}

/* Time flies when a driver looks at the status, so that no input takes long. */
static void on_status(struct fakevirtio *v)
{
	fake_now_us += 1000000;
	if (next() & 0x40 && v->status)
		v->needs_reset = true;
}

static struct fakevirtio *device(void)
{
	static const uint16_t types[] = {BLOCK, NET, RNG, BLOCK};
	uint8_t kind = next(), knobs = next();
	struct fakevirtio *v = fakevirtio_new(types[kind & 3]);

	v->has_modern = kind & 4;
	v->has_legacy = !v->has_modern || kind & 8;
	v->offered = next32() | (uint64_t)(kind >> 4 & 3) << 32;
	if (!v->has_modern)
		v->offered &= UINT32_MAX;
	v->queue_max[0] = (uint16_t)(knobs & 1 ? next32() : 1u << (next() & 15));
	v->queue_max[1] = (uint16_t)(knobs & 1 ? next32() : 1u << (next() & 15));
	v->hold = knobs & 2 ? next() & 7 : 0;
	v->refuses_features = (knobs & 0xc) == 0xc;
	for (unsigned i = 0; i < sizeof(v->config); i++)
		v->config[i] = next();
	v->serve = knobs & 0x10 && knobs & 0x20 ? NULL : serve;
	v->after = scribble;
	v->on_status = on_status;
	return v;
}

static void use_disk(struct fakevirtio *v, uint8_t *buf)
{
	struct blkdev *bd;

	if (virtio_blk_start(&v->rig.dev, &bd))
		return;
	for (unsigned i = 0; i < 6; i++) {
		uint32_t n = BUFFER / bd->block_size;

		n = 1 + next() % (n < bd->max_blocks ? n : bd->max_blocks);
		if (next() & 1)
			(void)bd->ops->read(bd, next32(), n, buf);
		else if (bd->ops->write)
			(void)bd->ops->write(bd, next32(), n, buf);
		else if (bd->ops->flush)
			(void)bd->ops->flush(bd);
		v->deaf = ruined || next() == 0xff;
	}
	bd->ops->stop(bd);
}

static void use_net(struct fakevirtio *v, uint8_t *buf)
{
	struct netdev *nd;

	if (virtio_net_start(&v->rig.dev, &nd))
		return;
	for (unsigned i = 0; i < 24; i++) {
		if (next() & 1) {
			size_t room = next() * 8u, got = nd->ops->receive(nd, buf, room);

			if (got > room)
				abort();
		} else {
			(void)nd->ops->send(nd, buf, next32() % 2000);
		}
		(void)nd->ops->link_up(nd);
		v->deaf = ruined || next() & 1;
	}
	nd->ops->stop(nd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *buf = malloc(BUFFER);
	struct fakevirtio *v;

	input.data = data;
	input.size = size;
	input.at = 0;
	ruined = false;
	memset(buf, 0, BUFFER);
	v = device();
	fakevirtio_start(v);
	/* capabilities that point anywhere */
	for (unsigned n = next() & 3; n > 0; n--, v->lax = true) {
		uint8_t at = next();

		v->fn->cfg[0x40 + at % 0x40] = next();
	}
	if (v->type == BLOCK)
		use_disk(v, buf);
	else if (v->type == NET)
		use_net(v, buf);
	else if (virtio_rng_fill(&v->rig.dev, buf, 1 + next() * 16u % 4096, 100))
		buf[0] = 0; /* no promise was made */
	free(buf);
	fakevirtio_free(v);
	return 0;
}
