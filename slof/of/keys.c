/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keys. Whoever looks whether one was pressed (a program that may be broken into, the automatic start)
 * must not lose the others, so all that arrives goes through one queue that grows. When it has a
 * megabyte, no more is taken from the device; the hypervisor then holds up the sender.
 */
#define LOG_TAG "of"
#include "of/machine.h"

#include <string.h>

#include "base/clock.h"
#include "base/heap.h"
#include "base/log.h"

#include "of-priv.h"

enum { FIRST_ROOM = 256, MOST = 1 << 20, CTRL_C = 3, PIECE = 64 };
/* Naps while somebody types, and when nobody has for a while. */
enum { SHORT_NAP_MS = 1, LONG_NAP_MS = 20, TYPING_US = 300000 };

static char *queue;
static size_t room, head, held; /* held bytes from head on */
static uint64_t last_key_us;
static bool said_full;

void keys_reset(void)
{
	heap_free(queue);
	queue = NULL;
	room = head = held = 0;
	last_key_us = 0;
	said_full = false;
}

/* Room for so many bytes more behind what is held. */
static bool make_room(size_t more)
{
	size_t bigger = room ? room : FIRST_ROOM;
	char *p;

	if (head > 0) {
		memmove(queue, queue + head, held);
		head = 0;
	}
	while (bigger < held + more)
		bigger *= 2;
	if (bigger == room)
		return true;
	p = bigger <= MOST ? try_resize(queue, room, bigger) : NULL;
	if (!p) {
		if (!said_full)
			log_warn("keys: %zu wait, no room for more", held);
		said_full = true;
		return false;
	}
	queue = p;
	room = bigger;
	return true;
}

/* Everything that waits in the device goes to the queue. */
static void fill(void)
{
	size_t n = PIECE;

	while (n > 0 && (head + held + PIECE <= room || make_room(PIECE))) {
		n = console_read(queue + head + held, PIECE);
		held += n;
		if (n > 0)
			last_key_us = clock_us();
	}
}

size_t keys_take(char *buf, size_t len)
{
	size_t n = held < len ? held : len;

	if (n > 0)
		memcpy(buf, queue + head, n);
	head += n;
	held -= n;
	return n;
}

int of_key(void)
{
	char key;

	if (held == 0)
		fill();
	return keys_take(&key, 1) ? (uint8_t)key : -1;
}

bool of_key_ready(void)
{
	if (held == 0)
		fill();
	return held > 0;
}

int of_key_peek(size_t i)
{
	if (i >= held)
		fill();
	return i < held ? (uint8_t)queue[head + i] : -1;
}

bool of_key_break(void)
{
	size_t at;

	fill();
	for (at = held; at > 0 && queue[head + at - 1] != CTRL_C; at--)
		;
	head += at;
	held -= at;
	return at > 0;
}

void of_idle(uint32_t ms)
{
	if (of_platform()->idle)
		of_platform()->idle(ms);
	else
		clock_delay_us((uint64_t)ms * 1000);
}

bool of_key_wait(uint32_t ms)
{
	struct deadline end = deadline_in_ms(ms);

	for (;;) {
		bool typing = last_key_us && clock_us() - last_key_us < TYPING_US;
		uint32_t nap = typing ? SHORT_NAP_MS : LONG_NAP_MS;

		if (of_key_ready())
			return true;
		if (deadline_passed(&end))
			return false;
		of_idle(nap < ms ? nap : ms);
	}
}
