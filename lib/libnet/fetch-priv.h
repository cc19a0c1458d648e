/* SPDX-License-Identifier: BSD-2-Clause */
/* What the protocols of net_fetch() share. */
#ifndef FETCH_PRIV_H
#define FETCH_PRIV_H

#include "lwip/ip_addr.h"

#include "base/compiler.h"
#include "net/fetch.h"

struct raw_pcb;

struct fetch {
	struct net_if *nif;
	const struct net_url *url;
	const struct net_sink *sink;
	struct net_failure *failure;
	ip_addr_t ip; /* the server's */
	uint64_t idle_us;
	bool begun; /* the sink knows */
	/* How fast it comes: bytes, how many there were when a measured minute began, and when that ends. */
	uint64_t got, got_before, minute_us;
	/* Routers and the server itself may say by ICMP that this leads nowhere. */
	struct raw_pcb *icmp;
	uint16_t local_port, port; /* of the conversation such a message must quote */
	const char *unreachable;   /* what it said, NULL: nothing */
};

/* Fill in *failure; returns err. What servers say is made printable. */
int fetch_fail(struct fetch *f, int err, int code, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* The sink's two functions; what it returns is a failure with its reason. */
int fetch_begin(struct fetch *f, uint64_t size) MUST_CHECK;
int fetch_data(struct fetch *f, uint64_t offset, const void *bytes, size_t len) MUST_CHECK;
/*
 * One turn of a waiting loop: the network moves, the user is asked from time to time, and a server that only
 * trickles is given up.
 */
int fetch_turn(struct fetch *f) MUST_CHECK;
/* Fail because nobody answers: is the server, or the router to it, on the cable at all? */
int fetch_silence(struct fetch *f);
/* Does it not even answer ARP? */
bool fetch_is_absent(const struct fetch *f);
/* The server's address for f->url. */
int fetch_resolve(struct fetch *f) MUST_CHECK;

/* A port of ours nobody can guess; it may be in use. */
uint16_t fetch_any_port(void);

int tftp_get(struct fetch *f) MUST_CHECK;
int http_get(struct fetch *f) MUST_CHECK;

#endif
