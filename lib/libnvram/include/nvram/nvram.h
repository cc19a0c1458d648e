/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * NVRAM contents: CHRP partitions (CHRP 8.3.1). A header of 16 bytes: signature, checksum, length in
 * 16-byte units (big endian, header included), name of up to 12 characters. Contents are hostile:
 * everything is bounded by the image's size.
 */
#ifndef NVRAM_NVRAM_H
#define NVRAM_NVRAM_H

#include "base/compiler.h"

#define NVRAM_SIG_VARIABLES 0x70 /* "common", or "system" as QEMU's -prom-env makes it */
#define NVRAM_SIG_FREE      0x7f

struct nvram_part {
	uint8_t signature;
	uint32_t offset; /* of the body, from the image's start */
	uint32_t len;    /* of the body */
	char name[13];
};

/*
 * The partition behind *at, which starts as 0 and is moved on. E_NOENT at the end, E_FORMAT when a
 * header's checksum or length is wrong: nothing behind it can be trusted.
 */
int nvram_next(const uint8_t *image, uint32_t size, uint32_t *at,
	       struct nvram_part *part) MUST_CHECK;

/*
 * A variable's value in the first partition of signature 0x70: "name=value" strings, each ended by
 * NUL. *value points into the image and is not terminated beyond len. E_NOENT, E_FORMAT.
 */
int nvram_var(const uint8_t *image, uint32_t size, const char *name, const char **value,
	      size_t *len) MUST_CHECK;

#endif
