/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys and time: what a program waits for. */
#include "forth-priv.h"

/* Wait for a key. None comes if somebody breaks in meanwhile, or if there is no keyboard. */
static int need_key(struct forth *f, int *c)
{
	int err;

	*c = f->ops->key ? f->ops->key(f->ops->ctx) : -1;
	if (*c >= 0)
		return 0;
	err = poll_now(f);
	return err ? err : THROW_IO;
}

static int w_key(struct forth *f)
{
	int c, err = need_key(f, &c);

	if (!err)
		PUSH((cell_t)c);
	return err;
}

static int w_key_ready(struct forth *f)
{
	PUSH(FLAG(f->ops->key_ready && f->ops->key_ready(f->ops->ctx)));
	return 0;
}

static int w_accept(struct forth *f)
{
	cell_t room = TOP, n = 0;
	char *p = forth_at(f, NOS, room, true);
	int c = 0;

	if (!p && room != 0)
		return THROW_ADDRESS;
	while (n < room && c != '\r' && c != '\n') {
		int err = need_key(f, &c);

		if (err)
			return err;
		if ((c == 8 || c == 127) && n > 0) {
			n--;
			out_text(f, "\b \b");
		} else if (c >= ' ' && c != 127) {
			p[n++] = (char)c;
			out_char(f, (char)c);
		}
	}
	DROP();
	TOP = n;
	return 0;
}

static int w_expect(struct forth *f)
{
	int err = w_accept(f);

	if (!err)
		f->sys->span = POP();
	return err;
}

static int w_get_msecs(struct forth *f)
{
	PUSH(f->ops->ms ? f->ops->ms(f->ops->ctx) : 0);
	return 0;
}

/* In small steps, so that somebody can break in. */
static int w_ms(struct forth *f)
{
	cell_t left = POP();
	int err = 0;

	while (left > 0 && !err && f->ops->delay_ms) {
		cell_t step = left < 10 ? left : 10;

		f->ops->delay_ms(f->ops->ctx, step);
		left -= step;
		err = poll_now(f);
	}
	return err;
}

// clang-format off
static const struct forth_word rows[] = {
	{"key",         "( -- c )",             w_key, 0, "Wait for a key"},
	{"key?",        "( -- flag )",          w_key_ready, 0, "Is there a key?"},
	{"accept",      "( addr len -- n )",    w_accept, 0, "Read a line"},
	{"expect",      "( addr len -- )",      w_expect, 0, "Read a line; span tells how long"},
	{"get-msecs",   "( -- ms )",            w_get_msecs, 0, "Time"},
	{"ms",          "( n -- )",             w_ms, 0, "Wait n milliseconds"},
};
// clang-format on
const struct word_table words_keyboard = {rows, ARRAY_SIZE(rows)};
