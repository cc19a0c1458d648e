/* SPDX-License-Identifier: BSD-2-Clause */
/* What ext.c and ext-map.c share. */
#ifndef BLK_EXT_PRIV_H
#define BLK_EXT_PRIV_H

#include "fs-priv.h"

#define EXT_MAP_BYTES 60u
#define EXT_RAW_MAX   1024u

#define EXT_EXTENTS     0x00080000u
#define EXT_INLINE_DATA 0x10000000u

struct ext_inode {
	uint64_t number; /* 0: none loaded */
	enum fs_kind kind;
	uint64_t size;
	uint32_t flags;
	uint8_t map[EXT_MAP_BYTES]; /* block numbers, an extent tree's root, or data */
};

struct ext {
	struct fs fs;
	uint32_t block, first_block, blocks_per_group, inodes, inodes_per_group;
	uint32_t inode_size, desc_size, first_meta_bg, backup_group[2];
	uint32_t compat, incompat, ro_compat;
	struct ext_inode inode;
	uint8_t raw[EXT_RAW_MAX]; /* inode's */
	uint32_t raw_size;
	uint8_t *dir;                  /* a block's worth of a directory's entries */
	uint64_t dir_inode, dir_start; /* whose; 0: none */
	uint8_t *node;                 /* a block of the block map */
	uint64_t node_block;           /* which; 0: none */
};

struct ext *ext_of(struct fs *fs);

/*
 * Where the inode's block first is: *block, 0 if it is a hole or was never written, and how many from
 * there on are alike, up to want: *run >= 1.
 */
int ext_map(struct ext *x, uint64_t first, uint64_t want, uint64_t *block,
	    uint64_t *run) MUST_CHECK;

#endif
