/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A boot list, boot letters, boot-device and a device to boot, separated by NUL, on a machine with some
 * devices, of which some fail. Oracles: the list ends; nothing is in it twice; a device is loaded at
 * most once for each of its arguments; after HALT only what the list names; all memory comes back.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/panic.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "fakeboot.h"
#include "fakeplatform.h"
#include "fakeram.h"
#include "of/env.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PCI "/pci@800000020000000"

static struct fakeboot device[5];

static void start_once(void)
{
	static bool started;

	if (started)
		return;
	started = true;
	fakeboot_start();
	fakeboot_device(PCI "/scsi@2", "disk", &device[0]);
	fakeboot_device(PCI "/scsi@3/disk@103000500000000", "disk", &device[1]);
	fakeboot_device(PCI "/pci@6,3/scsi@a", "cdrom", &device[2]);
	fakeboot_device(PCI "/ethernet@7", "net", &device[3]);
	fakeboot_device(PCI "/mass-storage@4/namespace@1", "disk", &device[4]);
	device[1].open_error = E_NOENT;
	device[2].load_error = E_IO;
}

static uint64_t free_bytes(void)
{
	uint64_t at = 0, addr, size, sum = 0;

	while (mem_next(MEM_FREE, &at, &addr, &size))
		sum += size;
	return sum;
}

/* The next text of the input, at most 1000 bytes: a copy. */
static char *next_text(const uint8_t **data, size_t *size)
{
	const uint8_t *end = memchr(*data, 0, *size);
	size_t len = end ? (size_t)(end - *data) : *size;
	char *text = malloc(len + 1);

	assert(text);
	memcpy(text, *data, len);
	text[len] = 0;
	*data += end ? len + 1 : len;
	*size -= end ? len + 1 : len;
	return text;
}

static void check_list(const char *list)
{
	struct boot_candidate c;
	char *seen[600];
	unsigned at = 0, n = 0;
	bool halt;

	while (of_boot_next(&at, &c, &halt)) {
		for (unsigned i = 0; i < n; i++)
			assert(strcmp(seen[i], c.path) != 0);
		if (halt)
			assert(strstr(list, "HALT") && !strcmp(c.origin, "boot list"));
		if (n == ARRAY_SIZE(seen))
			break;
		seen[n] = strdup(c.path);
		assert(seen[n++]);
	}
	while (n > 0)
		free(seen[--n]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"qemu,boot-list", "qemu,boot-device", "boot-device"};
	char *text[4];
	uint64_t before;

	if (size > 1000)
		return 0;
	start_once();
	for (unsigned i = 0; i < 4; i++)
		text[i] = next_text(&data, &size);
	for (unsigned i = 0; i < 2; i++)
		fakeboot_chosen(names[i], text[i]);
	if (env_set(names[2], text[2], strlen(text[2])))
		(void)!env_set(names[2], "", 0);
	check_list(text[0]);
	before = free_bytes();
	assert(of_boot(text[3], "") != 0);
	assert(free_bytes() == before && instance_count() < 20);
	for (unsigned i = 0; i < 4; i++)
		free(text[i]);
	return 0;
}
