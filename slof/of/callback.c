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

static void write_array(uint8_t *array, uint64_t addr, const struct of_callback *c)
{
	size_t name = strlen(c->service) + 1;

	memset(array, 0, ROOM);
	put_be32(array, (uint32_t)(addr + ROOM));
	put_be32(array + CELL, c->nargs);
	put_be32(array + 2 * CELL, 1);
	for (unsigned i = 0; i < c->nargs; i++)
		put_be32(array + HEAD + CELL * i, c->cell[i]);
	memcpy(array + ROOM, c->service, name);
	if (!c->text)
		return;
	put_be32(array + HEAD, (uint32_t)(addr + ROOM + name));
	memcpy(array + ROOM + name, c->text, strlen(c->text) + 1);
}

static void read_results(const uint8_t *array, struct of_callback *c)
{
	uint32_t n = get_be32(array + 2 * CELL);

	c->nrets = n < OF_CALLBACK_CELLS ? n : OF_CALLBACK_CELLS;
	for (unsigned i = 0; i < c->nrets; i++)
		c->cell[i] = get_be32(array + HEAD + CELL * (c->nargs + i));
}

/* The array is at addr, the name and the text are behind it. */
static int call_at(uint64_t addr, uint64_t size, struct of_callback *c)
{
	uint8_t *array = ram_at(addr, size);
	int32_t rc = 0;
	int err;

	write_array(array, addr, c);
	err = of_platform()->client_callback(callback, addr, &rc);
	if (!err && rc)
		err = E_UNSUPP;
	if (!err)
		read_results(array, c);
	return err;
}

int of_call_back(struct of_callback *c)
{
	uint64_t size = ROOM + strlen(c->service) + 1, addr;
	int err;

	if (!callback || !of_platform()->client_callback)
		return E_NOENT;
	if (c->nargs > OF_CALLBACK_CELLS)
		return E_INVAL;
	if (c->text) {
		c->nargs = 1;
		size += strlen(c->text) + 1;
	}
	err = mem_client_claim(0, size, 4096, &addr);
	if (err)
		return err;
	err = call_at(addr, size, c);
	if (mem_release(addr, size, MEM_CLIENT))
		log_debug("the callback's array at %llx is the client's no longer",
			  (unsigned long long)addr);
	return err;
}
