/* SPDX-License-Identifier: BSD-2-Clause */
/* A DHCPv6 answer. The oracles: text that is text, counts within bounds; and what we write is walked whole. */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "net/dhcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text, size_t room)
{
	if (!memchr(text, 0, room))
		abort();
	for (; *text; text++)
		if ((uint8_t)*text < ' ' || *text == 0x7f)
			abort();
}

/* The request that would answer this advertisement. */
static void check_request(const struct dhcp6_answer *a, const uint8_t *mac)
{
	struct dhcp6_ask ask = {
		.type = DHCP6_REQUEST, .mac = mac, .server = &a->server, .ip = a->ip};
	uint8_t buf[DHCP6_ASK_ROOM];
	size_t len = dhcp6_write(&ask, buf);
	struct dhcp6_walk w = {buf + 4, len - 4};
	struct net_option o;

	while (dhcp6_next(&w, &o))
		if (o.data + o.len > buf + len)
			abort();
	if (w.left != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 1};
	uint8_t *copy = malloc(size ? size : 1);
	struct dhcp6_answer a;

	memcpy(copy, data, size);
	if (dhcp6_parse(copy, size, size >= 4 ? get_be32(copy) : 0, mac, &a) == 0) {
		check_text(a.url, sizeof(a.url));
		check_text(a.domain, sizeof(a.domain));
		if (a.dns_count > 2 || a.server.len > DHCP6_DUID_MAX)
			abort();
		check_request(&a, mac);
	}
	free(copy);
	return 0;
}
