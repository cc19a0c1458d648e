/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The environment: configuration variables (IEEE 1275 7.4.4), kept in NVRAM, shown as text in
 * /options. A variable that is not in NVRAM, or has a bad value there, has its default. Variables we
 * do not know are kept and shown: they are somebody's. Without a device everything works, for as long
 * as the machine is not reset.
 */
#ifndef OF_ENV_H
#define OF_ENV_H

#include "dev/nvdev.h"
#include "dt/node.h"

#define ENV_NAME_MAX 63u /* as for properties, which they become */

enum env_type {
	ENV_STRING,
	ENV_INT,     /* decimal or 0x...; shown in decimal */
	ENV_FLAG,    /* "true", "false" */
	ENV_BYTES,   /* any bytes but NUL */
	ENV_SECMODE, /* 0, 1, 2 or none, command, full; shown as number */
};

/* What its values have to be, for people. */
const char *env_rule(enum env_type type);

struct env_var {
	const char *name;
	enum env_type type;
	const char *value; /* as text */
	const char *def;   /* the default as text; NULL for a variable we do not know */
};

/* All variables have their defaults, and there is no device. */
void env_reset(void);
/*
 * Read the device, after making its contents usable if they are not, and make /options, which needs
 * a tree. nv NULL: no device. What cannot be used is said in the log.
 */
void env_init(struct nvdev *nv);
/* A copy of the device's contents, which the caller frees. E_NOENT without a device, E_NOMEM, E_IO. */
int env_read_nvram(uint8_t **image, uint32_t *size) MUST_CHECK;
/*
 * The package of the NVRAM device: read, write, seek, size, and a selftest that reads all and follows the
 * chain of partitions.
 */
void of_bind_nvram(struct dt_node *node, struct nvdev *nv);
/* Make /options and those of its properties that are missing. */
void env_mirror(void);
/* Is this the node whose properties are variables? */
bool env_is_node(const struct dt_node *node);

/*
 * The value; false, 0 or NULL if there is no such variable or it is of another type. The text of
 * any variable; it stays until the variable is changed.
 */
bool env_get_flag(const char *name);
uint64_t env_get_int(const char *name);
const char *env_get_str(const char *name);

/* All variables, the known ones first: start with *at = 0; false when there are no more. */
bool env_next(unsigned *at, struct env_var *var);

/*
 * Set a variable to len bytes of text, here, in /options and in NVRAM. An unknown one is made.
 * E_INVAL for a value its type does not allow or a name no property can have, E_NOSPC when NVRAM is full,
 * E_NOMEM: nothing is changed here (in NVRAM perhaps, if memory ran out at the very end). E_IO: the device
 * failed; the value holds until the next reset.
 */
int env_set(const char *name, const char *value, size_t len) MUST_CHECK;
/* The default again, and gone from NVRAM; an unknown variable vanishes. E_NOENT, E_IO. */
int env_set_default(const char *name) MUST_CHECK;
/* The same for all we know but security-* (IEEE 1275 7.4.4.2). The first failure, if any. */
int env_set_defaults(void) MUST_CHECK;

#endif
