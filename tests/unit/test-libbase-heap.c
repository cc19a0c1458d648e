/* SPDX-License-Identifier: BSD-2-Clause */
/* The real heap over pages of malloc(). */
#include "check.h"

#include "base/heap.h"

static _Alignas(4096) char arena[8u << 20];
static size_t arena_next;
static size_t out;
static int dry;

static void *get(size_t bytes)
{
	void *p = arena + arena_next;

	if (dry || sizeof(arena) - arena_next < bytes)
		return NULL;
	arena_next += bytes;
	out += bytes;
	memset(p, 0x5a, bytes);
	return p;
}

static void put(void *pages, size_t bytes)
{
	(void)pages;
	out -= bytes;
}

static const struct heap_source source = {get, put};

static void test_blocks_are_zeroed_aligned_and_apart(void)
{
	unsigned char *p[200];

	heap_init(&source);
	for (unsigned i = 0; i < 200; i++) {
		p[i] = xalloc(i * 41);
		CHECK_EQ((uintptr_t)p[i] % 16, 0);
		for (unsigned j = 0; j < i * 41; j++)
			CHECK_EQ(p[i][j], 0);
		memset(p[i], (int)i + 1, i * 41);
	}
	for (unsigned i = 0; i < 200; i++) {
		for (unsigned j = 0; j < i * 41; j++)
			CHECK_EQ(p[i][j], (unsigned char)(i + 1));
		heap_free(p[i]);
	}
	CHECK_EQ(heap_stats().used, 0);
}

static void test_freed_blocks_are_used_again(void)
{
	size_t before;

	heap_init(&source);
	heap_free(xalloc(100));
	before = heap_stats().taken;
	for (unsigned i = 0; i < 100000; i++)
		heap_free(xalloc(100));
	CHECK_EQ(heap_stats().taken, before);
}

static void test_large_blocks_go_back_to_the_source(void)
{
	size_t before = out;
	void *p;

	heap_init(&source);
	p = xalloc(1000000);
	CHECK(out >= before + 1000000);
	heap_free(p);
	CHECK_EQ(out, before);
}

static void test_a_dry_source_gives_null(void)
{
	heap_init(&source);
	dry = 1;
	CHECK(!try_alloc(10));
	CHECK(!try_alloc(100000));
	dry = 0;
	CHECK(!try_alloc(SIZE_MAX));
	CHECK(!try_alloc(SIZE_MAX - 100));
}

static void test_resize_keeps_the_contents(void)
{
	char *p, *q;

	heap_init(&source);
	p = try_resize(NULL, 0, 10);
	CHECK(p);
	memcpy(p, "123456789", 10);
	q = try_resize(p, 10, 5000);
	CHECK(q);
	CHECK_STR(q, "123456789");
	CHECK_EQ(q[4999], 0);
	dry = 1;
	CHECK(!try_resize(q, 5000, 1000000));
	dry = 0;
	CHECK_STR(q, "123456789");
	heap_free(q);
}

static void test_junk_fills_what_was_freed(void)
{
	unsigned char *p;

	heap_init(&source);
	p = xalloc(64);
	memset(p, 1, 64);
	heap_free(p);
	CHECK_EQ(p[40], 0xa5);
}

static const struct test tests[] = {
	TEST(test_blocks_are_zeroed_aligned_and_apart), TEST(test_freed_blocks_are_used_again),
	TEST(test_large_blocks_go_back_to_the_source),  TEST(test_a_dry_source_gives_null),
	TEST(test_resize_keeps_the_contents),           TEST(test_junk_fills_what_was_freed),
};
TEST_MAIN(tests)
