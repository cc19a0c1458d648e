/* SPDX-License-Identifier: BSD-2-Clause */
/* NVMe for the client `limit`: as many commands of the most the device takes as fill the buffer, then all their answers. */
#include "limit.h"

#define PAGE     4096u
#define ENTRIES  32u
#define ADMIN    0u /* queues: submissions in the first page of two, completions in the second */
#define IO       1u
#define IDENTIFY (4 * PAGE)
#define LISTS    (5 * PAGE)

static uint64_t registers;
static uint32_t tail[2], head[2], piece;

static bool matches(uint32_t node)
{
	return limit_pci_is(node, 0, 0, 0x010802);
}

static bool wait_ready(uint32_t value)
{
	uint32_t begin = of_milliseconds();

	while ((limit_in(registers + 0x1c, 4) & 1) != value)
		if (of_milliseconds() - begin > 5000)
			return false;
	return true;
}

/* The stride is 0 with QEMU. */
static void doorbell(uint32_t queue, bool completion, uint32_t value)
{
	limit_out(registers + 0x1000 + 4 * (2 * queue + completion), 4, value);
}

static void put(uint32_t queue, uint32_t opcode, uint64_t prp1, uint64_t prp2, uint64_t cdw10_11,
		uint32_t cdw12)
{
	unsigned char *e = limit_mem + 2 * queue * PAGE + tail[queue] * 64;

	memset(e, 0, 64);
	put_le(e, 4, opcode);
	put_le(e + 4, 4, queue); /* the namespace is 1 */
	put_le(e + 24, 8, prp1);
	put_le(e + 32, 8, prp2);
	put_le(e + 40, 8, cdw10_11);
	put_le(e + 48, 4, cdw12);
	tail[queue] = (tail[queue] + 1) % ENTRIES;
}

/* The phase bit of the first round is 1. */
static bool answers(uint32_t queue, uint32_t n)
{
	static unsigned char phase[2] = {1, 1};
	bool good = true;

	doorbell(queue, false, tail[queue]);
	while (n-- && good) {
		const unsigned char *e = limit_mem + (2 * queue + 1) * PAGE + head[queue] * 16;

		good = limit_wait(e + 14, 1, phase[queue]) && e[14] < 2 && e[15] == 0;
		head[queue] = (head[queue] + 1) % ENTRIES;
		phase[queue] ^= head[queue] == 0;
	}
	doorbell(queue, true, head[queue]);
	return good;
}

static bool make_queues(void)
{
	put(ADMIN, 6, limit_mem_dev + IDENTIFY, 0, 1, 0);
	if (!answers(ADMIN, 1))
		return false;
	piece = limit_mem[IDENTIFY + 77] ? PAGE << limit_mem[IDENTIFY + 77] : 2u << 20;
	if (piece > 2u << 20)
		piece = 2u << 20;
	put(ADMIN, 5, limit_mem_dev + 3 * PAGE, 0, 1ull << 32 | (ENTRIES - 1) << 16 | 1, 0);
	put(ADMIN, 1, limit_mem_dev + 2 * PAGE, 0, 0x10001ull << 32 | (ENTRIES - 1) << 16 | 1, 0);
	return answers(ADMIN, 2);
}

static uint32_t start(uint32_t node)
{
	if (!limit_pci_open(node, true) || !(registers = limit_bar(0)))
		return 0;
	limit_out(registers + 0x14, 4, 0);
	if (!wait_ready(0))
		return 0;
	limit_out(registers + 0x24, 4, (ENTRIES - 1) << 16 | (ENTRIES - 1));
	limit_out(registers + 0x28, 4, limit_mem_dev);
	limit_out(registers + 0x2c, 4, 0);
	limit_out(registers + 0x30, 4, limit_mem_dev + PAGE);
	limit_out(registers + 0x34, 4, 0);
	limit_out(registers + 0x14, 4, 4u << 20 | 6u << 16 | 1);
	if (!wait_ready(1) || !make_queues())
		return 0;
	for (uint32_t i = 0; i < limit_buffer_bytes / PAGE; i++)
		put_le(limit_mem + LISTS + 8 * i, 8, limit_buffer_dev + i * PAGE);
	return LIMIT_PIECE;
}

/* A piece's list is a stretch of the list of all pages, and crosses none: pieces are powers of two. */
static bool read(uint64_t sector, uint64_t dev)
{
	uint64_t list = limit_mem_dev + LISTS + (dev - limit_buffer_dev) / PAGE * 8;

	for (uint32_t at = 0; at < LIMIT_PIECE; at += piece)
		put(IO, 2, dev + at, list + at / PAGE * 8 + 8, sector + at / 512, piece / 512 - 1);
	return answers(IO, LIMIT_PIECE / piece);
}

const struct limit_driver limit_nvme = {"nvme", matches, start, read};
