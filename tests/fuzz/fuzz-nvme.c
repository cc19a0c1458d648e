/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hostile NVMe controller: the input decides what registers say, which commands are answered and how,
 * and what is scribbled over the memory the driver shares with it. The driver must end, give all memory
 * back, and never believe in a completion for a command that is not under way.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "fakeclock.h"
#include "fakedma.h"
#include "fakemmio.h"
#include "nvme/nvme.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *in;
static size_t left;
static uint32_t cc;
static uint64_t admin[2], io[2]; /* submission and completion queue */
static uint16_t tail[2], done[2];
static uint8_t phase[2];
static uint16_t entries;

static uint8_t next(void)
{
	if (left == 0)
		return 0;
	left--;
	return *in++;
}

/* One completion; honest unless the input says otherwise. */
static void answer(unsigned q, uint8_t how)
{
	uint64_t sq = q ? io[0] : admin[0], cq = q ? io[1] : admin[1];
	uint64_t sqe = sq + 64ull * ((tail[q] + entries - 1u) % entries), at = cq + 16ull * done[q];
	uint16_t cid, status = phase[q];

	if (!fakedma_open(sqe, 64) || !fakedma_open(at, 16))
		return;
	cid = get_le16((uint8_t *)fakedma_at(sqe, 64) + 2);
	if (q == 0 &&
	    *(uint8_t *)fakedma_at(sqe, 64) == 6) { /* identify: contents from the input */
		uint64_t page = get_le64((uint8_t *)fakedma_at(sqe, 64) + 24);
		uint8_t *to = fakedma_open(page, 4096) ? fakedma_at(page, 4096) : NULL;

		for (unsigned n = next(); to && n > 0; n--) {
			unsigned high = next(), low = next() & 15;

			to[(high << 4 | low) & 4095] = next();
		}
	}
	if (q == 0 && *(uint8_t *)fakedma_at(sqe, 64) == 5)
		io[1] = get_le64((uint8_t *)fakedma_at(sqe, 64) + 24);
	if (q == 0 && *(uint8_t *)fakedma_at(sqe, 64) == 1)
		io[0] = get_le64((uint8_t *)fakedma_at(sqe, 64) + 24);
	if (how & 1)
		cid = next();
	if (how & 2)
		status |= (uint16_t)(next() << 1);
	put_le16((uint8_t *)fakedma_at(at, 16) + 12, cid);
	put_le16((uint8_t *)fakedma_at(at, 16) + 14, status);
	if (++done[q] == entries) {
		done[q] = 0;
		phase[q] ^= 1;
	}
}

static uint64_t regs_read(void *ctx, unsigned bar, uint64_t offset, uint8_t size)
{
	uint8_t odd = offset == 0x1c ? next() : 0;

	(void)ctx, (void)bar, (void)size;
	if (odd & 0x80)
		return odd & 1 ? 0xffffffff : odd;
	switch (offset) {
	case 0x00:
		return 0x0100ffff | next() << 4;
	case 0x04:
		return 0x20 | (next() & 3);
	case 0x1c:
		return (cc & 1) | (cc & 0x4000 ? 8 : 0);
	}
	return 0;
}

static void regs_write(void *ctx, unsigned bar, uint64_t offset, uint8_t size, uint64_t v)
{
	(void)ctx, (void)bar, (void)size;
	if (offset == 0x14) {
		cc = (uint32_t)v;
		memset(tail, 0, sizeof(tail));
		memset(done, 0, sizeof(done));
		phase[0] = phase[1] = 1;
	} else if (offset == 0x24) {
		entries = (uint16_t)((v & 0xfff) + 1);
	} else if (offset == 0x28 || offset == 0x2c) {
		admin[0] = offset == 0x28 ? v : admin[0] | v << 32;
	} else if (offset == 0x30 || offset == 0x34) {
		admin[1] = offset == 0x30 ? v : admin[1] | v << 32;
	} else if (offset >= 0x1000 && entries) {
		/* which queue it is does not follow from the offset: the stride is the input's */
		unsigned q = offset - 0x1000 >= 8 && io[0] != 0;
		uint8_t how = next();

		tail[q] = (uint16_t)(v % entries);
		if (!(how & 0x80))
			for (unsigned n = 1 + (how >> 2 & 3); n > 0; n--)
				answer(q, how & 3);
	}
}

static void use(struct blkdev *bd)
{
	static uint8_t buf[1 << 20];
	uint64_t n = sizeof(buf) / bd->block_size;

	for (unsigned i = 0; i < 4; i++) {
		uint64_t some = next() % n + 1, at = next();

		(void)!blkdev_read(bd, at, some, buf + (next() & 0x3fc) * (some < n));
		(void)!blkdev_write(bd, next(), 1, buf);
	}
	(void)!blkdev_flush(bd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fakemmio_regs regs = {regs_read, regs_write, NULL};
	struct fake_pci *pci = fake_pci_new();
	struct fake_fn *fn = fake_add(pci, NULL, 1 << 3, 0x010802);
	struct fakemmio_rig rig;
	struct nvme *ctrl;
	struct blkdev *bd;
	uint32_t id;

	fake_look_us = 1000; /* deadlines are fewer looks away */
	in = data;
	left = size;
	cc = entries = 0;
	memset(io, 0, sizeof(io));
	fakemmio_reset();
	fake_bar(fn, 0, 0x4000, 4);
	fakemmio_attach(fn, &regs);
	fakemmio_rig_start(&rig, pci, fn, &fakedma, NULL);
	if (nvme_new(&rig.dev, &ctrl))
		abort();
	for (unsigned i = 0; i < 2; i++) {
		(void)!nvme_next_namespace(ctrl, i, &id);
		if (nvme_open(ctrl, i, &bd) == 0) {
			use(bd);
			blkdev_stop(bd);
		}
	}
	nvme_free(ctrl);
	if (fakedma_mappings())
		abort();
	fakemmio_rig_stop(&rig);
	return 0;
}
