/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hostile Fusion MPT controller: the input decides its states, what the doorbell says, which replies come, with what
 * in them, sense, data, and what it scribbles over the page it shares. The driver must end, give all memory back,
 * and never offer memory to the controller that is not mapped for it.
 */
#include "fuzz-sas.h"

#include "mpt/mpt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FRAMES 16u

static uint32_t message[64], words, got, interrupts, post[4], posted, frames[FRAMES], given;
static uint16_t answer[32];
static unsigned halves, taken;
static bool operational, sending;

/* ---- the doorbell ------------------------------------------------------------------------ */

static void take_message(void)
{
	uint8_t how = next();

	memset(answer, 0, sizeof(answer));
	halves = how & 1 ? next() & 31 : 10;
	answer[1] = (uint16_t)((message[0] >> 24) << 8 | halves / 2);
	if (how & 2) {
		uint8_t at = next() & 31;

		answer[at] = (uint16_t)next_bytes(2);
	}
	taken = 0;
	interrupts |= 1;
	operational |= message[0] >> 24 == 2;
}

static void write_doorbell(uint32_t v)
{
	if (sending) {
		message[got++ & 63] = v;
		sending = got < words;
		if (!sending)
			take_message();
	} else if (v >> 24 == 0x40) {
		operational = false;
		interrupts = posted = given = 0;
	} else if (v >> 24 == 0x42) {
		words = v >> 16 & 63;
		got = 0;
		sending = words > 0;
		interrupts |= 1;
	}
}

static uint32_t read_doorbell(void)
{
	uint32_t v = operational ? 0x20000000 : 0x10000000;

	return taken < halves && interrupts & 1 ? v | answer[taken++ & 31] : v;
}

/* ---- requests ---------------------------------------------------------------------------- */

static void reply(const uint8_t *b, uint8_t how)
{
	uint32_t at = frames[next() % FRAMES];
	uint8_t *frame = given && fakedma_open(at, 128) ? fakedma_at(at, 128) : NULL;

	if (!frame)
		return;
	memset(frame, 0, 128);
	memcpy(frame, b, 12);
	frame[12] = how & 4 ? next() : 2;
	frame[13] = how & 4 ? next() : 1;
	frame[14] = how & 8 ? next() : 0x45;
	put_le32(frame + 20, next());
	put_le32(frame + 24, how & 8 ? next() * 0x01010101u : 18);
	if (how & 0x10)
		scribble(frame, 128);
	post[posted++ & 3] = 0x80000000 | at >> 1;
}

static void take(uint32_t at)
{
	const uint8_t *b = memory(at, 60);
	uint32_t len = get_le32(b + 40), way = get_le32(b + 20) & 0x03000000;
	uint8_t *sense = memory(get_le32(b + 44), b[5]), how = next();
	uint8_t *to = len ? memory(get_le64(b + 52), len) : NULL;

	if ((how & 0xe0) == 0xe0)
		return; /* nothing ever comes */
	if (way == 0x02000000) {
		honest_answer(b[24], to, len);
		if (how & 1)
			scribble(to, len);
	}
	if (how & 2) {
		scribble(sense, b[5]);
		reply(b, how);
	} else if (how & 0x80) {
		post[posted++ & 3] = next_bytes(4);
	}
	post[posted++ & 3] = get_le32(b + 8);
	if (how & 0x40)
		scribble(memory(at & ~4095u, 4096), 4096);
}

/* ---- registers --------------------------------------------------------------------------- */

static uint64_t regs_read(void *ctx, unsigned bar, uint64_t offset, uint8_t size)
{
	uint8_t odd = next();

	(void)ctx, (void)bar, (void)size;
	fake_now_us += 20000; /* deadlines are many looks away */
	if ((odd & 0xf0) == 0xf0)
		return odd & 1 ? 0xffffffff : (uint32_t)next() << (odd & 0xe) * 2;
	if (offset == 0x00)
		return read_doorbell();
	if (offset == 0x30)
		return interrupts;
	return posted ? post[--posted & 3] : 0xffffffff;
}

static void regs_write(void *ctx, unsigned bar, uint64_t offset, uint8_t size, uint64_t v)
{
	(void)ctx, (void)bar, (void)size;
	if (offset == 0x00)
		write_doorbell((uint32_t)v);
	else if (offset == 0x30)
		interrupts = taken < halves && !sending;
	else if (offset == 0x40)
		take((uint32_t)v);
	else if (offset == 0x44)
		frames[given++ % FRAMES] = (uint32_t)v;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct fakemmio_regs regs = {regs_read, regs_write, NULL};

	words = got = interrupts = posted = given = halves = taken = 0;
	operational = sending = false;
	memset(frames, 0, sizeof(frames));
	run_host(data, size, &regs, 1, mpt_start);
	return 0;
}
