/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a load method to a program ready to run. The method writes into a region that is claimed for
 * it: all the free memory there is from load-base on, or the largest free stretch elsewhere if
 * load-base is taken.
 */
#include "of/boot.h"

#include "of/memory.h"

/* Where load methods may write; size 0: nothing is being loaded. */
static uint64_t area, area_size;

uint64_t of_load_room(uint64_t addr)
{
	if (area_size > 0 && addr >= area && addr - area < area_size)
		return area_size - (addr - area);
	return mem_client_extent(addr, UINT64_MAX);
}
