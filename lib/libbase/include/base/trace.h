/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The binary trace: the last 256 calls across the firmware's edges (hypercalls, RTAS, client calls,
 * phases), always on, printed by panic, the exception handler and on request.
 */
#ifndef BASE_TRACE_H
#define BASE_TRACE_H

#include "base/compiler.h"

enum trace_kind { TRACE_NONE, TRACE_HCALL, TRACE_RTAS, TRACE_CLIENT, TRACE_PHASE };
#define TRACE_RECORDS 256u

struct trace_record {
	uint64_t time;    /* clock_us() */
	const char *what; /* a name that lives for ever, or NULL */
	uint64_t arg[4];
	int64_t result;
	enum trace_kind kind;
};

/* Add a record. By its number it may be given its result later, if the ring still has it then. */
unsigned trace_add(enum trace_kind kind, const char *what, uint64_t a0, uint64_t a1, uint64_t a2,
		   uint64_t a3);
void trace_result(unsigned number, int64_t result);
/* Take a record back, if it is still the youngest: what it says is what was to be expected. */
void trace_forget(unsigned number);
/* The i-th youngest record, 0 the youngest; NULL beyond the oldest. */
const struct trace_record *trace_youngest(unsigned i);
/* A record as one line of text without a newline. */
void trace_format(const struct trace_record *r, char *buf, size_t room);

#endif
