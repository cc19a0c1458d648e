/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reset: QEMU enters at 0x100 with r3 = the flattened tree, in 32-bit big-endian real mode, MSR
 * otherwise 0 (QEMU 7.2) or FP|ME (10.0). Switch to 64-bit, copy the image to just below the
 * tree (the top of the RMA, below 2 GiB), relocate it, clear bss, and go on there by rfid, which
 * alone can set ME. Nothing here uses a pointer from the image before it is relocated.
 */
#include "asm.h"

	.abiversion 2
	.section .head, "ax"

/* The address of a symbol, from r30 = the address of the label `here`. */
.macro	address reg, sym
	addis	\reg, 30, (\sym - here)@ha
	addi	\reg, \reg, (\sym - here)@l
.endm

	.globl	reset_entry
reset_entry:
	li	0, 1
	sldi	0, 0, MSR_SF_BIT
	mfmsr	5
	or	5, 5, 0
	mtmsrd	5
	isync
	clrldi	31, 3, 32		/* r31: the tree */
	bcl	20, 31, here
here:	mflr	30

	/* r29: where the image goes: 64 KiB aligned, all of it below the tree */
	address	4, __end
	addis	4, 4, 1
	subf	29, 4, 31
	clrrdi	29, 29, 16

	/* copy [0, __data_end) to r29 */
	address	4, __data_end
	srdi	5, 4, 5			/* a multiple of 128: 32 bytes a turn */
	mtctr	5
	li	6, 0
copy:	add	7, 29, 6
	ld	8, 0(6)
	ld	9, 8(6)
	ld	10, 16(6)
	ld	11, 24(6)
	std	8, 0(7)
	std	9, 8(7)
	std	10, 16(7)
	std	11, 24(7)
	addi	6, 6, 32
	bdnz	copy

	/* clear bss: [__data_end, __end) */
	address	5, __end
	subf	5, 4, 5
	srdi.	5, 5, 5
	beq	bss_done
	mtctr	5
	add	7, 29, 4
	li	8, 0
clear:	std	8, 0(7)
	std	8, 8(7)
	std	8, 16(7)
	std	8, 24(7)
	addi	7, 7, 32
	bdnz	clear
bss_done:

	/* every entry of .rela.dyn is R_PPC64_RELATIVE (22): *(base + offset) = base + addend */
	address	4, __rela_start
	address	5, __rela_end
relocate:
	cmpld	4, 5
	bge	relocated
	ld	6, 0(4)
	ld	7, 8(4)
	ld	8, 16(4)
	cmpldi	7, 22
bad_reloc:
	bne	bad_reloc		/* a build mistake: -z text and the linker's map exclude it */
	add	8, 8, 29
	stdx	8, 6, 29
	addi	4, 4, 24
	b	relocate
relocated:

	/* make the new code visible to instruction fetch */
	address	4, __data_end
	srdi	5, 4, 7
	mtctr	5
	mr	6, 29
flush:	dcbst	0, 6
	sync
	icbi	0, 6
	addi	6, 6, 128
	bdnz	flush
	sync
	isync

	/* go on at start_high in the copy, with our own MSR */
	address	4, start_high
	add	4, 4, 29
	mtsrr0	4
	li	5, 1
	sldi	5, 5, MSR_SF_BIT
	ori	5, 5, MSR_ME | MSR_RI
	mtsrr1	5
	rfid

	.section .text.start_high, "ax"
/* r31 = the tree, r29 = the image's address */
	.globl	start_high
start_high:
	bcl	20, 31, 1f
1:	mflr	30
	addis	2, 30, (.TOC. - 1b)@ha
	addi	2, 2, (.TOC. - 1b)@l
	addis	1, 30, (stack_top - 1b)@ha
	addi	1, 1, (stack_top - 1b)@l
	li	0, 0
	stdu	0, -STACK_FRAME(1)	/* the back-trace ends at a zero back chain */

	/* the stack protector's guard must be set before the first protected function */
	mftb	4
	rotldi	5, 4, 29
	xor	4, 4, 5
	xor	4, 4, 31
	clrrdi	4, 4, 8			/* a zero byte stops runaway string copies */
	addis	5, 30, (__stack_chk_guard - 1b)@ha
	addi	5, 5, (__stack_chk_guard - 1b)@l
	std	4, 0(5)

	mr	3, 31
	mr	4, 29
	li	31, 0
	bl	board_main
	nop
	b	.

	.section .bss.stacks, "aw", @nobits
	.balign	128
	.globl	stack_bottom, stack_top, ci_stack_bottom, ci_stack_top
	.globl	exc_stack_bottom, exc_stack_top
stack_bottom:
	.space	0x10000
stack_top:
ci_stack_bottom:
	.space	0x40000			/* programs may run inside one another */
ci_stack_top:
exc_stack_bottom:
	.space	0x4000
exc_stack_top:
	.section .bss.stack_chk_guard, "aw", @nobits
	.balign	8
	.globl	__stack_chk_guard
__stack_chk_guard:
	.space	8
	.section .note.GNU-stack, "", @progbits
