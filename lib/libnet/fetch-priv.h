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
	/* Routers and the server itself may say by ICMP that this leads nowhere. */
	struct raw_pcb *icmp;
	uint16_t local_port, port; /* of the conversation such a message must quote */
	const char *unreachable;   /* what it said, NULL: nothing */
};

/* Fill in *failure; returns err. What servers say is made printable. */
int fetch_fail(struct fetch *f, int err, int code, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* Fail because the sink returned err. */
int fetch_sink_failed(struct fetch *f, int err);
/* One turn of a waiting loop: the network moves, the user is asked from time to time. */
int fetch_turn(struct fetch *f) MUST_CHECK;
/* Fail because nobody answers: is the server, or the router to it, on the cable at all? */
int fetch_silence(struct fetch *f);
/* Does it not even answer ARP? */
bool fetch_is_absent(const struct fetch *f);
/* The server's address for f->url. */
int fetch_resolve(struct fetch *f) MUST_CHECK;

int tftp_get(struct fetch *f) MUST_CHECK;
int http_get(struct fetch *f) MUST_CHECK;

#endif
