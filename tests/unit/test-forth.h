/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of the Forth engine share: an engine, its output as text, and 256 bytes at 4000. */
#ifndef TEST_FORTH_H
#define TEST_FORTH_H

#include "check.h"
#include "forth/forth.h"

static char out[4096];
static size_t out_len;
static int patience;
static uint8_t ram[256];

static inline void fake_emit(void *ctx UNUSED, const char *text, size_t len)
{
	for (size_t i = 0; i < len && out_len < sizeof(out) - 1; i++)
		out[out_len++] = text[i];
	out[out_len] = '\0';
}

static inline int fake_poll(void *ctx UNUSED)
{
	return --patience > 0 ? 0 : THROW_INTERRUPT;
}

static inline void *fake_memory(void *ctx UNUSED, cell_t addr, cell_t len, bool write UNUSED)
{
	return addr >= 0x4000 && addr <= 0x4100 && len <= 0x4100 - addr ? &ram[addr - 0x4000]
									: NULL;
}

static const struct forth_ops ops = {.emit = fake_emit, .poll = fake_poll, .memory = fake_memory};

static inline struct forth *engine(void)
{
	struct forth *f = forth_new(&ops);

	CHECK(f);
	out_len = 0;
	out[0] = '\0';
	patience = 100;
	return f;
}

/* The code text ends with, in an engine of its own. */
static inline int code_of(const char *text)
{
	struct forth *f = engine();
	int err = forth_evaluate(f, text, strlen(text));

	forth_free(f);
	return err;
}

/* Text must run and print what is said, the stack at its end included. */
#define SAYS(prog, want)                                                     \
	do {                                                                 \
		struct forth *f_ = engine();                                 \
		int err_ = forth_evaluate(f_, (prog), strlen(prog));         \
		if (!err_)                                                   \
			err_ = forth_evaluate(f_, ".s", 2);                  \
		if (err_)                                                    \
			printf("# %s: %s\n", (prog), forth_error(f_)->text); \
		forth_free(f_);                                              \
		CHECK_EQ(err_, 0);                                           \
		CHECK_STR(out, want);                                        \
	} while (0)

#endif
