/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What libblk makes of a disk image, as text for tests/disks/check.py:
 *     blk-dump IMAGE BLOCK-SIZE parts | prep
 *     blk-dump IMAGE BLOCK-SIZE ls|find|cat|pieces PARTITION PATH
 * cat reads in large pieces, "pieces" the same bytes in odd ones from the end to the beginning. Failures
 * print one line "failed: ..." and end with status 1.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "blk/fs.h"
#include "blk/part.h"

static uint64_t bytes_read;

static int read_image(void *ctx, uint64_t offset, void *buf, uint64_t len)
{
	int fd = *(int *)ctx;
	uint8_t *to = buf;

	bytes_read += len;
	while (len > 0) {
		ssize_t n = pread(fd, to, len, (off_t)offset);

		if (n <= 0)
			return E_IO;
		to += n;
		offset += (uint64_t)n;
		len -= (uint64_t)n;
	}
	return 0;
}

static int failed(int err, const char *why)
{
	printf("failed: %s (%s)\n", err_text(err), why ? why : "");
	return 1;
}

static void print_part(const struct part *p)
{
	printf("%u %s %" PRIu64 " %" PRIu64 " %02x%s%s\n", p->number,
	       p->scheme == PART_GPT ? "gpt" : "mbr", p->start, p->size, p->type,
	       p->active ? " active" : "", p->is_prep ? " prep" : "");
}

static int parts(const struct blk_view *disk)
{
	struct part_walk w;
	struct part p, again;
	const char *why;
	int err = part_start(&w, disk);

	while (!err) {
		err = part_next(&w, &p);
		if (err)
			break;
		print_part(&p);
		if (p.size && (part_find(disk, p.number, &again, &why) || again.start != p.start))
			return failed(E_INVAL, "part_find disagrees");
	}
	return err == E_NOENT ? 0 : failed(err, w.why);
}

static int prep(const struct blk_view *disk)
{
	struct part p;
	const char *why;
	int err = part_find_prep(disk, &p, &why);

	if (err)
		return failed(err, why);
	print_part(&p);
	return 0;
}

static bool print_entry(void *ctx, const struct fs_entry *e)
{
	static const char kinds[] = "fdlo";

	(void)ctx;
	printf("%c %" PRIu64 " %s\n", kinds[e->node.kind], e->node.size, e->name);
	return true;
}

static int cat(struct fs *fs, const struct fs_node *node)
{
	static uint8_t buf[1 << 20];

	for (uint64_t at = 0; at < node->size;) {
		uint64_t n = node->size - at < sizeof(buf) ? node->size - at : sizeof(buf);
		int err = fs_read(fs, node, at, buf, n);

		if (err)
			return failed(err, fs_why(fs));
		fwrite(buf, 1, n, stdout);
		at += n;
	}
	return 0;
}

static int pieces(struct fs *fs, const struct fs_node *node)
{
	uint8_t *all = malloc(node->size + 1);
	uint64_t end = node->size, seed = 1;
	int err = 0;

	while (all && end > 0 && !err) {
		uint64_t n = (seed = seed * 6364136223846793005u + 1) >> 33;

		n = n % 40000 + 1 < end ? n % 40000 + 1 : end;
		err = fs_read(fs, node, end - n, all + end - n, n);
		end -= n;
	}
	if (all && !err)
		fwrite(all, 1, node->size, stdout);
	free(all);
	return err ? failed(err, fs_why(fs)) : 0;
}

static int on_file(struct fs *fs, const char *command, const char *path)
{
	struct fs_node node;
	int err = fs_find(fs, path, &node);

	if (err)
		return failed(err, fs_why(fs));
	if (!strcmp(command, "cat"))
		return cat(fs, &node);
	if (!strcmp(command, "pieces"))
		return pieces(fs, &node);
	if (!strcmp(command, "find")) {
		printf("%s %c %" PRIu64 "\n", fs_type(fs), "fdlo"[node.kind], node.size);
		return 0;
	}
	err = fs_list(fs, &node, print_entry, NULL);
	return err ? failed(err, fs_why(fs)) : 0;
}

static int on_files(const struct blk_view *disk, char **argv)
{
	uint32_t number = (uint32_t)strtoul(argv[1], NULL, 10);
	struct blk_view view = *disk;
	const char *why = NULL;
	struct part p;
	struct fs *fs;
	int err = 0, result;

	if (number) {
		err = part_find(disk, number, &p, &why);
		if (!err)
			view = blk_view_part(disk, p.start, p.size);
	}
	err = err ? err : fs_mount(&view, &fs, &why);
	if (err)
		return failed(err, why);
	result = on_file(fs, argv[0], argv[2]);
	fs_unmount(fs);
	return result;
}

int main(int argc, char **argv)
{
	int fd = argc > 3 ? open(argv[1], O_RDONLY) : -1;
	struct blk_view disk = {.read = read_image, .ctx = &fd};

	if (fd < 0)
		return 2;
	disk.block_size = (uint32_t)strtoul(argv[2], NULL, 10);
	disk.size = (uint64_t)lseek(fd, 0, SEEK_END) / disk.block_size * disk.block_size;
	if (!strcmp(argv[3], "parts"))
		return parts(&disk);
	if (!strcmp(argv[3], "prep"))
		return prep(&disk);
	return argc > 5 ? on_files(&disk, argv + 3) : 2;
}
