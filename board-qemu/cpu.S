/* SPDX-License-Identifier: BSD-2-Clause */
/* The few things only instructions can do; see cpu.h. */
#include "asm.h"

	.abiversion 2

.macro	function name
	.section .text.\name, "ax"
	.globl	\name
	.type	\name, @function
\name:
.endm

function cpu_timebase
	mftb	3
	blr

/* 32 bytes a step: no CPU of this machine has shorter cache lines */
function cpu_flush_code
	add	4, 3, 4
	clrrdi	3, 3, 5
1:	cmpld	3, 4
	bge	2f
	dcbst	0, 3
	sync
	icbi	0, 3
	addi	3, 3, 32
	b	1b
2:	sync
	isync
	blr

function cpu_set_decrementer
	mtdec	3
	blr

function cpu_msr
	mfmsr	3
	blr

function cpu_set_msr
	mtmsrd	3
	isync
	blr

function cpu_low_get
	ld	3, 0(3)
	blr

function cpu_low_put
	std	4, 0(3)
	blr

function cpu_low_put32
	stw	4, 0(3)
	blr

function cpu_run_on
	li	0, 0
	stdu	0, -STACK_FRAME(3)
	mr	1, 3
	mr	12, 4
	mtctr	12
	bctrl
	b	.
	.section .note.GNU-stack, "", @progbits
