/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waiting without burning the host's CPU: the decrementer is set, H_CEDE sleeps (and enables
 * interrupts), the vectors of decrementer and external interrupts go on quietly while LOW_IDLE is set.
 */
#include "board.h"

#include "asm.h"
#include "cpu.h"
#include "hv.h"

void board_idle(uint32_t ms)
{
	uint64_t ticks = (uint64_t)ms * 1000 * board_ticks_per_us();
	uint64_t msr = cpu_msr();

	board_wake_begin();
	cpu_low_put(LOW_IDLE, 1);
	cpu_set_decrementer(ticks > 0x7fffffff ? 0x7fffffff : (uint32_t)ticks);
	hv_cede();
	cpu_set_msr(msr & ~(uint64_t)MSR_EE);
	cpu_low_put(LOW_IDLE, 0);
	board_wake_end();
}
