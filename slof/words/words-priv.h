/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the words share: the machine's one engine, its active package and current instance, and
 * the ways between C's strings, nodes and errors and Forth's cells.
 */
#ifndef WORDS_PRIV_H
#define WORDS_PRIV_H

#include "words/words.h"

#include "base/compiler.h"

/* The world as the engine sees it (world.c). */
extern const struct forth_ops words_world;
/* Ctrl-C came while C code waited: the next poll breaks in. */
void world_interrupt(void);

#endif
