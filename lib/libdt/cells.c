/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Properties as sequences of big-endian cells. The builder doubles its buffer and hands it to the
 * property in the end; the reader counts down what is left and, once asked for more than that,
 * reads zeros and remembers it, so that a parser may check once behind a whole record.
 */
#include "dt/cells.h"

#include "base/bytes.h"
#include "base/heap.h"
#include "base/panic.h"
#include "dt/prop.h"

#include <string.h>

#define FIRST_ROOM 64u

/* ---- building ---- */

struct dt_cells dt_cells_new(size_t expect)
{
	size_t room = expect * 4;

	return (struct dt_cells){room ? xalloc(room) : NULL, 0, room};
}

/* Room for len more bytes; where they go. */
static uint8_t *extend(struct dt_cells *c, size_t len)
{
	uint8_t *at;

	if (len > c->room - c->len) {
		size_t room = c->room ? c->room : FIRST_ROOM;

		assert(c->len + len <= UINT32_MAX);
		while (room < c->len + len)
			room *= 2;
		c->data = try_resize(c->data, c->room, room);
		if (!c->data)
			panic("dt: no memory for a property of %llu bytes",
			      (unsigned long long)room);
		c->room = room;
	}
	at = c->data + c->len;
	c->len += len;
	return at;
}

void dt_cells_u32(struct dt_cells *c, uint32_t v)
{
	put_be32(extend(c, 4), v);
}

void dt_cells_u64(struct dt_cells *c, uint64_t v)
{
	put_be64(extend(c, 8), v);
}

void dt_cells_bytes(struct dt_cells *c, const void *data, size_t len)
{
	if (len > 0)
		memcpy(extend(c, len), data, len);
}

void dt_cells_str(struct dt_cells *c, const char *text)
{
	dt_cells_bytes(c, text, strlen(text) + 1);
}

struct dt_prop *dt_cells_set(struct dt_cells *c, struct dt_node *node, const char *name)
{
	struct dt_prop *prop = dt_prop_adopt(node, name, c->data, c->len);

	*c = (struct dt_cells){NULL, 0, 0};
	return prop;
}

/* ---- reading ---- */

struct dt_reader dt_read(const struct dt_node *node, const char *name)
{
	const struct dt_prop *prop = dt_prop_find(node, name);

	return (struct dt_reader){prop ? prop->data : NULL, prop ? prop->len : 0, false};
}

uint32_t dt_read_u32(struct dt_reader *r)
{
	const uint8_t *at = r->at;

	if (r->left < 4) {
		r->left = 0;
		r->short_of = true;
		return 0;
	}
	r->at += 4;
	r->left -= 4;
	return get_be32(at);
}

uint64_t dt_read_u64(struct dt_reader *r)
{
	return dt_read_cells(r, 2);
}

uint64_t dt_read_cells(struct dt_reader *r, unsigned cells)
{
	uint64_t v = 0;

	for (; cells > 0 && !r->short_of; cells--) {
		if (v >> 32)
			r->short_of = true;
		v = v << 32 | dt_read_u32(r);
	}
	return r->short_of ? 0 : v;
}

unsigned dt_address_cells(const struct dt_node *node)
{
	return dt_prop_u32_or(node, "#address-cells", 2);
}

unsigned dt_size_cells(const struct dt_node *node)
{
	return dt_prop_u32_or(node, "#size-cells", 1);
}
