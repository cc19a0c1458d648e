/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pxelinux configuration files, read line by line: a keyword and the rest of its line. What stands before
 * the first label holds for all. Keywords of menus that only decorate are passed over; nested menus become
 * one list. Every text that is kept is a copy, bounded by what all files together may have.
 */
#include "pxelinux-priv.h"

#include <string.h>

#include "base/err.h"
#include "base/heap.h"
#include "base/strbuf.h"

#define DEPTH_MAX 8u
#define FILES_MAX 64u
#define BYTES_MAX 0x100000u /* of all files together */

static bool ends_with(struct pxe_text t, const char *end)
{
	size_t n = strlen(end);

	return t.len >= n && !memcmp(t.at + t.len - n, end, n);
}

/* ---- a configuration ---------------------------------------------------------------------- */

void pxelinux_init(struct pxelinux *cfg)
{
	memset(cfg, 0, sizeof(*cfg));
	cfg->last = &cfg->entries;
	cfg->common.sysappend = -1;
}

static void free_texts(struct pxelinux_entry *e)
{
	heap_free(e->label);
	heap_free(e->title);
	heap_free(e->kernel);
	heap_free(e->initrd);
	heap_free(e->append);
	heap_free(e->config);
}

void pxelinux_free(struct pxelinux *cfg)
{
	while (cfg->entries) {
		struct pxelinux_entry *e = cfg->entries;

		cfg->entries = e->next;
		free_texts(e);
		heap_free(e);
	}
	free_texts(&cfg->common);
	heap_free(cfg->default_line);
	heap_free(cfg->timeout_line);
	heap_free(cfg->title);
	heap_free(cfg->menu_default);
	pxelinux_init(cfg);
}

/* Whom a line is about: the last label, or all. */
static struct pxelinux_entry *current(struct pxelinux *cfg)
{
	return cfg->newest ? cfg->newest : &cfg->common;
}

static int add_label(struct pxelinux *cfg, struct pxe_text name)
{
	struct pxelinux_entry *e = try_alloc(sizeof(*e));

	if (!e)
		return E_NOMEM;
	e->sysappend = -1;
	e->label = pxe_copy(name);
	if (!e->label) {
		heap_free(e);
		return E_NOMEM;
	}
	*cfg->last = e;
	cfg->last = &e->next;
	cfg->newest = e;
	return 0;
}

static int include(struct pxelinux *cfg, struct pxe_text file)
{
	char *name;
	int err;

	if (!cfg->include || file.len == 0)
		return 0;
	if (++cfg->files > FILES_MAX)
		return E_DEPTH;
	name = pxe_copy(file);
	err = name ? cfg->include(cfg, name) : E_NOMEM;
	heap_free(name);
	return err == E_NOENT ? 0 : err;
}

/* ---- keywords ----------------------------------------------------------------------------- */

static int k_append(struct pxelinux *cfg, struct pxe_text rest)
{
	return pxe_keep(&current(cfg)->append, rest);
}

static int k_config(struct pxelinux *cfg, struct pxe_text rest)
{
	struct pxelinux_entry *e = current(cfg);

	return e == &cfg->common ? include(cfg, rest) : pxe_keep(&e->config, pxe_take_word(&rest));
}

static int k_default(struct pxelinux *cfg, struct pxe_text rest)
{
	struct pxe_text all = rest, word = pxe_take_word(&rest);

	if (ends_with(word, "menu.c32")) {
		cfg->menu = true;
		return 0;
	}
	return pxe_keep(&cfg->default_line, all);
}

static int k_include(struct pxelinux *cfg, struct pxe_text rest)
{
	return include(cfg, pxe_take_word(&rest)); /* a tag behind it is for menus */
}

static int k_initrd(struct pxelinux *cfg, struct pxe_text rest)
{
	return pxe_keep(&current(cfg)->initrd, rest);
}

static int k_kernel(struct pxelinux *cfg, struct pxe_text rest)
{
	struct pxelinux_entry *e = current(cfg);

	return e == &cfg->common ? 0 : pxe_keep(&e->kernel, rest);
}

static int k_label(struct pxelinux *cfg, struct pxe_text rest)
{
	struct pxe_text name = pxe_take_word(&rest);

	return name.len ? add_label(cfg, name) : 0;
}

static int k_localboot(struct pxelinux *cfg, struct pxe_text rest UNUSED)
{
	current(cfg)->localboot = true;
	return 0;
}

static int k_ontimeout(struct pxelinux *cfg, struct pxe_text rest)
{
	return pxe_keep(&cfg->timeout_line, rest);
}

static int k_prompt(struct pxelinux *cfg, struct pxe_text rest)
{
	cfg->prompt = pxe_number(rest, 9) != 0;
	return 0;
}

static int k_sysappend(struct pxelinux *cfg, struct pxe_text rest)
{
	current(cfg)->sysappend = (int)pxe_number(rest, 0x7fffffff);
	return 0;
}

static int k_text(struct pxelinux *cfg, struct pxe_text rest)
{
	cfg->in_help = pxe_is_word(pxe_take_word(&rest), "help");
	return 0;
}

#define TIMEOUT_MAX 36000u /* tenths of a second, as pxelinux has it */

static int k_timeout(struct pxelinux *cfg, struct pxe_text rest)
{
	cfg->timeout_ds = pxe_number(rest, TIMEOUT_MAX);
	return 0;
}

static int k_totaltimeout(struct pxelinux *cfg, struct pxe_text rest)
{
	cfg->total_ds = pxe_number(rest, 10 * TIMEOUT_MAX);
	return 0;
}

static int k_ui(struct pxelinux *cfg, struct pxe_text rest UNUSED)
{
	cfg->menu = true;
	return 0;
}

/* "^Install": the mark of a key that selects it. */
static int keep_title(char **to, struct pxe_text t)
{
	const char *mark = memchr(t.at, '^', t.len);
	int err = pxe_keep(to, t);
	size_t at;

	if (err || !mark)
		return err;
	at = (size_t)(mark - t.at);
	memmove(*to + at, *to + at + 1, t.len - at);
	return 0;
}

static int k_menu(struct pxelinux *cfg, struct pxe_text rest)
{
	struct pxe_text word = pxe_take_word(&rest);
	struct pxelinux_entry *e = current(cfg);

	if (pxe_is_word(word, "include"))
		return k_include(cfg, rest);
	if (pxe_is_word(word, "begin"))
		cfg->submenus++;
	if (pxe_is_word(word, "end") && cfg->submenus)
		cfg->submenus--;
	if (pxe_is_word(word, "title"))
		return cfg->submenus ? 0 : keep_title(&cfg->title, rest);
	if (e == &cfg->common)
		return 0;
	if (pxe_is_word(word, "label"))
		return keep_title(&e->title, rest);
	if (pxe_is_word(word, "default"))
		return pxe_keep(&cfg->menu_default, (struct pxe_text){e->label, strlen(e->label)});
	if (pxe_is_word(word, "hide") || pxe_is_word(word, "disable"))
		e->hidden = true;
	return 0;
}

static const struct keyword {
	const char *word;
	int (*take)(struct pxelinux *cfg, struct pxe_text rest);
} keywords[] = {
	{"append", k_append},
	{"config", k_config},
	{"default", k_default},
	{"include", k_include},
	{"initrd", k_initrd},
	{"ipappend", k_sysappend},
	{"kernel", k_kernel},
	{"label", k_label},
	{"linux", k_kernel},
	{"localboot", k_localboot},
	{"menu", k_menu},
	{"ontimeout", k_ontimeout},
	{"prompt", k_prompt},
	{"sysappend", k_sysappend},
	{"text", k_text},
	{"timeout", k_timeout},
	{"totaltimeout", k_totaltimeout},
	{"ui", k_ui},
};

static int take_line(struct pxelinux *cfg, struct pxe_text line)
{
	struct pxe_text rest = line, word = pxe_take_word(&rest);

	if (cfg->in_help) {
		cfg->in_help = !pxe_is_word(word, "endtext");
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++)
		if (pxe_is_word(word, keywords[i].word))
			return keywords[i].take(cfg, rest);
	return 0; /* a comment, an empty line, or nothing we know */
}

int pxelinux_parse(struct pxelinux *cfg, const char *text, size_t len)
{
	int err = 0;

	if (len > BYTES_MAX - cfg->bytes)
		return E_NOSPC;
	if (cfg->depth >= DEPTH_MAX)
		return E_DEPTH;
	cfg->bytes += len;
	cfg->depth++;
	while (!err && len > 0) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len;

		err = take_line(cfg, (struct pxe_text){text, n});
		n += end != NULL;
		text += n;
		len -= n;
	}
	cfg->depth--;
	return err;
}
