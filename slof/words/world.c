/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The world of the engine: console, clock and memory of the machine. A program may touch all RAM
 * there is; what is not there is a throw. Ctrl-C breaks into a running program; all other keys wait
 * for whoever reads them.
 */
#include "words-priv.h"

#include "base/clock.h"
#include "of/machine.h"
#include "of/memory.h"

enum { NAP_MS = 20, LOOK_MS = 1000 };

static bool interrupted;

void world_interrupt(void)
{
	interrupted = true;
}

static void world_emit(void *ctx UNUSED, const char *text, size_t len)
{
	of_print(text, len);
}

static int world_key(void *ctx UNUSED)
{
	while (!of_key_wait(LOOK_MS))
		;
	return of_key();
}

static bool world_key_ready(void *ctx UNUSED)
{
	return of_key_ready();
}

static uint64_t world_ms(void *ctx UNUSED)
{
	return clock_us() / 1000;
}

static void world_delay(void *ctx UNUSED, uint64_t ms)
{
	uint64_t end = clock_us() + ms * 1000;

	while (clock_us() < end && !interrupted) {
		uint64_t left = (end - clock_us()) / 1000;

		if (left == 0)
			clock_delay_us(end - clock_us());
		else
			of_idle(left < NAP_MS ? (uint32_t)left : NAP_MS);
		if (of_key_break())
			interrupted = true;
	}
}

static int world_poll(void *ctx UNUSED)
{
	bool now = interrupted || of_key_break();

	interrupted = false;
	return now ? THROW_INTERRUPT : 0;
}

static void *world_memory(void *ctx UNUSED, cell_t addr, cell_t len, bool write UNUSED)
{
	return mem_pointer(addr, len);
}

const struct forth_ops words_world = {
	.emit = world_emit,
	.key = world_key,
	.key_ready = world_key_ready,
	.ms = world_ms,
	.delay_ms = world_delay,
	.poll = world_poll,
	.memory = world_memory,
};
