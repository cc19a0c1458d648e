/* SPDX-License-Identifier: BSD-2-Clause */
/* Time from the timebase, counted from the firmware's start. */
#include "base/clock.h"

#include "board.h"

static uint64_t start;
static uint64_t ticks_per_us = 512; /* QEMU's, until the tree says better */

uint64_t board_timebase(void)
{
	uint64_t tb;

	asm volatile("mftb %0" : "=r"(tb));
	return tb;
}

void board_clock_init(void)
{
	start = board_timebase();
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
	return (board_timebase() - start) / ticks_per_us;
}

void clock_delay_us(uint64_t us)
{
	uint64_t from = board_timebase();

	while (board_timebase() - from < us * ticks_per_us)
		;
}
