/* SPDX-License-Identifier: BSD-2-Clause */
/* What lwIP calls us for. Plain C types only: this is seen by all of lwIP. */
#ifndef NET_PORT_HOOKS_H
#define NET_PORT_HOOKS_H

#include <stddef.h>
#include <stdint.h>

struct pbuf;
struct netif;

/* Look at an IPv6 packet first; not 0: it was taken. */
int net_ip6_input(struct pbuf *p, struct netif *netif);
#define LWIP_HOOK_IP6_INPUT(p, netif) net_ip6_input(p, netif)

/* The router on the way to an address when none has advertised itself: given by hand, or nobody: it is a neighbour. */
struct ip6_addr;
const struct ip6_addr *net_ip6_gateway(struct netif *netif, const struct ip6_addr *to);
#define LWIP_HOOK_ND6_GET_GW(netif, to) net_ip6_gateway(netif, to)

/* A DHCP answer comes to whatever address the server chose for us (RFC 1542 3.1.1); port is big-endian. */
#define LWIP_IP_ACCEPT_UDP_PORT(port) ((port) == PP_NTOHS(68))

uint32_t net_random(void);
#define LWIP_HOOK_TCP_ISN(local_ip, local_port, remote_ip, remote_port) net_random()

void *net_heap_malloc(size_t size);
void *net_heap_calloc(size_t count, size_t size);
void net_heap_free(void *block);

#endif
