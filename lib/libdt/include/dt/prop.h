/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Properties: named byte strings, numbers big endian. "name" is synthesised from the node's name
 * at import and creation, so that clients find it (IEEE 1275 3.2.2.1.1): what stands before '@', and
 * "/" for the root, as SLOF has it.
 */
#ifndef DT_PROP_H
#define DT_PROP_H

#include "dt/node.h"

struct dt_prop *dt_prop_find(const struct dt_node *node, const char *name);

/*
 * Set a property, made if absent; an existing one keeps its place in the order. data is copied and
 * may be NULL when len is 0; it may point into the old value. The origin becomes what is given. Panics when memory runs out: for
 * sizes the machine bounds.
 */
struct dt_prop *dt_prop_set_from(struct dt_node *node, const char *name, const void *data,
				 size_t len, enum dt_origin origin);
/* The same as firmware. */
struct dt_prop *dt_prop_set(struct dt_node *node, const char *name, const void *data, size_t len);
/* The same for sizes a client chose: 0 or E_NOMEM, nothing changed on failure. */
int dt_prop_try_set(struct dt_node *node, const char *name, const void *data,
		    size_t len) MUST_CHECK;
void dt_prop_set_u32(struct dt_node *node, const char *name, uint32_t value);
void dt_prop_set_u64(struct dt_node *node, const char *name, uint64_t value);
void dt_prop_set_str(struct dt_node *node, const char *name, const char *text);
void dt_prop_set_flag(struct dt_node *node, const char *name);
/* For who knows that the node has no such property: in a node of thousands, finding that out is what takes time. */
struct dt_prop *dt_prop_add_str(struct dt_node *node, const char *name, const char *text);
/* Hand over a buffer from xalloc()/try_alloc(), which the property then owns; NULL if len is 0. */
struct dt_prop *dt_prop_adopt(struct dt_node *node, const char *name, void *data, size_t len);
void dt_prop_delete(struct dt_node *node, const char *name);

/* Read. 0, E_NOENT, or E_FORMAT when the length does not fit. */
int dt_prop_get_u32(const struct dt_node *node, const char *name, uint32_t *out) MUST_CHECK;
int dt_prop_get_u64(const struct dt_node *node, const char *name, uint64_t *out) MUST_CHECK;
/* The text of a property that is one NUL-terminated string; NULL if absent or not that. */
const char *dt_prop_get_str(const struct dt_node *node, const char *name);
/* As get_u32, with a value for when it is absent or malformed. */
uint32_t dt_prop_u32_or(const struct dt_node *node, const char *name, uint32_t otherwise);
/* Does a string list (compatible, device_type) contain this string? */
bool dt_prop_lists(const struct dt_node *node, const char *name, const char *text);

#endif
