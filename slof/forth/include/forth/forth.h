/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Forth engine: Forth 2012 and the words of IEEE 1275 that need no device tree. All state is in a
 * struct forth; what it knows of the world comes through struct forth_ops. Nothing a program does
 * crashes the engine: each fault is a throw. Words in C are rows of tables; the effect string
 * of a row is its arity check, so that a primitive may take and leave what it declares unchecked.
 */
#ifndef FORTH_FORTH_H
#define FORTH_FORTH_H

#include "base/stack.h"

struct forth;

/* Throw codes of Forth 2012 that the engine itself uses; 0 is success. */
enum forth_throw {
	THROW_ABORT = -1,
	THROW_ABORT_QUOTE = -2,
	THROW_OVERFLOW = -3,
	THROW_UNDERFLOW = -4,
	THROW_ROVERFLOW = -5,
	THROW_RUNDERFLOW = -6,
	THROW_DICTIONARY = -8,
	THROW_ADDRESS = -9,
	THROW_DIVISION = -10,
	THROW_RANGE = -11,
	THROW_TYPE = -12,
	THROW_UNDEFINED = -13,
	THROW_COMPILE_ONLY = -14,
	THROW_NO_NAME = -16,
	THROW_HOLD = -17,
	THROW_STRING = -18,
	THROW_CONTROL = -22,
	THROW_ARGUMENT = -24,
	THROW_IMBALANCE = -25,
	THROW_INTERRUPT = -28,
	THROW_NESTING = -29,
	THROW_BODY = -31,
	THROW_TO = -32,
	THROW_BASE = -40,
	THROW_ORDER_OVER = -49,
	THROW_ORDER_UNDER = -50,
	THROW_QUIT = -56,
	THROW_IO = -57,
	THROW_MEMORY = -59,
	THROW_WIDE = -4095, /* a thrown number that is no int: see forth_thrown() */
};

/* The world. Any of these may be NULL: then there is no such thing. */
struct forth_ops {
	void *ctx; /* first argument of all of them */
	void (*emit)(void *ctx, const char *text, size_t len);
	/* The cursor to the beginning of a line, if it is not there. */
	void (*fresh_line)(void *ctx);
	int (*key)(void *ctx); /* waits; negative: none will come */
	bool (*key_ready)(void *ctx);
	uint64_t (*ms)(void *ctx);
	void (*delay_ms)(void *ctx, uint64_t ms);
	/* Called regularly while a program runs; non-zero breaks in with that code. */
	int (*poll)(void *ctx);
	/* Where len bytes at addr are, or NULL if they may not be touched. The engine's own data
	 * space is not asked about. */
	void *(*memory)(void *ctx, cell_t addr, cell_t len, bool write);
	/* A word appeared in a list other than Forth's own. name stays. */
	void (*defined)(void *ctx, uint32_t list, cell_t xt, const char *name);
};

enum forth_flag {
	FORTH_IMMEDIATE = 1,
	FORTH_COMPILE_ONLY = 2,
	FORTH_VARIES = 4,     /* the effect is the most it takes and leaves */
	FORTH_LITERAL = 8,    /* compiled code has one operand behind it */
	FORTH_BRANCH = 16,    /* the same, a distance */
	FORTH_STRING = 32,    /* two operands, address and length */
	FORTH_TOKEN = 64,     /* one operand, a word's token */
	FORTH_INTERNAL = 128, /* cannot be found by name */
	FORTH_STORES = 256,   /* to, is: runs it with forth_storing(), it then takes a cell */
	FORTH_LINES = 512,    /* prints whole lines: what was begun on the console is ended first */
};

typedef int forth_fn(struct forth *f);

/* A word in C. */
struct forth_word {
	const char *name;
	const char *effect; /* at run time; what is parsed from the text is not part of it */
	forth_fn *fn;
	unsigned flags;
	const char *help;
};

/* An engine with the engine's own words, or NULL. ops must live as long. */
struct forth *forth_new(const struct forth_ops *ops) MUST_CHECK;
void forth_free(struct forth *f);
/* Add words; the table must live as long. 0, THROW_MEMORY, or THROW_ARGUMENT (a bad effect). */
int forth_add(struct forth *f, const struct forth_word *words, size_t n) MUST_CHECK;

/*
 * Interpret text of any number of lines. 0, or the throw code nobody caught; then the stacks are
 * as the fault left them for a look (forth_reset() clears them) and forth_error() describes it.
 */
int forth_evaluate(struct forth *f, const char *text, size_t len) MUST_CHECK;
/* May so many more texts or words be run, one within the other, from where we are? */
bool forth_may_nest(const struct forth *f, unsigned more);
/* Run one word by its token. */
int forth_execute(struct forth *f, cell_t xt) MUST_CHECK;
/* Empty the stacks, leave compilation, forget the source. */
void forth_reset(struct forth *f);
/* After a fault of a line typed while something else runs: leave compilation, and let catch work after a break. */
void forth_settle(struct forth *f);
/* Empty the stacks although something runs: the C functions that ran it will not be returned to. */
void forth_abandon(struct forth *f);

struct forth_error {
	int code;
	cell_t thrown; /* the number as thrown */
	unsigned line; /* of the text given to forth_evaluate(), from 1 */
	char word[64]; /* the last word read */
	char text[160];
};
const struct forth_error *forth_error(const struct forth *f);
/* One phrase for a throw code. */
const char *forth_throw_text(int code);

/* The data stack. A primitive may pop and push what its effect declares. */
cell_t forth_pop(struct forth *f);
void forth_push(struct forth *f, cell_t v);
/* The same with a check, for all others. */
int forth_try_pop(struct forth *f, cell_t *v) MUST_CHECK;
int forth_try_push(struct forth *f, cell_t v) MUST_CHECK;
unsigned forth_depth(const struct forth *f);
/* The cell n below the top, 0 the top; 0 if there is none. */
cell_t forth_peek(const struct forth *f, unsigned n);
bool forth_compiling(const struct forth *f);

/* Memory as programs see it: where len bytes are, or NULL (then throw THROW_ADDRESS). */
void *forth_at(struct forth *f, cell_t addr, cell_t len, bool write);
/* The token of a word by name in the search order; 0 if there is none. */
cell_t forth_find(struct forth *f, const char *name, size_t len);
/* The next word of the text being interpreted; length 0 at the end. */
struct forth_text {
	const char *p;
	size_t len;
};
struct forth_text forth_parse_name(struct forth *f);
/* The same without taking it, and only if it is on this line. */
struct forth_text forth_peek_name(struct forth *f);
/* The rest of the line without blanks around it, and the next word of it; length 0 at its end. */
struct forth_text forth_parse_line(struct forth *f);
struct forth_text forth_parse_arg(struct forth *f);
void forth_type(struct forth *f, const char *text, size_t len);

/* All names that can be found in the search order, newest first; start with *at = 0. False: no more. */
bool forth_next_name(const struct forth *f, size_t *at, struct forth_text *name);
/* Throw -2 with a message: what a primitive returns. */
int forth_abort(struct forth *f, const char *fmt, ...) PRINTF_LIKE(2, 3);
/*
 * A new word of a kind of the host's: kind's effect, fn and flags under this name, and a number that
 * its fn reads with forth_body() before it does anything else; forth_name(): its name likewise.
 */
int forth_define(struct forth *f, struct forth_text name, const struct forth_word *kind,
		 cell_t body) MUST_CHECK;
cell_t forth_body(const struct forth *f);
const char *forth_name(const struct forth *f);
bool forth_storing(const struct forth *f);
/* Run a word as the last thing a primitive does: return what this returns. */
int forth_go(struct forth *f, cell_t xt) MUST_CHECK;
/* A new word list; and the one to search first and to define in, 0: none. Gives the one before. */
uint32_t forth_new_list(struct forth *f);
uint32_t forth_use_list(struct forth *f, uint32_t list);
cell_t forth_find_in(struct forth *f, uint32_t list, const char *name, size_t len);

/* All rows there are, newest first: for help and docs. NULL after the last. */
const struct forth_word *forth_row(const struct forth *f, size_t i);
/* Throw any number: what a primitive returns. 0 gives 0. */
int forth_throw(struct forth *f, cell_t code);
/* Words, headers and code together take so many bytes. */
size_t forth_used(const struct forth *f);

#endif
