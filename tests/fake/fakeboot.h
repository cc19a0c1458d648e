/* SPDX-License-Identifier: BSD-2-Clause */
/* Devices whose load method gives what the test put there, and a machine to try them on. */
#ifndef FAKEBOOT_H
#define FAKEBOOT_H

#include "of/boot.h"
#include "of/instance.h"

/* What one device has to load. */
struct fakeboot {
	const void *bytes;
	size_t len;
	int open_error, load_error;
	uint64_t result; /* what load returns instead of len, if not 0 */
	uint64_t initrd,
		initrd_off; /* bytes it brings on a page behind the file; how far it lies about where */
	int initrd_result;
	unsigned opens, loads;
	uint64_t addr,
		room;  /* where the last load was told to write, and how much of_load_room() said */
	char args[64]; /* of the last open */
};

/* fakeplatform_start(FAKE_COMPLETE), and the console forgotten. */
void fakeboot_start(void);
void fakeboot_stop(void);
/* A device at an absolute path; nodes on the way are made. alias: of which family, or NULL. */
struct dt_node *fakeboot_device(const char *path, const char *alias, struct fakeboot *device);
/* What the console got; counts non-overlapping occurrences. */
unsigned fakeboot_said(const char *text);
/* /chosen's property as text. */
void fakeboot_chosen(const char *name, const char *text);

#endif
