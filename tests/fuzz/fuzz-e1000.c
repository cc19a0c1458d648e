/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A gigabit controller whose registers, descriptors and timing come from the input. The driver stays within its own
 * memory and the caller's, gives everything back, and frames that were sent without lies in between come out as
 * they went in (the fake device judges descriptors).
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "e1000/e1000.h"
#include "fakeclock.h"
#include "fakedma.h"
#include "fakee1000.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *in;
static size_t left;
static struct fakee1000 dev;

static uint8_t next(void)
{
	if (left == 0)
		return 0;
	left--;
	return *in++;
}

static uint32_t next32(void)
{
	uint32_t v = next();

	v = v << 8 | next();
	v = v << 8 | next();
	return v << 8 | next();
}

/* A byte of a ring's descriptors, but not of the addresses in there when the device is to go on. */
static void scribble(unsigned ring)
{
	uint64_t base = dev.reg[ring / 4] | (uint64_t)dev.reg[ring / 4 + 1] << 32;
	uint32_t bytes = dev.reg[ring / 4 + 2];

	for (unsigned n = next() & 7; n > 0 && bytes; n--) {
		uint32_t at = next32() % bytes;

		if (at % 16 >= 8)
			*(uint8_t *)fakedma_at(base + at, 1) = next();
	}
}

static void come_in(void)
{
	uint8_t frame[2048] = {0};
	size_t len = next32() % sizeof(frame);

	dev.errors = next() & 1 ? next() : 0;
	dev.state = next() & 1 ? next() : 0;
	dev.lie_len = next() & 1 ? (uint16_t)next32() : 0;
	for (unsigned i = 1 + (next() & 15) * 10u; i > 0; i--)
		if (!fakee1000_frame(&dev, frame, len))
			return;
}

static void go_out(struct netdev *nd)
{
	static uint8_t frame[4096];
	size_t len = next() * 8u;
	unsigned before = dev.sent;

	memset(frame, next(), sizeof(frame));
	if (nd->ops->send(nd, frame, len) == 0 && dev.sent == before + 1 &&
	    (dev.last_len != len || memcmp(dev.last, frame, len) != 0))
		abort();
}

static void fetch(struct netdev *nd)
{
	size_t room = next() * 9u, got;
	uint8_t *frame = malloc(room + 1);

	got = nd->ops->receive(nd, frame, room);
	if (got > room)
		abort();
	free(frame);
}

static void use(struct netdev *nd)
{
	while (left > 0) {
		switch (next() & 7) {
		case 0:
			come_in();
			break;
		case 1:
			/* a length that is changed while a frame waits would end the fake, not the driver */
			if (!dev.hold)
				scribble(0x2800);
			break;
		case 2:
			dev.hold = true;
			break;
		case 3:
			dev.hold = false;
			fakee1000_release(&dev);
			break;
		case 4:
			dev.no_link = next() & 1;
			(void)nd->ops->link_up(nd);
			break;
		case 5:
			go_out(nd);
			break;
		default:
			fetch(nd);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fake_pci *pci = fake_pci_new();
	struct fakemmio_rig rig;
	struct netdev *nd;
	uint8_t how;

	in = data;
	left = size;
	how = next();
	fakemmio_reset();
	memset(&dev, 0, sizeof(dev));
	dev.mac = how & 1 ? 0x563412005452 : (uint64_t)next32() << 16 | next();
	dev.stuck_reset = (how & 0xe) == 0xe;
	dev.hold = how & 0x10;
	fakemmio_rig_start(&rig, pci, fakee1000_add(&dev, pci), &fakedma, NULL);
	if (e1000_start(&rig.dev, &nd) == 0) {
		use(nd);
		nd->ops->stop(nd);
	}
	if (fakedma_mappings())
		abort();
	fakemmio_rig_stop(&rig);
	return 0;
}
