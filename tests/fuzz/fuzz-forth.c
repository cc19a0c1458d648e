/* SPDX-License-Identifier: BSD-2-Clause */
/* Any text as a program: it ends in bounded time, the stack stays one, and the engine works afterwards. */
#include <string.h>

#include "base/panic.h"
#include "forth/forth.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int patience;

static int poll(void *ctx UNUSED)
{
	return --patience > 0 ? 0 : THROW_INTERRUPT;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct forth_ops ops = {.poll = poll};
	struct forth *f;

	if (size > 4096)
		return 0;
	f = forth_new(&ops);
	assert(f);
	patience = 30;
	if (forth_evaluate(f, (const char *)data, size))
		assert(forth_error(f)->code != 0);
	assert(forth_depth(f) <= 4096);
	forth_reset(f);
	assert(forth_depth(f) == 0 && !forth_compiling(f));
	forth_free(f);
	return 0;
}
