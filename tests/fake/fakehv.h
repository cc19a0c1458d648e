/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hypervisor under the board's C code: hcall() and the CPU's instructions. RTAS calls are served
 * as QEMU does it, failures included: a call that fails leaves its result cells as they were. DMA
 * windows are tables of page entries; a device that uses an address without entry ends the test. There
 * is one virtual device with a command/response queue; who sits behind it is the test's affair.
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
	struct {
		bool no_multi;    /* the calls for many entries are not there */
		bool no_clear;    /* entries cannot be cleared */
		unsigned fail_at; /* filling or clearing fails from this call on; 0: never */
		unsigned calls, puts, indirects, stuffs;
	} tce;
	struct {
		uint32_t unit;
		bool no_bypass; /* RTAS refuses it */
		bool bypass;
		uint64_t dev, len; /* the ring; len 0: none is registered */
		uint64_t at;
		unsigned registers, frees;
		int64_t reg_result; /* what H_REG_CRQ returns if not 0 */
		unsigned taken;     /* it says so many times that there is a ring already */
		uint64_t hello;     /* answers the initialization; 0: C0 02; 1: nothing does */
		int64_t (*send)(uint64_t high, uint64_t low); /* all other elements */
	} crq;
	/* The virtual Ethernet's calls, as registers: r3 in [0]. NULL: not there. */
	int64_t (*lan)(const uint64_t *reg);
};
extern struct fakehv fakehv;

#define FAKEHV_LIOBN 0x80000000u
/* A DMA window of bytes (up to 4 GiB) from bus address 0. At most four, until fakehv_start(). */
void fakehv_add_window(uint32_t liobn, uint64_t bytes);
/* How many entries of a window are in use. */
unsigned fakehv_mapped(uint32_t liobn);
/* A device reads or writes memory. Ends the test where no entry allows it. */
void fakehv_dma_read(uint32_t liobn, uint64_t dev, void *buf, size_t len);
void fakehv_dma_write(uint32_t liobn, uint64_t dev, const void *buf, size_t len);
/* The same question, asked: is this page open to devices? */
bool fakehv_dma_open(uint32_t liobn, uint64_t dev);

/* The virtual device reads or writes memory: by its window (liobn = unit), or RAM if bypassed. */
void fakehv_vio_read(uint64_t dev, void *buf, size_t len);
void fakehv_vio_write(uint64_t dev, const void *buf, size_t len);
/* It puts an element into the ring; lost, as in QEMU, if the slot is taken or there is no ring. */
void fakehv_crq_answer(const uint8_t element[16]);

/* Forget everything; give the tree's /rtas (made if need be) its tokens. */
void fakehv_start(struct dt_tree *tree);

#endif
