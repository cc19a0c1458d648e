/* SPDX-License-Identifier: BSD-2-Clause */
/* net_fetch(): whom to ask, by which protocol, and how to say what went wrong. */
#include "fetch-priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lwip/netif.h"

#include "base/clock.h"
#include "base/err.h"
#include "net/config.h"

#define IDLE_US 10000u

int fetch_fail(struct fetch *f, int err, int code, const char *fmt, ...)
{
	char *text = f->failure->text;
	va_list ap;

	f->failure->code = code;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(f->failure->text), fmt, ap);
	va_end(ap);
	for (; *text; text++)
		if ((uint8_t)*text < ' ' || (uint8_t)*text >= 0x7f)
			*text = '?';
	return err;
}

int fetch_sink_failed(struct fetch *f, int err)
{
	return fetch_fail(f, err, err == E_NOSPC ? 3004 : 0, "%s",
			  err == E_NOSPC ? "no room for the file" : err_text(err));
}

int fetch_turn(struct fetch *f)
{
	int err;

	net_poll();
	if (!f->sink->idle || clock_us() < f->idle_us)
		return 0;
	f->idle_us = clock_us() + IDLE_US;
	err = f->sink->idle(f->sink->ctx);
	return err ? fetch_fail(f, err, 0, "%s", err_text(err)) : 0;
}

int fetch_resolve(struct fetch *f)
{
	const struct net_watch watch = {f->sink->idle, f->sink->ctx};
	char text[64];
	int err;

	if (!ipaddr_aton(f->url->host, &f->ip)) {
		err = net_resolve(f->nif, f->url->host, &watch, text, sizeof(text));
		if (err)
			return fetch_fail(f, err, err == E_ABORT ? 0 : 3008,
					  "no address for %s: %s", f->url->host, err_text(err));
		if (!ipaddr_aton(text, &f->ip))
			return fetch_fail(f, E_FORMAT, 3008, "address %s is not one", text);
	}
	if (ip_addr_isany_val(f->ip) || ip_addr_ismulticast(&f->ip))
		return fetch_fail(f, E_FORMAT, 3008, "%s is no server's address", f->url->host);
	if (IP_IS_V6_VAL(f->ip))
		ip6_addr_assign_zone(ip_2_ip6(&f->ip), IP6_UNKNOWN, net_if_lwip(f->nif));
	return 0;
}

int net_fetch(struct net_if *nif, const struct net_url *url, const struct net_sink *sink,
	      struct net_failure *failure)
{
	struct fetch f = {.nif = nif, .url = url, .sink = sink, .failure = failure};
	int err;

	memset(failure, 0, sizeof(*failure));
	err = fetch_resolve(&f);
	if (err)
		return err;
	return url->scheme == NET_HTTP ? http_get(&f) : tftp_get(&f);
}
