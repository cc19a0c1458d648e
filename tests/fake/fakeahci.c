/* SPDX-License-Identifier: BSD-2-Clause */
/* The device's side of AHCI 1.3.1, as much of it as the driver meets. */
#include "fakeahci.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "fakedma.h"

#define MUST(cond)                                                          \
	do {                                                                \
		if (!(cond)) {                                              \
			fprintf(stderr, "fakeahci: not true: %s\n", #cond); \
			abort();                                            \
		}                                                           \
	} while (0)

#define START   0x1u
#define FIS     0x10u
#define FIS_ON  0x4000u
#define RUNNING 0x8000u

/* ---- data --------------------------------------------------------------------------------- */

/* Move len bytes through a command's entries; returns how many the host expected. */
static uint32_t move(struct fakeahci *h, const uint8_t *list, uint8_t *data, uint32_t len,
		     bool write)
{
	const uint8_t *table = fakedma_at(get_le64(list + 8), 0x80);
	unsigned entries = get_le32(list) >> 16;
	uint32_t done = 0;

	h->most_entries = entries > h->most_entries ? entries : h->most_entries;
	for (unsigned i = 0; i < entries; i++) {
		const uint8_t *e = fakedma_at(get_le64(list + 8) + 0x80 + 16ull * i, 16);
		uint32_t some = (get_le32(e + 12) & 0x3fffff) + 1;
		uint8_t *mem = fakedma_at(get_le64(e), some);

		MUST(some % 2 == 0 && get_le64(e) % 2 == 0);
		some = some < len - done ? some : len - done;
		if (write)
			memcpy(data + done, mem, some);
		else
			memcpy(mem, data + done, some);
		done += some;
	}
	MUST(table[0] == 0x27 && table[1] == 0x80);
	return done;
}

static uint32_t block_size(const struct fakeahci_drive *d)
{
	return d->block_size ? d->block_size : d->kind == FAKEAHCI_CDROM ? 2048 : 512;
}

static uint8_t *blocks_of(const struct fakeahci_drive *d, uint64_t lba, uint32_t n)
{
	uint32_t size = block_size(d);
	uint8_t *buf = malloc((size_t)n * size);

	for (uint32_t i = 0; i < n; i++)
		if (d->data)
			memcpy(buf + (size_t)i * size, d->data + (lba + i) * size, size);
		else
			memset(buf + (size_t)i * size, (int)(lba + i), size);
	return buf;
}

/* A queue of eight. */
static void identify(const struct fakeahci_drive *d, uint8_t id[512])
{
	static const char model[] = "AFEKD SI K                              ";

	memset(id, 0, 512);
	memcpy(id + 54, model, 40);
	put_le16(id + 2 * 75, d->no_queue ? 0 : 7);
	put_le16(id + 2 * 76, d->no_queue ? 0 : 0x100);
	put_le16(id + 2 * 83, 0x4400);
	put_le64(id + 2 * 100, d->blocks);
	if (block_size(d) != 512) {
		put_le16(id + 2 * 106, 0x5000);
		put_le32(id + 2 * 117, block_size(d) / 2);
	}
}

/* ---- commands: 0 or the error register ---------------------------------------------------- */

static uint8_t packet_sense(struct fakeahci *h, unsigned p, uint8_t key, uint8_t code)
{
	h->port[p].sense[0] = key;
	h->port[p].sense[1] = code;
	return (uint8_t)(key << 4 | 4);
}

static uint8_t packet(struct fakeahci *h, unsigned p, const uint8_t *list, uint32_t *done)
{
	const uint8_t *cdb = (const uint8_t *)fakedma_at(get_le64(list + 8), 0x80) + 0x40;
	const struct fakeahci_drive *d = &h->drive[p];
	uint8_t buf[64] = {0}, *data;
	uint32_t n;

	if (cdb[0] == 0x12) {
		memcpy(buf, "\x05\x80\x05\x02\x1f\0\0\0FAKE    CD-ROM          1.0 ", 36);
		*done = move(h, list, buf, cdb[4] < 36 ? cdb[4] : 36, false);
		return 0;
	}
	if (cdb[0] == 0x03) {
		buf[0] = 0x70;
		buf[2] = h->port[p].sense[0];
		buf[7] = 10;
		buf[12] = h->port[p].sense[1];
		*done = move(h, list, buf, cdb[4] < 18 ? cdb[4] : 18, false);
		return 0;
	}
	if (d->no_medium)
		return packet_sense(h, p, 2, 0x3a);
	if (cdb[0] == 0x25) {
		put_be32(buf, (uint32_t)d->blocks - 1);
		put_be32(buf + 4, block_size(d));
		*done = move(h, list, buf, 8, false);
		return 0;
	}
	if (cdb[0] == 0x28) {
		n = get_be16(cdb + 7);
		if (get_be32(cdb + 2) + (uint64_t)n > d->blocks)
			return packet_sense(h, p, 5, 0x21);
		data = blocks_of(d, get_be32(cdb + 2), n);
		*done = move(h, list, data, n * block_size(d), false);
		free(data);
		return 0;
	}
	return cdb[0] == 0 ? 0 : packet_sense(h, p, 5, 0x20);
}

static uint8_t transfer(struct fakeahci *h, unsigned p, const uint8_t *list, const uint8_t *fis,
			uint32_t *done)
{
	const struct fakeahci_drive *d = &h->drive[p];
	uint64_t lba = get_le32(fis + 8) & 0xffffff;
	bool queued = fis[2] >= 0x60, write = fis[2] == 0x35 || fis[2] == 0x61;
	uint32_t n = queued ? fis[3] | (uint32_t)fis[11] << 8 : get_le16(fis + 12);
	uint32_t size = block_size(d);
	uint8_t *data;

	lba = lba << 24 | (get_le32(fis + 4) & 0xffffff);
	n = n ? n : 65536;
	MUST(fis[7] & 0x40);
	MUST(write == !!(get_le32(list) & 0x40));
	if (lba >= d->blocks || d->blocks - lba < n)
		return 0x10; /* id not found */
	data = blocks_of(d, lba, n);
	*done = move(h, list, data, h->commands == h->short_at ? n * size / 2 : n * size, write);
	if (write && d->data)
		memcpy(d->data + lba * size, data, (size_t)n * size);
	free(data);
	return 0;
}

static uint8_t command(struct fakeahci *h, unsigned p, uint8_t *list)
{
	const struct fakeahci_drive *d = &h->drive[p];
	const uint8_t *fis = fakedma_at(get_le64(list + 8), 0x80);
	uint32_t done = 0;
	uint8_t id[512], error = 4; /* aborted */

	MUST((get_le32(list) & 0x1f) == 5);
	if (h->commands == h->fail_at)
		return 0x40;
	if (h->port[p].queue_failed && fis[2] != 0x2f)
		return 4; /* aborted, until it was asked why */
	if (d->kind == FAKEAHCI_CDROM && fis[2] == 0xa0) {
		MUST(get_le32(list) & 0x20);
		error = packet(h, p, list, &done);
	} else if (d->kind == FAKEAHCI_DISK && fis[2] == 0xec) {
		identify(d, id);
		done = move(h, list, id, 512, false);
		error = 0;
	} else if (d->kind == FAKEAHCI_DISK && (fis[2] == 0x25 || fis[2] == 0x35)) {
		error = transfer(h, p, list, fis, &done);
	} else if (d->kind == FAKEAHCI_DISK && (fis[2] == 0x60 || fis[2] == 0x61)) {
		error = d->no_queue ? 4 : transfer(h, p, list, fis, &done);
		done = 0; /* not told */
	} else if (d->kind == FAKEAHCI_DISK && fis[2] == 0x2f && !d->no_queue) {
		MUST(fis[4] == 0x10 && get_le16(fis + 12) == 1);
		memset(id, 0, 512);
		done = move(h, list, id, 512, false);
		h->port[p].queue_failed = false;
		error = 0;
	} else if (d->kind == FAKEAHCI_DISK && fis[2] == 0xea) {
		h->flushes++;
		error = 0;
	}
	put_le32(list + 4, done);
	return error;
}

/* Carry out what is in a slot; false: it failed, or never ends. */
static bool run_slot(struct fakeahci *h, unsigned p, unsigned slot, bool queued)
{
	uint8_t *list = fakedma_at(h->port[p].clb + 32 * slot, 32);
	const uint8_t *fis = fakedma_at(get_le64(list + 8), 0x80);
	uint8_t error;

	MUST(queued == (fis[2] == 0x60 || fis[2] == 0x61) && (!queued || fis[12] == slot << 3));
	h->commands++;
	if (h->silent_at && h->commands >= h->silent_at)
		return false;
	error = command(h, p, list);
	h->port[p].tfd = error ? 0x51u | (uint32_t)error << 8 : 0x50;
	if (error) {
		h->port[p].is |= 0x40000000;
		h->port[p].queue_failed |= queued;
		return false;
	}
	h->port[p].ci &= ~(1u << slot);
	h->port[p].sact &= ~(1u << slot);
	return true;
}

/* Queued commands are done in any order: the last first. */
static void issue(struct fakeahci *h, unsigned p, uint32_t slots)
{
	bool queued = h->port[p].sact;

	MUST(queued ? slots == h->port[p].sact : slots == 1);
	MUST(h->port[p].ci == 0);
	MUST(h->port[p].cmd & RUNNING && h->port[p].cmd & FIS_ON);
	h->port[p].ci = slots;
	h->queues += queued;
	for (unsigned slot = 32; slot-- > 0;)
		if (slots >> slot & 1 && !run_slot(h, p, slot, queued))
			return;
}

/* ---- registers ---------------------------------------------------------------------------- */

/* It comes in the drive's first FIS, which nobody takes before the engine is on. */
static uint32_t signature(struct fakeahci *h, unsigned p)
{
	if (!h->port[p].greeted)
		return 0xffffffff;
	switch (h->drive[p].kind) {
	case FAKEAHCI_DISK:
		return 0x00000101;
	case FAKEAHCI_CDROM:
		return 0xeb140101;
	default:
		return 0x96690101; /* a port multiplier */
	}
}

static uint32_t port_read(struct fakeahci *h, unsigned p, uint32_t reg)
{
	switch (reg) {
	case 0x10:
		return h->port[p].is;
	case 0x18:
		return h->port[p].cmd;
	case 0x20:
		return h->port[p].tfd;
	case 0x24:
		return signature(h, p);
	case 0x28:
		return h->drive[p].kind ? 0x113 : 0;
	case 0x34:
		return h->port[p].sact;
	case 0x38:
		return h->port[p].ci;
	}
	return 0;
}

static uint64_t regs_read(void *ctx, unsigned bar, uint64_t offset, uint8_t size)
{
	struct fakeahci *h = ctx;

	MUST(bar == 5 && size == 4);
	if (offset >= 0x100)
		return port_read(h, (unsigned)(offset - 0x100) / 0x80, (offset - 0x100) & 0x7f);
	if (offset == 0x00)
		return h->cap;
	return offset == 0x04 ? h->ghc : offset == 0x0c ? 0x3f : 0;
}

static void set_half(uint64_t *reg, bool high, uint64_t v)
{
	*reg = high ? (*reg & 0xffffffff) | v << 32 : (*reg & ~0xffffffffull) | v;
}

static void change_command(struct fakeahci *h, unsigned p, uint32_t v)
{
	uint32_t was = h->port[p].cmd;

	if (v & START && !(was & START)) {
		MUST(v & FIS && h->port[p].clb % 1024 == 0 && h->port[p].fb % 256 == 0);
		(void)fakedma_at(h->port[p].fb, 256);
		h->recoveries++;
	}
	if (was & START && !(v & START))
		h->port[p].ci = h->port[p].sact = 0;
	v &= ~(RUNNING | FIS_ON);
	if (v & START || (h->stuck_engine && was & RUNNING))
		v |= RUNNING;
	if (v & FIS) {
		v |= FIS_ON;
		h->port[p].greeted = true;
	}
	h->port[p].cmd = v;
}

static void regs_write(void *ctx, unsigned bar, uint64_t offset, uint8_t size, uint64_t value)
{
	struct fakeahci *h = ctx;
	unsigned p = offset >= 0x100 ? (unsigned)(offset - 0x100) / 0x80 : 0;
	uint32_t v = (uint32_t)value;

	MUST(bar == 5 && size == 4);
	if (offset == 0x04) {
		if (v & 1) {
			memset(h->port, 0, sizeof(h->port));
			h->resets++;
		}
		h->ghc = h->stuck_reset ? v : v & ~1u;
		return;
	}
	switch (offset < 0x100 ? ~0ull : (offset - 0x100) & 0x7f) {
	case 0x00:
	case 0x04:
		set_half(&h->port[p].clb, offset & 4, v);
		break;
	case 0x08:
	case 0x0c:
		set_half(&h->port[p].fb, offset & 4, v);
		break;
	case 0x10:
		h->port[p].is &= ~v;
		break;
	case 0x18:
		change_command(h, p, v);
		break;
	case 0x34:
		h->port[p].sact |= v;
		break;
	case 0x38:
		issue(h, p, v);
		break;
	}
}

struct fake_fn *fakeahci_add(struct fakeahci *h, struct fake_pci *pci)
{
	struct fake_fn *fn = fake_add(pci, NULL, 1 << 3, 0x010601);
	struct fakemmio_regs regs = {regs_read, regs_write, h};

	fake_bar(fn, 5, 0x2000, 0);
	fakemmio_attach(fn, &regs);
	return fn;
}
