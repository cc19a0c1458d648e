/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The only caller of hcall.S, and thereby the choke point where the trace sees every hypercall. The
 * console's two calls and register accesses are left out of the trace: they would push out
 * everything else.
 */
#include "hv.h"

#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/trace.h"

#define H_PUT_TCE          0x20
#define H_LOGICAL_CI_LOAD  0x3c
#define H_LOGICAL_CI_STORE 0x40
#define H_GET_TERM_CHAR    0x54
#define H_PUT_TERM_CHAR    0x58
#define H_EOI              0x64
#define H_CPPR             0x68
#define H_XIRR             0x74
#define H_CEDE             0xe0
#define H_REG_CRQ          0xfc
#define H_FREE_CRQ         0x100
#define H_SEND_CRQ         0x108
#define H_REGISTER_LAN     0x114
#define H_FREE_LAN         0x118
#define H_ADD_LAN_BUFFER   0x11c
#define H_SEND_LAN         0x120
#define H_STUFF_TCE        0x138
#define H_PUT_TCE_INDIRECT 0x13c
#define H_RANDOM           0x300
#define H_RTAS             0xf000
#define H_CAS              0xf002
#define H_UPDATE_DT        0xf003

#define BUSY_MS 1000

int64_t hcall(uint64_t reg[10]);

static int64_t traced(const char *what, uint64_t op, const uint64_t arg[4])
{
	uint64_t reg[10] = {op, arg[0], arg[1], arg[2], arg[3]};
	unsigned place = trace_add(TRACE_HCALL, what, arg[0], arg[1], arg[2], arg[3]);
	int64_t rc = hcall(reg);

	trace_result(place, rc);
	return rc;
}

static bool is_busy(int64_t rc)
{
	return rc == H_BUSY || (rc >= H_LONG_BUSY_FIRST && rc <= H_LONG_BUSY_LAST);
}

int64_t hv_put_term_char(uint32_t unit, const char *text, size_t len)
{
	struct deadline end = deadline_in_ms(BUSY_MS);
	uint8_t bytes[16] = {0};
	int64_t rc;

	memcpy(bytes, text, len);
	do {
		uint64_t reg[10] = {H_PUT_TERM_CHAR, unit, len, get_be64(bytes),
				    get_be64(bytes + 8)};

		rc = hcall(reg);
	} while (is_busy(rc) && !deadline_passed(&end));
	return rc;
}

int64_t hv_get_term_char(uint32_t unit, char text[16], size_t *len)
{
	uint64_t reg[10] = {H_GET_TERM_CHAR, unit};
	int64_t rc = hcall(reg);

	if (rc != H_SUCCESS)
		return rc;
	*len = reg[1] <= 16 ? reg[1] : 0;
	put_be64(text, reg[2]);
	put_be64(text + 8, reg[3]);
	return rc;
}

/*
 * Somebody looks whether there is a PCI function: a read of its first register. That most places are empty is no
 * news, and would push out all else.
 */
static bool is_id_read(const char *what, uint64_t block)
{
	return !strcmp(what, "ibm,read-pci-config") &&
	       (get_be32((void *)(block + 12)) & 0xf00000ff) == 0;
}

int64_t hv_rtas(const char *what, uint64_t block)
{
	uint64_t reg[10] = {H_RTAS, block};
	unsigned place = trace_add(TRACE_RTAS, what, get_be32((void *)(block + 12)),
				   get_be32((void *)(block + 16)), get_be32((void *)(block + 20)),
				   get_be32((void *)(block + 24)));
	uint64_t status = block + 12 + 4ull * get_be32((void *)(block + 4));
	int64_t rc = hcall(reg), result = rc;

	/* of interest is the call's own status, the first cell behind the arguments */
	if (!rc)
		result = (int32_t)get_be32((void *)status);
	trace_result(place, result);
	if (result && is_id_read(what, block))
		trace_forget(place);
	return rc;
}

int64_t hv_cas(uint64_t vec, uint64_t reply, uint64_t size)
{
	return traced("cas", H_CAS, (uint64_t[4]){vec, reply, size});
}

int64_t hv_update_dt(uint64_t fdt)
{
	return traced("update-dt", H_UPDATE_DT, (uint64_t[4]){fdt});
}

int64_t hv_put_tce(uint32_t liobn, uint64_t ioba, uint64_t tce)
{
	return traced("put-tce", H_PUT_TCE, (uint64_t[4]){liobn, ioba, tce});
}

int64_t hv_put_tce_indirect(uint32_t liobn, uint64_t ioba, uint64_t list, uint64_t n)
{
	return traced("put-tce-indirect", H_PUT_TCE_INDIRECT, (uint64_t[4]){liobn, ioba, list, n});
}

int64_t hv_stuff_tce(uint32_t liobn, uint64_t ioba, uint64_t tce, uint64_t n)
{
	return traced("stuff-tce", H_STUFF_TCE, (uint64_t[4]){liobn, ioba, tce, n});
}

int64_t hv_reg_crq(uint32_t unit, uint64_t dev, uint64_t len)
{
	return traced("reg-crq", H_REG_CRQ, (uint64_t[4]){unit, dev, len});
}

int64_t hv_free_crq(uint32_t unit)
{
	struct wait w = wait_ms(BUSY_MS);
	int64_t rc;

	do {
		rc = traced("free-crq", H_FREE_CRQ, (uint64_t[4]){unit});
	} while (is_busy(rc) && wait_more(&w));
	return rc;
}

int64_t hv_send_crq(uint32_t unit, uint64_t high, uint64_t low)
{
	return traced("send-crq", H_SEND_CRQ, (uint64_t[4]){unit, high, low});
}

int64_t hv_register_lan(uint32_t unit, uint64_t list, uint64_t queue, uint64_t filter)
{
	return traced("register-lan", H_REGISTER_LAN, (uint64_t[4]){unit, list, queue, filter});
}

int64_t hv_free_lan(uint32_t unit)
{
	struct wait w = wait_ms(BUSY_MS);
	int64_t rc;

	do {
		rc = traced("free-lan", H_FREE_LAN, (uint64_t[4]){unit});
	} while (is_busy(rc) && wait_more(&w));
	return rc;
}

int64_t hv_add_lan_buffer(uint32_t unit, uint64_t buffer)
{
	uint64_t reg[10] = {H_ADD_LAN_BUFFER, unit, buffer};

	return hcall(reg);
}

int64_t hv_send_lan(uint32_t unit, uint64_t frame)
{
	uint64_t reg[10] = {H_SEND_LAN, unit, frame};

	return hcall(reg);
}

int64_t hv_random(uint64_t *bits)
{
	uint64_t reg[10] = {H_RANDOM};
	int64_t rc = hcall(reg);

	if (rc == H_SUCCESS)
		*bits = reg[1];
	return rc;
}

int64_t hv_ci_load(uint64_t addr, uint8_t size, uint64_t *value)
{
	uint64_t reg[10] = {H_LOGICAL_CI_LOAD, size, addr};
	int64_t rc = hcall(reg);

	if (rc == H_SUCCESS)
		*value = reg[1];
	return rc;
}

int64_t hv_ci_store(uint64_t addr, uint8_t size, uint64_t value)
{
	uint64_t reg[10] = {H_LOGICAL_CI_STORE, size, addr, value};

	return hcall(reg);
}

int64_t hv_cppr(uint8_t priority)
{
	uint64_t reg[10] = {H_CPPR, priority};

	return hcall(reg);
}

int64_t hv_xirr(uint32_t *xirr)
{
	uint64_t reg[10] = {H_XIRR};
	int64_t rc = hcall(reg);

	if (rc == H_SUCCESS)
		*xirr = (uint32_t)reg[1];
	return rc;
}

int64_t hv_eoi(uint32_t xirr)
{
	uint64_t reg[10] = {H_EOI, xirr};

	return hcall(reg);
}

int64_t hv_cede(void)
{
	uint64_t reg[10] = {H_CEDE};

	return hcall(reg);
}
