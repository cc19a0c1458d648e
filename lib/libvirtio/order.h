/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers shared with a device: little endian, or for legacy devices the CPU's own order. */
#ifndef VIRTIO_ORDER_H
#define VIRTIO_ORDER_H

#include "base/compiler.h"

#define CPU_IS_BIG (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

/* Both ways: the same bytes are exchanged. */
static inline uint16_t order16(bool big, uint16_t v)
{
	return big == CPU_IS_BIG ? v : __builtin_bswap16(v);
}

static inline uint32_t order32(bool big, uint32_t v)
{
	return big == CPU_IS_BIG ? v : __builtin_bswap32(v);
}

static inline uint64_t order64(bool big, uint64_t v)
{
	return big == CPU_IS_BIG ? v : __builtin_bswap64(v);
}

/* Everything before is seen by devices and CPU before anything after. */
static inline void memory_barrier(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

#endif
