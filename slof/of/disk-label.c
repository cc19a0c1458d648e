/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the arguments of a disk name. IEEE 1275's disk label and the file systems behind it, in one step:
 *     ""  "0"               the whole disk
 *     "N"                   partition N
 *     "N,PATH"              a file on partition N
 *     ",PATH"  "PATH"       a file on the disk, or on the first partition that has it
 * Partition N is entry N of the table, always. The one exception are disks that are an ISO 9660 file
 * system as a whole and have no such entry: boot scripts on CD-ROMs say "1" without meaning it.
 */
#define LOG_TAG "disk"
#include "block-priv.h"

#include "base/err.h"
#include "base/log.h"
#include "blk/part.h"

#include <string.h>

#define NUMBER_DIGITS  9u
#define PARTITIONS_MAX 64u /* looked at when none is named */

/* ---- arguments -------------------------------------------------------------------------- */

struct arguments {
	bool has_number;
	uint32_t number;
	const char *path; /* NULL or not empty */
};

/* False: a number nobody has. */
static bool parse(const char *args, struct arguments *a)
{
	size_t n = strspn(args, "0123456789");

	*a = (struct arguments){.path = args};
	if (n > 0 && (args[n] == ',' || args[n] == '\0')) {
		if (n > NUMBER_DIGITS)
			return false;
		a->has_number = true;
		for (size_t i = 0; i < n; i++)
			a->number = a->number * 10 + (uint32_t)(args[i] - '0');
		a->path = args + n;
	}
	if (*a->path == ',')
		a->path++;
	if (!*a->path)
		a->path = NULL;
	return true;
}

bool label_is_unspecific(const char *args)
{
	struct arguments a;

	return parse(args, &a) && a.number == 0 && !a.path;
}

/* ---- finding ---------------------------------------------------------------------------- */

static int read_disk(void *ctx, uint64_t offset, void *buf, uint64_t len)
{
	return disk_read(ctx, offset, buf, len);
}

void label_whole(struct label *label, struct disk *disk)
{
	*label = (struct label){.disk = disk};
	label->view = (struct blk_view){
		.read = read_disk,
		.ctx = disk,
		.size = deblock_size(disk->cache),
		.block_size = disk->bd->block_size,
	};
}

static void choose(struct label *label, const struct part *p)
{
	struct label whole;

	label_whole(&whole, label->disk);
	label->view = blk_view_part(&whole.view, p->start, p->size);
	label->partition = p->number;
	label->is_prep = p->is_prep;
}

static int find_partition(struct label *label, uint32_t number, const char **why)
{
	struct part p;
	int err = part_find(&label->view, number, &p, why);

	if (!err)
		choose(label, &p);
	return err;
}

static void unmount(struct label *label)
{
	fs_unmount(label->fs);
	label->fs = NULL;
}

/* The file of a path on the view. */
static int find_file(struct label *label, const char *path, const char **why)
{
	int err = fs_mount(&label->view, &label->fs, why);

	if (err)
		return err;
	err = fs_find(label->fs, path, &label->file);
	if (err) {
		*why = fs_why(label->fs);
		unmount(label);
	}
	return err;
}

/* The first partition that has it; what was wrong with the disk as a whole is the reason if none has. */
static int find_on_any(struct label *label, const char *path, const char **why)
{
	struct label whole = *label;
	struct part_walk w;
	struct part p;
	const char *ignored;
	int err = find_file(label, path, why);

	if (!err || part_start(&w, &whole.view))
		return err;
	for (unsigned i = 0; i < PARTITIONS_MAX && !part_next(&w, &p); i++) {
		if (p.size == 0)
			continue;
		choose(label, &p);
		if (!find_file(label, path, &ignored))
			return 0;
	}
	*label = whole;
	*why = "that file is on no partition";
	return E_NOENT;
}

/* Is the disk as a whole an ISO 9660 file system, mounted now? */
static bool is_whole_iso(struct label *label)
{
	const char *why;

	if (fs_mount(&label->view, &label->fs, &why))
		return false;
	if (!strcmp(fs_type(label->fs), "iso9660"))
		return true;
	unmount(label);
	return false;
}

static int find_on_partition(struct label *label, const struct arguments *a, const char **why)
{
	int err = find_partition(label, a->number, why);
	bool absent = err == E_NOENT;

	if (!err)
		return find_file(label, a->path, why);
	if (!absent || !is_whole_iso(label))
		return err;
	unmount(label);
	return find_file(label, a->path, why);
}

static int find(struct label *label, const struct arguments *a, const char **why)
{
	if (a->path && a->number > 0)
		return find_on_partition(label, a, why);
	if (a->path)
		return a->has_number ? find_file(label, a->path, why)
				     : find_on_any(label, a->path, why);
	return a->number > 0 ? find_partition(label, a->number, why) : 0;
}

int label_open(struct label *label, struct disk *disk, const char *args)
{
	struct arguments a;
	const char *why = NULL;
	int err;

	label_whole(label, disk);
	err = parse(args, &a) ? find(label, &a, &why) : E_INVAL;
	if (err)
		tell_warn(disk->name, args, "%s", why && *why ? why : err_text(err));
	return err;
}

void label_close(struct label *label)
{
	unmount(label);
}

/* ---- reading and writing ---------------------------------------------------------------- */

uint64_t label_size(const struct label *label)
{
	return label->fs ? label->file.size : label->view.size;
}

/* How many of len bytes there are from the position on. */
static uint64_t available(const struct label *label, uint64_t len)
{
	uint64_t size = label_size(label);

	if (label->at >= size)
		return 0;
	return len < size - label->at ? len : size - label->at;
}

static int read_file(struct label *label, void *buf, uint64_t len)
{
	int err = fs_read(label->fs, &label->file, label->at, buf, len);

	if (err && fs_why(label->fs))
		tell_err(label->disk->name, NULL, "partition %u: %s", label->partition,
			 fs_why(label->fs));
	return err;
}

int label_read(struct label *label, void *buf, uint64_t len, uint64_t *done)
{
	uint64_t n = available(label, len);
	int err = label->fs ? read_file(label, buf, n)
			    : blk_view_read(&label->view, label->at, buf, n);

	if (err)
		return err;
	label->at += n;
	*done = n;
	return 0;
}

int label_write(struct label *label, const void *buf, uint64_t len, uint64_t *done)
{
	uint64_t n = available(label, len);
	int err =
		label->fs ? E_PERM : disk_write(label->disk, label->view.start + label->at, buf, n);

	if (err)
		return err;
	label->at += n;
	*done = n;
	return 0;
}
