/* SPDX-License-Identifier: BSD-2-Clause */
/* What TFTP's two sides agree on before the first block. A server may lower what was asked for, no more. */
#include "tftp-options.h"

#include <stdio.h>
#include <string.h>

static void put_text(struct strbuf *sb, const char *text)
{
	strbuf_str(sb, text);
	strbuf_add(sb, "", 1);
}

static void put_option(struct strbuf *sb, const char *name, uint32_t value)
{
	char number[16];

	put_text(sb, name);
	snprintf(number, sizeof(number), "%u", (unsigned)value);
	put_text(sb, number);
}

void tftp_put_request(struct strbuf *sb, const char *file, const struct tftp_terms *ask)
{
	strbuf_add(sb, "\0\1", 2);
	put_text(sb, file);
	put_text(sb, "octet");
	if (!ask)
		return;
	put_option(sb, "tsize", 0);
	put_option(sb, "blksize", ask->block_bytes);
	put_option(sb, "windowsize", ask->window);
}

/* Decimal, all of it, from min to max. */
static bool number(const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		unsigned digit = (unsigned)(*text - '0');

		if (digit > 9 || v > (UINT64_MAX - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	*out = v;
	return v >= min && v <= max;
}

static bool same_word(const char *a, const char *b)
{
	while (*a && (*a | 0x20) == *b)
		a++, b++;
	return *a == *b;
}

static bool take_option(const char *name, const char *value, const struct tftp_terms *ask,
			struct tftp_terms *agreed, unsigned *seen)
{
	static const char *const names[] = {"tsize", "blksize", "windowsize"};
	const uint64_t min[] = {0, TFTP_BLOCK_MIN, 1};
	const uint64_t max[] = {UINT64_MAX - 1, ask->block_bytes, ask->window};
	uint64_t v;
	unsigned i = 0;

	while (i < ARRAY_SIZE(names) && !same_word(name, names[i]))
		i++;
	if (i == ARRAY_SIZE(names) || (*seen & 1u << i) || !number(value, min[i], max[i], &v))
		return false;
	*seen |= 1u << i;
	if (i == 0)
		agreed->size = v;
	else if (i == 1)
		agreed->block_bytes = (uint32_t)v;
	else
		agreed->window = (uint32_t)v;
	return true;
}

bool tftp_take_options(const char *at, size_t len, const struct tftp_terms *ask,
		       struct tftp_terms *agreed)
{
	unsigned seen = 0;

	*agreed = (struct tftp_terms){TFTP_BLOCK_PLAIN, 1, UINT64_MAX};
	while (len > 0) {
		const char *value = memchr(at, 0, len), *end;

		if (!value)
			return false;
		value++;
		end = memchr(value, 0, len - (size_t)(value - at));
		if (!end || !take_option(at, value, ask, agreed, &seen))
			return false;
		len -= (size_t)(end + 1 - at);
		at = end + 1;
	}
	return true;
}
