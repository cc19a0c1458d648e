/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How the last program ended: registers and calls as they were when it returned, called the firmware for
 * the last time, or broke; the same for a fault of the firmware's own. The words .registers and ctrace
 * show them until the next stop. Stacks are overwritten by then, so the calls are collected at once.
 */
#include "registers.h"

#include <string.h>

#include "board.h"

#include "of/machine.h"

static struct {
	enum { NEVER, RETURNED, LEFT, BROKE, WE_BROKE } how;
	struct registers r;
	struct backtrace calls;
} last;

void stopped_by_exception(const struct registers *r, bool ours, const struct backtrace *b)
{
	last.how = ours ? WE_BROKE : BROKE;
	last.r = *r;
	last.calls = *b;
}

void stopped_by_return(const struct registers *r)
{
	last.how = RETURNED;
	last.r = *r;
	backtrace_client(&last.calls, r->gpr[1], r->srr1);
}

void stopped_in_call(const struct call_registers *c)
{
	struct registers *r = &last.r;

	last.how = LEFT;
	*r = (struct registers){.cr = c->cr, .lr = c->lr, .srr0 = c->lr, .srr1 = c->msr};
	r->gpr[1] = c->r1;
	r->gpr[2] = c->r2;
	r->gpr[3] = c->r3;
	r->gpr[13] = c->r13;
	memcpy(r->gpr + 14, c->r14_31, sizeof(c->r14_31));
	backtrace_client(&last.calls, c->r1, c->msr);
}

/* ---- words --------------------------------------------------------------------------------- */

static void say_how(void)
{
	static const char *const text[] = {
		[NEVER] = "No program has ended yet, nothing has broken.",
		[RETURNED] = "The program returned:",
		[LEFT] = "The program left by a call of the client interface; of r0 and r4 to r12, "
			 "CTR and "
			 "XER nothing is known:",
	};

	if (last.how < BROKE)
		of_printf("%s\n", text[last.how]);
	else
		of_printf("( %llx ) %s Exception [ %llx ] in the %s:\n",
			  (unsigned long long)last.r.vector, registers_vector_name(last.r.vector),
			  (unsigned long long)last.r.srr0,
			  last.how == BROKE ? "client" : "firmware");
}

int w_registers(struct forth *f UNUSED)
{
	char line[128];
	struct strbuf sb = strbuf_on(line, sizeof(line));

	say_how();
	for (unsigned i = 0; last.how != NEVER && registers_line(&last.r, i, &sb); i++) {
		of_printf("%s\n", line);
		sb = strbuf_on(line, sizeof(line));
	}
	return 0;
}

static void say_call(const char *what, uint64_t addr)
{
	char text[64];
	struct strbuf sb = strbuf_on(text, sizeof(text));

	registers_address(&sb, addr);
	of_printf("  %s%s\n", text, what);
}

int w_ctrace(struct forth *f UNUSED)
{
	say_how();
	if (last.how == NEVER)
		return 0;
	if (last.how != RETURNED)
		say_call("", last.r.srr0);
	if (last.how != LEFT && last.how != RETURNED)
		say_call(" in LR", last.r.lr);
	for (unsigned i = 0; i < last.calls.n; i++)
		say_call("", last.calls.at[i]);
	return 0;
}
