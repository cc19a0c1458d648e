/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of a boot that went wrong: an exception anywhere before the OS has its own vectors, or a
 * panic of ours. Prints registers, where they point to, a back-trace, and the last calls across the
 * firmware's edges, on the first terminal by hypercall: nothing here needs the heap or the tree.
 */
#include "board.h"

#include <stdarg.h>
#include <string.h>

#include "asm.h"
#include "cpu.h"
#include "memmap.h"

#include "base/panic.h"
#include "base/strbuf.h"
#include "base/trace.h"

#define BACKTRACE_MOST 32
#define TRACE_SHOWN    16

struct exc_frame {
	uint64_t gpr[32], cr, lr, ctr, xer, srr0, srr1, dar, dsisr, vector;
};
_Static_assert(sizeof(struct exc_frame) == EXC_BYTES, "frame layout of vectors.S");
_Static_assert(offsetof(struct exc_frame, vector) == EXC_VECTOR, "frame layout of vectors.S");

extern char exception_entry[], __end[], __data_end[];
void exception(const struct exc_frame *f) NORETURN;

static struct exc_frame frame;
static unsigned depth; /* exceptions while handling one */

static void say(const char *fmt, ...) PRINTF_LIKE(1, 2);
static void say(const char *fmt, ...)
{
	char line[160];
	struct strbuf sb = strbuf_on(line, sizeof(line));
	va_list ap;

	va_start(ap, fmt);
	strbuf_vprintf(&sb, fmt, ap);
	va_end(ap);
	condev_write(vty_early(), line, sb.len);
}

static const char *vector_name(uint64_t vector)
{
	static const struct {
		uint16_t vector;
		const char *name;
	} names[] = {
		{0x100, "System Reset"},
		{0x200, "Machine Check"},
		{0x300, "Data Storage"},
		{0x380, "Data Segment"},
		{0x400, "Instruction Storage"},
		{0x480, "Instruction Segment"},
		{0x500, "External"},
		{0x600, "Alignment"},
		{0x700, "Program"},
		{0x800, "Floating-Point Unavailable"},
		{0x900, "Decrementer"},
		{0x980, "Hypervisor Decrementer"},
		{0xa00, "Directed Doorbell"},
		{0xc00, "System Call"},
		{0xd00, "Trace"},
		{0xe00, "Hypervisor Data Storage"},
		{0xe20, "Hypervisor Instruction Storage"},
		{0xe40, "Hypervisor Emulation Assistance"},
		{0xe80, "Hypervisor Doorbell"},
		{0xea0, "Hypervisor Virtualization"},
		{0xf00, "Performance Monitor"},
		{0xf20, "Vector Unavailable"},
		{0xf40, "VSX Unavailable"},
		{0xf60, "Facility Unavailable"},
		{0xf80, "Hypervisor Facility Unavailable"},
		{0x1300, "Instruction Address Breakpoint"},
		{0x1500, "Denormalisation Assist"},
		{0x1700, "Thermal or VMX Assist"},
	};

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].vector == vector)
			return names[i].name;
	return "Unknown";
}

static bool in_image(uint64_t addr)
{
	return addr >= board_image_base() && addr < (uintptr_t)__data_end;
}

/* An address, and where it is in slof.elf if it is ours. */
static void say_address(const char *what, uint64_t addr)
{
	if (in_image(addr))
		say("%s %016llx (slof.elf %llx)\r\n", what, (unsigned long long)addr,
		    (unsigned long long)(addr - board_image_base()));
	else
		say("%s %016llx\r\n", what, (unsigned long long)addr);
}

/* Frames lie in our bss; the walk stops at the first back chain that does not go up inside it. */
static void say_backtrace(uint64_t sp)
{
	say("Back-trace:\r\n");
	for (unsigned i = 0; i < BACKTRACE_MOST; i++) {
		uint64_t next;

		if (sp & 7 || sp < (uintptr_t)__data_end || sp > (uintptr_t)__end - 32)
			return;
		next = *(const uint64_t *)(uintptr_t)sp;
		if (next <= sp || next & 7 || next > (uintptr_t)__end - 32)
			return;
		say_address(" ", ((const uint64_t *)(uintptr_t)next)[2]);
		sp = next;
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

static void say_registers(const struct exc_frame *f)
{
	for (unsigned i = 0; i < 32; i += 4)
		say("R%02u %016llx %016llx %016llx %016llx\r\n", i, (unsigned long long)f->gpr[i],
		    (unsigned long long)f->gpr[i + 1], (unsigned long long)f->gpr[i + 2],
		    (unsigned long long)f->gpr[i + 3]);
	say("CR %08llx  XER %016llx  CTR %016llx\r\n", (unsigned long long)f->cr,
	    (unsigned long long)f->xer, (unsigned long long)f->ctr);
	say("DAR %016llx  DSISR %08llx\r\n", (unsigned long long)f->dar,
	    (unsigned long long)f->dsisr);
}

void exception(const struct exc_frame *f)
{
	bool ours = in_image(f->srr0) || !board_in_client();

	if (depth++) {
		if (depth == 2)
			say("\r\n( %llx ) %s Exception while reporting one, at %llx\r\n",
			    (unsigned long long)f->vector, vector_name(f->vector),
			    (unsigned long long)f->srr0);
		for (;;)
			board_idle(1000);
	}
	say("\r\n( %llx ) %s Exception [ %llx ] in %s\r\n", (unsigned long long)f->vector,
	    vector_name(f->vector), (unsigned long long)f->srr0,
	    ours ? "the firmware" : "the client");
	say_registers(f);
	say_address("LR  ", f->lr);
	say_address("SRR0", f->srr0);
	say("SRR1 %016llx (%s-bit, %s endian)\r\n", (unsigned long long)f->srr1,
	    f->srr1 >> MSR_SF_BIT ? "64" : "32", f->srr1 & MSR_LE ? "little" : "big");
	if (ours)
		say_backtrace(f->gpr[1]);
	say_trace();
	stop();
}

void panic(const char *fmt, ...)
{
	char text[256];
	struct strbuf sb = strbuf_on(text, sizeof(text));
	va_list ap;

	va_start(ap, fmt);
	strbuf_vprintf(&sb, fmt, ap);
	va_end(ap);
	say("\r\nEspalier stopped: ");
	condev_write(vty_early(), text, sb.len);
	say("\r\n");
	if (depth++ == 0) {
		say_backtrace((uintptr_t)__builtin_frame_address(0));
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
