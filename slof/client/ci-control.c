/* SPDX-License-Identifier: BSD-2-Clause */
/* Services about the machine as a whole: leaving the client, time, quiesce, CPUs. */
#define LOG_TAG "client"
#include "client-priv.h"

#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "dt/prop.h"
#include "of/boot.h"
#include "of/callback.h"
#include "of/evaluate.h"
#include "of/machine.h"
#include "of/memory.h"

void ci_test(struct client_call *c)
{
	if (client_has_service(c->arg[0].text))
		c->ret[0] = 0;
}

/* ---- leaving ------------------------------------------------------------------------------ */

/* The machine starts again, with this as its boot-command once. */
void ci_boot(struct client_call *c)
{
	int err = of_boot_request(c->arg[0].text);

	if (err)
		log_warn("boot \"%s\" is not kept for the next start: %s", c->arg[0].text,
			 err_text(err));
	log_note("the client asks to boot \"%s\": resetting", c->arg[0].text);
	of_platform()->reboot();
}

void ci_exit(struct client_call *c UNUSED)
{
	of_platform()->client_exit();
}

/* The prompt, while the client waits; in an image without one it ends. */
void ci_enter(struct client_call *c UNUSED)
{
	int err = of_enter(of_platform()->client_is_gone);

	if (err == E_UNSUPP)
		of_platform()->client_exit();
	else if (err)
		log_warn("enter: no prompt: %s", err_text(err));
}

/* Free [virt, virt+size) and enter another program at entry. */
void ci_chain(struct client_call *c)
{
	uint64_t virt = c->arg[0].n, size = c->arg[1].n;
	int err;

	if (!of_platform()->client_chain) {
		log_note("chain is not offered");
		return;
	}
	err = size ? mem_release(virt, size, MEM_CLIENT) : 0;
	if (err)
		log_debug("chain: release %llx size %llx: %s", (unsigned long long)virt,
			  (unsigned long long)size, err_text(err));
	(void)of_set_callback(0);
	of_platform()->client_chain(c->arg[2].n, c->arg[3].n, c->arg[4].n);
}

/* ---- the rest ----------------------------------------------------------------------------- */

/*
 * Arguments and results are listed from the top of the stack down, as for call-method. The first
 * result is what was thrown; without Forth it is the preset -1.
 */
void ci_interpret(struct client_call *c)
{
	cell_t cells[CLIENT_CELLS], v;
	struct stack st = {cells, 0, CLIENT_CELLS};
	int err;

	if (!of_has_evaluator()) {
		log_debug("interpret \"%s\": no Forth", c->arg[0].text);
		return;
	}
	for (unsigned i = c->nargs; i-- > 1;)
		cells[st.depth++] = c->cell[i];
	err = of_interpret(c->arg[0].text, strlen(c->arg[0].text), &st);
	if (err)
		log_debug("interpret \"%s\": throw %d", c->arg[0].text, err);
	c->ret[0] = err;
	for (unsigned i = 1; !err && i < c->nrets && !stack_pop(&st, &v); i++)
		c->ret[i] = (int64_t)v;
}

void ci_set_callback(struct client_call *c)
{
	c->ret[0] = of_set_callback((uint32_t)c->arg[0].n);
}

void ci_milliseconds(struct client_call *c)
{
	c->ret[0] = (int64_t)(clock_us() / 1000);
}

void ci_quiesce(struct client_call *c UNUSED)
{
	of_quiesce();
}

/* The cells are phandle, entry, r3. CPUs are known to RTAS by their interrupt server number. */
void ci_start_cpu(struct client_call *c)
{
	const struct dt_node *cpu = c->arg[0].node;
	uint32_t server = dt_prop_u32_or(cpu, "reg", 0);
	const struct dt_prop *servers = dt_prop_find(cpu, "ibm,ppc-interrupt-server#s");
	int err;

	if (servers && servers->len >= 4)
		server = get_be32(servers->data);
	err = of_platform()->start_cpu(server, c->arg[1].n, c->arg[2].n);
	if (err)
		log_warn("cpu %u does not start: %s", server, err_text(err));
	else
		c->ret[0] = 0;
}
