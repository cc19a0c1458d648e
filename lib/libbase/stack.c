/* SPDX-License-Identifier: BSD-2-Clause */
/* The cell stack and the reader of effect strings. */
#include "base/stack.h"

#include <string.h>

#include "base/err.h"

int stack_push(struct stack *st, cell_t v)
{
	if (st->depth >= st->limit)
		return E_DEPTH;
	st->cell[st->depth++] = v;
	return 0;
}

int stack_pop(struct stack *st, cell_t *v)
{
	if (st->depth == 0)
		return E_DEPTH;
	*v = st->cell[--st->depth];
	return 0;
}

int effect_parse(const char *text, struct effect *out)
{
	struct effect e = {0, 0};
	bool after = false, closed = false;
	const char *p = text;

	if (*p++ != '(')
		return E_FORMAT;
	while (*p && !closed) {
		size_t len = strcspn(p, " ");

		if (len == 1 && *p == ')')
			closed = true;
		else if (len == 2 && !memcmp(p, "--", 2) && !after)
			after = true;
		else if (len > 0 && after)
			e.out++;
		else if (len > 0)
			e.in++;
		p += len + (p[len] == ' ');
	}
	if (!after || !closed || *p)
		return E_FORMAT;
	*out = e;
	return 0;
}
