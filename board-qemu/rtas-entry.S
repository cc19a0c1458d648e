/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The RTAS code a client gets from instantiate-rtas: it hands the argument block (r3) to QEMU by
 * hypercall 0xf000. Exactly these 20 bytes: the ultravisor hashes them. Runs in 32-bit mode, so
 * 0xf000 is built without sign extension.
 */
	.section .rodata.rtas_blob, "a"
	.globl	rtas_blob
	.balign	4
rtas_blob:
	mr	4, 3
	lis	3, 0
	ori	3, 3, 0xf000
	sc	1
	blr
	.section .note.GNU-stack, "", @progbits
