/* SPDX-License-Identifier: BSD-2-Clause */
/* What a variable of each type may be, and how it is written: one shape for each value. */
#include "env-priv.h"

#include <string.h>

#include "base/err.h"
#include "base/heap.h"
#include "base/strbuf.h"

const char *env_rule(enum env_type type)
{
	static const char *const rules[] = {
		[ENV_STRING] = "any text",
		[ENV_INT] = "a number, or 0x and a hexadecimal one",
		[ENV_FLAG] = "true or false",
		[ENV_BYTES] = "any bytes but NUL",
		[ENV_SECMODE] = "none, command or full",
	};

	return rules[type];
}

static int digit(char c, unsigned base)
{
	int d = -1;

	if (c >= '0' && c <= '9')
		d = c - '0';
	else if (c >= 'a' && c <= 'f')
		d = c - 'a' + 10;
	else if (c >= 'A' && c <= 'F')
		d = c - 'A' + 10;
	return d < (int)base ? d : -1;
}

int env_parse_int(const char *text, size_t len, uint64_t *out)
{
	unsigned base = 10;
	uint64_t v = 0;

	if (len > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
		len -= 2;
	}
	if (len == 0)
		return E_INVAL;
	for (size_t i = 0; i < len; i++) {
		int d = digit(text[i], base);

		if (d < 0 || v > (UINT64_MAX - (unsigned)d) / base)
			return E_INVAL;
		v = v * base + (unsigned)d;
	}
	*out = v;
	return 0;
}

static bool is_text(const char *value, size_t len, const char *want)
{
	return len == strlen(want) && !memcmp(value, want, len);
}

static const char *shape_secmode(const char *value, size_t len)
{
	static const char *const modes[][2] = {{"0", "none"}, {"1", "command"}, {"2", "full"}};

	for (unsigned i = 0; i < ARRAY_SIZE(modes); i++)
		if (is_text(value, len, modes[i][0]) || is_text(value, len, modes[i][1]))
			return modes[i][0];
	return NULL;
}

int env_shape(enum env_type type, const char *value, size_t len, char **out)
{
	char number[24];
	struct strbuf sb = strbuf_on(number, sizeof(number));
	uint64_t v = 0;
	char *copy;

	if (len && memchr(value, 0, len))
		return E_INVAL;
	if (type == ENV_FLAG && !is_text(value, len, "true") && !is_text(value, len, "false"))
		return E_INVAL;
	if (type == ENV_INT) {
		if (env_parse_int(value, len, &v))
			return E_INVAL;
		strbuf_printf(&sb, "%llu", (unsigned long long)v);
		value = number;
		len = sb.len;
	} else if (type == ENV_SECMODE) {
		value = shape_secmode(value, len);
		if (!value)
			return E_INVAL;
		len = 1;
	}
	copy = try_alloc(len + 1);
	if (!copy)
		return E_NOMEM;
	if (len)
		memcpy(copy, value, len);
	*out = copy;
	return 0;
}

bool env_is_name(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > ENV_NAME_MAX || !strcmp(name, "name") || !strcmp(name, "phandle"))
		return false;
	for (size_t i = 0; i < len; i++)
		if (name[i] <= ' ' || name[i] > '~' || name[i] == '/' || name[i] == '=')
			return false;
	return true;
}
