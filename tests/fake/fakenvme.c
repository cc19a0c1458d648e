/* SPDX-License-Identifier: BSD-2-Clause */
/* The device's side of NVM Express 1.4: registers, doorbells, the few commands the driver gives. */
#include "fakenvme.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "fakedma.h"

#define PAGE 4096u

#define MUST(cond)                                                          \
	do {                                                                \
		if (!(cond)) {                                              \
			fprintf(stderr, "fakenvme: not true: %s\n", #cond); \
			abort();                                            \
		}                                                           \
	} while (0)

/* ---- data --------------------------------------------------------------------------------- */

/* Move len bytes between the controller and the pages a command names; from NULL: to the controller. */
static void move(const uint8_t *sqe, const uint8_t *from, uint8_t *to, uint32_t len)
{
	uint64_t at = get_le64(sqe + 24), prp2 = get_le64(sqe + 32);
	uint32_t first = PAGE - (at & (PAGE - 1)), done = 0;
	bool list = len > first + PAGE;

	for (unsigned i = 0; done < len; i++) {
		uint32_t some = i == 0 ? first : PAGE;
		uint8_t *mem;

		some = some < len - done ? some : len - done;
		if (i > 0) {
			MUST(!list || (prp2 & 7) == 0);
			at = list ? get_le64(fakedma_at(prp2 + 8 * (i - 1), 8)) : prp2;
			MUST(at % PAGE == 0);
		}
		mem = fakedma_at(at, some);
		if (from)
			memcpy(mem, from + done, some);
		else
			memcpy(to + done, mem, some);
		done += some;
	}
}

static struct fakenvme_ns *find(struct fakenvme *n, uint32_t nsid)
{
	for (unsigned i = 0; i < FAKENVME_NAMESPACES; i++)
		if (n->ns[i].nsid == nsid && nsid)
			return &n->ns[i];
	return NULL;
}

/* ---- commands: they return a status ------------------------------------------------------- */

static uint16_t identify(struct fakenvme *n, const uint8_t *sqe)
{
	static uint8_t page[PAGE];
	uint32_t what = get_le32(sqe + 40), nsid = get_le32(sqe + 4), at = 0;
	const struct fakenvme_ns *ns = find(n, nsid);

	memset(page, 0, sizeof(page));
	if (what == 0 && ns) {
		put_le64(page, ns->blocks);
		page[26] = 2;
		page[128 + 4 * 2 + 2] = ns->shift;
		put_le16(page + 128 + 4 * 2, ns->metadata);
	} else if (what == 1) {
		memcpy(page + 24, "FAKE NVMe\x01 Ctrl                          ", 40);
		page[77] = n->mdts;
		page[525] = n->cache;
	} else if (what == 2) {
		for (unsigned i = 0; i < FAKENVME_NAMESPACES; i++)
			if (n->ns[i].nsid > nsid)
				put_le32(page + 4 * at++, n->ns[i].nsid);
	}
	move(sqe, page, NULL, PAGE);
	return 0;
}

static uint16_t admin(struct fakenvme *n, const uint8_t *sqe)
{
	uint32_t cdw10 = get_le32(sqe + 40), cdw11 = get_le32(sqe + 44);

	switch (sqe[0]) {
	case 0x06:
		return identify(n, sqe);
	case 0x09:
		MUST((cdw10 & 0xff) == 7);
		return 0;
	case 0x05:
		MUST(cdw10 >> 16 < 0x100 && (cdw10 & 0xffff) == 1 && cdw11 == 1);
		n->queue[1].cq = get_le64(sqe + 24);
		n->queue[1].phase = 1;
		return 0;
	case 0x01:
		MUST((cdw10 & 0xffff) == 1 && cdw11 == (1 << 16 | 1) && n->queue[1].cq);
		n->queue[1].sq = get_le64(sqe + 24);
		n->queue[1].entries = (uint16_t)((cdw10 >> 16) + 1);
		return 0;
	}
	return 0x0001; /* invalid opcode */
}

static uint16_t transfer(struct fakenvme *n, const uint8_t *sqe, bool write)
{
	struct fakenvme_ns *ns = find(n, get_le32(sqe + 4));
	uint64_t block = get_le64(sqe + 40);
	uint32_t count = (get_le32(sqe + 48) & 0xffff) + 1, len;
	uint8_t *buf;

	if (!ns || block >= ns->blocks || ns->blocks - block < count)
		return 0x0080; /* LBA out of range */
	len = count << ns->shift;
	MUST(!n->mdts || len <= PAGE << n->mdts);
	n->most_bytes = len > n->most_bytes ? len : n->most_bytes;
	n->reads += !write;
	if (ns->data) {
		uint8_t *at = ns->data + (block << ns->shift);

		move(sqe, write ? NULL : at, write ? at : NULL, len);
		return 0;
	}
	buf = malloc(len);
	for (uint32_t i = 0; i < len; i++)
		buf[i] = (uint8_t)(block + (i >> ns->shift));
	move(sqe, write ? NULL : buf, write ? buf : NULL, len);
	ns->bytes += len;
	free(buf);
	return 0;
}

static uint16_t io(struct fakenvme *n, const uint8_t *sqe)
{
	switch (sqe[0]) {
	case 0x00:
		n->flushes++;
		return 0;
	case 0x01:
	case 0x02:
		return transfer(n, sqe, sqe[0] == 1);
	}
	return 0x0001;
}

static void answer(struct fakenvme *n, unsigned q, uint16_t cid, uint16_t status)
{
	uint8_t *cqe = fakedma_at(n->queue[q].cq + 16ull * n->queue[q].cq_tail, 16);

	if (n->commands == n->fail_at)
		status = 0x0281; /* unrecovered read error */
	if (n->commands == n->lie_at)
		cid ^= 5;
	put_le16(cqe + 8, n->queue[q].sq_head);
	put_le16(cqe + 10, (uint16_t)q);
	put_le16(cqe + 12, cid);
	put_le16(cqe + 14, (uint16_t)(status << 1 | n->queue[q].phase));
	if (++n->queue[q].cq_tail == n->queue[q].entries) {
		n->queue[q].cq_tail = 0;
		n->queue[q].phase ^= 1;
	}
}

static void doorbell(struct fakenvme *n, unsigned q, uint16_t tail)
{
	MUST(q < 2 && tail < n->queue[q].entries);
	while (n->queue[q].sq_head != tail) {
		const uint8_t *sqe = fakedma_at(n->queue[q].sq + 64ull * n->queue[q].sq_head, 64);
		uint16_t status;

		n->queue[q].sq_head = (uint16_t)((n->queue[q].sq_head + 1) % n->queue[q].entries);
		n->commands++;
		if (n->silent_at && n->commands >= n->silent_at)
			continue;
		status = q ? io(n, sqe) : admin(n, sqe);
		answer(n, q, get_le16(sqe + 2), status);
	}
}

/* ---- registers ---------------------------------------------------------------------------- */

static void change_cc(struct fakenvme *n, uint32_t v)
{
	if (v & 1 && !(n->cc & 1)) {
		MUST((v >> 16 & 15) == 6 && (v >> 20 & 15) == 4);
		n->queue[0].sq = n->asq;
		n->queue[0].cq = n->acq;
		n->queue[0].entries = (uint16_t)((n->aqa & 0xfff) + 1);
		n->queue[0].phase = 1;
		MUST(n->aqa >> 16 == (n->aqa & 0xfff));
		n->csts = n->never_ready ? 0 : 1;
	} else if (!(v & 1)) {
		memset(n->queue, 0, sizeof(n->queue));
		n->csts = 0;
		n->resets++;
	}
	if ((v >> 14 & 3) && !n->no_shutdown) {
		n->shutdowns++;
		n->csts |= 8;
	}
	n->cc = v;
}

static uint64_t regs_read(void *ctx, unsigned bar, uint64_t offset, uint8_t size)
{
	struct fakenvme *n = ctx;

	MUST(bar == 0 && size == 4);
	switch (offset) {
	case 0x00:
		return (uint32_t)n->cap;
	case 0x04:
		return n->cap >> 32;
	case 0x14:
		return n->cc;
	case 0x1c:
		return n->csts;
	}
	return 0;
}

static void set_half(uint64_t *reg, uint64_t offset, uint64_t v)
{
	unsigned shift = offset & 4 ? 32 : 0;

	*reg = (*reg & ~(0xffffffffull << shift)) | v << shift;
}

static void regs_write(void *ctx, unsigned bar, uint64_t offset, uint8_t size, uint64_t value)
{
	struct fakenvme *n = ctx;
	unsigned stride = 4u << (n->cap >> 32 & 15);

	MUST(bar == 0 && size == 4);
	if (offset == 0x14)
		change_cc(n, (uint32_t)value);
	else if (offset == 0x24)
		n->aqa = (uint32_t)value;
	else if (offset == 0x28 || offset == 0x2c)
		set_half(&n->asq, offset, value);
	else if (offset == 0x30 || offset == 0x34)
		set_half(&n->acq, offset, value);
	else if (offset >= 0x1000 && n->csts & 1 && (offset - 0x1000) / stride % 2 == 0)
		doorbell(n, (unsigned)((offset - 0x1000) / stride / 2), (uint16_t)value);
}

struct fake_fn *fakenvme_add(struct fakenvme *n, struct fake_pci *pci)
{
	struct fake_fn *fn = fake_add(pci, NULL, 1 << 3, 0x010802);
	struct fakemmio_regs regs = {regs_read, regs_write, n};

	if (!n->cap)
		n->cap = 1ull << 37 | 15ull << 24 | 1ull << 32 | 0x7ff;
	fake_bar(fn, 0, 0x4000, 4);
	fakemmio_attach(fn, &regs);
	return fn;
}
