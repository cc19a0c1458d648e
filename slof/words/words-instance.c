/* SPDX-License-Identifier: BSD-2-Clause */
/* Instances: opening and closing devices and packages, and calling their methods. */
#include "words-priv.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/strbuf.h"
#include "dt/cells.h"
#include "dt/path.h"
#include "dt/prop.h"

static int need_instance(struct forth *f, cell_t handle, struct instance **out)
{
	*out = handle <= UINT32_MAX ? instance_find((uint32_t)handle) : NULL;
	if (*out)
		return 0;
	(void)forth_abort(f, "%llx is no ihandle", (unsigned long long)handle);
	return THROW_ABORT_QUOTE;
}

static int need_self(struct forth *f, struct instance **out)
{
	*out = words_my_self();
	if (*out)
		return 0;
	(void)forth_abort(f, "my-self is no instance");
	return THROW_ABORT_QUOTE;
}

/* ---- opening ------------------------------------------------------------------------------- */

static int w_open_dev(struct forth *f)
{
	struct instance *in;
	char *path;
	int err = words_pop_text(f, &path);

	if (err)
		return err;
	err = instance_open(path, &in);
	heap_free(path);
	forth_push(f, err ? 0 : in->ihandle);
	return 0;
}

static int w_close_dev(struct forth *f)
{
	struct instance *in;
	cell_t handle = forth_pop(f);
	int err = need_instance(f, handle, &in);

	if (err)
		return err;
	if (in->inner)
		return forth_abort(f, "%llx is in use", (unsigned long long)handle);
	if (in->ihandle == words_my_handle())
		words_set_my_self(0);
	instance_close(in);
	return 0;
}

/* Open a package above my-self: ( args-addr args-len phandle -- ihandle | 0 ). */
static int open_package(struct forth *f, struct dt_node *node)
{
	struct instance *in;
	char *args;
	int err = words_pop_text(f, &args);

	if (err)
		return err;
	err = node ? instance_open_on(node, args, words_my_self(), &in) : E_NOENT;
	heap_free(args);
	forth_push(f, err ? 0 : in->ihandle);
	return 0;
}

static int w_open_package(struct forth *f)
{
	cell_t phandle = forth_pop(f);

	return open_package(f, phandle <= UINT32_MAX ? dt_find_phandle(of_tree(), (uint32_t)phandle)
						     : NULL);
}

/* ( args-addr args-len name-addr name-len -- ihandle | 0 ) */
static int w_open_package_named(struct forth *f)
{
	const struct dt_node *packages = dt_path_find(of_tree(), "/packages");
	struct dt_node *node = NULL;
	char *name;
	int err = words_pop_text(f, &name);

	if (err)
		return err;
	if (*name == '/')
		node = dt_path_find(of_tree(), name);
	else if (packages)
		node = dt_child_find(packages, name);
	heap_free(name);
	return open_package(f, node);
}

/* ( args-addr args-len phandle -- ) */
static int w_interpose(struct forth *f)
{
	cell_t phandle = forth_pop(f);
	struct dt_node *node =
		phandle <= UINT32_MAX ? dt_find_phandle(of_tree(), (uint32_t)phandle) : NULL;
	struct instance *in;
	char *args;
	int err = words_pop_text(f, &args);

	if (err)
		return err;
	err = need_self(f, &in);
	if (!err && !node)
		err = forth_abort(f, "%llx is no phandle", (unsigned long long)phandle);
	if (!err && (err = instance_interpose(in, node, args)))
		err = err == E_INVAL ? forth_abort(f, "my-self is not being opened") : THROW_MEMORY;
	heap_free(args);
	return err;
}

static int w_close_package(struct forth *f)
{
	struct instance *in;
	cell_t handle = forth_pop(f);
	int err = need_instance(f, handle, &in);

	if (!err && in->inner)
		err = forth_abort(f, "%llx is in use", (unsigned long long)handle);
	if (!err)
		instance_close_one(in);
	return err;
}

/* ---- calling ------------------------------------------------------------------------------- */

static int call_named(struct forth *f, struct instance *in, const char *name)
{
	const struct method *m;

	if (!in->node)
		return forth_abort(f, "%s: the device is gone", name);
	m = method_find(in->node, name, strlen(name));
	if (!m)
		return forth_abort(f, "%s has no method %s", in->node->name, name);
	return words_call(f, m, in);
}

static int call_popped(struct forth *f, struct instance *in)
{
	char *name;
	int err = words_pop_text(f, &name);

	if (err)
		return err;
	err = call_named(f, in, name);
	heap_free(name);
	return err;
}

static int w_call_method(struct forth *f)
{
	struct instance *in;
	int err = need_instance(f, forth_pop(f), &in);

	return err ? err : call_popped(f, in);
}

static int w_call_parent(struct forth *f)
{
	struct instance *in;
	int err = need_self(f, &in);

	if (err)
		return err;
	if (!in->parent)
		return forth_abort(f, "my-self has no parent");
	return call_popped(f, in->parent);
}

static int w_call_my_method(struct forth *f)
{
	struct instance *in;
	int err = need_self(f, &in);

	return err ? err : call_popped(f, in);
}

/* Run a token with another current instance. */
static int w_call_package(struct forth *f)
{
	uint32_t before = words_my_handle();
	struct instance *in;
	int err = need_instance(f, forth_pop(f), &in);
	cell_t xt = forth_pop(f);

	if (err)
		return err;
	words_set_my_self(in->ihandle);
	err = forth_execute(f, xt);
	words_set_my_self(before);
	return err;
}

/* ( addr len phandle -- xt true | false ) */
static int w_find_method(struct forth *f)
{
	cell_t phandle = forth_pop(f), xt = 0;
	struct dt_node *node =
		phandle <= UINT32_MAX ? dt_find_phandle(of_tree(), (uint32_t)phandle) : NULL;
	char *name;
	int err = words_pop_text(f, &name);

	if (err)
		return err;
	if (node)
		xt = words_method_token(f, node, name);
	heap_free(name);
	if (xt)
		forth_push(f, xt);
	forth_push(f, xt ? ~(cell_t)0 : 0);
	return 0;
}

/* Open a device, call a method and close it, whatever it did. */
static int call_once(struct forth *f, const char *path, const char *method)
{
	struct instance *in;
	int err = instance_open(path, &in);
	uint32_t handle;

	if (err)
		return words_fail(f, path, err);
	handle = in->ihandle;
	err = call_named(f, in, method);
	in = instance_find(handle);
	if (in)
		instance_close(in);
	return err;
}

/* apply METHOD DEVICE */
static int w_apply(struct forth *f)
{
	char *path = NULL, *method;
	int err = words_parse_text(f, &method);

	if (!err) {
		err = words_parse_text(f, &path);
		if (!err)
			err = call_once(f, path, method);
		heap_free(method);
		heap_free(path);
	}
	return err;
}

/* ( ... path-addr path-len method-addr method-len -- ... true | false ) */
static int w_execute_device_method(struct forth *f)
{
	char *path = NULL, *method;
	int err = words_pop_text(f, &method);

	if (err)
		return err;
	err = words_pop_text(f, &path);
	if (err == 0) {
		err = call_once(f, path, method);
		if (err == THROW_ABORT_QUOTE)
			err = forth_try_push(f, 0);
		else if (!err)
			err = forth_try_push(f, ~(cell_t)0);
	}
	heap_free(method);
	heap_free(path);
	return err;
}

/* ---- the current instance ------------------------------------------------------------------ */

static int w_my_self(struct forth *f)
{
	if (!forth_storing(f))
		return forth_try_push(f, words_my_handle());
	words_set_my_self((uint32_t)forth_pop(f));
	return 0;
}

static int w_my_parent(struct forth *f)
{
	struct instance *in;
	int err = need_self(f, &in);

	if (!err)
		forth_push(f, in->parent ? in->parent->ihandle : 0);
	return err;
}

static int w_my_args(struct forth *f)
{
	struct instance *in;
	int err = need_self(f, &in);

	if (!err)
		words_push_str(f, in->args);
	return err;
}

/* The first reg entry's address, the most significant cell on top. */
static int push_unit(struct forth *f, unsigned from, unsigned to)
{
	const struct instance *in = words_my_self();
	struct dt_node *node = in ? in->node : words_active();
	struct dt_reader r;
	uint32_t cell[16] = {0};
	unsigned n;
	int err = 0;

	if (!node)
		return forth_abort(f, "my-self is no instance");
	n = node->parent ? dt_address_cells(node->parent) & 15 : 0;
	r = dt_read(node, "reg");
	for (unsigned i = 0; i < n; i++)
		cell[i] = dt_read_u32(&r);
	for (unsigned i = to < n ? to : n; i > from && !err; i--)
		err = forth_try_push(f, cell[i - 1]);
	return err;
}

static int w_my_unit(struct forth *f)
{
	return push_unit(f, 0, 16);
}

static int w_my_space(struct forth *f)
{
	return push_unit(f, 0, 1);
}

static int w_my_address(struct forth *f)
{
	return push_unit(f, 1, 16);
}

static int w_ihandle_to_phandle(struct forth *f)
{
	struct instance *in;
	int err = need_instance(f, forth_pop(f), &in);

	if (!err) {
		const struct dt_node *node = instance_package(in);

		forth_push(f, node ? node->phandle : 0);
	}
	return err;
}

static int w_unselect_dev(struct forth *f)
{
	struct instance *in = words_my_self();

	words_set_my_self(0);
	words_activate(f, NULL);
	if (in && !in->inner)
		instance_close(in);
	return 0;
}

/* Open a device, make it my-self and its package the active one. */
static int w_select_dev(struct forth *f)
{
	struct instance *in;
	char *path;
	int err = words_pop_text(f, &path);

	if (err)
		return err;
	err = instance_open(path, &in);
	if (err)
		err = words_fail(f, path, err);
	heap_free(path);
	if (err)
		return err;
	words_set_my_self(in->ihandle);
	words_activate(f, in->node);
	return 0;
}

enum { VAR = FORTH_VARIES };
// clang-format off
static const struct forth_word rows[] = {
	{"open-dev",       "( addr len -- ihandle )", w_open_dev, 0, "Open a device path; 0 if that fails"},
	{"close-dev",      "( ihandle -- )",          w_close_dev, 0, "Close what open-dev opened"},
	{"open-package",   "( addr len phandle -- ihandle )", w_open_package, 0, "Open a package with arguments, my-self its parent"},
	{"$open-package",  "( addr len addr len -- ihandle )", w_open_package_named, 0, "The same by its name in /packages"},
	{"interpose",      "( addr len phandle -- )", w_interpose, 0, "In open: open a package with arguments above my-self, for what follows on the path"},
	{"close-package",  "( ihandle -- )",          w_close_package, 0, "Close what open-package opened"},
	{"$call-method",   "( addr len ihandle -- )", w_call_method, VAR, "Call a method of an instance"},
	{"$call-parent",   "( addr len -- )",         w_call_parent, VAR, "Call a method of my-self's parent"},
	{"$call-my-method", "( addr len -- )",        w_call_my_method, VAR, "Call a method of my-self"},
	{"call-package",   "( xt ihandle -- )",       w_call_package, VAR, "Run a token with another my-self"},
	{"find-method",    "( addr len phandle -- [xt] flag )", w_find_method, VAR, "A package's method and true, or false"},
	{"apply",          "( -- )",                  w_apply, VAR, "Open, call, close: apply METHOD DEVICE"},
	{"execute-device-method", "( addr len addr len -- )", w_execute_device_method, VAR, "The same with strings: device, method; true if it worked"},
	{"my-self",        "( -- ihandle )",          w_my_self, FORTH_STORES, "The current instance, or 0"},
	{"my-parent",      "( -- ihandle )",          w_my_parent, 0, "my-self's parent, or 0"},
	{"my-args",        "( -- addr len )",         w_my_args, 0, "The arguments my-self was opened with"},
	{"my-unit",        "( -- phys.hi )",          w_my_unit, VAR, "my-self's unit address"},
	{"my-space",       "( -- phys.hi )",          w_my_space, VAR, "The high cell of my-self's unit address"},
	{"my-address",     "( -- phys.mid )",         w_my_address, VAR, "The lower cells of my-self's unit address"},
	{"ihandle>phandle", "( ihandle -- phandle )", w_ihandle_to_phandle, 0, "The package of an instance"},
	{"select-dev",     "( addr len -- )",         w_select_dev, 0, "Open a device, make it my-self and active"},
	{"unselect-dev",   "( -- )",                  w_unselect_dev, 0, "Close my-self; no package is active"},
};
// clang-format on
const struct words_table words_instance = {rows, ARRAY_SIZE(rows)};
