/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Forth over the Open Firmware machine: the engine with the words of tree, properties, instances,
 * environment, boot and PCI, and the prompt. Nothing below knows that it exists; it registers itself
 * as evaluator (of/evaluate.h).
 */
#ifndef WORDS_WORDS_H
#define WORDS_WORDS_H

#include "forth/forth.h"

/*
 * Make the dictionary and become the evaluator. Costs under a millisecond; compiles no Forth source.
 * more: the board's own words (PCI map, power off, ...), a table that lives on. 0 or E_NOMEM.
 */
int words_init(const struct forth_word *more, size_t n) MUST_CHECK;
/* Up to four more tables of the board's, after words_init() and before anything asked for the dictionary. */
void words_also(const struct forth_word *more, size_t n);
struct forth *words_forth(void); /* NULL before words_init() */

/* Run nvramrc if use-nvramrc? is true. What it throws is told; the boot goes on. */
void words_run_nvramrc(void);

struct dt_node;
/*
 * Evaluate the FCode program at addr as a device's own: its node is the active package, my-self an instance of
 * it above its parents' (IEEE 1275 5.1, PCI binding 9). 0 or the throw code.
 */
int words_probe_fcode(struct dt_node *node, uint64_t addr) MUST_CHECK;

/* Whatever ran is gone, by a fault: forget the runs, so that the prompt can begin again. */
void words_recover(void);

/*
 * The prompt: read lines from stdin through the line editor and interpret them, for ever. A fault is
 * told in one line, the stack is emptied (an undefined word and quit leave it), and the next prompt
 * comes.
 */
void words_prompt(void);
/* Is there a prompt that a client waits for? */
bool words_prompt_waits(void);
/* The same until no key came for so many milliseconds: for tests and host programs. */
void words_prompt_for(uint32_t ms);

#endif
