/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * URLs, as people and servers write them: cut at their delimiters, every part checked for its length and for
 * characters that have no business in a request line or a file name.
 */
#include <string.h>

#include "base/err.h"
#include "base/heap.h"
#include "base/strbuf.h"
#include "net/fetch.h"

static const char *const scheme_names[] = {[NET_TFTP] = "tftp", [NET_HTTP] = "http"};
static const uint16_t scheme_ports[] = {[NET_TFTP] = 69, [NET_HTTP] = 80};

/* len bytes of text as a string without control characters; spaces only in file names. */
static int copy(char *to, size_t room, const char *text, size_t len, bool spaces)
{
	if (len >= room)
		return E_NOSPC;
	for (size_t i = 0; i < len; i++)
		if ((uint8_t)text[i] < ' ' || text[i] == 0x7f || (text[i] == ' ' && !spaces))
			return E_FORMAT;
	memmove(to, text, len);
	to[len] = 0;
	return 0;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* The scheme's name before "://": how long it is with that, 0: there is none. */
static size_t scheme_len(const char *text)
{
	size_t n = strcspn(text, ":/?#");

	return n > 0 && !strncmp(text + n, "://", 3) ? n + 3 : 0;
}

static int parse_scheme(const char *text, size_t len, enum net_scheme *out)
{
	for (unsigned s = 0; s < 2; s++) {
		size_t i = 0;

		while (i < 4 && lower(text[i]) == scheme_names[s][i])
			i++;
		if (i == 4 && len == 7) {
			*out = (enum net_scheme)s;
			return 0;
		}
	}
	return E_UNSUPP;
}

static int parse_port(const char *text, size_t len, uint16_t *port)
{
	uint32_t v = 0;

	if (len == 0)
		return 0; /* "host:" is the usual one */
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return E_FORMAT;
		v = v * 10 + (uint32_t)(text[i] - '0');
		if (v > 65535)
			return E_FORMAT;
	}
	*port = (uint16_t)v;
	return v ? 0 : E_FORMAT;
}

static bool host_fits(const char *host, bool brackets)
{
	for (const char *p = host; *p; p++)
		if (strchr(brackets ? "[]@/\\<>\"" : "[]@/\\<>\":%", *p))
			return false;
	return brackets ? strchr(host, ':') != NULL : *host != 0;
}

/* "host", "host:port", "[address]", "[address]:port"; nobody has a name and password here. */
static int parse_authority(const char *text, size_t len, struct net_url *out)
{
	bool brackets = len > 0 && text[0] == '[';
	const char *end = memchr(text, brackets ? ']' : ':', len), *host = text + brackets;
	size_t n = end ? (size_t)(end - host) : len;
	int err;

	if (brackets && !end)
		return E_FORMAT;
	err = copy(out->host, sizeof(out->host), host, n, false);
	if (err)
		return err;
	if (!host_fits(out->host, brackets))
		return E_FORMAT;
	n += (size_t)brackets * 2;
	if (n == len)
		return 0;
	return text[n] == ':' ? parse_port(text + n + 1, len - n - 1, &out->port) : E_FORMAT;
}

/* What follows the host: TFTP loses its first '/', HTTP has one. The fragment is for browsers. */
static int parse_path(const char *text, struct net_url *out)
{
	bool http = out->scheme == NET_HTTP;
	size_t len = http ? strcspn(text, "#") : strlen(text);
	size_t slash = http && text[0] != '/';

	if (!http && *text == '/')
		text++, len--;
	if (len + slash >= sizeof(out->path))
		return E_NOSPC;
	out->path[0] = '/';
	return copy(out->path + slash, sizeof(out->path) - slash, text, len, !http);
}

static int parse_rest(const char *text, struct net_url *out)
{
	size_t len = strcspn(text, out->scheme == NET_HTTP ? "/?#" : "/");
	int err;

	out->port = scheme_ports[out->scheme];
	err = parse_authority(text, len, out);
	return err ? err : parse_path(text + len, out);
}

int net_url_parse(const char *text, struct net_url *out)
{
	struct net_url url = {0};
	size_t n = scheme_len(text);
	int err;

	if (n == 0)
		return E_FORMAT;
	err = parse_scheme(text, n, &url.scheme);
	if (!err)
		err = parse_rest(text + n, &url);
	if (!err)
		*out = url;
	return err;
}

/* The folder of a path with its last '/'; a query does not count. */
static size_t folder_len(const struct net_url *url)
{
	size_t n = url->scheme == NET_HTTP ? strcspn(url->path, "?") : strlen(url->path);

	while (n > 0 && url->path[n - 1] != '/')
		n--;
	return n;
}

static int join_path(const struct net_url *base, const char *text, struct net_url *url)
{
	size_t keep = *text == '/' ? 0 : folder_len(base), room = 2 * sizeof(url->path);
	char *path = try_alloc(room); /* our stack is small */
	struct strbuf sb;
	int err;

	if (!path)
		return E_NOMEM;
	sb = strbuf_on(path, room);
	if (base->scheme == NET_TFTP && base->path[0] == '/')
		strbuf_char(&sb,
			    '/'); /* a server that knows its whole disk: it is one of the name */
	if (*text == '?' && base->scheme == NET_HTTP)
		keep = strcspn(base->path, "?");
	strbuf_add(&sb, base->path, keep);
	strbuf_str(&sb, text);
	err = sb.cut ? E_NOSPC : parse_path(path, url);
	heap_free(path);
	return err;
}

int net_url_join(const struct net_url *base, const char *text, struct net_url *out)
{
	struct net_url url = *base;
	int err;

	if (scheme_len(text))
		return net_url_parse(text, out);
	if (!strncmp(text, "//", 2))
		err = parse_rest(text + 2, &url);
	else
		err = *text && !(*text == '#' && base->scheme == NET_HTTP)
			      ? join_path(base, text, &url)
			      : 0;
	if (!err)
		*out = url;
	return err;
}

size_t net_url_print(const struct net_url *url, char *buf, size_t room)
{
	struct strbuf sb = strbuf_on(buf, room);
	bool v6 = strchr(url->host, ':') != NULL;

	strbuf_printf(&sb, v6 ? "%s://[%s]" : "%s://%s", scheme_names[url->scheme], url->host);
	if (url->port != scheme_ports[url->scheme])
		strbuf_printf(&sb, ":%u", (unsigned)url->port);
	if (url->scheme == NET_TFTP)
		strbuf_char(&sb, '/');
	strbuf_str(&sb, url->path);
	return sb.want;
}
