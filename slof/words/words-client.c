/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calling the program that waits: for what is typed after it called enter, and for what it has interpreted itself.
 */
#include "words-priv.h"

#include <string.h>

#include "base/err.h"
#include "base/heap.h"
#include "of/callback.h"

struct call {
	uint32_t cells[OF_CALLBACK_CELLS];
	unsigned nargs, nrets;
};

static int call(struct forth *f, const char *service, struct call *c)
{
	int err = of_callback(service, c->cells, c->nargs, &c->nrets);

	if (err == E_NOENT)
		return forth_abort(f, "no program waits that has a callback");
	if (err == E_ABORT)
		return THROW_ABORT; /* it is gone, and so is who wanted to know */
	if (err)
		return words_fail(f, service, err);
	return c->nrets > 0 ? forth_throw(f, (cell_t)(int32_t)c->cells[0]) : 0;
}

/* The cells below the count, which is below the name: the first argument is the upmost. */
static int pop_arguments(struct forth *f, struct call *c)
{
	cell_t n, v = 0;
	int err = forth_try_pop(f, &n);

	if (err || n > OF_CALLBACK_CELLS)
		return err ? err : THROW_ARGUMENT;
	for (c->nargs = 0; !err && c->nargs < n; c->nargs++) {
		err = forth_try_pop(f, &v);
		c->cells[c->nargs] = (uint32_t)v;
	}
	return err;
}

/* All but the first, which is what was thrown; their number is on top. */
static int push_results(struct forth *f, const struct call *c)
{
	int err = 0;

	for (unsigned i = c->nrets; i-- > 1 && !err;)
		err = forth_try_push(f, c->cells[i]);
	return err ? err : forth_try_push(f, c->nrets ? c->nrets - 1 : 0);
}

static int w_dollar_callback(struct forth *f)
{
	struct call c = {.nargs = 0};
	char *service;
	int err = words_pop_text(f, &service);

	if (err)
		return err;
	err = pop_arguments(f, &c);
	if (!err)
		err = call(f, service, &c);
	heap_free(service);
	return err ? err : push_results(f, &c);
}

/* callback SERVICE [TEXT]: the one argument is the address of the text, which ends with a NUL. */
static int w_callback(struct forth *f)
{
	struct call c = {.nargs = 1};
	char *service, *text = NULL;
	int err = words_parse_text(f, &service);

	if (err)
		return err;
	err = *service ? words_parse_line(f, &text) : THROW_NO_NAME;
	c.cells[0] = (uint32_t)(uintptr_t)text;
	if (!err)
		err = call(f, service, &c);
	heap_free(text);
	heap_free(service);
	return err;
}

static int w_sync(struct forth *f)
{
	struct call c = {.nargs = 0};

	return call(f, "sync", &c);
}

enum { VAR = FORTH_VARIES };
// clang-format off
static const struct forth_word rows[] = {
	{"$callback", "( nargs addr len -- nresults )", w_dollar_callback, VAR, "Call a service of the program that waits"},
	{"callback",  "( -- )", w_callback, VAR, "Call a service of the program that waits: callback SERVICE [TEXT]"},
	{"sync",      "( -- )", w_sync, VAR, "Have the program that waits write out what it keeps"},
};
// clang-format on
const struct words_table words_client = {rows, ARRAY_SIZE(rows)};
