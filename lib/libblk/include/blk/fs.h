/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files on a view, read-only: ISO 9660, ext2/3/4 and FAT behind one interface. All on a disk is
 * untrusted: offsets are checked, nothing recurses, and every operation has a budget of work, so that
 * no image can hang the machine.
 */
#ifndef BLK_FS_H
#define BLK_FS_H

#include "blk/view.h"

#define FS_NAME_MAX 768u /* bytes of a name: 255 UTF-16 units as UTF-8 */
#define FS_PATH_MAX 4096u
#define FS_DEPTH    64u /* directories in a path */
#define FS_LINKS    16u /* symbolic links followed for one path */

enum fs_kind { FS_FILE, FS_DIR, FS_LINK, FS_OTHER };

/* A file or directory; a value, to be copied freely while its file system is mounted. */
struct fs_node {
	enum fs_kind kind;
	uint64_t size;      /* bytes; 0 for a directory if the format does not say */
	uint64_t id, extra; /* the format's */
};

struct fs_entry {
	struct fs_node node;
	size_t len;
	char name[FS_NAME_MAX + 1]; /* may contain any byte but NUL and separators */
};

struct fs;

/* Mount what is there. E_NOENT: no file system we know; E_FORMAT, E_UNSUPP: one we know, *why says more. */
int fs_mount(const struct blk_view *v, struct fs **fs, const char **why) MUST_CHECK;
void fs_unmount(struct fs *fs);           /* NULL is allowed */
const char *fs_type(const struct fs *fs); /* "ext4", "iso9660", "fat" */
/* What was wrong with the last operation that failed, static text; NULL: the error says it all. */
const char *fs_why(const struct fs *fs);

/*
 * The file or directory of a path from the root. '\' and '/' both separate; "." and ".." are
 * understood; symbolic links are followed, the last one too. Names compare exactly, or without case
 * where the format does, an exact match first. E_NOENT, E_DEPTH (too deep, or links in a circle),
 * E_FORMAT (damaged), E_NOMEM, E_UNSUPP, or a read error.
 */
int fs_find(struct fs *fs, const char *path, struct fs_node *node) MUST_CHECK;
/* Exactly len bytes of a file. E_RANGE when not all lie inside. */
int fs_read(struct fs *fs, const struct fs_node *node, uint64_t offset, void *buf,
	    uint64_t len) MUST_CHECK;
/* Call each() with every entry of a directory, "." and ".." left out, until it returns false. */
int fs_list(struct fs *fs, const struct fs_node *dir,
	    bool (*each)(void *ctx, const struct fs_entry *e), void *ctx) MUST_CHECK;

#endif
