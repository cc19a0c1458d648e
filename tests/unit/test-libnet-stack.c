/* SPDX-License-Identifier: BSD-2-Clause */
/* lwIP over our devices: it answers, resolves, and does not let itself be redirected. */
#include "check.h"
#include "fakeclock.h"
#include "fakeheap.h"
#include "fakepeer.h"

#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "lwip/udp.h"

#include "base/bytes.h"
#include "base/err.h"
#include "net/stack.h"

static void start(void)
{
	fakepeer_start(NULL, true);
}

static void test_it_answers_a_ping(void)
{
	static const uint8_t echo[] = {8, 0, 0, 0, 0, 1, 0, 1, 'h', 'e', 'l', 'l', 'o', '!'};
	struct fakenet_packet p = {.protocol = 1, .data = echo, .len = sizeof(echo)};

	start();
	memcpy(p.src, fakepeer_ip, 4);
	memcpy(p.dst, fakepeer_us, 4);
	fakenet_put_packet(&fakepeer_net, &p);
	fakepeer_run_ms(10);
	CHECK(fakenet_parse(fakepeer_net.last.data, fakepeer_net.last.len, &p));
	CHECK_EQ(p.protocol, 1);
	CHECK_EQ(p.data[0], 0);
	CHECK(!memcmp(p.data + 8, "hello!", 6));
	CHECK(!memcmp(fakepeer_net.last.data, fakenet_peer_mac, 6));
	fakepeer_stop();
}

static void test_it_answers_a_ping_by_ipv6(void)
{
	static const uint8_t echo[] = {128, 0, 0, 0, 0, 1, 0, 1, 'h', 'e', 'l', 'l', 'o', '!'};
	static const uint8_t ours[16] = {0xfe, 0x80, 0, 0,    0,    0, 0, 0,
					 0x50, 0x54, 0, 0xff, 0xfe, 1, 2, 3};
	struct fakenet_packet p = {.v6 = true, .protocol = 58, .data = echo, .len = sizeof(echo)};

	start();
	memcpy(p.src, fakepeer_ip6, 16);
	memcpy(p.dst, ours, 16);
	fakenet_put_packet(&fakepeer_net, &p);
	fakepeer_run_ms(10);
	CHECK(fakenet_parse(fakepeer_net.last.data, fakepeer_net.last.len, &p));
	CHECK_EQ(p.protocol, 58);
	CHECK_EQ(p.data[0], 129);
	fakepeer_stop();
}

static unsigned udp_count;
static void on_udp(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from,
		   u16_t port)
{
	(void)arg, (void)pcb, (void)from, (void)port;
	udp_count += p->tot_len == 3 && !memcmp(p->payload, "abc", 3);
	pbuf_free(p);
}

static void test_udp_goes_both_ways(void)
{
	struct udp_pcb *pcb;
	struct pbuf *out;
	struct fakenet_packet p;
	ip_addr_t to;

	start();
	pcb = udp_new();
	udp_bind(pcb, IP_ANY_TYPE, 0);
	udp_recv(pcb, on_udp, NULL);
	IP_ADDR4(&to, 10, 0, 0, 2);
	out = pbuf_alloc(PBUF_TRANSPORT, 5, PBUF_RAM);
	memcpy(out->payload, "hello", 5);
	CHECK_EQ(udp_sendto(pcb, out, &to, 69), ERR_OK);
	pbuf_free(out);
	fakepeer_run_ms(10);
	CHECK(fakenet_parse(fakepeer_net.last.data, fakepeer_net.last.len, &p));
	CHECK_EQ(p.dst_port, 69);
	CHECK_EQ(p.src_port, pcb->local_port);
	CHECK(p.len == 5 && !memcmp(p.data, "hello", 5));
	memcpy(p.src, fakepeer_ip, 4);
	memcpy(p.dst, fakepeer_us, 4);
	p.src_port = 69;
	p.dst_port = pcb->local_port;
	p.data = (const uint8_t *)"abc";
	p.len = 3;
	fakenet_put_packet(&fakepeer_net, &p);
	fakepeer_run_ms(10);
	CHECK_EQ(udp_count, 1);
	udp_remove(pcb);
	fakepeer_stop();
}

/* An ICMPv6 redirect for the peer: what is sent to it afterwards still goes to its own MAC. */
static void test_redirects_are_not_obeyed(void)
{
	uint8_t rd[48] = {137};
	struct fakenet_packet p = {.v6 = true, .protocol = 58, .data = rd, .len = sizeof(rd)};
	unsigned sent;

	start();
	memcpy(p.src, fakepeer_ip6, 16);
	memcpy(p.dst, net_if_lwip(fakepeer_nif)->ip6_addr[0].u_addr.ip6.addr, 16);
	memcpy(rd + 8, fakepeer_ip6, 16);
	rd[8 + 15] = 77;
	memcpy(rd + 24, fakepeer_ip6, 16);
	rd[40] = 2;
	rd[41] = 1;
	sent = fakepeer_net.sent;
	fakenet_put_packet(&fakepeer_net, &p);
	fakepeer_run_ms(10);
	CHECK_EQ(fakepeer_net.sent, sent);
	fakepeer_stop();
}

/* A hop-by-hop header that asks for an answer, and a ping behind a harmless one. */
static void test_chains_of_headers_are_dropped(void)
{
	uint8_t chain[24] = {58, 0, 0xc2, 4, 0, 0, 0, 0, 128, 0, 0, 0, 0, 1, 0, 1};
	struct fakenet_packet p = {.v6 = true, .protocol = 0, .data = chain, .len = sizeof(chain)};
	unsigned sent;

	start();
	memcpy(p.src, fakepeer_ip6, 16);
	memcpy(p.dst, net_if_lwip(fakepeer_nif)->ip6_addr[0].u_addr.ip6.addr, 16);
	sent = fakepeer_net.sent;
	for (unsigned next = 0; next < 256; next++) {
		p.protocol = next == 6 || next == 17 || next == 58 ? 60 : (uint8_t)next;
		chain[2] = next & 1 ? 0xc2 : 1;
		fakenet_put_packet(&fakepeer_net, &p);
		fakepeer_run_ms(1);
	}
	CHECK_EQ(fakepeer_net.sent, sent);
	fakepeer_stop();
}

static void test_a_busy_device_does_not_hang_us(void)
{
	static const uint8_t echo[] = {8, 0, 0, 0, 0, 1, 0, 1, 'x', 'y'};
	struct fakenet_packet p = {.protocol = 1, .data = echo, .len = sizeof(echo)};
	uint64_t before;

	start();
	memcpy(p.src, fakepeer_ip, 4);
	memcpy(p.dst, fakepeer_us, 4);
	fakenet_put_packet(&fakepeer_net, &p);
	fakepeer_net.busy = true;
	before = fake_now_us;
	net_poll();
	CHECK(fake_now_us - before < 1000 * 1000);
	fakepeer_stop();
}

static void test_interfaces_come_and_go_and_memory_may_be_short(void)
{
	for (int n = 0; n < 20; n++) {
		fakenet_init(&fakepeer_net);
		fakeheap_dry_after = n % 10;
		if (net_if_open(&fakepeer_net.nd, &fakepeer_nif) == 0) {
			fakeheap_dry_after = -1;
			fakepeer_run_ms(2);
			net_if_close(fakepeer_nif);
		}
		fakeheap_dry_after = -1;
		fakenet_free(&fakepeer_net);
	}
}

static const struct test tests[] = {
	TEST(test_it_answers_a_ping),
	TEST(test_it_answers_a_ping_by_ipv6),
	TEST(test_udp_goes_both_ways),
	TEST(test_redirects_are_not_obeyed),
	TEST(test_chains_of_headers_are_dropped),
	TEST(test_a_busy_device_does_not_hang_us),
	TEST(test_interfaces_come_and_go_and_memory_may_be_short),
};

int main(void)
{
	return run_tests(tests, ARRAY_SIZE(tests));
}
