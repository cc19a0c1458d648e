/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What assembly and C must agree on: MSR bits, places in low memory, the layout of the exception
 * frame. Included by both.
 */
#ifndef BOARD_ASM_H
#define BOARD_ASM_H

/* MSR bits. Our own state is 64-bit, machine checks on, recoverable; the rest off. */
#define MSR_SF_BIT 63
#define MSR_ME     0x1000
#define MSR_RI     0x2
#define MSR_FP     0x2000
#define MSR_EE     0x8000
#define MSR_LE     0x1

/*
 * Low memory, [0, LOW_END): the vectors, and behind them the words vectors need before they have
 * registers. [0, 0x100) is the client's to scribble on: Linux copies the code its other CPUs wait in there.
 */
#define LOW_RESET        0x100      /* the reset vector */
#define LOW_RESET_BRANCH 0x48000080 /* b .+0x80: to the vector behind it, once the firmware runs */
#define LOW_EXC_HANDLER  0x1f80     /* address of exception_entry in the relocated image */
#define LOW_EXC_FRAME    0x1f88     /* address of the exception frame */
#define LOW_IDLE         0x1f90     /* non-zero while interrupts may end H_CEDE quietly */
#define LOW_END          0x4000

/* The exception frame: r0-r31, then these. */
#define EXC_CR     256
#define EXC_LR     264
#define EXC_CTR    272
#define EXC_XER    280
#define EXC_SRR0   288
#define EXC_SRR1   296
#define EXC_DAR    304
#define EXC_DSISR  312
#define EXC_VECTOR 320
#define EXC_BYTES  328

/* struct call_registers */
#define CALL_BYTES 208

#define STACK_FRAME 112 /* ELFv2's least frame with room for a called function's parameters */

#endif
