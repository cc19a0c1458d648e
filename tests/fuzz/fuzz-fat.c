/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a FAT file system: names are looked up, directories listed, files read. Nothing is read outside the
 * view (ASan sees it), and the work is bounded.
 */
#include "fuzz-disk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t buf[FUZZ_FILE_MAX];
	struct fuzz_disk d = {.reads = 0};
	struct blk_view v;

	d.data = data;
	d.size = size;
	v = fuzz_view(&d, size + 65536, 512);
	fuzz_fs(&d, &v, buf);
	return 0;
}
