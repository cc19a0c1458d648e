/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The variables in their partition: reading, and writing by moving what stands behind. A writer first
 * finds out whether the result fits; then nothing can fail.
 */
#include "nvram/nvram.h"

#include <string.h>

#include "base/err.h"

/* The length of the string at body offset at, without its NUL, if it has one. */
static uint32_t string_len(const uint8_t *image, const struct nvram_part *part, uint32_t at)
{
	return (uint32_t)strnlen((const char *)image + part->offset + at, part->len - at);
}

bool nvram_next_var(const uint8_t *image, const struct nvram_part *part, uint32_t *at,
		    struct nvram_variable *var)
{
	const char *body = (const char *)image + part->offset;

	while (*at < part->len && body[*at]) {
		const char *text = body + *at;
		uint32_t n = string_len(image, part, *at);
		const char *equals = memchr(text, '=', n);

		*at += n;
		*at += *at < part->len;
		if (!equals || equals == text)
			continue;
		var->name = text;
		var->name_len = (size_t)(equals - text);
		var->value = equals + 1;
		var->len = n - var->name_len - 1;
		return true;
	}
	return false;
}

/* The first variable of that name from body offset *at on. */
static bool find_var(const uint8_t *image, const struct nvram_part *part, const char *name,
		     uint32_t *at, struct nvram_variable *var)
{
	size_t name_len = strlen(name);

	while (nvram_next_var(image, part, at, var))
		if (var->name_len == name_len && !memcmp(var->name, name, name_len))
			return true;
	return false;
}

int nvram_var(const uint8_t *image, uint32_t size, const char *name, const char **value,
	      size_t *len)
{
	struct nvram_part part;
	struct nvram_variable var;
	uint32_t at = 0;
	int err = nvram_find(image, size, &part);

	if (err)
		return err;
	if (!find_var(image, &part, name, &at, &var))
		return E_NOENT;
	*value = var.value;
	*len = var.len;
	return 0;
}

/* ---- writing ------------------------------------------------------------------------------ */

/* Where the list ends: the offset of the empty string, or the body's length. */
static uint32_t list_end(const uint8_t *image, const struct nvram_part *part)
{
	uint32_t at = 0;

	while (at < part->len && image[part->offset + at]) {
		at += string_len(image, part, at);
		at += at < part->len;
	}
	return at;
}

/* Does the list lack the NUL of its last string? Then it fills the body. */
static bool is_open_ended(const uint8_t *image, const struct nvram_part *part, uint32_t end)
{
	return end > 0 && image[part->offset + end - 1] != 0;
}

/* Where a variable's string is, and how much goes with it: its NUL, unless the body ends first. */
static uint32_t var_start(const uint8_t *image, const struct nvram_part *part,
			  const struct nvram_variable *var)
{
	return (uint32_t)(var->name - ((const char *)image + part->offset));
}

static uint32_t var_bytes(const struct nvram_part *part, uint32_t start,
			  const struct nvram_variable *var)
{
	uint32_t n = (uint32_t)(var->name_len + 1 + var->len);

	return n + (start + n < part->len);
}

/* Is this string of n bytes "name=..."? */
static bool is_var(const char *text, size_t n, const char *name, size_t name_len)
{
	return n > name_len && text[name_len] == '=' && !memcmp(text, name, name_len);
}

/* One pass that keeps what is not of that name: there may be very many. */
int nvram_delete(uint8_t *image, uint32_t size, const char *name, struct nvram_range *changed)
{
	struct nvram_part part;
	struct nvram_variable var;
	uint32_t at = 0, to, end;
	size_t name_len = strlen(name);
	uint8_t *body;
	int err = nvram_find(image, size, &part);

	if (err)
		return err;
	if (!find_var(image, &part, name, &at, &var))
		return E_NOENT;
	body = image + part.offset;
	to = at = var_start(image, &part, &var);
	end = list_end(image, &part);
	changed->offset = part.offset + to;
	changed->len = end - to;
	while (at < end) {
		uint32_t n = string_len(image, &part, at);
		uint32_t bytes = n + (at + n < part.len);

		if (!is_var((const char *)body + at, n, name, name_len)) {
			memmove(body + to, body + at, bytes);
			to += bytes;
		}
		at += bytes;
	}
	memset(body + to, 0, end - to);
	return 0;
}

static bool is_settable(const char *name, const char *value, size_t len)
{
	return *name && !strchr(name, '=') && !(len && memchr(value, 0, len));
}

static void put_var(uint8_t *to, const char *name, const char *value, size_t len)
{
	size_t name_len = strlen(name);

	memcpy(to, name, name_len);
	to[name_len] = '=';
	if (len)
		memcpy(to + name_len + 1, value, len);
	to[name_len + 1 + len] = 0;
}

int nvram_set(uint8_t *image, uint32_t size, const char *name, const char *value, size_t len,
	      struct nvram_range *changed)
{
	struct nvram_part part;
	struct nvram_variable var;
	uint32_t at = 0, start, end, old = 0, new_end;
	uint8_t *body;
	uint64_t bytes = (uint64_t)strlen(name) + len + 2;
	int err = nvram_find(image, size, &part);

	if (err)
		return err;
	if (!is_settable(name, value, len))
		return E_INVAL;
	start = end = list_end(image, &part);
	if (find_var(image, &part, name, &at, &var)) {
		start = var_start(image, &part, &var);
		old = var_bytes(&part, start, &var);
	} else if (is_open_ended(image, &part, end)) {
		return E_NOSPC;
	}
	/* One byte more for the NUL that ends the list. */
	if (bytes > part.len || end - old + bytes + 1 > part.len)
		return E_NOSPC;
	new_end = end - old + (uint32_t)bytes;
	body = image + part.offset;
	memmove(body + start + bytes, body + start + old, end - start - old);
	put_var(body + start, name, value, len);
	if (new_end < end)
		memset(body + new_end, 0, end - new_end);
	else
		body[new_end] = 0;
	changed->offset = part.offset + start;
	changed->len = (new_end < end ? end : new_end + 1) - start;
	return 0;
}
