/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The other end of a fakenet cable with lwIP on ours: we are 10.0.0.1/24, the peer is 10.0.0.2 or fe80::5054:ff:fe09:909 and
 * answers ARP and neighbour solicitations by itself. And a sink for net_fetch() that checks what every sink may expect.
 */
#ifndef FAKEPEER_H
#define FAKEPEER_H

#include "fakenet.h"
#include "net/fetch.h"

extern const uint8_t fakepeer_ip[4], fakepeer_us[4], fakepeer_ip6[16];
extern struct fakenet fakepeer_net;
extern struct net_if *fakepeer_nif;

/*
 * Plug the cable in. serve gets what is neither ARP nor a neighbour solicitation, taken apart (NULL: nobody); settle: our
 * IPv6 address is to be checked and valid.
 */
void fakepeer_start(void (*serve)(const struct fakenet_packet *q), bool settle);
void fakepeer_stop(void);
/* Nobody answers any more, not even ARP. */
void fakepeer_leave(void);
/* Let the network run while ms go by. */
void fakepeer_run_ms(unsigned ms);

/* Answers to q: a UDP datagram from a port, a TCP segment. */
void fakepeer_reply(const struct fakenet_packet *q, uint16_t port, const void *data, size_t len);
void fakepeer_segment(const struct fakenet_packet *q, uint32_t seq, uint32_t ack, uint8_t flags,
		      const void *data, size_t len);

/* Of one fetch. */
struct fakepeer_sink {
	uint64_t room;      /* more is E_NOSPC */
	uint64_t size, got; /* announced, received */
	unsigned begins;
	void (*see)(uint64_t offset, const uint8_t *bytes, size_t len); /* may be NULL */
	int (*idle)(void);                                              /* may be NULL */
};
extern struct fakepeer_sink fakepeer_sink;
extern struct net_failure fakepeer_failure;

/*
 * Fetch into the sink, which is made empty before; aborts if bytes come out of order or beyond what was announced, if it begins
 * twice, fails without a reason, takes longer than limit_s, or is a success with less than was announced.
 */
int fakepeer_get(const char *url, unsigned limit_s);

#endif
