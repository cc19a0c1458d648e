/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hostile MegaRAID SAS controller: the input decides the states of its firmware, what it says of each frame, the list
 * of logical drives, sense, data, and what it scribbles over the page it shares. The driver must end, give all
 * memory back, and never offer memory to the controller that is not mapped for it.
 */
#include "fuzz-sas.h"

#include "megasas/megasas.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool operational;

static void init(const uint8_t *frame)
{
	const uint8_t *q = memory(get_le64(frame + 24), 32);

	(void)memory(get_le64(q + 8), 4ull * get_le32(q + 4));
	(void)memory(get_le64(q + 16), 4);
	(void)memory(get_le64(q + 24), 4);
	operational = true;
}

static void list(const uint8_t *frame)
{
	uint32_t len = get_le32(frame + 48);
	uint8_t *to = memory(get_le64(frame + 40), len);

	memset(to, 0, len);
	put_le32(to, next());
	to[8] = next();
	scribble(to, len);
}

static void scsi(uint8_t *frame, uint8_t how)
{
	uint32_t len = get_le32(frame + 56);
	uint8_t *to = memory(get_le64(frame + 48), len);

	if (get_le16(frame + 16) & 16) {
		honest_answer(frame[32], to, len);
		if (how & 1)
			scribble(to, len);
	}
	if (how & 2) {
		frame[3] = next();
		scribble(memory(get_le64(frame + 24), frame[1]), frame[1]);
		*memory(get_le64(frame + 24), 1) = next();
	}
}

static void take(uint32_t at)
{
	uint8_t *frame = memory(at & ~31u, 2048), how = next();

	if ((how & 0xf0) == 0xf0)
		return; /* nothing ever comes */
	if (frame[0] == 0)
		init(frame);
	else if (frame[0] == 5)
		list(frame);
	else
		scsi(frame, how);
	if (how & 8)
		scribble(frame, 4096);
	frame[2] = how & 4 ? next() : how & 2 && frame[0] ? 0x2d : 0;
}

static uint64_t regs_read(void *ctx, unsigned bar, uint64_t offset, uint8_t size)
{
	uint8_t odd = next();

	(void)ctx, (void)bar, (void)size;
	fake_now_us += 100000; /* deadlines are many looks away */
	if (odd & 0x80)
		return odd & 1 ? 0xffffffff : (uint32_t)next() << 24;
	return offset == 0xb0 ? (operational ? 0xc0500010 : 0xb0500010) : 0;
}

static void regs_write(void *ctx, unsigned bar, uint64_t offset, uint8_t size, uint64_t v)
{
	(void)ctx, (void)bar, (void)size;
	if (offset == 0x40)
		take((uint32_t)v);
	else if (offset == 0x20 && v & 2)
		operational = false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct fakemmio_regs regs = {regs_read, regs_write, NULL};

	operational = false;
	run_host(data, size, &regs, 0, megasas_start);
	return 0;
}
