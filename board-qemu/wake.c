/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A key ends the firmware's sleep: the terminals' interrupts are let through to the CPU we run on, by the
 * interrupt controller clients find at the start (XICS). Not only for speed: QEMU before 8.2 under TCG loses the
 * decrementer in a live migration, so a CPU asleep then is woken by nothing else (test: migrate-prompt).
 * Without that controller only the decrementer wakes.
 */
#include "board.h"

#include "hv.h"
#include "rtas.h"

#include "base/bytes.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/machine.h"

enum { PRIORITY = 5, MASKED = 0xff, ALL_PRIORITIES = 0xff, NO_PRIORITY = 0 };

static bool enabled;

/* The interrupt server number of the CPU we run on, the first. */
static uint32_t our_server(void)
{
	const struct dt_node *cpus = dt_path_find(of_tree(), "/cpus");
	const struct dt_node *n = cpus ? cpus->child : NULL;

	while (n && !dt_prop_lists(n, "device_type", "cpu"))
		n = n->next;
	return n ? dt_prop_u32_or(n, "reg", 0) : 0;
}

static void set_all(uint32_t priority)
{
	static struct rtas_fn fn = {"ibm,set-xive", 0};
	const struct dt_node *vdevice = dt_path_find(of_tree(), "/vdevice");

	for (struct dt_node *n = vdevice ? vdevice->child : NULL; n; n = n->next) {
		const struct dt_prop *p = dt_prop_find(n, "interrupts");
		uint32_t ret;

		if (p && p->len >= 4 && dt_prop_lists(n, "compatible", "hvterm1") &&
		    rtas_call(&fn, (uint32_t[3]){get_be32(p->data), our_server(), priority}, 3,
			      &ret, 1))
			return;
	}
}

/* A client finds the terminals' interrupts masked, as they were. */
static void disable(void *arg)
{
	(void)arg;
	set_all(MASKED);
	enabled = false;
}

void board_wake_begin(void)
{
	if (!enabled && !of_is_quiesced()) {
		enabled = true;
		set_all(PRIORITY);
		of_on_quiesce(disable, NULL);
	}
	hv_cppr(ALL_PRIORITIES);
}

/* Accept what woke us; it is edge triggered and has no more to say. */
void board_wake_end(void)
{
	uint32_t xirr;

	if (hv_xirr(&xirr) == H_SUCCESS && (xirr & 0xffffff))
		hv_eoi(xirr);
	hv_cppr(NO_PRIORITY);
}
