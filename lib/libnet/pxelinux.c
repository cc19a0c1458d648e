/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pxelinux configuration files, read line by line: a keyword and the rest of its line. What stands before
 * the first label holds for all. Keywords of menus that only decorate are passed over; nested menus become
 * one list. Every text that is kept is a copy, bounded by what all files together may have.
 */
#include "net/pxelinux.h"

#include <string.h>

#include "base/err.h"
#include "base/heap.h"
#include "base/strbuf.h"

#define DEPTH_MAX 8u
#define FILES_MAX 64u
#define BYTES_MAX 0x100000u /* of all files together */

/* ---- text --------------------------------------------------------------------------------- */

/* Part of a line. */
struct text {
	const char *at;
	size_t len;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct text trim(struct text t)
{
	while (t.len && is_blank(*t.at))
		t.at++, t.len--;
	while (t.len && is_blank(t.at[t.len - 1]))
		t.len--;
	return t;
}

/* The first word; *rest is what follows it. */
static struct text take_word(struct text *rest)
{
	struct text t = trim(*rest), word = {t.at, 0};

	while (word.len < t.len && !is_blank(t.at[word.len]))
		word.len++;
	*rest = trim((struct text){t.at + word.len, t.len - word.len});
	return word;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool is_word(struct text t, const char *word)
{
	for (size_t i = 0; i < t.len; i++)
		if (!word[i] || lower(t.at[i]) != word[i])
			return false;
	return word[t.len] == 0;
}

/* Characters that would move the cursor of who reads it are not kept. */
static char *copy(struct text t)
{
	char *s = try_alloc(t.len + 1);

	for (size_t i = 0; s && i < t.len; i++)
		s[i] = (uint8_t)t.at[i] < ' ' || t.at[i] == 0x7f ? ' ' : t.at[i];
	return s;
}

/* A text in the place of an earlier one. */
static int keep(char **to, struct text t)
{
	char *s = copy(t);

	if (!s)
		return E_NOMEM;
	heap_free(*to);
	*to = s;
	return 0;
}

static int join(char **to, const char *a, const char *b)
{
	size_t room = strlen(a) + strlen(b) + 2;
	char *s = try_alloc(room);
	struct strbuf sb;

	if (!s)
		return E_NOMEM;
	sb = strbuf_on(s, room);
	strbuf_str(&sb, a);
	if (*a && *b)
		strbuf_char(&sb, ' ');
	strbuf_str(&sb, b);
	*to = s;
	return 0;
}

/* A decimal or 0x number, as far as it goes; at most max. */
static uint32_t number(struct text t, uint32_t max)
{
	unsigned base = t.len > 2 && t.at[0] == '0' && lower(t.at[1]) == 'x' ? 16 : 10;
	uint64_t v = 0;

	for (size_t i = base == 16 ? 2 : 0; i < t.len && v <= max; i++) {
		char c = lower(t.at[i]);
		unsigned digit = c >= 'a' ? (unsigned)(c - 'a') + 10 : (unsigned)(c - '0');

		if (digit >= base)
			break;
		v = v * base + digit;
	}
	return v < max ? (uint32_t)v : max;
}

static bool ends_with(struct text t, const char *end)
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

static int add_label(struct pxelinux *cfg, struct text name)
{
	struct pxelinux_entry *e = try_alloc(sizeof(*e));

	if (!e)
		return E_NOMEM;
	e->sysappend = -1;
	e->label = copy(name);
	if (!e->label) {
		heap_free(e);
		return E_NOMEM;
	}
	*cfg->last = e;
	cfg->last = &e->next;
	cfg->newest = e;
	return 0;
}

static int include(struct pxelinux *cfg, struct text file)
{
	char *name;
	int err;

	if (!cfg->include || file.len == 0)
		return 0;
	if (++cfg->files > FILES_MAX)
		return E_DEPTH;
	name = copy(file);
	err = name ? cfg->include(cfg, name) : E_NOMEM;
	heap_free(name);
	return err == E_NOENT ? 0 : err;
}

/* ---- keywords ----------------------------------------------------------------------------- */

static int k_append(struct pxelinux *cfg, struct text rest)
{
	return keep(&current(cfg)->append, rest);
}

static int k_config(struct pxelinux *cfg, struct text rest)
{
	struct pxelinux_entry *e = current(cfg);

	return e == &cfg->common ? include(cfg, rest) : keep(&e->config, take_word(&rest));
}

static int k_default(struct pxelinux *cfg, struct text rest)
{
	struct text all = rest, word = take_word(&rest);

	if (ends_with(word, "menu.c32")) {
		cfg->menu = true;
		return 0;
	}
	return keep(&cfg->default_line, all);
}

static int k_include(struct pxelinux *cfg, struct text rest)
{
	return include(cfg, take_word(&rest)); /* a tag behind it is for menus */
}

static int k_initrd(struct pxelinux *cfg, struct text rest)
{
	return keep(&current(cfg)->initrd, rest);
}

static int k_kernel(struct pxelinux *cfg, struct text rest)
{
	struct pxelinux_entry *e = current(cfg);

	return e == &cfg->common ? 0 : keep(&e->kernel, rest);
}

static int k_label(struct pxelinux *cfg, struct text rest)
{
	struct text name = take_word(&rest);

	return name.len ? add_label(cfg, name) : 0;
}

static int k_localboot(struct pxelinux *cfg, struct text rest UNUSED)
{
	current(cfg)->localboot = true;
	return 0;
}

static int k_ontimeout(struct pxelinux *cfg, struct text rest)
{
	return keep(&cfg->timeout_line, rest);
}

static int k_prompt(struct pxelinux *cfg, struct text rest)
{
	cfg->prompt = number(rest, 9) != 0;
	return 0;
}

static int k_sysappend(struct pxelinux *cfg, struct text rest)
{
	current(cfg)->sysappend = (int)number(rest, 0x7fffffff);
	return 0;
}

static int k_text(struct pxelinux *cfg, struct text rest)
{
	cfg->in_help = is_word(take_word(&rest), "help");
	return 0;
}

#define TIMEOUT_MAX 36000u /* tenths of a second, as pxelinux has it */

static int k_timeout(struct pxelinux *cfg, struct text rest)
{
	cfg->timeout_ds = number(rest, TIMEOUT_MAX);
	return 0;
}

static int k_totaltimeout(struct pxelinux *cfg, struct text rest)
{
	cfg->total_ds = number(rest, 10 * TIMEOUT_MAX);
	return 0;
}

static int k_ui(struct pxelinux *cfg, struct text rest UNUSED)
{
	cfg->menu = true;
	return 0;
}

/* "^Install": the mark of a key that selects it. */
static int keep_title(char **to, struct text t)
{
	const char *mark = memchr(t.at, '^', t.len);
	int err = keep(to, t);
	size_t at;

	if (err || !mark)
		return err;
	at = (size_t)(mark - t.at);
	memmove(*to + at, *to + at + 1, t.len - at);
	return 0;
}

static int k_menu(struct pxelinux *cfg, struct text rest)
{
	struct text word = take_word(&rest);
	struct pxelinux_entry *e = current(cfg);

	if (is_word(word, "include"))
		return k_include(cfg, rest);
	if (is_word(word, "begin"))
		cfg->submenus++;
	if (is_word(word, "end") && cfg->submenus)
		cfg->submenus--;
	if (is_word(word, "title"))
		return cfg->submenus ? 0 : keep_title(&cfg->title, rest);
	if (e == &cfg->common)
		return 0;
	if (is_word(word, "label"))
		return keep_title(&e->title, rest);
	if (is_word(word, "default"))
		return keep(&cfg->menu_default, (struct text){e->label, strlen(e->label)});
	if (is_word(word, "hide") || is_word(word, "disable"))
		e->hidden = true;
	return 0;
}

static const struct keyword {
	const char *word;
	int (*take)(struct pxelinux *cfg, struct text rest);
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

static int take_line(struct pxelinux *cfg, struct text line)
{
	struct text rest = line, word = take_word(&rest);

	if (cfg->in_help) {
		cfg->in_help = !is_word(word, "endtext");
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++)
		if (is_word(word, keywords[i].word))
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

		err = take_line(cfg, (struct text){text, n});
		n += end != NULL;
		text += n;
		len -= n;
	}
	cfg->depth--;
	return err;
}

/* ---- which file --------------------------------------------------------------------------- */

static void print_uuid(struct strbuf *sb, const uint8_t *uuid)
{
	for (unsigned i = 0; i < 16; i++)
		strbuf_printf(sb, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			      uuid[i]);
}

static void print_mac(struct strbuf *sb, const uint8_t *mac)
{
	strbuf_str(sb, "01");
	for (unsigned i = 0; i < 6; i++)
		strbuf_printf(sb, "-%02x", mac[i]);
}

bool pxelinux_name(const struct pxelinux_host *host, unsigned n, char *out, size_t room)
{
	struct strbuf sb = strbuf_on(out, room);

	n += host->uuid ? 0 : 1;
	if (n > 1 && !host->ip)
		n += 8;
	if (n == 0)
		print_uuid(&sb, host->uuid);
	else if (n == 1)
		print_mac(&sb, host->mac);
	else if (n < 10)
		strbuf_printf(&sb, "%0*X", (int)(10 - n), (unsigned)(host->ip >> 4 * (n - 2)));
	else if (n == 10)
		strbuf_str(&sb, "default");
	return n <= 10 && !sb.cut;
}

/* "server::file", "::file": a name of the time before URLs. Its length up to the colons, or SIZE_MAX. */
static size_t old_server(const char *file)
{
	const char *colons = strstr(file, "::");

	return colons && !memchr(file, '/', (size_t)(colons - file)) ? (size_t)(colons - file)
								     : SIZE_MAX;
}

static int old_url(const struct net_url *base, const char *file, size_t server, struct net_url *out)
{
	size_t room = server + strlen(file) + sizeof(base->host) + 16;
	char *text = try_alloc(room);
	struct strbuf sb;
	int err;

	if (!text)
		return E_NOMEM;
	sb = strbuf_on(text, room);
	strbuf_str(&sb, "tftp://");
	if (server)
		strbuf_add(&sb, file, server);
	else
		strbuf_printf(&sb, strchr(base->host, ':') ? "[%s]" : "%s", base->host);
	strbuf_printf(&sb, "/%s", file + server + 2);
	err = net_url_parse(text, out);
	heap_free(text);
	return err;
}

int pxelinux_url(const struct net_url *base, const char *file, struct net_url *out)
{
	size_t server = strstr(file, "://") ? SIZE_MAX : old_server(file);

	return server == SIZE_MAX ? net_url_join(base, file, out)
				  : old_url(base, file, server, out);
}

/* ---- which entry -------------------------------------------------------------------------- */

bool pxelinux_is_choice(const struct pxelinux_entry *e)
{
	return !e->hidden && (e->kernel || e->config || e->localboot);
}

/* The entry a line begins with; *rest: what follows. */
static const struct pxelinux_entry *find(const struct pxelinux *cfg, const char *line,
					 struct text *rest)
{
	struct text word;

	*rest = (struct text){line, strlen(line)};
	word = take_word(rest);
	for (const struct pxelinux_entry *e = cfg->entries; e; e = e->next)
		if (strlen(e->label) == word.len && !memcmp(e->label, word.at, word.len))
			return e;
	return NULL;
}

const char *pxelinux_default(const struct pxelinux *cfg)
{
	struct text rest;

	if (cfg->default_line && *cfg->default_line && !cfg->menu)
		return cfg->default_line;
	if (cfg->menu_default)
		return cfg->menu_default;
	if (cfg->default_line && *cfg->default_line)
		return cfg->default_line;
	if (find(cfg, "linux", &rest))
		return "linux";
	for (const struct pxelinux_entry *e = cfg->entries; e; e = e->next)
		if (e->kernel || e->config || e->localboot)
			return e->label;
	return NULL;
}

static void print_ip(struct strbuf *sb, uint32_t ip)
{
	strbuf_printf(sb, "%u.%u.%u.%u", (unsigned)(ip >> 24), (unsigned)(ip >> 16 & 255),
		      (unsigned)(ip >> 8 & 255), (unsigned)(ip & 255));
}

#define SYSAPPEND_IP   1
#define SYSAPPEND_MAC  2
#define SYSAPPEND_UUID 4

/* What the machine knows and the kernel wants: the bits pxelinux has for it. */
static void print_sysappend(struct strbuf *sb, int bits, const struct pxelinux_host *host)
{
	const uint32_t parts[] = {host->ip, host->server, host->gateway, host->netmask};

	if (bits < 0)
		return;
	if ((bits & SYSAPPEND_IP) && host->ip) {
		strbuf_str(sb, " ip=");
		for (unsigned i = 0; i < 4; i++) {
			strbuf_str(sb, i ? ":" : "");
			print_ip(sb, parts[i]);
		}
	}
	if (bits & SYSAPPEND_MAC) {
		strbuf_str(sb, " BOOTIF=");
		print_mac(sb, host->mac);
	}
	if ((bits & SYSAPPEND_UUID) && host->uuid) {
		strbuf_str(sb, " SYSUUID=");
		print_uuid(sb, host->uuid);
	}
}

/* An entry's arguments: its own or everybody's, what the machine adds, what was typed. */
static int make_args(const struct pxelinux *cfg, const struct pxelinux_entry *e, const char *typed,
		     const struct pxelinux_host *host, char **out)
{
	const char *append = e->append ? e->append : cfg->common.append;
	char system[192], *first;
	struct strbuf sb = strbuf_on(system, sizeof(system));
	int err;

	print_sysappend(&sb, e->sysappend >= 0 ? e->sysappend : cfg->common.sysappend, host);
	err = join(&first, append && strcmp(append, "-") != 0 ? append : "", system + (sb.len > 0));
	if (err)
		return err;
	err = join(out, first, typed);
	heap_free(first);
	return err;
}

/* The last initrd= of the arguments comes before the keyword, as pxelinux does it. */
static int find_initrd(const struct pxelinux *cfg, const struct pxelinux_entry *e,
		       struct pxelinux_boot *b)
{
	const char *list = e->initrd ? e->initrd : cfg->common.initrd;
	struct text rest = {b->args, strlen(b->args)}, found = {list, list ? strlen(list) : 0},
		    word;

	while ((word = take_word(&rest)).len)
		if (word.len > 7 && is_word((struct text){word.at, 7}, "initrd="))
			found = (struct text){word.at + 7, word.len - 7};
	return found.len ? keep(&b->initrd, found) : 0;
}

static int fill(const struct pxelinux *cfg, const struct pxelinux_entry *e, struct text typed,
		const struct pxelinux_host *host, struct pxelinux_boot *b)
{
	char *text = copy(typed);
	int err = text ? make_args(cfg, e, text, host, &b->args) : E_NOMEM;

	heap_free(text);
	b->localboot = e->localboot;
	if (!err && e->kernel)
		err = keep(&b->kernel, (struct text){e->kernel, strlen(e->kernel)});
	if (!err && e->config)
		err = keep(&b->config, (struct text){e->config, strlen(e->config)});
	if (!err)
		err = find_initrd(cfg, e, b);
	return err;
}

int pxelinux_choose(const struct pxelinux *cfg, const char *line, const struct pxelinux_host *host,
		    struct pxelinux_boot *out)
{
	struct pxelinux_boot b = {0};
	struct text rest = {line, strlen(line)}, word = take_word(&rest);
	struct pxelinux_entry named = {.sysappend = -1};
	const struct pxelinux_entry *e = find(cfg, line, &rest);
	int err;

	if (e && !e->kernel && !e->config && !e->localboot)
		return E_NOENT;
	if (!e && word.len == 0)
		return E_NOENT;
	if (!e) { /* no label: the kernel itself */
		named.kernel = copy(word);
		if (!named.kernel)
			return E_NOMEM;
	}
	err = fill(cfg, e ? e : &named, rest, host, &b);
	heap_free(named.kernel);
	if (err)
		pxelinux_boot_free(&b);
	else
		*out = b;
	return err;
}

void pxelinux_boot_free(struct pxelinux_boot *b)
{
	heap_free(b->kernel);
	heap_free(b->config);
	heap_free(b->args);
	heap_free(b->initrd);
	memset(b, 0, sizeof(*b));
}

bool pxelinux_next_file(const char **list, char *out, size_t room)
{
	while (**list) {
		size_t len = strcspn(*list, ",");
		struct text file = trim((struct text){*list, len});

		*list += len + ((*list)[len] == ',');
		if (file.len == 0 || file.len >= room)
			continue;
		memcpy(out, file.at, file.len);
		out[file.len] = 0;
		return true;
	}
	return false;
}
