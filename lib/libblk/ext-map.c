/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ext's two ways from a file's blocks to the disk's. Old files have a table of block numbers with up to
 * three levels of tables behind it; new ones have a tree of extents. Either way the last block of the
 * map that was read is kept. The depth of both is bounded by their form: a level is one less than
 * the one above it.
 */
#include "ext-priv.h"

#include "base/bytes.h"
#include "base/err.h"

#define EXTENT_MAGIC     0xf30au
#define EXTENT_DEPTH_MAX 5u
#define EXTENT_BYTES     12u
#define UNWRITTEN        32768u /* longer than this: allocated, but reads as zeros */

#define DIRECT 12u
#define LEVELS 3u

/* A block of the map as x->node. */
static int load_node(struct ext *x, uint64_t block)
{
	int err;

	if (x->node_block == block)
		return 0;
	x->node_block = 0;
	if (block > INT64_MAX / x->block)
		return fs_broken(&x->fs, "it leads outside the partition");
	err = fs_meta(&x->fs, block * x->block, x->node, x->block);
	if (!err)
		x->node_block = block;
	return err;
}

/* ---- extents ---------------------------------------------------------------------------- */

/* Check a node of len bytes; how many entries it has. */
static int check_node(struct ext *x, const uint8_t *n, uint32_t len, uint32_t depth,
		      uint32_t *entries)
{
	*entries = get_le16(n + 2);
	if (get_le16(n) != EXTENT_MAGIC || *entries > len / EXTENT_BYTES - 1 ||
	    get_le16(n + 6) != depth)
		return fs_broken(&x->fs, "ext: damaged extent tree");
	return 0;
}

/* The last entry that starts at or before first; -1 if all start behind it. */
static int32_t entry_for(const uint8_t *n, uint32_t entries, uint64_t first)
{
	int32_t low = 0, high = (int32_t)entries - 1;

	while (low <= high) {
		int32_t mid = (low + high) / 2;

		if (get_le32(n + EXTENT_BYTES * (size_t)(mid + 1)) <= first)
			low = mid + 1;
		else
			high = mid - 1;
	}
	return high;
}

/* A hole up to where the entry behind begins. */
static void hole(const uint8_t *n, uint32_t entries, int32_t behind, uint64_t first, uint64_t want,
		 uint64_t *block, uint64_t *run)
{
	*block = 0;
	*run = behind >= 0 && (uint32_t)behind < entries
		       ? get_le32(n + EXTENT_BYTES * (size_t)(behind + 1)) - first
		       : 1;
	if (*run > want)
		*run = want;
	if (*run == 0)
		*run = 1;
}

static void leaf(const uint8_t *n, uint32_t entries, uint64_t first, uint64_t want, uint64_t *block,
		 uint64_t *run)
{
	int32_t i = entry_for(n, entries, first);
	const uint8_t *e = n + EXTENT_BYTES * (size_t)(i + 1);
	uint64_t start, len, in;

	if (i < 0) {
		hole(n, entries, 0, first, want, block, run);
		return;
	}
	start = get_le32(e);
	len = get_le16(e + 4);
	in = first - start;
	*block = (uint64_t)get_le16(e + 6) << 32 | get_le32(e + 8);
	if (len > UNWRITTEN) {
		len -= UNWRITTEN;
		*block = 0;
	}
	if (in >= len) {
		hole(n, entries, i + 1, first, want, block, run);
		return;
	}
	*block += *block ? in : 0;
	*run = len - in < want ? len - in : want;
}

static int map_extents(struct ext *x, uint64_t first, uint64_t want, uint64_t *block, uint64_t *run)
{
	const uint8_t *n = x->inode.map;
	uint32_t depth = get_le16(n + 6), entries;
	int err;

	if (depth > EXTENT_DEPTH_MAX)
		return fs_broken(&x->fs, "ext: damaged extent tree");
	err = check_node(x, n, EXT_MAP_BYTES, depth, &entries);
	while (!err && depth > 0) {
		int32_t i = entry_for(n, entries, first);
		const uint8_t *e = n + EXTENT_BYTES * (size_t)(i + 1);

		if (i < 0) {
			*block = 0;
			*run = 1;
			return 0;
		}
		err = load_node(x, (uint64_t)get_le16(e + 8) << 32 | get_le32(e + 4));
		n = x->node;
		depth--;
		err = err ? err : check_node(x, n, x->block, depth, &entries);
	}
	if (!err)
		leaf(n, entries, first, want, block, run);
	return err;
}

/* ---- tables of block numbers ------------------------------------------------------------ */

/* Numbers in a table from index on that follow each other, or are all 0. */
static uint64_t run_in(const uint8_t *table, uint64_t index, uint64_t entries, uint64_t want)
{
	uint32_t v = get_le32(table + 4 * index);
	uint64_t n = 1;

	while (n < want && index + n < entries &&
	       get_le32(table + 4 * (index + n)) == (v ? v + n : 0))
		n++;
	return n;
}

static int map_tables(struct ext *x, uint64_t first, uint64_t want, uint64_t *block, uint64_t *run)
{
	uint64_t per = x->block / 4, covers = per, index = first - DIRECT;
	unsigned level = 1;
	uint32_t number;

	if (first < DIRECT) {
		*block = get_le32(x->inode.map + 4 * first);
		*run = run_in(x->inode.map, first, DIRECT, want);
		return 0;
	}
	while (level <= LEVELS && index >= covers) {
		index -= covers;
		covers *= per;
		level++;
	}
	if (level > LEVELS)
		return fs_broken(&x->fs, "ext: file larger than its map");
	number = get_le32(x->inode.map + 4 * (size_t)(DIRECT + level - 1));
	for (; number != 0; level--) {
		int err = load_node(x, number);

		if (err)
			return err;
		covers /= per;
		if (level == 1)
			break;
		number = get_le32(x->node + 4 * (index / covers));
		index %= covers;
	}
	*block = number ? get_le32(x->node + 4 * index) : 0;
	*run = number ? run_in(x->node, index, per, want) : 1;
	return 0;
}

int ext_map(struct ext *x, uint64_t first, uint64_t want, uint64_t *block, uint64_t *run)
{
	int err = fs_spend(&x->fs, 1);

	if (!err && x->inode.flags & EXT_EXTENTS)
		err = map_extents(x, first, want, block, run);
	else if (!err)
		err = map_tables(x, first, want, block, run);
	if (!err && *block > INT64_MAX / x->block)
		return fs_broken(&x->fs, "ext: it leads outside the partition");
	return err;
}
