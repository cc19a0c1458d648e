/* SPDX-License-Identifier: BSD-2-Clause */
/* What the FCode evaluator's files share: the program being evaluated. */
#ifndef FCODE_PRIV_H
#define FCODE_PRIV_H

#include "forth-priv.h"
#include "forth/fcode.h"

struct fcode {
	struct fcode *outer; /* whose byte-load this one is inside of */
	const uint8_t *bytes;
	uint32_t len, at;
	uint32_t number_at;          /* where the number being evaluated begins */
	bool offset16;               /* offsets are two bytes, not one */
	bool names;                  /* fcode-debug?: named-token keeps the name */
	uint32_t table[FCODE_LIMIT]; /* tokens of Forth by FCode number; 0: none */
	uint8_t immediate[FCODE_LIMIT / 8];
};

/* fcode.c: reading the program; each throws at its end. */
int fcode_byte(struct forth *f, uint8_t *out);
int fcode_token(struct forth *f, unsigned *out); /* a number of one or two bytes */
/* Throw -2 with a message about a number. */
int fcode_fail(struct forth *f, unsigned number, const char *why);

/* fcode-control.c: what a number below 0x100 means to the evaluator itself; NULL: it is a word. */
forth_fn *fcode_special(unsigned number);
/* Run a word in C by name; f->given_* is for it and is gone afterwards. */
int fcode_primitive(struct forth *f, const char *name);

#endif
