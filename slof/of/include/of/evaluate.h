/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Forth, as far as the Open Firmware machine needs it: boot-command, nvramrc, boot scripts and the
 * services interpret and enter. Without an evaluator all of them say so and the boot goes on.
 */
#ifndef OF_EVALUATE_H
#define OF_EVALUATE_H

#include "base/stack.h"

struct of_evaluator {
	/*
	 * Interpret text of any number of lines. what names it in messages ("nvramrc", "boot-command").
	 * 0, or the throw code nobody caught, which has then been told with message, line and word.
	 */
	int (*evaluate)(const char *what, const char *text, size_t len);
	/*
	 * The interpret service: the cells on st (top = last) are put on Forth's stack, text is run, all
	 * that is then on the stack comes back on st as far as there is room. Returns the throw code;
	 * nothing is printed.
	 */
	int (*interpret)(const char *text, size_t len, struct stack *st);
	/*
	 * The enter service: a prompt until go is typed, or over() says after a line that nobody waits any more. E_BUSY: too
	 * much waits for one another, E_NOMEM; then there was none.
	 */
	int (*enter)(bool (*over)(void));
};

void of_set_evaluator(const struct of_evaluator *evaluator); /* must live on; NULL: none */
bool of_has_evaluator(void);
/* E_UNSUPP without an evaluator (told), else what the evaluator returned. */
int of_evaluate(const char *what, const char *text, size_t len) MUST_CHECK;
int of_interpret(const char *text, size_t len, struct stack *st) MUST_CHECK;
int of_enter(bool (*over)(void)) MUST_CHECK; /* E_UNSUPP without an evaluator, or as above */

#endif
