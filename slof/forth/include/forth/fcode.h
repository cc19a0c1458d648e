/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FCode, the byte code of IEEE 1275 (5.3 and annex A): which name each number has. The evaluator
 * itself is the word byte-load.
 */
#ifndef FORTH_FCODE_H
#define FORTH_FCODE_H

#include "forth/forth.h"

enum {
	FCODE_PROGRAM = 0x800, /* from here on numbers are the program's own */
	FCODE_LIMIT = 0x1000,
};

/* The name of a number, length 0 if it is not assigned. */
struct forth_text fcode_name(unsigned number);
/* The number of a name, 0 if there is none (end0 is never asked for). */
unsigned fcode_number(const char *name, size_t len);
/* All of them, by number. */
void fcode_each(void (*fn)(void *ctx, unsigned number, struct forth_text name), void *ctx);

#endif
