/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Services about instances: opening and closing, and calling methods. While a method runs for a
 * client, addresses it takes from the stack may not be the firmware's (mem_distrust): read, write
 * and seek are such calls with the stack filled in here.
 */
#define LOG_TAG "client"
#include "client-priv.h"

#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "of/memory.h"

#include <string.h>

#define STACK_CELLS (2 * CLIENT_CELLS)

void ci_open(struct client_call *c)
{
	struct instance *in;

	if (!instance_open(c->arg[0].text, &in))
		c->ret[0] = in->ihandle;
}

/*
 * Closing stdin does not quiesce as it did in SLOF: Linux asks for that by name, right after. A
 * parent in somebody's chain has a handle too, but only closing the chain's end closes it.
 */
void ci_close(struct client_call *c)
{
	if (c->arg[0].in->inner) {
		log_debug("close of %x, which others stand on", c->cell[0]);
		return;
	}
	instance_close(c->arg[0].in);
	c->ret[0] = 0;
}

static int call_distrusted(struct instance *in, const char *method, struct stack *st)
{
	bool before = mem_distrust(true);
	int err = instance_call(in, method, st);

	mem_distrust(before);
	return err;
}

/* Call a method ( a b -- r ); -1 if that does not work. */
static int64_t call_2_1(struct instance *in, const char *method, cell_t a, cell_t b)
{
	cell_t cells[STACK_CELLS] = {a, b};
	struct stack st = {cells, 2, STACK_CELLS};

	if (call_distrusted(in, method, &st) || st.depth == 0)
		return -1;
	return (int64_t)cells[st.depth - 1];
}

void ci_read(struct client_call *c)
{
	c->ret[0] = call_2_1(c->arg[0].in, "read", c->cell[1], c->cell[2]);
}

void ci_write(struct client_call *c)
{
	c->ret[0] = call_2_1(c->arg[0].in, "write", c->cell[1], c->cell[2]);
}

/* The cells are ihandle, pos.hi, pos.lo; the method is ( pos.lo pos.hi -- status ). */
void ci_seek(struct client_call *c)
{
	c->ret[0] = call_2_1(c->arg[0].in, "seek", c->cell[2], c->cell[1]);
}

/* Throw codes (Forth 2012 9.3.5) for what has one; the others are "something went wrong". */
static int64_t catch_result(int err)
{
	switch (err) {
	case 0:
		return 0;
	case E_DEPTH:
		return -4; /* stack underflow */
	case E_NOENT:
		return -21; /* unsupported operation */
	case E_RANGE:
		return -9; /* invalid memory address */
	default:
		return -1;
	}
}

/*
 * Arguments and results are listed from the top of the stack down (IEEE 1275 6.3.2.2), so the last
 * argument is pushed first. The first result is the catch result; results the method does not
 * leave are 0, results nobody asked for are dropped.
 */
void ci_call_method(struct client_call *c)
{
	cell_t cells[STACK_CELLS], v;
	struct stack st = {cells, 0, STACK_CELLS};
	int err;

	for (unsigned i = c->nargs; i-- > 2;)
		cells[st.depth++] = c->cell[i];
	err = call_distrusted(c->arg[1].in, c->arg[0].text, &st);
	c->ret[0] = catch_result(err);
	for (unsigned i = 1; !err && i < c->nrets && !stack_pop(&st, &v); i++)
		c->ret[i] = (int64_t)v;
}

void ci_test_method(struct client_call *c)
{
	const char *name = c->arg[1].text;

	if (method_find(c->arg[0].node, name, strlen(name)))
		c->ret[0] = 0;
}

void ci_instance_to_package(struct client_call *c)
{
	const struct dt_node *node = instance_package(c->arg[0].in);

	if (node)
		c->ret[0] = node->phandle;
}

static void give_instance_path(struct client_call *c, bool with_interposed)
{
	const struct instance *in = c->arg[0].in;
	size_t len = instance_path(in, with_interposed, NULL, 0);
	char *text = len ? try_alloc(len + 1) : NULL;

	if (!text)
		return;
	instance_path(in, with_interposed, text, len + 1);
	c->ret[0] = client_give(text, len, c->arg[1].n, c->arg[2].n);
	heap_free(text);
}

void ci_instance_to_path(struct client_call *c)
{
	give_instance_path(c, false);
}

void ci_instance_to_interposed_path(struct client_call *c)
{
	give_instance_path(c, true);
}
