/* SPDX-License-Identifier: BSD-2-Clause */
/* Hypercalls (PAPR 14), for 64-bit clients: some have arguments that 32 bits cannot hold. */
#ifndef HCALL_H
#define HCALL_H

#include <stdint.h>

#ifdef __powerpc64__

#define H_LOGICAL_CI_LOAD  0x3c
#define H_LOGICAL_CI_STORE 0x40

/* Returns the hypervisor's code; *out: its first result. */
static inline int64_t hcall(uint64_t token, uint64_t a, uint64_t b, uint64_t c, uint64_t *out)
{
	register uint64_t r3 __asm__("r3") = token, r4 __asm__("r4") = a, r5 __asm__("r5") = b;
	register uint64_t r6 __asm__("r6") = c;

	__asm__ volatile("sc 1"
			 : "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6)
			 :
			 : "r0", "r7", "r8", "r9", "r10", "r11", "r12", "ctr", "xer", "cr0",
			   "memory");
	*out = r4;
	return (int64_t)r3;
}

#endif
#endif
