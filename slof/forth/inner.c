/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The inner interpreter: runs compiled code from word to word. Words that programs are mostly made of
 * are run right here, with the stacks in registers and the top of the data stack in one of its own; each
 * word knows the place of its code in this function (direct threading), all others have the common place
 * that calls their function. A short form that cannot go on (a stack too full or too empty, the turn
 * of whoever may break in) leaves everything untouched and goes there too: its function then
 * throws, or does the slow part. So all rules are in the functions, and none are here.
 *
 * While we run, the slot below sp is stale: its value is in top. stack[-1] exists for an empty stack.
 */
#include "forth-priv.h"

#include <string.h>

/* What each fast word is called, and its label. */
// clang-format off
#define FAST_WORDS(X) \
	X("(lit)", lit) X("(')", lit) X("(branch)", branch) X("(0branch)", zbranch) X("(do)", do) \
	X("(loop)", loop) X("(+loop)", plus_loop) X("(of)", of) X("exit", exit) X("i", r_fetch) \
	X("j", j) X(">r", to_r) X("r>", r_from) X("r@", r_fetch) X("dup", dup) X("drop", drop) \
	X("swap", swap) X("over", over) X("nip", nip) X("rot", rot) X("?dup", qdup) X("2dup", two_dup) \
	X("2drop", two_drop) X("+", plus) X("-", minus) X("and", and) X("or", or) X("xor", xor) \
	X("=", eq) X("<>", ne) X("<", lt) X(">", gt) X("u<", ult) X("u>", ugt) X("0=", zeq) X("0<>", zne) \
	X("0<", zlt) X("1+", inc) X("1-", dec) X("2*", twice) X("-1", m1) X("true", m1) X("0", c0) \
	X("false", c0) X("1", c1) X("2", c2) X("3", c3) X("bl", c32)
#define BINARY(X) \
	X(plus, a + top) X(minus, a - top) X(and, a & top) X(or, a | top) X(xor, a ^ top) \
	X(eq, FLAG(a == top)) X(ne, FLAG(a != top)) X(lt, FLAG((int64_t)a < (int64_t)top)) \
	X(gt, FLAG((int64_t)a > (int64_t)top)) X(ult, FLAG(a < top)) X(ugt, FLAG(a > top))
#define UNARY(X) \
	X(zeq, FLAG(top == 0)) X(zne, FLAG(top != 0)) X(zlt, FLAG((int64_t)top < 0)) X(inc, top + 1) \
	X(dec, top - 1) X(twice, top << 1)
#define CONSTANTS(X) X(m1, ~(cell_t)0) X(c0, 0) X(c1, 1) X(c2, 2) X(c3, 3) X(c32, ' ')
// clang-format on

#define NEXT()                                        \
	do {                                          \
		w = (struct word *)(uintptr_t)*ip++;  \
		goto *(void *)(uintptr_t)w->threaded; \
	} while (0)
#define HAS(n)  (sp >= stack + (n))
#define ROOM(n) (sp <= stack + DATA_CELLS - (n))
#define UNLESS(ok)                 \
	do {                       \
		if (!(ok))         \
			goto slow; \
	} while (0)
#define TURN()                     \
	do {                       \
		UNLESS(turns > 1); \
		turns--;           \
	} while (0)
#define JUMP() (ip += (ptrdiff_t)*ip)

/* One function because its labels and registers are what makes it fast. NOLINTNEXTLINE(readability-function-size) */
int run_code(struct forth *f, struct threads *threads)
{
	cell_t *const stack = f->stack;
	struct frame *const last = f->frame + FRAMES;
	cell_t *sp, *rp, *rbase, top, a;
	const cell_t *ip;
	struct frame *fr;
	struct word *w;
	int turns, err;

	if (threads) {
#define THREAD(word, label) {word, &&op_##label},
		/* the places of all others first: words in C, colon definitions, constants */
		static const struct thread table[] = {
			/* cppcheck-suppress syntaxError ; it does not know addresses of labels */
			{"", &&slow},
			{"", &&op_colon},
			{"", &&op_constant},
			FAST_WORDS(THREAD)};

		*threads = (struct threads){table, ARRAY_SIZE(table)};
		return 0;
	}
load:
	sp = f->sp;
	rp = f->rp;
	rbase = f->rbase;
	ip = f->ip;
	fr = f->frame + f->frames;
	turns = f->until_poll;
	top = sp[-1];
	NEXT();
slow:
	sp[-1] = top;
	f->sp = sp;
	f->rp = rp;
	f->rbase = rbase;
	f->ip = ip;
	f->frames = (unsigned)(fr - f->frame);
	f->until_poll = turns;
	err = run_word(f, w);
	if (err || !f->ip)
		return err;
	goto load;

op_colon:
	UNLESS(w->code && fr < last);
	TURN();
	fr->ip = ip;
	fr->word = w;
	fr->kind = FRAME_CALL;
	fr->rbase = (uint32_t)(rbase - f->rstack);
	fr++;
	rbase = rp;
	ip = w->code;
	NEXT();
op_exit:
	UNLESS(fr[-1].kind == FRAME_CALL && rp == rbase && fr[-1].ip && !fr[-1].word->temporary);
	fr--;
	ip = fr->ip;
	rbase = f->rstack + fr->rbase;
	NEXT();

op_lit:
	UNLESS(ROOM(1));
	sp[-1] = top;
	sp++;
	top = *ip++;
	NEXT();
op_constant:
	UNLESS(ROOM(1));
	sp[-1] = top;
	sp++;
	top = w->body;
	NEXT();
#define OP_CONSTANT(label, value)     \
	op_##label : UNLESS(ROOM(1)); \
	sp[-1] = top;                 \
	sp++;                         \
	top = (value);                \
	NEXT();
	CONSTANTS(OP_CONSTANT)

op_branch:
	TURN();
	JUMP();
	NEXT();
op_zbranch:
	UNLESS(HAS(1) && turns > 1);
	a = top;
	sp--;
	top = sp[-1];
	if (a != 0) {
		ip++;
	} else {
		turns--;
		JUMP();
	}
	NEXT();
op_of:
	UNLESS(HAS(2));
	a = top;
	sp--;
	top = sp[-1];
	if (a == top) {
		sp--;
		top = sp[-1];
		ip++;
	} else {
		JUMP();
	}
	NEXT();
op_do:
	UNLESS(HAS(2) && rp + 2 <= f->rstack + RETURN_CELLS);
	rp[0] = sp[-2];
	rp[1] = top;
	rp += 2;
	sp -= 2;
	top = sp[-1];
	NEXT();
op_loop:
	UNLESS(rp - rbase >= 2);
	a = rp[-1] + 1;
	if ((ptrdiff_t)*ip ==
	    -1) { /* nothing inside, it passes the time: round and round right here */
		for (; a != rp[-2] && turns > 1; turns--)
			a++;
		rp[-1] = a - 1;
	}
	if (a == rp[-2]) {
		rp -= 2;
		ip++;
	} else {
		TURN();
		rp[-1] = a;
		JUMP();
	}
	NEXT();
op_plus_loop:
	UNLESS(HAS(1) && rp - rbase >= 2 && turns > 1);
	a = rp[-1] - rp[-2];
	rp[-1] += top;
	if (((a ^ (a + top)) & (a ^ top)) >> 63) {
		rp -= 2;
		ip++;
	} else {
		turns--;
		JUMP();
	}
	sp--;
	top = sp[-1];
	NEXT();

op_to_r:
	UNLESS(HAS(1) && rp < f->rstack + RETURN_CELLS);
	*rp++ = top;
	sp--;
	top = sp[-1];
	NEXT();
op_r_from:
	UNLESS(ROOM(1) && rp > rbase);
	sp[-1] = top;
	sp++;
	top = *--rp;
	NEXT();
op_r_fetch:
	UNLESS(ROOM(1) && rp > rbase);
	sp[-1] = top;
	sp++;
	top = rp[-1];
	NEXT();
op_j:
	UNLESS(ROOM(1) && rp - rbase >= 3);
	sp[-1] = top;
	sp++;
	top = rp[-3];
	NEXT();

op_qdup:
	if (top == 0 && HAS(1))
		NEXT();
op_dup:
	UNLESS(HAS(1) && ROOM(1));
	sp[-1] = top;
	sp++;
	NEXT();
op_drop:
	UNLESS(HAS(1));
	sp--;
	top = sp[-1];
	NEXT();
op_two_drop:
	UNLESS(HAS(2));
	sp -= 2;
	top = sp[-1];
	NEXT();
op_swap:
	UNLESS(HAS(2));
	a = top;
	top = sp[-2];
	sp[-2] = a;
	NEXT();
op_over:
	UNLESS(HAS(2) && ROOM(1));
	sp[-1] = top;
	top = sp[-2];
	sp++;
	NEXT();
op_nip:
	UNLESS(HAS(2));
	sp--;
	NEXT();
op_rot:
	UNLESS(HAS(3));
	a = sp[-3];
	sp[-3] = sp[-2];
	sp[-2] = top;
	top = a;
	NEXT();
op_two_dup:
	UNLESS(HAS(2) && ROOM(2));
	sp[-1] = top;
	sp[0] = sp[-2];
	sp += 2;
	NEXT();

#define OP_BINARY(label, result)     \
	op_##label : UNLESS(HAS(2)); \
	a = sp[-2];                  \
	top = (result);              \
	sp--;                        \
	NEXT();
	BINARY(OP_BINARY)
#define OP_UNARY(label, result)      \
	op_##label : UNLESS(HAS(1)); \
	top = (result);              \
	NEXT();
	UNARY(OP_UNARY)
}

/* Tell the words made so far where their code is; later ones get it when they are made. */
void thread_words(struct forth *f)
{
	struct threads t;

	(void)run_code(f, &t);
	f->threaded = t.words[0].label;
	f->threaded_colon = t.words[1].label;
	f->threaded_constant = t.words[2].label;
	for (uint32_t i = 0; i < f->nwords; i++)
		thread_word(f, f->words[i]);
	for (size_t i = 3; i < t.n; i++) {
		size_t len = strlen(t.words[i].name);
		struct word *w = find_primitive(f, t.words[i].name, len);

		if (!w)
			w = internal(f, t.words[i].name);
		w->threaded = t.words[i].label;
	}
}

void thread_word(const struct forth *f, struct word *w)
{
	bool constant = w->fn == do_constant || w->fn == do_value || w->fn == do_create;

	w->threaded = w->fn == do_colon ? f->threaded_colon
		      : constant        ? f->threaded_constant
					: f->threaded;
}
