/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What FCode of a card asks for (IEEE 1275 PCI binding): properties and addresses for my-self's node. Only the
 * bus above it can give them, so its methods are called, whatever kind of bus it is.
 */
#include "words-priv.h"

#include <string.h>

/* Call a method of the bus with one argument. */
static int ask_bus(struct forth *f, const char *name, cell_t arg)
{
	struct instance *in = words_my_self(), *bus = in ? in->parent : NULL;
	const struct method *m =
		bus && bus->node ? method_find(bus->node, name, strlen(name)) : NULL;
	int err;

	if (!in)
		return forth_abort(f, "no instance is my-self");
	if (!m)
		return forth_abort(f, "the bus has no method %s", name);
	err = forth_try_push(f, arg);
	return err ? err : words_call(f, m, bus);
}

static int w_make_properties(struct forth *f)
{
	return ask_bus(f, "make-function-properties", words_my_handle());
}

static int w_assign_addresses(struct forth *f)
{
	struct instance *in = words_my_self();

	return ask_bus(f, "assign-package-addresses", in && in->node ? in->node->phandle : 0);
}

// clang-format off
static const struct forth_word rows[] = {
	{"make-properties",  "( -- )", w_make_properties, FORTH_VARIES, "Have the bus give my-self's node its properties"},
	{"assign-addresses", "( -- )", w_assign_addresses, FORTH_VARIES, "Have the bus give my-self's node its addresses"},
};
// clang-format on
const struct words_table words_bus_child = {rows, ARRAY_SIZE(rows)};
