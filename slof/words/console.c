/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Choosing the console, and what scripts of other machines do before: "probe-all install-console banner" is
 * how nvramrc begins there. Here buses and console are ready by then.
 */
#include "words-priv.h"

#include "base/err.h"
#include "base/heap.h"
#include "of/scsi.h"

static int select(struct forth *f, const char *path, int (*set)(const char *path))
{
	int err = set(path);

	if (err == E_NOENT)
		return forth_abort(f, "%s: no such device", path);
	if (err == E_UNSUPP)
		return forth_abort(f, "%s is no console, or has no driver", path);
	return err ? words_fail(f, path, err) : 0;
}

static int select_both(struct forth *f, bool in, bool out)
{
	char *path;
	int err = words_pop_text(f, &path);

	if (!err && in)
		err = select(f, path, of_set_input);
	if (!err && out)
		err = select(f, path, of_set_output);
	heap_free(path);
	return err;
}

static int w_input(struct forth *f)
{
	return select_both(f, true, false);
}

static int w_output(struct forth *f)
{
	return select_both(f, false, true);
}

static int w_io(struct forth *f)
{
	return select_both(f, true, true);
}

static int w_install_console(struct forth *f UNUSED)
{
	of_obey_console_variables();
	return 0;
}

static int w_probe_all(struct forth *f UNUSED)
{
	of_populate_all();
	return 0;
}

static int w_suppress_banner(struct forth *f UNUSED)
{
	return 0;
}

// clang-format off
static const struct forth_word rows[] = {
	{"input",   "( addr len -- )", w_input, 0, "Take keys from this device from now on"},
	{"output",  "( addr len -- )", w_output, 0, "Print on this device from now on"},
	{"io",      "( addr len -- )", w_io, 0, "Both"},
	{"install-console", "( -- )",  w_install_console, 0, "Obey input-device and output-device, as the start did"},
	{"probe-all", "( -- )",        w_probe_all, 0, "Look for the disks behind all controllers; the buses are known"},
	{"suppress-banner", "( -- )",  w_suppress_banner, 0, "Nothing: the banner came before Forth"},
};
// clang-format on
const struct words_table words_console = {rows, ARRAY_SIZE(rows)};
