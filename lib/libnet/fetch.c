/* SPDX-License-Identifier: BSD-2-Clause */
/* net_fetch(): whom to ask, by which protocol, and how to say what went wrong. */
#include "fetch-priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lwip/etharp.h"
#include "lwip/netif.h"
#include "lwip/prot/icmp6.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/ip6.h"
#include "lwip/raw.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/random.h"
#include "net/config.h"

#define IDLE_US     10000u
/* Less in a minute is no transfer: a server could hold the machine with it for ever. */
#define MINUTE_S    60u
#define LEAST_BYTES 16384u

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

static int sink_failed(struct fetch *f, int err)
{
	return fetch_fail(f, err, err == E_NOSPC ? 3004 : 0, "%s",
			  err == E_NOSPC ? "no room for the file" : err_text(err));
}

/* ---- bytes, and how fast they come -------------------------------------------------------- */

static void start_minute(struct fetch *f)
{
	f->minute_us = clock_us() + MINUTE_S * 1000000ull;
	f->got_before = f->got;
}

int fetch_begin(struct fetch *f, uint64_t size)
{
	int err = f->sink->begin(f->sink->ctx, size);

	f->begun = true;
	start_minute(f);
	return err ? sink_failed(f, err) : 0;
}

int fetch_data(struct fetch *f, uint64_t offset, const void *bytes, size_t len)
{
	int err = len ? f->sink->data(f->sink->ctx, offset, bytes, len) : 0;

	f->got += len;
	return err ? sink_failed(f, err) : 0;
}

static int judge_minute(struct fetch *f)
{
	uint64_t came = f->got - f->got_before;

	if (!f->begun || clock_us() < f->minute_us)
		return 0;
	start_minute(f);
	if (came >= LEAST_BYTES)
		return 0;
	return fetch_fail(f, E_TIMEOUT, 3015, "too slow: %llu bytes in %u s",
			  (unsigned long long)came, MINUTE_S);
}

int fetch_turn(struct fetch *f)
{
	int err;

	net_poll();
	if (f->unreachable && !f->begun)
		return fetch_fail(f, E_IO, 3005, "%s: %s", f->url->host, f->unreachable);
	err = judge_minute(f);
	if (err || !f->sink->idle || clock_us() < f->idle_us)
		return err;
	f->idle_us = clock_us() + IDLE_US;
	err = f->sink->idle(f->sink->ctx);
	return err ? fetch_fail(f, err, 0, "%s", err_text(err)) : 0;
}

/* ---- bad news ----------------------------------------------------------------------------- */

bool fetch_is_absent(const struct fetch *f)
{
	struct netif *netif = net_if_lwip(f->nif);
	const ip4_addr_t *hop = ip_2_ip4(&f->ip), *found;
	struct eth_addr *mac;

	if (IP_IS_V6_VAL(f->ip))
		return false;
	if (!ip4_addr_net_eq(hop, netif_ip4_addr(netif), netif_ip4_netmask(netif)) &&
	    !ip4_addr_isany(netif_ip4_gw(netif)))
		hop = netif_ip4_gw(netif);
	return etharp_find_addr(netif, hop, &mac, &found) < 0;
}

int fetch_silence(struct fetch *f)
{
	if (fetch_is_absent(f))
		return fetch_fail(f, E_TIMEOUT, 3002, "nobody answers ARP on the way to %s",
				  f->url->host);
	return fetch_fail(f, E_TIMEOUT, 3015, "no answer from %s", f->url->host);
}

#define QUOTE4 (8u + IP_HLEN) /* from the ICMP header to the quoted ports, no options in between */
#define QUOTE6 (8u + IP6_HLEN)

static const char *meaning(bool v6, uint8_t code)
{
	static const char *const v4_text[] = {"network", "host", "protocol", "port"};
	static const char *const v6_text[] = {"network", NULL, NULL, "host", "port"};
	static char text[40];
	const char *what = v6 ? (code < ARRAY_SIZE(v6_text) ? v6_text[code] : NULL)
			      : (code < ARRAY_SIZE(v4_text) ? v4_text[code] : NULL);

	snprintf(text, sizeof(text), "ICMP says %s unreachable", what ? what : "prohibited or");
	return text;
}

/* A message "destination unreachable" that quotes our conversation. */
static bool quotes_us(const struct fetch *f, const uint8_t *icmp)
{
	bool v6 = IP_IS_V6_VAL(f->ip);
	const uint8_t *ip = icmp + 8, *ports = icmp + (v6 ? QUOTE6 : QUOTE4);

	if (icmp[0] != (v6 ? 1 : 3) || ip[0] >> 4 != (v6 ? 6 : 4) || (!v6 && (ip[0] & 15) != 5))
		return false;
	if (v6 && memcmp(ip + 24, ip_2_ip6(&f->ip)->addr, 16) != 0)
		return false;
	if (!v6 && memcmp(ip + 16, &ip_2_ip4(&f->ip)->addr, 4) != 0)
		return false;
	return get_be16(ports) == f->local_port && get_be16(ports + 2) == f->port;
}

/* Never eats a packet. */
static u8_t on_icmp(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *from)
{
	struct fetch *f = arg;
	uint8_t icmp[QUOTE6 + 4], first;
	bool v6 = IP_IS_V6_VAL(f->ip);
	u16_t header = IP6_HLEN, len = v6 ? QUOTE6 + 4 : QUOTE4 + 4;

	(void)pcb, (void)from;
	if (!v6) {
		if (pbuf_copy_partial(p, &first, 1, 0) != 1)
			return 0;
		header = (u16_t)(4 * (first & 15));
	}
	if (pbuf_copy_partial(p, icmp, len, header) == len && f->local_port && quotes_us(f, icmp))
		f->unreachable = meaning(v6, icmp[1]);
	return 0;
}

/* Without memory nobody listens, and silence will tell. */
static void listen_icmp(struct fetch *f)
{
	f->icmp = raw_new_ip_type(IP_GET_TYPE(&f->ip),
				  IP_IS_V6_VAL(f->ip) ? IP6_NEXTH_ICMP6 : IP_PROTO_ICMP);
	if (!f->icmp)
		return;
	raw_bind_netif(f->icmp, net_if_lwip(f->nif));
	raw_recv(f->icmp, on_icmp, f);
}

/* ---- a transfer --------------------------------------------------------------------------- */

uint16_t fetch_any_port(void)
{
	return (uint16_t)(49152 + random_below(16384)); /* RFC 6335 6 */
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
	listen_icmp(&f);
	err = url->scheme == NET_HTTP ? http_get(&f) : tftp_get(&f);
	if (f.icmp)
		raw_remove(f.icmp);
	return err;
}
