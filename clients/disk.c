/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looks at disks as its arguments say, from left to right, numbers in hex:
 *     open=PATH        the disk of all that follows
 *     sum=OFFSET,LEN   read that and print its CRC-32
 *     read=OFFSET,LEN  read that, and say how long it took
 *     write=OFFSET,LEN write a pattern that follows from OFFSET
 *     info             block size and number of blocks
 *     close            close it
 * The end switches the machine off.
 */
#include "ofci.h"

#define CHUNK 0x800000u

static uint32_t disk;
static unsigned char *chunk;
static uint32_t crc_table[256];

static void make_crc_table(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i;

		for (unsigned bit = 0; bit < 8; bit++)
			c = c >> 1 ^ (c & 1 ? 0xedb88320u : 0);
		crc_table[i] = c;
	}
}

static uint32_t crc(uint32_t c, const unsigned char *p, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		c = c >> 8 ^ crc_table[(c ^ p[i]) & 0xff];
	return c;
}

static const char *hex(const char *p, uint64_t *out)
{
	*out = 0;
	for (;; p++) {
		char c = *p;

		if (c >= '0' && c <= '9')
			*out = *out << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			*out = *out << 4 | (uint64_t)(c - 'a' + 10);
		else
			return p;
	}
}

/* "OFFSET,LEN" */
static void range(const char *p, uint64_t *offset, uint64_t *len)
{
	p = hex(p, offset);
	*len = 0;
	if (*p == ',')
		hex(p + 1, len);
}

static void open_disk(const char *path)
{
	disk = of_open(path);
	of_printf("open %s: %s\n", path, disk && disk != OF_ERR ? "yes" : "no");
}

static void sum(const char *args, bool with_crc)
{
	uint64_t offset, len, left;
	uint32_t c = OF_ERR, before = of_milliseconds();

	range(args, &offset, &len);
	if (of_seek(disk, offset) > 1) {
		of_printf("sum %s: no seek\n", args);
		return;
	}
	for (left = len; left > 0;) {
		uint32_t n = left < CHUNK ? (uint32_t)left : CHUNK;
		uint32_t got = of_read(disk, chunk, n);

		if (got != n) {
			of_printf("sum %s: read gave %x of %x\n", args, got, n);
			return;
		}
		c = with_crc ? crc(c, chunk, n) : c;
		left -= n;
	}
	if (with_crc)
		of_printf("sum %s is %08x\n", args, ~c);
	else
		of_printf("read %s: %u ms\n", args, of_milliseconds() - before);
}

static void write_pattern(const char *args)
{
	uint64_t offset, len, at = 0;
	uint32_t got = OF_ERR;

	range(args, &offset, &len);
	if (of_seek(disk, offset) > 1) {
		of_printf("write %s: no seek\n", args);
		return;
	}
	while (at < len) {
		uint32_t n = len - at < CHUNK ? (uint32_t)(len - at) : CHUNK;

		for (uint32_t i = 0; i < n; i++)
			chunk[i] =
				(unsigned char)((offset + at + i) * 7 + ((offset + at + i) >> 9));
		got = of_write(disk, chunk, n);
		if (got != n)
			break;
		at += n;
	}
	of_printf("write %s: %s\n", args, at == len ? "done" : "failed");
}

static uint32_t ask_method(const char *name)
{
	uint32_t caught = OF_POISON, value = OF_POISON;

	of_call("call-method", 2, 2, of_ptr(name), disk, &caught, &value);
	return caught ? OF_ERR : value;
}

static void obey(char *word)
{
	char *args = word;

	while (*args && *args != '=')
		args++;
	if (*args)
		*args++ = '\0';
	if (!strcmp(word, "open"))
		open_disk(args);
	else if (!strcmp(word, "sum"))
		sum(args, true);
	else if (!strcmp(word, "read"))
		sum(args, false);
	else if (!strcmp(word, "write"))
		write_pattern(args);
	else if (!strcmp(word, "info"))
		of_printf("blocks of %x, %x of them\n", ask_method("block-size"),
			  ask_method("#blocks"));
	else if (!strcmp(word, "close"))
		of_close(disk);
	else
		of_printf("what is %s?\n", word);
}

int client_main(void)
{
	uint32_t at = of_claim(0, CHUNK, 0x1000);
	char *p = of_bootargs;

	make_crc_table();
	chunk = (unsigned char *)(uintptr_t)at;
	while (at != OF_ERR && *p) {
		char *word = p;

		while (*p && *p != ' ')
			p++;
		if (*p)
			*p++ = '\0';
		if (*word)
			obey(word);
	}
	of_printf("disk done\n");
	of_power_off();
}
