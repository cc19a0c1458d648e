/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * claim and release. Only memory claimed through them (or through the methods of /memory and /mmu)
 * can be released: the kernel and the initrd QEMU loaded, and our own memory, cannot.
 */
#define LOG_TAG "client"
#include "client-priv.h"

#include "base/err.h"
#include "base/log.h"
#include "of/memory.h"

#define FOUR_GIB (4ull << 30)

/* What ends beyond 4 GiB is taken for a negative size, whatever RAM there may be. */
void ci_claim(struct client_call *c)
{
	uint64_t addr = c->arg[0].n, size = c->arg[1].n, align = c->arg[2].n;
	int err = E_INVAL;

	if (align != 0 || addr + size <= FOUR_GIB)
		err = mem_client_claim(addr, size, align, &addr);
	if (err)
		log_debug("claim %llx size %llx align %llx: %s", (unsigned long long)addr,
			  (unsigned long long)size, (unsigned long long)align, err_text(err));
	else
		c->ret[0] = (int64_t)addr;
}

void ci_release(struct client_call *c)
{
	uint64_t addr = c->arg[0].n, size = c->arg[1].n;
	int err = mem_release(addr, size, MEM_CLIENT);

	if (err)
		log_debug("release %llx size %llx: %s", (unsigned long long)addr,
			  (unsigned long long)size, err_text(err));
	else
		c->ret[0] = 0;
}
