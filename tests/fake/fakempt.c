/* SPDX-License-Identifier: BSD-2-Clause */
/* The device's side of Fusion MPT, as much of it as the driver meets. */
#include "fakempt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "fakedma.h"
#include "fakescsi.h"

#define MUST(cond)                                                         \
	do {                                                               \
		if (!(cond)) {                                             \
			fprintf(stderr, "fakempt: not true: %s\n", #cond); \
			abort();                                           \
		}                                                          \
	} while (0)

/* ---- the queues -------------------------------------------------------------------------- */

static void post(struct fakempt *m, uint32_t v)
{
	MUST(m->n_post < FAKEMPT_FRAMES);
	m->post[m->n_post++] = v;
}

/* The first that was given is used first. */
static void post_frame(struct fakempt *m, const uint8_t *frame, uint32_t len)
{
	uint32_t at = m->free_frame[0];

	MUST(m->n_free > 0);
	memmove(m->free_frame, m->free_frame + 1, --m->n_free * sizeof(m->free_frame[0]));
	memcpy(fakedma_at(m->high | at, m->reply_bytes), frame,
	       len < m->reply_bytes ? len : m->reply_bytes);
	post(m, 0x80000000 | at >> 1);
}

static void chatter(struct fakempt *m, uint32_t context)
{
	uint8_t news[32] = {0, 0, 8, 7};

	post_frame(m, news, sizeof(news));
	news[3] = 0;
	put_le32(news + 8, context ^ 0x100);
	post_frame(m, news, sizeof(news));
	post(m, context ^ 1);
}

static void answer_scsi(struct fakempt *m, const uint8_t *b, uint16_t ioc, uint32_t moved,
			const struct scsi_request *req)
{
	uint8_t frame[36] = {b[0], b[1], 9, 0, b[4], b[5], 0, b[7]};

	memcpy(frame + 8, b + 8, 4);
	frame[12] = req->status;
	frame[13] = m->no_status || (ioc >= 0x41 && ioc <= 0x43) ? 4 : req->sense_len ? 1 : 0;
	put_le16(frame + 14, ioc);
	put_le32(frame + 20, moved);
	put_le32(frame + 24, req->sense_len);
	post_frame(m, frame, sizeof(frame));
}

static void check_request(const uint8_t *b)
{
	uint32_t segment = get_le32(b + 48), way = get_le32(b + 20) & 0x03000000;

	MUST(b[1] == 0 && b[2] == 0 && b[3] == 0 && b[4] >= 6 && b[4] <= 16);
	MUST((segment & 0xf3000000) == 0xd3000000);
	MUST((segment & 0xffffff) == get_le32(b + 40) && !!way == (get_le32(b + 40) > 0));
	MUST(!!(segment & 0x04000000) == (way == 0x01000000));
	for (unsigned i = 2; i < 8; i++)
		MUST(b[12] == 0 && b[12 + i] == 0);
}

static void carry_out(struct fakempt *m, const uint8_t *b)
{
	struct scsi_request req = {.cdb_len = b[4], .len = get_le32(b + 40)};
	uint32_t way = get_le32(b + 20) & 0x03000000;
	uint8_t *sense = fakedma_at(m->high | get_le32(b + 44), b[5]);

	memcpy(req.cdb, b + 24, 16);
	req.way = way == 0 ? SCSI_NO_DATA : way == 0x01000000 ? SCSI_TO_DEVICE : SCSI_FROM_DEVICE;
	req.data = req.len ? fakedma_at(get_le64(b + 52), req.len) : NULL;
	if (m->ioc_status) {
		answer_scsi(m, b, m->ioc_status, 0, &req);
	} else if (b[0] >= 100) {
		answer_scsi(m, b, 0x42, 0, &req);
	} else if (fakescsi_execute(b[0], b[13], &req)) {
		answer_scsi(m, b, 0x43, 0, &req);
	} else if (req.status || req.residual) {
		memcpy(sense, req.sense, req.sense_len < b[5] ? req.sense_len : b[5]);
		answer_scsi(m, b, 0x45, req.len - req.residual, &req);
	} else {
		post(m, get_le32(b + 8));
	}
}

static void take_request(struct fakempt *m, uint32_t at)
{
	const uint8_t *b = fakedma_at(m->high | at, 60);

	MUST(m->operational && m->enables && at % 4 == 0);
	check_request(b);
	m->requests++;
	if (m->silent_at && m->requests >= m->silent_at)
		return;
	if (m->chatty)
		chatter(m, get_le32(b + 8));
	if (m->stray)
		post(m, m->stray);
	else
		carry_out(m, b);
}

/* ---- the doorbell ------------------------------------------------------------------------ */

static void reset(struct fakempt *m)
{
	m->resets++;
	m->operational = m->sending = m->answering = false;
	m->n_free = m->n_post = m->enables = 0;
	m->interrupts = 0;
}

static void answer(struct fakempt *m, uint8_t function, uint16_t ioc)
{
	memset(m->answer, 0, sizeof(m->answer));
	m->halves = m->short_reply ? 4 : 10;
	m->answer[1] = (uint16_t)(function << 8 | m->halves / 2);
	m->answer[7] = ioc;
	m->given = 0;
	m->answering = true;
	m->interrupts |= 1;
}

static void take_message(struct fakempt *m)
{
	uint8_t b[256] = {0};
	uint16_t ioc = 0;

	for (unsigned i = 0; i < m->words; i++)
		put_le32(b + 4 * i, m->message[i]);
	if (b[3] == 2) {
		MUST(m->words == 11 && b[6] == 1 && get_le16(b + 40) == 0x0105);
		m->reply_bytes = get_le16(b + 12);
		m->high = (uint64_t)get_le32(b + 16) << 32;
		MUST(m->reply_bytes >= 36 && get_le32(b + 16) == get_le32(b + 20));
		ioc = m->refuses_init ? 7 : 0x8000; /* with a log entry */
		m->operational = !m->refuses_init;
	} else {
		MUST(b[3] == 6 && m->words == 3 && m->operational);
		m->enables++;
	}
	answer(m, b[3], ioc);
}

static void write_doorbell(struct fakempt *m, uint32_t v)
{
	if (v >> 24 == 0x40) {
		reset(m);
	} else if (m->sending) {
		m->message[m->got++] = v;
		if (m->got == m->words) {
			m->sending = false;
			take_message(m);
		}
	} else {
		MUST(v >> 24 == 0x42 && !m->answering);
		m->words = v >> 16 & 255;
		MUST(m->words > 0 && m->words < 64);
		m->got = 0;
		m->sending = true;
		if (!m->mute_doorbell)
			m->interrupts |= 1;
	}
}

static uint32_t read_doorbell(struct fakempt *m)
{
	uint32_t state = m->never_ready   ? 0
			 : m->faulty      ? 0x40000000
			 : m->operational ? 0x20000000
					  : 0x10000000;

	if (!m->answering || !(m->interrupts & 1))
		return state;
	MUST(m->given < m->halves);
	return state | 0x08000000 | m->answer[m->given++];
}

/* A clear interrupt: the next half, if there is one. */
static void clear(struct fakempt *m)
{
	m->interrupts = 0;
	if (m->answering && m->given == m->halves)
		m->answering = false;
	if (m->answering)
		m->interrupts = 1;
}

/* ---- registers --------------------------------------------------------------------------- */

static uint32_t next_reply(struct fakempt *m)
{
	uint32_t v = m->post[0];

	if (m->n_post == 0)
		return 0xffffffff;
	memmove(m->post, m->post + 1, --m->n_post * sizeof(m->post[0]));
	return v;
}

static uint64_t regs_read(void *ctx, unsigned bar, uint64_t offset, uint8_t size)
{
	struct fakempt *m = ctx;

	MUST(bar == 1 && size == 4);
	if (m->gone)
		return 0xffffffff;
	if (offset == 0x00)
		return read_doorbell(m);
	if (offset == 0x30)
		return m->interrupts;
	MUST(offset == 0x44);
	return next_reply(m);
}

static void regs_write(void *ctx, unsigned bar, uint64_t offset, uint8_t size, uint64_t v)
{
	struct fakempt *m = ctx;

	MUST(bar == 1 && size == 4);
	if (m->gone)
		return;
	if (offset == 0x00) {
		write_doorbell(m, (uint32_t)v);
	} else if (offset == 0x30) {
		clear(m);
	} else if (offset == 0x40) {
		take_request(m, (uint32_t)v);
	} else {
		MUST(offset == 0x44 && m->operational && m->n_free < FAKEMPT_FRAMES);
		(void)fakedma_at(m->high | (uint32_t)v, m->reply_bytes);
		m->free_frame[m->n_free++] = (uint32_t)v;
	}
}

struct fake_fn *fakempt_add(struct fakempt *m, struct fake_pci *pci)
{
	struct fake_fn *fn = fake_add(pci, NULL, 1 << 3, 0x010000);
	struct fakemmio_regs regs = {regs_read, regs_write, m};

	fake_bar(fn, 0, 0x100, 1);
	fake_bar(fn, 1, 0x4000, 0);
	fakemmio_attach(fn, &regs);
	return fn;
}
