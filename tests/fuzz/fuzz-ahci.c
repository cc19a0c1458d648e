/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hostile AHCI controller: the input decides which ports there are and what sits behind them, how each command
 * ends, how much it says it moved, what identities, capacities and sense data look like, and when registers lie. The
 * driver must end, give all memory back, and never offer memory to the controller that is not mapped for it.
 */
#include <stdlib.h>
#include <string.h>

#include "ahci/ahci.h"
#include "base/bytes.h"
#include "base/err.h"
#include "fakeclock.h"
#include "fakedma.h"
#include "fakemmio.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PORTS 4u

static const uint8_t *in;
static size_t left;
static uint32_t implemented;
static struct {
	uint64_t list;
	uint32_t cmd, tfd, is, ci, sact;
	uint8_t kind;
} port[PORTS];

static uint8_t next(void)
{
	if (left == 0)
		return 0;
	left--;
	return *in++;
}

/* ---- what drives answer ------------------------------------------------------------------- */

static void identity(uint8_t *id)
{
	put_le16(id + 2 * 75, 31);
	put_le16(id + 2 * 76, 0x100);
	put_le16(id + 2 * 83, 0x4400);
	put_le64(id + 2 * 100, 8192);
}

/* An honest CD-ROM's answers to what libscsi asks. */
static void packet_answer(uint8_t opcode, uint8_t *buf)
{
	if (opcode == 0x12) {
		memcpy(buf, "\x05\x80\x05\x02\x1f\0\0\0FAKE    CD-ROM          1.0 ", 36);
	} else if (opcode == 0x25) {
		put_be32(buf, 999);
		put_be32(buf + 4, 2048);
	} else if (opcode == 0x03) {
		buf[0] = 0x70;
		buf[7] = 10;
	}
}

static void scribble(uint8_t *buf)
{
	for (unsigned n = next(); n > 0; n--) {
		unsigned high = next(), low = next();

		buf[(high << 8 | low) & 511] = next();
	}
}

/* All memory a command names is mapped, or the driver is at fault. */
static uint32_t give(const uint8_t *list, const uint8_t *from)
{
	unsigned entries = get_le32(list) >> 16;
	uint64_t table = get_le64(list + 8);
	uint32_t done = 0;

	if (entries > 168 || !fakedma_open(table, 0x80 + 16ull * entries))
		abort();
	for (unsigned i = 0; i < entries; i++) {
		const uint8_t *e =
			(uint8_t *)fakedma_at(table, 0x80 + 16ull * entries) + 0x80 + 16 * i;
		uint32_t some = (get_le32(e + 12) & 0x3fffff) + 1;

		if (some & 1 || !fakedma_open(get_le64(e), some))
			abort();
		if (!(get_le32(list) & 0x40))
			memcpy(fakedma_at(get_le64(e), some), from, some < 512 ? some : 512);
		done += some;
	}
	return done;
}

/* False: nothing ever comes. */
static bool run(unsigned p, unsigned slot)
{
	uint8_t how = next(), *list, buf[512] = {0};
	const uint8_t *fis;

	if (!(port[p].cmd & 1) || !fakedma_open(port[p].list + 32 * slot, 32))
		abort();
	list = fakedma_at(port[p].list + 32 * slot, 32);
	if (!fakedma_open(get_le64(list + 8), 0x80))
		abort();
	fis = fakedma_at(get_le64(list + 8), 0x80);
	if (how & 0x80)
		return false;
	if (fis[2] == 0xec)
		identity(buf);
	else if (fis[2] == 0xa0)
		packet_answer(fis[0x40], buf);
	if (how & 1)
		scribble(buf);
	put_le32(list + 4, give(list, buf));
	if (how & 2)
		put_le32(list + 4, get_le32(list + 4) + next() - 128u);
	port[p].tfd = how & 4 ? 0x51u | (uint32_t)next() << 8 : 0x50;
	port[p].is |= how & 8 ? (uint32_t)next() << 24 : 0;
	if (!(how & 0x10))
		port[p].ci &= ~(1u << slot);
	if (!(how & 0x20))
		port[p].sact &= ~(1u << slot);
	return true;
}

static void issue(unsigned p, uint32_t slots)
{
	port[p].ci = slots;
	for (unsigned slot = 0; slot < 32; slot++)
		if (slots >> slot & 1 && !run(p, slot))
			return;
}

/* ---- registers ---------------------------------------------------------------------------- */

static uint32_t signature(uint8_t kind)
{
	static const uint32_t known[] = {0x00000101, 0xeb140101, 0x96690101, 0xffffffff};

	return known[kind & 3];
}

static uint32_t port_reg(unsigned p, uint32_t reg)
{
	switch (reg) {
	case 0x10:
		return port[p].is;
	case 0x18:
		return (port[p].cmd & ~0xc000u) | (port[p].cmd & 0x11) << 10 |
		       (port[p].cmd & 1 ? 0x8000 : 0);
	case 0x20:
		return port[p].tfd;
	case 0x24:
		return signature(port[p].kind);
	case 0x28:
		return port[p].kind & 4 ? 0 : 0x113;
	case 0x34:
		return port[p].sact;
	case 0x38:
		return port[p].ci;
	}
	return 0;
}

static uint64_t regs_read(void *ctx, unsigned bar, uint64_t offset, uint8_t size)
{
	uint8_t odd = next();

	(void)ctx, (void)bar, (void)size;
	fake_now_us += 1000; /* deadlines are many looks away */
	if (odd & 0x80)
		return odd & 1 ? 0xffffffff : (uint32_t)next() << (odd & 0x18);
	if (offset == 0x00)
		return implemented & 0x80 ? 0x40000000u | (implemented & 0x70) << 4 : 0;
	if (offset == 0x0c)
		return implemented;
	if (offset >= 0x100 && offset < 0x100 + 0x80 * PORTS)
		return port_reg((unsigned)(offset - 0x100) / 0x80, (offset - 0x100) & 0x7f);
	return 0;
}

static void regs_write(void *ctx, unsigned bar, uint64_t offset, uint8_t size, uint64_t v)
{
	unsigned p = (unsigned)(offset - 0x100) / 0x80;

	(void)ctx, (void)bar, (void)size;
	if (offset < 0x100 || p >= PORTS)
		return;
	switch ((offset - 0x100) & 0x7f) {
	case 0x00:
		port[p].list = (port[p].list & ~0xffffffffull) | (uint32_t)v;
		break;
	case 0x04:
		port[p].list = (port[p].list & 0xffffffff) | v << 32;
		break;
	case 0x10:
		port[p].is &= ~(uint32_t)v;
		break;
	case 0x18:
		port[p].cmd = (uint32_t)v;
		port[p].ci = v & 1 ? port[p].ci : 0;
		port[p].sact = v & 1 ? port[p].sact : 0;
		break;
	case 0x34:
		port[p].sact |= (uint32_t)v;
		break;
	case 0x38:
		issue(p, (uint32_t)v);
		break;
	}
}

/* ---- use ---------------------------------------------------------------------------------- */

/* Few blocks, or as many as go out in several commands at once. */
static uint64_t count(uint64_t most)
{
	uint8_t few = next();

	return few & 1 ? few % most + 1 : most;
}

static void use(struct blkdev *bd)
{
	static uint8_t buf[1 << 21];
	uint64_t n = sizeof(buf) / bd->block_size;

	for (unsigned i = 0; i < 3; i++) {
		uint64_t at = next();

		(void)!blkdev_read(bd, at, count(n), buf);
		(void)!blkdev_write(bd, next(), 1, buf);
	}
	(void)!blkdev_flush(bd);
}

static void use_all(struct ahci *hba)
{
	struct blkdev *bd[PORTS] = {NULL};
	unsigned found;
	bool cd;

	for (unsigned p = 0; p < PORTS; p++) {
		(void)!ahci_next_drive(hba, p, &found, &cd);
		if (ahci_open(hba, p, &bd[p]))
			bd[p] = NULL;
	}
	for (unsigned p = 0; p < PORTS; p++) {
		if (bd[p] && blkdev_check(bd[p]) == 0)
			use(bd[p]);
		if (next() & 1 && bd[p]) {
			blkdev_stop(bd[p]);
			bd[p] = NULL;
		}
	}
	for (unsigned p = 0; p < PORTS; p++)
		blkdev_stop(bd[p]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fakemmio_regs regs = {regs_read, regs_write, NULL};
	struct fake_pci *pci = fake_pci_new();
	struct fake_fn *fn = fake_add(pci, NULL, 1 << 3, 0x010601);
	struct fakemmio_rig rig;
	struct ahci *hba;

	in = data;
	left = size;
	memset(port, 0, sizeof(port));
	implemented = next() ^ 0x7u;
	for (unsigned p = 0; p < PORTS; p++)
		port[p].kind = next() ^ (uint8_t)(p & 1);
	fakemmio_reset();
	fake_bar(fn, 5, 0x2000, 0);
	fakemmio_attach(fn, &regs);
	fakemmio_rig_start(&rig, pci, fn, &fakedma, NULL);
	if (ahci_new(&rig.dev, &hba))
		abort();
	use_all(hba);
	ahci_free(hba);
	if (fakedma_mappings())
		abort();
	fakemmio_rig_stop(&rig);
	return 0;
}
