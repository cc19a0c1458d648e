/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Typed hypercalls. Return values are the hypervisor's own (H_SUCCESS 0, errors negative, busy
 * positive); the callers decide what they mean. LoPAPR chapter 14, and QEMU's private ones.
 */
#ifndef BOARD_HV_H
#define BOARD_HV_H

#include "base/compiler.h"

#define H_SUCCESS         0
#define H_BUSY            1
#define H_CLOSED          2
#define H_LONG_BUSY_FIRST 9900
#define H_LONG_BUSY_LAST  9905
#define H_FUNCTION        -2
#define H_PARAMETER       -4
#define H_RESOURCE        -16

/* At most 16 bytes. Waits while the hypervisor is busy, at most a second. */
int64_t hv_put_term_char(uint32_t unit, const char *text, size_t len);
/* *len gets 0..16. */
int64_t hv_get_term_char(uint32_t unit, char text[16], size_t *len);
/* block: physical address of an RTAS argument block; what names the call in the trace. */
int64_t hv_rtas(const char *what, uint64_t block);
/* vec: client's vector; reply: address == 4 modulo 8. QEMU ends the machine if size is too small. */
int64_t hv_cas(uint64_t vec, uint64_t reply, uint64_t size);
int64_t hv_update_dt(uint64_t fdt);
/*
 * Entries of a DMA window's table, from bus address ioba on, a multiple of 4 KiB: a real page address with
 * 1 (the device may read) and 2 (write), or 0. list: physical address of n <= 512 big-endian entries, in
 * one page. The latter two only if hcall-multi-tce is in ibm,hypertas-functions.
 */
int64_t hv_put_tce(uint32_t liobn, uint64_t ioba, uint64_t tce);
int64_t hv_put_tce_indirect(uint32_t liobn, uint64_t ioba, uint64_t list, uint64_t n);
int64_t hv_stuff_tce(uint32_t liobn, uint64_t ioba, uint64_t tce, uint64_t n);
/*
 * A command/response queue: a ring of len bytes at bus address dev, both multiples of 4 KiB. H_RESOURCE:
 * there is one already; H_CLOSED: registered, but the partner is not there yet. Freeing waits while the
 * hypervisor is busy, at most a second.
 */
int64_t hv_reg_crq(uint32_t unit, uint64_t dev, uint64_t len);
int64_t hv_free_crq(uint32_t unit);
/* An element of 16 bytes. The answer may lie in the ring when it returns. */
int64_t hv_send_crq(uint32_t unit, uint64_t high, uint64_t low);
/*
 * The virtual Ethernet, for nodes compatible with IBM,l-lan only: QEMU ends at another device's unit. list and
 * filter: a page each, by bus address; the others are descriptors: bit 63, length from bit 32, bus address.
 * H_RESOURCE: it is open already. Freeing waits while the hypervisor is busy, at most a second. Buffers and
 * frames are not in the trace.
 */
int64_t hv_register_lan(uint32_t unit, uint64_t list, uint64_t queue, uint64_t filter);
int64_t hv_free_lan(uint32_t unit);
int64_t hv_add_lan_buffer(uint32_t unit, uint64_t buffer);
int64_t hv_send_lan(uint32_t unit, uint64_t frame);
/* 64 random bits. H_FUNCTION where the machine has no such source. */
int64_t hv_random(uint64_t *bits);
/*
 * Registers anywhere in the machine's address space, as a big-endian CPU would see them there: size 1,
 * 2, 4 or 8. In real mode under KVM there is no other way to them. Reads of nothing succeed with 0.
 */
int64_t hv_ci_load(uint64_t addr, uint8_t size, uint64_t *value);
int64_t hv_ci_store(uint64_t addr, uint8_t size, uint64_t value);
/* The interrupt presentation layer (XICS): lowest priority let through; take an interrupt; done with it. */
int64_t hv_cppr(uint8_t priority);
int64_t hv_xirr(uint32_t *xirr);
int64_t hv_eoi(uint32_t xirr);
/* Sleep until an interrupt is pending; enables interrupts. Only idle.c. */
int64_t hv_cede(void);

#endif
