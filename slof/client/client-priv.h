/* SPDX-License-Identifier: BSD-2-Clause */
/* One decoded call, and the services that the table in client.c names. */
#ifndef CLIENT_PRIV_H
#define CLIENT_PRIV_H

#include "client/client.h"
#include "of/instance.h"

#define CLIENT_STRING_MAX 4096u /* bytes of a path or name, NUL included */

/* An argument as its row in the table describes it. */
union client_arg {
	struct dt_node *node;
	struct instance *in;
	const char *text;
	void *buf;
	uint64_t n;
};

struct client_call {
	unsigned nargs, nrets;
	uint32_t cell[CLIENT_CELLS];        /* the arguments as they came */
	union client_arg arg[CLIENT_CELLS]; /* decoded: as many as the row describes */
	/*
	 * Results as the service leaves them; the low 32 bits go to the client. Preset: [0] to the row's
	 * failure value, the others to 0.
	 */
	int64_t ret[CLIENT_CELLS];
};

typedef void client_service(struct client_call *c);

/* A client's string of less than max bytes, or NULL. */
const char *client_string(uint64_t addr, size_t max);
/*
 * Text for a buffer of the client's: as much of it as there is room for, and a NUL if there is room
 * for that. Returns the text's true length, or -1 if the bytes to be written are not the client's.
 */
int64_t client_give(const char *text, size_t len, uint64_t buf, uint64_t room);

/* Is there a service of that name? (client.c) */
bool client_has_service(const char *name);

/* ci-tree.c */
client_service ci_peer, ci_child, ci_parent, ci_finddevice, ci_getproplen, ci_getprop, ci_nextprop,
	ci_setprop, ci_canon, ci_package_to_path;
/* ci-device.c */
client_service ci_open, ci_close, ci_read, ci_write, ci_seek, ci_call_method, ci_test_method,
	ci_instance_to_package, ci_instance_to_path, ci_instance_to_interposed_path;
/* ci-memory.c */
client_service ci_claim, ci_release;
/* ci-control.c */
client_service ci_test, ci_boot, ci_enter, ci_exit, ci_chain, ci_interpret, ci_set_callback,
	ci_milliseconds, ci_quiesce, ci_start_cpu;

#endif
