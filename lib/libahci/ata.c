/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ATA disks with 48-bit addresses (ACS-3): identify, read, write, flush. What is large goes in several queued
 * commands at once, if drive and controller can; should one of them fail, all of it goes once more in one command,
 * whose verdict counts.
 */
#define LOG_TAG "ahci"
#include "ahci-priv.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"

#define COMMAND_MS 30000u
#define QUEUE_FROM (512u << 10) /* bytes that a queued command is worth its while for */
#define LOG_QUEUE  0x10         /* what failed in the queue */

/* Words of IDENTIFY DEVICE. */
#define ID_MODEL       27
#define ID_DEPTH       75
#define ID_SATA        76
#define HAS_QUEUE      0x100u
#define ID_SUPPORTED   83
#define HAS_48_BITS    0x400u
#define ID_BLOCKS_48   100
#define ID_SECTOR      106
#define ID_SECTOR_SIZE 117

struct ata_disk {
	struct blkdev blk;
	struct ahci *a;
	unsigned port;
	unsigned depth; /* commands at once */
};

static struct ata_disk *disk_of(struct blkdev *bd)
{
	return (struct ata_disk *)((char *)bd - offsetof(struct ata_disk, blk));
}

static int run(struct ata_disk *d, struct ahci_cmd *cmd)
{
	int err;

	cmd->timeout_ms = COMMAND_MS;
	err = port_run(d->a, &d->a->port[d->port], cmd);
	if (err)
		log_debug("%s: port %u: command %02x at %llx: %s, %02x", d->a->dev->node->name,
			  d->port, cmd->opcode, (unsigned long long)cmd->lba, err_text(err),
			  cmd->error);
	else if (cmd->done != cmd->len)
		err = E_IO;
	return err;
}

/* After a failure the drive refuses everything until it is asked this (ACS-3 4.14.2); or it never had a queue. */
static void leave_queue(struct ata_disk *d)
{
	uint8_t *log = try_alloc(512);
	struct ahci_cmd cmd = {
		.opcode = ATA_READ_LOG_EXT, .lba = LOG_QUEUE, .count = 1, .data = log, .len = 512};

	if (log && run(d, &cmd))
		log_debug("%s: port %u: no log of its queue", d->a->dev->node->name, d->port);
	heap_free(log);
}

/* In count commands at once. */
static int run_queue(struct ata_disk *d, const struct ahci_cmd *whole, uint32_t n, unsigned count)
{
	uint32_t size = d->blk.block_size, step = (n + count - 1) / count, at = 0;
	struct ahci_cmd cmd[SLOTS];
	unsigned used = 0;
	int err;

	for (; at < n; at += step, used++) {
		uint32_t some = n - at < step ? n - at : step;

		cmd[used] = *whole;
		cmd[used].opcode = whole->is_write ? ATA_WRITE_QUEUED : ATA_READ_QUEUED;
		cmd[used].is_queued = true;
		cmd[used].lba += at;
		cmd[used].count = (uint16_t)some;
		cmd[used].data = (uint8_t *)whole->data + (size_t)at * size;
		cmd[used].len = some * size;
		cmd[used].timeout_ms = COMMAND_MS;
	}
	err = port_run_queue(d->a, &d->a->port[d->port], cmd, used);
	if (err == E_IO && !d->a->dead)
		leave_queue(d);
	return err;
}

static int transfer(struct ata_disk *d, bool is_write, uint64_t block, uint32_t n, void *buf)
{
	struct ahci_cmd cmd = {.opcode = is_write ? ATA_WRITE_DMA_EXT : ATA_READ_DMA_EXT,
			       .lba = block,
			       .count = (uint16_t)n, /* 0 means 65536 */
			       .is_write = is_write,
			       .data = buf,
			       .len = n * d->blk.block_size};
	unsigned count = cmd.len / QUEUE_FROM < d->depth ? cmd.len / QUEUE_FROM : d->depth;
	int err = count > 1 ? run_queue(d, &cmd, n, count) : E_IO;

	return err == E_IO && !d->a->dead ? run(d, &cmd) : err;
}

static int disk_read(struct blkdev *bd, uint64_t block, uint32_t n, void *buf)
{
	return transfer(disk_of(bd), false, block, n, buf);
}

static int disk_write(struct blkdev *bd, uint64_t block, uint32_t n, const void *buf)
{
	return transfer(disk_of(bd), true, block, n, (void *)(uintptr_t)buf);
}

static int disk_flush(struct blkdev *bd)
{
	struct ahci_cmd cmd = {.opcode = ATA_FLUSH_EXT};

	return run(disk_of(bd), &cmd);
}

static void disk_stop(struct blkdev *bd)
{
	struct ata_disk *d = disk_of(bd);

	ahci_put(d->a, d->port);
	heap_free(d);
}

static const struct blkdev_ops disk_ops = {disk_read, disk_write, disk_flush, disk_stop};

/* ---- identify ----------------------------------------------------------------------------- */

/* Text in words, the first character in the upper byte; padded with blanks. */
static void copy_text(char *to, const uint8_t *id, unsigned word, unsigned words)
{
	size_t len = 2 * words;

	for (size_t i = 0; i < len; i++) {
		uint8_t c = id[2 * word + (i ^ 1)];

		to[i] = c >= ' ' && c < 0x7f ? (char)c : ' ';
	}
	while (len > 0 && to[len - 1] == ' ')
		len--;
	to[len] = 0;
}

/* Bytes of a logical sector; 512 unless word 106 says otherwise and is valid. */
static uint64_t sector_size(const uint8_t *id)
{
	uint16_t what = get_le16(id + 2 * ID_SECTOR);
	bool is_long = (what & 0xc000) == 0x4000 && what & 0x1000;

	return is_long ? 2ull * get_le32(id + 2 * ID_SECTOR_SIZE) : 512;
}

/* All ones or zeros: it does not say. */
static unsigned queue_depth(const struct ahci *a, const uint8_t *id)
{
	uint16_t sata = get_le16(id + 2 * ID_SATA);
	unsigned depth = (get_le16(id + 2 * ID_DEPTH) & 31) + 1u;

	if (sata == 0xffff || !(sata & HAS_QUEUE))
		return 1;
	return depth < a->slots ? depth : a->slots;
}

static int read_identity(struct ata_disk *d, const uint8_t *id)
{
	uint64_t size = sector_size(id);

	if (!(get_le16(id + 2 * ID_SUPPORTED) & HAS_48_BITS) || size < 512 || size > 65536 ||
	    size & (size - 1)) {
		log_warn("%s: port %u: no 48-bit addresses, or sectors of %llu bytes",
			 d->a->dev->node->name, d->port, (unsigned long long)size);
		return E_UNSUPP;
	}
	copy_text(d->blk.about, id, ID_MODEL, 20);
	d->blk.block_size = (uint32_t)size;
	d->blk.blocks = get_le64(id + 2 * ID_BLOCKS_48) & 0xffffffffffff;
	d->blk.max_blocks = MAX_BYTES / d->blk.block_size;
	d->depth = queue_depth(d->a, id);
	return 0;
}

static int identify(struct ata_disk *d)
{
	uint8_t *id = try_alloc(512);
	struct ahci_cmd cmd = {.opcode = ATA_IDENTIFY, .data = id, .len = 512};
	int err = id ? run(d, &cmd) : E_NOMEM;

	err = err ? err : read_identity(d, id);
	heap_free(id);
	return err;
}

int ata_disk_open(struct ahci *a, unsigned port, struct blkdev **bd)
{
	struct ata_disk *d = try_alloc(sizeof(*d));
	int err;

	if (!d)
		return E_NOMEM;
	d->a = a;
	d->port = port;
	d->blk.ops = &disk_ops;
	err = identify(d);
	if (err) {
		heap_free(d);
		return err;
	}
	*bd = &d->blk;
	return 0;
}
