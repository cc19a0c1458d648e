/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A network device with our protocols on it: by the arguments of its path it gets an address, and what it got
 * is kept for people to see. While that lasts nobody else moves frames; afterwards nothing of ours is left.
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
#include "of/machine.h"

#include "boot-priv.h"
#include "reason-priv.h"

#define ESC             0x1b
#define TRIES_ASKED     10u /* what net_configure() does by itself */
#define TRIES_AUTOMATIC 3u
#define LINK_MS         1500u
#define TELL_US         2500000u

static unsigned hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

/* ---- a session: the device with our protocols on it ------------------------------------------- */

void net_say(const struct nic *nic, unsigned code, const char *text)
{
	char number[16];

	of_fresh_line();
	of_printf("E%u: (net) %s\n", code, text);
	log_info("%s: E%u: %s", nic->name, code, text);
	snprintf(number, sizeof(number), "E%u", code);
	reason_refer(nic->name, number);
}

/* ESC and Ctrl-C. */
int net_idle(void *ctx UNUSED)
{
	if (of_key_peek(0) == ESC) {
		while (of_key() >= 0)
			;
		return E_ABORT;
	}
	return of_key_break() ? E_ABORT : 0;
}

static void describe(struct net_session *s)
{
	const struct net_config *c = &s->config;
	struct strbuf sb = strbuf_on(s->nic->last, sizeof(s->nic->last));

	strbuf_printf(&sb, "%s", c->ip);
	if (*c->gateway)
		strbuf_printf(&sb, ", gateway %s", c->gateway);
	if (*c->dns[0])
		strbuf_printf(&sb, ", DNS %s", c->dns[0]);
	if (*c->server)
		strbuf_printf(&sb, ", server %s", c->server);
}

static unsigned seconds_at_most(const struct net_session *s)
{
	const struct net_wish *w = &s->args.wish;

	return (w->tries ? w->tries : TRIES_ASKED) * (w->method == NET_AUTO ? 4 : 2);
}

/* While an address is waited for: whoever sits there shall know for how long. */
static int idle_asking(void *ctx)
{
	struct net_session *s = ctx;

	if (!s->told && clock_us() - s->asking_us > TELL_US) {
		of_printf("\n  No answer yet; asking for an address for up to %u s (ESC ends it)\n",
			  seconds_at_most(s));
		s->told = true;
	}
	return net_idle(NULL);
}

static const char *why_no_address(const struct net_session *s, int err)
{
	const struct netdev *nd = s->nic->nd;

	if (err == E_TIMEOUT)
		return nd->ops->link_up(s->nic->nd) ? "no IP address: no server answers"
						    : "no IP address: no cable";
	return err == E_INVAL ? "no IP address: the arguments give none"
			      : "no IP address: out of memory";
}

/* At an automatic start there are others to be tried; a cable that is not there is not waited for. */
static void be_brief(struct net_session *s)
{
	struct net_wish *w = &s->args.wish;
	struct deadline end = deadline_in_ms(LINK_MS);

	if (!boot_is_automatic() || w->tries)
		return;
	w->tries = TRIES_AUTOMATIC;
	while (!s->nic->nd->ops->link_up(s->nic->nd) && !deadline_passed(&end))
		net_poll();
	if (!s->nic->nd->ops->link_up(s->nic->nd))
		w->tries = 1;
}

static int configure(struct net_session *s)
{
	const struct net_watch watch = {idle_asking, s};
	int err;

	be_brief(s);
	s->asking_us = clock_us();
	err = net_configure(s->nif, &s->args.wish, &watch, &s->config);
	if (err == E_ABORT) {
		of_printf("\nAborted\n");
		return err;
	}
	if (err) {
		net_say(s->nic, 3001, why_no_address(s, err));
		return err;
	}
	s->configured = true;
	describe(s);
	return 0;
}

/* The machine's identity, for servers that go by it. */
static void add_uuid(struct net_session *s)
{
	const char *text = dt_prop_get_str(of_tree()->root, "vm,uuid");
	unsigned n = 0;

	for (; text && *text && n < 32; text++) {
		unsigned digit = hex_digit(*text);

		if (*text == '-')
			continue;
		if (digit > 15)
			return;
		s->uuid[n / 2] = (uint8_t)(s->uuid[n / 2] << 4 | digit);
		n++;
	}
	if (n == 32)
		s->args.wish.client_arch_uuid = (const char *)s->uuid;
}

static int read_arguments(struct net_session *s, const char *args, enum net_purpose purpose)
{
	int err = net_args_parse(args, &s->args);

	if (err) {
		net_say(s->nic, 3003, "the arguments make no sense");
		return err;
	}
	if (purpose == NET_TO_TALK && (s->args.wish.ip || *s->args.wish.ip6))
		s->args.wish.method = NET_STATIC;
	s->args.wish.wants_file = purpose == NET_TO_LOAD && !*s->args.file;
	add_uuid(s);
	return 0;
}

static int start_session(struct net_session *s, const char *args, enum net_purpose purpose)
{
	int err = read_arguments(s, args, purpose);

	if (err)
		return err;
	err = nic_open(s->nic);
	if (err) {
		net_say(s->nic, 3006, "the interface does not start");
		return err;
	}
	s->nic->taken = true;
	err = net_if_open(s->nic->nd, &s->nif);
	if (err)
		net_say(s->nic, 3006, "out of memory");
	else
		err = configure(s);
	return err;
}

int net_session_open(struct nic *nic, const char *args, enum net_purpose purpose,
		     struct net_session **out)
{
	struct net_session *s;
	int err;

	if (nic->taken) {
		log_warn("%s: in use by a load or word already", nic->name);
		return E_BUSY;
	}
	s = try_alloc(sizeof(*s));
	if (!s)
		return E_NOMEM;
	s->nic = nic;
	err = start_session(s, args, purpose);
	if (err) {
		net_session_close(s);
		return err;
	}
	*out = s;
	return 0;
}

void net_session_close(struct net_session *s)
{
	if (s->nif)
		net_release(s->nif);
	if (s->configured)
		net_config_free(&s->config);
	net_if_close(s->nif);
	if (s->nic->taken) {
		s->nic->taken = false;
		nic_close(s->nic);
	}
	heap_free(s);
}

void net_session_keep_address(struct net_session *s)
{
	net_keep_lease(s->nif);
}
