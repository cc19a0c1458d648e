/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Partition tables: MBR with logical partitions, and GPT. A partition's number is the number of its
 * entry, always: MBR entries 1 to 4, logical partitions from 5 in the order of the chain, GPT
 * entries from 1. Tables are hostile until proved otherwise: every walk is bounded.
 */
#ifndef BLK_PART_H
#define BLK_PART_H

#include "blk/view.h"

enum part_scheme { PART_MBR, PART_GPT };

#define PART_TYPE_PREP   0x41u
#define PART_LOGICAL_MAX 128u       /* links of the chain of logical partitions */
#define PART_GPT_BYTES   (4u << 20) /* of a GPT's table */

struct part {
	uint32_t number;
	enum part_scheme scheme;
	bool active;          /* MBR: the 0x80 flag */
	bool is_prep;         /* a PReP boot partition: MBR type 0x41, or GPT's GUID for it */
	uint8_t type;         /* MBR */
	uint8_t guid[16];     /* GPT: the type, as on disk */
	uint64_t start, size; /* bytes; cut off at the end of the disk */
};

struct part_walk {
	const struct blk_view *disk;
	enum part_scheme scheme;
	const char *why; /* after a failure: what is wrong, for a message; static text */
	uint32_t unit;   /* bytes of one block of the table's */
	uint32_t next;   /* MBR: entry 0..3 of the sector at hand; GPT: index */
	/* MBR */
	uint8_t entries[64];  /* of the sector at hand */
	uint64_t sector;      /* its number; 0: the MBR itself */
	uint32_t extended[4]; /* where the extended partitions start */
	uint32_t extended_count, extended_at;
	uint32_t link;    /* the next one in the chain, 0: none */
	uint32_t logical; /* the number of the next logical partition */
	uint32_t seen[PART_LOGICAL_MAX];
	uint32_t seen_count;
	/* GPT */
	uint64_t table; /* offset of the entries */
	uint32_t count, entry_size;
	bool backup; /* the table at the end of the disk is used, the first is damaged */
};

/*
 * Look for a table. disk must live as long as the walk. E_NOENT: there is none; E_FORMAT: there is one,
 * but damaged (why says how); or a read error.
 */
int part_start(struct part_walk *w, const struct blk_view *disk) MUST_CHECK;
/*
 * The next partition that is in use, extended ones left out. E_NOENT: no more; E_FORMAT: the rest cannot
 * be read (why); or a read error. A partition that starts outside the disk has size 0.
 */
int part_next(struct part_walk *w, struct part *p) MUST_CHECK;

/*
 * Partition number of a disk. E_NOENT: no table or no such partition; E_RANGE: it lies outside the disk;
 * or as above. *why, always written on failure, says more.
 */
int part_find(const struct blk_view *disk, uint32_t number, struct part *p,
	      const char **why) MUST_CHECK;
/*
 * The PReP boot partition: an active one before one that is not, else the first. Damage behind it does
 * not matter. *why is written on failure only.
 */
int part_find_prep(const struct blk_view *disk, struct part *p, const char **why) MUST_CHECK;

#endif
