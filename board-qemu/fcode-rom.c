/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FCode from expansion ROMs. Reading ROMs is slow, and those QEMU's devices come with hold x86 and EFI code,
 * so nobody looks into one unless asked: by the word rom-fcode for one device, or for all by the variable
 * fcode-rom? being "true" (setenv fcode-rom? true). The FCode runs with the device's node as active package
 * and an instance of it as my-self; the property fcode-rom-offset says where it came from.
 */
#define LOG_TAG "fcode"
#include "board.h"

#include <string.h>

#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/env.h"
#include "of/machine.h"
#include "pci/rom.h"
#include "words/words.h"

/* Evaluate the FCode of a node's ROM, if it has some: 0, a throw code, or an E_ error as *err. */
static int evaluate_rom(struct dt_node *node, int *err)
{
	struct pci_dev dev;
	uint8_t *fcode = NULL;
	uint32_t len = 0, image = 0;
	int thrown;

	*err = phb_device(node, &dev);
	if (!*err)
		*err = pci_rom_load(&dev, &fcode, &len, &image);
	if (*err)
		return 0;
	log_info("%s: %u bytes of FCode in the ROM", node->name, len);
	dt_prop_set_u32(node, "fcode-rom-offset", image);
	thrown = words_probe_fcode(node, (uintptr_t)fcode);
	if (thrown)
		log_warn("%s: %s", node->name, forth_error(words_forth())->text);
	heap_free(fcode);
	return thrown;
}

/* ( path len -- ) */
int w_rom_fcode(struct forth *f)
{
	cell_t len = forth_peek(f, 0), addr = forth_peek(f, 1);
	const char *text = forth_at(f, addr, len, false);
	char path[256];
	struct dt_node *node;
	int err, thrown;

	if (!text || len >= sizeof(path))
		return THROW_ADDRESS;
	memcpy(path, text, len);
	path[len] = '\0';
	node = dt_path_find(of_tree(), path);
	if (!node)
		return forth_abort(f, "%s: no such node", path);
	thrown = evaluate_rom(node, &err);
	if (err)
		return forth_abort(f, "%s: no FCode: %s", path, err_text(err));
	return forth_throw(f, (cell_t)(int64_t)thrown);
}

static void probe(struct dt_node *node)
{
	size_t room = dt_path_of(node, NULL, 0) + 1;
	char *path = xalloc(room);
	int err = 0;

	dt_path_of(node, path, room);
	(void)evaluate_rom(node, &err);
	forth_reset(words_forth());
	if (err && err != E_NOENT)
		log_warn("%s: ROM not usable: %s", path, err_text(err));
	heap_free(path);
}

void board_probe_roms(void)
{
	const char *wanted = env_get_str("fcode-rom?");

	if (!wanted || strcmp(wanted, "true") != 0 || !words_forth())
		return;
	for (struct dt_node *n = of_tree()->root; n; n = dt_next(of_tree()->root, n))
		if (dt_prop_find(n, "assigned-addresses"))
			probe(n);
}
