/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A clock that moves only when asked. Every look at it adds a little, so that a loop waiting for
 * a deadline ends.
 */
#include "fakeclock.h"

uint64_t fake_now_us, fake_look_us = 1;

uint64_t clock_us(void)
{
	fake_now_us += fake_look_us;
	return fake_now_us - fake_look_us;
}

void clock_delay_us(uint64_t us)
{
	fake_now_us += us;
}
