/* SPDX-License-Identifier: BSD-2-Clause */
/* Text that grows, always with a NUL behind it once it has room. */
#include "lineedit-priv.h"

#include <string.h>

#include "base/heap.h"

bool text_room(struct text *t, size_t len)
{
	size_t room = t->room ? t->room : 64;
	char *p;

	while (room < len + 1)
		room *= 2;
	if (room == t->room)
		return true;
	p = try_resize(t->p, t->room, room);
	if (!p)
		return false;
	t->p = p;
	t->room = room;
	return true;
}

bool text_set(struct text *t, const char *p, size_t len)
{
	if (!text_room(t, len))
		return false;
	memcpy(t->p, p, len);
	t->p[len] = '\0';
	t->len = len;
	return true;
}

bool text_insert(struct text *t, size_t at, const char *p, size_t len)
{
	if (!text_room(t, t->len + len))
		return false;
	memmove(t->p + at + len, t->p + at, t->len - at);
	memcpy(t->p + at, p, len);
	t->len += len;
	t->p[t->len] = '\0';
	return true;
}

void text_delete(struct text *t, size_t at, size_t len)
{
	if (len == 0)
		return;
	memmove(t->p + at, t->p + at + len, t->len - at - len);
	t->len -= len;
	t->p[t->len] = '\0';
}

void text_free(struct text *t)
{
	heap_free(t->p);
	*t = (struct text){0};
}
