/* SPDX-License-Identifier: BSD-2-Clause */
/* AHCI for the client `limit`: one READ DMA EXT over the whole buffer, waited for in the received FIS. */
#include "limit.h"

#define LIST    0x000u
#define FIS     0x400u
#define TABLE   0x500u
#define ENTRY   (4u << 20)
#define ENTRIES (LIMIT_PIECE / ENTRY)

static uint64_t port;

static bool matches(uint32_t node)
{
	return limit_pci_is(node, 0, 0, 0x010601);
}

static bool wait_register(uint64_t addr, uint32_t mask, uint32_t value)
{
	uint32_t start = of_milliseconds();

	while ((limit_in(addr, 4) & mask) != value)
		if (of_milliseconds() - start > 2000)
			return false;
	return true;
}

static void set_up_memory(void)
{
	unsigned char *list = limit_mem + LIST;

	put_le(list, 4, ENTRIES << 16 | 5);
	put_le(list + 8, 8, limit_mem_dev + TABLE);
}

static uint32_t start(uint32_t node)
{
	uint64_t hba;

	if (!limit_pci_open(node, true) || !(hba = limit_bar(5)))
		return 0;
	limit_out(hba + 4, 4, 0x80000001);
	if (!wait_register(hba + 4, 1, 0))
		return 0;
	limit_out(hba + 4, 4, 0x80000000);
	for (port = hba + 0x100; (limit_in(port + 0x28, 4) & 15) != 3; port += 0x80)
		if (port == hba + 0x100 + 31 * 0x80)
			return 0;
	set_up_memory();
	limit_out(port, 4, limit_mem_dev + LIST);
	limit_out(port + 8, 4, limit_mem_dev + FIS);
	limit_out(port + 0x18, 4, 0x16); /* receive FISes, power, spin up */
	if (!wait_register(port + 0x20, 0x88, 0))
		return 0;
	limit_out(port + 0x18, 4, 0x17); /* and start */
	return LIMIT_PIECE;
}

static bool read(uint64_t sector, uint64_t dev)
{
	volatile unsigned char *answer = limit_mem + FIS + 0x40; /* D2H register FIS */
	unsigned char *fis = limit_mem + TABLE;

	memcpy(fis, "\x27\x80\x25", 3);
	put_le(fis + 4, 3, sector);
	fis[7] = 0x40;
	put_le(fis + 8, 3, sector >> 24);
	put_le(fis + 12, 2, LIMIT_PIECE / 512);
	for (unsigned char *e = fis + 0x80; e < fis + 0x80 + 16 * ENTRIES; e += 16, dev += ENTRY) {
		put_le(e, 8, dev);
		put_le(e + 12, 4, ENTRY - 1);
	}
	put_le(limit_mem + LIST + 4, 4, 0);
	*answer = 0;
	limit_out(port + 0x38, 4, 1);
	return limit_wait(answer, 0xff, 0x34) && !(answer[2] & 1) &&
	       wait_register(port + 0x38, 1, 0);
}

const struct limit_driver limit_ahci = {"ahci", matches, start, read};
