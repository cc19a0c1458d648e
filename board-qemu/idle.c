/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waiting without burning the host's CPU: the decrementer is set, H_CEDE sleeps (and enables
 * interrupts), the decrementer's vector goes on quietly while LOW_IDLE is set.
 */
#include "board.h"

#include "asm.h"
#include "hv.h"

static void set_idle(uint64_t value)
{
	uintptr_t at = LOW_IDLE;

	asm("" : "+r"(at));
	*(volatile uint64_t *)at = value;
}

void board_idle(uint32_t ms)
{
	uint64_t ticks = (uint64_t)ms * 1000 * board_ticks_per_us();
	uint64_t msr;

	if (ticks > 0x7fffffff)
		ticks = 0x7fffffff;
	asm volatile("mfmsr %0" : "=r"(msr));
	set_idle(1);
	asm volatile("mtdec %0" : : "r"(ticks));
	hv_cede();
	asm volatile("mtmsrd %0; isync" : : "r"(msr & ~(uint64_t)MSR_EE) : "memory");
	set_idle(0);
}
