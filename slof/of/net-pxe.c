/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What pxelinux does on other machines: look for a configuration by the machine's identity, obey one of its
 * entries, load kernel and initrd beside each other. The kernel goes where the loader wants it, the files of the
 * initrd one after the other behind it; the loader then keeps them at the far end of its room.
 */
#define LOG_TAG "pxe"
#include "net-session.h"

#include <stdio.h>
#include <string.h>

#include "base/arith.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "dt/prop.h"
#include "net/pxelinux.h"
#include "of/boot.h"
#include "of/machine.h"
#include "of/memory.h"

#include "boot-priv.h"
#include "reason-priv.h"

#define PAGE        4096ull
#define CONFIGS_MAX 8u /* one after the other */
#define ASK_MAX     10u
#define FILE_ROOM   1100u

struct pxe {
	struct net_session *s;
	struct net_url base; /* the prefix; what files are relative to */
	struct pxelinux_host host;
	struct pxelinux cfg;
	struct net_failure failure;
	char file[FILE_ROOM];
	/* the file being fetched */
	char *text;
	size_t len, room;
};

/* ---- small files -------------------------------------------------------------------------- */

static int text_begin(void *ctx, uint64_t size)
{
	struct pxe *p = ctx;

	p->len = 0;
	return size != UINT64_MAX && size > PXELINUX_FILE_MAX ? E_NOSPC : 0;
}

static int text_data(void *ctx, uint64_t offset, const void *bytes, size_t len)
{
	struct pxe *p = ctx;
	char *grown;

	if (offset != p->len || len > PXELINUX_FILE_MAX - p->len)
		return E_NOSPC;
	if (p->len + len > p->room) {
		size_t room = 2 * (p->len + len);

		grown = try_resize(p->text, p->room, room);
		if (!grown)
			return E_NOMEM;
		p->text = grown;
		p->room = room;
	}
	memcpy(p->text + p->len, bytes, len);
	p->len += len;
	return 0;
}

/* A configuration's text to p->text. */
static int get_text(struct pxe *p, const char *name)
{
	const struct net_sink sink = {text_begin, text_data, net_idle, p};
	int err = pxelinux_url(&p->base, name, &p->s->url);

	if (err)
		return err;
	heap_free(p->text);
	p->text = NULL;
	p->len = p->room = 0;
	return net_fetch(p->s->nif, &p->s->url, &sink, &p->failure);
}

static void tell_file(struct pxe *p, const char *name, int err)
{
	char text[256];

	if (err == E_ABORT) {
		of_printf("\nAborted\n");
		return;
	}
	snprintf(text, sizeof(text), "%s: %s", name,
		 *p->failure.text ? p->failure.text : err_text(err));
	net_say(p->s->nic, p->failure.code ? (unsigned)p->failure.code : 3003, text);
}

/* The text that was fetched; what it includes is fetched from within. */
static int parse_text(struct pxe *p)
{
	char *text = p->text;
	int err;

	p->text = NULL;
	p->room = 0;
	err = pxelinux_parse(&p->cfg, text, p->len);
	heap_free(text);
	return err;
}

static int include(struct pxelinux *cfg, const char *file)
{
	struct pxe *p = cfg->ctx;
	int err = get_text(p, file);

	if (err == E_NOENT || err == E_PERM) {
		log_warn("pxelinux.cfg: %s: not there", file);
		return E_NOENT;
	}
	return err ? err : parse_text(p);
}

static void start_config(struct pxe *p)
{
	pxelinux_free(&p->cfg);
	p->cfg.include = include;
	p->cfg.ctx = p;
}

/* ---- the configuration -------------------------------------------------------------------- */

static int try_name(struct pxe *p, const char *name)
{
	int err = get_text(p, name);

	if (!err) {
		char url[120];

		net_url_print(&p->s->url, url, sizeof(url));
		of_printf("  %s\n", url);
		start_config(p);
		err = parse_text(p);
	}
	return err;
}

/* Option 209, then the names pxelinux tries. E_NOENT: none is there; all else is told. */
static int find_config(struct pxe *p)
{
	char name[64] = "pxelinux.cfg/";
	int err = E_NOENT;

	of_printf("  Trying pxelinux.cfg files...\n");
	if (*p->s->config.config_file)
		err = try_name(p, p->s->config.config_file);
	for (unsigned n = 0; err == E_NOENT || err == E_PERM; n++) {
		if (!pxelinux_name(&p->host, n, name + 13, sizeof(name) - 13))
			return E_NOENT;
		err = try_name(p, name);
	}
	if (err)
		tell_file(p, name, err);
	return err;
}

/* ---- what it says ------------------------------------------------------------------------- */

static int load_one(struct pxe *p, const char *name, uint64_t addr, uint64_t *size)
{
	uint64_t room = of_load_room(addr);
	int err = pxelinux_url(&p->base, name, &p->s->url);

	if (err) {
		memset(&p->failure, 0, sizeof(p->failure));
		tell_file(p, name, err);
		return err;
	}
	return net_land(p->s, &p->s->url, addr, room, size);
}

/* All files of an initrd from addr on, four bytes aligned as Linux wants archives. */
static int load_initrd(struct pxe *p, const char *list, uint64_t addr)
{
	uint64_t at = addr, size;
	int err;

	while (pxelinux_next_file(&list, p->file, sizeof(p->file))) {
		uint64_t next = align_up(at, 4);

		memset(ram_at(at, next - at), 0, next - at);
		at = next;
		err = load_one(p, p->file, at, &size);
		if (err)
			return err;
		at += size;
	}
	err = at > addr ? loader_keep_initrd(addr, at - addr) : 0;
	if (err)
		net_say(p->s->nic, 3004, "an initrd where the loader does not want one");
	return err;
}

/* The entry's arguments, and behind them what was given to boot. */
static void set_arguments(const char *args)
{
	struct dt_node *chosen = dt_child_get(of_tree(), of_tree()->root, "chosen");
	const char *given = dt_prop_get_str(chosen, "bootargs");
	char *blank, *all;

	if (!given || !*given) {
		dt_prop_set_str(chosen, "bootargs", args);
		return;
	}
	blank = boot_concat(args, " ");
	all = blank ? boot_concat(blank, given) : NULL;
	if (all)
		dt_prop_set_str(chosen, "bootargs", all);
	heap_free(blank);
	heap_free(all);
}

static int load_kernel(struct pxe *p, const struct pxelinux_boot *b, uint64_t addr, uint64_t *size)
{
	uint64_t bytes = 0;
	int err = load_one(p, b->kernel, addr, &bytes);

	if (!err && b->initrd)
		err = load_initrd(p, b->initrd, align_up(addr + bytes, PAGE));
	if (err)
		return err;
	set_arguments(b->args);
	*size = bytes;
	return 0;
}

static int obey(struct pxe *p, const struct pxelinux_boot *b, uint64_t addr, uint64_t *size)
{
	if (b->localboot) {
		of_printf("  local boot: it is the next device's turn\n");
		tell_info(p->s->nic->name, NULL, "the configuration leaves it to the next device");
		return E_NOENT;
	}
	return load_kernel(p, b, addr, size);
}

/* Ask until something can be booted; a few times, as the default may be what cannot. */
static int choose(struct pxe *p, struct pxelinux_boot *b)
{
	bool asks = p->cfg.prompt || p->cfg.menu;
	char *line = NULL;
	int err = E_NOENT;

	for (unsigned i = 0; err == E_NOENT && i < (asks ? ASK_MAX : 1); i++) {
		err = net_pxe_ask(&p->cfg, &line);
		if (err)
			break;
		err = pxelinux_choose(&p->cfg, line, &p->host, b);
		if (err == E_NOENT)
			of_printf("  %s: nothing to boot\n", line);
		heap_free(line);
	}
	if (err == E_ABORT)
		of_printf("\nAborted\n");
	else if (err)
		net_say(p->s->nic, 3009, "the configuration has nothing to boot");
	return err;
}

/* In the place of the one that names it. */
static int another_config(struct pxe *p, const char *name)
{
	int err = try_name(p, name);

	if (err)
		tell_file(p, name, err);
	return err;
}

static int run(struct pxe *p, uint64_t addr, uint64_t *size)
{
	int err = find_config(p);

	if (err == E_NOENT)
		net_say(p->s->nic, 3009,
			"no file to load: neither the arguments nor the server name one, and "
			"there is no pxelinux.cfg");
	for (unsigned i = 0; !err && i < CONFIGS_MAX; i++) {
		struct pxelinux_boot b = {0};

		err = choose(p, &b);
		if (!err && !b.config)
			err = obey(p, &b, addr, size);
		else if (!err)
			err = another_config(p, b.config);
		if (err || !b.config) {
			pxelinux_boot_free(&b);
			return err;
		}
		pxelinux_boot_free(&b);
	}
	if (err)
		return err;
	net_say(p->s->nic, 3003, "one configuration names the next, too often");
	return E_DEPTH;
}

static void fill_host(struct pxe *p)
{
	const struct net_session *s = p->s;
	const struct net_config *c = &s->config;

	p->host = (struct pxelinux_host){.uuid = (const uint8_t *)s->args.wish.client_arch_uuid,
					 .mac = s->nic->nd->mac,
					 .ip = c->is_v6 ? 0 : net_ip4_of(c->ip),
					 .server = net_ip4_of(p->base.host),
					 .gateway = net_ip4_of(c->gateway),
					 .netmask = c->netmask};
}

int net_load_pxelinux(struct net_session *s, const char *prefix, uint64_t addr, uint64_t *size)
{
	struct pxe *p = try_alloc(sizeof(*p));
	int err;

	if (!p)
		return E_NOMEM;
	p->s = s;
	err = net_file_url(s, prefix, &p->base);
	if (!err) {
		fill_host(p);
		err = run(p, addr, size);
	}
	pxelinux_free(&p->cfg);
	heap_free(p->text);
	heap_free(p);
	return err;
}
