/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who owns which part of the address space. The map is one sorted array of records {start, owner}; a
 * record's stretch ends where the next one starts, the last one's at the end of the address space.
 * The first record starts at 0, and neighbours have different owners, so the map says each thing
 * once. Everything is built from two steps: find() the record that covers an address, and
 * set_owner() of a range. The array moves to a larger block before it is full; the block comes out of
 * the map itself, which is why every change makes room first and looks only then.
 */
#include "of/memory.h"

#include "base/arith.h"
#include "base/err.h"
#include "base/panic.h"

#include <string.h>

#define PAGE      4096u
#define TWO_GIB   (2ull << 30)
#define FOUR_GIB  (4ull << 30)
#define LINUX_TOP 0x30000000ull /* prom_init allocates downward from here */

/* Records that must stay unused: two for the change at hand, two for moving the array. */
#define SLACK 4u

struct stretch {
	uint64_t start;
	uint64_t owner; /* enum mem_owner */
};

static struct stretch *map, *first_map;
static size_t count, room, first_room; /* records used, there, and there at first */
static uint64_t map_addr; /* where the map took the array from itself; 0: the first records */
static uint64_t real_limit;
static unsigned generation;
static bool distrust;

/* ---- the array -------------------------------------------------------------------------- */

/* The record that covers addr. */
static size_t find(uint64_t addr)
{
	size_t low = 0, high = count;

	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (map[mid].start <= addr)
			low = mid;
		else
			high = mid;
	}
	return low;
}

static uint64_t end_of(size_t i)
{
	return i + 1 < count ? map[i + 1].start : UINT64_MAX;
}

/* Put n records in place of those from lo up to hi. */
static int splice(size_t lo, size_t hi, const struct stretch *put, size_t n)
{
	size_t left = count - (hi - lo);

	if (left + n > room)
		return E_NOMEM;
	memmove(map + lo + n, map + hi, (count - hi) * sizeof(*map));
	for (size_t i = 0; i < n; i++)
		map[lo + i] = put[i];
	count = left + n;
	generation++;
	return 0;
}

/* Make [start, end) the owner's, whoever had it. E_NOMEM if the array is full. */
static int set_owner(uint64_t start, uint64_t end, enum mem_owner owner)
{
	size_t lo = find(start), hi = find(end - 1) + 1;
	uint64_t behind = map[hi - 1].owner;
	struct stretch put[2];
	size_t n = 0;

	if (map[lo].start < start)
		lo++; /* its front part stays */
	if (lo == 0 || map[lo - 1].owner != owner)
		put[n++] = (struct stretch){start, owner};
	if (end < end_of(hi - 1)) {
		if (behind != owner)
			put[n++] = (struct stretch){end, behind};
	} else if (hi < count && map[hi].owner == owner) {
		hi++; /* the neighbour becomes part of ours */
	}
	return splice(lo, hi, put, n);
}

/* ---- searching -------------------------------------------------------------------------- */

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static bool lowest_in(uint64_t start, uint64_t end, uint64_t size, uint64_t align, uint64_t *addr)
{
	uint64_t at, last;

	if (!align_up_ok(start, align, &at) || !add_ok(at, size, &last) || last > end)
		return false;
	*addr = at;
	return true;
}

static bool highest_in(uint64_t start, uint64_t end, uint64_t size, uint64_t align, uint64_t *addr)
{
	uint64_t at;

	if (end < start || end - start < size)
		return false;
	at = align_down(end - size, align);
	if (at < start)
		return false;
	*addr = at;
	return true;
}

static int find_bottom(uint64_t size, uint64_t align, uint64_t limit, uint64_t *addr)
{
	for (size_t i = 0; i < count && map[i].start < limit; i++) {
		uint64_t end = least(end_of(i), limit);

		if (map[i].owner == MEM_FREE && lowest_in(map[i].start, end, size, align, addr))
			return 0;
	}
	return E_NOMEM;
}

static int find_top(uint64_t size, uint64_t align, uint64_t limit, uint64_t *addr)
{
	if (limit == 0)
		return E_NOMEM;
	for (size_t i = find(limit - 1) + 1; i-- > 0;) {
		uint64_t end = least(end_of(i), limit);

		if (map[i].owner == MEM_FREE && highest_in(map[i].start, end, size, align, addr))
			return 0;
	}
	return E_NOMEM;
}

/* ---- growing ---------------------------------------------------------------------------- */

static void move_to(struct stretch *to, uint64_t addr, size_t records)
{
	memcpy(to, map, count * sizeof(*map));
	map = to;
	map_addr = addr;
	room = records;
}

/*
 * Move to an array twice as large when few records are left. When memory is short we carry on with
 * what there is; set_owner() refuses when there is really no record left.
 */
static void make_room(void)
{
	uint64_t old = map_addr, old_bytes = room * sizeof(*map);
	uint64_t bytes = align_up(2 * old_bytes, PAGE);
	uint64_t addr;

	if (count + SLACK <= room)
		return;
	if (find_top(bytes, PAGE, least(real_limit, TWO_GIB), &addr) ||
	    set_owner(addr, addr + bytes, MEM_FIRMWARE))
		return;
	move_to(ram_at(addr, bytes), addr, bytes / sizeof(*map));
	if (old && set_owner(old, old + old_bytes, MEM_FREE))
		panic("memory map: no record in a new array");
}

/* Back to the first array when it has room to spare: what a crowd of claims took is free again. */
static void give_back(void)
{
	uint64_t old = map_addr, old_bytes = room * sizeof(*map);

	if (!map_addr || count + SLACK > first_room / 4 * 3)
		return;
	move_to(first_map, 0, first_room);
	if (set_owner(old, old + old_bytes, MEM_FREE))
		panic("memory map: no record in the first array");
}

/* ---- what others call ------------------------------------------------------------------- */

void mem_init(void *first, size_t bytes)
{
	map = first_map = first;
	room = first_room = bytes / sizeof(*map);
	assert(room >= 4 * SLACK);
	map[0] = (struct stretch){0, MEM_ABSENT};
	count = 1;
	map_addr = 0;
	real_limit = UINT64_MAX;
	distrust = false;
	generation++;
}

void mem_set_real_limit(uint64_t limit)
{
	real_limit = limit;
}

uint64_t mem_real_limit(void)
{
	return real_limit;
}

static bool range_ok(uint64_t addr, uint64_t size, uint64_t *end)
{
	return size != 0 && add_ok(addr, size, end);
}

/* Does all of [addr, end) belong to one owner? */
static bool all_owned_by(uint64_t addr, uint64_t end, enum mem_owner owner)
{
	size_t i = find(addr);

	return map[i].owner == owner && end <= end_of(i);
}

/* Hand whatever belongs to one owner in [addr, addr+size) over to another. */
static int convert(uint64_t addr, uint64_t size, enum mem_owner from, enum mem_owner to)
{
	uint64_t end;

	if (!range_ok(addr, size, &end))
		return E_INVAL;
	make_room();
	while (addr < end) {
		size_t i = find(addr);
		uint64_t stop = least(end, end_of(i));

		if (map[i].owner == from) {
			int err = set_owner(addr, stop, to);

			if (err)
				return err;
		}
		addr = stop;
	}
	return 0;
}

int mem_add(uint64_t addr, uint64_t size)
{
	return convert(addr, size, MEM_ABSENT, MEM_FREE);
}

int mem_reserve(uint64_t addr, uint64_t size, enum mem_owner owner)
{
	return convert(addr, size, MEM_FREE, owner);
}

int mem_claim(uint64_t addr, uint64_t size, enum mem_owner owner)
{
	uint64_t end;

	if (!range_ok(addr, size, &end))
		return E_INVAL;
	make_room();
	if (!all_owned_by(addr, end, MEM_FREE))
		return E_BUSY;
	return set_owner(addr, end, owner);
}

int mem_alloc(uint64_t size, uint64_t align, uint64_t limit, enum mem_from from,
	      enum mem_owner owner, uint64_t *addr)
{
	uint64_t at;
	int err;

	if (size == 0 || !is_pow2(align))
		return E_INVAL;
	limit = least(limit, real_limit);
	make_room();
	if (from == MEM_FROM_TOP)
		err = find_top(size, align, limit, &at);
	else
		err = find_bottom(size, align, limit, &at);
	if (!err)
		err = set_owner(at, at + size, owner);
	if (!err)
		*addr = at;
	return err;
}

int mem_release(uint64_t addr, uint64_t size, enum mem_owner owner)
{
	uint64_t end;
	int err;

	if (!range_ok(addr, size, &end))
		return E_INVAL;
	make_room();
	if (owner == MEM_ABSENT || !all_owned_by(addr, end, owner))
		return E_PERM;
	err = set_owner(addr, end, MEM_FREE);
	if (!err)
		give_back();
	return err;
}

int mem_client_claim(uint64_t addr, uint64_t size, uint64_t align, uint64_t *out)
{
	static const uint64_t limits[] = {LINUX_TOP, TWO_GIB, FOUR_GIB};
	int err;

	if (align == 0) {
		err = mem_claim(addr, size, MEM_CLIENT);
		if (!err)
			*out = addr;
		return err;
	}
	align = pow2_ceil(align);
	err = E_NOMEM;
	for (unsigned i = 0; i < ARRAY_SIZE(limits) && err == E_NOMEM; i++)
		err = mem_alloc(size, align, limits[i], MEM_FROM_TOP, MEM_CLIENT, out);
	return err;
}

uint64_t mem_client_extent(uint64_t addr, uint64_t max)
{
	uint64_t at = addr, stop;

	if (!add_ok(addr, max, &stop))
		stop = UINT64_MAX;
	for (size_t i = find(addr); at < stop && i < count; i++) {
		enum mem_owner owner = map[i].owner;

		if (owner == MEM_ABSENT || owner == MEM_FIRMWARE || owner == MEM_HEAP)
			break;
		at = least(end_of(i), stop);
	}
	return at - addr;
}

bool mem_client_may(uint64_t addr, uint64_t size)
{
	return mem_client_extent(addr, size) == size;
}

static bool all_present(uint64_t addr, uint64_t len)
{
	uint64_t end;

	if (!add_ok(addr, len, &end))
		return false;
	for (size_t i = find(addr); i < count && map[i].start < end; i++)
		if (map[i].owner == MEM_ABSENT)
			return false;
	return true;
}

void *mem_pointer(uint64_t addr, uint64_t len)
{
	static char nothing[1];

	if (len == 0)
		return nothing;
	if (distrust ? !mem_client_may(addr, len) : !all_present(addr, len))
		return NULL;
	return ram_at(addr, len);
}

bool mem_distrust(bool on)
{
	bool before = distrust;

	distrust = on;
	return before;
}

bool mem_is_distrusted(void)
{
	return distrust;
}

bool mem_next(enum mem_owner owner, uint64_t *at, uint64_t *addr, uint64_t *size)
{
	assert(owner != MEM_ABSENT);
	for (size_t i = find(*at); i < count; i++) {
		uint64_t start = map[i].start < *at ? *at : map[i].start;

		if (map[i].owner != owner)
			continue;
		*addr = start;
		*size = end_of(i) - start;
		*at = end_of(i);
		return true;
	}
	return false;
}

unsigned mem_generation(void)
{
	return generation;
}

void *dma_alloc_pages(size_t bytes, size_t align)
{
	uint64_t size, addr;
	void *pages;

	if (align < PAGE)
		align = PAGE;
	if (!align_up_ok(bytes, PAGE, &size) ||
	    mem_alloc(size, align, TWO_GIB, MEM_FROM_TOP, MEM_FIRMWARE, &addr))
		return NULL;
	pages = ram_at(addr, size);
	memset(pages, 0, size);
	return pages;
}

void dma_free_pages(void *pages, size_t bytes)
{
	if (pages && mem_release(ram_address(pages), align_up(bytes, PAGE), MEM_FIRMWARE))
		panic("dma: %p+%zx is not the firmware's", pages, bytes);
}
