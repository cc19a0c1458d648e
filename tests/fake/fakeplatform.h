/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A board for tests: a small pseries tree, a console device that keeps what it is sent and gives what
 * it was fed, and a record of what the platform was asked to do.
 */
#ifndef FAKEPLATFORM_H
#define FAKEPLATFORM_H

#include "of/instance.h"
#include "of/machine.h"

struct fakeplatform {
	unsigned reboots, power_offs, exits, quiesces, chains;
	struct {
		uint32_t server;
		uint64_t entry, r3;
		int result; /* what start_cpu is to return */
	} cpu;
	struct {
		uint64_t entry, args, len;
	} chain;
	struct {
		unsigned count;
		struct client_image image; /* the last one's; args is not kept */
		char args[128];
		void (*act)(void); /* what the client does; may be NULL */
		int result;
	} run;
	struct {
		unsigned count;
		uint64_t func, array;        /* the last call's */
		void (*act)(uint64_t array); /* what the routine does; may be NULL */
		int result;
		int32_t rc;
	} callback;
	bool gone;
};
extern struct fakeplatform fakeplatform;

struct fakecon {
	struct condev dev;
	char sent[4096];
	size_t sent_len;
	const char *input; /* NUL: nothing waits */
};
extern struct fakecon fakecon;

/*
 * RAM (fakeram_init), of_init(), and a tree: /cpus with two CPUs, two memory nodes (the first 32 MiB and
 * the rest), /vdevice with vty@71000000 (bound to fakecon) and a node nobody drives, /chosen with
 * bootargs and a stdout-path, /pci@800000020000000 with nested children. Standard nodes and the open
 * console, if wanted.
 */
enum fakeplatform_extent { FAKE_TREE_ONLY, FAKE_COMPLETE };
void fakeplatform_start(enum fakeplatform_extent extent);
/* Free everything. */
void fakeplatform_stop(void);

#endif
