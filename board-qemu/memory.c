/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's memory: who owns what at start, the heap's pages, and the guards. The map begins with
 * the RMA only, which reaches at least to the end of the tree's 2 MiB; once the tree is alive, every
 * memory node adds the rest.
 */
#define LOG_TAG "memory"
#include "memmap.h"

#include <string.h>

#include "cpu.h"

#include "base/arith.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/panic.h"
#include "dt/cells.h"
#include "dt/fdt.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/machine.h"
#include "of/memory.h"

#define FDT_ROOM     0x200000ull
#define PAGE         4096ull
#define KERNEL_SLACK 0x100000ull
#define GUARD_WORD   0x6e756c6c70616765ull /* "nullpage" */

extern char __end[];
extern uint64_t stack_bottom[], ci_stack_bottom[], exc_stack_bottom[];

static uint64_t image_base, fdt_addr, fdt_bytes;
static uint64_t first_records[512] __attribute__((aligned(16)));

uint64_t board_image_base(void)
{
	return image_base;
}

/* Do [a, a+len) and [from, to) overlap? */
static bool overlaps(uint64_t a, uint64_t len, uint64_t from, uint64_t to)
{
	return len > 0 && a < to && (a >= from || from - a < len);
}

bool board_memory_is_vital(uint64_t addr, uint64_t len)
{
	uint64_t at = addr, heap, size;

	return overlaps(addr, len, LOW_RESET, LOW_END) ||
	       overlaps(addr, len, image_base, (uintptr_t)__end) ||
	       (mem_next(MEM_HEAP, &at, &heap, &size) && overlaps(addr, len, heap, heap + size));
}

static void *heap_get(size_t bytes)
{
	uint64_t addr;

	if (mem_alloc(bytes, PAGE, RAM_32BIT_LIMIT, MEM_FROM_TOP, MEM_HEAP, &addr))
		return NULL;
	return (void *)(uintptr_t)addr;
}

static void heap_put(void *pages, size_t bytes)
{
	int err = mem_release((uintptr_t)pages, bytes, MEM_HEAP);

	if (err)
		log_warn("heap: %llx cannot be given back: %s",
			 (unsigned long long)(uintptr_t)pages, err_text(err));
}

static const struct heap_source pages = {heap_get, heap_put};

/* Whole pages around [addr, addr + size). */
static int reserve(uint64_t addr, uint64_t size, enum mem_owner owner)
{
	uint64_t end;

	if (size == 0)
		return 0;
	if (!add_ok(addr, size, &end) || !align_up_ok(end, PAGE, &end))
		return E_RANGE;
	addr = align_down(addr, PAGE);
	return mem_reserve(addr, end - addr, owner);
}

static void reserve_loaded(const void *fdt)
{
	uint64_t addr, size;

	for (unsigned i = 0; !dt_fdt_reserved(fdt, i, &addr, &size); i++) {
		int err = reserve(addr, size, MEM_LOADED);

		if (err)
			log_warn("reserve map entry %u (%llx, %llx bytes): %s", i,
				 (unsigned long long)addr, (unsigned long long)size, err_text(err));
	}
}

/*
 * QEMU states the size of -kernel as the sum of its segments and leaves out the gaps between them, so
 * that an image with gaps (GRUB's) ends further up than the reserve map says. Nothing is claimed
 * in the first MiB behind it unless an initrd is there.
 */
static void reserve_kernel_slack(const void *fdt)
{
	uint64_t addr, size, end;

	if (dt_fdt_reserved(fdt, 0, &addr, &size) || !add_ok(addr, size, &end))
		return;
	if (reserve(end, KERNEL_SLACK, MEM_LOADED))
		log_warn("no room is kept behind the kernel at %llx", (unsigned long long)end);
}

int board_memory_init(const void *fdt)
{
	uint64_t base = image_base;
	const char *why;
	size_t size;
	int err;

	fdt_addr = (uintptr_t)fdt;
	err = dt_fdt_check(fdt, FDT_ROOM, &size, &why);
	if (err) {
		log_err("the flattened tree at %llx is unusable: %s", (unsigned long long)fdt_addr,
			why);
		return err;
	}
	fdt_bytes = align_up(size, PAGE);
	mem_init(first_records, sizeof(first_records));
	err = mem_add(0, fdt_addr + FDT_ROOM);
	err = err ? err : reserve(0, LOW_END, MEM_FIRMWARE);
	err = err ? err : reserve(base, (uintptr_t)__end - base, MEM_FIRMWARE);
	err = err ? err : reserve(fdt_addr, fdt_bytes, MEM_LOADED);
	if (err) {
		log_err("memory map: %s", err_text(err));
		return err;
	}
	reserve_loaded(fdt);
	reserve_kernel_slack(fdt);
	heap_init(&pages);
	return 0;
}

void board_memory_drop_fdt(void)
{
	int err = mem_release(fdt_addr, fdt_bytes, MEM_LOADED);

	if (err)
		log_warn("the flattened tree's memory stays taken: %s", err_text(err));
}

static void add_node(const struct dt_node *node)
{
	const struct dt_node *root = node->parent;
	struct dt_reader r = dt_read(node, "reg");

	while (r.left) {
		uint64_t addr = dt_read_cells(&r, dt_address_cells(root));
		uint64_t size = dt_read_cells(&r, dt_size_cells(root));
		int err = r.short_of ? E_FORMAT : mem_add(addr, size);

		if (err) {
			log_warn("%s: reg (%llx, %llx bytes): %s", node->name,
				 (unsigned long long)addr, (unsigned long long)size, err_text(err));
			return;
		}
		log_info("%s: %llu MiB at %llx", node->name, (unsigned long long)size >> 20,
			 (unsigned long long)addr);
	}
}

/* The RMA is the first memory node exactly: what real mode reaches on every accelerator. */
static void limit_to_rma(void)
{
	const struct dt_node *rma = dt_path_find(of_tree(), "/memory@0");
	struct dt_reader r;
	uint64_t addr, size;

	if (!rma)
		return;
	r = dt_read(rma, "reg");
	addr = dt_read_u64(&r);
	size = dt_read_u64(&r);
	if (!r.short_of && addr == 0)
		mem_set_real_limit(size);
}

void board_memory_add_nodes(void)
{
	for (struct dt_node *n = of_tree()->root->child; n; n = n->next)
		if (dt_prop_lists(n, "device_type", "memory"))
			add_node(n);
	limit_to_rma();
}

/* ---- guards -------------------------------------------------------------------------------- */

#define NULL_WORDS 12

static uint64_t *const stacks[] = {stack_bottom, ci_stack_bottom, exc_stack_bottom};
static uint64_t null_expected[NULL_WORDS];

void board_memory_start(uint64_t base)
{
	image_base = base;
	for (unsigned i = 0; i < NULL_WORDS; i++)
		cpu_low_put(i * 8, null_expected[i] = GUARD_WORD);
	for (unsigned i = 0; i < ARRAY_SIZE(stacks); i++)
		stacks[i][0] = stacks[i][1] = GUARD_WORD;
}

void board_memory_guard_adopt(void)
{
	for (unsigned i = 0; i < NULL_WORDS; i++)
		null_expected[i] = cpu_low_get(i * 8);
}

void board_memory_guard_check(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(stacks); i++)
		if (stacks[i][0] != GUARD_WORD || stacks[i][1] != GUARD_WORD)
			panic("stack %u overflowed", i);
	for (unsigned i = 0; i < NULL_WORDS; i++) {
		uint64_t word = cpu_low_get(i * 8);

		if (word == null_expected[i])
			continue;
		log_warn("the firmware wrote %llx through a null pointer, at %x",
			 (unsigned long long)word, i * 8);
		board_memory_guard_adopt();
	}
}
