/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Property values: numbers and strings as bytes, and back. Encoded values lie in blocks of their
 * own, one behind the other, so that what is encoded in a row is already joined when encode+ comes. A program may
 * give any bytes of its own, also those that will be written to: they are moved, not copied.
 */
#include "words-priv.h"

#include <string.h>

#include "base/bytes.h"
#include "dt/cells.h"
#include "dt/prop.h"

enum { PIECE = 4096, MOST = 1 << 24 };

static uint8_t *pool; /* the block filled at present; the program's as any other block */
static size_t pool_at, pool_size;

void words_encode_reset(void)
{
	pool = NULL;
	pool_at = pool_size = 0;
}

/* Place for so many bytes. */
static uint8_t *take(size_t len)
{
	uint8_t *p;

	if (len > MOST)
		return NULL;
	if (!pool || len > pool_size - pool_at) {
		size_t size = len > PIECE / 4 ? len + PIECE : PIECE;

		p = words_block(size);
		if (!p)
			return NULL;
		pool = p;
		pool_size = size;
		pool_at = 0;
	}
	p = pool + pool_at;
	pool_at += len;
	return p;
}

static int give(struct forth *f, const uint8_t *p, size_t len)
{
	forth_push(f, (cell_t)(uintptr_t)p);
	forth_push(f, len);
	return 0;
}

static int encode(struct forth *f, const void *bytes, size_t len)
{
	uint8_t *p = take(len);

	if (!p)
		return THROW_MEMORY;
	if (len > 0)
		memmove(p, bytes, len);
	return give(f, p, len);
}

static int w_encode_start(struct forth *f)
{
	return encode(f, NULL, 0);
}

static int w_encode_int(struct forth *f)
{
	uint8_t b[4];

	put_be32(b, (uint32_t)forth_pop(f));
	return encode(f, b, sizeof(b));
}

static int w_encode_64(struct forth *f)
{
	uint8_t b[8];

	put_be64(b, forth_pop(f));
	return encode(f, b, sizeof(b));
}

static int w_encode_bytes(struct forth *f)
{
	const uint8_t *p;
	size_t len;
	int err = words_pop_bytes(f, &p, &len);

	return err ? err : encode(f, p, len);
}

static int w_encode_string(struct forth *f)
{
	const uint8_t *p;
	uint8_t *q;
	size_t len;
	int err = words_pop_bytes(f, &p, &len);

	if (err)
		return err;
	q = len < MOST ? take(len + 1) : NULL;
	if (!q)
		return THROW_MEMORY;
	memmove(q, p, len);
	q[len] = 0;
	return give(f, q, len + 1);
}

/* ( addr1 len1 addr2 len2 -- addr len ) */
static int w_encode_plus(struct forth *f)
{
	const uint8_t *a, *b;
	size_t alen, blen;
	uint8_t *p;
	int err = words_pop_bytes(f, &b, &blen);

	if (!err)
		err = words_pop_bytes(f, &a, &alen);
	if (err)
		return err;
	if (a + alen == b && alen > 0)
		return give(f, a, alen + blen);
	if (alen > MOST || blen > MOST)
		return THROW_MEMORY;
	p = take(alen + blen);
	if (!p)
		return THROW_MEMORY;
	memmove(p, a, alen);
	memmove(p + alen, b, blen);
	return give(f, p, alen + blen);
}

static int w_encode_int_plus(struct forth *f)
{
	int err = w_encode_int(f);

	return err ? err : w_encode_plus(f);
}

static int w_encode_64_plus(struct forth *f)
{
	int err = w_encode_64(f);

	return err ? err : w_encode_plus(f);
}

/* ---- addresses of the active package's bus -------------------------------------------------- */

static unsigned address_cells(void)
{
	const struct dt_node *node = words_active();
	const struct instance *in = words_my_self();

	if (!node && in)
		node = in->node;
	node = node ? node->parent : NULL;
	return node ? dt_address_cells(node) & 15 : 2;
}

static unsigned size_cells(void)
{
	const struct dt_node *node = words_active();

	node = node ? node->parent : NULL;
	return node ? dt_size_cells(node) & 15 : 1;
}

/* Cells from the stack, the most significant on top, into b. */
static int pop_cells(struct forth *f, unsigned n, uint8_t *b)
{
	if (forth_depth(f) < n)
		return THROW_UNDERFLOW;
	for (unsigned i = 0; i < n; i++)
		put_be32(b + 4 * (size_t)i, (uint32_t)forth_pop(f));
	return 0;
}

static int w_encode_phys(struct forth *f)
{
	unsigned n = address_cells();
	uint8_t b[64];
	int err = pop_cells(f, n, b);

	return err ? err : encode(f, b, 4 * (size_t)n);
}

/* ( phys.lo ... phys.hi size -- ) */
static int w_reg(struct forth *f)
{
	unsigned a = address_cells(), z = size_cells();
	cell_t size = forth_pop(f);
	struct dt_node *node;
	uint8_t b[128];
	int err = words_need_active(f, &node);

	if (!err)
		err = pop_cells(f, a, b);
	if (err)
		return err;
	memset(b + 4 * (size_t)a, 0, 4 * (size_t)z);
	if (z > 0)
		put_be32(b + 4 * (size_t)(a + z - 1), (uint32_t)size);
	if (z > 1)
		put_be32(b + 4 * (size_t)(a + z - 2), (uint32_t)(size >> 32));
	return dt_prop_try_set(node, "reg", b, 4 * (size_t)(a + z)) ? THROW_MEMORY : 0;
}

static int w_my_address_cells(struct forth *f)
{
	forth_push(f, address_cells());
	return 0;
}

/* ---- decoding ------------------------------------------------------------------------------ */

/* Take n bytes off the value on the stack: ( addr len -- addr+n len-n ), which were at *p. */
static int skip(struct forth *f, size_t n, const uint8_t **p)
{
	size_t len;
	int err = words_pop_bytes(f, p, &len);

	if (err)
		return err;
	if (n > len)
		return forth_abort(f, "the value has %zu bytes, not %zu", len, n);
	return give(f, *p + n, len - n);
}

static int w_decode_int(struct forth *f)
{
	const uint8_t *p;
	int err = skip(f, 4, &p);

	if (!err)
		forth_push(f, get_be32(p));
	return err;
}

static int w_decode_64(struct forth *f)
{
	const uint8_t *p;
	int err = skip(f, 8, &p);

	if (!err)
		forth_push(f, get_be64(p));
	return err;
}

static int w_decode_bytes(struct forth *f)
{
	cell_t n = forth_pop(f);
	const uint8_t *p;
	int err = skip(f, (size_t)n, &p);

	return err ? err : give(f, p, (size_t)n);
}

/* ( addr len -- addr len str-addr str-len ) */
static int w_decode_string(struct forth *f)
{
	cell_t len = forth_peek(f, 0);
	const uint8_t *p = len ? forth_at(f, forth_peek(f, 1), len, false) : NULL;
	const uint8_t *nul = p ? memchr(p, 0, (size_t)len) : NULL;
	size_t n = nul ? (size_t)(nul - p) : p ? (size_t)len : 0;
	int err = len && !p ? THROW_ADDRESS : skip(f, nul ? n + 1 : n, &p);

	return err ? err : give(f, p, n);
}

static int w_decode_phys(struct forth *f)
{
	unsigned n = address_cells();
	const uint8_t *p;
	int err = skip(f, 4 * (size_t)n, &p);

	for (unsigned i = n; i > 0 && !err; i--)
		err = forth_try_push(f, get_be32(p + 4 * (size_t)(i - 1)));
	return err;
}

enum { VAR = FORTH_VARIES };
// clang-format off
static const struct forth_word rows[] = {
	{"encode-start",  "( -- addr len )",          w_encode_start, 0, "An empty property value"},
	{"encode-int",    "( n -- addr len )",        w_encode_int, 0, "A number as property value of 4 bytes"},
	{"encode-64",     "( n -- addr len )",        w_encode_64, 0, "A number as property value of 8 bytes"},
	{"encode-bytes",  "( addr len -- addr len )", w_encode_bytes, 0, "Bytes as property value"},
	{"encode-string", "( addr len -- addr len )", w_encode_string, 0, "Text as property value, with a NUL"},
	{"encode-phys",   "( phys.hi -- addr len )",  w_encode_phys, VAR, "An address of the parent's bus as property value"},
	{"encode+",       "( addr len addr len -- addr len )", w_encode_plus, 0, "Join two property values"},
	{"encode-int+",   "( addr len n -- addr len )", w_encode_int_plus, 0, "Append a number of 4 bytes"},
	{"encode-64+",    "( addr len n -- addr len )", w_encode_64_plus, 0, "Append a number of 8 bytes"},
	{"decode-int",    "( addr len -- addr len n )", w_decode_int, 0, "Take 4 bytes off a property value"},
	{"decode-64",     "( addr len -- addr len n )", w_decode_64, 0, "Take 8 bytes off a property value"},
	{"decode-bytes",  "( addr len n -- addr len addr n )", w_decode_bytes, 0, "Take n bytes off a property value"},
	{"decode-string", "( addr len -- addr len addr len )", w_decode_string, 0, "Take a string off a property value"},
	{"decode-phys",   "( addr len -- addr len phys.hi )", w_decode_phys, VAR, "Take an address of the parent's bus off"},
	{"reg",           "( phys.hi size -- )",      w_reg, VAR, "Set reg of the active package"},
	{"my-#address-cells", "( -- n )",             w_my_address_cells, 0, "Cells of an address on the parent's bus"},
};
// clang-format on
const struct words_table words_encode = {rows, ARRAY_SIZE(rows)};
