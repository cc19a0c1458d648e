/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the block class share: a disk, and what an instance of it looks at. */
#ifndef OF_BLOCK_PRIV_H
#define OF_BLOCK_PRIV_H

#include "blk/deblock.h"
#include "blk/fs.h"
#include "of/block.h"
#include "of/instance.h"

#include "reason-priv.h"

/* One bound node. */
struct disk {
	struct disk *next; /* all there are */
	struct block_source source;
	char *name;            /* the path of its node */
	struct blkdev *bd;     /* NULL: not started, or stopped */
	struct deblock *cache; /* with bd */
	unsigned open;         /* instances */
	unsigned complaints;   /* failures told since the start */
	uint64_t complained;   /* where the last one told was */
	bool written;          /* and not flushed yet */
	bool on_quiesce;       /* registered */
};

/*
 * One more instance: starts the device at the first. E_NOENT: no medium; E_PERM after quiesce; or the
 * driver's error. Told.
 */
int disk_open(struct disk *disk) MUST_CHECK;
void disk_close(struct disk *disk);
/* Stop it and free what belongs to it, itself not. */
void disk_drop(struct disk *disk);
/* Its node goes: stopped, whoever has it open. */
void disk_gone(struct disk *disk);
/* Its bytes. E_STALE once it was stopped; failures of the device are told. */
int disk_read(struct disk *disk, uint64_t offset, void *buf, uint64_t len) MUST_CHECK;
/* E_PERM where the partition table is, unless the variable write-partition-table? is true. */
int disk_write(struct disk *disk, uint64_t offset, const void *buf, uint64_t len) MUST_CHECK;

/* What the arguments of an instance name; also its state. */
struct label {
	struct disk *disk;
	struct blk_view view; /* of the disk or a partition */
	uint32_t partition;   /* 0: the whole disk */
	bool is_prep;         /* the partition is one for boot loaders */
	struct fs *fs;        /* of the file; NULL: there is no path */
	struct fs_node file;
	uint64_t at; /* where read and write go on, from the start of the view or file */
};

/* Is nothing said about which partition? Then load looks for something to boot. */
bool label_is_unspecific(const char *args);
/* The whole disk. */
void label_whole(struct label *label, struct disk *disk);
/*
 * Look at the arguments behind the ':' and find what they name: a disk, partition, file or directory.
 * Told, with device, arguments and reason: E_INVAL for arguments that make no sense, else why it is not there.
 */
int label_open(struct label *label, struct disk *disk, const char *args) MUST_CHECK;
void label_close(struct label *label);
/* How many bytes there are to read. */
uint64_t label_size(const struct label *label);
/* Up to len bytes at the position, which moves on; *done: how many before the end or the failure. */
int label_read(struct label *label, void *buf, uint64_t len, uint64_t *done) MUST_CHECK;
/* The same; E_PERM for a file. */
int label_write(struct label *label, const void *buf, uint64_t len, uint64_t *done) MUST_CHECK;

/* The methods of what an instance's label names, which is at the start of its state. */
extern const struct method label_methods[];

/*
 * The load method: what the label names, or what there is to boot, to addr. Told. *size: what was written,
 * never more than of_load_room() says.
 */
int disk_load(struct label *label, const char *args, uint64_t addr, uint64_t *size) MUST_CHECK;

#endif
