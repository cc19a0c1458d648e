/* SPDX-License-Identifier: BSD-2-Clause */
/* The engine from outside: making one, its data stack, and what its errors are called. */
#include "forth-priv.h"

#include <string.h>

#include "base/heap.h"

static const struct word_table *const tables[] = {
	&words_engine, &words_stack,  &words_arith,   &words_double,  &words_memory,
	&words_string, &words_define, &words_control, &words_compile, &words_print,
	&words_parse,  &words_tools,  &words_bytes,   &words_order,   &words_fcode,
	&words_extra,  &words_locals, &words_rstack,  &words_quote,   &words_keyboard,
};

static int add_all(struct forth *f)
{
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(tables) && !err; i++)
		err = forth_add(f, tables[i]->rows, tables[i]->n);
	return err;
}

struct forth *forth_new(const struct forth_ops *ops)
{
	struct forth *f = try_alloc(sizeof(*f));

	if (!f)
		return NULL;
	f->ops = ops;
	f->stack = try_alloc((DATA_CELLS + 1) * sizeof(cell_t));
	f->stack += f->stack != NULL; /* inner.c may touch the slot below */
	f->rstack = try_alloc(RETURN_CELLS * sizeof(cell_t));
	f->frame = try_alloc(FRAMES * sizeof(*f->frame));
	f->nwids = f->norder = 1;
	if (!f->stack || !f->rstack || !f->frame || space_init(f) || add_all(f)) {
		forth_free(f);
		return NULL;
	}
	f->used += (DATA_CELLS + RETURN_CELLS) * sizeof(cell_t) + FRAMES * sizeof(*f->frame);
	f->code_catch[0] = (cell_t)(uintptr_t)internal(f, "(catch)");
	f->code_interpret[0] = (cell_t)(uintptr_t)internal(f, "(interpret)");
	f->code_fcode[0] = (cell_t)(uintptr_t)internal(f, "(fcode)");
	f->exit_word = find_in(f, "exit", 4, 0);
	f->drop_word = find_in(f, "drop", 4, 0);
	thread_words(f);
	f->until_poll = POLL_EVERY;
	forth_reset(f);
	return f;
}

void forth_free(struct forth *f)
{
	if (!f)
		return;
	abandon_code(f);
	heap_free(f->code);
	free_dict(f);
	space_free(f);
	heap_free(f->stack ? f->stack - 1 : NULL);
	heap_free(f->rstack);
	heap_free(f->frame);
	heap_free(f);
}

void forth_settle(struct forth *f)
{
	f->broken = false;
	f->sys->state = 0;
	abandon_code(f);
}

void forth_reset(struct forth *f)
{
	if (f->runs > 0)
		return;
	f->sp = f->stack;
	f->rp = f->rbase = f->rstack;
	forth_settle(f);
}

void forth_abandon(struct forth *f)
{
	while (f->frames > 0)
		pop_frame(f);
	f->runs = 0;
	f->ip = NULL;
	forth_reset(f);
}

const struct forth_error *forth_error(const struct forth *f)
{
	return &f->error;
}

size_t forth_used(const struct forth *f)
{
	return f->used;
}

// clang-format off
static const struct { int code; const char *text; } throws[] = {
	{0, "success"}, {THROW_ABORT, "aborted"}, {THROW_ABORT_QUOTE, "aborted"},
	{THROW_OVERFLOW, "stack overflow"}, {THROW_UNDERFLOW, "stack underflow"},
	{THROW_ROVERFLOW, "nested too deep"}, {THROW_RUNDERFLOW, "return stack underflow"},
	{THROW_DICTIONARY, "dictionary full"}, {THROW_ADDRESS, "bad address"},
	{THROW_DIVISION, "division by zero"}, {THROW_RANGE, "result out of range"},
	{THROW_TYPE, "wrong type of argument"}, {THROW_UNDEFINED, "undefined word"},
	{THROW_COMPILE_ONLY, "only in a definition"}, {THROW_NO_NAME, "a name is missing"},
	{THROW_HOLD, "number too long"}, {THROW_STRING, "string too long"},
	{THROW_CONTROL, "control structure mismatch"}, {THROW_ARGUMENT, "bad argument"},
	{THROW_IMBALANCE, "return stack imbalance"}, {THROW_INTERRUPT, "interrupted"},
	{THROW_NESTING, "not inside a definition"}, {THROW_BODY, "not a word with a body"},
	{THROW_TO, "not a value"}, {THROW_BASE, "bad number base"},
	{THROW_ORDER_OVER, "search order full"}, {THROW_ORDER_UNDER, "search order empty"},
	{THROW_IO, "no input"}, {THROW_MEMORY, "out of memory"}, {THROW_QUIT, "quit"},
};
// clang-format on

const char *forth_throw_text(int code)
{
	for (size_t i = 0; i < ARRAY_SIZE(throws); i++) {
		if (throws[i].code == code)
			return throws[i].text;
	}
	return "";
}

cell_t forth_pop(struct forth *f)
{
	return f->sp > f->stack ? POP() : 0;
}

void forth_push(struct forth *f, cell_t v)
{
	if (f->sp < f->stack + DATA_CELLS)
		PUSH(v);
}

int forth_try_pop(struct forth *f, cell_t *v)
{
	if (f->sp == f->stack)
		return THROW_UNDERFLOW;
	*v = POP();
	return 0;
}

int forth_try_push(struct forth *f, cell_t v)
{
	if (f->sp == f->stack + DATA_CELLS)
		return THROW_OVERFLOW;
	PUSH(v);
	return 0;
}

unsigned forth_depth(const struct forth *f)
{
	return depth_of(f);
}

cell_t forth_peek(const struct forth *f, unsigned n)
{
	return n < depth_of(f) ? f->sp[-1 - (ptrdiff_t)n] : 0;
}

bool forth_compiling(const struct forth *f)
{
	return f->sys->state != 0;
}
