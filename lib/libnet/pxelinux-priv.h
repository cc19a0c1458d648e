/* SPDX-License-Identifier: BSD-2-Clause */
/* What the readers of pxelinux configurations share: parts of lines. */
#ifndef NET_PXELINUX_PRIV_H
#define NET_PXELINUX_PRIV_H

#include "base/strbuf.h"
#include "net/pxelinux.h"

/* Part of a line. */
struct pxe_text {
	const char *at;
	size_t len;
};

/* Without blanks at its ends. */
struct pxe_text pxe_trim(struct pxe_text t);
/* The first word; *rest is what follows it. */
struct pxe_text pxe_take_word(struct pxe_text *rest);
/* Is it this word, in whatever case? word is in small letters. */
bool pxe_is_word(struct pxe_text t, const char *word);
/* A decimal or 0x number, as far as it goes; at most max. */
uint32_t pxe_number(struct pxe_text t, uint32_t max);
/* Characters that would move the cursor of who reads it are not kept. NULL: no memory. */
char *pxe_copy(struct pxe_text t);
/* A text in the place of an earlier one. E_NOMEM. */
int pxe_keep(char **to, struct pxe_text t) MUST_CHECK;

void pxe_print_uuid(struct strbuf *sb, const uint8_t *uuid);
void pxe_print_mac(struct strbuf *sb, const uint8_t *mac);

#endif
