/* SPDX-License-Identifier: BSD-2-Clause */
/* What hostile SCSI controllers have in common: an input, memory that must be mapped, a disk's answers, and use. */
#ifndef FUZZ_SAS_H
#define FUZZ_SAS_H

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "fakeclock.h"
#include "fakedma.h"
#include "fakemmio.h"
#include "scsi/scsi.h"

static const uint8_t *in;
static size_t left;

static inline uint8_t next(void)
{
	if (left == 0)
		return 0;
	left--;
	return *in++;
}

/* Big endian; in an order that does not depend on the compiler. */
static inline uint32_t next_bytes(unsigned n)
{
	uint32_t v = 0;

	while (n-- > 0)
		v = v << 8 | next();
	return v;
}

static inline uint8_t *memory(uint64_t at, uint64_t len)
{
	if (!fakedma_open(at, len))
		abort(); /* memory that is not mapped was given out */
	return fakedma_at(at, len);
}

/* To what libscsi asks. */
static inline void honest_answer(uint8_t opcode, uint8_t *to, uint32_t len)
{
	uint8_t answer[36] = {0};

	if (opcode == 0x12) {
		memcpy(answer, "\0\0\5\2\x1f\0\0\0FAKE    DISK            1.0 ", 36);
	} else if (opcode == 0x25) {
		put_be32(answer, 4095);
		put_be32(answer + 4, 512);
	} else if (opcode == 0xa0) {
		put_be32(answer, 8);
	}
	memset(to, 0, len);
	memcpy(to, answer, len < sizeof(answer) ? len : sizeof(answer));
}

static inline void scribble(uint8_t *to, uint32_t len)
{
	for (unsigned n = next() & 15; n > 0; n--) {
		uint32_t at = next_bytes(2) % len;

		to[at] = next();
	}
}

/* ---- use --------------------------------------------------------------------------------- */

static struct blkdev *disk;

static inline void found(void *ctx, uint64_t unit, const struct scsi_identity *who)
{
	(void)who;
	if (!disk)
		(void)!scsi_disk_start(ctx, unit, &disk);
}

static inline void use(struct scsi_host *host)
{
	static uint8_t buf[1 << 18];

	disk = NULL;
	scsi_scan(host, found, host);
	for (unsigned i = 0; disk && i < 3; i++) {
		uint64_t n = sizeof(buf) / disk->block_size, first = next();

		(void)!blkdev_read(disk, first, next() % n + 1, buf);
		(void)!blkdev_write(disk, next(), 1, buf);
	}
	blkdev_stop(disk);
	scsi_host_stop(host);
}

/* A machine whose only function has registers in a BAR; its driver from start to end. */
static inline void run_host(const uint8_t *data, size_t size, const struct fakemmio_regs *regs,
			    unsigned bar,
			    int (*start)(const struct pci_dev *dev, struct scsi_host **host))
{
	struct fake_pci *pci = fake_pci_new();
	struct fake_fn *fn = fake_add(pci, NULL, 1 << 3, 0x010000);
	struct fakemmio_rig rig;
	struct scsi_host *host;

	in = data;
	left = size;
	fakemmio_reset();
	fakedma_go_on_at(0x10000000);
	fake_bar(fn, bar, 0x4000, 0);
	fakemmio_attach(fn, regs);
	fakemmio_rig_start(&rig, pci, fn, &fakedma, NULL);
	if (start(&rig.dev, &host) == 0)
		use(host);
	if (fakedma_mappings())
		abort();
	fakemmio_rig_stop(&rig);
}

#endif
