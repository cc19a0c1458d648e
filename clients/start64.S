/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Entry and assembly helpers of a 64-bit big-endian (ELFv2) client. The firmware may enter in
 * 32-bit mode (QEMU's -kernel) or in 64-bit mode and at another address than the linked one: the
 * mode is switched first, then the RELATIVE relocations are applied, then bss is cleared. Beside
 * the entry: calls of the client interface with MSR[SF] on and off, RTAS calls, and a parking lot
 * for a second CPU.
 */
#define CLIENT_LINK_BASE 0x400000

	.machine "power4"
	.abiversion 2

	.macro	address reg, symbol
	addis	\reg, %r30, (\symbol - .Lhere)@ha
	addi	\reg, \reg, (\symbol - .Lhere)@l
	.endm

	.section .head, "ax"
	.globl	_start
_start:
	mftb	%r10
	mfmsr	%r0
	li	%r8, 1
	rldicr	%r8, %r8, 63, 0
	or	%r0, %r0, %r8
	mtmsrd	%r0
	isync
	clrldi	%r3, %r3, 32
	clrldi	%r4, %r4, 32
	clrldi	%r5, %r5, 32
	clrldi	%r6, %r6, 32
	clrldi	%r7, %r7, 32
	mflr	%r28
	bcl	20, 31, .Lhere
.Lhere:
	mflr	%r30
	clrldi	%r30, %r30, 32
	address	%r2, .TOC.

	/* r31 = where we run - where we were linked; add it to every word the linker listed */
	address	%r31, _start
	lis	%r9, CLIENT_LINK_BASE@h
	subf	%r31, %r9, %r31
	address	%r8, __rela_start
	address	%r9, __rela_end
1:	cmpld	%r8, %r9
	bge	2f
	ld	%r11, 0(%r8)
	ld	%r12, 16(%r8)
	add	%r12, %r12, %r31
	stdx	%r12, %r11, %r31
	addi	%r8, %r8, 24
	b	1b

2:	address	%r8, __bss_start
	address	%r9, __bss_end
	li	%r0, 0
3:	cmpld	%r8, %r9
	bge	4f
	std	%r0, 0(%r8)
	addi	%r8, %r8, 8
	b	3b

	/*
	 * client_start(r3..r7 as the firmware gave them, timebase) on our stack; returning
	 * means "exit"
	 */
4:	mr	%r27, %r1
	mr	%r8, %r10
	address	%r1, __stack_top
	li	%r0, 0
	stdu	%r0, -128(%r1)
	std	%r28, 112(%r1)
	std	%r27, 120(%r1)
	bl	client_start
	nop
	ld	%r28, 112(%r1)
	ld	%r1, 120(%r1)
	mtlr	%r28
	blr

	.text
/* int client_call(uint32_t *cells, uintptr_t entry) */
	.globl	client_call
	.type	client_call, @function
client_call:
	mflr	%r0
	std	%r0, 16(%r1)
	stdu	%r1, -64(%r1)
	std	%r2, 24(%r1)
	mtctr	%r4
	bctrl
	ld	%r2, 24(%r1)
	extsw	%r3, %r3
	addi	%r1, %r1, 64
	ld	%r0, 16(%r1)
	mtlr	%r0
	blr

/*
 * int client_call_sf0(uint32_t *cells, uintptr_t entry, uint64_t msr[2]): the same in
 * 32-bit mode; MSR before, after
 */
	.globl	client_call_sf0
	.type	client_call_sf0, @function
client_call_sf0:
	mflr	%r0
	std	%r0, 16(%r1)
	stdu	%r1, -96(%r1)
	std	%r2, 24(%r1)
	std	%r31, 64(%r1)
	std	%r30, 72(%r1)
	mr	%r30, %r5
	mfmsr	%r31
	clrldi	%r0, %r31, 1
	std	%r0, 0(%r30)
	mtctr	%r4
	mtmsrd	%r0
	isync
	bctrl
	mfmsr	%r4
	mtmsrd	%r31
	isync
	clrldi	%r1, %r1, 32
	clrldi	%r30, %r30, 32
	std	%r4, 8(%r30)
	extsw	%r3, %r3
	ld	%r2, 24(%r1)
	ld	%r31, 64(%r1)
	ld	%r30, 72(%r1)
	addi	%r1, %r1, 96
	ld	%r0, 16(%r1)
	mtlr	%r0
	blr

/*
 * unsigned int client_call_checked(uint32_t *cells, uintptr_t entry): call with known values in r2
 * (as it is), r13, r14..r31 and CR2..CR4, and return how many of them came back changed.
 */
	.globl	client_call_checked
	.type	client_call_checked, @function
client_call_checked:
	mflr	%r0
	std	%r0, 16(%r1)
	mfcr	%r0
	std	%r0, 8(%r1)
	stdu	%r1, -256(%r1)
	std	%r2, 24(%r1)
	.irp	n, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	std	%r\n, (8 * \n - 56)(%r1)
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
1:	ld	%r4, 24(%r1)
	cmpd	%r2, %r4
	beq	1f
	addi	%r3, %r3, 1
1:	mr	%r2, %r4
	.irp	n, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	cmpdi	%r\n, -0x5a00 - \n
	beq	1f
	addi	%r3, %r3, 1
1:	ld	%r\n, (8 * \n - 56)(%r1)
	.endr
	addi	%r1, %r1, 256
	ld	%r0, 8(%r1)
	mtcrf	0x38, %r0
	ld	%r0, 16(%r1)
	mtlr	%r0
	blr

/* void rtas_enter(uintptr_t entry, uint32_t *args, uintptr_t base) */
	.globl	rtas_enter
	.type	rtas_enter, @function
rtas_enter:
	mflr	%r0
	std	%r0, 16(%r1)
	stdu	%r1, -64(%r1)
	std	%r2, 24(%r1)
	mtctr	%r3
	mr	%r3, %r4
	mr	%r4, %r5
	bctrl
	ld	%r2, 24(%r1)
	addi	%r1, %r1, 64
	ld	%r0, 16(%r1)
	mtlr	%r0
	blr

#include "start-common.S"
