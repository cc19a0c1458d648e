/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of the road for our own bugs. assert() is for what we got wrong, never for input, and
 * stays on. panic() is a link-time seam: the board prints and stops, tests abort.
 */
#ifndef BASE_PANIC_H
#define BASE_PANIC_H

#include "base/compiler.h"

void panic(const char *fmt, ...) NORETURN PRINTF_LIKE(1, 2);

#define assert(cond)                                                                     \
	do {                                                                             \
		if (!(cond))                                                             \
			panic("%s:%d: assertion failed: %s", __FILE__, __LINE__, #cond); \
	} while (0)

#endif
