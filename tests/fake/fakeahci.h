/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An AHCI controller that behaves as the standard says: engines that run only between start and stop, a
 * task file, disks behind READ and WRITE DMA EXT or FPDMA QUEUED and a CD-ROM behind PACKET. It checks what a host must not
 * do and breaks on demand.
 */
#ifndef FAKEAHCI_H
#define FAKEAHCI_H

#include "fakemmio.h"

enum fakeahci_kind { FAKEAHCI_NONE, FAKEAHCI_DISK, FAKEAHCI_CDROM, FAKEAHCI_ODD };

struct fakeahci_drive {
	enum fakeahci_kind kind;
	uint64_t blocks;
	uint32_t block_size; /* 0: 512, or 2048 of a CD-ROM */
	uint8_t *data;       /* NULL: reads give the block number in every byte's place */
	bool no_medium, no_queue;
};

struct fakeahci {
	struct fakeahci_drive drive[32];
	/* the state */
	uint32_t ghc, cap; /* cap: 0x40000000: queues; the number of slots less 1, << 8 */
	struct {
		uint64_t clb, fb;
		uint32_t cmd, tfd, is, ci, sact;
		bool queue_failed; /* and nobody asked why yet */
		bool greeted;      /* the first FIS was received */
		uint8_t sense[3];  /* key, code, qualifier of what failed last */
	} port[32];
	/* what happened */
	unsigned resets, commands, queues, flushes, recoveries, most_entries;
	/* what is to break */
	bool stuck_reset, stuck_engine;
	unsigned silent_at; /* from this command on nothing ends; 0: never */
	unsigned fail_at;   /* this command fails */
	unsigned short_at;  /* this one moves half of its bytes */
};

struct fake_fn *fakeahci_add(struct fakeahci *h, struct fake_pci *pci);

#endif
