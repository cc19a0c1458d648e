/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cell stack: the one calling convention that Forth, the client interface and C share.
 * Stack-effect strings ( a b -- c ) are documentation and arity check at once.
 */
#ifndef BASE_STACK_H
#define BASE_STACK_H

#include "base/compiler.h"

typedef uint64_t cell_t;

struct stack {
	cell_t *cell;
	unsigned depth; /* cells in use */
	unsigned limit; /* cells at cell */
};

/* Both return 0 or E_DEPTH. */
int stack_push(struct stack *st, cell_t v) MUST_CHECK;
int stack_pop(struct stack *st, cell_t *v) MUST_CHECK;

/* How many cells an effect string takes and leaves; E_FORMAT if it is no effect string. */
struct effect {
	unsigned in, out;
};
int effect_parse(const char *text, struct effect *out) MUST_CHECK;

#endif
