/* SPDX-License-Identifier: BSD-2-Clause */
/* Properties: reading those of any package, and writing those of the active one. */
#include "words-priv.h"

#include <string.h>

#include "base/err.h"
#include "base/heap.h"
#include "dt/prop.h"
#include "of/env.h"

enum { NAME_MAX_LEN = 255 };

/* The package written to: the active one, else that of the current instance. */
static int need_package(struct forth *f, struct dt_node **out)
{
	const struct instance *in = words_my_self();

	*out = words_active();
	if (!*out && in)
		*out = in->node;
	if (*out)
		return 0;
	(void)forth_abort(f, "no active package: dev PATH makes one");
	return THROW_ABORT_QUOTE;
}

static bool good_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= NAME_MAX_LEN && !strchr(name, '/') && !strchr(name, ' ');
}

static int set_property(struct forth *f, struct dt_node *node, const char *name,
			const uint8_t *value, size_t len)
{
	int err;

	if (!good_name(name))
		return forth_abort(f, "\"%s\" is no name for a property", name);
	if (env_is_node(node)) {
		if (len > 0 && value[len - 1] == 0)
			len--;
		err = env_set(name, (const char *)value, len);
		return err ? words_fail(f, name, err) : 0;
	}
	return dt_prop_try_set(node, name, value, len) ? THROW_MEMORY : 0;
}

/* Take a value and give it a name that is known. */
static int w_set(struct forth *f, const char *name)
{
	const uint8_t *value;
	struct dt_node *node;
	size_t len;
	int err = words_pop_bytes(f, &value, &len);

	if (!err)
		err = need_package(f, &node);
	return err ? err : set_property(f, node, name, value, len);
}

static int w_property(struct forth *f)
{
	return words_with_text(f, w_set);
}

static int delete_property(struct forth *f, const char *name)
{
	struct dt_node *node;
	int err = need_package(f, &node);

	if (!err && env_is_node(node)) {
		err = env_set_default(name);
		err = err && err != E_NOENT ? words_fail(f, name, err) : 0;
	} else if (!err) {
		dt_prop_delete(node, name);
	}
	return err;
}

static int w_delete_property(struct forth *f)
{
	return words_with_text(f, delete_property);
}

/* ---- reading ------------------------------------------------------------------------------- */

/* ( -- addr len false | true ) */
static int push_property(struct forth *f, const struct dt_prop *prop)
{
	if (prop)
		words_push_bytes(f, prop->data, prop->len);
	forth_push(f, prop ? 0 : ~(cell_t)0);
	return 0;
}

static int get(struct forth *f, struct dt_node *node, bool inherit)
{
	const struct dt_prop *prop = NULL;
	char *name;
	int err = words_pop_text(f, &name);

	if (err)
		return err;
	if (node)
		of_refresh(node);
	for (; node && !prop; node = inherit ? node->parent : NULL)
		prop = dt_prop_find(node, name);
	heap_free(name);
	return push_property(f, prop);
}

static int w_get_package_property(struct forth *f)
{
	cell_t phandle = forth_pop(f);
	struct dt_node *node =
		phandle <= UINT32_MAX ? dt_find_phandle(of_tree(), (uint32_t)phandle) : NULL;

	if (!node)
		return forth_abort(f, "%llx is no phandle", (unsigned long long)phandle);
	return get(f, node, false);
}

/* Of the current instance's package, or of the active one where there is no instance. */
static int w_get_my_property(struct forth *f)
{
	const struct instance *in = words_my_self();

	return get(f, in ? in->node : words_active(), false);
}

static int w_get_inherited_property(struct forth *f)
{
	const struct instance *in = words_my_self();

	return get(f, in ? in->node : words_active(), true);
}

static int w_get_property(struct forth *f)
{
	return get(f, words_active(), false);
}

/* ( prev-addr prev-len phandle -- false | name-addr name-len true ) */
static int w_next_property(struct forth *f)
{
	cell_t phandle = forth_pop(f);
	const struct dt_node *node =
		phandle <= UINT32_MAX ? dt_find_phandle(of_tree(), (uint32_t)phandle) : NULL;
	const struct dt_prop *prop;
	char *name;
	int err = words_pop_text(f, &name);

	if (err)
		return err;
	prop = !node ? NULL : *name ? dt_prop_find(node, name) : node->props;
	if (*name && prop)
		prop = prop->next;
	heap_free(name);
	if (prop)
		words_push_str(f, prop->name);
	forth_push(f, prop ? ~(cell_t)0 : 0);
	return 0;
}

/* ---- properties with a word of their own ---------------------------------------------------- */

/* Text from the stack becomes a property with a NUL. */
static int set_string(struct forth *f, const char *name)
{
	struct dt_node *node;
	char *text;
	int err = words_pop_text(f, &text);

	if (err)
		return err;
	err = need_package(f, &node);
	if (!err)
		err = set_property(f, node, name, (const uint8_t *)text, strlen(text) + 1);
	heap_free(text);
	return err;
}

static int w_device_type(struct forth *f)
{
	return set_string(f, "device_type");
}

static int w_model(struct forth *f)
{
	return set_string(f, "model");
}

static int w_compatible(struct forth *f)
{
	return set_string(f, "compatible");
}

/* A network card's, of my-self or the active package. */
static int w_mac_address(struct forth *f)
{
	static const char *const names[] = {"mac-address", "local-mac-address"};
	const struct instance *in = words_my_self();
	const struct dt_node *node = in ? in->node : words_active();

	for (size_t i = 0; node && i < ARRAY_SIZE(names); i++) {
		const struct dt_prop *prop = dt_prop_find(node, names[i]);

		if (prop) {
			/* 8 bytes: two of filling in front */
			words_push_bytes(f, prop->data + (prop->len == 8 ? 2 : 0),
					 prop->len == 8 ? 6 : prop->len);
			return 0;
		}
	}
	return forth_abort(f, "no MAC address here");
}

enum { VAR = FORTH_VARIES };
// clang-format off
static const struct forth_word rows[] = {
	{"property",        "( value-addr value-len addr len -- )", w_property, 0, "Give the active package a property"},
	{"set-property",    "( value-addr value-len addr len -- )", w_property, 0, "Give the active package a property"},
	{"delete-property", "( addr len -- )", w_delete_property, 0, "Delete a property of the active package"},
	{"get-property",    "( addr len -- [addr] [len] flag )", w_get_property, VAR, "A property of the active package and false, or true"},
	{"get-my-property", "( addr len -- [addr] [len] flag )", w_get_my_property, VAR, "A property of my-self's package and false, or true"},
	{"get-inherited-property", "( addr len -- [addr] [len] flag )", w_get_inherited_property, VAR, "The same, or of a package above it"},
	{"get-package-property", "( addr len phandle -- [addr] [len] flag )", w_get_package_property, VAR, "A property of a package and false, or true"},
	{"next-property",   "( addr len phandle -- [addr] [len] flag )", w_next_property, VAR, "The name of the next property and true, or false"},
	{"mac-address",     "( -- addr len )", w_mac_address, 0, "The MAC address of my-self or the active package"},
	{"device-type",     "( addr len -- )", w_device_type, 0, "Set device_type"},
	{"model",           "( addr len -- )", w_model, 0, "Set model"},
	{"compatible",      "( addr len -- )", w_compatible, 0, "Set compatible"},
};
// clang-format on
const struct words_table words_property = {rows, ARRAY_SIZE(rows)};
