/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory as devices see it, behind the translation of a bus. An interface of its own, beside bus.h,
 * because virtual I/O devices have the same translation and no configuration space.
 */
#ifndef DEV_DMA_H
#define DEV_DMA_H

#include "base/compiler.h"

struct dma_ops {
	/*
	 * Let devices read and write the size bytes at mem, and with them the rest of the pages they
	 * lie in; mem needs no alignment. *dev: the address devices use. Holds until unmapped, at the
	 * latest until quiesce. E_INVAL (size 0), E_NOSPC (the window is full), E_NOMEM, E_PERM
	 * (quiesced), E_IO.
	 */
	int (*map)(void *ctx, void *mem, uint64_t size, uint64_t *dev);
	/*
	 * No longer. dev and size as map had and gave them: E_INVAL else, and nothing changes. E_IO: the
	 * hypervisor refused; devices may still reach the memory.
	 */
	int (*unmap)(void *ctx, uint64_t dev, uint64_t size);
	/*
	 * Zeroed memory that devices and we share: rings, request blocks. Aligned to 4 KiB for both sides,
	 * below 2 GiB for us. *dev: its address for devices. NULL when there is none.
	 */
	void *(*alloc)(void *ctx, size_t bytes, uint64_t *dev);
	/* Unmap and give back, all as alloc had and gave it. NULL is allowed. */
	void (*free)(void *ctx, void *mem, size_t bytes, uint64_t dev);
};

struct dma {
	const struct dma_ops *ops;
	void *ctx;
};

#endif
