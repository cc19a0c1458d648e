/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers of PCI functions by hypercall: the only way that works in real mode under every kind of
 * virtualisation. The hypervisor loads and stores like a big-endian CPU; PCI is little endian.
 * And the DMA of devices that see RAM as it is.
 */
#include "mmio.h"

#include "hv.h"

#include "base/err.h"
#include "of/machine.h"
#include "of/memory.h"

/* The value's bytes in the other order. */
static uint64_t swapped(uint64_t v, uint8_t size)
{
	return __builtin_bswap64(v) >> (64 - 8 * size);
}

static bool is_access(uint64_t addr, uint8_t size)
{
	return (size == 1 || size == 2 || size == 4 || size == 8) && addr % size == 0;
}

int mmio_read(void *ctx UNUSED, uint64_t addr, uint8_t size, uint64_t *value)
{
	uint64_t v;

	if (!is_access(addr, size))
		return E_INVAL;
	if (hv_ci_load(addr, size, &v) != H_SUCCESS)
		return E_IO;
	*value = swapped(v, size);
	return 0;
}

int mmio_write(void *ctx UNUSED, uint64_t addr, uint8_t size, uint64_t value)
{
	if (!is_access(addr, size))
		return E_INVAL;
	return hv_ci_store(addr, size, swapped(value, size)) == H_SUCCESS ? 0 : E_IO;
}

/* ---- direct DMA --------------------------------------------------------------------------- */

static int direct_map(void *ctx UNUSED, void *mem, uint64_t size, uint64_t *dev)
{
	if (of_is_quiesced())
		return E_PERM;
	if (size == 0)
		return E_INVAL;
	*dev = ram_address(mem);
	return 0;
}

static int direct_unmap(void *ctx UNUSED, uint64_t dev UNUSED, uint64_t size)
{
	return size ? 0 : E_INVAL;
}

static void *direct_alloc(void *ctx UNUSED, size_t bytes, uint64_t *dev)
{
	void *mem = dma_alloc_pages(bytes, 4096);

	if (mem)
		*dev = ram_address(mem);
	return mem;
}

static void direct_free(void *ctx UNUSED, void *mem, size_t bytes, uint64_t dev UNUSED)
{
	dma_free_pages(mem, bytes);
}

static const struct dma_ops direct_ops = {direct_map, direct_unmap, direct_alloc, direct_free};
const struct dma dma_direct = {&direct_ops, NULL};
