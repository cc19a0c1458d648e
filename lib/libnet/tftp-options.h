/* SPDX-License-Identifier: BSD-2-Clause */
/* TFTP's read request and the options in it (RFC 1350, 2347-2349, 7440), as bytes: nothing is sent here. */
#ifndef NET_TFTP_OPTIONS_H
#define NET_TFTP_OPTIONS_H

#include "base/compiler.h"
#include "base/strbuf.h"

#define TFTP_BLOCK_PLAIN 512u /* without options */
#define TFTP_BLOCK_MIN   8u
#define TFTP_BLOCK_MAX   65464u

/* What is asked for, or agreed. */
struct tftp_terms {
	uint32_t block_bytes;
	uint32_t window; /* blocks per acknowledgement */
	uint64_t size;   /* of the file; UINT64_MAX: not told */
};

/* The request for a file; ask is NULL when it is made without options. */
void tftp_put_request(struct strbuf *sb, const char *file, const struct tftp_terms *ask);
/*
 * A server's answer to it, without the operation code: names and values, each ended by NUL, each option at most once,
 * none that was not asked for or goes beyond that. false: it is not that; *agreed is then undefined.
 */
bool tftp_take_options(const char *at, size_t len, const struct tftp_terms *ask,
		       struct tftp_terms *agreed) MUST_CHECK;

#endif
