/* SPDX-License-Identifier: BSD-2-Clause */
/* Unit addresses of PCI buses, from text to cells and back. */
#include "check.h"

#include "base/err.h"
#include "pciaddr/unit.h"

struct form {
	const char *text;
	struct pci_phys phys;
};

/* As they are written: reading and writing must agree. */
static const struct form canonical[] = {
	{"0", {0x00050000, 0, 0}},
	{"1f", {0x0005f800, 0, 0}},
	{"1f,7", {0x0005ff00, 0, 0}},
	{"2,1", {0x00051100, 0, 0}},
	{"i1,0,10,0", {0x01050810, 0, 0}},
	{"i1,2,10,1000", {0x01050a10, 0, 0x1000}},
	{"ni1,2,0,cf8", {0x81050a00, 0, 0xcf8}},
	{"it1,2,10,3c0", {0x21050a10, 0, 0x3c0}},
	{"nit1,2,0,ffffffff", {0xa1050a00, 0, 0xffffffff}},
	{"m3,0,14,80000000", {0x02051814, 0, 0x80000000}},
	{"mt3,0,14,a0000", {0x22051814, 0, 0xa0000}},
	{"mp3,0,18,100", {0x42051818, 0, 0x100}},
	{"nmtp1f,7,ff,ffffffff", {0xe205ffff, 0, 0xffffffff}},
	{"x3,0,18,0", {0x03051818, 0, 0}},
	{"xp3,0,20,123456789abcdef0", {0x43051820, 0x12345678, 0x9abcdef0}},
	{"nxp1f,7,ff,ffffffffffffffff", {0xc305ffff, 0xffffffff, 0xffffffff}},
	{"nx0,0,20,210000000000", {0x83050020, 0x2100, 0}},
};

static void check_decodes(const char *text, struct pci_phys want)
{
	struct pci_phys got = {1, 2, 3};
	int err = pci_unit_decode(text, strlen(text), 5, &got);

	if (err || got.hi != want.hi || got.mid != want.mid || got.lo != want.lo)
		check_fail("\"%s\" gives %d: %08x %08x %08x", text, err, got.hi, got.mid, got.lo);
}

static void check_refused(const char *text, int want)
{
	struct pci_phys got = {1, 2, 3};
	int err = pci_unit_decode(text, strlen(text), 5, &got);

	if (err != want || got.hi != 1 || got.mid != 2 || got.lo != 3)
		check_fail("\"%s\" gives %d, not %d", text, err, want);
}

static void test_all_forms_are_read(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(canonical); i++)
		check_decodes(canonical[i].text, canonical[i].phys);
}

static void test_all_forms_are_written(void)
{
	char text[PCI_UNIT_ROOM];

	for (unsigned i = 0; i < ARRAY_SIZE(canonical); i++) {
		CHECK_EQ(pci_unit_encode(&canonical[i].phys, text, sizeof(text)),
			 strlen(canonical[i].text));
		CHECK_STR(text, canonical[i].text);
	}
}

static void test_case_and_leading_zeros_do_not_matter(void)
{
	check_decodes("1F,07", (struct pci_phys){0x0005ff00, 0, 0});
	check_decodes("00000000000000000000001f,0", (struct pci_phys){0x0005f800, 0, 0});
	check_decodes("NMTP1F,7,FF,0FFFFFFFF", (struct pci_phys){0xe205ffff, 0, 0xffffffff});
	check_decodes("XP3,0,020,00ABCDEF0123456789",
		      (struct pci_phys){0x43051820, 0xabcdef01, 0x23456789});
	check_decodes("2,0", (struct pci_phys){0x00051000, 0, 0});
}

static void test_no_text_is_device_0(void)
{
	check_decodes("", (struct pci_phys){0x00050000, 0, 0});
}

static void test_numbers_too_large_are_refused(void)
{
	check_refused("20", E_RANGE);
	check_refused("1f,8", E_RANGE);
	check_refused("ffffffffffffffffffff", E_RANGE);
	check_refused("100000000000000001", E_RANGE);
	check_refused("i20,0,10,0", E_RANGE);
	check_refused("i1,8,10,0", E_RANGE);
	check_refused("i1,0,100,0", E_RANGE);
	check_refused("i1,0,10,100000000", E_RANGE);
	check_refused("m1,0,10,100000000", E_RANGE);
	check_refused("x1,0,10,10000000000000000", E_RANGE);
}

static void test_what_is_not_of_a_form_is_refused(void)
{
	static const char *const bad[] = {
		",",           "1,",         ",1",          "1,1,1",      "g",
		"1 ",          " 1",         "-1",          "0x1",        "n1",
		"n",           "i",          "i1",          "i1,0",       "i1,0,10",
		"i1,0,10,",    "i1,0,10,0,", "ip1,0,10,0",  "m1,0,10",    "mpt1,0,10,0",
		"mn1,0,10,0",  "xt1,0,10,0", "tx1,0,10,0",  "nn1",        "i,0,10,0",
		"i1,,10,0",    "i1,0,,0",    "m1,0,10,0x0", "x1,0,10,0 ", "p1,0,10,0",
		"nni1,0,10,0", "1,0x",       "1@",
	};

	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
		check_refused(bad[i], E_FORMAT);
}

static void test_a_nul_ends_nothing(void)
{
	struct pci_phys phys;

	CHECK_EQ(pci_unit_decode("1\0", 2, 0, &phys), E_FORMAT);
	CHECK_EQ(pci_unit_decode("\0", 1, 0, &phys), E_FORMAT);
}

static void test_only_len_bytes_are_read(void)
{
	struct pci_phys phys;

	CHECK_EQ(pci_unit_decode("1f,7", 2, 3, &phys), 0);
	CHECK_EQ(phys.hi, 0x0003f800);
	CHECK_EQ(pci_unit_decode("1f,7", 3, 3, &phys), E_FORMAT);
}

static void test_what_text_cannot_say_is_left_out(void)
{
	static const struct form forms[] = {
		{"2,1", {0xfc0511ff, 1, 2}},
		{"i2,1,10,2", {0x41051110, 7, 2}},
		{"m2,1,10,2", {0x02051110, 7, 2}},
		{"x2,1,10,700000002", {0x23051110, 7, 2}},
	};
	char text[PCI_UNIT_ROOM];

	for (unsigned i = 0; i < ARRAY_SIZE(forms); i++) {
		(void)pci_unit_encode(&forms[i].phys, text, sizeof(text));
		CHECK_STR(text, forms[i].text);
	}
}

static void test_a_short_buffer_is_not_overrun(void)
{
	struct pci_phys phys = {0xc305ffff, 0xffffffff, 0xffffffff};
	char text[8] = "zzzzzzz";

	CHECK_EQ(pci_unit_encode(&phys, text, 4), 27);
	CHECK_STR(text, "nxp");
	CHECK_EQ(text[4], 'z');
	CHECK_EQ(pci_unit_encode(&phys, NULL, 0), 27);
}

static void test_every_function_of_a_bus_has_its_text(void)
{
	char text[PCI_UNIT_ROOM];

	for (unsigned bus = 0; bus < 256; bus += 51)
		for (uint32_t devfn = 0; devfn < 256; devfn++) {
			struct pci_phys phys = {(uint32_t)bus << 16 | devfn << 8, 0, 0}, back;
			size_t len = pci_unit_encode(&phys, text, sizeof(text));

			CHECK_EQ(pci_unit_decode(text, len, (uint8_t)bus, &back), 0);
			CHECK_EQ(back.hi, phys.hi);
		}
}

static const struct test tests[] = {
	TEST(test_all_forms_are_read),
	TEST(test_all_forms_are_written),
	TEST(test_case_and_leading_zeros_do_not_matter),
	TEST(test_no_text_is_device_0),
	TEST(test_numbers_too_large_are_refused),
	TEST(test_what_is_not_of_a_form_is_refused),
	TEST(test_a_nul_ends_nothing),
	TEST(test_only_len_bytes_are_read),
	TEST(test_what_text_cannot_say_is_left_out),
	TEST(test_a_short_buffer_is_not_overrun),
	TEST(test_every_function_of_a_bus_has_its_text),
};
TEST_MAIN(tests)
