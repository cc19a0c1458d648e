/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TAB: the longest text all candidates begin with is put in; a second TAB in a row lists them. Where
 * the candidates come from is the caller's business. If the only one is a device node, who knows
 * its unit address by heart may type that as well: openQA types boot /pci<TAB>/sc<TAB>5.
 */
#include "lineedit-priv.h"

#include <stdio.h>
#include <string.h>

enum { LIST_MOST = 500 };

struct lineedit_matches {
	struct lineedit *le;
	struct text common;
	size_t n;
	enum lineedit_match_kind kind;
	bool failed;
	bool listing;
	unsigned column;
};

static void list_one(struct lineedit_matches *m, const char *text, size_t len)
{
	if (m->column > 0 && m->column + len + 2 > m->le->columns) {
		emit(m->le, "\r\n", 2);
		m->column = 0;
	}
	emit_shown(m->le, text, len);
	emit(m->le, "  ", 2);
	m->column += (unsigned)len + 2;
}

void lineedit_match(struct lineedit_matches *m, const char *text, size_t len,
		    enum lineedit_match_kind kind)
{
	size_t same = 0;

	if (m->listing) {
		list_one(m, text, len);
		return;
	}
	if (m->n == 1 && m->common.len == len && memcmp(m->common.p, text, len) == 0)
		return; /* the same once more */
	if (m->n++ == 0) {
		m->failed = !text_set(&m->common, text, len);
		m->kind = kind;
		return;
	}
	while (same < m->common.len && same < len && m->common.p[same] == text[same])
		same++;
	text_delete(&m->common, same, m->common.len - same);
}

/* What is behind the '@' will be swallowed if it is typed next. */
static void may_type_again(struct lineedit *le, const struct text *t)
{
	const char *at = t->len ? memchr(t->p, '@', t->len) : NULL;
	size_t n = at ? t->len - (size_t)(at + 1 - t->p) : 0;

	if (n == 0 || n > sizeof(le->over))
		return;
	memcpy(le->over, at + 1, n);
	le->over_len = (unsigned)n;
	le->over_at = 0;
}

/* Put in what is common, in the candidates' own spelling. False: nothing new in it. */
static bool put_in(struct lineedit *le, struct lineedit_matches *m, size_t from)
{
	size_t typed = le->at - from;
	bool new = m->common.len > typed || (m->n == 1 && m->kind == LINEEDIT_WORD);

	if (m->common.len < typed || !new)
		return false;
	text_delete(&le->line, from, typed);
	le->at = from;
	if (!line_insert(le, m->common.p, m->common.len))
		return true;
	if (m->n == 1 && m->kind == LINEEDIT_WORD)
		line_insert(le, " ", 1);
	if (m->n == 1 && m->kind == LINEEDIT_NODE)
		may_type_again(le, &m->common);
	row_show(le);
	return true;
}

static void list_all(struct lineedit *le, size_t n)
{
	struct lineedit_matches m = {.le = le, .listing = true};
	char text[40];

	row_leave(le);
	emit(le, "\r\n", 2);
	if (n > LIST_MOST)
		emit(le, text, (size_t)snprintf(text, sizeof(text), "(%zu possibilities)", n));
	else
		le->ops->complete(le->ops->ctx, le->line.p, le->at, &m);
	emit(le, "\r\n", 2);
	row_again(le);
}

void complete(struct lineedit *le)
{
	struct lineedit_matches m = {.le = le};
	size_t from = le->ops->complete(le->ops->ctx, le->line.p, le->at, &m);

	if (m.n > 0 && !m.failed && from <= le->at && !put_in(le, &m, from) && le->after_tab &&
	    m.n > 1)
		list_all(le, m.n);
	text_free(&m.common);
}
