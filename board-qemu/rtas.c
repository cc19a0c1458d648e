/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RTAS calls of the firmware, and the /rtas package a client gets RTAS from. One argument block is
 * enough: calls do not nest. It is filled with all ones before each call, because QEMU leaves
 * result cells unwritten when a call fails.
 */
#define LOG_TAG "rtas"
#include "rtas.h"

#include <string.h>

#include "cpu.h"
#include "hv.h"

#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/machine.h"
#include "of/memory.h"
#include "of/method.h"

#define MAX_CELLS 16

static uint8_t block[4 * (3 + MAX_CELLS)] __attribute__((aligned(16)));

int rtas_call(struct rtas_fn *fn, const uint32_t *arg, unsigned nargs, uint32_t *ret,
	      unsigned nrets)
{
	int64_t rc;

	if (nargs + nrets > MAX_CELLS)
		return E_INVAL;
	if (!fn->token) {
		const struct dt_node *node = dt_path_find(of_tree(), "/rtas");

		if (!node || dt_prop_get_u32(node, fn->name, &fn->token))
			return E_UNSUPP;
	}
	memset(block, 0xff, sizeof(block));
	put_be32(block, fn->token);
	put_be32(block + 4, nargs);
	put_be32(block + 8, nrets);
	for (unsigned i = 0; i < nargs; i++)
		put_be32(block + 12 + 4 * i, arg[i]);
	rc = hv_rtas(fn->name, (uintptr_t)block);
	if (rc != H_SUCCESS)
		return E_IO;
	for (unsigned i = 0; i < nrets; i++)
		ret[i] = get_be32(block + 12 + 4 * (nargs + i));
	return 0;
}

/* A call with no results but the status; says what went wrong, once, here. */
static int rtas_simple(struct rtas_fn *fn, const uint32_t *arg, unsigned nargs)
{
	uint32_t status = 0;
	int err = rtas_call(fn, arg, nargs, &status, 1);

	if (!err && (int32_t)status)
		err = E_IO;
	if (err)
		log_warn("%s: status %d, %s", fn->name, (int32_t)status, err_text(err));
	return err;
}

void rtas_power_off(void)
{
	static struct rtas_fn fn = {"power-off", 0};
	static const uint32_t never[2] = {0xffffffff, 0xffffffff};

	rtas_simple(&fn, never, 2);
}

void rtas_reboot(void)
{
	static struct rtas_fn fn = {"system-reboot", 0};

	rtas_simple(&fn, NULL, 0);
}

int rtas_start_cpu(uint32_t server, uint64_t entry, uint64_t r3)
{
	static struct rtas_fn fn = {"start-cpu", 0};
	uint32_t arg[3] = {server, (uint32_t)entry, (uint32_t)r3};

	if (entry > UINT32_MAX || r3 > UINT32_MAX)
		return E_RANGE;
	return rtas_simple(&fn, arg, 3);
}

void rtas_quiesce(void)
{
	static struct rtas_fn fn = {"quiesce", 0};

	rtas_simple(&fn, NULL, 0);
}

int rtas_set_tce_bypass(uint32_t unit, bool on)
{
	static struct rtas_fn fn = {"ibm,set-tce-bypass", 0};
	uint32_t arg[2] = {unit, on}, status = 0;
	int err = rtas_call(&fn, arg, 2, &status, 1);

	return !err && status ? E_IO : err;
}

static int rtas_nvram(struct rtas_fn *fn, uint32_t offset, uintptr_t buf, uint32_t len)
{
	uint32_t arg[3] = {offset, (uint32_t)buf, len}, ret[2];
	int err = rtas_call(fn, arg, 3, ret, 2);

	if (err)
		return err;
	return ret[0] == 0 && ret[1] == len ? 0 : E_IO;
}

int rtas_nvram_fetch(uint32_t offset, void *buf, uint32_t len)
{
	static struct rtas_fn fn = {"nvram-fetch", 0};

	return rtas_nvram(&fn, offset, (uintptr_t)buf, len);
}

int rtas_nvram_store(uint32_t offset, const void *buf, uint32_t len)
{
	static struct rtas_fn fn = {"nvram-store", 0};

	return rtas_nvram(&fn, offset, (uintptr_t)buf, len);
}

#define RTAS_BLOB_BYTES 20u
extern const uint8_t rtas_blob[RTAS_BLOB_BYTES]; /* rtas-entry.S */

/*
 * instantiate-rtas ( base-addr -- entry-addr ). The client chose rtas-size bytes at base. QEMU finds
 * the area for FWNMI by linux,rtas-base, which Linux adds; slof,rtas-base and -size are what the
 * ultravisor and tools read.
 */
static int rtas_instantiate(struct instance *in, struct stack *st, const struct method *self)
{
	struct dt_node *node = dt_path_find(of_tree(), "/rtas");
	uint32_t size = node ? dt_prop_u32_or(node, "rtas-size", 0) : 0;
	uint64_t base = st->cell[st->depth - 1];
	uint8_t *area = base <= UINT32_MAX ? mem_pointer(base, size) : NULL;

	(void)in;
	(void)self;
	if (!node || size < RTAS_BLOB_BYTES || !area || !mem_client_may(base, size)) {
		log_warn("instantiate-rtas: %u bytes at %llx are not the client's memory", size,
			 (unsigned long long)base);
		return E_RANGE;
	}
	memset(area, 0, size);
	memcpy(area, rtas_blob, RTAS_BLOB_BYTES);
	cpu_flush_code(base, RTAS_BLOB_BYTES);
	dt_prop_set_u32(node, "slof,rtas-base", (uint32_t)base);
	dt_prop_set_u32(node, "slof,rtas-size", size);
	st->cell[st->depth - 1] = base;
	return 0;
}

static const struct method rtas_methods[] = {
	{"instantiate-rtas", "( base -- entry )", rtas_instantiate},
	{0},
};
static const struct pkg_class rtas_class = {.methods = rtas_methods};

void rtas_init(void)
{
	struct dt_node *node = dt_path_find(of_tree(), "/rtas");

	if (!node) {
		log_err("/rtas is missing from the tree: no PCI, no power-off");
		return;
	}
	of_bind(node, &rtas_class, NULL);
}
