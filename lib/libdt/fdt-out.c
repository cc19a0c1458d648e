/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the live tree to a flattened one, in two walks: the first adds up sizes and gives every
 * property name its place in the strings block, by an index; the second writes into a block of just
 * that size. Both are linear in the tree, where libfdt's own writer searches the strings for every
 * property. The truth about phandles is the node's number, so the properties that repeat it are
 * made from it, behind the others. The form is version 17, which has no "name" properties.
 */
#include "dt/fdt.h"

#include "base/bytes.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/panic.h"
#include "dt-priv.h"
#include "dt/prop.h"

#include <libfdt.h>
#include <string.h>

#define HEADER_BYTES  40u
#define RESERVE_BYTES 16u /* one empty entry */
#define STRUCTURE_AT  (HEADER_BYTES + RESERVE_BYTES)

struct writer {
	struct dt_index names; /* property name -> place in the strings block, plus 1 */
	uint64_t strings_size, structure_size;
	uint8_t *at;      /* in the structure block */
	uint8_t *strings; /* the strings block */
};

static const char *const phandle_names[] = {"phandle", "linux,phandle"};

static uint64_t pad4(uint64_t len)
{
	return (len + 3) & ~(uint64_t)3;
}

/* Is it one of those made from the node itself? */
static bool is_made(const char *name)
{
	return strcmp(name, "name") == 0 || strcmp(name, phandle_names[0]) == 0 ||
	       strcmp(name, phandle_names[1]) == 0;
}

/* linux,phandle is written only where somebody already had it. */
static bool has_phandle_prop(const struct dt_node *node, unsigned which)
{
	return which == 0 || dt_prop_find(node, phandle_names[which]);
}

/* ---- first walk ---- */

static int measure_prop(struct writer *w, const char *name, uint32_t len)
{
	void *place = (void *)(uintptr_t)(w->strings_size + 1);
	int err = dt_index_add(&w->names, NULL, name, place);

	if (err == 0)
		w->strings_size += strlen(name) + 1;
	w->structure_size += 12 + pad4(len);
	return err == E_EXIST ? 0 : err;
}

static int measure_node(struct writer *w, const struct dt_node *node)
{
	int err = 0;

	w->structure_size += 4 + pad4(strlen(node->name) + 1) + 4;
	for (const struct dt_prop *p = node->props; p && !err; p = p->next) {
		if (!is_made(p->name))
			err = measure_prop(w, p->name, p->len);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(phandle_names) && !err; i++) {
		if (has_phandle_prop(node, i))
			err = measure_prop(w, phandle_names[i], 4);
	}
	return err;
}

static int measure(struct writer *w, const struct dt_tree *tree)
{
	w->structure_size = 4; /* FDT_END */
	for (const struct dt_node *n = tree->root; n; n = dt_next(tree->root, n)) {
		int err = measure_node(w, n);

		if (err)
			return err;
	}
	return STRUCTURE_AT + w->structure_size + w->strings_size <= INT32_MAX ? 0 : E_RANGE;
}

/* ---- second walk; the block is all zeros, so padding is skipped ---- */

static void write_u32(struct writer *w, uint32_t v)
{
	put_be32(w->at, v);
	w->at += 4;
}

static void write_prop(struct writer *w, const char *name, const uint8_t *value, uint32_t len)
{
	uintptr_t place = (uintptr_t)dt_index_find(&w->names, NULL, name) - 1;

	memcpy(w->strings + place, name, strlen(name) + 1);
	write_u32(w, FDT_PROP);
	write_u32(w, len);
	write_u32(w, (uint32_t)place);
	memcpy(w->at, value, len);
	w->at += pad4(len);
}

static void write_node(struct writer *w, const struct dt_node *node)
{
	size_t name_size = strlen(node->name) + 1;
	uint8_t phandle[4];

	put_be32(phandle, node->phandle);
	write_u32(w, FDT_BEGIN_NODE);
	memcpy(w->at, node->name, name_size);
	w->at += pad4(name_size);
	for (const struct dt_prop *p = node->props; p; p = p->next) {
		if (!is_made(p->name))
			write_prop(w, p->name, p->data, p->len);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(phandle_names); i++) {
		if (has_phandle_prop(node, i))
			write_prop(w, phandle_names[i], phandle, sizeof(phandle));
	}
}

/* End a node without children and those it was the last child of; the node that comes next. */
static const struct dt_node *end_nodes(struct writer *w, const struct dt_node *node)
{
	for (;; node = node->parent) {
		write_u32(w, FDT_END_NODE);
		if (!node->parent || node->next)
			return node->parent ? node->next : NULL;
	}
}

static void write_header(uint8_t *blob, const struct writer *w, uint32_t boot_cpuid, size_t size)
{
	const uint32_t header[] = {
		FDT_MAGIC,
		(uint32_t)size,
		STRUCTURE_AT,
		(uint32_t)(STRUCTURE_AT + w->structure_size), /* strings */
		HEADER_BYTES,                                 /* reserve map */
		17,
		16,
		boot_cpuid,
		(uint32_t)w->strings_size,
		(uint32_t)w->structure_size,
	};

	for (unsigned i = 0; i < ARRAY_SIZE(header); i++)
		put_be32(blob + 4 * i, header[i]);
}

void *dt_to_fdt(const struct dt_tree *tree, uint32_t boot_cpuid, size_t *size)
{
	struct writer w = {.names = {0}};
	uint8_t *blob = NULL;
	size_t total;

	if (measure(&w, tree) != 0)
		goto out;
	total = STRUCTURE_AT + w.structure_size + w.strings_size;
	blob = try_alloc(total);
	if (!blob)
		goto out;
	w.at = blob + STRUCTURE_AT;
	w.strings = w.at + w.structure_size;
	for (const struct dt_node *n = tree->root; n;) {
		write_node(&w, n);
		n = n->child ? n->child : end_nodes(&w, n);
	}
	write_u32(&w, FDT_END);
	assert(w.at == w.strings);
	write_header(blob, &w, boot_cpuid, total);
	*size = total;
out:
	dt_index_free(&w.names);
	return blob;
}
