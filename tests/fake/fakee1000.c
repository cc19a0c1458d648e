/* SPDX-License-Identifier: BSD-2-Clause */
/* The device's side of legacy descriptors. */
#include "fakee1000.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "fakedma.h"

#define MUST(cond)                                                           \
	do {                                                                 \
		if (!(cond)) {                                               \
			fprintf(stderr, "fakee1000: not true: %s\n", #cond); \
			abort();                                             \
		}                                                            \
	} while (0)

static uint32_t *reg(struct fakee1000 *e, unsigned offset)
{
	return &e->reg[offset / 4];
}

static uint8_t *desc_at(struct fakee1000 *e, unsigned ring)
{
	uint64_t base = *reg(e, ring) | (uint64_t)*reg(e, ring + 4) << 32;

	MUST(base % 16 == 0 && *reg(e, ring + 8) % 128 == 0);
	return fakedma_at(base + 16ull * *reg(e, ring + 0x10), 16);
}

static void advance(struct fakee1000 *e, unsigned ring)
{
	*reg(e, ring + 0x10) = (*reg(e, ring + 0x10) + 1) % (*reg(e, ring + 8) / 16);
}

void fakee1000_release(struct fakee1000 *e)
{
	while (*reg(e, 0x400) & 2 && *reg(e, 0x3810) != *reg(e, 0x3818)) {
		uint8_t *desc = desc_at(e, 0x3800);

		e->last_len = get_le16(desc + 8);
		MUST(e->last_len <= sizeof(e->last) && (desc[11] & 0xb) == 0xb);
		memcpy(e->last, fakedma_at(get_le64(desc), e->last_len), e->last_len);
		e->sent++;
		desc[12] = 1;
		advance(e, 0x3800);
	}
}

bool fakee1000_frame(struct fakee1000 *e, const void *frame, size_t len)
{
	uint8_t *desc;

	if (!(*reg(e, 0x100) & 2) || *reg(e, 0x2810) == *reg(e, 0x2818))
		return false;
	desc = desc_at(e, 0x2800);
	memcpy(fakedma_at(get_le64(desc), len), frame, len);
	put_le16(desc + 8, e->lie_len ? e->lie_len : (uint16_t)len);
	desc[13] = e->errors;
	desc[12] = e->state ? e->state : 3;
	advance(e, 0x2800);
	return true;
}

static uint64_t regs_read(void *ctx, unsigned bar, uint64_t offset, uint8_t size)
{
	struct fakee1000 *e = ctx;

	MUST(bar == 0 && size == 4);
	return offset == 8 ? (e->no_link ? 0 : 2) : *reg(e, (unsigned)offset);
}

static void reset(struct fakee1000 *e)
{
	memset(e->reg, 0, sizeof(e->reg));
	*reg(e, 0x5400) = (uint32_t)e->mac;
	*reg(e, 0x5404) = e->mac ? (uint32_t)(e->mac >> 32) | 0x80000000 : 0;
	e->resets++;
	if (e->stuck_reset)
		*reg(e, 0) = 0x04000000;
}

static void regs_write(void *ctx, unsigned bar, uint64_t offset, uint8_t size, uint64_t value)
{
	struct fakee1000 *e = ctx;

	MUST(bar == 0 && size == 4);
	*reg(e, (unsigned)offset) = (uint32_t)value;
	if (offset == 0 && value & 0x04000000)
		reset(e);
	if (offset == 0x3818 && !e->hold)
		fakee1000_release(e);
}

struct fake_fn *fakee1000_add(struct fakee1000 *e, struct fake_pci *pci)
{
	struct fake_fn *fn = fake_add(pci, NULL, 1 << 3, 0x020000);
	struct fakemmio_regs regs = {regs_read, regs_write, e};

	fake_bar(fn, 0, 0x20000, 0);
	fakemmio_attach(fn, &regs);
	return fn;
}
