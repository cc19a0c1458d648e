/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as an NVRAM image: partitions lie inside it, values lie inside their partition. */
#include <string.h>

#include "base/panic.h"
#include "nvram/nvram.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nvram_part part;
	const char *value;
	uint32_t at = 0;
	size_t len;

	if (size > 1u << 20)
		return 0;
	while (!nvram_next(data, (uint32_t)size, &at, &part))
		assert(part.offset <= size && part.len <= size - part.offset && at <= size);
	if (!nvram_var(data, (uint32_t)size, "diag-switch?", &value, &len)) {
		assert((const uint8_t *)value >= data + 16);
		assert((const uint8_t *)value + len <= data + size);
		assert(!memchr(value, 0, len));
	}
	return 0;
}
