/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What went wrong: an exception anywhere before the OS has its own vectors, or a panic of ours. Prints
 * registers, where they point to, a back-trace, and the last calls across the firmware's edges, on the
 * first terminal by hypercall: nothing here needs the heap or the tree. Then the next candidate, or
 * the prompt, if there is a way; after a panic there is none.
 */
#include "board.h"

#include <stdarg.h>
#include <string.h>

#include "asm.h"
#include "cpu.h"
#include "registers.h"

#include "base/clock.h"
#include "base/panic.h"
#include "base/strbuf.h"
#include "base/trace.h"

#define TRACE_SHOWN 16

extern char exception_entry[], stack_top[];
void exception(const struct registers *r) NORETURN;

static struct registers frame;
static unsigned depth; /* exceptions while handling one */

static void say(const char *fmt, ...) PRINTF_LIKE(1, 2);
static void vsay(const char *fmt, va_list ap)
{
	char text[256];
	struct strbuf sb = strbuf_on(text, sizeof(text));

	strbuf_vprintf(&sb, fmt, ap);
	condev_write(vty_early(), text, sb.len);
}

static void say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsay(fmt, ap);
	va_end(ap);
}

static void say_calls(const struct backtrace *b)
{
	say("Back-trace:\r\n");
	for (unsigned i = 0; i < b->n; i++) {
		char text[64];
		struct strbuf sb = strbuf_on(text, sizeof(text));

		registers_address(&sb, b->at[i]);
		say("  %s\r\n", text);
	}
}

static void say_trace(void)
{
	say("Last calls, youngest first:\r\n");
	for (unsigned i = 0; i < TRACE_SHOWN; i++) {
		const struct trace_record *r = trace_youngest(i);
		char line[128];

		if (!r)
			return;
		trace_format(r, line, sizeof(line));
		say("%s\r\n", line);
	}
}

static void stop(void) NORETURN;
static void stop(void)
{
	say("Stopped. Reset or end the machine from its monitor.\r\n");
	for (;;)
		board_idle(1000);
}

static void say_registers(const struct registers *r)
{
	char line[128];
	struct strbuf sb = strbuf_on(line, sizeof(line));

	for (unsigned i = 0; registers_line(r, i, &sb); i++) {
		say("%s\r\n", line);
		sb = strbuf_on(line, sizeof(line));
	}
}

static void report(const struct registers *r, bool ours, struct backtrace *calls)
{
	say("\r\n( %llx ) %s Exception [ %llx ] in %s\r\n", (unsigned long long)r->vector,
	    registers_vector_name(r->vector), (unsigned long long)r->srr0,
	    ours ? "the firmware" : "the client");
	say_registers(r);
	if (ours)
		backtrace_ours(calls, r->gpr[1]);
	else
		backtrace_client(calls, r->gpr[1], r->srr1);
	say_calls(calls);
	say_trace();
}

/*
 * A client that broke has ended, and the firmware goes on as if it had returned. When the firmware itself
 * broke it can only begin again at the prompt, if it ever came there, with the prompt's stack empty:
 * whatever it was at stays as it is. Not twice in a moment, or it would be a loop.
 */
static void go_on(bool ours)
{
	static uint64_t last_us;

	if (!ours && board_client_may_end()) {
		say("Ended. .registers and ctrace show it again.\r\n");
		depth = 0;
		board_client_broke();
	}
	if (ours && board_is_ready() && (last_us == 0 || clock_us() - last_us > 1000000)) {
		last_us = clock_us();
		say("Ended. What the firmware was doing is lost; reset-all starts it afresh.\r\n");
		depth = 0;
		cpu_low_put(LOW_IDLE, 0);
		cpu_run_on(stack_top, board_ready_again);
	}
}

void exception(const struct registers *r)
{
	bool ours = registers_in_image(r->srr0) || !board_in_client();
	struct backtrace calls;

	if (depth++) {
		if (depth == 2)
			say("\r\n( %llx ) %s Exception while reporting one, at %llx\r\n",
			    (unsigned long long)r->vector, registers_vector_name(r->vector),
			    (unsigned long long)r->srr0);
		for (;;)
			board_idle(1000);
	}
	report(r, ours, &calls);
	stopped_by_exception(r, ours, &calls);
	go_on(ours);
	stop();
}

void panic(const char *fmt, ...)
{
	va_list ap;

	say("\r\nEspalier stopped: ");
	va_start(ap, fmt);
	vsay(fmt, ap);
	va_end(ap);
	say("\r\n");
	if (depth++ == 0) {
		struct backtrace calls;

		backtrace_ours(&calls, (uintptr_t)__builtin_frame_address(0));
		say_calls(&calls);
		say_trace();
	}
	stop();
}

void __stack_chk_fail(void) NORETURN;
void __stack_chk_fail(void)
{
	panic("a function's stack frame was overwritten");
}

/*
 * From here on exceptions are reported. QEMU enters 0x100 at reset with a fresh image, so while we
 * run, 0x100 can lead to the report as well: H_SIGNAL_SYS_RESET and NMIs come there.
 */
void board_exceptions_init(void)
{
	cpu_low_put(LOW_EXC_HANDLER, (uintptr_t)exception_entry);
	cpu_low_put(LOW_EXC_FRAME, (uintptr_t)&frame);
	cpu_low_put(LOW_IDLE, 0);
	cpu_low_put32(LOW_RESET, LOW_RESET_BRANCH);
	cpu_flush_code(LOW_RESET, 4);
}
