/* SPDX-License-Identifier: BSD-2-Clause */
/* The device's side of MFI, as much of it as the driver meets. */
#include "fakemegasas.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "fakedma.h"
#include "fakescsi.h"

#define MUST(cond)                                                             \
	do {                                                                   \
		if (!(cond)) {                                                 \
			fprintf(stderr, "fakemegasas: not true: %s\n", #cond); \
			abort();                                               \
		}                                                              \
	} while (0)

#define REACH 2048u /* what it maps of a frame */

/* ---- frames: each gives a status --------------------------------------------------------- */

static uint8_t init(struct fakemegasas *m, const uint8_t *frame)
{
	const uint8_t *q = fakedma_at(get_le64(frame + 24), 32);
	uint32_t entries = get_le32(q + 4);

	MUST(!m->operational && get_le32(frame + 20) == 32);
	MUST(entries >= 1 && entries <= 1000);
	(void)fakedma_at(get_le64(q + 8), 4ull * entries);
	MUST(get_le32(fakedma_at(get_le64(q + 16), 4)) == 0);
	MUST(get_le32(fakedma_at(get_le64(q + 24), 4)) == 0);
	if (m->refuses_init)
		return 3;
	m->operational = true;
	return 0;
}

static uint8_t list(const struct fakemegasas *m, const uint8_t *frame)
{
	uint32_t len = get_le32(frame + 48), n = 0;
	uint8_t *to = fakedma_at(get_le64(frame + 40), len);

	MUST(get_le32(frame + 24) == 0x03010000 && frame[7] == 1 && len <= 8 + 16 * 64);
	if (m->no_list)
		return 2;
	memset(to, 0, len);
	for (unsigned i = 0; i < 64 && !m->jbod; i++)
		if (fakescsi_has_target((uint8_t)i))
			to[8 + 16 * n++] = (uint8_t)i;
	put_le32(to, m->long_list ? 0xffffffff : n);
	if (m->long_list)
		memset(to + 8, 0xee, 16);
	return 0;
}

static void give_sense(uint8_t *frame, const struct scsi_request *req)
{
	uint8_t len = req->sense_len < frame[1] ? req->sense_len : frame[1];

	if (len)
		memcpy(fakedma_at(get_le64(frame + 24), len), req->sense, len);
	frame[1] = len;
}

static uint8_t scsi(struct fakemegasas *m, uint8_t *frame)
{
	uint16_t flags = get_le16(frame + 16);
	struct scsi_request req = {.cdb_len = frame[6], .len = get_le32(frame + 20)};
	uint8_t *mem = fakedma_at(get_le64(frame + 48), get_le32(frame + 56));

	MUST(frame[7] == 1 && (flags & 6) == 6 && get_le32(frame + 56) > 0);
	MUST(req.len == 0 || get_le32(frame + 56) == req.len);
	MUST(req.cdb_len >= 6 && req.cdb_len <= 16);
	MUST(!!(flags & 24) == (req.len > 0) && (flags & 24) != 24);
	(void)fakedma_at(get_le64(frame + 24), frame[1]);
	if (m->scsi_failure)
		return m->scsi_failure;
	if (frame[0] == 3 && (m->jbod || frame[4] >= 64 || frame[5]))
		return 0x0c;
	*(frame[0] == 3 ? &m->logical : &m->physical) += 1;
	memcpy(req.cdb, frame + 32, 16);
	req.way = flags & 8 ? SCSI_TO_DEVICE : flags & 16 ? SCSI_FROM_DEVICE : SCSI_NO_DATA;
	req.data = req.len ? mem : NULL;
	if (fakescsi_execute(frame[4], frame[5], &req))
		return 0x0c;
	give_sense(frame, &req);
	frame[3] = req.status;
	return req.status ? 0x2d : 0;
}

static void take_frame(struct fakemegasas *m, uint32_t v)
{
	uint32_t at = v & ~31u;
	uint8_t *frame = fakedma_at(at, REACH), status = 1;

	MUST((at & 4095) + REACH <= 4096); /* in one page of the window */
	MUST((v >> 1 & 15) == 0 && v & 1);
	MUST(frame[2] == 0xff && get_le16(frame + 16) & 1);
	m->frames++;
	if (m->silent_at && m->frames == m->silent_at)
		return;
	MUST(frame[0] == 0 || m->operational);
	if (frame[0] == 0)
		status = init(m, frame);
	else if (frame[0] == 3 || frame[0] == 4)
		status = scsi(m, frame);
	else if (frame[0] == 5)
		status = list(m, frame);
	frame[2] = status;
}

/* ---- registers --------------------------------------------------------------------------- */

static uint32_t state(const struct fakemegasas *m)
{
	uint32_t limits = 80u << 16 | 1000;

	if (m->faulty)
		return 0xf0000000 | limits;
	if (m->never_ready)
		return 0x40000000;
	if (m->handshake && !m->shaken)
		return 0x60000000;
	return (m->operational ? 0xc0000000 : 0xb0000000) | limits;
}

static uint64_t regs_read(void *ctx, unsigned bar, uint64_t offset, uint8_t size)
{
	const struct fakemegasas *m = ctx;

	MUST(bar == (m->second ? 1 : 0) && size == 4 && offset == 0xb0);
	return m->gone ? 0xffffffff : state(m);
}

static void regs_write(void *ctx, unsigned bar, uint64_t offset, uint8_t size, uint64_t v)
{
	struct fakemegasas *m = ctx;

	MUST(bar == (m->second ? 1 : 0) && size == 4);
	if (m->gone)
		return;
	if (offset == 0x40) {
		take_frame(m, (uint32_t)v);
		return;
	}
	MUST(offset == 0x20);
	if (v & 8)
		m->shaken = true;
	if (v & 2) {
		m->operational = false;
		m->resets++;
	}
}

struct fake_fn *fakemegasas_add(struct fakemegasas *m, struct fake_pci *pci)
{
	struct fake_fn *fn = fake_add(pci, NULL, 1 << 3, 0x010400);
	struct fakemmio_regs regs = {regs_read, regs_write, m};

	fake_bar(fn, m->second ? 1 : 0, 0x4000, 4);
	fake_bar(fn, m->second ? 0 : 2, 0x100, 1);
	fakemmio_attach(fn, &regs);
	return fn;
}
