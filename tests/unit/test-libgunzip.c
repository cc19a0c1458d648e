/* SPDX-License-Identifier: BSD-2-Clause */
/* What gzip makes, with and without compression, and what is damaged. */
#include "check.h"

#include "base/bytes.h"
#include "base/err.h"
#include "base/heap.h"
#include "fakegzip.h"
#include "gunzip/gunzip.h"

/* clang-format off */
/* "hello, hello, hello", codes as the standard fixes them; the same behind a header with every field there is. */
static const uint8_t fixed[] = {
	0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xcb, 0x48, 0xcd, 0xc9,
	0xc9, 0xd7, 0x51, 0xc8, 0x40, 0xa2, 0x00, 0x9f, 0xa1, 0xca, 0x09, 0x13, 0x00, 0x00,
	0x00,
};
static const uint8_t fields[] = {
	0x1f, 0x8b, 0x08, 0x1e, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x04, 0x00, 0x61, 0x62,
	0x63, 0x64, 0x6e, 0x61, 0x6d, 0x65, 0x00, 0x63, 0x6f, 0x6d, 0x6d, 0x65, 0x6e, 0x74,
	0x00, 0xe2, 0x48, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0xd7, 0x51, 0xc8, 0x40, 0xa2, 0x00,
	0x9f, 0xa1, 0xca, 0x09, 0x13, 0x00, 0x00, 0x00,
};
/* Forty lines of bottles(), with codes of its own. */
static const uint8_t dynamic[] = {
	0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x65, 0x93, 0x3b, 0x6e,
	0x03, 0x31, 0x10, 0x43, 0xaf, 0xb2, 0x07, 0x70, 0xa1, 0xf9, 0xe8, 0x33, 0xc7, 0xd1,
	0x6f, 0x91, 0xc2, 0x88, 0x8b, 0x18, 0xc8, 0xf5, 0x93, 0x6e, 0xb9, 0x74, 0x4d, 0x48,
	0x33, 0xc3, 0x47, 0xa6, 0x63, 0xbc, 0xde, 0xef, 0xe7, 0xfe, 0x79, 0x1c, 0xe9, 0x78,
	0x7d, 0x1f, 0xef, 0xaf, 0x7d, 0xfc, 0xf6, 0xe7, 0xf3, 0x71, 0xc8, 0xa5, 0xc8, 0xde,
	0xe7, 0x5d, 0xf4, 0x4b, 0xb4, 0xb5, 0xf6, 0x5d, 0x8c, 0x4b, 0xcc, 0x73, 0x2e, 0xfa,
	0xb6, 0x5c, 0x6a, 0x1d, 0x63, 0xde, 0x55, 0xcd, 0x97, 0x1a, 0xbd, 0x8f, 0xbb, 0x6a,
	0xf0, 0x76, 0x44, 0x74, 0xda, 0x09, 0xe6, 0xae, 0xd6, 0xe2, 0xae, 0x16, 0x58, 0xf9,
	0xac, 0xb5, 0xdd, 0xd5, 0x86, 0xd7, 0x4a, 0x29, 0x95, 0x96, 0x4e, 0x09, 0x74, 0xcb,
	0xb9, 0x90, 0xae, 0xf8, 0x3e, 0xbb, 0x67, 0xd2, 0x1d, 0xa6, 0x4b, 0x35, 0x73, 0x36,
	0x05, 0x76, 0x97, 0x50, 0x35, 0xd2, 0x03, 0x2e, 0x97, 0x21, 0xa2, 0x64, 0x1b, 0xfa,
	0x26, 0x2b, 0x25, 0x61, 0x5b, 0xcb, 0x9d, 0x26, 0xb1, 0xd6, 0x06, 0xf3, 0x35, 0xad,
	0x45, 0xb8, 0x4d, 0x61, 0x7f, 0xd5, 0x39, 0x37, 0x83, 0x81, 0xfb, 0xd5, 0xc7, 0x20,
	0xe8, 0x8e, 0xfe, 0x69, 0xe9, 0x9d, 0xb0, 0xbb, 0xe3, 0xfb, 0x16, 0x41, 0xe0, 0xbd,
	0xe1, 0xfc, 0xde, 0x1a, 0xa1, 0xcf, 0x8a, 0xfb, 0xcf, 0x5a, 0x09, 0x7e, 0xae, 0x70,
	0xbf, 0xee, 0x52, 0x08, 0x7f, 0x41, 0xff, 0x2c, 0xe5, 0x4c, 0xfc, 0x0b, 0xbe, 0xff,
	0x37, 0xc3, 0x89, 0x7f, 0xc5, 0xf9, 0xe6, 0x66, 0xc4, 0xbf, 0xe2, 0xfe, 0x56, 0x54,
	0x89, 0x7f, 0xc3, 0xfb, 0xad, 0x89, 0x10, 0xff, 0x40, 0xff, 0xac, 0xa7, 0x44, 0xfc,
	0x03, 0xfd, 0xb7, 0xb1, 0x4f, 0xe1, 0xfc, 0x2a, 0x35, 0x96, 0xcb, 0x9e, 0x30, 0x01,
	0x76, 0xce, 0x49, 0x09, 0x10, 0xc1, 0x08, 0xb9, 0x8c, 0xb1, 0xb9, 0x02, 0xe8, 0xa1,
	0x5b, 0xef, 0x5c, 0x7c, 0xc5, 0x10, 0x7b, 0x8e, 0xa0, 0x10, 0x88, 0x61, 0x0b, 0xbc,
	0xb6, 0x36, 0x3e, 0x5a, 0x04, 0x57, 0x78, 0xd4, 0x4a, 0x31, 0x90, 0x8c, 0x3d, 0xf4,
	0x51, 0x0a, 0xe5, 0xe0, 0x0f, 0xbf, 0xc3, 0x69, 0x24, 0xee, 0x04, 0x00, 0x00,
};
/* clang-format on */

#define HELLO "hello, hello, hello"
#define BIG   (40u << 20)

static uint8_t out[2048];

static int unpack(const uint8_t *file, size_t size, size_t room, uint64_t *len)
{
	const char *why = "";

	return gunzip(file, size, out, room, len, &why);
}

/* Why it is refused; "" if it is not. */
static const char *refusal(const uint8_t *file, size_t size, size_t room)
{
	const char *why = "";
	uint64_t len = 77;
	int err = gunzip(file, size, out, room, &len, &why);

	CHECK_EQ(err != 0, *why != 0);
	CHECK(!err || len == 77);
	return why;
}

static void test_fixed_codes_and_all_fields_of_the_header_are_understood(void)
{
	uint64_t len = 0;

	CHECK_EQ(unpack(fixed, sizeof(fixed), sizeof(out), &len), 0);
	CHECK_EQ(len, strlen(HELLO));
	CHECK(!memcmp(out, HELLO, len));
	memset(out, 0, sizeof(out));
	CHECK_EQ(unpack(fields, sizeof(fields), sizeof(out), &len), 0);
	CHECK_EQ(len, strlen(HELLO));
	CHECK(!memcmp(out, HELLO, len));
}

static void test_codes_of_its_own_are_understood(void)
{
	char text[2048] = "";
	uint64_t len = 0;
	size_t n = 0;

	for (unsigned i = 0; i < 40; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%u bottles, %x on the wall, ",
				      i * i, i * 7919);
	CHECK_EQ(unpack(dynamic, sizeof(dynamic), sizeof(out), &len), 0);
	CHECK_EQ(len, n);
	CHECK(!memcmp(out, text, n));
}

static void test_room_may_be_just_what_it_takes(void)
{
	uint64_t len = 0;

	memset(out, 0xaa, sizeof(out));
	CHECK_EQ(unpack(fixed, sizeof(fixed), strlen(HELLO), &len), 0);
	CHECK_EQ(len, strlen(HELLO));
	CHECK_EQ(out[len], 0xaa);
	CHECK_EQ(unpack(fixed, sizeof(fixed), strlen(HELLO) - 1, &len), E_NOSPC);
	CHECK_EQ(out[strlen(HELLO)], 0xaa);
	CHECK_STR(refusal(fixed, sizeof(fixed), 0), "no room for what is gzip'd");
}

static void test_a_cut_file_is_refused_at_every_length(void)
{
	for (size_t n = 0; n < sizeof(fields); n++)
		CHECK(*refusal(fields, n, sizeof(out)));
	CHECK_STR(refusal(dynamic, sizeof(dynamic) - 1, sizeof(out)), "the gzip'd file is cut off");
}

static void test_damage_is_seen(void)
{
	uint8_t copy[sizeof(dynamic)];

	for (size_t i = 10; i < sizeof(dynamic); i++) {
		memcpy(copy, dynamic, sizeof(copy));
		copy[i] ^= 0x10;
		CHECK(*refusal(copy, sizeof(copy), sizeof(out)));
	}
	memcpy(copy, fixed, sizeof(fixed));
	copy[sizeof(fixed) - 8] ^= 1;
	CHECK_STR(refusal(copy, sizeof(fixed), sizeof(out)), "incorrect data check");
	copy[sizeof(fixed) - 8] ^= 1;
	copy[sizeof(fixed) - 1] ^= 1;
	CHECK_STR(refusal(copy, sizeof(fixed), sizeof(out)), "incorrect length check");
}

static void test_only_gzip_is_taken_for_it(void)
{
	static const uint8_t zlib[] = {0x78, 0x9c, 0x03, 0, 0, 0, 0, 1};

	CHECK(gunzip_is_packed(fixed, 3));
	CHECK(!gunzip_is_packed(fixed, 2));
	CHECK(!gunzip_is_packed(zlib, sizeof(zlib)));
	CHECK(*refusal(zlib, sizeof(zlib), sizeof(out)));
}

static void test_what_follows_is_not_looked_at(void)
{
	uint8_t file[sizeof(fixed) + 8] = {0};
	uint64_t len = 0;

	memcpy(file, fixed, sizeof(fixed));
	CHECK_EQ(unpack(file, sizeof(file), sizeof(out), &len), 0);
	CHECK_EQ(len, strlen(HELLO));
}

/* Larger than what zlib is given at a time, at both ends. */
static void test_large_files_are_unpacked(void)
{
	uint8_t *data = xalloc(BIG), *file = xalloc(fakegzip_size(BIG)), *made = xalloc(BIG);
	const char *why = "";
	uint64_t len = 0;
	size_t size;

	for (uint32_t i = 0; i < BIG; i += 4)
		put_be32(data + i, i * 2654435761u);
	size = fakegzip(data, BIG, file);
	CHECK_EQ(size, fakegzip_size(BIG));
	CHECK_EQ(gunzip(file, size, made, BIG, &len, &why), 0);
	CHECK_EQ(len, BIG);
	CHECK(!memcmp(made, data, BIG));
	CHECK_EQ(gunzip(file, size, made, BIG - 1, &len, &why), E_NOSPC);
	CHECK_EQ(gunzip(file, size - 9, made, BIG, &len, &why), E_FORMAT);
	heap_free(data);
	heap_free(file);
	heap_free(made);
}

struct bits {
	uint8_t *to;
	size_t n;
};

/* Codes go first bit first. */
static void put_bits(struct bits *b, const char *code)
{
	for (; *code; code++, b->n++)
		b->to[b->n / 8] |= (uint8_t)((*code - '0') << b->n % 8);
}

/* Zeros from next to nothing, by the standard's fixed codes; without a checksum. Returns the file's length. */
static size_t make_bomb(uint8_t *file, uint32_t len)
{
	struct bits b = {file, 80};

	memcpy(file, fixed, 10);
	put_bits(&b, "11000110000"); /* the last block, of fixed codes; a zero */
	for (uint32_t i = 0; i < len / 258; i++)
		put_bits(&b, "1100010100000"); /* the last byte 258 times more */
	put_bits(&b, "0000000");
	return b.n / 8 + 9;
}

static void test_what_unpacks_to_very_much_more_is_stopped(void)
{
	uint8_t *file = xalloc(BIG / 64), *made = xalloc(BIG);
	const char *why = "";
	uint64_t len = 0;
	size_t size = make_bomb(file, 30u << 20);

	CHECK_EQ(gunzip(file, size, made, BIG, &len, &why), E_FORMAT);
	CHECK_STR(why, "incorrect data check"); /* all of it was unpacked */
	memset(file, 0, BIG / 64);
	size = make_bomb(file, 39u << 20);
	CHECK_EQ(gunzip(file, size, made, BIG, &len, &why), E_FORMAT);
	CHECK_STR(why, "a gzip'd file that unpacks to more than 64 times its size");
	heap_free(file);
	heap_free(made);
}

static const struct test tests[] = {
	TEST(test_fixed_codes_and_all_fields_of_the_header_are_understood),
	TEST(test_codes_of_its_own_are_understood),
	TEST(test_room_may_be_just_what_it_takes),
	TEST(test_a_cut_file_is_refused_at_every_length),
	TEST(test_damage_is_seen),
	TEST(test_only_gzip_is_taken_for_it),
	TEST(test_what_follows_is_not_looked_at),
	TEST(test_large_files_are_unpacked),
	TEST(test_what_unpacks_to_very_much_more_is_stopped),
};

TEST_MAIN(tests)
