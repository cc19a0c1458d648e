/* SPDX-License-Identifier: BSD-2-Clause */
/* The two kinds of partition tables, for part.c. */
#ifndef BLK_PART_PRIV_H
#define BLK_PART_PRIV_H

#include "blk/part.h"

#define MBR_SECTOR_BYTES 512u

/* The MBR's sector is at hand; E_NOENT if it is none. *protective: it says that there is a GPT. */
int mbr_start(struct part_walk *w, const uint8_t *sector, bool *protective) MUST_CHECK;
int mbr_next(struct part_walk *w, struct part *p) MUST_CHECK;

/* E_FORMAT if neither header is good. */
int gpt_start(struct part_walk *w) MUST_CHECK;
int gpt_next(struct part_walk *w, struct part *p) MUST_CHECK;

/* Blocks of the table to bytes of the disk; cut off at its end. */
void part_place(const struct part_walk *w, struct part *p, uint64_t first, uint64_t blocks);

#endif
