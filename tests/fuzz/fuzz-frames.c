/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whole frames into lwIP through our interface, while it is being configured, resolves a name and waits for an
 * echo. The input is frames with a byte in front saying how long they are (times 8, the last to the end) and
 * what the harness mends so that they are not dropped at once: checksums, DHCP transaction numbers, ports. The
 * oracles: no assertion of lwIP's, it ends within its deadlines, memory is given back.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "fakeclock.h"
#include "fakenet.h"
#include "net/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *at;
	size_t left;
};

static struct fakenet net;
static struct input input;
static uint8_t xid4[4], xid6[3], dns_id[2];
static uint16_t dns_port;

/* What we sent: remember the numbers an answer needs. */
static void peer(struct fakenet *n, const uint8_t *frame, size_t len)
{
	static const uint8_t router[4] = {10, 0, 0, 2};
	struct fakenet_packet p;

	if (fakenet_answer_arp(n, frame, len, router) || !fakenet_parse(frame, len, &p) ||
	    p.protocol != 17 || p.len < 8)
		return;
	if (p.dst_port == 67)
		memcpy(xid4, p.data + 4, 4);
	if (p.dst_port == 547)
		memcpy(xid6, p.data + 1, 3);
	if (p.dst_port == 53) {
		memcpy(dns_id, p.data, 2);
		dns_port = p.src_port;
	}
}

static void mend_udp(struct fakenet_packet *p, uint8_t *data)
{
	if (p->dst_port == 68 && p->len >= 34) {
		memcpy(data + 4, xid4, 4);
		memcpy(data + 28, fakenet_our_mac, 6);
	} else if (p->dst_port == 546 && p->len >= 4) {
		memcpy(data + 1, xid6, 3);
	} else if (p->src_port == 53 && p->len >= 2) {
		memcpy(data, dns_id, 2);
		p->dst_port = dns_port;
	}
}

/* Send it again with right checksums, if it is a packet at all. */
static void put_mended(uint8_t *frame, size_t len)
{
	struct fakenet_packet p;

	if (len < 14 || !fakenet_parse(frame, len, &p) || p.len < 20) {
		fakenet_put(&net, frame, len);
		return;
	}
	if (p.protocol == 17)
		mend_udp(&p, frame + (p.data - frame));
	fakenet_put_packet(&net, &p);
}

static void next_frame(void)
{
	uint8_t frame[1600];
	uint8_t how;
	size_t len;

	if (input.left < 2)
		return;
	how = *input.at++;
	input.left--;
	len = how & 0x7f ? (how & 0x7fu) * 8 : input.left;
	if (len > input.left)
		len = input.left;
	if (len > 1514)
		len = 1514;
	memcpy(frame, input.at, len);
	input.at += len;
	input.left -= len;
	if (how & 0x80)
		fakenet_put(&net, frame, len);
	else
		put_mended(frame, len);
}

/* Each look at the user brings a frame; when they are used up, the user goes. */
static int idle(void *ctx)
{
	unsigned *more = ctx;

	next_frame();
	return input.left < 2 && ++*more > 150 ? E_ABORT : 0;
}

static void use(struct net_if *nif)
{
	struct net_wish wish = {.method = NET_AUTO, .tries = 2};
	struct net_config config = {0};
	unsigned more = 0;
	struct net_watch watch = {idle, &more};
	char text[64];
	uint64_t us;

	if (net_configure(nif, &wish, &watch, &config) == 0)
		net_config_free(&config);
	(void)!net_resolve(nif, "boot.test", &watch, text, sizeof(text));
	for (unsigned i = 0; i < 8; i++)
		next_frame();
	(void)!net_ping(nif, "10.0.0.2", 20, &us);
	net_release(nif);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t before = fake_now_us;
	struct net_if *nif;

	fake_look_us = 200; /* deadlines are fewer looks away */
	input = (struct input){data, size};
	fakenet_init(&net);
	net.peer = peer;
	if (net_if_open(&net.nd, &nif))
		abort();
	use(nif);
	if (fake_now_us - before > 60 * 1000000ull)
		abort();
	net_if_close(nif);
	fakenet_free(&net);
	return 0;
}
