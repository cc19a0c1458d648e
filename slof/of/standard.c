/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The nodes every Open Firmware has (IEEE 1275 3.5), as far as they do not depend on the board, and
 * aliases. Only what is really there gets a node: support packages come with their code.
 */
#define LOG_TAG "of"
#include "of/machine.h"

#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/env.h"

#include <string.h>

#include "of-priv.h"

static struct dt_node *top_node(const char *name)
{
	return dt_child_get(of_tree(), of_tree()->root, name);
}

/* model is "<maker>,<what>": the version's first blank becomes the comma. */
static void make_openprom(void)
{
	struct dt_node *node = top_node("openprom");
	char *model = xstrdup(of_platform()->version);
	char *blank = strchr(model, ' ');

	if (blank)
		*blank = ',';
	dt_prop_set_str(node, "model", model);
	dt_prop_set_flag(node, "relative-addressing");
	heap_free(model);
}

static struct dt_node *make_mmu(void)
{
	struct dt_node *node = top_node("mmu");

	of_bind(node, &class_mmu, NULL);
	dt_prop_set_flag(node, "translations");
	return node;
}

/* ---- memory, CPUs, /chosen -------------------------------------------------------------- */

static const struct pkg_class class_cpu = {.device_type = "cpu"};

static bool is_of_type(const struct dt_node *node, const char *type)
{
	const char *is = dt_prop_get_str(node, "device_type");

	return is && !strcmp(is, type);
}

/* Bind every memory node below the root; the first is where clients look. */
static struct dt_node *bind_memory_nodes(void)
{
	struct dt_node *first = NULL;

	for (struct dt_node *n = of_tree()->root->child; n; n = n->next) {
		if (!is_of_type(n, "memory"))
			continue;
		of_bind_memory(n);
		if (!first)
			first = n;
	}
	return first;
}

/* The CPU we run on is the first: QEMU starts no other. */
static struct dt_node *bind_boot_cpu(void)
{
	struct dt_node *cpus = dt_child_find(of_tree()->root, "cpus");

	for (struct dt_node *n = cpus ? cpus->child : NULL; n; n = n->next) {
		if (is_of_type(n, "cpu")) {
			of_bind(n, &class_cpu, NULL);
			return n;
		}
	}
	return NULL;
}

/* Open a node and store the ihandle in /chosen. */
static void choose(struct dt_node *chosen, const char *prop, const struct dt_node *node)
{
	struct instance *in;
	char *path;
	size_t len;
	int err;

	if (!node) {
		log_warn("no node for /chosen/%s", prop);
		return;
	}
	len = dt_path_of(node, NULL, 0);
	path = xalloc(len + 1);
	dt_path_of(node, path, len + 1);
	err = instance_open(path, &in);
	if (err)
		log_err("%s does not open: %s", path, err_text(err));
	else
		dt_prop_set_u32(chosen, prop, in->ihandle);
	heap_free(path);
}

void of_standard_nodes(void)
{
	struct dt_node *chosen = top_node("chosen");

	top_node("aliases");
	block_packages();
	net_packages();
	env_mirror();
	make_openprom();
	choose(chosen, "cpu", bind_boot_cpu());
	choose(chosen, "memory", bind_memory_nodes());
	choose(chosen, "mmu", make_mmu());
}

/* ---- aliases ---------------------------------------------------------------------------- */

/* What there is of one family of aliases: base, base1, base2, ... */
struct family {
	unsigned count;
	int64_t last;  /* the largest number, -1: none */
	bool means_it; /* one of them means the path already */
};

/* The number behind base in an alias name: 0 for base itself, -1 for another name. */
static int64_t alias_number(const char *name, const char *base, size_t len)
{
	const char *digit = name + len;
	int64_t n = 0;

	if (strncmp(name, base, len) != 0 || *digit == '0')
		return -1;
	for (; *digit >= '0' && *digit <= '9' && digit - name - len < 9; digit++)
		n = 10 * n + (*digit - '0');
	return *digit ? -1 : n;
}

static struct family family_of(const struct dt_node *aliases, const char *base, const char *path)
{
	struct family f = {.last = -1};
	size_t base_len = strlen(base), size = strlen(path) + 1;

	for (const struct dt_prop *p = aliases->props; p; p = p->next) {
		int64_t number = alias_number(p->name, base, base_len);

		if (number < 0)
			continue;
		if (p->len == size && !memcmp(p->data, path, size))
			f.means_it = true;
		if (number > f.last)
			f.last = number;
		f.count++;
	}
	return f;
}

/* The smallest number no alias of the family has: one of 0 to their count, since those are too many. */
static unsigned free_number(const struct dt_node *aliases, const char *base, const struct family *f)
{
	size_t len = strlen(base);
	unsigned n = 0;
	bool *taken;

	if (f->last < f->count) /* no gap: the usual case, and there may be thousands */
		return f->count;
	taken = xalloc((f->count + 1) * sizeof(*taken));
	for (const struct dt_prop *p = aliases->props; p; p = p->next) {
		int64_t number = alias_number(p->name, base, len);

		if (number >= 0 && number <= f->count)
			taken[number] = true;
	}
	while (taken[n])
		n++;
	heap_free(taken);
	return n;
}

void of_alias(const char *base, const char *path)
{
	struct dt_node *aliases = top_node("aliases");
	char name[64];
	struct strbuf sb = strbuf_on(name, sizeof(name));
	struct family family = family_of(aliases, base, path);
	unsigned n;

	if (family.means_it)
		return;
	n = free_number(aliases, base, &family);
	strbuf_str(&sb, base);
	if (n > 0)
		strbuf_printf(&sb, "%u", n);
	dt_prop_set_str(aliases, name, path);
}
