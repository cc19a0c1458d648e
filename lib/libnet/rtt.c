/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Round trips, smoothed as RFC 6298 2 says. The lower bound is Linux's: servers think, too, and a repetition that
 * was not needed costs more than 200 ms of waiting.
 */
#include "rtt.h"

#define FIRST_US   1000000u
#define LEAST_US   200000u
#define MOST_US    4000000u
#define SAMPLE_MAX 60000000u
#define GRAIN_US   1000u

void rtt_sent(struct rtt *r, uint64_t now_us)
{
	r->timing = true;
	r->sent_us = now_us;
}

void rtt_repeated(struct rtt *r)
{
	r->timing = false;
	if (LEAST_US << r->backoff < MOST_US)
		r->backoff++;
}

static void measure(struct rtt *r, uint32_t us)
{
	uint32_t off = us > r->smooth_us ? us - r->smooth_us : r->smooth_us - us;

	if (r->known) {
		r->var_us = r->var_us - r->var_us / 4 + off / 4;
		r->smooth_us = r->smooth_us - r->smooth_us / 8 + us / 8;
	} else {
		r->smooth_us = us;
		r->var_us = us / 2;
	}
	r->known = true;
	r->backoff = 0;
}

void rtt_heard(struct rtt *r, uint64_t now_us)
{
	uint64_t us = now_us - r->sent_us;

	if (r->timing)
		measure(r, us < SAMPLE_MAX ? (uint32_t)us : SAMPLE_MAX);
	r->timing = false;
}

static uint32_t within(uint64_t us)
{
	return us < LEAST_US ? LEAST_US : us < MOST_US ? (uint32_t)us : MOST_US;
}

uint32_t rtt_timeout_ms(const struct rtt *r)
{
	uint64_t swing = 4 * (uint64_t)r->var_us;
	uint32_t us = FIRST_US;

	if (r->known)
		us = within(r->smooth_us + (swing > GRAIN_US ? swing : GRAIN_US));
	return within((uint64_t)us << r->backoff) / 1000;
}
