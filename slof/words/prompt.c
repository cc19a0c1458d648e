/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The prompt, as SLOF shows it: CR LF, the stack's depth in hex, " > "; behind a line that worked " ok".
 * A definition or a control structure may go over several lines; the prompt stays the same for the
 * scripts that wait for it, and " ok" then says that more is to come. What the editor prints is
 * collected and goes out when nobody types; while nothing is typed the processor sleeps. A client may have it
 * come up while it waits (service enter): then there is one within a line of the other, until go is typed.
 */
#include "words/words.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/panic.h"
#include "of/machine.h"

#include "prompt-priv.h"
#include "words-priv.h"

enum { OUT_ROOM = 256 };

/* A line may boot a program, by a script, which has something interpreted. */
enum { RUNS_OF_A_LINE = 3 };

static struct prompt {
	struct lineedit *le;
	char out[OUT_ROOM];
	size_t out_len;
	unsigned waiting; /* clients that wait for a prompt; the youngest one's is shown */
	bool leave;       /* it ends behind this line */
} prompt;

static void flush(struct prompt *p)
{
	of_print(p->out, p->out_len);
	p->out_len = 0;
}

static void collect(void *ctx, const char *text, size_t len)
{
	struct prompt *p = ctx;

	for (size_t i = 0; i < len; i++) {
		if (p->out_len == OUT_ROOM)
			flush(p);
		p->out[p->out_len++] = text[i];
	}
}

static void say(struct prompt *p, const char *text)
{
	collect(p, text, strlen(text));
}

/* The next key; -1: none came in time. */
static int next_key(struct prompt *p, uint32_t patience_ms)
{
	int key = of_key();

	if (key < 0)
		flush(p);
	while (key < 0) {
		if (lineedit_is_waiting(p->le)) {
			if (!of_key_wait(LINEEDIT_ESC_MS))
				lineedit_timeout(p->le);
		} else if (!of_key_wait(patience_ms) && patience_ms != UINT32_MAX) {
			return -1;
		}
		key = of_key();
	}
	return key;
}

enum outcome { GOT_LINE, GAVE_UP, NO_KEYS };
static enum outcome read_line(struct prompt *p, uint32_t patience_ms)
{
	char text[24];

	snprintf(text, sizeof(text), "%x > ", forth_depth(words_forth()));
	say(p, "\r\n");
	lineedit_start(p->le, text);
	for (;;) {
		int key = next_key(p, patience_ms);
		enum lineedit_event e = LINEEDIT_MORE;

		if (key < 0)
			return NO_KEYS;
		e = lineedit_key(p->le, (char)key);
		if (e != LINEEDIT_MORE)
			return e == LINEEDIT_DONE ? GOT_LINE : GAVE_UP;
	}
}

/* The message, without the line's number: there is only one. */
static const char *message(const struct forth_error *e)
{
	static const char first[] = "line 1: ";

	return strncmp(e->text, first, strlen(first)) ? e->text : e->text + strlen(first);
}

static void tell(struct prompt *p, int err)
{
	const struct forth_error *e = forth_error(words_forth());

	if (err == THROW_UNDEFINED) {
		say(p, e->word);
		say(p, " Undefined word\r\n");
	} else if (err != THROW_ABORT) {
		say(p, message(e));
		say(p, "\r\n");
	}
}

/* The stack is emptied down to where this prompt began. */
static void interpret(struct prompt *p, unsigned base)
{
	struct forth *f = words_forth();
	size_t len;
	const char *text = lineedit_text(p->le, &len);
	int err;

	say(p, "  ");
	flush(p);
	words_line_begun();
	err = forth_evaluate(f, text, len);
	if (!err) {
		say(p, forth_compiling(f) ? " ok (compiling)" : " ok");
	} else if (err != THROW_QUIT) {
		tell(p, err);
		if (err != THROW_UNDEFINED)
			words_drop_to(f, base);
	}
	if (err && p->waiting)
		forth_settle(f);
}

static const struct lineedit_ops editor_ops = {&prompt, collect, prompt_complete};

static bool can_begin(struct prompt *p)
{
	if (!p->le && words_forth())
		p->le = lineedit_new(&editor_ops, 0);
	return p->le != NULL;
}

/* Until the prompt is to be left, a line made over() true, or no key came in time. */
static void lines(struct prompt *p, uint32_t ms, unsigned base, bool (*over)(void))
{
	enum outcome o;

	do {
		o = read_line(p, ms);
		if (o == GOT_LINE)
			interpret(p, base);
		if (base > forth_depth(words_forth()))
			base = forth_depth(words_forth());
	} while (o != NO_KEYS && !p->leave && !(over && over()));
	flush(p);
}

void words_prompt_for(uint32_t ms)
{
	if (!can_begin(&prompt))
		panic("prompt: no memory");
	lines(&prompt, ms, 0, NULL);
}

int words_enter(bool (*over)(void))
{
	struct prompt *p = &prompt;
	bool leave = p->leave;

	if (!can_begin(p))
		return E_NOMEM;
	if (!forth_may_nest(words_forth(), RUNS_OF_A_LINE))
		return E_BUSY;
	of_printf("\nThe program waits; go continues it.\n");
	p->waiting++;
	p->leave = false;
	lines(p, UINT32_MAX, forth_depth(words_forth()), over);
	p->leave = leave;
	p->waiting--;
	of_printf("\n");
	return 0;
}

bool words_prompt_waits(void)
{
	return prompt.waiting > 0;
}

bool words_prompt_leave(void)
{
	prompt.leave = prompt.waiting > 0;
	return prompt.leave;
}

void words_prompt_recover(void)
{
	prompt.waiting = 0;
	prompt.leave = false;
}

void words_prompt(void)
{
	words_prompt_for(UINT32_MAX);
}
