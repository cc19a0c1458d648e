/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tree as device-tree source. A value whose bytes read as strings is printed as strings, another
 * whose length is a multiple of four as cells, the rest as bytes; each form gives the same bytes
 * back when compiled. "name" is left out: dtc derives it, as we do. A character that dts cannot
 * write in a name becomes '?'.
 */
#include "dt/print.h"

#include "base/bytes.h"
#include "base/strbuf.h"

#include <string.h>

#define CELLS_PER_LINE 8u
#define BYTES_PER_LINE 16u

struct printer {
	void (*emit)(void *ctx, const char *text, size_t len);
	void *ctx;
	unsigned depth;
};

static void put(const struct printer *p, const char *text)
{
	p->emit(p->ctx, text, strlen(text));
}

static void put_indent(const struct printer *p, unsigned depth)
{
	while (depth-- > 0)
		put(p, "\t");
}

/* A name, in pieces between characters that need replacing. */
static void put_name(const struct printer *p, const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789,._+*#?@-";

	while (*name) {
		size_t good = strspn(name, allowed);

		if (good > 0)
			p->emit(p->ctx, name, good);
		name += good;
		if (*name) {
			put(p, "?");
			name++;
		}
	}
}

/* ---- values ---- */

/* One or more non-empty printable strings, each with its NUL; or just one empty string. */
static bool is_text(const struct dt_prop *prop)
{
	uint8_t before = 0;

	if (prop->len == 1)
		return prop->data[0] == 0;
	for (uint32_t i = 0; i < prop->len; i++) {
		uint8_t b = prop->data[i];

		if (b == 0 ? before == 0 : b < 0x20 || b > 0x7e)
			return false;
		before = b;
	}
	return prop->len > 0 && before == 0;
}

static void put_text(const struct printer *p, const struct dt_prop *prop)
{
	bool inside = false;

	for (uint32_t i = 0; i < prop->len; i++) {
		char c = (char)prop->data[i];

		if (!inside)
			put(p, i == 0 ? "\"" : ", \"");
		inside = c != 0;
		if (c == '"' || c == '\\')
			put(p, "\\");
		if (c == 0)
			put(p, "\"");
		else
			p->emit(p->ctx, &c, 1);
	}
}

/* What goes before the i-th item of a list that breaks its lines. */
static void put_gap(const struct printer *p, uint32_t i, uint32_t per_line)
{
	if (i > 0 && i % per_line == 0) {
		put(p, "\n");
		put_indent(p, p->depth + 1);
	} else if (i > 0) {
		put(p, " ");
	}
}

static void put_cells(const struct printer *p, const struct dt_prop *prop)
{
	put(p, "<");
	for (uint32_t i = 0; i < prop->len / 4; i++) {
		char text[16];
		struct strbuf sb = strbuf_on(text, sizeof(text));

		put_gap(p, i, CELLS_PER_LINE);
		strbuf_str(&sb, "0x");
		strbuf_hex(&sb, get_be32(prop->data + 4 * i));
		put(p, text);
	}
	put(p, ">");
}

static void put_bytes(const struct printer *p, const struct dt_prop *prop)
{
	static const char digit[] = "0123456789abcdef";

	put(p, "[");
	for (uint32_t i = 0; i < prop->len; i++) {
		char text[2] = {digit[prop->data[i] >> 4], digit[prop->data[i] & 15]};

		put_gap(p, i, BYTES_PER_LINE);
		p->emit(p->ctx, text, sizeof(text));
	}
	put(p, "]");
}

static void put_prop(const struct printer *p, const struct dt_prop *prop)
{
	put_indent(p, p->depth);
	put_name(p, prop->name);
	if (prop->len > 0)
		put(p, " = ");
	if (is_text(prop))
		put_text(p, prop);
	else if (prop->len > 0 && prop->len % 4 == 0)
		put_cells(p, prop);
	else if (prop->len > 0)
		put_bytes(p, prop);
	put(p, ";\n");
}

/* ---- nodes ---- */

static void open_node(struct printer *p, const struct dt_node *node)
{
	put_indent(p, p->depth);
	if (node->parent)
		put_name(p, node->name);
	else
		put(p, "/");
	put(p, " {\n");
	p->depth++;
	for (const struct dt_prop *prop = node->props; prop; prop = prop->next) {
		if (strcmp(prop->name, "name") != 0)
			put_prop(p, prop);
	}
}

static void close_node(struct printer *p)
{
	p->depth--;
	put_indent(p, p->depth);
	put(p, "};\n");
}

/* Close a node without children and those it was the last child of; the node that comes next. */
static const struct dt_node *close_up(struct printer *p, const struct dt_node *top,
				      const struct dt_node *node)
{
	for (;;) {
		close_node(p);
		if (node == top)
			return NULL;
		if (node->next)
			return node->next;
		node = node->parent;
	}
}

void dt_print(const struct dt_node *node, void (*emit)(void *ctx, const char *text, size_t len),
	      void *ctx)
{
	struct printer p = {emit, ctx, 0};

	put(&p, "/dts-v1/;\n\n");
	if (node->parent) {
		put(&p, "/ {\n");
		p.depth++;
	}
	for (const struct dt_node *n = node; n;) {
		open_node(&p, n);
		if (n->child)
			put(&p, "\n");
		n = n->child ? n->child : close_up(&p, node, n);
		if (n && n->parent->child != n)
			put(&p, "\n");
	}
	if (p.depth > 0)
		close_node(&p);
}
