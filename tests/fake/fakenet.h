/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A network device whose cable ends in the test: frames sent are kept or given to a peer, frames to be
 * received are put in. And the pieces peers are made of: IPv4 and IPv6 packets with right checksums.
 */
#ifndef FAKENET_H
#define FAKENET_H

#include "dev/netdev.h"

#define FAKENET_QUEUE 256u

struct fakenet_frame {
	size_t len;
	uint8_t data[NETDEV_FRAME_MAX];
};

struct fakenet {
	struct netdev nd;
	struct fakenet_frame *in; /* to be received: a ring of FAKENET_QUEUE */
	unsigned in_head, in_count;
	struct fakenet_frame last; /* the last one sent */
	unsigned sent, lost;       /* frames; and those for which there was no room */
	/* Called for every frame sent; may put answers in. NULL: nobody there. */
	void (*peer)(struct fakenet *net, const uint8_t *frame, size_t len);
	void *peer_ctx;
	bool busy, no_link;
};

extern const uint8_t fakenet_our_mac[6], fakenet_peer_mac[6];

void fakenet_init(struct fakenet *net);
void fakenet_free(struct fakenet *net);
void fakenet_put(struct fakenet *net, const void *frame, size_t len);

/* What a packet is, taken apart. data points into the frame. */
struct fakenet_packet {
	bool v6;
	uint8_t src[16], dst[16]; /* IPv4: the first four */
	uint8_t protocol;
	uint16_t src_port, dst_port; /* UDP and TCP */
	const uint8_t *data;         /* behind the UDP header, else behind the IP header */
	size_t len;
};
/* false: neither IPv4 nor IPv6, or malformed. */
bool fakenet_parse(const uint8_t *frame, size_t len, struct fakenet_packet *out);
/* Send a packet to the device: from the peer's MAC to ours. For UDP the ports count, else data is all. */
void fakenet_put_packet(struct fakenet *net, const struct fakenet_packet *p);
/* Answer an ARP request for ip (4 bytes), or a neighbour solicitation for ip6 (16). true: it was one. */
bool fakenet_answer_arp(struct fakenet *net, const uint8_t *frame, size_t len, const uint8_t *ip);
bool fakenet_answer_ns(struct fakenet *net, const uint8_t *frame, size_t len, const uint8_t *ip6);

#endif
