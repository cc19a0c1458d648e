/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The DHCPv6 client. lwIP makes addresses from router advertisements; this asks for the rest: a boot file's
 * URL and name servers (INFORMATION-REQUEST), and an address as well where the router says so (SOLICIT,
 * REQUEST). Where no router speaks both are tried in turn.
 */
#define LOG_TAG "net"
#include "config-priv.h"

#include <string.h>

#include "lwip/nd6.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "lwip/prot/icmp6.h"
#include "lwip/prot/ip6.h"
#include "lwip/prot/nd6.h"
#include "lwip/raw.h"
#include "lwip/udp.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/random.h"

#define SERVER_PORT 547u
#define CLIENT_PORT 546u
#define RA_BYTES    (IP6_HLEN + 16u)

int dhcp6_global(struct net_if *nif)
{
	struct netif *netif = net_if_lwip(nif);

	for (s8_t i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++)
		if (ip6_addr_isvalid(netif_ip6_addr_state(netif, i)) &&
		    !ip6_addr_islinklocal(netif_ip6_addr(netif, i)))
			return i;
	return -1;
}

static bool link_local_usable(struct net_if *nif)
{
	return ip6_addr_isvalid(netif_ip6_addr_state(net_if_lwip(nif), 0));
}

bool dhcp6_done(const struct dhcp6 *d)
{
	return d->have_reply && dhcp6_global(d->nif) >= 0;
}

bool dhcp6_on_link(const struct dhcp6 *d)
{
	return d->have_reply && !d->router && !d->answer.has_ip && link_local_usable(d->nif);
}

/* ---- asking ------------------------------------------------------------------------------- */

static void send_ask(struct dhcp6 *d, enum dhcp6_type type)
{
	struct dhcp6_ask ask = {.type = type,
				.xid = d->xid,
				.mac = net_if_dev(d->nif)->mac,
				.elapsed_ms = (uint32_t)((clock_us() - d->since_us) / 1000),
				.server = &d->offer.server,
				.ip = type == DHCP6_REQUEST ? d->offer.ip : NULL};
	struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, DHCP6_ASK_ROOM, PBUF_RAM);
	ip_addr_t all = IPADDR6_INIT_HOST(0xff020000, 0, 0, 0x00010002);

	if (!p)
		return;
	ip6_addr_assign_zone(ip_2_ip6(&all), IP6_MULTICAST, net_if_lwip(d->nif));
	pbuf_realloc(p, (u16_t)dhcp6_write(&ask, p->payload));
	(void)udp_sendto_if_src(d->pcb, p, &all, SERVER_PORT, net_if_lwip(d->nif),
				netif_ip_addr6(net_if_lwip(d->nif), 0));
	pbuf_free(p);
}

void dhcp6_send(struct dhcp6 *d)
{
	bool odd = d->sent & 1;

	if (d->have_reply || !link_local_usable(d->nif))
		return;
	d->sent++;
	d->xid = (uint32_t)random_u64() & 0xffffff;
	d->offer.has_ip = false;
	d->wants_ip = d->router ? d->managed && !odd : odd;
	send_ask(d, d->wants_ip ? DHCP6_SOLICIT : DHCP6_INFORMATION);
}

/* ---- answers ------------------------------------------------------------------------------ */

/* An address that was given to us: lwIP looks for duplicates and then uses it. */
static void add_address(struct dhcp6 *d, const uint8_t *bytes)
{
	ip6_addr_t ip;
	s8_t at;

	memcpy(ip.addr, bytes, 16);
	ip6_addr_clear_zone(&ip);
	if (ip6_addr_isany(&ip) || ip6_addr_ismulticast(&ip) || ip6_addr_isloopback(&ip) ||
	    ip6_addr_islinklocal(&ip))
		return;
	if (netif_get_ip6_addr_match(net_if_lwip(d->nif), &ip) < 0)
		(void)netif_add_ip6_address(net_if_lwip(d->nif), &ip, &at);
}

static void accept(struct dhcp6 *d, size_t len)
{
	d->answer = d->heard;
	memcpy(d->packet, d->incoming, len);
	d->len = len;
	d->have_reply = true;
	if (d->wants_ip && d->answer.has_ip)
		add_address(d, d->answer.ip);
}

static void take_answer(struct dhcp6 *d, size_t len)
{
	const struct dhcp6_answer *a = &d->heard;

	if (a->status != 0)
		return;
	/* QEMU 7.2 to 10.0 do not name themselves when no address is asked for: see its test */
	if (d->wants_ip && (!a->has_ip || !a->server.len))
		return;
	if (a->type == DHCP6_ADVERTISE && d->wants_ip && !d->offer.has_ip) {
		d->offer = *a;
		d->xid = (uint32_t)random_u64() & 0xffffff;
		send_ask(d, DHCP6_REQUEST);
	}
	/* a REPLY ends it: to what was asked, to REQUEST, or to SOLICIT if it says it means it */
	if (a->type == DHCP6_REPLY && (!d->wants_ip || d->offer.has_ip || a->rapid))
		accept(d, len);
}

static void receive(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from,
		    u16_t port)
{
	struct dhcp6 *d = arg;
	size_t len = dhcp_take(p, d->incoming, sizeof(d->incoming));

	(void)pcb, (void)from, (void)port; /* servers may answer from any port (RFC 8415 7.2) */
	if (d->have_reply || d->sent == 0)
		return;
	if (dhcp6_parse(d->incoming, len, d->xid, net_if_dev(d->nif)->mac, &d->heard) == 0)
		take_answer(d, len);
}

/* lwIP acts on advertisements; here only the flag counts. Never eats a packet. */
static u8_t look_at_ra(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *from)
{
	uint8_t head[RA_BYTES];
	struct dhcp6 *d = arg;

	(void)pcb;
	if (pbuf_copy_partial(p, head, RA_BYTES, 0) != RA_BYTES || head[7] != 255 ||
	    head[IP6_HLEN] != ICMP6_TYPE_RA || !ip6_addr_islinklocal(ip_2_ip6(from)))
		return 0;
	d->router = true;
	d->managed = head[IP6_HLEN + 5] & 0x80;
	return 0;
}

/* ---- life --------------------------------------------------------------------------------- */

static int open_port(struct dhcp6 *d)
{
	d->pcb = udp_new_ip_type(IPADDR_TYPE_V6);
	if (!d->pcb)
		return E_NOMEM;
	udp_bind_netif(d->pcb, net_if_lwip(d->nif));
	if (udp_bind(d->pcb, IP6_ADDR_ANY, CLIENT_PORT) != ERR_OK)
		return E_NOMEM;
	udp_recv(d->pcb, receive, d);
	d->ra = raw_new_ip_type(IPADDR_TYPE_V6, IP6_NEXTH_ICMP6);
	if (!d->ra)
		return E_NOMEM;
	raw_bind_netif(d->ra, net_if_lwip(d->nif));
	raw_recv(d->ra, look_at_ra, d);
	return 0;
}

int dhcp6_open(struct dhcp6 *d, struct net_if *nif)
{
	int err;

	memset(d, 0, sizeof(*d));
	d->nif = nif;
	d->since_us = clock_us();
	err = open_port(d);
	if (err)
		dhcp6_close(d);
	else
		nd6_restart_netif(net_if_lwip(nif));
	return err;
}

void dhcp6_close(struct dhcp6 *d)
{
	if (d->pcb)
		udp_remove(d->pcb);
	if (d->ra)
		raw_remove(d->ra);
	d->pcb = NULL;
	d->ra = NULL;
}
