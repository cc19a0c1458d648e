/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio-blk and virtio-scsi for the client `limit`: modern, one request over the buffer, RAM as it is. */
#include "limit.h"

#define ENTRIES  4u
#define DESC     0x0000u
#define AVAIL    0x1000u
#define USED     0x2000u
#define REQUEST  0x3000u
#define RESPONSE 0x3100u
#define NEXT     1u
#define WRITE    2u
#define SCSI_MAX (2u << 20)

static uint64_t common, notify;
static uint16_t index;
static uint32_t queue, piece;

static bool matches_blk(uint32_t node)
{
	return limit_pci_is(node, 0x1af4, 0x1001, 0) || limit_pci_is(node, 0x1af4, 0x1042, 0);
}

static bool matches_scsi(uint32_t node)
{
	return limit_pci_is(node, 0x1af4, 0x1004, 0) || limit_pci_is(node, 0x1af4, 0x1048, 0);
}

static void find_registers(void)
{
	uint32_t cap = limit_config(0x34, "config-b@");

	for (; cap; cap = limit_config(cap + 1, "config-b@")) {
		uint32_t type = limit_config(cap + 3, "config-b@");
		uint64_t at;

		if (limit_config(cap, "config-b@") != 9)
			continue;
		at = limit_bar(limit_config(cap + 4, "config-b@")) +
		     limit_config(cap + 8, "config-l@");
		if (type == 1)
			common = at;
		else if (type == 2) /* QEMU's queues are this far from one another */
			notify = at + queue * limit_config(cap + 16, "config-l@");
	}
}

static void set_up_queue(void)
{
	static const uint32_t parts[3] = {DESC, AVAIL, USED};

	limit_out(common + 22, 2, queue);
	limit_out(common + 24, 2, ENTRIES);
	for (unsigned i = 0; i < 3; i++) {
		limit_out(common + 32 + 8 * i, 4, limit_mem_dev + parts[i]);
		limit_out(common + 36 + 8 * i, 4, 0);
	}
	limit_out(common + 28, 2, 1);
}

static uint32_t start(uint32_t node, uint32_t which, uint32_t bytes)
{
	queue = which;
	piece = bytes;
	if (!limit_pci_open(node, false))
		return 0;
	find_registers();
	if (!common || !notify)
		return 0;
	limit_out(common + 20, 1, 0);
	limit_out(common + 20, 1, 3);
	limit_out(common + 8, 4, 1);
	limit_out(common + 12, 4, 1); /* VERSION_1 and nothing else */
	limit_out(common + 20, 1, 11);
	set_up_queue();
	put_le(limit_mem + AVAIL, 2, 1); /* no interrupts */
	limit_out(common + 20, 1, 15);
	return piece;
}

static uint32_t start_blk(uint32_t node)
{
	return start(node, 0, LIMIT_PIECE);
}

static uint32_t start_scsi(uint32_t node)
{
	return start(node, 2, SCSI_MAX);
}

static void describe(uint32_t i, uint64_t addr, uint32_t len, uint32_t flags)
{
	unsigned char *d = limit_mem + DESC + 16 * i;

	put_le(d, 8, addr);
	put_le(d + 8, 4, len);
	put_le(d + 12, 2, flags);
	put_le(d + 14, 2, i + 1);
}

static bool run(void)
{
	index++;
	put_le(limit_mem + AVAIL + 4 + 2 * ((index - 1u) % ENTRIES), 2, 0);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	put_le(limit_mem + AVAIL + 2, 2, index);
	limit_out(notify, 2, queue);
	return limit_wait(limit_mem + USED + 2, 0xff, (unsigned char)index);
}

static bool read_blk(uint64_t sector, uint64_t dev)
{
	memset(limit_mem + REQUEST, 0, 16);
	put_le(limit_mem + REQUEST + 8, 8, sector);
	limit_mem[RESPONSE] = 0xff;
	describe(0, limit_mem_dev + REQUEST, 16, NEXT);
	describe(1, dev, piece, NEXT | WRITE);
	describe(2, limit_mem_dev + RESPONSE, 1, WRITE);
	return run() && limit_mem[RESPONSE] == 0;
}

static bool read_scsi(uint64_t sector, uint64_t dev)
{
	unsigned char *request = limit_mem + REQUEST, *response = limit_mem + RESPONSE;

	memset(request, 0, 51);
	memcpy(request, "\x01\x00\x40", 3); /* target 0, LUN 0 */
	request[19] = 0x28;
	put_be(request + 19 + 2, 4, sector);
	put_be(request + 19 + 7, 2, piece / 512);
	response[11] = 0xff;
	describe(0, limit_mem_dev + REQUEST, 51, NEXT);
	describe(1, limit_mem_dev + RESPONSE, 108, NEXT | WRITE);
	describe(2, dev, piece, WRITE);
	return run() && response[11] == 0 && response[10] == 0;
}

const struct limit_driver limit_virtio_blk = {"virtio-blk", matches_blk, start_blk, read_blk};
const struct limit_driver limit_virtio_scsi = {"virtio-scsi", matches_scsi, start_scsi, read_scsi};
