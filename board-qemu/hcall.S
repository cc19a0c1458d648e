/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * int64_t hcall(uint64_t reg[10]): a hypercall. reg[0] is the opcode, reg[1..9] go into r4..r12 and
 * are overwritten with what came back; the result is the hypervisor's r3. The hypervisor may
 * change every volatile register.
 */
	.abiversion 2
	.section .text.hcall, "ax"
	.globl	hcall
	.type	hcall, @function
hcall:
	mflr	0
	std	0, 16(1)
	mfcr	0
	std	0, 8(1)
	stdu	1, -48(1)
	std	3, 32(1)
	mr	11, 3
	ld	3, 0(11)
	ld	4, 8(11)
	ld	5, 16(11)
	ld	6, 24(11)
	ld	7, 32(11)
	ld	8, 40(11)
	ld	9, 48(11)
	ld	10, 56(11)
	ld	12, 72(11)
	ld	11, 64(11)
	sc	1
	mr	0, 11
	ld	11, 32(1)
	std	4, 8(11)
	std	5, 16(11)
	std	6, 24(11)
	std	7, 32(11)
	std	8, 40(11)
	std	9, 48(11)
	std	10, 56(11)
	std	0, 64(11)
	std	12, 72(11)
	addi	1, 1, 48
	ld	0, 8(1)
	mtcr	0
	ld	0, 16(1)
	mtlr	0
	blr
	.size	hcall, . - hcall
	.section .note.GNU-stack, "", @progbits
