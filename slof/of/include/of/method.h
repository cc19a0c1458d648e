/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packages and their methods. A class is the C side of a package: what kind of device it is, how an
 * instance opens and closes, and its methods, each with its stack effect. The client interface,
 * Forth and C call the same table.
 */
#ifndef OF_METHOD_H
#define OF_METHOD_H

#include "base/stack.h"
#include "dt/node.h"

struct instance;

struct method {
	const char *name;   /* Open Firmware's spelling: "read-blocks" */
	const char *effect; /* "( addr block# #blocks -- #read )": documentation AND arity check */
	/* 0 or an E_ error, which becomes the catch result. Arguments are on st, results go there. */
	int (*fn)(struct instance *in, struct stack *st, const struct method *self);
};

struct pkg_class {
	const char *device_type; /* NULL: the node keeps what it has */
	size_t state_size;       /* bytes of zeroed state per instance */
	int (*open)(struct instance *in);   /* NULL: opening always works */
	void (*close)(struct instance *in); /* NULL: nothing to do */
	const struct method *methods;       /* ends with a NULL name; may be NULL */
};

/* Give a node its class and the data its methods find at instance->data. Sets device_type. */
void of_bind(struct dt_node *node, const struct pkg_class *cls, void *data);
/* The class of a node, NULL if it has none. */
const struct pkg_class *of_class(const struct dt_node *node);

/* A node's method by name (n bytes), or NULL. */
const struct method *method_find(const struct dt_node *node, const char *name, size_t n);
/*
 * Call it: checks that the cells it takes are there and that there is room for what it leaves; after
 * a failure the stack is as before the call less the arguments. in may be NULL for a method called
 * statically. E_DEPTH when the arity is wrong, else the method's own result.
 */
int method_call(const struct method *m, struct instance *in, struct stack *st) MUST_CHECK;

#endif
