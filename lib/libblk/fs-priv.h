/* SPDX-License-Identifier: BSD-2-Clause */
/* What a file system provides, and what fs.c provides for it. */
#ifndef BLK_FS_PRIV_H
#define BLK_FS_PRIV_H

#include "blk/fs.h"

struct fs_ops {
	bool ignore_case;
	/* fs->view is set. E_NOENT: not this file system. What open() allocated, close() frees. */
	struct fs *(*create)(void); /* NULL: no memory */
	int (*open)(struct fs *fs);
	void (*close)(struct fs *fs);
	int (*root)(struct fs *fs, struct fs_node *node);
	/*
	 * The entry of a directory at position *at, which moves on (0: the first). E_NOENT at the end.
	 * "." and ".." may be among them. Nodes of FS_OTHER kind are completed by fill().
	 */
	int (*next)(struct fs *fs, const struct fs_node *dir, uint64_t *at, struct fs_entry *e);
	int (*fill)(struct fs *fs, struct fs_node *node); /* NULL: nothing to complete */
	/* All of [offset, offset+len) lies inside node->size. */
	int (*read)(struct fs *fs, const struct fs_node *node, uint64_t offset, void *buf,
		    uint64_t len);
	/* The target of a link, at most room - 1 bytes and a NUL. E_NOSPC. NULL: there are no links. */
	int (*link)(struct fs *fs, const struct fs_node *node, char *buf, size_t room);
};

/* The first member of every file system's own struct. */
struct fs {
	const struct fs_ops *ops;
	const char *type;
	struct blk_view view;
	const char *why;
	uint64_t work;         /* left for this operation */
	struct fs_entry entry; /* for fs.c */
};

/* Use up some of the budget; E_FORMAT when it is gone. One unit: an entry or a step looked at. */
int fs_spend(struct fs *fs, uint64_t units) MUST_CHECK;
/* Bytes of the format itself, paid for; a place outside the view is E_FORMAT. */
int fs_meta(struct fs *fs, uint64_t offset, void *buf, uint64_t len) MUST_CHECK;
/* Bytes of a file. Outside the view: E_FORMAT. */
int fs_data(struct fs *fs, uint64_t offset, void *buf, uint64_t len) MUST_CHECK;
/* E_FORMAT, with the reason for fs_why(). */
int fs_broken(struct fs *fs, const char *why) MUST_CHECK;
int fs_unsupported(struct fs *fs, const char *why) MUST_CHECK; /* the same with E_UNSUPP */

/* UTF-16 to UTF-8 at e->name[e->len]; what does not fit or is no character becomes '_' or is left out. */
void fs_add_utf16(struct fs_entry *e, const uint16_t *text, size_t units);

extern const struct fs_ops fs_iso9660, fs_ext, fs_fat;

#endif
