/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as bootinfo.txt: what comes out is terminated, not empty where it must not be, and a script
 * of one command has a path without blanks.
 */
#include <stdlib.h>
#include <string.h>

#include "base/heap.h"
#include "base/panic.h"
#include "blk/bootinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_script(const char *script)
{
	char *path, *args;

	assert(*script);
	if (bootinfo_simple(script, &path, &args))
		return;
	assert(!strpbrk(path, " \t\n\r"));
	assert(!args || *args);
	heap_free(path);
	heap_free(args);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct bootinfo_names names = {"/pci@800000020000000/scsi@1", "2", "\\ppc\\",
						    "bootinfo.txt"};
	struct bootinfo info;
	char *copy = malloc(size ? size : 1); /* exact: no NUL behind it */

	if (!copy)
		abort();
	if (size)
		memcpy(copy, data, size);
	if (!bootinfo_parse(copy, size, &names, &info)) {
		check_script(info.script);
		bootinfo_free(&info);
	}
	free(copy);
	return 0;
}
