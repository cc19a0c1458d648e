/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the drivers of the client `limit` share. Each is as small as the hardware lets it be: no error handling
 * beyond noticing, memory mapped once, requests as large as the device takes, the data thrown away.
 */
#ifndef LIMIT_H
#define LIMIT_H

#include "hcall.h"
#include "ofci.h"

struct limit_driver {
	const char *name;
	/* Is this node the controller? */
	bool (*matches)(uint32_t node);
	/* Set the device up and say how many bytes one read() brings; 0: it does not work. */
	uint32_t (*start)(uint32_t node);
	bool (*read)(uint64_t sector, uint64_t dev); /* to this address of the device's */
};

extern const struct limit_driver limit_ahci, limit_nvme, limit_virtio_blk, limit_virtio_scsi,
	limit_vscsi;

/*
 * Memory for data, of which the most any driver reads at once is LIMIT_PIECE, and behind it pages for the driver; as
 * memory and as the device sees them.
 */
#define LIMIT_PIECE (8u << 20)
#define LIMIT_PAGES 0x80000u
extern uint32_t limit_buffer_bytes;
extern unsigned char *limit_mem;
extern uint64_t limit_buffer_dev, limit_mem_dev;

/* Wait until the bits of mask in *p are value, with memory the device writes. False: 10 s went by. */
bool limit_wait(const volatile unsigned char *p, unsigned char mask, unsigned char value);

/* PCI: one function at a time. */
bool limit_pci_is(uint32_t node, uint32_t vendor, uint32_t device, uint32_t class_code);
/* Turns it on; maps the memory for it, or leaves it as RAM is. */
bool limit_pci_open(uint32_t node, bool through_window);
uint32_t limit_config(uint32_t reg, const char *method);
/* Where the CPU sees a BAR; 0: nowhere. */
uint64_t limit_bar(uint32_t bar);
uint64_t limit_in(uint64_t addr, uint32_t size);
void limit_out(uint64_t addr, uint32_t size, uint64_t value);

static inline void put_le(unsigned char *p, unsigned size, uint64_t v)
{
	for (; size--; v >>= 8)
		*p++ = (unsigned char)v;
}

static inline void put_be(unsigned char *p, unsigned size, uint64_t v)
{
	for (; size--; v >>= 8)
		p[size] = (unsigned char)v;
}

#endif
