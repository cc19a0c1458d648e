/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzz target: flattened trees from outside. A blob that passes the check must come in, be sound,
 * find each of its nodes by path, go out and come back the same. If the input holds a second good
 * blob (behind the first, or in its second half), merging it into the first must give the second.
 */
#include <stdlib.h>

#include "base/panic.h"
#include "dt/merge.h"
#include "dt/print.h"
#include "test-libdt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The tree of a blob in a block of its own size, so that ASan sees the end. */
static bool take(struct dt_tree *tree, const uint8_t *data, size_t size, size_t *total)
{
	uint8_t *copy = malloc(size ? size : 1);
	bool ok;

	assert(copy);
	memcpy(copy, data, size);
	ok = dt_fdt_check(copy, size, total, NULL) == 0;
	if (ok) {
		int err = dt_from_fdt(tree, copy);

		assert(err == 0);
	}
	free(copy);
	return ok;
}

static void check_sound(const struct dt_tree *tree)
{
	const char *fault = tree_fault(tree);

	if (fault)
		panic("%s", fault);
}

/* What is written is good and reads as the tree it was made of. */
static void check_round_trip(const struct dt_tree *tree)
{
	size_t size, total;
	const char *why = "";
	void *blob = dt_to_fdt(tree, 0, &size);
	struct dt_tree again;

	assert(blob);
	if (dt_fdt_check(blob, size, &total, &why) != 0)
		panic("own blob refused: %s", why);
	assert(total == size);
	if (!take(&again, blob, size, &total))
		panic("own blob not taken");
	assert(trees_equal(tree, &again));
	dt_tree_free(&again);
	heap_free(blob);
}

static void check_paths(const struct dt_tree *tree)
{
	unsigned left = 200;

	for (struct dt_node *n = tree->root; n && left; n = dt_next(tree->root, n), left--) {
		char path[1024];

		if (dt_path_of(n, path, sizeof(path)) < sizeof(path))
			(void)dt_path_find(tree, path); /* names with ':' are not found, rightly */
	}
}

static void count_bytes(void *ctx, const char *text, size_t len)
{
	size_t *sum = ctx;

	for (size_t i = 0; i < len; i++)
		*sum += text[i] != 0;
}

static void check_merge(struct dt_tree *tree, const uint8_t *data, size_t size)
{
	struct dt_tree from, want;
	size_t total;

	if (!take(&from, data, size, &total))
		return;
	if (!take(&want, data, size, &total))
		panic("taken once but not twice");
	dt_merge(tree, &from, NULL);
	check_sound(tree);
	assert(trees_alike(tree, &want));
	check_round_trip(tree);
	dt_tree_free(&want);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dt_tree tree;
	size_t total, printed = 0;

	if (!take(&tree, data, size, &total))
		return 0;
	check_sound(&tree);
	check_round_trip(&tree);
	check_paths(&tree);
	dt_print(tree.root, count_bytes, &printed);
	check_merge(&tree, data, size); /* with itself */
	check_merge(&tree, data + total, size - total);
	check_merge(&tree, data + size / 2, size - size / 2);
	dt_tree_free(&tree);
	return 0;
}
