/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file by TFTP from a server that is the input: for every packet it gets it says up to three things, each made of
 * the input, some of them with the operation, the block number or the port a real server would use. Whatever
 * it says, bytes come in order, none beyond the room and none beyond what was announced, it ends in time, and
 * what is said to be whole has the size that was announced.
 */
#include <stdlib.h>
#include <string.h>

#include "lwip/netif.h"

#include "base/bytes.h"
#include "base/err.h"
#include "fakeclock.h"
#include "fakenet.h"
#include "net/fetch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOM  100000u
#define LIMIT (200 * 1000000ull) /* two transfers of silence and their turns */

static const uint8_t peer_ip[4] = {10, 0, 0, 2};
static struct fakenet net;
static const uint8_t *in;
static size_t left;
static uint16_t block; /* the last one acknowledged */
static struct {
	uint64_t size, got;
	unsigned begins;
} sink_is;

static uint8_t next(void)
{
	if (left == 0)
		return 0;
	left--;
	return *in++;
}

/* A packet: a kind, a length, then bytes of the input as far as they go. */
static void say(const struct fakenet_packet *q)
{
	uint8_t packet[1600] = {0};
	uint8_t how = next();
	size_t len = how & 0x80 ? next() * 6u : next() & 0x3f, some = len < left ? len : left;
	struct fakenet_packet p = *q;

	if (how & 0x40) /* bytes of the input, else zeros */
		for (size_t i = 4; i < some; i++)
			packet[i] = next();
	put_be16(packet, how & 7);
	put_be16(packet + 2, (uint16_t)(block + (how >> 3 & 3) + 1));
	if ((how & 7) == 6 && len > 2)
		memmove(packet + 2, packet + 4, sizeof(packet) - 4);
	if ((how & 7) == 7)
		put_be32(packet, (uint32_t)next() << 24 | (uint32_t)next() << 16 | next());
	memcpy(p.src, q->dst, 16);
	memcpy(p.dst, q->src, 16);
	p.src_port = how & 0x20 ? next() : 5555;
	p.dst_port = q->src_port;
	p.data = packet;
	p.len = len;
	fakenet_put_packet(&net, &p);
}

static void serve(struct fakenet *n, const uint8_t *frame, size_t len)
{
	struct fakenet_packet q;

	if (fakenet_answer_arp(n, frame, len, peer_ip) || !fakenet_parse(frame, len, &q) ||
	    q.protocol != 17 || q.len < 4 || left == 0)
		return;
	if (get_be16(q.data) == 1)
		block = 0;
	else if (get_be16(q.data) == 4)
		block = get_be16(q.data + 2);
	for (unsigned i = 1 + (next() & 3); i > 0 && left > 0; i--)
		say(&q);
}

static int begin(void *ctx, uint64_t size)
{
	(void)ctx;
	sink_is.begins++;
	sink_is.size = size;
	return size != UINT64_MAX && size > ROOM ? E_NOSPC : 0;
}

static int take(void *ctx, uint64_t offset, const void *bytes, size_t len)
{
	static volatile uint8_t sum;

	(void)ctx;
	if (offset != sink_is.got || len == 0 || (len > sink_is.size - offset))
		abort();
	for (size_t i = 0; i < len; i++)
		sum = (uint8_t)(sum + ((const uint8_t *)bytes)[i]);
	sink_is.got += len;
	return sink_is.got > ROOM ? E_NOSPC : 0;
}

/* Time flies when there is nothing more to say. */
static int idle(void *ctx)
{
	(void)ctx;
	fake_now_us += left ? 20000 : 400000;
	return 0;
}

static void get(struct net_if *nif)
{
	static const struct net_sink sink = {begin, take, idle, NULL};
	uint64_t from = fake_now_us;
	struct net_failure failure;
	struct net_url url;
	int err;

	if (net_url_parse("tftp://10.0.0.2/dir/file", &url))
		abort();
	err = net_fetch(nif, &url, &sink, &failure);
	if (fake_now_us - from > LIMIT || sink_is.begins > 1 || (err != 0) != (*failure.text != 0))
		abort();
	if (!err &&
	    (!sink_is.begins || (sink_is.size != UINT64_MAX && sink_is.got != sink_is.size)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct net_if *nif;
	ip4_addr_t ip, mask;

	in = data;
	left = size;
	block = 0;
	memset(&sink_is, 0, sizeof(sink_is));
	fakenet_init(&net);
	net.peer = serve;
	if (net_if_open(&net.nd, &nif))
		abort();
	IP4_ADDR(&ip, 10, 0, 0, 1);
	IP4_ADDR(&mask, 255, 255, 255, 0);
	netif_set_addr(net_if_lwip(nif), &ip, &mask, &ip);
	get(nif);
	net_if_close(nif);
	fakenet_free(&net);
	return 0;
}
