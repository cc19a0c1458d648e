/* SPDX-License-Identifier: BSD-2-Clause */
/* The ring of trace records. */
#include "base/trace.h"

#include "base/clock.h"
#include "base/strbuf.h"

static struct trace_record ring[TRACE_RECORDS];
static unsigned added; /* records ever added */

unsigned trace_add(enum trace_kind kind, const char *what, uint64_t a0, uint64_t a1, uint64_t a2,
		   uint64_t a3)
{
	ring[added % TRACE_RECORDS] =
		(struct trace_record){clock_us(), what, {a0, a1, a2, a3}, 0, kind};
	return added++;
}

void trace_result(unsigned number, int64_t result)
{
	if (added - number <= TRACE_RECORDS)
		ring[number % TRACE_RECORDS].result = result;
}

void trace_forget(unsigned number)
{
	if (added && number == added - 1) {
		ring[number % TRACE_RECORDS].kind = TRACE_NONE;
		added--;
	}
}

/* The place of a record taken back is the oldest now, and empty. */
const struct trace_record *trace_youngest(unsigned i)
{
	const struct trace_record *r = &ring[(added - 1 - i) % TRACE_RECORDS];

	return i >= TRACE_RECORDS || i >= added || r->kind == TRACE_NONE ? NULL : r;
}

void trace_format(const struct trace_record *r, char *buf, size_t room)
{
	static const char *const kind[] = {"-", "hcall", "rtas", "client", "phase"};
	struct strbuf sb = strbuf_on(buf, room);

	strbuf_printf(&sb, "%6u.%06u %-6s %s", (unsigned)(r->time / 1000000),
		      (unsigned)(r->time % 1000000), kind[r->kind], r->what ? r->what : "");
	for (unsigned i = 0; i < ARRAY_SIZE(r->arg); i++)
		strbuf_printf(&sb, " %llx", (unsigned long long)r->arg[i]);
	strbuf_printf(&sb, " = %lld", (long long)r->result);
}
