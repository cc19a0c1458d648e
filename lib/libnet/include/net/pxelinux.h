/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pxelinux configuration files: which names they have on a server, what is in them, and what one of their
 * entries means. Pure functions over text; fetching and asking is the caller's.
 */
#ifndef NET_PXELINUX_H
#define NET_PXELINUX_H

#include "net/fetch.h"

#define PXELINUX_FILE_MAX 0x40000u /* bytes of one file; more is no configuration */

struct pxelinux_entry {
	struct pxelinux_entry *next;             /* in the order of the file */
	char *label, *title;                     /* title NULL: the label is shown */
	char *kernel, *initrd, *append, *config; /* NULL: not given */
	int sysappend;                           /* -1: not given */
	bool localboot, hidden;
};

struct pxelinux {
	struct pxelinux_entry *entries, **last, *newest;
	struct pxelinux_entry common; /* what is said before the first label */
	char *default_line, *timeout_line, *title, *menu_default;
	bool prompt, menu;             /* ask at a prompt; by a list of titles */
	uint32_t timeout_ds, total_ds; /* tenths of a second, 0: wait for ever */
	/*
	 * Called for every file to be included: gets it and calls pxelinux_parse() with the text. E_NOENT
	 * lets the rest be read. NULL: includes are passed over.
	 */
	int (*include)(struct pxelinux *cfg, const char *file);
	void *ctx; /* the caller's */
	/* While it is read. */
	unsigned depth, files, submenus;
	bool in_help;
	size_t bytes;
};

void pxelinux_init(struct pxelinux *cfg);
void pxelinux_free(struct pxelinux *cfg);
/*
 * Add what a file says. What is not known is passed over. E_DEPTH: includes within includes, or too many
 * of them; E_NOSPC: too much text; E_NOMEM; what include returns. After a failure only pxelinux_free() is left.
 */
int pxelinux_parse(struct pxelinux *cfg, const char *text, size_t len) MUST_CHECK;

/* ---- which file --------------------------------------------------------------------------- */

struct pxelinux_host {
	const uint8_t *uuid; /* 16 bytes, NULL: unknown */
	const uint8_t *mac;
	uint32_t ip, server, gateway, netmask; /* IPv4 as integers, 0: none */
};
/* The name to be tried as number n, from 0 on: by UUID, MAC, IPv4 address, "default". false: no more. */
bool pxelinux_name(const struct pxelinux_host *host, unsigned n, char *out, size_t room) MUST_CHECK;
/*
 * A file a configuration names: relative to base, "/" from the server's root, "::file" the same by TFTP,
 * "server::file", or a URL. Errors of net_url_parse().
 */
int pxelinux_url(const struct net_url *base, const char *file, struct net_url *out) MUST_CHECK;

/* ---- which entry -------------------------------------------------------------------------- */

/* Can it be chosen from a list? */
bool pxelinux_is_choice(const struct pxelinux_entry *e);
/* The line that is obeyed when nobody says anything; NULL: there is nothing to boot. */
const char *pxelinux_default(const struct pxelinux *cfg);

struct pxelinux_boot {
	char *kernel;   /* or NULL: see the next two */
	char *config;   /* another configuration comes in the place of this one */
	bool localboot; /* the next device's turn */
	char *args;     /* never NULL */
	char *initrd;   /* files with commas between them; NULL: none */
};
/*
 * What a typed line, or the default, means: a label or a kernel, and arguments. All text is the caller's to
 * free by pxelinux_boot_free(). E_NOENT: a label with nothing to boot; E_NOMEM.
 */
int pxelinux_choose(const struct pxelinux *cfg, const char *line, const struct pxelinux_host *host,
		    struct pxelinux_boot *out) MUST_CHECK;
void pxelinux_boot_free(struct pxelinux_boot *b);
/* The next file of a list; *list moves behind it. false: no more. Too long ones are passed over. */
bool pxelinux_next_file(const char **list, char *out, size_t room) MUST_CHECK;

#endif
