/* SPDX-License-Identifier: BSD-2-Clause */
/* An interface's configuration against scripted servers: DHCPv4, BOOTP, routers with DHCPv6. */
#include "check.h"
#include "fakeclock.h"
#include "fakeheap.h"
#include "fakenet.h"

#include "lwip/netif.h"

#include "base/bytes.h"
#include "base/err.h"
#include "net/config.h"
#include "net/dhcp.h"
#include "net/stack.h"

static const uint8_t peer_ip[4] = {10, 0, 0, 2};
static struct fakenet net;
static struct net_if *nif;
static struct net_config config;

/* ---- a DHCPv4 server ---------------------------------------------------------------------- */

/* What it does; all 0: it answers as it should. */
static struct {
	bool silent, bootp, wrong_xid, no_server_id, two_offers, mute_ack, wrong_mac;
	unsigned naks;        /* requests to be refused first */
	unsigned silent_asks; /* discovers not to be answered first */
	const uint8_t *extra; /* options put behind the usual ones */
	size_t extra_len;
	const uint8_t *file_field, *sname_field; /* 128 and 64 bytes */
	unsigned discovers, requests, releases;
	uint8_t last[1500];
	size_t last_len;
	uint32_t requested, requested_of;
} server;

static uint8_t *option(uint8_t *p, uint8_t code, uint32_t value)
{
	p[0] = code;
	p[1] = 4;
	put_be32(p + 2, value);
	return p + 6;
}

static void send_answer(const uint8_t *ask, uint8_t type, uint32_t ip, uint32_t id)
{
	uint8_t msg[1200] = {2, 1, 6}, *p = msg + 240;
	struct fakenet_packet out = {.protocol = 17, .src_port = 67, .dst_port = 68, .data = msg};

	put_be32(msg + 4, get_be32(ask + 4) + server.wrong_xid);
	put_be32(msg + 16, ip);
	put_be32(msg + 20, 0x0a000003);
	memcpy(msg + 28, ask + 28, 6);
	msg[28] ^= server.wrong_mac;
	strcpy((char *)msg + 108, "boot/file");
	if (server.file_field)
		memcpy(msg + 108, server.file_field, 128);
	if (server.sname_field)
		memcpy(msg + 44, server.sname_field, 64);
	put_be32(msg + 236, 0x63825363);
	if (type) {
		*p++ = 53, *p++ = 1, *p++ = type;
		p = server.no_server_id ? p : option(p, 54, id);
		p = option(p, 1, 0xffffff00);
		p = option(p, 3, 0x0a000001);
		p = option(p, 6, 0x0a000035);
	}
	if (server.extra)
		memcpy(p, server.extra, server.extra_len);
	p += server.extra ? server.extra_len : 0;
	*p++ = 255;
	memcpy(out.src, peer_ip, 4);
	memset(out.dst, 255, 4);
	out.len = (size_t)(p - msg);
	memcpy(server.last, msg, out.len);
	server.last_len = out.len;
	fakenet_put_packet(&net, &out);
}

static void discovered(const uint8_t *ask)
{
	if (server.discovers++ < server.silent_asks)
		return;
	if (server.bootp) {
		send_answer(ask, 0, 0x0a000009, 0);
		return;
	}
	send_answer(ask, DHCP4_OFFER, 0x0a000009, 0x0a000002);
	if (server.two_offers)
		send_answer(ask, DHCP4_OFFER, 0x0a00000a, 0x0a000004);
}

static void requested(const uint8_t *ask)
{
	server.requests++;
	if (server.mute_ack)
		return;
	if (server.naks) {
		server.naks--;
		send_answer(ask, DHCP4_NAK, 0, 0x0a000002);
		return;
	}
	send_answer(ask, DHCP4_ACK, server.requested, server.requested_of);
}

static void dhcp4_server(const struct fakenet_packet *p)
{
	struct dhcp4_walk w = dhcp4_walk(p->data, p->len);
	struct net_option o;
	unsigned type = 0;

	if (server.silent)
		return;
	while (dhcp4_next(&w, &o)) {
		if (o.code == 53)
			type = o.data[0];
		if (o.code == 50)
			server.requested = get_be32(o.data);
		if (o.code == 54)
			server.requested_of = get_be32(o.data);
	}
	if (type == DHCP4_DISCOVER || type == DHCP4_BOOTP)
		discovered(p->data);
	if (type == DHCP4_REQUEST)
		requested(p->data);
	server.releases += type == DHCP4_RELEASE;
}

static void peer(struct fakenet *n, const uint8_t *frame, size_t len)
{
	struct fakenet_packet p;

	if (fakenet_answer_arp(n, frame, len, peer_ip) || !fakenet_parse(frame, len, &p))
		return;
	if (!p.v6 && p.protocol == 17 && p.dst_port == 67 && p.src_port == 68)
		dhcp4_server(&p);
}

static void start(void)
{
	memset(&server, 0, sizeof(server));
	memset(&config, 0, sizeof(config));
	fakenet_init(&net);
	CHECK_EQ(net_if_open(&net.nd, &nif), 0);
	net.peer = peer;
}

static void stop(void)
{
	net_config_free(&config);
	net_if_close(nif);
	fakenet_free(&net);
}

static int configure(enum net_method method, unsigned tries)
{
	struct net_wish wish = {.method = method, .tries = tries};

	return net_configure(nif, &wish, NULL, &config);
}

/* ---- DHCPv4 ------------------------------------------------------------------------------- */

static void test_dhcp_gives_addresses_and_a_boot_file(void)
{
	start();
	CHECK_EQ(configure(NET_AUTO, 0), 0);
	CHECK(!config.is_v6);
	CHECK_STR(config.ip, "10.0.0.9");
	CHECK_STR(config.gateway, "10.0.0.1");
	CHECK_STR(config.dns[0], "10.0.0.53");
	CHECK_STR(config.server, "10.0.0.3");
	CHECK_STR(config.file, "boot/file");
	CHECK_EQ(config.netmask, 0xffffff00);
	CHECK_EQ(netif_ip4_addr(net_if_lwip(nif))->addr, lwip_htonl(0x0a000009));
	stop();
}

static void test_the_packet_that_won_is_kept_as_it_came(void)
{
	start();
	CHECK_EQ(configure(NET_DHCP, 1), 0);
	CHECK_EQ(config.packet_len, server.last_len);
	CHECK(!memcmp(config.packet, server.last, server.last_len));
	stop();
}

static const struct test tests[] = {
	TEST(test_dhcp_gives_addresses_and_a_boot_file),
	TEST(test_the_packet_that_won_is_kept_as_it_came),
};

int main(void)
{
	return run_tests(tests, ARRAY_SIZE(tests));
}
