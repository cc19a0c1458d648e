/* SPDX-License-Identifier: BSD-2-Clause */
/* From a load method to a program in place, and its memory back. */
#include "check.h"

#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "fakeboot.h"
#include "fakeelf.h"
#include "fakegzip.h"
#include "fakeplatform.h"
#include "fakeram.h"
#include "of/env.h"
#include "of/evaluate.h"

#define DISK "/bus@0/disk@1"
#define MIB  (1ull << 20)

static uint8_t file[4 * MIB];
static struct fakeboot disk;

static void start(void)
{
	fakeboot_start();
	disk = (struct fakeboot){.bytes = file};
	fakeboot_device(DISK, "disk", &disk);
}

static void start_elf(const struct fakeelf *elf)
{
	start();
	disk.len = fakeelf_write(elf, file, sizeof(file));
}

/* All memory as a text: who owns what. */
static uint64_t bytes_of(enum mem_owner owner)
{
	uint64_t at = 0, addr, size, sum = 0;

	while (mem_next(owner, &at, &addr, &size))
		sum += size;
	return sum;
}

static void check_segment(uint64_t addr, uint64_t filesz, uint64_t memsz)
{
	const uint8_t *p = fakeram_bytes(addr);

	for (uint64_t i = 0; i < memsz; i++)
		CHECK_EQ(p[i], i < filesz ? fakeelf_pattern(i) : 0);
}

static void test_a_program_is_put_in_place_and_run(void)
{
	struct fakeelf elf = fakeelf_at(0x400000, 3000, 9000);
	uint64_t before;

	start_elf(&elf);
	memset(fakeram_bytes(0x400000), 0xaa, 9000);
	before = bytes_of(MEM_CLIENT);
	CHECK_EQ(of_load("disk", "a b"), 0);
	check_segment(0x400000, 3000, 9000);
	CHECK_EQ(bytes_of(MEM_CLIENT), before + 9000);
	CHECK_EQ(bytes_of(MEM_LOADED), 0);
	CHECK_EQ(of_go(), 0);
	CHECK_EQ(fakeplatform.run.count, 1);
	CHECK_EQ(fakeplatform.run.image.entry, 0x400000);
	CHECK(!fakeplatform.run.image.is_64bit && !fakeplatform.run.image.is_little);
	CHECK_STR(fakeplatform.run.args, "a b");
	CHECK_EQ(bytes_of(MEM_CLIENT), before);
	CHECK_EQ(of_go(), E_NOENT);
	fakeboot_stop();
}

static bool warned;

static bool note_warning(const char *text)
{
	warned = strstr(text, "real-mode? false; it is called in real mode");
	return false;
}

/* There is no other mode to call it in, and no pseries firmware has one. */
static void test_a_program_that_wants_translation_is_run_in_real_mode(void)
{
	struct fakeelf elf = fakeelf_at(0x400000, 100, 100);
	uint8_t note[44] = {[3] = 8, [7] = 24, [10] = 0x12, [11] = 0x75}; /* all its words are 0 */

	memcpy(note + 12, "PowerPC", 8);
	elf.segments = 2;
	elf.seg[1].type = 4;
	elf.seg[1].bytes = note;
	elf.seg[1].filesz = sizeof(note);
	start_elf(&elf);
	CHECK_EQ(of_load("disk", ""), 0);
	log_set_catcher(note_warning);
	CHECK_EQ(of_go(), 0);
	log_set_catcher(NULL);
	CHECK(warned);
	CHECK_EQ(fakeplatform.run.count, 1);
	fakeboot_stop();
}

static void test_the_region_for_the_file_is_claimed_while_it_loads(void)
{
	struct fakeelf elf = fakeelf_at(0x400000, 100, 100);

	start_elf(&elf);
	CHECK_EQ(of_load("disk", ""), 0);
	CHECK_EQ(disk.addr, 0x4000);
	CHECK(disk.room > 32 * MIB && disk.room < FAKERAM_BYTES);
	CHECK_EQ(bytes_of(MEM_LOADED), 0);
	CHECK(env_set("load-base", "0x800000", 8) == 0);
	CHECK_EQ(of_load("disk", ""), 0);
	CHECK_EQ(disk.addr, 0x800000);
	fakeboot_stop();
}

static void test_a_file_in_the_programs_way_is_moved(void)
{
	struct fakeelf elf = fakeelf_at(0x8000, 3 * MIB, 3 * MIB + 500);

	start_elf(&elf);
	CHECK_EQ(of_load("disk", ""), 0);
	check_segment(0x8000, 3 * MIB, 3 * MIB + 500);
	CHECK_EQ(bytes_of(MEM_LOADED), 0);
	fakeboot_stop();
}

static void test_segments_only_go_to_free_memory(void)
{
	static const uint64_t places[] = {0, 0x3ffe, 0x500000, FAKERAM_BYTES - 50, 1ull << 40};

	for (unsigned i = 0; i < ARRAY_SIZE(places); i++) {
		struct fakeelf elf = fakeelf_at(places[i] & ~3ull, 50, 100);
		uint64_t before;

		elf.is_64bit = true;
		start_elf(&elf);
		CHECK_EQ(mem_claim(0x500000, 4096, MEM_LOADED), 0);
		before = bytes_of(MEM_FREE);
		CHECK(of_load("disk", "") != 0);
		CHECK_EQ(fakeboot_said("E3408: Failed to claim memory for the executable"), 1);
		CHECK_EQ(bytes_of(MEM_FREE), before);
		fakeboot_stop();
	}
}

static void test_a_kernel_that_moves_itself_may_be_put_elsewhere(void)
{
	struct fakeelf elf = fakeelf_at(0, 1000, 2000);

	elf.is_64bit = true;
	elf.entry = elf.seg[0].vaddr = 0xc000000000000000;
	start_elf(&elf);
	CHECK_EQ(of_load("disk", ""), 0);
	CHECK_EQ(of_go(), 0);
	CHECK_EQ(fakeplatform.run.image.entry, 0x400000);
	check_segment(0x400000, 1000, 2000);
	fakeboot_stop();
}

/* What is in file, gzip'd instead. */
static void pack(void)
{
	uint8_t *packed = xalloc(fakegzip_size(disk.len));

	disk.len = fakegzip(file, disk.len, packed);
	memcpy(file, packed, disk.len);
	heap_free(packed);
}

static void test_a_packed_program_is_unpacked_once(void)
{
	struct fakeelf elf = fakeelf_at(0x400000, 3000, 9000);
	uint64_t free_before;

	start_elf(&elf);
	free_before = bytes_of(MEM_FREE);
	pack();
	CHECK_EQ(of_load("disk", ""), 0);
	CHECK_EQ(of_go(), 0);
	CHECK_EQ(fakeplatform.run.image.entry, 0x400000);
	CHECK_EQ(bytes_of(MEM_LOADED), 0);
	CHECK_EQ(bytes_of(MEM_FREE), free_before);
	pack();
	CHECK(of_load("disk", "") != 0);
	CHECK_EQ(fakeboot_said("E3403: Bad executable (3"), 1);
	fakeboot_stop();
}

static void test_packed_files_that_are_damaged_or_too_large_are_refused(void)
{
	struct fakeelf elf = fakeelf_at(0x400000, 3000, 9000);
	uint64_t free_before;

	start_elf(&elf);
	free_before = bytes_of(MEM_FREE);
	pack();
	file[disk.len - 8] ^= 1;
	CHECK(of_load("disk", "") != 0);
	CHECK_EQ(fakeboot_said("E3403: Bad executable (incorrect data check)"), 1);
	disk.len -= 9;
	CHECK(of_load("disk", "") != 0);
	CHECK_EQ(fakeboot_said("the gzip'd file is cut off"), 1);
	CHECK_EQ(bytes_of(MEM_LOADED), 0);
	CHECK_EQ(bytes_of(MEM_FREE), free_before);
	fakeboot_stop();
}

static void test_what_is_no_program_is_told_by_its_bytes(void)
{
	start();
	memcpy(file, "MZ and more", 11);
	disk.len = 11;
	CHECK(of_load("disk", "") != 0);
	CHECK_EQ(fakeboot_said("E3403: Bad executable (11 bytes that begin with 4d 5a"), 1);
	memcpy(file, "\177ELF", 4);
	CHECK(of_load("disk", "") != 0);
	CHECK_EQ(fakeboot_said("E3403: Bad executable (not ELF)"), 1);
	disk.len = 1;
	CHECK(of_load("disk", "") != 0);
	fakeboot_stop();
}

static void test_a_method_that_lies_about_its_size_is_not_believed(void)
{
	static const uint64_t lies[] = {UINT64_MAX, FAKERAM_BYTES, 1ull << 32};

	for (unsigned i = 0; i < ARRAY_SIZE(lies); i++) {
		uint64_t before;

		start();
		disk.len = 16;
		disk.result = lies[i];
		before = bytes_of(MEM_FREE);
		CHECK(of_load("disk", "") != 0);
		CHECK_EQ(fakeboot_said("E3404: Not a bootable device!"), 1);
		CHECK_EQ(bytes_of(MEM_FREE), before);
		fakeboot_stop();
	}
}

static char seen[64];
static int script_result;

static int evaluate(const char *what, const char *text, size_t len)
{
	snprintf(seen, sizeof(seen), "%s: %.*s", what, (int)len, text);
	return script_result;
}

static void test_a_script_is_evaluated(void)
{
	static const struct of_evaluator forth = {.evaluate = evaluate};

	start();
	of_set_evaluator(&forth);
	memcpy(file, "\\ hello", 7);
	disk.len = 7;
	CHECK_EQ(of_load("disk", ""), 0);
	CHECK_EQ(of_go(), 0);
	CHECK_STR(seen, "boot script: \\ hello");
	script_result = -13;
	CHECK_EQ(of_load("disk", ""), 0);
	CHECK_EQ(of_go(), -13);
	script_result = 0;
	of_set_evaluator(NULL);
	fakeboot_stop();
}

/* While a program is ready to run, others claim and give back. */
static void test_what_is_loaded_owns_its_segments_and_nothing_else(void)
{
	struct fakeelf elf = fakeelf_at(0x400000, 100, 8192);
	uint64_t before, other = 0x400000 + 8192;

	start_elf(&elf);
	before = bytes_of(MEM_CLIENT);
	CHECK_EQ(of_load("disk", NULL), 0);
	CHECK_EQ(mem_client_claim(other, 4096, 0, &other), 0);
	CHECK_EQ(of_load("nothing", NULL), E_NOENT);
	CHECK_EQ(of_load("disk", NULL), 0); /* what was ready is dropped, the neighbour is not */
	CHECK_EQ(bytes_of(MEM_CLIENT), before + 8192 + 4096);
	CHECK_EQ(of_go(), 0);
	CHECK_EQ(bytes_of(MEM_CLIENT), before + 4096);
	CHECK_EQ(mem_release(other, 4096, MEM_CLIENT), 0);
	CHECK_EQ(of_load("disk", NULL), 0);
	CHECK_EQ(mem_release(0x401000, 4096, MEM_CLIENT), 0);
	CHECK_EQ(of_go(), 0);
	CHECK_EQ(bytes_of(MEM_CLIENT), before);
	fakeboot_stop();
}

/* At the prompt it waits for, the same file, which moves. */
static void load_again(void)
{
	fakeplatform.run.act = NULL;
	CHECK_EQ(of_load("disk", NULL), 0);
	CHECK(of_is_loaded());
}

static void test_what_was_loaded_while_a_program_waited_goes_with_it(void)
{
	struct fakeelf elf = fakeelf_at(0x400000, 100, 8192);
	uint64_t before;

	elf.type = 3;
	start_elf(&elf);
	before = bytes_of(MEM_CLIENT);
	fakeplatform.run.act = load_again;
	CHECK_EQ(of_load("disk", NULL), 0);
	CHECK_EQ(of_go(), 0);
	CHECK(!of_is_loaded());
	CHECK_EQ(bytes_of(MEM_CLIENT), before);
	fakeboot_stop();
}

/* A client that claims left and right and gives nothing back. */
static void hoard(void)
{
	uint64_t addr;

	for (unsigned i = 0; i < 20; i++)
		CHECK_EQ(mem_client_claim(0, 0x3000 * (i + 1), 4096, &addr), 0);
	CHECK_EQ(mem_claim(0x400000 + 9000, 500, MEM_CLIENT), 0);
}

static void test_what_a_client_claimed_is_free_when_it_is_back(void)
{
	struct fakeelf elf = fakeelf_at(0x400000, 3000, 9000);
	uint64_t mine, before;

	start_elf(&elf);
	CHECK_EQ(mem_client_claim(0x400000 - 4096, 4096, 0, &mine), 0);
	before = bytes_of(MEM_CLIENT);
	fakeplatform.run.act = hoard;
	CHECK_EQ(of_load("disk", ""), 0);
	CHECK_EQ(of_go(), 0);
	CHECK_EQ(bytes_of(MEM_CLIENT), before);
	CHECK_EQ(mem_release(mine, 4096, MEM_CLIENT), 0);
	fakeboot_stop();
}

/* ---- an initrd beside the program -------------------------------------------------------------- */

static uint32_t chosen_u32(const char *name)
{
	return dt_prop_u32_or(dt_path_find(of_tree(), "/chosen"), name, 0);
}

static uint32_t initrd_seen;

static void look_at_initrd(void)
{
	uint32_t at = chosen_u32("linux,initrd-start"), end = chosen_u32("linux,initrd-end");
	uint64_t addr;

	initrd_seen = end - at;
	for (uint32_t i = 0; i < initrd_seen; i++)
		CHECK_EQ(*fakeram_bytes(at + i), 'i');
	CHECK_EQ(mem_client_claim(at, 4096, 0, &addr), E_BUSY);
}

static void test_an_initrd_stays_until_the_program_is_back(void)
{
	struct fakeelf elf = fakeelf_at(0x400000, 3000, 9000);
	uint64_t free_before;

	start_elf(&elf);
	disk.initrd = 70001;
	initrd_seen = 0;
	free_before = bytes_of(MEM_FREE);
	fakeplatform.run.act = look_at_initrd;
	CHECK_EQ(of_load("disk", ""), 0);
	CHECK_EQ(disk.initrd_result, 0);
	CHECK_EQ(of_go(), 0);
	CHECK_EQ(initrd_seen, 70001);
	CHECK_EQ(chosen_u32("linux,initrd-end"), 0);
	CHECK_EQ(bytes_of(MEM_FREE), free_before);
	fakeboot_stop();
}

static void test_an_initrd_goes_with_a_program_that_does_not_start(void)
{
	uint64_t free_before;

	start();
	disk.len = 5000; /* no program at all */
	disk.initrd = 4096;
	memset(file, 0, 5000);
	free_before = bytes_of(MEM_FREE);
	CHECK_EQ(of_load("disk", ""), E_NOENT);
	CHECK_EQ(disk.initrd_result, 0);
	CHECK_EQ(chosen_u32("linux,initrd-start"), 0);
	CHECK_EQ(bytes_of(MEM_FREE), free_before);
	fakeboot_stop();
}

static void test_an_initrd_lies_in_the_room_and_on_a_page(void)
{
	struct fakeelf elf = fakeelf_at(0x400000, 3000, 9000);

	start_elf(&elf);
	disk.initrd = 4096;
	disk.initrd_off = 4;
	CHECK_EQ(of_load("disk", ""), 0);
	CHECK_EQ(disk.initrd_result, E_RANGE);
	disk.initrd_off = 1ull << 40;
	CHECK_EQ(of_load("disk", ""), 0);
	CHECK_EQ(disk.initrd_result, E_RANGE);
	CHECK_EQ(chosen_u32("linux,initrd-start"), 0);
	fakeboot_stop();
}

static const struct test tests[] = {
	TEST(test_a_program_is_put_in_place_and_run),
	TEST(test_a_program_that_wants_translation_is_run_in_real_mode),
	TEST(test_the_region_for_the_file_is_claimed_while_it_loads),
	TEST(test_a_file_in_the_programs_way_is_moved),
	TEST(test_segments_only_go_to_free_memory),
	TEST(test_a_kernel_that_moves_itself_may_be_put_elsewhere),
	TEST(test_a_packed_program_is_unpacked_once),
	TEST(test_packed_files_that_are_damaged_or_too_large_are_refused),
	TEST(test_what_is_no_program_is_told_by_its_bytes),
	TEST(test_a_method_that_lies_about_its_size_is_not_believed),
	TEST(test_a_script_is_evaluated),
	TEST(test_what_is_loaded_owns_its_segments_and_nothing_else),
	TEST(test_what_was_loaded_while_a_program_waited_goes_with_it),
	TEST(test_what_a_client_claimed_is_free_when_it_is_back),
	TEST(test_an_initrd_stays_until_the_program_is_back),
	TEST(test_an_initrd_goes_with_a_program_that_does_not_start),
	TEST(test_an_initrd_lies_in_the_room_and_on_a_page),
};

TEST_MAIN(tests)
