/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ISO 9660 (ECMA-119) with Rock Ridge (SUSP 1.12, RRIP 1.12) and Joliet names. Which names a disc gives:
 * Rock Ridge's if its root has them, else Joliet's if it has a second tree, else the plain ones, without
 * version and compared without case. A file of several extents is its directory record followed
 * by more records of the same name; its node remembers where the first record is.
 *
 * A node: id is the offset of the file's bytes, or of its record if extra says MULTI or it is a link; extra
 * keeps MULTI and, for links, nothing.
 */
#include "fs-priv.h"

#include "base/bytes.h"
#include "base/err.h"
#include "base/heap.h"

#include <string.h>

#define SECTOR            2048u
#define FIRST_DESCRIPTOR  16u
#define DESCRIPTORS_MAX   64u
#define RECORD_MIN        33u
#define CONTINUATIONS_MAX 32u

#define RECORD_DIR   0x02u
#define RECORD_MULTI 0x80u

#define EXTRA_MULTI 1u

enum names { PLAIN, JOLIET, ROCK_RIDGE };

struct iso {
	struct fs fs;
	uint32_t block; /* logical block size */
	enum names names;
	uint32_t susp_skip; /* bytes to skip in system use areas */
	struct fs_node root;
	uint64_t record_at; /* of record; 0: none */
	uint8_t record[256];
	uint8_t area[SECTOR]; /* a continuation area */
};

static struct iso *iso_of(struct fs *fs)
{
	return container_of(fs, struct iso, fs);
}

/* ---- directory records ------------------------------------------------------------------ */

/*
 * The record at *at (in the view, before end) into iso->record; records do not cross sectors: a length
 * of 0 means that the next is at the start of the next sector. *at is where it is. E_NOENT: no more.
 */
static int get_record(struct iso *iso, uint64_t *at, uint64_t end)
{
	for (;;) {
		uint64_t left = SECTOR - (*at & (SECTOR - 1));
		uint8_t *r = iso->record;
		size_t have;
		int err = fs_spend(&iso->fs, 1);

		if (err)
			return err;
		if (*at >= end)
			return E_NOENT;
		if (left > end - *at)
			left = end - *at;
		have = left < 255 ? (size_t)left : 255;
		iso->record_at = 0;
		err = fs_data(&iso->fs, *at, r, have);
		if (err)
			return err;
		if (r[0] == 0) {
			*at += left;
			continue;
		}
		if (r[0] <= RECORD_MIN || r[0] > have || r[32] == 0 || RECORD_MIN + r[32] > r[0])
			return fs_broken(&iso->fs, "ISO 9660: impossible directory record");
		iso->record_at = *at;
		return 0;
	}
}

/* Where a record's bytes begin: behind the extended attributes. */
static uint64_t extent_of(const struct iso *iso, const uint8_t *r)
{
	return ((uint64_t)get_le32(r + 2) + r[1]) * iso->block;
}

/* ---- system use: Rock Ridge ------------------------------------------------------------- */

struct use_walk {
	const uint8_t *at;
	size_t left;
	unsigned continuations;
	uint64_t next; /* continuation: offset in the view, with next_len */
	uint32_t next_len;
};

static struct use_walk use_of(const struct iso *iso, uint32_t skip)
{
	const uint8_t *r = iso->record;
	size_t start = RECORD_MIN + (size_t)r[32] + (r[32] % 2 == 0) + skip;

	if (start > r[0])
		start = r[0];
	return (struct use_walk){.at = r + start, .left = r[0] - start};
}

/* The area a CE entry led to. False: there is none. */
static bool use_continue(struct iso *iso, struct use_walk *u)
{
	if (u->next_len == 0 || u->next_len > SECTOR || ++u->continuations > CONTINUATIONS_MAX)
		return false;
	if (fs_meta(&iso->fs, u->next, iso->area, u->next_len))
		return false;
	u->at = iso->area;
	u->left = u->next_len;
	u->next_len = 0;
	return true;
}

/* The next entry: signature, length and version in its first four bytes. NULL at the end. */
static const uint8_t *use_next(struct iso *iso, struct use_walk *u)
{
	for (;;) {
		const uint8_t *e = u->at;

		if (u->left < 4 || e[2] < 4 || e[2] > u->left || !memcmp(e, "ST", 2)) {
			if (!use_continue(iso, u))
				return NULL;
			continue;
		}
		u->at += e[2];
		u->left -= e[2];
		if (memcmp(e, "CE", 2) != 0)
			return e;
		if (e[2] >= 28) {
			u->next = (uint64_t)get_le32(e + 4) * iso->block + get_le32(e + 12);
			u->next_len = get_le32(e + 20);
		}
	}
}

static void add_text(struct fs_entry *e, const uint8_t *text, size_t len)
{
	for (; len > 0 && e->len < FS_NAME_MAX; text++, len--)
		if (*text)
			e->name[e->len++] = (char)*text;
	e->name[e->len] = '\0';
}

/* A directory moved elsewhere (CL): its "." record has its size. */
static int moved_directory(struct iso *iso, uint32_t block, struct fs_node *node)
{
	uint8_t dot[RECORD_MIN];
	uint64_t at = (uint64_t)block * iso->block;
	int err = fs_meta(&iso->fs, at, dot, sizeof(dot));

	if (err)
		return err;
	*node = (struct fs_node){FS_DIR, get_le32(dot + 10), extent_of(iso, dot), 0};
	return 0;
}

static int rock_ridge(struct iso *iso, struct fs_entry *e)
{
	struct use_walk u = use_of(iso, iso->susp_skip);
	const uint8_t *s;
	bool named = false;

	while ((s = use_next(iso, &u))) {
		if (!memcmp(s, "NM", 2) && s[2] >= 5) {
			if (!named)
				e->len = 0;
			named = true;
			if (s[4] & 0x02)
				add_text(e, (const uint8_t *)".", 1);
			else if (s[4] & 0x04)
				add_text(e, (const uint8_t *)"..", 2);
			else
				add_text(e, s + 5, s[2] - 5u);
		} else if (!memcmp(s, "SL", 2)) {
			e->node.kind = FS_LINK;
			e->node.id = iso->record_at;
		} else if (!memcmp(s, "CL", 2) && s[2] >= 12) {
			return moved_directory(iso, get_le32(s + 4), &e->node);
		} else if (!memcmp(s, "RE", 2)) {
			e->len = 0; /* seen where it was moved from */
			e->name[0] = '\0';
			return 0;
		} else if (!memcmp(s, "ZF", 2)) {
			e->node.kind = FS_OTHER; /* compressed: as good as not there */
		}
	}
	return 0;
}

/* ---- names ------------------------------------------------------------------------------ */

/* Without ";1" and a dot in front of that; what is no name any more stays as it is. */
static void strip_version(struct fs_entry *e)
{
	size_t n = e->len;

	while (n > 0 && e->name[n - 1] >= '0' && e->name[n - 1] <= '9')
		n--;
	if (n > 1 && e->name[n - 1] == ';')
		e->len = n - 1;
	if (e->len > 1 && e->name[e->len - 1] == '.')
		e->len--;
	e->name[e->len] = '\0';
}

static void plain_name(struct fs_entry *e, const uint8_t *r)
{
	e->len = 0;
	add_text(e, r + RECORD_MIN, r[32]);
	strip_version(e);
}

static void joliet_name(struct fs_entry *e, const uint8_t *r)
{
	uint16_t text[128];
	size_t units = r[32] / 2u;

	for (size_t i = 0; i < units; i++)
		text[i] = get_be16(r + RECORD_MIN + 2 * i);
	e->len = 0;
	fs_add_utf16(e, text, units);
	strip_version(e);
}

/* ---- the interface ---------------------------------------------------------------------- */

static int describe(struct iso *iso, struct fs_entry *e)
{
	const uint8_t *r = iso->record;

	e->len = 0;
	e->name[0] = '\0';
	e->node = (struct fs_node){FS_FILE, get_le32(r + 10), extent_of(iso, r), 0};
	if (r[25] & RECORD_DIR)
		e->node.kind = FS_DIR;
	if (r[32] == 1 && r[RECORD_MIN] <= 1) {
		add_text(e, (const uint8_t *)"..", r[RECORD_MIN] + 1u);
		return 0;
	}
	if (iso->names == JOLIET)
		joliet_name(e, r);
	else
		plain_name(e, r);
	return iso->names == ROCK_RIDGE ? rock_ridge(iso, e) : 0;
}

/* The sizes of the extents behind the first; *at is moved behind them. */
static int add_extents(struct iso *iso, uint64_t *at, uint64_t end, struct fs_node *node)
{
	uint64_t first = iso->record_at;

	while (iso->record[25] & RECORD_MULTI) {
		int err;

		*at += iso->record[0];
		err = get_record(iso, at, end);
		if (err == E_NOENT)
			return fs_broken(&iso->fs, "ISO 9660: a file's last extent is missing");
		if (err)
			return err;
		node->size += get_le32(iso->record + 10);
	}
	node->id = first;
	node->extra = EXTRA_MULTI;
	return 0;
}

static int iso_next(struct fs *fs, const struct fs_node *dir, uint64_t *at, struct fs_entry *e)
{
	struct iso *iso = iso_of(fs);
	uint64_t place = dir->id + *at, end = dir->id + dir->size;
	int err = get_record(iso, &place, end);

	if (!err)
		err = describe(iso, e);
	if (!err && iso->record[25] & RECORD_MULTI && e->node.kind == FS_FILE)
		err = add_extents(iso, &place, end, &e->node);
	if (!err)
		*at = place + iso->record[0] - dir->id;
	return err;
}

static int iso_root(struct fs *fs, struct fs_node *node)
{
	*node = iso_of(fs)->root;
	return 0;
}

/* A file of several extents: go along its records. */
static int read_extents(struct iso *iso, uint64_t at, uint64_t offset, uint8_t *to, uint64_t len)
{
	while (len > 0) {
		int err = get_record(iso, &at, iso->fs.view.size);
		uint64_t size, n;

		if (err)
			return err;
		size = get_le32(iso->record + 10);
		n = offset < size ? size - offset : 0;
		if (n > len)
			n = len;
		if (n > 0)
			err = fs_data(&iso->fs, extent_of(iso, iso->record) + offset, to, n);
		if (err)
			return err;
		offset -= n > 0 ? offset : size;
		to += n;
		len -= n;
		at += iso->record[0];
	}
	return 0;
}

static int iso_read(struct fs *fs, const struct fs_node *node, uint64_t offset, void *buf,
		    uint64_t len)
{
	if (node->extra == EXTRA_MULTI)
		return read_extents(iso_of(fs), node->id, offset, buf, len);
	return fs_data(fs, node->id + offset, buf, len);
}

/* ---- symbolic links --------------------------------------------------------------------- */

struct target {
	char *buf;
	size_t room, len;
	bool joined; /* the next piece continues the last component */
	bool cut;
};

static void target_add(struct target *t, const char *text, size_t len)
{
	if (len >= t->room - t->len) {
		t->cut = true;
		return;
	}
	memcpy(t->buf + t->len, text, len);
	t->len += len;
	t->buf[t->len] = '\0';
}

/* The components of one SL entry: flags, length, text. */
static void target_components(struct target *t, const uint8_t *c, size_t left)
{
	while (left >= 2 && c[1] <= left - 2) {
		if (t->len > 0 && !t->joined && t->buf[t->len - 1] != '/')
			target_add(t, "/", 1);
		if (c[0] & 0x08)
			target_add(t, "/", 1);
		else if (c[0] & 0x04)
			target_add(t, "..", 2);
		else if (c[0] & 0x02)
			target_add(t, ".", 1);
		else
			target_add(t, (const char *)c + 2, c[1]);
		t->joined = c[0] & 0x01;
		left -= 2u + c[1];
		c += 2u + c[1];
	}
}

static int iso_link(struct fs *fs, const struct fs_node *node, char *buf, size_t room)
{
	struct iso *iso = iso_of(fs);
	struct target t = {.buf = buf, .room = room};
	uint64_t at = node->id;
	struct use_walk u;
	const uint8_t *s;
	int err = get_record(iso, &at, fs->view.size);

	if (err)
		return err;
	buf[0] = '\0';
	u = use_of(iso, iso->susp_skip);
	while ((s = use_next(iso, &u)))
		if (!memcmp(s, "SL", 2) && s[2] > 5)
			target_components(&t, s + 5, s[2] - 5u);
	return t.cut ? E_NOSPC : 0;
}

/* ---- mounting --------------------------------------------------------------------------- */

static bool is_joliet(const uint8_t *d)
{
	return d[88] == '%' && d[89] == '/' && (d[90] == '@' || d[90] == 'C' || d[90] == 'E');
}

static struct fs_node root_of(const struct iso *iso, const uint8_t *d)
{
	const uint8_t *r = d + 156;

	return (struct fs_node){FS_DIR, get_le32(r + 10), extent_of(iso, r), 0};
}

/* Does the root's "." begin with SUSP's "SP", and does anything of Rock Ridge follow in the root? */
static int look_for_rock_ridge(struct iso *iso, bool *has)
{
	uint64_t at = iso->root.id;
	struct use_walk u;
	const uint8_t *s;
	int err = get_record(iso, &at, at + SECTOR);

	*has = false;
	if (err)
		return err;
	u = use_of(iso, 0);
	s = use_next(iso, &u);
	if (!s || memcmp(s, "SP", 2) != 0 || s[2] < 7 || s[4] != 0xbe || s[5] != 0xef)
		return 0;
	iso->susp_skip = s[6];
	while (!*has && (s = use_next(iso, &u)))
		*has = !memcmp(s, "RR", 2) || !memcmp(s, "PX", 2) || !memcmp(s, "ER", 2);
	return 0;
}

struct volumes {
	bool has_plain, has_joliet;
	struct fs_node plain, joliet;
};

static int read_descriptors(struct iso *iso, struct volumes *v)
{
	uint8_t d[256];

	for (uint32_t i = 0; i < DESCRIPTORS_MAX; i++) {
		uint64_t at = (uint64_t)(FIRST_DESCRIPTOR + i) * SECTOR;

		if (iso->fs.view.size < at + SECTOR)
			return 0;
		if (fs_meta(&iso->fs, at, d, sizeof(d)))
			return i == 0 ? E_IO : 0;
		if (memcmp(d + 1, "CD001", 5) != 0 || d[0] == 255)
			return 0;
		if (d[0] == 1 && !v->has_plain) {
			iso->block = get_le16(d + 128);
			if (iso->block != 512 && iso->block != 1024 && iso->block != SECTOR)
				return fs_broken(&iso->fs, "ISO 9660: impossible block size");
			v->plain = root_of(iso, d);
			v->has_plain = true;
		} else if (d[0] == 2 && v->has_plain && is_joliet(d)) {
			v->joliet = root_of(iso, d);
			v->has_joliet = true;
		}
	}
	return 0;
}

static int iso_open(struct fs *fs)
{
	struct iso *iso = iso_of(fs);
	struct volumes v = {0};
	bool has = false;
	int err = read_descriptors(iso, &v);

	if (err)
		return err;
	if (!v.has_plain)
		return E_NOENT;
	fs->type = "iso9660";
	iso->root = v.plain;
	err = look_for_rock_ridge(iso, &has);
	if (has) {
		iso->names = ROCK_RIDGE;
	} else if (v.has_joliet) {
		iso->names = JOLIET;
		iso->root = v.joliet;
	}
	return err == E_NOENT ? fs_broken(fs, "ISO 9660: the root directory is empty") : err;
}

static struct fs *iso_create(void)
{
	struct iso *iso = try_alloc(sizeof(*iso));

	return iso ? &iso->fs : NULL;
}

static void iso_close(struct fs *fs UNUSED)
{
}

const struct fs_ops fs_iso9660 = {
	.ignore_case = true,
	.create = iso_create,
	.open = iso_open,
	.close = iso_close,
	.root = iso_root,
	.next = iso_next,
	.read = iso_read,
	.link = iso_link,
};
