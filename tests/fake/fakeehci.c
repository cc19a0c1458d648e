/* SPDX-License-Identifier: BSD-2-Clause */
/* The controller's side of EHCI 1.0: queue heads and transfer blocks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "fakedma.h"
#include "fakeohci.h"

#define MUST(cond)                                                          \
	do {                                                                \
		if (!(cond)) {                                              \
			fprintf(stderr, "fakeehci: not true: %s\n", #cond); \
			abort();                                            \
		}                                                           \
	} while (0)

#define MOST 16u

struct row {
	uint8_t *td[MOST];
	uint32_t len[MOST];
	unsigned n, first, end; /* those that move data */
};

static void gather(uint32_t at, struct row *r, bool control)
{
	for (r->n = 0; !(at & 1); r->n++) {
		uint8_t *td = fakedma_at(at, 52);

		MUST(r->n < MOST && at % 32 == 0 && get_le32(td + 8) & 0x80);
		MUST((get_le32(td + 8) & 0x7f) == 0 && (get_le32(td + 8) >> 10 & 3));
		r->td[r->n] = td;
		r->len[r->n] = get_le32(td + 8) >> 16 & 0x7fff;
		MUST((get_le32(td + 12) & 4095) + r->len[r->n] <= 5 * 4096);
		at = get_le32(td);
	}
	r->first = control ? 1 : 0;
	r->end = control ? r->n - 1 : r->n;
}

/* Move len bytes between the pages of a block and flat memory. */
static void move(const uint8_t *td, uint8_t *flat, uint32_t len, bool to_memory)
{
	uint32_t offset = get_le32(td + 12) & 4095;

	for (uint32_t page = 0, done = 0; done < len; page++) {
		uint32_t some = 4096 - offset < len - done ? 4096 - offset : len - done;
		uint64_t at = (get_le32(td + 12 + 4 * page) & ~4095u) + offset;

		MUST(get_le32(td + 32 + 4 * page) == 0);
		if (to_memory)
			memcpy(fakedma_at(at, some), flat + done, some);
		else
			memcpy(flat + done, fakedma_at(at, some), some);
		done += some;
		offset = 0;
	}
}

static void finish(uint8_t *qh, uint8_t *td, uint32_t left, uint32_t fault)
{
	uint32_t token = (get_le32(td + 8) & 0x8000ff7f) | left << 16 | fault;

	put_le32(td + 8, token);
	put_le32(qh + 24, token);
	put_le32(qh + 16, get_le32(td));
}

/* A short block leads to its alternate: the status block, or one that is not active. */
static void distribute(uint8_t *qh, const struct row *r, uint32_t done)
{
	for (unsigned i = 0; i < r->n; i++) {
		bool data = i >= r->first && i < r->end;
		uint32_t some = !data || done > r->len[i] ? r->len[i] : done;

		done -= data ? some : 0;
		finish(qh, r->td[i], r->len[i] - some, 0);
		if (some == r->len[i])
			continue;
		put_le32(qh + 16, get_le32(r->td[i] + 4));
		if (r->first == 0) {
			const uint8_t *end = fakedma_at(get_le32(r->td[i] + 4), 32);

			MUST(!(get_le32(end + 8) & 0x80));
			return;
		}
		MUST(fakedma_at(get_le32(r->td[i] + 4), 32) == r->td[r->n - 1]);
	}
}

static void carry_out(struct fakehci *h, uint8_t *qh)
{
	uint32_t flags = get_le32(qh + 4), total = 0;
	bool control = (flags >> 8 & 15) == 0, in;
	struct fakehci_transfer t = {.address = flags & 127, .packet = flags >> 16 & 0x7ff};
	struct row r;
	int done;

	gather(get_le32(qh + 16), &r, control);
	MUST(!!(flags & 0x4000) == control && r.n > 0);
	for (unsigned i = r.first; i < r.end; i++) {
		MUST(i + 1 == r.end || r.len[i] % t.packet == 0);
		total += r.len[i];
	}
	in = r.first < r.end && (get_le32(r.td[r.first] + 8) >> 8 & 3) == 1;
	if (control) {
		MUST(r.n >= 2 && r.len[0] == 8 && (get_le32(r.td[0] + 8) >> 8 & 3) == 2);
		MUST(get_le32(r.td[r.n - 1] + 8) >> 31 && !(get_le32(r.td[0] + 8) >> 31));
		move(r.td[0], t.setup, 8, false);
	}
	t.endpoint = (flags >> 8 & 15) | (in ? 0x80 : 0);
	t.data = calloc(1, total + 1);
	t.len = total;
	for (uint32_t i = r.first, at = 0; !in && i < r.end; at += r.len[i++])
		move(r.td[i], t.data + at, r.len[i], false);
	done = fakehci_transfer(h, &t);
	for (uint32_t i = r.first, at = 0; in && done >= 0 && i < r.end; at += r.len[i++])
		move(r.td[i], t.data + at, r.len[i], true);
	free(t.data);
	if (done == FAKEUSB_SILENT || done == FAKEUSB_NAK)
		return;
	if (done < 0)
		finish(qh, r.td[r.first], r.len[r.first], done == FAKEUSB_STALL ? 0x40 : 0x48);
	else
		distribute(qh, &r, (uint32_t)done);
}

static void look(struct fakehci *h, uint8_t *qh)
{
	uint32_t next = get_le32(qh + 16);

	if (get_le32(qh + 24) & 0xc0 || next & 1 ||
	    !(get_le32((uint8_t *)fakedma_at(next, 32) + 8) & 0x80))
		return;
	carry_out(h, qh);
}

void fakeehci_run(struct fakehci *h)
{
	uint32_t first = h->reg[0x18 / 4], at = first;
	unsigned n = 0;

	do {
		uint8_t *qh = fakedma_at(at & ~31u, 68);

		MUST(n++ < 200 && (at == first || (at & 31) == 2));
		look(h, qh);
		at = get_le32(qh);
		at = (at & ~31u) == first ? first : at;
	} while (at != first);
	if (!(h->reg[0] & 0x10))
		return;
	for (at = get_le32(fakedma_at(h->reg[0x14 / 4] + 4 * 700, 4)); !(at & 1);) {
		uint8_t *qh = fakedma_at(at & ~31u, 68);

		MUST(n++ < 200 && (at & 31) == 2 && get_le32(qh + 8) & 0xff);
		look(h, qh);
		at = get_le32(qh);
	}
}
