/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FAT12, FAT16 and FAT32 with long names (Microsoft's FAT specification 1.03). Which of the three it is
 * follows from the number of clusters alone. A file is a chain of clusters; the last place found
 * in a chain is remembered, so that reading on does not start again at its beginning. The length of a
 * chain is bounded by what is asked of it, and by the budget.
 *
 * A node: id is the first cluster, 0 for the fixed root directory of FAT12 and FAT16 or an empty file.
 */
#include "fs-priv.h"

#include "base/arith.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/heap.h"

#include <string.h>

#define ENTRY_BYTES   32u
#define DIR_BYTES_MAX (2u << 20) /* a directory has at most 65536 entries */
#define STEPS_MAX     (2u << 20) /* along a chain for one read: 8 GiB of usual clusters */
#define LONG_PARTS    20u
#define PART_UNITS    13u

#define ATTR_VOLUME 0x08u
#define ATTR_DIR    0x10u
#define ATTR_LONG   0x0fu

struct fat {
	struct fs fs;
	unsigned bits;              /* 12, 16, 32 */
	uint32_t sector, cluster;   /* bytes */
	uint64_t fat_at, fat_len;   /* the first FAT */
	uint64_t root_at, root_len; /* FAT12 and 16 */
	uint64_t data_at;           /* of cluster 2 */
	uint32_t clusters;
	uint32_t root_cluster;
	struct {
		uint32_t first, index,
			number; /* cluster number is index links behind first; first 0: none */
	} last;
};

/* Collects the parts of a long name, which come last part first. */
struct long_name {
	uint16_t text[LONG_PARTS * PART_UNITS];
	unsigned expect; /* the part that comes next; 0: none */
	unsigned parts;  /* 0: nothing collected */
	uint8_t sum;
};

static struct fat *fat_of(struct fs *fs)
{
	return container_of(fs, struct fat, fs);
}

/* ---- chains ----------------------------------------------------------------------------- */

static bool is_cluster(const struct fat *f, uint32_t c)
{
	return c >= 2 && c - 2 < f->clusters;
}

static int fat_entry(struct fat *f, uint32_t c, uint32_t *out)
{
	uint64_t at = f->bits == 12 ? c + c / 2u : (uint64_t)c * (f->bits / 8);
	uint8_t b[4] = {0};
	uint32_t n = f->bits == 32 ? 4 : 2;
	int err = fs_spend(&f->fs, 1);

	if (err)
		return err;
	if (at + n > f->fat_len)
		return fs_broken(&f->fs, "FAT: shorter than the clusters it is for");
	err = fs_data(&f->fs, f->fat_at + at, b, n);
	if (err)
		return err;
	if (f->bits == 32)
		*out = get_le32(b) & 0x0fffffff;
	else if (f->bits == 16)
		*out = get_le16(b);
	else
		*out = (c & 1 ? get_le16(b) >> 4 : get_le16(b)) & 0xfffu;
	return 0;
}

static bool is_end(const struct fat *f, uint32_t c)
{
	return c >= (f->bits == 32 ? 0x0ffffff8u : f->bits == 16 ? 0xfff8u : 0xff8u);
}

/* The cluster behind c; E_NOENT at the end of the chain. */
static int next_cluster(struct fat *f, uint32_t c, uint32_t *out)
{
	uint32_t next = 0;
	int err = fat_entry(f, c, &next);

	if (err)
		return err;
	if (is_end(f, next))
		return E_NOENT;
	if (!is_cluster(f, next))
		return fs_broken(&f->fs, "FAT: a chain of clusters leads nowhere");
	*out = next;
	return 0;
}

/* The cluster index links behind first. E_NOENT: the chain is shorter. */
static int chain(struct fat *f, uint32_t first, uint32_t index, uint32_t *out)
{
	uint32_t c = first, at = 0;
	int err = 0;

	if (!is_cluster(f, first))
		return fs_broken(&f->fs, "FAT: a chain of clusters leads nowhere");
	if (f->last.first == first && f->last.index <= index) {
		c = f->last.number;
		at = f->last.index;
	}
	for (; !err && at < index; at++)
		err = next_cluster(f, c, &c);
	if (err)
		return err;
	f->last.first = first;
	f->last.index = index;
	f->last.number = c;
	*out = c;
	return 0;
}

/* How many bytes lie in one piece from offset on, up to want, and where. */
static int chain_run(struct fat *f, uint32_t first, uint64_t offset, uint64_t want, uint64_t *at,
		     uint64_t *len)
{
	uint32_t c = 0, next = 0, in = (uint32_t)(offset & (f->cluster - 1));
	int err = chain(f, first, (uint32_t)(offset / f->cluster), &c);

	if (err)
		return err;
	*at = f->data_at + (uint64_t)(c - 2) * f->cluster + in;
	*len = f->cluster - in;
	while (*len < want) {
		err = next_cluster(f, c, &next);
		if (err || next != c + 1)
			break;
		c = next;
		*len += f->cluster;
		f->last.index++;
		f->last.number = c;
	}
	if (*len > want)
		*len = want;
	return 0; /* what is wrong with the chain behind is met by who goes on */
}

static int read_chain(struct fat *f, uint32_t first, uint64_t offset, uint8_t *to, uint64_t len)
{
	while (len > 0) {
		uint64_t at, n;
		int err = chain_run(f, first, offset, len, &at, &n);

		err = err ? err : fs_data(&f->fs, at, to, n);
		if (err)
			return err;
		offset += n;
		to += n;
		len -= n;
	}
	return 0;
}

static int fat_read(struct fs *fs, const struct fs_node *node, uint64_t offset, void *buf,
		    uint64_t len)
{
	uint64_t steps = (offset + len) / fat_of(fs)->cluster + 1;
	int err;

	fs->work += steps < STEPS_MAX ? steps : STEPS_MAX;
	err = read_chain(fat_of(fs), (uint32_t)node->id, offset, buf, len);
	return err == E_NOENT ? fs_broken(fs, "FAT: a file ends before its size") : err;
}

/* ---- directories ------------------------------------------------------------------------ */

/* The 32 bytes at an offset of a directory; E_NOENT behind its end. */
static int dir_entry(struct fat *f, const struct fs_node *dir, uint64_t at, uint8_t *e)
{
	int err;

	if (dir->id == 0) {
		if (at >= f->root_len)
			return E_NOENT;
		err = fs_data(&f->fs, f->root_at + at, e, ENTRY_BYTES);
	} else {
		if (at >= DIR_BYTES_MAX)
			return fs_broken(&f->fs, "FAT: endless directory");
		err = read_chain(f, (uint32_t)dir->id, at, e, ENTRY_BYTES);
	}
	return !err && e[0] == 0 ? E_NOENT : err;
}

static uint8_t name_sum(const uint8_t *name)
{
	uint8_t sum = 0;

	for (unsigned i = 0; i < 11; i++)
		sum = (uint8_t)((sum >> 1) + (sum << 7) + name[i]);
	return sum;
}

static void take_part(struct long_name *l, const uint8_t *e)
{
	static const uint8_t places[PART_UNITS] = {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};
	unsigned part = e[0] & 0x3f;

	if (e[0] & 0x40 && part > 0 && part <= LONG_PARTS) {
		l->parts = l->expect = part;
		l->sum = e[13];
	}
	if (l->parts == 0 || part != l->expect || e[13] != l->sum || part == 0) {
		l->parts = 0;
		return;
	}
	l->expect = part - 1;
	for (unsigned i = 0; i < PART_UNITS; i++)
		l->text[(size_t)(part - 1) * PART_UNITS + i] = get_le16(e + places[i]);
}

static void add_short(struct fs_entry *out, const uint8_t *text, unsigned len, bool lower)
{
	while (len > 0 && text[len - 1] == ' ')
		len--;
	for (unsigned i = 0; i < len; i++) {
		uint8_t c = text[i];

		if (lower && c >= 'A' && c <= 'Z')
			c |= 0x20;
		out->name[out->len++] = (char)(c == 0 ? '_' : c);
	}
	out->name[out->len] = '\0';
}

static void short_name(struct fs_entry *out, const uint8_t *e)
{
	uint8_t name[11];

	memcpy(name, e, sizeof(name));
	if (name[0] == 0x05)
		name[0] = 0xe5;
	out->len = 0;
	add_short(out, name, 8, e[12] & 0x08);
	if (name[8] == ' ' && name[9] == ' ' && name[10] == ' ')
		return;
	out->name[out->len++] = '.';
	add_short(out, name + 8, 3, e[12] & 0x10);
}

static void describe(const struct fat *f, struct fs_entry *out, const uint8_t *e,
		     const struct long_name *l)
{
	uint32_t high = f->bits == 32 ? get_le16(e + 20) : 0;

	out->node = (struct fs_node){FS_FILE, get_le32(e + 28), high << 16 | get_le16(e + 26), 0};
	if (e[11] & ATTR_DIR) {
		out->node.kind = FS_DIR;
		out->node.size = 0;
		if (out->node.id == 0) /* ".." of a directory in the root */
			out->node.id = f->bits == 32 ? f->root_cluster : 0;
	}
	if (l->parts > 0 && l->expect == 0 && l->sum == name_sum(e)) {
		size_t n = 0, max = (size_t)l->parts * PART_UNITS;

		while (n < max && l->text[n] != 0)
			n++;
		out->len = 0;
		fs_add_utf16(out, l->text, n);
		return;
	}
	short_name(out, e);
}

static bool is_deleted(const uint8_t *e)
{
	return e[0] == 0xe5;
}

static bool is_long_part(const uint8_t *e)
{
	return !is_deleted(e) && (e[11] & 0x3f) == ATTR_LONG;
}

static int fat_next(struct fs *fs, const struct fs_node *dir, uint64_t *at, struct fs_entry *out)
{
	struct fat *f = fat_of(fs);
	struct long_name l = {.parts = 0};
	uint8_t e[ENTRY_BYTES] = {0};

	for (;;) {
		int err = fs_spend(fs, 1);

		err = err ? err : dir_entry(f, dir, *at, e);
		if (err)
			return err;
		*at += ENTRY_BYTES;
		if (is_long_part(e)) {
			take_part(&l, e);
		} else if (is_deleted(e) || e[11] & ATTR_VOLUME) {
			l.parts = 0;
		} else {
			describe(f, out, e, &l);
			return 0;
		}
	}
}

/* ---- mounting --------------------------------------------------------------------------- */

struct layout {
	uint32_t sector, per_cluster, reserved, fats, root_entries, total, fat_sectors;
};

static struct layout layout_of(const uint8_t *b)
{
	struct layout l = {
		.sector = get_le16(b + 11),
		.per_cluster = b[13],
		.reserved = get_le16(b + 14),
		.fats = b[16],
		.root_entries = get_le16(b + 17),
		.total = get_le16(b + 19),
		.fat_sectors = get_le16(b + 22),
	};

	if (l.total == 0)
		l.total = get_le32(b + 32);
	if (l.fat_sectors == 0)
		l.fat_sectors = get_le32(b + 36);
	return l;
}

static bool is_plausible(const uint8_t *b, const struct layout *l)
{
	return get_le16(b + 510) == 0xaa55 && (b[0] == 0xeb || b[0] == 0xe9) &&
	       is_pow2(l->sector) && l->sector >= 512 && l->sector <= 4096 &&
	       is_pow2(l->per_cluster) && l->reserved > 0 && l->fats > 0 && l->fats <= 4 &&
	       l->total > 0 && l->fat_sectors > 0;
}

/* Everything in bytes; the sums cannot overflow: no factor has more than 32 bits. */
static int set_layout(struct fat *f, const struct layout *l)
{
	uint64_t size = (uint64_t)l->total * l->sector, head;

	if (size > f->fs.view.size)
		size = f->fs.view.size;
	f->sector = l->sector;
	f->cluster = l->sector * l->per_cluster;
	f->fat_at = (uint64_t)l->reserved * l->sector;
	f->fat_len = (uint64_t)l->fat_sectors * l->sector;
	f->root_at = f->fat_at + l->fats * f->fat_len;
	f->root_len = (uint64_t)l->root_entries * ENTRY_BYTES;
	head = f->root_at + align_up(f->root_len, l->sector);
	if (head >= size)
		return fs_broken(&f->fs, "FAT: larger than the partition");
	f->data_at = head;
	f->clusters = (uint32_t)((size - head) / f->cluster);
	return 0;
}

/* The type follows from the number of clusters the boot sector announces, not from what is there. */
static unsigned type_of(const struct fat *f, const struct layout *l)
{
	uint64_t sectors = l->total - f->data_at / l->sector;
	uint64_t clusters = sectors / l->per_cluster;

	return clusters < 4085 ? 12 : clusters < 65525 ? 16 : 32;
}

static int fat_open(struct fs *fs)
{
	struct fat *f = fat_of(fs);
	struct layout l;
	uint8_t b[512];
	int err;

	if (fs->view.size < sizeof(b))
		return E_NOENT;
	err = fs_meta(fs, 0, b, sizeof(b));
	if (err)
		return err;
	l = layout_of(b);
	if (!is_plausible(b, &l))
		return E_NOENT;
	err = set_layout(f, &l);
	if (err)
		return err;
	f->bits = get_le16(b + 22) == 0 ? 32 : type_of(f, &l);
	fs->type = f->bits == 32 ? "fat32" : f->bits == 16 ? "fat16" : "fat12";
	f->root_cluster = f->bits == 32 ? get_le32(b + 44) & 0x0fffffff : 0;
	if (f->bits == 32 && !is_cluster(f, f->root_cluster))
		return fs_broken(fs, "FAT: no root directory");
	return 0;
}

static int fat_root(struct fs *fs, struct fs_node *node)
{
	*node = (struct fs_node){FS_DIR, 0, fat_of(fs)->root_cluster, 0};
	return 0;
}

static struct fs *fat_create(void)
{
	struct fat *f = try_alloc(sizeof(*f));

	return f ? &f->fs : NULL;
}

static void fat_close(struct fs *fs UNUSED)
{
}

const struct fs_ops fs_fat = {
	.ignore_case = true,
	.create = fat_create,
	.open = fat_open,
	.close = fat_close,
	.root = fat_root,
	.next = fat_next,
	.read = fat_read,
};
