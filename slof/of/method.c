/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packages: what makes a node more than data. A small record hangs on node->package and holds the
 * class, the class's data and the methods added to this node alone. Calling a method compares the
 * stack with its effect string before and after: before, because callers come from outside; after,
 * because a method that breaks its promise is our bug.
 */
#include "of/method.h"

#include "base/err.h"
#include "base/heap.h"
#include "dt/prop.h"

#include <string.h>

#include "of-priv.h"

struct own_method {
	struct own_method *next;
	const struct method *method;
};

struct package {
	const struct pkg_class *cls;
	void *data;
	struct own_method *own;
};

static struct package *package_get(struct dt_node *node)
{
	if (!node->package)
		node->package = xalloc(sizeof(struct package));
	return node->package;
}

void of_bind(struct dt_node *node, const struct pkg_class *cls, void *data)
{
	struct package *pkg = package_get(node);
	const char *type = dt_prop_get_str(node, "device_type");

	pkg->cls = cls;
	pkg->data = data;
	if (cls->device_type && (!type || strcmp(type, cls->device_type) != 0))
		dt_prop_set_str(node, "device_type", cls->device_type);
}

const struct pkg_class *of_class(const struct dt_node *node)
{
	const struct package *pkg = node->package;

	return pkg ? pkg->cls : NULL;
}

void *of_data(const struct dt_node *node)
{
	const struct package *pkg = node->package;

	return pkg ? pkg->data : NULL;
}

void of_add_method(struct dt_node *node, const struct method *m)
{
	struct package *pkg = package_get(node);
	struct own_method *own = xalloc(sizeof(*own));

	own->method = m;
	own->next = pkg->own;
	pkg->own = own;
}

void of_refresh(struct dt_node *node)
{
	const struct pkg_class *cls = of_class(node);

	if (cls && cls->refresh)
		cls->refresh(node);
}

void package_free(struct dt_node *node)
{
	struct package *pkg = node->package;

	if (!pkg)
		return;
	while (pkg->own) {
		struct own_method *own = pkg->own;

		pkg->own = own->next;
		heap_free(own);
	}
	heap_free(pkg);
	node->package = NULL;
}

static bool is_called(const struct method *m, const char *name, size_t n)
{
	return !strncmp(m->name, name, n) && m->name[n] == 0;
}

const struct method *method_find(const struct dt_node *node, const char *name, size_t n)
{
	const struct package *pkg = node->package;

	if (!pkg || memchr(name, 0, n))
		return NULL;
	for (const struct own_method *own = pkg->own; own; own = own->next)
		if (is_called(own->method, name, n))
			return own->method;
	if (!pkg->cls || !pkg->cls->methods)
		return NULL;
	for (const struct method *m = pkg->cls->methods; m->name; m++)
		if (is_called(m, name, n))
			return m;
	return NULL;
}

/* How many cells of each side of an effect string are in brackets. */
static struct effect optional_cells(const char *text)
{
	struct effect e = {0, 0};
	bool inside = false, after = false;

	while (*text) {
		size_t len = strcspn(text, " ");

		if (len > 0 && *text == '[')
			inside = true;
		if (len == 2 && !memcmp(text, "--", 2))
			after = true;
		else if (len > 0 && inside)
			*(after ? &e.out : &e.in) += 1;
		if (len > 0 && text[len - 1] == ']')
			inside = false;
		text += len + (text[len] == ' ');
	}
	return e;
}

/* Is the depth after a call one that its effect allows? */
static bool depth_fits(unsigned before, unsigned now, struct effect e, struct effect optional)
{
	uint64_t most = (uint64_t)before + e.out - (e.in - optional.in);
	uint64_t least = (uint64_t)before + e.out - optional.out;

	return now <= most && (uint64_t)now + e.in >= least;
}

int method_call(const struct method *m, struct instance *in, struct stack *st)
{
	struct effect e, optional;
	unsigned before = st->depth, needed;
	int err;

	if (!m->effect)
		return m->fn(in, st, m);
	if (effect_parse(m->effect, &e))
		panic("method %s: no stack effect: %s", m->name, m->effect);
	optional = optional_cells(m->effect);
	needed = e.in - optional.in;
	if (before < needed || before - needed + e.out > st->limit)
		return E_DEPTH;
	err = m->fn(in, st, m);
	if (err) {
		st->depth = before - needed;
		return err;
	}
	if (!depth_fits(before, st->depth, e, optional))
		panic("method %s: depth %u became %u, not as in %s", m->name, before, st->depth,
		      m->effect);
	return 0;
}
