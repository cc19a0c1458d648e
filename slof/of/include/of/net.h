/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Network interfaces as packages. The board binds a node to a source; the device is started at the first
 * open and stopped with the last close and at quiesce. Any number of them may be open at once, each as often
 * as one likes.
 */
#ifndef OF_NET_H
#define OF_NET_H

#include "dev/netdev.h"
#include "dt/node.h"

struct net_source {
	int (*start)(void *ctx, struct netdev **nd); /* 0 or an E_ error, told nobody yet */
	void *ctx;
	const char *driver; /* "virtio-net", for people */
};

/*
 * Class "network" for a node: open, close, read, write (raw frames), load (obp-tftp with the arguments), and its
 * properties: address-bits and max-frame-size at once; local-mac-address when somebody looks, for which the
 * device is started and stopped if nothing else tells it; mac-address once it was started. It gets the alias
 * "net". The source is copied; its ctx must outlive the node.
 *
 * read gives -2 when no frame waits. While a load or a word like ping uses the device, no frames are read
 * (-2) or written (-1) by others: it has one address, and the answers belong to who asked.
 */
void of_bind_net(struct dt_node *node, const struct net_source *source);

/* A node is about to vanish, with the hardware behind it: stop its interface and those of the nodes below. */
void of_net_gone(struct dt_node *node);

/*
 * For the prompt. Each opens a network device by its path or alias, with arguments as load takes them
 * ("net:ipv6", "net:10.0.0.1,,10.0.0.2"), asks for an address unless one is given, and closes it. Failures
 * are told; ESC and Ctrl-C end them (E_ABORT).
 */
struct of_net_answer {
	char address[48]; /* whom it was about */
	uint64_t us;      /* until the answer; UINT64_MAX: none came */
};
/* Send count echo requests to host, "": the server in the arguments; each() gets every answer or its absence and may return false to end it. */
int of_net_ping(const char *device, const char *host, unsigned count,
		bool (*each)(void *ctx, const struct of_net_answer *a), void *ctx) MUST_CHECK;
/* The address of a name. */
int of_net_resolve(const char *device, const char *host, char *out, size_t room) MUST_CHECK;
/* Every frame that arrives until each() returns false or a key is pressed. No address is asked for. */
int of_net_watch(const char *device, bool (*each)(void *ctx, const uint8_t *frame, size_t len),
		 void *ctx) MUST_CHECK;

/* What there is: start with *at = NULL; false when there are no more. Starts nothing. */
struct of_net_info {
	const char *path, *driver;
	bool started, link, has_mac;
	uint8_t mac[6];
	unsigned instances;
	const char *last; /* the last configuration in a line, "" if there was none */
};
bool of_net_next(const void **at, struct of_net_info *info);

#endif
