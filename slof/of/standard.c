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
