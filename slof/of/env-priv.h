/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of variables as text. */
#ifndef OF_ENV_PRIV_H
#define OF_ENV_PRIV_H

#include "of/env.h"

/* All of the text as a number: decimal, or hexadecimal behind 0x. E_INVAL. */
int env_parse_int(const char *text, size_t len, uint64_t *out);
/* The value in its one shape, as a block of the heap. E_INVAL: env_rule() says what it has to be; E_NOMEM. */
int env_shape(enum env_type type, const char *value, size_t len, char **out);
/* A name that can be a property, and is not one every node has. */
bool env_is_name(const char *name);

#endif
