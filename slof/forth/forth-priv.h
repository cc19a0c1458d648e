/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the engine's files share. Compiled code is an array of cells: pointers to words, each
 * followed by its operands. It lies outside the memory a program can touch, as do headers and
 * frames; so what is read from there can be trusted. Frames are kept apart from the return stack,
 * and a word can only take from that what it put there.
 */
#ifndef FORTH_PRIV_H
#define FORTH_PRIV_H

#include "forth/forth.h"

#include "base/compiler.h"
#include "base/strbuf.h"

enum {
	DATA_CELLS = 4096,
	RETURN_CELLS = 4096,
	FRAMES = 1024,
	SOURCES = 32,
	CONTROLS = 64,
	HASH = 256,
	ORDER = 16,
	STRING_ROOM = 1024,
	STRINGS = 4,
	CHUNK = 65536,
	POLL_EVERY = 4096,
	NESTED_RUNS = 8,
	LOCALS = 16,
};

struct word {
	const void *threaded; /* where its code is in run_code() */
	forth_fn *fn;
	uint16_t in;  /* cells it takes, by its effect */
	int16_t grow; /* cells it leaves more than it takes */
	uint32_t flags;
	const cell_t *code; /* colon definitions; NULL while being compiled */
	cell_t body;        /* data address, value, token */
	const cell_t *does; /* what follows does> */
	struct word *does_of;
	struct word *chain; /* of the hash table */
	const char *name;
	const struct forth_word *row;
	uint32_t name_len, token, wid, ncode;
	bool hidden, temporary;
};

enum frame_kind { FRAME_CALL, FRAME_CATCH, FRAME_EVAL, FRAME_FCODE, FRAME_BASE };
struct frame {
	const cell_t *ip;
	struct word *word;
	enum frame_kind kind;
	uint32_t rbase;
	uint32_t depth, rdepth; /* catch: to be restored */
};

struct source {
	const char *text;
	cell_t len, in; /* in: of a source that is not the current one */
	cell_t id;
	void *block; /* a chunk to be given back, or NULL */
};

enum control_kind { CF_ORIG, CF_DEST, CF_DO, CF_CASE, CF_OF, CF_ENDOF };
struct control {
	enum control_kind kind;
	uint32_t at;
	uint32_t chain; /* of forward branches to the end, each operand holds the next; 0 ends */
};

struct local {
	char name[31];
	uint8_t len;
};

/* A piece of memory programs may touch. */
struct chunk {
	struct chunk *next;
	cell_t base, size;
};

/* The engine's variables and buffers that programs see. Nothing here can be trusted. */
struct system {
	cell_t state, base, in, span, out, line_count, blk, sharp_tib;
	char pad[STRING_ROOM];
	char word[STRING_ROOM];
	char hold[280];
	char string[STRINGS][STRING_ROOM];
};

struct forth {
	cell_t *sp, *stack; /* sp: above the top */
	cell_t *rp, *rbase, *rstack;
	const cell_t *ip;
	struct word *w; /* being executed */
	struct frame *frame;
	unsigned frames, runs;
	int until_poll;
	const struct forth_ops *ops;

	const void *threaded, *threaded_colon, *threaded_constant;
	struct word *hash[HASH];
	struct word **words; /* by token - 1 */
	uint32_t nwords, room_words, nwids;
	struct word_block
		*blocks; /* where the words are; never moved, never given back before the end */
	cell_t code_catch[1], code_interpret[1],
		code_fcode[1]; /* one word each: where frames return to */
	uint32_t order[ORDER], norder, current;
	uint32_t package; /* the list searched first; 0: none */
	struct word *latest, *exit_word, *drop_word;

	struct chunk *chunks, *chunk, *seen; /* chunk: where here is */
	cell_t here;
	struct system *sys;
	unsigned next_string, hold_at, column;

	cell_t *code; /* being compiled */
	uint32_t ncode, room_code;
	struct word *defining;
	struct control cf[CONTROLS];
	unsigned ncf, nlocals;
	struct local local[LOCALS]; /* of the definition */

	struct source source[SOURCES];
	unsigned sources;
	struct forth_text given_name; /* what the next word parsed is, instead of the text's */
	struct word *given_word;
	struct fcode *fcode; /* being evaluated, the innermost; NULL: none */
	char last[64];
	cell_t thrown;
	char abort_text[128];
	struct forth_error error;
	size_t used;
	bool temporary; /* compiling a control structure of the prompt */
	bool storing;   /* to applies to the word running */
	bool is_given;
	bool broken; /* somebody broke in: up to the outermost run nothing catches */
};

#define TOP     (f->sp[-1])
#define NOS     (f->sp[-2])
#define DROP()  (f->sp--)
#define PUSH(v) (*f->sp++ = (v))
#define POP()   (*--f->sp)
#define FLAG(c) ((c) ? ~(cell_t)0 : 0)

static inline unsigned depth_of(const struct forth *f)
{
	return (unsigned)(f->sp - f->stack);
}

/* Execute a word with the arity check its effect gives. */
static inline int run_word(struct forth *f, struct word *w)
{
	size_t depth = (size_t)(f->sp - f->stack);

	if (depth < w->in)
		return THROW_UNDERFLOW;
	if ((ptrdiff_t)depth + w->grow > DATA_CELLS)
		return THROW_OVERFLOW;
	f->w = w;
	return w->fn(f);
}

/* A turn of a loop or a call: from time to time somebody may break in. */
int poll_now(struct forth *f);
static inline int poll_turn(struct forth *f)
{
	return --f->until_poll > 0 ? 0 : poll_now(f);
}

/* fcode.c: the end of a program, however it came to it. */
void leave_fcode(struct forth *f);
/* Where the innermost program is, for a message. */
void fcode_place(const struct forth *f, struct strbuf *sb);

/* locals.c: a local's number by name, -1 if it is none; what reads or writes it; before exit */
int local_of(struct forth *f, const char *name, size_t len);
int compile_local(struct forth *f, int i, bool store);
int forget_locals(struct forth *f);

/* extra.c: how many cells follow a word in code */
uint32_t operands_of(const struct word *w);

/* inner.c */
struct thread {
	const char *name;
	const void *label;
};
struct threads {
	const struct thread *words;
	size_t n;
};
/*
 * Run from f->ip until that is NULL or something throws. threads not NULL: only tell the labels. At a page's beginning
 * for speed's sake: see module.mk.
 */
int run_code(struct forth *f, struct threads *threads) __attribute__((noinline, aligned(4096)));
void thread_words(struct forth *f);
void thread_word(const struct forth *f, struct word *w);

/* engine.c */
int push_frame(struct forth *f, enum frame_kind kind, struct word *w);
void pop_frame(struct forth *f);
int enter_source(struct forth *f, struct source s);
int execute_token(struct forth *f, cell_t xt);

/* kinds.c */
int do_colon(struct forth *f), do_constant(struct forth *f), do_value(struct forth *f);
int do_create(struct forth *f), do_does(struct forth *f), do_defer(struct forth *f);
int do_2value(struct forth *f), do_2constant(struct forth *f);
int do_field(struct forth *f), do_marker(struct forth *f);

/* dict.c */
struct word *word_of(struct forth *f, cell_t xt); /* NULL: no such token */
struct word *find_word(struct forth *f, const char *name, size_t len);
struct word *find_in(struct forth *f, const char *name, size_t len, uint32_t wid);
/* The same among the words in C, which no program can redefine. */
struct word *find_primitive(struct forth *f, const char *name, size_t len);
/* A new word; NULL when memory is short. Not linked: link_word() makes it visible. */
struct word *new_word(struct forth *f, const char *name, size_t len, forth_fn *fn);
void link_word(struct forth *f, struct word *w);
void forget_words(struct forth *f, uint32_t from);
int create_named(struct forth *f, forth_fn *fn, struct word **out); /* parses the name */
void free_dict(struct forth *f);
bool same_name(const char *a, size_t alen, const char *b, size_t blen);
/* An internal word by name: must exist. */
struct word *internal(struct forth *f, const char *name);

/* host.c: let a word of the flag FORTH_STORES take a value from the stack. */
int forth_store(struct forth *f, struct word *w);

/* space.c: data space and checked access */
int space_init(struct forth *f);
void space_free(struct forth *f);
int space_room(struct forth *f, cell_t bytes); /* so much can be allotted here */
int space_allot(struct forth *f, cell_t bytes);
void *chunk_add(struct forth *f, cell_t size); /* NULL: none */
void chunk_remove(struct forth *f, void *base);
cell_t string_buffer(struct forth *f); /* the next of the buffers for interpreted strings */

/* interpret.c */
int interpret_step(struct forth *f);
struct forth_text parse_until(struct forth *f, char end);
bool parse_number(struct forth *f, const char *p, size_t len, cell_t out[2], unsigned *cells);
bool digits_to(const char **p, size_t *len, unsigned base, cell_t acc[2]);
int digit_of(char c);
int base_of(struct forth *f, unsigned *base);
int need_name(struct forth *f, struct forth_text *out);
int need_word(struct forth *f, struct word **out);
void remember(struct forth *f, struct forth_text t); /* the word an error names */

/* quote.c: what a string in the text becomes: compiled, or its address and length. */
int string_literal(struct forth *f, struct forth_text t);
void keep_message(struct forth *f, const char *p, size_t len); /* the text of a throw of -2 */

/* compile.c */
int compile_cell(struct forth *f, cell_t v);
int compile_word(struct forth *f, struct word *w);
int compile_named(struct forth *f, const char *internal_name);
int compile_literal(struct forth *f, cell_t v);
int finish_code(struct forth *f, struct word *w);
int close_code(struct forth *f, struct word *w); /* the same behind an exit, and interpret again */
void abandon_code(struct forth *f);
/* control.c: a control structure at the prompt is compiled, then run. */
int control_begin(struct forth *f);
int control_end(struct forth *f);
/* A branch of FCode inside a definition; back says which way. */
int control_branch(struct forth *f, bool back, bool conditional);

/* print.c */
void out_char(struct forth *f, char c);
void out_text(struct forth *f, const char *text);
/* Digits of v in the base, into the end of buf; where they start. */
char *format_unsigned(cell_t v, unsigned base, char *end);
void out_number(struct forth *f, cell_t v, bool is_signed, unsigned base);

/* double.c */
struct wide {
	cell_t lo, hi;
};
struct wide wide_mul(cell_t a, cell_t b);
/* Quotient of n by d, which is not 0 and greater than n.hi; the remainder in *rem. */
cell_t wide_div(struct wide n, cell_t d, cell_t *rem);
struct wide wide_neg(struct wide v);
struct wide wide_add(struct wide a, struct wide b);

struct word_table {
	const struct forth_word *rows;
	size_t n;
};
extern const struct word_table words_stack, words_arith, words_double, words_memory, words_string,
	words_compile, words_control, words_define, words_print, words_parse, words_tools,
	words_bytes, words_engine, words_order, words_fcode, words_extra, words_locals,
	words_rstack, words_quote, words_keyboard;

#endif
