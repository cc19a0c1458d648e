/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What all file systems share: choosing one, walking a path, budgets. A path is walked with a stack of
 * the directories it went through, so that ".." needs no help from the format; a symbolic link is put
 * in front of what is left of the path. A format only lists directories and reads.
 */
#include "fs-priv.h"

#include "base/err.h"
#include "base/heap.h"

#include <string.h>
#include <strings.h>

/* ---- budgets and reading ---------------------------------------------------------------- */

#define WORK_PER_CALL  (1u << 19)
#define WORK_PER_READ  16u  /* of metadata, and one more for each ... */
#define BYTES_PER_WORK 256u /* ... bytes */

static void begin(struct fs *fs, uint64_t data_bytes)
{
	fs->work = WORK_PER_CALL + data_bytes / BYTES_PER_WORK;
	fs->why = NULL;
}

int fs_broken(struct fs *fs, const char *why)
{
	fs->why = why;
	return E_FORMAT;
}

int fs_unsupported(struct fs *fs, const char *why)
{
	fs->why = why;
	return E_UNSUPP;
}

int fs_spend(struct fs *fs, uint64_t units)
{
	if (units > fs->work)
		return fs_broken(fs, "endless structures on the disk");
	fs->work -= units;
	return 0;
}

int fs_data(struct fs *fs, uint64_t offset, void *buf, uint64_t len)
{
	int err = blk_view_read(&fs->view, offset, buf, len);

	return err == E_RANGE ? fs_broken(fs, "it leads outside the partition") : err;
}

int fs_meta(struct fs *fs, uint64_t offset, void *buf, uint64_t len)
{
	int err = fs_spend(fs, WORK_PER_READ + len / BYTES_PER_WORK);

	return err ? err : fs_data(fs, offset, buf, len);
}

/* ---- mounting --------------------------------------------------------------------------- */

static int try_mount(const struct fs_ops *ops, const struct blk_view *v, struct fs **out,
		     const char **why)
{
	struct fs *fs = ops->create();
	int err;

	if (!fs)
		return E_NOMEM;
	fs->ops = ops;
	fs->view = *v;
	begin(fs, 0);
	err = ops->open(fs);
	if (err) {
		*why = fs->why;
		fs_unmount(fs);
		return err;
	}
	*out = fs;
	return 0;
}

int fs_mount(const struct blk_view *v, struct fs **fs, const char **why)
{
	static const struct fs_ops *const all[] = {&fs_iso9660, &fs_ext, &fs_fat};
	int err = E_NOENT;

	*why = NULL;
	for (unsigned i = 0; err == E_NOENT && i < ARRAY_SIZE(all); i++)
		err = try_mount(all[i], v, fs, why);
	if (err == E_NOENT)
		*why = "no file system known here";
	return err;
}

void fs_unmount(struct fs *fs)
{
	if (!fs)
		return;
	fs->ops->close(fs);
	heap_free(fs);
}

const char *fs_type(const struct fs *fs)
{
	return fs->type;
}

const char *fs_why(const struct fs *fs)
{
	return fs->why;
}

/* ---- paths ------------------------------------------------------------------------------ */

struct path_walk {
	struct fs *fs;
	struct fs_node stack[FS_DEPTH];
	unsigned depth; /* the last one used; 0: the root */
	unsigned links;
	size_t at;                  /* in text */
	char text[FS_PATH_MAX + 1]; /* what is left of the path */
};

static bool is_separator(char c)
{
	return c == '/' || c == '\\';
}

/* The next component; len 0 at the end. */
static const char *component(struct path_walk *w, size_t *len)
{
	const char *start;

	while (is_separator(w->text[w->at]))
		w->at++;
	start = w->text + w->at;
	while (w->text[w->at] && !is_separator(w->text[w->at]))
		w->at++;
	*len = (size_t)(w->text + w->at - start);
	return start;
}

static bool is_dots(const char *name, size_t len)
{
	return (len == 1 && name[0] == '.') || (len == 2 && name[0] == '.' && name[1] == '.');
}

/* One name in one directory. */
static int look_up(struct fs *fs, const struct fs_node *dir, const char *name, size_t len,
		   struct fs_node *out)
{
	struct fs_entry *e = &fs->entry;
	bool found = false;
	uint64_t at = 0;
	int err;

	while (!(err = fs->ops->next(fs, dir, &at, e))) {
		err = fs_spend(fs, 1);
		if (err)
			return err;
		if (e->len != len)
			continue;
		if (!memcmp(e->name, name, len)) {
			*out = e->node;
			found = true;
			break;
		}
		if (fs->ops->ignore_case && !found && !strncasecmp(e->name, name, len)) {
			*out = e->node;
			found = true;
		}
	}
	if (err && !(err == E_NOENT && found))
		return err;
	return fs->ops->fill && out->kind == FS_OTHER ? fs->ops->fill(fs, out) : 0;
}

/* Put a link's target in front of what is left. */
static int follow(struct path_walk *w, const struct fs_node *link)
{
	size_t rest = strlen(w->text + w->at), len;
	char *target;
	int err;

	if (++w->links > FS_LINKS) {
		w->fs->why = "too many symbolic links";
		return E_DEPTH;
	}
	target = try_alloc(FS_PATH_MAX + 1);
	if (!target)
		return E_NOMEM;
	err = w->fs->ops->link(w->fs, link, target, FS_PATH_MAX + 1);
	len = err ? 0 : strlen(target);
	if (!err && len + 1 + rest > FS_PATH_MAX) {
		w->fs->why = "symbolic links too long";
		err = E_DEPTH;
	}
	if (!err) {
		memmove(w->text + len + 1, w->text + w->at, rest + 1);
		memcpy(w->text, target, len);
		w->text[len] = '/';
		w->at = 0;
		if (is_separator(target[0]))
			w->depth = 0;
	}
	heap_free(target);
	return err;
}

static int step(struct path_walk *w, const char *name, size_t len)
{
	struct fs_node *dir = &w->stack[w->depth], node = {0};
	int err;

	if (dir->kind != FS_DIR)
		return E_NOENT;
	if (is_dots(name, len)) {
		w->depth -= len == 2 && w->depth > 0;
		return 0;
	}
	err = look_up(w->fs, dir, name, len, &node);
	if (err)
		return err;
	if (node.kind == FS_LINK)
		return w->fs->ops->link ? follow(w, &node) : E_UNSUPP;
	if (w->depth + 1 == FS_DEPTH) {
		w->fs->why = "directories nested too deep";
		return E_DEPTH;
	}
	w->stack[++w->depth] = node;
	return 0;
}

int fs_find(struct fs *fs, const char *path, struct fs_node *node)
{
	struct path_walk *w;
	const char *name;
	size_t len = strlen(path);
	int err;

	begin(fs, 0);
	if (len > FS_PATH_MAX)
		return E_NOENT;
	w = try_alloc(sizeof(*w));
	if (!w)
		return E_NOMEM;
	w->fs = fs;
	memcpy(w->text, path, len + 1);
	err = fs->ops->root(fs, &w->stack[0]);
	while (!err) {
		name = component(w, &len);
		if (len == 0)
			break;
		err = step(w, name, len);
	}
	if (!err)
		*node = w->stack[w->depth];
	heap_free(w);
	return err;
}

int fs_read(struct fs *fs, const struct fs_node *node, uint64_t offset, void *buf, uint64_t len)
{
	begin(fs, len);
	if (node->kind == FS_DIR || node->kind == FS_OTHER)
		return E_INVAL;
	if (offset > node->size || len > node->size - offset)
		return E_RANGE;
	return len > 0 ? fs->ops->read(fs, node, offset, buf, len) : 0;
}

int fs_list(struct fs *fs, const struct fs_node *dir,
	    bool (*each)(void *ctx, const struct fs_entry *e), void *ctx)
{
	struct fs_entry *e = &fs->entry;
	uint64_t at = 0;
	int err = 0;

	begin(fs, 0);
	if (dir->kind != FS_DIR)
		return E_INVAL;
	while (!err && !(err = fs->ops->next(fs, dir, &at, e))) {
		err = fs_spend(fs, 1);
		if (err || e->len == 0 || is_dots(e->name, e->len))
			continue;
		if (fs->ops->fill && e->node.kind == FS_OTHER)
			err = fs->ops->fill(fs, &e->node);
		if (!err && !each(ctx, e))
			return 0;
	}
	return err == E_NOENT ? 0 : err;
}

/* ---- names ------------------------------------------------------------------------------ */

static void add_byte(struct fs_entry *e, uint32_t byte)
{
	if (e->len < FS_NAME_MAX)
		e->name[e->len++] = (char)byte;
	e->name[e->len] = '\0';
}

static void add_char(struct fs_entry *e, uint32_t c)
{
	if (c < 0x80) {
		add_byte(e, c == 0 || c == '/' || c == '\\' ? '_' : c);
	} else if (c < 0x800) {
		add_byte(e, 0xc0 | c >> 6);
		add_byte(e, 0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		add_byte(e, 0xe0 | c >> 12);
		add_byte(e, 0x80 | (c >> 6 & 0x3f));
		add_byte(e, 0x80 | (c & 0x3f));
	} else {
		add_byte(e, 0xf0 | c >> 18);
		add_byte(e, 0x80 | (c >> 12 & 0x3f));
		add_byte(e, 0x80 | (c >> 6 & 0x3f));
		add_byte(e, 0x80 | (c & 0x3f));
	}
}

void fs_add_utf16(struct fs_entry *e, const uint16_t *text, size_t units)
{
	for (size_t i = 0; i < units; i++) {
		uint32_t c = text[i];

		if (c >= 0xd800 && c < 0xdc00 && i + 1 < units && (text[i + 1] & 0xfc00) == 0xdc00)
			c = 0x10000 + ((c & 0x3ff) << 10) + (text[++i] & 0x3ffu);
		else if (c >= 0xd800 && c < 0xe000)
			c = '_';
		add_char(e, c);
	}
}
