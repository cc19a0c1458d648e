/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The list: which driver serves which node. Binding touches no hardware; a driver probes at its
 * first open.
 */
#include "board.h"

#include "rtas.h"

#include "dt/path.h"
#include "dt/prop.h"
#include "of/machine.h"

static void alias_nvram(void)
{
	const struct dt_node *vdevice = dt_path_find(of_tree(), "/vdevice");
	char path[64];

	for (const struct dt_node *n = vdevice ? vdevice->child : NULL; n; n = n->next)
		if (dt_prop_lists(n, "compatible", "qemu,spapr-nvram") &&
		    dt_path_of(n, path, sizeof(path)) < sizeof(path))
			of_alias("nvram", path);
}

void board_bind_drivers(void)
{
	cas_init();
	rtas_init();
	vty_bind_all();
	vscsi_bind_all();
	llan_bind_all();
	alias_nvram();
}
