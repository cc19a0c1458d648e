/* SPDX-License-Identifier: BSD-2-Clause */
/* Where configurations, and the files they name, are: names below a folder, names with a server, URLs. */
#include "pxelinux-priv.h"

#include <string.h>

#include "base/err.h"
#include "base/heap.h"

void pxe_print_uuid(struct strbuf *sb, const uint8_t *uuid)
{
	for (unsigned i = 0; i < 16; i++)
		strbuf_printf(sb, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			      uuid[i]);
}

void pxe_print_mac(struct strbuf *sb, const uint8_t *mac)
{
	strbuf_str(sb, "01");
	for (unsigned i = 0; i < 6; i++)
		strbuf_printf(sb, "-%02x", mac[i]);
}

bool pxelinux_name(const struct pxelinux_host *host, unsigned n, char *out, size_t room)
{
	struct strbuf sb = strbuf_on(out, room);

	if (n > 10)
		return false;
	n += host->uuid ? 0 : 1;
	if (n > 1 && !host->ip)
		n += 8;
	if (n == 0)
		pxe_print_uuid(&sb, host->uuid);
	else if (n == 1)
		pxe_print_mac(&sb, host->mac);
	else if (n < 10)
		strbuf_printf(&sb, "%0*X", (int)(10 - n), (unsigned)(host->ip >> 4 * (n - 2)));
	else if (n == 10)
		strbuf_str(&sb, "default");
	return n <= 10 && !sb.cut;
}

/* "server::file", "::file": a name of the time before URLs. Its length up to the colons, or SIZE_MAX. */
static size_t old_server(const char *file)
{
	const char *colons = strstr(file, "::");

	return colons && !memchr(file, '/', (size_t)(colons - file)) ? (size_t)(colons - file)
								     : SIZE_MAX;
}

static int old_url(const struct net_url *base, const char *file, size_t server, struct net_url *out)
{
	size_t room = server + strlen(file) + sizeof(base->host) + 16;
	char *text = try_alloc(room);
	struct strbuf sb;
	int err;

	if (!text)
		return E_NOMEM;
	sb = strbuf_on(text, room);
	strbuf_str(&sb, "tftp://");
	if (server)
		strbuf_add(&sb, file, server);
	else
		strbuf_printf(&sb, strchr(base->host, ':') ? "[%s]" : "%s", base->host);
	strbuf_printf(&sb, "/%s", file + server + 2);
	err = net_url_parse(text, out);
	heap_free(text);
	return err;
}

int pxelinux_url(const struct net_url *base, const char *file, struct net_url *out)
{
	size_t server = strstr(file, "://") ? SIZE_MAX : old_server(file);

	return server == SIZE_MAX ? net_url_join(base, file, out)
				  : old_url(base, file, server, out);
}
