/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Can somebody who cannot see our packets guess what is in them (CVE-2023-45236, 45237)? Every number that makes an answer
 * ours goes through the real stack here: two boots are two processes with other bytes stirred in, each of which asks
 * SOME times for everything.
 */
#include "check.h"
#include "fakeclock.h"
#include "fakepeer.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lwip/dns.h"

#include "base/bytes.h"
#include "base/err.h"
#include "base/random.h"
#include "net/config.h"

#define SOME 16u

enum kind { DHCP_ID, DHCP6_ID, DNS_ID, DNS_PORT, TFTP_PORT, TCP_ISN, TCP_PORT, KINDS };

static const struct {
	const char *name;
	unsigned bits; /* of chance there should be */
} kinds[KINDS] = {
	[DHCP_ID] = {"DHCPv4 transaction", 32}, [DHCP6_ID] = {"DHCPv6 transaction", 24},
	[DNS_ID] = {"DNS question", 16},        [DNS_PORT] = {"DNS source port", 14},
	[TFTP_PORT] = {"TFTP source port", 14}, [TCP_ISN] = {"TCP sequence number", 32},
	[TCP_PORT] = {"TCP source port", 14},
};

struct boot {
	uint32_t number[KINDS][SOME];
	unsigned seen[KINDS];
};
static struct boot boot;

/* ---- everything is asked for ---------------------------------------------------------------- */

static void see(enum kind kind, uint32_t number)
{
	unsigned *n = &boot.seen[kind];

	if (*n < SOME &&
	    (*n == 0 || boot.number[kind][*n - 1] != number)) /* not the same one again */
		boot.number[kind][(*n)++] = number;
}

static void on_name(const struct fakenet_packet *q)
{
	uint8_t answer[300];

	see(DNS_ID, get_be16(q->data));
	see(DNS_PORT, q->src_port);
	memcpy(answer, q->data, q->len);
	put_be16(answer + 2, 0x8183); /* no such name */
	fakepeer_reply(q, 53, answer, q->len);
}

static void on_udp(const struct fakenet_packet *q)
{
	static const uint8_t no_file[] = {0, 5, 0, 1, 'n', 'o', 0};

	if (q->dst_port == 67) {
		see(DHCP_ID, get_be32(q->data + 4));
	} else if (q->dst_port == 547) {
		see(DHCP6_ID, get_be32(q->data) & 0xffffff);
	} else if (q->dst_port == 53) {
		on_name(q);
	} else if (q->dst_port == 69) {
		see(TFTP_PORT, q->src_port);
		fakepeer_reply(q, 5555, no_file, sizeof(no_file));
	}
}

static void serve(const struct fakenet_packet *q)
{
	if (q->protocol == 17)
		on_udp(q);
	if (q->protocol != 6 || !(q->data[13] & 2))
		return;
	see(TCP_ISN, get_be32(q->data + 4));
	see(TCP_PORT, q->src_port);
	fakepeer_segment(q, 0, get_be32(q->data + 4) + 1, 0x14, "", 0); /* refused */
}

static int give_up(void *ctx)
{
	return ++*(unsigned *)ctx > 3 ? E_ABORT : 0;
}

static void configure(enum net_method method)
{
	struct net_wish wish = {.method = method, .tries = 1};
	unsigned asked = 0;
	struct net_watch watch = {give_up, &asked};
	struct net_config config;

	CHECK_EQ(net_configure(fakepeer_nif, &wish, &watch, &config), E_ABORT);
}

static void ask_for_everything(void)
{
	ip_addr_t server = IPADDR4_INIT_BYTES(10, 0, 0, 2);
	char name[20], text[64];

	fakepeer_sink = (struct fakepeer_sink){.room = 100};
	fakepeer_start(serve, true);
	dns_setserver(0, &server);
	for (unsigned i = 0; i < SOME; i++) {
		configure(NET_DHCP);
		configure(NET_IPV6);
		snprintf(name, sizeof(name), "name%u.test", i);
		CHECK_EQ(net_resolve(fakepeer_nif, name, NULL, text, sizeof(text)), E_NOENT);
		CHECK_EQ(fakepeer_get("tftp://10.0.0.2/f", 10), E_NOENT);
		CHECK_EQ(fakepeer_get("http://10.0.0.2/f", 10), E_IO);
	}
	fakepeer_stop();
}

/* A process of its own: the stack starts, and draws, once. */
static struct boot boot_with(const char *entropy)
{
	struct boot got = {0};
	int ends[2], status;
	pid_t child;

	CHECK_EQ(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		random_stir(entropy, strlen(entropy));
		ask_for_everything();
		_exit(write(ends[1], &boot, sizeof(boot)) == sizeof(boot) ? 0 : 1);
	}
	close(ends[1]);
	for (size_t at = 0; at < sizeof(got);) {
		ssize_t n = read(ends[0], (char *)&got + at, sizeof(got) - at);

		if (n <= 0)
			break;
		at += (size_t)n;
	}
	close(ends[0]);
	CHECK_EQ(waitpid(child, &status, 0), child);
	CHECK_EQ(status, 0);
	return got;
}

/* ---- what was seen -------------------------------------------------------------------------- */

/* Numbers of so many bits, of which hardly two are the same and no bit is always the same but those of a range. */
static void check_kind(const struct boot *b, enum kind k)
{
	unsigned same = 0, steps = 0;
	uint32_t ones = 0, zeros = 0;

	for (unsigned i = 0; i < SOME; i++) {
		ones |= b->number[k][i];
		zeros |= ~b->number[k][i];
		for (unsigned j = 0; j < i; j++)
			same += b->number[k][i] == b->number[k][j];
		if (i > 1)
			steps += b->number[k][i] - b->number[k][i - 1] ==
				 b->number[k][i - 1] - b->number[k][i - 2];
	}
	if (b->seen[k] != SOME || same > 1 || steps > 0 ||
	    (unsigned)__builtin_popcount(ones & zeros) < kinds[k].bits) {
		printf("# %s: %u seen, %u the same, %u equal steps, bits %x change\n",
		       kinds[k].name, b->seen[k], same, steps, (unsigned)(ones & zeros));
		CHECK(!"it can be guessed");
	}
}

static void test_no_number_follows_from_the_one_before(void)
{
	struct boot b = boot_with("one boot");

	for (unsigned k = 0; k < KINDS; k++)
		check_kind(&b, (enum kind)k);
}

static void test_two_boots_have_nothing_in_common(void)
{
	struct boot a = boot_with("one boot"), b = boot_with("one more");

	for (unsigned k = 0; k < KINDS; k++) {
		unsigned same = 0;

		for (unsigned i = 0; i < SOME; i++)
			same += a.number[k][i] == b.number[k][i];
		CHECK(same <= 1);
		CHECK(a.number[k][0] != b.number[k][0]);
	}
}

/* Nothing else goes in than what was stirred in: the test above would see it otherwise. */
static void test_the_same_entropy_gives_the_same_numbers(void)
{
	struct boot a = boot_with("one boot"), b = boot_with("one boot");

	CHECK(!memcmp(&a, &b, sizeof(a)));
}

static const struct test tests[] = {
	TEST(test_no_number_follows_from_the_one_before),
	TEST(test_two_boots_have_nothing_in_common),
	TEST(test_the_same_entropy_gives_the_same_numbers),
};

int main(void)
{
	return run_tests(tests, ARRAY_SIZE(tests));
}
