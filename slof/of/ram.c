/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses and pointers are the same on the machine: we run in real mode. This file is replaced on
 * the host.
 */
#include "of/memory.h"

void *ram_at(uint64_t addr, uint64_t len)
{
	(void)len;
	return (void *)(uintptr_t)addr;
}

uint64_t ram_address(const void *p)
{
	return (uintptr_t)p;
}
