/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The processor's registers as an exception or a client that left found them, how they read as text, and
 * where the calls came from.
 */
#ifndef BOARD_REGISTERS_H
#define BOARD_REGISTERS_H

#include "asm.h"
#include "base/compiler.h"
#include "base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BACKTRACE_MOST 32

/* Layout known to vectors.S and client-entry.S. */
struct registers {
	uint64_t gpr[32], cr, lr, ctr, xer, srr0, srr1, dar, dsisr, vector;
};
_Static_assert(sizeof(struct registers) == EXC_BYTES, "frame layout of vectors.S");
_Static_assert(offsetof(struct registers, vector) == EXC_VECTOR, "frame layout of vectors.S");

/* What a client keeps in registers while it calls: all others are the called one's to change. */
struct call_registers {
	uint64_t r1, r2, lr, cr, msr, r13, r3, unused, r14_31[18];
};
_Static_assert(sizeof(struct call_registers) == CALL_BYTES, "frame layout of client-entry.S");

/* Who called whom: return addresses, the innermost first. */
struct backtrace {
	unsigned n;
	uint64_t at[BACKTRACE_MOST];
};

const char *registers_vector_name(uint64_t vector);
/* Line i of the table, without a line's end; false: there are no more. */
bool registers_line(const struct registers *r, unsigned i, struct strbuf *sb);
/* An address, and where it is in slof.elf if it is ours. */
void registers_address(struct strbuf *sb, uint64_t addr);
bool registers_in_image(uint64_t addr);

/* From a stack pointer of the firmware's; of a client's, whose words are of its MSR's width and order. */
void backtrace_ours(struct backtrace *b, uint64_t sp);
void backtrace_client(struct backtrace *b, uint64_t sp, uint64_t msr);

/* ---- stopped.c: the last stop, kept for the words .registers and ctrace ------------------------ */

void stopped_by_exception(const struct registers *r, bool ours, const struct backtrace *b);
/* A client returned: registers as they were. Or it called exit, chain and the like from its code. */
void stopped_by_return(const struct registers *r);
void stopped_in_call(const struct call_registers *c);

#endif
