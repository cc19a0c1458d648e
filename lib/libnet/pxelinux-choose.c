/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a configuration's entry, chosen by a label or by default, means: a kernel, files for its initial RAM disk,
 * and arguments, made of what the entry, the lines before the first one and a person say.
 */
#include "pxelinux-priv.h"

#include <string.h>

#include "base/err.h"
#include "base/heap.h"

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

bool pxelinux_is_choice(const struct pxelinux_entry *e)
{
	return !e->hidden && (e->kernel || e->config || e->localboot);
}

/* The entry a line begins with; *rest: what follows. */
static const struct pxelinux_entry *find(const struct pxelinux *cfg, const char *line,
					 struct pxe_text *rest)
{
	struct pxe_text word;

	*rest = (struct pxe_text){line, strlen(line)};
	word = pxe_take_word(rest);
	for (const struct pxelinux_entry *e = cfg->entries; e; e = e->next)
		if (strlen(e->label) == word.len && !memcmp(e->label, word.at, word.len))
			return e;
	return NULL;
}

const char *pxelinux_default(const struct pxelinux *cfg)
{
	struct pxe_text rest;

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
		pxe_print_mac(sb, host->mac);
	}
	if ((bits & SYSAPPEND_UUID) && host->uuid) {
		strbuf_str(sb, " SYSUUID=");
		pxe_print_uuid(sb, host->uuid);
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
	struct pxe_text rest = {b->args, strlen(b->args)}, found = {list, list ? strlen(list) : 0},
			word;

	while ((word = pxe_take_word(&rest)).len)
		if (word.len > 7 && pxe_is_word((struct pxe_text){word.at, 7}, "initrd="))
			found = (struct pxe_text){word.at + 7, word.len - 7};
	return found.len ? pxe_keep(&b->initrd, found) : 0;
}

static int fill(const struct pxelinux *cfg, const struct pxelinux_entry *e, struct pxe_text typed,
		const struct pxelinux_host *host, struct pxelinux_boot *b)
{
	char *text = pxe_copy(typed);
	int err = text ? make_args(cfg, e, text, host, &b->args) : E_NOMEM;

	heap_free(text);
	b->localboot = e->localboot;
	if (!err && e->kernel)
		err = pxe_keep(&b->kernel, (struct pxe_text){e->kernel, strlen(e->kernel)});
	if (!err && e->config)
		err = pxe_keep(&b->config, (struct pxe_text){e->config, strlen(e->config)});
	if (!err)
		err = find_initrd(cfg, e, b);
	return err;
}

int pxelinux_choose(const struct pxelinux *cfg, const char *line, const struct pxelinux_host *host,
		    struct pxelinux_boot *out)
{
	struct pxelinux_boot b = {0};
	struct pxe_text rest = {line, strlen(line)}, word = pxe_take_word(&rest);
	struct pxelinux_entry named = {.sysappend = -1};
	const struct pxelinux_entry *e = find(cfg, line, &rest);
	int err;

	if (e && !e->kernel && !e->config && !e->localboot)
		return E_NOENT;
	if (!e && word.len == 0)
		return E_NOENT;
	if (!e) { /* no label: the kernel itself */
		named.kernel = pxe_copy(word);
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
		struct pxe_text file = pxe_trim((struct pxe_text){*list, len});

		*list += len + ((*list)[len] == ',');
		if (file.len == 0 || file.len >= room)
			continue;
		memcpy(out, file.at, file.len);
		out[file.len] = 0;
		return true;
	}
	return false;
}
