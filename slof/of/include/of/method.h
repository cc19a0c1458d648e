/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packages and their methods. A class is the C side of a package: what kind of device it is, how an
 * instance opens and closes, and its methods, each with its stack effect. The client interface,
 * Forth and C call the same table.
 */
#ifndef OF_METHOD_H
#define OF_METHOD_H

#include "base/panic.h"
#include "base/stack.h"
#include "dt/node.h"

struct instance;

struct method {
	const char *name; /* Open Firmware's spelling: "read-blocks" */
	/*
	 * "( addr block# #blocks -- #read )": documentation AND arity check. Cells in brackets may be
	 * missing: "( [addr] size align -- base )". NULL: not known (a method written in Forth).
	 */
	const char *effect;
	/* 0 or an E_ error, which becomes the catch result. Arguments are on st, results go there. */
	int (*fn)(struct instance *in, struct stack *st, const struct method *self);
};

struct pkg_class {
	const char *device_type;            /* NULL: the node keeps what it has */
	size_t state_size;                  /* bytes of zeroed state per instance */
	int (*open)(struct instance *in);   /* NULL: opening always works */
	void (*close)(struct instance *in); /* NULL: nothing to do */
	const struct method *methods;       /* ends with a NULL name; may be NULL */
	/* Bring properties up to date that mirror something else, before somebody looks. May be NULL. */
	void (*refresh)(struct dt_node *node);
	/*
	 * Make the children that exist but have no nodes yet, before a path goes below; true if there are new
	 * ones. Called often: looks once. May be NULL.
	 */
	bool (*populate)(struct dt_node *node);
};

/* Give a node its class and the data its methods find at instance->data. Sets device_type. */
void of_bind(struct dt_node *node, const struct pkg_class *cls, void *data);
/* The class of a node, NULL if it has none. */
const struct pkg_class *of_class(const struct dt_node *node);
/* What of_bind() was given, NULL if nothing. */
void *of_data(const struct dt_node *node);
/* Add a method to one node, found before its class's. The caller keeps it alive and unchanged. */
void of_add_method(struct dt_node *node, const struct method *m);
/* Whoever reads properties for somebody outside (client interface, prompt, flattening) says so. */
void of_refresh(struct dt_node *node);

/* A node's method by name (n bytes), or NULL. */
const struct method *method_find(const struct dt_node *node, const char *name, size_t n);
/*
 * Call it: checks that the cells it takes are there and that there is room for what it leaves; after
 * a failure the stack is as before the call less the arguments (those not in brackets). in may be
 * NULL for a method called statically. E_DEPTH when the arity is wrong, else the method's own result.
 */
int method_call(const struct method *m, struct instance *in, struct stack *st) MUST_CHECK;

/* For use inside methods, after method_call() has checked the depth: cannot fail. */
static inline cell_t arg_pop(struct stack *st)
{
	assert(st->depth > 0);
	return st->cell[--st->depth];
}

static inline void arg_push(struct stack *st, cell_t v)
{
	assert(st->depth < st->limit);
	st->cell[st->depth++] = v;
}

#endif
