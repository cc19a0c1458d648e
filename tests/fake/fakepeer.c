/* SPDX-License-Identifier: BSD-2-Clause */
/* Somebody at the other end of the cable, and somebody who wants a file. */
#include "fakepeer.h"

#include <stdlib.h>
#include <string.h>

#include "lwip/netif.h"

#include "base/bytes.h"
#include "base/err.h"
#include "fakeclock.h"

const uint8_t fakepeer_ip[4] = {10, 0, 0, 2}, fakepeer_us[4] = {10, 0, 0, 1};
const uint8_t fakepeer_ip6[16] = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0x50, 0x54, 0, 0xff, 0xfe, 9, 9, 9};
struct fakenet fakepeer_net;
struct net_if *fakepeer_nif;
struct fakepeer_sink fakepeer_sink;
struct net_failure fakepeer_failure;

static void (*server)(const struct fakenet_packet *q);

/* ---- the cable ---------------------------------------------------------------------------- */

static void on_frame(struct fakenet *net, const uint8_t *frame, size_t len)
{
	struct fakenet_packet q;

	if (fakenet_answer_arp(net, frame, len, fakepeer_ip) ||
	    fakenet_answer_ns(net, frame, len, fakepeer_ip6) || !server ||
	    !fakenet_parse(frame, len, &q))
		return;
	server(&q);
}

void fakepeer_run_ms(unsigned ms)
{
	for (unsigned i = 0; i < ms; i++) {
		net_poll();
		fake_now_us += 1000;
	}
}

void fakepeer_start(void (*serve)(const struct fakenet_packet *q), bool settle)
{
	ip4_addr_t ip, mask;

	fakenet_init(&fakepeer_net);
	if (net_if_open(&fakepeer_net.nd, &fakepeer_nif))
		abort();
	IP4_ADDR(&ip, 10, 0, 0, 1);
	IP4_ADDR(&mask, 255, 255, 255, 0);
	netif_set_addr(net_if_lwip(fakepeer_nif), &ip, &mask, &ip);
	server = serve;
	fakepeer_net.peer = on_frame;
	if (settle)
		fakepeer_run_ms(3000); /* duplicate address detection */
}

void fakepeer_stop(void)
{
	net_if_close(fakepeer_nif);
	fakenet_free(&fakepeer_net);
}

void fakepeer_leave(void)
{
	fakepeer_net.peer = NULL;
}

/* ---- answers ------------------------------------------------------------------------------ */

static struct fakenet_packet back(const struct fakenet_packet *q)
{
	struct fakenet_packet p = *q;

	memcpy(p.src, q->dst, 16);
	memcpy(p.dst, q->src, 16);
	return p;
}

void fakepeer_reply(const struct fakenet_packet *q, uint16_t port, const void *data, size_t len)
{
	struct fakenet_packet p = back(q);

	p.src_port = port;
	p.dst_port = q->src_port;
	p.data = data;
	p.len = len;
	fakenet_put_packet(&fakepeer_net, &p);
}

void fakepeer_segment(const struct fakenet_packet *q, uint32_t seq, uint32_t ack, uint8_t flags,
		      const void *data, size_t len)
{
	uint8_t tcp[1400] = {0};
	struct fakenet_packet p = back(q);

	if (len > sizeof(tcp) - 20)
		abort();
	put_be16(tcp, q->dst_port);
	put_be16(tcp + 2, q->src_port);
	put_be32(tcp + 4, seq);
	put_be32(tcp + 8, ack);
	tcp[12] = 0x50;
	tcp[13] = flags;
	put_be16(tcp + 14, 60000);
	memcpy(tcp + 20, data, len);
	p.data = tcp;
	p.len = 20 + len;
	fakenet_put_packet(&fakepeer_net, &p);
}

/* ---- the sink ----------------------------------------------------------------------------- */

static int begin(void *ctx, uint64_t size)
{
	struct fakepeer_sink *s = ctx;

	s->begins++;
	s->size = size;
	return size != UINT64_MAX && size > s->room ? E_NOSPC : 0;
}

static int take(void *ctx, uint64_t offset, const void *bytes, size_t len)
{
	static volatile uint8_t sum;
	struct fakepeer_sink *s = ctx;

	if (offset != s->got || len == 0 || len > s->size - offset)
		abort();
	for (size_t i = 0; i < len; i++) /* all of it can be read */
		sum = (uint8_t)(sum + ((const uint8_t *)bytes)[i]);
	if (s->see)
		s->see(offset, bytes, len);
	s->got += len;
	return s->got > s->room ? E_NOSPC : 0;
}

static int idle(void *ctx)
{
	struct fakepeer_sink *s = ctx;

	return s->idle ? s->idle() : 0;
}

int fakepeer_get(const char *text, unsigned limit_s)
{
	const struct net_sink sink = {begin, take, idle, &fakepeer_sink};
	struct fakepeer_sink *s = &fakepeer_sink;
	uint64_t from = fake_now_us;
	struct net_url url;
	int err;

	s->size = s->got = 0;
	s->begins = 0;
	if (net_url_parse(text, &url))
		abort();
	err = net_fetch(fakepeer_nif, &url, &sink, &fakepeer_failure);
	if (fake_now_us - from > limit_s * 1000000ull || s->begins > 1 ||
	    (err != 0) != (*fakepeer_failure.text != 0))
		abort();
	if (!err && (!s->begins || (s->size != UINT64_MAX && s->got != s->size)))
		abort();
	return err;
}
