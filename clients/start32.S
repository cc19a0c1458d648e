/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Entry and assembly helpers of a 32-bit big-endian client: applies the RELATIVE relocations (the
 * firmware may have put us elsewhere than linked), clears bss, takes its own stack and calls C. The
 * 32-bit ABI itself needs nothing else; start64.S is the same thing in the other width.
 */
#define CLIENT_LINK_BASE 0x400000

	.macro	address reg, symbol
	addis	\reg, %r30, (\symbol - .Lhere)@ha
	addi	\reg, \reg, (\symbol - .Lhere)@l
	.endm

	.section .head, "ax"
	.globl	_start
_start:
	mftbu	%r8
	mftb	%r9
	mftbu	%r0
	cmpw	%r0, %r8
	bne	_start
	mflr	%r28
	bcl	20, 31, .Lhere
.Lhere:
	mflr	%r30
	mr	%r29, %r8
	mr	%r26, %r9

	/* r31 = where we run - where we were linked; add it to every word the linker listed */
	address	%r31, _start
	lis	%r9, CLIENT_LINK_BASE@h
	subf	%r31, %r9, %r31
	address	%r8, __rela_start
	address	%r9, __rela_end
1:	cmplw	%r8, %r9
	bge	2f
	lwz	%r11, 0(%r8)
	lwz	%r12, 8(%r8)
	add	%r12, %r12, %r31
	stwx	%r12, %r11, %r31
	addi	%r8, %r8, 12
	b	1b

2:	address	%r8, __bss_start
	address	%r9, __bss_end
	li	%r0, 0
3:	cmplw	%r8, %r9
	bge	4f
	stw	%r0, 0(%r8)
	addi	%r8, %r8, 4
	b	3b

	/*
	 * client_start(r3..r7 as the firmware gave them, timebase in r9:r10) on our stack;
	 * returning means "exit"
	 */
4:	mr	%r27, %r1
	mr	%r9, %r29
	mr	%r10, %r26
	address	%r1, __stack_top
	li	%r0, 0
	stwu	%r0, -64(%r1)
	stw	%r28, 48(%r1)
	stw	%r27, 52(%r1)
	bl	client_start
	lwz	%r28, 48(%r1)
	lwz	%r1, 52(%r1)
	mtlr	%r28
	blr

	.text
/* int client_call(uint32_t *cells, uintptr_t entry) */
	.globl	client_call
	.type	client_call, @function
client_call:
	mflr	%r0
	stw	%r0, 4(%r1)
	stwu	%r1, -32(%r1)
	stw	%r2, 16(%r1)
	stw	%r13, 20(%r1)
	mtctr	%r4
	bctrl
	lwz	%r2, 16(%r1)
	lwz	%r13, 20(%r1)
	addi	%r1, %r1, 32
	lwz	%r0, 4(%r1)
	mtlr	%r0
	blr

/*
 * unsigned int client_call_checked(uint32_t *cells, uintptr_t entry): call with known values in r2,
 * r13..r31 and CR2..CR4, and return how many of them came back changed.
 */
	.globl	client_call_checked
	.type	client_call_checked, @function
client_call_checked:
	mflr	%r0
	stw	%r0, 4(%r1)
	stwu	%r1, -160(%r1)
	mfcr	%r0
	stw	%r0, 8(%r1)
	.irp	n, 2, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	stw	%r\n, (4 * \n - 4 + 8)(%r1)
	li	%r\n, -0x5a00 - \n
	.endr
	lis	%r0, 0x00a5
	ori	%r0, %r0, 0xa000
	mtcrf	0x38, %r0
	mtctr	%r4
	bctrl
	li	%r3, 0
	mfcr	%r0
	rlwinm	%r0, %r0, 0, 8, 19
	lis	%r4, 0x00a5
	ori	%r4, %r4, 0xa000
	cmpw	%r0, %r4
	beq	1f
	addi	%r3, %r3, 1
1:
	.irp	n, 2, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	cmpwi	%r\n, -0x5a00 - \n
	beq	1f
	addi	%r3, %r3, 1
1:	lwz	%r\n, (4 * \n - 4 + 8)(%r1)
	.endr
	lwz	%r0, 8(%r1)
	mtcrf	0x38, %r0
	addi	%r1, %r1, 160
	lwz	%r0, 4(%r1)
	mtlr	%r0
	blr

/* void rtas_enter(uintptr_t entry, uint32_t *args, uintptr_t base) */
	.globl	rtas_enter
	.type	rtas_enter, @function
rtas_enter:
	mflr	%r0
	stw	%r0, 4(%r1)
	stwu	%r1, -16(%r1)
	mtctr	%r3
	mr	%r3, %r4
	mr	%r4, %r5
	bctrl
	addi	%r1, %r1, 16
	lwz	%r0, 4(%r1)
	mtlr	%r0
	blr

#include "start-common.S"
