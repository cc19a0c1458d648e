/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCP/IP over started network devices: lwIP, polled. Any number of interfaces at once. Nothing happens unless
 * somebody calls net_poll(): whoever waits for something of the network does, in its waiting loop.
 */
#ifndef NET_STACK_H
#define NET_STACK_H

#include "dev/netdev.h"

struct net_if;
struct netif; /* lwIP's */

/*
 * An interface over nd, which stays the caller's and must outlive it. It is up, has an IPv6 link-local
 * address, listens to router advertisements and has no IPv4 address yet. E_NOMEM.
 */
int net_if_open(struct netdev *nd, struct net_if **out) MUST_CHECK;
/* Forget it: connections through it are aborted by their owners before. NULL is allowed. */
void net_if_close(struct net_if *nif);

/* Move waiting frames up and run timers; a bounded piece of work. */
void net_poll(void);

/*
 * An IPv6 address given by hand, and the router that goes with it (NULL: everybody is a neighbour). E_INVAL:
 * one of them is no such address; E_NOSPC: there are too many.
 */
int net_if_use_ip6(struct net_if *nif, const char *ip, const char *gateway) MUST_CHECK;

/* For this library's own files and tests. */
struct netif *net_if_lwip(struct net_if *nif);
struct netdev *net_if_dev(struct net_if *nif);

#endif
