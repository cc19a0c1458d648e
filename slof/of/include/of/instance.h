/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instances: open packages. An ihandle is a number from a table, with a generation in its upper
 * bits, so that the handle of a closed instance stays an error for a long time; it is never an
 * address. Opening a path opens every package on it from the root down and links them as parents.
 */
#ifndef OF_INSTANCE_H
#define OF_INSTANCE_H

#include "of/method.h"

struct instance {
	uint32_t ihandle;     /* never 0 */
	struct dt_node *node; /* NULL once the node was deleted from under it */
	struct instance
		*parent; /* the instance of the parent package in the chain; NULL at the root */
	const struct pkg_class *cls;
	char *args;      /* text behind ':', "" if none; owned */
	void *state;     /* state_size bytes of the class; owned */
	void *data;      /* what of_bind() was given */
	bool interposed; /* put in by the open of the package below it, not named by the path */
	bool opening;    /* its open runs */
	struct interposition *wish; /* by that: what to open above it */
	bool inner; /* a parent of another instance: goes when that is closed, not by itself */
};

/*
 * The node a path or alias means, as clients and people see the tree: children that are made lazily (SCSI
 * disks) are made if the path leads there. NULL if there is none.
 */
struct dt_node *of_find_node(const char *path);

/*
 * Open a path or alias. On success *in is the last package's instance. E_NOENT; E_UNSUPP for a node
 * without a class (nodes on the way need none); E_NOMEM; or open's error.
 */
int instance_open(const char *path, struct instance **in) MUST_CHECK;
/*
 * Open one package with arguments above an instance that is open already (NULL: none), which stays its
 * opener's; when that is closed first, this one goes on without a parent. instance_close_one() closes it.
 */
int instance_open_on(struct dt_node *node, const char *args, struct instance *parent,
		     struct instance **in) MUST_CHECK;
void instance_close_one(struct instance *in);
/*
 * The same for a package that is being made (new-device, FCode in a ROM): no class is needed and no open is run,
 * and methods in C must not be called on it. E_NOMEM.
 */
int instance_make_on(struct dt_node *node, const char *args, struct instance *parent,
		     struct instance **in) MUST_CHECK;
/*
 * For an open that is running: when it has worked, open this package above its instance; it is then the parent of what
 * follows on the path. The last wish counts; without a path (instance_open_on()), the open fails. E_INVAL if no open
 * is running; E_NOMEM.
 */
int instance_interpose(struct instance *in, const struct dt_node *node,
		       const char *args) MUST_CHECK;
/* The package of an instance as the path named it: the nearest one below that is not interposed. NULL: gone. */
struct dt_node *instance_package(const struct instance *in);
/* Close an instance and the chain of parents opened with it. It must not be an inner one. */
void instance_close(struct instance *in);
/* The instance of a handle, or NULL: zero, foreign and stale handles. O(1). */
struct instance *instance_find(uint32_t ihandle);
/* How many are open. */
unsigned instance_count(void);
/*
 * A node and all below it are about to go: their instances are closed as far as the class is
 * concerned and lose class, node and data; the handles stay until the opener closes them. What
 * of_bind() and of_add_method() hung on the nodes is freed.
 */
void instance_forget_node(struct dt_node *node);

/*
 * The path an instance was opened by: "/vdevice/vty@71000000:args". Returns the true length without
 * NUL, writes at most room bytes, NUL included. 0 if a node of the chain is gone.
 */
size_t instance_path(const struct instance *in, bool with_interposed, char *buf, size_t room);

/* Find by name and call. E_NOENT if there is no such method, E_STALE if the node is gone. */
int instance_call(struct instance *in, const char *method, struct stack *st) MUST_CHECK;

#endif
