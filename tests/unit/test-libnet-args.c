/* SPDX-License-Identifier: BSD-2-Clause */
/* The argument string of network booting, in all its forms and out of shape. */
#include "check.h"

#include "base/err.h"
#include "net/args.h"

static struct net_args a;

static int parse(const char *text)
{
	return net_args_parse(text, &a);
}

static void test_an_empty_string_asks_for_everything(void)
{
	CHECK_EQ(parse(""), 0);
	CHECK_EQ(a.wish.method, NET_AUTO);
	CHECK_STR(a.server, "");
	CHECK_STR(a.file, "");
	CHECK_EQ(a.wish.tries, 0);
	CHECK_EQ(parse(",,,,,"), 0);
	CHECK_EQ(a.wish.method, NET_AUTO);
}

static void test_the_first_word_names_the_way(void)
{
	CHECK_EQ(parse("bootp"), 0);
	CHECK_EQ(a.wish.method, NET_BOOTP);
	CHECK_EQ(parse("dhcp,"), 0);
	CHECK_EQ(a.wish.method, NET_DHCP);
	CHECK_EQ(parse("ipv6,,x"), 0);
	CHECK_EQ(a.wish.method, NET_IPV6);
	CHECK_STR(a.file, "x");
	CHECK_EQ(parse("dhcpserver"), 0);
	CHECK_EQ(a.wish.method, NET_AUTO);
	CHECK_STR(a.server, "dhcpserver");
}

static void test_all_parts_are_taken(void)
{
	CHECK_EQ(parse("dhcp,10.0.0.1,\\dir\\file,10.0.0.2/24,10.0.0.254,12,30"), 0);
	CHECK_STR(a.server, "10.0.0.1");
	CHECK_STR(a.file, "/dir/file");
	CHECK_EQ(a.wish.ip, 0x0a000002);
	CHECK_EQ(a.wish.netmask, 0xffffff00);
	CHECK_EQ(a.wish.gateway, 0x0a0000fe);
	CHECK_EQ(a.wish.tries, 12);
	CHECK_EQ(a.tftp_retries, 30);
	CHECK_EQ(a.wish.method, NET_STATIC);
}

static void test_without_our_address_a_server_is_asked(void)
{
	CHECK_EQ(parse("10.0.0.1,file"), 0);
	CHECK_EQ(a.wish.method, NET_AUTO);
	CHECK_EQ(parse("0.0.0.0,file,10.0.0.2"), 0);
	CHECK_EQ(a.wish.method, NET_AUTO);
	CHECK_STR(a.server, "");
	CHECK_EQ(a.wish.ip, 0x0a000002);
}

static void test_addresses_may_be_of_ipv6(void)
{
	CHECK_EQ(parse("fec0::2,file,fec0::77/64,fe80::2"), 0);
	CHECK_EQ(a.wish.method, NET_STATIC);
	CHECK_STR(a.wish.ip6, "fec0::77");
	CHECK_STR(a.wish.gateway6, "fe80::2");
	CHECK_STR(a.server, "fec0::2");
	CHECK_EQ(parse("tftp://[fec0::2]/f,,fec0::77"), 0);
	CHECK_EQ(a.wish.method, NET_STATIC);
	CHECK_EQ(parse(",f,fec0::77/129"), E_FORMAT);
	CHECK_EQ(parse(",f,fec0::g"), E_FORMAT);
	CHECK_EQ(parse(",f,fec0::1,fec0::2/64"), E_FORMAT);
	CHECK_EQ(parse(",f,1111111111111111111111111111:11111111111111111111"), E_NOSPC);
}

static void test_few_retries_become_ten(void)
{
	CHECK_EQ(parse(",,,,1,0"), 0);
	CHECK_EQ(a.wish.tries, 10);
	CHECK_EQ(a.tftp_retries, 10);
}

static void test_urls_stand_for_server_and_file(void)
{
	CHECK_EQ(parse("http://host/a%2Cb?x=\\y"), 0);
	CHECK_STR(a.file, "http://host/a%2Cb?x=\\y");
	CHECK_STR(a.server, "");
	CHECK_EQ(parse("ipv6,tftp://[2001:db8::1]/f"), 0);
	CHECK_STR(a.file, "tftp://[2001:db8::1]/f");
	CHECK_EQ(parse(",http://h/f"), 0);
	CHECK_STR(a.file, "http://h/f");
	CHECK_EQ(parse("http://h/f,,10.0.0.2,10.0.0.1"), 0);
	CHECK_EQ(a.wish.method, NET_STATIC);
	CHECK_EQ(parse("http://h/f,10.0.0.2,10.0.0.1"), E_FORMAT);
}

static void test_nonsense_is_refused(void)
{
	static const char *const wrong[] = {
		",,10.0.0",        ",,10.0.0.256",  ",,10.0.0.1.2", ",,10.0.0.1/33",
		",,10.0.0.1/",     ",,,10.0.0.1/8", ",,,,x",        ",,,,1x",
		",,,,99999999999", ",,,,,-1",       ",,,,,10,more", "a b",
		"ser\nver",        ",fi\tle",       "a/b",          ",,x"};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		if (parse(wrong[i]) != E_FORMAT)
			check_fail("taken: \"%s\"", wrong[i]);
}

static void test_what_is_too_long_is_refused_and_nothing_is_written(void)
{
	char text[2000];

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = 0;
	a.tftp_retries = 77;
	CHECK_EQ(parse(text), E_NOSPC);
	text[0] = ',';
	CHECK_EQ(parse(text), E_NOSPC);
	CHECK_EQ(a.tftp_retries, 77);
}

static const struct test tests[] = {
	TEST(test_an_empty_string_asks_for_everything),
	TEST(test_the_first_word_names_the_way),
	TEST(test_all_parts_are_taken),
	TEST(test_without_our_address_a_server_is_asked),
	TEST(test_addresses_may_be_of_ipv6),
	TEST(test_few_retries_become_ten),
	TEST(test_urls_stand_for_server_and_file),
	TEST(test_nonsense_is_refused),
	TEST(test_what_is_too_long_is_refused_and_nothing_is_written),
};

int main(void)
{
	return run_tests(tests, ARRAY_SIZE(tests));
}
