/* SPDX-License-Identifier: BSD-2-Clause */
/* A network device while our own protocols use it: for load and the words of the prompt. */
#ifndef OF_NET_SESSION_H
#define OF_NET_SESSION_H

#include "net-priv.h"
#include "net/args.h"
#include "net/config.h"
#include "net/fetch.h"

struct net_session {
	struct nic *nic;
	struct net_if *nif;
	struct net_args args;
	uint8_t uuid[16];
	struct net_config config;
	bool configured;
	struct net_url url; /* what is being loaded */
};

enum net_purpose { NET_TO_LOAD, NET_TO_TALK };
/*
 * Start the device and get it an address; to talk, the one in the arguments is enough. Told. On success
 * net_session_close() ends it.
 */
int net_session_open(struct nic *nic, const char *args, enum net_purpose purpose,
		     struct net_session **out) MUST_CHECK;
void net_session_close(struct net_session *s);

/* "E3001: (net) text" */
void net_say(unsigned code, const char *text);
/* For waiting loops: E_ABORT after ESC or Ctrl-C. */
int net_idle(void *ctx);
/* Get a file to memory, with progress shown. Told. */
int net_land(struct net_session *s, const struct net_url *url, uint64_t addr, uint64_t room,
	     uint64_t *size) MUST_CHECK;

#endif
