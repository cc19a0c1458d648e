/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A URL, and behind a NUL another text that is joined to it. What is taken has a host, a port and a path
 * without control characters, inside its fields; printed and read again it is the same.
 */
#include <stdlib.h>
#include <string.h>

#include "net/fetch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text, size_t room)
{
	size_t len = strnlen(text, room);

	if (len == room)
		abort();
	for (size_t i = 0; i < len; i++)
		if ((uint8_t)text[i] < ' ' || text[i] == 0x7f)
			abort();
}

static void check(const struct net_url *url)
{
	struct net_url again;
	char text[1600];

	check_text(url->host, sizeof(url->host));
	check_text(url->path, sizeof(url->path));
	if (!url->port || !*url->host || (url->scheme == NET_HTTP && *url->path != '/'))
		abort();
	if (net_url_print(url, text, sizeof(text)) >= sizeof(text) || net_url_parse(text, &again))
		abort();
	if (again.scheme != url->scheme || again.port != url->port ||
	    strcmp(again.host, url->host) != 0 || strcmp(again.path, url->path) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char base_text[] = "http://[fd00::1]:8080/a/b?c";
	struct net_url base, url;
	char *text = malloc(size + 1);
	const char *second;

	memcpy(text, data, size);
	text[size] = 0;
	second = text + strlen(text) + (strlen(text) < size);
	if (net_url_parse(text, &url) == 0)
		check(&url);
	else if (net_url_parse(base_text, &url))
		abort();
	base = url;
	if (net_url_join(&base, second, &url) == 0)
		check(&url);
	free(text);
	return 0;
}
