/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Properties for people. What a value means is guessed from its name and its bytes: reg, ranges and
 * interrupt-map by the cells their buses say they have, strings as strings, all else as cells or
 * bytes. A value that does not fit its name's format is shown as cells.
 */
#include "words-priv.h"

#include <string.h>

#include "base/bytes.h"
#include "base/heap.h"
#include "dt/cells.h"
#include "dt/path.h"
#include "dt/prop.h"

enum { VALUE_COLUMN = 28, LINE = 80, PER_LINE = 5, BYTES_PER_LINE = 16, MOST_LINES = 64 };

/* A value being shown: entries, each on a line of its own. */
struct show {
	struct forth *f;
	struct dt_reader r;
	unsigned entries;
};

/* Begin an entry; false: enough of them. */
static bool entry(struct show *s)
{
	if (s->entries++ > 0)
		words_printf(s->f, "\r\n%*s", VALUE_COLUMN, "");
	if (s->entries <= MOST_LINES)
		return true;
	words_printf(s->f, "... %zu bytes more", s->r.left);
	return false;
}

/* Strings from this byte on, none of them empty? */
static bool is_text(const struct dt_prop *prop, uint32_t from)
{
	size_t run = 0;

	if (prop->len <= from || prop->data[prop->len - 1] != 0)
		return false;
	for (uint32_t i = from; i < prop->len; i++) {
		uint8_t c = prop->data[i];

		if (c == 0 && run == 0)
			return false;
		if (c != 0 && (c < ' ' || c > '~'))
			return false;
		run = c ? run + 1 : 0;
	}
	return true;
}

/* As many strings on a line as there is room for. */
static void show_text(struct show *s, const struct dt_prop *prop, uint32_t from)
{
	const char *at = (const char *)prop->data + from,
		   *end = (const char *)prop->data + prop->len;
	size_t column = LINE;

	for (; at < end; at += strlen(at) + 1) {
		if (column + strlen(at) + 3 > LINE) {
			if (!entry(s))
				return;
			column = VALUE_COLUMN;
		} else {
			forth_type(s->f, " ", 1);
		}
		forth_type(s->f, "\"", 1);
		forth_type(s->f, at, strlen(at));
		forth_type(s->f, "\"", 1);
		column += strlen(at) + 3;
	}
}

/* A number and so many strings: ibm,drc-names. */
static bool show_counted_text(struct show *s, const struct dt_prop *prop)
{
	uint32_t n = 0;

	if (prop->len < 8 || !is_text(prop, 4))
		return false;
	for (uint32_t i = 4; i < prop->len; i++)
		n += prop->data[i] == 0;
	if (n != get_be32(prop->data))
		return false;
	words_printf(s->f, "%u: ", (unsigned)n);
	s->entries = 0;
	show_text(s, prop, 4);
	return true;
}

static void show_bytes(struct show *s, const struct dt_prop *prop)
{
	for (uint32_t i = 0; i < prop->len; i++) {
		if (i % BYTES_PER_LINE == 0 && !entry(s))
			return;
		words_printf(s->f, "%02x ", prop->data[i]);
	}
}

static void show_cells(struct show *s, const struct dt_prop *prop)
{
	uint32_t v = get_be32(prop->data);

	if (prop->len == 4) {
		words_printf(s->f, "%x", (unsigned)v);
		if (v > 9 && v < 0x10000)
			words_printf(s->f, " (%u)", (unsigned)v);
		return;
	}
	for (uint32_t i = 0; i < prop->len; i += 4) {
		if (i / 4 % PER_LINE == 0 && !entry(s))
			return;
		words_printf(s->f, "%08x ", (unsigned)get_be32(prop->data + i));
	}
}

/* ---- addresses ----------------------------------------------------------------------------- */

static bool is_pci(const struct dt_node *bus)
{
	const char *type = dt_prop_get_str(bus, "device_type");

	return type && (!strcmp(type, "pci") || !strcmp(type, "pciex"));
}

static void show_number(struct show *s, unsigned cells)
{
	bool leading = true;

	for (unsigned i = 0; i < cells; i++) {
		uint32_t v = dt_read_u32(&s->r);

		if (leading && v == 0 && i + 1 < cells)
			continue;
		words_printf(s->f, leading ? "%x" : "%08x", (unsigned)v);
		leading = false;
	}
}

/* phys.hi of the PCI binding, in words. */
static void show_pci_space(struct show *s, uint32_t hi)
{
	static const char *const spaces[] = {"config", "io", "mem32", "mem64"};

	words_printf(s->f, "%s%s %x:%02x.%x", spaces[hi >> 24 & 3],
		     hi & 0x40000000 ? " prefetchable" : "", (unsigned)(hi >> 16 & 0xff),
		     (unsigned)(hi >> 11 & 31), (unsigned)(hi >> 8 & 7));
	if (hi & 0xff)
		words_printf(s->f, " bar %x", (unsigned)(hi & 0xff));
	words_printf(s->f, " at ");
}

static void show_address(struct show *s, bool pci, unsigned cells)
{
	if (pci && cells == 3) {
		show_pci_space(s, dt_read_u32(&s->r));
		cells = 2;
	}
	show_number(s, cells);
}

static bool fits(const struct dt_prop *prop, unsigned cells)
{
	return cells > 0 && cells <= 32 && prop->len > 0 && prop->len % (4 * cells) == 0;
}

static bool show_reg(struct show *s, const struct dt_node *node, const struct dt_prop *prop)
{
	unsigned a, z;

	if (!node->parent)
		return false;
	a = dt_address_cells(node->parent);
	z = dt_size_cells(node->parent);
	if (!fits(prop, a + z))
		return false;
	while (s->r.left > 0 && entry(s)) {
		show_address(s, is_pci(node->parent), a);
		if (z > 0)
			words_printf(s->f, " size ");
		show_number(s, z);
	}
	return true;
}

static bool show_ranges(struct show *s, const struct dt_node *node, const struct dt_prop *prop)
{
	unsigned a = dt_address_cells(node), z = dt_size_cells(node), up;

	if (!node->parent)
		return false;
	up = dt_address_cells(node->parent);
	if (!fits(prop, a + up + z))
		return false;
	while (s->r.left > 0 && entry(s)) {
		show_address(s, is_pci(node), a);
		words_printf(s->f, " -> ");
		show_address(s, is_pci(node->parent), up);
		words_printf(s->f, " size ");
		show_number(s, z);
	}
	return true;
}

/* Entries have the length their controller gives them. */
static bool show_interrupt_map(struct show *s, const struct dt_node *node)
{
	unsigned a = dt_address_cells(node), n = dt_prop_u32_or(node, "#interrupt-cells", 1);

	while (s->r.left > 0 && a <= 8 && n <= 8 && entry(s)) {
		const struct dt_node *to;
		uint32_t phandle;

		show_address(s, is_pci(node), a);
		words_printf(s->f, " pin ");
		show_number(s, n);
		phandle = dt_read_u32(&s->r);
		to = dt_find_phandle(of_tree(), phandle);
		words_printf(s->f, " -> %x", (unsigned)phandle);
		if (!to || s->r.short_of)
			return true;
		words_printf(s->f, " (%s) ", to->name);
		show_number(s, dt_prop_u32_or(to, "#address-cells", 0) & 15);
		forth_type(s->f, " ", 1);
		show_number(s, dt_prop_u32_or(to, "#interrupt-cells", 1) & 15);
	}
	return true;
}

static bool show_by_name(struct show *s, const struct dt_node *node, const struct dt_prop *prop)
{
	if (!strcmp(prop->name, "reg") || !strcmp(prop->name, "assigned-addresses") ||
	    !strcmp(prop->name, "available"))
		return show_reg(s, node, prop);
	if (!strcmp(prop->name, "ranges"))
		return show_ranges(s, node, prop);
	return !strcmp(prop->name, "interrupt-map") && prop->len % 4 == 0 &&
	       show_interrupt_map(s, node);
}

int words_show_property(struct forth *f, const struct dt_node *node, const struct dt_prop *prop)
{
	struct show s = {f, dt_read(node, prop->name), 0};
	size_t len = strlen(prop->name);

	words_printf(f, "%s%*s", prop->name, len < VALUE_COLUMN - 1 ? (int)(VALUE_COLUMN - len) : 1,
		     "");
	if (prop->len > 0 && !show_by_name(&s, node, prop)) {
		if (is_text(prop, 0))
			show_text(&s, prop, 0);
		else if (show_counted_text(&s, prop))
			;
		else if (prop->len == 1 && prop->data[0] == 0)
			words_printf(f, "\"\"");
		else if (prop->len % 4 == 0)
			show_cells(&s, prop);
		else
			show_bytes(&s, prop);
	}
	words_printf(f, "\r\n");
	return words_poll();
}

/* ---- words --------------------------------------------------------------------------------- */

static int show_all(struct forth *f, struct dt_node *node)
{
	int err = 0;

	of_refresh(node);
	for (const struct dt_prop *prop = node->props; prop && !err; prop = prop->next)
		err = words_show_property(f, node, prop);
	return err;
}

static int w_properties(struct forth *f)
{
	struct dt_node *node;
	int err = words_parse_node(f, &node);

	return err ? err : show_all(f, node);
}

static int w_lsprop(struct forth *f)
{
	struct dt_node *top, *node;
	int err = words_parse_branch(f, &top);

	if (err)
		return err;
	for (node = top; node && !err; node = dt_next(top, node)) {
		char *path = words_path_of(node);

		if (!path)
			return THROW_MEMORY;
		words_printf(f, "%s%s:\r\n", node == top ? "" : "\r\n", path);
		heap_free(path);
		err = show_all(f, node);
	}
	return err;
}

// clang-format off
static const struct forth_word rows[] = {
	{".properties", "( -- )", w_properties, FORTH_LINES, "Show the properties of a package, or the active one: .properties [PATH]"},
	{"lsprop",      "( -- )", w_lsprop, FORTH_LINES, "The same, and of all below it: lsprop [PATH]"},
};
// clang-format on
const struct words_table words_show = {rows, ARRAY_SIZE(rows)};
