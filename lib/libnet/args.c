/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Taking apart the argument string of network booting: split at commas, one function per part. Nothing is
 * guessed: what is neither empty nor right is refused, so that a typing mistake does not boot something else.
 */
#include "net/args.h"

#include <string.h>

#include "base/err.h"

#define RETRIES_MAX 1000u
#define RETRIES_MIN \
	10u /* SLOF raises smaller numbers, and people give "0" or "1" without meaning it */

struct part {
	const char *at;
	size_t len;
};

/* The text up to the next comma; *text moves behind it. Empty at the end. */
static struct part next_part(const char **text)
{
	struct part p = {*text, strcspn(*text, ",")};

	*text += p.len;
	if (**text == ',')
		++*text;
	return p;
}

static bool part_is(struct part p, const char *word)
{
	return p.len == strlen(word) && !strncmp(p.at, word, p.len);
}

/* A decimal number up to max from *at on; at least one digit. */
static int number(struct part *p, uint32_t max, uint32_t *out)
{
	uint32_t v = 0;

	if (p->len == 0 || *p->at < '0' || *p->at > '9')
		return E_FORMAT;
	while (p->len && *p->at >= '0' && *p->at <= '9') {
		v = v * 10 + (uint32_t)(*p->at - '0');
		if (v > max)
			return E_FORMAT;
		p->at++;
		p->len--;
	}
	*out = v;
	return 0;
}

/* "a.b.c.d"; what follows is left in *p. */
static int dotted(struct part *p, uint32_t *out)
{
	uint32_t ip = 0, byte;

	for (unsigned i = 0; i < 4; i++) {
		if (i > 0) {
			if (p->len == 0 || *p->at != '.')
				return E_FORMAT;
			p->at++;
			p->len--;
		}
		if (number(p, 255, &byte))
			return E_FORMAT;
		ip = ip << 8 | byte;
	}
	*out = ip;
	return 0;
}

/* An address for ourselves or the gateway; netmask is NULL where no prefix length may follow. */
static int address(struct part p, uint32_t *out, uint32_t *netmask)
{
	uint32_t ip, bits;

	if (p.len == 0)
		return 0;
	if (dotted(&p, &ip))
		return E_FORMAT;
	if (p.len && *p.at == '/' && netmask) {
		p.at++;
		p.len--;
		if (number(&p, 32, &bits))
			return E_FORMAT;
		*netmask = bits ? 0xffffffffu << (32 - bits) : 0;
	}
	if (p.len)
		return E_FORMAT;
	*out = ip;
	return 0;
}

/* IPv6, where IPv4 may stand as well. Whether it is an address is seen where it is used. */
static int address6(struct part p, char *out, size_t room, bool prefix)
{
	const char *slash = memchr(p.at, '/', p.len);
	uint32_t bits;

	if (slash) {
		struct part len = {slash + 1, p.len - (size_t)(slash + 1 - p.at)};

		if (!prefix || number(&len, 128, &bits) || len.len)
			return E_FORMAT;
		p.len = (size_t)(slash - p.at);
	}
	if (p.len >= room)
		return E_NOSPC;
	for (size_t i = 0; i < p.len; i++)
		if (!strchr("0123456789abcdefABCDEF:.", p.at[i]))
			return E_FORMAT;
	memcpy(out, p.at, p.len);
	out[p.len] = 0;
	return 0;
}

static int our_address(struct part p, struct net_wish *wish)
{
	return memchr(p.at, ':', p.len) ? address6(p, wish->ip6, sizeof(wish->ip6), true)
					: address(p, &wish->ip, &wish->netmask);
}

static int gateway(struct part p, struct net_wish *wish)
{
	return memchr(p.at, ':', p.len) ? address6(p, wish->gateway6, sizeof(wish->gateway6), false)
					: address(p, &wish->gateway, NULL);
}

static int retries(struct part p, unsigned *out)
{
	uint32_t n;

	if (p.len == 0)
		return 0;
	if (number(&p, RETRIES_MAX, &n) || p.len)
		return E_FORMAT;
	*out = n < RETRIES_MIN ? RETRIES_MIN : n;
	return 0;
}

static int text(struct part p, char *out, size_t room)
{
	if (p.len >= room)
		return E_NOSPC;
	for (size_t i = 0; i < p.len; i++)
		if ((unsigned char)p.at[i] <= ' ' || p.at[i] == 0x7f)
			return E_FORMAT;
	memcpy(out, p.at, p.len);
	out[p.len] = 0;
	return 0;
}

static bool is_url(struct part p)
{
	for (size_t i = 0; i + 3 <= p.len; i++) {
		if (p.at[i] == ':')
			return i > 0 && !strncmp(p.at + i, "://", 3);
		if (p.at[i] == '/' || p.at[i] == '\\')
			return false;
	}
	return false;
}

static int file(struct part p, struct net_args *out)
{
	int err = text(p, out->file, sizeof(out->file));

	for (char *c = out->file; !err && *c && !is_url(p); c++)
		if (*c == '\\')
			*c = '/';
	return err;
}

/* A server's name or address. "0.0.0.0" is how people say "not given" and keep the place. */
static int server(struct part p, struct net_args *out)
{
	if (part_is(p, "0.0.0.0"))
		return 0;
	for (size_t i = 0; i < p.len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]%",
			    p.at[i]))
			return E_FORMAT;
	return text(p, out->server, sizeof(out->server));
}

/* The word before everything else. true: it was one. */
static bool method(struct part p, struct net_wish *wish)
{
	static const struct {
		const char *word;
		enum net_method method;
	} words[] = {
		{"bootp", NET_BOOTP}, {"dhcp", NET_DHCP}, {"ipv4", NET_DHCP}, {"ipv6", NET_IPV6}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!part_is(p, words[i].word))
			continue;
		wish->method = words[i].method;
		return true;
	}
	return false;
}

/* siaddr and filename: a URL in the first place is both. */
static int what_to_load(const char **at, struct net_args *out)
{
	struct part first = next_part(at);
	const char *ahead = *at;
	int err;

	if (!is_url(first)) {
		err = server(first, out);
		return err ? err : file(next_part(at), out);
	}
	err = file(first, out);
	/* "URL,,ciaddr" keeps the file name's place, and it must be empty */
	if (!err && next_part(&ahead).len)
		err = E_FORMAT;
	*at = ahead;
	return err;
}

static int parse(const char *at, struct net_args *out)
{
	struct net_wish *wish = &out->wish;
	const char *rest = at;
	int err;

	if (method(next_part(&rest), wish))
		at = rest;
	err = what_to_load(&at, out);
	if (!err)
		err = our_address(next_part(&at), wish);
	if (!err)
		err = gateway(next_part(&at), wish);
	if (!err)
		err = retries(next_part(&at), &wish->tries);
	if (!err)
		err = retries(next_part(&at), &out->tftp_retries);
	if (!err && *at)
		err = E_FORMAT;
	return err;
}

int net_args_parse(const char *args, struct net_args *out)
{
	struct net_args a = {0};
	int err = parse(args, &a);

	if (err)
		return err;
	if ((a.wish.ip || a.wish.ip6[0]) && a.file[0] && (a.server[0] || strstr(a.file, "://")))
		a.wish.method = NET_STATIC;
	*out = a;
	return 0;
}
