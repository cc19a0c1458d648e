/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The messages of DHCPv4 (RFC 2131, 2132, 3396), BOOTP (RFC 951) and DHCPv6 (RFC 8415, 5970) as bytes: pure
 * functions, nothing is sent here. All outside options go through one iterator each.
 */
#ifndef NET_DHCP_H
#define NET_DHCP_H

#include "base/compiler.h"

/* ---- options ------------------------------------------------------------------------------ */

struct net_option {
	uint16_t code;
	uint16_t len;
	const uint8_t *data;
};

/*
 * The options of a DHCPv4 packet of len bytes from the BOOTP header on: those behind the cookie, then those in
 * the file and the server name field where option 52 says so. A cut option ends its field.
 */
struct dhcp4_walk {
	const uint8_t *packet;
	size_t len, at, end;
	uint8_t overload; /* fields still to come */
};
struct dhcp4_walk dhcp4_walk(const uint8_t *packet, size_t len);
bool dhcp4_next(struct dhcp4_walk *w, struct net_option *out) MUST_CHECK;

/* DHCPv6 options, which are nothing but code, length and data. */
struct dhcp6_walk {
	const uint8_t *at;
	size_t left;
};
bool dhcp6_next(struct dhcp6_walk *w, struct net_option *out) MUST_CHECK;

/* ---- DHCPv4 ------------------------------------------------------------------------------- */

enum dhcp4_type {
	DHCP4_BOOTP = 0, /* no option 53 at all */
	DHCP4_DISCOVER = 1,
	DHCP4_OFFER = 2,
	DHCP4_REQUEST = 3,
	DHCP4_ACK = 5,
	DHCP4_NAK = 6,
	DHCP4_RELEASE = 7
};

struct dhcp4_ask {
	enum dhcp4_type type;
	uint32_t xid;
	uint16_t secs;
	const uint8_t *mac;
	uint32_t ip;         /* ours already: RELEASE */
	uint32_t wanted;     /* option 50, 0: none */
	uint32_t server;     /* option 54, 0: none */
	const uint8_t *uuid; /* 16 bytes, NULL: none */
};

#define DHCP4_ASK_ROOM 548u
/* The whole buffer is written, unused bytes are 0. Returns the length to send. */
size_t dhcp4_write(const struct dhcp4_ask *ask, uint8_t buf[DHCP4_ASK_ROOM]);

/* Addresses are big-endian numbers as integers, 0 if not given; text is "" if not given or not text. */
struct dhcp4_answer {
	uint8_t type; /* enum dhcp4_type, or what else the server says */
	bool pxe;     /* it calls itself a server of network boot (option 60) */
	uint32_t ip, next_server, server_id, netmask, gateway, dns[2];
	char server[256]; /* option 66, or the server name field */
	char file[1024];  /* option 67, or the file field */
	char config_file[256], path_prefix[256], host_name[256], domain[256];
};

/* E_FORMAT: no BOOTREPLY with this xid for this MAC. */
int dhcp4_parse(const uint8_t *packet, size_t len, uint32_t xid, const uint8_t mac[6],
		struct dhcp4_answer *out) MUST_CHECK;

/* ---- DHCPv6 ------------------------------------------------------------------------------- */

enum dhcp6_type {
	DHCP6_SOLICIT = 1,
	DHCP6_ADVERTISE = 2,
	DHCP6_REQUEST = 3,
	DHCP6_REPLY = 7,
	DHCP6_INFORMATION = 11
};

#define DHCP6_DUID_MAX 130u

struct dhcp6_duid {
	uint16_t len;
	uint8_t bytes[DHCP6_DUID_MAX];
};

struct dhcp6_ask {
	enum dhcp6_type type; /* SOLICIT and REQUEST ask for an address */
	uint32_t xid;         /* 24 bits */
	const uint8_t *mac;
	uint32_t elapsed_ms;
	const struct dhcp6_duid *server; /* REQUEST */
	const uint8_t *ip;               /* REQUEST: the 16 bytes that were advertised */
};

#define DHCP6_ASK_ROOM 320u
size_t dhcp6_write(const struct dhcp6_ask *ask, uint8_t buf[DHCP6_ASK_ROOM]);

struct dhcp6_answer {
	uint8_t type;
	uint16_t status; /* 0: success */
	struct dhcp6_duid server;
	bool rapid, has_ip;
	uint8_t ip[16];
	unsigned dns_count; /* 0..2 */
	uint8_t dns[2][16];
	char url[1024];   /* option 59 */
	char params[512]; /* option 60, with blanks in between */
	char domain[256];
};

/* E_FORMAT: not for us. server.len is 0 if the server does not name itself. */
int dhcp6_parse(const uint8_t *packet, size_t len, uint32_t xid, const uint8_t mac[6],
		struct dhcp6_answer *out) MUST_CHECK;

#endif
