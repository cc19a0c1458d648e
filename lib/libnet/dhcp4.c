/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The DHCPv4 client: DISCOVER, the first usable OFFER, REQUEST, ACK; or a BOOTP server's only answer. It sends
 * when it is told to and when an answer moves it on, so whoever polls decides how long it goes on. Not lwIP's
 * client: the loader wants the server's packet as it came, and options lwIP does not know.
 */
#define LOG_TAG "net"
#include "config-priv.h"

#include <string.h>

#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "lwip/udp.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/random.h"

#define SERVER_PORT       67u
#define CLIENT_PORT       68u
#define PROXY_PORT        4011u
#define REQUESTS_AN_OFFER 3u

size_t dhcp_take(struct pbuf *p, uint8_t *out, size_t room)
{
	size_t len = p->tot_len <= room ? p->tot_len : 0;

	if (len)
		pbuf_copy_partial(p, out, (u16_t)len, 0);
	pbuf_free(p);
	return len;
}

static void send_ask_to(struct net_if *nif, struct udp_pcb *pcb, const struct dhcp4_ask *ask,
			uint32_t to, u16_t port)
{
	struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, DHCP4_ASK_ROOM, PBUF_RAM);
	ip_addr_t dst = IPADDR4_INIT(lwip_htonl(to)), src = IPADDR4_INIT(lwip_htonl(ask->ip));

	if (!p)
		return; /* as good as lost: it is sent again */
	pbuf_realloc(p, (u16_t)dhcp4_write(ask, p->payload));
	(void)udp_sendto_if_src(pcb, p, &dst, port, net_if_lwip(nif), &src);
	pbuf_free(p);
}

static void send_ask(struct net_if *nif, struct udp_pcb *pcb, const struct dhcp4_ask *ask,
		     uint32_t to)
{
	send_ask_to(nif, pcb, ask, to, SERVER_PORT);
}

static void send_request(struct dhcp4 *d)
{
	struct dhcp4_ask ask = {.type = d->bootp    ? DHCP4_BOOTP
					: d->server ? DHCP4_REQUEST
						    : DHCP4_DISCOVER,
				.xid = d->xid,
				.secs = (uint16_t)((clock_us() - d->since_us) / 1000000),
				.mac = net_if_dev(d->nif)->mac,
				.wanted = d->server ? d->wanted : d->wish->ip,
				.server = d->server,
				.uuid = (const uint8_t *)d->wish->client_arch_uuid};

	send_ask(d->nif, d->pcb, &ask, 0xffffffff);
}

void dhcp4_send(struct dhcp4 *d)
{
	if (d->server && d->unanswered++ >= REQUESTS_AN_OFFER)
		d->server = 0; /* it promised and is gone */
	send_request(d);
}

void dhcp4_send_proxy(struct dhcp4 *d, uint32_t ip)
{
	struct dhcp4_ask ask = {.type = DHCP4_REQUEST,
				.xid = d->xid,
				.secs = (uint16_t)((clock_us() - d->since_us) / 1000000),
				.mac = net_if_dev(d->nif)->mac,
				.ip = ip,
				.server = d->proxy.server_id,
				.uuid = (const uint8_t *)d->wish->client_arch_uuid};

	d->asks_proxy = true;
	send_ask_to(d->nif, d->pcb, &ask, d->proxy.server_id, PROXY_PORT);
}

/* A host's address: not of this network, not this machine, not many. */
static bool usable(uint32_t ip)
{
	return ip >> 24 != 0 && ip >> 24 != 127 && ip < 0xe0000000;
}

static void accept(struct dhcp4 *d, size_t len)
{
	d->answer = d->heard;
	memcpy(d->packet, d->incoming, len);
	d->len = len;
	d->done = true;
}

static void take_offer(struct dhcp4 *d)
{
	if (d->server || !d->heard.server_id)
		return;
	d->server = d->heard.server_id;
	d->wanted = d->heard.ip;
	d->unanswered = 0;
	send_request(d);
}

/* Begin again, under a new number so that nothing of before counts. */
static void take_nak(struct dhcp4 *d)
{
	log_note("dhcp: the server does not give the address it offered");
	d->server = 0;
	d->xid = (uint32_t)random_u64();
}

/* The first one that names a file, else the first. */
static void take_proxy(struct dhcp4 *d)
{
	if (!usable(d->heard.server_id) || d->proxy.file[0])
		return;
	if (!d->proxy.server_id || d->heard.file[0])
		d->proxy = d->heard;
}

static void take_answer(struct dhcp4 *d, size_t len)
{
	const struct dhcp4_answer *a = &d->heard;
	bool from_mine = d->server && (!a->server_id || a->server_id == d->server);

	if (a->type == DHCP4_NAK && from_mine)
		take_nak(d);
	if (!usable(a->ip))
		return;
	if (a->type == DHCP4_BOOTP && !d->server)
		accept(d, len);
	if (d->bootp)
		return;
	if (a->type == DHCP4_OFFER)
		take_offer(d);
	if (a->type == DHCP4_ACK && from_mine)
		accept(d, len);
}

static void receive(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from,
		    u16_t port)
{
	struct dhcp4 *d = arg;
	size_t len = dhcp_take(p, d->incoming, sizeof(d->incoming));

	(void)pcb, (void)from;
	if (port != SERVER_PORT && !(port == PROXY_PORT && d->asks_proxy))
		return;
	if (dhcp4_parse(d->incoming, len, d->xid, net_if_dev(d->nif)->mac, &d->heard))
		return;
	if (d->heard.pxe && (port == PROXY_PORT ? d->heard.type == DHCP4_ACK
						: d->heard.type == DHCP4_OFFER && !d->heard.ip))
		take_proxy(d);
	else if (!d->done && port == SERVER_PORT)
		take_answer(d, len);
}

static struct udp_pcb *open_port(struct net_if *nif)
{
	struct udp_pcb *pcb = udp_new_ip_type(IPADDR_TYPE_V4);

	if (!pcb)
		return NULL;
	ip_set_option(pcb, SOF_BROADCAST);
	udp_bind_netif(pcb, net_if_lwip(nif));
	if (udp_bind(pcb, IP4_ADDR_ANY, CLIENT_PORT) == ERR_OK)
		return pcb;
	udp_remove(pcb);
	return NULL;
}

int dhcp4_open(struct dhcp4 *d, struct net_if *nif, const struct net_wish *wish)
{
	memset(d, 0, sizeof(*d));
	d->nif = nif;
	d->wish = wish;
	d->bootp = wish->method == NET_BOOTP;
	d->xid = (uint32_t)random_u64();
	d->since_us = clock_us();
	d->pcb = open_port(nif);
	if (!d->pcb)
		return E_NOMEM;
	udp_recv(d->pcb, receive, d);
	return 0;
}

void dhcp4_close(struct dhcp4 *d)
{
	if (d->pcb)
		udp_remove(d->pcb);
	d->pcb = NULL;
}

void dhcp4_send_release(struct net_if *nif, uint32_t ip, uint32_t server)
{
	struct dhcp4_ask ask = {.type = DHCP4_RELEASE,
				.xid = (uint32_t)random_u64(),
				.mac = net_if_dev(nif)->mac,
				.ip = ip,
				.server = server};
	struct udp_pcb *pcb = open_port(nif);

	if (!pcb)
		return;
	send_ask(nif, pcb, &ask, server);
	udp_remove(pcb);
}
