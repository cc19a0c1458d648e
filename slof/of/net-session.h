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
	uint64_t asking_us; /* since when for an address */
	bool told;          /* that it takes a while */
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
/* What was loaded goes on with our address: it is not given back at the end. */
void net_session_keep_address(struct net_session *s);

/* "E3001: (net) text"; "E3001" is then why the candidate that is being tried does not boot. */
void net_say(const struct nic *nic, unsigned code, const char *text);
/* For waiting loops: E_ABORT after ESC or Ctrl-C. */
int net_idle(void *ctx);
/* Get a file to memory, with progress shown. Told. */
int net_land(struct net_session *s, const struct net_url *url, uint64_t addr, uint64_t room,
	     uint64_t *size) MUST_CHECK;

/* A file by its name or URL, at the server the arguments or the configuration name. Told. */
int net_file_url(const struct net_session *s, const char *file, struct net_url *url) MUST_CHECK;

/* net-response.c: the packet that configured us, or none, to /chosen. */
void net_publish(const struct net_config *c, enum net_method method);

/*
 * What pxelinux would do, configured by a file below prefix (a folder's name or URL that ends in '/'): the kernel to
 * addr, its initrd kept by the loader, arguments to /chosen. E_NOENT also when the configuration leaves it to the next
 * device. Told.
 */
int net_load_pxelinux(struct net_session *s, const char *prefix, uint64_t addr,
		      uint64_t *size) MUST_CHECK;
/*
 * What is to be booted, by the default or what a person chooses: a line for pxelinux_choose(), the
 * caller's to free. E_ABORT, E_NOENT, E_NOMEM.
 */
struct pxelinux;
int net_pxe_ask(const struct pxelinux *cfg, char **line) MUST_CHECK;

#endif
