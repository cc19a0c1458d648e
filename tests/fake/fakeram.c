/* SPDX-License-Identifier: BSD-2-Clause */
/* RAM as one mapping of the host's, with AddressSanitizer's poison as its fence. */
#include "fakeram.h"

#include <string.h>
#include <sys/mman.h>

#include "base/err.h"
#include "base/panic.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FENCED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) && !defined(FENCED)
#define FENCED 1
#endif
#ifdef FENCED
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n)   ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

static uint8_t *ram;
bool fakeram_with_foreign;
static uint64_t first_records[2 * FAKERAM_RECORDS_MAX];

/* [addr, addr+size) of the closed window, if any. */
static uint64_t closed_at, closed_end;

static void make_ram(void)
{
	if (ram)
		return;
	ram = mmap(NULL, FAKERAM_BYTES, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (ram == MAP_FAILED)
		panic("fakeram: no memory");
}

void fakeram_init(unsigned records)
{
	int err;

	make_ram();
	fakeram_with_foreign = false;
	fakeram_open(0, FAKERAM_BYTES);
	if (records > FAKERAM_RECORDS_MAX)
		panic("fakeram: %u records", records);
	mem_init(first_records, 16 * records);
	err = mem_add(0, FAKERAM_BYTES);
	err = err ? err : mem_reserve(0, FAKERAM_LOW_END, MEM_FIRMWARE);
	if (err)
		panic("fakeram: %s", err_text(err));
	mem_set_real_limit(FAKERAM_BYTES);
}

void fakeram_close(uint64_t addr, uint64_t size)
{
	closed_at = addr;
	closed_end = addr + size;
	ASAN_POISON_MEMORY_REGION(ram + addr, size);
}

void fakeram_open(uint64_t addr, uint64_t size)
{
	closed_at = closed_end = 0;
	ASAN_UNPOISON_MEMORY_REGION(ram + addr, size);
}

uint8_t *fakeram_bytes(uint64_t addr)
{
	if (fakeram_with_foreign && addr >= FAKERAM_FOREIGN)
		return (uint8_t *)(uintptr_t)(addr - FAKERAM_FOREIGN);
	return ram + addr;
}

void *ram_at(uint64_t addr, uint64_t len)
{
	if (addr > FAKERAM_BYTES || len > FAKERAM_BYTES - addr)
		panic("ram_at: %llx+%llx is not there", (unsigned long long)addr,
		      (unsigned long long)len);
	if (addr + len > closed_at && addr < closed_end)
		ASAN_UNPOISON_MEMORY_REGION(ram + addr, len);
	return ram + addr;
}

uint64_t ram_address(const void *p)
{
	const uint8_t *at = p;

	if (fakeram_with_foreign && (at < ram || at >= ram + FAKERAM_BYTES))
		return FAKERAM_FOREIGN + (uintptr_t)p;
	if (at < ram || at >= ram + FAKERAM_BYTES)
		panic("ram_address: %p is not in RAM", p);
	return (uint64_t)(at - ram);
}
