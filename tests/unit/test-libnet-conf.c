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

static const uint8_t peer_ip[4] = {10, 0, 0, 2}, dns_ip[4] = {10, 0, 0, 53};
static const uint8_t router_ip6[16] = {0xfe, 0x80, 0, 0,    0,    0, 0, 0,
				       0x50, 0x54, 0, 0xff, 0xfe, 9, 9, 9};
static const uint8_t our_ip6[16] = {0xfe, 0x80, 0, 0,    0,    0, 0, 0,
				    0x50, 0x54, 0, 0xff, 0xfe, 1, 2, 3};
static const uint8_t given_ip6[16] = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x12, 0x34};
static struct fakenet net;
static struct net_if *nif;
static struct net_config config;

/* ---- a DHCPv4 server ---------------------------------------------------------------------- */

/* What it does; all 0: it answers as it should. */
static struct {
	bool no_file, silent, bootp, wrong_xid, no_server_id, two_offers, mute_ack, wrong_mac;
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
	if (!server.no_file)
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

/* Another one, that gives no addresses; what: the file it tells at once, or at port 4011. */
static struct {
	const char *file, *late_file;
	unsigned asked;
	uint32_t asked_by;
} proxy;

static void send_proxy(const uint8_t *ask, uint8_t type, uint16_t port, const char *file)
{
	uint8_t msg[600] = {2, 1, 6}, *p = msg + 240;
	struct fakenet_packet out = {.protocol = 17, .src_port = port, .dst_port = 68, .data = msg};

	put_be32(msg + 4, get_be32(ask + 4));
	memcpy(msg + 28, ask + 28, 6);
	strcpy((char *)msg + 108, file);
	put_be32(msg + 236, 0x63825363);
	*p++ = 53, *p++ = 1, *p++ = type;
	p = option(p, 54, 0x0a000002);
	*p++ = 60, *p++ = 9;
	memcpy(p, "PXEClient", 9);
	p += 9;
	*p++ = 255;
	memcpy(out.src, peer_ip, 4);
	memset(out.dst, 255, 4);
	out.len = (size_t)(p - msg);
	fakenet_put_packet(&net, &out);
}

static void proxy_server(const uint8_t *ask)
{
	proxy.asked++;
	proxy.asked_by = get_be32(ask + 12);
	if (proxy.late_file)
		send_proxy(ask, DHCP4_ACK, 4011, proxy.late_file);
}

static void discovered(const uint8_t *ask)
{
	if (proxy.file)
		send_proxy(ask, DHCP4_OFFER, 67, proxy.file);
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

/* ---- a router, a DHCPv6 server, a DNS server, an echo ------------------------------------- */

static struct {
	const uint8_t *params; /* option 60 */
	size_t params_len;
	bool router, managed, dhcp6, stateful, no_server_id, rapid;
	unsigned status;
	unsigned informs, solicits, requests;
} v6;

static void send_ra(void)
{
	uint8_t ra[16 + 32] = {134, 0, 0, 0, 64, 0x40, 0x07, 0x08};
	struct fakenet_packet p = {.v6 = true, .protocol = 58, .data = ra, .len = sizeof(ra)};

	if (v6.managed)
		ra[5] |= 0x80;
	ra[16] = 3, ra[17] = 4, ra[18] = 64, ra[19] = v6.managed ? 0x80 : 0xc0;
	put_be32(ra + 20, 7200);
	put_be32(ra + 24, 3600);
	memcpy(ra + 32, given_ip6, 8);
	memcpy(p.src, router_ip6, 16);
	p.dst[0] = 0xff, p.dst[1] = 2, p.dst[15] = 1;
	fakenet_put_packet(&net, &p);
}

static uint8_t *option6(uint8_t *at, uint16_t code, const void *data, size_t len)
{
	put_be16(at, code);
	put_be16(at + 2, (uint16_t)len);
	memcpy(at + 4, data, len);
	return at + 4 + len;
}

static uint8_t *put_ia(uint8_t *at, const uint8_t *iaid)
{
	uint8_t ia[12 + 28] = {0};

	memcpy(ia, iaid, 4);
	put_be16(ia + 12, 5);
	put_be16(ia + 14, 24);
	memcpy(ia + 16, given_ip6, 16);
	put_be32(ia + 32, 3600);
	put_be32(ia + 36, 7200);
	return option6(at, 3, ia, sizeof(ia));
}

static void send_dhcp6(const struct fakenet_packet *ask, uint8_t type)
{
	static const char url[] = "tftp://[2001:db8::1]/boot6";
	static const uint8_t domain[] = {3, 'l', 'a', 'b', 4, 't', 'e', 's', 't', 0};
	uint8_t msg[600], *p = msg + 4, status[2] = {0, (uint8_t)v6.status};
	struct fakenet_packet out = {.v6 = true, .protocol = 17, .src_port = 547, .dst_port = 546};
	struct dhcp6_walk w = {ask->data + 4, ask->len - 4};
	struct net_option o;

	put_be32(msg, (uint32_t)type << 24 | (get_be32(ask->data) & 0xffffff));
	while (dhcp6_next(&w, &o)) {
		if (o.code == 1)
			p = option6(p, 1, o.data, o.len);
		if (o.code == 3 && v6.stateful)
			p = put_ia(p, o.data);
	}
	if (!v6.no_server_id)
		p = option6(p, 2, "server", 6);
	if (v6.status)
		p = option6(p, 13, status, 2);
	if (v6.rapid)
		p = option6(p, 14, "", 0);
	p = option6(p, 23, given_ip6, 16);
	p = option6(p, 24, domain, sizeof(domain));
	p = option6(p, 59, url, sizeof(url) - 1);
	if (v6.params)
		p = option6(p, 60, v6.params, v6.params_len);
	out.data = msg;
	out.len = (size_t)(p - msg);
	memcpy(out.src, router_ip6, 16);
	memcpy(out.dst, our_ip6, 16);
	memcpy(server.last, msg, out.len);
	server.last_len = out.len;
	fakenet_put_packet(&net, &out);
}

static void dhcp6_server(const struct fakenet_packet *p)
{
	v6.informs += p->data[0] == DHCP6_INFORMATION;
	v6.solicits += p->data[0] == DHCP6_SOLICIT;
	v6.requests += p->data[0] == DHCP6_REQUEST;
	if (!v6.dhcp6)
		return;
	if (p->data[0] == DHCP6_SOLICIT && v6.stateful)
		send_dhcp6(p, v6.rapid ? DHCP6_REPLY : DHCP6_ADVERTISE);
	if (p->data[0] == DHCP6_REQUEST || (p->data[0] == DHCP6_INFORMATION && !v6.stateful))
		send_dhcp6(p, DHCP6_REPLY);
}

/* One that knows "boot.test" (A) and "six.test" (AAAA), and no other names. */
static bool dns_silent;

static void dns_server(const struct fakenet_packet *q)
{
	static const uint8_t a[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0, 77};
	uint8_t msg[600] = {0};
	bool aaaa = q->len > 16 && q->data[q->len - 3] == 28;
	struct fakenet_packet out = {.protocol = 17,
				     .src_port = 53,
				     .dst_port = q->src_port,
				     .data = msg,
				     .len = q->len};

	if (dns_silent || q->len > 500)
		return;
	memcpy(msg, q->data, q->len);
	msg[2] = 0x81, msg[3] = 0x80;
	if (!aaaa && !memcmp(msg + 12, "\4boot\4test", 11)) {
		msg[7] = 1;
		memcpy(msg + q->len, a, sizeof(a));
		out.len += sizeof(a);
	} else if (aaaa && !memcmp(msg + 12, "\3six\4test", 10)) {
		msg[7] = 1;
		memcpy(msg + q->len, a, sizeof(a));
		msg[q->len + 3] = 28;
		msg[q->len + 11] = 16;
		memcpy(msg + q->len + 12, given_ip6, 16);
		out.len += 28;
	} else if (memcmp(msg + 12, "\3six", 4)) {
		msg[3] = 0x83;
	}
	memcpy(out.src, dns_ip, 4);
	memcpy(out.dst, q->src, 4);
	fakenet_put_packet(&net, &out);
}

static void echo(const struct fakenet_packet *p)
{
	uint8_t back[200];
	struct fakenet_packet out = *p;

	if (p->len > sizeof(back) || (p->data[0] != 8 && p->data[0] != 128))
		return;
	memcpy(back, p->data, p->len);
	back[0] = p->v6 ? 129 : 0;
	out.data = back;
	memcpy(out.src, p->dst, 16);
	memcpy(out.dst, p->src, 16);
	fakenet_put_packet(&net, &out);
}

static void peer(struct fakenet *n, const uint8_t *frame, size_t len)
{
	struct fakenet_packet p;

	if (fakenet_answer_arp(n, frame, len, peer_ip) || fakenet_answer_arp(n, frame, len, dns_ip))
		return;
	if (fakenet_answer_ns(n, frame, len, router_ip6) || !fakenet_parse(frame, len, &p))
		return;
	if (!p.v6 && p.protocol == 17 && p.dst_port == 67 && p.src_port == 68)
		dhcp4_server(&p);
	if (!p.v6 && p.protocol == 17 && p.dst_port == 4011)
		proxy_server(p.data);
	if (p.v6 && p.protocol == 17 && p.dst_port == 547 && p.src_port == 546)
		dhcp6_server(&p);
	if (p.protocol == 17 && p.dst_port == 53)
		dns_server(&p);
	if (p.v6 && p.protocol == 58 && p.data[0] == 133 && v6.router)
		send_ra();
	if (p.protocol == (p.v6 ? 58 : 1))
		echo(&p);
}

static void start(void)
{
	memset(&server, 0, sizeof(server));
	memset(&v6, 0, sizeof(v6));
	memset(&proxy, 0, sizeof(proxy));
	memset(&config, 0, sizeof(config));
	dns_silent = false;
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

static void test_options_say_who_we_are(void)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 1}, uuid[16] = {1, 2, 3};
	static const uint8_t asked[] = {1, 3, 6, 12, 15, 43, 60, 66, 67, 97, 209, 210};
	struct dhcp4_ask ask = {.type = DHCP4_DISCOVER, .xid = 7, .mac = mac, .uuid = uuid};
	uint8_t buf[DHCP4_ASK_ROOM];
	size_t len = dhcp4_write(&ask, buf);
	struct dhcp4_walk w = dhcp4_walk(buf, len);
	struct net_option o;
	unsigned seen = 0;

	while (dhcp4_next(&w, &o)) {
		seen += o.code == 93 && o.len == 2 && get_be16(o.data) == 12;
		seen += o.code == 97 && o.len == 17 && !memcmp(o.data + 1, uuid, 16);
		seen += o.code == 61 && o.len == 7 && !memcmp(o.data + 1, mac, 6);
		seen += o.code == 55 && o.len == sizeof(asked) && !memcmp(o.data, asked, o.len);
		seen += o.code == 60;
	}
	CHECK_EQ(seen, 5);
}

static void test_bootp_answers_are_accepted(void)
{
	start();
	server.bootp = true;
	CHECK_EQ(configure(NET_AUTO, 1), 0);
	CHECK_STR(config.ip, "10.0.0.9");
	CHECK_STR(config.file, "boot/file");
	CHECK_EQ(config.netmask, 0xff000000);
	CHECK_EQ(server.requests, 0);
	stop();
}

static void test_a_bootp_request_has_no_options(void)
{
	start();
	server.bootp = true;
	CHECK_EQ(configure(NET_BOOTP, 1), 0);
	CHECK_EQ(server.discovers, 1);
	stop();
}

static void test_nobody_answers_and_it_ends(void)
{
	uint64_t before = fake_now_us;

	start();
	server.silent = true;
	CHECK_EQ(configure(NET_AUTO, 3), E_TIMEOUT);
	CHECK(fake_now_us - before >= 11 * 1000000ull && fake_now_us - before < 14 * 1000000ull);
	stop();
}

static void test_it_asks_again(void)
{
	start();
	server.silent_asks = 3;
	CHECK_EQ(configure(NET_DHCP, 4), 0);
	CHECK_EQ(server.discovers, 4);
	stop();
}

static void test_answers_for_others_are_not_ours(void)
{
	start();
	server.wrong_xid = true;
	CHECK_EQ(configure(NET_DHCP, 2), E_TIMEOUT);
	server.wrong_xid = false;
	server.wrong_mac = true;
	CHECK_EQ(configure(NET_DHCP, 2), E_TIMEOUT);
	server.wrong_mac = false;
	server.no_server_id = true;
	CHECK_EQ(configure(NET_DHCP, 2), E_TIMEOUT);
	stop();
}

static void test_a_refused_address_is_asked_for_from_the_beginning(void)
{
	start();
	server.naks = 2;
	CHECK_EQ(configure(NET_DHCP, 5), 0);
	CHECK_EQ(server.discovers, 3);
	stop();
}

static void test_the_first_of_several_offers_is_taken(void)
{
	start();
	server.two_offers = true;
	CHECK_EQ(configure(NET_DHCP, 1), 0);
	CHECK_EQ(server.requests, 1);
	CHECK_EQ(server.requested_of, 0x0a000002);
	CHECK_STR(config.ip, "10.0.0.9");
	stop();
}

static void test_a_server_that_only_offers_is_left(void)
{
	start();
	server.mute_ack = true;
	CHECK_EQ(configure(NET_DHCP, 8), E_TIMEOUT);
	CHECK(server.discovers >= 2);
	stop();
}

static void test_fields_hold_options_where_the_server_says_so(void)
{
	static const uint8_t extra[] = {52, 1, 3};
	static const uint8_t file[128] = {67, 3, 'a', '/', 'b', 210, 2, 'p', '/', 255};
	static const uint8_t sname[64] = {66, 7, '1', '0', '.', '0', '.', '0', '.', '7' - 0};
	uint8_t name[64];

	memcpy(name, sname, sizeof(name));
	name[1] = 8;
	memcpy(name + 2, "10.0.0.7", 8);
	start();
	server.extra = extra;
	server.extra_len = sizeof(extra);
	server.file_field = file;
	server.sname_field = name;
	CHECK_EQ(configure(NET_DHCP, 1), 0);
	CHECK_STR(config.file, "a/b");
	CHECK_STR(config.path_prefix, "p/");
	CHECK_STR(config.server, "10.0.0.7");
	stop();
}

static void test_parts_of_an_option_are_put_together(void)
{
	static const uint8_t extra[] = {67,  3,  'o', 'n', 'e', 209, 2,  'c',
					'f', 67, 4,   '-', 't', 'w', 'o'};

	start();
	server.extra = extra;
	server.extra_len = sizeof(extra);
	CHECK_EQ(configure(NET_DHCP, 1), 0);
	CHECK_STR(config.file, "one-two");
	CHECK_STR(config.config_file, "cf");
	stop();
}

static void test_a_name_in_option_66_gives_way_to_the_next_server(void)
{
	static const uint8_t extra[] = {66, 4, 'n', 'a', 'm', 'e'};

	start();
	server.extra = extra;
	server.extra_len = sizeof(extra);
	CHECK_EQ(configure(NET_DHCP, 1), 0);
	CHECK_STR(config.server, "10.0.0.3");
	stop();
}

static void test_control_characters_and_cut_options_are_not_taken(void)
{
	static const uint8_t extra[] = {67, 5, 'a', '\n', 'b', 27, 'c', 12, 255, 'x', 'y'};

	start();
	server.extra = extra;
	server.extra_len = sizeof(extra);
	CHECK_EQ(configure(NET_DHCP, 1), 0);
	CHECK_STR(config.file, "boot/file");
	CHECK_STR(config.host_name, "");
	stop();
}

static void test_a_full_file_field_needs_no_end(void)
{
	uint8_t file[128];

	memset(file, 'f', sizeof(file));
	start();
	server.file_field = file;
	CHECK_EQ(configure(NET_DHCP, 1), 0);
	CHECK_EQ(strlen(config.file), 128);
	stop();
}

static int stop_at_third(void *ctx)
{
	return ++*(unsigned *)ctx == 3 ? E_ABORT : 0;
}

static void test_the_user_ends_it(void)
{
	struct net_wish wish = {.method = NET_AUTO};
	unsigned count = 0;
	struct net_watch watch = {stop_at_third, &count};
	uint64_t before = fake_now_us;

	start();
	server.silent = true;
	CHECK_EQ(net_configure(nif, &wish, &watch, &config), E_ABORT);
	CHECK(fake_now_us - before < 100 * 1000);
	stop();
}

static void test_a_lease_is_given_back_once(void)
{
	start();
	CHECK_EQ(configure(NET_DHCP, 1), 0);
	net_release(nif);
	net_release(nif);
	CHECK_EQ(server.releases, 1);
	CHECK_EQ(netif_ip4_addr(net_if_lwip(nif))->addr, 0);
	stop();
}

static void test_addresses_may_be_given_by_hand(void)
{
	struct net_wish wish = {.method = NET_STATIC, .ip = 0x0a000063};

	start();
	CHECK_EQ(net_configure(nif, &wish, NULL, &config), 0);
	CHECK_STR(config.ip, "10.0.0.99");
	CHECK_EQ(server.discovers, 0);
	CHECK(!config.packet);
	wish.ip = 0;
	CHECK_EQ(net_configure(nif, &wish, NULL, &config), E_INVAL);
	stop();
}

static void test_ipv6_addresses_may_be_given_by_hand(void)
{
	struct net_wish wish = {.method = NET_STATIC, .ip6 = "2001:db8:0:1::1234"};
	static const char router[] = "fe80::5054:ff:fe09:909";
	uint64_t us;

	start();
	CHECK_EQ(net_configure(nif, &wish, NULL, &config), 0);
	CHECK(config.is_v6);
	CHECK_STR(config.ip, "2001:db8:0:1::1234");
	CHECK_EQ(net_ping(nif, router, 2000, &us), 0);
	CHECK_EQ(net_ping(nif, "2001:db8:9::1", 100, &us),
		 E_TIMEOUT); /* no router: nobody answers for it */
	stop();
	start();
	strcpy(wish.gateway6, router);
	CHECK_EQ(net_configure(nif, &wish, NULL, &config), 0);
	CHECK_EQ(net_ping(nif, "2001:db8:9::1", 2000, &us), 0);
	stop();
	start();
	strcpy(wish.gateway6, "ff02::1");
	CHECK_EQ(net_configure(nif, &wish, NULL, &config), E_INVAL);
	strcpy(wish.ip6, "1:2");
	CHECK_EQ(net_configure(nif, &wish, NULL, &config), E_INVAL);
	stop();
}

static void test_dhcpv6_gives_arguments_for_the_file(void)
{
	static const uint8_t params[] = {0, 1, 'a', 0, 3, 'b', '=', 'c'},
			     cut[] = {0, 1, 'a', 0, 9, 'b'};

	start();
	v6.router = v6.dhcp6 = true;
	v6.params = params;
	v6.params_len = sizeof(params);
	CHECK_EQ(configure(NET_IPV6, 3), 0);
	CHECK_STR(config.params, "a b=c");
	stop();
	start();
	v6.router = v6.dhcp6 = true;
	v6.params = cut;
	v6.params_len = sizeof(cut);
	CHECK_EQ(configure(NET_IPV6, 3), 0);
	CHECK_STR(config.params, "");
	stop();
}

static void test_memory_may_be_short(void)
{
	for (int n = 0; n < 40; n++) {
		int err;

		start();
		v6.router = v6.dhcp6 = true;
		fakeheap_dry_after = n;
		err = configure(NET_AUTO, 1);
		fakeheap_dry_after = -1;
		CHECK(err == 0 || err == E_NOMEM || err == E_TIMEOUT);
		stop();
	}
}

/* ---- somebody else who knows what to boot ------------------------------------------------------ */

static int configure_for_file(void)
{
	struct net_wish wish = {.method = NET_AUTO, .tries = 1, .wants_file = true};

	server.no_file = true;
	return net_configure(nif, &wish, NULL, &config);
}

static void test_a_proxy_tells_the_file(void)
{
	start();
	proxy.file = "from/proxy";
	CHECK_EQ(configure_for_file(), 0);
	CHECK_STR(config.ip, "10.0.0.9");
	CHECK_STR(config.file, "from/proxy");
	CHECK_STR(config.server, "10.0.0.2");
	CHECK_EQ(proxy.asked, 0);
	stop();
}

static void test_a_proxy_is_asked_at_its_port(void)
{
	start();
	proxy.file = "";
	proxy.late_file = "late";
	CHECK_EQ(configure_for_file(), 0);
	CHECK_STR(config.file, "late");
	CHECK_EQ(proxy.asked, 1);
	CHECK_EQ(proxy.asked_by, 0x0a000009);
	stop();
}

static void test_a_proxy_that_knows_nothing_does_not_hurt(void)
{
	uint64_t before = fake_now_us;

	start();
	proxy.file = "";
	CHECK_EQ(configure_for_file(), 0);
	CHECK_STR(config.file, "");
	CHECK_STR(config.server, "10.0.0.3");
	CHECK(fake_now_us - before < 3000000);
	stop();
}

static void test_a_proxy_is_not_heard_where_the_server_knows(void)
{
	struct net_wish wish = {.method = NET_AUTO, .tries = 1, .wants_file = true};

	start();
	proxy.file = "from/proxy";
	CHECK_EQ(net_configure(nif, &wish, NULL, &config), 0);
	CHECK_STR(config.file, "boot/file");
	stop();
}

static int not_now(void *ctx)
{
	(void)ctx;
	return server.requests ? E_ABORT : 0;
}

static void test_the_user_need_not_wait_for_a_proxy(void)
{
	struct net_wish wish = {.method = NET_AUTO, .tries = 1, .wants_file = true};
	struct net_watch watch = {not_now, NULL};

	start();
	server.no_file = true;
	CHECK_EQ(net_configure(nif, &wish, &watch, &config), E_ABORT);
	net_keep_lease(nif);
	stop();
}

/* ---- IPv6 --------------------------------------------------------------------------------- */

static void test_a_router_and_dhcpv6_give_address_and_url(void)
{
	start();
	v6.router = v6.dhcp6 = true;
	CHECK_EQ(configure(NET_IPV6, 3), 0);
	CHECK(config.is_v6);
	CHECK_STR(config.ip, "2001:DB8:0:1:5054:FF:FE01:203");
	CHECK_STR(config.file, "tftp://[2001:db8::1]/boot6");
	CHECK_STR(config.dns[0], "2001:DB8:0:1::1234");
	CHECK_STR(config.domain, "lab.test");
	CHECK_EQ(config.packet_len, server.last_len);
	CHECK(!memcmp(config.packet, server.last, server.last_len));
	CHECK_EQ(v6.solicits, 0);
	stop();
}

static void test_ipv6_comes_after_an_ipv4_that_is_silent(void)
{
	start();
	server.silent = true;
	v6.router = v6.dhcp6 = true;
	CHECK_EQ(configure(NET_AUTO, 2), 0);
	CHECK(config.is_v6);
	stop();
}

static void test_dhcpv6_gives_an_address_where_the_router_says_so(void)
{
	start();
	v6.router = v6.managed = v6.dhcp6 = v6.stateful = true;
	CHECK_EQ(configure(NET_IPV6, 5), 0);
	CHECK_STR(config.ip, "2001:DB8:0:1::1234");
	CHECK_STR(config.file, "tftp://[2001:db8::1]/boot6");
	CHECK_EQ(v6.requests, 1);
	stop();
}

static void test_a_rapid_reply_ends_it(void)
{
	start();
	v6.router = v6.managed = v6.dhcp6 = v6.stateful = v6.rapid = true;
	CHECK_EQ(configure(NET_IPV6, 5), 0);
	CHECK_STR(config.ip, "2001:DB8:0:1::1234");
	CHECK_EQ(v6.requests, 0);
	stop();
}

static void test_an_address_from_a_router_alone_will_do(void)
{
	start();
	v6.router = true;
	CHECK_EQ(configure(NET_IPV6, 10), 0);
	CHECK_STR(config.ip, "2001:DB8:0:1:5054:FF:FE01:203");
	CHECK_STR(config.file, "");
	stop();
}

static void test_a_server_without_a_router_is_on_the_link(void)
{
	start();
	v6.dhcp6 = true;
	CHECK_EQ(configure(NET_IPV6, 4), 0);
	CHECK_STR(config.ip, "FE80::5054:FF:FE01:203");
	stop();
}

static void test_a_dhcpv6_server_that_refuses_or_hides_is_not_heard(void)
{
	start();
	v6.dhcp6 = v6.router = true;
	v6.status = 2;
	CHECK_EQ(configure(NET_IPV6, 2), E_TIMEOUT);
	v6.status = 0;
	v6.managed = v6.stateful = v6.no_server_id = true;
	CHECK_EQ(configure(NET_IPV6, 2), E_TIMEOUT);
	stop();
}

/* QEMU's is one: it is the only server on its link. */
static void test_a_server_without_a_name_may_still_tell_a_file(void)
{
	start();
	v6.router = v6.dhcp6 = v6.no_server_id = true;
	CHECK_EQ(configure(NET_IPV6, 3), 0);
	CHECK_STR(config.file, "tftp://[2001:db8::1]/boot6");
	stop();
}

static void test_dhcpv6_lengths_are_not_believed(void)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 1};
	uint8_t msg[64] = {7, 0, 0, 1, 0, 1, 0, 10, 0, 3, 0,  1, 2, 0, 0, 0,
			   0, 1, 0, 2, 0, 1, 9, 0,  3, 0, 12, 0, 0, 0, 1};
	struct dhcp6_answer a;

	for (size_t len = 0; len < 18; len++)
		CHECK_EQ(dhcp6_parse(msg, len, 1, mac, &a), E_FORMAT);
	CHECK_EQ(dhcp6_parse(msg, 22, 1, mac, &a), 0);
	CHECK_EQ(a.server.len, 0);
	CHECK_EQ(dhcp6_parse(msg, 23, 1, mac, &a), 0);
	put_be16(msg + 25, 0xffff);
	CHECK_EQ(dhcp6_parse(msg, sizeof(msg), 1, mac, &a), 0);
	CHECK(!a.has_ip);
}

/* ---- names and echoes --------------------------------------------------------------------- */

static void test_names_are_resolved(void)
{
	char out[48];

	start();
	CHECK_EQ(configure(NET_DHCP, 1), 0);
	CHECK_EQ(net_resolve(nif, "boot.test", NULL, out, sizeof(out)), 0);
	CHECK_STR(out, "10.0.0.77");
	CHECK_EQ(net_resolve(nif, "six.test", NULL, out, sizeof(out)), 0);
	CHECK_STR(out, "2001:DB8:0:1::1234");
	CHECK_EQ(net_resolve(nif, "10.1.2.3", NULL, out, sizeof(out)), 0);
	CHECK_STR(out, "10.1.2.3");
	CHECK_EQ(net_resolve(nif, "no.test", NULL, out, sizeof(out)), E_NOENT);
	CHECK_EQ(net_resolve(nif, "boot.test", NULL, out, 5), E_NOSPC);
	stop();
}

static void test_a_silent_name_server_is_not_waited_for_long(void)
{
	uint64_t before;
	char out[48];

	start();
	CHECK_EQ(configure(NET_DHCP, 1), 0);
	dns_silent = true;
	before = fake_now_us;
	CHECK(net_resolve(nif, "x.test", NULL, out, sizeof(out)) != 0);
	CHECK(fake_now_us - before < 20 * 1000000ull);
	stop();
}

static void test_an_echo_comes_back(void)
{
	uint64_t us;

	start();
	CHECK_EQ(configure(NET_DHCP, 1), 0);
	CHECK_EQ(net_ping(nif, "10.0.0.2", 1000, &us), 0);
	CHECK(us < 1000000);
	CHECK_EQ(net_ping(nif, "10.0.0.3", 1000, &us), E_TIMEOUT);
	CHECK_EQ(net_ping(nif, "nobody", 1000, &us), E_INVAL);
	server.silent = true;
	CHECK_EQ(configure(NET_IPV6, 1), E_TIMEOUT); /* time for the link-local address */
	CHECK_EQ(net_ping(nif, "fe80::5054:ff:fe09:909", 1000, &us), 0);
	stop();
}

static const struct test tests[] = {
	TEST(test_dhcp_gives_addresses_and_a_boot_file),
	TEST(test_the_packet_that_won_is_kept_as_it_came),
	TEST(test_options_say_who_we_are),
	TEST(test_bootp_answers_are_accepted),
	TEST(test_a_bootp_request_has_no_options),
	TEST(test_nobody_answers_and_it_ends),
	TEST(test_it_asks_again),
	TEST(test_answers_for_others_are_not_ours),
	TEST(test_a_refused_address_is_asked_for_from_the_beginning),
	TEST(test_the_first_of_several_offers_is_taken),
	TEST(test_a_server_that_only_offers_is_left),
	TEST(test_fields_hold_options_where_the_server_says_so),
	TEST(test_parts_of_an_option_are_put_together),
	TEST(test_a_name_in_option_66_gives_way_to_the_next_server),
	TEST(test_control_characters_and_cut_options_are_not_taken),
	TEST(test_a_full_file_field_needs_no_end),
	TEST(test_the_user_ends_it),
	TEST(test_a_lease_is_given_back_once),
	TEST(test_addresses_may_be_given_by_hand),
	TEST(test_ipv6_addresses_may_be_given_by_hand),
	TEST(test_dhcpv6_gives_arguments_for_the_file),
	TEST(test_memory_may_be_short),
	TEST(test_a_proxy_tells_the_file),
	TEST(test_a_proxy_is_asked_at_its_port),
	TEST(test_a_proxy_that_knows_nothing_does_not_hurt),
	TEST(test_a_proxy_is_not_heard_where_the_server_knows),
	TEST(test_the_user_need_not_wait_for_a_proxy),
	TEST(test_a_router_and_dhcpv6_give_address_and_url),
	TEST(test_ipv6_comes_after_an_ipv4_that_is_silent),
	TEST(test_dhcpv6_gives_an_address_where_the_router_says_so),
	TEST(test_a_rapid_reply_ends_it),
	TEST(test_an_address_from_a_router_alone_will_do),
	TEST(test_a_server_without_a_router_is_on_the_link),
	TEST(test_a_dhcpv6_server_that_refuses_or_hides_is_not_heard),
	TEST(test_a_server_without_a_name_may_still_tell_a_file),
	TEST(test_dhcpv6_lengths_are_not_believed),
	TEST(test_names_are_resolved),
	TEST(test_a_silent_name_server_is_not_waited_for_long),
	TEST(test_an_echo_comes_back),
};

int main(void)
{
	return run_tests(tests, ARRAY_SIZE(tests));
}
