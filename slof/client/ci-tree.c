/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Services about nodes and properties. Lengths returned are the true ones, however much fitted, and
 * only as much of a buffer is checked as will be written: clients state more room than they have.
 */
#include "client-priv.h"

#include "base/heap.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/env.h"
#include "of/machine.h"

#include <string.h>

#define PROP_NAME_MAX 63u /* Linux gives nextprop 64 bytes */

static int64_t phandle_or_0(const struct dt_node *node)
{
	return node ? node->phandle : 0;
}

void ci_peer(struct client_call *c)
{
	const struct dt_node *node = c->arg[0].node;

	c->ret[0] = phandle_or_0(node ? node->next : of_tree()->root);
}

void ci_child(struct client_call *c)
{
	c->ret[0] = phandle_or_0(c->arg[0].node->child);
}

void ci_parent(struct client_call *c)
{
	c->ret[0] = phandle_or_0(c->arg[0].node->parent);
}

void ci_finddevice(struct client_call *c)
{
	const struct dt_node *node = of_find_node(c->arg[0].text);

	if (node)
		c->ret[0] = node->phandle;
}

/* ---- properties --------------------------------------------------------------------------- */

static const struct dt_prop *find_prop(struct dt_node *node, const char *name)
{
	of_refresh(node);
	return dt_prop_find(node, name);
}

void ci_getproplen(struct client_call *c)
{
	const struct dt_prop *p = find_prop(c->arg[0].node, c->arg[1].text);

	if (p)
		c->ret[0] = p->len;
}

void ci_getprop(struct client_call *c)
{
	const struct dt_prop *p = find_prop(c->arg[0].node, c->arg[1].text);
	uint64_t n;

	if (!p)
		return;
	n = p->len < c->arg[3].n ? p->len : c->arg[3].n;
	if (n > 0) {
		void *to = client_ram(c->arg[2].n, n);

		if (!to)
			return;
		memcpy(to, p->data, n);
	}
	c->ret[0] = p->len;
}

void ci_nextprop(struct client_call *c)
{
	struct dt_node *node = c->arg[0].node;
	const char *previous = c->arg[1].text;
	const struct dt_prop *p;

	of_refresh(node);
	p = node->props;
	if (*previous) {
		p = dt_prop_find(node, previous);
		if (!p)
			return;
		p = p->next;
	}
	if (!p)
		c->ret[0] = 0;
	else if (client_give(p->name, strlen(p->name), c->arg[2].n, strlen(p->name) + 1) >= 0)
		c->ret[0] = 1;
}

/* A name QEMU and Linux will take in a flattened tree: printable, no blanks, no '/'. */
static bool is_prop_name(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > PROP_NAME_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if (name[i] <= ' ' || name[i] > '~' || name[i] == '/')
			return false;
	return true;
}

/* A variable's text may come with its NUL, as it is read, or without. */
static int set_option(const char *name, const char *text, size_t len)
{
	if (len > 0 && !text[len - 1])
		len--;
	return env_set(name, text, len);
}

void ci_setprop(struct client_call *c)
{
	size_t len = c->arg[3].n;

	if (!is_prop_name(c->arg[1].text))
		return;
	if (env_is_node(c->arg[0].node)) {
		if (!set_option(c->arg[1].text, c->arg[2].buf, len))
			c->ret[0] = (int64_t)len;
		return;
	}
	if (!dt_prop_try_set(c->arg[0].node, c->arg[1].text, c->arg[2].buf, len))
		c->ret[0] = (int64_t)len;
}

/* ---- paths -------------------------------------------------------------------------------- */

/* "<path of node>" or "<path of node>:<args>" for the client's buffer. */
static int64_t give_path(const struct dt_node *node, const char *args, uint64_t buf, uint64_t room)
{
	size_t path_len = dt_path_of(node, NULL, 0);
	size_t len = path_len + (args ? 1 + strlen(args) : 0);
	char *text = try_alloc(len + 1);
	int64_t ret;

	if (!text)
		return -1;
	dt_path_of(node, text, path_len + 1);
	if (args) {
		text[path_len] = ':';
		memcpy(text + path_len + 1, args, len - path_len);
	}
	ret = client_give(text, len, buf, room);
	heap_free(text);
	return ret;
}

void ci_package_to_path(struct client_call *c)
{
	c->ret[0] = give_path(c->arg[0].node, NULL, c->arg[1].n, c->arg[2].n);
}

/* Aliases expanded, nodes by their full names, the last component's arguments kept. */
void ci_canon(struct client_call *c)
{
	struct dt_node *node;
	char *args;

	if (dt_path_resolve(of_tree(), c->arg[0].text, &node, &args))
		return;
	c->ret[0] = give_path(node, args, c->arg[1].n, c->arg[2].n);
	heap_free(args);
}
