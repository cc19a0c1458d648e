/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Making devices: new-device to finish-device, begin-package to end-package. A node's name is part of
 * it, so a new node is made with a long name that device-name and finish-device shorten in place.
 */
#include "words-priv.h"

#include <string.h>

#include "base/err.h"
#include "base/heap.h"
#include "base/strbuf.h"
#include "dt/cells.h"
#include "dt/path.h"
#include "dt/prop.h"

enum { NAME_ROOM = 64, NESTED = 16 };

/* Devices begun and not finished, the innermost last: the instance each began in, and the one of its own. */
static struct {
	uint32_t phandle, self, own;
} begun[NESTED];
static unsigned nbegun;
static uint32_t package_parents; /* the chain begin-package opened; 0: none */

void words_device_reset(void)
{
	nbegun = 0;
	package_parents = 0;
}

static bool is_begun(const struct dt_node *node)
{
	return nbegun > 0 && begun[nbegun - 1].phandle == node->phandle;
}

static bool good_name(const char *name)
{
	return *name && strlen(name) < 32 && !strpbrk(name, "/:@ ");
}

/* The name keeps its unit, if it has one. */
static int set_name(struct forth *f, const char *name)
{
	struct dt_node *node;
	int err = words_need_active(f, &node);

	if (!err && !good_name(name))
		err = forth_abort(f, "\"%s\" is no name for a device", name);
	if (!err) {
		if (is_begun(node))
			strcpy(node->name, name);
		dt_prop_set_str(node, "name", name);
	}
	return err;
}

static int w_device_name(struct forth *f)
{
	return words_with_text(f, set_name);
}

static int w_new_device(struct forth *f)
{
	static const char filler[NAME_ROOM] =
		"new-device-----------------------------------------------------";
	struct dt_node *parent, *node;
	struct instance *in;
	int err = words_need_active(f, &parent);

	if (err)
		return err;
	if (nbegun == NESTED)
		return forth_abort(f, "nested too deep");
	node = dt_node_new(of_tree(), parent, filler, DT_FROM_FIRMWARE);
	strcpy(node->name, "new-device");
	dt_prop_set_str(node, "name", "new-device");
	begun[nbegun].phandle = node->phandle;
	begun[nbegun].self = words_my_handle();
	if (instance_make_on(node, "", words_my_self(), &in))
		return THROW_MEMORY;
	begun[nbegun++].own = in->ihandle;
	words_set_my_self(in->ihandle);
	words_activate(f, node);
	return 0;
}

/* The instance a device was made in goes; its my-self is that of before. */
static void leave_device(void)
{
	struct instance *in = instance_find(begun[--nbegun].own);

	words_set_my_self(begun[nbegun].self);
	if (in)
		instance_close_one(in);
}

/* "@" and the unit address reg says, as the parent's bus writes it. */
static void add_unit(struct dt_node *node, struct strbuf *sb)
{
	const char *type = dt_prop_get_str(node->parent, "device_type");
	unsigned n = dt_address_cells(node->parent);
	struct dt_reader r = dt_read(node, "reg");
	uint32_t hi = dt_read_u32(&r);

	if (r.short_of)
		return;
	strbuf_char(sb, '@');
	if (n == 3 && type && !strcmp(type, "pci")) {
		strbuf_printf(sb, "%x", (unsigned)(hi >> 11 & 31));
		if (hi >> 8 & 7)
			strbuf_printf(sb, ",%x", (unsigned)(hi >> 8 & 7));
	} else if (n == 2) {
		strbuf_hex(sb, (uint64_t)hi << 32 | dt_read_u32(&r));
	} else {
		strbuf_hex(sb, hi);
	}
}

static int w_finish_device(struct forth *f)
{
	struct dt_node *node;
	int err = words_need_active(f, &node);
	char name[NAME_ROOM];
	struct strbuf sb = strbuf_on(name, sizeof(name));

	if (err)
		return err;
	if (!is_begun(node))
		return forth_abort(f, "%s is not a new device", node->name);
	strbuf_add(&sb, node->name, dt_base_len(node));
	add_unit(node, &sb);
	strcpy(node->name, name);
	leave_device();
	words_activate(f, node->parent);
	return 0;
}

/* What my-args gives from now on. */
static int set_my_args(struct instance *in, const char *args)
{
	size_t len = strlen(args) + 1;
	char *copy = in ? try_alloc(len) : NULL;

	if (!copy)
		return in ? THROW_MEMORY : 0;
	memcpy(copy, args, len);
	heap_free(in->args);
	in->args = copy;
	return 0;
}

/* ( args-addr args-len unit-addr unit-len -- ): the unit address becomes reg. */
static int w_set_args(struct forth *f)
{
	struct dt_node *node;
	char *unit, *args = NULL;
	unsigned n;
	int err = words_pop_text(f, &unit);

	if (err)
		return err;
	err = words_pop_text(f, &args);
	if (!err)
		err = words_need_active(f, &node);
	if (!err && node->parent && *unit) {
		uint64_t v = 0;

		for (const char *p = unit; (*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'f');
		     p++)
			v = v << 4 | (uint64_t)(*p <= '9' ? *p - '0' : *p - 'a' + 10);
		n = dt_address_cells(node->parent);
		if (n == 1)
			dt_prop_set_u32(node, "reg", (uint32_t)v);
		else if (n == 2)
			dt_prop_set_u64(node, "reg", v);
	}
	if (!err)
		err = set_my_args(is_begun(node) ? words_my_self() : NULL, args);
	heap_free(unit);
	heap_free(args);
	return err;
}

/* ( args-addr args-len unit-addr unit-len parent-addr parent-len -- ) */
static int w_begin_package(struct forth *f)
{
	struct instance *in;
	char *path;
	int err = words_pop_text(f, &path);

	if (err)
		return err;
	err = package_parents ? forth_abort(f, "one is begun already") : 0;
	if (!err && instance_open(path, &in))
		err = forth_abort(f, "%s does not open", path);
	heap_free(path);
	if (err)
		return err;
	package_parents = in->ihandle;
	words_activate(f, in->node);
	words_set_my_self(in->ihandle);
	err = w_new_device(f);
	return err ? err : w_set_args(f);
}

static int w_end_package(struct forth *f)
{
	struct instance *in = instance_find(package_parents);
	int err = package_parents ? 0 : forth_abort(f, "none is begun");

	if (!err)
		err = w_finish_device(f);
	if (err)
		return err;
	package_parents = 0;
	words_set_my_self(0);
	words_activate(f, NULL);
	if (in && !in->inner)
		instance_close(in);
	return 0;
}

/* ---- FCode of a device's own ------------------------------------------------------------------ */

/* Evaluate with node active and an instance of it as my-self, above those of its parents. */
static int load_as(struct forth *f, struct dt_node *node, struct instance *parents, uint64_t addr)
{
	uint32_t before = words_my_handle(), own;
	struct instance *in;
	int err;

	if (instance_make_on(node, "", parents, &in))
		return THROW_MEMORY;
	own = in->ihandle;
	words_set_my_self(own);
	words_activate(f, node);
	err = forth_try_push(f, addr);
	if (!err)
		err = forth_try_push(f, 1);
	if (!err)
		err = forth_execute(f, forth_find_in(f, 0, "byte-load", 9));
	while (nbegun > 0 && begun[nbegun - 1].self == own) /* begun, not finished */
		leave_device();
	words_activate(f, NULL);
	words_set_my_self(before);
	in = instance_find(own);
	if (in && !in->inner)
		instance_close_one(in);
	return err;
}

int words_probe_fcode(struct dt_node *node, uint64_t addr)
{
	struct forth *f = words_forth();
	struct instance *parents = NULL;
	char *path = node->parent ? words_path_of(node->parent) : NULL;
	uint32_t handle = 0;
	int err = path ? instance_open(path, &parents) : 0;

	heap_free(path);
	if (err)
		parents = NULL; /* nobody drives it: without a parent to call */
	handle = parents ? parents->ihandle : 0;
	err = f ? load_as(f, node, parents, addr) : THROW_MEMORY;
	parents = instance_find(handle);
	if (parents && !parents->inner)
		instance_close(parents);
	return err;
}

// clang-format off
static const struct forth_word rows[] = {
	{"device-name",   "( addr len -- )", w_device_name, 0, "Name the active package"},
	{"name",          "( addr len -- )", w_device_name, 0, "Name the active package"},
	{"new-device",    "( -- )", w_new_device, 0, "Begin a device below the active package"},
	{"finish-device", "( -- )", w_finish_device, 0, "End it; the one above is active again"},
	{"set-args",      "( addr len addr len -- )", w_set_args, 0, "Set the new device's arguments and unit address"},
	{"begin-package", "( addr len addr len addr len -- )", w_begin_package, 0, "Begin a device: arguments, unit address, parent's path"},
	{"end-package",   "( -- )", w_end_package, 0, "End what begin-package began"},
};
// clang-format on
const struct words_table words_device = {rows, ARRAY_SIZE(rows)};
