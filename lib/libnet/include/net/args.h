/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The argument string of network booting (IEEE 1275 obp-tftp, as SLOF extended it), a pure function:
 *
 *     [bootp|dhcp|ipv6|ipv4,]siaddr,filename,ciaddr,giaddr,bootp-retries,tftp-retries
 *
 * All parts may be empty or missing. A URL may stand in the place of siaddr or of the file name; what would
 * be commas in it are %2C. '\' in a file name means '/'. ciaddr may carry a prefix length ("10.0.0.5/24"). ciaddr
 * and giaddr may be IPv6.
 */
#ifndef NET_ARGS_H
#define NET_ARGS_H

#include "net/config.h"

struct net_args {
	struct net_wish wish;  /* STATIC: server, file and our address were all given */
	char server[256];      /* an address or a name; "" if not given */
	char file[1024];       /* a path or a URL; "" if not given */
	unsigned tftp_retries; /* 0: not given */
};

/* E_FORMAT: an address, a number or a character that cannot be. E_NOSPC: a part is too long. */
int net_args_parse(const char *text, struct net_args *out) MUST_CHECK;

#endif
