/* SPDX-License-Identifier: BSD-2-Clause */
/* A cable into the test. */
#include "fakenet.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"

const uint8_t fakenet_our_mac[6] = {0x52, 0x54, 0, 1, 2, 3};
const uint8_t fakenet_peer_mac[6] = {0x52, 0x54, 0, 9, 9, 9};

static struct fakenet *net_of(struct netdev *nd)
{
	return (struct fakenet *)((char *)nd - offsetof(struct fakenet, nd));
}

static int fake_send(struct netdev *nd, const void *frame, size_t len)
{
	struct fakenet *net = net_of(nd);

	if (net->busy)
		return E_BUSY;
	if (len < 14 || len > nd->max_frame)
		abort();
	memcpy(net->last.data, frame, len);
	net->last.len = len;
	net->sent++;
	if (net->peer) {
		uint8_t *copy = malloc(len);

		memcpy(copy, frame, len);
		net->peer(net, copy, len);
		free(copy);
	}
	return 0;
}

static size_t fake_receive(struct netdev *nd, void *frame, size_t room)
{
	struct fakenet *net = net_of(nd);
	struct fakenet_frame *f = &net->in[net->in_head];
	size_t len;

	if (net->in_count == 0)
		return 0;
	net->in_head = (net->in_head + 1) % FAKENET_QUEUE;
	net->in_count--;
	len = f->len <= room ? f->len : 0;
	memcpy(frame, f->data, len);
	return len;
}

static bool fake_link_up(struct netdev *nd)
{
	return !net_of(nd)->no_link;
}

static void fake_stop(struct netdev *nd)
{
	(void)nd;
}

static const struct netdev_ops fake_ops = {fake_send, fake_receive, fake_link_up, fake_stop};

void fakenet_init(struct fakenet *net)
{
	memset(net, 0, sizeof(*net));
	net->in = calloc(FAKENET_QUEUE, sizeof(*net->in));
	net->nd = (struct netdev){.ops = &fake_ops, .max_frame = 1514, .about = "fake"};
	memcpy(net->nd.mac, fakenet_our_mac, 6);
}

void fakenet_free(struct fakenet *net)
{
	free(net->in);
	net->in = NULL;
}

void fakenet_put(struct fakenet *net, const void *frame, size_t len)
{
	struct fakenet_frame *f = &net->in[(net->in_head + net->in_count) % FAKENET_QUEUE];

	if (net->in_count == FAKENET_QUEUE || len > sizeof(f->data)) {
		net->lost++;
		return;
	}
	memcpy(f->data, frame, len);
	f->len = len;
	net->in_count++;
}

/* ---- packets ------------------------------------------------------------------------------ */

static uint32_t sum(uint32_t acc, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i + 1 < len; i += 2)
		acc += get_be16(p + i);
	if (len & 1)
		acc += (uint32_t)p[len - 1] << 8;
	return acc;
}

static uint16_t fold(uint32_t acc)
{
	while (acc >> 16)
		acc = (acc & 0xffff) + (acc >> 16);
	return (uint16_t)~acc;
}

static bool parse_udp(struct fakenet_packet *p)
{
	if (p->len < 8)
		return false;
	p->src_port = get_be16(p->data);
	p->dst_port = get_be16(p->data + 2);
	if (p->protocol == 6)
		return true;
	p->data += 8;
	p->len -= 8;
	return true;
}

bool fakenet_parse(const uint8_t *frame, size_t len, struct fakenet_packet *p)
{
	const uint8_t *ip = frame + 14;
	uint16_t type = get_be16(frame + 12);
	size_t header = type == 0x86dd ? 40 : 20, total;

	memset(p, 0, sizeof(*p));
	if ((type != 0x800 && type != 0x86dd) || len < 14 + header)
		return false;
	p->v6 = type == 0x86dd;
	if (!p->v6)
		header = 4u * (ip[0] & 15);
	total = p->v6 ? 40u + get_be16(ip + 4) : get_be16(ip + 2);
	if (total > len - 14 || total < header)
		return false;
	memcpy(p->src, p->v6 ? ip + 8 : ip + 12, p->v6 ? 16 : 4);
	memcpy(p->dst, p->v6 ? ip + 24 : ip + 16, p->v6 ? 16 : 4);
	p->protocol = p->v6 ? ip[6] : ip[9];
	p->data = ip + header;
	p->len = total - header;
	return (p->protocol != 17 && p->protocol != 6) || parse_udp(p);
}

/* Over the pseudo header; at: where in the payload the checksum is. */
static void put_checksum(const struct fakenet_packet *p, uint8_t *payload, size_t len, size_t at)
{
	unsigned n = p->v6 ? 16 : 4;
	uint32_t acc = sum(sum(0, p->src, n), p->dst, n) + p->protocol + (uint32_t)len;

	put_be16(payload + at, 0);
	put_be16(payload + at, fold(sum(acc, payload, len)));
}

static size_t fill_ip(uint8_t *ip, const struct fakenet_packet *p, size_t payload)
{
	if (p->v6) {
		put_be32(ip, 0x60000000);
		put_be16(ip + 4, (uint16_t)payload);
		ip[6] = p->protocol;
		ip[7] = 255;
		memcpy(ip + 8, p->src, 16);
		memcpy(ip + 24, p->dst, 16);
		return 40;
	}
	memset(ip, 0, 20);
	ip[0] = 0x45;
	put_be16(ip + 2, (uint16_t)(20 + payload));
	ip[8] = 64;
	ip[9] = p->protocol;
	memcpy(ip + 12, p->src, 4);
	memcpy(ip + 16, p->dst, 4);
	put_be16(ip + 10, fold(sum(0, ip, 20)));
	return 20;
}

void fakenet_put_packet(struct fakenet *net, const struct fakenet_packet *p)
{
	uint8_t frame[NETDEV_FRAME_MAX], *payload;
	size_t udp = p->protocol == 17 ? 8 : 0, header;

	memcpy(frame, fakenet_our_mac, 6);
	memcpy(frame + 6, fakenet_peer_mac, 6);
	put_be16(frame + 12, p->v6 ? 0x86dd : 0x800);
	header = fill_ip(frame + 14, p, udp + p->len);
	payload = frame + 14 + header;
	memcpy(payload + udp, p->data, p->len);
	if (udp) {
		put_be16(payload, p->src_port);
		put_be16(payload + 2, p->dst_port);
		put_be16(payload + 4, (uint16_t)(8 + p->len));
		put_checksum(p, payload, 8 + p->len, 6);
	} else if (p->protocol == 58) {
		put_checksum(p, payload, p->len, 2);
	} else if (p->protocol == 1) {
		put_be16(payload + 2, 0);
		put_be16(payload + 2, fold(sum(0, payload, p->len)));
	} else if (p->protocol == 6) {
		put_checksum(p, payload, p->len, 16);
	}
	fakenet_put(net, frame, 14 + header + udp + p->len);
}

bool fakenet_answer_arp(struct fakenet *net, const uint8_t *frame, size_t len, const uint8_t *ip)
{
	uint8_t reply[60] = {0};

	if (len < 42 || get_be16(frame + 12) != 0x806 || get_be16(frame + 20) != 1 ||
	    memcmp(frame + 38, ip, 4))
		return false;
	memcpy(reply, frame + 6, 6);
	memcpy(reply + 6, fakenet_peer_mac, 6);
	memcpy(reply + 12, frame + 12, 8);
	put_be16(reply + 20, 2);
	memcpy(reply + 22, fakenet_peer_mac, 6);
	memcpy(reply + 28, ip, 4);
	memcpy(reply + 32, frame + 22, 10);
	fakenet_put(net, reply, sizeof(reply));
	return true;
}

bool fakenet_answer_ns(struct fakenet *net, const uint8_t *frame, size_t len, const uint8_t *ip6)
{
	uint8_t na[32] = {136, 0, 0, 0, 0x60};
	struct fakenet_packet p;

	if (!fakenet_parse(frame, len, &p) || !p.v6 || p.protocol != 58 || p.len < 24 ||
	    p.data[0] != 135 || memcmp(p.data + 8, ip6, 16))
		return false;
	memcpy(na + 8, ip6, 16);
	na[24] = 2;
	na[25] = 1;
	memcpy(na + 26, fakenet_peer_mac, 6);
	memcpy(p.dst, p.src, 16);
	memcpy(p.src, ip6, 16);
	p.data = na;
	p.len = sizeof(na);
	fakenet_put_packet(net, &p);
	return true;
}
