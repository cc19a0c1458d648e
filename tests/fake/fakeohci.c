/* SPDX-License-Identifier: BSD-2-Clause */
/* The controller's side of OHCI 1.0a: endpoint and transfer descriptors. */
#include "fakeohci.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "fakedma.h"

#define MUST(cond)                                                          \
	do {                                                                \
		if (!(cond)) {                                              \
			fprintf(stderr, "fakeohci: not true: %s\n", #cond); \
			abort();                                            \
		}                                                           \
	} while (0)

#define MOST 64u

struct row {
	uint8_t *td[MOST];
	uint32_t at[MOST], len[MOST];
	unsigned n, first, end; /* those that move data */
};

/* Memory of at most two pages, which need not be next to each other for us, but are. */
static uint8_t *buffer(const struct row *r, unsigned i)
{
	return fakedma_at(r->at[i], r->len[i]);
}

static void gather(const uint8_t *ed, struct row *r, bool control)
{
	uint32_t at = get_le32(ed + 8) & ~15u, tail = get_le32(ed + 4);

	for (r->n = 0; at != tail; r->n++) {
		uint8_t *td = fakedma_at(at, 16);

		MUST(r->n < MOST && at % 16 == 0);
		MUST((get_le32(td) >> 21 & 7) == 7 && get_le32(td) >> 28 == 15);
		r->td[r->n] = td;
		r->at[r->n] = get_le32(td + 4);
		r->len[r->n] = r->at[r->n] ? get_le32(td + 12) - r->at[r->n] + 1 : 0;
		MUST((get_le32(td + 12) & ~4095u) - (r->at[r->n] & ~4095u) <= 4096);
		at = get_le32(td + 8);
	}
	r->first = control ? 1 : 0;
	r->end = control ? r->n - 1 : r->n;
}

static void check_control(const struct row *r, bool in)
{
	uint32_t last = get_le32(r->td[r->n - 1]);

	MUST(r->n >= 2 && r->len[0] == 8 && r->len[r->n - 1] == 0);
	MUST((get_le32(r->td[0]) >> 19 & 3) == 0 && (get_le32(r->td[0]) >> 24 & 3) == 2);
	MUST((last >> 24 & 3) == 3);
	MUST((last >> 19 & 3) == (in && r->n > 2 ? 1 : 2));
}

static void halt(uint8_t *ed, uint8_t *td, uint32_t code)
{
	put_le32(td, (get_le32(td) & 0x0fffffff) | code << 28);
	put_le32(ed + 8, get_le32(td + 8) | (get_le32(ed + 8) & 2) | 1);
}

/* Write back what each block moved; true: all went well. */
static bool distribute(uint8_t *ed, const struct row *r, uint32_t done)
{
	for (unsigned i = 0; i < r->n; i++) {
		uint32_t some = done < r->len[i] ? done : r->len[i];
		bool data = i >= r->first && i < r->end;

		if (data && some < r->len[i]) {
			put_le32(r->td[i] + 4, r->at[i] + some);
			if (!(get_le32(r->td[i]) & 0x40000)) {
				halt(ed, r->td[i], 9);
				return false;
			}
		} else {
			put_le32(r->td[i] + 4, 0);
		}
		done -= data ? some : 0;
		put_le32(r->td[i], get_le32(r->td[i]) & 0x0fffffff);
	}
	put_le32(ed + 8, get_le32(ed + 4) | (get_le32(ed + 8) & 2));
	return true;
}

static void carry_out(struct fakehci *h, uint8_t *ed)
{
	uint32_t flags = get_le32(ed), total = 0;
	bool control = (flags >> 7 & 15) == 0, in;
	struct fakehci_transfer t = {.address = flags & 127, .packet = flags >> 16 & 0x7ff};
	struct row r;
	int done;

	gather(ed, &r, control);
	for (unsigned i = r.first; i < r.end; i++) {
		MUST(i + 1 == r.end || r.len[i] % t.packet == 0);
		MUST(!!(get_le32(r.td[i]) & 0x40000) == (i + 1 == r.end));
		total += r.len[i];
	}
	in = r.first < r.end && (get_le32(r.td[r.first]) >> 19 & 3) == 2;
	if (control) {
		memcpy(t.setup, buffer(&r, 0), 8);
		check_control(&r, t.setup[0] & 0x80);
	}
	t.endpoint = (flags >> 7 & 15) | (in ? 0x80 : 0);
	t.data = calloc(1, total + 1);
	t.len = total;
	for (uint32_t i = r.first, at = 0; !in && i < r.end; at += r.len[i++])
		if (r.len[i])
			memcpy(t.data + at, buffer(&r, i), r.len[i]);
	done = fakehci_transfer(h, &t);
	for (uint32_t i = r.first, at = 0; in && done >= 0 && i < r.end; at += r.len[i++])
		if (r.len[i])
			memcpy(buffer(&r, i), t.data + at, r.len[i]);
	free(t.data);
	if (done == FAKEUSB_SILENT || done == FAKEUSB_NAK)
		return;
	if (done < 0)
		halt(ed, r.td[r.first < r.n ? r.first : 0], done == FAKEUSB_STALL ? 4 : 5);
	else
		distribute(ed, &r, (uint32_t)done);
}

static void walk(struct fakehci *h, uint32_t at)
{
	for (unsigned n = 0; at; n++) {
		uint8_t *ed = fakedma_at(at, 16);
		uint32_t head = get_le32(ed + 8);

		MUST(n < 200 && at % 16 == 0);
		if (!(get_le32(ed) & 0x4000) && !(head & 1) && (head & ~15u) != get_le32(ed + 4))
			carry_out(h, ed);
		at = get_le32(ed + 12);
	}
}

void fakeohci_run(struct fakehci *h)
{
	if ((h->reg[1] & 0x3c) == 0)
		return;
	MUST((h->reg[1] & 0x3c) == 0x34);
	walk(h, h->reg[0x20 / 4]);
	walk(h, h->reg[0x28 / 4]);
	walk(h, get_le32(fakedma_at(h->reg[0x18 / 4] + 4 * 17, 4)));
}
