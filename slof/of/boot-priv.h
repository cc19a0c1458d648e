/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of boot selection share: the list of candidates, the loader, and what it brought. */
#ifndef OF_BOOT_PRIV_H
#define OF_BOOT_PRIV_H

#include "of/boot.h"
#include "of/instance.h"
#include "of/machine.h"

/* ---- boot-path.c ---------------------------------------------------------------------------- */

/*
 * The path of a device as the tree has it, with arguments: a heap string, or NULL if no node fits.
 * Takes what QEMU writes into its boot list: upper-case digits, a bridge without its function, children
 * nobody has looked for yet, namespaces whose controller is not named.
 */
char *boot_path_resolve(const char *path) MUST_CHECK;

/* Both texts in one heap string; NULL: no memory. */
char *boot_concat(const char *a, const char *b) MUST_CHECK;

/* ---- boot-list.c ---------------------------------------------------------------------------- */

struct boot_entry {
	char *path;
	char *origin;
};

/* Grows as it is walked: a later source is looked at only when the earlier ones are used up. */
struct boot_list {
	struct boot_entry *entry;
	unsigned n, room;
	unsigned stage; /* the next source */
	bool halt;      /* the host allows nothing else */
	char *given;    /* by a person, instead of the host's list; owned */
};

/* device: what a person asked for, NULL for the usual order. */
void boot_list_init(struct boot_list *list, const char *device);
void boot_list_free(struct boot_list *list);
/* The candidate i, or NULL: there are no more. */
const struct boot_entry *boot_list_get(struct boot_list *list, unsigned i);

/* ---- loader.c ------------------------------------------------------------------------------- */

/* What went wrong, as users know it: "E3405: No such device (...)". */
struct load_failure {
	unsigned code; /* 3405 */
	char why[200];
};

/*
 * Have an open instance bring its image and make it ready to run; what was ready before is dropped. 0,
 * or an E_ error with *f.
 */
int loader_load(struct instance *in, struct load_failure *f) MUST_CHECK;
/* Run it, once. E_NOENT: nothing is ready; else what running it gave. Its memory is free afterwards. */
int loader_run(void) MUST_CHECK;
/*
 * For load methods that bring an initrd with their program: its size bytes lie at addr, a page's beginning, in the room
 * behind the program. They are moved to the end of the room, which is that much smaller then, and /chosen
 * tells until the program is gone. E_PERM: nothing is being loaded, or there is one; E_RANGE.
 */
int loader_keep_initrd(uint64_t addr, uint64_t size) MUST_CHECK;
/* Forget what is ready to run. */
void loader_drop(void);
/* After a fault of our own: what was being loaded never will be. */
void loader_abandon(void);

/* ---- boot-memory.c -------------------------------------------------------------------------- */

/* Stretches that clients own, in ascending order. All zero: none. */
struct memory_mark {
	uint64_t *range; /* pairs: start, size */
	unsigned n;      /* pairs */
};
/* Note what they own now, but for what is in without; the mark is given back by one of the other three. E_NOMEM. */
int memory_note(const struct memory_mark *without, struct memory_mark *mark) MUST_CHECK;
void memory_forget(struct memory_mark *mark);
/* Free what is in it; what is not owned so any more stays as it is. */
void memory_release(struct memory_mark *mark);
/* Free what clients own now and it does not have. */
void memory_release_since(struct memory_mark *mark);

/* ---- boot-run.c ----------------------------------------------------------------------------- */

/*
 * Run a program that is in place; own: its memory, or nothing noted; it is given back, with all that the program claimed.
 * 0 when it came back, or what the platform says, which was told.
 */
int boot_run(const struct client_image *image, struct memory_mark *own) MUST_CHECK;

/* ---- boot.c, boot-start.c ------------------------------------------------------------------- */

/* Is what is being tried one of many, that nobody asked for by name? Then nobody waits for it for long. */
bool boot_is_automatic(void);
/* One device and no other, with boot-file's arguments: the menu's choice. */
int boot_only(const char *path) MUST_CHECK;
void boot_set_chosen(const char *path, const char *args);

/* The value of a variable, or that of its diag- twin while diag-switch? is true and it has one. */
const char *boot_variable(const char *name, const char *diag_name);

/* ---- menu.c --------------------------------------------------------------------------------- */

/* Is the F12 sequence what was typed first? Then it, and its repetitions, are taken. */
bool menu_key(void);

#endif
