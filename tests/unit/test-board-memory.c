/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's memory map at start, and the guards against null pointers and full stacks. */
#include "check.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fakehv.h"
#include "fakeplatform.h"

#include "../../board-qemu/cpu.h"
#include "../../board-qemu/memmap.h"

#include "base/bytes.h"
#include "base/heap.h"
#include "base/log.h"
#include "dt/cells.h"
#include "dt/fdt.h"
#include "dt/prop.h"
#include "of/memory.h"

#define FDT_ROOM 0x200000u
#define KERNEL   0x400000u

extern char __end[];
extern uint64_t stack_bottom[2];

static char said[4096];

static void sink(const char *line, size_t len)
{
	size_t at = strlen(said);

	if (at + len < sizeof(said)) {
		memcpy(said + at, line, len);
		said[at + len] = 0;
	}
}

static void listen(void)
{
	said[0] = 0;
	log_set_sink(sink);
}

/* A blob in room of its own, as QEMU leaves it: with a reserve map entry for a kernel. */
static uint8_t *make_fdt(uint64_t kernel, uint64_t size)
{
	uint8_t *room =
		mmap(NULL, FDT_ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct dt_tree tree;
	uint8_t *blob;
	size_t len;

	CHECK(room != MAP_FAILED);
	dt_tree_init(&tree);
	blob = dt_to_fdt(&tree, 0, &len);
	CHECK(blob);
	/* header, one entry and the list's end, then the rest moved up by that one entry */
	memcpy(room, blob, 40);
	memcpy(room + 56, blob + 40, len - 40);
	put_be64(room + 40, kernel);
	put_be64(room + 48, size);
	put_be32(room + 4, (uint32_t)len + 16);        /* totalsize */
	put_be32(room + 8, get_be32(blob + 8) + 16);   /* structure block */
	put_be32(room + 12, get_be32(blob + 12) + 16); /* strings block */
	heap_free(blob);
	dt_tree_free(&tree);
	return room;
}

static uint64_t image_base(void)
{
	return (uintptr_t)__end & ~0xffffull;
}

static void test_the_map_knows_vectors_image_tree_kernel_and_the_rest_is_free(void)
{
	uint8_t *fdt = make_fdt(KERNEL, 0x123456);

	board_memory_start(image_base());
	CHECK_EQ(board_memory_init(fdt), 0);
	CHECK(mem_claim(0x3000, 0x1000, MEM_CLIENT));
	CHECK_EQ(mem_claim(LOW_END, 0x1000, MEM_CLIENT), 0);
	CHECK(mem_claim(image_base(), 0x1000, MEM_CLIENT));
	CHECK(mem_claim((uintptr_t)fdt, 0x1000, MEM_CLIENT));
	CHECK(mem_claim(KERNEL, 0x1000, MEM_CLIENT));
	CHECK(mem_claim(KERNEL + 0x123000, 0x1000, MEM_CLIENT));
	board_memory_drop_fdt();
	CHECK_EQ(mem_claim((uintptr_t)fdt, 0x1000, MEM_CLIENT), 0);
	munmap(fdt, FDT_ROOM);
}

static void test_a_mib_behind_the_kernel_is_kept_for_the_gaps_qemu_does_not_count(void)
{
	uint8_t *fdt = make_fdt(KERNEL, 0x10000);

	board_memory_start(image_base());
	CHECK_EQ(board_memory_init(fdt), 0);
	CHECK(mem_claim(KERNEL + 0x10000, 0x1000, MEM_CLIENT));
	CHECK(mem_claim(KERNEL + 0x10fff0, 0x10, MEM_CLIENT));
	CHECK_EQ(mem_claim(KERNEL + 0x110000, 0x1000, MEM_CLIENT), 0);
	munmap(fdt, FDT_ROOM);
}

static void test_a_broken_tree_is_told_and_refused(void)
{
	uint8_t *fdt = make_fdt(0, 0);

	listen();
	fdt[0] ^= 1;
	board_memory_start(image_base());
	CHECK(board_memory_init(fdt));
	CHECK(strstr(said, "the flattened tree at"));
	munmap(fdt, FDT_ROOM);
}

static void test_a_reserve_map_entry_that_wraps_is_told_and_ignored(void)
{
	uint8_t *fdt = make_fdt(UINT64_MAX - 0x1000, 0x10000);

	listen();
	board_memory_start(image_base());
	CHECK_EQ(board_memory_init(fdt), 0);
	CHECK(strstr(said, "reserve map entry 0"));
	munmap(fdt, FDT_ROOM);
}

static void test_a_write_through_a_null_pointer_is_told_once_with_its_place(void)
{
	listen();
	board_memory_start(image_base());
	board_memory_guard_check();
	CHECK_STR(said, "");
	cpu_low_put(16, 0x1234);
	board_memory_guard_check();
	CHECK(strstr(said, "wrote 1234 through a null pointer, at 10"));
	said[0] = 0;
	board_memory_guard_check();
	CHECK_STR(said, "");
}

static void test_what_a_client_wrote_there_is_not_blamed_on_the_firmware(void)
{
	listen();
	board_memory_start(image_base());
	cpu_low_put(0, 0x480000082c000048);
	board_memory_guard_adopt();
	board_memory_guard_check();
	CHECK_STR(said, "");
}

static void test_an_overflowed_stack_stops_the_machine(void)
{
	int status = 0;
	pid_t child;

	board_memory_start(image_base());
	board_memory_guard_check();
	fflush(stdout);
	child = fork();
	if (child == 0) {
		close(2);
		stack_bottom[1] = 0;
		board_memory_guard_check();
		_exit(0);
	}
	CHECK(child > 0 && waitpid(child, &status, 0) == child);
	CHECK(WIFSIGNALED(status) || WEXITSTATUS(status) != 0);
}

static const struct test tests[] = {
	TEST(test_the_map_knows_vectors_image_tree_kernel_and_the_rest_is_free),
	TEST(test_a_mib_behind_the_kernel_is_kept_for_the_gaps_qemu_does_not_count),
	TEST(test_a_broken_tree_is_told_and_refused),
	TEST(test_a_reserve_map_entry_that_wraps_is_told_and_ignored),
	TEST(test_a_write_through_a_null_pointer_is_told_once_with_its_place),
	TEST(test_what_a_client_wrote_there_is_not_blamed_on_the_firmware),
	TEST(test_an_overflowed_stack_stops_the_machine),
};
TEST_MAIN(tests)
