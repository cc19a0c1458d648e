/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A block device in memory that obeys the contract to the letter: requests that are not inside it, too
 * large or badly aligned end the test. It counts, and fails on demand.
 */
#ifndef FAKEDISK_H
#define FAKEDISK_H

#include "dev/blkdev.h"

struct fakedisk {
	struct blkdev dev;
	uint8_t *bytes;
	uint64_t len; /* of bytes; what lies behind reads as zeros */
	unsigned starts, stops, reads, writes, flushes;
	uint64_t blocks_read;
	int start_result;   /* what start is to return */
	int result;         /* what reads and writes are to return */
	uint64_t bad_block; /* reading this one fails with E_IO; UINT64_MAX: none */
	bool running;
};

/* A writable disk of blocks blocks; bytes stays the caller's. */
void fakedisk_init(struct fakedisk *d, uint32_t block_size, uint64_t blocks, void *bytes,
		   uint64_t len);
/* For struct block_source; ctx is the disk. */
int fakedisk_start(void *ctx, struct blkdev **bd);

/* A file as a heap block; NULL if there is none. */
uint8_t *fakedisk_file(const char *path, uint64_t *len);

#endif
