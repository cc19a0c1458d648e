/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Properties: a list per node in the order of making. A property is one block with its name behind
 * it; the value is a block of its own, so that a builder's buffer can become a value without a copy.
 * Every way of setting first gets the memory, then changes the node.
 */
#include "dt/prop.h"

#include "base/bytes.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/panic.h"
#include "dt-priv.h"

#include <string.h>

struct dt_prop *dt_prop_find(const struct dt_node *node, const char *name)
{
	struct dt_prop *prop = node->props;

	/* the first character tells most names apart without a call */
	while (prop && (prop->name[0] != name[0] || strcmp(prop->name, name) != 0))
		prop = prop->next;
	return prop;
}

/* ---- making ---- */

void dt_prop_link(struct dt_node *node, struct dt_prop *prop)
{
	prop->next = NULL;
	if (node->last_prop)
		node->last_prop->next = prop;
	else
		node->props = prop;
	node->last_prop = prop;
	node->changes++;
}

struct dt_prop *dt_prop_append(struct dt_node *node, const char *name, void *data, size_t len,
			       enum dt_origin origin)
{
	size_t name_size = strlen(name) + 1;
	struct dt_prop *prop = try_alloc(sizeof(*prop) + name_size);
	char *copy;

	if (!prop)
		return NULL;
	copy = (char *)(prop + 1);
	memcpy(copy, name, name_size);
	prop->name = copy;
	prop->data = data;
	prop->len = (uint32_t)len;
	prop->origin = origin;
	dt_prop_link(node, prop);
	return prop;
}

void dt_prop_free(struct dt_prop *prop)
{
	heap_free(prop->data);
	heap_free(prop);
}

/* Set a property to a block that becomes its own. NULL: no memory, and nothing has changed. */
static struct dt_prop *give(struct dt_node *node, const char *name, void *data, size_t len,
			    enum dt_origin origin)
{
	struct dt_prop *prop = dt_prop_find(node, name);

	if (!prop)
		return dt_prop_append(node, name, data, len, origin);
	heap_free(prop->data);
	prop->data = data;
	prop->len = (uint32_t)len;
	prop->origin = origin;
	node->changes++;
	return prop;
}

static struct dt_prop *try_set_from(struct dt_node *node, const char *name, const void *data,
				    size_t len, enum dt_origin origin)
{
	uint8_t *copy = len <= UINT32_MAX ? try_alloc(len) : NULL;
	struct dt_prop *prop;

	if (!copy)
		return NULL;
	if (len > 0)
		memcpy(copy, data, len);
	prop = give(node, name, copy, len, origin);
	if (!prop)
		heap_free(copy);
	return prop;
}

struct dt_prop *dt_prop_set_from(struct dt_node *node, const char *name, const void *data,
				 size_t len, enum dt_origin origin)
{
	struct dt_prop *prop = try_set_from(node, name, data, len, origin);

	if (!prop)
		panic("dt: no memory for %s of %llu bytes", name, (unsigned long long)len);
	return prop;
}

struct dt_prop *dt_prop_set(struct dt_node *node, const char *name, const void *data, size_t len)
{
	return dt_prop_set_from(node, name, data, len, DT_FROM_FIRMWARE);
}

int dt_prop_try_set(struct dt_node *node, const char *name, const void *data, size_t len)
{
	return try_set_from(node, name, data, len, DT_FROM_FIRMWARE) ? 0 : E_NOMEM;
}

void dt_prop_set_u32(struct dt_node *node, const char *name, uint32_t value)
{
	uint8_t be[4];

	put_be32(be, value);
	dt_prop_set(node, name, be, sizeof(be));
}

void dt_prop_set_u64(struct dt_node *node, const char *name, uint64_t value)
{
	uint8_t be[8];

	put_be64(be, value);
	dt_prop_set(node, name, be, sizeof(be));
}

void dt_prop_set_str(struct dt_node *node, const char *name, const char *text)
{
	dt_prop_set(node, name, text, strlen(text) + 1);
}

struct dt_prop *dt_prop_add_str(struct dt_node *node, const char *name, const char *text)
{
	struct dt_prop *prop =
		dt_prop_append(node, name, xstrdup(text), strlen(text) + 1, DT_FROM_FIRMWARE);

	if (!prop)
		panic("dt: no memory for %s", name);
	return prop;
}

void dt_prop_set_flag(struct dt_node *node, const char *name)
{
	dt_prop_set(node, name, NULL, 0);
}

struct dt_prop *dt_prop_adopt(struct dt_node *node, const char *name, void *data, size_t len)
{
	struct dt_prop *prop;

	assert(len <= UINT32_MAX && (data || len == 0));
	prop = give(node, name, data ? data : xalloc(1), len, DT_FROM_FIRMWARE);
	if (!prop)
		panic("dt: no memory for %s", name);
	return prop;
}

void dt_prop_delete(struct dt_node *node, const char *name)
{
	struct dt_prop *prop = node->props, *before = NULL;

	for (; prop && strcmp(prop->name, name) != 0; prop = prop->next)
		before = prop;
	if (!prop)
		return;
	if (before)
		before->next = prop->next;
	else
		node->props = prop->next;
	if (node->last_prop == prop)
		node->last_prop = before;
	node->changes++;
	dt_prop_free(prop);
}

/* ---- reading ---- */

static int get_exactly(const struct dt_node *node, const char *name, uint32_t len,
		       const uint8_t **data)
{
	const struct dt_prop *prop = dt_prop_find(node, name);

	if (!prop)
		return E_NOENT;
	if (prop->len != len)
		return E_FORMAT;
	*data = prop->data;
	return 0;
}

int dt_prop_get_u32(const struct dt_node *node, const char *name, uint32_t *out)
{
	const uint8_t *data;
	int err = get_exactly(node, name, 4, &data);

	if (!err)
		*out = get_be32(data);
	return err;
}

int dt_prop_get_u64(const struct dt_node *node, const char *name, uint64_t *out)
{
	const uint8_t *data;
	int err = get_exactly(node, name, 8, &data);

	if (!err)
		*out = get_be64(data);
	return err;
}

const char *dt_prop_get_str(const struct dt_node *node, const char *name)
{
	const struct dt_prop *prop = dt_prop_find(node, name);

	if (!prop || prop->len == 0 ||
	    memchr(prop->data, 0, prop->len) != prop->data + prop->len - 1)
		return NULL;
	return (const char *)prop->data;
}

uint32_t dt_prop_u32_or(const struct dt_node *node, const char *name, uint32_t otherwise)
{
	uint32_t value;

	return dt_prop_get_u32(node, name, &value) ? otherwise : value;
}

bool dt_prop_lists(const struct dt_node *node, const char *name, const char *text)
{
	const struct dt_prop *prop = dt_prop_find(node, name);
	const uint8_t *at = prop ? prop->data : NULL, *end = prop ? at + prop->len : NULL;
	size_t size = strlen(text) + 1;

	while (at < end) {
		const uint8_t *nul = memchr(at, 0, (size_t)(end - at));

		if (!nul)
			return false;
		if ((size_t)(nul - at) + 1 == size && memcmp(at, text, size) == 0)
			return true;
		at = nul + 1;
	}
	return false;
}
