/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Between struct netdev and lwIP, and what lwIP wants of its platform: memory, time, randomness, a last
 * word. Frames are copied once on either way.
 */
#define LOG_TAG "net"
#include "net/stack.h"

#include <stdarg.h>
#include <string.h>

#include "lwip/etharp.h"
#include "lwip/ethip6.h"
#include "lwip/init.h"
#include "lwip/mld6.h"
#include "lwip/netif.h"
#include "lwip/prot/icmp6.h"
#include "lwip/prot/ip6.h"
#include "lwip/sys.h"
#include "lwip/timeouts.h"
#include "netif/ethernet.h"

#include "base/arith.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/panic.h"
#include "base/random.h"

#define FRAMES_AT_ONCE 64u
#define SEND_MS        20u

struct net_if {
	struct net_if *next;
	struct netif lwip;
	struct netdev *nd;
	bool by_hand;        /* an IPv6 address was given */
	ip6_addr_t gateway6; /* with it; any: none */
	uint8_t frame[NETDEV_FRAME_MAX];
};

static struct net_if *interfaces;
static bool started;

/* ---- what lwIP calls ---------------------------------------------------------------------- */

/*
 * lwIP gives up when it cannot have a timer, and takes each one anew every time it fires: these come from a
 * reserve when the heap is dry. Its own number of timers is about ten.
 */
#define TIMERS 32u
static struct sys_timeo reserve[TIMERS];
static bool reserved[TIMERS];

static void *reserved_timer(void)
{
	for (unsigned i = 0; i < TIMERS; i++) {
		if (reserved[i])
			continue;
		reserved[i] = true;
		return &reserve[i];
	}
	return NULL;
}

void *net_heap_malloc(size_t size)
{
	void *block = try_alloc(size);

	return block || size != sizeof(struct sys_timeo) ? block : reserved_timer();
}

void *net_heap_calloc(size_t count, size_t size)
{
	uint64_t bytes;

	return mul_ok(count, size, &bytes) ? try_alloc(bytes) : NULL;
}

void net_heap_free(void *block)
{
	for (unsigned i = 0; i < TIMERS; i++) {
		if (block != &reserve[i])
			continue;
		reserved[i] = false;
		return;
	}
	heap_free(block);
}

uint32_t sys_now(void)
{
	return (uint32_t)(clock_us() / 1000);
}

uint32_t net_random(void)
{
	return (uint32_t)random_u64();
}

void net_assert(const char *what, const char *file, int line)
{
	panic("lwip: %s (%s:%d)", what, file, line);
}

void net_diag(const char *fmt, ...)
{
	(void)fmt; /* lwIP only prints where its asserts end */
}

/* The one extension header that is needed: the router alert of a multicast listener query (RFC 2710 3). */
static bool is_listener_query(const uint8_t *header, size_t len)
{
	static const uint8_t alert[8] = {IP6_NEXTH_ICMP6, 0, 5, 2, 0, 0, 1, 0};

	return len > sizeof(alert) && memcmp(header, alert, sizeof(alert)) == 0 &&
	       header[sizeof(alert)] == ICMP6_TYPE_MLQ;
}

/*
 * What IPv6 packets lwIP gets to see: ICMPv6, UDP and TCP without extension headers. Nobody we load from sends
 * any, and chains of them are what attacks are made of. And nobody redirects what we load (RFC 4861 8).
 */
static bool is_wanted(const struct pbuf *p)
{
	const struct ip6_hdr *ip = p->payload;
	const uint8_t *next = (const uint8_t *)(ip + 1);

	if (p->len <= IP6_HLEN)
		return false;
	switch (IP6H_NEXTH(ip)) {
	case IP6_NEXTH_ICMP6:
		return *next != ICMP6_TYPE_RD;
	case IP6_NEXTH_UDP:
	case IP6_NEXTH_TCP:
		return true;
	case IP6_NEXTH_HOPBYHOP:
		return is_listener_query(next, p->len - IP6_HLEN);
	default:
		return false;
	}
}

/* Not 0: the packet is gone. */
int net_ip6_input(struct pbuf *p, struct netif *netif)
{
	(void)netif;
	if (is_wanted(p))
		return 0;
	pbuf_free(p);
	return 1;
}

/* Asked only when no router advertised the way. */
const struct ip6_addr *net_ip6_gateway(struct netif *netif, const struct ip6_addr *to)
{
	const struct net_if *nif = netif->state;

	if (!nif->by_hand)
		return NULL;
	return ip6_addr_isany(&nif->gateway6) ? to : &nif->gateway6;
}

/* ---- frames ------------------------------------------------------------------------------- */

/* A device that is busy gets a moment; the protocols above send again what is lost. */
static err_t link_output(struct netif *netif, struct pbuf *p)
{
	struct net_if *nif = netif->state;
	struct wait w = wait_ms(SEND_MS);
	const void *data = p->payload;
	int err;

	if (p->next) {
		if (p->tot_len > sizeof(nif->frame))
			return ERR_IF;
		pbuf_copy_partial(p, nif->frame, p->tot_len, 0);
		data = nif->frame;
	}
	while ((err = nif->nd->ops->send(nif->nd, data, p->tot_len)) == E_BUSY)
		if (!wait_more(&w))
			break;
	return err ? ERR_IF : ERR_OK;
}

static void receive(struct net_if *nif)
{
	for (unsigned i = 0; i < FRAMES_AT_ONCE; i++) {
		size_t len = nif->nd->ops->receive(nif->nd, nif->frame, sizeof(nif->frame));
		struct pbuf *p;

		if (len == 0)
			return;
		p = pbuf_alloc(PBUF_RAW, (u16_t)len, PBUF_POOL);
		if (!p)
			return; /* the frame is lost; somebody will send it again */
		pbuf_take(p, nif->frame, (u16_t)len);
		if (nif->lwip.input(p, &nif->lwip) != ERR_OK)
			pbuf_free(p);
	}
}

void net_poll(void)
{
	for (struct net_if *nif = interfaces; nif; nif = nif->next)
		receive(nif);
	if (started)
		sys_check_timeouts();
}

/* ---- interfaces --------------------------------------------------------------------------- */

static err_t set_up(struct netif *netif)
{
	struct net_if *nif = netif->state;

	netif->name[0] = 'e';
	netif->name[1] = 'n';
	netif->mtu = (u16_t)(nif->nd->max_frame - 14);
	netif->hwaddr_len = ETH_HWADDR_LEN;
	memcpy(netif->hwaddr, nif->nd->mac, ETH_HWADDR_LEN);
	netif->flags =
		NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_MLD6;
	netif->output = etharp_output;
	netif->output_ip6 = ethip6_output;
	netif->linkoutput = link_output;
	return ERR_OK;
}

static void bring_up(struct netif *netif)
{
	netif_set_link_up(netif);
	netif_set_up(netif);
	netif_create_ip6_linklocal_address(netif, 1);
	netif_set_ip6_autoconfig_enabled(netif, 1);
	if (!netif_default)
		netif_set_default(netif);
}

int net_if_open(struct netdev *nd, struct net_if **out)
{
	struct net_if *nif = try_alloc(sizeof(*nif));

	if (!nif)
		return E_NOMEM;
	if (!started)
		lwip_init();
	started = true;
	nif->nd = nd;
	if (!netif_add(&nif->lwip, NULL, NULL, NULL, nif, set_up, ethernet_input)) {
		heap_free(nif);
		return E_NOMEM;
	}
	bring_up(&nif->lwip);
	nif->next = interfaces;
	interfaces = nif;
	*out = nif;
	return 0;
}

void net_if_close(struct net_if *nif)
{
	struct net_if **at = &interfaces;

	if (!nif)
		return;
	while (*at != nif)
		at = &(*at)->next;
	*at = nif->next;
	netif_remove(&nif->lwip);
	heap_free(nif);
}

static bool is_host6(const ip6_addr_t *ip)
{
	return !ip6_addr_isany(ip) && !ip6_addr_ismulticast(ip) && !ip6_addr_isloopback(ip);
}

int net_if_use_ip6(struct net_if *nif, const char *text, const char *gateway)
{
	ip6_addr_t ip, via = {0};
	s8_t at;

	if (!ip6addr_aton(text, &ip) || !is_host6(&ip) ||
	    (gateway && (!ip6addr_aton(gateway, &via) || !is_host6(&via))))
		return E_INVAL;
	ip6_addr_assign_zone(&ip, IP6_UNICAST, &nif->lwip);
	ip6_addr_assign_zone(&via, IP6_UNICAST, &nif->lwip);
	if (netif_add_ip6_address(&nif->lwip, &ip, &at) != ERR_OK)
		return E_NOSPC;
	netif_ip6_addr_set_valid_life(&nif->lwip, at, IP6_ADDR_LIFE_STATIC);
	netif_ip6_addr_set_state(&nif->lwip, at, IP6_ADDR_PREFERRED);
	nif->by_hand = true;
	nif->gateway6 = via;
	netif_set_default(&nif->lwip);
	return 0;
}

struct netif *net_if_lwip(struct net_if *nif)
{
	return &nif->lwip;
}

struct netdev *net_if_dev(struct net_if *nif)
{
	return nif->nd;
}
