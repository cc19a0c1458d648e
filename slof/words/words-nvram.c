/* SPDX-License-Identifier: BSD-2-Clause */
/* Looking at NVRAM's partitions. */
#include "words-priv.h"

#include "base/err.h"
#include "base/heap.h"
#include "nvram/nvram.h"
#include "of/env.h"

static int show(struct forth *f, const uint8_t *image, uint32_t size)
{
	struct nvram_part part;
	uint32_t at = 0;
	int err;

	words_printf(f, "%-9s %8s %8s  %s\r\n", "signature", "at", "bytes", "name");
	while (!(err = nvram_next(image, size, &at, &part))) {
		for (char *p = part.name; *p; p++)
			*p = *p < ' ' || *p > '~' ? '.' : *p;
		words_printf(f, "%-9x %8x %8x  %s\r\n", part.signature, (unsigned)part.offset - 16,
			     (unsigned)part.len + 16, part.name);
	}
	if (err != E_NOENT)
		words_printf(f, "What follows has no sound header.\r\n");
	return 0;
}

static int w_headers(struct forth *f)
{
	uint8_t *image;
	uint32_t size;
	int err = env_read_nvram(&image, &size);

	if (err == E_NOENT)
		return forth_abort(f, "there is no NVRAM");
	if (err)
		return words_fail(f, "NVRAM", err);
	err = show(f, image, size);
	heap_free(image);
	return err;
}

// clang-format off
static const struct forth_word rows[] = {
	{".headers", "( -- )", w_headers, FORTH_LINES, "Show NVRAM's partitions"},
};
// clang-format on
const struct words_table words_nvram = {rows, ARRAY_SIZE(rows)};
