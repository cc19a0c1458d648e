/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Self-tests: a device is opened and its method selftest called, which tells by 0 that all is well. What
 * each device's finds out is its class's to say.
 */
#include "words-priv.h"

#include <string.h>

#include "base/err.h"
#include "base/heap.h"
#include "base/strbuf.h"
#include "of/scsi.h"

/* What came of it, in one piece behind what the device had to say. */
static int tell(struct forth *f, const char *path, const char *what, int err)
{
	words_printf(f, "%s: %s%s%s\r\n", path, what, err ? ": " : "", err ? err_text(err) : "");
	return words_poll();
}

static int call_selftest(struct forth *f, const char *path, struct instance *in)
{
	cell_t cells[8];
	struct stack st = {cells, 0, ARRAY_SIZE(cells)};
	int err = instance_call(in, "selftest", &st);
	char text[48];
	struct strbuf sb = strbuf_on(text, sizeof(text));

	if (err)
		return tell(f, path, "selftest failed", err);
	if (st.depth == 0 || cells[st.depth - 1] == 0)
		return tell(f, path, "good", 0);
	strbuf_printf(&sb, "selftest failed with code %llx",
		      (unsigned long long)cells[st.depth - 1]);
	return tell(f, path, text, 0);
}

/* Open, call selftest, close. */
static int test_device(struct forth *f, const char *path)
{
	struct instance *in;
	int err = instance_open(path, &in);

	if (err)
		return tell(f, path, "does not open", err);
	if (method_find(in->node, "selftest", 8))
		err = call_selftest(f, path, in);
	else
		err = tell(f, path, "opens; it has no selftest", 0);
	instance_close(in);
	return err;
}

static int test_named(struct forth *f, const char *path)
{
	int err = *path ? test_device(f, path) : forth_abort(f, "usage: test DEVICE");

	return err;
}

static int w_test(struct forth *f)
{
	return words_with_name(f, test_named);
}

/* Of a device; those of support packages need somebody above them. */
static bool has_selftest(const struct dt_node *node)
{
	return method_find(node, "selftest", 8) && node->parent &&
	       strcmp(node->parent->name, "packages") != 0;
}

static int w_test_all(struct forth *f)
{
	struct dt_node *root = of_tree()->root;
	unsigned tested = 0;
	int err = 0;

	of_populate_all();
	for (struct dt_node *node = root; node && !err; node = dt_next(root, node)) {
		char *path;

		if (!has_selftest(node))
			continue;
		path = words_path_of(node);
		if (!path)
			return THROW_MEMORY;
		err = test_device(f, path);
		heap_free(path);
		tested++;
	}
	if (!err)
		words_printf(f, "%u devices with a selftest\r\n", tested);
	return err;
}

// clang-format off
static const struct forth_word rows[] = {
	{"test",       "( -- )",   w_test, FORTH_LINES, "Test a device: test DEVICE"},
	{"test-all",   "( -- )",   w_test_all, FORTH_LINES, "Test all devices"},
};
// clang-format on
const struct words_table words_tests = {rows, ARRAY_SIZE(rows)};
