/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Running a client: a stack and a copy of its arguments that belong to it, the registers of compat with
 * IEEE 1275's PowerPC binding 8.2, and the way back. A client that chains to another one leaves first:
 * the next starts on a fresh stack. A client may also start another one from within a service, by interpret
 * "boot ...": it then waits for that one's end, and the calls of the two share the client interface's stack.
 * While it waits, a routine of its own may be called, on its own stack; when it leaves from there, it has left the
 * service as well.
 */
#define LOG_TAG "client"
#include "board.h"

#include <string.h>

#include "asm.h"
#include "cpu.h"
#include "memmap.h"
#include "registers.h"
#include "rtas.h"

#include "base/arith.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"
#include "client/client.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/machine.h"
#include "of/memory.h"

/* Layout known to client-entry.S. */
struct client_start {
	uint64_t r1, r2, r3, r4, r5, r6, r7, entry, msr, r13;
};
uint64_t client_enter(const struct client_start *start);
void client_leave(uint64_t result) NORETURN;
int64_t board_client_call(uint64_t array, const struct call_registers *regs);
extern char client_interface[], ci_stack_bottom[], ci_stack_top[];
extern uint64_t
	client_door_stack; /* where the stack of a client's calls begins; see client-entry.S */
extern const struct registers client_registers; /* of a client that returned */

/*
 * The stack a client starts on. It is the client's memory, not ours: prom_init builds its call
 * arrays there.
 */
#define CLIENT_STACK 0x10000u
#define CLIENT_FRAME 256u    /* above the client's r1, for its back chain and parameters */
#define CALL_STACK   0xc000u /* what a client's call may need of the client interface's stack */
#define ENTER_STACK  0x1000u /* what is between board_client_run() and a client's first call */
#define RED_ZONE     512u    /* what a client may have below its r1, and a caller's frame of ours */

static bool in_client;
static bool others_run; /* other CPUs than ours may be in the client's code */
static const struct call_registers
	*called; /* what the client had when it called; lies on its door's stack */

/* How the client left; and how the one that waits for the service we are in did, by its callback. */
static enum { RETURNED, CALLED, BROKE } left, gone;

/* The program that is to run when this one has left. */
static struct {
	bool wanted;
	uint64_t entry, args, len;
} next;

bool board_in_client(void)
{
	return in_client;
}

int64_t board_client_call(uint64_t array, const struct call_registers *regs)
{
	int64_t rc;

	called = regs;
	in_client = false;
	board_memory_guard_adopt();
	rc = client_call(array);
	if (gone) {
		left = gone;
		gone = RETURNED;
		client_leave(0);
	}
	board_memory_guard_check();
	in_client = true;
	return rc;
}

void board_client_exit(void)
{
	in_client = false;
	left = CALLED;
	client_leave(0);
}

/* Is the client's stack frame of ours there to go back to, and nobody else on the way? */
bool board_client_may_end(void)
{
	return in_client && !others_run;
}

void board_client_broke(void)
{
	in_client = false;
	left = BROKE;
	client_leave(0);
}

int board_start_cpu(uint32_t server, uint64_t entry, uint64_t r3)
{
	others_run = true;
	return rtas_start_cpu(server, entry, r3);
}

/* The client's own memory: its stack, and above it a copy of its arguments. */
static int make_room(const char *args, size_t len, uint64_t *base, uint64_t *size)
{
	int err;

	*size = align_up(CLIENT_STACK + len + 1, 4096);
	err = mem_alloc(*size, 4096, RAM_32BIT_LIMIT, MEM_FROM_TOP, MEM_LOADED, base);
	if (err) {
		log_err("no memory for the client's stack of %llu bytes",
			(unsigned long long)*size);
		return err;
	}
	memcpy((char *)(uintptr_t)*base + CLIENT_STACK, args, len + 1);
	return 0;
}

/* 32-bit or 64-bit, big or little endian; floating point on, all else off. */
static uint64_t msr_of(const struct client_image *image)
{
	uint64_t msr = MSR_FP | MSR_ME;

	if (image->is_64bit)
		msr |= 1ull << MSR_SF_BIT;
	if (image->is_little)
		msr |= MSR_LE;
	return msr;
}

/* Where a client's calls have their stack: all of it, or what a service that is running leaves. 0: too little. */
static uint64_t door_stack(void)
{
	uint64_t here = (uintptr_t)__builtin_frame_address(0), bottom = (uintptr_t)ci_stack_bottom;

	if (here < bottom || here >= (uintptr_t)ci_stack_top)
		return (uintptr_t)ci_stack_top;
	if (here - bottom < CALL_STACK + ENTER_STACK)
		return 0;
	return align_down(here - ENTER_STACK, 16);
}

static int enter(struct client_start *s)
{
	const struct call_registers *caller = called;
	uint64_t callers_door = client_door_stack;
	int err;

	client_door_stack = door_stack();
	do {
		next.wanted = false;
		in_client = true;
		left = RETURNED;
		client_enter(s);
		in_client = false;
		board_memory_guard_adopt(); /* low memory was the client's to write to */
		if (left == RETURNED)
			stopped_by_return(&client_registers);
		else if (left == CALLED)
			stopped_in_call(called);
		s->entry = next.entry;
		s->r6 = next.args;
		s->r7 = next.len;
		s->r2 = 0;
	} while (next.wanted);
	client_door_stack = callers_door;
	called = caller;
	err = left == BROKE ? E_FAULT : 0;
	left = RETURNED; /* who waits for this one has not left */
	return err;
}

int board_client_run(const struct client_image *image)
{
	const struct dt_node *chosen = dt_path_find(of_tree(), "/chosen");
	uint32_t initrd = dt_prop_u32_or(chosen, "linux,initrd-start", 0);
	uint32_t initrd_end = dt_prop_u32_or(chosen, "linux,initrd-end", 0);
	uint64_t base = 0, size;
	int err = make_room(image->args, strlen(image->args), &base, &size);
	struct client_start s = {
		.r1 = base + CLIENT_STACK - CLIENT_FRAME,
		.r2 = image->toc,
		.r3 = initrd,
		.r4 = initrd_end > initrd ? initrd_end - initrd : 0,
		.r5 = (uintptr_t)client_interface,
		.r6 = base + CLIENT_STACK,
		.r7 = strlen(image->args),
		.entry = image->entry,
		.msr = msr_of(image),
	};

	if (err)
		return err;
	if (gone) {
		err = E_ABORT;
	} else if (in_client || !door_stack()) {
		log_err("too many programs wait for one another");
		err = E_BUSY;
	} else {
		err = enter(&s);
	}
	if (mem_release(base, size, MEM_LOADED))
		log_debug("the client's stack at %llx is the client's no longer",
			  (unsigned long long)base);
	return err;
}

/* ---- the client's callback ------------------------------------------------------------------ */

/*
 * Where func begins: a descriptor of ABI v1 if it reads as an address of the client's, which code never does,
 * for no instruction is 0.
 */
static void find_routine(struct client_start *s, uint64_t func)
{
	const uint8_t *p = client_ram(func, 16);
	uint64_t entry = p ? get_be64(p) : 0;

	s->entry = func;
	if (entry && entry < 1ull << 32 && client_ram(entry, 4)) {
		s->entry = entry;
		s->r2 = get_be64(p + 8);
		s->msr |= 1ull << MSR_SF_BIT;
	}
}

/* As the one that waits was when it called, below what it has on its stack. */
static int run_routine(const struct call_registers *waiting, uint64_t func, uint64_t array,
		       int32_t *rc)
{
	struct client_start s = {
		.r1 = align_down(waiting->r1 - RED_ZONE, 16),
		.r2 = waiting->r2,
		.r3 = array,
		.msr = waiting->msr & ~(uint64_t)MSR_EE,
		.r13 = waiting->r13,
	};
	uint8_t *frame = client_ram(s.r1, RED_ZONE);

	if (!frame)
		return E_FAULT;
	memset(frame, 0, 16); /* the end of a backtrace */
	find_routine(&s, func);
	in_client = true;
	left = RETURNED;
	*rc = (int32_t)client_enter(&s);
	in_client = false;
	board_memory_guard_adopt();
	gone = left;
	left = RETURNED;
	return gone ? E_ABORT : 0;
}

int board_client_callback(uint64_t func, uint64_t array, int32_t *rc)
{
	const struct call_registers *waiting = called;
	uint64_t callers_door = client_door_stack;
	int err;

	if (!waiting || gone)
		return E_NOENT;
	client_door_stack = door_stack();
	err = client_door_stack ? run_routine(waiting, func, array, rc) : E_NOMEM;
	client_door_stack = callers_door;
	called = waiting;
	return err;
}

bool board_client_is_gone(void)
{
	return gone != RETURNED;
}

void board_client_forget(void)
{
	in_client = false;
	gone = RETURNED;
	called = NULL;
	client_door_stack = 0;
}

/* Called from within a service: the caller is left for ever. */
void board_client_chain(uint64_t entry, uint64_t args, uint64_t len)
{
	next.wanted = true;
	next.entry = entry;
	next.args = args;
	next.len = len;
	board_client_exit();
}
