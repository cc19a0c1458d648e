/* SPDX-License-Identifier: BSD-2-Clause */
/* What net_configure() is made of: two clients that run at the same time, fed by net_poll(). */
#ifndef CONFIG_PRIV_H
#define CONFIG_PRIV_H

#include "net/config.h"
#include "net/dhcp.h"

struct udp_pcb;
struct raw_pcb;

/* Messages longer than this are nobody's. */
#define DHCP_PACKET_ROOM 1500u

struct dhcp4 {
	struct net_if *nif;
	struct udp_pcb *pcb;
	const struct net_wish *wish;
	uint64_t since_us;
	uint32_t xid;
	bool bootp, done;
	unsigned unanswered;     /* REQUESTs since the offer */
	uint32_t wanted, server; /* what was offered; 0: nothing yet */
	struct dhcp4_answer answer;
	uint8_t packet[DHCP_PACKET_ROOM];
	size_t len;
	struct dhcp4_answer heard; /* what came last, to be judged */
	uint8_t incoming[DHCP_PACKET_ROOM];
	/* A server that gives no addresses, but tells what to boot (proxyDHCP, PXE 2.1). */
	struct dhcp4_answer proxy; /* server_id: its address, 0: none was heard of */
	bool asks_proxy;
};

int dhcp4_open(struct dhcp4 *d, struct net_if *nif, const struct net_wish *wish) MUST_CHECK;
void dhcp4_close(struct dhcp4 *d);
/* Ask, or ask again. Answers come while the network is polled; done tells. */
void dhcp4_send(struct dhcp4 *d);
/* Ask the proxy for a file, at the port it has for that; we are ip. proxy.file tells. */
void dhcp4_send_proxy(struct dhcp4 *d, uint32_t ip);
/* Give an address back. */
void dhcp4_send_release(struct net_if *nif, uint32_t ip, uint32_t server);

struct dhcp6 {
	struct net_if *nif;
	struct udp_pcb *pcb;
	struct raw_pcb *ra; /* listens to router advertisements for their flags */
	uint64_t since_us;
	uint32_t xid;
	unsigned sent;
	bool router, managed; /* an advertisement came; it says addresses are given by DHCPv6 */
	bool wants_ip;        /* what was sent last asks for an address */
	bool have_reply;
	struct dhcp6_answer offer, answer; /* offer.has_ip: it was advertised to us */
	uint8_t packet[DHCP_PACKET_ROOM];
	size_t len;
	struct dhcp6_answer heard; /* what came last, to be judged */
	uint8_t incoming[DHCP_PACKET_ROOM];
};

int dhcp6_open(struct dhcp6 *d, struct net_if *nif) MUST_CHECK;
void dhcp6_close(struct dhcp6 *d);
void dhcp6_send(struct dhcp6 *d);
/* There is an address to work with, and DHCPv6 has said what it has to say. */
bool dhcp6_done(const struct dhcp6 *d);
/* DHCPv6 has, but neither a router nor an address was heard of: good only when no more can be expected. */
bool dhcp6_on_link(const struct dhcp6 *d);
/* The number of our address that is not link-local and may be used, -1: none. */
int dhcp6_global(struct net_if *nif);

/* A datagram of ours into bytes; 0 if it is too long. Frees p. */
struct pbuf;
size_t dhcp_take(struct pbuf *p, uint8_t *out, size_t room);

#endif
