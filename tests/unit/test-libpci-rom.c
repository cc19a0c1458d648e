/* SPDX-License-Identifier: BSD-2-Clause */
/* Chains of images in expansion ROMs: right ones, and those that lie about every length. */
#include "check.h"

#include "base/bytes.h"
#include "base/err.h"
#include "pci/rom.h"

static uint8_t bytes[8192];
static uint32_t reads, beyond;

static uint8_t get(void *ctx, uint32_t offset)
{
	const struct pci_rom *rom = ctx;

	reads++;
	if (offset >= rom->size)
		beyond++;
	return offset < sizeof(bytes) ? bytes[offset] : 0xff;
}

static int find(uint32_t size, struct pci_rom_fcode *out)
{
	struct pci_rom rom = {get, NULL, size};

	rom.ctx = &rom;
	reads = beyond = 0;
	return pci_rom_find(&rom, 0x1af4, 0x1000, out);
}

/* An image at `at` of n blocks; its data structure at 1c, FCode of len bytes at 40. */
static void image(uint32_t at, unsigned blocks, uint8_t type, bool last, uint32_t len)
{
	uint8_t *h = bytes + at, *d = h + 0x1c;

	memset(h, 0, 0x80);
	put_be16(h, 0x55aa);
	put_le16(h + 2, 0x40);
	put_le16(h + 0x18, 0x1c);
	memcpy(d, "PCIR", 4);
	put_le16(d + 4, 0x1af4);
	put_le16(d + 6, 0x1000);
	put_le16(d + 0x10, (uint16_t)blocks);
	d[0x14] = type;
	d[0x15] = last ? 0x80 : 0;
	h[0x40] = 0xf1;
	put_be32(h + 0x44, len);
}

static void test_fcode_is_found_behind_other_images(void)
{
	struct pci_rom_fcode f;

	image(0, 2, 0, false, 0);
	image(1024, 1, 3, false, 0);
	image(1536, 2, 1, true, 100);
	CHECK_EQ(find(sizeof(bytes), &f), 0);
	CHECK_EQ(f.image, 1536);
	CHECK_EQ(f.offset, 1536 + 0x40);
	CHECK_EQ(f.len, 100);
	CHECK(reads < 200);
}

static void test_an_image_for_another_function_is_passed_over(void)
{
	struct pci_rom_fcode f;

	image(0, 1, 1, false, 100);
	put_le16(bytes + 0x1c + 6, 0x1001);
	image(512, 1, 1, true, 50);
	CHECK_EQ(find(sizeof(bytes), &f), 0);
	CHECK_EQ(f.image, 512);
	put_le16(bytes + 0x1c + 6, 0xffff);
	CHECK_EQ(find(sizeof(bytes), &f), 0);
	CHECK_EQ(f.image, 0);
}

static void test_a_rom_without_fcode_says_so(void)
{
	struct pci_rom_fcode f;

	image(0, 2, 0, false, 0);
	image(1024, 2, 3, true, 0);
	CHECK_EQ(find(sizeof(bytes), &f), E_NOENT);
}

static void test_lengths_that_lie_are_refused(void)
{
	struct pci_rom_fcode f;

	image(0, 1, 1, true, 512 - 0x40);
	CHECK_EQ(find(sizeof(bytes), &f), 0);
	image(0, 1, 1, true, 512 - 0x40 + 1);
	CHECK_EQ(find(sizeof(bytes), &f), E_FORMAT);
	image(0, 1, 1, true, 8);
	CHECK_EQ(find(sizeof(bytes), &f), E_FORMAT);
	image(0, 1, 1, true, 0xffffffff);
	CHECK_EQ(find(sizeof(bytes), &f), E_FORMAT);
	image(0, 1, 1, true, 100);
	put_le16(bytes + 2, 509);
	CHECK_EQ(find(sizeof(bytes), &f), E_FORMAT);
	image(0, 17, 1, true, 100);
	CHECK_EQ(find(sizeof(bytes), &f), E_FORMAT);
	image(0, 0, 0, false, 100);
	CHECK_EQ(find(sizeof(bytes), &f), E_FORMAT);
	image(0, 1, 1, true, 100);
	put_le16(bytes + 0x18, 0xfff0);
	CHECK_EQ(find(sizeof(bytes), &f), E_FORMAT);
	bytes[0] = 0;
	CHECK_EQ(find(sizeof(bytes), &f), E_FORMAT);
}

static void test_nothing_is_read_beyond_the_rom(void)
{
	struct pci_rom_fcode f;

	for (unsigned i = 0; i < 4; i++)
		image(512 * i, 1, i == 3, false, 100);
	for (uint32_t size = 0; size < 2100; size++) {
		(void)!find(size, &f);
		CHECK_EQ(beyond, 0);
	}
}

static void test_a_chain_without_an_end_ends(void)
{
	struct pci_rom_fcode f;

	for (unsigned i = 0; i < sizeof(bytes) / 512; i++)
		image(512 * i, 1, 0, false, 0);
	CHECK_EQ(find(sizeof(bytes), &f), E_FORMAT);
	CHECK(reads < 2000);
}

static const struct test tests[] = {TEST(test_fcode_is_found_behind_other_images),
				    TEST(test_an_image_for_another_function_is_passed_over),
				    TEST(test_a_rom_without_fcode_says_so),
				    TEST(test_lengths_that_lie_are_refused),
				    TEST(test_nothing_is_read_beyond_the_rom),
				    TEST(test_a_chain_without_an_end_ends)};
TEST_MAIN(tests)
