/* SPDX-License-Identifier: BSD-2-Clause */
/* The client's callback (IEEE 1275 6.3.2.6): services it offers to us while it waits for one of ours. */
#ifndef OF_CALLBACK_H
#define OF_CALLBACK_H

#include "base/compiler.h"

#define OF_CALLBACK_CELLS 32u /* arguments, and results, of one call */

/* The service set-callback: where the client's routine is, 0: nowhere. Returns the one before. */
uint32_t of_set_callback(uint32_t addr);

struct of_callback {
	const char *service;
	const char *
		text; /* its one argument is the address of this in its memory; NULL: there is none */
	uint32_t cell[OF_CALLBACK_CELLS]; /* the arguments, then the results */
	unsigned nargs, nrets;
};

/*
 * Have the client that waits in enter or interpret run its routine. The first result says what went wrong, 0 nothing; a
 * routine that announces no results gives none. E_NOENT: no client waits, or it has no routine; E_INVAL: more than
 * OF_CALLBACK_CELLS arguments; E_UNSUPP: the routine does not know the service; E_NOMEM; E_FAULT and E_ABORT as in
 * struct platform.
 */
int of_call_back(struct of_callback *c) MUST_CHECK;

#endif
