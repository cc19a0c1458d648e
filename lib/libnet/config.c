/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * net_configure(): DHCPv4 and IPv6 side by side on one interface, two seconds for each in turn until one of
 * them has an answer. Both clients only act while the network is polled here, so nothing is left running.
 */
#define LOG_TAG "net"
#include "config-priv.h"

#include <stdio.h>
#include <string.h>

#include "lwip/dns.h"
#include "lwip/netif.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"

#define TRY_MS         2000u
#define TRIES          10u
#define TRIES_MAX      1000u
#define SLAAC_PATIENCE 3u /* tries until an address without DHCPv6 is good enough */
#define IDLE_US        10000u
#define RELEASE_MS     100u
#define PROXY_MS       500u /* a proxy answers as fast as the server, but the server came first */
#define LINK_LOCAL_MS  3000u
#define PROXY_TRIES    3u

struct attempt {
	struct net_if *nif;
	const struct net_wish *wish;
	const struct net_watch *watch;
	uint64_t idle_us; /* when to ask the user next */
	unsigned number;
	bool v4, v6;   /* which ways are gone */
	bool given_up; /* by the user, after an answer */
	struct dhcp4 d4;
	struct dhcp6 d6;
};

/* A lease to be given back. */
struct lease {
	struct lease *next;
	struct net_if *nif;
	uint32_t ip, server;
};
static struct lease *leases;

static void text_of4(uint32_t ip, char *out, size_t room)
{
	if (ip)
		snprintf(out, room, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 255, ip >> 8 & 255,
			 ip & 255);
}

uint32_t net_ip4_of(const char *text)
{
	ip4_addr_t ip;

	return ip4addr_aton(text, &ip) ? lwip_ntohl(ip.addr) : 0;
}

static void copy_text(char *out, size_t room, const char *text)
{
	snprintf(out, room, "%s", text);
}

/* ---- leases ------------------------------------------------------------------------------- */

static struct lease *lease_take(struct net_if *nif)
{
	struct lease **at = &leases, *found;

	while (*at && (*at)->nif != nif)
		at = &(*at)->next;
	found = *at;
	if (found)
		*at = found->next;
	return found;
}

static void lease_keep(struct net_if *nif, uint32_t ip, uint32_t server)
{
	struct lease *l;

	heap_free(lease_take(nif));
	l = server ? try_alloc(sizeof(*l)) : NULL;
	if (!l)
		return; /* the server will see it run out */
	*l = (struct lease){leases, nif, ip, server};
	leases = l;
}

void net_keep_lease(struct net_if *nif)
{
	heap_free(lease_take(nif));
}

void net_release(struct net_if *nif)
{
	struct lease *l = lease_take(nif);
	struct deadline end;

	if (l && lwip_ntohl(netif_ip4_addr(net_if_lwip(nif))->addr) == l->ip) {
		dhcp4_send_release(nif, l->ip, l->server);
		for (end = deadline_in_ms(RELEASE_MS); !deadline_passed(&end);) {
			net_poll(); /* the server's address may have to be asked for first */
			clock_delay_us(64);
		}
		netif_set_addr(net_if_lwip(nif), NULL, NULL, NULL);
	}
	heap_free(l);
}

/* ---- results ------------------------------------------------------------------------------ */

static int keep_packet(struct net_config *out, const uint8_t *packet, size_t len)
{
	out->packet = try_alloc(len ? len : 1);
	if (!out->packet)
		return E_NOMEM;
	memcpy(out->packet, packet, len);
	out->packet_len = len;
	return 0;
}

/* What a class says when nobody gave a mask (RFC 791). */
static uint32_t mask_of(uint32_t ip)
{
	if (ip < 0x80000000)
		return 0xff000000;
	return ip < 0xc0000000 ? 0xffff0000 : 0xffffff00;
}

static void use_address4(struct net_if *nif, uint32_t ip, uint32_t mask, uint32_t gateway)
{
	ip4_addr_t a = {lwip_htonl(ip)}, m = {lwip_htonl(mask)}, g = {lwip_htonl(gateway)};

	netif_set_addr(net_if_lwip(nif), &a, &m, &g);
	netif_set_default(net_if_lwip(nif));
}

/*
 * The server to load from. An address in option 66 was put there for us; a name there may be the server's
 * idea of itself, so the next-server field comes before it; who offered comes last.
 */
static void choose_server(const struct dhcp4_answer *a, char *out, size_t room)
{
	ip_addr_t ip;

	if (a->server[0] && (ipaddr_aton(a->server, &ip) || !a->next_server))
		copy_text(out, room, a->server);
	else if (a->next_server)
		text_of4(a->next_server, out, room);
	else
		text_of4(a->server_id, out, room);
}

static void use_dns(unsigned at, const ip_addr_t *server, struct net_config *out)
{
	dns_setserver((u8_t)at, server);
	ipaddr_ntoa_r(server, out->dns[at], sizeof(out->dns[at]));
}

static int watch_user(struct attempt *t)
{
	if (!t->watch || !t->watch->idle || clock_us() < t->idle_us)
		return 0;
	t->idle_us = clock_us() + IDLE_US;
	return t->watch->idle(t->watch->ctx);
}

/* Ends when there is a file, with what the user says, or after ms. */
static bool wait_for_proxy(struct attempt *t, uint32_t ms, bool file)
{
	struct wait w = wait_ms(ms);

	do {
		net_poll();
		if (file ? t->d4.proxy.file[0] != 0 : t->d4.proxy.server_id != 0)
			return true;
		t->given_up = t->given_up || watch_user(t);
	} while (!t->given_up && wait_more(&w));
	return false;
}

/* Who else on this network may know what to boot; NULL: nobody. */
static const struct dhcp4_answer *ask_proxy(struct attempt *t)
{
	if (!wait_for_proxy(t, PROXY_MS, false))
		return NULL;
	for (unsigned i = 0; i < PROXY_TRIES && !t->given_up && !t->d4.proxy.file[0]; i++) {
		dhcp4_send_proxy(&t->d4, t->d4.answer.ip);
		(void)wait_for_proxy(t, PROXY_MS, true);
	}
	return t->d4.proxy.file[0] ? &t->d4.proxy : NULL;
}

static void finish4_boot(struct attempt *t, struct net_config *out)
{
	const struct dhcp4_answer *a = &t->d4.answer, *boot = NULL;

	if (t->wish->wants_file && !a->file[0] && a->type != DHCP4_BOOTP)
		boot = ask_proxy(t);
	boot = boot ? boot : a;
	choose_server(boot, out->server, sizeof(out->server));
	copy_text(out->file, sizeof(out->file), boot->file);
	copy_text(out->config_file, sizeof(out->config_file),
		  boot->config_file[0] ? boot->config_file : a->config_file);
	copy_text(out->path_prefix, sizeof(out->path_prefix),
		  boot->path_prefix[0] ? boot->path_prefix : a->path_prefix);
}

static int finish4(struct attempt *t, struct net_config *out)
{
	const struct dhcp4_answer *a = &t->d4.answer;

	out->netmask = a->netmask ? a->netmask : mask_of(a->ip);
	if (keep_packet(out, t->d4.packet, t->d4.len))
		return E_NOMEM;
	use_address4(t->nif, a->ip, out->netmask, a->gateway);
	lease_keep(t->nif, a->ip, a->type == DHCP4_BOOTP ? 0 : t->d4.server);
	text_of4(a->ip, out->ip, sizeof(out->ip));
	text_of4(a->gateway, out->gateway, sizeof(out->gateway));
	finish4_boot(t, out);
	copy_text(out->host_name, sizeof(out->host_name), a->host_name);
	copy_text(out->domain, sizeof(out->domain), a->domain);
	for (unsigned i = 0, n = 0; i < 2; i++) {
		ip_addr_t dns = IPADDR4_INIT(lwip_htonl(a->dns[i]));

		if (a->dns[i])
			use_dns(n++, &dns, out);
	}
	return t->given_up ? E_ABORT : 0;
}

static void finish6_dns(const struct dhcp6_answer *a, struct net_config *out)
{
	ip_addr_t dns = IPADDR6_INIT(0, 0, 0, 0);

	for (unsigned i = 0; i < a->dns_count; i++) {
		memcpy(ip_2_ip6(&dns)->addr, a->dns[i], 16);
		use_dns(i, &dns, out);
	}
	for (unsigned i = a->dns_count; i < 2; i++) { /* a router may have named some (RFC 8106) */
		const ip_addr_t *given = dns_getserver((u8_t)i);

		if (IP_IS_V6(given) && !ip_addr_isany(given))
			ipaddr_ntoa_r(given, out->dns[i], sizeof(out->dns[i]));
	}
}

static int finish6(struct attempt *t, struct net_config *out)
{
	struct netif *netif = net_if_lwip(t->nif);
	const struct dhcp6_answer *a = &t->d6.answer;
	int at = dhcp6_global(t->nif);

	if (keep_packet(out, t->d6.packet, t->d6.len))
		return E_NOMEM;
	netif_set_default(netif);
	out->is_v6 = true;
	ip6addr_ntoa_r(netif_ip6_addr(netif, at >= 0 ? at : 0), out->ip, sizeof(out->ip));
	copy_text(out->file, sizeof(out->file), a->url);
	copy_text(out->domain, sizeof(out->domain), a->domain);
	copy_text(out->params, sizeof(out->params), a->params);
	finish6_dns(a, out);
	return 0;
}

/* lwIP asks for neighbours by the link-local address, which is ours when nobody else has it. */
static void wait_for_link_local(struct net_if *nif)
{
	struct wait w = wait_ms(LINK_LOCAL_MS);

	while (!ip6_addr_isvalid(netif_ip6_addr_state(net_if_lwip(nif), 0)) && wait_more(&w))
		net_poll();
}

static int finish_static6(struct net_if *nif, const struct net_wish *wish, struct net_config *out)
{
	int err = net_if_use_ip6(nif, wish->ip6, wish->gateway6[0] ? wish->gateway6 : NULL);

	if (err)
		return err;
	heap_free(lease_take(nif));
	out->is_v6 = true;
	copy_text(out->ip, sizeof(out->ip), wish->ip6);
	copy_text(out->gateway, sizeof(out->gateway), wish->gateway6);
	wait_for_link_local(nif);
	return 0;
}

static int finish_static(struct net_if *nif, const struct net_wish *wish, struct net_config *out)
{
	uint32_t mask = wish->netmask;

	if (wish->ip6[0])
		return finish_static6(nif, wish, out);
	if (!wish->ip)
		return E_INVAL;
	/* without a gateway everybody is a neighbour */
	if (!mask && wish->gateway)
		mask = mask_of(wish->ip);
	heap_free(lease_take(nif));
	use_address4(nif, wish->ip, mask, wish->gateway);
	out->netmask = mask;
	text_of4(wish->ip, out->ip, sizeof(out->ip));
	text_of4(wish->gateway, out->gateway, sizeof(out->gateway));
	return 0;
}

/* ---- asking ------------------------------------------------------------------------------- */

/* A try is over: an address from a router and nobody to tell us more, or a server without a router. */
static bool little_will_do(const struct attempt *t)
{
	if (!t->v6)
		return false;
	return dhcp6_on_link(&t->d6) ||
	       (t->number + 1 >= SLAAC_PATIENCE && dhcp6_global(t->nif) >= 0);
}

/* Until one of them is done: 0, E_TIMEOUT, or what the user says. */
static int wait_for_answer(struct attempt *t)
{
	struct wait w = wait_ms(TRY_MS);
	int err;

	do {
		net_poll();
		if ((t->v4 && t->d4.done) || (t->v6 && dhcp6_done(&t->d6)))
			return 0;
		err = watch_user(t);
		if (err)
			return err;
	} while (wait_more(&w));
	return little_will_do(t) ? 0 : E_TIMEOUT;
}

static int one_try(struct attempt *t)
{
	int err = E_TIMEOUT;

	if (t->v4) {
		dhcp4_send(&t->d4);
		err = wait_for_answer(t);
	}
	if (t->v6 && err == E_TIMEOUT) {
		dhcp6_send(&t->d6);
		err = wait_for_answer(t);
	}
	return err;
}

static int ask(struct attempt *t)
{
	unsigned tries = t->wish->tries ? t->wish->tries : TRIES;
	int err = E_TIMEOUT;

	if (tries > TRIES_MAX)
		tries = TRIES_MAX;
	for (t->number = 0; err == E_TIMEOUT && t->number < tries; t->number++)
		err = one_try(t);
	return err;
}

static int open_both(struct attempt *t)
{
	int err = 0;

	t->v4 = t->wish->method != NET_IPV6;
	t->v6 = t->wish->method == NET_AUTO || t->wish->method == NET_IPV6;
	if (t->v4)
		err = dhcp4_open(&t->d4, t->nif, t->wish);
	if (!err && t->v6)
		err = dhcp6_open(&t->d6, t->nif);
	return err;
}

static int attempt(struct attempt *t, struct net_config *out)
{
	int err = open_both(t);

	if (!err)
		err = ask(t);
	if (!err)
		err = t->v4 && t->d4.done ? finish4(t, out) : finish6(t, out);
	dhcp4_close(&t->d4);
	dhcp6_close(&t->d6);
	return err;
}

int net_configure(struct net_if *nif, const struct net_wish *wish, const struct net_watch *watch,
		  struct net_config *out)
{
	struct net_config *made = try_alloc(sizeof(*made));
	struct attempt *t = try_alloc(sizeof(*t));
	int err = E_NOMEM;

	if (made && t) {
		t->nif = nif;
		t->wish = wish;
		t->watch = watch;
		err = wish->method == NET_STATIC ? finish_static(nif, wish, made)
						 : attempt(t, made);
	}
	if (err && made) {
		net_config_free(made);
	} else if (!err) {
		*out = *made;
		log_info("%s: address %s, server %s, file %s", net_if_dev(nif)->about, out->ip,
			 out->server, out->file);
	}
	heap_free(t);
	heap_free(made);
	return err;
}

void net_config_free(struct net_config *config)
{
	heap_free(config->packet);
	config->packet = NULL;
	config->packet_len = 0;
}
