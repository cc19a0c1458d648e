/* SPDX-License-Identifier: BSD-2-Clause */
/* The tree as dts text, for golden tests and for people. */
#ifndef DT_PRINT_H
#define DT_PRINT_H

#include "dt/node.h"

/*
 * Hand the dts text of node and all below it to emit(), piece by piece. Strings as strings, other
 * values as cells, odd lengths as bytes; no "name" properties, which dtc derives. A node other than
 * the root is printed as the only child of "/". The text compiles with dtc.
 */
void dt_print(const struct dt_node *node, void (*emit)(void *ctx, const char *text, size_t len),
	      void *ctx);

#endif
