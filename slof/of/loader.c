/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a load method to a program ready to run. The method writes into a region that is really claimed: the
 * largest free stretch at or above load-base, less what the firmware itself may need meanwhile. What came
 * decides by its first bytes: what is gzip'd is unpacked first, into free memory; a Forth script is copied and
 * run later; an ELF program gets its segments claimed, only in free memory, and copied there. If the file lies where a segment belongs it is
 * moved away first. The file's own memory is free again when the program is in place.
 */
#define LOG_TAG "load"
#include "boot-priv.h"

#include <stdio.h>
#include <string.h>

#include "base/arith.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "elf/elf.h"
#include "gunzip/gunzip.h"
#include "of/env.h"
#include "of/evaluate.h"
#include "of/memory.h"

#include "reason-priv.h"

#define PAGE       4096ull
#define ENOUGH     (4 * PAGE)
#define PLENTY     (16ull << 20)
#define TWO_GIB    (1ull << 31)
#define FOUR_GIB   (1ull << 32)
#define SPARE_MOST (32ull << 20) /* the heap and DMA buffers of whoever loads */
#define MOVED_LOW  (4ull << 20) /* a kernel copies itself to 0 later: not onto its own first pages */

/* Where load methods may write; size 0: nothing is being loaded. */
static uint64_t area, area_size;

/* A file in memory. */
struct image {
	uint64_t addr, size;
	uint64_t held; /* bytes claimed */
};

static struct ready {
	enum { NOTHING, PROGRAM, SCRIPT } kind;
	struct image initrd; /* size 0: none */
	struct client_image image;
	struct memory_mark own; /* a program's */
	bool wants_translation;
	char *script;
	size_t script_len;
} ready;

uint64_t of_load_room(uint64_t addr)
{
	if (area_size > 0 && addr >= area && addr - area < area_size)
		return area_size - (addr - area);
	return mem_client_extent(addr, UINT64_MAX);
}

static int fail(struct load_failure *f, int err, unsigned code, const char *why)
{
	f->code = code;
	snprintf(f->why, sizeof(f->why), "%s", why);
	return err;
}

/* ---- the region files are loaded to --------------------------------------------------------- */

static int find_area(uint64_t from, uint64_t limit, uint64_t *addr, uint64_t *size)
{
	uint64_t at = from, start, len;

	*size = 0;
	while (mem_next(MEM_FREE, &at, &start, &len) && start < limit) {
		uint64_t first = align_up(start, PAGE);
		uint64_t end = len < limit - start ? start + len : limit;

		if (end > first && end - first > *size) {
			*addr = first;
			*size = end - first;
		}
	}
	return *size >= ENOUGH ? 0 : E_NOMEM;
}

/* Below 2 GiB if there is room to speak of: 32-bit programs and old devices reach it there. */
static int choose_area(uint64_t *addr, uint64_t *size)
{
	uint64_t limit = mem_real_limit(), low = limit < TWO_GIB ? limit : TWO_GIB;

	if (!find_area(env_get_int("load-base"), low, addr, size) && *size >= PLENTY)
		return 0;
	if (!find_area(0, low, addr, size) && *size >= PLENTY)
		return 0;
	return find_area(0, limit, addr, size);
}

static int claim_area(void)
{
	uint64_t addr = 0, size, spare;
	int err = choose_area(&addr, &size);

	if (err)
		return err;
	spare = size / 4 < SPARE_MOST ? size / 4 : SPARE_MOST;
	size = align_down(size - spare, PAGE);
	err = mem_claim(addr, size, MEM_LOADED);
	if (err)
		return err;
	area = addr;
	area_size = size;
	log_debug("room for %llx bytes at %llx", (unsigned long long)size,
		  (unsigned long long)addr);
	return 0;
}

static void drop_image(struct image *im)
{
	if (im->held && mem_release(im->addr, im->held, MEM_LOADED))
		log_warn("%llx bytes at %llx stay taken", (unsigned long long)im->held,
			 (unsigned long long)im->addr);
	im->held = 0;
}

/* ---- an initrd beside it -------------------------------------------------------------------- */

static struct dt_node *chosen_node(void)
{
	return dt_child_get(of_tree(), of_tree()->root, "chosen");
}

static void drop_initrd(struct image *initrd)
{
	if (initrd->size == 0)
		return;
	dt_prop_delete(chosen_node(), "linux,initrd-start");
	dt_prop_delete(chosen_node(), "linux,initrd-end");
	drop_image(initrd);
	initrd->size = 0;
}

int loader_keep_initrd(uint64_t addr, uint64_t size)
{
	uint64_t top = area + area_size, at;

	if (area_size == 0 || ready.initrd.size)
		return E_PERM;
	if (size == 0 || addr < area || addr % PAGE || addr > top || size > top - addr ||
	    top > FOUR_GIB)
		return E_RANGE; /* 32 bits in /chosen */
	at = align_down(top - size, PAGE);
	memmove(ram_at(at, size), ram_at(addr, size), size);
	area_size = at - area;
	ready.initrd = (struct image){at, size, top - at};
	dt_prop_set_u32(chosen_node(), "linux,initrd-start", (uint32_t)at);
	dt_prop_set_u32(chosen_node(), "linux,initrd-end", (uint32_t)(at + size));
	log_info("initrd of %llu bytes at %llx", (unsigned long long)size, (unsigned long long)at);
	return 0;
}

/* ---- fetching ------------------------------------------------------------------------------- */

/* What the file does not need is free again. */
static void shrink_area(struct image *im, uint64_t size)
{
	uint64_t used = align_up(size, PAGE);

	*im = (struct image){area, size, area_size};
	if (used < area_size && !mem_release(area + used, area_size - used, MEM_LOADED))
		im->held = used;
	area_size = 0;
}

/* Call the load method; on success the image is claimed memory. */
static int fetch(struct instance *in, struct image *im, struct load_failure *f)
{
	cell_t cells[16];
	struct stack st = {cells, 1, ARRAY_SIZE(cells)};
	bool before;
	int err = claim_area();

	if (err)
		return fail(f, err, 3408, "no free memory to load to");
	cells[0] = area;
	before = mem_distrust(false);
	err = instance_call(in, "load", &st);
	mem_distrust(before);
	if (!err && (st.depth == 0 || cells[st.depth - 1] > area_size))
		err = E_RANGE;
	shrink_area(im, err ? 0 : cells[st.depth - 1]);
	if (!err && im->size == 0)
		err = E_NOENT;
	if (!err)
		return 0;
	drop_image(im);
	if (err == E_ABORT)
		return fail(f, err, 3401, "stopped by a key");
	if (*reason_text())
		return fail(f, err, 3404, reason_text());
	return fail(f, err, 3404, err == E_NOENT ? "nothing to boot there" : err_text(err));
}

/* ---- ELF: segments in place ----------------------------------------------------------------- */

static const uint8_t *bytes_of(const struct image *im)
{
	return ram_at(im->addr, im->size);
}

static bool touches(const struct elf_plan *plan, const struct image *im)
{
	return ranges_overlap(plan->low, plan->high - plan->low, im->addr, im->held);
}

/* The highest page-aligned place for size bytes in [start, end) that keeps off [low, high). */
static bool place_beside(uint64_t start, uint64_t end, uint64_t low, uint64_t high, uint64_t size,
			 uint64_t *at)
{
	uint64_t above = start > high ? start : align_up(high, PAGE);
	uint64_t below = end < low ? end : low;

	if (end > above && end - above >= size)
		*at = align_down(end - size, PAGE);
	else if (below > start && align_down(below, PAGE) >= start &&
		 align_down(below, PAGE) - start >= size)
		*at = align_down(below, PAGE) - size;
	else
		return false;
	return *at >= start;
}

/* Move the file off the program's own place. */
static int move_image(struct image *im, uint64_t low, uint64_t high)
{
	uint64_t limit = mem_real_limit(), at = 0, start, len, place = 0;
	uint64_t size = align_up(im->size, PAGE), to;
	bool found = false;

	while (mem_next(MEM_FREE, &at, &start, &len) && start < limit) {
		uint64_t end = len < limit - start ? start + len : limit;

		if (place_beside(align_up(start, PAGE), end, low, high, size, &to)) {
			place = to;
			found = true;
		}
	}
	if (!found || mem_claim(place, size, MEM_LOADED))
		return E_NOMEM;
	memcpy(ram_at(place, size), bytes_of(im), im->size);
	drop_image(im);
	*im = (struct image){place, im->size, size};
	return 0;
}

/* Claim every segment; what was claimed before one failed is given back. */
static int claim_segments(const struct elf_plan *plan)
{
	for (unsigned i = 0; i < plan->segments; i++) {
		const struct elf_segment *s = &plan->seg[i];
		int err = mem_claim(s->paddr, s->memsz, MEM_CLIENT);

		if (!err && s->paddr + s->memsz <= mem_real_limit())
			continue;
		for (unsigned j = 0; j < (err ? i : i + 1); j++)
			if (mem_release(plan->seg[j].paddr, plan->seg[j].memsz, MEM_CLIENT))
				log_warn("segment %u stays claimed", j);
		return err ? err : E_RANGE;
	}
	return 0;
}

/* Find room elsewhere for a program that does not mind where it is; the file is not in the way. */
static int claim_elsewhere(const struct elf_plan *plan, uint64_t from, uint64_t *delta)
{
	uint64_t limit = mem_real_limit(), span = plan->high - plan->low;
	uint64_t at = from, start, len;

	if (!plan->is_64bit && limit > FOUR_GIB)
		limit = FOUR_GIB;
	while (mem_next(MEM_FREE, &at, &start, &len)) {
		uint64_t skew = plan->low & (plan->align - 1), base, end;

		if (!align_up_ok(start, plan->align, &base) || !add_ok(base, skew, &base) ||
		    !add_ok(base, span, &end) || end > limit || end - start > len)
			continue;
		*delta = base - plan->low;
		return mem_claim(base, span, MEM_CLIENT);
	}
	return E_NOMEM;
}

/* The program's memory is claimed, where it is linked if possible; the file is beside it. */
static int claim_program(const struct elf_plan *plan, struct image *im, uint64_t *delta,
			 struct load_failure *f)
{
	int err = touches(plan, im) ? move_image(im, plan->low, plan->high) : 0;
	bool may_move = plan->is_movable || plan->moves_itself;

	*delta = 0;
	if (err && !may_move)
		return fail(f, err, 3408, "no room beside the program for its file");
	err = err ? err : claim_segments(plan);
	if (err && may_move) {
		uint64_t from = plan->has_chrp && plan->chrp.load_base > MOVED_LOW &&
						plan->chrp.load_base != UINT32_MAX
					? plan->chrp.load_base
					: MOVED_LOW;

		err = claim_elsewhere(plan, from, delta);
		if (err && from != MOVED_LOW)
			err = claim_elsewhere(plan, MOVED_LOW, delta);
	}
	if (!err)
		return 0;
	f->code = 3408;
	snprintf(f->why, sizeof(f->why), "%llx to %llx: %s", (unsigned long long)plan->low,
		 (unsigned long long)plan->high, err_text(err));
	return err;
}

static void copy_segments(const struct elf_plan *plan, const struct image *im, uint64_t delta)
{
	const uint8_t *file = bytes_of(im);

	for (unsigned i = 0; i < plan->segments; i++) {
		const struct elf_segment *s = &plan->seg[i];
		uint8_t *to = ram_at(s->paddr + delta, s->memsz);

		memcpy(to, file + s->offset, s->filesz);
		memset(to + s->filesz, 0, s->memsz - s->filesz);
		log_debug("segment %llx bytes at %llx", (unsigned long long)s->memsz,
			  (unsigned long long)(s->paddr + delta));
	}
}

/* The processor must not run what was at these addresses before. */
static void flush_segments(const struct elf_plan *plan, uint64_t delta)
{
	for (unsigned i = 0; i < plan->segments && of_platform()->code_written; i++)
		of_platform()->code_written(plan->seg[i].paddr + delta, plan->seg[i].filesz);
}

static void *program_at(void *ctx UNUSED, uint64_t addr, uint64_t len)
{
	return ram_at(addr, len);
}

static int link_program(const struct elf_plan *plan, const struct image *im, uint64_t delta,
			struct load_failure *f)
{
	const struct elf_memory mem = {program_at, NULL};
	uint32_t type = 0;
	int err = plan->moves_itself ? 0 : elf_relocate(bytes_of(im), plan, delta, &mem, &type);

	if (err == E_UNSUPP) {
		f->code = 3403;
		snprintf(f->why, sizeof(f->why), "relocation of type %u is not known", type);
		return err;
	}
	if (!err)
		err = elf_entry(plan, delta, &mem, &ready.image.entry, &ready.image.toc);
	return err ? fail(f, err, 3403, "a relocation or the entry lies outside the program") : 0;
}

static void note_wishes(const struct elf_plan *plan)
{
	if (plan->has_chrp)
		log_debug("CHRP note: real-mode %x real %x+%x virt %x+%x load-base %x",
			  plan->chrp.real_mode, plan->chrp.real_base, plan->chrp.real_size,
			  plan->chrp.virt_base, plan->chrp.virt_size, plan->chrp.load_base);
	if (plan->has_rpa)
		log_debug("RPA client configuration not looked at");
}

/* Put a checked program in place; its memory is free again on failure. */
static int place_program(const struct elf_plan *plan, struct image *im, struct load_failure *f)
{
	struct memory_mark before;
	uint64_t delta = 0;
	int err = memory_note(&(struct memory_mark){0}, &before);

	if (err)
		return fail(f, err, 3402, err_text(err));
	err = claim_program(plan, im, &delta, f);
	if (!err) {
		copy_segments(plan, im, delta);
		err = link_program(plan, im, delta, f);
	}
	if (!err && memory_note(&before, &ready.own))
		err = fail(f, E_NOMEM, 3402, "no memory to note its place");
	if (err) {
		memory_release_since(&before);
		return err;
	}
	memory_forget(&before);
	flush_segments(plan, delta);
	ready.image.is_64bit = plan->is_64bit;
	ready.image.is_little = plan->is_little;
	ready.wants_translation = plan->has_chrp && plan->chrp.real_mode == 0;
	ready.kind = PROGRAM;
	return 0;
}

static int ready_program(struct image *im, struct load_failure *f)
{
	struct elf_plan *plan = try_alloc(sizeof(*plan));
	const char *why = "";
	int err;

	if (!plan)
		return fail(f, E_NOMEM, 3402, "no memory for the plan");
	err = elf_plan(bytes_of(im), im->size, plan, &why);
	if (err) {
		(void)fail(f, err, 3403, why);
	} else {
		note_wishes(plan);
		err = place_program(plan, im, f);
	}
	heap_free(plan);
	return err;
}

/* ---- what came ------------------------------------------------------------------------------ */

static int ready_script(const struct image *im, struct load_failure *f)
{
	ready.script = try_alloc(im->size + 1);
	if (!ready.script)
		return fail(f, E_NOMEM, 3402, "no memory for the script");
	memcpy(ready.script, bytes_of(im), im->size);
	ready.script_len = im->size;
	ready.kind = SCRIPT;
	return 0;
}

/* What is in a gzip'd file takes its place. */
static int unpack(struct image *im, struct load_failure *f)
{
	struct image plain;
	const char *why = "";
	uint64_t size = 0;
	int err = claim_area();

	if (err)
		return fail(f, err, 3408, "no free memory to unpack to");
	err = gunzip(bytes_of(im), im->size, ram_at(area, area_size), area_size, &size, &why);
	shrink_area(&plain, size);
	if (err) {
		drop_image(&plain);
		return fail(f, err, err == E_FORMAT ? 3403 : 3408, why);
	}
	log_info("%llu bytes, unpacked %llu", (unsigned long long)im->size,
		 (unsigned long long)size);
	drop_image(im);
	*im = plain;
	return 0;
}

static int look_at(struct image *im, struct load_failure *f)
{
	const uint8_t *p = bytes_of(im);

	if (im->size >= 2 && p[0] == '\\' && (p[1] == ' ' || p[1] == '\n' || p[1] == '\r'))
		return ready_script(im, f);
	if (im->size >= 4 && !memcmp(p, "\177ELF", 4))
		return ready_program(im, f);
	f->code = 3403;
	snprintf(f->why, sizeof(f->why), "%llu bytes that begin with %02x %02x: not ELF, no script",
		 (unsigned long long)im->size, im->size > 0 ? p[0] : 0, im->size > 1 ? p[1] : 0);
	return E_FORMAT;
}

int loader_load(struct instance *in, struct load_failure *f)
{
	struct image im = {0, 0, 0};
	int err;

	if (area_size > 0)
		return fail(f, E_BUSY, 3402, "an image is being loaded already");
	loader_drop();
	if (!in->node || !method_find(in->node, "load", 4))
		return fail(f, E_UNSUPP, 3404, "it has no load method");
	err = fetch(in, &im, f);
	if (!err) {
		if (gunzip_is_packed(bytes_of(&im), im.size))
			err = unpack(&im, f);
		err = err ? err : look_at(&im, f);
		drop_image(&im);
	}
	if (err)
		drop_initrd(&ready.initrd);
	return err;
}

void loader_abandon(void)
{
	struct image im = {area, 0, area_size};

	area_size = 0;
	drop_image(&im);
	reason_end(false);
}

void loader_drop(void)
{
	heap_free(ready.script);
	drop_initrd(&ready.initrd);
	memory_release(&ready.own);
	ready = (struct ready){.kind = NOTHING};
}

/* ---- running it ----------------------------------------------------------------------------- */

static int run_script(void)
{
	char *script = ready.script;
	size_t len = ready.script_len;
	int err;

	drop_initrd(&ready.initrd);
	ready = (struct ready){.kind = NOTHING}; /* the script may load something itself */
	err = of_evaluate("boot script", script, len);
	heap_free(script);
	return err;
}

static int run_program(void)
{
	const struct dt_node *chosen = dt_path_find(of_tree(), "/chosen");
	const char *args = chosen ? dt_prop_get_str(chosen, "bootargs") : NULL;
	struct ready program = ready;
	int err;

	ready = (struct ready){.kind = NOTHING}; /* interpret may load the next one */
	program.image.args = args ? args : "";
	if (program.wants_translation)
		log_warn("the program's note says real-mode? false; it is called in real mode");
	err = boot_run(&program.image, &program.own);
	drop_initrd(&program.initrd);
	return err;
}

bool of_is_loaded(void)
{
	return ready.kind != NOTHING;
}

int loader_run(void)
{
	if (ready.kind == SCRIPT)
		return run_script();
	return ready.kind == PROGRAM ? run_program() : E_NOENT;
}
