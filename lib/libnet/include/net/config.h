/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An interface's addresses and what to boot: DHCPv4, BOOTP, router advertisements with DHCPv6, or given by
 * hand. Everything a server says is checked and copied.
 */
#ifndef NET_CONFIG_H
#define NET_CONFIG_H

#include "net/stack.h"

enum net_method { NET_AUTO, NET_DHCP, NET_BOOTP, NET_IPV6, NET_STATIC };

/* What the user asked for; all of it may be empty. */
struct net_wish {
	enum net_method method; /* AUTO: DHCPv4, then IPv6, in turn until the tries are used up */
	unsigned tries;         /* of two seconds each, and for each way; 0: 10, at most 1000 */
	uint32_t ip, gateway, netmask; /* IPv4, big-endian numbers as integers; 0: not given */
	char ip6[48], gateway6[48];    /* IPv6, as text; "": not given */
	const char *client_arch_uuid;  /* 16 bytes for option 97, NULL: none */
	bool wants_file; /* if the server names no file, somebody else on the network may (proxyDHCP) */
};

struct net_config {
	bool is_v6;
	char ip[48], server[256], gateway[48], dns[2][48]; /* text; "" if there is none */
	uint32_t netmask;
	char file[1024];       /* boot file or URL; "" if none */
	char config_file[256]; /* DHCP option 209 */
	char path_prefix[256]; /* DHCP option 210 */
	char host_name[256], domain[256];
	char params[512]; /* the boot file's arguments, by DHCPv6 */
	/* The packet that won, as it came (from the BOOTP header or the DHCPv6 message on); owned. */
	uint8_t *packet;
	size_t packet_len;
};

/* Called from time to time; E_ABORT ends the attempt. */
struct net_watch {
	int (*idle)(void *ctx);
	void *ctx;
};

/*
 * Configure an interface. 0; E_TIMEOUT (nobody answers), E_ABORT, E_NOMEM, E_INVAL (NET_STATIC without an
 * address). On success the caller ends with net_config_free().
 */
int net_configure(struct net_if *nif, const struct net_wish *wish, const struct net_watch *watch,
		  struct net_config *out) MUST_CHECK;
void net_config_free(struct net_config *config);
/* An IPv4 address in text as an integer; 0: it is none. */
uint32_t net_ip4_of(const char *text);
/* Give the lease back (DHCPRELEASE), if there is one. */
void net_release(struct net_if *nif);
/* Whoever is booted uses it on: nothing is left to give back. */
void net_keep_lease(struct net_if *nif);

/* A name's address by DNS, as text; addresses stay what they are. E_NOENT, E_TIMEOUT. */
int net_resolve(struct net_if *nif, const char *name, const struct net_watch *watch, char *out,
		size_t room) MUST_CHECK;
/* The time in us until an echo comes back; E_TIMEOUT, E_INVAL, E_NOMEM. host is an address. */
int net_ping(struct net_if *nif, const char *host, uint32_t timeout_ms, uint64_t *us) MUST_CHECK;

#endif
