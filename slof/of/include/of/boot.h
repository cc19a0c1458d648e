/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What to boot, in which order, and starting it. A candidate is a device path with arguments. Each is
 * tried once: open, call its load method, look at what came (ELF, Forth script), run it. What
 * fails is told in one line with its reason, and the next one is tried.
 */
#ifndef OF_BOOT_H
#define OF_BOOT_H

#include "base/compiler.h"

/*
 * The word boot: device may be NULL or "" for the usual order; args NULL: boot-file. Returns when all
 * candidates failed or came back (E_NOENT), when the list ended in HALT (E_PERM), or after ESC/Ctrl-C
 * (E_ABORT).
 */
int of_boot(const char *device, const char *args) MUST_CHECK;
/* load: the same without running it; go: run what was loaded (E_NOENT: nothing is). */
int of_load(const char *device, const char *args) MUST_CHECK;
int of_go(void) MUST_CHECK;
bool of_is_loaded(void);

/*
 * For load methods ( addr -- size ): how many bytes may be written from addr on. While an image is
 * being loaded that is what is left of the region claimed for it, else what a client may hand us; 0 if
 * nothing. A method that has more to bring says so and fails; it never writes further.
 */
uint64_t of_load_room(uint64_t addr);

/*
 * The client's service boot: bootspec ("device bootargs") becomes boot-command for the next start, once.
 * The caller resets the machine. E_NOSPC or E_IO: NVRAM does not hold it.
 */
int of_boot_request(const char *bootspec) MUST_CHECK;

/* The candidates in order, as of_boot() without device would try them: the text stays until the next call. */
struct boot_candidate {
	const char *path;   /* alias-expanded, with arguments */
	const char *origin; /* "boot list", "boot-device", "disk", ... */
};
/* Start with *at = 0; false when there are no more. *halt (may be NULL): nothing else may be tried. */
bool of_boot_next(unsigned *at, struct boot_candidate *c, bool *halt);

/*
 * The boot menu: lists the candidates, asks, tries the one chosen. True: the usual order is wanted
 * (ESC, nobody there, nothing to choose from, or the choice failed or came back); false: a person takes
 * over ('0', Ctrl-C).
 */
bool of_boot_menu(void);

/*
 * The automatic start: keys pressed so far, boot menu, -kernel image, then boot-command if auto-boot?.
 * Returns when a person should take over.
 */
void of_boot_automatic(void);

#endif
