/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The two doors between firmware and client.
 *
 * client_interface: what clients call, r3 = their array. They come in 32- or 64-bit big-endian mode
 * with a stack of their own and expect r1, r2, r13-r31, CR and MSR back (IEEE 1275 PowerPC binding
 * 5.2); C keeps r14-r31, they are in struct call_registers for who wants to look. Runs on the client
 * interface's stack, from client_door_stack down.
 *
 * client_enter: starts a client and comes back when it returns, or when client_leave() is called
 * from within a service. The firmware's registers wait on its own stack. A service may enter another client:
 * client_saved_r1 is the youngest one's, and finds that of the client before it in its frame.
 */
#include "asm.h"

	.abiversion 2
	.section .text.client_interface, "ax"
	.globl	client_interface
	.type	client_interface, @function
client_interface:
	mflr	0
	mfcr	5
	mfmsr	6
	li	7, 1
	sldi	7, 7, MSR_SF_BIT
	ori	7, 7, MSR_ME | MSR_RI
	mtmsrd	7
	isync
	rldicl.	8, 6, 1, 63		/* a 32-bit caller's upper halves are noise */
	bne	1f
	clrldi	3, 3, 32
	clrldi	1, 1, 32
	clrldi	0, 0, 32
1:	mr	8, 0
	bcl	20, 31, 2f
2:	mflr	9
	addis	10, 9, (client_door_stack - 2b)@ha
	addi	10, 10, (client_door_stack - 2b)@l
	ld	10, 0(10)
	addi	10, 10, -STACK_FRAME - CALL_BYTES
	li	11, 0
	std	11, 0(10)
	std	1, STACK_FRAME(10)
	std	2, STACK_FRAME + 8(10)
	std	8, STACK_FRAME + 16(10)
	std	5, STACK_FRAME + 24(10)
	std	6, STACK_FRAME + 32(10)
	std	13, STACK_FRAME + 40(10)
	std	3, STACK_FRAME + 48(10)
	std	14, STACK_FRAME + 64(10)
	std	15, STACK_FRAME + 72(10)
	std	16, STACK_FRAME + 80(10)
	std	17, STACK_FRAME + 88(10)
	std	18, STACK_FRAME + 96(10)
	std	19, STACK_FRAME + 104(10)
	std	20, STACK_FRAME + 112(10)
	std	21, STACK_FRAME + 120(10)
	std	22, STACK_FRAME + 128(10)
	std	23, STACK_FRAME + 136(10)
	std	24, STACK_FRAME + 144(10)
	std	25, STACK_FRAME + 152(10)
	std	26, STACK_FRAME + 160(10)
	std	27, STACK_FRAME + 168(10)
	std	28, STACK_FRAME + 176(10)
	std	29, STACK_FRAME + 184(10)
	std	30, STACK_FRAME + 192(10)
	std	31, STACK_FRAME + 200(10)
	mr	1, 10
	addi	4, 10, STACK_FRAME
	addis	2, 9, (.TOC. - 2b)@ha
	addi	2, 2, (.TOC. - 2b)@l
	bl	board_client_call
	nop
	ld	0, STACK_FRAME + 16(1)
	mtlr	0
	ld	0, STACK_FRAME + 24(1)
	mtcr	0
	ld	0, STACK_FRAME + 32(1)
	ld	2, STACK_FRAME + 8(1)
	ld	13, STACK_FRAME + 40(1)
	ld	1, STACK_FRAME(1)
	mtmsrd	0
	isync
	blr
	.size	client_interface, . - client_interface

	.section .text.client_enter, "ax"
	.globl	client_enter
	.type	client_enter, @function
/* uint64_t client_enter(const struct client_start *): r1, r2, r3..r7, entry, msr, r13; returns its r3 */
client_enter:
	mflr	0
	std	0, 16(1)
	mfcr	0
	std	0, 8(1)
	stdu	1, -256(1)
	std	2, 32(1)
	std	13, 40(1)
	std	14, 48(1)
	std	15, 56(1)
	std	16, 64(1)
	std	17, 72(1)
	std	18, 80(1)
	std	19, 88(1)
	std	20, 96(1)
	std	21, 104(1)
	std	22, 112(1)
	std	23, 120(1)
	std	24, 128(1)
	std	25, 136(1)
	std	26, 144(1)
	std	27, 152(1)
	std	28, 160(1)
	std	29, 168(1)
	std	30, 176(1)
	std	31, 184(1)
	addis	9, 2, client_saved_r1@toc@ha
	ld	0, client_saved_r1@toc@l(9)
	std	0, 192(1)
	std	1, client_saved_r1@toc@l(9)
	mr	11, 3
	bcl	20, 31, 1f
1:	mflr	9
	addi	9, 9, client_returned - 1b
	mtlr	9
	ld	1, 0(11)
	ld	2, 8(11)
	ld	4, 24(11)
	ld	5, 32(11)
	ld	6, 40(11)
	ld	7, 48(11)
	ld	12, 56(11)
	mtsrr0	12
	ld	0, 64(11)
	mtsrr1	0
	ld	3, 16(11)
	ld	13, 72(11)
	li	0, 0
	li	8, 0
	li	9, 0
	li	10, 0
	li	11, 0
	rfid

/*
 * The client came back by blr, in whatever width and byte order. Read little endian, the first instruction is
 * "b .+8": the words behind the second one are little-endian code that turns the byte order around. Then
 * all registers go into client_registers; r0 and CTR are lost, of a little-endian client r10, r11 as well.
 */
client_returned:
	tdi	0, 0, 0x48
	b	1f
	.long	0xa600607d		/* mfmsr 11 */
	.long	0x01006b69		/* xori 11, 11, 1 */
	.long	0x05009f42		/* bcl 20, 31, .+4 */
	.long	0xa602487d		/* mflr 10 */
	.long	0x14004a39		/* addi 10, 10, 20 */
	.long	0xa6035a7d		/* mtsrr0 10 */
	.long	0xa6037b7d		/* mtsrr1 11 */
	.long	0x2400004c		/* rfid */
1:	mtctr	9
	mfmsr	9
	li	0, 1
	sldi	0, 0, MSR_SF_BIT
	ori	0, 0, MSR_ME | MSR_RI
	mtmsrd	0
	isync
	mr	0, 9
	bcl	20, 31, 2f
2:	mflr	9
	addis	9, 9, (client_registers - 2b)@ha
	addi	9, 9, (client_registers - 2b)@l
	std	0, EXC_SRR1(9)
	mfctr	0
	std	0, 72(9)
	std	1, 8(9)
	std	2, 16(9)
	std	3, 24(9)
	std	4, 32(9)
	std	5, 40(9)
	std	6, 48(9)
	std	7, 56(9)
	std	8, 64(9)
	std	10, 80(9)
	std	11, 88(9)
	std	12, 96(9)
	std	13, 104(9)
	std	14, 112(9)
	std	15, 120(9)
	std	16, 128(9)
	std	17, 136(9)
	std	18, 144(9)
	std	19, 152(9)
	std	20, 160(9)
	std	21, 168(9)
	std	22, 176(9)
	std	23, 184(9)
	std	24, 192(9)
	std	25, 200(9)
	std	26, 208(9)
	std	27, 216(9)
	std	28, 224(9)
	std	29, 232(9)
	std	30, 240(9)
	std	31, 248(9)
	mfcr	0
	std	0, EXC_CR(9)
	mfxer	0
	std	0, EXC_XER(9)
	/* fall through */

	.globl	client_leave
	.type	client_leave, @function
/* void client_leave(uint64_t result): makes client_enter() return; does not return itself */
client_leave:
	bcl	20, 31, 1f
1:	mflr	9
	addis	2, 9, (.TOC. - 1b)@ha
	addi	2, 2, (.TOC. - 1b)@l
	addis	9, 2, client_saved_r1@toc@ha
	ld	1, client_saved_r1@toc@l(9)
	ld	0, 192(1)
	std	0, client_saved_r1@toc@l(9)
	ld	2, 32(1)
	ld	13, 40(1)
	ld	14, 48(1)
	ld	15, 56(1)
	ld	16, 64(1)
	ld	17, 72(1)
	ld	18, 80(1)
	ld	19, 88(1)
	ld	20, 96(1)
	ld	21, 104(1)
	ld	22, 112(1)
	ld	23, 120(1)
	ld	24, 128(1)
	ld	25, 136(1)
	ld	26, 144(1)
	ld	27, 152(1)
	ld	28, 160(1)
	ld	29, 168(1)
	ld	30, 176(1)
	ld	31, 184(1)
	addi	1, 1, 256
	ld	0, 8(1)
	mtcr	0
	ld	0, 16(1)
	mtlr	0
	blr
	.size	client_enter, . - client_enter

	.section .bss.client_saved_r1, "aw", @nobits
	.balign	8
client_saved_r1:
	.space	8
	.globl	client_door_stack
client_door_stack:
	.space	8
	.globl	client_registers
client_registers:
	.space	EXC_BYTES
	.section .note.GNU-stack, "", @progbits
