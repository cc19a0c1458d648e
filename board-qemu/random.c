/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where unpredictable numbers come from: QEMU's seed for the operating system (32 bytes, new at every
 * reset), the hypervisor's random numbers where it has them, and the time. The seed stays in the tree; what is
 * made of it here does not give it away.
 */
#include "board.h"

#include "cpu.h"
#include "hv.h"

#include "base/random.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/machine.h"

#define DRAWS 4u

static void stir_hypervisor(void)
{
	uint64_t bits;

	for (unsigned i = 0; i < DRAWS && hv_random(&bits) == H_SUCCESS; i++)
		random_stir(&bits, sizeof(bits));
}

void board_random_init(void)
{
	const struct dt_node *chosen = dt_path_find(of_tree(), "/chosen");
	const struct dt_prop *seed = chosen ? dt_prop_find(chosen, "rng-seed") : NULL;
	uint64_t now = cpu_timebase();

	if (seed)
		random_stir(seed->data, seed->len);
	random_stir(&now, sizeof(now));
	stir_hypervisor();
}
