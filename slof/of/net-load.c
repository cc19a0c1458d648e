/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The load method of network devices, which is the package obp-tftp: an address by what the arguments ask
 * for, then the file they name, or the server. It goes straight to where it is wanted, after a look whether
 * there is room. What a person sees are two lines, the address and the file; the second one is written again
 * while it grows. Whatever fails is told once, with the number other firmware has for it; after that nothing
 * of ours is left on the device.
 */
#define LOG_TAG "net"
#include "net-session.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "dt/prop.h"
#include "of/boot.h"
#include "of/machine.h"
#include "of/memory.h"

#include "of-priv.h"

#define SHOW_US   1000000u
#define RATE_FROM 100000u /* bytes: of less it says nothing */

static struct dt_node *chosen(void)
{
	return dt_child_get(of_tree(), of_tree()->root, "chosen");
}

/* ---- a file to memory ------------------------------------------------------------------------- */

struct landing {
	uint64_t addr, room; /* where it goes */
	uint64_t size, got;
	uint64_t from_us, shown_us;
	size_t shown; /* characters */
	const char *name;
};

/* The line as it is now, written over the one before. */
static void show(struct landing *l)
{
	uint64_t us = clock_us() - l->from_us, rate = us ? l->got * 1000 / us : 0; /* KB/s */
	char text[200];
	struct strbuf sb = strbuf_on(text, sizeof(text));

	strbuf_printf(&sb, "%s: %llu KBytes", l->name, (unsigned long long)(l->got + 1023) / 1024);
	if (l->size != UINT64_MAX && l->got < l->size)
		strbuf_printf(&sb, " of %llu", (unsigned long long)(l->size + 1023) / 1024);
	if (l->got >= RATE_FROM)
		strbuf_printf(&sb, ", %llu.%llu MB/s", (unsigned long long)rate / 1000,
			      (unsigned long long)rate % 1000 / 100);
	of_printf("\r  %-*s", (int)l->shown, text);
	l->shown = sb.len;
	l->shown_us = clock_us();
}

static int landing_begin(void *ctx, uint64_t size)
{
	struct landing *l = ctx;

	l->size = size;
	l->got = 0;
	l->from_us = l->shown_us = clock_us();
	return size == UINT64_MAX || size <= l->room ? 0 : E_NOSPC;
}

static int landing_data(void *ctx, uint64_t offset, const void *bytes, size_t len)
{
	struct landing *l = ctx;

	if (offset > l->room || len > l->room - offset)
		return E_NOSPC;
	memcpy(ram_at(l->addr + offset, len), bytes, len);
	l->got = offset + len > l->got ? offset + len : l->got;
	if (clock_us() - l->shown_us > SHOW_US)
		show(l);
	return 0;
}

static void tell(const struct nic *nic, const struct net_failure *f, int err,
		 const struct landing *l)
{
	char text[256];

	if (err == E_ABORT) {
		of_printf("\nAborted\n");
		return;
	}
	if (err == E_NOSPC && (l->size > l->room || l->got > 0))
		snprintf(text, sizeof(text), "%s: more than the %llu KBytes there is room for",
			 l->name, (unsigned long long)l->room / 1024);
	else
		snprintf(text, sizeof(text), "%s: %s", l->name, *f->text ? f->text : err_text(err));
	net_say(nic, err == E_NOSPC ? 3004 : f->code ? (unsigned)f->code : 3003, text);
}

int net_land(struct net_session *s, const struct net_url *url, uint64_t addr, uint64_t room,
	     uint64_t *size)
{
	char name[96];
	struct landing l = {.addr = addr, .room = room, .name = name, .size = UINT64_MAX};
	const struct net_sink sink = {landing_begin, landing_data, net_idle, &l};
	struct net_failure f = {0};
	int err;

	if (net_url_print(url, name, sizeof(name)) >= sizeof(name))
		memcpy(name + sizeof(name) - 4, "...", 4);
	err = net_fetch(s->nif, url, &sink, &f);
	if (err) {
		tell(s->nic, &f, err, &l);
		return err;
	}
	show(&l);
	of_printf("\n");
	*size = l.got;
	return 0;
}

/* ---- which file ------------------------------------------------------------------------------- */

static bool is_url(const char *text)
{
	return strstr(text, "://") != NULL;
}

static int name_url(const struct net_session *s, const char *file, struct net_url *url)
{
	const char *server = *s->args.server ? s->args.server : s->config.server;

	if (is_url(file))
		return net_url_parse(file, url);
	if (!*server)
		return E_NOENT;
	if (strlen(server) >= sizeof(url->host) || strlen(file) >= sizeof(url->path))
		return E_NOSPC;
	url->scheme = NET_TFTP;
	url->port = 69;
	memcpy(url->host, server, strlen(server) + 1);
	memcpy(url->path, file, strlen(file) + 1);
	return 0;
}

int net_file_url(const struct net_session *s, const char *file, struct net_url *url)
{
	int err = name_url(s, file, url);

	if (err == E_NOENT)
		net_say(s->nic, 3008, "no server to load from");
	else if (err)
		net_say(s->nic, 3003, "a file name or URL that is not supported");
	return err;
}

/* Names that mean a folder with pxelinux.cfg/ in it: those, and the program itself, which we are. */
static bool means_pxelinux(const char *file)
{
	const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file;

	return !*name || !strcmp(name, "pxelinux.0") || !strcmp(name, "lpxelinux.0");
}

/* The folder a configuration is looked for in: option 210, or that of the boot file. */
static int load_configured(struct net_session *s, const char *file, uint64_t addr, uint64_t *size)
{
	const char *prefix =
		*s->args.file || !*s->config.path_prefix ? file : s->config.path_prefix;
	size_t len = strlen(prefix);
	char *folder = try_alloc(len + 2);
	int err;

	if (!folder)
		return E_NOMEM;
	memcpy(folder, prefix, len);
	if (prefix != file && len && folder[len - 1] != '/')
		folder[len] = '/';
	else
		while (len && folder[len - 1] != '/')
			folder[--len] = 0;
	err = net_load_pxelinux(s, folder, addr, size);
	heap_free(folder);
	return err;
}

/* The server's arguments for its boot file, unless somebody gave others. */
static void use_params(const char *params)
{
	const char *given = dt_prop_get_str(chosen(), "bootargs");

	if (!given || !*given)
		dt_prop_set_str(chosen(), "bootargs", params);
}

static int load_file(struct net_session *s, uint64_t addr, uint64_t *size)
{
	const char *file = *s->args.file ? s->args.file : s->config.file;
	int err;

	if (means_pxelinux(file))
		return load_configured(s, file, addr, size);
	err = net_file_url(s, file, &s->url);
	if (!err && *s->config.params && !*s->args.file)
		use_params(s->config.params);
	return err ? err : net_land(s, &s->url, addr, of_load_room(addr), size);
}

int nic_load(struct nic *nic, const char *args, uint64_t addr, uint64_t *size)
{
	struct net_session *s = NULL;
	int err = net_session_open(nic, args, NET_TO_LOAD, &s);

	if (err)
		return err;
	of_printf("\n  %s\n", nic->last);
	net_publish(&s->config, s->args.wish.method);
	err = load_file(s, addr, size);
	if (!err)
		net_session_keep_address(s);
	net_session_close(s);
	return err;
}

/* ---- /packages/obp-tftp ----------------------------------------------------------------------- */

/* Above an open network device, with arguments of its own. */
static int package_open(struct instance *in)
{
	const struct instance *device = in->parent;

	return device && device->node && nic_of(device->node) ? 0 : E_INVAL;
}

static int m_package_load(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	uint64_t addr = arg_pop(st), size = 0;
	struct nic *nic = in && in->parent && in->parent->node ? nic_of(in->parent->node) : NULL;
	int err = nic ? nic_load(nic, in->args, addr, &size) : E_STALE;

	if (!err)
		arg_push(st, size);
	return err;
}

static const struct method package_methods[] = {
	{"load", "( addr -- size )", m_package_load},
	{NULL, NULL, NULL},
};

static const struct pkg_class class_obp_tftp = {
	.open = package_open,
	.methods = package_methods,
};

void net_packages(void)
{
	struct dt_node *packages = dt_child_get(of_tree(), of_tree()->root, "packages");

	of_bind(dt_child_get(of_tree(), packages, "obp-tftp"), &class_obp_tftp, NULL);
}
