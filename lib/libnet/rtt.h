/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When to say something again that got no answer: a timeout made of measured round trips (RFC 6298), doubled with
 * every repetition (backoff), never shorter than 200 ms or longer than 4 s; 1 s before anything was
 * measured. Answers to what was said twice are not measured (Karn): nobody knows which one they are for.
 */
#ifndef NET_RTT_H
#define NET_RTT_H

#include "base/compiler.h"

struct rtt {
	bool known, timing; /* something was measured; an answer is waited for */
	uint64_t sent_us;
	uint32_t smooth_us, var_us;
	unsigned backoff;
};

/* Something was said for the first time, at now_us. */
void rtt_sent(struct rtt *r, uint64_t now_us);
/* It was said again. */
void rtt_repeated(struct rtt *r);
/* An answer came. */
void rtt_heard(struct rtt *r, uint64_t now_us);
/* How long to wait for one. */
uint32_t rtt_timeout_ms(const struct rtt *r);

#endif
