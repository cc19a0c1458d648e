/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What start32.S and start64.S share word for word: the RTAS hypercall and the parking lot of a
 * second CPU. Both are valid in 32-bit and in 64-bit mode.
 */

/* int hv_rtas(uint32_t *args): the RTAS hypercall itself, without an instantiated RTAS */
	.globl	hv_rtas
	.type	hv_rtas, @function
hv_rtas:
	mr	%r4, %r3
	li	%r3, 0
	ori	%r3, %r3, 0xf000
	.long	0x44000022		/* sc 1 */
	blr

/*
 * cpu_park: a second CPU starts here (MSR[SF] = 1) with r3 = struct cpu_lot * (see ci-rtas.c). It
 * reports the argument it got, waits for the release word, and stops itself with the prepared RTAS
 * block.
 */
	.globl	cpu_park
	.type	cpu_park, @function
cpu_park:
	stw	%r3, 4(%r3)
	sync
	li	%r4, 1
	stw	%r4, 0(%r3)
	sync
1:	lwz	%r4, 8(%r3)
	cmpwi	%r4, 0
	beq	1b
	addi	%r4, %r3, 12
	li	%r3, 0
	ori	%r3, %r3, 0xf000
	.long	0x44000022		/* sc 1 */
2:	b	2b

	.section .note.GNU-stack, "", @progbits
