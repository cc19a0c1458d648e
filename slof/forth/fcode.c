/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The FCode evaluator: byte-load. A program is copied when its header has been checked, and then
 * evaluated number by number on a frame of the inner interpreter's, so calls, throws, and breaking in
 * work as in Forth text. Numbers are bound to words by name when a program begins; those from 800 on
 * are the program's own and die with it.
 */
#include "fcode-priv.h"

#include <string.h>

#include "base/bytes.h"
#include "base/heap.h"

enum {
	HEADER = 8,
	NESTED = 4,
	BIGGEST = 1 << 24,
};

int fcode_fail(struct forth *f, unsigned number, const char *why)
{
	struct forth_text name = fcode_name(number);
	char text[sizeof(f->abort_text)];
	struct strbuf sb = strbuf_on(text, sizeof(text));

	strbuf_printf(&sb, "FCode %x", number);
	if (name.len > 0) {
		strbuf_str(&sb, " (");
		strbuf_add(&sb, name.p, name.len);
		strbuf_char(&sb, ')');
	}
	strbuf_printf(&sb, " %s", why);
	keep_message(f, text, sb.len);
	return THROW_ABORT_QUOTE;
}

int fcode_byte(struct forth *f, uint8_t *out)
{
	struct fcode *fc = f->fcode;

	if (fc->at >= fc->len)
		return fcode_fail(f, 0, "is missing: the program ends without it");
	*out = fc->bytes[fc->at++];
	return 0;
}

int fcode_token(struct forth *f, unsigned *out)
{
	uint8_t first, second;
	int err = fcode_byte(f, &first);

	if (err)
		return err;
	*out = first;
	if (first == 0 || first >= 0x10)
		return 0;
	err = fcode_byte(f, &second);
	if (!err)
		*out = (unsigned)first << 8 | second;
	return err;
}

void fcode_place(const struct forth *f, struct strbuf *sb)
{
	strbuf_printf(sb, "FCode byte %x of %x: ", f->fcode->number_at, f->fcode->len);
}

/* Words in C first: what a program defined under the same name is not meant. */
static void bind(void *ctx, unsigned number, struct forth_text name)
{
	struct forth *f = ctx;
	const struct word *w = NULL;

	if (!fcode_special(number))
		w = find_primitive(f, name.p, name.len);
	if (!w && !fcode_special(number))
		w = find_in(f, name.p, name.len, 0);
	f->fcode->table[number] = w ? w->token : 0;
}

/* Is there a word fcode-debug? and does it say yes? */
static bool want_names(struct forth *f)
{
	cell_t xt = forth_find(f, "fcode-debug?", 12), flag = 0;

	return xt && !forth_execute(f, xt) && !forth_try_pop(f, &flag) && flag != 0;
}

void leave_fcode(struct forth *f)
{
	struct fcode *fc = f->fcode;

	f->fcode = fc->outer;
	f->is_given = false;
	f->given_word = NULL;
	chunk_remove(f, (void *)(uintptr_t)fc->bytes);
	heap_free(fc);
}

/* One byte of the program where it lies: by the word of xt, or directly. */
static int read_one(struct forth *f, cell_t addr, cell_t xt, uint8_t *out)
{
	cell_t v = 0;
	int err;

	if (xt == 1) {
		const uint8_t *p = forth_at(f, addr, 1, false);

		if (!p)
			return THROW_ADDRESS;
		*out = *p;
		return poll_turn(f);
	}
	err = forth_try_push(f, addr);
	if (!err)
		err = forth_execute(f, xt);
	if (!err)
		err = forth_try_pop(f, &v);
	*out = (uint8_t)v;
	return err ? err : poll_turn(f);
}

static int read_bytes(struct forth *f, cell_t addr, cell_t xt, unsigned spread, uint8_t *to,
		      uint32_t from, uint32_t len)
{
	int err = 0;

	for (uint32_t i = from; i < len && !err; i++)
		err = read_one(f, addr + (cell_t)i * spread, xt, &to[i]);
	return err;
}

/* How far apart the bytes lie, by the first of them; -1: it begins no program. */
static int spread_of(uint8_t start)
{
	switch (start) {
	case 0xf0:
		return 0;
	case 0xf1:
	case 0xfd:
		return 1;
	case 0xf2:
		return 2;
	case 0xf3:
		return 4;
	default:
		return -1;
	}
}

static int check_sum(struct forth *f, const uint8_t *bytes, uint32_t len)
{
	uint16_t sum = 0, said = get_be16(bytes + 2);

	for (uint32_t i = HEADER; i < len; i++)
		sum = (uint16_t)(sum + bytes[i]);
	return said == 0 || said == sum ? 0 : fcode_fail(f, bytes[0], "has a bad checksum");
}

/* Header, length and checksum right: the program in memory of its own, which it may look at. */
static int load(struct forth *f, cell_t addr, cell_t xt, uint8_t **out, uint32_t *len)
{
	uint8_t header[HEADER] = {0}, *bytes;
	int spread = 0, err = read_one(f, addr, xt, &header[0]);

	if (err)
		return err;
	spread = spread_of(header[0]);
	if (spread < 0)
		return fcode_fail(f, header[0], "begins no program");
	err = read_bytes(f, addr, xt, (unsigned)spread, header, 1, HEADER);
	if (err)
		return err;
	*len = get_be32(header + 4);
	if (*len <= HEADER || *len > BIGGEST)
		return fcode_fail(f, header[0], "has a bad length");
	bytes = chunk_add(f, *len);
	if (!bytes)
		return THROW_MEMORY;
	memcpy(bytes, header, HEADER);
	err = read_bytes(f, addr, xt, (unsigned)spread, bytes, HEADER, *len);
	if (!err)
		err = check_sum(f, bytes, *len);
	if (err)
		chunk_remove(f, bytes);
	*out = bytes;
	return err;
}

/* The program becomes what is evaluated next, and belongs to the frame from here on. */
static int begin(struct forth *f, uint8_t *bytes, uint32_t len)
{
	bool names = want_names(f);
	struct fcode *fc = f->frames < FRAMES ? try_alloc(sizeof(*fc)) : NULL;
	int err;

	if (!fc) {
		chunk_remove(f, bytes);
		return f->frames < FRAMES ? THROW_MEMORY : THROW_ROVERFLOW;
	}
	fc->outer = f->fcode;
	fc->bytes = bytes;
	fc->len = len;
	fc->at = fc->number_at = HEADER;
	fc->offset16 = bytes[0] != 0xfd;
	fc->names = names;
	f->fcode = fc;
	fcode_each(bind, f);
	err = push_frame(f, FRAME_FCODE, NULL);
	f->ip = f->code_fcode;
	return err;
}

static int w_byte_load(struct forth *f)
{
	cell_t xt = POP(), addr = POP();
	unsigned depth = 0;
	uint8_t *bytes = NULL;
	uint32_t len = 0;
	int err;

	remember(f, (struct forth_text){"byte-load", 9});
	for (const struct fcode *fc = f->fcode; fc; fc = fc->outer)
		depth++;
	if (depth >= NESTED)
		return THROW_ROVERFLOW;
	if (f->sys->state || f->defining)
		return THROW_NESTING;
	err = load(f, addr, xt, &bytes, &len);
	return err ? err : begin(f, bytes, len);
}

static int end_program(struct forth *f)
{
	if (f->defining)
		return fcode_fail(f, 0, "inside a definition");
	if (f->rp != f->rbase)
		return THROW_IMBALANCE;
	pop_frame(f);
	return 0;
}

static int run_number(struct forth *f, unsigned number)
{
	forth_fn *special = fcode_special(number);
	struct word *w;

	if (special)
		return special(f);
	w = word_of(f, f->fcode->table[number]);
	if (!w) {
		bool assigned = fcode_name(number).len > 0;

		return fcode_fail(f, number, assigned ? "has no word here" : "is not assigned");
	}
	remember(f, (struct forth_text){w->name, w->name_len});
	if (f->sys->state && !(w->flags & FORTH_IMMEDIATE) &&
	    !(f->fcode->immediate[number / 8] >> number % 8 & 1))
		return compile_word(f, w);
	if (!f->sys->state && (w->flags & FORTH_COMPILE_ONLY))
		return fcode_fail(f, number, "outside a definition");
	return run_word(f, w);
}

/* One number; in compiled code this would be the word of a loop around it. */
static int w_fcode(struct forth *f)
{
	const cell_t *again = f->ip - 1;
	unsigned number = 0;
	int err = poll_turn(f);

	f->fcode->number_at = f->fcode->at;
	if (!err)
		err = fcode_token(f, &number);
	if (err)
		return err;
	if (number == 0 || number == 0xff)
		return end_program(f);
	f->ip = again;
	return run_number(f, number);
}

/* ( fcode# -- xt immediate? ) */
static int w_get_token(struct forth *f)
{
	cell_t n = TOP;

	if (!f->fcode || n >= FCODE_LIMIT)
		return THROW_ARGUMENT;
	TOP = f->fcode->table[n] ? f->fcode->table[n] : forth_find(f, "ferror", 6);
	PUSH(FLAG(f->fcode->immediate[n / 8] >> n % 8 & 1));
	return 0;
}

static int w_set_token(struct forth *f)
{
	cell_t n = POP(), immediate = POP(), xt = POP();

	if (!f->fcode || n >= FCODE_LIMIT || !word_of(f, xt))
		return THROW_ARGUMENT;
	f->fcode->table[n] = (uint32_t)xt;
	f->fcode->immediate[n / 8] &= (uint8_t) ~(1u << n % 8);
	if (immediate)
		f->fcode->immediate[n / 8] |= (uint8_t)(1u << n % 8);
	return 0;
}

static int w_ferror(struct forth *f)
{
	return fcode_fail(f, 0xfc, "was evaluated");
}

static int w_revision(struct forth *f)
{
	PUSH(0x00030000);
	return 0;
}

static int w_suspend(struct forth *f UNUSED)
{
	return 0;
}

// clang-format off
static const struct forth_word rows[] = {
	{"byte-load",      "( addr xt -- )",         w_byte_load, FORTH_VARIES, "Evaluate FCode; xt reads its bytes, 1 for c@"},
	{"get-token",      "( fcode# -- xt flag )",  w_get_token, 0, "The word of an FCode number; immediate?"},
	{"set-token",      "( xt flag fcode# -- )",  w_set_token, 0, "Set the word of an FCode number"},
	{"ferror",         "( -- )",                 w_ferror, 0, "What an FCode number does that has no word"},
	{"fcode-revision", "( -- n )",               w_revision, 0, "Version 3.0 of the FCode interface"},
	{"suspend-fcode",  "( -- )",                 w_suspend, 0, "Nothing: FCode is never evaluated in two parts"},
	{"(fcode)",        "( -- )",                 w_fcode, FORTH_INTERNAL | FORTH_VARIES, ""},
};
// clang-format on
const struct word_table words_fcode = {rows, ARRAY_SIZE(rows)};
