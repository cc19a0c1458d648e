/* SPDX-License-Identifier: BSD-2-Clause */
/* What lwIP calls us for. Plain C types only: this is seen by all of lwIP. */
#ifndef NET_PORT_HOOKS_H
#define NET_PORT_HOOKS_H

#include <stddef.h>
#include <stdint.h>

void *net_heap_malloc(size_t size);
void *net_heap_calloc(size_t count, size_t size);
void net_heap_free(void *block);

#endif
