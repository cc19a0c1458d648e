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

/*
 * A wait that polls, with pauses from 1 us growing to 64 us:
 *     struct wait w = wait_ms(500);
 *     while (!device_is_ready())
 *             if (!wait_more(&w))
 *                     return E_TIMEOUT;
 * After the deadline there is one more look, because the whole machine may have been stopped between
 * the last one and now.
 */
struct wait {
	struct deadline end;
	uint32_t pause_us;
	bool over;
};

static inline struct wait wait_ms(uint32_t ms)
{
	return (struct wait){deadline_in_ms(ms), 1, false};
}

static inline bool wait_more(struct wait *w)
{
	if (w->over)
		return false;
	w->over = deadline_passed(&w->end);
	if (!w->over)
		clock_delay_us(w->pause_us);
	if (w->pause_us < 64)
		w->pause_us *= 2;
	return true;
}

#endif
