/* SPDX-License-Identifier: BSD-2-Clause */
/* URLs taken apart, joined and put together. */
#include "check.h"

#include "base/err.h"
#include "net/fetch.h"

static struct net_url parsed(const char *text)
{
	struct net_url url = {0};

	CHECK_EQ(net_url_parse(text, &url), 0);
	return url;
}

static void prints(const struct net_url *url, const char *text)
{
	char buf[128];

	CHECK_EQ(net_url_print(url, buf, sizeof(buf)), strlen(text));
	CHECK_STR(buf, text);
}

static void test_parts_are_found(void)
{
	struct net_url u = parsed("tftp://10.0.0.2/a/b.img");

	CHECK_EQ(u.scheme, NET_TFTP);
	CHECK_EQ(u.port, 69);
	CHECK_STR(u.host, "10.0.0.2");
	CHECK_STR(u.path, "a/b.img");
	u = parsed("HTTP://[fe80::1]:8080/x?y=1#z");
	CHECK_EQ(u.scheme, NET_HTTP);
	CHECK_EQ(u.port, 8080);
	CHECK_STR(u.host, "fe80::1");
	CHECK_STR(u.path, "/x?y=1");
	u = parsed("http://host?q");
	CHECK_STR(u.path, "/?q");
	u = parsed("http://host");
	CHECK_STR(u.path, "/");
}

static void test_what_is_not_right_is_refused(void)
{
	static const char *const bad[] = {
		"",
		"tftp:/x",
		"http://",
		"http:///x",
		"http://h:0/",
		"http://h:65536",
		"http://h:x/",
		"http://[::1/x",
		"http://[::1]x/",
		"http://[host]/",
		"http://a b/",
		"http://h/a b",
		"http://h/\r\nX",
		"http://u@h/",
		"tftp://h/\x7f",
		"://h/",
	};
	struct net_url u;

	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK_EQ(net_url_parse(bad[i], &u), E_FORMAT);
	CHECK_EQ(net_url_parse("https://h/", &u), E_UNSUPP);
	CHECK_EQ(net_url_parse("nfs://h/", &u), E_UNSUPP);
}

static void test_long_parts_are_refused(void)
{
	char text[2048] = "http://h/";
	struct net_url u;

	memset(text + 9, 'a', 1100);
	CHECK_EQ(net_url_parse(text, &u), E_NOSPC);
	text[9 + 1022] = 0;
	CHECK_EQ(net_url_parse(text, &u), 0);
	memset(text + 7, 'a', 300);
	CHECK_EQ(net_url_parse(text, &u), E_NOSPC);
}

static void test_joining_follows_the_base(void)
{
	static const struct {
		const char *base, *text, *result;
	} table[] = {
		{"http://h/a/b?c/d", "x", "http://h/a/x"},
		{"http://h/a/b", "/x", "http://h/x"},
		{"http://h/a/b", "?q", "http://h/a/b?q"},
		{"http://h:81/a/b", "//k/x", "http://k/x"},
		{"http://h/a", "tftp://[::1]/x", "tftp://[::1]/x"},
		{"tftp://h/a/b", "x y", "tftp://h/a/x y"},
		{"tftp://h/a/b", "/x", "tftp://h/x"},
		{"tftp://h:70/a", "", "tftp://h:70/a"},
	};

	for (unsigned i = 0; i < ARRAY_SIZE(table); i++) {
		struct net_url base = parsed(table[i].base), u = {0};

		CHECK_EQ(net_url_join(&base, table[i].text, &u), 0);
		prints(&u, table[i].result);
	}
}

static const struct test tests[] = {
	TEST(test_parts_are_found),
	TEST(test_what_is_not_right_is_refused),
	TEST(test_long_parts_are_refused),
	TEST(test_joining_follows_the_base),
};

int main(void)
{
	return run_tests(tests, ARRAY_SIZE(tests));
}
