/* SPDX-License-Identifier: BSD-2-Clause */
/* Time from the timebase, counted from the firmware's start. */
#include "base/clock.h"

#include "board.h"
#include "cpu.h"

static uint64_t start;
static uint64_t ticks_per_us = 512; /* QEMU's, until the tree says better */

void board_clock_init(void)
{
	start = cpu_timebase();
}

void board_clock_set_frequency(uint64_t hz)
{
	if (hz >= 1000000)
		ticks_per_us = hz / 1000000;
}

uint64_t board_ticks_per_us(void)
{
	return ticks_per_us;
}

uint64_t clock_us(void)
{
	return (cpu_timebase() - start) / ticks_per_us;
}

void clock_delay_us(uint64_t us)
{
	uint64_t from = cpu_timebase();

	while (cpu_timebase() - from < us * ticks_per_us)
		;
}
