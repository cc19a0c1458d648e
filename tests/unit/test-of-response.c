/* SPDX-License-Identifier: BSD-2-Clause */
/* The packet that configured us, as GRUB and Linux find it in /chosen. */
#include "check.h"

#include "../../slof/of/net-session.h"

#include "dt/path.h"
#include "dt/prop.h"
#include "fakeplatform.h"

#define BOOTP_OPTIONS 236u /* where the magic cookie is */

static uint8_t packet[2000];

/* A DHCP answer of so many bytes: header, cookie, and a pattern up to its end. */
static struct net_config answer(size_t len, bool is_v6)
{
	static const uint8_t cookie[4] = {0x63, 0x82, 0x53, 0x63};

	for (size_t i = 0; i < sizeof(packet); i++)
		packet[i] = (uint8_t)(i % 251 + 1);
	packet[0] = 2;
	memcpy(packet + BOOTP_OPTIONS, cookie, sizeof(cookie));
	return (struct net_config){.is_v6 = is_v6, .packet = packet, .packet_len = len};
}

static const struct dt_prop *prop(const char *name)
{
	return dt_prop_find(dt_path_find(of_tree(), "/chosen"), name);
}

static void test_a_short_answer_is_filled_up_with_zeros(void)
{
	struct net_config c = answer(300, false);
	const struct dt_prop *p;

	fakeplatform_start(FAKE_COMPLETE);
	net_publish(&c, NET_DHCP);
	p = prop("dhcp-response");
	CHECK(p && p->len == 1720);
	CHECK(!memcmp(p->data, packet, 300));
	for (unsigned i = 300; i < 1720; i++)
		CHECK_EQ(p->data[i], 0);
	CHECK_EQ(p->data[0], 2);
	CHECK(!memcmp(p->data + BOOTP_OPTIONS, "\x63\x82\x53\x63", 4));
	CHECK(!prop("bootp-response") && !prop("dhcpv6-response"));
	fakeplatform_stop();
}

static void test_a_long_answer_is_cut(void)
{
	struct net_config c = answer(2000, false);

	fakeplatform_start(FAKE_COMPLETE);
	net_publish(&c, NET_BOOTP);
	CHECK(prop("bootp-response") && prop("bootp-response")->len == 1720);
	CHECK(!memcmp(prop("bootp-response")->data, packet, 1720));
	CHECK(!prop("dhcp-response"));
	fakeplatform_stop();
}

static void test_dhcpv6_is_kept_as_it_came(void)
{
	struct net_config c = answer(333, true);

	fakeplatform_start(FAKE_COMPLETE);
	net_publish(&c, NET_AUTO);
	CHECK(prop("dhcpv6-response") && prop("dhcpv6-response")->len == 333);
	CHECK(!memcmp(prop("dhcpv6-response")->data, packet, 333));
	fakeplatform_stop();
}

static void test_only_the_last_one_is_there(void)
{
	struct net_config v4 = answer(300, false), v6 = answer(300, true), none = {.packet = NULL};

	fakeplatform_start(FAKE_COMPLETE);
	net_publish(&v4, NET_DHCP);
	net_publish(&v6, NET_AUTO);
	CHECK(!prop("dhcp-response") && prop("dhcpv6-response"));
	net_publish(&v4, NET_AUTO);
	CHECK(prop("dhcp-response") && !prop("dhcpv6-response"));
	net_publish(&none, NET_STATIC);
	CHECK(!prop("dhcp-response") && !prop("bootp-response") && !prop("dhcpv6-response"));
	fakeplatform_stop();
}

static const struct test tests[] = {
	TEST(test_a_short_answer_is_filled_up_with_zeros),
	TEST(test_a_long_answer_is_cut),
	TEST(test_dhcpv6_is_kept_as_it_came),
	TEST(test_only_the_last_one_is_there),
};
TEST_MAIN(tests)
