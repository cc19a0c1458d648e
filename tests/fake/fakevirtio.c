/* SPDX-License-Identifier: BSD-2-Clause */
/* The device's side of virtio over PCI. */
#include "fakevirtio.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fakedma.h"

#include "base/bytes.h"
#include "base/err.h"
#include "pci/regs.h"

#define VERSION_1       (1ull << 32)
#define ACCESS_PLATFORM (1ull << 33)
#define FEATURES_OK     8u
#define DRIVER_OK       4u
#define NEEDS_RESET     0x40u

static bool lax;

static void complain(const char *what, uint64_t value)
{
	if (lax)
		return;
	fprintf(stderr, "virtio device: the driver broke a rule: %s %llx\n", what,
		(unsigned long long)value);
	abort();
}

/* ---- memory ---- */

/* What is allocated gets addresses a legacy device can express; what is mapped keeps the CPU's. */
#define DIRECT_START 0x80000000000ull
#define DIRECT_STEP  0x1000000ull

static unsigned direct_open;
static struct {
	uint8_t *mem;
	size_t bytes;
} direct[16];

static int direct_map(void *ctx, void *mem, uint64_t size, uint64_t *dev)
{
	(void)ctx;
	if (!size)
		return E_INVAL;
	direct_open++;
	*dev = (uintptr_t)mem;
	return 0;
}

static int direct_unmap(void *ctx, uint64_t dev, uint64_t size)
{
	(void)ctx, (void)dev, (void)size;
	direct_open--;
	return 0;
}

static void *direct_alloc(void *ctx, size_t bytes, uint64_t *dev)
{
	size_t whole = (bytes + 4095) / 4096 * 4096;
	void *mem = aligned_alloc(4096, whole);

	(void)ctx;
	memset(mem, 0, whole);
	for (unsigned i = 0; i < ARRAY_SIZE(direct); i++)
		if (!direct[i].mem) {
			direct[i].mem = mem;
			direct[i].bytes = bytes;
			*dev = DIRECT_START + i * DIRECT_STEP;
			direct_open++;
			return mem;
		}
	abort();
}

static void direct_free(void *ctx, void *mem, size_t bytes, uint64_t dev)
{
	(void)ctx, (void)bytes;
	if (!mem)
		return;
	if (direct[(dev - DIRECT_START) / DIRECT_STEP].mem != mem)
		abort();
	direct[(dev - DIRECT_START) / DIRECT_STEP].mem = NULL;
	direct_open--;
	free(mem);
}

static const struct dma_ops direct_ops = {direct_map, direct_unmap, direct_alloc, direct_free};
const struct dma fakevirtio_direct = {&direct_ops, NULL};

unsigned fakevirtio_direct_open(void)
{
	return direct_open;
}

uint8_t *fakevirtio_mem(const struct fakevirtio *v, uint64_t addr, uint64_t len)
{
	if (v->accepted & ACCESS_PLATFORM)
		return fakedma_at(addr, len);
	if (addr >= DIRECT_START && addr < DIRECT_START + ARRAY_SIZE(direct) * DIRECT_STEP) {
		uint64_t i = (addr - DIRECT_START) / DIRECT_STEP,
			 at = (addr - DIRECT_START) % DIRECT_STEP;

		if (!direct[i].mem || at > direct[i].bytes || direct[i].bytes - at < len)
			complain("address", addr);
		return direct[i].mem + at;
	}
	return (uint8_t *)(uintptr_t)addr;
}

static bool is_big(const struct fakevirtio *v)
{
	return v->legacy && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
}

uint16_t fakevirtio16(const struct fakevirtio *v, const void *p)
{
	return is_big(v) ? get_be16(p) : get_le16(p);
}

uint32_t fakevirtio32(const struct fakevirtio *v, const void *p)
{
	return is_big(v) ? get_be32(p) : get_le32(p);
}

uint64_t fakevirtio64(const struct fakevirtio *v, const void *p)
{
	return is_big(v) ? get_be64(p) : get_le64(p);
}

void fakevirtio_put16(const struct fakevirtio *v, void *p, uint16_t value)
{
	if (is_big(v))
		put_be16(p, value);
	else
		put_le16(p, value);
}

void fakevirtio_put32(const struct fakevirtio *v, void *p, uint32_t value)
{
	if (is_big(v))
		put_be32(p, value);
	else
		put_le32(p, value);
}

void fakevirtio_config(struct fakevirtio *v, unsigned offset, unsigned size, uint64_t value)
{
	bool big = !v->has_modern && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;

	for (unsigned i = 0; i < size; i++)
		v->config[offset + i] = (uint8_t)(value >> 8 * (big ? size - 1 - i : i));
}

/* ---- rings ---- */

static void add_segment(struct fakevirtio *v, struct fakevirtio_request *r, const uint8_t *d)
{
	uint64_t addr = fakevirtio64(v, d);
	uint32_t len = fakevirtio32(v, d + 8);
	bool in = fakevirtio16(v, d + 12) & 2;

	if (len == 0)
		complain("a segment of no bytes", addr);
	if (!in && r->nin)
		complain("a segment to read behind one to write", addr);
	if (r->nin == 64 || r->nout == 64)
		complain("too many segments", 64);
	if (in) {
		r->in[r->nin].mem = fakevirtio_mem(v, addr, len);
		r->in[r->nin++].len = len;
	} else {
		r->out[r->nout].mem = fakevirtio_mem(v, addr, len);
		r->out[r->nout++].len = len;
	}
}

static void read_chain(struct fakevirtio *v, struct fakevirtio_request *r, const uint8_t *table,
		       uint32_t entries, uint32_t at, bool nested)
{
	for (uint32_t n = 0;; n++) {
		const uint8_t *d = table + 16ul * at;
		uint16_t flags;

		if (at >= entries || n >= entries)
			complain("descriptor", at);
		flags = fakevirtio16(v, d + 12);
		if (flags & 4) {
			uint32_t len = fakevirtio32(v, d + 8);

			if (nested || flags & 3 || len % 16 || !(v->accepted & 1u << 28))
				complain("indirect descriptor", flags);
			read_chain(v, r, fakevirtio_mem(v, fakevirtio64(v, d), len), len / 16, 0,
				   true);
		} else {
			add_segment(v, r, d);
		}
		if (!(flags & 1))
			return;
		at = fakevirtio16(v, d + 14);
	}
}

static uint16_t avail_index(struct fakevirtio *v, const struct fakevirtio_queue *q)
{
	return fakevirtio16(v, fakevirtio_mem(v, q->avail, 4 + 2ul * q->size) + 2);
}

static void serve(struct fakevirtio *v, unsigned queue, uint16_t at)
{
	struct fakevirtio_queue *q = &v->queue[queue];
	uint8_t *avail = fakevirtio_mem(v, q->avail, 4 + 2ul * q->size);
	uint8_t *used = fakevirtio_mem(v, q->used, 4 + 8ul * q->size);
	uint8_t *entry = used + 4 + 8ul * (q->given & (q->size - 1));
	struct fakevirtio_request r = {
		.head = fakevirtio16(v, avail + 4 + 2ul * (at & (q->size - 1)))};
	uint32_t written;

	read_chain(v, &r, fakevirtio_mem(v, q->desc, 16ul * q->size), q->size, r.head, false);
	if (!v->serve)
		return;
	written = v->serve(v, queue, &r);
	fakevirtio_put32(v, entry, r.head);
	fakevirtio_put32(v, entry + 4, written);
	fakevirtio_put16(v, used + 2, ++q->given);
	v->served++;
}

void fakevirtio_work(struct fakevirtio *v, unsigned queue)
{
	struct fakevirtio_queue *q = &v->queue[queue];
	uint16_t end;

	if (!(v->status & DRIVER_OK) || !q->enabled || !(get_le16(v->fn->cfg + PCI_COMMAND) & 4))
		return;
	end = avail_index(v, q);
	if ((uint16_t)(end - q->seen) > q->size)
		complain("available index", end);
	if (v->hold && (uint16_t)(end - q->seen) < v->hold)
		return;
	for (uint16_t at = v->hold ? end : q->seen; at != (v->hold ? q->seen : end);) {
		if (v->hold)
			serve(v, queue, --at);
		else
			serve(v, queue, at++);
	}
	q->seen = end;
	if (v->after)
		v->after(v, queue);
}

static void notified(struct fakevirtio *v, uint64_t queue)
{
	v->notified++;
	if (queue >= FAKEVIRTIO_QUEUES || !v->queue[queue].enabled)
		complain("notification of queue", queue);
	if (!(v->status & DRIVER_OK))
		complain("notification before DRIVER_OK, status", v->status);
	if (!v->deaf && !lax)
		fakevirtio_work(v, (unsigned)queue);
}

/* ---- registers both layouts have ---- */

static void reset(struct fakevirtio *v)
{
	v->resets++;
	v->status = 0;
	v->accepted = 0;
	v->needs_reset = false;
	v->queue_select = 0;
	for (unsigned i = 0; i < FAKEVIRTIO_QUEUES; i++)
		v->queue[i] =
			(struct fakevirtio_queue){.max = v->queue_max[i], .size = v->queue_max[i]};
}

static void set_status(struct fakevirtio *v, uint8_t status)
{
	if (status == 0) {
		if (!v->reset_sticks)
			reset(v);
		return;
	}
	if (v->status & ~status & 0x3f)
		complain("status loses bits", status);
	if (status & FEATURES_OK && !(v->status & FEATURES_OK) &&
	    (v->refuses_features ||
	     (v->offered & ACCESS_PLATFORM && !(v->accepted & ACCESS_PLATFORM))))
		status = (uint8_t)(status & ~FEATURES_OK);
	if (status & DRIVER_OK && !v->legacy && !(status & FEATURES_OK))
		complain("DRIVER_OK without FEATURES_OK", status);
	v->status = status;
}

static uint8_t get_status(struct fakevirtio *v)
{
	if (v->on_status)
		v->on_status(v);
	return v->needs_reset ? v->status | NEEDS_RESET : v->status;
}

static void accept(struct fakevirtio *v, uint64_t features)
{
	if (features & ~v->offered)
		complain("features not offered", features & ~v->offered);
	if (v->status & FEATURES_OK)
		complain("features after FEATURES_OK", features);
	v->accepted = features;
}

static struct fakevirtio_queue *selected(struct fakevirtio *v)
{
	static struct fakevirtio_queue none;

	none = (struct fakevirtio_queue){.max = 0};
	return v->queue_select < FAKEVIRTIO_QUEUES ? &v->queue[v->queue_select] : &none;
}

static uint64_t config_bytes(const struct fakevirtio *v, uint64_t offset, uint8_t size)
{
	uint64_t value = 0;

	if (offset % size)
		complain("unaligned config access", offset);
	for (unsigned i = 0; i < size; i++)
		if (offset + i < sizeof(v->config))
			value |= (uint64_t)v->config[offset + i] << 8 * i;
	return value;
}

/* ---- modern ---- */

static uint64_t common_read(struct fakevirtio *v, uint64_t offset)
{
	const struct fakevirtio_queue *q = selected(v);

	switch (offset) {
	case 4:
		return v->feature_select[0] < 2
			       ? (uint32_t)(v->offered >> 32 * v->feature_select[0])
			       : 0;
	case 18:
		return FAKEVIRTIO_QUEUES;
	case 20:
		return get_status(v);
	case 21:
		return v->generation;
	case 24:
		return q->size;
	case 28:
		return q->enabled;
	case 30:
		return v->queue_select;
	}
	complain("read of common register", offset);
	return 0;
}

static void set_half(uint64_t *to, bool high, uint64_t value)
{
	*to = high ? (*to & UINT32_MAX) | value << 32 : (*to & ~(uint64_t)UINT32_MAX) | value;
}

static void enable(const struct fakevirtio *v, struct fakevirtio_queue *q)
{
	if (lax)
		return;
	if (q->size > q->max || !q->size || q->size & (q->size - 1))
		complain("queue size", q->size);
	if (q->desc % 16 || q->avail % 2 || q->used % 4)
		complain("queue alignment", q->desc);
	fakevirtio_mem(v, q->desc, 16ul * q->size);
	fakevirtio_mem(v, q->avail, 4 + 2ul * q->size);
	fakevirtio_mem(v, q->used, 4 + 8ul * q->size);
	q->enabled = true;
}

static void common_write(struct fakevirtio *v, uint64_t offset, uint64_t value)
{
	struct fakevirtio_queue *q = selected(v);
	uint64_t features = v->accepted;

	if (offset >= 24 && v->status & DRIVER_OK)
		complain("queue set up after DRIVER_OK", offset);
	if (offset == 0 || offset == 8) {
		v->feature_select[offset / 8] = (uint32_t)value;
	} else if (offset == 12) {
		set_half(&features, v->feature_select[1], value);
		accept(v, features);
	} else if (offset == 20) {
		set_status(v, (uint8_t)value);
	} else if (offset == 22) {
		v->queue_select = (uint16_t)value;
	} else if (offset == 24) {
		q->size = (uint16_t)value;
	} else if (offset == 28) {
		enable(v, q);
	} else if (offset >= 32 && offset < 56 && offset % 4 == 0) {
		uint64_t *at[] = {&q->desc, &q->avail, &q->used};

		set_half(at[(offset - 32) / 8], offset & 4, value);
	} else {
		complain("write to common register", offset);
	}
}

/* ---- legacy ---- */

static uint64_t legacy_read(struct fakevirtio *v, uint64_t offset)
{
	switch (offset) {
	case 0:
		return (uint32_t)v->offered;
	case 8:
		return selected(v)->desc >> 12;
	case 12:
		return selected(v)->max;
	case 18:
		return get_status(v);
	}
	complain("read of legacy register", offset);
	return 0;
}

/* The layout every legacy driver must use. */
static void legacy_enable(struct fakevirtio *v, struct fakevirtio_queue *q, uint64_t page)
{
	q->desc = page << 12;
	q->avail = q->desc + 16ul * q->size;
	q->used = (q->avail + 4 + 2ul * q->size + 2 + 4095) & ~4095ull;
	enable(v, q);
}

static void legacy_write(struct fakevirtio *v, uint64_t offset, uint64_t value)
{
	v->legacy = true;
	switch (offset) {
	case 4:
		accept(v, value);
		break;
	case 8:
		legacy_enable(v, selected(v), value);
		break;
	case 14:
		v->queue_select = (uint16_t)value;
		break;
	case 16:
		notified(v, value);
		break;
	case 18:
		set_status(v, (uint8_t)value);
		break;
	default:
		complain("write to legacy register", offset);
	}
}

/* ---- the function ---- */

static uint64_t regs_read(void *ctx, unsigned bar, uint64_t offset, uint8_t size)
{
	struct fakevirtio *v = ctx;

	lax = v->lax;
	if (bar == 0)
		return offset < 20 ? legacy_read(v, offset) : config_bytes(v, offset - 20, size);
	if (offset < 56)
		return common_read(v, offset);
	if (offset >= 0x2000 && offset < 0x3000)
		return config_bytes(v, offset - 0x2000, size);
	complain("read of register", offset);
	return 0;
}

static void regs_write(void *ctx, unsigned bar, uint64_t offset, uint8_t size, uint64_t value)
{
	struct fakevirtio *v = ctx;

	(void)size;
	lax = v->lax;
	if (bar == 0 && offset < 20)
		legacy_write(v, offset, value);
	else if (bar == 4 && offset < 56)
		common_write(v, offset, value);
	else if (bar == 4 && offset >= 0x3000 && offset < 0x3010 && (offset - 0x3000) / 4 == value)
		notified(v, value);
	else
		complain("write to register", offset);
}

static void add_cap(struct fake_fn *fn, uint8_t type, uint32_t offset, uint32_t len)
{
	uint8_t at = fake_cap(fn, PCI_CAP_VENDOR, 20);

	fn->cfg[at + 2] = type == 2 ? 20 : 16;
	fn->cfg[at + 3] = type;
	fn->cfg[at + 4] = 4;
	put_le32(fn->cfg + at + 8, offset);
	put_le32(fn->cfg + at + 12, len);
	put_le32(fn->cfg + at + 16, 4); /* the multiplier of a notify capability */
}

struct fakevirtio *fakevirtio_new(uint16_t type)
{
	struct fakevirtio *v = calloc(1, sizeof(*v));

	v->type = type;
	v->offered = VERSION_1;
	v->has_legacy = v->has_modern = true;
	v->queue_max[0] = 128;
	return v;
}

void fakevirtio_start(struct fakevirtio *v)
{
	const struct fakemmio_regs regs = {regs_read, regs_write, v};
	struct fake_pci *pci = fake_pci_new();

	v->fn = fake_add(pci, NULL, 3 << 3, 0x010000);
	put_le16(v->fn->cfg + 2,
		 (uint16_t)(v->has_legacy ? 0x1000 + v->type - 1 : 0x1040 + v->type));
	put_le16(v->fn->cfg + PCI_SUBSYSTEM + 2, v->type);
	if (v->has_legacy)
		fake_bar(v->fn, 0, 0x80, 1);
	if (v->has_modern) {
		fake_bar(v->fn, 4, 0x4000, 0xc);
		add_cap(v->fn, 1, 0, 0x1000);
		add_cap(v->fn, 4, 0x2000, 0x1000);
		add_cap(v->fn, 2, 0x3000, 0x1000);
	}
	fakemmio_attach(v->fn, &regs);
	fakemmio_rig_start(&v->rig, pci, v->fn, &fakedma, &fakevirtio_direct);
	v->status = 0xf; /* somebody used it before */
	v->queue[0].enabled = true;
}

void fakevirtio_forget_leaks(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(direct); i++) {
		direct_open -= direct[i].mem != NULL;
		free(direct[i].mem);
		direct[i].mem = NULL;
	}
}

void fakevirtio_free(struct fakevirtio *v)
{
	if (direct_open) {
		fprintf(stderr, "%u pieces of memory still open to devices\n", direct_open);
		abort();
	}
	lax = false;
	fakedma_reset();
	fakemmio_rig_stop(&v->rig);
	free(v);
}
