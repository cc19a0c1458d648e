/* SPDX-License-Identifier: BSD-2-Clause */
/* ATA disks with 48-bit addresses (ACS-3): identify, read, write, flush. */
#define LOG_TAG "ahci"
#include "ahci-priv.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"

#define COMMAND_MS 30000u

/* Words of IDENTIFY DEVICE. */
#define ID_MODEL       27
#define ID_SUPPORTED   83
#define HAS_48_BITS    0x400u
#define ID_BLOCKS_48   100
#define ID_SECTOR      106
#define ID_SECTOR_SIZE 117

struct ata_disk {
	struct blkdev blk;
	struct ahci *a;
	unsigned port;
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

static int disk_read(struct blkdev *bd, uint64_t block, uint32_t n, void *buf)
{
	struct ahci_cmd cmd = {.opcode = ATA_READ_DMA_EXT,
			       .lba = block,
			       .count = (uint16_t)n, /* 0 means 65536 */
			       .data = buf,
			       .len = n * bd->block_size};

	return run(disk_of(bd), &cmd);
}

static int disk_write(struct blkdev *bd, uint64_t block, uint32_t n, const void *buf)
{
	struct ahci_cmd cmd = {.opcode = ATA_WRITE_DMA_EXT,
			       .lba = block,
			       .count = (uint16_t)n,
			       .is_write = true,
			       .data = (void *)(uintptr_t)buf,
			       .len = n * bd->block_size};

	return run(disk_of(bd), &cmd);
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
