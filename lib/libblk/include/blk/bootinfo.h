/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The CHRP boot description, \ppc\bootinfo.txt (CHRP system binding to IEEE 1275, section 11.1): a few
 * elements in a simple mark-up, of which the boot script is what matters.
 */
#ifndef BLK_BOOTINFO_H
#define BLK_BOOTINFO_H

#include "base/compiler.h"

#define BOOTINFO_MAX (64u << 10) /* bytes of such a file, and of what becomes of it */

/* What &device; and the others stand for. */
struct bootinfo_names {
	const char *device;    /* "/pci@800000020000000/scsi@1" */
	const char *partition; /* "2", or "" for the whole disk */
	const char *directory; /* "\ppc\" */
	const char *filename;  /* "bootinfo.txt" */
};

struct bootinfo {
	char *description; /* texts are NULL if absent */
	char *os_name;
	char *boot_args; /* <bootargs>, an extension */
	char *script;
};

/*
 * Take a file apart; entities are replaced in all texts. E_FORMAT: no <chrp-boot> or no boot script in it;
 * E_NOSPC: larger than BOOTINFO_MAX; E_NOMEM. Unknown elements and entities are left alone.
 */
int bootinfo_parse(const char *text, size_t len, const struct bootinfo_names *names,
		   struct bootinfo *out) MUST_CHECK;
void bootinfo_free(struct bootinfo *info);

/*
 * Is the script "boot PATH [ARGUMENTS]" and nothing else? Then the two, as heap texts the caller frees
 * (*args NULL: none). E_UNSUPP: it is more than that; E_NOMEM.
 */
int bootinfo_simple(const char *script, char **path, char **args) MUST_CHECK;

#endif
