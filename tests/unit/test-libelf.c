/* SPDX-License-Identifier: BSD-2-Clause */
/* From a file to a plan: every class and byte order, and everything a file can get wrong. */
#include "check.h"

#include "base/err.h"
#include "elf/elf.h"
#include "fakeelf.h"

#define BASE 0x400000ull

static uint8_t file[8192], memory[0x4000];
static struct elf_plan plan;
static const char *why;

/* The program's memory: BASE and up, moved by delta. */
static void *at(void *ctx, uint64_t addr, uint64_t len)
{
	uint64_t base = *(const uint64_t *)ctx;

	return addr >= base && addr - base + len <= sizeof(memory) ? memory + (addr - base) : NULL;
}

static int read_file(const struct fakeelf *elf)
{
	size_t size = fakeelf_write(elf, file, sizeof(file));

	why = "";
	return elf_plan(file, size, &plan, &why);
}

static struct fakeelf kind(unsigned which)
{
	struct fakeelf elf = fakeelf_at(BASE, 64, 100);

	elf.is_64bit = which & 1;
	elf.is_little = which & 2;
	return elf;
}

static void test_all_classes_and_byte_orders_give_the_same_plan(void)
{
	for (unsigned i = 0; i < 4; i++) {
		struct fakeelf elf = kind(i);

		CHECK_EQ(read_file(&elf), 0);
		CHECK_EQ(plan.is_64bit, elf.is_64bit);
		CHECK_EQ(plan.is_little, elf.is_little);
		CHECK_EQ(plan.segments, 1);
		CHECK_EQ(plan.seg[0].paddr, BASE);
		CHECK_EQ(plan.seg[0].filesz, 64);
		CHECK_EQ(plan.seg[0].memsz, 100);
		CHECK_EQ(file[plan.seg[0].offset], fakeelf_pattern(0));
		CHECK_EQ(plan.low, BASE);
		CHECK_EQ(plan.high, BASE + 100);
		CHECK(!plan.is_movable && !plan.moves_itself && !plan.has_chrp);
	}
}

static void test_a_cut_file_is_refused_at_every_length(void)
{
	for (unsigned i = 0; i < 4; i++) {
		struct fakeelf elf = kind(i);
		size_t size = fakeelf_write(&elf, file, sizeof(file));

		for (size_t cut = 0; cut < size; cut++) {
			uint8_t *exact = malloc(cut ? cut : 1);

			memcpy(exact, file, cut);
			CHECK_EQ(elf_plan(exact, cut, &plan, &why), E_FORMAT);
			CHECK(*why);
			free(exact);
		}
		CHECK_EQ(elf_plan(file, size, &plan, &why), 0);
	}
}

static void test_what_is_wrong_is_said(void)
{
	struct fakeelf elf = kind(1);

	elf.type = 1;
	CHECK_EQ(read_file(&elf), E_UNSUPP);
	CHECK_STR(why, "ELF type is neither EXEC nor DYN");
	elf = kind(1);
	elf.entry = BASE + 100;
	CHECK_EQ(read_file(&elf), E_FORMAT);
	CHECK_STR(why, "the entry lies in no segment");
	elf = kind(1);
	elf.seg[0].memsz = 63;
	CHECK_EQ(read_file(&elf), E_FORMAT);
	CHECK_STR(why, "a segment has more in the file than in memory");
	elf = kind(1);
	elf.seg[0].paddr = UINT64_MAX - 50;
	CHECK_EQ(read_file(&elf), E_FORMAT);
	CHECK_STR(why, "a segment wraps around the address space");
	elf = kind(1);
	elf.segments = 0;
	CHECK_EQ(read_file(&elf), E_FORMAT);
	CHECK_STR(why, "no program headers");
	elf = kind(1);
	elf.flags = 3;
	CHECK_EQ(read_file(&elf), E_UNSUPP);
	elf = kind(0);
	(void)read_file(&elf);
	file[19] = 21; /* a 32-bit file for the 64-bit machine */
	CHECK_EQ(elf_plan(file, sizeof(file), &plan, &why), E_UNSUPP);
	CHECK_STR(why, "ELF machine is not PowerPC");
}

static void test_overlapping_segments_are_refused_and_neighbours_are_not(void)
{
	struct fakeelf elf = kind(2);

	elf.segments = 2;
	elf.seg[1] = elf.seg[0];
	elf.seg[1].vaddr = elf.seg[1].paddr = BASE - 100;
	CHECK_EQ(read_file(&elf), 0);
	CHECK_EQ(plan.seg[0].paddr, BASE - 100);
	CHECK_EQ(plan.seg[1].paddr, BASE);
	elf.seg[1].vaddr = elf.seg[1].paddr = BASE - 99;
	CHECK_EQ(read_file(&elf), E_FORMAT);
	CHECK_STR(why, "segments overlap");
}

static void test_a_virtual_entry_becomes_a_physical_one(void)
{
	struct fakeelf elf = kind(1);
	uint64_t entry, toc, base = 0x10000;
	const struct elf_memory mem = {at, &base};

	elf.entry = elf.seg[0].vaddr = 0xc000000000000000;
	elf.seg[0].paddr = 0;
	CHECK_EQ(read_file(&elf), 0);
	CHECK(plan.moves_itself);
	memset(memory, 0x48, sizeof(memory)); /* instructions, not a descriptor */
	CHECK_EQ(elf_entry(&plan, base, &mem, &entry, &toc), 0);
	CHECK_EQ(entry, 0x10000);
	CHECK_EQ(toc, 0);
}

static void test_a_descriptor_is_followed_and_abi_2_has_none(void)
{
	for (unsigned little = 0; little < 2; little++) {
		struct fakeelf elf = kind(1 + 2 * little);
		uint64_t entry, toc, base = BASE;
		const struct elf_memory mem = {at, &base};

		elf.entry = BASE + 32;
		CHECK_EQ(read_file(&elf), 0);
		fakeelf_put(&elf, memory + 32, 8, BASE + 16);
		fakeelf_put(&elf, memory + 40, 8, BASE + 0x8000);
		CHECK_EQ(elf_entry(&plan, 0, &mem, &entry, &toc), 0);
		CHECK_EQ(entry, BASE + 16);
		CHECK_EQ(toc, BASE + 0x8000);
		elf.flags = 2;
		CHECK_EQ(read_file(&elf), 0);
		CHECK_EQ(elf_entry(&plan, 0, &mem, &entry, &toc), 0);
		CHECK_EQ(entry, BASE + 32);
		CHECK_EQ(toc, 0);
	}
}

/* A movable program: one segment with a relocation table behind its first 64 bytes, and PT_DYNAMIC. */
static uint8_t contents[256], dynamic[64];

static struct fakeelf movable(unsigned which, uint32_t type)
{
	struct fakeelf elf = kind(which);
	unsigned w = elf.is_64bit ? 8 : 4;
	const uint64_t tags[6] = {7, BASE + 64, 8, 3 * w, 0, 0};

	memset(contents, 0, sizeof(contents));
	fakeelf_put(&elf, contents + 64, w, BASE + 16);         /* what to change */
	fakeelf_put(&elf, contents + 64 + w, w, type);          /* how */
	fakeelf_put(&elf, contents + 64 + 2 * w, w, BASE + 24); /* to what */
	for (unsigned i = 0; i < 6; i++)
		fakeelf_put(&elf, dynamic + i * w, w, tags[i]);
	elf.type = 3;
	elf.segments = 2;
	elf.seg[0].bytes = contents;
	elf.seg[0].filesz = elf.seg[0].memsz = sizeof(contents);
	elf.seg[1].type = 2;
	elf.seg[1].bytes = dynamic;
	elf.seg[1].filesz = elf.seg[1].memsz = 6 * w;
	return elf;
}

static void test_relative_relocations_move_with_the_program(void)
{
	for (unsigned i = 0; i < 4; i++) {
		struct fakeelf elf = movable(i, 22);
		unsigned w = elf.is_64bit ? 8 : 4;
		uint64_t base = BASE + 0x70000;
		const struct elf_memory mem = {at, &base};
		uint8_t want[8];
		uint32_t type = 0;

		CHECK_EQ(read_file(&elf), 0);
		CHECK(plan.is_movable);
		memcpy(memory, contents, sizeof(contents));
		CHECK_EQ(elf_relocate(file, &plan, 0x70000, &mem, &type), 0);
		fakeelf_put(&elf, want, w, BASE + 24 + 0x70000);
		CHECK(!memcmp(memory + 16, want, w));
	}
}

static void test_other_relocations_are_named_when_the_program_moves(void)
{
	struct fakeelf elf = movable(1, 38);
	uint64_t base = BASE;
	const struct elf_memory mem = {at, &base};
	uint32_t type = 0;

	CHECK_EQ(read_file(&elf), 0);
	CHECK_EQ(elf_relocate(file, &plan, 0, &mem, &type), 0);
	CHECK_EQ(elf_relocate(file, &plan, 0x10000, &mem, &type), E_UNSUPP);
	CHECK_EQ(type, 38);
}

static void test_a_relocation_outside_the_program_is_refused(void)
{
	struct fakeelf elf = movable(1, 22);
	uint64_t base = BASE;
	const struct elf_memory mem = {at, &base};
	uint32_t type;

	fakeelf_put(&elf, contents + 64, 8, BASE + sizeof(contents) - 7);
	CHECK_EQ(read_file(&elf), 0);
	CHECK_EQ(elf_relocate(file, &plan, 0, &mem, &type), E_FORMAT);
	fakeelf_put(&elf, dynamic + 24, 8, 1 << 20); /* a table longer than the file */
	CHECK_EQ(read_file(&elf), E_FORMAT);
	CHECK_STR(why, "relocations of an unknown size");
	fakeelf_put(&elf, dynamic + 24, 8, 24 << 10);
	CHECK_EQ(read_file(&elf), E_FORMAT);
	CHECK_STR(why, "relocations lie in no segment");
}

static void test_the_chrp_note_is_read(void)
{
	static uint8_t note[44 + 40];

	for (unsigned i = 0; i < 4; i++) {
		struct fakeelf elf = kind(i);

		fakeelf_put(&elf, note, 4, 8);
		fakeelf_put(&elf, note + 4, 4, 24);
		fakeelf_put(&elf, note + 8, 4, 0x1275);
		memcpy(note + 12, "PowerPC", 8);
		for (unsigned w = 0; w < 6; w++)
			fakeelf_put(&(struct fakeelf){.is_little = false}, note + 20 + 4 * w, 4,
				    w + 1);
		fakeelf_put(&elf, note + 44, 4, 22);
		fakeelf_put(&elf, note + 48, 4, 4);
		fakeelf_put(&elf, note + 52, 4, 0x12759999);
		memcpy(note + 56, "IBM,RPA-Client-Config", 22);
		elf.segments = 2;
		elf.seg[1].type = 4;
		elf.seg[1].bytes = note;
		elf.seg[1].filesz = sizeof(note);
		CHECK_EQ(read_file(&elf), 0);
		CHECK(plan.has_chrp && plan.has_rpa);
		CHECK_EQ(plan.chrp.real_mode, 1);
		CHECK_EQ(plan.chrp.real_base, 2);
		CHECK_EQ(plan.chrp.load_base, 6);
	}
}

static const struct test tests[] = {
	TEST(test_all_classes_and_byte_orders_give_the_same_plan),
	TEST(test_a_cut_file_is_refused_at_every_length),
	TEST(test_what_is_wrong_is_said),
	TEST(test_overlapping_segments_are_refused_and_neighbours_are_not),
	TEST(test_a_virtual_entry_becomes_a_physical_one),
	TEST(test_a_descriptor_is_followed_and_abi_2_has_none),
	TEST(test_relative_relocations_move_with_the_program),
	TEST(test_other_relocations_are_named_when_the_program_moves),
	TEST(test_a_relocation_outside_the_program_is_refused),
	TEST(test_the_chrp_note_is_read),
};

TEST_MAIN(tests)
