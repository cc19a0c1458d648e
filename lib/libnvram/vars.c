/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding a variable. */
#include "nvram/nvram.h"

#include <string.h>

#include "base/err.h"

static int find_variables(const uint8_t *image, uint32_t size, struct nvram_part *part)
{
	uint32_t at = 0;
	int err;

	do {
		err = nvram_next(image, size, &at, part);
		if (err)
			return err;
	} while (part->signature != NVRAM_SIG_VARIABLES);
	return 0;
}

int nvram_var(const uint8_t *image, uint32_t size, const char *name, const char **value,
	      size_t *len)
{
	struct nvram_part part;
	size_t name_len = strlen(name);
	const char *p, *end;
	int err = find_variables(image, size, &part);

	if (err)
		return err;
	p = (const char *)image + part.offset;
	end = p + part.len;
	while (p < end && *p) {
		size_t n = strnlen(p, (size_t)(end - p));

		if (n > name_len && p[name_len] == '=' && !memcmp(p, name, name_len)) {
			*value = p + name_len + 1;
			*len = n - name_len - 1;
			return 0;
		}
		p += n;
		p += p < end;
	}
	return E_NOENT;
}
