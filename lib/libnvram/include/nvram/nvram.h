/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * NVRAM contents: CHRP partitions (CHRP 8.3.1). A header of 16 bytes: signature, checksum, length in
 * 16-byte units (big endian, header included), name of up to 12 characters. Contents are hostile:
 * everything is bounded by the image's size. All functions work on an image in memory; bringing what
 * changed back to the device is the caller's.
 */
#ifndef NVRAM_NVRAM_H
#define NVRAM_NVRAM_H

#include "base/compiler.h"

#define NVRAM_SIG_LOG       0x51 /* firmware's own */
#define NVRAM_SIG_VARIABLES 0x70 /* "common", or "system" as QEMU's -prom-env makes it */
#define NVRAM_SIG_FREE      0x7f

#define NVRAM_LEAST (8u * 1024) /* what nvram_format() and nvram_repair() need */
#define NVRAM_MOST  (1024u * 1024)

struct nvram_part {
	uint8_t signature;
	uint32_t offset; /* of the body, from the image's start */
	uint32_t len;    /* of the body */
	char name[13];
};

/* Bytes of the image that were changed: [offset, offset+len). */
struct nvram_range {
	uint32_t offset, len;
};

struct nvram_variable {
	const char *name; /* both point into the image and have no terminator */
	size_t name_len;
	const char *value;
	size_t len;
};

/* ---- partitions: part.c ------------------------------------------------------------------- */

/*
 * The partition behind *at, which starts as 0 and is moved on. E_NOENT at the end, E_FORMAT when a
 * header's checksum or length is wrong: nothing behind it can be trusted.
 */
int nvram_next(const uint8_t *image, uint32_t size, uint32_t *at,
	       struct nvram_part *part) MUST_CHECK;

/* The first partition for variables, signature 0x70, that has a body. E_NOENT, E_FORMAT. */
int nvram_find(const uint8_t *image, uint32_t size, struct nvram_part *part) MUST_CHECK;

/* ---- variables: vars.c -------------------------------------------------------------------- */

/*
 * The variable of the partition at body offset *at, which starts as 0 and is moved on. "name=value"
 * strings, each ended by NUL, the list by an empty one or by the partition's end; strings that are
 * not of that shape are passed over. false at the end.
 */
bool nvram_next_var(const uint8_t *image, const struct nvram_part *part, uint32_t *at,
		    struct nvram_variable *var);

/*
 * A variable's value: the first of that name. *value points into the image and is not terminated
 * beyond len. E_NOENT, E_FORMAT.
 */
int nvram_var(const uint8_t *image, uint32_t size, const char *name, const char **value,
	      size_t *len) MUST_CHECK;

/*
 * Set a variable, in its place or behind the last. E_INVAL for an empty name, one with '=', or a
 * value with NUL; E_NOSPC when it does not fit, and nothing is changed; nvram_find()'s errors.
 */
int nvram_set(uint8_t *image, uint32_t size, const char *name, const char *value, size_t len,
	      struct nvram_range *changed) MUST_CHECK;
/* Remove all variables of that name. E_NOENT when there is none; nvram_find()'s errors. */
int nvram_delete(uint8_t *image, uint32_t size, const char *name,
		 struct nvram_range *changed) MUST_CHECK;

/* ---- making and mending: format.c --------------------------------------------------------- */

/*
 * Everything anew: logs "ibm,CPU0log" and "ibm,CPU1log", an empty "common", the rest free. Sizes as
 * SLOF has them; below 16 KiB the logs are a quarter of that. size is at least NVRAM_LEAST and at most
 * NVRAM_MOST.
 */
void nvram_format(uint8_t *image, uint32_t size);

enum nvram_state {
	NVRAM_SOUND,  /* nothing had to be done */
	NVRAM_MENDED, /* there is a place for variables; what could not be understood is free now */
	NVRAM_FRESH,  /* was blank, all zeros or ones; formatted */
	NVRAM_REPLACED, /* was not blank, but nothing could be saved; formatted */
};
/*
 * Make the image usable: afterwards the chain of headers is complete and nvram_find() succeeds. What
 * stands before the first bad header is kept. Behind it a partition for variables is looked for, if
 * none came before; the bad stretch becomes free space. Only when there is no such partition at all,
 * everything is made anew.
 */
enum nvram_state nvram_repair(uint8_t *image, uint32_t size);

#endif
