/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file by TFTP from a server that is the input: for every packet it gets it says up to three things, each made of
 * the input, some of them with the operation, the block number or the port a real server would use. Whatever
 * it says, bytes come in order, none beyond the room and none beyond what was announced, it ends in time, and
 * what is said to be whole has the size that was announced.
 */
#include <string.h>

#include "base/bytes.h"
#include "fakeclock.h"
#include "fakepeer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOM  100000u
#define LIMIT 200u /* seconds: two transfers of silence and their turns */

static const uint8_t *in;
static size_t left;
static uint16_t block; /* the last one acknowledged */
static uint8_t next(void)
{
	if (left == 0)
		return 0;
	left--;
	return *in++;
}

/* A packet: a kind, a length, then bytes of the input as far as they go. */
static void say(const struct fakenet_packet *q)
{
	uint8_t packet[1600] = {0};
	uint8_t how = next();
	size_t len = how & 0x80 ? next() * 6u : next() & 0x3f, some = len < left ? len : left;

	if (how & 0x40) /* bytes of the input, else zeros */
		for (size_t i = 4; i < some; i++)
			packet[i] = next();
	put_be16(packet, how & 7);
	put_be16(packet + 2, (uint16_t)(block + (how >> 3 & 3) + 1));
	if ((how & 7) == 6 && len > 2)
		memmove(packet + 2, packet + 4, sizeof(packet) - 4);
	if ((how & 7) == 7)
		put_be32(packet, (uint32_t)next() << 24 | (uint32_t)next() << 16 | next());
	fakepeer_reply(q, how & 0x20 ? next() : 5555, packet, len);
}

static void serve(const struct fakenet_packet *q)
{
	if (q->protocol != 17 || q->len < 4 || left == 0)
		return;
	if (get_be16(q->data) == 1)
		block = 0;
	else if (get_be16(q->data) == 4)
		block = get_be16(q->data + 2);
	for (unsigned i = 1 + (next() & 3); i > 0 && left > 0; i--)
		say(q);
}

/* Time flies when there is nothing more to say. */
static int idle(void)
{
	fake_now_us += left ? 20000 : 400000;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	in = data;
	left = size;
	block = 0;
	fakepeer_sink = (struct fakepeer_sink){.room = ROOM, .idle = idle};
	fakepeer_start(serve, false);
	(void)fakepeer_get("tftp://10.0.0.2/dir/file", LIMIT);
	fakepeer_stop();
	return 0;
}
