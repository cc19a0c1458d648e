/* SPDX-License-Identifier: BSD-2-Clause */
/* RTAS (LoPAPR chapter 7): calls by name, the token taken from /rtas, executed by QEMU. */
#ifndef BOARD_RTAS_H
#define BOARD_RTAS_H

#include "base/compiler.h"

struct rtas_fn {
	const char *name; /* "ibm,read-pci-config" */
	uint32_t token;   /* 0 until looked up */
};

/*
 * Call. At most 16 arguments and results together. On return 0, ret[0] is the call's own status and
 * cells the call did not write are all ones. E_UNSUPP when /rtas has no such call, E_IO when the
 * hypervisor refused it.
 */
int rtas_call(struct rtas_fn *fn, const uint32_t *arg, unsigned nargs, uint32_t *ret,
	      unsigned nrets) MUST_CHECK;

/* The /rtas package: instantiate-rtas. Needs the tree. */
void rtas_init(void);

void rtas_power_off(void);
void rtas_reboot(void);
int rtas_start_cpu(uint32_t server, uint64_t entry, uint64_t r3);
void rtas_quiesce(void);
/*
 * Virtual I/O devices: may one use RAM addresses instead of its DMA window? E_UNSUPP, E_IO (told nobody).
 */
int rtas_set_tce_bypass(uint32_t unit, bool on) MUST_CHECK;
/* Read and write NVRAM: 0, E_IO, E_UNSUPP. */
int rtas_nvram_fetch(uint32_t offset, void *buf, uint32_t len);
int rtas_nvram_store(uint32_t offset, const void *buf, uint32_t len);

#endif
