/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The inner interpreter. One loop in C runs everything, the interpreter of text included: calls,
 * catch and evaluate are frames, so nesting in Forth is no nesting in C. A primitive that returns
 * non-zero unwinds the frames to the next catch, or to the C function that started the run.
 */
#include "forth-priv.h"

#include <string.h>

#include "base/heap.h"

int poll_now(struct forth *f)
{
	int err = f->ops->poll ? f->ops->poll(f->ops->ctx) : 0;

	f->until_poll = POLL_EVERY;
	f->broken |= err != 0;
	return err;
}

int push_frame(struct forth *f, enum frame_kind kind, struct word *w)
{
	struct frame *fr = &f->frame[f->frames];

	if (f->frames >= FRAMES)
		return THROW_ROVERFLOW;
	fr->ip = f->ip;
	fr->word = w;
	fr->kind = kind;
	fr->rbase = (uint32_t)(f->rbase - f->rstack);
	fr->depth = depth_of(f);
	fr->rdepth = (uint32_t)(f->rp - f->rstack);
	f->rbase = f->rp;
	f->frames++;
	return poll_turn(f);
}

static void leave_source(struct forth *f)
{
	struct source *s = &f->source[--f->sources];

	if (s->block)
		chunk_remove(f, s->block);
	if (f->sources > 0)
		f->sys->in = f->source[f->sources - 1].in;
}

void pop_frame(struct forth *f)
{
	struct frame *fr = &f->frame[--f->frames];

	f->ip = fr->ip;
	f->rbase = f->rstack + fr->rbase;
	if (fr->kind == FRAME_EVAL)
		leave_source(f);
	if (fr->kind == FRAME_FCODE)
		leave_fcode(f);
	if (fr->kind == FRAME_CALL && fr->word->temporary) {
		heap_free((void *)(uintptr_t)fr->word->code);
		heap_free(fr->word);
	}
}

/* Interpret s, then go on where we are. The source is the frame's from here on, also in failure. */
int enter_source(struct forth *f, struct source s)
{
	int err;

	if (f->sources >= SOURCES || f->frames >= FRAMES) {
		if (s.block)
			chunk_remove(f, s.block);
		return THROW_ROVERFLOW;
	}
	if (f->sources > 0)
		f->source[f->sources - 1].in = f->sys->in;
	f->source[f->sources++] = s;
	f->sys->in = 0;
	err = push_frame(f, FRAME_EVAL, NULL);
	f->ip = f->code_interpret;
	return err;
}

/* A defer that leads to itself never gets to a frame, hence the limit. */
int execute_token(struct forth *f, cell_t xt)
{
	struct word *w = word_of(f, xt);

	for (unsigned hops = 0; w && w->fn == do_defer; hops++) {
		if (hops > 64)
			return THROW_ARGUMENT;
		w = word_of(f, w->body);
	}
	return w ? run_word(f, w) : THROW_ARGUMENT;
}

int forth_throw(struct forth *f, cell_t code)
{
	int64_t n = (int64_t)code;

	f->thrown = code;
	return n > THROW_WIDE && n <= INT32_MAX ? (int)n : THROW_WIDE;
}

static cell_t thrown_number(const struct forth *f, int err)
{
	return err == THROW_WIDE ? f->thrown : (cell_t)(int64_t)err;
}

static unsigned line_of(const struct source *s, cell_t in)
{
	unsigned line = 1;

	if (in > 0 && in <= s->len && s->text[in - 1] == '\n')
		in--; /* what ended the last word read */
	for (cell_t i = 0; i < in && i < s->len; i++)
		line += s->text[i] == '\n';
	return line;
}

/* Which line of the outermost text of this run were we in, and where in an FCode program? */
static void note_error(struct forth *f, int err, unsigned base)
{
	struct forth_error *e = &f->error;
	unsigned first = f->sources;
	struct strbuf sb = strbuf_on(e->text, sizeof(e->text));
	bool in_fcode = false;

	for (unsigned i = base; i < f->frames; i++) {
		first -= f->frame[i].kind == FRAME_EVAL;
		in_fcode |= f->frame[i].kind == FRAME_FCODE;
	}
	e->code = err;
	e->thrown = thrown_number(f, err);
	e->line = 0;
	if (first < f->sources)
		e->line = line_of(&f->source[first],
				  first + 1 == f->sources ? f->sys->in : f->source[first].in);
	memcpy(e->word, f->last, sizeof(e->word));
	if (e->line > 0)
		strbuf_printf(&sb, "line %u: ", e->line);
	if (in_fcode)
		fcode_place(f, &sb);
	strbuf_printf(&sb, "%s: ", e->word);
	if (err == THROW_ABORT_QUOTE)
		strbuf_str(&sb, f->abort_text);
	else if (err == THROW_WIDE || err > 0 || !*forth_throw_text(err))
		strbuf_printf(&sb, "thrown %lld", (long long)e->thrown);
	else
		strbuf_str(&sb, forth_throw_text(err));
}

/* Give the fault to the next catch of this run. False: there is none, and all its frames are gone. */
static bool unwind(struct forth *f, int err, unsigned base)
{
	unsigned i = f->frames;

	/* who breaks in wants the end of it all: no catch, or a loop around one never ends */
	while (i > base && (f->broken || f->frame[i - 1].kind != FRAME_CATCH))
		i--;
	if (i == base)
		note_error(f, err, base);
	while (f->frames > i)
		pop_frame(f);
	if (i == base)
		return false;
	f->sp = f->stack + f->frame[i - 1].depth - 1;
	f->rp = f->rstack + f->frame[i - 1].rdepth;
	pop_frame(f);
	PUSH(thrown_number(f, err));
	return true;
}

/* Run from a frame boundary set up by the caller until that boundary is gone. */
static int run(struct forth *f, int err, unsigned base)
{
	for (;;) {
		if (err) {
			if (!unwind(f, err, base))
				return err;
			err = 0;
		}
		if (f->ip)
			err = run_code(f, NULL);
		if (!err)
			return 0;
	}
}

bool forth_may_nest(const struct forth *f, unsigned more)
{
	return f->runs + more <= NESTED_RUNS;
}

/* A run that did not even begin. */
static int refuse_run(struct forth *f, int err)
{
	struct strbuf sb = strbuf_on(f->error.text, sizeof(f->error.text));

	f->error.code = err;
	f->error.thrown = (cell_t)(int64_t)err;
	f->error.line = 0;
	f->error.word[0] = '\0';
	strbuf_str(&sb, forth_throw_text(err));
	return err;
}

/* Start a run: its frames lie above a base frame, whose NULL ip ends the loop. */
static int begin_run(struct forth *f, unsigned *base)
{
	int err = f->runs >= NESTED_RUNS ? THROW_ROVERFLOW : push_frame(f, FRAME_BASE, NULL);

	if (err)
		return refuse_run(f, err);
	f->runs++;
	f->ip = NULL;
	*base = f->frames;
	return 0;
}

static int end_run(struct forth *f, int err, unsigned base)
{
	f->runs--;
	f->rp = f->rstack + f->frame[base - 1].rdepth;
	f->frames = base;
	pop_frame(f);
	if (f->runs == 0)
		f->broken = false;
	if (err && f->runs == 0) {
		abandon_code(f);
		f->sys->state = 0;
	}
	return err;
}

int forth_execute(struct forth *f, cell_t xt)
{
	unsigned base;
	int err = begin_run(f, &base);

	if (err)
		return err;
	return end_run(f, run(f, execute_token(f, xt), base), base);
}

int forth_evaluate(struct forth *f, const char *text, size_t len)
{
	struct source s = {.len = len, .id = ~(cell_t)0};
	unsigned base;
	int err = begin_run(f, &base);
	char *copy;

	if (err)
		return err;
	copy = chunk_add(f, len + 1);
	if (!copy)
		return end_run(f, THROW_MEMORY, base);
	memcpy(copy, text, len);
	s.text = s.block = copy;
	return end_run(f, run(f, enter_source(f, s), base), base);
}

static int w_execute(struct forth *f)
{
	return execute_token(f, POP());
}

static int w_catch(struct forth *f)
{
	int err = push_frame(f, FRAME_CATCH, NULL);

	if (err)
		return err;
	f->ip = f->code_catch;
	return execute_token(f, POP());
}

static int w_caught(struct forth *f)
{
	if (f->rp != f->rbase)
		return THROW_IMBALANCE;
	pop_frame(f);
	return forth_try_push(f, 0);
}

static int w_throw(struct forth *f)
{
	return forth_throw(f, POP());
}

static int w_abort(struct forth *f UNUSED)
{
	return THROW_ABORT;
}

/* interpret_step() says it is at the end by ip NULL. */
static int w_interpret(struct forth *f)
{
	const cell_t *again = f->ip - 1;
	bool more = f->sys->in < f->source[f->sources - 1].len;

	if (more) {
		f->ip = again;
		return interpret_step(f);
	}
	if (f->rp != f->rbase && f->sources > 1)
		return THROW_IMBALANCE;
	f->rp = f->rbase;
	pop_frame(f);
	return 0;
}

static int w_exit(struct forth *f)
{
	if (f->frame[f->frames - 1].kind != FRAME_CALL)
		return THROW_COMPILE_ONLY;
	if (f->rp != f->rbase)
		return THROW_IMBALANCE;
	pop_frame(f);
	return 0;
}

static int w_evaluate(struct forth *f)
{
	struct source s = {.len = TOP, .id = ~(cell_t)0};

	s.text = forth_at(f, NOS, TOP, false);
	f->sp -= 2;
	if (!s.text && s.len > 0)
		return THROW_ADDRESS;
	return enter_source(f, s);
}

static int w_quit(struct forth *f)
{
	return forth_throw(f, (cell_t)THROW_QUIT);
}

// clang-format off
static const struct forth_word rows[] = {
	{"execute",     "( xt -- )",          w_execute, FORTH_VARIES, "Run the word of a token"},
	{"catch",       "( xt -- n )",        w_catch, FORTH_VARIES, "Run a word; 0, or what it threw"},
	{"throw",       "( n -- )",           w_throw, FORTH_VARIES, "Go to the next catch unless n is 0"},
	{"abort",       "( -- )",             w_abort, FORTH_VARIES, "Throw -1"},
	{"exit",        "( -- )",             w_exit, FORTH_COMPILE_ONLY, "Return from this word"},
	{"evaluate",    "( addr len -- )",    w_evaluate, FORTH_VARIES, "Interpret text"},
	{"eval",        "( addr len -- )",    w_evaluate, FORTH_VARIES, "Interpret text"},
	{"quit",        "( -- )",             w_quit, FORTH_VARIES, "Back to the prompt"},
	{"(catch)",     "( -- n )",           w_caught, FORTH_INTERNAL | FORTH_VARIES, ""},
	{"(interpret)", "( -- )",             w_interpret, FORTH_INTERNAL | FORTH_VARIES, ""},
};
// clang-format on
const struct word_table words_engine = {rows, ARRAY_SIZE(rows)};
