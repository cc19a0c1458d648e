/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The client interface the other way round: calls of a routine that the client named, with the same kind of array:
 * name, number of arguments, number of results, arguments, results. How many results there are the routine
 * says itself, in the array.
 */
#define LOG_TAG "of"
#include "of/callback.h"

#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"
#include "of/machine.h"
#include "of/memory.h"

#define HEAD 12u /* bytes before the first argument */
#define CELL 4u  /* bytes of one */
#define ROOM (HEAD + CELL * 2 * OF_CALLBACK_CELLS)

static uint32_t callback;

uint32_t of_set_callback(uint32_t addr)
{
	uint32_t before = callback;

	callback = addr;
	return before;
}

static void write_array(uint8_t *array, uint64_t name, const uint32_t *cells, unsigned nargs)
{
	memset(array, 0, ROOM);
	put_be32(array, (uint32_t)name);
	put_be32(array + CELL, nargs);
	put_be32(array + 2 * CELL, 1);
	for (unsigned i = 0; i < nargs; i++)
		put_be32(array + HEAD + CELL * i, cells[i]);
}

static unsigned read_results(const uint8_t *array, uint32_t *cells, unsigned nargs)
{
	uint32_t n = get_be32(array + 2 * CELL);

	if (n > OF_CALLBACK_CELLS)
		n = OF_CALLBACK_CELLS;
	for (unsigned i = 0; i < n; i++)
		cells[i] = get_be32(array + HEAD + CELL * (nargs + i));
	return n;
}

/* The array and the name behind it are at addr. */
static int call_at(uint64_t addr, uint64_t size, const char *service, uint32_t *cells,
		   unsigned nargs, unsigned *nrets)
{
	uint8_t *array = ram_at(addr, size);
	int32_t rc = 0;
	int err;

	write_array(array, addr + ROOM, cells, nargs);
	memcpy(array + ROOM, service, size - ROOM);
	err = of_platform()->client_callback(callback, addr, &rc);
	if (!err && rc)
		err = E_UNSUPP;
	if (!err)
		*nrets = read_results(array, cells, nargs);
	return err;
}

int of_callback(const char *service, uint32_t cells[OF_CALLBACK_CELLS], unsigned nargs,
		unsigned *nrets)
{
	uint64_t size = ROOM + strlen(service) + 1, addr;
	int err;

	if (!callback || !of_platform()->client_callback)
		return E_NOENT;
	if (nargs > OF_CALLBACK_CELLS)
		return E_INVAL;
	err = mem_client_claim(0, size, 4096, &addr);
	if (err)
		return err;
	err = call_at(addr, size, service, cells, nargs, nrets);
	if (mem_release(addr, size, MEM_CLIENT))
		log_debug("the callback's array at %llx is the client's no longer",
			  (unsigned long long)addr);
	return err;
}
