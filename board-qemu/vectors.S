/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The exception vectors, at their places in the copy of the image that stays at 0. Every vector
 * saves all registers into one frame and calls exception() in the relocated image; nothing returns,
 * except the decrementer and external interrupts while the firmware idles. Interrupts arrive in 64-bit big-endian mode
 * whatever the client was (LPCR[ILE] = 0). SPRG1 and SPRG2 are ours while our vectors are in place.
 */
#include "asm.h"

	.abiversion 2
	.section .head, "ax"
	.globl	_start, vector_reset_patched

/* A vector: remember r1, put the vector's number into it. */
.macro	vector at
	.org	\at
	mtsprg	1, 1
	li	1, \at
	b	exception_common
.endm

	.org	0x100
_start:	b	reset_entry
	.org	0x180			/* 0x100 branches here once the firmware runs */
vector_reset_patched:
	mtsprg	1, 1
	li	1, 0x100
	b	exception_common

	vector	0x200
	vector	0x300
	vector	0x380
	vector	0x400
	vector	0x480
	.org	0x500
	mtsprg	1, 1
	b	external
	vector	0x600
	vector	0x700
	vector	0x800
	.org	0x900
	mtsprg	1, 1
	b	decrementer
	vector	0x980
	vector	0xa00
	vector	0xb00
	vector	0xc00
	vector	0xd00
	vector	0xe00
	vector	0xe20
	vector	0xe40
	vector	0xe60
	vector	0xe80
	vector	0xea0
	vector	0xf00
	vector	0xf20
	vector	0xf40
	vector	0xf60
	vector	0xf80
	vector	0x1000
	vector	0x1100
	vector	0x1200
	vector	0x1300
	vector	0x1400
	vector	0x1500
	vector	0x1600
	vector	0x1700
	vector	0x1800
	.org	0x1900

/* While idle: push the decrementer far away and go on. Otherwise an exception like the others. */
decrementer:
	mfcr	1
	mtsprg	2, 1
	ld	1, LOW_IDLE(0)
	cmpdi	1, 0
	beq	1f
	lis	1, 0x7fff
	mtdec	1
	mfsprg	1, 2
	mtcr	1
	mfsprg	1, 1
	rfid
1:	mfsprg	1, 2
	mtcr	1
	li	1, 0x900
	b	exception_common

/* While idle: go on with interrupts off; idle.c asks the controller who it was. */
external:
	mfcr	1
	mtsprg	2, 1
	ld	1, LOW_IDLE(0)
	cmpdi	1, 0
	beq	1f
	mfsrr1	1
	rldicl	1, 1, 48, 1		/* without EE */
	rotldi	1, 1, 16
	mtsrr1	1
	mfsprg	1, 2
	mtcr	1
	mfsprg	1, 1
	rfid
1:	mfsprg	1, 2
	mtcr	1
	li	1, 0x500
	b	exception_common

exception_common:
	mtsprg	2, 1			/* the vector's number */
	ld	1, LOW_EXC_FRAME(0)
	std	0, 0(1)
	mfsprg	0, 1
	std	0, 8(1)
	std	2, 16(1)
	std	3, 24(1)
	std	4, 32(1)
	std	5, 40(1)
	std	6, 48(1)
	std	7, 56(1)
	std	8, 64(1)
	std	9, 72(1)
	std	10, 80(1)
	std	11, 88(1)
	std	12, 96(1)
	std	13, 104(1)
	std	14, 112(1)
	std	15, 120(1)
	std	16, 128(1)
	std	17, 136(1)
	std	18, 144(1)
	std	19, 152(1)
	std	20, 160(1)
	std	21, 168(1)
	std	22, 176(1)
	std	23, 184(1)
	std	24, 192(1)
	std	25, 200(1)
	std	26, 208(1)
	std	27, 216(1)
	std	28, 224(1)
	std	29, 232(1)
	std	30, 240(1)
	std	31, 248(1)
	mfcr	0
	std	0, EXC_CR(1)
	mflr	0
	std	0, EXC_LR(1)
	mfctr	0
	std	0, EXC_CTR(1)
	mfxer	0
	std	0, EXC_XER(1)
	mfsrr0	0
	std	0, EXC_SRR0(1)
	mfsrr1	0
	std	0, EXC_SRR1(1)
	mfdar	0
	std	0, EXC_DAR(1)
	mfdsisr	0
	std	0, EXC_DSISR(1)
	mfsprg	0, 2
	std	0, EXC_VECTOR(1)
	mr	3, 1
	ld	12, LOW_EXC_HANDLER(0)
	mtctr	12
	bctr

	.org	LOW_EXC_HANDLER		/* the words of asm.h, filled in by board_exceptions_init() */
	.org	0x2000

	.section .text.exception_entry, "ax"
/* r3 = the frame. Exceptions have a stack of their own: the interrupted one may be what broke. */
	.globl	exception_entry
exception_entry:
	bcl	20, 31, 1f
1:	mflr	30
	addis	2, 30, (.TOC. - 1b)@ha
	addi	2, 2, (.TOC. - 1b)@l
	addis	1, 30, (exc_stack_top - 1b)@ha
	addi	1, 1, (exc_stack_top - 1b)@l
	li	0, 0
	stdu	0, -STACK_FRAME(1)
	mfmsr	0			/* RI: a second exception can be told from the first */
	ori	0, 0, MSR_RI
	mtmsrd	0
	bl	exception
	nop
	b	.
	.section .note.GNU-stack, "", @progbits
