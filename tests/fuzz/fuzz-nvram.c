/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as an NVRAM image. Reading: partitions lie inside it, values inside their partition.
 * Writing: set and delete change what they say and nothing else, and what was set is read back.
 * Repair: the chain is complete afterwards, a second time there is nothing to do, and variables that
 * could be read before still can.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/panic.h"
#include "nvram/nvram.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t *copy_of(const uint8_t *data, uint32_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	if (size)
		memcpy(copy, data, size);
	return copy;
}

static unsigned walk(const uint8_t *data, uint32_t size)
{
	struct nvram_part part;
	struct nvram_variable var;
	uint32_t at = 0, place = 0;
	unsigned n = 0;

	while (!nvram_next(data, size, &at, &part))
		assert(part.offset <= size && part.len <= size - part.offset && at <= size);
	if (nvram_find(data, size, &part))
		return 0;
	while (nvram_next_var(data, &part, &place, &var)) {
		const uint8_t *body = data + part.offset;

		assert((const uint8_t *)var.name >= body && var.name_len > 0);
		assert(var.value == var.name + var.name_len + 1);
		assert((const uint8_t *)var.value + var.len <= body + part.len);
		assert(!memchr(var.name, 0, var.name_len + 1 + var.len));
		n++;
	}
	return n;
}

/* Everything outside the range is as it was. */
static void check_range(const uint8_t *old, const uint8_t *new, uint32_t size, struct nvram_range r)
{
	assert(r.offset <= size && r.len <= size - r.offset);
	assert(!memcmp(old, new, r.offset));
	assert(!memcmp(old + r.offset + r.len, new + r.offset + r.len, size - r.offset - r.len));
}

static void check_set(const uint8_t *data, uint32_t size, const char *name, size_t len)
{
	static const char text[] = "/pci@800000020000000/scsi@3/disk@103000500000000:2,\\\\boot";
	uint8_t *image = copy_of(data, size);
	struct nvram_range range = {0, 0};
	unsigned before = walk(image, size);
	const char *value = NULL;
	size_t got = 0;
	bool had = !nvram_var(image, size, name, &value, &got);
	int err;

	len %= sizeof(text);
	err = nvram_set(image, size, name, text, len, &range);
	check_range(data, image, size, range);
	if (!err) {
		assert(!nvram_var(image, size, name, &value, &got));
		assert(got == len && !memcmp(value, text, len));
		assert(walk(image, size) == before + !had);
	}
	free(image);
}

static void check_delete(const uint8_t *data, uint32_t size, const char *name)
{
	uint8_t *image = copy_of(data, size);
	struct nvram_range range = {0, 0};
	unsigned before = walk(image, size);
	const char *value;
	size_t len;
	int err = nvram_delete(image, size, name, &range);

	check_range(data, image, size, range);
	assert(nvram_var(image, size, name, &value, &len) != 0);
	assert(err ? walk(image, size) == before : walk(image, size) < before);
	free(image);
}

static void check_repair(const uint8_t *data, uint32_t size)
{
	uint8_t *image = copy_of(data, size), *again;
	struct nvram_part part, old;
	uint32_t at = 0;
	bool had = !nvram_find(image, size, &old);
	enum nvram_state state = nvram_repair(image, size);
	int err;

	do
		err = nvram_next(image, size, &at, &part);
	while (!err);
	assert(err == E_NOENT && size - at < 16);
	assert(!nvram_find(image, size, &part));
	if (had) {
		assert(state <= NVRAM_MENDED && part.offset == old.offset && part.len == old.len);
		assert(!memcmp(image, data, part.offset + part.len));
	}
	assert(state != NVRAM_SOUND || !memcmp(image, data, size));
	again = copy_of(image, size);
	assert(nvram_repair(again, size) == NVRAM_SOUND && !memcmp(again, image, size));
	free(again);
	walk(image, size);
	check_set(image, size, "diag-switch?", size);
	free(image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t n = (uint32_t)size;

	if (size > 1u << 20)
		return 0;
	walk(data, n);
	check_set(data, n, "diag-switch?", size);
	check_set(data, n, "a", size / 7);
	check_delete(data, n, "a");
	check_delete(data, n, "diag-switch?");
	if (n < NVRAM_LEAST) {
		/* Most inputs are small: they go at the start of an image otherwise empty. */
		uint8_t *image = calloc(1, NVRAM_LEAST + 8);

		if (!image)
			abort();
		if (n)
			memcpy(image, data, n);
		check_repair(image, NVRAM_LEAST + 8);
		free(image);
	} else {
		check_repair(data, n);
	}
	return 0;
}
