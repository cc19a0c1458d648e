/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ext2, ext3 and ext4 (Linux' Documentation/filesystems/ext4): where an inode's bytes are. Block
 * groups and meta block groups, 32- and 64-bit descriptors, small data inside inodes. Directories are
 * read as the lists of entries they are; the index ext4 keeps in them looks like unused entries.
 * ext-map.c finds blocks. The journal is not replayed: a file system that was not unmounted is read as
 * it stands.
 *
 * A node: id is the inode's number.
 */
#include "ext-priv.h"

#include "base/arith.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/heap.h"

#include <string.h>

#define SUPER_AT    1024u
#define SUPER_BYTES 1024u
#define MAGIC       0xef53u

#define ROOT_INODE 2u

/* features a reader must know */
#define INCOMPAT_COMPRESSION 0x0001u
#define INCOMPAT_FILETYPE    0x0002u
#define INCOMPAT_JOURNAL_DEV 0x0008u
#define INCOMPAT_META_BG     0x0010u
#define INCOMPAT_EXTENTS     0x0040u
#define INCOMPAT_64BIT       0x0080u
#define INCOMPAT_DIRDATA     0x1000u
#define RO_SPARSE_SUPER      0x0001u
#define COMPAT_JOURNAL       0x0004u
#define COMPAT_SPARSE_SUPER2 0x0200u

#define MODE_TYPE 0xf000u
#define MODE_FILE 0x8000u
#define MODE_DIR  0x4000u
#define MODE_LINK 0xa000u

#define DIR_BYTES_MAX (1u << 30)
#define LINK_MAX      4096u

struct ext *ext_of(struct fs *fs)
{
	return container_of(fs, struct ext, fs);
}

/* ---- inodes ----------------------------------------------------------------------------- */

static bool is_power_of(uint64_t v, uint64_t base)
{
	uint64_t p = base;

	while (p < v)
		p *= base;
	return p == v;
}

/* Does a block group begin with a copy of the superblock? */
static bool has_super(const struct ext *x, uint64_t group)
{
	if (group == 0)
		return true;
	if (x->compat & COMPAT_SPARSE_SUPER2)
		return group == x->backup_group[0] || group == x->backup_group[1];
	if (!(x->ro_compat & RO_SPARSE_SUPER) || group == 1)
		return true;
	return is_power_of(group, 3) || is_power_of(group, 5) || is_power_of(group, 7);
}

/* Where the descriptor of a group is. */
static uint64_t descriptor_at(const struct ext *x, uint64_t group)
{
	uint64_t per_block = x->block / x->desc_size, index = group / per_block, block;

	if (!(x->incompat & INCOMPAT_META_BG) || index < x->first_meta_bg) {
		block = x->first_block + 1 + index;
	} else {
		uint64_t first = index * per_block;

		block = x->first_block + first * x->blocks_per_group + has_super(x, first);
	}
	return block * x->block + group % per_block * x->desc_size;
}

static int inode_at(struct ext *x, uint64_t number, uint64_t *at)
{
	uint8_t d[64] = {0};
	uint64_t group, table;
	int err;

	if (number == 0 || number > x->inodes)
		return fs_broken(&x->fs, "ext: an inode that does not exist");
	group = (number - 1) / x->inodes_per_group;
	err = fs_meta(&x->fs, descriptor_at(x, group), d, x->desc_size < 64 ? 32 : 64);
	if (err)
		return err;
	table = get_le32(d + 8);
	if (x->desc_size >= 64)
		table |= (uint64_t)get_le32(d + 40) << 32;
	if (!mul_ok(table, x->block, at) ||
	    !add_ok(*at, (number - 1) % x->inodes_per_group * x->inode_size, at))
		return fs_broken(&x->fs, "ext: it leads outside the partition");
	return 0;
}

static enum fs_kind kind_of(uint32_t mode)
{
	switch (mode & MODE_TYPE) {
	case MODE_FILE:
		return FS_FILE;
	case MODE_DIR:
		return FS_DIR;
	case MODE_LINK:
		return FS_LINK;
	default:
		return FS_OTHER;
	}
}

/* The inode's bytes as x->raw, decoded as x->inode. */
static int load_inode(struct ext *x, uint64_t number)
{
	struct ext_inode *in = &x->inode;
	const uint8_t *r = x->raw;
	uint64_t at = 0;
	int err;

	if (x->inode.number == number)
		return 0;
	x->inode.number = 0;
	err = inode_at(x, number, &at);
	err = err ? err : fs_meta(&x->fs, at, x->raw, x->raw_size);
	if (err)
		return err;
	in->kind = kind_of(get_le16(r));
	in->size = get_le32(r + 4) | (uint64_t)get_le32(r + 108) << 32;
	in->flags = get_le32(r + 32);
	memcpy(in->map, r + 40, sizeof(in->map));
	if (in->kind == FS_DIR && in->size > DIR_BYTES_MAX)
		return fs_broken(&x->fs, "ext: impossible size of a directory");
	in->number = number;
	return 0;
}

static int ext_fill(struct fs *fs, struct fs_node *node)
{
	struct ext *x = ext_of(fs);
	int err = load_inode(x, node->id);

	if (err)
		return err;
	node->kind = x->inode.kind;
	node->size = x->inode.size;
	return 0;
}

/* ---- data inside the inode -------------------------------------------------------------- */

#define XATTR_MAGIC     0xea020000u
#define XATTR_ENTRY     16u
#define XATTR_SYSTEM    7u
#define INODE_OLD_BYTES 128u

/* The attribute "system.data": offset and length in x->raw; length 0 if there is none. */
static void inline_tail(const struct ext *x, uint32_t *at, uint32_t *len)
{
	const uint8_t *r = x->raw;
	uint32_t start, e;

	*at = *len = 0;
	if (x->raw_size < INODE_OLD_BYTES + 4)
		return;
	start = INODE_OLD_BYTES + get_le16(r + INODE_OLD_BYTES);
	if (start + 4 > x->raw_size || get_le32(r + start) != XATTR_MAGIC)
		return;
	start += 4;
	for (e = start; e + XATTR_ENTRY <= x->raw_size && get_le32(r + e) != 0;
	     e += XATTR_ENTRY + ((r[e] + 3u) & ~3u)) {
		uint32_t value = start + get_le16(r + e + 2), size = get_le32(r + e + 8);

		if (r[e + 1] != XATTR_SYSTEM || r[e] != 4 || e + XATTR_ENTRY + 4 > x->raw_size ||
		    memcmp(r + e + XATTR_ENTRY, "data", 4) != 0)
			continue;
		if (value <= x->raw_size && size <= x->raw_size - value) {
			*at = value;
			*len = size;
		}
		return;
	}
}

/* The first 60 bytes are where the block map would be, the rest is the attribute. */
static int read_inline(struct ext *x, uint64_t offset, uint8_t *to, uint64_t len)
{
	uint32_t at, tail;

	inline_tail(x, &at, &tail);
	if (offset + len > EXT_MAP_BYTES + (uint64_t)tail)
		return fs_broken(&x->fs, "ext: data inside an inode is too short");
	for (; len > 0; len--, offset++)
		*to++ = offset < EXT_MAP_BYTES ? x->inode.map[offset]
					       : x->raw[at + (offset - EXT_MAP_BYTES)];
	return 0;
}

static bool is_inline(const struct ext_inode *in)
{
	if (in->flags & EXT_INLINE_DATA)
		return true;
	/* a short link: its text is in the place of the map */
	return in->kind == FS_LINK && !(in->flags & EXT_EXTENTS) && in->size < EXT_MAP_BYTES;
}

/* ---- reading ---------------------------------------------------------------------------- */

static int read_inode(struct ext *x, uint64_t offset, uint8_t *to, uint64_t len)
{
	if (is_inline(&x->inode))
		return read_inline(x, offset, to, len);
	while (len > 0) {
		uint32_t in = (uint32_t)(offset & (x->block - 1));
		uint64_t block = 0, run = 1, n;
		int err = ext_map(x, offset / x->block, (in + len + x->block - 1) / x->block,
				  &block, &run);

		if (err)
			return err;
		n = run * x->block - in;
		if (n > len)
			n = len;
		if (block == 0)
			memset(to, 0, n);
		else
			err = fs_data(&x->fs, block * x->block + in, to, n);
		if (err)
			return err;
		offset += n;
		to += n;
		len -= n;
	}
	return 0;
}

static int ext_read(struct fs *fs, const struct fs_node *node, uint64_t offset, void *buf,
		    uint64_t len)
{
	struct ext *x = ext_of(fs);
	int err = load_inode(x, node->id);

	fs->work += len / 64; /* blocks of 1 KiB, each mapped by itself */
	return err ? err : read_inode(x, offset, buf, len);
}

static int ext_link(struct fs *fs, const struct fs_node *node, char *buf, size_t room)
{
	struct ext *x = ext_of(fs);
	int err = load_inode(x, node->id);

	if (err)
		return err;
	if (x->inode.size == 0 || x->inode.size > LINK_MAX)
		return fs_broken(fs, "ext: impossible size of a symbolic link");
	if (x->inode.size >= room)
		return E_NOSPC;
	memset(buf, 0, room);
	return read_inode(x, 0, (uint8_t *)buf, x->inode.size);
}

/* ---- directories ------------------------------------------------------------------------ */

/*
 * Entries lie in pieces they do not cross: blocks, or, inside an inode, the 56 bytes behind the parent's
 * number, and the attribute. *start and *len: the piece that has the byte at.
 */
static void piece_of(const struct ext *x, uint64_t at, uint64_t *start, uint64_t *len)
{
	uint64_t size = x->inode.size;

	if (!is_inline(&x->inode)) {
		*start = align_down(at, x->block);
		*len = x->block;
	} else {
		*start = at < EXT_MAP_BYTES ? 4 : EXT_MAP_BYTES;
		*len = (at < EXT_MAP_BYTES && size > EXT_MAP_BYTES ? EXT_MAP_BYTES : size) - *start;
	}
}

/* The piece as x->dir. */
static int load_piece(struct ext *x, uint64_t start, uint64_t len)
{
	int err;

	if (x->dir_inode == x->inode.number && x->dir_start == start)
		return 0;
	x->dir_inode = 0;
	if (len > x->block)
		return fs_broken(&x->fs, "ext: impossible size of a directory");
	err = fs_spend(&x->fs, 16 + len / 256);
	err = err ? err : read_inode(x, start, x->dir, len);
	if (err)
		return err;
	x->dir_inode = x->inode.number;
	x->dir_start = start;
	return 0;
}

/* Lengths of 64 KiB do not fit in 16 bits; Linux writes 0xffff or 0. */
static uint32_t record_length(const struct ext *x, const uint8_t *e)
{
	uint32_t len = get_le16(e + 4);

	if (x->block == 65536 && (len == 0xffff || len == 0))
		return 65536;
	return len;
}

/* Look at the entry at *at of the inode loaded; *len: its length. */
static int entry_at(struct ext *x, uint64_t at, const uint8_t **entry, uint32_t *len)
{
	uint64_t start, size, left;
	int err;

	piece_of(x, at, &start, &size);
	err = load_piece(x, start, size);
	if (err)
		return err;
	left = start + size - at;
	*entry = x->dir + (at - start);
	if (left < 8)
		return fs_broken(&x->fs, "ext: impossible directory entry");
	*len = record_length(x, *entry);
	if (*len < 8 || *len % 4 != 0 || *len > left || (*entry)[6] > *len - 8)
		return fs_broken(&x->fs, "ext: impossible directory entry");
	return 0;
}

static int ext_next(struct fs *fs, const struct fs_node *dir, uint64_t *at, struct fs_entry *out)
{
	struct ext *x = ext_of(fs);
	int err = load_inode(x, dir->id);

	if (!err && *at == 0 && is_inline(&x->inode))
		*at = 4;
	while (!err && *at < x->inode.size) {
		const uint8_t *e = NULL;
		uint32_t len = 0;

		err = fs_spend(fs, 1);
		err = err ? err : entry_at(x, *at, &e, &len);
		if (err)
			return err;
		*at += len;
		if (get_le32(e) == 0 || e[6] == 0)
			continue;
		out->node = (struct fs_node){FS_OTHER, 0, get_le32(e), 0};
		out->len = e[6];
		memcpy(out->name, e + 8, out->len);
		out->name[out->len] = '\0';
		return 0;
	}
	return err ? err : E_NOENT;
}

/* ---- mounting --------------------------------------------------------------------------- */

static void name_type(struct ext *x)
{
	if (x->incompat & (INCOMPAT_EXTENTS | INCOMPAT_64BIT | INCOMPAT_META_BG))
		x->fs.type = "ext4";
	else
		x->fs.type = x->compat & COMPAT_JOURNAL ? "ext3" : "ext2";
}

static int check_features(struct ext *x)
{
	if (x->incompat & INCOMPAT_JOURNAL_DEV)
		return fs_unsupported(&x->fs, "ext: a journal, not a file system");
	if (x->incompat & (INCOMPAT_COMPRESSION | INCOMPAT_DIRDATA))
		return fs_unsupported(&x->fs, "ext: a feature nobody uses");
	return 0;
}

static int decode_super(struct ext *x, const uint8_t *s)
{
	bool dynamic = get_le32(s + 76) > 0;
	uint32_t log_block = get_le32(s + 24);

	x->compat = dynamic ? get_le32(s + 92) : 0;
	x->incompat = dynamic ? get_le32(s + 96) : 0;
	x->ro_compat = dynamic ? get_le32(s + 100) : 0;
	name_type(x);
	if (log_block > 6)
		return fs_broken(&x->fs, "ext: impossible block size");
	x->block = 1024u << log_block;
	x->inodes = get_le32(s);
	x->first_block = get_le32(s + 20);
	x->blocks_per_group = get_le32(s + 32);
	x->inodes_per_group = get_le32(s + 40);
	x->inode_size = dynamic ? get_le16(s + 88) : 128;
	x->desc_size = x->incompat & INCOMPAT_64BIT ? get_le16(s + 254) : 32;
	x->first_meta_bg = get_le32(s + 260);
	x->backup_group[0] = get_le32(s + 588);
	x->backup_group[1] = get_le32(s + 592);
	return 0;
}

static int check_super(struct ext *x)
{
	if (x->blocks_per_group == 0 || x->inodes_per_group == 0)
		return fs_broken(&x->fs, "ext: empty block groups");
	if (!is_pow2(x->inode_size) || x->inode_size < 128 || x->inode_size > x->block)
		return fs_broken(&x->fs, "ext: impossible size of inodes");
	if (!is_pow2(x->desc_size) || x->desc_size < 32 || x->desc_size > x->block)
		return fs_broken(&x->fs, "ext: impossible size of group descriptors");
	return check_features(x);
}

static int ext_open(struct fs *fs)
{
	struct ext *x = ext_of(fs);
	uint8_t s[SUPER_BYTES];
	int err;

	if (fs->view.size < SUPER_AT + SUPER_BYTES)
		return E_NOENT;
	err = fs_meta(fs, SUPER_AT, s, sizeof(s));
	if (err)
		return err;
	if (get_le16(s + 56) != MAGIC)
		return E_NOENT;
	err = decode_super(x, s);
	err = err ? err : check_super(x);
	if (err)
		return err;
	x->raw_size = x->inode_size < EXT_RAW_MAX ? x->inode_size : EXT_RAW_MAX;
	x->dir = try_alloc(x->block);
	x->node = try_alloc(x->block);
	return x->dir && x->node ? 0 : E_NOMEM;
}

static int ext_root(struct fs *fs, struct fs_node *node)
{
	*node = (struct fs_node){.id = ROOT_INODE};
	return ext_fill(fs, node);
}

static struct fs *ext_create(void)
{
	struct ext *x = try_alloc(sizeof(*x));

	return x ? &x->fs : NULL;
}

static void ext_close(struct fs *fs)
{
	heap_free(ext_of(fs)->dir);
	heap_free(ext_of(fs)->node);
}

const struct fs_ops fs_ext = {
	.create = ext_create,
	.open = ext_open,
	.close = ext_close,
	.root = ext_root,
	.next = ext_next,
	.fill = ext_fill,
	.read = ext_read,
	.link = ext_link,
};
