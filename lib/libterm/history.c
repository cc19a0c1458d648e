/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lines typed before. The oldest go when all together are too long. What was being typed when
 * somebody went up is kept and found again below the youngest.
 */
#include "lineedit-priv.h"

#include <string.h>

#include "base/heap.h"

static void drop_oldest(struct history *h)
{
	h->bytes -= h->line[0].len;
	text_free(&h->line[0]);
	memmove(h->line, h->line + 1, (h->n - 1) * sizeof(*h->line));
	h->n--;
}

static bool same(const struct text *t, const char *p, size_t len)
{
	return t->len == len && memcmp(t->p, p, len) == 0;
}

static bool room_for_one(struct history *h)
{
	size_t more = h->room ? 2 * h->room : 32;
	struct text *line;

	if (h->n < h->room)
		return true;
	line = try_resize(h->line, h->room * sizeof(*line), more * sizeof(*line));
	if (!line)
		return false;
	h->line = line;
	h->room = more;
	return true;
}

void history_add(struct history *h, const char *p, size_t len)
{
	struct text copy = {0};

	if (len > 0 && len <= LINEEDIT_HISTORY_MOST / 4 && room_for_one(h) &&
	    !(h->n > 0 && same(&h->line[h->n - 1], p, len)) && text_set(&copy, p, len)) {
		h->line[h->n++] = copy;
		h->bytes += len;
	}
	while (h->bytes > LINEEDIT_HISTORY_MOST || h->n > LINEEDIT_HISTORY_MOST / 64)
		drop_oldest(h);
	h->at = h->n;
	h->draft.len = 0;
}

const struct text *history_move(struct history *h, const struct text *now, bool up)
{
	if (up ? h->at == 0 : h->at == h->n)
		return NULL;
	if (h->at == h->n && !text_set(&h->draft, now->len ? now->p : "", now->len))
		return NULL;
	h->at = up ? h->at - 1 : h->at + 1;
	return h->at == h->n ? &h->draft : &h->line[h->at];
}

void history_free(struct history *h)
{
	while (h->n > 0)
		drop_oldest(h);
	heap_free(h->line);
	text_free(&h->draft);
}
