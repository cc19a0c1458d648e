/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers and memory of devices: for struct bus_ops, and the DMA of who sees RAM as it is. */
#ifndef BOARD_MMIO_H
#define BOARD_MMIO_H

#include "dev/dma.h"

/* As bus_ops has them (dev/bus.h); ctx is not used. */
int mmio_read(void *ctx, uint64_t addr, uint8_t size, uint64_t *value);
int mmio_write(void *ctx, uint64_t addr, uint8_t size, uint64_t value);

/* A device's address is the RAM's: no translation (virtio without VIRTIO_F_ACCESS_PLATFORM). */
extern const struct dma dma_direct;

#endif
