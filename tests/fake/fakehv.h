/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor under the board's C code: hcall() and the CPU's instructions. RTAS calls are served
 * as QEMU does it, failures included: a call that fails leaves its result cells as they were.
 */
#ifndef FAKEHV_H
#define FAKEHV_H

#include "dev/bus.h"
#include "dt/node.h"

#define FAKEHV_BUID 0x800000020000000ull

struct fakehv {
	const struct bus *pci; /* what config calls for FAKEHV_BUID reach; NULL: nothing */
	uint32_t last_address; /* config_addr of the last config call */
	unsigned calls;        /* hypercalls in all, */
	unsigned rtas_calls;   /* and RTAS calls among them */
	/* H_CAS: fill reply (size bytes, behind the 4-byte header), or return an error. */
	int64_t (*cas)(uint8_t *fdt, uint64_t size);
	uint64_t cas_reply, cas_size; /* where the reply was asked for */
	unsigned updates;             /* trees received by H_UPDATE_DT */
	unsigned busy;                /* H_PUT_TERM_CHAR answers busy so many times */
	char sent[256];
	unsigned sent_len;
};
extern struct fakehv fakehv;

/* Forget everything; give the tree's /rtas (made if need be) its tokens. */
void fakehv_start(struct dt_tree *tree);

#endif
