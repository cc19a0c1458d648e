/* SPDX-License-Identifier: BSD-2-Clause */
/* spapr-vscsi for the client `limit`: one SRP command, RAM as it is. */
#include "limit.h"

#define H_REG_CRQ  0xfc
#define H_SEND_CRQ 0x108
#define RING       0x0000u
#define UNIT       0x1000u
#define TABLE      0x1200u
#define RING_BYTES 4096u
#define PIECE      (4u << 20)
#define PART       (64u << 10) /* more of one descriptor QEMU gets wrong */

static uint32_t unit, at;

static bool matches(uint32_t node)
{
	char is[64] = "";

	of_getprop(node, "compatible", is, sizeof(is) - 1);
	return !strcmp(is, "IBM,v-scsi");
}

/* Send an element and take the answer, which is expected to begin like this. */
static bool exchange(uint64_t high, uint64_t low, unsigned char first)
{
	volatile unsigned char *e = limit_mem + RING + at;
	uint64_t none;
	bool good;

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (hcall(H_SEND_CRQ, unit, high, low, &none))
		return false;
	good = limit_wait(e, 0x80, 0x80) && *e == first;
	*e = 0;
	at = (at + 16) % RING_BYTES;
	return good;
}

static uint32_t start(uint32_t node)
{
	uint32_t bypass[6] = {of_rtas_token("ibm,set-tce-bypass"), 2, 1, 0, 1, OF_ERR};
	uint64_t none;

	unit = bypass[3] = of_getprop_u32(node, "reg", 0);
	if (hv_rtas(bypass) || bypass[5])
		return 0;
	hcall(H_REG_CRQ, unit, limit_mem_dev + RING, RING_BYTES, &none);
	if (!exchange(0xc001ull << 48, 0, 0xc0))
		return 0;
	return PIECE;
}

static bool read(uint64_t sector, uint64_t dev)
{
	unsigned char *iu = limit_mem + UNIT;

	for (unsigned i = 0; i < PIECE / PART; i++) {
		put_be(limit_mem + TABLE + 16 * i, 8, dev + i * PART);
		put_be(limit_mem + TABLE + 16 * i + 12, 4, PART);
	}
	memset(iu, 0, 68);
	iu[0] = 2; /* SRP_CMD */
	iu[5] = 2; /* data in, an indirect table */
	put_be(iu + 8, 8, sector + 1);
	iu[20] = 0x80; /* id 0, channel 0, LUN 0 */
	iu[32] = 0x28;
	put_be(iu + 32 + 2, 4, sector);
	put_be(iu + 32 + 7, 2, PIECE / 512);
	put_be(iu + 48, 8, limit_mem_dev + TABLE);
	put_be(iu + 60, 4, PIECE / PART * 16);
	put_be(iu + 64, 4, PIECE);
	return exchange(0x8001ull << 48 | 10 << 16 | 68, limit_mem_dev + UNIT, 0x80) &&
	       iu[0] == 0xc1 && iu[19] == 0;
}

const struct limit_driver limit_vscsi = {"spapr-vscsi", matches, start, read};
