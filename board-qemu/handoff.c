/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The board's part of quiesce: RTAS quiesce makes virtual I/O devices safe, then QEMU gets the tree
 * the OS will have, for FWNMI, hot-plugged host bridges, migration.
 */
#define LOG_TAG "handoff"
#include "board.h"

#include "hv.h"
#include "rtas.h"

#include "base/heap.h"
#include "base/log.h"
#include "dt/fdt.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/machine.h"

static uint32_t boot_cpu(void)
{
	const struct dt_node *cpus = dt_path_find(of_tree(), "/cpus");

	for (const struct dt_node *n = cpus ? cpus->child : NULL; n; n = n->next)
		if (dt_prop_lists(n, "device_type", "cpu"))
			return dt_prop_u32_or(n, "reg", 0);
	return 0;
}

void board_quiesce(void)
{
	size_t size;
	void *fdt;
	int64_t rc;

	rtas_quiesce();
	fdt = dt_to_fdt(of_tree(), boot_cpu(), &size);
	if (!fdt) {
		log_warn("no memory to flatten the tree for the hypervisor");
		return;
	}
	rc = hv_update_dt((uintptr_t)fdt);
	if (rc != H_SUCCESS && rc != H_FUNCTION)
		log_warn("the hypervisor refused our tree of %zu bytes: %lld", size, (long long)rc);
	else
		log_info("tree of %zu bytes handed to the hypervisor", size);
	heap_free(fdt);
}
