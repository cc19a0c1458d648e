/* SPDX-License-Identifier: BSD-2-Clause */
/* What words do that programs define: colon definitions, constants, values, fields and so on. */
#include "forth-priv.h"

#include <string.h>

int do_colon(struct forth *f)
{
	const struct word *w = f->w;
	int err;

	if (!w->code)
		return THROW_ARGUMENT;
	err = push_frame(f, FRAME_CALL, f->w);
	if (!err)
		f->ip = w->code;
	return err;
}

int do_constant(struct forth *f)
{
	PUSH(f->w->body);
	return 0;
}

int do_value(struct forth *f)
{
	PUSH(f->w->body);
	return 0;
}

int do_create(struct forth *f)
{
	PUSH(f->w->body);
	return 0;
}

int do_field(struct forth *f)
{
	TOP += f->w->body;
	return 0;
}

int do_does(struct forth *f)
{
	const cell_t *code = f->w->does;
	int err;

	PUSH(f->w->body);
	err = push_frame(f, FRAME_CALL, f->w);
	if (!err)
		f->ip = code;
	return err;
}

int do_defer(struct forth *f)
{
	int err = poll_turn(f);

	return err ? err : execute_token(f, f->w->body);
}

static int do_two(struct forth *f)
{
	const cell_t *p = forth_at(f, f->w->body, 2 * sizeof(cell_t), false);

	if (!p)
		return THROW_ADDRESS;
	memcpy(f->sp, p, 2 * sizeof(cell_t));
	f->sp += 2;
	return 0;
}

int do_2value(struct forth *f)
{
	return do_two(f);
}

int do_2constant(struct forth *f)
{
	return do_two(f);
}

int do_marker(struct forth *f)
{
	forget_words(f, f->w->token - 1);
	return 0;
}
