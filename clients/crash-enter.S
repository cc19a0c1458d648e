/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The jump of the crash client: fills the registers with patterns the test knows and goes to the
 * place and into the mode C chose, by rfid, which alone can change SF, LE, IR and DR at once. The
 * same text serves the 32-bit and the 64-bit program. r4 stays the operand of the crashing
 * instruction and r1 the stack; every other rN gets 0x5a00c000 + N * 0x10001, in both halves unless the
 * program is a 32-bit one. LR and CR get 0x12345678, CTR the operand.
 */
	.machine "power4"
#ifdef __powerpc64__
	.abiversion 2
#endif

	.text
/*
 * void crash_enter(uint32_t pc, uint32_t operand, uint32_t msr, uint32_t wide): does not return.
 * msr is the low half of the new MSR, wide (0 or 1) its bit SF.
 */
	.globl	crash_enter
	.type	crash_enter, @function
crash_enter:
	clrldi	%r3, %r3, 32
	clrldi	%r4, %r4, 32
	clrldi	%r5, %r5, 32
	clrldi	%r1, %r1, 32
	sldi	%r6, %r6, 63
	or	%r5, %r5, %r6
	mtsrr0	%r3
	mtsrr1	%r5
	mtctr	%r4
	lis	%r0, 0x1234
	ori	%r0, %r0, 0x5678
	mtlr	%r0
	mtcrf	0xff, %r0
	.irp	n, 0, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	lis	%r\n, 0x5a00 + \n
	ori	%r\n, %r\n, 0xc000 + \n
#ifdef __powerpc64__
	rldimi	%r\n, %r\n, 32, 0
#else
	clrldi	%r\n, %r\n, 32
#endif
	.endr
	rfid
	.section .note.GNU-stack, "", @progbits
