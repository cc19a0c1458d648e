/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Forth over the machine: makes the engine and plugs it in. The dictionary is made when somebody
 * first needs it, so that a boot without Forth does not pay for it.
 */
#define LOG_TAG "forth"
#include "words-priv.h"

#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "of/env.h"
#include "of/evaluate.h"

static const struct words_table *const tables[] = {
	&words_tree,       &words_show,     &words_alias,  &words_property,
	&words_encode,     &words_instance, &words_device, &words_instance_data_rows,
	&words_env,        &words_nvramrc,  &words_boot,   &words_net,
	&words_memory_map, &words_debug,    &words_help,   &words_register,
	&words_console,    &words_tests,    &words_nvram,  &words_bus_child,
	&words_client,
};

static const struct forth_word *board_words;
static size_t board_words_n;
static struct words_table also[4];
static unsigned nalso;
static bool initialised;
static struct forth *engine;

static int add_words(struct forth *f)
{
	int err = instance_words_init(f);

	for (size_t i = 0; i < ARRAY_SIZE(tables) && !err; i++)
		err = forth_add(f, tables[i]->rows, tables[i]->n);
	if (!err)
		err = forth_add(f, board_words, board_words_n);
	for (unsigned i = 0; i < nalso && !err; i++)
		err = forth_add(f, also[i].rows, also[i].n);
	return err ? err : words_env_init(f);
}

struct forth *words_forth(void)
{
	uint64_t from = clock_us();
	int err;

	if (engine || !initialised)
		return engine;
	engine = forth_new(&words_world);
	if (!engine)
		return NULL;
	err = add_words(engine);
	if (err) {
		log_err("dictionary: %s", forth_throw_text(err));
		forth_free(engine);
		engine = NULL;
		return NULL;
	}
	log_debug("dictionary: %zu bytes, %u us", forth_used(engine),
		  (unsigned)(clock_us() - from));
	return engine;
}

void words_drop_to(struct forth *f, unsigned depth)
{
	while (forth_depth(f) > depth)
		(void)forth_pop(f);
	if (depth == 0)
		forth_reset(f);
}

static int evaluate(const char *what, const char *text, size_t len)
{
	struct forth *f = words_forth();
	unsigned depth;
	int err;

	if (!f) {
		log_err("%s: not run: out of memory", what);
		return THROW_MEMORY;
	}
	depth = forth_depth(f);
	err = forth_evaluate(f, text, len);
	if (!err)
		return 0;
	words_fresh_line();
	if (err != THROW_ABORT && err != THROW_QUIT)
		log_warn("%s: %s", what, forth_error(f)->text);
	words_drop_to(f, depth);
	return err;
}

static int interpret(const char *text, size_t len, struct stack *st)
{
	struct forth *f = words_forth();
	unsigned base, n;
	int err = f ? 0 : THROW_MEMORY;

	if (err)
		return err;
	base = forth_depth(f);
	for (unsigned i = 0; i < st->depth && !err; i++)
		err = forth_try_push(f, st->cell[i]);
	st->depth = 0;
	if (!err)
		err = forth_evaluate(f, text, len);
	if (err) {
		words_drop_to(f, base);
		forth_settle(f); /* the client is told, also of a break */
		return err;
	}
	n = forth_depth(f) > base ? forth_depth(f) - base : 0;
	/* with less room than results the upper ones are the results */
	for (unsigned i = n < st->limit ? n : st->limit; i > 0; i--)
		st->cell[st->depth++] = forth_peek(f, i - 1);
	words_drop_to(f, base);
	return 0;
}

static const struct of_evaluator evaluator = {evaluate, interpret, words_enter};

int words_init(const struct forth_word *more, size_t n)
{
	forth_free(engine);
	engine = NULL;
	words_world_reset();
	words_package_reset();
	words_encode_reset();
	words_device_reset();
	instance_data_reset();
	words_nvramrc_reset();
	board_words = more;
	board_words_n = n;
	nalso = 0;
	initialised = true;
	of_set_evaluator(&evaluator);
	return 0;
}

void words_recover(void)
{
	words_prompt_recover();
	if (engine)
		forth_abandon(engine);
}

void words_also(const struct forth_word *more, size_t n)
{
	assert(nalso < ARRAY_SIZE(also));
	also[nalso++] = (struct words_table){more, n};
}

void words_run_nvramrc(void)
{
	const char *text = env_get_str("nvramrc");
	int err;

	if (!env_get_flag("use-nvramrc?") || !text || !*text)
		return;
	log_note("nvramrc: running %zu bytes", strlen(text));
	err = evaluate("nvramrc", text, strlen(text));
	if (err)
		log_note("nvramrc: ended early; the boot goes on");
}
