/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The network at the prompt. A device comes first and may be left out: then it is the alias net. What goes
 * wrong has been told.
 */
#include "words-priv.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/heap.h"
#include "of/net.h"

#define PINGS 4u

/*
 * DEVICE HOST, or HOST alone, split in place. A device is a path, or a word with another behind it. host is "" if
 * nothing is there.
 */
static void split(char *line, const char **device, const char **host)
{
	size_t len;
	char *word = line + strspn(line, " \t");
	char *rest;

	len = strcspn(word, " \t");
	rest = word + len + strspn(word + len, " \t");
	word[len] = '\0';
	rest[strcspn(rest, " \t")] = '\0';
	*device = *rest ? word : "net";
	*host = *rest ? rest : word;
}

/* ---- ping, dns ------------------------------------------------------------------------------ */

static bool show_answer(void *ctx, const struct of_net_answer *a)
{
	struct forth *f = ctx;

	if (a->us == UINT64_MAX)
		words_printf(f, "%s: no answer\r\n", a->address);
	else
		words_printf(f, "%s: answered after %llu.%03llu ms\r\n", a->address,
			     (unsigned long long)(a->us / 1000),
			     (unsigned long long)(a->us % 1000));
	return true;
}

/* ping [DEVICE[:ARGUMENTS]] HOST */
static int w_ping(struct forth *f)
{
	const char *device, *host;
	char *line;
	int err = words_parse_line(f, &line);

	if (err)
		return err;
	split(line, &device, &host);
	if (strchr(host, ':') && !strcmp(device, "net") && of_find_node(host)) {
		device = host; /* ping net:SERVER, as other firmware has it */
		host = "";
	}
	err = *host || strchr(device, ':') ? of_net_ping(device, host, PINGS, show_answer, f)
					   : E_INVAL;
	if (err == E_INVAL)
		words_printf(f, "usage: ping [DEVICE[:ARGUMENTS]] HOST\r\n");
	heap_free(line);
	return err ? THROW_ABORT : 0;
}

/* ping6 [DEVICE[:ARGUMENTS]] HOST: with an address that is asked for by IPv6, unless arguments say how */
static int w_ping6(struct forth *f)
{
	const char *device, *host;
	char *line, way[256];
	int err = words_parse_line(f, &line);

	if (err)
		return err;
	split(line, &device, &host);
	if (!*host || strlen(device) + sizeof(":ipv6") > sizeof(way)) {
		words_printf(f, "usage: ping6 [DEVICE[:ARGUMENTS]] HOST\r\n");
		err = E_INVAL;
	} else {
		snprintf(way, sizeof(way), "%s%s", device, strchr(device, ':') ? "" : ":ipv6");
		err = of_net_ping(way, host, PINGS, show_answer, f);
	}
	heap_free(line);
	return err ? THROW_ABORT : 0;
}

/* dns [DEVICE[:ARGUMENTS]] HOST */
static int w_dns(struct forth *f)
{
	const char *device, *host;
	char *line, address[48];
	int err = words_parse_line(f, &line);

	if (err)
		return err;
	split(line, &device, &host);
	err = *host ? of_net_resolve(device, host, address, sizeof(address)) : E_INVAL;
	if (!*host)
		words_printf(f, "usage: dns [DEVICE[:ARGUMENTS]] HOST\r\n");
	if (!err)
		words_printf(f, "%s is %s\r\n", host, address);
	heap_free(line);
	return err ? THROW_ABORT : 0;
}

/* ---- .net ----------------------------------------------------------------------------------- */

static void show_mac(struct forth *f, const uint8_t *mac)
{
	for (unsigned i = 0; i < 6; i++)
		words_printf(f, "%s%02x", i ? ":" : "", mac[i]);
}

static int w_dot_net(struct forth *f)
{
	struct of_net_info info;
	const void *at = NULL;
	int err = 0;

	while (!err && of_net_next(&at, &info)) {
		words_printf(f, "%s: %s", info.path, info.driver);
		if (info.has_mac) {
			words_printf(f, ", ");
			show_mac(f, info.mac);
		}
		if (info.started)
			words_printf(f, ", %u open, link %s", info.instances,
				     info.link ? "up" : "down");
		words_printf(f, "\r\n");
		if (*info.last)
			words_printf(f, "    last: %s\r\n", info.last);
		err = words_poll();
	}
	if (!at)
		words_printf(f, "no network device\r\n");
	return err;
}

/* ---- watch-net ------------------------------------------------------------------------------ */

static const char *type_name(uint16_t type)
{
	switch (type) {
	case 0x0800:
		return "IPv4";
	case 0x0806:
		return "ARP";
	case 0x86dd:
		return "IPv6";
	case 0x8100:
		return "VLAN";
	case 0x88cc:
		return "LLDP";
	default:
		return type < 0x600 ? "802.3" : "";
	}
}

static bool show_frame(void *ctx, const uint8_t *frame, size_t len)
{
	struct forth *f = ctx;

	if (len < 14)
		return true;
	show_mac(f, frame + 6);
	words_printf(f, " to ");
	show_mac(f, frame);
	words_printf(f, " %04x %s, %u bytes\r\n", get_be16(frame + 12),
		     type_name(get_be16(frame + 12)), (unsigned)len);
	return true;
}

/* watch-net [DEVICE] */
static int w_watch_net(struct forth *f)
{
	char *word;
	int err = words_parse_text(f, &word);

	if (err)
		return err;
	words_printf(f, "Frames that arrive, until a key is pressed:\r\n");
	err = of_net_watch(*word ? word : "net", show_frame, f);
	heap_free(word);
	return err ? THROW_ABORT : 0;
}

// clang-format off
static const struct forth_word rows[] = {
	{"ping",      "( -- )", w_ping, FORTH_LINES, "See whether somebody answers: ping [DEVICE[:ARGUMENTS]] HOST"},
	{"ping6",     "( -- )", w_ping6, FORTH_LINES, "The same by IPv6: ping6 [DEVICE[:ARGUMENTS]] HOST"},
	{"dns",       "( -- )", w_dns, FORTH_LINES, "The address of a name: dns [DEVICE[:ARGUMENTS]] HOST"},
	{".net",      "( -- )", w_dot_net, FORTH_LINES, "Show the network devices"},
	{"watch-net", "( -- )", w_watch_net, FORTH_LINES, "Show what arrives: watch-net [DEVICE]"},
};
// clang-format on
const struct words_table words_net = {rows, ARRAY_SIZE(rows)};
