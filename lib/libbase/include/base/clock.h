/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time. clock_us() is a link-time seam: the board reads the timebase, tests use a clock that moves
 * only when asked. Every wait holds a deadline.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Microseconds since the firmware started; never goes back. */
uint64_t clock_us(void);
/* Let at least this much time pass. */
void clock_delay_us(uint64_t us);

struct deadline {
	uint64_t at_us;
};

static inline struct deadline deadline_in_ms(uint32_t ms)
{
	return (struct deadline){clock_us() + (uint64_t)ms * 1000};
}

static inline bool deadline_passed(const struct deadline *d)
{
	return clock_us() >= d->at_us;
}

#endif
