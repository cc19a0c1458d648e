/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calling the program that waits: for what is typed after it called enter, and for what it has interpreted itself.
 */
#include "words-priv.h"

#include <string.h>

#include "base/err.h"
#include "base/heap.h"
#include "of/callback.h"

static int call(struct forth *f, struct of_callback *c)
{
	int err = of_call_back(c);

	if (err == E_NOENT)
		return forth_abort(f, "no program waits that has a callback");
	if (err == E_ABORT)
		return THROW_ABORT; /* it is gone, and so is who wanted to know */
	if (err)
		return words_fail(f, c->service, err);
	return c->nrets > 0 ? forth_throw(f, (cell_t)(int32_t)c->cell[0]) : 0;
}

/* The cells below the count, which is below the name: the first argument is the upmost. */
static int pop_arguments(struct forth *f, struct of_callback *c)
{
	cell_t n, v = 0;
	int err = forth_try_pop(f, &n);

	if (err || n > OF_CALLBACK_CELLS)
		return err ? err : THROW_ARGUMENT;
	for (c->nargs = 0; !err && c->nargs < n; c->nargs++) {
		err = forth_try_pop(f, &v);
		c->cell[c->nargs] = (uint32_t)v;
	}
	return err;
}

/* All but the first, which is what was thrown; their number is on top. */
static int push_results(struct forth *f, const struct of_callback *c)
{
	int err = 0;

	for (unsigned i = c->nrets; i-- > 1 && !err;)
		err = forth_try_push(f, c->cell[i]);
	return err ? err : forth_try_push(f, c->nrets ? c->nrets - 1 : 0);
}

static int w_dollar_callback(struct forth *f)
{
	struct of_callback c = {.text = NULL};
	char *service;
	int err = words_pop_text(f, &service);

	if (err)
		return err;
	c.service = service;
	err = pop_arguments(f, &c);
	if (!err)
		err = call(f, &c);
	heap_free(service);
	return err ? err : push_results(f, &c);
}

/* callback SERVICE [TEXT] */
static int w_callback(struct forth *f)
{
	char *service, *text = NULL;
	int err = words_parse_text(f, &service);

	if (err)
		return err;
	err = *service ? words_parse_line(f, &text) : THROW_NO_NAME;
	if (!err)
		err = call(f, &(struct of_callback){.service = service, .text = text});
	heap_free(text);
	heap_free(service);
	return err;
}

static int w_sync(struct forth *f)
{
	return call(f, &(struct of_callback){.service = "sync"});
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
