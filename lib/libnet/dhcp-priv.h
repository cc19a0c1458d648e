/* SPDX-License-Identifier: BSD-2-Clause */
/* What the readers of DHCP messages share: the fields of BOOTP's packet, and text as it is taken from options. */
#ifndef NET_DHCP_PRIV_H
#define NET_DHCP_PRIV_H

#include "net/dhcp.h"

#define BOOTP_SNAME       44u
#define BOOTP_SNAME_BYTES 64u
#define BOOTP_FILE        108u
#define BOOTP_FILE_BYTES  128u
#define BOOTP_COOKIE      236u
#define BOOTP_OPTIONS     240u
#define BOOTP_MAGIC       0x63825363u
/* "PowerPC Open Firmware" of the processor architecture types (RFC 4578) */
#define DHCP_ARCH_PPC_OF  12u
#define DHCP4_OVERLOAD    52u /* options stand in these fields as well */

/* Bytes up to a NUL, more of a text that is being put together. *len: of the text so far, also beyond room. */
void dhcp_add_text(char *out, size_t room, size_t *len, const uint8_t *bytes, size_t n);
/* Text of len bytes is complete: keep it only if it is whole and harmless. */
void dhcp_end_text(char *out, size_t room, size_t len);

#endif
