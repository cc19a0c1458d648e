/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hostile MegaRAID SAS controller: the input decides the states of its firmware, what it says of each frame, the list
 * of logical drives, sense, data, and what it scribbles over the page it shares. The driver must end, give all
 * memory back, and never offer memory to the controller that is not mapped for it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "fakeclock.h"
#include "fakedma.h"
#include "fakemmio.h"
#include "megasas/megasas.h"
#include "scsi/scsi.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *in;
static size_t left;
static bool operational;

static uint8_t next(void)
{
	if (left == 0)
		return 0;
	left--;
	return *in++;
}

static uint8_t *memory(uint64_t at, uint64_t len)
{
	if (!fakedma_open(at, len))
		abort(); /* memory that is not mapped was given out */
	return fakedma_at(at, len);
}

/* An honest disk's answers to what libscsi asks. */
static void answer(uint8_t opcode, uint8_t *to, uint32_t len)
{
	uint8_t buf[36] = {0};

	if (opcode == 0x12) {
		memcpy(buf, "\0\0\5\2\x1f\0\0\0FAKE    DISK            1.0 ", 36);
	} else if (opcode == 0x25) {
		put_be32(buf, 4095);
		put_be32(buf + 4, 512);
	} else if (opcode == 0xa0) {
		put_be32(buf, 8);
	}
	memset(to, 0, len);
	memcpy(to, buf, len < sizeof(buf) ? len : sizeof(buf));
}

static void scribble(uint8_t *to, uint32_t len)
{
	for (unsigned n = next() & 15; n > 0; n--)
		to[(next() << 8 | next()) % len] = next();
}

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
		answer(frame[32], to, len);
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

/* ---- use ---------------------------------------------------------------------------------- */

static struct blkdev *disk;

static void found(void *ctx, uint64_t unit, const struct scsi_identity *who)
{
	(void)who;
	if (!disk)
		(void)!scsi_disk_start(ctx, unit, &disk);
}

static void use(struct scsi_host *host)
{
	static uint8_t buf[1 << 18];

	disk = NULL;
	scsi_scan(host, found, host);
	for (unsigned i = 0; disk && i < 3; i++) {
		uint64_t n = sizeof(buf) / disk->block_size;

		(void)!blkdev_read(disk, next(), next() % n + 1, buf);
		(void)!blkdev_write(disk, next(), 1, buf);
	}
	blkdev_stop(disk);
	scsi_host_stop(host);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fakemmio_regs regs = {regs_read, regs_write, NULL};
	struct fake_pci *pci = fake_pci_new();
	struct fake_fn *fn = fake_add(pci, NULL, 1 << 3, 0x010400);
	struct fakemmio_rig rig;
	struct scsi_host *host;

	in = data;
	left = size;
	operational = false;
	fakemmio_reset();
	fakedma_go_on_at(0x10000000);
	fake_bar(fn, 0, 0x4000, 4);
	fakemmio_attach(fn, &regs);
	fakemmio_rig_start(&rig, pci, fn, &fakedma, NULL);
	if (megasas_start(&rig.dev, &host) == 0)
		use(host);
	if (fakedma_mappings())
		abort();
	fakemmio_rig_stop(&rig);
	return 0;
}
