/* SPDX-License-Identifier: BSD-2-Clause */
/* Files as gzip makes them (RFC 1952), from memory to memory. */
#ifndef GUNZIP_GUNZIP_H
#define GUNZIP_GUNZIP_H

#include "base/compiler.h"

/* Does it begin as such a file does? Nothing more is looked at. */
bool gunzip_is_packed(const uint8_t *file, uint64_t size);

/*
 * Unpack a file's first member into out, which has room bytes and does not overlap the file; what follows it is
 * not looked at. Checksum and length are compared. On success *out_size bytes were made; on failure out's contents
 * mean nothing. E_FORMAT: damaged, not what RFC 1951 and 1952 say, or more than 32 MiB from less than a 64th of them,
 * which would take long and come to nothing; E_NOSPC: room does not suffice; E_NOMEM.
 * *why: a few words, of the failure.
 */
int gunzip(const uint8_t *file, uint64_t size, uint8_t *out, uint64_t room, uint64_t *out_size,
	   const char **why) MUST_CHECK;

#endif
