/* SPDX-License-Identifier: BSD-2-Clause */
/* What the arguments of a disk name, and what load brings from it. */
#include "check.h"

#include "base/bytes.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/strbuf.h"
#include "dt/prop.h"
#include "fakedisk.h"
#include "fakeplatform.h"
#include "fakeram.h"
#include "of/block.h"
#include "of/evaluate.h"

#define TO     0x1000000ull
#define BYTES  (4u << 20)
#define DEVICE "/bus@0/scsi@1"

static uint8_t bytes[BYTES];
static struct fakedisk disk;

static void start(uint32_t block_size)
{
	struct block_source source = {.start = fakedisk_start, .ctx = &disk, .driver = "fake"};
	struct dt_node *bus;

	fakeplatform_start(FAKE_COMPLETE);
	memset(bytes, 0, sizeof(bytes));
	fakedisk_init(&disk, block_size, BYTES / block_size, bytes, BYTES);
	bus = dt_child_get(of_tree(), of_tree()->root, "bus@0");
	of_bind_block(dt_child_get(of_tree(), bus, "scsi@1"), &source);
}

static void stop(void)
{
	CHECK_EQ(instance_count() > 0, true); /* stdin and others */
	fakeplatform_stop();
}

/* ---- disks made by hand ----------------------------------------------------------------- */

static void mbr_entry(uint64_t sector, unsigned i, uint8_t status, uint8_t type, uint32_t first,
		      uint32_t blocks)
{
	uint8_t *e = bytes + sector * 512 + 446 + 16 * (size_t)i;

	e[0] = status;
	e[4] = type;
	put_le32(e + 8, first);
	put_le32(e + 12, blocks);
	bytes[sector * 512 + 510] = 0x55;
	bytes[sector * 512 + 511] = 0xaa;
}

/* A 64-bit ELF file of size bytes, recognisable by mark. */
static void elf_at(uint64_t at, uint32_t size, uint8_t mark)
{
	uint8_t *e = bytes + at;

	memset(e, mark, size);
	memset(e, 0, 64 + 56);
	memcpy(e, "\177ELF\2\2\1", 7);
	put_be64(e + 32, 64); /* phoff */
	put_be16(e + 54, 56);
	put_be16(e + 56, 1);
	put_be64(e + 64 + 8, 0);
	put_be64(e + 64 + 32, size);
}

static void iso_record(uint8_t **r, uint32_t block, uint32_t size, uint8_t flags, const char *name,
		       uint8_t len)
{
	uint8_t n = (uint8_t)((33u + len + 1u) & ~1u);

	(*r)[0] = n;
	put_le32(*r + 2, block);
	put_le32(*r + 10, size);
	(*r)[25] = flags;
	(*r)[32] = len;
	memcpy(*r + 33, name, len);
	*r += n;
}

static void iso_directory(uint64_t base, uint32_t block, const char *name, uint32_t at,
			  uint32_t size, uint8_t flags)
{
	uint8_t *r = bytes + base + (uint64_t)block * 2048;

	iso_record(&r, block, 2048, 2, "\0", 1);
	iso_record(&r, 18, 2048, 2, "\1", 1);
	iso_record(&r, at, size, flags, name, (uint8_t)strlen(name));
}

/* \ppc\bootinfo.txt with this text, in blocks 18 (root), 19 (ppc), 20; and \grub.elf in block 24. */
static void iso_at(uint64_t base, const char *bootinfo)
{
	uint8_t *d = bytes + base + 16 * 2048, *r;

	d[0] = 1;
	memcpy(d + 1, "CD001", 5);
	put_le16(d + 128, 2048);
	r = d + 156;
	iso_record(&r, 18, 2048, 2, "\0", 1);
	d[2048] = 255;
	memcpy(d + 2049, "CD001", 5);
	iso_directory(base, 19, "BOOTINFO.TXT;1", 20, (uint32_t)strlen(bootinfo), 0);
	iso_directory(base, 18, "PPC", 19, 2048, 2);
	r = bytes + base + 18 * 2048 + 34 + 34 + 36;
	iso_record(&r, 24, 5000, 0, "GRUB.ELF;1", 10);
	memcpy(bytes + base + 20 * 2048, bootinfo, strlen(bootinfo));
	elf_at(base + 24 * 2048, 5000, 0x66);
}

/* ---- calls ------------------------------------------------------------------------------ */

/* The size load gives, or its error; -1000: open failed. */
static int64_t load(const char *args)
{
	cell_t cells[2] = {TO};
	struct stack st = {cells, 1, 2};
	char path[200];
	struct strbuf sb = strbuf_on(path, sizeof(path));
	struct instance *in;
	int err;

	strbuf_printf(&sb, DEVICE "%s%s", *args ? ":" : "", args);
	if (instance_open(path, &in))
		return -1000;
	err = instance_call(in, "load", &st);
	instance_close(in);
	return err ? err : (int64_t)cells[0];
}

static uint8_t loaded(uint32_t at)
{
	return fakeram_bytes(TO)[at];
}

static const char *chosen(const char *prop)
{
	return dt_prop_get_str(dt_child_find(of_tree()->root, "chosen"), prop);
}

/* ---- tests ------------------------------------------------------------------------------ */

static void test_the_active_prep_partition_is_loaded_first(void)
{
	start(512);
	mbr_entry(0, 0, 0, 0x41, 100, 100);
	mbr_entry(0, 2, 0x80, 0x41, 300, 100);
	elf_at(51200, 4000, 0x11);
	elf_at(153600, 6000, 0x33);
	CHECK_EQ(load(""), 6000);
	CHECK_EQ(loaded(5000), 0x33);
	CHECK_EQ(load("0"), 6000);
	CHECK_EQ(load("1"), 4000);
	CHECK_EQ(loaded(3000), 0x11);
	CHECK_EQ(load("3"), 6000);
	CHECK_EQ(load("2"), -1000);
	CHECK_EQ(load("99999999999"), -1000);
	mbr_entry(0, 2, 0, 0x41, 300, 100);
	CHECK_EQ(load(""), 4000);
	stop();
}

static void test_a_prep_partition_without_elf_is_loaded_whole(void)
{
	start(512);
	mbr_entry(0, 0, 0, 0x41, 100, 100);
	memset(bytes + 51200, 0x77, 51200);
	CHECK_EQ(load("1"), 51200);
	CHECK_EQ(loaded(51199), 0x77);
	stop();
}

static void test_blocks_of_4096_bytes_count_in_tables(void)
{
	start(4096);
	mbr_entry(0, 0, 0, 0x41, 100, 100);
	elf_at(409600, 5000, 0x44);
	CHECK_EQ(load(""), 5000);
	CHECK_EQ(loaded(4999), 0x44);
	stop();
}

static void test_seeks_in_a_partition_count_from_its_start(void)
{
	cell_t cells[4] = {10, 0};
	struct stack st = {cells, 2, 4};
	struct instance *in;

	start(512);
	mbr_entry(0, 1, 0, 0x83, 100, 10);
	for (unsigned i = 0; i < 5120; i++)
		bytes[51200 + i] = (uint8_t)(i * 3);
	CHECK_EQ(instance_open(DEVICE ":2", &in), 0);
	CHECK_EQ(instance_call(in, "seek", &st), 0);
	CHECK_EQ(cells[0], 0);
	cells[0] = TO;
	cells[1] = 100000;
	st.depth = 2;
	CHECK_EQ(instance_call(in, "read", &st), 0);
	CHECK_EQ(cells[0], 5110);
	CHECK(!memcmp(fakeram_bytes(TO), bytes + 51210, 5110));
	cells[0] = 1;
	cells[1] = 0;
	st.depth = 2;
	CHECK_EQ(instance_call(in, "offset", &st), 0);
	CHECK_EQ(cells[0], 51201);
	instance_close(in);
	stop();
}

static void test_a_disc_boots_by_its_boot_script(void)
{
	start(2048);
	iso_at(0, "<chrp-boot><boot-script>boot &device;:1,\\grub.elf  some  args </boot-script>");
	CHECK_EQ(load(""), 5000);
	CHECK_EQ(loaded(4000), 0x66);
	CHECK_STR(chosen("bootpath"), DEVICE ":1,\\grub.elf");
	CHECK_STR(chosen("bootargs"), "some  args");
	CHECK_EQ(load("\\GRUB.ELF"), 5000);
	CHECK_EQ(load(",/grub.elf"), 5000);
	CHECK_EQ(load("0,\\grub.elf"), 5000);
	CHECK_EQ(load("\\ppc\\bootinfo.txt"), 76);
	CHECK_EQ(load("\\ppc"), -1000);
	CHECK_EQ(load("\\no\\such"), -1000);
	CHECK_EQ(load("1"), -1000);
	stop();
}

static void test_a_boot_script_on_a_partition_comes_after_prep(void)
{
	start(512);
	mbr_entry(0, 1, 0, 0x0c, 1000, 2000);
	iso_at(512000,
	       "<chrp-boot><boot-script>boot &device;:&partition;,\\grub.elf</boot-script>");
	CHECK_EQ(load(""), 5000);
	CHECK_STR(chosen("bootpath"), DEVICE ":2,\\grub.elf");
	CHECK_EQ(load("2"), 5000);
	CHECK_EQ(load("2,\\grub.elf"), 5000);
	CHECK_EQ(load("1,\\grub.elf"), -1000);
	CHECK_EQ(load("\\grub.elf"), 5000); /* on the first partition that has it */
	mbr_entry(0, 3, 0, 0x41, 100, 100);
	elf_at(51200, 4000, 0x11);
	CHECK_EQ(load(""), 4000);
	stop();
}

static unsigned evaluated;
static char script[200];

static int evaluate(const char *what, const char *text, size_t len)
{
	(void)what;
	evaluated++;
	snprintf(script, sizeof(script), "%.*s", (int)len, text);
	return 0;
}

static void test_a_boot_script_of_several_lines_is_forth(void)
{
	static const struct of_evaluator forth = {.evaluate = evaluate};

	start(2048);
	of_set_evaluator(&forth);
	iso_at(0, "<CHRP-BOOT><Boot-Script>\r\n.\" hello\"\nboot &device;:\\x\n</BOOT-SCRIPT>");
	CHECK_EQ(load(""), E_NOENT);
	CHECK_EQ(evaluated, 1);
	CHECK_STR(script, ".\" hello\"\nboot " DEVICE ":\\x");
	of_set_evaluator(NULL);
	stop();
}

static void test_a_boot_script_that_boots_itself_ends(void)
{
	start(2048);
	iso_at(0, "<chrp-boot><boot-script>boot &device;</boot-script></chrp-boot>");
	CHECK(load("") < 0);
	stop();
}

static void test_hostile_tables_end(void)
{
	start(512);
	mbr_entry(0, 0, 0, 5, 10, 1000);
	mbr_entry(10, 0, 0, 0x83, 1, 1);
	mbr_entry(10, 1, 0, 5, 0, 1000); /* to itself */
	CHECK_EQ(load(""), E_FORMAT);
	CHECK_EQ(load("5"), E_NOENT); /* exists, and has nothing to boot */
	CHECK_EQ(load("6"), -1000);
	mbr_entry(0, 0, 0, 0xee, 1, UINT32_MAX);
	CHECK_EQ(load(""), E_FORMAT);
	CHECK_EQ(load("1"), -1000);
	mbr_entry(0, 0, 0x80, 0x41, UINT32_MAX, UINT32_MAX);
	CHECK_EQ(load(""), E_NOENT);
	CHECK_EQ(load("1"), -1000);
	stop();
}

static void test_what_does_not_fit_is_not_loaded(void)
{
	start(512);
	disk.dev.blocks = 1 << 20; /* 512 MiB, mostly zeros */
	mbr_entry(0, 0, 0, 0x41, 100, (1 << 20) - 100);
	bytes[51200] = 1;
	CHECK_EQ(load("1"), E_NOSPC);
	stop();
}

static void test_a_program_at_the_start_of_the_disk_is_loaded(void)
{
	start(512);
	elf_at(0, 12345, 0x55);
	CHECK_EQ(load(""), 12345);
	memcpy(bytes, "\\ 1 2 + .", 9);
	CHECK_EQ(load(""), BYTES);
	memcpy(bytes, "nothing..", 9);
	CHECK_EQ(load(""), E_NOENT);
	stop();
}

static unsigned seen;

static bool count(void *ctx, const struct of_dir_entry *e)
{
	CHECK(e->is_dir == !strcmp(e->name, ctx));
	seen++;
	return true;
}

static void test_directories_are_listed(void)
{
	char ppc[] = "PPC";
	const char *why = "";

	start(2048);
	iso_at(0, "x");
	CHECK_EQ(of_block_dir(DEVICE, count, ppc, &why), 0);
	CHECK_EQ(seen, 2);
	CHECK_EQ(of_block_dir(DEVICE ":\\ppc", count, ppc, &why), 0);
	CHECK_EQ(seen, 3);
	CHECK_EQ(of_block_dir(DEVICE ":\\grub.elf", count, ppc, &why), E_INVAL);
	CHECK_STR(why, "no directory");
	CHECK_EQ(of_block_dir(DEVICE ":\\gone", count, ppc, &why), E_NOENT);
	CHECK_STR(why, "not found");
	CHECK_EQ(of_block_dir("/cpus", count, ppc, &why), E_UNSUPP);
	CHECK_STR(why, "it is no disk");
	CHECK_EQ(of_block_dir("/nowhere", count, ppc, &why), E_NOENT);
	stop();
}

static void test_support_packages_read_through_their_parent(void)
{
	struct dt_node *packages;
	struct instance *device, *label, *deblocker;
	cell_t cells[4] = {TO};
	struct stack st = {cells, 1, 4};

	start(2048);
	iso_at(0, "x");
	packages = dt_child_find(of_tree()->root, "packages");
	CHECK_EQ(instance_open(DEVICE, &device), 0);
	CHECK_EQ(instance_open_on(dt_child_find(packages, "disk-label"), "\\grub.elf", device,
				  &label),
		 0);
	CHECK_EQ(instance_open_on(dt_child_find(packages, "disk-label"), "7", device, &deblocker),
		 E_NOENT);
	CHECK_EQ(instance_open_on(dt_child_find(packages, "deblocker"), "7", device, &deblocker),
		 0);
	CHECK_EQ(instance_call(label, "load", &st), 0);
	CHECK_EQ(cells[0], 5000);
	CHECK_EQ(loaded(4000), 0x66);
	cells[0] = 16 * 2048 + 1;
	cells[1] = 0;
	st.depth = 2;
	CHECK_EQ(instance_call(deblocker, "seek", &st), 0);
	cells[0] = TO;
	cells[1] = 5;
	st.depth = 2;
	CHECK_EQ(instance_call(deblocker, "read", &st), 0);
	CHECK_EQ(cells[0], 5);
	CHECK(!memcmp(fakeram_bytes(TO), "CD001", 5));
	instance_close_one(deblocker);
	instance_close_one(label);
	instance_close(device);
	stop();
}

static const struct test tests[] = {
	TEST(test_support_packages_read_through_their_parent),
	TEST(test_the_active_prep_partition_is_loaded_first),
	TEST(test_a_prep_partition_without_elf_is_loaded_whole),
	TEST(test_blocks_of_4096_bytes_count_in_tables),
	TEST(test_seeks_in_a_partition_count_from_its_start),
	TEST(test_a_disc_boots_by_its_boot_script),
	TEST(test_a_boot_script_on_a_partition_comes_after_prep),
	TEST(test_a_boot_script_of_several_lines_is_forth),
	TEST(test_a_boot_script_that_boots_itself_ends),
	TEST(test_hostile_tables_end),
	TEST(test_what_does_not_fit_is_not_loaded),
	TEST(test_a_program_at_the_start_of_the_disk_is_loaded),
	TEST(test_directories_are_listed),
};
TEST_MAIN(tests)
