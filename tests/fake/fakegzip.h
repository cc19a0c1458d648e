/* SPDX-License-Identifier: BSD-2-Clause */
/* gzip'd files, made the simplest way: nothing in them is compressed. */
#ifndef FAKEGZIP_H
#define FAKEGZIP_H

#include "base/compiler.h"

/* RFC 1952's checksum, a bit at a time. */
uint32_t fakegzip_crc(const uint8_t *data, size_t len);
/* How long a file of len bytes becomes. */
size_t fakegzip_size(size_t len);
/* Make it; returns its length. */
size_t fakegzip(const uint8_t *data, size_t len, uint8_t *out);

#endif
