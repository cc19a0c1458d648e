/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The load method of disks. A file is loaded whole; of a partition or disk without a file system, what
 * its ELF header says the program takes, or all of it. Without arguments, what there is to boot is
 * looked for in the order of CHRP and of what installers write:
 *     1. \ppc\bootinfo.txt on a disk that is an ISO 9660 file system
 *     2. the PReP boot partition: an active one, else the first
 *     3. \ppc\bootinfo.txt on a partition, in the order of the table
 *     4. a program at the very start of the disk
 * What fails is told in a line, and the next is tried.
 */
#define LOG_TAG "disk"
#include "block-priv.h"

#include "base/arith.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "blk/bootinfo.h"
#include "blk/part.h"
#include "dt/prop.h"
#include "of/boot.h"
#include "of/evaluate.h"
#include "of/machine.h"
#include "of/memory.h"

#include <string.h>

#define BOOTINFO_DIR   "\\ppc\\"
#define BOOTINFO_NAME  "bootinfo.txt"
#define PARTITIONS_MAX 64u

/* ---- how long a program is -------------------------------------------------------------- */

#define ELF_HEAD   64u
#define ELF_PHDRS  64u /* of real programs: fewer than ten */
#define ELF_PH_MAX 56u

struct elf_head {
	bool is_64, is_little;
	uint64_t phoff;
	uint32_t phentsize, phnum;
};

static uint64_t field(const struct elf_head *h, const uint8_t *p, bool wide)
{
	if (wide)
		return h->is_little ? get_le64(p) : get_be64(p);
	return h->is_little ? get_le32(p) : get_be32(p);
}

static uint32_t half(const struct elf_head *h, const uint8_t *p)
{
	return h->is_little ? get_le16(p) : get_be16(p);
}

static bool elf_decode(const uint8_t *b, struct elf_head *h)
{
	if (memcmp(b, "\177ELF", 4) != 0 || b[4] < 1 || b[4] > 2 || b[5] < 1 || b[5] > 2)
		return false;
	h->is_64 = b[4] == 2;
	h->is_little = b[5] == 1;
	h->phoff = field(h, b + (h->is_64 ? 32 : 28), h->is_64);
	h->phentsize = half(h, b + (h->is_64 ? 54 : 42));
	h->phnum = half(h, b + (h->is_64 ? 56 : 44));
	return h->phnum > 0 && h->phnum <= ELF_PHDRS && h->phentsize >= (h->is_64 ? 56 : 32);
}

/*
 * How many bytes from the start of the view the ELF file there takes: its headers and segments. The
 * loader checks all this again; here it only saves reading what follows. False: no ELF file.
 */
static bool elf_extent(const struct blk_view *v, uint64_t *extent)
{
	uint8_t b[ELF_HEAD], ph[ELF_PH_MAX];
	struct elf_head h;
	uint64_t end = ELF_HEAD;

	if (blk_view_read(v, 0, b, sizeof(b)) || !elf_decode(b, &h))
		return false;
	for (uint32_t i = 0; i < h.phnum; i++) {
		uint64_t at = h.phoff + (uint64_t)i * h.phentsize, offset, size;

		if (blk_view_read(v, at, ph, h.is_64 ? 56 : 32))
			return false;
		offset = field(&h, ph + (h.is_64 ? 8 : 4), h.is_64);
		size = field(&h, ph + (h.is_64 ? 32 : 16), h.is_64);
		if (!add_ok(offset, size, &offset))
			return false;
		end = offset > end ? offset : end;
		end = at + h.phentsize > end ? at + h.phentsize : end;
	}
	*extent = end < v->size ? end : v->size;
	return true;
}

/* ---- to memory -------------------------------------------------------------------------- */

/* len bytes from the start of what the label names. */
static int load_bytes(struct label *label, uint64_t addr, uint64_t len, uint64_t *size)
{
	uint64_t room = of_load_room(addr);
	void *buf;
	int err;

	if (len > room) {
		tell_err(label->disk->name, NULL, "partition %u: %llu bytes to load, room for %llu",
			 label->partition, (unsigned long long)len, (unsigned long long)room);
		return E_NOSPC;
	}
	buf = mem_pointer(addr, len);
	if (!buf)
		return E_RANGE;
	label->at = 0;
	err = label_read(label, buf, len, size);
	return err;
}

/* A partition or disk as it is. */
static int load_raw(struct label *label, uint64_t addr, uint64_t *size)
{
	uint64_t len = label->view.size;

	(void)elf_extent(&label->view, &len);
	log_info("%s: partition %u, %llu bytes", label->disk->name, label->partition,
		 (unsigned long long)len);
	return load_bytes(label, addr, len, size);
}

/* ---- CHRP boot scripts ------------------------------------------------------------------ */

static bool in_script;

/* Load another path in place of this disk, as a boot script asks for. */
static int load_path(const char *path, uint64_t addr, uint64_t *size)
{
	cell_t cells[2] = {addr};
	struct stack st = {cells, 1, ARRAY_SIZE(cells)};
	struct instance *in;
	int err = instance_open(path, &in);

	if (err) {
		tell_warn(path, NULL, "%s", err_text(err));
		return err;
	}
	err = instance_call(in, "load", &st);
	instance_close(in);
	if (!err)
		*size = cells[0];
	return err;
}

static int run_simple(const char *path, const char *args, uint64_t addr, uint64_t *size)
{
	struct dt_node *chosen = dt_child_get(of_tree(), of_tree()->root, "chosen");
	int err = load_path(path, addr, size);

	if (err)
		return err;
	dt_prop_set_str(chosen, "bootpath", path);
	if (args)
		dt_prop_set_str(chosen, "bootargs", args);
	return 0;
}

static int run_script(const struct bootinfo *info, uint64_t addr, uint64_t *size)
{
	char *path, *args;
	int err = bootinfo_simple(info->script, &path, &args);

	if (err == E_UNSUPP) { /* more than one command: it boots by itself, or not */
		err = of_evaluate(BOOTINFO_NAME, info->script, strlen(info->script));
		return err ? err : E_NOENT;
	}
	if (err)
		return err;
	err = run_simple(path, args ? args : info->boot_args, addr, size);
	heap_free(path);
	heap_free(args);
	return err;
}

static int parse_file(struct label *label, struct bootinfo *info)
{
	char partition[12] = "";
	struct strbuf sb = strbuf_on(partition, sizeof(partition));
	struct bootinfo_names names = {label->disk->name, partition, BOOTINFO_DIR, BOOTINFO_NAME};
	uint64_t len = label->file.size, done;
	char *text;
	int err;

	if (label->partition)
		strbuf_printf(&sb, "%u", label->partition);
	if (len > BOOTINFO_MAX)
		return E_NOSPC;
	text = try_alloc(len + 1);
	if (!text)
		return E_NOMEM;
	err = label_read(label, text, len, &done);
	err = err ? err : bootinfo_parse(text, len, &names, info);
	heap_free(text);
	return err;
}

static void tell_script(const struct label *where, const struct label *label, int err)
{
	if (err == E_NOSPC && label->file.size > BOOTINFO_MAX)
		tell_warn(where->disk->name, NULL,
			  "partition %u: \\ppc\\bootinfo.txt: %llu bytes, not at most %u",
			  where->partition, (unsigned long long)label->file.size,
			  (unsigned)BOOTINFO_MAX);
	else
		tell_warn(where->disk->name, NULL, "partition %u: \\ppc\\bootinfo.txt: %s",
			  where->partition, err == E_DEPTH ? "it boots itself" : err_text(err));
}

/*
 * The boot script of the file system on the label's view. E_NOENT, told nobody: there is none. in_script keeps
 * a script from booting itself.
 */
static int load_script(const struct label *where, uint64_t addr, uint64_t *size)
{
	struct label label = *where;
	struct bootinfo info;
	const char *why;
	int err = fs_mount(&label.view, &label.fs, &why);

	if (err)
		return E_NOENT;
	err = fs_find(label.fs, BOOTINFO_DIR BOOTINFO_NAME, &label.file);
	if (!err && label.file.kind == FS_FILE)
		err = in_script ? E_DEPTH : parse_file(&label, &info);
	else
		err = E_NOENT;
	label_close(&label);
	if (err) {
		if (err != E_NOENT)
			tell_script(where, &label, err);
		return err;
	}
	log_info("%s: partition %u: boot script of %s", where->disk->name, where->partition,
		 info.description ? info.description : "somebody");
	in_script = true;
	err = run_script(&info, addr, size);
	in_script = false;
	bootinfo_free(&info);
	return err;
}

/* ---- what there is to boot -------------------------------------------------------------- */

static void choose(const struct label *whole, struct label *label, const struct part *p)
{
	*label = *whole;
	label->view = blk_view_part(&whole->view, p->start, p->size);
	label->partition = p->number;
	label->is_prep = p->is_prep;
}

static int load_prep(const struct label *whole, uint64_t addr, uint64_t *size, const char **why)
{
	struct label label;
	struct part p;
	int err = part_find_prep(&whole->view, &p, why);

	if (err)
		return err;
	choose(whole, &label, &p);
	return load_raw(&label, addr, size);
}

/* The boot script of the first partition that has one and whose script works. */
static int load_any_script(const struct label *whole, uint64_t addr, uint64_t *size)
{
	struct label label;
	struct part_walk w;
	struct part p;
	int err = part_start(&w, &whole->view);

	for (unsigned i = 0; !err && i < PARTITIONS_MAX; i++) {
		err = part_next(&w, &p);
		if (err || p.size == 0 || p.is_prep)
			continue;
		choose(whole, &label, &p);
		if (!load_script(&label, addr, size))
			return 0;
	}
	return E_NOENT;
}

/* A program without any partition around it: an ELF file, or a Forth text. */
static int load_start(struct label *whole, uint64_t addr, uint64_t *size)
{
	uint64_t extent, room = of_load_room(addr);
	uint8_t head[2] = {0};

	if (elf_extent(&whole->view, &extent))
		return load_raw(whole, addr, size);
	if (blk_view_read(&whole->view, 0, head, sizeof(head)) || memcmp(head, "\\ ", 2) != 0)
		return E_NOENT;
	extent = whole->view.size < room ? whole->view.size : room;
	return load_bytes(whole, addr, extent, size);
}

static int load_something(struct label *whole, uint64_t addr, uint64_t *size)
{
	const char *why = NULL;
	int err = load_script(whole, addr, size);

	if (err)
		err = load_prep(whole, addr, size, &why);
	if (err && load_any_script(whole, addr, size) == 0)
		err = 0;
	if (err && load_start(whole, addr, size) == 0)
		err = 0;
	if (err)
		tell_warn(whole->disk->name, NULL, "nothing to boot: %s",
			  why ? why : err_text(err));
	return err;
}

/*
 * A partition that is no PReP partition may be one with a file system and a boot script on it. If it
 * is neither that nor a program, reading it all would not make it one.
 */
static int load_partition(struct label *label, uint64_t addr, uint64_t *size)
{
	uint64_t extent;
	int err;

	if (label->is_prep || elf_extent(&label->view, &extent))
		return load_raw(label, addr, size);
	err = load_script(label, addr, size);
	if (err == E_NOENT)
		err = load_start(label, addr, size);
	if (err == E_NOENT)
		tell_warn(label->disk->name, NULL, "partition %u: no program and no boot script",
			  label->partition);
	return err;
}

int disk_load(struct label *label, const char *args, uint64_t addr, uint64_t *size)
{
	if (!label->disk->bd)
		return E_STALE;
	if (label->fs)
		return load_bytes(label, addr, label_size(label), size);
	if (label_is_unspecific(args))
		return load_something(label, addr, size);
	return load_partition(label, addr, size);
}
