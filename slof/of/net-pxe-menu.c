/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The prompt of a pxelinux configuration: a list of its titles with numbers, and a line that may be a number, a
 * label or a kernel, with arguments behind it. Nobody typing anything is taken for the default when the
 * configuration's time is over; ESC leaves it to the next device.
 */
#include "net-session.h"

#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/strbuf.h"
#include "net/pxelinux.h"
#include "of/machine.h"

#define ESC       0x1b
#define CTRL_C    3
#define BACKSPACE 8
#define DELETE    0x7f
#define LINE_ROOM 256u
#define LOOK_MS   1000u

static const char *title_of(const struct pxelinux_entry *e)
{
	return e->title && *e->title ? e->title : e->label;
}

static bool is_default(const struct pxelinux_entry *e, const char *line)
{
	size_t len = strlen(e->label);

	return line && !strncmp(line, e->label, len) && (!line[len] || line[len] == ' ');
}

static void show(const struct pxelinux *cfg, const char *usual)
{
	unsigned n = 0;

	of_printf("\n%s\n\n", cfg->title ? cfg->title : "Boot");
	for (const struct pxelinux_entry *e = cfg->entries; e; e = e->next)
		if (pxelinux_is_choice(e))
			of_printf("%3u) %s%s\n", ++n, title_of(e),
				  is_default(e, usual) ? " *" : "");
	of_printf("\nA number or label, arguments behind it; Enter: the one with the star");
	if (cfg->timeout_ds)
		of_printf(", also after %u s", (unsigned)(cfg->timeout_ds + 9) / 10);
	of_printf("\n");
}

/* ---- a line ------------------------------------------------------------------------------- */

struct typing {
	char text[LINE_ROOM];
	size_t len;
	struct deadline first, all; /* to begin; to end */
	bool hurry, begun, hurry_all;
};

/* The next key, or E_TIMEOUT. */
static int next_key(struct typing *t)
{
	while (!of_key_wait(t->hurry || t->hurry_all ? 50 : LOOK_MS)) {
		if (t->hurry && !t->begun && deadline_passed(&t->first))
			return E_TIMEOUT;
		if (t->hurry_all && deadline_passed(&t->all))
			return E_TIMEOUT;
	}
	t->begun = true;
	return of_key();
}

static void take_key(struct typing *t, int key)
{
	if ((key == BACKSPACE || key == DELETE) && t->len) {
		t->text[--t->len] = '\0';
		of_printf("\b \b");
	}
	if (key >= ' ' && key < DELETE && t->len + 1 < sizeof(t->text)) {
		t->text[t->len++] = (char)key;
		of_printf("%c", key);
	}
}

/* One line: 0, E_TIMEOUT, E_ABORT. */
static int read_line(struct typing *t)
{
	int key;

	of_printf("boot: ");
	t->len = 0;
	memset(t->text, 0, sizeof(t->text));
	do {
		key = next_key(t);
		if (key == ESC || key == CTRL_C)
			return E_ABORT;
		if (key == E_TIMEOUT)
			return key;
		take_key(t, key);
	} while (key != '\r' && key != '\n');
	of_printf("\n");
	return 0;
}

static const struct pxelinux_entry *entry_number(const struct pxelinux *cfg, unsigned n)
{
	for (const struct pxelinux_entry *e = cfg->entries; e; e = e->next)
		if (pxelinux_is_choice(e) && n-- == 1)
			return e;
	return NULL;
}

static bool is_label(const struct pxelinux *cfg, const char *text, size_t len)
{
	for (const struct pxelinux_entry *e = cfg->entries; e; e = e->next)
		if (strlen(e->label) == len && !memcmp(e->label, text, len))
			return true;
	return false;
}

/* A number in the list becomes its label; what else was typed stays. */
static char *expand(const struct pxelinux *cfg, const char *typed)
{
	const struct pxelinux_entry *e = NULL;
	size_t digits = strspn(typed, "0123456789"), room = strlen(typed) + 1;
	struct strbuf sb;
	unsigned n = 0;
	char *line;

	if (digits > 0 && digits < 5 && strchr(" ", typed[digits]) &&
	    !is_label(cfg, typed, digits)) {
		for (size_t i = 0; i < digits; i++)
			n = n * 10 + (unsigned)(typed[i] - '0');
		e = entry_number(cfg, n);
	}
	room += e ? strlen(e->label) : 0;
	line = try_alloc(room);
	if (!line)
		return NULL;
	sb = strbuf_on(line, room);
	if (e)
		strbuf_str(&sb, e->label);
	strbuf_str(&sb, typed + (e ? digits : 0));
	return line;
}

/* ---- asking ------------------------------------------------------------------------------- */

static int usual_line(const char *usual, char **line)
{
	if (!usual)
		return E_NOENT;
	*line = try_alloc(strlen(usual) + 1);
	if (!*line)
		return E_NOMEM;
	memcpy(*line, usual, strlen(usual) + 1);
	return 0;
}

static int ask(const struct pxelinux *cfg, const char *usual, struct typing *t, char **line)
{
	int err = read_line(t);

	if (err == E_TIMEOUT) {
		of_printf("\n");
		return usual_line(cfg->timeout_line ? cfg->timeout_line : usual, line);
	}
	if (err)
		return err;
	if (t->text[strspn(t->text, " ")] == '\0')
		return usual_line(usual, line);
	*line = expand(cfg, t->text + strspn(t->text, " "));
	return *line ? 0 : E_NOMEM;
}

int net_pxe_ask(const struct pxelinux *cfg, char **line)
{
	const char *usual = pxelinux_default(cfg);
	struct typing *t;
	int err;

	if (!cfg->prompt && !cfg->menu)
		return usual_line(usual, line);
	t = try_alloc(sizeof(*t));
	if (!t)
		return E_NOMEM;
	t->hurry = cfg->timeout_ds > 0;
	t->hurry_all = cfg->total_ds > 0;
	t->first = deadline_in_ms(cfg->timeout_ds * 100);
	t->all = deadline_in_ms(cfg->total_ds * 100);
	show(cfg, usual);
	err = ask(cfg, usual, t, line);
	heap_free(t);
	return err;
}
