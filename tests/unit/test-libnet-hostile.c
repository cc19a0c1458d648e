/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What has broken other firmware, sent to ours: the classes of vulnerabilities that were found in EDK2, U-Boot, lwIP and
 * GRUB, each with an example. None may crash (the host's tests run under ASan), hang, be believed, or eat memory; a good peer
 * is heard afterwards.
 */
#include "check.h"
#include "fakeclock.h"
#include "fakepeer.h"

#include <stdio.h>
#include <stdlib.h>

#include "lwip/dns.h"
#include "lwip/netif.h"

#include "base/bytes.h"
#include "base/err.h"
#include "net/config.h"
#include "net/dhcp.h"

static const uint8_t mac[6] = {2, 0, 0, 0, 0, 1};

/* ---- help ------------------------------------------------------------------------------------- */

static struct fakenet_packet packet(bool v6, uint8_t protocol, const void *data, size_t len)
{
	struct fakenet_packet p = {.v6 = v6, .protocol = protocol, .data = data, .len = len};

	memcpy(p.src, v6 ? fakepeer_ip6 : fakepeer_ip, v6 ? 16 : 4);
	if (v6)
		memcpy(p.dst, net_if_lwip(fakepeer_nif)->ip6_addr[0].u_addr.ip6.addr, 16);
	else
		memcpy(p.dst, fakepeer_us, 4);
	return p;
}

static void put(const struct fakenet_packet *p)
{
	fakenet_put_packet(&fakepeer_net, p);
	fakepeer_run_ms(2);
}

static unsigned echoes, answers; /* what went to the peer */

static void count_echoes(const struct fakenet_packet *q)
{
	answers += !memcmp(q->dst, q->v6 ? fakepeer_ip6 : fakepeer_ip, q->v6 ? 16 : 4);
	echoes += (q->protocol == 1 && q->data[0] == 0) || (q->protocol == 58 && q->data[0] == 129);
}

/* Is it still there, by both protocols? */
static bool alive(void)
{
	static const uint8_t echo4[] = {8, 0, 0, 0, 0, 1, 0, 1, 'x', 'y'};
	static const uint8_t echo6[] = {128, 0, 0, 0, 0, 1, 0, 1, 'x', 'y'};
	struct fakenet_packet p4 = packet(false, 1, echo4, sizeof(echo4));
	struct fakenet_packet p6 = packet(true, 58, echo6, sizeof(echo6));

	echoes = 0;
	put(&p4);
	put(&p6);
	return echoes == 2;
}

/* ---- IP: fragments, extension headers, lengths ------------------------------------------------ */

/* A frame as it is, checksum of its IPv4 header made right. */
static void put_ip4(uint8_t *ip, size_t len)
{
	uint8_t frame[1514] = {0};
	uint32_t sum = 0;

	memcpy(frame, fakenet_our_mac, 6);
	memcpy(frame + 6, fakenet_peer_mac, 6);
	put_be16(frame + 12, 0x800);
	put_be16(ip + 10, 0);
	for (unsigned i = 0; i < 20; i += 2)
		sum += get_be16(ip + i);
	sum = (sum & 0xffff) + (sum >> 16);
	put_be16(ip + 10, (uint16_t) ~(sum + (sum >> 16)));
	memcpy(frame + 14, ip, len);
	fakenet_put(&fakepeer_net, frame, 14 + len);
	fakepeer_run_ms(1);
}

static void put_fragment(unsigned offset, bool more, size_t bytes)
{
	uint8_t ip[1500] = {0x45, 0, 0, 0, 0x12, 0x34, 0, 0, 64, 17};

	put_be16(ip + 2, (uint16_t)(20 + bytes));
	put_be16(ip + 6, (uint16_t)(offset / 8 | (more ? 0x2000u : 0)));
	memcpy(ip + 12, fakepeer_ip, 4);
	memcpy(ip + 16, fakepeer_us, 4);
	put_ip4(ip, 20 + bytes);
}

/* CVE-2022-30790 and 30552 (U-Boot's hole lists), teardrop, a hole of the size of everything. */
static void test_ipv4_fragments_are_dropped(void)
{
	fakepeer_start(count_echoes, true);
	answers = 0;
	put_fragment(0, true, 36);
	put_fragment(24, false, 4);
	put_fragment(0, true, 8);
	put_fragment(0, true, 0);
	put_fragment(65528, false, 1400);
	put_fragment(65528, true, 8);
	for (unsigned i = 1; i < 2000; i++)
		put_fragment(8 * (i * 7919 % 8191), i & 1, 8 + 8 * (i % 100));
	CHECK_EQ(answers, 0);
	CHECK(alive());
	fakepeer_stop();
}

/* An echo request behind a fragment header, whole (RFC 6946) and in overlapping pieces (RFC 5722). */
static void test_ipv6_fragments_are_dropped(void)
{
	uint8_t header[8 + 64] = {58, 0, 0, 0, 0, 0, 0, 7, 128};
	struct fakenet_packet p;

	fakepeer_start(count_echoes, true);
	answers = 0;
	for (unsigned i = 0; i < 2000; i++) {
		put_be16(header + 2, (uint16_t)(i * 7919 % 0x10000));
		p = packet(true, 44, header, 8 + i % 65);
		put(&p);
	}
	CHECK_EQ(answers, 0);
	CHECK(alive());
	fakepeer_stop();
}

/* CVE-2023-45232 and 45233: options of length 0, or that go beyond their header, for ever. */
static void test_options_of_destinations_and_hops_end(void)
{
	uint8_t chain[64];
	struct fakenet_packet p;

	fakepeer_start(count_echoes, true);
	for (unsigned i = 0; i < 3 * 256; i++) {
		memset(chain, (int)(i & 255), sizeof(chain));
		chain[0] = 58;
		chain[1] = (uint8_t)(i >> 8) * 3;
		p = packet(true, i & 1 ? 60 : 0, chain, 8 + i % 57);
		put(&p);
	}
	CHECK(alive());
	fakepeer_stop();
}

/*
 * CVE-2023-45231 (a redirect that is cut) and what is like it: neighbour discovery messages with options of length 0, and cut at
 * every byte.
 */
static void test_neighbour_discovery_with_options_that_lie_ends(void)
{
	static const uint8_t types[] = {130, 133, 134, 135, 136, 137};
	uint8_t message[80];
	struct fakenet_packet p;

	fakepeer_start(count_echoes, true);
	for (unsigned t = 0; t < sizeof(types); t++)
		for (unsigned len = 4; len <= sizeof(message); len++) {
			memset(message, 0, sizeof(message));
			message[0] = types[t];
			message[len > 50 ? 50 : len - 1] = (uint8_t)len;
			p = packet(true, 58, message, len);
			put(&p);
		}
	fakepeer_run_ms(20);
	CHECK(alive());
	fakepeer_stop();
}

/* CVE-2020-22283: lwIP read beyond a short packet it wrote an ICMPv6 complaint about. */
static void test_packets_cut_at_any_byte_do_no_harm(void)
{
	static const uint8_t protocols[] = {1, 2, 6, 17, 41, 44, 58, 59, 132, 136};
	uint8_t bytes[60];
	struct fakenet_packet p;

	fakepeer_start(count_echoes, true);
	for (unsigned i = 0; i < 2 * sizeof(protocols); i++)
		for (unsigned len = 0; len <= sizeof(bytes); len++) {
			memset(bytes, (int)(len & 1 ? 0xff : 0x50), sizeof(bytes));
			p = packet(i & 1, protocols[i / 2], bytes, len);
			p.src_port = p.dst_port = (uint16_t)len;
			put(&p);
		}
	CHECK(alive());
	fakepeer_stop();
}

/* ---- DHCP ------------------------------------------------------------------------------------- */

/* A DHCPv4 answer with these options. */
static size_t answer4(uint8_t msg[700], const uint8_t *options, size_t len)
{
	memset(msg, 0, 700);
	msg[0] = 2, msg[1] = 1, msg[2] = 6;
	put_be32(msg + 4, 7);
	put_be32(msg + 16, 0x0a000009);
	memcpy(msg + 28, mac, 6);
	put_be32(msg + 236, 0x63825363);
	memcpy(msg + 240, options, len);
	return 240 + len;
}

/* The fields name each other, and themselves, as holders of options. */
static void test_overloaded_fields_are_read_once(void)
{
	static const uint8_t overload[] = {52, 1, 3};
	struct dhcp4_answer a;
	struct dhcp4_walk w;
	struct net_option o;
	uint8_t msg[700];
	size_t len = answer4(msg, overload, sizeof(overload));
	unsigned n = 0;

	for (unsigned i = 0; i + 3 <= 128; i += 3)
		memcpy(msg + 108 + i, overload, 3);
	for (unsigned i = 0; i + 3 <= 64; i += 3)
		memcpy(msg + 44 + i, overload, 3);
	for (w = dhcp4_walk(msg, len); dhcp4_next(&w, &o) && n < 1000;)
		n++;
	CHECK_EQ(n, 1 + 128 / 3 + 64 / 3);
	CHECK_EQ(dhcp4_parse(msg, len, 7, mac, &a), 0);
	CHECK_STR(a.file, "");
	CHECK_STR(a.server, "");
}

/* Every option with every length up to what is there and beyond: numbers, texts, addresses. */
static void test_dhcpv4_lengths_are_not_believed(void)
{
	struct dhcp4_answer a;
	uint8_t msg[700], option[300];

	for (unsigned code = 1; code < 255; code++)
		for (unsigned len = 0; len < 256; len += len < 20 ? 1 : 47) {
			uint8_t *exact;
			size_t all;

			memset(option, 'x', sizeof(option));
			option[0] = (uint8_t)code;
			option[1] = (uint8_t)len;
			all = answer4(msg, option, 2 + len / 2); /* half of it is there */
			exact = malloc(all);                     /* and nothing behind it */
			memcpy(exact, msg, all);
			(void)!dhcp4_parse(exact, all, 7, mac, &a);
			CHECK(strlen(a.file) < sizeof(a.file));
			free(exact);
		}
}

/* 253 parts of a text: more than there is room for, which is then not taken at all. */
static void test_a_text_in_many_parts_is_not_longer_than_its_place(void)
{
	static uint8_t msg[240 + 254 * 257];
	struct dhcp4_answer a;
	uint8_t head[700];
	size_t at = answer4(head, mac, 0);

	memcpy(msg, head, at);
	for (unsigned i = 0; i < 253; i++, at += 257) {
		memset(msg + at, 'y', 257);
		msg[at] = i & 1 ? 67 : 66;
		msg[at + 1] = 255;
	}
	CHECK_EQ(dhcp4_parse(msg, at, 7, mac, &a), 0);
	CHECK_STR(a.file, "");
	CHECK_STR(a.server, "");
}

/* One option of a DHCPv6 answer, with nothing behind it. */
static int parse6(unsigned code, unsigned says, const uint8_t *data, size_t len,
		  struct dhcp6_answer *a)
{
	static const uint8_t head[] = {7, 0, 0, 1, 0, 1, 0, 10, 0, 3, 0, 1, 2, 0, 0, 0, 0, 1};
	size_t all = sizeof(head) + 4 + len;
	uint8_t *msg = malloc(all);
	int err;

	memcpy(msg, head, sizeof(head));
	put_be16(msg + sizeof(head), (uint16_t)code);
	put_be16(msg + sizeof(head) + 2, (uint16_t)says);
	memcpy(msg + sizeof(head) + 4, data, len);
	memset(a, 0x55, sizeof(*a));
	err = dhcp6_parse(msg, all, 1, mac, a);
	free(msg);
	return err;
}

/*
 * CVE-2023-45229 (IA_NA, IA_TA), 45230 and 45235 (the server's name), 45234 (name servers): each option with each
 * length it may claim.
 */
static void test_dhcpv6_options_that_lie_are_not_taken(void)
{
	static const unsigned codes[] = {2, 3, 4, 5, 13, 23, 24, 25, 39, 59, 60, 17, 56};
	static uint8_t data[1200];
	struct dhcp6_answer a;

	memset(data, 1, sizeof(data));
	for (unsigned c = 0; c < ARRAY_SIZE(codes); c++)
		for (unsigned len = 0; len < sizeof(data); len += len < 64 ? 1 : 101) {
			(void)!parse6(codes[c], len, data, len, &a);
			(void)!parse6(codes[c], len + 1, data, len, &a);
			(void)!parse6(codes[c], 0xffff, data, len, &a);
		}
	CHECK_EQ(parse6(2, 131, data, 131, &a), 0);
	CHECK_EQ(a.server.len, 0);
	CHECK_EQ(parse6(2, 130, data, 130, &a), 0);
	CHECK_EQ(a.server.len, 130);
	CHECK_EQ(parse6(23, 1008, data, 1008, &a), 0);
	CHECK_EQ(a.dns_count, 2);
	CHECK_EQ(parse6(23, 15, data, 15, &a), 0);
	CHECK_EQ(a.dns_count, 0);
}

/* CVE-2024-42040: what was in memory before went out with a request. */
static void test_what_we_send_has_no_leftovers(void)
{
	const struct dhcp4_ask ask4 = {.type = DHCP4_DISCOVER, .xid = 5, .mac = mac};
	const struct dhcp6_ask ask6 = {.type = DHCP6_SOLICIT, .xid = 5, .mac = mac};
	uint8_t a[DHCP4_ASK_ROOM], b[DHCP4_ASK_ROOM];
	size_t len;

	memset(a, 0xaa, sizeof(a));
	memset(b, 0x55, sizeof(b));
	len = dhcp4_write(&ask4, a);
	CHECK_EQ(dhcp4_write(&ask4, b), len);
	CHECK(!memcmp(a, b, len));
	memset(a, 0xaa, sizeof(a));
	memset(b, 0x55, sizeof(b));
	len = dhcp6_write(&ask6, a);
	CHECK_EQ(dhcp6_write(&ask6, b), len);
	CHECK(!memcmp(a, b, len));
}

/* ---- DNS -------------------------------------------------------------------------------------- */

enum lie {
	TO_ITSELF,
	TO_EACH_OTHER,
	BEHIND_THE_END,
	MANY_ANSWERS,
	CUT,
	WRONG_ID,
	WRONG_SERVER,
	LIES
};
static enum lie lie;
static unsigned lies;

/* A pointer in the place of the name that is asked for, or 0. */
static unsigned pointer(size_t end)
{
	switch (lie) {
	case TO_ITSELF:
		return 0xc000 | 12;
	case TO_EACH_OTHER:
		return 0xc000 | (unsigned)end;
	case BEHIND_THE_END:
		return 0xffff;
	default:
		return 0;
	}
}

static void lying_server(const struct fakenet_packet *q)
{
	struct fakenet_packet from = *q;
	uint8_t m[400];
	size_t at = q->len;

	count_echoes(q);
	if (q->protocol != 17 || q->dst_port != 53)
		return;
	lies++;
	memcpy(m, q->data, q->len);
	put_be16(m, (uint16_t)(get_be16(q->data) + (lie == WRONG_ID)));
	put_be16(m + 2, 0x8180);
	put_be16(m + 6, lie == MANY_ANSWERS ? 0xffff : 1);
	put_be16(m + at, 0xc00c); /* back to the question, which may point here */
	put_be16(m + at + 2, 1);
	put_be16(m + at + 4, 1);
	put_be32(m + at + 6, 60);
	put_be16(m + at + 10, 4);
	memcpy(m + at + 12, fakepeer_ip, 4);
	if (pointer(at))
		put_be16(m + 12, (uint16_t)pointer(at));
	from.dst[3] = lie == WRONG_SERVER ? 66 : from.dst[3];
	fakepeer_reply(&from, 53, m, lie == CUT ? at + 9 : at + 16);
}

/* Names that are loops (RFC 9267), answers nobody asked for, answers that are not there. */
static void test_dns_answers_that_lie_are_not_believed_and_end(void)
{
	ip_addr_t server = IPADDR4_INIT_BYTES(10, 0, 0, 2);
	char name[20], text[64];

	fakepeer_start(lying_server, true);
	for (lie = 0; lie < LIES; lie++) {
		uint64_t from = fake_now_us;
		int err;

		dns_setserver(0, &server);
		lies = 0;
		snprintf(name, sizeof(name), "lie%u.test", lie);
		err = net_resolve(fakepeer_nif, name, NULL, text, sizeof(text));
		/* what is right up to the first address is an answer, whatever is said to follow */
		CHECK(lie == MANY_ANSWERS ? err == 0 : err == E_NOENT || err == E_TIMEOUT);
		CHECK(fake_now_us - from < 20 * 1000000ull);
		CHECK(lies > 0);
	}
	CHECK(alive());
	fakepeer_stop();
}

/* ---- TFTP and HTTP ---------------------------------------------------------------------------- */

static unsigned flood_kind;

/* As many options as a packet has room for, a value as long as a packet, an error text without end. */
static void flood(const struct fakenet_packet *q)
{
	uint8_t m[1400];

	if (q->protocol != 17 || q->dst_port != 69)
		return;
	memset(m, flood_kind == 1 ? '1' : 'a', sizeof(m));
	put_be16(m, flood_kind == 2 ? 5 : 6);
	if (flood_kind == 0)
		for (unsigned i = 3; i < sizeof(m); i += 2)
			m[i] = 0;
	if (flood_kind == 1)
		memcpy(m + 2, "tsize", 6);
	if (flood_kind == 2)
		put_be16(m + 2, 1);
	fakepeer_reply(q, 5555, m, sizeof(m));
}

static void test_tftp_answers_as_large_as_a_packet_are_bounded(void)
{
	static const int codes[] = {3017, 3017, 3009};

	for (flood_kind = 0; flood_kind < ARRAY_SIZE(codes); flood_kind++) {
		fakepeer_sink = (struct fakepeer_sink){.room = 1000};
		fakepeer_start(flood, false);
		CHECK(fakepeer_get("tftp://10.0.0.2/f", 70) != 0);
		CHECK_EQ(fakepeer_failure.code, codes[flood_kind]);
		CHECK(strlen(fakepeer_failure.text) < sizeof(fakepeer_failure.text));
		fakepeer_stop();
	}
}

static const char *endless; /* what the head goes on with */

/* Every acknowledgement brings more of a head that does not end. */
static void endless_head(const struct fakenet_packet *q)
{
	static const char first[] = "HTTP/1.1 200 OK\r\n";
	static uint32_t said;
	char text[1200];
	uint32_t seq;

	if (q->protocol != 6)
		return;
	seq = get_be32(q->data + 4);
	if (q->data[13] & 2) {
		said = 1001;
		fakepeer_segment(q, 1000, seq + 1, 0x12, "", 0);
		return;
	}
	if (get_be32(q->data + 8) != said)
		return;
	memcpy(text, first, sizeof(first));
	if (said != 1001)
		text[0] = 0;
	while (strlen(text) + strlen(endless) < sizeof(text))
		strcat(text, endless);
	seq += (uint32_t)(q->len - (size_t)(q->data[12] >> 4) * 4);
	fakepeer_segment(q, said, seq, 0x18, text, strlen(text));
	said += (uint32_t)strlen(text);
}

static void test_an_http_head_without_end_ends(void)
{
	static const char *const more[] = {"a", "A: b\r\n", "Location: x", "\r",
					   "HTTP/1.1 100 Continue\r\n\r\n"};

	for (unsigned i = 0; i < ARRAY_SIZE(more); i++) {
		endless = more[i];
		fakepeer_sink = (struct fakepeer_sink){.room = 1000};
		fakepeer_start(endless_head, false);
		CHECK(fakepeer_get("http://10.0.0.2/f", 100) != 0);
		CHECK_EQ(fakepeer_sink.got, 0);
		fakepeer_stop();
	}
}

static const struct test tests[] = {
	TEST(test_ipv4_fragments_are_dropped),
	TEST(test_ipv6_fragments_are_dropped),
	TEST(test_options_of_destinations_and_hops_end),
	TEST(test_neighbour_discovery_with_options_that_lie_ends),
	TEST(test_packets_cut_at_any_byte_do_no_harm),
	TEST(test_overloaded_fields_are_read_once),
	TEST(test_dhcpv4_lengths_are_not_believed),
	TEST(test_a_text_in_many_parts_is_not_longer_than_its_place),
	TEST(test_dhcpv6_options_that_lie_are_not_taken),
	TEST(test_what_we_send_has_no_leftovers),
	TEST(test_dns_answers_that_lie_are_not_believed_and_end),
	TEST(test_tftp_answers_as_large_as_a_packet_are_bounded),
	TEST(test_an_http_head_without_end_ends),
};

int main(void)
{
	return run_tests(tests, ARRAY_SIZE(tests));
}
