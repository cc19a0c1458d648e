/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How fast can QEMU be? Reads a disk of 256 MiB with the least a guest can do: no firmware in the way, no file, no
 * copy, no mapping between requests. tools/bench_disks.py holds the firmware's own reading against it. The
 * arguments: name of a driver, MiB to read, MiB of memory to read them into, again and again. 64-bit only:
 * registers are beyond what a 32-bit program reaches.
 */
#include "limit.h"

#define DISK  (256u << 20)
#define TRIES 4u

static const struct limit_driver *const drivers[] = {&limit_ahci, &limit_nvme, &limit_virtio_blk,
						     &limit_virtio_scsi, &limit_vscsi};

unsigned char *limit_mem;
uint32_t limit_buffer_bytes;
uint64_t limit_buffer_dev, limit_mem_dev;

bool limit_wait(const volatile unsigned char *p, unsigned char mask, unsigned char value)
{
	uint64_t start = of_timebase();

	while ((*p & mask) != value)
		if (of_timebase() - start > 10 * 512000000ull)
			return false;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return true;
}

/* Depth first. */
static uint32_t next_node(uint32_t node)
{
	uint32_t next = of_child(node);

	for (; !next && node; node = of_parent(node))
		next = of_peer(node);
	return next;
}

static uint32_t find(const struct limit_driver *d)
{
	uint32_t node = of_peer(0);

	while (node && node != OF_ERR && !d->matches(node))
		node = next_node(node);
	return node == OF_ERR ? 0 : node;
}

static void run(const struct limit_driver *d, uint64_t bytes)
{
	uint32_t node = find(d), piece = node ? d->start(node) : 0;
	uint64_t at = 0;

	if (!piece) {
		of_printf("limit: no %s\n", d->name);
		return;
	}
	for (unsigned tries = 0; tries < TRIES && !d->read(0, limit_buffer_dev); tries++)
		; /* SCSI disks tell of the power-on first */
	of_printf("limit begins: %s, %x bytes at once\n", d->name, piece);
	while (at < bytes && d->read(at % DISK / 512, limit_buffer_dev + at % limit_buffer_bytes))
		at += piece;
	of_printf("limit %s: %llx bytes\n", at < bytes ? "failed" : "ends", (unsigned long long)at);
}

/* The next word of the arguments. */
static const char *word(const char *p)
{
	while (*p && *p != ' ')
		p++;
	return *p ? p + 1 : p;
}

static uint32_t mib(const char *p)
{
	uint32_t n = 0;

	for (; *p >= '0' && *p <= '9'; p++)
		n = n * 10 + (uint32_t)(*p - '0');
	return n;
}

int client_main(void)
{
	const char *amount = word(of_bootargs), *buffer = word(amount);
	size_t len = (size_t)(amount - of_bootargs) - 1;
	uint32_t at;

	limit_buffer_bytes = mib(buffer) << 20;
	at = of_claim(0, limit_buffer_bytes + LIMIT_PAGES, 0x10000);
	limit_mem = (unsigned char *)(uintptr_t)(at + limit_buffer_bytes);
	limit_buffer_dev = at;
	limit_mem_dev = at + limit_buffer_bytes;
	if (at == OF_ERR || !limit_buffer_bytes || limit_buffer_bytes % LIMIT_PIECE)
		of_power_off();
	memset(limit_mem, 0, LIMIT_PAGES);
	for (unsigned i = 0; i < sizeof(drivers) / sizeof(*drivers); i++)
		if (strlen(drivers[i]->name) == len && !memcmp(drivers[i]->name, of_bootargs, len))
			run(drivers[i], (uint64_t)mib(amount) << 20);
	of_power_off();
}
